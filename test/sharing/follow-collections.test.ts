// The pace at which derived data follows the collections, and what its parts share.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { systemClock, type Clock } from '../../src/kernel/clock.ts';
import { DerivedData } from '../../src/sharing/reading/derived-data.ts';
import { followCollections, type Follower } from '../../src/sharing/reading/follow-collections.ts';
import type { NewEntries } from '../../src/sharing/reading/new-entries.ts';
import type { Store } from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
/** The first of the collections. It contains three objects. */
let first: string;
beforeAll(async () => {
  t = await testHub(SETTINGS);
  [first = ''] = (await t.hub.directory.current()).collections.keys();
  const candidates = ['one', 'two', 'three'].map((name) => aCandidate(anIndicator({ name })));
  await t.hub.store.commit({ placements: [{ collection: first, candidates }] });
});
afterAll(async () => {
  await t.stop();
});

const STEP_MS = 100;
let leases = 0;

/** A follower with a lease of its own. By default, it does not move. */
function aFollower(parts: Partial<Follower>): Follower {
  return {
    lease: { name: `test-${++leases}`, ttlMs: 3_600_000 },
    position: () => Promise.resolve(undefined),
    failed: (error) => {
      throw error;
    },
    ...parts,
  };
}

/** A follower that starts at the first entry, and keeps its position in memory. */
function counting(taken: NewEntries[], parts: Partial<Follower> = {}): Follower {
  const positions = new Map<string, number>();
  return aFollower({
    position: (collection) =>
      Promise.resolve({
        after: positions.get(collection) ?? 0,
        take: (entries) => {
          taken.push(entries);
          positions.set(collection, entries.last);
          return Promise.resolve(false);
        },
      }),
    ...parts,
  });
}

const namesOf = (taken: readonly NewEntries[]): readonly unknown[] =>
  taken.flatMap(({ entries }) => entries.map(({ object }) => object['name']));

const following = () => ({
  ...{ store: t.hub.store, directory: t.hub.directory, clock: systemClock },
  ending: new AbortController().signal,
});

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

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
  const take = (): Promise<boolean> => {
    time.advance(STEP_MS);
    return Promise.resolve(--left > 0);
  };
  await followCollections({ ...following(), clock, utilization: { sinceLast: () => busy } }, [
    aFollower({
      position: (collection) =>
        Promise.resolve(collection === first && left > 0 ? { after: 0, take } : undefined),
    }),
  ]);
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
  const ending = new AbortController();
  const others = new Map<string, number>();
  let steps = 0;
  const take = (): Promise<boolean> => {
    time.advance(STEP_MS);
    if (++steps === 100) ending.abort();
    return Promise.resolve(true);
  };
  const position: Follower['position'] = (collection) => {
    if (collection === first) return Promise.resolve({ after: 0, take });
    others.set(collection, (others.get(collection) ?? 0) + 1);
    return Promise.resolve(undefined);
  };
  await followCollections(
    { ...following(), clock, ending: ending.signal, utilization: { sinceLast: () => 0.9 } },
    [aFollower({ position })],
  );
  expect(others.size).toBeGreaterThan(0);
  // They are followed again each time it is their turn.
  expect(Math.min(...others.values())).toBeGreaterThan(10);
});

test('followers at the same position get the same entries, which are read once', async () => {
  let reads = 0;
  const store = new Proxy(t.hub.store, {
    get: (target, name: keyof Store) =>
      name === 'entries'
        ? (...args: Parameters<Store['entries']>) => {
            if (args[0].collection === first) reads++;
            return target.entries(...args);
          }
        : target[name],
  });
  const [one, two, three]: [NewEntries[], NewEntries[], NewEntries[]] = [[], [], []];
  const followers = [one, two, three].map((taken) => counting(taken));
  await followCollections({ ...following(), store }, followers);
  expect(namesOf(one)).toEqual(['one', 'two', 'three']);
  expect(two[0]).toBe(one[0]);
  expect(three[0]).toBe(one[0]);
  expect(reads).toBe(1);
  // Nothing is new, so one read finds that out for all of them.
  await followCollections({ ...following(), store }, followers);
  expect(reads).toBe(2);
});

test('a follower that fails does not stop the others, and continues where it was', async () => {
  const [one, two]: [NewEntries[], NewEntries[]] = [[], []];
  const failures: unknown[] = [];
  let isBroken = true;
  const good = counting(one);
  const whole = counting(two);
  const broken: Follower = {
    ...whole,
    position: async (collection, lease) => {
      const position = await whole.position(collection, lease);
      if (typeof position !== 'object' || !isBroken) return position;
      return { ...position, take: () => Promise.reject(new Error('disk')) };
    },
    failed: (error) => failures.push(error),
  };
  await followCollections(following(), [broken, good]);
  expect(failures).toEqual([new Error('disk')]);
  expect(namesOf(one)).toEqual(['one', 'two', 'three']);
  expect(two).toEqual([]);
  isBroken = false;
  await followCollections(following(), [broken, good]);
  expect(namesOf(two)).toEqual(['one', 'two', 'three']);
  expect(one).toHaveLength(1);
});

test('a follower that alone is far behind keeps no other from new entries', async () => {
  const late: NewEntries[] = [];
  const [entered, opened] = [new AbortController(), new AbortController()];
  let steps = 0;
  // It has to repeat its first entries until it is let go.
  const slow = aFollower({
    position: (collection) =>
      Promise.resolve(
        collection === first
          ? {
              after: 0,
              take: async () => {
                if (++steps < 3) return true;
                entered.abort();
                await aborted(opened.signal);
                return false;
              },
            }
          : undefined,
      ),
  });
  const derived = new DerivedData({ ...following() }, [slow, counting(late)]);
  await derived.follow();
  await aborted(entered.signal);
  const more = [aCandidate(anIndicator({ name: 'late' }))];
  await t.hub.store.commit({ placements: [{ collection: first, candidates: more }] });
  await derived.follow();
  expect(namesOf(late)).toEqual(['one', 'two', 'three', 'late']);
  opened.abort();
  await derived.stop();
  expect(steps).toBe(3);
});

test('it pauses also while two followers are behind, each in another collection', async () => {
  const time = new TestClock();
  let waits = 0;
  const clock: Clock = {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    wait: (ms, signal) => {
      if (ms > 5_000) return time.wait(ms, signal);
      waits++;
      return time.wait(ms);
    },
  };
  const [one = '', two = ''] = [...(await t.hub.directory.current()).collections.keys()];
  const candidates = [aCandidate(anIndicator({ name: 'four' }))];
  await t.hub.store.commit({ placements: [{ collection: two, candidates }] });
  const behind = (where: string, steps: number): Follower => {
    let left = steps;
    const take = (): Promise<boolean> => {
      time.advance(STEP_MS);
      return Promise.resolve(--left > 0);
    };
    return aFollower({
      position: (collection) =>
        Promise.resolve(collection === where && left > 0 ? { after: 0, take } : undefined),
    });
  };
  await followCollections({ ...following(), clock, utilization: { sinceLast: () => 0.4 } }, [
    behind(one, 20),
    behind(two, 20),
  ]);
  // The last step of each has nothing to wait for.
  expect(waits).toBe(38);
});
