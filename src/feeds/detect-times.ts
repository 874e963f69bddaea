import type { FeedDocument } from '../config/settings.ts';
import { ValueFault } from '../stix/values/read-value.ts';
import type { Row } from './template.ts';
import { orderOfNumbers, readTime, type TimeRules } from './times.ts';

/** Share of the rows in which a column must have a time. */
const ENOUGH = 0.6;

interface Column {
  readonly name: string;
  readonly texts: readonly string[];
}

/** True for a text that is a time in some format. */
export function isTimeText(text: string, now: number): boolean {
  return orderOfNumbers(text) !== undefined || isTime(text, 'any', now);
}

const TIME_WORDS =
  /time|date|seen|added|created|updated|modified|stamp|online|published|submi|report|detect|expir|until|valid|checked|^ts$|_at$/i;
const BEGINS = [
  /first.?seen|firstseen/i,
  /added/i,
  /creat/i,
  /submi|report|publish|list|detect|discover/i,
  /date|time|stamp|^ts$/i,
];
const SEEN_LAST = /last|updat|modif|online|check|verif/i;
const ENDS = /expir|until|valid_?to|deleted?_?(?:at|date)|end_?(?:date|time)/i;

/** Finds the columns with times, by their content and their names. */
export function timesOf(
  columns: readonly Column[],
  rows: readonly Row[],
  now: number,
  notes: string[],
): {
  map: Partial<FeedDocument['map'][number]>;
  used: readonly string[];
  format: TimeRules['format'] | undefined;
} {
  const read = columns.flatMap((column) => {
    const format = formatOf(column, rows, now, notes);
    return format === undefined ? [] : [{ name: column.name, format }];
  });
  const begins = (name: string): number => {
    const at = BEGINS.findIndex((form) => form.test(name));
    return at < 0 ? BEGINS.length : at;
  };
  const first = read
    .filter(({ name }) => !SEEN_LAST.test(name) && !ENDS.test(name))
    .toSorted((a, b) => begins(a.name) - begins(b.name))[0];
  const last = read.find(({ name }) => SEEN_LAST.test(name) && !ENDS.test(name));
  const end = read.find(({ name }) => ENDS.test(name));
  const taken = [first, last, end].filter((one) => one !== undefined);
  const formats = new Set(taken.map(({ format }) => format));
  const format = formats.size === 1 ? [...formats][0] : formats.size === 0 ? undefined : common(formats);
  // Times in two formats that cannot be read together: the first is the more important one.
  const usable = (one: (typeof taken)[number] | undefined) =>
    one !== undefined && (format !== undefined || one === taken[0]) ? one : undefined;
  const [from, seen, until] = [usable(first), usable(last), usable(end)];
  return {
    map: {
      ...(from === undefined ? {} : { valid_from: `{${from.name}}` }),
      ...(seen === undefined ? {} : { last_seen: `{${seen.name}}` }),
      ...(until === undefined ? {} : { valid_until: `{${until.name}}` }),
    },
    used: [from, seen, until].flatMap((one) => one?.name ?? []),
    format: format ?? taken[0]?.format,
  };
}

/** Returns the format that reads several, if there is one. */
function common(formats: ReadonlySet<TimeRules['format']>): TimeRules['format'] | undefined {
  return [...formats].every((format) => format === 'iso' || format === 'any') ? 'any' : undefined;
}

/** Returns the format of the times in a column. Undefined for a column without times. */
function formatOf(
  { name, texts }: Column,
  rows: readonly Row[],
  now: number,
  notes: string[],
): TimeRules['format'] | undefined {
  if (texts.length < rows.length * ENOUGH) return undefined;
  const enough = (good: (text: string) => boolean): boolean =>
    texts.filter(good).length >= texts.length * ENOUGH && texts.length >= rows.length * ENOUGH;
  // An end may be in the future.
  const until = ENDS.test(name) ? Number.MAX_SAFE_INTEGER / 2 : now;
  if (enough((text) => isTime(text, 'iso', until))) return 'iso';
  const isNumeric = texts.every((text) => /^[\d.]+$/.test(text));
  if ((!isNumeric || TIME_WORDS.test(name)) && enough((text) => isTime(text, 'any', until))) return 'any';
  const orders = texts.flatMap((text) => orderOfNumbers(text) ?? []);
  if (orders.length < texts.length * ENOUGH) return undefined;
  const [day, month] = [orders.includes('day-first'), orders.includes('month-first')];
  if (day !== month) {
    const format = day ? 'day-first' : 'month-first';
    return enough((text) => isTime(text, format, until)) ? format : undefined;
  }
  notes.push(
    `Column ${name} has dates such as ${texts[0]?.slice(0, 40) ?? ''}, which can be read in two ways. They are not used; set time.format to day-first or month-first.`,
  );
  return undefined;
}

function isTime(value: string, format: TimeRules['format'], now: number): boolean {
  try {
    readTime(value, { zone: 'UTC', format, now });
    return true;
  } catch (error) {
    if (error instanceof ValueFault) return false;
    throw error;
  }
}
