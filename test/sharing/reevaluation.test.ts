import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Audit } from '../../src/access/audit/audit.ts';
import { COLLECTIONS } from '../../src/access/model.ts';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Basis } from '../../src/sharing/reevaluation/basis.ts';
import { ROUTING } from '../../src/sharing/routing/model.ts';
import { Routing } from '../../src/sharing/routing/routing.ts';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

// An address of Fiji, which has no grant on the collection of the feed.
const ADDRESS = '198.51.100.70';

let server: Awaited<ReturnType<typeof listen>>;
let clock: TestClock;
let t: TestHub;

beforeEach(async () => {
  server = await listen((_request, response) => void response.writeHead(200).end(`${ADDRESS}\n`));
  clock = new TestClock('2026-01-15T12:00:00.000Z');
  t = await testHub(
    `${SETTINGS}
groups:
  - { name: region, members: [fiji] }
egress: { allow: ["${server.base.slice(7)}"] }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
  await server.close();
});

const feedDocument = (redistribute: 'no' | 'members') => {
  const list = loadPreset('plain-list');
  return checkDocument(
    {
      ...list,
      name: 'list',
      enabled: false,
      values: special,
      transport: { kind: 'https', url: server.base },
      defaults: { ...list.defaults, tlp: 'green', redistribute },
    },
    'list',
  );
};
const createFeed = async (redistribute: 'no' | 'members'): Promise<void> => {
  await t.hub.feeds.registry.create(feedDocument(redistribute), 'indicators', []);
  expect(await t.hub.feeds.runner.run('list')).toMatchObject({ created: 1 });
};
const licence = (redistribute: 'no' | 'members') =>
  t.hub.feeds.registry.update('list', feedDocument(redistribute), 'indicators', []);
const route = () => t.hub.routing.routeAll();

/** The names of the indicators in a collection. */
const namesIn = async (collection: string): Promise<readonly unknown[]> => {
  const { entries } = await t.hub.store.entries(
    { collection, after: 0, limit: 100, types: ['indicator'], versions: ALL_VERSIONS },
    true,
  );
  return entries.map(({ text }) => (JSON.parse(text ?? '{}') as Json)['name']);
};
const ownOf = async (member: string): Promise<string> =>
  (await t.hub.directory.refresh()).members.get(member)?.collection ?? '';
const indicator = async (): Promise<string> => {
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=indicator`);
  return String((body as { objects: Json[] }).objects[0]?.['id']);
};
const codes = async (member: string): Promise<readonly unknown[]> => {
  const answer = await t.api('chief', 'GET', `/deliveries/why?object=${await indicator()}&member=${member}`);
  return (answer.body['reasons'] as Json[]).map(({ code }) => code);
};
const logged = (event: string): readonly Json[] =>
  t.logged.map((line) => JSON.parse(line) as Json).filter((line) => line['event'] === event);

test('a licence that is changed to allow redistribution applies to the stored objects', async () => {
  await createFeed('no');
  await route();
  expect(await codes('fiji')).toContain('licence');
  await licence('members');
  // Before routing has come to it, nothing shows that it was there and was removed.
  expect(await codes('fiji')).toContain('routing-behind');
  await route();
  expect(await namesIn(await ownOf('fiji'))).toEqual([ADDRESS]);
  expect(logged('routing.restarted')).toEqual([
    expect.objectContaining({ source: 'indicators', because: 'the licence of a feed changed' }),
  ]);
});

test('a licence that is changed to forbid redistribution removes the objects once, and they return when it allows it again', async () => {
  const rule = { name: 'green', from: 'indicators', to: 'shared' };
  await t.api('chief', 'POST', '/collections', { title: 'Shared', alias: 'shared', max_tlp: 'green' });
  expect((await t.api('chief', 'POST', '/rules', rule)).status).toBe(201);
  await createFeed('members');
  await route();
  const shared = (await t.hub.directory.refresh()).collection('main', 'shared')?.id ?? '';
  const places = [MAIN, await ownOf('fiji'), shared];
  const everywhere = () => Promise.all(places.map(namesIn));
  expect(await everywhere()).toEqual([[ADDRESS], [ADDRESS], [ADDRESS]]);
  await licence('no');
  await route();
  expect(await everywhere()).toEqual([[ADDRESS], [], []]);
  expect(await codes('fiji')).toContain('licence');
  const { items } = (await t.api('chief', 'GET', '/audit?order=oldest&limit=500')).body as {
    items: { fact: Json }[];
  };
  expect(items.filter(({ fact: { action } }) => action === 'object.withhold')).toHaveLength(2);
  const [told, ...more] = logged('feed.withheld');
  expect([told?.['feeds'], more.length]).toEqual(['list', 0]);
  // A minute later, what another process forwarded in the meantime is removed as well, and then no more is done.
  clock.advance(61_000);
  await route();
  expect((await t.hub.store.records('kept-licence')).map(({ document }) => document['settled'])).toEqual([
    true,
  ]);
  await licence('members');
  await route();
  expect(await everywhere()).toEqual([[ADDRESS], [ADDRESS], [ADDRESS]]);
  expect(await t.hub.store.records('kept-licence')).toEqual([]);
});

test('a damaged feed keeps its objects where they are', async () => {
  await createFeed('members');
  await route();
  const record = await t.hub.store.record('feed', 'list');
  const document = { ...record?.document, identity: 7 };
  await t.hub.store.commit({
    records: [{ kind: 'feed', id: 'list', expected: record?.revision ?? 0, document }],
  });
  await t.hub.directory.refresh();
  await route();
  expect(await namesIn(await ownOf('fiji'))).toEqual([ADDRESS]);
});

test('rules, claims and a raised maximum TLP reach the stored objects, each with a line in the log', async () => {
  await createFeed('members');
  await route();
  const because = async (): Promise<unknown> => {
    await route();
    return logged('routing.restarted')
      .filter(({ source }) => source === 'indicators')
      .at(-1)?.['because'];
  };
  const made = await t.api('chief', 'POST', '/collections', {
    title: 'Wide',
    alias: 'wide',
    max_tlp: 'clear',
  });
  const wide = String(made.body['id']);
  await t.api('chief', 'POST', '/rules', { name: 'all', from: 'indicators', to: 'wide' });
  expect(await because()).toContain('the forwarding rules changed');
  expect(await namesIn(wide)).toEqual([]);
  const record = await COLLECTIONS.in(t.hub.store).get(wide);
  if (record === undefined) throw new Error('the collection is missing');
  await t.hub.store.commit({
    records: [COLLECTIONS.change(record, { ...record.document, max_tlp: 'green' })],
  });
  await t.hub.directory.refresh();
  expect(await because()).toBe('the TLP levels or readers of a collection changed');
  expect(await namesIn(wide)).toEqual([ADDRESS]);
  await t.api('chief', 'POST', '/members', { name: 'samoa', collection: true, networks: [`${ADDRESS}/32`] });
  expect(await because()).toContain('claims');
  expect(await namesIn(await ownOf('samoa'))).toEqual([ADDRESS]);
});

test('a changed region brings the stored objects into the review of what nobody received', async () => {
  const { store, directory } = t.hub;
  const routingFor = (region: readonly string[]) =>
    new Routing(store, directory, clock, silentLog, new Audit(store, clock, systemIds, silentLog), region); // prettier-ignore
  const location = {
    type: 'location', spec_version: '2.1', id: 'location--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', country: 'WS',
    created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z',
  }; // prettier-ignore
  await t.as('writer').post(objectsOf(MAIN), { objects: [location] });
  const waiting = async (): Promise<unknown> =>
    ((await t.api('chief', 'GET', '/triage')).body as { items: Json[] }).items.map(({ country }) => country);
  await routingFor(['CK']).routeAll();
  expect(await waiting()).toEqual([]);
  await routingFor(['CK', 'WS']).routeAll();
  expect(await waiting()).toEqual(['WS']);
});

test('grants and group membership apply to the stored objects with the next request', async () => {
  await createFeed('members');
  const reads = async (): Promise<number> => (await t.as('desk').get(objectsOf(MAIN))).status;
  const before = await reads();
  await t.api('chief', 'POST', '/collections/indicators/grants', { to: 'group:region' });
  expect([before, await reads()]).toEqual([404, 200]);
  await t.api('chief', 'DELETE', '/collections/indicators/grants/group:region');
  expect(await reads()).toBe(404);
  await t.api('chief', 'POST', '/groups', { name: 'desks' });
  await t.api('chief', 'POST', '/collections/indicators/grants', { to: 'group:desks' });
  expect(await reads()).toBe(404);
  expect((await t.api('chief', 'PUT', '/groups/desks/members/fiji', {})).status).toBeLessThan(300);
  expect(await reads()).toBe(200);
  expect((await t.api('chief', 'DELETE', '/groups/desks/members/fiji')).status).toBeLessThan(300);
  expect(await reads()).toBe(404);
});

test('an explanation reports a removal only if there is a tombstone', async () => {
  await createFeed('members');
  const snapshot = await t.hub.directory.refresh();
  // A cursor that has passed the object without placing it.
  const cursor = { added: Number.MAX_SAFE_INTEGER, basis: new Basis([]).of(snapshot, { id: MAIN }) };
  await t.hub.store.commit({ records: [ROUTING.insert(MAIN, cursor)] });
  expect(await codes('fiji')).toContain('never-placed');
  const record = await ROUTING.in(t.hub.store).get(MAIN);
  if (record === undefined) throw new Error('the cursor is missing');
  await t.hub.store.commit({ records: [ROUTING.change(record, { ...cursor, added: 0 })] });
  await route();
  await t.hub.store.remove({
    collection: await ownOf('fiji'),
    id: await indicator(),
    versions: ALL_VERSIONS,
  });
  expect(await codes('fiji')).toContain('removed');
});
