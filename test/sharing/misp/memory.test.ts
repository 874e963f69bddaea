import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';
import { MISP_FEEDS, sweepMemory } from '../../../src/sharing/misp/memory.ts';
import { interleavedStore, type InterleavedStore } from '../../support/interleaved-store.ts';

/*
 * MISP keeps an attribute until the feed lists it as deleted. Another process, or the hub after a restart, must list as
 * deleted what an earlier feed contained. The hubs here have folders of their own and one store.
 */

interface Event {
  readonly timestamp: string;
  readonly Attribute: readonly { readonly uuid: string; readonly value: string; readonly deleted: boolean }[];
}

let shared: InterleavedStore;
let clock: TestClock;
let hubs: TestHub[];

beforeEach(async () => {
  shared = await interleavedStore();
  clock = new TestClock('2026-11-29T12:00:00.500Z');
  hubs = [];
});
afterEach(async () => {
  for (const hub of hubs.toReversed()) await hub.stop();
  shared.remove();
});

/** Starts a hub on the store. A hub that stops closes its store, so only the first one may. */
async function started(): Promise<TestHub> {
  const stays = new Proxy(shared.store, {
    get: (target, name): unknown =>
      name === 'close' ? () => Promise.resolve() : Reflect.get(target, name, target),
  });
  const hub = await testHub(SETTINGS, { clock, store: hubs.length === 0 ? shared.store : stays });
  hubs.push(hub);
  return hub;
}

const of = (pattern: string, over: Json = {}): Json =>
  anIndicator({
    pattern,
    name: 'x',
    created: '2026-11-20T08:00:00.000Z',
    modified: '2026-11-20T08:00:00.000Z',
    valid_from: '2026-11-20T08:00:00Z',
    valid_until: '2027-06-01T00:00:00Z',
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
    ...over,
  });

async function post(hub: TestHub, ...objects: readonly Json[]): Promise<void> {
  const { body } = await hub.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
  await hub.hub.valueView.followAll();
}

async function read(hub: TestHub, file: string): Promise<string> {
  const { status, text } = await supertest(hub.hub.app)
    .get(`/misp/indicators/${file}`)
    .set('Authorization', `Bearer ${keyOf('reader')}`)
    .responseType('text')
    .then(({ status: code, body }) => ({ status: code, text: String(body) }));
  expect([file, status]).toEqual([file, 200]);
  return text;
}

async function eventOf(hub: TestHub): Promise<Event & { readonly text: string }> {
  const [uuid = ''] = Object.keys(JSON.parse(await read(hub, 'manifest.json')) as Json);
  const text = await read(hub, `${uuid}.json`);
  return { ...(JSON.parse(text) as { Event: Event }).Event, text };
}

const shown = ({ Attribute: attributes }: Event): readonly string[] =>
  attributes.map(({ value, deleted }) => (deleted ? 'deleted' : value)).toSorted();

test('a hub that restarted lists as deleted what its feed contained before', async () => {
  const first = await started();
  const [stays, goes] = [of("[ipv4-addr:value = '45.60.1.1']"), of("[ipv4-addr:value = '45.60.1.2']")];
  await post(first, stays, goes);
  const before = await eventOf(first);
  expect(shown(before)).toEqual(['45.60.1.1', '45.60.1.2']);
  // The object goes while no feed is made, and nothing is left of it from which its id could be made.
  clock.advance(3_600_000);
  await first.as('writer').delete(`${objectsOf(MAIN)}${String(goes['id'])}/`);
  const second = await started();
  const after = await eventOf(second);
  expect(shown(after)).toEqual(['45.60.1.1', 'deleted']);
  const gone = before.Attribute.find(({ value }) => value === '45.60.1.2')?.uuid;
  expect(after.Attribute.find(({ deleted }) => deleted)?.uuid).toBe(gone);
  expect(Number(after.timestamp)).toBeGreaterThan(Number(before.timestamp));
  // A third start changes nothing, so MISP fetches nothing.
  expect((await eventOf(await started())).text).toBe(after.text);
});

test('two processes with one store give the same feed, whoever makes it first', async () => {
  const [one, other] = [await started(), await started()];
  const goes = of("[ipv4-addr:value = '45.60.2.2']");
  await post(one, of("[ipv4-addr:value = '45.60.2.1']"), goes);
  const texts = async (): Promise<readonly string[]> => [(await eventOf(one)).text, (await eventOf(other)).text];
  const [mine, theirs] = await texts();
  expect(mine).toBe(theirs);
  clock.advance(60_000);
  await one.as('writer').delete(`${objectsOf(MAIN)}${String(goes['id'])}/`);
  // The other process sees the removal first. The clock of the first one is later when it follows.
  const removed = await eventOf(other);
  expect(shown(removed)).toEqual(['45.60.2.1', 'deleted']);
  clock.advance(60_000);
  expect((await eventOf(one)).text).toBe(removed.text);
  clock.advance(60_000);
  await post(one, of("[ipv4-addr:value = '45.60.2.3']"));
  const [again, also] = await texts();
  expect([again, shown(await eventOf(one))]).toEqual([also, ['45.60.2.1', '45.60.2.3', 'deleted']]);
}); // prettier-ignore

test('the hub forgets the content of a feed with its collection, and 35 days after the feed was last fetched', async () => {
  const hub = await started();
  await post(hub, of("[ipv4-addr:value = '45.60.3.1']"));
  await eventOf(hub);
  const count = async (): Promise<readonly number[]> => [
    await hub.hub.store.countRecords('misp-feed'),
    await hub.hub.store.countRecords('misp-event'),
  ];
  expect(await count()).toEqual([1, 1]);
  clock.advance(34 * 86_400_000);
  await sweepMemory(hub.hub.store, () => true, clock.now());
  expect(await count()).toEqual([1, 1]);
  clock.advance(2 * 86_400_000);
  await sweepMemory(hub.hub.store, () => true, clock.now());
  expect(await count()).toEqual([0, 0]);
  await post(hub, of("[ipv4-addr:value = '45.60.3.2']"));
  await eventOf(hub);
  expect(await count()).toEqual([1, 1]);
  await sweepMemory(hub.hub.store, (id) => id !== MAIN, clock.now());
  expect(await count()).toEqual([0, 0]);
});

test('no feed in use is forgotten, however many there are', async () => {
  const { hub } = await started();
  const feeds = Array.from({ length: 203 }, (_, i) =>
    MISP_FEEDS.insert(`feed-${i}`, { collection: MAIN, generation: 1, used: clock.now() - i }),
  );
  await hub.store.commit({ records: feeds });
  const left = async (): Promise<number> => {
    await sweepMemory(hub.store, () => true, clock.now());
    return hub.store.countRecords('misp-feed');
  };
  clock.advance(7 * 86_400_000);
  expect(await left()).toBe(203);
  clock.advance(2 * 86_400_000);
  expect(await left()).toBe(200);
});

test('a damaged record of an event neither stops the feed nor hides other events', async () => {
  const hub = await started();
  const days = ['2026-11-18', '2026-11-19', '2026-11-20'];
  const objects = days.map((day, i) => of(`[ipv4-addr:value = '45.60.4.${i}']`, { created: `${day}T08:00:00.000Z`, modified: `${day}T08:00:00.000Z` }));
  await post(hub, ...objects);
  const uuids = Object.keys(JSON.parse(await read(hub, 'manifest.json')) as Json);
  expect(uuids).toHaveLength(3);
  const records = await hub.hub.store.records('misp-event');
  const [first, second] = records;
  if (first === undefined || second === undefined) throw new Error('the feed has events');
  await hub.hub.store.commit({
    records: [first, second].map(({ id, revision, index }) => ({ kind: 'misp-event', id, expected: revision, index, document: { feed: 5 } })),
  });
  clock.advance(3_600_000);
  for (const one of objects) await hub.as('writer').delete(`${objectsOf(MAIN)}${String(one['id'])}/`);
  await post(hub, of("[ipv4-addr:value = '45.60.4.9']", { created: '2026-11-25T08:00:00.000Z', modified: '2026-11-25T08:00:00.000Z' }));
  const after = await started();
  const manifest = JSON.parse(await read(after, 'manifest.json')) as Record<string, Json>;
  // The events whose records are whole are listed as removed. The damaged ones are gone from the store with the next sweep.
  expect(Object.values(manifest).filter(({ info }) => info === 'Removed')).toHaveLength(1);
  await sweepMemory(hub.hub.store, () => false, clock.now());
  expect(await hub.hub.store.countRecords('misp-event')).toBe(0);
}); // prettier-ignore

test('an event is sent for ten seconds although objects arrive, and not after a suppression', async () => {
  const hub = await started();
  await post(hub, of("[ipv4-addr:value = '45.60.5.1']"), of("[ipv4-addr:value = '45.60.5.2']"));
  const [uuid = ''] = Object.keys(JSON.parse(await read(hub, 'manifest.json')) as Json);
  const values = async (): Promise<readonly string[]> =>
    shown((JSON.parse(await read(hub, `${uuid}.json`)) as { Event: Event }).Event);
  clock.advance(1_000);
  await post(hub, of("[ipv4-addr:value = '45.60.5.3']"));
  expect(await values()).toEqual(['45.60.5.1', '45.60.5.2']);
  await hub.api('analyst', 'POST', '/suppressions', { values: ['45.60.5.1'], reason: 'a resolver' });
  expect(await values()).not.toContain('45.60.5.1');
  await post(hub, of("[ipv4-addr:value = '45.60.5.4']"));
  clock.advance(10_000);
  expect(await values()).toContain('45.60.5.4');
});
