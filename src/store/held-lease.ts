import type { Clock } from '../kernel/clock.ts';
import type { Lease, Store } from './store.ts';

/** A lease that renews itself until it is released or lost. */
export interface HeldLease {
  readonly lease: Lease;
  /** Aborts when the lease is lost. Another process may hold it by then. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

type Leasing = Pick<Store, 'takeLease' | 'renewLease' | 'releaseLease'>;

/** Acquires a lease and renews it four times within its time to live. Undefined while another process holds it. */
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
        // The store did not answer. The lease remains ours until its time to live has passed.
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

/**
 * Waits until the lease is free, for at most `patienceMs`. The lease of a killed holder becomes free when it expires.
 */
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
