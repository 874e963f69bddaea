// Collections that are updated and deleted while they contain objects.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { GRANTS, grantId } from '../../src/access/model.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type ApiAnswer, type TestHub } from '../support/hub.ts';

const AMBER = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
const CLEAR = 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487';
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';

let clock: TestClock;
let t: TestHub;
let id: string;

beforeEach(async () => {
  clock = new TestClock('2026-01-15T12:00:00.000Z');
  t = await testHub(SETTINGS, { clock });
  const made = await t.api('chief', 'POST', '/collections', {
    title: 'Kits',
    alias: 'kits',
    max_tlp: 'amber',
  });
  id = String(made.body['id']);
  await t.api('chief', 'POST', '/collections/kits/grants', { to: 'account:writer', read: true, write: true });
});
afterEach(() => t.stop());

const kits = (method: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer> =>
  t.api('chief', method, '/collections/kits', body, headers);
const submit = async (collection: string, ...markings: string[]): Promise<readonly string[]> => {
  const objects = markings.map((marking) => anIndicator({ object_marking_refs: [marking] }));
  await t.as('writer').post(objectsOf(collection), { objects });
  return objects.map((object) => String(object['id']));
};
const idsIn = async (collection: string): Promise<readonly string[]> => {
  const { body } = await t.as('writer').get(`${objectsOf(collection)}?match[type]=indicator`);
  return ((body as { objects?: Json[] }).objects ?? []).map((object) => String(object['id']));
};
const audited = async (action: string): Promise<readonly Json[]> => {
  const { items } = (await t.api('chief', 'GET', '/audit?limit=500')).body as { items: { fact: Json }[] };
  return items.map(({ fact }) => fact).filter((fact) => fact['action'] === action);
};

test('a collection is updated on the revision that the caller has seen', async () => {
  const { body, headers } = await kits('GET');
  const old = String(headers['etag']);
  expect(body).toMatchObject({ title: 'Kits', max_tlp: 'amber', min_tlp: 'clear', unmarked: 'default' });
  const change = { title: 'Phishing kits', description: 'From our sandbox', default_tlp: 'green', validation: 'strict' };
  const changed = await kits('PATCH', change, { 'If-Match': old });
  expect([changed.status, changed.body]).toEqual([200, expect.objectContaining(change)]);
  expect(await kits('PATCH', { title: 'Other' }, { 'If-Match': old })).toMatchObject({
    status: 412,
    body: { code: 'TLN-S-412' },
  });
  const { body: after } = await kits('PATCH', { description: null });
  expect([after['title'], after['description']]).toEqual(['Phishing kits', undefined]);
  expect((await audited('collection.update')).map(({ details }) => details)).toEqual([
    { changed: ['description'] },
    { changed: ['title', 'description', 'default_tlp', 'validation'] },
  ]);
}); // prettier-ignore

test('a lower maximum TLP removes what is stricter, and clients learn of the removal', async () => {
  const [amber = '', clear = ''] = await submit(id, AMBER, CLEAR);
  expect(await idsIn(id)).toEqual([amber, clear]);
  expect((await kits('PATCH', { max_tlp: 'clear', min_tlp: 'green' })).body['code']).toBe('TLN-L-424');
  expect((await kits('PATCH', { max_tlp: 'clear' })).status).toBe(200);
  // Nobody gets access before the stricter object is gone.
  const grant = () => t.api('chief', 'POST', '/collections/kits/grants', { to: 'public' });
  expect((await grant()).body['code']).toBe('TLN-L-403');
  await t.hub.routing.routeAll();
  expect((await grant()).status).toBe(200);
  expect(await idsIn(id)).toEqual([clear]);
  const removed = await t.api('chief', 'GET', '/audit?limit=500');
  expect(JSON.stringify(removed.body)).toContain(amber);
  expect(await audited('object.tighten')).toHaveLength(1);
  await submit(id, AMBER);
  expect(await idsIn(id)).toEqual([clear]);
});

test('the hub refuses a maximum TLP above the clearance of a reader, who would lose access', async () => {
  await kits('PATCH', { max_tlp: 'clear' });
  await t.hub.routing.routeAll();
  await t.api('chief', 'POST', '/collections/kits/grants', { to: 'public', read: true });
  const refused = await kits('PATCH', { max_tlp: 'green' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'TLN-L-431' } });
  expect(String(refused.body['detail'])).toContain('public');
  await t.api('chief', 'DELETE', '/collections/kits/grants/public');
  expect((await kits('PATCH', { max_tlp: 'green' })).status).toBe(200);
});

test('a grant that gives no access does not prevent another maximum TLP', async () => {
  await kits('PATCH', { max_tlp: 'amber+strict' });
  await t.hub.store.commit({
    records: [GRANTS.put(grantId({ collection: id, to: 'public' }), undefined, { collection: id, to: 'public', read: true, write: false })],
  });
  for (const max of ['amber', 'green'])
    expect([max, (await kits('PATCH', { max_tlp: max })).status]).toEqual([max, 200]);
}); // prettier-ignore

test('collections of the settings file and of members keep their levels, and cannot be deleted', async () => {
  const made = await t.api('chief', 'POST', '/members', { name: 'samoa', title: 'Samoa', collection: true });
  const own = String(made.body['collection']);
  const at = `/collections/${own}`;
  expect((await t.api('chief', 'PATCH', at, { max_tlp: 'green' })).body['code']).toBe('TLN-L-432');
  expect((await t.api('chief', 'PATCH', at, { title: 'For Samoa' })).body['title']).toBe('For Samoa');
  expect((await t.api('chief', 'DELETE', at)).body['code']).toBe('TLN-L-433');
  for (const method of ['PATCH', 'DELETE'])
    expect(
      (await t.api('chief', method, `/collections/${MAIN}`, method === 'PATCH' ? { title: 'x' } : undefined))
        .body['code'],
    ).toBe('TLN-L-410');
});

test('a deleted collection is gone at once for everybody, and its objects and its record within two minutes', async () => {
  const [object = ''] = await submit(id, GREEN);
  const [other = ''] = await submit(MAIN, GREEN);
  const { status, body } = await kits('DELETE');
  expect([status, body]).toEqual([200, { id, title: 'Kits', objects: 1, grants: ['account:writer'] }]);
  expect((await t.as('writer').get(objectsOf(id))).status).toBe(404);
  for (const name of ['kits', id])
    expect((await t.api('chief', 'GET', `/collections/${name}`)).status).toBe(404);
  expect(JSON.stringify((await t.api('chief', 'GET', '/collections')).body)).not.toContain(id);
  expect(JSON.stringify((await t.api('chief', 'GET', '/status')).body)).not.toContain(id);
  // The alias is free, and grants on the old id are not possible.
  expect((await t.api('chief', 'POST', `/collections/${id}/grants`, { to: 'account:reader' })).status).toBe(404);
  expect((await t.api('chief', 'POST', '/collections', { title: 'New', alias: 'kits' })).status).toBe(201);
  const entries = async (): Promise<number> =>
    (await t.hub.store.sizes()).find((one) => one.collection === id)?.entries ?? 0;
  expect(await entries()).toBe(1);
  await t.hub.routing.routeAll();
  expect([await entries(), await t.hub.store.record('collection', id)]).toEqual([0, expect.anything()]);
  clock.advance(61_000);
  await t.hub.directory.refresh();
  await t.hub.routing.routeAll();
  expect(await t.hub.store.record('collection', id)).toBeUndefined();
  expect(await idsIn(MAIN)).toEqual([other]);
  expect((await t.api('analyst', 'GET', `/objects/${object}`)).status).toBe(404);
  expect(await audited('collection.delete')).toMatchObject([
    { resource: `collection/${id}`, details: { title: 'Kits', objects: 1 } },
  ]);
}); // prettier-ignore

test('a collection that something needs is not deleted, and the error names it', async () => {
  const code = async (): Promise<readonly string[]> => {
    const { body } = await kits('DELETE');
    return [String(body['code']), String(body['detail'])];
  };
  await t.api('chief', 'POST', '/rules', { name: 'to-kits', from: 'indicators', to: 'kits' });
  await t.api('chief', 'POST', '/feeds', { name: 'tor', collection: 'kits', preset: 'tor-exits' });
  await t.api('chief', 'POST', '/collections/kits/grants', { to: 'role:administrator' });
  await t.api('chief', 'POST', '/lists', { name: 'kits-list', collections: ['kits'], format: 'edl-ip' });
  await submit(id, 'marking-definition--0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60');
  const [first, detail = ''] = await code();
  expect(first).toBe('TLN-L-434');
  expect(detail).toContain('feed tor, rule to-kits, saved list kits-list, 1 object on hold');
}); // prettier-ignore
