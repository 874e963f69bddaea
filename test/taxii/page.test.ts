import { expect, test } from '@jest/globals';
import { sliceWork } from '../../src/kernel/slices.ts';
import { readPage } from '../../src/taxii/client/page.ts';

test('reading a page of another server lets other requests have their turn after every hundred objects', async () => {
  const objects = Array.from({ length: 1_000 }, (_, i) => `{"type":"x-thing","id":"x-thing--${i}"}`);
  for (const text of [
    `{"objects":[${objects.join()}]}`,
    `[${objects.join()}]`,
    `{"items":[${objects.join()}]}`,
  ]) {
    const before = sliceWork.turns;
    const page = await readPage(
      { status: 200, headers: {}, url: 'https://other.example/', body: Buffer.from(text) },
      () => undefined,
    );
    expect(page.texts).toEqual(objects);
    expect(sliceWork.turns - before).toBeGreaterThanOrEqual(10);
  }
});
