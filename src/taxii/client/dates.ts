import { parseTaxiiTimestamp, taxiiTimestamp } from '../../stix/timestamps.ts';

const ISO =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,100}))? ?(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)?$/i;
/** `Date.toString()` and `Date.toUTCString()` of JavaScript, which is also the format of HTTP dates. */
const TEXT =
  /^(?:[A-Z][a-z]{2},? )?(?:[A-Z][a-z]{2} \d{1,2}|\d{1,2} [A-Z][a-z]{2}) \d{4} \d\d:\d\d:\d\d (?:(?:GMT|UTC)?[+-]\d{4}|GMT|UTC|Z)(?: \([^()]{0,100}\))?$/;
const EPOCH = /^(\d{10})(?:\.(\d{1,9}))?$|^(\d{13}|\d{16})$/;

/**
 * Reads a date added as servers write it: the timestamp of the standard, other notations of ISO 8601 (with an offset,
 * a space, or without a zone, which is UTC), the text of a JavaScript or HTTP date, and Unix time. Returns a timestamp
 * of the standard, which is the given text itself if it is one. Undefined for other texts.
 */
export function dateAdded(text: string): string | undefined {
  const value = text.trim();
  if (value.length > 200) return undefined;
  if (parseTaxiiTimestamp(value) !== undefined) return value;
  const micros = isoMicros(value) ?? textMicros(value) ?? epochMicros(value);
  return micros === undefined || micros < 0 ? undefined : taxiiTimestamp(micros);
}

function isoMicros(value: string): number | undefined {
  const [, day, time, fraction = '0', , sign, hours = '0', minutes = '0'] = ISO.exec(value) ?? [];
  if (day === undefined || time === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const micros = parseTaxiiTimestamp(`${day}T${time}.${fraction.slice(0, 9)}Z`);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000_000;
  return micros === undefined ? undefined : sign === '-' ? micros + offset : micros - offset;
}

function textMicros(value: string): number | undefined {
  const ms = TEXT.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms * 1000;
}

function epochMicros(value: string): number | undefined {
  const [, seconds, fraction = '', finer] = EPOCH.exec(value) ?? [];
  if (seconds !== undefined) return Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
  return finer === undefined ? undefined : Number(finer) * (finer.length === 13 ? 1000 : 1);
}
