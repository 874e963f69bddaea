import { describe, expect, test } from '@jest/globals';
import { dayText, exactTimeText, timeText } from '../../src/kernel/time-text.ts';

const AT = '2026-11-28T21:05:09.123456Z';

describe('times for people', () => {
  test.each([
    [undefined, '2026-11-28 21:05 UTC', '2026-11-28 21:05:09 UTC', '2026-11-28'],
    ['Pacific/Fiji', '2026-11-29 09:05 +12:00', '2026-11-29 09:05:09 +12:00', '2026-11-29'],
    ['America/New_York', '2026-11-28 16:05 -05:00', '2026-11-28 16:05:09 -05:00', '2026-11-28'],
    ['Etc/UTC', '2026-11-28 21:05 UTC', '2026-11-28 21:05:09 UTC', '2026-11-28'],
  ])('have one format in the zone %s', (zone, minute, second, day) => {
    for (const time of [AT, Date.parse(AT)])
      expect([timeText(time, zone), exactTimeText(time, zone), dayText(time, zone)]).toEqual([minute, second, day]);
  }); // prettier-ignore

  test('a text that is not a time is returned unchanged', () => {
    expect([timeText('soon'), exactTimeText(''), dayText('2026-13-01')]).toEqual(['soon', '', '2026-13-01']);
  });
});
