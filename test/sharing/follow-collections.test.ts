// The pace at which derived data follows the collections.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Clock } from '../../src/kernel/clock.ts';
import { followCollections } from '../../src/sharing/reading/follow-collections.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(async () => {
  await t.stop();
});

const STEP_MS = 100;

/** Follows with steps of 100 ms while the main thread is this busy. Returns the pauses between them. */
async function pauses(busy: number, steps: number): Promise<readonly number[]> {
  const time = new TestClock();
  const waits: number[] = [];
  const clock: Clock = {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    wait: (ms, signal) => {
      // The renewal of the lease waits until it is over.
      if (ms > 5_000) return time.wait(ms, signal);
      waits.push(ms);
      return time.wait(ms);
    },
  };
  let left = steps;
  await followCollections(
    {
      store: t.hub.store,
      directory: t.hub.directory,
      clock,
      lease: { name: `pace-${busy}-${steps}`, ttlMs: 3_600_000 },
      ending: new AbortController().signal,
      utilization: { sinceLast: () => busy },
    },
    () => {
      if (left === 0) return Promise.resolve(false);
      time.advance(STEP_MS);
      return Promise.resolve(--left > 0);
    },
  );
  return waits;
}

test('work that follows collections leaves three quarters of the time to others', async () => {
  expect(await pauses(0.4, 4)).toEqual([300, 300, 300]);
});

test('while the main thread is busy, it pauses five times longer, for a minute', async () => {
  const waits = await pauses(0.9, 60);
  expect(waits.slice(0, 4)).toEqual([300, 1_200, 300, 1_200]);
  const gaveWay = waits.filter((ms) => ms === 1_200).length * (STEP_MS + 1_500);
  expect(gaveWay).toBeGreaterThan(58_000);
  expect(gaveWay).toBeLessThan(62_000);
  expect(waits.slice(-4)).toEqual([300, 300, 300, 300]);
});

test('a collection that never ends does not keep the others from being followed', async () => {
  const time = new TestClock();
  const clock: Clock = {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    wait: (ms, signal) => (ms > 5_000 ? time.wait(ms, signal) : time.wait(ms)),
  };
  const [first = ''] = (await t.hub.directory.current()).collections.keys();
  const ending = new AbortController();
  const others = new Map<string, number>();
  let steps = 0;
  await followCollections(
    {
      ...{ store: t.hub.store, directory: t.hub.directory, clock, ending: ending.signal },
      lease: { name: 'fair', ttlMs: 3_600_000 },
      utilization: { sinceLast: () => 0.9 },
    },
    (collection) => {
      if (collection !== first) {
        others.set(collection, (others.get(collection) ?? 0) + 1);
        return Promise.resolve(false);
      }
      time.advance(STEP_MS);
      if (++steps === 100) ending.abort();
      return Promise.resolve(true);
    },
  );
  expect(others.size).toBeGreaterThan(0);
  // They are followed again each time it is their turn.
  expect(Math.min(...others.values())).toBeGreaterThan(10);
});
