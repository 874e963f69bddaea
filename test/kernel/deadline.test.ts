import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Deadline, endsWithin, joined, within } from '../../src/kernel/deadline.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const LIMITS = { totalMs: 100, idleMs: 40 };

describe('a deadline', () => {
  test('ends work that gives no sign of life', () => {
    const deadline = new Deadline(new AbortController().signal, LIMITS);
    jest.advanceTimersByTime(39);
    expect([deadline.signal.aborted, deadline.late]).toEqual([false, undefined]);
    jest.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.late]).toEqual([true, 'idle']);
  });

  test('ends work that takes too long in total, whatever its signs of life', () => {
    const deadline = new Deadline(new AbortController().signal, LIMITS);
    for (let ms = 0; ms < 90; ms += 30) {
      jest.advanceTimersByTime(30);
      deadline.renew();
    }
    expect(deadline.signal.aborted).toBe(false);
    jest.advanceTimersByTime(10);
    expect([deadline.signal.aborted, deadline.late]).toEqual([true, 'total']);
    // The first reason stays.
    deadline.renew();
    jest.advanceTimersByTime(1_000);
    expect(deadline.late).toBe('total');
  });

  test('ends with the signal around it, also one that was aborted before, without being late', () => {
    const outer = new AbortController();
    const deadline = new Deadline(outer.signal, LIMITS);
    outer.abort();
    expect([deadline.signal.aborted, deadline.late]).toEqual([true, undefined]);
    expect(new Deadline(outer.signal, LIMITS).signal.aborted).toBe(true);
  });

  test('does nothing after its end, and leaves no timer', () => {
    const outer = new AbortController();
    const deadline = new Deadline(outer.signal, LIMITS);
    deadline.end();
    expect(jest.getTimerCount()).toBe(0);
    outer.abort();
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe('joined signals', () => {
  test.each([0, 1])('are aborted with signal %i', (which) => {
    const parts = [new AbortController(), new AbortController()];
    const { signal } = joined(...parts.map((part) => part.signal));
    expect(signal.aborted).toBe(false);
    parts[which]?.abort();
    expect(signal.aborted).toBe(true);
  });

  test('are aborted from the beginning if one of them was, and not after they were released', () => {
    const outer = new AbortController();
    const { signal, release } = joined(outer.signal);
    release();
    outer.abort();
    expect(signal.aborted).toBe(false);
    expect(joined(outer.signal).signal.aborted).toBe(true);
  });
});

test('work with a time limit gets a signal that is aborted after it, and no timer remains', async () => {
  const seen = within(100, async (signal) => {
    await jest.advanceTimersByTimeAsync(99);
    const before = signal.aborted;
    await jest.advanceTimersByTimeAsync(1);
    return [before, signal.aborted];
  });
  expect(await seen).toEqual([false, true]);
  await expect(within(100, () => Promise.reject(new Error('it failed')))).rejects.toThrow('it failed');
  expect(jest.getTimerCount()).toBe(0);
});

test('waiting for work ends with it, well or not, or after the time', async () => {
  expect(await endsWithin(100, Promise.resolve())).toBe(true);
  expect(await endsWithin(100, Promise.reject(new Error('it failed')))).toBe(true);
  const late = endsWithin(100, new Promise(() => undefined));
  await jest.advanceTimersByTimeAsync(100);
  expect(await late).toBe(false);
  expect(jest.getTimerCount()).toBe(0);
});
