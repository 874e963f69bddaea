import { describe, expect, test } from '@jest/globals';
import { atOnce, SLICE_WORK, Slices, sliceWork, writtenItems, type Steps } from '../../src/kernel/slices.ts';

/** A clock that moves on by a fixed time each time it is read. */
function clock(step: number): { monotonic: () => number } {
  let now = 0;
  return { monotonic: () => (now += step) };
}

function* counting(steps: number): Steps<number> {
  for (let i = 0; i < steps; i++) yield undefined;
  return steps;
}

describe('long work', () => {
  test('gives the same result with and without pauses', async () => {
    expect(atOnce(counting(10))).toBe(10);
    expect(await new Slices(clock(0)).through(counting(10))).toBe(10);
    expect(await new Slices(clock(100)).through(counting(10))).toBe(10);
  });

  test('pauses when the time of its slice is over, and not before', async () => {
    const turns = async (step: number): Promise<number> => {
      const before = sliceWork.turns;
      await new Slices(clock(step), 15).through(counting(6));
      return sliceWork.turns - before;
    };
    expect(await turns(0)).toBe(0);
    // Each look at the clock takes 5 ms, so every third step ends a slice.
    expect(await turns(5)).toBe(2);
    expect(await turns(15)).toBe(6);
  });

  test('pauses after its amount of work, even if it took no time', async () => {
    const slices = new Slices(clock(0));
    expect(slices.isOver(SLICE_WORK - 1)).toBe(false);
    expect(slices.isOver(1)).toBe(true);
    await slices.next();
    expect(slices.isOver(1)).toBe(false);
  });

  test('lets a request in between have its turn', async () => {
    const order: string[] = [];
    const work = new Slices(clock(100)).through(counting(2)).then(() => order.push('work'));
    setImmediate(() => order.push('request'));
    await work;
    expect(order).toEqual(['request', 'work']);
  });
});

test('a list is written as JSON without its brackets, with pauses between its parts', async () => {
  const items = Array.from({ length: 1_201 }, (_, i) => ({ i, text: 'é"' }));
  const before = sliceWork.turns;
  const text = await writtenItems(items, new Slices(clock(100)));
  expect(sliceWork.turns - before).toBe(3);
  expect(JSON.parse(`[${text}]`)).toEqual(items);
  expect(await writtenItems([], new Slices(clock(0)))).toBe('');
});
