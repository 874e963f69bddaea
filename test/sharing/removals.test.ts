import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { observableId } from '../../src/stix/identifiers.ts';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
const clock = new TestClock();
beforeAll(async () => {
  t = await testHub(`${SETTINGS}\ngroups: [{ name: circle, members: [fiji] }]\n`, { clock });
});
afterAll(async () => {
  await t.stop();
});

const marked = (tlp: Tlp): Json => ({ object_marking_refs: [tlpMarkingId(tlp)] });
const address = (value: string, tlp: Tlp): Json => ({ type: 'ipv4-addr', spec_version: '2.1', id: String(observableId({ type: 'ipv4-addr', value })), value, ...marked(tlp) }); // prettier-ignore
const removals = async (who: string | undefined): Promise<unknown[]> => {
  const { status, body } = await t.as(who).get(`/main/collections/${MAIN}/removals/`);
  expect(status).toBe(200);
  return ((body as { objects?: Json[] }).objects ?? []).map(({ id }) => id);
};
const grant = async (to: string): Promise<void> => {
  const { status } = await t.api('chief', 'POST', `/collections/${MAIN}/grants`, { to, read: true });
  expect([to, status]).toEqual([to, 200]);
};

/** Lowers the maximum TLP of a collection, as the settings file does. */
async function lower(max: Tlp): Promise<void> {
  const record = await t.hub.store.record('collection', MAIN);
  if (record === undefined) throw new Error('the collection does not exist');
  const tallest = record.document['max_tlp'] ?? 'amber+strict';
  await t.hub.store.commit({
    records: [{ kind: 'collection', id: MAIN, expected: record.revision, document: { ...record.document, max_tlp: max, tallest } }],
  }); // prettier-ignore
  await t.hub.directory.refresh();
  clock.advance(1_000);
  await t.hub.routing.routeAll();
}

test('each reader sees the removals of objects that it could have received, and no others', async () => {
  const strict = address('203.0.113.77', 'amber+strict');
  const amber = anIndicator(marked('amber'));
  const clear = anIndicator(marked('clear'));
  const early = anIndicator(marked('amber'));
  await grant('group:circle');
  await t.as('writer').post(objectsOf(MAIN), { objects: [strict, amber, clear, early] });
  clock.advance(1_000);
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(early['id'])}/`);
  clock.advance(1_000);
  await grant('account:nobody');
  // While the collection may contain all of them, every reader may know about all removals.
  expect(await removals('nobody')).toEqual([early['id']]);
  await lower('clear');
  clock.advance(1_000);
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(clear['id'])}/`);
  clock.advance(1_000);
  await grant('public');
  await t.api('chief', 'POST', '/members', { name: 'samoa' });
  await t.api('chief', 'POST', '/accounts', { name: 'late', role: 'machine', member: 'samoa' });
  await grant('member:samoa');
  const secret = String((await t.api('chief', 'POST', '/keys', { account: 'late' })).body['secret']);

  // Readers at the time of the removal, by a grant of their own or through a group with a grant.
  expect(await removals('sensor')).toEqual([early['id'], strict['id'], amber['id'], clear['id']]);
  expect(await removals('desk')).toEqual([early['id'], strict['id'], amber['id'], clear['id']]);
  // A reader who was admitted after the first removal and before the others.
  expect(await removals('nobody')).toEqual([strict['id'], amber['id'], clear['id']]);
  // The public, and a member that was admitted after the removals.
  expect(await removals(undefined)).toEqual([clear['id']]);
  const { body } = await t.as('reader').get(`/main/collections/${MAIN}/removals/`, { Authorization: `Bearer ${secret}` }); // prettier-ignore
  expect((body as { objects: Json[] }).objects.map(({ id }) => id)).toEqual([clear['id']]);
  expect(JSON.stringify(body)).not.toContain(String(strict['id']));
  // A page that ends or begins at a hidden removal does not reveal it either.
  const first = await t.as(undefined).get(`/main/collections/${MAIN}/removals/?limit=1`);
  expect(first.body).toEqual({ objects: [expect.objectContaining({ id: clear['id'] })] });
  expect(first.headers['x-taxii-date-added-first']).toBe(first.headers['x-taxii-date-added-last']);
});

test('a member that joins a group later sees no earlier removals', async () => {
  await t.api('chief', 'POST', '/groups', { name: 'ring' });
  await t.api('chief', 'PUT', '/groups/ring/members/tonga', {});
  await t.api('chief', 'POST', '/collections', { title: 'Ring', alias: 'ring' });
  await t.api('chief', 'POST', '/collections/ring/grants', { to: 'group:ring', read: true });
  await t.api('chief', 'POST', '/collections/ring/grants', { to: 'account:writer', read: true, write: true });
  const id = String((await t.hub.directory.refresh()).find('ring')?.id);
  const strict = anIndicator(marked('amber'));
  await t.as('writer').post(objectsOf(id), { objects: [strict] });
  const record = await t.hub.store.record('collection', id);
  await t.hub.store.commit({
    records: [{ kind: 'collection', id, expected: record?.revision ?? 0, document: { ...record?.document, max_tlp: 'green', tallest: 'amber+strict' } }],
  }); // prettier-ignore
  await t.hub.directory.refresh();
  clock.advance(1_000);
  await t.hub.routing.routeAll();
  clock.advance(1_000);
  await t.api('chief', 'PUT', '/groups/ring/members/fiji', {});
  const seen = async (who: string): Promise<unknown> => (await t.as(who).get(`/main/collections/${id}/removals/`)).body; // prettier-ignore
  expect(JSON.stringify(await seen('sensor'))).toContain(String(strict['id']));
  expect(await seen('desk')).toEqual({ more: false });
  // A member that leaves and joins again counts as a new member of the group.
  await t.api('chief', 'DELETE', '/groups/ring/members/tonga');
  clock.advance(1_000);
  await t.api('chief', 'PUT', '/groups/ring/members/tonga', {});
  expect(await seen('sensor')).toEqual({ more: false });
});
