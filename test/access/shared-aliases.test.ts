import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { testHub, type TestHub } from '../support/hub.ts';

/** The collections of one alias. The public one comes first, so a name that is taken for the first one discloses. */
const [WIDE, CLOSED] = ['0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60', '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11'];
const [HIDDEN_BOX, BOX] = ['1c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60', '8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12'];

let t: TestHub;
beforeAll(async () => {
  t = await testHub(`
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }, { path: second, title: Second }]
collections:
  - { id: ${WIDE}, api_root: second, alias: watch, title: Wide, max_tlp: clear, grants: [{ to: public, read: true }, { to: "member:tonga", read: true, write: true }] }
  - { id: ${CLOSED}, api_root: main, alias: watch, title: Closed, grants: [{ to: "member:tonga", read: true, write: true }] }
  - { id: ${BOX}, api_root: main, alias: box, title: Box, grants: [{ to: "member:tonga", read: true, write: true }, { to: "member:fiji", read: true, write: true }] }
  - { id: ${HIDDEN_BOX}, api_root: second, alias: box, title: Hidden box, grants: [{ to: "role:administrator", read: true, write: true }] }
members: [{ name: tonga }, { name: fiji }]
accounts:
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: tonga-box, role: machine, member: tonga, key_env: KEY_TONGA_BOX }
  - { name: fiji-box, role: machine, member: fiji, key_env: KEY_FIJI_BOX }
  - { name: lani, role: officer, member: tonga, person: true, key_env: KEY_LANI, password_env: PASSWORD_LANI }
`);
});
afterAll(() => t.stop());

const idsIn = async (root: string, collection: string): Promise<readonly unknown[]> => {
  const { body } = await t.as('tonga-box').get(`/${root}/collections/${collection}/objects/`);
  return ((body as { objects?: Json[] }).objects ?? []).map(({ id }) => id);
};
const clear = (): Json => anIndicator({ object_marking_refs: [tlpMarkingId('clear')] });

test('the console publishes in the collection that its preview names', async () => {
  const browser = new FormBrowser(() => t.hub.app);
  await browser.post('/console/sign-in', { account: 'lani', password: 'password of lani' });
  const { text } = await browser.get('/console/publish');
  const names = [...text.matchAll(/<option value="([^"]*)"[^>]*>(?:Wide|Closed),/g)].map(([, name]) => name);
  expect(names).toEqual(['main/watch', 'second/watch']);
  const form = {
    values: '203.0.114.9',
    kind: 'auto',
    known: 'skip',
    tlp: 'clear',
    days: '30',
    collection: 'main/watch',
  };
  const check = await browser.post('/console/publish', { ...form, do: 'check' });
  expect(check.text).not.toContain('The collection is public');
  const hidden = [...check.text.matchAll(/<input type="hidden" name="(\w+)" value(?:="([^"]*)")?/g)];
  const checked = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value]));
  const done = await browser.post('/console/publish', { ...form, ...checked, do: 'publish' });
  const result = await browser.get(done.headers['location'] ?? '');
  expect(result.text).toContain('The indicators are in Closed.');
  const [, id = ''] = /(indicator--[0-9a-f-]{36})/.exec(result.text) ?? [];
  expect(await idsIn('main', CLOSED)).toContain(id);
  expect(await idsIn('second', WIDE)).toEqual([]);
});

test.each([
  ['publishes objects', 'tonga-box', 'POST', '/collections/watch/objects', { objects: [clear()] }],
  ['publishes indicators', 'tonga-box', 'POST', '/collections/watch/indicators', { values: ['203.0.114.7'], tlp: 'clear', valid_days: 1 }],
  ['previews recipients', 'tonga-box', 'POST', '/collections/watch/recipients', { objects: [clear()] }],
  ['grants access', 'chief', 'POST', '/collections/watch/grants', { to: 'member:fiji', read: true }],
  ['limits a key', 'lani', 'POST', '/keys', { account: 'lani', only: ['watch'] }],
  ['creates a rule', 'chief', 'POST', '/rules', { name: 'all', from: 'main/box', to: 'watch' }],
  ['creates a channel', 'chief', 'POST', '/channels', { name: 'wall', member: 'tonga', kind: 'webhook', url: 'https://wall.example.org/', collection: 'watch' }],
] as const)('no request that %s means one of two collections by chance', async (_what, who, method, path, body) => {
  const before = await Promise.all([idsIn('main', CLOSED), idsIn('second', WIDE)]);
  const answer = await t.api(who, method, path, body);
  expect([answer.status, answer.body]).toEqual([
    400,
    expect.objectContaining({ code: 'TLN-L-428', hint: expect.stringMatching(/: (?:second\/watch, main\/watch)$/) }),
  ]);
  expect(await Promise.all([idsIn('main', CLOSED), idsIn('second', WIDE)])).toEqual(before);
}); // prettier-ignore

test('a collection that the caller cannot see does not make an alias ambiguous', async () => {
  const object = clear();
  const { body } = await t.api('fiji-box', 'POST', '/collections/box/objects', { objects: [object] });
  expect(body['items']).toMatchObject([{ outcome: 'stored' }]);
  expect(await idsIn('main', BOX)).toContain(object['id']);
  const told = (await t.api('fiji-box', 'POST', '/collections/bux/objects', { objects: [object] })).body;
  expect(told).toMatchObject({ detail: 'You can write to box.', hint: 'Did you mean "box"?' });
});

test('an object that is shared goes to the collection that was meant when the owner answers', async () => {
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('amber')] });
  const path = `/objects/${String(object['id'])}/shares`;
  await t.as('fiji-box').post(`/main/collections/${BOX}/objects/`, { objects: [object] });
  const guessed = await t.api('lani', 'POST', path, { collection: 'watch', reason: 'needed' });
  expect(guessed.body['code']).toBe('TLN-L-428');
  const asked = await t.api('lani', 'POST', path, { collection: 'main/watch', reason: 'needed' });
  expect(asked.body).toMatchObject({ state: 'asked' });
  const answer = await t.api('chief', 'POST', `/shares/${String(asked.body['id'])}/answer`, {
    verdict: 'granted',
    note: 'by phone',
  });
  expect(answer.body['outcomes']).toMatchObject([{ outcome: 'placed' }]);
  expect(await idsIn('main', CLOSED)).toContain(object['id']);
});

test('the name with the API root works in the API', async () => {
  const object = clear();
  const { body } = await t.api('tonga-box', 'POST', '/collections/main%2Fwatch/objects', {
    objects: [object],
  });
  expect(body['items']).toMatchObject([{ outcome: 'stored' }]);
  expect(await idsIn('main', CLOSED)).toContain(object['id']);
});

test('a damaged collection still has its alias, so nothing goes to another one', async () => {
  const record = await t.hub.store.record('collection', CLOSED);
  if (record === undefined) throw new Error('the collection is gone');
  const change = (expected: number, document: Json): Promise<unknown> =>
    t.hub.store.commit({ records: [{ kind: 'collection', id: CLOSED, expected, document }] });
  await change(record.revision, { ...record.document, title: 7 });
  await t.hub.directory.refresh();
  const { body } = await t.api('tonga-box', 'POST', '/collections/watch/objects', { objects: [clear()] });
  expect(body).toMatchObject({ code: 'TLN-L-428', hint: expect.stringMatching(/: second\/watch$/) });
  const now = await t.hub.store.record('collection', CLOSED);
  await change(now?.revision ?? 0, record.document);
  await t.hub.directory.refresh();
});
