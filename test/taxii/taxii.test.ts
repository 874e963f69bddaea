import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { STIX_TYPES } from '../../src/stix/types.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import {
  HIDDEN,
  MAIN,
  MEDIA,
  OPEN,
  SETTINGS,
  WRITE_ONLY,
  keyOf,
  objectsOf,
  testHub,
  type TestHub,
} from '../support/hub.ts';

const TS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const CLEAR = 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487';

interface Envelope {
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: Json[];
}

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(async () => {
  await t.stop();
});

const C = objectsOf(MAIN);
const post = (objects: unknown[], as = 'writer', path = C) => t.as(as).post(path, { objects });
const envelope = (body: unknown): Envelope => body as Envelope;
async function expectError(
  response: { status: number; headers: Record<string, string>; body: unknown },
  status: number,
): Promise<void> {
  await Promise.resolve();
  expect(response.status).toBe(status);
  expect(response.headers['content-type']).toBe(MEDIA);
  const body = response.body as Record<string, unknown>;
  expect(typeof body['title']).toBe('string');
  expect(body['title']).not.toBe('');
  expect(body['http_status']).toBe(String(status));
  expect(JSON.stringify(body)).not.toMatch(/at .*\.(ts|js):|node_modules/);
}

describe('server information (TAXII 2.1 section 4)', () => {
  test('T-001..T-008: discovery, with the exact media type and relative API roots', async () => {
    const response = await t.as('reader').get('/taxii2/');
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe(MEDIA);
    expect(response.body).toEqual({
      title: 'Test hub',
      default: '/main/',
      api_roots: ['/main/'],
    });
    // Hub analysts look after all of them.
    expect((await t.as('chief').get('/taxii2/')).body).toMatchObject({ api_roots: ['/main/', '/second/'] });
  });

  test('T-005: API roots are absolute when the hub is reached over HTTPS, for clients that need it', async () => {
    const far = await testHub(
      SETTINGS.replace('title: Test hub', 'title: Test hub, url: "https://hub.example"'),
    );
    expect((await far.as('reader').get('/taxii2/')).body).toMatchObject({
      default: 'https://hub.example/main/',
      api_roots: ['https://hub.example/main/'],
    });
    await far.stop();
  });

  test('T-007: a visitor sees only API roots with something public in them', async () => {
    const response = await t.as(undefined).get('/taxii2/');
    expect(response.body).toEqual({ title: 'Test hub', default: '/main/', api_roots: ['/main/'] });
  });

  test('T-020..T-023: a request for an unknown API root gets 404, and 401 without credentials', async () => {
    const response = await t.as('reader').get('/main/');
    expect(response.body).toEqual({ title: 'Main', versions: [MEDIA], max_content_length: 1_048_576 });
    await expectError(await t.as('reader').get('/nothing/'), 404);
    await expectError(await t.as(undefined).get('/nothing/'), 401);
    await expectError(await t.as('reader').get('/main/no-such-endpoint/'), 404);
  });

  test('T-323: every endpoint answers without its last slash too', async () => {
    for (const path of [
      '/taxii2',
      '/main',
      '/main/collections',
      `/main/collections/${MAIN}`,
      C.slice(0, -1),
    ]) {
      expect((await t.as('reader').get(path)).status).toBe(200);
    }
  });
});

describe('collections (section 5.1, 5.2)', () => {
  test('T-050..T-053: callers see the collections that they may use, always in the same order', async () => {
    const list = (await t.as('writer').get('/main/collections/')).body as { collections: Json[] };
    expect(list.collections.map((c) => [c['id'], c['can_read'], c['can_write']])).toEqual([
      [WRITE_ONLY, false, true],
      [MAIN, true, true],
      [OPEN, true, true],
    ]);
    expect((await t.as('writer').get(`/main/collections/${MAIN}/`)).body).toEqual(list.collections[1]);
    expect((await t.as('nobody').get('/second/collections/')).body).toEqual({});
    expect(
      ((await t.as(undefined).get('/main/collections/')).body as { collections: Json[] }).collections.map(
        (c) => c['id'],
      ),
    ).toEqual([OPEN]);
  });

  test('T-061: an alias can replace the id', async () => {
    expect((await t.as('reader').get('/main/collections/indicators/')).body).toMatchObject({ id: MAIN });
    await expectError(await t.as('reader').get('/second/collections/indicators/'), 404);
  });

  test('T-055, T-238: a hidden collection is as absent as an unknown one, at every endpoint', async () => {
    const unknown = '99999999-9999-4999-8999-999999999999';
    const strip = (body: unknown): unknown => ({ ...(body as Json), error_id: undefined });
    for (const suffix of [
      '',
      'objects/',
      'manifest/',
      'objects/indicator--11111111-1111-4111-8111-111111111111/',
      'objects/indicator--11111111-1111-4111-8111-111111111111/versions/',
    ]) {
      const a = await t.as('reader').get(`/main/collections/${HIDDEN}/${suffix}`);
      const b = await t.as('reader').get(`/main/collections/${unknown}/${suffix}`);
      await expectError(a, 404);
      expect(strip(a.body)).toEqual(strip(b.body));
    }
    await expectError(await post([anIndicator()], 'writer', objectsOf(HIDDEN)), 404);
    await expectError(
      await t.as('writer').delete(`${objectsOf(HIDDEN)}indicator--11111111-1111-4111-8111-111111111111/`),
      404,
    );
  });

  test('T-056: odd ids are not found and break nothing', async () => {
    for (const id of ['nope', 'x'.repeat(3000), '..%2f', '%00', "'%20OR%201=1--", '$where', '__proto__']) {
      expect([400, 404]).toContain((await t.as('reader').get(`/main/collections/${id}/`)).status);
    }
    expect((await t.as('reader').get('/main/collections/%E0%A4%A/')).status).toBe(400);
  });
});

describe('adding objects (section 5.5) and status (section 4.3)', () => {
  test('T-030..T-036: the response is 202 with a status resource whose counts are correct and which can be fetched again', async () => {
    const response = await post([anIndicator(), anIndicator(), anIndicator()]);
    expect(response.status).toBe(202);
    expect(response.headers['content-type']).toBe(MEDIA);
    const status = response.body as Json;
    expect(status).toMatchObject({
      status: 'complete',
      total_count: 3,
      success_count: 3,
      failure_count: 0,
      pending_count: 0,
    });
    expect(status['request_timestamp']).toMatch(TS);
    expect(status['id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(status).not.toHaveProperty('failures');
    expect(
      (status['successes'] as Json[]).every((entry) => entry['version'] === '2026-01-01T00:00:00.000Z'),
    ).toBe(true);
    expect((await t.as('writer').get(`/main/status/${String(status['id'])}/`)).body).toEqual(status);
    await expectError(await t.as('reader').get(`/main/status/${String(status['id'])}/`), 404);
    await expectError(await t.as('writer').get(`/main/status/${randomUUID()}/`), 404);
    await expectError(await t.as('writer').get('/main/status/not-a-uuid/'), 404);
  });

  test('T-040: valid objects of a mixed envelope are stored, and each failure has rule, pointer and reason', async () => {
    const good = anIndicator();
    const response = await post([
      good,
      { foo: 'bar' },
      anIndicator({ pattern: '[file:name = ]' }),
      anIndicator({ created: '2026-02-30T00:00:00.000Z' }),
    ]);
    expect(response.status).toBe(202);
    const status = response.body as { failures: Json[]; success_count: number; failure_count: number };
    expect([status.success_count, status.failure_count]).toEqual([1, 3]);
    const messages = status.failures.map((failure) => String(failure['message']));
    expect(messages[0]).toMatch(/^S-002 \//);
    expect(messages[1]).toMatch(/^P-001 \/pattern: at character 14: /);
    expect(messages[2]).toMatch(/^S-018 \/created: /);
    expect(
      status.failures.every(
        (failure) => typeof failure['id'] === 'string' && typeof failure['version'] === 'string',
      ),
    ).toBe(true);
    expect(envelope((await t.as('writer').get(`${C}${String(good['id'])}/`)).body).objects).toEqual([good]);
  });

  test('T-070..T-072: objects are returned exactly as they were submitted', async () => {
    const id = `indicator--${randomUUID()}`;
    const text = `{"type":"indicator","spec_version":"2.1","id":"${id}","created":"2026-01-01T00:00:00.120Z","modified":"2026-01-01T00:00:00.120000Z","pattern":"[file:name = 'a']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","x_float":1.50e1,"x_big":9007199254740990,"x_text":"\\u00e9 é 日本 🌊 \\u0001\\t","x_nested":{"b":[1,{"a":null}],"a":true}, "object_marking_refs":["${CLEAR}"]}`;
    expect((await t.as('writer').post(C, `{"objects":[ ${text} ]}`)).body).toMatchObject({
      success_count: 1,
    });
    const raw = await supertest(t.hub.app)
      .get(`${C}${id}/`)
      .set('Authorization', `Bearer ${keyOf('reader')}`)
      .buffer(true)
      .parse((response, done) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts).toString('utf8')));
      });
    expect(raw.body).toBe(`{"objects":[${text}]}`);
  });

  test('T-130..T-135: repeats are successes and change nothing; other content under one version is refused', async () => {
    const object = anIndicator();
    await post([object]);
    const before = (
      await t.as('reader').get(`/main/collections/${MAIN}/manifest/?match[id]=${String(object['id'])}`)
    ).body;
    const again = (await post([object, object])).body as Json;
    expect(again).toMatchObject({ total_count: 2, success_count: 2, failure_count: 0 });
    const other = (await post([{ ...object, name: 'Something else' }])).body as { failures: Json[] };
    expect(other.failures[0]?.['message']).toMatch(/^version-conflict: /);
    expect(
      (await t.as('reader').get(`/main/collections/${MAIN}/manifest/?match[id]=${String(object['id'])}`))
        .body,
    ).toEqual(before);
  });

  test('T-239: a submitter who cannot read gets the same response whatever is stored', async () => {
    const object = anIndicator();
    const strip = (body: unknown): unknown => ({
      ...(body as Json),
      id: undefined,
      request_timestamp: undefined,
    });
    const first = strip((await post([object], 'writer', objectsOf(WRITE_ONLY))).body);
    expect(strip((await post([object], 'writer', objectsOf(WRITE_ONLY))).body)).toEqual(first);
    expect(strip((await post([{ ...object, name: 'Other' }], 'writer', objectsOf(WRITE_ONLY))).body)).toEqual(
      first,
    );
    expect(strip((await post([{ ...object, name: 'Mine' }], 'sensor', objectsOf(WRITE_ONLY))).body)).toEqual(
      first,
    );
    expect((await t.hub.store.held({ limit: 10 })).map(({ reason }) => reason).toSorted()).toEqual([
      'other-owner',
      'version-conflict',
    ]);
  });

  test('T-300..T-308, T-042: a body that is not an envelope gets a 4xx, and nothing is stored', async () => {
    const good = JSON.stringify(anIndicator());
    for (const body of [
      'no json',
      '[]',
      '"x"',
      '',
      '{',
      '{"objects":"x"}',
      '{"objects":{}}',
      '{}',
      '{"objects":[]}',
      `{"objects":[${good},]}`,
      `{"objects":[${good},{"a":}]}`,
      `{"objects":[${good}]} trailing`,
      `{"objects":[${good}],"objects":[]}`,
      good,
    ]) {
      const response = await t.as('writer').post(C, body);
      expect([400, 422]).toContain(response.status);
      await expectError(response, response.status);
    }
    await expectError(await t.as('writer').post(C, Buffer.from([0x7b, 0xff, 0x7d])), 400);
    expect(
      envelope((await t.as('reader').get(`${C}?match[id]=${(JSON.parse(good) as { id: string }).id}`)).body),
    ).toEqual({ more: false });
    for (const items of [[1, 'x', null], [{ id: 5, type: [] }]]) {
      expect((await t.as('writer').post(C, { objects: items })).body).toMatchObject({ success_count: 0 });
    }
  });

  test('T-309: hostile JSON fails only its object and never the server', async () => {
    const deep = `{"type":"indicator","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    const base = anIndicator();
    const bad = (extra: string): string =>
      JSON.stringify({ ...base, id: `indicator--${randomUUID()}` }).replace(/\}$/, `,${extra}}`);
    const hostile = [
      deep,
      bad('"name":"twice"'),
      bad('"__proto__":{"x":1}'),
      bad('"x_half":"\\ud800"'),
      bad('"x_nul":"\\u0000"'),
      bad('"x_inf":1e400'),
      bad('"x_big":9007199254740993'),
      bad(`"x_long":${'1'.repeat(70)}`),
      bad('"":1'),
      bad('"$where":1'),
    ];
    const response = await t
      .as('writer')
      .post(C, `{"objects":[${[JSON.stringify(base), ...hostile].join(',')}]}`);
    expect(response.body).toMatchObject({ total_count: 11, success_count: 1, failure_count: 10 });
    for (const failure of (response.body as { failures: Json[] }).failures)
      expect(String(failure['message'])).toMatch(/^(L-001|L-01[345]|S-001|S-01[56]|S-028) /);
    expect(({} as Json)['x']).toBeUndefined();
  });

  test('T-285..T-295: content types are read leniently, others are refused before anything is stored', async () => {
    for (const type of [
      'application/taxii+json;version=2.1',
      'application/taxii+json; version=2.1',
      'application/taxii+json',
      'Application/TAXII+JSON;Version="2.1"',
      'application/taxii+json;version=2.1; charset=utf-8',
    ]) {
      expect(
        (await t.as('writer').post(C, { objects: [anIndicator()] }, { 'Content-Type': type })).status,
      ).toBe(202);
    }
    for (const type of ['text/plain', 'application/json', 'application/taxii+json;version=9.9']) {
      await expectError(
        await t.as('writer').post(C, { objects: [anIndicator()] }, { 'Content-Type': type }),
        415,
      );
    }
    await expectError(
      await t.as('writer').post(C, { objects: [anIndicator()] }, { Accept: 'text/html' }),
      406,
    );
  });

  test('T-310..T-316: sizes, gzip, and the bundle that some clients send', async () => {
    await expectError(
      await t.as('writer').post(C, { objects: [anIndicator({ x_pad: 'x'.repeat(1_100_000) })] }),
      413,
    );
    const body = JSON.stringify({ objects: [anIndicator()] });
    expect((await t.as('writer').post(C, gzipSync(body), { 'Content-Encoding': 'gzip' })).status).toBe(202);
    await expectError(
      await t.as('writer').post(C, gzipSync(Buffer.alloc(5_000_000, 0x20)), { 'Content-Encoding': 'gzip' }),
      413,
    );
    await expectError(
      await t.as('writer').post(C, gzipSync(body).subarray(0, 40), { 'Content-Encoding': 'gzip' }),
      400,
    );
    await expectError(await t.as('writer').post(C, body, { 'Content-Encoding': 'br' }), 415);
    expect(
      (
        await t
          .as('writer')
          .post(C, { type: 'bundle', id: `bundle--${randomUUID()}`, objects: [anIndicator()] })
      ).body,
    ).toMatchObject({ success_count: 1 });
    const strict = await testHub(SETTINGS.replace('path: main,', 'path: main, unwrap_bundles: false,'));
    const bundle = { type: 'bundle', id: `bundle--${randomUUID()}`, objects: [anIndicator()] };
    await expectError(await strict.as('writer').post(C, bundle), 422);
    expect((await strict.as('writer').get(C)).body).toEqual({ more: false });
    await strict.stop();
  });

  test('T-084: every kind of object is accepted unchanged', async () => {
    const relationship = {
      type: 'relationship',
      spec_version: '2.1',
      id: `relationship--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      relationship_type: 'related-to',
      source_ref: `malware--${randomUUID()}`,
      target_ref: `tool--${randomUUID()}`,
    };
    const sco = {
      type: 'url',
      spec_version: '2.1',
      id: 'url--3279c7de-8f91-5c1a-99d9-d6546c6c41f7',
      value: 'https://a.example/',
    };
    const custom = {
      type: 'x-acme-thing',
      spec_version: '2.1',
      id: `x-acme-thing--${randomUUID()}`,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      x_acme: { deep: [1] },
    };
    const response = await post([relationship, sco, custom]);
    expect(response.body).toMatchObject({ success_count: 3 });
    const read = envelope(
      (await t.as('reader').get(`${C}?match[id]=${[relationship.id, sco.id, custom.id].join(',')}`)).body,
    );
    expect(read.objects).toEqual([relationship, sco, custom]);
    const manifest = (await t.as('reader').get(`/main/collections/${MAIN}/manifest/?match[id]=${sco.id}`))
      .body as { objects: Json[] };
    expect(manifest.objects[0]).toMatchObject({ version: '1970-01-01T00:00:00.000Z' });
  });

  test('T-087: an object of STIX 2.0 is refused with the reason if the collection does not accept it', async () => {
    const response = (await post([anIndicator({ spec_version: undefined })])).body as { failures: Json[] };
    expect(response.failures[0]?.['message']).toMatch(/^S-030 .*STIX 2\.0/);
  });
});

describe('reading (sections 3.4, 3.5, 5.3, 5.4, 5.6, 5.8)', () => {
  const V1 = '2026-01-01T00:00:00.000Z';
  const V2 = '2026-01-02T00:00:00.000Z';
  const V3 = '2026-01-03T00:00:00.000Z';
  let collection: string;
  let base: string;
  let fresh: TestHub;
  beforeAll(async () => {
    fresh = await testHub(SETTINGS);
  });
  afterAll(async () => {
    await fresh.stop();
  });
  const get = (path: string) => fresh.as('writer').get(path);
  const modified = (body: unknown): unknown[] =>
    (envelope(body).objects ?? []).map((object) => object['modified'] ?? object['version']);
  beforeEach(() => {
    collection = MAIN;
    base = objectsOf(collection);
  });

  test('T-100..T-136: versions on objects/, objects/{id}/ and manifest/', async () => {
    const id = `indicator--${randomUUID()}`;
    for (const version of [V2, V1, V3])
      await fresh.as('writer').post(base, { objects: [anIndicator({ id, modified: version })] });
    const cases: [string, string[]][] = [
      ['', [V3]],
      ['last', [V3]],
      ['first', [V1]],
      ['all', [V2, V1, V3]],
      [V2, [V2]],
      ['first,last', [V1, V3]],
      [`first,${V2},last`, [V2, V1, V3]],
      [`${V1},${V2}`, [V2, V1]],
      ['2026-01-02T00:00:00Z', [V2]],
      ['1999-01-01T00:00:00Z', []],
    ];
    for (const [match, expected] of cases) {
      const query = match === '' ? '' : `match[version]=${match}`;
      expect(modified((await get(`${base}?match[id]=${id}&${query}`)).body)).toEqual(expected);
      expect(modified((await get(`${base}${id}/?${query}`)).body)).toEqual(expected);
      expect(
        modified((await get(`/main/collections/${collection}/manifest/?match[id]=${id}&${query}`)).body),
      ).toEqual(expected);
    }
    for (const match of ['all,first', 'last,last', 'yesterday'])
      expect((await get(`${base}?match[version]=${match}`)).status).toBe(400);
    expect((await get(`${base}${id}/versions/`)).body).toEqual({ versions: [V2, V1, V3] });
    const page = (await get(`${base}${id}/versions/?limit=1`)).body as {
      versions: string[];
      more: boolean;
      next: string;
    };
    expect([page.versions, page.more]).toEqual([[V2], true]);
    expect((await get(`${base}${id}/versions/?next=${page.next}`)).body).toEqual({ versions: [V1, V3] });
  });

  test('T-073, T-074, T-149: a request for an unknown object gets 404, and a filter without matches gives an empty page', async () => {
    const id = `indicator--${randomUUID()}`;
    await fresh.as('writer').post(base, { objects: [anIndicator({ id })] });
    expect((await get(`${base}indicator--${randomUUID()}/`)).status).toBe(404);
    expect((await get(`${base}indicator--${randomUUID()}/versions/`)).status).toBe(404);
    for (const path of [
      `${base}?match[type]=malware`,
      `${base}${id}/?added_after=2999-01-01T00:00:00Z`,
      `${base}${id}/versions/?added_after=2999-01-01T00:00:00Z`,
      `/main/collections/${collection}/manifest/?match[type]=malware`,
    ]) {
      const response = await get(path);
      expect([response.status, response.body]).toEqual([200, { more: false }]);
    }
  });

  test('T-075..T-079, T-146..T-151: date added headers and added_after', async () => {
    const posted = Array.from({ length: 3 }, () => anIndicator());
    await fresh.as('writer').post(base, { objects: posted });
    const ids = posted.map((object) => object['id']).join(',');
    const response = await get(`${base}?match[id]=${ids}`);
    const first = String(response.headers['x-taxii-date-added-first']);
    const last = String(response.headers['x-taxii-date-added-last']);
    expect(first).toMatch(TS);
    const manifest = (await get(`/main/collections/${collection}/manifest/?match[id]=${ids}`)).body as {
      objects: Json[];
    };
    expect([manifest.objects[0]?.['date_added'], manifest.objects[2]?.['date_added']]).toEqual([first, last]);
    expect(envelope((await get(`${base}?match[id]=${ids}&added_after=${first}`)).body).objects).toEqual(
      posted.slice(1),
    );
    const earlier = first.replace(
      /(\d{6})Z$/,
      (_m, micros: string) => `${String(Number(micros) - 1).padStart(6, '0')}Z`,
    );
    expect(
      envelope((await get(`${base}?match[id]=${ids}&added_after=${earlier}`)).body).objects,
    ).toHaveLength(3);
    const none = await get(`${base}?added_after=2999-01-01T00:00:00Z`);
    expect(none.body).toEqual({ more: false });
    expect(none.headers['x-taxii-date-added-last']).toBe('2999-01-01T00:00:00.000000Z');
    for (const stamp of [
      '2020-01-01T00:00:00Z',
      '2020-01-01T00:00:00.5Z',
      '2020-01-01T00:00:00.123Z',
      '1970-01-01T00:00:00.000000Z',
    ])
      expect((await get(`${base}?added_after=${stamp}`)).status).toBe(200);
    for (const stamp of ['yesterday', '2024-13-45T00:00:00Z', '1234567890', ''])
      expect((await get(`${base}?added_after=${stamp}`)).status).toBe(400);
  });

  test('T-143, T-152..T-163: filters by type, limits, duplicate and unknown parameters', async () => {
    for (const type of STIX_TYPES) expect((await get(`${base}?match[type]=${type}`)).status).toBe(200);
    for (const limit of ['0', '-1', 'abc', '1.5', ''])
      expect((await get(`${base}?limit=${limit}`)).status).toBe(400);
    for (const limit of ['100000', '9007199254740991'])
      expect((await get(`${base}?limit=${limit}`)).status).toBe(200);
    for (const query of [
      'match[foo]=x',
      'utm_source=x',
      'match[__proto__]=x',
      'match[constructor]=x',
      'match=x',
    ])
      expect((await get(`${base}?${query}`)).status).toBe(200);
    for (const query of [
      'match[id][$ne]=x',
      'match[type][]=x',
      'added_after[$gt]=x',
      'match[type]=a&match[type]=b',
      'limit=1&limit=2',
      "match[id]=' OR 1=1",
      'match[id]=%E0%A4%A',
    ])
      expect((await get(`${base}?${query}`)).status).toBe(400);
    const encoded = await get(`${base}?match%5Btype%5D=indicator%2Cmalware&limit=3`);
    expect(encoded.body).toEqual((await get(`${base}?match[type]=indicator,malware&limit=3`)).body);
    const many = Array.from({ length: 100 }, () => `indicator--${randomUUID()}`).join(',');
    expect((await get(`${base}?match[id]=${many}`)).status).toBe(200);
  });

  test('T-170..T-193: pages by next and by added_after alone; next is valid only for its request', async () => {
    const mark = String(
      (await get(`${base}?limit=1000`)).headers['x-taxii-date-added-last'] ?? '1970-01-01T00:00:00Z',
    );
    const posted = Array.from({ length: 13 }, () => anIndicator());
    await fresh.as('writer').post(base, { objects: posted });
    for (const path of [base, `/main/collections/${collection}/manifest/`]) {
      const byNext: unknown[] = [];
      let query = `added_after=${mark}&limit=5`;
      for (let more = true; more;) {
        const page = envelope((await get(`${path}?${query}`)).body);
        byNext.push(...(page.objects ?? []).map((object) => object['id']));
        more = page.more === true;
        if (more) expect(typeof page.next).toBe('string');
        else expect(page).not.toHaveProperty('next');
        // A changed limit and an additional added_after do no harm.
        query = `added_after=${mark}&limit=4&next=${page.next ?? ''}`;
      }
      expect(byNext).toEqual(posted.map((object) => object['id']));
      const byAdded: unknown[] = [];
      let after = mark;
      for (;;) {
        const response = await get(`${path}?added_after=${after}&limit=4`);
        const page = envelope(response.body);
        if (page.objects === undefined) break;
        byAdded.push(...page.objects.map((object) => object['id']));
        after = String(response.headers['x-taxii-date-added-last']);
      }
      expect(byAdded).toEqual(byNext);
    }
    const { next } = envelope((await get(`${base}?limit=1`)).body);
    const same = envelope((await get(`${base}?next=${next ?? ''}`)).body);
    expect(envelope((await get(`${base}?next=${next ?? ''}`)).body)).toEqual(same);
    for (const wrong of [
      `${base}?next=${next ?? ''}x`,
      `${base}?next=garbage`,
      `${base}?next=%00`,
      `${base}?next=`,
      `${base}?next=${'A'.repeat(600)}`,
      `${base}?next=${next ?? ''}&match[type]=malware`,
      `${objectsOf(OPEN)}?next=${next ?? ''}`,
      `/main/collections/${collection}/manifest/?next=${next ?? ''}`,
    ]) {
      expect((await get(wrong)).status).toBe(400);
    }
    expect((await fresh.as('analyst').get(`${base}?next=${next ?? ''}`)).status).toBe(400);
  });

  test('T-190: deleting read objects skips no unread ones', async () => {
    const start = String((await get(`${base}?limit=1000`)).headers['x-taxii-date-added-last']);
    const posted = Array.from({ length: 6 }, () => anIndicator());
    await fresh.as('writer').post(base, { objects: posted });
    const first = envelope((await get(`${base}?added_after=${start}&limit=3`)).body);
    for (const object of first.objects ?? [])
      expect((await fresh.as('writer').delete(`${base}${String(object['id'])}/`)).status).toBe(200);
    expect(envelope((await get(`${base}?next=${first.next ?? ''}`)).body).objects).toEqual(posted.slice(3));
  });
});

describe('deleting (section 5.7)', () => {
  test('T-210..T-222: by version or completely, with permission, and only own objects', async () => {
    const id = `indicator--${randomUUID()}`;
    const path = `${C}${id}/`;
    await post([anIndicator({ id }), anIndicator({ id, modified: '2026-01-02T00:00:00.000Z' })]);
    await expectError(await t.as('reader').delete(path), 403);
    await expectError(await t.as('writer').delete(`${objectsOf(WRITE_ONLY)}${id}/`), 403);
    await expectError(await t.as('sensor').delete(path), 403);
    await expectError(await t.as(undefined).delete(path), 401);
    const deleted = await t.as('writer').delete(`${path}?match[version]=last`);
    expect([deleted.status, deleted.headers['content-type'], deleted.headers['content-length']]).toEqual([
      200,
      MEDIA,
      '0',
    ]);
    expect((await t.as('reader').get(`${path}versions/`)).body).toEqual({
      versions: ['2026-01-01T00:00:00.000Z'],
    });
    expect((await t.as('writer').delete(path)).status).toBe(200);
    await expectError(await t.as('reader').get(path), 404);
    await expectError(await t.as('writer').delete(path), 404);
    await post([anIndicator({ id })]);
    expect((await t.as('reader').get(path)).status).toBe(200);
    expect((await t.as('analyst').delete(path)).status).toBe(200);
  });
});

describe('removals (an extension of the hub)', () => {
  test('each removal is listed once, in the order of dates added, and applies to earlier entries', async () => {
    const ids = Array.from({ length: 5 }, () => `indicator--${randomUUID()}`);
    await post(ids.map((id) => anIndicator({ id })));
    const path = `/main/collections/${MAIN}/removals/`;
    const begin = (await t.as('reader').get(`${path}?limit=1000`)).headers['x-taxii-date-added-last'];
    for (const id of ids) await t.as('writer').delete(`${C}${id}/`);
    const after = begin === undefined ? '' : `&added_after=${begin}`;
    const seen: Json[] = [];
    let next = '';
    for (;;) {
      const page = await t.as('reader').get(`${path}?limit=2${after}${next}`);
      expect([page.status, page.headers['content-type']]).toEqual([200, MEDIA]);
      const body = page.body as { more?: boolean; next?: string; objects: Json[] };
      expect(body.objects.length).toBeLessThanOrEqual(2);
      expect(page.headers['x-taxii-date-added-last']).toBe(body.objects.at(-1)?.['date_removed']);
      seen.push(...body.objects);
      if (body.more !== true) break;
      next = `&next=${body.next ?? ''}`;
    }
    expect(seen.map(({ id, version, media_type: type }) => [id, version, type])).toEqual(
      ids.map((id) => [id, '2026-01-01T00:00:00.000Z', 'application/stix+json;version=2.1']),
    );
    const last = String(seen.at(-1)?.['date_removed']);
    expect((await t.as('reader').get(`${path}?added_after=${last}`)).body).toEqual({ more: false });
    // The object is submitted again. Its date added is later than its removal.
    const [again = ''] = ids;
    await post([anIndicator({ id: again })]);
    const back = (await t.as('reader').get(`/main/collections/${MAIN}/manifest/?match[id]=${again}`))
      .body as {
      objects: Json[];
    };
    expect(String(back.objects[0]?.['date_added']) > String(seen[0]?.['date_removed'])).toBe(true);
    // A cursor of removals is not valid for objects, and a caller without read access learns nothing.
    const { next: cursor } = (await t.as('reader').get(`${path}?limit=1`)).body as { next: string };
    await expectError(await t.as('reader').get(`${C}?next=${cursor}`), 400);
    await expectError(await t.as('writer').get(`/main/collections/${WRITE_ONLY}/removals/`), 403);
    await expectError(await t.as('nobody').get(path), 404);
    await expectError(await t.as(undefined).get(path), 401);
  });
});

describe('compressed responses', () => {
  test('T-326: a client that accepts gzip gets the same bytes compressed, and others get them uncompressed', async () => {
    await post(Array.from({ length: 20 }, () => anIndicator()));
    const get = (
      accept: string | undefined,
      path = `${C}?limit=20`,
    ): Promise<{ headers: Json; body: Buffer }> =>
      new Promise((resolve) => {
        const server = createServer(t.hub.app).listen(0, '127.0.0.1', () => {
          const { port } = server.address() as AddressInfo;
          httpGet(
            {
              port,
              path,
              headers: {
                Accept: MEDIA,
                Authorization: `Bearer ${keyOf('reader')}`,
                ...(accept === undefined ? {} : { 'Accept-Encoding': accept }),
              },
            },
            (response) => {
              const parts: Buffer[] = [];
              response.on('data', (part: Buffer) => parts.push(part));
              response.on('end', () => {
                server.close();
                resolve({ headers: response.headers, body: Buffer.concat(parts) });
              });
            },
          );
        });
      });
    const plain = await get(undefined);
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['vary']).toContain('Accept-Encoding');
    for (const accept of ['gzip', 'deflate, gzip;q=0.5', 'GZIP', '*']) {
      const packed = await get(accept);
      expect([accept, packed.headers['content-encoding'], packed.headers['content-type']]).toEqual([
        accept,
        'gzip',
        MEDIA,
      ]);
      expect(Number(packed.headers['content-length'])).toBe(packed.body.length);
      expect(packed.body.length).toBeLessThan(plain.body.length / 3);
      expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
    }
    for (const accept of ['gzip;q=0', 'gzip;q=0, *', 'identity', 'br'])
      expect((await get(accept)).body.equals(plain.body)).toBe(true);
    // Small responses are not compressed.
    expect((await get('gzip', '/main/')).headers['content-encoding']).toBeUndefined();
  });
});

describe('pages that a client has already', () => {
  test('a full page has an ETag, gives 304 while it is unchanged, and is sent again after a removal', async () => {
    const type = 'x-tagged';
    const objects: Json[] = Array.from({ length: 5 }, () => ({
      ...anIndicator(),
      type,
      id: `${type}--${randomUUID()}`,
      extensions: {
        'extension-definition--a932fcc6-e032-476c-826f-cb970a5a1ade': { extension_type: 'new-sdo' },
      },
    }));
    expect((await post(objects)).body).toMatchObject({ success_count: 5 });
    const path = `${C}?match[type]=${type}&limit=3`;
    const first = await t.as('writer').get(path);
    const { etag } = first.headers as { etag: string };
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    expect(first.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'Accept, Accept-Encoding, Authorization',
    });
    const second = await t.as('writer').get(`${path}&next=${envelope(first.body).next}`);
    expect(second.headers).not.toHaveProperty('etag');
    expect(second.headers['cache-control']).toBe('no-store');
    for (const tag of [etag, etag.slice(2), `"other", ${etag}`]) {
      const again = await t.as('writer').get(path, { 'If-None-Match': tag });
      expect([again.status, again.body]).toEqual([304, {}]);
      expect(again.headers).toMatchObject({
        etag,
        'x-taxii-date-added-last': first.headers['x-taxii-date-added-last'],
      });
      expect(again.headers).not.toHaveProperty('content-length');
    }
    for (const tag of ['"other"', '*x', ''])
      expect((await t.as('writer').get(path, { 'If-None-Match': tag })).status).toBe(200);
    const manifest = await t
      .as('writer')
      .get(`/main/collections/${MAIN}/manifest/?match[type]=${type}&limit=3`);
    expect(manifest.headers['etag']).toMatch(/^W\//);
    await t.as('writer').delete(`${C}${String(objects[1]?.['id'])}/`);
    const changed = await t.as('writer').get(path, { 'If-None-Match': etag });
    expect(changed.status).toBe(200);
    expect(envelope(changed.body).objects?.map((found) => found['id'])).toEqual([
      objects[0]?.['id'],
      objects[2]?.['id'],
      objects[3]?.['id'],
    ]);
    const exact = `${C}${String(objects[0]?.['id'])}/?match[version]=${String(objects[0]?.['modified'])}`;
    expect((await t.as('writer').get(exact)).headers['etag']).toMatch(/^W\//);
  });
});

describe('authentication (section 3.1, RFC 7235) and answers', () => {
  test('T-250..T-263: all wrong credentials get the same 401, and all schemes that clients use work', async () => {
    const app = supertest(t.hub.app);
    const wrong = [
      'Bearer x',
      'Basic x',
      'Basic !!!',
      'Bearer',
      'Digest a',
      `Basic ${Buffer.from('writer:wrong password').toString('base64')}`,
      `Basic ${Buffer.from('unknown:password of writer').toString('base64')}`,
      `Basic ${Buffer.from('writer:').toString('base64')}`,
    ];
    const bodies = new Set<string>();
    for (const header of wrong) {
      for (const path of ['/taxii2/', '/main/', C, '/main/status/x/']) {
        const response = await app.get(path).set('Authorization', header).set('Accept', MEDIA);
        expect(response.status).toBe(401);
        expect(response.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+", charset="UTF-8", Bearer/);
        bodies.add(JSON.stringify({ ...(JSON.parse(response.text) as Json), error_id: '' }));
      }
    }
    expect(bodies.size).toBe(1);
    const key = keyOf('writer');
    const right = [
      `Bearer ${key}`,
      `bearer ${key}`,
      `Token ${key}`,
      `Basic ${Buffer.from(`writer:${key}`).toString('base64')}`,
      `BASIC ${Buffer.from('writer:password of writer').toString('base64')}`,
      `basic ${Buffer.from('Writer:password of writer').toString('base64')}`,
    ];
    for (const header of right) expect((await app.get(C).set('Authorization', header)).status).toBe(200);
    expect(
      (await app.get(C).set('Authorization', `Basic ${Buffer.from(`reader:${key}`).toString('base64')}`))
        .status,
    ).toBe(401);
  });

  test('without credentials only health, the pages and public collections answer', async () => {
    const app = supertest(t.hub.app);
    for (const path of [
      '/healthz',
      '/readyz',
      '/',
      '/taxii2/',
      '/main/',
      '/main/collections/',
      objectsOf(OPEN),
      '/api/docs',
      '/docs',
      '/docs/search?q=feed',
      '/api/openapi.json',
      '/api/taxii/openapi.json',
    ]) {
      expect([path, (await app.get(path)).status]).toEqual([path, 200]);
    }
    // A sign-in page that is reachable only through a created link.
    expect((await app.get('/first/x')).status).toBe(404);
    // The sign-in for people is a form. Nothing behind it is available without a session.
    expect((await app.get('/console/sign-in')).status).toBe(200);
    const console_ = await app.get('/console');
    expect([console_.status, console_.headers['location']]).toEqual([303, '/console/sign-in']);
    for (const path of [
      '/console/sign-in',
      '/console/sign-out',
      '/console/password',
      '/console/sessions/x/end',
    ])
      expect([path, (await app.post(path)).status]).toEqual([path, 403]);
    const closed = [
      '/second/',
      '/second/collections/',
      '/main/status/x/',
      C,
      '/api/v1/status',
      '/api/v1/keys',
      '/metrics',
      '/api/v1/nothing',
      '/.env',
    ];
    for (const path of closed) {
      expect([path, (await app.get(path)).status]).toEqual([path, 401]);
      for (const method of ['post', 'delete'] as const)
        expect([401, 404, 405]).toContain((await app[method](path)).status);
    }
    // Below the paths of pages there is nothing else, for anybody.
    for (const path of ['/console/nothing', '/assets/', '/api/nothing', '/.well-known/nothing']) {
      expect([path, (await app.get(path)).status]).toEqual([path, 404]);
      // A page of the console answers a POST only when a page of the hub sends it.
      for (const method of ['post', 'delete'] as const)
        expect([path, method, [403, 404]]).toEqual([
          path,
          method,
          expect.arrayContaining([(await app[method](path)).status]),
        ]);
    }
  });

  test('credentials in the URL are refused', async () => {
    for (const query of ['access_token=x', 'limit=1&apikey=x', 'token=x']) {
      await expectError(await t.as('reader').get(`${C}?${query}`), 400);
    }
  });

  test('T-230..T-237: rights of readers and writers at each endpoint', async () => {
    await expectError(await post([anIndicator()], 'reader'), 403);
    for (const suffix of [
      'objects/',
      'manifest/',
      `objects/indicator--${randomUUID()}/`,
      `objects/indicator--${randomUUID()}/versions/`,
    ]) {
      await expectError(await t.as('writer').get(`/main/collections/${WRITE_ONLY}/${suffix}`), 403);
      await expectError(await t.as('nobody').get(`/main/collections/${MAIN}/${suffix}`), 404);
      await expectError(await t.as(undefined).get(`/main/collections/${MAIN}/${suffix}`), 401);
    }
    expect((await t.as(undefined).get(objectsOf(OPEN))).status).toBe(200);
    await expectError(await t.as(undefined).post(objectsOf(OPEN), { objects: [anIndicator()] }), 401);
  });

  test('T-270..T-284: Accept is read leniently, and unsupported media types are refused with 406', async () => {
    for (const accept of [
      MEDIA,
      'application/taxii+json; version=2.1',
      'application/taxii+json',
      'APPLICATION/TAXII+JSON;VERSION=2.1',
      'text/html;q=0.1, application/taxii+json;version=2.1;q=0.9',
      'application/taxii+json;version="2.1"',
      '*/*',
      'application/*',
      'application/json, text/plain, */*',
    ]) {
      const response = await t.as('reader').get(C, { Accept: accept });
      expect([accept, response.status, response.headers['content-type']]).toEqual([accept, 200, MEDIA]);
    }
    for (const accept of [
      'text/plain',
      'application/taxii+json;version=9.9',
      'application/vnd.oasis.taxii+json; version=2.0',
      'application/stix+json',
      ';;;=,,',
    ]) {
      await expectError(await t.as('reader').get(C, { Accept: accept }), 406);
    }
  });

  test('a client that accepts HTML and nothing of TAXII gets the page, and one that accepts both gets TAXII', async () => {
    const page = (path: string) => supertest(t.hub.app).get(path).set('Accept', 'text/html');
    const found = await page('/taxii2/');
    expect([found.status, found.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const wrong = await page('/main/nothing/');
    expect([wrong.status, wrong.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    const both = await t.as('reader').get(C, { Accept: `text/html, ${MEDIA}` });
    expect([both.status, both.headers['content-type']]).toEqual([200, MEDIA]);
  });

  test('a browser gets a page that explains, with what the visitor may see', async () => {
    const response = await supertest(t.hub.app)
      .get('/taxii2/')
      .set('Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(response.headers['content-security-policy']).toContain("default-src 'none'");
    expect(response.text).toContain(OPEN);
    expect(response.text).not.toContain(HIDDEN);
    expect(response.text).not.toContain(MAIN);
    const asked = async (path: string, account?: string) => {
      const request = supertest(t.hub.app).get(path).set('Accept', 'text/html,application/xhtml+xml');
      if (account !== undefined) void request.set('Authorization', `Bearer ${keyOf(account)}`);
      return (await request).text;
    };
    expect(await asked(objectsOf(MAIN), 'reader')).toContain(`<dd><code>${MAIN}</code></dd>`);
    expect(await asked('/main/collections/indicators/', 'reader')).toContain(`<code>${MAIN}</code></dd>`);
    for (const path of ['/taxii2', '/main/', '/main/collections', '/main/status/x/'])
      expect(await asked(path)).toBe(response.text);
    const missing = await asked('/nothing/at/all');
    expect(missing).toContain('<title>Page not found');
    for (const path of [
      objectsOf(MAIN),
      objectsOf(HIDDEN),
      '/second/',
      '/nothing/',
      `${objectsOf(OPEN)}x/y/z`,
      '/taxii2/x',
    ])
      expect(await asked(path)).toBe(missing);
    expect(await asked(objectsOf(HIDDEN), 'reader')).toBe(missing);
  });

  test('the OpenAPI document contains every endpoint with its responses', async () => {
    const { status, headers, body } = await supertest(t.hub.app).get('/api/taxii/openapi.json');
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    const { openapi, paths, components } = body as {
      openapi: string;
      paths: Record<string, object>;
      components: { schemas: object };
    };
    expect(openapi).toBe('3.1.0');
    expect(Object.values(paths).flatMap((item) => Object.keys(item).filter((k) => k !== 'parameters'))).toHaveLength(19); // prettier-ignore
    const named = [...JSON.stringify(body).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name,
    );
    expect(named.filter((name) => !Object.hasOwn(components.schemas, name ?? ''))).toEqual([]);
    expect(named.length).toBeGreaterThan(50);
  });

  test('T-321, T-322, T-327: methods, HEAD and security headers', async () => {
    const app = supertest(t.hub.app);
    const sign = (request: supertest.Test) => request.set('Authorization', `Bearer ${keyOf('writer')}`);
    for (const [method, path] of [
      ['put', C],
      ['patch', C],
      ['post', `/main/collections/${MAIN}/manifest/`],
      ['delete', `/main/collections/${MAIN}/`],
      ['post', '/taxii2/'],
    ] as const) {
      const response = await sign(app[method](path));
      expect(response.status).toBe(405);
      expect(response.headers['allow']).toContain('GET');
    }
    const head = await sign(app.head(C));
    expect([head.status, head.text]).toEqual([200, undefined]);
    expect(head.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    expect(head.headers).not.toHaveProperty('x-powered-by');
  });

  test('health needs no credentials and reveals nothing', async () => {
    const app = supertest(t.hub.app);
    expect((await app.get('/healthz')).text).toBe('ok\n');
    expect((await app.get('/readyz')).status).toBe(200);
  });

  test('no secret is in the log', () => {
    const log = t.logged.join('');
    expect(log.length).toBeGreaterThan(1000);
    expect(log).not.toContain('test-key-of-');
    expect(log).not.toContain('password of');
    expect(log).not.toContain(Buffer.from('writer:').toString('base64').slice(0, 8));
  });
});
