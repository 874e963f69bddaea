import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import {
  HIDDEN,
  MAIN,
  OPEN,
  SETTINGS,
  WRITE_ONLY,
  objectsOf,
  testHub,
  type TestHub,
} from '../support/hub.ts';

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  t = await testHub(`${SETTINGS}\nlife: { ip: { days: 5 } }\n`, { clock });
});
afterAll(async () => {
  await t.stop();
});

const current = (collection: string, rest = 'objects/'): string =>
  `/main/current/collections/${collection}/${rest}`;
const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const day = (days: number): string =>
  new Date(Date.parse('2026-11-29T12:00:00Z') + days * 86_400_000).toISOString();
const ip = (value: string, over: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    created: day(-30),
    modified: day(-3),
    valid_from: day(-3),
    ...over,
  });

/** Reads all pages of a collection, and compares them with its manifest. */
async function read(collection: string, limit: number, who = 'reader', filter = ''): Promise<Json[]> {
  const found: Json[] = [];
  for (let next = ''; ;) {
    const query = `?limit=${limit}${filter}${next === '' ? '' : `&next=${next}`}`;
    const { status, body, headers } = (await t.as(who).get(current(collection) + query)) as unknown as {
      status: number;
      body: Json;
      headers: Record<string, string>;
    };
    expect(status).toBe(200);
    const objects = (body['objects'] ?? []) as Json[];
    const listed = (
      (
        await t
          .as(who)
          .get(
            current(collection, 'manifest/') +
              `?limit=${limit}${filter}&added_after=${found.length === 0 ? '1970-01-01T00:00:00Z' : last}`,
          )
      ).body as Json
    )['objects'] as Json[] | undefined;
    expect((listed ?? []).map(({ id }) => id)).toEqual(objects.map(({ id }) => id));
    found.push(...objects);
    last = headers['x-taxii-date-added-last'] ?? last;
    if (listed !== undefined)
      expect([listed[0]?.['date_added'], listed.at(-1)?.['date_added']]).toEqual([
        headers['x-taxii-date-added-first'],
        last,
      ]);
    if (body['more'] !== true) return found;
    // Some clients ask for pages as long as the last one.
    expect(objects).toHaveLength(limit);
    next = String(body['next']);
  }
}
let last = '';

test('only indicators in force are served, whatever ended them, with what describes them', async () => {
  const kept = [
    ip('45.60.1.1'),
    ip('45.60.1.2', { modified: day(-20), valid_from: day(-20), valid_until: day(20) }),
    ip('45.60.1.3', { valid_from: day(3) }),
    ip('45.60.1.4', {
      pattern: "[ipv4-addr:value = '45.60.1.4'] OR [domain-name:value = 'x.reef.net']",
      modified: day(-9),
      valid_from: day(-9),
    }),
    anIndicator({
      pattern: 'rule a { condition: true }',
      pattern_type: 'yara',
      modified: day(-20),
      valid_from: day(-20),
      created: day(-30),
    }),
    {
      type: 'identity',
      spec_version: '2.1',
      id: 'identity--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
      created: day(-3),
      modified: day(-3),
      name: 'Reef',
    },
  ];
  const revoked = ip('45.60.2.1');
  const ended = [
    ip('45.60.2.2', { valid_until: day(-1) }),
    // The lifetime of addresses has passed, which is five days here.
    ip('45.60.2.3', { modified: day(-6), valid_from: day(-6) }),
    {
      type: 'malware',
      spec_version: '2.1',
      id: 'malware--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
      created: day(-3),
      modified: day(-3),
      name: 'Eel',
      is_family: false,
    },
  ];
  const suppressed = [
    ip('45.60.2.4'),
    ip('45.60.2.5', { pattern: "[ipv4-addr:value = '45.60.2.4'] OR [ipv4-addr:value = '45.60.2.5']" }),
  ];
  await put(MAIN, revoked, ...kept, ...ended, ...suppressed);
  await put(MAIN, { ...revoked, modified: day(-1), revoked: true });
  await t.api('chief', 'POST', '/suppressions', { values: ['45.60.2.4'], reason: 'the bank of a member' });
  expect((await read(MAIN, 2)).map(({ id }) => id)).toEqual(kept.map(({ id }) => id));
  expect(await read(MAIN, 2)).toEqual(kept);
  expect((await read(MAIN, 1, 'reader', '&match[type]=identity,malware')).map(({ type }) => type)).toEqual([
    'identity',
  ]);
  // Earlier versions are never in force.
  expect(
    (await t.as('reader').get(`${current(MAIN)}?match[version]=all&match[id]=${String(revoked['id'])}`)).body,
  ).toEqual({ more: false });
  expect((await t.as('reader').get(current(MAIN, `objects/${String(revoked['id'])}/`))).body).toEqual({
    more: false,
  });
  expect(
    (await t.as('reader').get(current(MAIN, `objects/${String(kept[0]?.['id'])}/versions/`))).body,
  ).toMatchObject({ versions: [kept[0]?.['modified']] });
  // Time passes, and nothing else happens.
  clock.advance(3 * 86_400_000);
  expect((await read(MAIN, 2)).map(({ id }) => id)).toEqual(kept.slice(1).map(({ id }) => id));
  clock.advance(-3 * 86_400_000);
});

test('an account has the same rights as in the collection itself, and can write nothing', async () => {
  for (const who of [undefined, 'reader', 'writer', 'sensor', 'desk', 'chief', 'nobody'])
    for (const collection of [
      MAIN,
      OPEN,
      HIDDEN,
      WRITE_ONLY,
      'indicators',
      '00000000-0000-4000-8000-000000000000',
    ])
      for (const rest of [
        '',
        'objects/',
        'manifest/',
        'objects/indicator--00000000-0000-4000-8000-00000000000a/',
      ]) {
        const base = await t.as(who).get(`/main/collections/${collection}/${rest}`);
        const here = await t.as(who).get(current(collection, rest));
        expect([who, collection, rest, here.status]).toEqual([who, collection, rest, base.status]);
        if (base.status >= 400)
          expect({ ...(here.body as Json), error_id: '' }).toEqual({ ...(base.body as Json), error_id: '' });
      }
  const listed = (await t.as('writer').get('/main/current/collections/')).body as { collections: Json[] };
  expect(listed.collections.map(({ id, can_read, can_write }) => [id, can_read, can_write])).toEqual([
    [MAIN, true, false],
    [OPEN, true, false],
  ]);
  expect((await t.as('writer').post(current(MAIN), { objects: [ip('45.60.3.1')] })).status).toBe(405);
  expect((await t.as('nobody').get('/other/current/')).status).toBe(404);
});

test('a full page that did not change is not sent again, and its cursor belongs to it', async () => {
  await put(
    OPEN,
    ...['45.61.1.1', '45.61.1.2', '45.61.1.3'].map((value) =>
      ip(value, { object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'] }),
    ),
  );
  const page = await t.as(undefined).get(`${current(OPEN)}?limit=2`);
  const tag = String((page.headers as Json)['etag']);
  expect((await t.as(undefined).get(`${current(OPEN)}?limit=2`, { 'If-None-Match': tag })).status).toBe(304);
  await t.api('chief', 'POST', '/suppressions', { values: ['45.61.1.1'], reason: 'the bank of a member' });
  expect((await t.as(undefined).get(`${current(OPEN)}?limit=2`, { 'If-None-Match': tag })).status).toBe(200);
  expect(
    (await t.as(undefined).get(`${objectsOf(OPEN)}?next=${String((page.body as Json)['next'])}`)).status,
  ).toBe(400);
});

test('pages of any size contain exactly the indicators in force, in the order of their dates', async () => {
  const { body } = await t.api('chief', 'POST', '/collections', { title: 'Long', alias: 'long' });
  const long = String(body['id']);
  for (const [who, write] of [['writer', true], ['reader', false]] as const)
    await t.api('chief', 'POST', '/collections/long/grants', { to: `account:${who}`, read: true, write });
  await t.hub.directory.refresh();
  const made: Json[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (lasting, limit) => {
      const objects = lasting.map((one, i) => ip(`45.62.${made.length % 250}.${i + 1}`, { valid_until: day(one ? 9 : -1) }));
      await put(long, ...objects);
      made.push(...objects.filter((_object, i) => lasting[i]));
      expect((await read(long, limit)).map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    }),
    { numRuns: 8 },
  );
}); // prettier-ignore

test('a long stretch of objects that have ended is not read again for each request', async () => {
  const time = new TestClock('2026-11-29T12:00:00Z');
  const hub = await testHub(SETTINGS, { clock: time });
  const add = async (...objects: Json[]): Promise<void> => {
    const { body } = await hub.as('writer').post(objectsOf(MAIN), { objects });
    expect(body).toMatchObject({ success_count: objects.length });
  };
  const { store } = hub.hub;
  const entries = store.entries.bind(store);
  let reads = 0;
  store.entries = (...query) => {
    reads++;
    return entries(...query);
  };
  /** Returns how often a request reads from the store, and how many objects it gets. */
  const counted = async (): Promise<readonly number[]> => {
    reads = 0;
    const { body } = await hub.as('reader').get(`${current(MAIN)}?limit=5`);
    return [reads, ((body as Json)['objects'] as Json[] | undefined)?.length ?? 0];
  };
  const old = { created: day(-30), modified: day(-20), valid_from: day(-20) };
  try {
    await add(...Array.from({ length: 600 }, (_, i) => ip(`192.88.${Math.floor(i / 200)}.${i % 200}`, old)));
    expect([await counted(), await counted()]).toEqual([
      [2, 0],
      [1, 0],
    ]);
    await add(ip('192.88.9.9'));
    expect(await counted()).toEqual([1, 1]);
    time.advance(61_000);
    expect(await counted()).toEqual([2, 1]);
  } finally {
    await hub.stop();
  }
});
