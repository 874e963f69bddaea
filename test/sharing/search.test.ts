import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../support/builders.ts';
import { CursorSeal } from '../../src/kernel/cursor-seal.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { Search } from '../../src/sharing/reading/search.ts';
import { SearchIndex } from '../../src/sharing/reading/search-index.ts';
import type { Store } from '../../src/store/store.ts';
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

test('finds new objects only in collections that the caller may read', async () => {
  await put(MAIN, domain('login.reef.example'));
  await put(HIDDEN, domain('secret.reef.example'));
  await put(OPEN, domain('open.reef.example', CLEAR));
  expect(await hits('writer', 'reef[.]example')).toEqual(['login.reef.example indicators', 'open.reef.example open', `secret.reef.example ${HIDDEN}`]); // prettier-ignore
  expect(await hits('reader', 'reef.example')).toEqual(['login.reef.example indicators', 'open.reef.example open']); // prettier-ignore
  expect(await hits('nobody', 'reef.example')).toEqual(['open.reef.example open']);
  const found = await search('nobody', 'secret.reef.example');
  expect([found['items'], found['next'], found['collections']]).toEqual([[], undefined, 1]);
});

test('finds the newest version, and no removed objects', async () => {
  const first = domain('old.lagoon.example');
  await put(MAIN, first);
  expect(await hits('writer', 'old.lagoon.example')).toHaveLength(1);
  await put(MAIN, { ...first, modified: '2030-01-01T00:00:00.000Z', pattern: "[domain-name:value = 'new.lagoon.example']", name: 'new' }); // prettier-ignore
  expect(await hits('writer', 'old.lagoon.example')).toEqual([]);
  expect(await hits('writer', 'new.lagoon.example')).toEqual(['new indicators']);
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(first['id'])}/`);
  await t.hub.store.remove({ collection: MAIN, id: String(first['id']), versions: { all: true, first: false, last: false, exact: [] } }); // prettier-ignore
  expect(await hits('writer', 'new.lagoon.example')).toEqual([]);
  const range = [{ kind: `in/${MAIN}/domain`, from: 'example.lagoon.', to: 'example.lagoon/' }];
  // Names in the form of earlier versions.
  const earlier = [{ kind: 'domain', from: '', to: '~' }];
  await t.hub.store.commit({
    names: [{ kind: 'domain', value: 'example.lagoon.', collection: MAIN, added: 5 }],
  });
  expect(await t.hub.store.names({ ranges: range, limit: 9 })).toHaveLength(2);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.names({ ranges: range, limit: 9 })).toEqual([]);
  expect(await t.hub.store.names({ ranges: earlier, limit: 9 })).toEqual([]);
  expect(await hits('writer', 'login.reef.example')).toHaveLength(1);
});

test('returns each object once across pages', async () => {
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

test('a next value is bound to its caller, its query and the readable collections; any other value is refused', async () => {
  await put(MAIN, ...Array.from({ length: 3 }, (_, i) => domain(`m${i}.bay.example`)));
  await put(OPEN, ...Array.from({ length: 3 }, (_, i) => domain(`o${i}.bay.example`, CLEAR)));
  const nextOf = async (who: string, q: string): Promise<string> => String((await search(who, q, '&limit=1'))['next']); // prettier-ignore
  const answer = async (who: string, q: string, after: string): Promise<unknown[]> => {
    const { status, body } = await t.api(who, 'GET', `/objects?q=${q}&limit=1&after=${after}`);
    return [status, body['code']];
  };
  const none = [400, 'TLN-P-400'];
  const mine = await nextOf('reader', 'bay.example');
  expect(await answer('reader', 'bay.example', mine)).toEqual([200, undefined]);
  expect(await answer('reader', 'o0.bay.example', mine)).toEqual(none);
  expect(await answer('writer', 'bay.example', mine)).toEqual(none);
  expect(await answer('nobody', 'bay.example', mine)).toEqual(none);
  // A client can neither read a value in it nor create a position by hand or by changing an existing one.
  expect(Buffer.from(mine, 'base64url').toString('latin1')).not.toMatch(/bay|example|domain/);
  const bytes = Buffer.from(mine, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
    expect(await answer('reader', 'bay.example', changed.toString('base64url'))).toEqual(none);
  }
  const handmade = Buffer.from(`domain\nexample.bay.\n${HIDDEN}\n0000000000000001`).toString('base64url');
  for (const after of ['x', 'AAAA', handmade, mine.slice(0, -4), `${mine}AAAA`, mine + mine])
    expect([after, await answer('reader', 'bay.example', after)]).toEqual([after, none]);
  // A new or deleted grant ends the walk.
  const theirs = await nextOf('desk', 'bay.example');
  expect(await answer('desk', 'bay.example', theirs)).toEqual([200, undefined]);
  await t.api('chief', 'POST', `/collections/${MAIN}/grants`, { to: 'account:desk', read: true });
  expect(await answer('desk', 'bay.example', theirs)).toEqual(none);
  const wider = await nextOf('desk', 'bay.example');
  expect((await t.api('chief', 'DELETE', `/collections/${MAIN}/grants/account:desk`)).status).toBe(200);
  expect(await answer('desk', 'bay.example', wider)).toEqual(none);
  expect(await answer('desk', 'bay.example', theirs)).toEqual([200, undefined]);
});

test('unreadable collections cost nothing and change nothing: neither rows, nor pages, nor cursors', async () => {
  const rows: number[] = [];
  const counted = new Proxy(t.hub.store, {
    get: (store, name: keyof Store) => {
      const method = store[name];
      if (typeof method !== 'function') return method;
      return async (...values: never[]): Promise<unknown> => {
        const answer: unknown = await (method as (...given: never[]) => Promise<unknown>).apply(
          store,
          values,
        );
        rows.push(Array.isArray(answer) ? answer.length : 1);
        return answer;
      };
    },
  });
  const quiet = { read: (): void => undefined };
  const seal = new CursorSeal(Buffer.alloc(32, 1), 0);
  const finder = new Search(counted, t.hub.directory, quiet, seal, systemClock, silentLog);
  const reader = (await t.hub.directory.current()).principalNamed('reader');
  if (reader === undefined) throw new Error('the account "reader" does not exist');
  const ask = async (): Promise<unknown[]> => {
    const pages: unknown[] = [];
    rows.length = 0;
    let after: string | undefined;
    do {
      const page = await finder.find(reader, 'cove.example', 3, after, 'test');
      pages.push(page);
      after = page.next;
    } while (after !== undefined);
    return [pages, [...rows]];
  };
  await put(MAIN, ...Array.from({ length: 10 }, (_, i) => domain(`m${i * 5}.cove.example`)));
  await finder.index.indexAll();
  const before = await ask();
  expect(before[0]).toHaveLength(4);
  // Names before, between and after those that the caller may read.
  for (let n = 0; n < 3; n++)
    await put(HIDDEN, ...Array.from({ length: 1_000 }, (_, i) => domain(`m${i}-${n}.cove.example`)));
  await finder.index.indexAll();
  expect((await finder.find((await t.hub.directory.current()).principalNamed('writer') ?? reader, 'cove.example', 1, undefined, '')).collections).toBe(3); // prettier-ignore
  expect(await ask()).toEqual(before);
  // The same number of names in a readable collection is counted, so the measurement can detect a difference.
  await put(MAIN, domain('m1.cove.example'));
  await finder.index.indexAll();
  expect(await ask()).not.toEqual(before);
});

test('an object with several matching names is found once across all pages', async () => {
  const values = ['a', 'b', 'c', 'd'].map((label) => `domain-name:value = '${label}.many.example'`);
  const many = anIndicator({ pattern: `[${values.join(' OR ')}]`, name: 'many.example' });
  await put(MAIN, many, domain('b1.many.example'), domain('z.many.example'));
  const titles: unknown[] = [];
  let next: unknown = '';
  do {
    const page = await search(
      'reader',
      'many.example',
      `&limit=1${next === '' ? '' : `&after=${String(next)}`}`,
    );
    titles.push(...(page['items'] as Json[]).map((item) => item['title']));
    next = page['next'];
  } while (next !== undefined);
  expect(titles.map(String).toSorted()).toEqual(['b1.many.example', 'many.example', 'z.many.example']);
});

test('large objects are indexed, and their hits read, in slices', async () => {
  const large = Array.from({ length: 12 }, (_, i) =>
    anIndicator({ name: `large-${i}`, pattern: "[domain-name:value = 'bulk.example']", description: 'x'.repeat(900_000) }),
  ); // prettier-ignore
  for (const object of large) await put(MAIN, object);
  const index = new SearchIndex(t.hub.store, t.hub.directory, systemClock, silentLog);
  const before = sliceWork.turns;
  await index.indexAll();
  expect(sliceWork.turns).toBeGreaterThanOrEqual(before + 5);
  expect((await search('reader', 'bulk.example'))['items']).toHaveLength(12);
});

test('results show whether an object is valid, expired or revoked, and its value next to its name', async () => {
  const states = async (q: string) =>
    ((await search('reader', q))['items'] as Json[]).map(
      ({ title, state, value }) => `${String(title)} ${String(state)} ${String(value)}`,
    );
  const revoked = domain('gone.state.example', { name: 'Gone' });
  await put(
    MAIN,
    revoked,
    domain('past.state.example', { name: 'Past', valid_from: '2020-01-01T00:00:00Z', valid_until: '2020-02-01T00:00:00Z' }),
    domain('soon.state.example', { name: 'Soon', valid_from: '2999-01-01T00:00:00Z' }),
    domain('now.state.example', { name: 'Now' }),
  ); // prettier-ignore
  await put(MAIN, { ...revoked, modified: '2030-01-01T00:00:00.000Z', revoked: true });
  expect((await states('state.example')).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'Gone revoked gone.state.example',
    'Now valid now.state.example',
    'Past expired past.state.example',
    'Soon not-yet-valid soon.state.example',
  ]);
  expect(await states('Gone')).toEqual(['Gone revoked gone.state.example']);
});
