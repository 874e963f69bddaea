import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import { joined } from '../../kernel/deadline.ts';
import { holdLease } from '../../store/held-lease.ts';
import type { Lease, Store } from '../../store/store.ts';

/** Work that follows collections pauses this many times longer than it works while there is more to do. */
const RESTS = 3;

interface Following {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  /** The lease that one process holds meanwhile. Other processes find nothing to do. */
  readonly lease: { readonly name: string; readonly ttlMs: number };
  /** Stops the work after its current step. */
  readonly ending: AbortSignal;
}

/**
 * Updates something that is derived from the collections up to their newest entries. `step` does one batch of a collection
 * and returns true if there is more. Three quarters of the time are left to other work.
 */
export async function followCollections(
  { store, directory, clock, lease, ending }: Following,
  step: (collection: string, lease: Lease) => Promise<boolean>,
): Promise<void> {
  const held = await holdLease(store, clock, lease.name, lease.ttlMs);
  if (held === undefined) return;
  const { signal, release } = joined(held.lost, ending);
  try {
    for (const { id } of (await directory.current()).collections.values()) {
      for (let more = true; more && !signal.aborted;) {
        const begun = clock.monotonic();
        more = await step(id, held.lease);
        const took = clock.monotonic() - begun;
        if (more && took > 0) await clock.wait(took * RESTS, signal);
      }
    }
  } finally {
    release();
    await held.release();
  }
}
