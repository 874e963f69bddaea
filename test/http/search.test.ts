import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS.replace('grants: [{ to: "role:administrator", read: true }]', 'grants: [{ to: "account:writer", read: true, write: true }]')); // prettier-ignore
});
afterAll(async () => {
  await t.stop();
});

const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const CLEAR = { object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'] };
const domain = (value: string, over: Json = {}): Json => anIndicator({ pattern: `[domain-name:value = '${value}']`, name: value, ...over }); // prettier-ignore
const search = async (who: string, q: string, more = ''): Promise<Json> => {
  const { status, body } = await t.api(who, 'GET', `/objects?q=${encodeURIComponent(q)}${more}`);
  expect([status, body['title']]).toEqual([200, undefined]);
  return body;
};
const hits = async (who: string, q: string): Promise<string[]> =>
  ((await search(who, q))['items'] as Json[]).map((item) => `${String(item['title'])} ${String(item['collection_name'])}`).toSorted(); // prettier-ignore

test('finds what was just published, in the collections that one may read and in no other', async () => {
  await put(MAIN, domain('login.reef.example'));
  await put(HIDDEN, domain('secret.reef.example'));
  await put(OPEN, domain('open.reef.example', CLEAR));
  expect(await hits('writer', 'reef[.]example')).toEqual(['login.reef.example indicators', 'open.reef.example open', `secret.reef.example ${HIDDEN}`]); // prettier-ignore
  expect(await hits('reader', 'reef.example')).toEqual(['login.reef.example indicators', 'open.reef.example open']); // prettier-ignore
  expect(await hits('nobody', 'reef.example')).toEqual(['open.reef.example open']);
  const found = await search('nobody', 'secret.reef.example');
  expect([found['items'], found['next'], found['collections']]).toEqual([[], undefined, 1]);
});

test('the newest version counts, and what was taken out is gone from the index', async () => {
  const first = domain('old.lagoon.example');
  await put(MAIN, first);
  expect(await hits('writer', 'old.lagoon.example')).toHaveLength(1);
  await put(MAIN, { ...first, modified: '2030-01-01T00:00:00.000Z', pattern: "[domain-name:value = 'new.lagoon.example']", name: 'new' }); // prettier-ignore
  expect(await hits('writer', 'old.lagoon.example')).toEqual([]);
  expect(await hits('writer', 'new.lagoon.example')).toEqual(['new indicators']);
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(first['id'])}/`);
  await t.hub.store.remove({ collection: MAIN, id: String(first['id']), versions: { all: true, first: false, last: false, exact: [] } }); // prettier-ignore
  expect(await hits('writer', 'new.lagoon.example')).toEqual([]);
  const range = [{ kind: 'domain', from: 'example.lagoon.', to: 'example.lagoon/' }];
  expect(await t.hub.store.names({ ranges: range, limit: 9 })).toHaveLength(2);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.names({ ranges: range, limit: 9 })).toEqual([]);
  expect(await hits('writer', 'login.reef.example')).toHaveLength(1);
});

test('goes on page by page, each object once', async () => {
  await put(MAIN, ...Array.from({ length: 25 }, (_, i) => domain(`n${i}.atoll.example`)));
  const titles: unknown[] = [];
  let next = '';
  for (let pages = 0; pages < 20; pages++) {
    const page = await search('reader', 'atoll.example', `&limit=7${next === '' ? '' : `&after=${next}`}`);
    titles.push(...(page['items'] as Json[]).map((item) => item['title']));
    expect((page['items'] as Json[]).length).toBeLessThanOrEqual(7);
    if (page['next'] === undefined) break;
    next = page['next'] as string;
  }
  expect(titles).toHaveLength(25);
  expect(new Set(titles).size).toBe(25);
});

test('a next that is none is said to be none', async () => {
  for (const after of ['x', 'AAAA', Buffer.from('a\nb').toString('base64url')]) {
    const { status, body } = await t.api('writer', 'GET', `/objects?q=a.example&after=${after}`);
    expect([after, status, body['code']]).toEqual([after, 400, 'TLN-P-400']);
  }
});
