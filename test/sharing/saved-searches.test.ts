import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SAVED_SEARCHES } from '../../src/sharing/reading/saved-searches.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, ownKeys, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  t = await testHub(
    `${SETTINGS}
  - { name: tele, role: officer, member: tonga, person: true, key_env: KEY_TELE }
  - { name: moana, role: officer, member: tonga, person: true, key_env: KEY_MOANA }
`,
    { clock },
  );
});
afterAll(async () => {
  await t.stop();
});

const saved = async (who: string): Promise<unknown[]> =>
  ((await t.api(who, 'GET', '/saved-searches')).body['items'] as Json[]).map(({ name, query }) => [
    name,
    query,
  ]);

test('an account saves searches that nobody else can see, run or delete', async () => {
  const save = (who: string, name: string, query: string) =>
    t.api(who, 'POST', '/saved-searches', { name, query });
  expect((await save('writer', 'reef', 'reef[.]example')).status).toBe(201);
  expect((await save('writer', 'atoll', '203.0.114.0/24')).status).toBe(201);
  expect((await save('reader', 'reef', 'lagoon.example')).status).toBe(201);
  expect(await saved('writer')).toEqual([['atoll', '203.0.114.0/24'], ['reef', 'reef[.]example']]); // prettier-ignore
  expect(await saved('reader')).toEqual([['reef', 'lagoon.example']]);
  expect(await saved('nobody')).toEqual([]);
  // The name of another account's search is like one that does not exist.
  expect(await t.api('reader', 'DELETE', '/saved-searches/atoll')).toMatchObject({
    status: 404,
    body: { title: 'Saved search "atoll" not found' },
  });
  const update = (who: string, name: string, query: string) =>
    t.api(who, 'PATCH', `/saved-searches/${name}`, { query });
  expect((await update('reader', 'atoll', 'a')).status).toBe(404);
  // A second search of the same name does not replace the first one in silence.
  expect(await save('writer', 'reef', 'emotet')).toMatchObject({
    status: 409,
    body: { code: 'TLN-L-429', title: 'A saved search named "reef" already exists' },
  });
  expect(await saved('writer')).toEqual([['atoll', '203.0.114.0/24'], ['reef', 'reef[.]example']]); // prettier-ignore
  expect(await update('writer', 'reef', 'emotet')).toMatchObject({ status: 200, body: { query: 'emotet' } });
  expect((await t.api('writer', 'DELETE', '/saved-searches/atoll')).status).toBe(204);
  expect(await saved('writer')).toEqual([['reef', 'emotet']]);
  expect(await saved('reader')).toEqual([['reef', 'lagoon.example']]);
});

test('a shared search is seen by the people of the member, and by nobody else', async () => {
  await ownKeys(t.hub, 'tele', 'moana');
  const search = { name: 'reefs', query: 'reef.example', filters: 'type=indicator&state=valid' };
  const list = async (who: string): Promise<unknown[]> =>
    ((await t.api(who, 'GET', '/saved-searches')).body['items'] as Json[]).map(({ name, by, shared, filters }) => [name, by, shared, filters]);
  // Hub staff could create a key for the tool of the member.
  const others = ['reader', 'nobody', 'chief', 'desk', 'sensor'];
  const before = await Promise.all(others.map(list));
  expect((await t.api('tele', 'POST', '/saved-searches', search)).body).toMatchObject({ ...search, shared: false });
  expect(await list('moana')).toEqual([]);
  expect((await t.api('tele', 'PATCH', '/saved-searches/reefs', { shared: true })).body).toMatchObject({ ...search, shared: true });
  expect(await list('tele')).toEqual([['reefs', undefined, true, search.filters]]);
  expect(await list('moana')).toEqual([['reefs', 'tele', true, search.filters]]);
  // Others read it, and only its account changes it.
  expect((await t.api('moana', 'PATCH', '/saved-searches/reefs', { query: 'x' })).status).toBe(404);
  expect((await t.api('moana', 'DELETE', '/saved-searches/reefs')).status).toBe(404);
  // The same name, shared by another account: pages lose neither of them.
  await t.api('moana', 'POST', '/saved-searches', { ...search, filters: 'age=day', shared: true });
  const pages = await t.api('tele', 'GET', '/saved-searches?limit=1');
  const second = await t.api('tele', 'GET', `/saved-searches?limit=1&after=${encodeURIComponent(String(pages.body['next']))}`);
  expect([pages.body['items'], second.body['items']]).toMatchObject([[{ name: 'reefs', filters: search.filters }], [{ name: 'reefs', by: 'moana' }]]);
  expect(await Promise.all(others.map(list))).toEqual(before);
  expect((await t.api('tele', 'PATCH', '/saved-searches/reefs', { shared: false, filters: '' })).body).toEqual({ name: 'reefs', query: 'reef.example', shared: false, saved: expect.any(String) });
  expect(await list('moana')).toEqual([['reefs', undefined, true, 'age=day']]);
  for (const name of ['tele', 'moana']) expect((await t.api(name, 'DELETE', '/saved-searches/reefs')).status).toBe(204);
}); // prettier-ignore

test('hub staff share searches with hub staff', async () => {
  await t.api('chief', 'POST', '/saved-searches', { name: 'wide', query: '203.0.113.0/24', shared: true });
  const names = async (who: string): Promise<unknown[]> => ((await t.api(who, 'GET', '/saved-searches')).body['items'] as Json[]).map(({ name }) => name);
  expect(await names('analyst')).toContain('wide');
  for (const who of ['tele', 'desk', 'nobody', 'writer']) expect(await names(who)).not.toContain('wide');
  expect((await t.api('chief', 'DELETE', '/saved-searches/wide')).status).toBe(204);
}); // prettier-ignore

test('filters that a search does not have are refused when they are saved', async () => {
  const search = { name: 'typo', query: 'a', filters: 'typ=indicator' };
  expect(await t.api('writer', 'POST', '/saved-searches', search)).toMatchObject({ status: 400, body: { code: 'TLN-L-430', title: 'A search has no filter "typ"' } });
  expect((await t.api('writer', 'PATCH', '/saved-searches/reef', { filters: 'q=x' })).status).toBe(400);
  for (const [filters, code] of [['state=nonsense', 'TLN-L-435'], ['type=a&type=b', 'TLN-L-436'], ['tlp=amber+strict', 'TLN-L-435']])
    expect((await t.api('writer', 'POST', '/saved-searches', { ...search, filters })).body['code']).toBe(code);
  for (const path of ['/search?q=a&state=nonsense', '/search/bundle?q=a&tlp=0'])
    expect(await t.api('writer', 'GET', path)).toMatchObject({ status: 400, body: { code: 'TLN-L-435' } });
  const hintOf = async (path: string): Promise<unknown> => (await t.api('writer', 'GET', path)).body['hint'];
  expect(await hintOf('/search?q=a&state=nonsense')).toBe('Its values are: valid, expired, revoked, not-yet-valid.');
  expect(await hintOf('/search?q=a&tlp=amber+strict')).toMatch(/^Its values are: clear, .*, red\. In an address, write amber\+strict as amber%2Bstrict\.$/);
  expect((await t.api('writer', 'POST', '/saved-searches', { name: 'right', query: 'a', filters: 'tlp=amber%2Bstrict,red&age=day' })).status).toBe(201);
  expect((await t.api('writer', 'DELETE', '/saved-searches/right')).status).toBe(204);
}); // prettier-ignore

test('a name or value that cannot be saved is refused, and nothing is stored', async () => {
  const before = await saved('writer');
  for (const body of [
    { name: 'x y', query: 'a' },
    { name: 'a/b', query: 'a' },
    { name: 'x', query: '' },
    { name: 'x', query: 'a\u0007' },
    { name: 'x' },
  ])
    // prettier-ignore
    expect([body, (await t.api('writer', 'POST', '/saved-searches', body)).status]).toEqual([body, 422]);
  expect(await saved('writer')).toEqual(before);
});

test('an account saves at most 50 searches, and can update them when its list is full', async () => {
  for (let i = 0; i < 50; i++)
    expect((await t.api('nobody', 'POST', '/saved-searches', { name: `s-${i}`, query: 'a' })).status).toBe(
      201,
    );
  expect(await t.api('nobody', 'POST', '/saved-searches', { name: 'one-more', query: 'a' })).toMatchObject({
    status: 409,
    body: { code: 'TLN-B-409' },
  });
  expect((await t.api('nobody', 'PATCH', '/saved-searches/s-7', { query: 'b' })).status).toBe(200);
  expect(await saved('nobody')).toHaveLength(50);
});

test('the searches of an account are removed together with it', async () => {
  const admin = (method: string, path: string, body?: object) => t.api('chief', method, path, body);
  expect((await admin('POST', '/accounts', { name: 'passing', role: 'machine' })).status).toBe(201);
  const { body } = await admin('POST', '/keys', { account: 'passing' });
  const own = (method: string, path: string, sent?: object) =>
    t.api(String(body['secret']), method, path, sent);
  expect((await own('POST', '/saved-searches', { name: 'mine', query: 'a' })).status).toBe(201);
  const all = async () =>
    (await SAVED_SEARCHES.all(t.hub.store)).filter(({ document }) => document.name === 'mine');
  expect(await all()).toHaveLength(1);
  expect((await admin('DELETE', '/accounts/passing')).status).toBe(204);
  expect(await all()).toEqual([]);
});

test('hub staff who take over an account do not see what it looked for before', async () => {
  const save = (name: string) => t.api('tele', 'POST', '/saved-searches', { name, query: `${name}.example` });
  await ownKeys(t.hub, 'tele', 'moana');
  expect((await save('victim')).status).toBe(201);
  clock.advance(1_000);
  expect((await t.api('chief', 'POST', '/accounts/tele/invitation')).status).toBe(201);
  await ownKeys(t.hub, 'tele');
  clock.advance(1_000);
  expect((await save('own')).status).toBe(201);
  expect(await saved('tele')).toEqual([['own', 'own.example']]);
  expect(await t.api('tele', 'PATCH', '/saved-searches/victim', { query: 'x' })).toMatchObject({ status: 404, body: { code: 'TLN-L-427' } }); // prettier-ignore
  expect((await t.api('tele', 'DELETE', '/saved-searches/victim')).status).toBe(404);
  // The name is free, so nothing shows that it was taken. The former search is shown again when the new one is gone.
  expect((await save('victim')).status).toBe(201);
  expect((await save('victim')).status).toBe(409);
  expect(await saved('tele')).toEqual([['own', 'own.example'], ['victim', 'victim.example']]); // prettier-ignore
  expect((await t.api('tele', 'DELETE', '/saved-searches/victim')).status).toBe(204);
  // Shared searches of the member are kept from new access in the same way.
  await t.api('moana', 'POST', '/saved-searches', { name: 'ours', query: 'ours.example', shared: true });
  expect(await saved('tele')).toEqual([['ours', 'ours.example'], ['own', 'own.example']]); // prettier-ignore
  clock.advance(1_000);
  expect((await t.api('chief', 'POST', '/accounts/tele/invitation')).status).toBe(201);
  await ownKeys(t.hub, 'tele');
  expect(await saved('tele')).toEqual([]);
  expect((await t.api('moana', 'DELETE', '/saved-searches/ours')).status).toBe(204);
  clock.advance(7 * 86_400_000);
  expect(await saved('tele')).toEqual([['own', 'own.example'], ['victim', 'victim.example']]); // prettier-ignore
});
