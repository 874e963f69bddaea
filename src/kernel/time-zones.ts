import { DateTime, IANAZone } from 'luxon';

/** A date and a time of day without a zone. `month` counts from 1. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly millisecond?: number;
}

/** True for an IANA time zone that this system supports. */
export function isTimeZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/**
 * Returns the instant, in milliseconds since 1970, of a local time in an IANA time zone. Undefined for a date
 * or time that does not exist in the calendar (30 February, 25:00) and for an unknown zone. A time that is
 * skipped when clocks go forward is moved forward by the gap.
 */
export function instantOfLocal(local: LocalTime, zone: string): number | undefined {
  // Most rows of most feeds are in UTC, which needs no time zone rules. The library is several times slower
  // there.
  if (zone === 'UTC') return instantOfUtc(local);
  const time = DateTime.fromObject({ ...local }, { zone });
  return time.isValid ? time.toMillis() : undefined;
}

function instantOfUtc({
  year,
  month,
  day,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
}: LocalTime): number | undefined {
  const instant = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
  const date = new Date(instant);
  // `Date` rolls over values that do not exist (30 February, 25:00, second 60).
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isReal ? instant : undefined;
}

/** Returns the local date of an instant in a time zone, `days` later, with its weekday (1 is Monday, 7 is Sunday). */
export function localDay(
  instant: number,
  zone: string,
  days = 0,
): { readonly year: number; readonly month: number; readonly day: number; readonly weekday: number } {
  const { year, month, day, weekday } = DateTime.fromMillis(instant, { zone }).plus({ days });
  return { year, month, day, weekday };
}

/** Returns the local time of an instant with its offset, such as `2026-12-01T03:10+13:00`, and its weekday (1 is Monday). */
export function localTime(instant: number, zone: string): { readonly iso: string; readonly weekday: number } {
  const time = DateTime.fromMillis(instant, { zone });
  return { iso: time.toFormat("yyyy-MM-dd'T'HH:mmZZ"), weekday: time.weekday };
}
