import type { Clock } from '../kernel/clock.ts';
import type { Lease, Store } from './store.ts';

/** A lease that renews itself until it is released or lost. */
export interface HeldLease {
  readonly lease: Lease;
  /** Aborts when the lease was lost: somebody else may have it by now. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

type Leasing = Pick<Store, 'takeLease' | 'renewLease' | 'releaseLease'>;

/** Takes a lease and renews it four times in its time to live. Undefined while somebody else holds it. */
export async function holdLease(
  store: Leasing,
  clock: Clock,
  name: string,
  ttlMs: number,
): Promise<HeldLease | undefined> {
  let until = clock.monotonic() + ttlMs;
  const lease = await store.takeLease(name, ttlMs);
  if (lease === undefined) return undefined;
  const lost = new AbortController();
  const ended = new AbortController();
  const renewing = (async (): Promise<void> => {
    while (!ended.signal.aborted && !lost.signal.aborted) {
      await clock.wait(ttlMs / 4, ended.signal);
      if (ended.signal.aborted) return;
      const asked = clock.monotonic();
      try {
        if (asked < until && (await store.renewLease(lease, ttlMs))) until = asked + ttlMs;
        else lost.abort();
      } catch {
        // The store did not answer: the lease is still ours until its time is over.
      }
    }
  })();
  return {
    lease,
    lost: lost.signal,
    async release() {
      ended.abort();
      await renewing;
      await store.releaseLease(lease);
    },
  };
}

/** Waits until the lease is free, for at most `patienceMs`. A holder that was killed frees it by his silence. */
export async function waitForLease(
  store: Leasing,
  clock: Clock,
  name: string,
  ttlMs: number,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<HeldLease | undefined> {
  const since = clock.monotonic();
  for (;;) {
    const held = await holdLease(store, clock, name, ttlMs);
    if (held !== undefined || signal?.aborted === true) return held;
    if (clock.monotonic() - since >= patienceMs) return undefined;
    await clock.wait(Math.min(1_000, ttlMs / 4), signal);
  }
}
