import { expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { packedFile } from '../../src/web/shared/packed.ts';

const whenever = async (text: string): Promise<{ isLater: boolean; text: string }> => {
  let isDone = false;
  const work = packedFile(text).then((packed) => {
    isDone = true;
    return packed;
  });
  // Compression on the main thread would be complete after these steps, and that of another thread cannot be.
  for (let i = 0; i < 20; i++) await Promise.resolve();
  const isLater = !isDone;
  const { plain, gzip } = await work;
  return { isLater, text: (gzip === undefined ? plain : gunzipSync(gzip)).toString() };
};

test('large files are compressed outside the main thread, and small ones at once', async () => {
  const large = 'reef '.repeat(60_000);
  expect(await whenever(large)).toEqual({ isLater: true, text: large });
  const small = 'reef '.repeat(600);
  expect(await whenever(small)).toEqual({ isLater: false, text: small });
});
