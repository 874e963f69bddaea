import type { Directory } from '../../access/directory.ts';
import type { Principal } from '../../access/principal.ts';
import { microsOf, type Clock } from '../../kernel/clock.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import { removalRanks, type Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';
import { REMOVAL_DAYS, removalsAfter, type Removal } from '../saved-lists/removal-log.ts';
import type { SavedListServing } from '../saved-lists/serving.ts';
import { logOf } from '../values/departures.ts';
import type { ValueView } from '../values/value-view.ts';
import { readableCollection } from './lists.ts';

const DAY_US = 86_400_000_000;

interface RemovalParts {
  readonly store: Pick<Store, 'names'>;
  readonly directory: Directory;
  readonly view: Pick<ValueView, 'catchUp'>;
  readonly saved: Pick<SavedListServing, 'find' | 'removals'>;
  readonly clock: Clock;
}

/** Answers which values left a list: a saved list, or the lists of a collection. */
export class ListRemovalLog {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /**
   * Returns the removals after a time (microseconds since 1970), from the oldest, at most `limit` of them. A reader of a
   * collection gets those of values that it could have had, by the rule for removed objects (`policy.ts`). Throws a
   * Problem of kind not-found for a list that the caller cannot read, and of kind invalid-request for a time from which
   * the removals are not known.
   */
  async after(
    principal: Principal,
    name: string,
    since: number | undefined,
    limit: number,
  ): Promise<readonly Removal[]> {
    const { directory, view, saved, store, clock } = this.#parts;
    if ((await saved.find(principal, name)) !== undefined)
      return saved.removals(principal, name, since, limit);
    const snapshot = await directory.current();
    const collection = readableCollection(snapshot, principal, name, 'list.read');
    // The saved list that the caller cannot see, or that does not exist.
    if (collection === undefined) return saved.removals(principal, name, since, limit);
    const { loggedFrom = Infinity } = await view.catchUp(collection.id);
    const oldest = microsOf(clock) - REMOVAL_DAYS * DAY_US;
    if (since !== undefined && since < Math.max(oldest, loggedFrom))
      throw sharingErrors.removalsForgotten(
        { days: REMOVAL_DAYS },
        loggedFrom <= oldest || loggedFrom === Infinity
          ? {}
          : { description: `Those of this collection are known since ${taxiiTimestamp(loggedFrom)}.` },
      );
    const reach = snapshot.removals(principal, collection);
    const { within, beyond } = removalRanks(reach);
    // The reader could have had stricter values only from the time at which it was admitted.
    const admitted = Math.max(since ?? 0, (reach.beyond?.since ?? Infinity) - 1);
    const logs = [
      ...within.map((rank) => ({ rank, from: since })),
      ...beyond.map((rank) => ({ rank, from: admitted })),
    ];
    const found = await Promise.all(
      logs.map(({ rank, from }) => removalsAfter(store, logOf(collection.id, rank), from, limit)),
    );
    return found
      .flat()
      .toSorted((one, other) => one.at - other.at)
      .slice(0, limit);
  }
}
