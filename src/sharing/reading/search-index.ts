import { setImmediate } from 'node:timers/promises';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import type { StixObject } from '../../stix/types.ts';
import { ALL_REMOVALS, ALL_VERSIONS, namePages, type Name, type Store } from '../../store/store.ts';
import { followCollections, isGone } from './follow-collections.ts';
import { NAME_INDEX } from './model.ts';
import { KINDS, LAST, namesIn, namesOf } from './search-names.ts';

/**
 * Maximum number of entries that are indexed at once. Larger batches keep the main thread from answering polls. Smaller
 * ones write the same pages of the store more often.
 */
const BATCH = 500;
const LEASE = 'search';
const LEASE_MS = 30_000;
const PAUSE_MS = 2_000;
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
  readonly #loop: WorkLoop;

  constructor(store: Store, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#loop = new WorkLoop(
      clock,
      PAUSE_MS,
      () => this.indexAll(),
      (error) => log.error('search.failed', { reason: reasonOf(error) }),
    );
  }

  /** Runs until `stop`: every two seconds, slowly enough to leave three quarters of the time to other work. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /**
   * Indexes all collections up to the newest entry. One process does this at a time. Other processes find nothing to
   * do.
   */
  async indexAll(): Promise<void> {
    const [store, directory, clock] = [this.#store, this.#directory, this.#clock];
    const following = {
      store,
      directory,
      clock,
      lease: { name: LEASE, ttlMs: LEASE_MS },
      ending: this.#loop.signal,
    };
    await followCollections(following, (collection) => this.#step(collection));
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
    const cursor = await NAME_INDEX.in(this.#store).get(collection);
    const after = cursor?.document.added ?? 0;
    const { entries, more } = await this.#store.entries(
      { collection, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const last = entries.at(-1);
    if (last === undefined) return false;
    const names: Name[] = [];
    const slices = new Slices(this.#clock);
    for (const { text, added } of entries) {
      if (text === undefined) continue;
      names.push(...namesOf(JSON.parse(text) as StixObject, { collection, added }));
      if (slices.isOver(text.length)) await slices.next();
    }
    try {
      await this.#store.commit({
        names,
        records: [NAME_INDEX.put(collection, cursor, { ...cursor?.document, added: last.added })],
      });
    } catch (error) {
      // Another process indexed the same batch at the same time and moved the cursor.
      if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
    }
    return more;
  }

  /** Removes names of objects that were removed from collections. */
  async sweep(): Promise<void> {
    await this.#sweepEarlier();
    for (const [collection, removed] of await this.#emptied()) {
      for await (const names of namePages(this.#store, namesIn(collection), WINDOW)) {
        const standing = new Set((await this.#store.occupied(names)).map(({ added }) => added));
        const staleNames = names.filter(({ added }) => !standing.has(added));
        if (staleNames.length > 0) await this.#store.commit({ staleNames });
        if (this.#loop.signal.aborted) return;
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
    while (!this.#loop.signal.aborted) {
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
