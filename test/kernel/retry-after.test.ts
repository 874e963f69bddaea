import { describe, expect, test } from '@jest/globals';
import { retryAfterMs } from '../../src/kernel/retry-after.ts';

const NOW = Date.UTC(2026, 10, 29, 10, 0, 0);

describe('the time that a server asks to wait', () => {
  test.each([
    ['seconds', '120', 120_000],
    ['seconds with spaces', ' 7200 ', 7_200_000],
    ['zero', '0', 0],
    ['seven digits', '1000000', 1_000_000_000],
    ['a date', 'Sun, 29 Nov 2026 10:02:00 GMT', 120_000],
    ['a date in the old form', 'Sunday, 29-Nov-26 10:02:00 GMT', 120_000],
    ['a date in the past', 'Sun, 29 Nov 2026 09:00:00 GMT', 0],
    ['a list, of which the first counts', ['5', '9'], 5_000],
  ] as const)('is read from %s', (_name, value, expected) => {
    expect(retryAfterMs(value, NOW)).toBe(expected);
  });

  test.each([['soon'], [''], ['-5'], ['1.5'], ['12345678901'], [undefined], [[]]])(
    'is unknown for %j',
    (value) => {
      expect(retryAfterMs(value, NOW)).toBeUndefined();
    },
  );
});
