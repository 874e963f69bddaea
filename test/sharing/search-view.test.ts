import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import supertest from 'supertest';
import { HIDDEN, MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
const DAY = 86_400_000;
const at = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
const host = (name: string, over: Json = {}): Json =>
  anIndicator({ name, pattern: `[domain-name:value = '${name}.lagoon-bank.com']`, valid_from: at(-30), valid_until: at(30), ...over }); // prettier-ignore
const green = { object_marking_refs: [tlpMarkingId('green')] };
const one = host('one', { ...green, labels: ['phishing', 'bank'] });
const old = host('old', { ...green, valid_until: at(-1), labels: ['phishing'] });
const gone = host('gone', { ...green, revoked: true });
const wide = host('wide', { object_marking_refs: [tlpMarkingId('clear')] });

beforeAll(async () => {
  const secret = '{ to: "account:writer", read: true, write: true }';
  t = await testHub(
    SETTINGS.replace('[{ to: "role:administrator", read: true }]', `[${secret}]`).replace(
      'grants: [{ to: public, read: true }',
      'grants: [{ to: "account:sensor", write: true }, { to: public, read: true }',
    ),
  );
  const put = async (collection: string, ...objects: Json[]): Promise<void> => {
    const { body } = await t.as('writer').post(objectsOf(collection), { objects });
    expect(body).toMatchObject({ success_count: objects.length });
  };
  await put(MAIN, one, old, gone, wide);
  await put(OPEN, wide);
  await put(HIDDEN, host('hidden', { labels: ['secret-label'] }));
});
afterAll(() => t.stop());

const view = async (who: string, query: string): Promise<Json> => {
  const { status, body } = await t.api(who, 'GET', `/search?q=lagoon-bank.com${query}`);
  expect(status).toBe(200);
  return body;
};
const sorted = (ids: readonly unknown[]): string[] => ids.map(String).toSorted();
const idsOf = ({ items }: Json): string[] => sorted((items as Json[]).map(({ id }) => id));
const counts = ({ facets }: Json, facet: string): unknown =>
  Object.fromEntries(
    ((facets as Json[]).find((each) => each['facet'] === facet)?.['values'] as Json[] | undefined)?.map(
      ({ value, count }) => [value, count],
    ) ?? [],
  );

test('a view counts its objects by facets, an object in several collections once', async () => {
  const all = await view('reader', '');
  expect(idsOf(all)).toEqual(sorted([one, old, gone, wide].map(({ id }) => id)));
  expect([all['total'], all['capped'], all['complete']]).toEqual([4, false, true]);
  expect(counts(all, 'state')).toEqual({ valid: 2, expired: 1, revoked: 1 });
  expect(counts(all, 'tlp')).toEqual({ green: 3, clear: 1 });
  expect(counts(all, 'label')).toEqual({ phishing: 2, bank: 1 });
  expect(counts(all, 'collection')).toEqual({ indicators: 4, open: 1 });
  expect(counts(all, 'age')).toEqual({ day: 4 });
  const shared = (all['items'] as Json[]).find(({ id }) => id === wide['id']);
  expect(shared).toMatchObject({ tlp: 'clear', collections: 2 });
});

test('filters narrow the view down, and each facet is counted among the objects that the other filters leave', async () => {
  const some = await view('reader', '&label=phishing&state=valid');
  expect(idsOf(some)).toEqual([one['id']]);
  expect(counts(some, 'state')).toEqual({ valid: 1, expired: 1 });
  expect(counts(some, 'label')).toEqual({ phishing: 1, bank: 1 });
  expect(idsOf(await view('reader', '&state=expired,revoked'))).toEqual(sorted([old['id'], gone['id']]));
  expect(await view('reader', '&type=malware')).toMatchObject({ total: 0, items: [] });
  expect((await view('reader', '&state=valid'))['digest']).not.toBe((await view('reader', ''))['digest']);
});

test('neither results nor counts depend on collections that the caller cannot read', async () => {
  expect(JSON.stringify(await view('reader', ''))).not.toContain('secret-label');
  expect(counts(await view('writer', ''), 'label')).toMatchObject({ 'secret-label': 1 });
  expect(await view('reader', '&label=secret-label')).toMatchObject({ total: 0 });
  expect(await view('nobody', '')).toMatchObject({ total: 1 });
});

test('only hub staff see who submitted an object', async () => {
  expect(counts(await view('reader', ''), 'source')).toEqual({});
  expect(counts(await view('analyst', ''), 'source')).toEqual({ hub: 4 });
});

test('pages follow each other, and a STIX id finds its object', async () => {
  const first = await view('reader', '&limit=3');
  expect([idsOf(first).length, first['next'], first['total']]).toEqual([3, 3, 4]);
  const rest = await view('reader', '&limit=3&offset=3');
  expect(rest).not.toHaveProperty('next');
  expect(sorted([...idsOf(first), ...idsOf(rest)])).toEqual(idsOf(await view('reader', '')));
  const { body } = await t.api('reader', 'GET', `/search?q=${String(one['id'])}`);
  expect(idsOf(body)).toEqual([one['id']]);
});

test('the bundle of a view contains exactly its objects', async () => {
  const { body } = await t.api('reader', 'GET', '/search/bundle?q=lagoon-bank.com&state=valid');
  expect(body['type']).toBe('bundle');
  expect(idsOf({ items: body['objects'] })).toEqual(sorted([one['id'], wide['id']]));
  expect((body['objects'] as Json[]).find(({ id }) => id === one['id'])).toEqual(one);
});

test('the bundle contains the objects unchanged, and the objects of two owners under the same id', async () => {
  const id = `indicator--${crypto.randomUUID()}`;
  const texts = ['1.500', '0.2e1'].map((number) =>
    JSON.stringify(
      anIndicator({ id, pattern: "[domain-name:value = 'twice.atoll-bank.com']", object_marking_refs: [tlpMarkingId('clear')] }),
    ).replace(/\}$/, `, "x_number" : ${number}}`),
  ); // prettier-ignore
  const [first = '', second = ''] = texts;
  const put = async (who: string, collection: string, text: string): Promise<void> => {
    const { body } = await t.as(who).post(objectsOf(collection), `{"objects":[${text}]}`);
    expect(body).toMatchObject({ success_count: 1 });
  };
  await put('writer', MAIN, first);
  await put('writer', HIDDEN, first);
  const exported = async (who: string): Promise<string> =>
    (
      await supertest(t.hub.app)
        .get('/api/v1/search/bundle?q=twice.atoll-bank.com')
        .set('Authorization', `Bearer ${keyOf(who)}`)
    ).text;
  // Copies in several collections are one object.
  expect(await exported('writer')).toMatch(/^\{"type":"bundle","id":"bundle--[-0-9a-f]{36}","objects":\[/);
  expect((await exported('writer')).replace(/^.*?"objects":/, '')).toBe(`[${first}]}`);
  await put('sensor', OPEN, second);
  const both = await exported('writer');
  for (const text of texts) expect(both.split(text)).toHaveLength(2);
});

test('the digest of a view changes when one of its objects has a new version', async () => {
  const object = host('revised', { pattern: "[domain-name:value = 'revised.atoll-bank.com']" });
  await t.as('writer').post(objectsOf(MAIN), { objects: [object] });
  const digest = async (): Promise<unknown> =>
    (await t.api('reader', 'GET', '/search?q=revised.atoll-bank.com')).body['digest'];
  const before = await digest();
  expect(await digest()).toBe(before);
  const next = { ...object, modified: at(0), name: 'another name' };
  await t.as('writer').post(objectsOf(MAIN), { objects: [next] });
  expect(await digest()).not.toBe(before);
});
