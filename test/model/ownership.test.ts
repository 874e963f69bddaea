import { expect, test } from '@jest/globals';
import { act, MEMBERS, openWorld, seeded, settle, stateOf, type Json } from '../support/ownership.ts';
import { Random } from '../support/simulation.ts';

/*
 * Two random members of a hub, A and B. B has objects of every kind: open and hidden, on hold, marked with
 * its own definitions, routed to others. Then A does whatever its service account can do, through every
 * interface and mostly in the name of B. No data that is stored for B changes, appears, disappears, is
 * released, or becomes readable to others, and no marking changes its meaning for B. TALANOA_SERIES sets the
 * number of series, TALANOA_SEED the first seed. MONGODB_TEST_URI runs them on MongoDB.
 */

const SERIES = Math.max(6, Number(process.env['TALANOA_SERIES'] ?? 8));
const SEED = Number(process.env['TALANOA_SEED'] ?? 1);
const STEPS = 14;

test(`submissions of one member change no data of another, in ${SERIES} series`, async () => {
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
      // The test has substance: B has open, hidden, routed and held objects.
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
        throw new Error(`series ${seed}: ${a} changed data of ${b} with ${JSON.stringify(done, undefined, 1)}`, { cause: error }); // prettier-ignore
      }
    } finally {
      await world.hub.stop();
    }
  }
  // The interfaces were open: many objects were accepted, as A's own.
  expect(answers.get('stored') ?? 0).toBeGreaterThan(SERIES);
}, 840_000);
