import { expect, test } from '@jest/globals';
import { Random } from '../support/simulation.ts';
import { build, byConsole, byDesk, byTaxii, EVERYBODY, plan, SEED, WORLDS } from './random-worlds.ts';

test(`objects that an account cannot see do not change what it sees, in ${Math.ceil(WORLDS / 2)} worlds`, async () => {
  let compared = 0;
  for (let seed = SEED; seed < SEED + WORLDS / 2; seed++) {
    const world = plan(seed);
    const random = new Random(seed ^ 0x5eed);
    // An indicator, which no other object refers to. An object that refers to a hidden one is itself held back because
    // of it.
    const choices = world.sent.flatMap(({ object }, i) => (object['type'] === 'indicator' ? [i] : []));
    const out = random.pick(choices);
    const gone = String(world.sent[out]?.object['id']);
    const [whole, less] = [await build(world), await build(world, out)];
    try {
      for (const who of EVERYBODY) {
        const [seen, unseen] = [await byTaxii(whole, who), await byTaxii(less, who)];
        if (seen.ids.includes(gone)) continue;
        compared++;
        expect([seed, who, unseen.view]).toEqual([seed, who, seen.view]);
        const [shown, rest] = [await byConsole(whole, who, world), await byConsole(less, who, world)];
        expect([seed, who, rest.view]).toEqual([seed, who, shown.view]);
        // The submitter and hub analysts see that the object is on hold.
        if (who === 'hub' || world.sent[out]?.by === `${who}-tool`) continue;
        expect([seed, who, await byDesk(less, who)]).toEqual([seed, who, await byDesk(whole, who)]);
      }
    } finally {
      await whole.stop();
      await less.stop();
    }
  }
  expect(compared).toBeGreaterThan(0);
}, 1_500_000);
