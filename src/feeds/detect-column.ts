import type { Network } from '../kernel/address.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import {
  ValueFault,
  hasKnownSuffix,
  readValue,
  type ValueRules,
  type ValueType,
} from '../stix/values/read-value.ts';
import { isTimeText } from './detect-times.ts';
import type { TimeRules } from './times.ts';

/** Share of the rows in which a column must have a usable value. */
export const ENOUGH = 0.6;
const RULES: ValueRules = { specialAddresses: new Set(), specialDomains: new Set(), range: true };

/** The context for the choice of columns, besides the rows. */
export interface DetectContext {
  readonly now: number;
  /** Networks of the members, which never become indicators. */
  readonly own: readonly Network[];
  /** The beginning of the file, whose comments may state what it lists. */
  readonly head: string;
}

/** The columns that were chosen. */
export interface ChosenColumns {
  readonly map: FeedDocument['map'][number];
  readonly time: TimeRules['format'] | undefined;
  /** Rows that are left out, with the reasons. */
  readonly filter: NonNullable<FeedDocument['filter']>;
  /** `first-last` has to be read as a range. */
  readonly range: boolean;
  /** Columns that the map uses. */
  readonly used: readonly string[];
  /** Share of the rows with a value, from 0 to 1. */
  readonly share: number;
  /** Number of different values in the sample. */
  readonly distinct: number;
  /** Notes on parts that were not understood, or understood in one of several possible ways. */
  readonly notes: readonly string[];
}

export type Kind = Observable['type'];

/** A column and what its texts are. */
export interface Column {
  readonly name: string;
  readonly texts: readonly string[];
  /** Kinds of the usable values. */
  readonly kinds: readonly Kind[];
  readonly share: number;
  readonly own: boolean;
}

/** Returns the kind of thing that a text can be an indicator of. Undefined for other texts. */
export function kindOfValue(text: string, type: ValueType = 'auto'): Kind | undefined {
  try {
    const [first] = readValue(text, type, RULES);
    const kind = first?.observable.type;
    // A bare word with a dot may be a file name or a sentence. It counts only with a real top-level domain.
    if (first?.observable.type === 'domain-name' && !hasKnownSuffix(first.observable.value)) return undefined;
    return kind;
  } catch (error) {
    if (error instanceof ValueFault) return undefined;
    throw error;
  }
}

/** A mapping for a column, or for several together. */
export interface Chosen {
  readonly map: FeedDocument['map'][number];
  readonly used: readonly string[];
  readonly range: boolean;
  readonly share: number;
  readonly distinct: number;
}

/** Returns the words of a column name: `dstIp`, `dst_ip` and `flow.dst-ip` contain `dst`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

export const has = (name: string, words: ReadonlySet<string>): boolean =>
  wordsOf(name).some(
    (word) => words.has(word) || words.has(word.replace(/(?:ip|addr|address|host|url)$/, '')),
  );

/**
 * True for cells that name columns: words that are neither values, times nor numbers. A name may be repeated, and the
 * first column, which often numbers the rows, may have none.
 */
export function areNames(cells: readonly string[], now: number): boolean {
  const names = cells[0] === '' ? cells.slice(1) : cells;
  return (
    names.length > 0 &&
    new Set(names).size > names.length / 2 &&
    names.every(
      (cell) =>
        /^[\p{L}_@][\p{L}\p{N}_ ()/.@:#-]{0,60}$/u.test(cell) &&
        kindOfValue(cell) === undefined &&
        !isTimeText(cell, now),
    )
  );
}
