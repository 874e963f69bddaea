import type { Directory } from '../../access/directory.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { valueKey, type ObservedValue, type ValueType } from '../../stix/values/observed-values.ts';
import { holdLease } from '../../store/held-lease.ts';
import type { Stored } from '../../store/records.ts';
import {
  ALL_REMOVALS,
  ALL_VERSIONS,
  LAST_VERSION,
  allEntries,
  namePages,
  nameText,
  type Lease,
  type Name,
  type NameRange,
  type Store,
} from '../../store/store.ts';
import {
  allIn,
  backNamesOf,
  namesOfRow,
  rowBehind,
  rowOfName,
  rowsIn,
  rowsOf,
  rowsOfValue,
  type Contribution,
  type Placed,
  type ValueRow,
} from './contribution.ts';
import {
  followAlone,
  isGone,
  takeNext,
  type Follower,
  type Position,
} from '../reading/follow-collections.ts';
import type { NewEntries } from '../reading/new-entries.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import { DepartureLog } from './departure-log.ts';
import type { LifeSettings } from './life.ts';
import { VALUE_INDEX, VALUE_LEASE, type ValueIndexRecord } from './model.ts';

/** Maximum number of removals that are read at once. */
const BATCH = 500;
/** Maximum number of batches that a reader waits for. Large objects make batches short. */
const WAITED_FOR = 3;
/** Number of rows that are read at once. */
const WINDOW = 1_000;
/** Number of ranges that are read at once. */
const RANGES = 200;
/** Maximum size of the objects whose rows are written at once, in characters. The rows of an object are larger than its values. */
const MOST_TEXT = 2_097_152;

/** Every version of every object. */
const EVERYTHING = { versions: ALL_VERSIONS, specs: ['2.0', '2.1'] } as const;

type Cursor = Stored<ValueIndexRecord> | undefined;

/** The position of the view in a collection. Two equal texts mean the same rows. */
export interface ValueHead {
  readonly position: string;
  /** The part of the position for removals. */
  readonly removed: number;
  /** The newest change that the view contains, in milliseconds since 1970. */
  readonly changed: number;
  /** False while the view does not contain everything. */
  readonly complete: boolean;
  /** The rows are being removed, to be built again. */
  readonly rebuilding: boolean;
  /** The view contained everything once since it was last built. From then on it only follows. */
  readonly usable: boolean;
  /** Date added up to which it follows the entries. */
  readonly added: Micros;
  /** The time since which its removals are noted. Undefined while they are not. */
  readonly loggedFrom: Micros | undefined;
}

/**
 * The values in each collection, with the facts from its indicators. Lists read nothing else. The view has a cursor
 * over the entries of each collection, like the search index, and one over its removals. It is derived: it can be removed
 * and built again at any time.
 */
export class ValueView {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #departures: DepartureLog;
  /** Follows new entries, together with everything else that follows the collections. */
  readonly follower: Follower;

  constructor(
    store: Store,
    directory: Directory,
    suppressions: Pick<Suppressions, 'current'>,
    life: LifeSettings,
    clock: Clock,
    log: Log,
  ) {
    const lifetimes = async () => life.of(await directory.current());
    this.#departures = new DepartureLog({ store, clock, suppressions, life: lifetimes, log });
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.follower = {
      lease: VALUE_LEASE,
      position: (collection, lease) => this.#position(collection, lease, true),
      failed: (error) => log.error('values.failed', { reason: reasonOf(error) }),
    };
  }

  /** Follows all collections up to the newest entry. One process does this at a time. */
  async followAll(): Promise<void> {
    const [store, directory, clock] = [this.#store, this.#directory, this.#clock];
    await followAlone({ store, directory, clock, ending: new AbortController().signal }, this.follower);
  }

  /** Follows a few batches of a collection, as far as the store can be written, and returns where the view is then. */
  async catchUp(collection: string): Promise<ValueHead> {
    const head = await this.head(collection);
    if (head.complete) return head;
    try {
      const held = await holdLease(this.#store, this.#clock, VALUE_LEASE.name, VALUE_LEASE.ttlMs);
      if (held === undefined) return head;
      try {
        for (let i = 0; i < WAITED_FOR && (await this.#step(collection, held.lease)); i++);
      } finally {
        await held.release();
      }
    } catch (error) {
      // Lists of what the view contains are better than none, also on a full disk.
      if (!(error instanceof Problem) || error.kind !== 'unavailable') throw error;
    }
    return this.head(collection);
  }

  /** Returns where the view of a collection is. */
  async head(collection: string): Promise<ValueHead> {
    const document = (await VALUE_INDEX.in(this.#store).get(collection))?.document;
    const { added = 0, removed = 0, rebuild = false, whole = false, log_from: loggedFrom } = document ?? {};
    const [{ entries }, removals] = await Promise.all([
      this.#store.entries({ collection, after: added, limit: 1, ...EVERYTHING }, false),
      this.#store.removals({ ...ALL_REMOVALS, collection, after: removed, limit: 1 }),
    ]);
    const complete = !rebuild && entries.length === 0 && removals.length === 0;
    return {
      position: `${added}/${removed}`,
      removed,
      changed: Math.floor(Math.max(added, removed) / 1_000),
      rebuilding: rebuild,
      complete,
      usable: complete || (whole && !rebuild),
      added,
      loggedFrom,
    };
  }

  /** Has the view of a collection built again from its entries. Readers keep what they have until it is complete. */
  async rebuild(collection: string): Promise<void> {
    for (;;) {
      const cursor = await VALUE_INDEX.in(this.#store).get(collection);
      const records = [VALUE_INDEX.put(collection, cursor, { ...cursor?.document, rebuild: true })];
      try {
        await this.#store.commit({ records });
        return;
      } catch (error) {
        // The view moved its cursor in between.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }

  /** Removes removals that are older than the time for which they are kept. */
  async sweep(): Promise<void> {
    await this.#departures.sweep();
  }

  /** Yields the rows of some types, each type in the order of its values. */
  async *rows(collection: string, types: readonly ValueType[]): AsyncGenerator<readonly ValueRow[]> {
    const slices = new Slices(this.#clock);
    for (const type of types)
      for await (const names of namePages(this.#store, [rowsIn(collection, type)], WINDOW)) {
        yield names.map(rowOfName);
        if (slices.isOver()) await slices.next();
      }
  }

  /** Returns the facts from the indicators of a collection about one value, with the dates at which they were added. */
  async of(
    collection: string,
    observed: ObservedValue,
  ): Promise<readonly { readonly contribution: Contribution; readonly added: Micros }[]> {
    const names = await this.#all([rowsOfValue(collection, observed)]);
    return names.map((name) => ({ contribution: rowOfName(name).contribution, added: name.added }));
  }

  /**
   * Returns the facts from the indicators of a collection about each of some values, by `valueKey`. Values that no
   * indicator has are absent.
   */
  async ofAll(
    collection: string,
    observed: readonly ObservedValue[],
  ): Promise<ReadonlyMap<string, readonly Contribution[]>> {
    const found = new Map<string, Contribution[]>();
    for (const name of await this.#all(observed.map((one) => rowsOfValue(collection, one)))) {
      const row = rowOfName(name);
      const present = found.get(valueKey(row));
      if (present === undefined) found.set(valueKey(row), [row.contribution]);
      else present.push(row.contribution);
    }
    return found;
  }

  /** Follows one batch of one collection. Returns true if there is more. */
  async #step(collection: string, lease: Lease): Promise<boolean> {
    const position = await this.#position(collection, lease);
    return takeNext({ store: this.#store, clock: this.#clock }, collection, position);
  }

  /**
   * Follows removals and a requested rebuild first. With `looks`, all values may be looked at for those that expired,
   * which takes too long for a request.
   */
  async #position(collection: string, lease: Lease, looks = false): Promise<Position | 'again' | undefined> {
    const cursor = await VALUE_INDEX.in(this.#store).get(collection);
    // Another process may just have removed the collection with its cursor. A new cursor would never be removed.
    if (cursor === undefined && (await isGone(this.#store, collection))) return undefined;
    const isDone = await unlessMoved(async () => {
      if (cursor?.document.rebuild !== true) return !(await this.#stepRemovals(collection, cursor, lease));
      await this.#clear(collection, cursor, lease);
      return false;
    });
    if (isDone !== true) return 'again';
    return {
      after: cursor?.document.added ?? 0,
      take: async (entries) =>
        (await unlessMoved(() => this.#takeEntries(collection, cursor, entries, lease))) === undefined,
      ...(looks
        ? {
            atEnd: async () => {
              await unlessMoved(() => this.#departures.follow(collection, cursor, lease));
            },
          }
        : {}),
    };
  }

  async #stepRemovals(collection: string, cursor: Cursor, lease: Lease): Promise<boolean> {
    const after = cursor?.document.removed ?? 0;
    const page = await this.#store.removals({ ...ALL_REMOVALS, collection, after, limit: BATCH });
    const last = page.at(-1);
    if (last === undefined) return false;
    const ids = [...new Set(page.map(({ id }) => id))].filter((id) => id.startsWith('indicator--'));
    const query = { collection, after: 0, limit: BATCH, ids, versions: LAST_VERSION };
    // After the removal of its newest version, an earlier one counts again.
    const standing = ids.length === 0 ? [] : await allEntries(this.#store, query);
    const placed = standing.flatMap(({ text, ...entry }) =>
      text === undefined ? [] : [withRows({ ...entry, text, collection })],
    );
    const document = { ...cursor?.document, removed: last.removed };
    await this.#replace({ collection, ids, newest: placed, cursor, document }, lease);
    return true;
  }

  async #takeEntries(
    collection: string,
    cursor: Cursor,
    { entries, last, more }: NewEntries,
    lease: Lease,
  ): Promise<true> {
    const newest = entries.filter((entry) => entry.newest && entry.type === 'indicator');
    let [present, rest] = [cursor, newest];
    for (;;) {
      const { some, isCut } = atMost(rest);
      const added = isCut ? (some.at(-1)?.added ?? last) : last;
      const whole = present?.document.whole === true || !(more || isCut);
      const document = { ...present?.document, added, whole };
      const ids = some.map(({ id }) => id);
      await this.#replace({ collection, ids, newest: some, cursor: present, document }, lease);
      if (!isCut) return true;
      rest = rest.slice(some.length);
      present = await VALUE_INDEX.in(this.#store).get(collection);
    }
  }

  /**
   * Gives these indicators the rows of their newest versions, and moves the cursor. A row always has a name that leads to
   * it, also when the process is killed between the two commits, so the repeated step finds and removes it.
   */
  async #replace({ collection, ids, newest, cursor, document }: Replacing, lease: Lease): Promise<void> {
    const [rows, backs]: [Name[], Name[]] = [[], []];
    const added: ValueRow[] = [];
    const slices = new Slices(this.#clock);
    for (const placed of newest) {
      for (const row of placed.rows()) {
        const [name, back] = namesOfRow(row, placed);
        rows.push(name);
        backs.push(back);
        added.push(row);
      }
      if (slices.isOver(placed.text.length)) await slices.next();
    }
    const standing = await this.#standing(collection, ids);
    const staleRows = without(standing.rows, rows);
    const staleBacks = without(standing.backs, backs);
    const losing = new Map(staleRows.map(rowOfName).map((row) => [`${row.type} ${row.value}`, row]));
    const left = this.#departures.ofChange(collection, document, {
      standing: await this.#all([...losing.values()].map((row) => rowsOfValue(collection, row))),
      stale: staleRows,
      added,
    });
    if (backs.length > 0 || staleRows.length > 0)
      await this.#store.commit({ names: [...backs, ...left.names], staleNames: staleRows, lease });
    const records = [VALUE_INDEX.put(collection, cursor, left.document)];
    await this.#store.commit({ names: rows, staleNames: staleBacks, records, lease });
  }

  /** Returns the names that the view stores for some indicators. */
  async #standing(
    collection: string,
    ids: readonly string[],
  ): Promise<{ readonly rows: readonly Name[]; readonly backs: readonly Name[] }> {
    const backs = await this.#all(ids.map((id) => backNamesOf(collection, id)));
    return { backs, rows: await this.#all(backs.map(rowBehind)) };
  }

  async #all(ranges: readonly NameRange[]): Promise<readonly Name[]> {
    const found: Name[] = [];
    for (let at = 0; at < ranges.length; at += RANGES) {
      const some = ranges.slice(at, at + RANGES);
      for await (const names of namePages(this.#store, some, WINDOW)) found.push(...names);
    }
    return found;
  }

  /** Removes some rows of a collection that is to be built again. Returns true: there is more to do. */
  async #clear(collection: string, cursor: NonNullable<Cursor>, lease: Lease): Promise<true> {
    const staleNames = await this.#store.names({ ranges: allIn(collection), limit: WINDOW });
    const records = staleNames.length === 0 ? [VALUE_INDEX.change(cursor, { rebuild: false })] : [];
    await this.#store.commit({ staleNames, records, lease });
    return true;
  }
}

/** Indicators that get the rows of their newest versions, and the cursor after that. */
interface Replacing {
  readonly collection: string;
  readonly ids: readonly string[];
  readonly newest: readonly RowSource[];
  readonly cursor: Cursor;
  readonly document: ValueIndexRecord;
}

/** An indicator in a collection, and its rows. */
type RowSource = Pick<Placed, 'collection' | 'added' | 'text'> & { readonly rows: () => readonly ValueRow[] };

function withRows(placed: Placed): RowSource {
  return { ...placed, rows: () => rowsOf(placed) };
}

/** Returns the first entries, whose texts are not larger than a batch may be unless there is only one. */
function atMost<E extends RowSource>(
  entries: readonly E[],
): { readonly some: readonly E[]; readonly isCut: boolean } {
  let size = 0;
  const end = entries.findIndex(({ text }, i) => (size += text.length) > MOST_TEXT && i > 0);
  return end < 0 ? { some: entries, isCut: false } : { some: entries.slice(0, end), isCut: true };
}

/**
 * Does work that moves the cursor. Undefined if it moved in the meantime: a rebuild was requested, or another process
 * took the lease over.
 */
async function unlessMoved<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && error.kind === 'conflict') return undefined;
    throw error;
  }
}

/** Returns the names that are not among others. */
function without(names: readonly Name[], others: readonly Name[]): readonly Name[] {
  if (names.length === 0) return names;
  const known = new Set(others.map(nameText));
  return names.filter((name) => !known.has(nameText(name)));
}
