/**
 * Weekly hours of a contact, such as `Mon-Fri 08:30-16:30; Sat 09:00-12:00`. They are in the time zone of the contact. Pure
 * functions.
 */
import { instantOfLocal, localDay, localTime } from '../../kernel/time-zones.ts';

/** The hours of a contact who can be reached day and night. */
export const ALWAYS = '24/7';

/** A part of a week: minutes from its beginning on Monday, 00:00. `until` can be in the next week. */
interface Interval {
  readonly from: number;
  readonly until: number;
}

/** Hours that were read. */
export interface Hours {
  /** The hours in their usual form. Equal hours have equal texts. */
  readonly text: string;
  readonly isAlways: boolean;
  readonly intervals: readonly Interval[];
}

/** The reason why hours cannot be read, with the part of the text that is wrong. */
export interface HoursFault {
  readonly reason: 'unreadable' | 'time' | 'empty' | 'overlap';
  readonly part: string;
}

const DAY = 1_440;
const WEEK = 7 * DAY;
const NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** Days in English and French, by their first letters. */
const DAYS: ReadonlyMap<string, number> = new Map(
  [
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    ['lun', 'mar', 'mer', 'jeu', 'ven', 'sam', 'dim'],
  ].flatMap((names) => names.map((name, i) => [name, i] as const)),
);
const PART = /^([a-z]+)\.?(?:\s*-\s*([a-z]+)\.?)?\s+(.+)$/i;
const SPAN = /^(\d{1,2})[:h](\d{2})-(\d{1,2})[:h](\d{2})$/;
/** Maximum number of days that are searched for the next change: two weeks of holidays, and a week. */
const SEARCHED_DAYS = 21;

/** Reads weekly hours. Days are in English or French, parts are separated by semicolons, commas or line ends. */
export function readHours(written: string): Hours | HoursFault {
  const plain = written.trim().replaceAll(/[\u2012-\u2015]/g, '-');
  if (/^24\s*[/x]\s*7$/i.test(plain)) return { text: ALWAYS, isAlways: true, intervals: [] };
  const byDay: Interval[][] = NAMES.map(() => []);
  for (const part of plain.split(/[;,\n]/).map((one) => one.trim())) {
    if (part === '') continue;
    const fault = readPart(part, byDay);
    if (fault !== undefined) return { reason: fault, part };
  }
  const intervals = byDay.flat().toSorted((a, b) => a.from - b.from);
  if (intervals.length === 0) return { reason: 'empty', part: plain.slice(0, 40) };
  const overlap = intervals.find((one, i) => one.until > startAfter(intervals, i));
  if (overlap !== undefined) return { reason: 'overlap', part: `${NAMES[Math.floor(overlap.from / DAY)]} ${spanOf(overlap)}` };
  return { text: written24(byDay), isAlways: false, intervals };
} // prettier-ignore

/** Returns where the interval after the one at `i` begins, perhaps in the next week. */
function startAfter(intervals: readonly Interval[], i: number): number {
  return intervals[i + 1]?.from ?? (intervals[0]?.from ?? 0) + WEEK;
}

/** Adds the intervals of a part such as `Mon-Fri 08:00-12:00 13:00-17:00` to its days. */
function readPart(part: string, byDay: readonly Interval[][]): HoursFault['reason'] | undefined {
  const [, first = '', last = first, spans = ''] = PART.exec(part) ?? [];
  const [from, to] = [dayOf(first), dayOf(last)];
  if (from === undefined || to === undefined) return 'unreadable';
  for (const span of spans.replaceAll(/\s*-\s*/g, '-').split(/\s+/)) {
    const found = SPAN.exec(span)?.slice(1).map(Number);
    if (found === undefined) return 'unreadable';
    const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = found;
    const [start, end] = [h1 * 60 + m1, h2 * 60 + m2];
    if (h1 > 23 || m1 > 59 || m2 > 59 || end > DAY || start === end) return 'time';
    for (let day = from; ; day = (day + 1) % 7) {
      byDay[day]?.push({ from: day * DAY + start, until: day * DAY + (end > start ? end : end + DAY) });
      if (day === to) break;
    }
  }
  return undefined;
}

function dayOf(name: string): number | undefined {
  return DAYS.get(name.slice(0, 3).toLowerCase());
}

/** Returns the hours in their usual form. Neighbouring days with the same hours are one part. */
function written24(byDay: readonly (readonly Interval[])[]): string {
  const spans = byDay.map((day) => day.toSorted((a, b) => a.from - b.from).map(spanOf).join(' ')); // prettier-ignore
  const parts: string[] = [];
  for (let day = 0; day < 7;) {
    let end = day;
    while (end < 6 && spans[end + 1] === spans[day]) end++;
    const days = end === day ? NAMES[day] : `${NAMES[day]}-${NAMES[end]}`;
    if (spans[day] !== '') parts.push(`${days} ${spans[day]}`);
    day = end + 1;
  }
  return parts.join('; ');
}

function spanOf({ from, until }: Interval): string {
  return `${clock(from % DAY)}-${until % DAY === 0 ? '24:00' : clock(until % DAY)}`;
}

function clock(minutes: number): string {
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Whether a contact can be reached, without the local time. */
interface HoursNow {
  readonly state: 'open' | 'closed' | 'unknown';
  /** The end of the open hours, or the next beginning, in milliseconds since 1970. Absent if it is not known, or never. */
  readonly changes?: number;
}

/** The state of a contact at a moment. */
export interface OpenNow extends HoursNow {
  /** The local date and time with the offset of the zone, such as `2026-12-01T03:10+13:00`. */
  readonly local: string;
  /** The local weekday: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
}

/** The parts of a contact on which its hours depend. */
interface Timed {
  readonly time_zone: string;
  readonly hours?: string;
  readonly holidays?: readonly string[];
}

/**
 * Returns whether a contact can be reached at `now`, in milliseconds since 1970. `unknown` for a contact without hours.
 * Days of `holidays` have no hours, except for contacts who are there day and night.
 */
export function openAt(contact: Timed, now: number): OpenNow {
  const { iso: local, weekday } = localTime(now, contact.time_zone);
  return { ...hoursAt(contact, now), local, weekday };
}

function hoursAt({ time_zone: zone, hours, holidays = [] }: Timed, now: number): HoursNow {
  const read = hours === undefined ? undefined : readHours(hours);
  if (read === undefined || 'reason' in read) return { state: 'unknown' };
  if (read.isAlways) return { state: 'open' };
  let open: number | undefined;
  for (const [from, until] of spansAround(read.intervals, zone, holidays, now)) {
    if (until <= now) continue;
    if (open === undefined && from > now) return { state: 'closed', changes: from };
    // Hours that continue past midnight are one interval.
    if (open !== undefined && from > open) break;
    open = Math.max(open ?? 0, until);
  }
  return open === undefined ? { state: 'closed' } : { state: 'open', changes: open };
}

/** Hours of as many contacts are remembered. */
const MOST_REMEMBERED = 5_000;
/** A state that has no end is found again after this time. */
const REMEMBERED_MS = 3_600_000;

/**
 * Finds whether many contacts can be reached. A state is remembered until it changes, because calendars take most of the time
 * of a list.
 */
export class OpenHours {
  readonly #known = new Map<
    string,
    { readonly hours: HoursNow; readonly from: number; readonly until: number }
  >();

  /** Returns what `openAt` returns, for contacts of one list at one moment. */
  at(now: number): (contact: Timed) => OpenNow {
    const zones = new Map<string, ReturnType<typeof localTime>>();
    return (contact) => {
      const { time_zone: zone } = contact;
      const { iso: local, weekday } = zones.get(zone) ?? localTime(now, zone);
      zones.set(zone, { iso: local, weekday });
      return { ...this.#hours(contact, now), local, weekday };
    };
  }

  #hours(contact: Timed, now: number): HoursNow {
    const { time_zone: zone, hours, holidays = [] } = contact;
    const key = [zone, hours ?? '', ...holidays].join('\n');
    const known = this.#known.get(key);
    if (known !== undefined && known.from <= now && now < known.until) return known.hours;
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    const found = hoursAt(contact, now);
    this.#known.set(key, { hours: found, from: now, until: found.changes ?? now + REMEMBERED_MS });
    return found;
  }
}

/** Returns the hours from yesterday on, in milliseconds since 1970 and in their order. */
function* spansAround(
  intervals: readonly Interval[],
  zone: string,
  holidays: readonly string[],
  now: number,
): Generator<readonly [from: number, until: number]> {
  const free = new Set(holidays);
  for (let days = -1; days < SEARCHED_DAYS; days++) {
    const { weekday, ...date } = localDay(now, zone, days);
    const written = [date.year, date.month, date.day].map((one) => String(one).padStart(2, '0')).join('-');
    if (free.has(written)) continue;
    const start = (weekday - 1) * DAY;
    for (const { from, until } of intervals) {
      if (from < start || from >= start + DAY) continue;
      const begins = instantOf(date, from - start, zone);
      const next = until - start >= DAY ? localDay(now, zone, days + 1) : date;
      const ends = instantOf(next, (until - start) % DAY, zone);
      if (begins !== undefined && ends !== undefined) yield [begins, ends];
    }
  }
}

function instantOf(
  { year, month, day }: { readonly year: number; readonly month: number; readonly day: number },
  minutes: number,
  zone: string,
): number | undefined {
  return instantOfLocal({ year, month, day, hour: Math.floor(minutes / 60), minute: minutes % 60 }, zone);
}
