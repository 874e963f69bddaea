import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import type { Stored } from '../../store/records.ts';
import { ALL_REMOVALS, namePages, type Name, type Store } from '../../store/store.ts';
import { followAlone, isGone, takeNext, type Follower, type Position } from './follow-collections.ts';
import { NAME_INDEX, type NameIndexRecord } from './model.ts';
import type { NewEntries } from './new-entries.ts';
import { KINDS, LAST, namesIn, namesOf } from './search-names.ts';

const LEASE = { name: 'search', ttlMs: 30_000 };
/** Maximum number of batches that a query waits for, so that it finds objects that were just published. */
const WAITED_FOR = 3;
/** Number of names that one step of the sweep examines. */
const WINDOW = 1_000;

/**
 * Keeps the names by which objects are found. It has a cursor over each collection, like routing. It follows what is
 * stored without delaying writes, and it is rebuilt if the cursor is deleted.
 */
export class SearchIndex {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  /** Indexes new entries, together with everything else that follows the collections. */
  readonly follower: Follower;

  constructor(store: Store, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.follower = {
      lease: LEASE,
      position: (collection) => this.#position(collection),
      failed: (error) => log.error('search.failed', { reason: reasonOf(error) }),
    };
  }

  /** Ends the sweep. */
  stop(): void {
    this.#ending.abort();
  }

  /**
   * Indexes all collections up to the newest entry. One process does this at a time. Other processes find nothing to
   * do.
   */
  async indexAll(): Promise<void> {
    const [store, directory, clock] = [this.#store, this.#directory, this.#clock];
    await followAlone({ store, directory, clock, ending: this.#ending.signal }, this.follower);
  }

  /** Indexes a few batches of a collection. Returns false if that was not enough, or if the store cannot be written. */
  async catchUp(collection: string): Promise<boolean> {
    try {
      for (let i = 0; i < WAITED_FOR; i++) if (!(await this.#step(collection))) return true;
    } catch (error) {
      // A full disk does not keep anybody from finding what is indexed already.
      if (!(error instanceof Problem) || error.kind !== 'unavailable') throw error;
    }
    return false;
  }

  /** Indexes one batch of one collection. Returns true if there is more. */
  async #step(collection: string): Promise<boolean> {
    return takeNext({ store: this.#store, clock: this.#clock }, collection, await this.#position(collection));
  }

  async #position(collection: string): Promise<Position> {
    const cursor = await NAME_INDEX.in(this.#store).get(collection);
    return {
      after: cursor?.document.added ?? 0,
      take: async (entries) => {
        await this.#index(collection, cursor, entries);
        return false;
      },
    };
  }

  async #index(
    collection: string,
    cursor: Stored<NameIndexRecord> | undefined,
    { entries, last }: NewEntries,
  ): Promise<void> {
    const names: Name[] = [];
    const slices = new Slices(this.#clock);
    for (const { object, text, added } of entries) {
      names.push(...namesOf(object, { collection, added }));
      if (slices.isOver(text.length)) await slices.next();
    }
    try {
      await this.#store.commit({
        names,
        records: [NAME_INDEX.put(collection, cursor, { ...cursor?.document, added: last })],
      });
    } catch (error) {
      // Another process indexed the same batch at the same time and moved the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
  }

  /** Removes names of objects that were removed from collections. */
  async sweep(): Promise<void> {
    await this.#sweepEarlier();
    for (const [collection, removed] of await this.#emptied()) {
      for await (const names of namePages(this.#store, namesIn(collection), WINDOW)) {
        const standing = new Set((await this.#store.occupied(names)).map(({ added }) => added));
        const staleNames = names.filter(({ added }) => !standing.has(added));
        if (staleNames.length > 0) await this.#store.commit({ staleNames });
        if (this.#ending.signal.aborted) return;
        await setImmediate();
      }
      const cursor = await NAME_INDEX.in(this.#store).get(collection);
      if (cursor === undefined && (await isGone(this.#store, collection))) continue;
      await this.#store.commit({
        records: [NAME_INDEX.put(collection, cursor, { ...cursor?.document, removed })],
      });
    }
  }

  /** Removes names of earlier versions, whose kinds did not contain a collection. */
  async #sweepEarlier(): Promise<void> {
    const ranges = KINDS.map((kind) => ({ kind, from: '', to: LAST }));
    while (!this.#ending.signal.aborted) {
      const staleNames = await this.#store.names({ ranges, limit: WINDOW });
      if (staleNames.length === 0) return;
      await this.#store.commit({ staleNames });
      await setImmediate();
    }
  }

  /**
   * Returns the collections from which something was removed since the last sweep, with the time of the last removal.
   */
  async #emptied(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    const { collections, deletedCollections } = await this.#directory.current();
    for (const id of [...collections.keys(), ...deletedCollections.keys()]) {
      const cursor = await NAME_INDEX.in(this.#store).get(id);
      let at = cursor?.document.removed ?? 0;
      for (;;) {
        const page = await this.#store.removals({
          ...ALL_REMOVALS,
          collection: id,
          after: at,
          limit: WINDOW,
        });
        const last = page.at(-1);
        if (last === undefined) break;
        at = last.removed;
        found.set(id, at);
        if (page.length < WINDOW) break;
      }
    }
    return found;
  }
}
