// Deleted collections are hidden from everything else, and leave nothing behind.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLog } from '../../src/kernel/log.ts';
import { SearchIndex } from '../../src/sharing/reading/search-index.ts';
import { namesIn } from '../../src/sharing/reading/search-names.ts';
import { allIn } from '../../src/sharing/values/contribution.ts';
import { aCandidate, anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { objectsOf, ownKeys, testHub, type TestHub } from '../support/hub.ts';

const SETTINGS = `
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }]
members:
  - { name: tonga, networks: [45.9.8.0/22] }
accounts:
  - { name: officer, role: officer, member: tonga, person: true, key_env: KEY_OFFICER }
  - { name: sensor, role: machine, member: tonga, key_env: KEY_SENSOR }
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
`;
const HOUR = 3_600_000;

let clock: TestClock;
let t: TestHub;
let id: string;

beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:05:00.000Z');
  t = await testHub(SETTINGS, { clock });
  await ownKeys(t.hub, 'officer');
  const { body } = await t.api('chief', 'POST', '/collections', { title: 'Kits', alias: 'kits' });
  id = String(body['id']);
  await t.api('chief', 'POST', '/collections/kits/grants', { to: 'member:tonga', read: true, write: true });
});
afterEach(() => t.stop());

const withValue = (value: string): Json =>
  anIndicator({ pattern: `[domain-name:value = '${value}']`, valid_until: '2027-01-29T12:00:00Z' });
const submit = async (...values: readonly string[]): Promise<void> => {
  await t.as('sensor').post(objectsOf(id), { objects: values.map(withValue) });
};
const deleted = async (): Promise<void> => {
  expect((await t.api('chief', 'DELETE', '/collections/kits')).status).toBe(200);
};
const entries = async (): Promise<number> =>
  (await t.hub.store.sizes()).find((one) => one.collection === id)?.entries ?? 0;

test('an anonymous object that waits for a deleted collection is refused, and its member sees why', async () => {
  const { status } = await t.api('officer', 'POST', '/collections/kits/anonymous-objects', {
    objects: [withValue('evil.reef-bank.com')],
    attribution: 'anonymous-to-members',
  });
  expect(status).toBe(200);
  await deleted();
  clock.advance(2 * HOUR);
  await t.hub.anonymousReleases.releaseDue();
  expect(await entries()).toBe(0);
  expect((await t.api('officer', 'GET', '/anonymous-objects')).body['items']).toMatchObject([
    { state: 'refused', message: 'the collection was removed' },
  ]);
});

test('a deleted collection is not listed with the values, and gets no removal notices', async () => {
  await submit('evil.reef-bank.com');
  const views = async (): Promise<string> =>
    JSON.stringify((await t.api('chief', 'GET', '/values/views')).body);
  expect(await views()).toContain(id);
  await deleted();
  expect(await views()).not.toContain(id);
  const { status, body } = await t.api('chief', 'POST', '/suppressions', {
    values: ['evil.reef-bank.com'],
    reason: 'the bank of a member',
  });
  expect([status, JSON.stringify(body).includes(id)]).toEqual([201, false]);
  expect(await entries()).toBe(1);
});

/** Lets both passes of a removal become due, and does them. */
const removed = async (): Promise<void> => {
  for (let pass = 0; pass < 2; pass++) {
    await t.hub.routing.routeAll();
    clock.advance(61_000);
    await t.hub.directory.refresh();
  }
  for (let i = 0; i < 20; i++) await t.hub.routing.routeAll();
};
const logged = (): number => t.logged.filter((line) => line.includes('"collection.deleted"')).length;

test('the indexes keep no cursor and no name of a deleted collection, even if they are behind', async () => {
  await submit('evil.reef-bank.com', 'other.reef-bank.com');
  await t.hub.valueView.followAll();
  await new SearchIndex(t.hub.store, t.hub.directory, clock, silentLog).indexAll();
  await t.hub.scoreFollower.follow();
  const namesLeft = async (): Promise<number> =>
    (await t.hub.store.names({ ranges: [...allIn(id), ...namesIn(id)], limit: 100 })).length;
  const cursors = async (): Promise<readonly string[]> => {
    const kinds = ['collection', 'routing', 'value-index', 'name-index', 'score-index'];
    const found = await Promise.all(kinds.map((kind) => t.hub.store.record(kind, id)));
    return kinds.filter((_, i) => found[i] !== undefined);
  };
  expect(await cursors()).toEqual(['collection', 'value-index', 'name-index', 'score-index']);
  expect(await namesLeft()).toBeGreaterThan(0);
  await deleted();
  await removed();
  expect([await cursors(), await namesLeft()]).toEqual([[], 0]);
  // The view of another process may still know the collection, and reads the removals.
  await t.hub.valueView.catchUp(id);
  expect(await cursors()).toEqual([]);
  expect(logged()).toBe(1);
});

test('objects that another process stored after the removal delay the end by a minute and are logged', async () => {
  await submit('evil.reef-bank.com');
  await deleted();
  await t.hub.routing.routeAll();
  await t.hub.store.commit({
    placements: [{ collection: id, candidates: [aCandidate(withValue('late.reef-bank.com'))] }],
  });
  expect(await entries()).toBe(1);
  clock.advance(61_000);
  await t.hub.directory.refresh();
  await t.hub.routing.routeAll();
  await t.hub.routing.routeAll();
  expect([await entries(), logged()]).toEqual([0, 2]);
  expect(await t.hub.store.record('collection', id)).toBeDefined();
  await removed();
  expect([await t.hub.store.record('collection', id), logged()]).toEqual([undefined, 2]);
});

test('routing continues while a large collection is removed', async () => {
  const many = Array.from({ length: 1_001 }, (_, i) => aCandidate(withValue(`a${i}.reef-bank.com`)));
  await t.hub.store.commit({ placements: [{ collection: id, candidates: many }] });
  const { body } = await t.api('chief', 'POST', '/collections', { title: 'Source', alias: 'source' });
  const to = await t.api('chief', 'POST', '/collections', { title: 'Target', alias: 'target' });
  await t.api('chief', 'POST', '/rules', { name: 'on', from: 'source', to: 'target' });
  await t.api('chief', 'POST', '/collections/source/grants', { to: 'member:tonga', write: true });
  await t.as('sensor').post(objectsOf(String(body['id'])), { objects: [withValue('evil.reef-bank.com')] });
  await deleted();
  expect(await t.hub.routing.routeAll()).toBe(1);
  expect((await t.hub.store.sizes()).find((one) => one.collection === to.body['id'])?.entries).toBe(1);
  expect([await entries(), logged()]).toEqual([1, 0]);
  await t.hub.routing.routeAll();
  expect([await entries(), logged()]).toEqual([0, 1]);
  expect(t.logged.find((line) => line.includes('"collection.deleted"'))).toContain('"removed":1001');
});
