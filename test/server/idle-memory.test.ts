import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { boundHeapGrowth, heapGrowth, returnIdleMemory, type Heap } from '../../src/server/idle-memory.ts';

const MIB = 1_048_576;

/** A heap whose sizes a test sets, and a clock that shows how long the hub waited. It ends after `rounds` waits. */
function site(
  rounds: number,
  work: (round: number, heap: { used: number; held: number; worked: number; ms: number }) => void,
) {
  const ending = new AbortController();
  const state = { used: 40 * MIB, held: 80 * MIB, worked: 0, ms: 20 };
  let passed = 0;
  const waits: number[] = [];
  const collections: number[] = [];
  const clock = {
    monotonic: () => passed,
    wait: (ms: number) => {
      waits.push(ms);
      if (waits.length > rounds) ending.abort();
      else work(waits.length, state);
      return Promise.resolve();
    },
  };
  const heap: Heap = {
    used: () => state.used,
    held: () => state.held,
    worked: () => state.worked,
    collect: () => {
      collections.push(waits.length);
      state.held = state.used;
      passed += state.ms;
    },
  };
  return { run: () => returnIdleMemory(clock, ending.signal, heap), waits, collections };
}

describe('memory that the hub does not need', () => {
  test('is returned after the start in three garbage collections, with a pause before each, and then left alone', async () => {
    const { run, waits, collections } = site(8, () => undefined);
    await run();
    expect(waits.slice(0, 4)).toEqual([5_000, 5_000, 5_000, 10_000]);
    expect(collections).toEqual([1, 2, 3]);
  });

  test('is not collected while the hub works', async () => {
    const { run, collections } = site(8, (round, heap) => {
      // A second of work in each of these pauses of five seconds.
      if (round === 1 || round === 3) heap.worked += 1_000;
    });
    await run();
    expect(collections).toEqual([2, 4, 5]);
  });

  test('is left alone as soon as the heap is large, because a garbage collection would keep requests waiting', async () => {
    const { run, collections } = site(6, (round, heap) => {
      if (round >= 2) heap.used = 129 * MIB;
    });
    await run();
    expect(collections).toEqual([1]);
  });

  test('is returned again after work that made the heap larger, once the hub is idle', async () => {
    const { run, collections } = site(12, (round, heap) => {
      if (round === 5 || round === 6) {
        // Two seconds of work in each period of ten.
        heap.worked += 2_000;
        heap.held = 160 * MIB;
        heap.used = 81 * MIB;
      }
      if (round === 8) heap.used = 41 * MIB;
    });
    await run();
    // Round 7 is the first quiet period. The collections follow it.
    expect(collections).toEqual([1, 2, 3, 8, 9, 10]);
  });

  test('is not looked for when the heap grew by little', async () => {
    const { run, collections } = site(10, (round, heap) => {
      if (round === 5) heap.held += 15 * MIB;
    });
    await run();
    expect(collections).toEqual([1, 2, 3]);
  });

  test('is never collected again once a collection has kept requests waiting', async () => {
    const { run, collections } = site(12, (round, heap) => {
      if (round === 2) heap.ms = 60;
      if (round === 5) heap.held = 160 * MIB;
    });
    await run();
    expect(collections).toEqual([1, 2]);
  });

  test('is left alone when the hub stops', async () => {
    const { run, collections } = site(0, () => undefined);
    await run();
    expect(collections).toEqual([]);
  });

  test('is measured and collected in the runtime itself', async () => {
    const ending = new AbortController();
    let garbage: unknown[] | undefined = Array.from({ length: 200_000 }, (_, i) => ({ i }));
    const reference = new WeakRef(garbage);
    garbage = undefined;
    let waited = 0;
    const turns = {
      monotonic: () => 0,
      wait: () => {
        if (++waited > 3) ending.abort();
        return new Promise<void>((done) => setImmediate(done));
      },
    };
    await returnIdleMemory(turns, ending.signal);
    // The heap of the tests can be too large for a garbage collection. Then nothing is collected.
    expect(process.memoryUsage().heapUsed > 64 * MIB || reference.deref() === undefined).toBe(true);
  });
});

test('the more a heap contains, the smaller the share by which it may grow', () => {
  // Content in MB, and the size at which V8 collects the garbage.
  expect([10, 32, 48, 60, 200].map((mb) => (mb * (100 + heapGrowth(mb * MIB))) / 100)).toEqual([
    30, 96, 96, 105, 350,
  ]);
});

test('a small heap is collected less often once the hub has seen its content', () => {
  // The turns of the event loop let the hub see each collection.
  const churn = `
    import { setImmediate as turn } from 'node:timers/promises';
    const ring = [];
    for (let i = 0; i < 3_000_000; i++) {
      ring[i % 60_000] = { text: 'row ' + i, list: [i, i + 1], more: { a: i, b: String(i) } };
      if (i % 5_000 === 0) await turn();
    }`;
  const fullCollections = (before: string): number =>
    spawnSync(process.execPath, ['--trace-gc', '--input-type=module', '-e', `${before}${churn}`], {
      encoding: 'utf8',
    }).stdout.split('Mark-Compact').length - 1;
  const module = new URL('../../dist/server/idle-memory.js', import.meta.url).href;
  const fixed = fullCollections(
    `import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--heap-growing-percent=75');`,
  );
  const bounded = fullCollections(
    `import { ${boundHeapGrowth.name} } from '${module}'; ${boundHeapGrowth.name}();`,
  );
  expect(bounded).toBeGreaterThan(0);
  expect(bounded).toBeLessThan(fixed * 0.85);
});

/** Replaces the objects of a list again and again. Prints the largest size of the heap in MB. */
const GARBAGE = `
const ring = [];
let most = 0;
for (let i = 0; i < 1_500_000; i++) {
  ring[i % 60_000] = { text: 'row ' + i, list: [i, i + 1], more: { a: i, b: String(i) } };
  if (i % 5_000 === 0) most = Math.max(most, process.memoryUsage().heapTotal);
}
console.log(Math.round(most / 1e6));
`;

test('the heap of a busy hub grows less than that of a program without the bound', () => {
  const largest = (before: string): number =>
    Number(spawnSync(process.execPath, ['--input-type=module', '-e', `${before}${GARBAGE}`]).stdout);
  const module = new URL('../../dist/server/idle-memory.js', import.meta.url).href;
  const bounded = largest(`import { ${boundHeapGrowth.name} } from '${module}'; ${boundHeapGrowth.name}();`);
  expect(bounded).toBeGreaterThan(0);
  expect(bounded).toBeLessThan(largest('') * 0.85);
});
