import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
// oxlint-disable-next-line no-restricted-imports -- The text below is constant, and nothing else offers garbage collection.
import { runInNewContext } from 'node:vm';
import type { Clock } from '../kernel/clock.ts';

/** A larger heap is left alone, because collecting its garbage would keep requests waiting. */
const LARGEST_HEAP = 64 * 1_048_576;
/** Most of a heap after work is garbage, which costs a collection little, so it may be larger. */
const LARGEST_WORKED = 128 * 1_048_576;
/**
 * Number of garbage collections. V8 makes its space for new objects smaller only in a collection after which little was
 * allocated for a while, and it returns the memory at the next one.
 */
const PASSES = 3;
const BETWEEN_MS = 5_000;
/** The period of time that is looked at for work. */
const QUIET_MS = 10_000;
/** The hub is idle when it uses less than this share of a processor. */
const QUIET_SHARE = 0.05;
/** A hub with so much data that a collection takes longer keeps its memory from then on. */
const LONGEST_MS = 50;
/** Less memory than this is not worth a collection. */
const WORTH = 16 * 1_048_576;

/**
 * Percentage by which a heap may grow beyond its content before V8 collects its garbage. V8 alone lets it grow up to
 * fourfold. During a long feed run, the heap of the main thread then has two and a half times the size that it needs.
 */
const HEAP_GROWTH_PERCENT = 75;
/** A small heap may grow by more, because each collection takes processor time from the objects that arrive. */
const SMALL_HEAP_GROWTH_PERCENT = 200;
/** Up to this size, a heap with little content is small. */
const SMALL_HEAP = 96 * 1_048_576;

/** A garbage collection as Node.js reports it. */
interface GcEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

/** Returns the percentage by which a heap with this content in bytes may grow before V8 collects its garbage. */
export function heapGrowth(content: number): number {
  const room = Math.floor(((SMALL_HEAP - content) / content) * 100);
  return Math.min(Math.max(room, HEAP_GROWTH_PERCENT), SMALL_HEAP_GROWTH_PERCENT);
}

/**
 * Makes V8 collect the garbage of all threads of this process earlier, which costs a little processor time. After each
 * full collection of the calling thread, the bound follows the content of its heap.
 */
export function boundHeapGrowth(): void {
  let current = 0;
  const bound = (percent: number): void => {
    if (percent !== current) setFlagsFromString(`--heap-growing-percent=${percent}`);
    current = percent;
  };
  bound(HEAP_GROWTH_PERCENT);
  new PerformanceObserver((collections) => {
    const isFull = collections
      .getEntries()
      .some((one) => (one as GcEntry).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (isFull) bound(heapGrowth(getHeapStatistics().used_heap_size));
  }).observe({ entryTypes: ['gc'] });
}

/** The parts of the runtime that a test replaces. Memory is in bytes. */
export interface Heap {
  /** Memory of objects and garbage. */
  used(): number;
  /** Memory that the system has given to the heap. */
  held(): number;
  /** Processor time of the process so far, in milliseconds. */
  worked(): number;
  collect(): void;
}

/**
 * Gives memory that the hub does not need back to the system: after the start, and after each time of work that made
 * the heap larger. V8 keeps such memory until there is work to do again. It ends with `signal`.
 */
export async function returnIdleMemory(
  clock: Pick<Clock, 'wait' | 'monotonic'>,
  signal: AbortSignal,
  heap: Heap = ownHeap(),
): Promise<void> {
  let isQuick = await collect(clock, signal, heap, LARGEST_HEAP);
  let least = heap.held();
  while (isQuick && !signal.aborted) {
    const before = heap.worked();
    await clock.wait(QUIET_MS, signal);
    least = Math.min(least, heap.held());
    if (heap.worked() - before > QUIET_MS * QUIET_SHARE || heap.held() < least + WORTH) continue;
    isQuick = await collect(clock, signal, heap, LARGEST_WORKED);
    least = heap.held();
  }
}

/**
 * Collects garbage in some passes, each after a quiet pause: while the hub works, V8 collects its garbage anyway.
 * Returns false when a collection took too long.
 */
async function collect(
  clock: Pick<Clock, 'wait' | 'monotonic'>,
  signal: AbortSignal,
  heap: Heap,
  largest: number,
): Promise<boolean> {
  for (let pass = 0; pass < PASSES;) {
    const worked = heap.worked();
    await clock.wait(BETWEEN_MS, signal);
    if (signal.aborted || heap.used() > largest) return true;
    if (heap.worked() - worked > BETWEEN_MS * QUIET_SHARE) continue;
    pass += 1;
    const before = clock.monotonic();
    heap.collect();
    if (clock.monotonic() - before > LONGEST_MS) return false;
  }
  return true;
}

/** Node.js offers garbage collection only behind a flag. The flag is set for one moment, and for no other code. */
function ownHeap(): Heap {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return {
    used: () => process.memoryUsage().heapUsed,
    held: () => process.memoryUsage().heapTotal,
    worked: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    collect: gc,
  };
}
