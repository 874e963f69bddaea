import type { Directory } from '../../access/directory.ts';
import { COLLECTIONS } from '../../access/model.ts';
import type { Clock } from '../../kernel/clock.ts';
import { joined } from '../../kernel/deadline.ts';
import { Utilization } from '../../kernel/utilization.ts';
import { holdLease } from '../../store/held-lease.ts';
import type { Lease, Store } from '../../store/store.ts';

/** Work that follows collections pauses this many times longer than it works while there is more to do. */
const RESTS = 3;
/** The same while the main thread is busy for more than this part of the time. */
const BUSY = 0.5;
const RESTS_WHEN_BUSY = 15;
/** Time in which the work gives way to a busy main thread. After that, it pauses as usual until it has caught up. */
const PATIENCE_MS = 60_000;
/** Time after which the next collection has its turn, so that one with much to do does not keep the others from being followed. */
const TURN_MS = 5_000;

interface Following {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  /** The lease that one process holds meanwhile. Other processes find nothing to do. */
  readonly lease: { readonly name: string; readonly ttlMs: number };
  /** Stops the work after its current step. */
  readonly ending: AbortSignal;
  /** Measures how busy the main thread is during pauses. */
  readonly utilization?: Pick<Utilization, 'sinceLast'>;
}

/**
 * Updates something that is derived from the collections up to their newest entries. `step` does one batch of a collection
 * and returns true if there is more. Three quarters of the time are left to other work. While requests keep the main
 * thread busy, they get more of it for up to a minute: what is derived may be late, and its readers have it updated
 * when they need it.
 */
export async function followCollections(
  { store, directory, clock, lease, ending, utilization = new Utilization() }: Following,
  step: (collection: string, lease: Lease) => Promise<boolean>,
): Promise<void> {
  const held = await holdLease(store, clock, lease.name, lease.ttlMs);
  if (held === undefined) return;
  const { signal, release } = joined(held.lost, ending);
  const started = clock.monotonic();
  try {
    for (let isBehind = true; isBehind && !signal.aborted;) {
      isBehind = false;
      const { collections, deletedCollections } = await directory.current();
      // The indexes of a deleted collection must follow the removal of its objects.
      for (const id of [...collections.keys(), ...deletedCollections.keys()]) {
        const turn = clock.monotonic();
        let more = true;
        while (more && !signal.aborted && clock.monotonic() - turn < TURN_MS) {
          const begun = clock.monotonic();
          more = await step(id, held.lease);
          const took = clock.monotonic() - begun;
          if (!more || took <= 0) continue;
          utilization.sinceLast();
          await clock.wait(took * RESTS, signal);
          const isPatient = clock.monotonic() - started < PATIENCE_MS;
          if (isPatient && utilization.sinceLast() > BUSY)
            await clock.wait(took * (RESTS_WHEN_BUSY - RESTS), signal);
        }
        isBehind ||= more;
      }
    }
  } finally {
    release();
    await held.release();
  }
}

/** True if the record of a collection was removed, although the directory of this process may still contain it. */
export async function isGone(store: Pick<Store, 'wasRemoved'>, collection: string): Promise<boolean> {
  return store.wasRemoved(COLLECTIONS.kind, collection);
}
