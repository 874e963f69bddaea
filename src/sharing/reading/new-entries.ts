import type { Clock, Micros } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import type { StixObject } from '../../stix/types.ts';
import { ALL_VERSIONS, type EntryFacts, type Store } from '../../store/store.ts';
import { rowsOfObject, type ValueRow } from '../values/contribution.ts';

/**
 * Maximum number of entries that are read at once. Larger batches keep the main thread from answering polls. Smaller
 * ones write the same pages of the store more often.
 */
const BATCH = 500;

/** An entry that derived data does not contain yet, parsed once for everything that follows the collection. */
export interface NewEntry extends EntryFacts {
  readonly collection: string;
  readonly text: string;
  readonly object: StixObject;
  /** Returns its values, with the facts from it. They are computed once. Only indicators have values. */
  readonly rows: () => readonly ValueRow[];
}

/** The next entries of a collection. */
export interface NewEntries {
  readonly entries: readonly NewEntry[];
  /** Date added of the last one. */
  readonly last: Micros;
  readonly more: boolean;
}

/** Returns the first entries of a collection that were added after a time, parsed. Undefined if there are none. */
export async function newEntries(
  store: Pick<Store, 'entries'>,
  clock: Clock,
  collection: string,
  after: Micros,
): Promise<NewEntries | undefined> {
  const query = { collection, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] } as const;
  const page = await store.entries(query, true);
  const last = page.entries.at(-1);
  if (last === undefined) return undefined;
  const entries: NewEntry[] = [];
  const slices = new Slices(clock);
  for (const { text, ...facts } of page.entries) {
    if (text === undefined) continue;
    const object = JSON.parse(text) as StixObject;
    let rows: readonly ValueRow[] | undefined;
    entries.push({
      ...facts,
      collection,
      text,
      object,
      rows: () => (rows ??= rowsOfObject(object, facts)),
    });
    if (slices.isOver(text.length)) await slices.next();
  }
  return { entries, last: last.added, more: page.more };
}
