import type { Micros } from '../kernel/clock.ts';

/**
 * Timestamps as defined by STIX 2.1 §2.16 and TAXII 2.1 §2. A STIX timestamp may have more fraction digits than a Date
 * can hold. Timestamps are therefore compared by an instant key, which keeps every digit and sorts as text.
 */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

/** Returns the two digits at `at` as a number, or NaN. */
function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/**
 * The reason why a text is not a timestamp: its format is wrong, it is not a real date or time, or its fraction has too
 * many digits.
 */
export type TimestampFault = 'form' | 'date' | 'fraction';

/**
 * Maximum number of fraction digits: nanoseconds, the finest unit that programs write. The standard sets no limit. The
 * hub needs one, because the version of an object is a key of the store and is sent in page headers and manifests.
 */
export const MOST_FRACTION_DIGITS = 9;

/** Longer texts are rejected without reading each character. */
const LONGEST_LOOK = 1_000;

/**
 * Checks one timestamp, `YYYY-MM-DDTHH:MM:SS[.s…]Z`. Second 60 is accepted where a leap second is possible. It reads
 * digit by digit to be fast, because every submitted object contains about three timestamps.
 */
export function timestampFault(value: string): TimestampFault | undefined {
  const last = value.length - 1;
  const separators =
    value.charCodeAt(4) === 0x2d &&
    value.charCodeAt(7) === 0x2d &&
    value.charCodeAt(10) === 0x54 &&
    value.charCodeAt(13) === 0x3a &&
    value.charCodeAt(16) === 0x3a &&
    value.charCodeAt(last) === 0x5a;
  if (!separators || last < 19 || last === 20) return 'form';
  if (last > 19) {
    if (value.charCodeAt(19) !== 0x2e) return 'form';
    if (last > LONGEST_LOOK) return 'fraction';
    for (let i = 20; i < last; i++) {
      const digit = value.charCodeAt(i);
      if (digit < 0x30 || digit > 0x39) return 'form';
    }
  }
  const year = two(value, 0) * 100 + two(value, 2);
  const month = two(value, 5);
  const day = two(value, 8);
  const hour = two(value, 11);
  const minute = two(value, 14);
  const second = two(value, 17);
  if (Number.isNaN(year + month + day + hour + minute + second)) return 'form';
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 23 ||
    minute > 59 ||
    second > 60
  )
    return 'date';
  if (second === 60 && !(hour === 23 && minute === 59 && day === daysIn(year, month))) return 'date';
  return last - 20 > MOST_FRACTION_DIGITS ? 'fraction' : undefined;
}

declare const instantBrand: unique symbol;
/**
 * A timestamp as text that sorts by time: without `Z` and without trailing zeros of the fraction. Equal instants are
 * equal texts.
 */
export type Instant = string & { readonly [instantBrand]: 'Instant' };

/** Returns the instant key of a timestamp. The caller has checked its format. */
export function instantOf(timestamp: string): Instant {
  let end = timestamp.length - 1;
  if (timestamp.length > 20) {
    while (timestamp.charCodeAt(end - 1) === 0x30) end--;
    if (timestamp.charCodeAt(end - 1) === 0x2e) end--;
  }
  return timestamp.slice(0, end) as Instant;
}

/** Returns -1, 0 or 1 for the order of two timestamps of any precision. */
export function compareTimestamps(a: string, b: string): number {
  const x = instantOf(a);
  const y = instantOf(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The version of an object with neither `modified` nor `created`. Every such object has this same version. */
export const NO_VERSION = '1970-01-01T00:00:00.000Z';

/** Returns microseconds as a TAXII timestamp with exactly six fraction digits and Z (TAXII 2.1 §2). */
export function taxiiTimestamp(micros: Micros): string {
  const ms = Math.floor(micros / 1000);
  const rest = String(micros - ms * 1000).padStart(3, '0');
  return `${new Date(ms).toISOString().slice(0, 23)}${rest}Z`;
}

/**
 * Reads a timestamp from a TAXII client, with 0 to 9 fraction digits. Digits beyond the microsecond are cut off, so
 * that a client never misses an object. Undefined for an invalid timestamp.
 */
export function parseTaxiiTimestamp(value: string): Micros | undefined {
  if (value.length > LONGEST_LOOK) return undefined;
  const upper = value.toUpperCase();
  if (timestampFault(upper) !== undefined) return undefined;
  // Date has no leap seconds. The nearest earlier instant is the last microsecond before it.
  const seconds = upper.slice(17, 19) === '60' ? `${upper.slice(0, 17)}59` : upper.slice(0, 19);
  const whole = Date.parse(`${seconds}Z`);
  if (Number.isNaN(whole)) return undefined;
  const dot = upper.indexOf('.');
  const fraction = upper.slice(17, 19) === '60' ? '999999' : dot < 0 ? '0' : upper.slice(dot + 1, -1);
  return whole * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** The last timestamp that was written. The objects of a run share most of their times. */
let written = { ms: 0, text: NO_VERSION };

/** Returns milliseconds since 1970 as a STIX timestamp with three fraction digits. */
export function stixTimestamp(ms: number): string {
  if (written.ms !== ms) written = { ms, text: new Date(ms).toISOString() };
  return written.text;
}
