import { expect, test } from '@jest/globals';
import { act, MEMBERS, openWorld, seeded, settle, stateOf, type Json } from '../support/ownership.ts';
import { Random } from '../support/simulation.ts';

/*
 * Two random members of a hub, A and B. B has things of every kind there: open and hidden, held, marked by definitions of its own,
 * routed to others. Then A does whatever its machine can, through every door and mostly in the name of B. Nothing that is stored for
 * B changes, appears, disappears, is released, or becomes readable to anybody, and no marking means anything else for it.
 * TALANOA_WORLDS says how many series, TALANOA_SEED where they begin, MONGODB_TEST_URI that they run on MongoDB.
 */

const SERIES = Math.max(6, Math.ceil(Number(process.env['TALANOA_WORLDS'] ?? 40) / 5));
const SEED = Number(process.env['TALANOA_SEED'] ?? 1);
const STEPS = 14;

test(`whatever one member submits, nothing of another changes, in ${SERIES} series`, async () => {
  const answers = new Map<string, number>();
  for (let seed = SEED; seed < SEED + SERIES; seed++) {
    const random = new Random(seed);
    const b = random.pick(MEMBERS);
    const a = random.pick(MEMBERS.filter((name) => name !== b));
    const world = await openWorld(a, b);
    try {
      const things = await seeded(world, random);
      await settle(world);
      const before = await stateOf(world, things);
      // It is about something: B has open, hidden, routed and held things.
      expect(before.entries.length).toBeGreaterThan(8);
      expect(before.held.length).toBeGreaterThan(2);
      expect(before.meanings.filter(([, meaning]) => meaning !== undefined).length).toBeGreaterThan(0);
      const done: Json[] = [];
      for (let step = 0; step < STEPS; step++) {
        const { told, answer } = await act(world, things, random);
        done.push(told);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (random.chance(0.4)) await settle(world);
      }
      await settle(world);
      const after = await stateOf(world, things);
      try {
        expect(after).toEqual(before);
      } catch (error) {
        throw new Error(`series ${seed}: ${a} has changed what is of ${b} by ${JSON.stringify(done, undefined, 1)}`, { cause: error }); // prettier-ignore
      }
    } finally {
      await world.hub.stop();
    }
  }
  // The doors were open: much of it was taken in, as A's own.
  expect(answers.get('stored') ?? 0).toBeGreaterThan(SERIES);
}, 840_000);
