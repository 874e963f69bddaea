import type { Audit } from '../../access/audit/audit.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { FeedIdentity } from '../../access/snapshot-records.ts';
import type { Log } from '../../kernel/log.ts';
import { removal, type EntryFacts, type Lease, type RecordChange, type Store } from '../../store/store.ts';
import { placementFacts } from '../intake/placement-facts.ts';
import { removeEntries } from '../life/remove-entries.ts';
import { isFilledBy } from './basis.ts';
import { KEPT_LICENCES } from './model.ts';

/**
 * Other processes may forward objects for a moment after a licence has changed. After this time they all know of it, and
 * the collections are checked once more.
 */
const SETTLED_MS = 60_000;

/**
 * When the licence of a feed no longer allows redistribution, removes its objects from every collection but that of the
 * feed, and leaves tombstones. A record for each such feed notes that it was done, so a run that was interrupted starts
 * again and one that has ended does not.
 */
export class Licences {
  readonly #store: Store;
  readonly #log: Log;
  readonly #audit: Pick<Audit, 'ofHub'>;
  /** The feeds for which everything was done. */
  #done: Snapshot['feeds'] | undefined;
  #dueAt = Infinity;

  constructor(store: Store, log: Log, audit: Pick<Audit, 'ofHub'>) {
    this.#store = store;
    this.#log = log;
    this.#audit = audit;
  }

  /** Returns true if a licence may have changed. `now`: milliseconds since 1970. */
  isDue({ feeds }: Snapshot, now: number): boolean {
    return (feeds !== this.#done && (feeds.length > 0 || this.#done !== undefined)) || now >= this.#dueAt;
  }

  /** Removes what the licences no longer allow. Returns the number of removed versions. */
  async keep(directory: Snapshot, lease: Lease, now: number, signal: AbortSignal): Promise<number> {
    const { feeds, damage } = directory;
    const records = new Map((await KEPT_LICENCES.all(this.#store)).map((record) => [record.id, record]));
    // The licence of a damaged feed is not known. Nothing of it is forwarded, and nothing is removed.
    const kept = feeds.filter(({ name, passedOn }) => !passedOn && !damage.has('feed', name));
    const names = new Set(kept.map(({ name }) => name));
    const ended = [...records.values()].filter(({ id }) => !names.has(id) && !damage.has('feed', id));
    const due = kept.filter(({ name }) => {
      const done = records.get(name)?.document;
      return done === undefined || (done.settled !== true && now >= done.at + SETTLED_MS);
    });
    const taken = due.length === 0 ? 0 : await this.#removeEntries(due, directory, signal);
    if (taken === undefined) return 0;
    const changes: RecordChange[] = [
      ...ended.map(removal),
      ...due.map(({ name }) => {
        const before = records.get(name);
        return KEPT_LICENCES.put(name, before, before === undefined ? { at: now } : { ...before.document, settled: true }); // prettier-ignore
      }),
    ];
    if (changes.length > 0) await this.#store.commit({ records: changes, lease });
    if (taken > 0)
      this.#log.info('feed.withheld', { feeds: due.map(({ name }) => name).join(' '), removed: taken });
    this.#done = feeds;
    const open = kept.flatMap(({ name }) => {
      const before = records.get(name)?.document;
      if (before === undefined) return [now];
      return before.settled === true || due.some((one) => one.name === name) ? [] : [before.at];
    });
    this.#dueAt = open.length === 0 ? Infinity : Math.min(...open) + SETTLED_MS;
    return taken;
  }

  async #removeEntries(
    feeds: readonly FeedIdentity[],
    directory: Snapshot,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    let taken = 0;
    for (const collection of directory.collections.values()) {
      const owners = new Set(
        feeds.flatMap((feed) => (isFilledBy(directory, collection.id, feed) ? [] : [`feed:${feed.name}`])),
      );
      // The objects of others may use the definition of a marking that a feed submitted first.
      const goes = ({ owner, type }: EntryFacts): boolean =>
        owners.has(owner) && type !== 'marking-definition';
      const removed = await removeEntries(this.#store, collection, goes, false, signal, (entries) =>
        placementFacts(
          collection.id,
          entries,
          'the licence of its feed no longer allows redistribution',
          (resource, more) => this.#audit.ofHub('routing', 'object.withhold', resource, more),
        ),
      );
      if (removed === undefined) return undefined;
      taken += removed;
    }
    return taken;
  }
}
