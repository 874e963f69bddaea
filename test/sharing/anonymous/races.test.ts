import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { objectsOf, ownKeys, testHub, type TestHub } from '../../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../../support/interleaved-store.ts';

/* Tests actions of a member while the hub releases its objects, as another process of the hub would take them. */

const SHARED = '11110000-3a52-4f0e-9d0a-6a0f5f5a1c11';
const SETTINGS = `
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${SHARED}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:tonga", read: true, write: true }] }
members:
  - { name: tonga, networks: [45.9.8.0/22] }
accounts:
  - { name: officer, role: officer, member: tonga, person: true, key_env: KEY_OFFICER }
  - { name: sensor, role: machine, member: tonga, key_env: KEY_SENSOR }
`;
const HOUR = 3_600_000;

let interleaved: InterleavedStore;
let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  interleaved = await interleavedStore();
  clock = new TestClock('2026-11-29T12:05:00.000Z');
  t = await testHub(SETTINGS, { clock, store: interleaved.store });
  await ownKeys(t.hub, 'officer');
});
afterEach(async () => {
  interleaved.before = undefined;
  await t.stop();
  interleaved.remove();
});

const submit = async (value: string): Promise<string> => {
  const object = anIndicator({ pattern: `[domain-name:value = '${value}']`, valid_until: '2027-01-29T12:00:00Z' });
  const { body } = await t.api('officer', 'POST', '/collections/shared/anonymous-objects', { objects: [object], attribution: 'anonymous-to-members' });
  return String((body['items'] as Json[])[0]?.['released_id']);
}; // prettier-ignore
const release = async (ms: number): Promise<void> => {
  clock.advance(ms);
  await t.hub.anonymousReleases.releaseDue();
};
const objects = async (query = ''): Promise<Json[]> =>
  ((await t.as('sensor').get(`${objectsOf(SHARED)}${query}`)).body as { objects?: Json[] }).objects ?? [];
const states = async (): Promise<unknown[]> =>
  ((await t.api('officer', 'GET', '/anonymous-objects')).body['items'] as Json[]).map(({ state }) => state);

/** Does something once, before the last commit of the next release: the one that records what was stored. */
function atTheEnd(act: () => Promise<void>): void {
  interleaved.before = async ({ records = [] }) => {
    const isLast =
      records.some((record) => record.kind === 'anonymous-object') && (await objects()).length > 0;
    if (!isLast) return;
    interleaved.before = undefined;
    await act();
  };
}

test('a revocation that arrives while its object is released follows it, and does not keep back others', async () => {
  const released = await submit('evil.reef-bank.com');
  await submit('other.reef-bank.com');
  atTheEnd(async () => {
    const { status } = await t.api('officer', 'POST', `/anonymous-objects/${released}/revocation`);
    expect(status).toBe(204);
  });
  await release(2 * HOUR);
  expect((await states()).map(String).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'released',
    'waiting',
  ]);
  await release(2 * HOUR);
  const found = await objects();
  expect(found.find(({ id }) => id === released)).toMatchObject({
    revoked: true,
    created: '2026-11-29T13:00:00.000Z',
    modified: '2026-11-29T15:00:00.000Z',
  });
  expect(found.find(({ id }) => id !== released)).toMatchObject({ modified: '2026-11-29T13:00:00.000Z' });
  expect((await states()).map(String).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'released',
    'revoked',
  ]);
});

test('a release that ends before it is recorded stores the same version again', async () => {
  await submit('evil.reef-bank.com');
  atTheEnd(() => Promise.reject(new Error('the process was killed')));
  await release(2 * HOUR);
  expect(await states()).toEqual(['waiting']);
  await release(60_000);
  expect(await objects('?match[version]=all')).toHaveLength(1);
  expect(await states()).toEqual(['released']);
});
