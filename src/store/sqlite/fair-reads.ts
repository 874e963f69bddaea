import type { Clock } from '../../kernel/clock.ts';
import { giveTurn, SLICE_MS } from '../../kernel/slices.ts';
import type { Store } from '../store.ts';

/**
 * Reads that run on the main thread. `view` is not among them: after a change it must have its response before any other
 * request, and it pauses automatically.
 */
const READS: ReadonlySet<string | symbol> = new Set<keyof Store>([
  'texts', 'entries', 'stands', 'standing', 'levels', 'removals', 'names', 'listings', 'unitsOf', 'firstFinds', 'placed', 'occupied', 'sizes', 'held', 'heldObject', 'heldUsage', 'receipt',
  'envelopeHead', 'envelopeHeads', 'envelopeUsage', 'receiptUsage', 'envelopeBody', 'record', 'wasRemoved', 'records', 'countRecords', 'recordUsage',
  'audit', 'auditBy', 'auditStart', 'auditHead', 'readers', 'keyUses', 'refusals',
]); // prettier-ignore

/**
 * Lets other requests have their turn between reads. A read in this process is complete at once, so a caller that awaits
 * one read after the other would hold the main thread until its last read. With this, it waits for the next turn of the
 * event loop when the reads of one turn have taken longer than a slice.
 */
export function fairReads(store: Store, clock: Pick<Clock, 'monotonic'>): Store {
  let begun: number | undefined;
  const isOver = (): boolean => {
    const now = clock.monotonic();
    if (begun !== undefined) return now - begun >= SLICE_MS;
    begun = now;
    setImmediate(() => (begun = undefined));
    return false;
  };
  return new Proxy(store, {
    get(target, name): unknown {
      const read: unknown = Reflect.get(target, name, target);
      if (!READS.has(name) || typeof read !== 'function') return read;
      return async (...values: readonly unknown[]): Promise<unknown> => {
        while (isOver()) await giveTurn();
        return Reflect.apply(read, target, values);
      };
    },
  });
}
