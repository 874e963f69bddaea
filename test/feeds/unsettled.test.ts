import { expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Unsettled } from '../../src/feeds/unsettled.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('refused objects keep the beginning of their texts in memory, not the whole texts', () => {
  const unsettled = new Unsettled();
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (let i = 0; i < 60; i++)
    unsettled.object({ id: `indicator--${i}`, version: '', kind: 'refused' }, () =>
      Buffer.alloc(1_000_000, `text ${i} `).toString('latin1'),
    );
  expect(used() - before).toBeLessThan(10_000_000);
  expect(unsettled.refused.map(({ raw }) => raw.length)).toEqual(Array.from({ length: 60 }, () => 2_000));
});
