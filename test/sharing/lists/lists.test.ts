import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { gunzipSync } from 'node:zlib';
import supertest from 'supertest';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  t = await testHub(SETTINGS, { clock });
});
afterAll(async () => {
  await t.stop();
});

const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t
    .as(collection === HIDDEN ? 'chief' : 'writer')
    .post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const CLEAR = { object_marking_refs: ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'] };
const valid = { valid_until: '2027-06-01T00:00:00Z' };
const of = (type: string, value: string, over: Json = {}): Json =>
  anIndicator({ pattern: `[${type}:value = '${value}']`, name: value, ...valid, ...over });
const ip = (value: string, over: Json = {}): Json => of('ipv4-addr', value, over);
const domain = (value: string, over: Json = {}): Json => of('domain-name', value, over);

const get = (who: string | undefined, path: string, headers: Record<string, string> = {}): supertest.Test => {
  const request = supertest(t.hub.app).get(`/lists/${path}`).set('Accept-Encoding', 'identity');
  if (who !== undefined) void request.set('Authorization', `Bearer ${keyOf(who)}`);
  for (const [name, value] of Object.entries(headers)) void request.set(name, value);
  return request;
};
const lines = async (path: string, who = 'reader'): Promise<string[]> => {
  const { status, text } = await get(who, path);
  expect([path, status]).toEqual([path, 200]);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

test('a list contains the values of a collection once, and follows revocations, removals and expiry', async () => {
  const gone = ip('45.9.20.1');
  const removed = ip('45.9.20.2');
  await put(
    MAIN,
    gone,
    removed,
    ip('45.9.20.3'),
    ip('45.9.20.3', { confidence: 80 }),
    domain('evil.reef-bank.com'),
    ip('45.9.20.4', { valid_until: '2026-11-29T12:10:00Z' }),
    ip('45.9.20.5', { valid_from: '2026-11-29T12:20:00Z' }),
    ip('45.9.20.6', { valid_until: '2026-11-01T00:00:00Z' }),
    // Without valid_until, an address ends after 14 days.
    ip('45.9.20.7', { valid_until: undefined }),
    anIndicator({ pattern: "[ipv4-addr:value = '45.9.20.8' AND domain-name:value = 'x.reef-bank.com']", ...valid }),
  );
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.1', '45.9.20.2', '45.9.20.3', '45.9.20.4']);
  expect(await lines('indicators/hosts')).toEqual(['0.0.0.0 evil.reef-bank.com']);
  await put(MAIN, { ...gone, modified: '2026-11-29T12:00:00.000Z', revoked: true });
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(removed['id'])}/`);
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.3', '45.9.20.4']);
  clock.advance(11 * 60_000);
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.3']);
  clock.advance(10 * 60_000);
  expect(await lines('indicators/plain?types=ip')).toEqual(['45.9.20.3', '45.9.20.5']);
}); // prettier-ignore

test('a list is read by the rights on its collection, and nobody learns of other collections', async () => {
  await put(OPEN, ip('45.9.21.1', CLEAR));
  await t.hub.directory.refresh();
  const answer = async (who: string | undefined, path: string): Promise<unknown[]> => {
    const { status, text, headers } = await get(who, path);
    return [status, /TLN-[A-Z]-\d+/.exec(text)?.[0], headers['www-authenticate'] !== undefined];
  };
  expect(await lines('open/plain?types=ip', 'nobody')).toEqual(['45.9.21.1']);
  expect((await get(undefined, 'open/plain')).text).toBe('45.9.21.1\n');
  const none = [404, 'TLN-T-404', false];
  for (const path of ['indicators/plain', `${MAIN}/plain`, `${HIDDEN}/plain`, 'nothing/plain', 'nothing/nothing'])
    expect([path, await answer('nobody', path)]).toEqual([path, none]);
  for (const path of ['indicators/plain', 'nothing/plain'])
    expect([path, await answer(undefined, path)]).toEqual([path, [401, 'TLN-A-401', true]]);
  const basic = await supertest(t.hub.app).get('/lists/indicators/plain?types=ip').auth('reader', keyOf('reader'));
  expect(basic.status).toBe(200);
  const wrong = await supertest(t.hub.app).get('/lists/open/plain').auth('reader', 'no such key');
  expect(wrong.status).toBe(401);
  expect((await supertest(t.hub.app).post('/lists/open/plain')).status).toBe(405);
}); // prettier-ignore

test('a key that is limited to lists reads lists and nothing else', async () => {
  const key = async (more: Json): Promise<string> =>
    String((await t.api('chief', 'POST', '/keys', { account: 'reader', ...more })).body['secret']);
  const read = async (secret: string, path: string): Promise<number> =>
    (await supertest(t.hub.app).get(path).set('Authorization', `Bearer ${secret}`).set('Accept', '*/*')).status;
  const limited = await key({ scopes: ['lists:read'] });
  expect(await read(limited, '/lists/indicators/plain')).toBe(200);
  expect(await read(limited, objectsOf(MAIN))).toBe(404);
  expect(await read(limited, '/api/v1/objects?q=45.9.20.3')).toBe(200);
  expect((await t.api(limited, 'GET', '/objects?q=45.9.20.3')).body['items']).toEqual([]);
  expect(await read(await key({ scopes: ['taxii:read'] }), '/lists/indicators/plain')).toBe(200);
  expect(await read(await key({ scopes: ['api:read'] }), '/lists/indicators/plain')).toBe(404);
  expect(await read(await key({ scopes: ['lists:read'], only: [OPEN] }), '/lists/indicators/plain')).toBe(404);
}); // prettier-ignore

test('an unchanged list is answered with 304, a part with 206, and compressed for those who accept it', async () => {
  const first = await get('reader', 'indicators/plain');
  const tag = String(first.headers['etag']);
  expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
  const again = await get('reader', 'indicators/plain', { 'If-None-Match': tag });
  expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', tag]);
  const since = String(first.headers['last-modified']);
  expect((await get('reader', 'indicators/plain', { 'If-Modified-Since': since })).status).toBe(304);
  const part = await get('reader', 'indicators/plain', { Range: 'bytes=3-6' });
  expect([part.status, part.text, part.headers['content-range']]).toEqual([206, first.text.slice(3, 7), `bytes 3-6/${first.text.length}`]);
  expect((await get('reader', 'indicators/plain', { Range: 'bytes=-4' })).text).toBe(first.text.slice(-4));
  expect((await get('reader', 'indicators/plain', { Range: 'bytes=999999-' })).status).toBe(416);
  const other = await get('reader', 'indicators/plain', { Range: 'bytes=3-6', 'If-Range': '"other"' });
  expect([other.status, other.text]).toEqual([200, first.text]);
  const packed = await supertest(t.hub.app)
    .get('/lists/indicators/plain')
    .set('Authorization', `Bearer ${keyOf('reader')}`)
    .set('Accept-Encoding', 'gzip')
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = [];
      response.on('data', (piece: Buffer) => parts.push(piece));
      response.on('end', () => done(null, Buffer.concat(parts)));
    });
  expect(packed.headers['content-encoding'] ?? 'decoded').toBe('gzip');
  const body = packed.body as Buffer;
  expect((body[0] === 0x1f ? gunzipSync(body) : body).toString()).toBe(first.text);
  expect(packed.headers['etag']).toBe(tag.replace(/"$/, '-gz"'));
  const head = await supertest(t.hub.app).head('/lists/indicators/plain').auth('reader', keyOf('reader'));
  expect([head.status, head.text]).toEqual([200, undefined]);
  // A change of the collection that changes nothing in the list leaves it unchanged.
  await put(MAIN, domain('other.reef-bank.com'));
  const hosts = await get('reader', 'indicators/plain?types=ip');
  const unchanged = await get('reader', 'indicators/plain?types=ip', { 'If-None-Match': String(hosts.headers['etag']) });
  expect(unchanged.status).toBe(304);
}); // prettier-ignore

test('filters select by confidence, age, labels, sources and rank, and never guess', async () => {
  const wide = { modified: '2026-11-29T11:00:00.000Z', labels: ['botnet'] };
  await put(MAIN, ip('45.9.30.1', { confidence: 90 }), ip('45.9.30.2', { confidence: 10, ...wide }), ip('45.9.30.3', { confidence: 50 }));
  const ofNet = async (query: string): Promise<string[]> =>
    (await lines(`indicators/plain?types=ipv4&${query}`)).filter((line) => line.startsWith('45.9.30.'));
  expect(await ofNet('min_confidence=50')).toEqual(['45.9.30.1', '45.9.30.3']);
  expect(await ofNet('max_age=2')).toEqual(['45.9.30.2']);
  expect(await ofNet('since=2026-11-29T00:00:00Z')).toEqual(['45.9.30.2']);
  expect(await ofNet('labels=botnet,other')).toEqual(['45.9.30.2']);
  expect(await ofNet('sources=2')).toEqual([]);
  const all = await lines('indicators/plain?types=ipv4');
  const best = await lines('indicators/plain?types=ipv4&limit=2');
  expect(best).toEqual(['45.9.20.3', '45.9.30.1']);
  const pages: string[] = [];
  for (let page = 1; page < 9; page++) pages.push(...(await lines(`indicators/plain?types=ipv4&limit=2&page=${page}`)));
  expect(pages.toSorted()).toEqual(all.toSorted());
  const refusal = async (path: string): Promise<unknown[]> => {
    const { status, text } = await get('reader', path);
    return [status, text.replace(/ \(TLN.*/s, '')];
  };
  expect(await refusal('indicators/fortigat')).toEqual([404, 'Unknown format of a list: "fortigat". Did you mean "fortigate"?']);
  expect(await refusal('indicators/plain?min_confidense=3')).toEqual([400, 'Unknown filter of a list: "min_confidense". Did you mean "min_confidence"?']);
  expect((await refusal('indicators/plain?types=ipv5'))[1]).toMatch(/Did you mean "ipv[46]"/);
  for (const query of ['limit=0', 'limit=x', 'limit=1&limit=2', 'page=2', 'min_confidence=101', 'since=soon', 'aggregate=yes', 'labels=,', 'types='])
    expect([query, (await refusal(`indicators/plain?${query}`))[0]]).toEqual([query, 400]);
  expect((await refusal('indicators/fortigate?types=ipv4,domain'))[0]).toBe(400);
}); // prettier-ignore

test('markings that forbid tools to act keep a value out of lists that act, unless another indicator allows it', async () => {
  const pap = (level: string): Json => ({
    type: 'marking-definition', spec_version: '2.1', id: `marking-definition--0000000${level.length}-0000-4000-8000-000000000001`,
    created: '2026-01-01T00:00:00.000Z', definition_type: 'statement', definition: { statement: `PAP:${level}` },
  }); // prettier-ignore
  const [amber, red] = [pap('AMBER'), pap('RED')];
  const marked = (value: string, marking: Json): Json => ip(value, { object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', marking['id']] });
  await put(MAIN, amber, red);
  await put(MAIN, marked('45.9.40.1', amber), marked('45.9.40.2', red), marked('45.9.40.3', red), ip('45.9.40.3'));
  const ofNet = async (format: string): Promise<string[]> =>
    (await lines(`indicators/${format}`)).flatMap((line) => /45\.9\.40\.\d/.exec(line)?.[0] ?? []);
  expect(await ofNet('edl-ip')).toEqual(['45.9.40.3']);
  expect(await ofNet('zeek')).toEqual(['45.9.40.1', '45.9.40.3']);
  expect(await ofNet('csv')).toEqual(['45.9.40.1', '45.9.40.2', '45.9.40.3']);
  expect((await get('reader', 'indicators/edl-ip')).headers['x-talanoa-omitted']).toContain('policy=2');
}); // prettier-ignore

test('lists that block leave out what must not be blocked, and count it', async () => {
  await put(
    MAIN,
    ip('10.1.2.3'),
    ip('9.9.9.9'),
    domain('gov.to'),
    domain('portal.gov.to'),
    domain('com.fj'),
    domain('a.internal'),
    of('url', 'http://www.gov.to/login'),
    anIndicator({ pattern: "[ipv4-addr:value ISSUBSET '45.0.0.0/12']", ...valid }),
  );
  const { text, headers } = await get('reader', 'indicators/plain');
  expect(text).not.toMatch(/^10\.|^9\.9|gov\.to|com\.fj|internal|^45\.0/m);
  expect(headers['x-talanoa-omitted']).toMatch(/special-range=1.*prefix-too-short=1/);
  expect((await get('reader', 'indicators/csv')).text).toContain('portal.gov.to');
});

test('each response is in the ledger with its number of entries', async () => {
  const notes = async (): Promise<readonly { readonly requests: number; readonly objects: number }[]> => {
    await t.api("chief", "GET", "/deliveries/readers");
    return (await t.hub.store.readers()).filter(({ kind, filters }) => kind === 'list' && filters.includes('edl-domain'));
  };
  const { text } = await get('reader', 'indicators/edl-domain');
  await get('reader', 'indicators/edl-domain');
  const count = text.split('\n').length - 1;
  expect(await notes()).toMatchObject([{ collection: MAIN, requests: 2, objects: 2 * count }]);
  const { body } = await t.api('chief', 'GET', '/deliveries/readers?limit=1000');
  const reader = (body['items'] as Json[]).find(({ kind, account }) => kind === 'list' && account === 'reader');
  expect(reader).toMatchObject({ account: 'reader', name: 'indicators', state: 'current' });
}); // prettier-ignore

test('while values are rebuilt, tools get the list before, or an error, but never an empty list', async () => {
  const before = await lines('indicators/opnsense');
  expect(before.length).toBeGreaterThan(3);
  await t.api('chief', 'POST', '/values/rebuild?collection=indicators');
  // Another process rebuilds.
  const lease = await t.hub.store.takeLease('values', 60_000);
  if (lease === undefined) throw new Error('the lease is free');
  const { status, text, headers } = await get('reader', 'indicators/opnsense');
  expect([status, headers['warning']]).toEqual([200, '110 - "Response is stale"']);
  expect(text.split('\n').filter((line) => /^\d/.test(line))).toEqual(before);
  const fresh = await get('reader', 'indicators/opnsense?min_confidence=1');
  expect([fresh.status, fresh.headers['retry-after']]).toEqual([503, '30']);
  await t.hub.store.releaseLease(lease);
  for (let i = 0; i < 20 && (await get('reader', 'indicators/cisco')).status !== 200; i++);
  expect(await lines('indicators/opnsense')).toEqual(before);
});

test('lists that wait to be made have a limit, so requests that nobody waits for do not pile up', async () => {
  const server = t.hub.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const ask = async (query: string): Promise<number> => {
    const headers = { Authorization: `Bearer ${keyOf('reader')}` };
    const response = await fetch(`http://127.0.0.1:${port}/lists/indicators/plain?${query}`, { headers });
    await response.text();
    return response.status;
  };
  try {
    const queries = Array.from({ length: 101 }, (_, i) => `min_confidence=${i}`);
    const all = ['', '&types=ip', '&types=domain'].flatMap((more) => queries.map((query) => query + more));
    expect(new Set(await Promise.all(all.map(ask)))).toEqual(new Set([200, 503]));
  } finally {
    server.close();
  }
});
