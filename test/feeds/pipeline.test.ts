import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { HUB_NAMESPACE, uuidV5 } from '../../src/kernel/ids.ts';
import { feedIdentityId } from '../../src/access/model.ts';
import { ALL_REMOVALS, LAST_VERSION } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, OPEN, SETTINGS, WRITE_ONLY, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const tlp = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  strict: 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
};
const objects = (body: unknown): Json[] => (body as { objects?: Json[] }).objects ?? [];

/** Returns the id of the account with this name. */
async function idOf({ hub }: TestHub, name: string): Promise<string> {
  return (await hub.directory.current()).accountNamed(name)?.id ?? '';
}

describe('from a feed to a national CERT', () => {
  let server: Server;
  let t: TestHub;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let requests: IncomingMessage[] = [];
  const clock = new TestClock('2026-01-15T12:00:00.000Z');

  const csv = (...rows: string[]): string =>
    [
      '# comment',
      '# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter',
      ...rows,
    ].join('\r\n');
  const row = (id: number, url: string, over = ''): string =>
    `"${id}","2026-01-15 11:00:00","${url}","online","${over}","malware_download","exe,Mozi","https://urlhaus.example/url/${id}/","q"`;
  const serve = (text: string, headers: Record<string, string> = {}): void => {
    answer = (request, response) => {
      const etag = headers['ETag'];
      if (etag !== undefined && request.headers['if-none-match'] === etag) response.writeHead(304).end();
      else response.writeHead(200, headers).end(text);
    };
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    t = await testHub(
      `${SETTINGS}
feeds:
  - { name: urlhaus, preset: urlhaus, url: "http://127.0.0.1:${port}/feed.csv", collection: indicators, tlp: green, special_addresses_allowed: [documentation], special_domains_allowed: [example] }
  - { name: forbidden, preset: urlhaus, url: "http://127.0.0.1:1/feed.csv", collection: indicators }
egress: { allow: ["127.0.0.1:${port}"] }
`,
      { clock },
    );
  });
  afterAll(async () => {
    await t.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  const run = () => t.hub.feeds.runner.run('urlhaus');
  const read = async (as = 'reader', path = objectsOf(MAIN), query = '') =>
    objects((await t.as(as).get(`${path}?${query}`)).body);
  const own = async (as: string): Promise<string> => {
    const { collections } = (await t.as(as).get('/main/collections/')).body as { collections: Json[] };
    return objectsOf(String(collections.find(({ title }) => String(title).startsWith('For '))?.['id']));
  };

  test('rows become valid STIX with markings and stable ids', async () => {
    serve(
      csv(
        row(1, 'http://www.gov.to/a.exe'),
        row(2, 'http://198.51.100.70/b.exe'),
        row(3, 'http://198.51.100.5/c.exe'),
        row(4, 'http://evil.example/d.exe'),
        row(5, 'http://10.0.0.1/e'),
        row(6, 'http://evil.example/d.exe'),
      ),
      { ETag: '"one"' },
    );
    const report = await run();
    expect(report).toMatchObject({
      status: 'partial',
      records: 6,
      accepted: 4,
      duplicates: 1,
      quarantined: 1,
      created: 4,
      refused: 0,
      held: 0,
    });
    const indicators = await read('reader', objectsOf(MAIN), 'match[type]=indicator');
    expect(indicators).toHaveLength(4);
    expect(indicators[0]).toMatchObject({
      id: `indicator--${uuidV5("urlhaus|[url:value = 'http://www.gov.to/a.exe']", HUB_NAMESPACE)}`,
      created_by_ref: feedIdentityId('urlhaus'),
      valid_from: '2026-01-15T11:00:00.000Z',
      valid_until: '2026-02-14T11:00:00.000Z',
      labels: ['malware_download', 'exe', 'Mozi', 'warninglist:member-network'],
      object_marking_refs: [tlp.green],
      external_references: [
        { source_name: 'urlhaus', url: 'https://urlhaus.example/url/1/', external_id: '1' },
      ],
    });
    const types = new Set((await read()).map((object) => object['type']));
    expect([...types].map(String).toSorted()).toEqual([
      'identity',
      'indicator',
      'marking-definition',
      'relationship',
      'url',
    ]);
    expect(await t.hub.feeds.quarantine.of('urlhaus')).toMatchObject([
      { line: 7, code: 'special-address:private' },
    ]);
  });

  test('each object reaches the collection of the CERT that it affects, by longest prefix and domain', async () => {
    await t.hub.routing.routeAll();
    const tonga = (await read('sensor', await own('sensor')))
      .map((object) => object['name'])
      .filter((name) => String(name).startsWith('http'));
    const fiji = (await read('desk', await own('desk')))
      .map((object) => object['name'])
      .filter((name) => String(name).startsWith('http'));
    expect(tonga.map(String).toSorted()).toEqual(
      [
        'http://198.51.100.5/c.exe',
        'http://198.51.100.5/c.exe',
        'http://www.gov.to/a.exe',
        'http://www.gov.to/a.exe',
      ].filter((name, i, all) => all.indexOf(name) === i),
    );
    expect(fiji).toEqual(['http://198.51.100.70/b.exe']);
    // Referenced objects are shared as well: the feed's identity and the marking.
    expect((await read('desk', await own('desk'))).map((object) => object['type'])).toEqual(
      expect.arrayContaining(['identity', 'marking-definition']),
    );
    expect((await t.as('desk').get(await own('sensor'))).status).toBe(404);
    expect(await t.hub.routing.routeAll()).toBe(0);
  });

  test('a later member receives earlier objects that affect it, and other members receive nothing twice', async () => {
    const own_ = '1a2b3c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d';
    const record = (kind: string, id: string, document: Json) => ({ kind, id, expected: 0, document });
    await t.hub.store.commit({
      records: [
        record('collection', own_, { api_root: 'main', title: 'For late', own_of: 'late' }),
        record('member', 'late', { domains: ['evil.example'], collection: own_ }),
        record('grant', `${own_}/role:analyst`, { collection: own_, to: 'role:analyst', read: true }),
      ],
    });
    await t.hub.directory.refresh();
    const before = await read('sensor', await own('sensor'));
    await t.hub.routing.routeAll();
    const names = (await read('analyst', objectsOf(own_), 'match[type]=indicator')).map(
      (object) => object['name'],
    );
    expect(names).toEqual(['http://evil.example/d.exe']);
    expect(await read('sensor', await own('sensor'))).toEqual(before);
  });

  test('an unchanged feed costs one conditional request and no version', async () => {
    requests = [];
    expect(await run()).toMatchObject({ status: 'not-modified', http_status: 304 });
    expect(requests.map((request) => request.headers['if-none-match'])).toEqual(['"one"']);
    serve(
      csv(
        row(1, 'http://www.gov.to/a.exe'),
        row(2, 'http://198.51.100.70/b.exe'),
        row(3, 'http://198.51.100.5/c.exe'),
        row(4, 'http://evil.example/d.exe'),
        row(5, 'http://10.0.0.1/e'),
        row(6, 'http://evil.example/d.exe'),
      ),
    );
    expect(await run()).toMatchObject({ status: 'unchanged' });
    serve(csv(row(1, 'http://www.gov.to/a.exe'), row(2, 'http://198.51.100.70/b.exe')));
    expect(await run()).toMatchObject({ status: 'ok', unchanged: 2, created: 0, updated: 0 });
    expect(await read('reader', objectsOf(MAIN), 'match[version]=all&match[type]=indicator')).toHaveLength(4);
  });

  test('a changed row creates one new version, which reaches the members that have the first one', async () => {
    clock.advance(1_000);
    serve(
      csv(
        row(1, 'http://www.gov.to/a.exe').replace('exe,Mozi', 'exe,Emotet'),
        row(2, 'http://198.51.100.70/b.exe'),
      ),
    );
    expect(await run()).toMatchObject({ updated: 1, unchanged: 1, created: 0 });
    const id = `indicator--${uuidV5("urlhaus|[url:value = 'http://www.gov.to/a.exe']", HUB_NAMESPACE)}`;
    const versions = await read('reader', `${objectsOf(MAIN)}${id}/`, 'match[version]=all');
    expect(versions.map((object) => object['created'])).toEqual([
      '2026-01-15T12:00:00.000Z',
      '2026-01-15T12:00:00.000Z',
    ]);
    expect(versions[1]?.['labels']).toContain('Emotet');
    await t.hub.routing.routeAll();
    expect(await read('sensor', `${await own('sensor')}${id}/`, 'match[version]=all')).toHaveLength(2);
  });

  test('a sighting extends an indicator only in the last quarter of its life', async () => {
    serve(csv(row(2, 'http://198.51.100.70/b.exe', '2026-01-20 00:00:00')));
    clock.advance(6 * 86_400_000);
    expect(await run()).toMatchObject({ status: 'ok', updated: 0, unchanged: 1 });
    clock.advance(19 * 86_400_000);
    serve(csv(row(2, 'http://198.51.100.70/b.exe', '2026-02-08 00:00:00')));
    expect(await run()).toMatchObject({ status: 'ok', updated: 1 });
  });

  test.each([
    [
      'a web page on a good status',
      () =>
        (answer = (_q, r) =>
          void r.writeHead(200, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><html>Sign in</html>')),
      'failed',
      /web page/,
    ],
    ['an empty file', () => serve(''), 'suspect', /empty/],
    ['no such file', () => (answer = (_q, r) => void r.writeHead(404).end()), 'failed', /404/],
    [
      'a key that is asked for',
      () => (answer = (_q, r) => void r.writeHead(401).end()),
      'failed',
      /401.*key/s,
    ],
    [
      'a body that breaks off',
      () =>
        (answer = (_q, r) =>
          void (
            r.writeHead(200, { 'Content-Length': '5000' }),
            r.write('x'),
            setImmediate(() => r.destroy())
          )),
      'failed',
      /ended early|was lost/,
    ],
    [
      'a cut gzip',
      () =>
        (answer = (_q, r) =>
          void r
            .writeHead(200, { 'Content-Encoding': 'gzip' })
            .end(gzipSync(csv(row(9, 'http://x.example/'))).subarray(0, 60))),
      'failed',
      /ended early|was lost/,
    ],
    [
      'a gzip bomb',
      () =>
        (answer = (_q, r) =>
          void r
            .writeHead(200, { 'Content-Encoding': 'gzip' })
            .end(gzipSync(Buffer.alloc(30_000_000, 0x41)))),
      'failed',
      /unpacked/,
    ],
    [
      'a column that went missing',
      () => serve('# id,when,link\r\n"1","2","3"\r\n'),
      'failed',
      /no column dateadded/,
    ],
    [
      'rows that are nearly all bad',
      () => serve(csv(...Array.from({ length: 30 }, (_, i) => row(i, 'not a url')))),
      'suspect',
      /format may have changed/,
    ],
    [
      'a redirect inwards',
      () => (answer = (_q, r) => void r.writeHead(302, { Location: 'http://169.254.169.254/' }).end()),
      'failed',
      /not allowed to connect/,
    ],
  ] as const)(
    '%s leaves the last good state unchanged, and the reason is reported',
    async (_name, arrange, status, reason) => {
      const before = await read('reader', objectsOf(MAIN), 'match[version]=all');
      arrange();
      const report = await run();
      expect([report.status, report.reason]).toEqual([status, expect.stringMatching(reason)]);
      expect(await read('reader', objectsOf(MAIN), 'match[version]=all')).toEqual(before);
    },
  );

  test('a feed cannot reach internal addresses that the operator has not allowed', async () => {
    expect(await t.hub.feeds.runner.run('forbidden')).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(/loopback/),
    });
  });

  test('the history lists every run, newest first, and an unknown feed is not found', async () => {
    const history = await t.hub.feeds.health.history('urlhaus', 100);
    expect(history.length).toBeGreaterThan(14);
    expect(history.at(-1)).toMatchObject({ status: 'partial', created: 4 });
    await expect(t.hub.feeds.runner.run('urlhause')).rejects.toMatchObject({
      kind: 'not-found',
      hint: 'To list the feeds, run: talanoa feed list',
    });
  });

  test('bad rows are kept only for the last ten runs, whatever a source sends', async () => {
    for (let i = 0; i < 12; i++) {
      serve(csv(row(1, 'http://www.gov.to/a.exe'), row(100 + i, 'bad')));
      await run();
    }
    const kept = await t.hub.store.records('feed-quarantine', { index: { name: 'feed', value: 'urlhaus' } });
    expect(kept).toHaveLength(10);
  });

  test("nobody else can write under a feed's identity or under an id of its objects", async () => {
    const other = "[url:value = 'http://never.example/seen']";
    const response = await t.as('writer').post(objectsOf(MAIN), {
      objects: [
        anIndicator({ created_by_ref: feedIdentityId('urlhaus') }),
        anIndicator({ id: `indicator--${uuidV5(`urlhaus|${other}`, HUB_NAMESPACE)}`, pattern: other }),
        {
          type: 'identity',
          spec_version: '2.1',
          id: feedIdentityId('urlhaus'),
          created: '2026-01-01T00:00:00.000Z',
          modified: '2099-01-01T00:00:00.000Z',
          name: 'x',
        },
      ],
    });
    const { failures } = response.body as { failures: Json[] };
    expect(failures.map((failure) => String(failure['message']).split(':')[0])).toEqual([
      'reserved-id',
      'reserved-id',
      'reserved-id',
    ]);
  });
});

describe('placement of objects in collections', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(SETTINGS);
  });
  afterAll(async () => {
    await t.stop();
  });
  const post = async (as: string, collection: string, ...list: Json[]) => {
    const { body } = await t.as(as).post(objectsOf(collection), { objects: list });
    const status = body as { successes?: Json[]; failures?: Json[] };
    return [
      ...(status.successes ?? []).map((item) =>
        item['message'] === undefined ? 'ok' : `ok ${item['message'] as string}`,
      ),
      ...(status.failures ?? []).map((item) => String(item['message'])),
    ];
  };
  const marked = (...refs: string[]): Json => anIndicator({ object_marking_refs: refs });

  test('an object that is too strict or lacks a required marking is refused, with the collections that accept it', async () => {
    expect(await post('writer', OPEN, marked(tlp.clear))).toEqual(['ok']);
    expect(await post('writer', OPEN, marked(tlp.green))).toEqual([
      expect.stringMatching(/^collection-maximum: TLP:GREEN .*; it may go into .*indicators/),
    ]);
    expect(await post('writer', OPEN, anIndicator({ object_marking_refs: undefined }))).toEqual([
      expect.stringMatching(/^unmarked: /),
    ]);
    expect(await post('writer', MAIN, anIndicator({ object_marking_refs: undefined }))).toEqual(['ok']);
  });

  const definition = (rest: Json): Json & { readonly id: string } => ({
    type: 'marking-definition',
    spec_version: '2.1',
    id: `marking-definition--${randomUUID()}`,
    created: '2026-01-01T00:00:00.000Z',
    ...rest,
  });
  const part = (ref: string, object = tlp.clear): Json =>
    anIndicator({
      object_marking_refs: [object],
      granular_markings: [{ marking_ref: ref, selectors: ['name'] }],
    });

  test('TLP:RED, a TLP:RED part and unknown markings are put on hold and never stored', async () => {
    const odd = definition({ definition_type: 'mood', definition: { mood: 'blue' } });
    const held = [
      marked(tlp.red),
      part(tlp.red),
      marked(odd.id),
      marked(`marking-definition--${randomUUID()}`),
      part(`marking-definition--${randomUUID()}`),
    ];
    const outcome = await post('writer', MAIN, odd, ...held);
    expect(outcome).toEqual([
      'ok',
      expect.stringMatching(/^held: tlp-red: /),
      expect.stringMatching(/^held: tlp-red: /),
      expect.stringMatching(/^held: marking-family: /),
      expect.stringMatching(/^held: marking-unknown: /),
      expect.stringMatching(/^held: marking-unknown: /),
    ]);
    const ids = held.map((object) => object['id']).join(',');
    expect((await t.as('reader').get(`${objectsOf(MAIN)}?match[id]=${ids}`)).body).toEqual({ more: false });
    expect(
      (await t.hub.store.held({ submitter: await idOf(t, 'writer'), limit: 10 }))
        .map((head) => t.hub.intake.held.openedHead(head).objectId)
        .toSorted(),
    ).toEqual(held.map((object) => String(object['id'])).toSorted());
    // The same object sent again waits once.
    await post('writer', MAIN, held[0] as Json);
    expect(await t.hub.store.held({ submitter: await idOf(t, 'writer'), limit: 10 })).toHaveLength(5);
  });

  test('the strictest part decides for the whole object, and PAP and IEP stay with the parts that they mark', async () => {
    expect(await post('writer', OPEN, part(tlp.clear), part(tlp.green))).toEqual([
      'ok',
      expect.stringMatching(/^collection-maximum: TLP:GREEN /),
    ]);
    const pap = definition({ definition_type: 'pap', definition: { pap: 'red' } });
    const iep = definition({ definition_type: 'iep', definition: { tlp: 'green', attribution: 'must-not' } });
    const named = anIndicator({
      object_marking_refs: [iep.id],
      created_by_ref: `identity--${randomUUID()}`,
    });
    expect(await post('writer', MAIN, pap, iep, marked(pap.id), marked(iep.id), named)).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      expect.stringMatching(/^held: iep-attribution: /),
    ]);
    // The TLP of an IEP policy counts as any other.
    await t.as('analyst').post(objectsOf(MAIN), { objects: [iep] });
    expect(await post('writer', OPEN, marked(iep.id))).toEqual([
      expect.stringMatching(/^collection-maximum: TLP:GREEN /),
    ]);
  });

  test('objects are accepted when their IEP policy begins, and removed when it ends', async () => {
    const time = new TestClock();
    const hub = await testHub(SETTINGS, { clock: time });
    const at = (days: number): string => new Date(time.now() + days * 86_400_000).toISOString();
    const iep = definition({
      definition_type: 'iep',
      definition: { tlp: 'green', start_date: at(1), end_date: at(3) },
    });
    const early = marked(iep.id);
    const stand = async (): Promise<unknown[]> =>
      objects((await hub.as('reader').get(objectsOf(MAIN))).body).map((object) => object['id']);
    await hub.as('sensor').post(objectsOf(MAIN), { objects: [iep, early] });
    expect(await stand()).not.toContain(early['id']);
    time.advance(86_400_000);
    await hub.hub.housekeeping.tidy();
    expect(await stand()).toContain(early['id']);
    expect(await hub.hub.store.held({ submitter: await idOf(hub, 'sensor'), limit: 9 })).toEqual([]);
    time.advance(2 * 86_400_000);
    await hub.hub.routing.routeAll();
    expect(await stand()).not.toContain(early['id']);
    const tombs = await hub.hub.store.removals({ ...ALL_REMOVALS, collection: MAIN, after: 0, limit: 9 });
    expect(tombs.map(({ id }) => id)).toEqual([early['id']]);
    await hub.stop();
  });

  test('unmarked objects that arrive with a stricter report are as strict as the report', async () => {
    const plain = anIndicator({ object_marking_refs: undefined });
    const clear = marked(tlp.clear);
    const report = (marking: string, ...brought: Json[]): Json => ({
      type: 'report',
      spec_version: '2.1',
      id: `report--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      published: '2026-01-01T00:00:00Z',
      name: 'r',
      object_marking_refs: [marking],
      object_refs: brought.map((object) => object['id']),
    });
    expect(await post('writer', MAIN, report(tlp.red, plain, clear), plain, clear)).toEqual([
      'ok',
      expect.stringMatching(/^held: tlp-red: /),
      expect.stringMatching(/^held: tlp-red: /),
    ]);
    const other = anIndicator({ object_marking_refs: undefined });
    await post('writer', MAIN, other, report(tlp.strict, other));
    const { entries } = await t.hub.store.entries(
      { collection: MAIN, after: 0, limit: 10, ids: [String(other['id'])], versions: LAST_VERSION },
      false,
    );
    expect(entries.map(({ level }) => level)).toEqual([3]);
  });

  test('a stricter version from its owner removes earlier versions from collections that cannot contain it; others cannot', async () => {
    const first = anIndicator({ object_marking_refs: [tlp.clear] });
    expect(await post('writer', OPEN, first)).toEqual(['ok']);
    expect(await post('writer', MAIN, first)).toEqual(['ok']);
    const version = (n: number, marking: string): Json => ({ ...first, modified: `2026-01-0${n}T00:00:00.000Z`, object_marking_refs: [marking] }); // prettier-ignore
    const stands = async (as: string, collection: string): Promise<unknown[]> =>
      objects((await t.as(as).get(`${objectsOf(collection)}?match[id]=${String(first['id'])}&match[version]=all`)).body).map((object) => object['modified']); // prettier-ignore
    // A version from another account changes nothing.
    expect(await post('sensor', MAIN, version(2, tlp.red))).toEqual([
      expect.stringMatching(/^held: tlp-red/),
    ]);
    expect(await stands('reader', MAIN)).toEqual(['2026-01-01T00:00:00.000Z']);
    // GREEN is stored in the members' collection, and no longer in the public one.
    expect(await post('writer', MAIN, version(3, tlp.green))).toEqual(['ok']);
    expect(await stands('reader', MAIN)).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.000Z']);
    expect(await stands('writer', OPEN)).toEqual([]);
    const { body } = await t.as('writer').get(`/main/collections/${OPEN}/removals/`);
    expect(JSON.stringify(body)).toContain(String(first['id']));
    // RED is stored nowhere, and less strict versions are removed. An older version arrives too late.
    expect(await post('writer', MAIN, version(2, tlp.red))).toEqual([
      expect.stringMatching(/^held: tlp-red/),
    ]);
    expect(await stands('reader', MAIN)).toHaveLength(2);
    expect(await post('writer', MAIN, version(4, tlp.red))).toEqual([
      expect.stringMatching(/^held: tlp-red/),
    ]);
    expect(await stands('reader', MAIN)).toEqual([]);
  });

  test('looks for earlier versions of objects that stand somewhere, and of no others', async () => {
    const { store } = t.hub;
    const real = store.levels.bind(store);
    const levels = jest.fn(real);
    store.levels = levels;
    const [first, other] = [anIndicator(), anIndicator({ object_marking_refs: [tlp.clear] })];
    expect(await post('writer', MAIN, first, anIndicator())).toEqual(['ok', 'ok']);
    expect(levels.mock.calls).toEqual([]);
    expect(await post('writer', OPEN, other)).toEqual(['ok']);
    const later = (object: Json, marking: string): Json => ({
      ...object,
      modified: '2026-01-09T00:00:00.000Z',
      object_marking_refs: [marking],
    });
    expect(await post('writer', MAIN, later(other, tlp.green))).toEqual(['ok']);
    expect(levels.mock.calls.map(([ids]) => ids)).toEqual([[other['id']]]);
    // Both versions are new, and the second one removes the first.
    const third = anIndicator({ object_marking_refs: [tlp.green] });
    expect(await post('writer', MAIN, third, later(third, tlp.red))).toEqual([
      'ok',
      expect.stringMatching(/^held: tlp-red/),
    ]);
    // The order of the versions in an envelope does not matter.
    const fourth = anIndicator({ object_marking_refs: [tlp.green] });
    expect(await post('writer', MAIN, later(fourth, tlp.red), fourth)).toEqual([
      'ok',
      expect.stringMatching(/^held: tlp-red/),
    ]);
    store.levels = real;
    for (const [collection, id] of [
      [OPEN, other['id']],
      [MAIN, third['id']],
      [MAIN, fourth['id']],
    ])
      // prettier-ignore
      expect(await t.hub.store.stands(String(collection), String(id))).toBe(false);
  });

  test('an analyst releases or discards objects on hold, and sees the possible actions', async () => {
    const first = anIndicator();
    expect(await post('sensor', MAIN, first)).toEqual(['ok']);
    const later = { ...first, modified: '2026-02-01T00:00:00.000Z', name: 'From somebody else' };
    expect(await post('writer', MAIN, later)).toEqual([expect.stringMatching(/^held: other-owner/)]);
    const red = anIndicator({ object_marking_refs: [tlp.red] });
    await post('sensor', MAIN, red);
    const waits = async (who: string): Promise<Json[]> =>
      ((await t.api(who, 'GET', '/held?limit=1000')).body['items'] as Json[]).filter(({ object }) =>
        [first['id'], red['id']].includes(object),
      );
    expect(await waits('analyst')).toMatchObject([
      { object: first['id'], submitter: 'writer', owner: 'hub', reason: 'other-owner', collection: 'indicators', next_step: expect.stringContaining('--on-behalf-of') },
      { object: red['id'], submitter: 'sensor', reason: 'tlp-red', next_step: expect.stringContaining('named recipients') },
    ]); // prettier-ignore
    expect((await waits('sensor')).map(({ object }) => object)).toEqual([red['id']]);
    const [foreign, secret] = (await waits('analyst')).map(({ id }) => String(id));
    expect((await t.api('analyst', 'GET', `/held/${foreign ?? ''}`)).body).toMatchObject({ content: later });
    // The owner does not change. Only hub staff can release the object on behalf of another member, and this
    // is recorded.
    expect((await t.api('analyst', 'POST', `/held/${foreign ?? ''}/release`, {})).body).toMatchObject({ outcome: 'held', message: expect.stringContaining('other-owner') }); // prettier-ignore
    expect((await t.api('sensor', 'POST', `/held/${foreign ?? ''}/release?on_behalf_of=tonga`, {})).status).toBe(404); // prettier-ignore
    expect((await t.api('analyst', 'POST', `/held/${foreign ?? ''}/release?on_behalf_of=nauru`, {})).status).toBe(422); // prettier-ignore
    expect((await t.api('analyst', 'POST', `/held/${foreign ?? ''}/release?on_behalf_of=tonga`, {})).body).toEqual({ outcome: 'stored' }); // prettier-ignore
    expect((await t.api('analyst', 'POST', `/held/${secret ?? ''}/release`, {})).body).toMatchObject({ outcome: 'held', message: expect.stringContaining('tlp-red') }); // prettier-ignore
    const versions = objects((await t.as('reader').get(`${objectsOf(MAIN)}?match[id]=${String(first['id'])}&match[version]=all`)).body); // prettier-ignore
    expect(versions.map(({ name }) => name)).toEqual([first['name'], 'From somebody else']);
    expect((await t.api('analyst', 'POST', `/held/${secret ?? ''}/discard`, { reason: 'confirmed by telephone' })).status).toBe(204); // prettier-ignore
    expect(await waits('analyst')).toEqual([]);
    const { body } = await t.api('chief', 'GET', '/audit?order=oldest&limit=1000');
    expect(JSON.stringify(body)).toMatch(/held\.release.*"on_behalf_of":"tonga".*held\.discard/);
  });

  test('an object that waits for a marking is processed when its owner submits the definition, but not when others do', async () => {
    const statement = {
      type: 'marking-definition',
      spec_version: '2.1',
      id: `marking-definition--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      definition_type: 'statement',
      definition: { statement: 'Copyright Tonga' },
    };
    const waiting = anIndicator({ object_marking_refs: [statement.id, tlp.green] });
    expect(await post('sensor', MAIN, waiting)).toEqual([expect.stringMatching(/^held: marking-unknown/)]);
    // An account of another member with permission to write. (An account of the hub acts for everybody, so the test
    // uses a member's account.)
    const stranger = await testHub(
      SETTINGS.replace(
        '{ name: desk, role: officer, member: fiji',
        '{ name: desk, role: machine, member: fiji',
      ).replace(
        '- { to: "account:reader", read: true }',
        '- { to: "account:reader", read: true }\n      - { to: "member:fiji", read: true, write: true }',
      ),
    );
    try {
      const send = (as: string, ...list: Json[]) => stranger.as(as).post(objectsOf(MAIN), { objects: list });
      await send('sensor', waiting);
      await send('desk', statement);
      expect((await stranger.as('reader').get(`${objectsOf(MAIN)}${String(waiting['id'])}/`)).status).toBe(
        404,
      );
      expect(await stranger.hub.store.held({ limit: 10 })).toHaveLength(1);
    } finally {
      await stranger.stop();
    }
    expect(await post('sensor', MAIN, statement)).toEqual(['ok']);
    expect((await t.as('reader').get(`${objectsOf(MAIN)}${String(waiting['id'])}/`)).status).toBe(200);
    expect(
      (await t.hub.store.held({ submitter: await idOf(t, 'sensor'), limit: 10 })).filter(
        ({ objectId }) => objectId === waiting['id'],
      ),
    ).toEqual([]);
  });

  test('nobody can take over objects of a member, and a relaying member can submit only the first version', async () => {
    const tongan = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
    const fijian = 'identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c';
    const first = anIndicator({ created_by_ref: tongan });
    const later = { ...first, modified: '2026-03-01T00:00:00.000Z', revoked: true };
    expect(await post('sensor', MAIN, first)).toEqual(['ok']);
    expect(await post('sensor', MAIN, later)).toEqual(['ok']);
    const relayed = anIndicator({ created_by_ref: fijian });
    expect(await post('sensor', MAIN, relayed)).toEqual(['ok']);
    expect(
      await post('sensor', MAIN, { ...relayed, modified: '2026-03-01T00:00:00.000Z', revoked: true }),
    ).toEqual([expect.stringMatching(/^held: other-owner/)]);
    const hubs = anIndicator();
    expect(await post('writer', MAIN, hubs)).toEqual(['ok']);
    expect(await post('sensor', MAIN, { ...hubs, modified: '2026-03-01T00:00:00.000Z' })).toEqual([
      expect.stringMatching(/^held: other-owner/),
    ]);
  });

  test('an object that names an observable by its id is placed only where that observable may be', async () => {
    const secret = {
      type: 'domain-name',
      spec_version: '2.1',
      id: 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
      value: 'example.com',
      object_marking_refs: [tlp.green],
    };
    const naming = (): Json => ({
      type: 'note',
      spec_version: '2.1',
      id: `note--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      content: 'seen',
      object_refs: [secret.id],
      object_marking_refs: [tlp.clear],
    });
    // First in one envelope with an observable that is rejected here. Then alone, while the observable is stored
    // elsewhere at GREEN.
    expect(await post('writer', OPEN, secret, naming())).toEqual([
      expect.stringMatching(/^collection-maximum/),
      expect.stringMatching(/^held: names-observable/),
    ]);
    expect(await post('writer', MAIN, secret, naming())).toEqual(['ok', 'ok']);
    expect(await post('writer', OPEN, naming())).toEqual([expect.stringMatching(/^held: names-observable/)]);
    const open = {
      ...secret,
      id: 'domain-name--5d6eb4ad-c5b3-5d7c-b5c2-4c4b7a1f7d11',
      value: 'other.example',
    };
    expect(await post('writer', OPEN, { ...naming(), object_refs: [open.id] })).toEqual(['ok']);
    // An account that cannot read the stricter collection learns nothing about it from the response.
    const blind = await testHub(
      SETTINGS.replace(
        '- { to: "account:writer", read: true, write: true }',
        '- { to: "account:writer", write: true }',
      ),
    );
    await blind.as('analyst').post(objectsOf(MAIN), { objects: [secret] });
    const answers = await Promise.all(
      [secret.id, open.id].map((id) =>
        blind.as('writer').post(objectsOf(OPEN), { objects: [{ ...naming(), object_refs: [id] }] }),
      ),
    );
    expect(answers.map(({ body }) => (body as { success_count: number }).success_count)).toEqual([1, 1]);
    await blind.stop();
  });

  test('a reserved marking id with other content is refused', async () => {
    const fake = {
      type: 'marking-definition',
      spec_version: '2.1',
      id: tlp.strict,
      created: '2022-10-01T00:00:00.000Z',
      name: 'TLP:CLEAR',
      extensions: {
        'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d': {
          extension_type: 'property-extension',
          tlp_2_0: 'clear',
        },
      },
    };
    expect(await post('writer', MAIN, fake)).toEqual([expect.stringMatching(/^S-145 \/id/)]);
  });

  test('routing checks the policy again, so objects on hold or too strict objects reach no member', async () => {
    const strict = anIndicator({
      pattern: "[ipv4-addr:value = '198.51.100.5']",
      object_marking_refs: [tlp.strict],
    });
    const weak = anIndicator({
      pattern: "[domain-name:value = 'x.example']",
      labels: ['country:FJ'],
      object_marking_refs: undefined,
    });
    expect(await post('writer', MAIN, strict, weak)).toEqual(['ok', 'ok']);
    expect(await post('writer', WRITE_ONLY, marked(tlp.red))).toEqual([expect.stringMatching(/^held/)]);
    await t.hub.routing.routeAll();
    const mine = async (as: string) => {
      const { collections } = (await t.as(as).get('/main/collections/')).body as { collections: Json[] };
      const id = String(collections.find(({ title }) => String(title).startsWith('For '))?.['id']);
      return objects((await t.as(as).get(objectsOf(id))).body).map((object) => object['id']);
    };
    expect(await mine('sensor')).toContain(strict['id']);
    expect(await mine('desk')).toEqual([weak['id']]);
  });
});
