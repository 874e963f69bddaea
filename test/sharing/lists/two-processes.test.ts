import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { LIST_STATES } from '../../../src/sharing/saved-lists/model.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../../support/interleaved-store.ts';

/*
 * Two processes of a hub with one store, as behind a load balancer: people work at one of them, and tools fetch from the
 * other one. Only the first process does background work, which is the worst case for the second one.
 */

let shared: InterleavedStore;
let one: TestHub;
let other: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');

beforeAll(async () => {
  shared = await interleavedStore();
  one = await testHub(SETTINGS, { clock, store: shared.store });
  // A hub that stops closes its store, so only the first one may.
  const stays = new Proxy(shared.store, {
    get: (target, name): unknown =>
      name === 'close' ? () => Promise.resolve() : Reflect.get(target, name, target),
  });
  other = await testHub(SETTINGS, { clock, store: stays });
  await one.hub.valueView.followAll();
});
afterAll(async () => {
  await other.stop();
  await one.stop();
  shared.remove();
});

const ip = (value: string, over: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: value,
    modified: new Date(clock.now()).toISOString(),
    created: new Date(clock.now()).toISOString(),
    valid_from: new Date(clock.now()).toISOString(),
    ...over,
  });
const post = async (hub: TestHub, ...objects: readonly Json[]): Promise<void> => {
  const { body } = await hub.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const get = (hub: TestHub, path: string, headers: Record<string, string> = {}): supertest.Test =>
  supertest(hub.hub.app)
    .get(path)
    .set({ Authorization: `Bearer ${keyOf('reader')}`, ...headers });
const lines = async (hub: TestHub, path = '/lists/indicators/plain'): Promise<readonly string[]> => {
  const { status, text } = await get(hub, path);
  expect([path, status]).toEqual([path, 200]);
  return text.split('\n').filter(Boolean);
};
const removals = async (hub: TestHub, list: string): Promise<readonly string[]> =>
  (await lines(hub, `/lists/${list}/removals`)).map((line) => {
    const { value, reason } = JSON.parse(line) as { value: string; reason: string };
    return `${value} ${reason}`;
  });
/** The values of the indicators in force. */
const inForce = async (hub: TestHub): Promise<readonly string[]> => {
  const { body } = await hub.as('reader').get(objectsOf(MAIN).replace('/collections/', '/current/collections/'));
  return ((body as { objects?: Json[] }).objects ?? []).filter(({ type }) => type === 'indicator').map(({ name }) => String(name)).toSorted();
}; // prettier-ignore

test('lists, current collections and removals of one process follow what people do at another one', async () => {
  const [stays, revoked, removed] = [ip('45.60.1.1'), ip('45.60.1.2'), ip('45.60.1.3')];
  // The lifetime of the fourth ends after 14 days (`life`), and no one does anything for it.
  const long = { valid_until: '2027-06-01T00:00:00Z' };
  await post(one, { ...stays, ...long }, { ...revoked, ...long }, { ...removed, ...long }, ip('45.60.1.4'), ip('45.60.1.5', long));
  const all = ['45.60.1.1', '45.60.1.2', '45.60.1.3', '45.60.1.4', '45.60.1.5'];
  expect(await lines(other)).toEqual(all);
  expect(await inForce(other)).toEqual(all);
  clock.advance(60_000);
  await post(one, { ...revoked, ...long, modified: new Date(clock.now()).toISOString(), revoked: true });
  await one.as('writer').delete(`${objectsOf(MAIN)}${String(removed['id'])}/`);
  expect(await lines(other)).toEqual(['45.60.1.1', '45.60.1.4', '45.60.1.5']);
  expect(await inForce(other)).toEqual(['45.60.1.1', '45.60.1.4', '45.60.1.5']);
  clock.advance(14 * 86_400_000);
  for (const hub of [other, one]) {
    expect(await lines(hub)).toEqual(['45.60.1.1', '45.60.1.5']);
    expect(await inForce(hub)).toEqual(['45.60.1.1', '45.60.1.5']);
  }
  await one.hub.valueView.followAll();
  await one.hub.valueView.followAll();
  const left = ['45.60.1.2 revoked', '45.60.1.3 withdrawn', '45.60.1.4 expired'];
  for (const hub of [one, other]) expect((await removals(hub, 'indicators')).toSorted()).toEqual(left);
}); // prettier-ignore

test('a value that is suppressed at one process leaves every list of another one at once, and only once', async () => {
  const request = { name: 'firewalls', collections: [MAIN], format: 'edl-ip' };
  expect((await one.api('chief', 'POST', '/lists', request)).status).toBe(201);
  const tag = (await get(other, '/lists/firewalls')).headers['etag'];
  expect(await lines(other, '/lists/firewalls')).toEqual(['45.60.1.1', '45.60.1.5']);
  const { body } = await one.api('chief', 'POST', '/suppressions', {
    values: ['45.60.1.5'],
    reason: 'the bank of a member',
  });
  const [made] = (body['suppressions'] ?? body['items'] ?? [body]) as Json[];
  // Each process writes what it noted about readers when somebody asks, or every few seconds.
  const statesAt = async (hub: TestHub): Promise<readonly string[]> =>
    ((await hub.api('chief', 'GET', `/suppressions/${String(made?.['id'])}`)).body['recipients'] as Json[])
      .map(({ what, state }) => `${String(what).split(' ')[0]} ${String(state)}`)
      .filter((line) => !line.startsWith('type='))
      .toSorted();
  const states = async (): Promise<readonly string[]> => {
    await statesAt(other);
    return statesAt(one);
  };
  expect(await states()).toEqual(['format=plain holding', 'list=firewalls holding']);
  clock.advance(1_000);
  // No cycle has passed. A condition that fits the list before the suppression must not be answered with 304.
  expect((await get(other, '/lists/firewalls', { 'If-None-Match': String(tag) })).status).toBe(200);
  expect(await lines(other)).toEqual(['45.60.1.1']);
  expect(await inForce(other)).toEqual(['45.60.1.1']);
  // The fetches from the other process confirm the removal at the first one.
  expect(await states()).toEqual(['format=plain confirmed', 'list=firewalls confirmed']);
  await one.hub.listPublisher.publishAll();
  await other.hub.listPublisher.publishAll();
  expect(await removals(one, 'firewalls')).toEqual(['45.60.1.5 suppressed']);
  expect(await removals(other, 'firewalls')).toEqual(['45.60.1.5 suppressed']);
});

test('while another process replaces the values of a saved list, it does not contain what was suppressed since', async () => {
  const long = { valid_until: '2027-06-01T00:00:00Z' };
  await post(one, ip('45.60.1.6', long), ip('45.60.1.7', long));
  const request = { name: 'devices', collections: [MAIN], format: 'edl-ip' };
  expect((await one.api('chief', 'POST', '/lists', request)).status).toBe(201);
  expect(await lines(other, '/lists/devices')).toEqual(['45.60.1.1', '45.60.1.6', '45.60.1.7']);
  const lease = await shared.store.takeLease('lists', 60_000);
  const state = await LIST_STATES.in(shared.store).get('devices');
  if (state === undefined || lease === undefined) throw new Error('no state');
  await shared.store.commit({ records: [LIST_STATES.change(state, { ...state.document, applying: true })] });
  await one.api('chief', 'POST', '/suppressions', { values: ['45.60.1.7'], reason: 'the bank of a member' });
  expect(await lines(other, '/lists/devices')).toEqual(['45.60.1.1', '45.60.1.6']);
  await shared.store.releaseLease(lease);
  await one.hub.listPublisher.publishAll();
  expect(await lines(other, '/lists/devices')).toEqual(['45.60.1.1', '45.60.1.6']);
}); // prettier-ignore

test('while another process builds the values again, no list contains what was suppressed since', async () => {
  expect(await lines(other)).toEqual(['45.60.1.1', '45.60.1.6']);
  await one.hub.valueView.rebuild(MAIN);
  const lease = await shared.store.takeLease('values', 30_000);
  expect(lease).toBeDefined();
  // A list that lacks nothing is better than none.
  expect(await lines(other)).toEqual(['45.60.1.1', '45.60.1.6']);
  await one.api('chief', 'POST', '/suppressions', { values: ['45.60.1.1'], reason: 'the resolver of a member' });
  const { status, text } = await get(other, '/lists/indicators/plain');
  expect([status, text.includes('45.60.1.1')]).toEqual([503, false]);
  expect(other.logged.filter((line) => line.includes('list.failed'))).toEqual([]);
  expect(other.logged.filter((line) => line.includes('"list.not_ready"') && line.includes('"info"'))).toHaveLength(1);
  if (lease !== undefined) await shared.store.releaseLease(lease);
  await one.hub.valueView.followAll();
  expect(await lines(other)).toEqual(['45.60.1.6']);
}); // prettier-ignore
