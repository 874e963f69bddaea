import { expect, test } from '@jest/globals';
import { Rounds } from '../../src/sharing/channels/rounds.ts';
import { TestClock } from '../support/clock.ts';

const channelsOf = (...names: string[]) => names.map((name) => ({ name }));
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a slow channel does not hold up a round, other channels, or its own next delivery', async () => {
  const clock = new TestClock();
  const ending = new AbortController();
  const [delivered, ends]: [string[], (() => void)[]] = [[], []];
  let notified = 0;
  const rounds = new Rounds<{ name: string }>({
    clock,
    ending: () => ending.signal,
    notify: () => notified++,
    deliver: async ({ name }) => {
      delivered.push(name);
      if (name.startsWith('slow')) await new Promise<void>((resolve) => ends.push(resolve));
      return 1;
    },
  });
  const slow = Array.from({ length: 8 }, (_, i) => `slow-${i}`);
  const fail = (error: unknown): void => {
    throw error;
  };
  const first = rounds.round(channelsOf(...slow, 'fast'), fail);
  await settle();
  // Eight deliveries run at once, and none of them has been slow yet.
  expect(delivered).toEqual(slow);
  clock.advance(2_000);
  await first;
  await settle();
  expect(delivered).toEqual([...slow, 'fast']);
  const second = rounds.round(channelsOf('slow-0', 'fast'), fail);
  clock.advance(2_000);
  await second;
  await settle();
  // A channel delivers once at a time. It is announced when it ends, because there may be something new for it.
  expect(delivered).toEqual([...slow, 'fast', 'fast']);
  expect(notified).toBe(0);
  for (const end of ends) end();
  await rounds.end();
  expect(notified).toBe(1);
});
