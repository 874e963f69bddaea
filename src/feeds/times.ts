import { instantOfLocal } from '../kernel/time-zones.ts';
import { ValueFault } from '../stix/values/read-value.ts';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const DAY_FIRST = /^(\d\d)\/(\d\d)\/(\d{4})(?: (\d\d):(\d\d)(?::(\d\d))?)?$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const AHEAD_MS = 86_400_000;

export interface TimeRules {
  readonly zone: string;
  readonly format: 'iso' | 'day-first' | 'epoch' | 'epoch-ms' | 'rfc2822';
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
  const ms = parse(value.trim(), rules);
  if (!Number.isFinite(ms) || ms < EARLIEST || (rules.isEnd !== true && ms > rules.now + AHEAD_MS))
    throw bad(value);
  return ms;
}

function parse(value: string, { format, zone }: TimeRules): number {
  if (format === 'epoch' || format === 'epoch-ms') {
    if (!/^\d{1,16}$/.test(value)) throw bad(value);
    return Number(value) * (format === 'epoch' ? 1000 : 1);
  }
  if (format === 'rfc2822') {
    if (
      !/^(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|[A-Z]{1,5})$/.test(
        value,
      )
    )
      throw bad(value);
    return Date.parse(value);
  }
  if (format === 'day-first') {
    const m = DAY_FIRST.exec(value);
    if (m === null) throw bad(value);
    return inZone(
      [m[3], m[2], m[1], m[4], m[5], m[6]].map((part) => Number(part ?? 0)),
      0,
      zone,
      value,
    );
  }
  const m = ISO.exec(value);
  if (m === null) throw bad(value);
  const parts = m.slice(1, 7).map((part) => Number(part ?? 0));
  const milliseconds = Number((m[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = m[8];
  if (offset === undefined) return inZone(parts, milliseconds, zone, value);
  const utc = inZone(parts, milliseconds, 'UTC', value);
  if (/^(Z|UTC)$/i.test(offset)) return utc;
  const sign = offset.startsWith('-') ? -1 : 1;
  const digits = offset.replaceAll(/\D/g, '');
  return utc - sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

function inZone(parts: readonly number[], millisecond: number, zone: string, value: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  // ISO 8601 allows hour 24, but no feed uses it on purpose.
  const instant =
    hour > 23 ? undefined : instantOfLocal({ year, month, day, hour, minute, second, millisecond }, zone);
  if (instant === undefined) throw bad(value);
  return instant;
}
