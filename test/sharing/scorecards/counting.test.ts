import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bucketOf,
  changeOf,
  medianOf,
  NO_COUNTS,
  UNSCORED,
} from '../../../src/sharing/scorecards/counting.ts';

const HOUR = 3_600_000;

test('the median of buckets differs from the exact median by at most a fifth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: HOUR / 4, max: 20 * 365 * 24 * HOUR }), { minLength: 1 }),
      (times) => {
        const buckets: Record<string, number> = {};
        for (const time of times) buckets[bucketOf(time)] = (buckets[bucketOf(time)] ?? 0) + 1;
        const exact = times.toSorted((a, b) => a - b)[Math.ceil(times.length / 2) - 1] ?? 0;
        const median = medianOf(buckets) ?? 0;
        expect(Math.abs(median / exact - 1)).toBeLessThan(0.2);
      },
    ),
  );
});

test('a median of times below a quarter of an hour is 0, and nothing has no median', () => {
  expect(medianOf({ [bucketOf(HOUR / 4 - 1)]: 3 })).toBe(0);
  expect(medianOf({})).toBeUndefined();
});

test('a value with one arrival counts once in its collection and once in all of them', () => {
  const arrival = { source: 'fiji', collection: 'c', at: Date.UTC(2026, 0, 2, 3), age: 3_600_000 };
  const counts = { ...NO_COUNTS, values: 1, first: 1, age: { [bucketOf(3_600_000)]: 1 } };
  const expected = ['*', 'c'].map((scope) => ({ scope, source: 'fiji', day: '2026-01-02', counts }));
  expect(changeOf(UNSCORED, { arrivals: [arrival], isHarmless: false })).toEqual(expected);
  const harmless = changeOf(UNSCORED, { arrivals: [arrival], isHarmless: true });
  expect(harmless).toEqual(expected.map((one) => ({ ...one, counts: { ...counts, harmless: 1 } })));
});
