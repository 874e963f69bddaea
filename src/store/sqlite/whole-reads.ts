import type { Clock } from '../../kernel/clock.ts';
import { MapDraft, OrderedMap } from '../../kernel/ordered-map.ts';
import { Slices } from '../../kernel/slices.ts';
import {
  type HubRecord,
  type KeyUseNote,
  type ReaderNote,
  type RecordChange,
  type RecordQuery,
  type RecordView,
} from '../store.ts';
import { openDatabase } from './connection.ts';
import { Reader } from './reader.ts';
import { recordOf, type RecordRow } from './record-reader.ts';

/** Maximum number of changes of a kind that are remembered. After more changes, a view reads the kind again. */
const MOST_CHANGES = 4_000;

/** Ids of changed records of one kind. The change at position `i` of the list has the number `first + i`. */
interface ChangeLog {
  first: number;
  readonly ids: string[];
}

/**
 * Reads of lists that can be long. A list that takes longer than a slice is read on a connection of its own, in one
 * read transaction, so that other requests have their turn and the result is still the state of one moment.
 */
export class WholeReads {
  readonly #file: string;
  readonly #reader: Reader;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Changes by kind, for the kinds of which there is a view. */
  readonly #changes = new Map<string, ChangeLog>();
  /** The records of these kinds, with all changes up to the one with the number `mark`. */
  readonly #loaded = new Map<string, { readonly records: OrderedMap<HubRecord>; readonly mark: number }>();

  constructor(file: string, reader: Reader, clock: Pick<Clock, 'monotonic'>) {
    this.#file = file;
    this.#reader = reader;
    this.#clock = clock;
  }

  records(kind: string, query?: RecordQuery): Promise<readonly HubRecord[]> {
    return this.#list((reader) => reader.records.list(kind, query), weightOf, recordOf);
  }

  keyUses(accounts: readonly string[]): Promise<readonly KeyUseNote[]> {
    return this.#list(
      (reader) => reader.keyUses(accounts),
      ({ key, agent }) => key.length + agent.length,
      (note) => note,
    );
  }

  readers(): Promise<readonly ReaderNote[]> {
    return this.#list(
      (reader) => reader.readers(),
      ({ filters, agent }) => filters.length + agent.length,
      (note) => note,
    );
  }

  /**
   * Notes a change before it is sent to the writer, and again after its response. A view that is made in between may
   * contain the old record, and the second note makes the next view read it again.
   */
  note(changes: readonly RecordChange[]): void {
    for (const { kind, id } of changes) {
      const log = this.#changes.get(kind);
      if (log === undefined) continue;
      log.ids.push(id);
      if (log.ids.length <= 2 * MOST_CHANGES) continue;
      log.ids.splice(0, MOST_CHANGES);
      log.first += MOST_CHANGES;
    }
  }

  async view(kinds: readonly string[], known?: RecordView): Promise<RecordView> {
    for (;;) {
      const missing = kinds.filter((kind) => !this.#reaches(kind));
      if (missing.length > 0) await this.#load(missing);
      else if (kinds.every((kind) => this.#unread(kind).length === 0)) break;
      else await this.#update(kinds);
    }
    const records = new Map(
      kinds.map((kind) => [kind, this.#loaded.get(kind)?.records ?? OrderedMap.of<HubRecord>()]),
    );
    const isKnown = kinds.every((kind) => known?.records.get(kind) === records.get(kind));
    return known !== undefined && isKnown ? known : { records };
  }

  /** True when the kind was read and all its changes since then are known. */
  #reaches(kind: string): boolean {
    const log = this.#changes.get(kind);
    const loaded = this.#loaded.get(kind);
    return log !== undefined && loaded !== undefined && loaded.mark >= log.first;
  }

  /** Returns the ids of changes of a kind since it was read. */
  #unread(kind: string): readonly string[] {
    const { first, ids } = this.#changes.get(kind) ?? { first: 0, ids: [] };
    return ids.slice((this.#loaded.get(kind)?.mark ?? 0) - first);
  }

  /** Reads all records of these kinds. Their changes are noted from before the read on. */
  async #load(kinds: readonly string[]): Promise<void> {
    for (const kind of kinds) if (!this.#changes.has(kind)) this.#changes.set(kind, { first: 0, ids: [] });
    const marks = this.#marks(kinds);
    const found = await this.#list(
      function* (reader) {
        for (const kind of kinds) yield* reader.records.list(kind);
      },
      weightOf,
      recordOf,
    );
    await this.#keep(
      marks,
      () => OrderedMap.of<HubRecord>(),
      found.map((record) => [record.kind, record.id, record]),
    );
  }

  /** Reads what changed since the kinds were read, in one read transaction. */
  async #update(kinds: readonly string[]): Promise<void> {
    const marks = this.#marks(kinds);
    const before = new Map(kinds.map((kind) => [kind, this.#loaded.get(kind)?.records] as const));
    const changed = kinds.flatMap((kind) => [...new Set(this.#unread(kind))].map((id) => ({ kind, id })));
    const found = await this.#list(
      function* (reader) {
        for (const { kind, id } of changed) yield { kind, id, row: reader.records.row(kind, id) };
      },
      ({ row }) => (row === undefined ? 0 : weightOf(row)),
      ({ kind, id, row }) => [kind, id, row === undefined ? undefined : recordOf(row)] as const,
    );
    await this.#keep(marks, (kind) => before.get(kind) ?? OrderedMap.of<HubRecord>(), found);
  }

  /** The number of the next change of each kind. */
  #marks(kinds: readonly string[]): ReadonlyMap<string, number> {
    return new Map(
      kinds.map((kind) => {
        const { first, ids } = this.#changes.get(kind) ?? { first: 0, ids: [] };
        return [kind, first + ids.length];
      }),
    );
  }

  /** Keeps records that were read after the changes up to these marks, unless later ones are there already. */
  async #keep(
    marks: ReadonlyMap<string, number>,
    before: (kind: string) => OrderedMap<HubRecord>,
    found: readonly (readonly [kind: string, id: string, record: HubRecord | undefined])[],
  ): Promise<void> {
    const drafts = new Map([...marks.keys()].map((kind) => [kind, new MapDraft(before(kind))]));
    const slices = new Slices(this.#clock);
    for (const [kind, id, record] of found) {
      drafts.get(kind)?.set(id, record);
      if (slices.isOver()) await slices.next();
    }
    for (const [kind, draft] of drafts) {
      const mark = marks.get(kind) ?? 0;
      const loaded = this.#loaded.get(kind);
      if (loaded === undefined || loaded.mark <= mark)
        this.#loaded.set(kind, { records: draft.done(), mark });
    }
  }

  /** Lists rows in the first slice, or else on a connection of its own in as many slices as it takes. */
  async #list<Row, T>(
    rows: (reader: Reader) => Iterable<Row>,
    weigh: (row: Row) => number,
    decode: (row: Row) => T,
  ): Promise<readonly T[]> {
    const slices = new Slices(this.#clock);
    const few = this.#reader.atOnce((reader) => firstSlice(rows(reader), weigh, decode, slices));
    if (few !== undefined) return few;
    await slices.next();
    const own = new Reader(openDatabase(this.#file, true));
    try {
      own.begin();
      const found: T[] = [];
      for (const row of rows(own)) {
        found.push(decode(row));
        if (slices.isOver(weigh(row))) await slices.next();
      }
      return found;
    } finally {
      own.close();
    }
  }
}

function weightOf({ document, keys }: RecordRow): number {
  return document.length + keys.length;
}

/** Returns all rows. Undefined if they take longer than a slice. */
function firstSlice<Row, T>(
  rows: Iterable<Row>,
  weigh: (row: Row) => number,
  decode: (row: Row) => T,
  slices: Slices,
): readonly T[] | undefined {
  const found: T[] = [];
  for (const row of rows) {
    found.push(decode(row));
    if (slices.isOver(weigh(row))) return undefined;
  }
  return found;
}
