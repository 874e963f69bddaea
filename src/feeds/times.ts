import { instantOfLocal } from '../kernel/time-zones.ts';
import { ValueFault } from '../stix/values/read-value.ts';
import { zoneOffset } from './zone-names.ts';

const ZONE = String.raw`(?:(?:GMT|UTC|UT)? ?[+-]\d{1,2}(?::?\d\d)?|[A-Z]{1,5})`;
const CLOCK = String.raw`(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(am|pm))?`;
const WEEKDAY = String.raw`(?:\p{L}{2,10}(?:\.?,? |,))?`;
const MONTH = String.raw`(\p{L}{3,10})\.?`;
/** A comment after the zone, such as the name of the zone in the text of a JavaScript date. */
const COMMENT = String.raw`(?: ?\([^()]{0,100}\))?`;
/** ISO 8601 and its relatives: `2026-01-31`, `2026/1/31 10:00`, `2026-01-31T10:00:00.5+13:00`. */
const ISO = new RegExp(
  String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]${CLOCK})? ?(${ZONE})?${COMMENT}$`,
  'iu',
);
/** The format of most rows, which is read faster. */
const COMMON = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(Z| ?UTC)?$/;
const COMPACT = new RegExp(
  String.raw`^(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?)? ?(${ZONE})?$`,
  'iu',
);
/** RFC 2822 §3.3 and its relatives: `Fri, 20 Nov 2026 10:00:00 NZDT`, `20-Nov-26 10:00`. */
const DAY_MONTH = new RegExp(
  String.raw`^${WEEKDAY}(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -](?:de |of )?${MONTH},?[ -](?:de )?(\d{4}|\d\d)(?:,?[T ](?:at )?${CLOCK})? ?(${ZONE})?${COMMENT}$`,
  'iu',
);
/** The text of a JavaScript date, and `November 20, 2026 10:00 am`. */
const MONTH_DAY = new RegExp(
  String.raw`^${WEEKDAY}${MONTH} (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?:,? (?:at )?${CLOCK})? ?(${ZONE})?${COMMENT}$`,
  'iu',
);
/** The output of `date`: `Fri Nov 20 10:00:00 NZDT 2026`. */
const YEAR_LAST = new RegExp(
  String.raw`^${WEEKDAY}${MONTH} +(\d{1,2}) ${CLOCK}(?: (${ZONE}))? (\d{4})$`,
  'iu',
);
const NUMBERS = new RegExp(
  String.raw`^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:,?[T ]${CLOCK})? ?(${ZONE})?$`,
  'iu',
);
const EPOCH = /^(\d{10})(?:\.(\d{1,9}))?$|^(\d{13})$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const AHEAD_MS = 86_400_000;
const LONGEST = 200;

export interface TimeRules {
  readonly zone: string;
  /** `any` reads every unambiguous format. */
  readonly format: 'iso' | 'day-first' | 'month-first' | 'epoch' | 'epoch-ms' | 'rfc2822' | 'any';
  /** Milliseconds since 1970. Times more than a day after this are rejected. */
  readonly now: number;
  /** The time is an end, which may be in the future without limit. */
  readonly isEnd?: boolean;
}

function bad(value: string): ValueFault {
  return new ValueFault('bad-timestamp', `"${value.slice(0, 60)}" is not a time`);
}

/**
 * Returns a time of a feed in milliseconds since 1970. Times without a zone use the zone of the feed. Throws a
 * ValueFault.
 */
export function readTime(value: string, rules: TimeRules): number {
  const ms = parse(value.trim().replaceAll(/\s{1,20}/g, ' '), rules);
  if (!Number.isFinite(ms) || ms < EARLIEST || (rules.isEnd !== true && ms > rules.now + AHEAD_MS))
    throw bad(value);
  return ms;
}

/** The order of the numbers in dates such as `03/04/2026`. Undefined where one of them leaves it open. */
export function orderOfNumbers(value: string): 'day-first' | 'month-first' | 'either' | undefined {
  const [, first = '', , second = ''] = NUMBERS.exec(value.trim()) ?? [];
  if (first === '') return undefined;
  if (Number(first) > 12) return 'day-first';
  return Number(second) > 12 ? 'month-first' : 'either';
}

/** Digits of a Unix time and the milliseconds of its unit: seconds, milliseconds and microseconds. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^[1-9]\d{8,9}(?:\.\d+)?$/, 1_000],
  [/^[1-9]\d{11,12}(?:\.\d+)?$/, 1],
  [/^[1-9]\d{14,15}$/, 1 / 1_000],
];

/**
 * Returns a time in any format that programs write into JSON, in milliseconds since 1970: as a Unix time in seconds,
 * milliseconds or microseconds, or as text. Text without a zone is in `zone`. Undefined when it is none.
 */
export function looseTime(text: string | undefined, zone = 'UTC'): number | undefined {
  const value = text?.trim() ?? '';
  const unit = UNITS.find(([form]) => form.test(value))?.[1];
  if (unit !== undefined) return Math.trunc(Number(value) * unit);
  try {
    const ms = parse(value.replaceAll(/\s{1,20}/g, ' '), { zone, format: 'any', now: 0 });
    return ms >= EARLIEST ? ms : undefined;
  } catch (error) {
    if (error instanceof ValueFault) return undefined;
    throw error;
  }
}

/** True for a time that has not come yet, apart from differences of clocks and time zones. */
export function isAhead(ms: number, now: number): boolean {
  return ms > now + AHEAD_MS;
}

function parse(value: string, rules: TimeRules): number {
  if (value.length > LONGEST) throw bad(value);
  const { format } = rules;
  if (format === 'epoch' || format === 'epoch-ms') {
    if (!/^\d{1,16}$/.test(value)) throw bad(value);
    return Number(value) * (format === 'epoch' ? 1000 : 1);
  }
  const ms =
    format === 'day-first' || format === 'month-first'
      ? numbers(value, rules, format === 'day-first')
      : (iso(value, rules) ??
        (format === 'iso'
          ? undefined
          : (words(value, rules) ?? (format === 'any' ? plain(value, rules) : undefined))));
  if (ms === undefined) throw bad(value);
  return ms;
}

/** A date and a time of day as written. */
interface Written {
  readonly year: string | undefined;
  /** A number from 1, or a name. */
  readonly month: string | undefined;
  readonly day: string | undefined;
  /** Hour, minute, second, fraction, and `am` or `pm`. */
  readonly clock: readonly (string | undefined)[];
  readonly zone: string | undefined;
}

function iso(value: string, rules: TimeRules): number | undefined {
  const common = COMMON.exec(value);
  if (common !== null) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = common.slice(1, 7).map(Number);
    return hour > 23
      ? undefined
      : instantOfLocal(
          { year, month, day, hour, minute, second },
          common[7] === undefined ? rules.zone : 'UTC',
        );
  }
  const [, year, , month, day, ...rest] = ISO.exec(value) ?? [];
  return year === undefined
    ? undefined
    : instant({ year, month, day, clock: rest.slice(0, 5), zone: rest[5] }, value, rules);
}

function words(value: string, rules: TimeRules): number | undefined {
  let [, day, month, year, ...rest] = DAY_MONTH.exec(value) ?? [];
  if (day === undefined) [, month, day, year, ...rest] = MONTH_DAY.exec(value) ?? [];
  if (day !== undefined)
    return instant({ year, month, day, clock: rest.slice(0, 5), zone: rest[5] }, value, rules);
  [, month, day, ...rest] = YEAR_LAST.exec(value) ?? [];
  if (day === undefined) return undefined;
  return instant({ year: rest[6], month, day, clock: rest.slice(0, 5), zone: rest[5] }, value, rules);
}

function numbers(value: string, rules: TimeRules, dayFirst: boolean): number | undefined {
  const [, first, , second, year, ...rest] = NUMBERS.exec(value) ?? [];
  const [day, month] = dayFirst ? [first, second] : [second, first];
  return day === undefined
    ? undefined
    : instant({ year, month, day, clock: rest.slice(0, 5), zone: rest[5] }, value, rules);
}

/** Reads formats without separators, and Unix time in seconds or milliseconds. */
function plain(value: string, rules: TimeRules): number | undefined {
  const [, seconds, fraction = '', ms] = EPOCH.exec(value) ?? [];
  if (seconds !== undefined) return Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  if (ms !== undefined) return Number(ms);
  const [, year, month, day, hour, minute, second, zone] = COMPACT.exec(value) ?? [];
  return year === undefined
    ? undefined
    : instant({ year, month, day, clock: [hour, minute, second], zone }, value, rules);
}

function instant({ year, month, day, clock, zone }: Written, value: string, rules: TimeRules): number {
  const [hour, minute, second, fraction, half] = clock;
  const offset = zone === undefined ? undefined : zoneOffset(zone);
  // A zone that is not known could move the time by a day.
  if (zone !== undefined && offset === undefined) throw bad(value);
  const local = {
    year: fullYear(year ?? ''),
    month: monthOf(month ?? ''),
    day: Number(day),
    hour: hourOf(Number(hour ?? 0), half?.toLowerCase()),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
  };
  // ISO 8601 allows hour 24, but no feed uses it on purpose.
  const ms = local.hour > 23 ? undefined : instantOfLocal(local, offset === undefined ? rules.zone : 'UTC');
  if (ms === undefined) throw bad(value);
  return ms - (offset ?? 0) * 60_000;
}

/** Returns the year of two digits as RFC 2822 §4.3 does. */
function fullYear(text: string): number {
  const year = Number(text);
  return text.length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (half === 'pm' ? 12 : 0);
}

/** Beginnings of the names of months in English, French, Spanish, Portuguese, German and Italian, without accents. */
const MONTHS: readonly (readonly string[])[] = [
  ['jan', 'ene', 'gen'],
  ['feb', 'fev'],
  ['mar', 'mrz'],
  ['apr', 'avr', 'abr'],
  ['may', 'mai', 'mag'],
  ['jun', 'juin', 'giu'],
  ['jul', 'juil', 'lug'],
  ['aug', 'aou', 'ago'],
  ['sep', 'set'],
  ['oct', 'okt', 'out', 'ott'],
  ['nov'],
  ['dec', 'dez', 'dic'],
];

/** Returns the number of a month from 1. 0 for none. */
function monthOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const name = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return MONTHS.findIndex((beginnings) => beginnings.some((beginning) => name.startsWith(beginning))) + 1;
}
