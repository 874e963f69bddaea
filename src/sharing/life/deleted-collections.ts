import type { Directory } from '../../access/directory.ts';
import { COLLECTIONS } from '../../access/model.ts';
import type { CollectionInfo } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { holdLease } from '../../store/held-lease.ts';
import { ALL_VERSIONS, removal, type Lease, type Store } from '../../store/store.ts';
import { NAME_INDEX } from '../reading/model.ts';
import { namesIn } from '../reading/search-names.ts';
import { ROUTING } from '../routing/model.ts';
import { sweepRemovals } from '../saved-lists/removal-log.ts';
import { SCORE_INDEX } from '../scorecards/model.ts';
import { allIn } from '../values/contribution.ts';
import { logsOf } from '../values/departures.ts';
import { VALUE_INDEX, VALUE_LEASE } from '../values/model.ts';
import { removeVersions } from './remove-entries.ts';

/** After this time, other processes have learned of a deletion and write nothing more into the collection. */
const SETTLED_MS = 60_000;
/** Number of versions, or of names, that one round removes. Routing continues between two rounds. */
const AT_ONCE = 1_000;
/** The records of a collection that belong to its indexes and to routing. Their ids are that of the collection. */
const CURSORS = [ROUTING, VALUE_INDEX, NAME_INDEX, SCORE_INDEX] as const;

/** The state of the removal of a collection after one round. */
type Round = 'more' | 'waiting';

/** True if there is something to remove in a deleted collection now. */
export function isDeletionDue({ loweredAt }: Pick<CollectionInfo, 'loweredAt'>, now: number): boolean {
  return loweredAt === undefined || now >= loweredAt + SETTLED_MS;
}

/**
 * Removes deleted collections: first their objects, with tombstones, so that search, values and lists follow. A minute
 * later it removes what another process wrote in the meantime. When a minute passes without that, it removes everything
 * that the indexes still contain, and the record of the collection. Repeating this is harmless.
 */
export class DeletedCollections {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  /** The number of versions that this process removed so far, by collection. */
  readonly #removed = new Map<string, number>();

  constructor(store: Store, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
  }

  /** Does a bounded part of the work. Returns true if there is more to do now. */
  async round(lease: Lease, now: number, signal: AbortSignal): Promise<boolean> {
    const { deletedCollections } = await this.#directory.current();
    for (const id of this.#removed.keys()) if (!deletedCollections.has(id)) this.#removed.delete(id);
    for (const collection of deletedCollections.values()) {
      if (signal.aborted) return false;
      if (!isDeletionDue(collection, now)) continue;
      if ((await this.#roundOf(collection, lease, now)) === 'more') return true;
    }
    return false;
  }

  async #roundOf({ id, loweredAt }: CollectionInfo, lease: Lease, now: number): Promise<Round> {
    const store = this.#store;
    const { entries, more } = await store.entries(
      { collection: id, after: 0, limit: AT_ONCE, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      false,
    );
    // The audit log has one entry for the deletion, made with the number of objects.
    const removed = (this.#removed.get(id) ?? 0) + (await removeVersions(store, id, entries));
    this.#removed.set(id, removed);
    if (more) return 'more';
    if (loweredAt !== undefined && removed === 0) return this.#remove(id, lease);
    const record = await COLLECTIONS.in(store).get(id);
    if (record === undefined) return 'waiting';
    await store.commit({
      records: [COLLECTIONS.change(record, { ...record.document, lowered_at: now })],
      lease,
    });
    this.#removed.delete(id);
    this.#log.info('collection.deleted', { collection: id, removed });
    await this.#directory.refresh();
    return 'waiting';
  }

  /** Removes what the indexes contain, and then the record of the collection with the cursors. */
  async #remove(id: string, lease: Lease): Promise<Round> {
    const store = this.#store;
    // With this lease, the value view of no process can write rows that would stay.
    const held = await holdLease(store, this.#clock, VALUE_LEASE.name, VALUE_LEASE.ttlMs);
    if (held === undefined) return 'waiting';
    try {
      const staleNames = await store.names({ ranges: [...allIn(id), ...namesIn(id)], limit: AT_ONCE });
      if (staleNames.length > 0) {
        await store.commit({ staleNames, lease: held.lease });
        return 'more';
      }
      for (const log of logsOf(id)) if (await sweepRemovals(store, log)) return 'more';
      const records = await Promise.all([COLLECTIONS, ...CURSORS].map(({ kind }) => store.record(kind, id)));
      await store.commit({ records: records.flatMap((one) => one ?? []).map(removal), lease });
    } finally {
      await held.release();
    }
    this.#removed.delete(id);
    await this.#directory.refresh();
    return 'waiting';
  }
}
