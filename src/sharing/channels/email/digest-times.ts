import { instantOfLocal, localDay } from '../../../kernel/time-zones.ts';

/** The interval at which an email channel sends objects that are not urgent. */
export type Every = 'now' | 'hour' | 'day' | 'week';

const HOUR = 3_600_000;
const MONDAY = 1;

/**
 * Returns the time of the next digest after `now` (milliseconds since 1970): at the next full hour, or at a
 * time of day in a time zone. Weekly digests are sent on Mondays. On a day when the clocks skip that time,
 * the digest is late by the skipped hour.
 */
export function nextDigest(now: number, every: Every, at: string, zone: string): number {
  if (every === 'now') return now;
  if (every === 'hour') return (Math.floor(now / HOUR) + 1) * HOUR;
  const [hour = 8, minute = 0] = at.split(':').map(Number);
  for (let days = 0; days <= 8; days++) {
    const { year, month, day, weekday } = localDay(now, zone, days);
    const due = instantOfLocal({ year, month, day, hour, minute }, zone);
    if (due !== undefined && due > now && (every === 'day' || weekday === MONDAY)) return due;
  }
  throw new Error('a week has no Monday');
}
