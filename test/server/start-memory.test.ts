import { describe, expect, test } from '@jest/globals';
import { returnStartMemory, type Heap } from '../../src/server/start-memory.ts';

const MIB = 1_048_576;

describe('the memory of the start', () => {
  const waits: number[] = [];
  const clock = {
    wait: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  const heapOf = (used: readonly number[]): Heap & { collected: number } => ({
    collected: 0,
    used() {
      return used[this.collected] ?? 0;
    },
    collect() {
      this.collected++;
    },
  });

  test('is returned in three garbage collections, with a pause before each', async () => {
    waits.length = 0;
    const heap = heapOf([40 * MIB, 30 * MIB, 28 * MIB]);
    expect(await returnStartMemory(clock, new AbortController().signal, heap)).toBe(3);
    expect([heap.collected, waits]).toEqual([3, [5_000, 5_000, 5_000]]);
  });

  test('is left alone as soon as the heap is large, because a garbage collection would keep requests waiting', async () => {
    const heap = heapOf([40 * MIB, 65 * MIB]);
    expect(await returnStartMemory(clock, new AbortController().signal, heap)).toBe(1);
    expect(heap.collected).toBe(1);
  });

  test('is left alone when the hub stops', async () => {
    const ending = new AbortController();
    const heap = heapOf([]);
    const stopping = { wait: () => Promise.resolve(ending.abort()) };
    expect(await returnStartMemory(stopping, ending.signal, heap)).toBe(0);
    expect(heap.collected).toBe(0);
  });

  test('is measured and collected in the runtime itself', async () => {
    const ending = new AbortController();
    let garbage: unknown[] | undefined = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const reference = new WeakRef(garbage);
    garbage = undefined;
    let waited = 0;
    const turns = {
      wait: () => (++waited > 2 ? Promise.resolve() : new Promise<void>((done) => setImmediate(done))),
    };
    await returnStartMemory(turns, ending.signal);
    // The heap of the tests can be too large for a garbage collection. Then nothing is collected.
    expect(waited === 1 || reference.deref() === undefined).toBe(true);
  });
});
