import { DateTime } from 'luxon';

/**
 * Times for people, in one format everywhere: in messages, emails, pages and on the command line. Programs get RFC 3339
 * (`stix/timestamps.ts`).
 */

/** An instant: a timestamp as the API returns it, or milliseconds since 1970. */
export type Instant = string | number;

/**
 * Returns a time to the minute with its zone: `2026-11-28 09:32 UTC` or `2026-11-28 21:32 +12:00`. A text that is not a
 * time is returned unchanged.
 *
 * @param zone IANA time zone of the reader.
 */
export function timeText(time: Instant, zone = 'UTC'): string {
  return written(time, zone, 'yyyy-MM-dd HH:mm', true);
}

/** Returns a time to the second with its zone: `2026-11-28 09:32:05 UTC`. */
export function exactTimeText(time: Instant, zone = 'UTC'): string {
  return written(time, zone, 'yyyy-MM-dd HH:mm:ss', true);
}

/** Returns the day of a time in a zone: `2026-11-28`. */
export function dayText(time: Instant, zone = 'UTC'): string {
  return written(time, zone, 'yyyy-MM-dd', false);
}

function written(time: Instant, zone: string, tokens: string, withZone: boolean): string {
  const moment = DateTime.fromMillis(typeof time === 'number' ? time : Date.parse(time), { zone });
  if (!moment.isValid) return String(time);
  const text = moment.toFormat(tokens);
  return withZone ? `${text} ${moment.offset === 0 ? 'UTC' : moment.toFormat('ZZ')}` : text;
}
