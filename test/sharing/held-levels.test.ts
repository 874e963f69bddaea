import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rankOf } from '../../src/stix/markings.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { objectsOf, testHub, type TestHub } from '../support/hub.ts';

const ONE = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(`
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${ONE}, api_root: main, alias: one, title: One, default_tlp: green, grants: [{ to: "member:tonga", read: true, write: true }, { to: "member:fiji", read: true, write: true }, { to: "role:analyst", read: true, write: true }] }
members: [{ name: tonga }, { name: fiji }]
accounts:
  - { name: fiji-box, role: machine, member: fiji, key_env: KEY_FIJI_BOX }
  - { name: analyst, role: analyst, key_env: KEY_ANALYST }
  - { name: chief, role: administrator, key_env: KEY_CHIEF }
`);
});
afterAll(() => t.stop());

test.each([
  ['disabled', () => t.api('chief', 'PATCH', '/accounts/strict-box', { disabled: true })],
  ['removed', () => t.api('chief', 'DELETE', '/accounts/strict-box')],
])('an object on hold keeps the level of its submitter when the account is %s', async (_what, end) => {
  const made = await t.api('chief', 'POST', '/accounts', { name: 'strict-box', role: 'machine', member: 'tonga', default_tlp: 'amber+strict' }); // prettier-ignore
  expect([201, 409]).toContain(made.status);
  await t.api('chief', 'PATCH', '/accounts/strict-box', { disabled: false });
  const { body: key } = await t.api('chief', 'POST', '/keys', { account: 'strict-box' });
  const { object_marking_refs: _refs, ...object } = anIndicator();
  const later: Json = { ...object, modified: '2026-02-02T00:00:00.000Z' };
  expect((await t.as('fiji-box').post(objectsOf(ONE), { objects: [object] })).body).toMatchObject({ success_count: 1 }); // prettier-ignore
  const sent = await t.api(String(key['secret']), 'POST', '/collections/one/objects', { objects: [later] });
  expect(sent.body['items']).toMatchObject([{ outcome: 'held' }]);
  const [held] = ((await t.api('analyst', 'GET', '/held')).body['items'] as Json[]).filter((one) => one['object'] === object['id']); // prettier-ignore
  expect((await end()).status).toBeLessThan(300);
  const released = await t.api(
    'analyst',
    'POST',
    `/held/${String(held?.['id'])}/release?on_behalf_of=fiji`,
    {},
  );
  expect(released.body).toEqual({ outcome: 'stored' });
  const query = { collection: ONE, after: 0, limit: 1, ids: [String(object['id'])], versions: LAST_VERSION };
  const [entry] = (await t.hub.store.entries(query, false)).entries;
  expect(entry).toMatchObject({ owner: 'fiji', level: rankOf('amber+strict') });
});
