// Deleted collections are hidden from everything else, and leave nothing behind.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
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
