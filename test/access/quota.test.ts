import { afterEach, expect, test } from '@jest/globals';
import { QUOTA_TALLIES } from '../../src/access/quota.ts';
import { Tallies } from '../../src/access/tallies.ts';
import { createLog } from '../../src/kernel/log.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const HOUR = 3_600_000;

let t: TestHub;
afterEach(async () => {
  await t.stop();
});

test('a member that reaches its objects per day is refused until midnight UTC, and other members are not affected', async () => {
  const clock = new TestClock();
  t = await testHub(`${SETTINGS}\nlimits: { objects_per_day: 3 }\n`, { clock });
  const put = async (as: string, n: number, objects: Json[] = Array.from({ length: n }, () => anIndicator())) =>
    (await t.as(as).post(objectsOf(MAIN), { objects })).status; // prettier-ignore
  const known = [anIndicator()];
  expect(await put('sensor', 1, known)).toBe(202);
  // Known objects cost nothing.
  expect(await put('sensor', 1, known)).toBe(202);
  expect(await put('sensor', 1)).toBe(202);
  // One is left. Of an envelope with more, the rest is refused, object by object. The known one needs no room.
  const last = await t.as('sensor').post(objectsOf(MAIN), {
    objects: [...known, ...Array.from({ length: 4 }, () => anIndicator())],
  });
  expect(last.body).toMatchObject({ status: 'complete', success_count: 2, failure_count: 3 });
  expect(JSON.stringify(last.body)).toContain('daily-limit: ');
  const refused = await t.as('sensor').post(objectsOf(MAIN), { objects: [anIndicator()] });
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, String((12 * HOUR) / 1000)]);
  expect((refused.body as Json)['description']).toContain('midnight UTC');
  expect(await put('writer', 5)).toBe(202);
  clock.advance(12 * HOUR);
  expect(await put('sensor', 1)).toBe(202);
});

test('a member can have its own limit', async () => {
  t = await testHub(SETTINGS.replace('name: tonga,', 'name: tonga, objects_per_day: 1,'));
  const put = async () => (await t.as('sensor').post(objectsOf(MAIN), { objects: [anIndicator()] })).status;
  expect([await put(), await put()]).toEqual([202, 429]);
  expect((await t.api('sensor', 'GET', '/members/tonga')).body).toMatchObject({ objects_per_day: 1 });
});

test('processes count together, count each object once, and forget by their own clocks', async () => {
  t = await testHub(SETTINGS);
  const { store } = t.hub;
  const log = createLog('error', { write: () => undefined });
  const clocks = [new TestClock(), new TestClock()] as const;
  const [a, b] = clocks.map((clock) => new Tallies(store, clock, log, { ...QUOTA_TALLIES, purpose: 'test', keptMs: HOUR, least: 2 })) as [Tallies, Tallies]; // prettier-ignore
  const sync = async (...which: Tallies[]) => {
    for (const one of which) await one.sync();
  };
  a.add('tonga', 5);
  a.add('fiji');
  b.add('tonga', 3);
  await sync(a, b, a);
  expect([a.sum('tonga'), b.sum('tonga')]).toEqual([8, 8]);
  // The amount is too small to be synchronised.
  expect([a.sum('fiji'), b.sum('fiji')]).toEqual([1, 0]);
  await Promise.all([a, b].map(async (one) => {
    one.add('tonga');
    await one.sync();
  })); // prettier-ignore
  await sync(a, b, a, b);
  expect([a.sum('tonga'), b.sum('tonga')]).toEqual([10, 10]);
  clocks[0].advance(HOUR + 1);
  await sync(a);
  expect([a.sum('tonga'), b.sum('tonga')]).toEqual([0, 10]);
  expect(a.add('tonga', 2)).toBe(2);
  await sync(a, b);
  expect([a.sum('tonga'), b.sum('tonga')]).toEqual([2, 2]);
  clocks[1].advance(HOUR + 1);
  await b.sweep();
  expect(await store.records('tally', { index: { name: 'purpose', value: 'test' } })).toEqual([]);
});
