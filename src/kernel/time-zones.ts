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

/** True for an IANA time zone that this system knows. */
export function isTimeZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/**
 * The instant, in milliseconds since 1970, of a local time in an IANA time zone. Undefined for a date or time that no calendar has
 * (30 February, 25:00) and for an unknown zone. A time that is skipped when clocks go forward is moved forward by the gap.
 */
export function instantOfLocal(local: LocalTime, zone: string): number | undefined {
  const time = DateTime.fromObject({ ...local }, { zone });
  return time.isValid ? time.toMillis() : undefined;
}

/** The local date of an instant in a time zone, `days` later, and the weekday of that date (1 is Monday, 7 is Sunday). */
export function localDay(
  instant: number,
  zone: string,
  days = 0,
): { readonly year: number; readonly month: number; readonly day: number; readonly weekday: number } {
  const { year, month, day, weekday } = DateTime.fromMillis(instant, { zone }).plus({ days });
  return { year, month, day, weekday };
}
