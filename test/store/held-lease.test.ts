// A lease that is renewed while it is held, with a clock that the test controls.
import { expect, test } from '@jest/globals';
import { holdLease, waitForLease } from '../../src/store/held-lease.ts';
import type { Lease } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

const TTL = 8_000;

/** A store of which only the answers about leases are given. It notes every call. */
function bench(answers: { take?: readonly boolean[]; renew?: readonly (boolean | 'fails')[] } = {}) {
  const clock = new TestClock();
  const calls: string[] = [];
  const takes = [...(answers.take ?? [true])];
  const renewals = [...(answers.renew ?? [])];
  let fence = 0;
  const store = {
    takeLease: (name: string, ttlMs: number): Promise<Lease | undefined> => {
      calls.push(`take ${name} ${ttlMs}`);
      return Promise.resolve(
        (takes.length > 1 ? takes.shift() : takes[0]) === true ? { name, fence: ++fence } : undefined,
      );
    },
    renewLease: (lease: Lease, ttlMs: number): Promise<boolean> => {
      calls.push(`renew ${lease.fence} ${ttlMs}`);
      const answer = renewals.shift() ?? true;
      return answer === 'fails' ? Promise.reject(new Error('silent')) : Promise.resolve(answer);
    },
    releaseLease: (lease: Lease): Promise<void> => {
      calls.push(`release ${lease.fence}`);
      return Promise.resolve();
    },
  };
  /** Lets everything run that waits for the clock. */
  const advance = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { clock, calls, store, advance };
}

test('a lease is renewed four times within its time to live, until it is released', async () => {
  const { clock, calls, store, advance } = bench();
  const held = await holdLease(store, clock, 'routing', TTL);
  expect(held?.lease).toEqual({ name: 'routing', fence: 1 });
  for (let i = 0; i < 4; i++) await advance(TTL / 4);
  expect(calls).toEqual(['take routing 8000', ...Array.from({ length: 4 }, () => 'renew 1 8000')]);
  expect(held?.lost.aborted).toBe(false);
  await held?.release();
  await advance(TTL);
  expect(calls.at(-1)).toBe('release 1');
  expect(held?.lost.aborted).toBe(false);
});

test('a lease is not held while another process has it', async () => {
  const { clock, calls, store, advance } = bench({ take: [false] });
  expect(await holdLease(store, clock, 'routing', TTL)).toBeUndefined();
  await advance(TTL);
  expect(calls).toEqual(['take routing 8000']);
});

test('a lease is lost when the store reports it, and is no longer renewed', async () => {
  const { clock, calls, store, advance } = bench({ renew: [true, false] });
  const held = await holdLease(store, clock, 'routing', TTL);
  await advance(TTL / 4);
  expect(held?.lost.aborted).toBe(false);
  await advance(TTL / 4);
  expect(held?.lost.aborted).toBe(true);
  for (let i = 0; i < 4; i++) await advance(TTL / 4);
  expect(calls.filter((call) => call.startsWith('renew'))).toHaveLength(2);
});

test('stays held while the store is silent, until its time to live has passed', async () => {
  const { clock, calls, store, advance } = bench({ renew: ['fails', 'fails', 'fails', 'fails', 'fails'] });
  const held = await holdLease(store, clock, 'routing', TTL);
  for (let i = 0; i < 3; i++) await advance(TTL / 4);
  expect(held?.lost.aborted).toBe(false);
  await advance(TTL / 4);
  // The time to live is over, so the lease is lost without asking.
  expect(held?.lost.aborted).toBe(true);
  expect(calls.filter((call) => call.startsWith('renew'))).toHaveLength(3);
});

test('a lease lasts from the time at which its last renewal was requested', async () => {
  const { clock, store, advance } = bench({ renew: [true, 'fails', 'fails', 'fails'] });
  const held = await holdLease(store, clock, 'routing', TTL);
  for (let i = 0; i < 4; i++) await advance(TTL / 4);
  expect(held?.lost.aborted).toBe(false);
  await advance(TTL / 4);
  expect(held?.lost.aborted).toBe(true);
});

test('a lease is lost after a pause of the process that was longer than its time to live', async () => {
  const { clock, calls, store, advance } = bench();
  const held = await holdLease(store, clock, 'routing', TTL);
  await advance(TTL + 1);
  expect(held?.lost.aborted).toBe(true);
  expect(calls).toEqual(['take routing 8000']);
});

test('a lease is waited for until it is free', async () => {
  const { clock, calls, store } = bench({ take: [false, false, true] });
  const held = await waitForLease(store, clock, 'upgrade', 2_000, 60_000);
  expect(held?.lease.fence).toBe(1);
  expect(calls.filter((call) => call.startsWith('take'))).toHaveLength(3);
  // It asks four times within the time to live.
  expect(clock.monotonic()).toBe(1_000);
  await held?.release();
});

test('a lease is waited for at most a second between two questions, and at most as long as allowed', async () => {
  const { clock, calls, store } = bench({ take: [false] });
  expect(await waitForLease(store, clock, 'upgrade', 60_000, 5_000)).toBeUndefined();
  expect(clock.monotonic()).toBe(5_000);
  expect(calls).toHaveLength(6);
});

test('a lease is not waited for after the signal', async () => {
  const { clock, calls, store } = bench({ take: [false] });
  expect(await waitForLease(store, clock, 'upgrade', TTL, 60_000, AbortSignal.abort())).toBeUndefined();
  expect(calls).toEqual(['take upgrade 8000']);
});
