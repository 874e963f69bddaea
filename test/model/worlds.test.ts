import { expect, test } from '@jest/globals';
import { OUTLETS, type Outlet } from '../../src/access/policy.ts';
import {
  build, byTaxii, DRIVERS, EVERYBODY, letIn, may, most, NEAREST, plan, SEED, told, within, WORLDS, type Driver, type Hub, type Plan,
} from './random-worlds.ts'; // prettier-ignore

test(`no outlet gives a reader what a second implementation of the policy forbids, in ${WORLDS} worlds`, async () => {
  const got: Record<string, number> = {};
  for (let seed = SEED; seed < SEED + WORLDS; seed++) {
    const world = plan(seed);
    const hub = await build(world);
    try {
      for (const who of EVERYBODY)
        for (const [outlet, driver] of Object.entries(DRIVERS) as [Outlet, Driver][]) {
          // The longer outlets take turns across worlds.
          if (['push', 'webhook', 'mail', 'digest', 'provider'].includes(outlet) && (seed + EVERYBODY.indexOf(who)) % 3 !== 0) continue;
          const gets = await driver(hub, who, world);
          for (const sent of world.sent)
            if (gets(sent)) {
              got[outlet] = (got[outlet] ?? 0) + 1;
              if (!may(world, sent, who, outlet))
                throw new Error(`world ${seed}: ${who} gets by ${outlet} ${JSON.stringify(sent)}`);
            }
        }
      await mustArrive(hub, world, seed);
      await namesNothing(hub, world, seed);
    } finally {
      await hub.stop();
    }
  }
  // The test has substance: everything was released somewhere.
  if (WORLDS >= 40)
    for (const outlet of Object.keys(OUTLETS)) expect([outlet, (got[outlet] ?? 0) > 0]).toEqual([outlet, true]);
}, 1_500_000); // prettier-ignore

/** Checks that an accepted object reaches all readers of its collection and the most closely affected member. */
async function mustArrive(hub: Hub, world: Plan, seed: number): Promise<void> {
  const reads = new Map<string, ReadonlySet<string>>();
  for (const who of EVERYBODY) reads.set(who, new Set((await byTaxii(hub, who)).ids));
  for (const sent of world.sent) {
    const id = String(sent.object['id']);
    if (hub.outcomes.get(id) !== 'stored') continue;
    const place = world.places.find((one) => one.id === sent.to);
    for (const who of EVERYBODY)
      if (place !== undefined && letIn(world, who, place, 'read') && reads.get(who)?.has(id) !== true)
        throw new Error(`world ${seed}: ${who} reads ${sent.to} and has not ${JSON.stringify(sent)}`);
    const { own } = told(sent.object, world.markings);
    const level = own ?? 'amber';
    const nearest = NEAREST.find(([address]) => JSON.stringify([sent.object['pattern']]).includes(`'${address}'`))?.[1]; // prettier-ignore
    const member = world.members.find(({ name }) => name === nearest);
    const floor = place === undefined || within(place.min, level) ? level : place.min;
    if (
      member?.active === true &&
      nearest !== undefined &&
      nearest !== world.paused &&
      within(floor, most(world, nearest)) &&
      reads.get(nearest)?.has(id) !== true
    )
      // prettier-ignore
      throw new Error(`world ${seed}: it concerns ${nearest}, who has not ${JSON.stringify(sent)}`);
  }
}

/**
 * Checks that no collection refers to an observable whose known level is stricter than the maximum TLP of the
 * collection.
 */
async function namesNothing(hub: Hub, world: Plan, seed: number): Promise<void> {
  for (const [i, { object, to }] of world.sent.entries()) {
    if (object['type'] !== 'observed-data') continue;
    const [ref] = object['object_refs'] as string[];
    const before = world.sent.slice(0, i).filter((one) => one.to === to && one.object['id'] === ref);
    const [named] = before.filter((one) => hub.outcomes.get(String(one.object['id'])) === 'stored');
    if (named === undefined || before.length > 1) continue;
    const level = told(named.object, world.markings).own ?? 'amber';
    for (const place of world.places)
      if (!within(level, place.max) && (await hub.store.stands(place.id, String(object['id']))))
        throw new Error(`world ${seed}: ${place.id} names ${String(ref)} of ${level}`);
  }
}
