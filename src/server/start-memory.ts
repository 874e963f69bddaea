import { setFlagsFromString } from 'node:v8';
// oxlint-disable-next-line no-restricted-imports -- The text below is constant, and nothing else offers garbage collection.
import { runInNewContext } from 'node:vm';
import type { Clock } from '../kernel/clock.ts';

/** A larger heap is left alone, because collecting its garbage would keep requests waiting. */
const LARGEST_HEAP = 64 * 1_048_576;
/**
 * Number of garbage collections. V8 makes its space for new objects smaller only in a collection after which little was
 * allocated for a while, and it returns the memory at the next one.
 */
const PASSES = 3;
const BETWEEN_MS = 5_000;

/** The parts of the runtime that a test replaces. */
export interface Heap {
  used(): number;
  collect(): void;
}

/**
 * Gives the memory that the start needed back to the system. Reading the program and compiling the schemas leaves the heap
 * at twice the size that an idle hub needs, and V8 keeps it until the hub has work to do. Returns the number of
 * garbage collections. `signal` ends the work.
 */
export async function returnStartMemory(
  clock: Pick<Clock, 'wait'>,
  signal: AbortSignal,
  heap: Heap = ownHeap(),
): Promise<number> {
  for (let pass = 0; pass < PASSES; pass++) {
    await clock.wait(BETWEEN_MS, signal);
    if (signal.aborted || heap.used() > LARGEST_HEAP) return pass;
    heap.collect();
  }
  return PASSES;
}

/** Node.js offers garbage collection only behind a flag. The flag is set for one moment, and for no other code. */
function ownHeap(): Heap {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return { used: () => process.memoryUsage().heapUsed, collect };
}
