import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, deflateRawSync, crc32 } from 'node:zlib';
import { checkDocument } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { mailServer, mailbox } from '../support/mail-servers.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen, type Asked } from '../support/recorder.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let server: Awaited<ReturnType<typeof listen>>;
let base = '';
let asked: Asked[] = [];
let answer: (request: Asked, response: ServerResponse) => void = () => undefined;
let t: TestHub;
let clock: TestClock;

beforeAll(async () => {
  server = await listen((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  base = server.base;
});
/** Files with secrets that the settings allow. */
const keys = mkdtempSync(join(tmpdir(), 'talanoa-keys-'));
afterAll(async () => {
  rmSync(keys, { recursive: true, force: true });
  await server.close();
});
beforeEach(async () => {
  asked = [];
  clock = new TestClock('2026-01-15T12:00:00.000Z');
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: watch, role: analyst, key_env: KEY_WATCH }
egress: { allow: ["${base.slice(7)}"] }
secrets: { env: [NO_SUCH_KEY], files: ["${keys}"] }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
});

const serve = (body: string | Buffer, headers: Record<string, string> = {}, status = 200): void => {
  answer = (_request, response) => response.writeHead(status, headers).end(body);
};
const special = {
  special_addresses_allowed: ['documentation', 'private', 'benchmark'],
  special_domains_allowed: ['example'],
};
const documentOf = (over: Partial<FeedDocument> = {}): FeedDocument => ({
  name: 'list',
  title: 'A list',
  mode: 'append',
  transport: { kind: 'https', url: `${base}/list.txt` },
  schedule: { cron: '0 3 1 1 *' },
  parser: { kind: 'delimited' },
  map: [{ value: '{value}', type: 'auto' }],
  defaults: { tlp: 'green', confidence: 50, valid_for: 'P10D' },
  values: special,
  observables: false,
  ...over,
});
const add = async (over: Partial<FeedDocument> = {}): Promise<void> => {
  const document = documentOf(over);
  await t.hub.feeds.registry.create(checkDocument(document, document.name), 'indicators', []);
};
const run = (name = 'list', confirmed = false) => t.hub.feeds.runner.run(name, undefined, { confirmed });
const standing = async (): Promise<Json[]> => {
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=indicator&limit=1000`);
  return (body as { objects?: Json[] }).objects ?? [];
};
const valid = async (): Promise<string[]> =>
  (await standing())
    .filter((object) => object['revoked'] !== true && Date.parse(String(object['valid_until'])) > clock.now())
    .map((object) => /'([^']+)'\]$/.exec(String(object['pattern']))?.[1] ?? '')
    .toSorted();
const numbers = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `n${from + i}.reef.example`).join('\n'); // prettier-ignore

/** Returns a zip file with the given members, compressed. */
function zip(members: Readonly<Record<string, string | Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc(data), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(data.length, 8);
    sizes.writeUInt16LE(name.length, 12);
    const local = Buffer.concat([Buffer.from('504b03041400000008000000000000', 'hex').subarray(0, 14), sizes.subarray(0, 14), Buffer.alloc(2), Buffer.from(name), packed]); // prettier-ignore
    const entry = Buffer.alloc(16);
    entry.writeUInt32LE(offset, 12);
    directory.push(Buffer.concat([Buffer.from('504b0102140014000000080000000000', 'hex').subarray(0, 16), sizes.subarray(0, 14), Buffer.alloc(2), Buffer.alloc(2), entry.subarray(4), Buffer.from(name)])); // prettier-ignore
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}
const crc = (data: Buffer): number => crc32(data);

describe('a feed of the kind snapshot', () => {
  beforeEach(() => add({ mode: 'snapshot' }));

  test('missing entries end, returning entries are valid again, and the same file creates no version', async () => {
    serve('a.reef.example\nb.reef.example\nc.reef.example\n');
    expect(await run()).toMatchObject({ status: 'ok', created: 3, removed: 0 });
    clock.advance(HOUR);
    serve('a.reef.example\nc.reef.example\n');
    expect(await run()).toMatchObject({ status: 'ok', created: 0, unchanged: 2, removed: 1 });
    expect(await valid()).toEqual(['a.reef.example', 'c.reef.example']);
    const gone = (await standing()).find((object) => String(object['pattern']).includes('b.reef'));
    expect(gone?.['valid_until']).toBe(new Date(clock.now()).toISOString());
    clock.advance(HOUR);
    expect(await run()).toMatchObject({ status: 'unchanged', removed: 0 });
    clock.advance(HOUR);
    serve('a.reef.example\nb.reef.example\nc.reef.example\n');
    expect(await run()).toMatchObject({ status: 'ok', created: 0, updated: 1, removed: 0 });
    expect(await valid()).toEqual(['a.reef.example', 'b.reef.example', 'c.reef.example']);
  });

  test('a list that shrinks too much ends no entries until the same file is received again', async () => {
    serve(numbers(0, 100));
    await run();
    clock.advance(HOUR);
    serve(numbers(0, 30));
    expect(await run()).toMatchObject({ status: 'suspect', removed: 0, reason: expect.stringMatching(/^70 of 100 entries are missing/) }); // prettier-ignore
    expect(await valid()).toHaveLength(100);
    clock.advance(HOUR);
    serve(numbers(0, 31));
    expect((await run()).status).toBe('suspect');
    clock.advance(HOUR);
    expect(await run()).toMatchObject({ status: 'ok', removed: 69 });
    expect(await valid()).toHaveLength(31);
  });

  test('an empty file is not accepted until a person confirms it', async () => {
    serve(numbers(0, 40));
    await run();
    for (const body of ['', '# nothing today\n', '\n\n']) {
      clock.advance(HOUR);
      serve(body);
      expect(await run()).toMatchObject({ status: 'suspect', removed: 0 });
    }
    expect((await t.hub.feeds.show('list')).state).toBe('suspect');
    expect(await valid()).toHaveLength(40);
    expect(await run('list', true)).toMatchObject({ status: 'ok-empty', removed: 40 });
    expect(await valid()).toEqual([]);
  });

  test('a run that fails, or is killed between its commits, ends no entry of the list', async () => {
    serve(numbers(0, 900));
    await run();
    clock.advance(HOUR);
    serve('<!DOCTYPE html><title>Sign in</title>');
    expect(await run()).toMatchObject({ status: 'failed', removed: 0 });
    serve(numbers(0, 10), { 'Content-Length': '99999' });
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '99999' });
      response.write(numbers(0, 10));
      response.destroy();
    };
    expect(await run()).toMatchObject({ status: 'failed', removed: 0 });
    expect(await valid()).toHaveLength(900);
  });
});

test('entries that a source withdraws are revoked permanently, and unknown ones create nothing', async () => {
  await add({
    parser: { kind: 'json', records: '$[*]' },
    map: [{ value: '{DomainAddress}', type: 'domain', gone: '{DeleteDate}' }],
  });
  serve(JSON.stringify([{ DomainAddress: 'a.reef.example', DeleteDate: null }, { DomainAddress: 'x.reef.example', DeleteDate: '2026-01-01' }])); // prettier-ignore
  expect(await run()).toMatchObject({ created: 1, removed: 0 });
  clock.advance(HOUR);
  serve(JSON.stringify([{ DomainAddress: 'a.reef.example', DeleteDate: '2026-01-15' }]));
  expect(await run()).toMatchObject({ created: 0, removed: 1 });
  expect(await standing()).toMatchObject([{ revoked: true }]);
  clock.advance(HOUR);
  serve(JSON.stringify([{ DomainAddress: 'a.reef.example' }]));
  expect(await run()).toMatchObject({ status: 'ok', updated: 0, removed: 0, refused: 0 });
  expect(await standing()).toMatchObject([{ revoked: true }]);
});

test('malware families are merged, whatever their spelling', async () => {
  await add({
    parser: { kind: 'csv', header: 'first' },
    map: [{ value: '{host}', type: 'domain', malware: '{family}' }],
  });
  serve('host,family\na.reef.example,Emotet\nb.reef.example,emo tet\nc.reef.example,\n');
  await run();
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=malware,relationship`);
  const objects = (body as { objects: Json[] }).objects;
  const [malware] = objects.filter(({ type }) => type === 'malware');
  expect(objects.filter(({ type }) => type === 'malware')).toMatchObject([{ name: 'Emotet', is_family: true }]); // prettier-ignore
  const joined = objects.filter(({ type }) => type === 'relationship');
  expect(joined.map((object) => [object['relationship_type'], object['target_ref']])).toEqual(Array(2).fill(['indicates', malware?.['id']])); // prettier-ignore
});

describe('warning lists', () => {
  test('public infrastructure never becomes an indicator, networks of members are labelled, and a person can override both', async () => {
    await add();
    serve(['8.8.8.8', '1.1.1.1', 'google.com', 'www.google.com', 'outlook.office365.com', 'bit.ly', 'd41d8cd98f00b204e9800998ecf8427e', 'http://bit.ly/', 'http://bit.ly/x', 'mail.gov.to', '198.51.100.7', '203.0.113.9'].join('\n')); // prettier-ignore
    const report = await run();
    expect(await valid()).toEqual(['198.51.100.7', '203.0.113.9', 'http://bit.ly/x', 'mail.gov.to']);
    expect(report.filtered_by).toMatchObject({
      'warninglist:public-dns-v4': 2,
      'warninglist:url-shortener': 2,
    });
    const labels = Object.fromEntries((await standing()).map((object) => [object['name'], object['labels']]));
    expect(labels).toMatchObject({ '198.51.100.7': ['warninglist:member-network'] }); // prettier-ignore
    // A name below a domain of a member is the member's as well.
    expect([labels['203.0.113.9'], labels['mail.gov.to'], labels['http://bit.ly/x']]).toEqual([undefined, ['warninglist:member-network'], ['warninglist:url-shortener']]); // prettier-ignore
  });

  test('each warning list has its own action', async () => {
    await add({ warninglists: [{ list: 'public-dns-v4', action: 'lower' }, { list: 'google', action: 'ignore' }, { list: 'cloudflare-top200', action: 'flag' }] }); // prettier-ignore
    serve('8.8.8.8\ngoogle.com\n');
    await run();
    expect((await standing()).map((object) => [object['name'], object['confidence'], object['labels']])).toEqual([
      ['8.8.8.8', 25, ['warninglist:public-dns-v4']],
      ['google.com', 50, ['warninglist:cloudflare-top200']],
    ]); // prettier-ignore
    await add({ name: 'wrong', warninglists: [{ list: 'publik-dns' }] });
    expect(await run('wrong')).toMatchObject({ status: 'failed', reason: expect.stringContaining('Unknown warning list: "publik-dns"') }); // prettier-ignore
  });
});

describe('how a feed signs in', () => {
  const secretFile = (text: string): string => {
    const path = join(keys, randomUUID());
    writeFileSync(path, text);
    return `file:${path}`;
  };

  test.each([
    ['basic', { username: 'u' }, { authorization: `Basic ${Buffer.from('u:s3cret').toString('base64')}` }, '/list.txt'],
    ['bearer', {}, { authorization: 'Bearer s3cret' }, '/list.txt'],
    ['header', { name: 'Auth-Key' }, { 'auth-key': 's3cret' }, '/list.txt'],
    ['query', { name: 'apikey' }, {}, '/list.txt?apikey=s3cret'],
  ] as const)('%s', async (kind, more, headers, url) => {
    await add({ transport: { kind: 'https', url: `${base}/list.txt`, auth: { kind, secret: secretFile('s3cret'), ...more } } }); // prettier-ignore
    serve('a.reef.example\n');
    expect((await run()).status).toBe('ok');
    expect(asked[0]).toMatchObject({ url, headers });
    expect(t.logged.join('')).not.toContain('s3cret');
    expect(JSON.stringify(await t.hub.feeds.show('list'))).not.toContain('s3cret');
  }); // prettier-ignore

  test('hmac covers the exact bytes of the body', async () => {
    const body = '{"date":"2026-01-14"}';
    await add({ transport: { kind: 'https', method: 'POST', body, url: `${base}/api`, auth: { kind: 'hmac', name: 'HMAC2', secret: secretFile('s3cret') } } }); // prettier-ignore
    serve('a.reef.example\n');
    await run();
    const hmac = createHmac('sha256', 's3cret').update(body).digest('hex');
    expect(asked[0]).toMatchObject({ method: 'POST', body, headers: { hmac2: hmac, 'content-type': 'application/json' } }); // prettier-ignore
  });

  test('oauth2 fetches a token with client credentials', async () => {
    await add({ transport: { kind: 'https', url: `${base}/list.txt`, auth: { kind: 'oauth2', username: 'id', secret: secretFile('s3cret'), token_url: `${base}/token`, scope: 'feed' } } }); // prettier-ignore
    answer = (request, response) => {
      if (request.url === '/token')
        response.end(request.headers.authorization === `Basic ${Buffer.from('id:s3cret').toString('base64')}` && request.body === 'grant_type=client_credentials&scope=feed' ? '{"access_token":"T"}' : '{}'); // prettier-ignore
      else response.writeHead(request.headers.authorization === 'Bearer T' ? 200 : 401).end('a.reef.example\n'); // prettier-ignore
    };
    expect(await run()).toMatchObject({ status: 'ok', created: 1 });
    answer = (_request, response) => response.end('{}');
    expect(await run()).toMatchObject({ status: 'failed', reason: expect.stringContaining('token server returned no token') }); // prettier-ignore
  });

  test('a feed whose key is missing or refused reports it and runs once a day', async () => {
    await add({ transport: { kind: 'https', url: `${base}/list.txt`, auth: { kind: 'bearer', secret: 'env:NO_SUCH_KEY' } } }); // prettier-ignore
    expect(await run()).toMatchObject({ status: 'failed', failure: 'needs-key', reason: expect.stringContaining('Set the environment variable NO_SUCH_KEY and restart the hub.') }); // prettier-ignore
    expect(await t.hub.feeds.show('list')).toMatchObject({
      state: 'needs-key',
      alarms: [{ code: 'refused' }],
    });
    expect(asked).toEqual([]);
  });

  test('no credential follows a redirect to another origin', async () => {
    const seen: Asked['headers'][] = [];
    const other = await listen(({ headers }, response) => {
      seen.push(headers);
      response.end(`${JSON.stringify(headers)}.reef.example\n`);
    });
    await t.stop();
    t = await testHub(`${SETTINGS}\negress: { allow: ["${base.slice(7)}", "${other.base.slice(7)}"] }\nsecrets: { files: ["${keys}"] }\n`, { clock }); // prettier-ignore
    await add({ transport: { kind: 'https', url: `${base}/list.txt`, headers: { Apikey: 'also' }, auth: { kind: 'header', name: 'Odd-Name', secret: secretFile('s3cret') } } }); // prettier-ignore
    answer = (_request, response) => response.writeHead(302, { Location: `${other.base}/x` }).end(); // prettier-ignore
    await run();
    await other.close();
    expect(asked[0]?.headers).toMatchObject({ 'odd-name': 's3cret', apikey: 'also' });
    expect(JSON.stringify(seen)).not.toMatch(/s3cret|also/);
    expect(seen).toHaveLength(1);
  });
});

describe('from bytes to rows', () => {
  const VALUES = ['a.reef.example', 'b.reef.example'];
  const text = `${VALUES.join('\n')}\n`;
  test.each<[string, string | Buffer, NonNullable<FeedDocument['decode']>, Record<string, string>?]>([
    ['gzip', gzipSync(text), {}],
    ['gzip on the wire', gzipSync(text), {}, { 'Content-Encoding': 'gzip' }],
    ['zip', zip({ 'list.txt': text }), {}],
    ['zip, one of several', zip({ 'README.md': 'x', 'in/list.csv': text }), { member: '*.csv' }],
    ['utf-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]), {}],
    ['utf-16 by the document', Buffer.from(text, 'utf16le'), { charset: 'utf-16le' }],
    ['utf-8 with its mark', `\ufeff${text}`, {}],
    [
      'windows-1252 in a comment',
      Buffer.concat([Buffer.from('# caf\xe9\n', 'latin1'), Buffer.from(text)]),
      {},
    ],
    ['no line end at the end', text.trim(), {}],
    ['CR LF', text.replaceAll('\n', '\r\n'), {}],
  ])('%s', async (_name, body, decode, headers = {}) => {
    await add({ decode });
    serve(body, headers);
    expect(await run()).toMatchObject({ status: 'ok', created: 2 });
    expect(await valid()).toEqual(VALUES);
    expect(readdirSync(join(t.folder, 'data', 'spool'))).toEqual([]);
  });

  test.each([
    ['a bomb', gzipSync(Buffer.alloc(30_000_000)), {}, /unpacked feed is too large/],
    ['a bomb in a zip file', zip({ 'x.txt': Buffer.alloc(30_000_000) }), {}, /unpacked feed is too large/],
    ['a cut gzip', gzipSync(text).subarray(0, 20), {}, /damaged|ended early|was lost/],
    ['a zip without the member', zip({ 'x.txt': text }), { member: 'y.txt' }, /does not contain the file/],
    ['a zip with two members', zip({ 'x.txt': text, 'y.txt': text }), {}, /decode.member must name one/],
    [
      'a damaged zip',
      Buffer.concat([zip({ 'x.txt': text }).subarray(0, 40), Buffer.alloc(9)]),
      {},
      /damaged/,
    ],
    ['no gzip', text, { compression: 'gzip' as const }, /not a gzip file/],
    ['a web page', '<html><body>Sign in</body></html>', {}, /a web page instead/],
    ['a web page behind a comment', '<!-- x -->\n<!doctype HTML>', {}, /a web page instead/],
    ['a charset that is none', text, { charset: 'klingon' }, /charset "klingon" is not known/],
  ])('%s is refused, and leaves no file behind', async (_name, body, decode, reason) => {
    await add({ decode });
    serve(body);
    expect(await run()).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason) });
    expect(await standing()).toEqual([]);
    expect(readdirSync(join(t.folder, 'data', 'spool'))).toEqual([]);
  });

  test('JSON is read by path, with member names, lists and a success condition', async () => {
    await add({
      parser: { kind: 'json', records: '$.data.*[*]', ok_when: { query_status: ['ok'] } },
      map: [{ value: '{host}', type: 'domain', labels: ['{tags}', '{meta.kind}'] }],
    });
    serve(JSON.stringify({ query_status: 'ok', data: { 7: [{ host: 'a.reef.example', tags: ['x', 'y'], meta: { kind: 'z' } }], 8: [{ host: 'b.reef.example', tags: [] }] } })); // prettier-ignore
    expect(await run()).toMatchObject({ status: 'ok', created: 2 });
    expect((await standing()).map((object) => object['labels'])).toEqual([['x', 'y', 'z'], undefined]);
    serve(JSON.stringify({ query_status: 'no_results', data: {} }));
    expect(await run()).toMatchObject({ status: 'failed', reason: expect.stringContaining('The source reports an error') }); // prettier-ignore
    for (const body of ['{"data": {"1": [{"host": "a.reef.example"}', '{"data" 1}', '[1, 2', 'nothing', '['.repeat(100)]) {
      serve(body);
      expect([body, (await run()).status]).toEqual([body, 'failed']);
    } // prettier-ignore
  });

  test('bad records of JSON lines and XML go to the quarantine, and the others are stored', async () => {
    await add({ parser: { kind: 'ndjson' }, map: [{ value: '{ip}', type: 'ip' }] });
    serve('{"ip":"192.0.2.1"}\nnot json\n{"ip":"192.0.2.2"}\n{"ip":"999.0.0.1"}\n');
    expect(await run()).toMatchObject({ status: 'partial', created: 2, quarantined_by: { 'bad-json': 1, 'bad-ipv4': 1 } }); // prettier-ignore
    await add({ name: 'xml', parser: { kind: 'xml', records: 'feed/entry' }, map: [{ value: '{ip.@v}', type: 'ip', labels: ['{tag}'] }] }); // prettier-ignore
    serve('<?xml version="1.0"?><feed xmlns="urn:x"><entry><ip v="192.0.2.7"/><tag>a</tag><tag>b &amp; c</tag></entry><entry><ip v="x"/></entry></feed>'); // prettier-ignore
    expect(await run('xml')).toMatchObject({ status: 'partial', created: 1, quarantined: 1 });
    expect((await standing()).at(-1)).toMatchObject({ name: '192.0.2.7', labels: ['a', 'b & c'] });
    for (const body of ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><feed><entry>&e;</entry></feed>', '<feed><entry>', '<a>'.repeat(100)]) {
      serve(body);
      expect([body, (await run('xml')).status]).toEqual([body, 'failed']);
    } // prettier-ignore
  });

  test('objects of STIX keep their ids, creators and texts', async () => {
    await add({ parser: { kind: 'stix' }, map: [{ value: '{id}', type: 'auto' }] });
    const one = anIndicator({ labels: ['as it is'] });
    const text = JSON.stringify(one).replace('"labels"', '"x_number": 1.50, "labels"');
    serve(
      `{"type":"bundle","id":"bundle--${randomUUID()}","objects":[${text}, {"type":"nothing"}, {"type":"tool","spec_version":"2.1","id":"tool--x"}, 5]}`,
    );
    expect(await run()).toMatchObject({
      status: 'partial',
      records: 4,
      created: 1,
      refused: 1,
      quarantined: 2,
    });
    const { entries } = await t.hub.store.entries({ collection: MAIN, after: 0, limit: 9, versions: LAST_VERSION }, true); // prettier-ignore
    const raw = entries[0]?.text;
    expect(raw).toContain('"x_number": 1.50');
    expect(await run()).toMatchObject({ status: 'unchanged' });
  });

  test('refused objects of STIX are in the quarantine with their ids and reasons, and a preview shows the same', async () => {
    const broken = anIndicator({ pattern: "[url:value = 'http://x.reef-bank.com/it's']" });
    const objects = JSON.stringify([anIndicator(), broken, anIndicator(), { ...broken, id: 'indicator--x' }]);
    await add({ parser: { kind: 'stix' }, map: [{ value: '{id}', type: 'auto' }] });
    serve(`{"type":"bundle","id":"bundle--${randomUUID()}","objects":${objects}}`);
    const wanted = [
      [2, 'refused', expect.stringContaining(`${String(broken['id'])}: P-001 /pattern`)],
      [4, 'refused', expect.stringContaining('indicator--x: ')],
    ];
    const rows = (items: unknown): unknown[] =>
      (items as Json[]).map(({ line, code, message }) => [line, code, message]);
    const preview = (await t.api('boss', 'POST', '/feeds/list/preview')).body;
    expect(preview).toMatchObject({ records: 4, used: 2, accepted: 2, quarantined: 2, quarantined_by: { refused: 2 }, new: 2, changed: 0, same: 0 }); // prettier-ignore
    expect(rows(preview['quarantine'])).toEqual(wanted);
    expect(await run()).toMatchObject({
      status: 'partial',
      created: 2,
      refused: 2,
      oddities: [expect.stringMatching(/^refused: 2 objects\. .*talanoa feed quarantine list/)],
    });
    expect(rows((await t.api('boss', 'GET', '/feeds/list/quarantine')).body['items'])).toEqual(wanted);
    expect((await t.api('boss', 'POST', '/feeds/list/preview')).body).toMatchObject({ new: 0, same: 2, quarantined: 2 }); // prettier-ignore
  });
});

describe('other transports', () => {
  test('a collection of a TAXII server is read from the end of the last run', async () => {
    await add({ parser: { kind: 'stix' }, map: [{ value: '{id}', type: 'auto' }], transport: { kind: 'taxii21', url: `${base}/root/collections/x/`, page_limit: 2 } }); // prettier-ignore
    const objects = Array.from({ length: 5 }, () => anIndicator());
    answer = (request, response) => {
      const query = new URL(request.url, base).searchParams;
      const from = query.has('next') ? Number(query.get('next')) : query.has('added_after') ? 5 : 0;
      const page = objects.slice(from, from + 2);
      const added = (i: number) => `2026-01-15T00:00:0${i}.000000Z`;
      response.writeHead(200, { 'Content-Type': 'application/taxii+json;version=2.1', 'X-TAXII-Date-Added-First': added(from), 'X-TAXII-Date-Added-Last': added(from + page.length - 1) }); // prettier-ignore
      response.end(JSON.stringify({ more: from + 2 < 5, ...(from + 2 < 5 ? { next: String(from + 2) } : {}), ...(page.length === 0 ? {} : { objects: page }) })); // prettier-ignore
    };
    expect(await run()).toMatchObject({ status: 'ok', records: 5, created: 5 });
    asked = [];
    expect(await run()).toMatchObject({ status: 'not-modified' });
    expect(asked[0]?.url).toContain('added_after=2026-01-15T00%3A00%3A04');
  });

  test('a folder is read file by file in the order of their times, and changed files are read again', async () => {
    const inbox = join(t.folder, 'inbox');
    await add({ transport: { kind: 'folder', path: inbox, pattern: '*.txt' } });
    expect(await run()).toMatchObject({ status: 'failed', failure: 'setting', reason: expect.stringContaining('cannot be read') }); // prettier-ignore
    mkdirSync(inbox);
    const put = (name: string, content: string, at: number): void => {
      writeFileSync(join(inbox, name), content);
      utimesSync(join(inbox, name), at / 1000, at / 1000);
    };
    put('b.txt', 'b.reef.example', clock.now() - HOUR);
    put('a.txt', 'a.reef.example', clock.now() - 2 * HOUR);
    put('c.csv', 'c.reef.example', clock.now() - 2 * HOUR);
    put('fresh.txt', 'fresh.reef.example', clock.now());
    expect(await run()).toMatchObject({ status: 'ok', files: 2, created: 2 });
    expect(await run()).toMatchObject({ status: 'not-modified' });
    clock.advance(HOUR);
    expect(await run()).toMatchObject({ created: 1 });
    put('a.txt', 'a2.reef.example', clock.now() - 10_000);
    expect(await run()).toMatchObject({ created: 1, records: 1 });
    expect(await valid()).toEqual([
      'a.reef.example',
      'a2.reef.example',
      'b.reef.example',
      'fresh.reef.example',
    ]);
  });

  test('a mailbox is read without changing it: attachments from allowed senders, each email once', async () => {
    const box = await mailbox('s3cret');
    await t.stop();
    t = await testHub(`${SETTINGS}\negress: { allow: ["127.0.0.1:${box.port}"] }\nsecrets: { files: ["${keys}"] }\n`, { clock }); // prettier-ignore
    const secret = join(keys, 'secret');
    writeFileSync(secret, 's3cret');
    const feed = { kind: 'imap' as const, url: `imap://127.0.0.1:${box.port}/INBOX`, senders: ['grc@impact.example', '@cert.example'], pattern: '*.csv', auth: { kind: 'basic' as const, username: 'hub', secret: `file:${secret}` } }; // prettier-ignore
    await add({ transport: feed, parser: { kind: 'csv', header: 'first' }, map: [{ value: '{host}', type: 'domain' }] }); // prettier-ignore
    const mail = (from: string, id: string, content: string, name = 'report.csv', more = ''): string =>
      [`From: Somebody <${from}>`, 'To: hub@cert.example', `Message-ID: <${id}@x>`, 'Subject: =?utf-8?Q?R=C3=A9port?=', 'Date: Thu, 15 Jan 2026 10:00:00 +0000', ...(more === '' ? [] : [more]), 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"', '', '--b', 'Content-Type: text/plain', '', 'See below.', '--b', `Content-Type: text/csv; name="${name}"`, 'Content-Transfer-Encoding: base64', `Content-Disposition: attachment; filename="${name}"`, '', Buffer.from(content).toString('base64'), '--b--', ''].join('\r\n'); // prettier-ignore
    box.put(mail('grc@impact.example', '1', 'host\na.reef.example\n'));
    box.put(mail('attacker@evil.example', '2', 'host\nbad.reef.example\n'));
    box.put(mail('Anyone@CERT.example', '3', 'host\nb.reef.example\n', 'b.CSV'));
    box.put(mail('grc@impact.example', '4', 'host\nc.reef.example\n', 'c.exe'));
    expect(await run()).toMatchObject({ status: 'ok', files: 2, created: 2, oddities: ['its sender is not among transport.senders (1 email)', 'it has no attachment with that name (1 email)'] }); // prettier-ignore
    expect(await run()).toMatchObject({ status: 'not-modified' });
    box.put(mail('grc@impact.example', '1', 'host\nagain.reef.example\n'));
    box.put(mail('grc@impact.example', '5', 'host\nd.reef.example\n'));
    expect(await run()).toMatchObject({ created: 1, oddities: ['it was received before (1 email)'] });
    box.renew();
    box.put(mail('grc@impact.example', '5', 'host\nd2.reef.example\n'));
    box.put(mail('grc@impact.example', '6', 'host\ne.reef.example\n'));
    expect(await run()).toMatchObject({ created: 1 });
    expect(await valid()).toEqual(['a.reef.example', 'b.reef.example', 'd.reef.example', 'e.reef.example']);
    expect(box.commands.filter((command) => /^(?:SELECT|UID STORE|STORE|EXPUNGE|APPEND)/i.test(command))).toEqual([]); // prettier-ignore
    expect(readdirSync(join(t.folder, 'data', 'spool'))).toEqual([]);
    await add({ name: 'signed', transport: { ...feed, dkim_by: 'mx.cert.example' }, parser: { kind: 'csv', header: 'first' }, map: [{ value: '{host}', type: 'domain' }] }); // prettier-ignore
    box.renew();
    const results = (server: string, dkim: string) => `Authentication-Results: ${server}; spf=pass; dkim=${dkim} header.d=impact.example`; // prettier-ignore
    box.put(
      mail('grc@impact.example', '7', 'host\nf.reef.example\n', 'x.csv', results('mx.cert.example', 'pass')),
    );
    box.put(
      mail('grc@impact.example', '8', 'host\ng.reef.example\n', 'x.csv', results('mx.cert.example', 'fail')),
    );
    box.put(mail('grc@impact.example', '9', 'host\nh.reef.example\n', 'x.csv', results('elsewhere', 'pass')));
    box.put(mail('grc@impact.example', '10', 'host\ni.reef.example\n'));
    expect(await run('signed')).toMatchObject({ created: 1, oddities: ['its DKIM signature could not be verified (3 emails)'] }); // prettier-ignore
    writeFileSync(secret, 'wrong');
    expect(await run()).toMatchObject({ status: 'failed', failure: 'needs-key' });
    await box.close();
    expect(await run()).toMatchObject({ status: 'failed', failure: 'source' });
    await add({ name: 'inner', transport: { ...feed, url: 'imaps://10.0.0.1/INBOX' } });
    expect(await run('inner')).toMatchObject({ status: 'failed', reason: expect.stringContaining('10.0.0.1 is a private address') }); // prettier-ignore
  });

  test('a collection of a TAXII 2.0 server is read by item ranges, and its objects become STIX 2.1 with their own ids', async () => {
    await add({ parser: { kind: 'stix' }, map: [{ value: '{id}', type: 'auto' }], transport: { kind: 'taxii20', url: `${base}/root/collections/x` } }); // prettier-ignore
    const old = (i: number): Json => ({ type: 'indicator', id: `indicator--${randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', labels: ['malicious-activity'], pattern: `[domain-name:value = 'n${i}.reef.example']`, valid_from: '2026-01-01T00:00:00Z' }); // prettier-ignore
    const objects = Array.from({ length: 150 }, (_, i) => old(i));
    answer = (request, response) => {
      const [, from = '0', to = '0'] = /items (\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
      const later = new URL(request.url, base).searchParams.has('added_after');
      const page = later ? [] : objects.slice(Number(from), Number(to) + 1);
      if (request.headers.accept !== 'application/vnd.oasis.stix+json; version=2.0') response.writeHead(406).end();
      else response.writeHead(206, { 'Content-Type': 'application/vnd.oasis.stix+json; version=2.0', 'Content-Range': `items ${from}-${Number(from) + page.length - 1}/${later ? 0 : 150}`, 'X-TAXII-Date-Added-Last': '2026-01-14T00:00:00.000Z' }).end(JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, spec_version: '2.0', objects: page })); // prettier-ignore
    };
    expect(await run()).toMatchObject({ status: 'ok', records: 150, created: 150 });
    expect(asked.map(({ url, headers }) => [url, headers.range])).toEqual([['/root/collections/x/objects/', 'items 0-99'], ['/root/collections/x/objects/', 'items 100-199']]); // prettier-ignore
    const [first] = await standing();
    expect(first).toMatchObject({ id: objects[0]?.['id'], spec_version: '2.1', indicator_types: ['malicious-activity'], pattern_type: 'stix' }); // prettier-ignore
    asked = [];
    expect(await run()).toMatchObject({ status: 'not-modified' });
    expect(asked[0]?.url).toBe('/root/collections/x/objects/?added_after=2026-01-14T00%3A00%3A00.000Z');
  });

  test('a file can be uploaded by accounts that may run feeds', async () => {
    await add({ transport: { kind: 'upload' } });
    expect((await run()).failure).toBe('setting');
    const send = (who: string, body: string) => t.api(who, 'POST', '/feeds/list/content', body, { 'Content-Type': 'text/csv' }); // prettier-ignore
    const lines = await send('watch', 'a.reef.example\nb.reef.example\n');
    expect(lines.status).toBe(200);
    expect(await valid()).toEqual(['a.reef.example', 'b.reef.example']);
    expect((await send('sensor', 'x.reef.example')).status).toBe(403);
  });
});

describe('when a source fails', () => {
  beforeEach(() => add());

  test('temporary failures are retried four times at once, and permanent ones are not', async () => {
    for (const [status, tries] of [[500, 4], [503, 4], [429, 4], [408, 4], [404, 1], [401, 1], [403, 1], [410, 1], [418, 1]] as const) {
      asked = [];
      serve('no', {}, status);
      expect(await run()).toMatchObject({ status: 'failed', http_status: status });
      expect([status, asked.length]).toEqual([status, tries]);
    } // prettier-ignore
    let calls = 0;
    answer = (_request, response) => (++calls < 3 ? response.destroy() : response.end('a.reef.example'));
    expect(await run()).toMatchObject({ status: 'ok', created: 1 });
  });

  test('a long Retry-After moves the next run instead of waiting', async () => {
    serve('later', { 'Retry-After': '7200' }, 503);
    expect(await run()).toMatchObject({ status: 'failed', retry_after_s: 7200 });
    expect(asked).toHaveLength(1);
    expect((await t.hub.feeds.show('list')).health.not_before).toBe(clock.now() + 2 * HOUR);
  });

  test('a feed with another URL waits for nothing that the earlier source asked for, and keeps its pause', async () => {
    serve('later', { 'Retry-After': '7200' }, 503);
    await run();
    serve('gone', {}, 410);
    await run();
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'gone', alarms: [{ code: 'gone' }] });
    await t.hub.feeds.pause('list', 'boss', true);
    const elsewhere = documentOf({ transport: { kind: 'https', url: `${base}/other.txt` } });
    await t.hub.feeds.registry.update('list', elsewhere, 'indicators', []);
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'paused', alarms: [] });
    await t.hub.feeds.pause('list', 'boss', false);
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'ready', health: { failures: 0 } });
    const slot = (name: string) =>
      t.hub.feeds.registry.find('list').then((feed) => t.hub.feeds.runner.tracked(feed, { slot: name }));
    serve('later', { 'Retry-After': '7200' }, 503);
    expect(await slot('2026-01-15T12:01Z')).toMatchObject({ status: 'failed', retry_after_s: 7200 });
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'failing', health: { failures: 1 } });
    serve('a.reef.example');
    // The same source is left alone. The first one again is not.
    await t.hub.feeds.registry.update('list', { ...elsewhere, title: 'Other' }, 'indicators', []);
    expect(await slot('2026-01-15T12:02Z')).toBeUndefined();
    await t.hub.feeds.registry.update('list', documentOf(), 'indicators', []);
    expect(await slot('2026-01-15T12:03Z')).toMatchObject({ status: 'ok', created: 1 });
  });

  test('a feed that was paused and resumed still waits as long as its source asked', async () => {
    serve('later', { 'Retry-After': '7200' }, 503);
    await run();
    await t.hub.feeds.pause('list', 'boss', true);
    await t.hub.feeds.pause('list', 'boss', false);
    expect(await t.hub.feeds.show('list')).toMatchObject({ health: { failures: 0, not_before: clock.now() + 2 * HOUR } });
  }); // prettier-ignore

  test('runs of an earlier source raise no alarm about the source of a new URL', async () => {
    serve(numbers(0, 100));
    for (let i = 0; i < 6; i++) {
      expect(await run()).toMatchObject({ records: 100 });
      serve(`${numbers(0, 99)}\nother-${i}.reef.example`);
      clock.advance(HOUR);
    }
    const elsewhere = documentOf({ transport: { kind: 'https', url: `${base}/other.txt` } });
    await t.hub.feeds.registry.update('list', elsewhere, 'indicators', []);
    for (const more of [0, 1]) {
      serve(numbers(0, 5 + more));
      expect(await run()).toMatchObject({ records: 5 + more });
      expect((await t.hub.feeds.show('list')).alarms).toEqual([]);
      clock.advance(HOUR);
    }
  });

  test('a change of the URL starts a run at once, also in the minute of a run of the earlier source', async () => {
    serve('a.reef.example');
    const urls: string[] = [];
    let told: () => void = () => undefined;
    t.hub.feeds.runner.onRun(() => {
      urls.push(String(asked.at(-1)?.url));
      told();
    });
    const next = () => new Promise<void>((resolve) => (told = resolve));
    const first = next();
    await t.hub.feeds.start();
    await first;
    const second = next();
    const elsewhere = documentOf({ transport: { kind: 'https', url: `${base}/other.txt` } });
    await t.hub.feeds.registry.update('list', elsewhere, 'indicators', []);
    await second;
    expect(urls).toEqual(['/list.txt', '/other.txt']);
    // Only a feed that is not paused has a next run.
    expect(await t.hub.feeds.show('list')).toMatchObject({ next_run: expect.stringContaining('T03:00') });
    await t.hub.feeds.pause('list', 'boss', true);
    expect((await t.hub.feeds.show('list')).next_run).toBeUndefined();
  });

  test('alarms report the problem and its start once, and are resolved', async () => {
    serve('no', {}, 500);
    for (let i = 0; i < 6; i++) {
      await run();
      clock.advance(HOUR);
    }
    const since = new Date(clock.now() - 4 * HOUR).toISOString();
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'failing', health: { failures: 6 }, alarms: [{ code: 'silent', since }] }); // prettier-ignore
    expect(t.logged.filter((line) => line.includes('"feed.alarm"'))).toHaveLength(1);
    serve('a.reef.example');
    await run();
    expect(await t.hub.feeds.show('list')).toMatchObject({ state: 'ready', alarms: [] });
    expect(t.logged.filter((line) => line.includes('"feed.alarm_resolved"'))).toHaveLength(1);
  });

  test('too many records, too few records and a silent source raise alarms', async () => {
    const codes = async () => (await t.hub.feeds.show('list')).alarms.map(({ code }) => code);
    for (let i = 0; i < 6; i++) {
      serve(numbers(i, i + 60));
      await run();
      clock.advance(DAY);
    }
    serve(numbers(0, 400));
    await run();
    expect(await codes()).toEqual(['flooded']);
    clock.advance(DAY);
    serve(numbers(0, 10));
    await run();
    expect(await codes()).toEqual(['few']);
  });
});

describe('recipients of alarms', () => {
  test('a signed webhook and an email are sent when an alarm begins and when it is resolved', async () => {
    const secret = `whsec_${Buffer.from('a secret of thirty-two bytes ...').toString('base64')}`;
    const hooks: Pick<Asked, 'headers' | 'body'>[] = [];
    let refusals = 1;
    const receiver = await listen((request, response) => {
      if (refusals-- > 0) response.writeHead(500).end();
      else {
        hooks.push(request);
        response.writeHead(204).end();
      }
    });
    const smtp = await mailServer();
    await t.stop();
    t = await testHub(
      `${SETTINGS}
egress: { allow: ["${base.slice(7)}", "${receiver.base.slice(7)}"] }
mail: { server: "smtp://127.0.0.1:${smtp.port}", from: hub@cert.example, insecure: true }
alarms: { mail: [duty@cert.example], webhook: { url: "${receiver.base}/hook", secret_env: HOOK_SECRET } }
`,
      { clock },
      {},
      { HOOK_SECRET: secret },
    );
    await add();
    serve('no', {}, 401);
    await run();
    while (hooks.length < 1 || smtp.mails.length < 1) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { headers, body } = hooks[0] ?? { headers: {}, body: '' };
    expect(JSON.parse(body)).toMatchObject({ type: 'feed.alarm', data: { feed: 'list', code: 'refused' } });
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(signed).digest('base64'); // prettier-ignore
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(smtp.mails[0]).toMatch(/^To: duty@cert.example\r$/m);
    expect(smtp.mails[0]).toMatch(/^Subject: \[Test hub\] Feed list: refused\r$/m);
    serve('a.reef.example');
    await run();
    while (hooks.length < 2 || smtp.mails.length < 2) {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(JSON.parse(hooks[1]?.body ?? '{}')).toMatchObject({ type: 'feed.alarm_resolved' });
    expect(smtp.mails[1]).toContain('Resolved: feed list, refused');
    await receiver.close();
    await smtp.close();
    expect(t.logged.join('')).not.toContain(secret.slice(6));
  });
});

describe('management of feeds', () => {
  test('a feed is added by its URL alone, and its format is detected', async () => {
    const forms: [string, string, object][] = [
      ['plain', '# list\na.reef-bank.com\nb.reef-bank.com\n', { parser: { kind: 'delimited' }, map: [{ value: '{value}' }] }],
      ['csv', 'id,first_seen,ioc\n1,2026-01-14 10:00:00,http://a.reef-bank.com/x\n2,2026-01-14 11:00:00,http://b.reef-bank.com/y\n', { parser: { kind: 'csv', header: 'first' }, map: [{ value: '{ioc}', valid_from: '{first_seen}' }] }],
      ['json', '{"count":2,"data":[{"host":"a.reef-bank.com","n":1},{"host":"b.reef-bank.com","n":2}]}', { parser: { kind: 'json', records: '$.data[*]' }, map: [{ value: '{host}' }] }],
      ['list', '[{"ip":"203.0.114.7"},{"ip":"203.0.114.8"}]', { parser: { kind: 'json', records: '$[*]' }, map: [{ value: '{ip}' }] }],
      ['lines', '{"cidr":"203.0.114.0/28","s":"x"}\n{"cidr":"203.0.114.16/28","s":"y"}\n{"type":"metadata"}\n', { parser: { kind: 'ndjson' }, map: [{ value: '{cidr}' }] }],
      ['stix', `{"type":"bundle","id":"bundle--${randomUUID()}","objects":[${JSON.stringify(anIndicator())}]}`, { parser: { kind: 'stix' } }],
    ]; // prettier-ignore
    for (const [name, body, document] of forms) {
      serve(body);
      const made = await t.api('boss', 'POST', '/feeds', { name, collection: 'indicators', url: `${base}/${name}` }); // prettier-ignore
      expect([name, made.status, made.body['title']]).toEqual([name, 201, name]);
      expect(made.body['document']).toMatchObject(document);
      const report = await run(name);
      expect([name, report.status, report.created > 0]).toEqual([
        name,
        name === 'lines' ? 'partial' : 'ok',
        true,
      ]);
    }
    serve('lorem ipsum dolor\nsit amet consectetur\n');
    expect((await t.api('boss', 'POST', '/feeds', { name: 'prose', collection: 'indicators', url: `${base}/prose` })).body).toMatchObject({ code: 'TLN-F-020' }); // prettier-ignore
  });

  test('a preview shows what a run would do, and stores nothing', async () => {
    await add({ mode: 'snapshot' });
    serve('a.reef.example\nb.reef.example\nc.reef.example\n');
    await run();
    serve('a.reef.example\nd.reef.example\n127.0.0.1\n8.8.8.8\n');
    const { status, body } = await t.api('watch', 'POST', '/feeds/list/preview');
    expect([status, body]).toMatchObject([200, { records: 4, new: 1, same: 1, changed: 0, gone: 2, quarantined: 1, filtered: 1 }]); // prettier-ignore
    expect(await valid()).toEqual(['a.reef.example', 'b.reef.example', 'c.reef.example']);
    expect((await t.hub.feeds.health.history('list')).length).toBe(1);
    expect(readdirSync(join(t.folder, 'data', 'spool'))).toEqual([]);
  });

  test('rows in quarantine are processed again after the document was corrected', async () => {
    await add({ parser: { kind: 'csv', header: 'first' }, map: [{ value: '{host}', type: 'ip' }] });
    serve('host\na.reef.example\n192.0.2.5\nb.reef.example\n');
    expect(await run()).toMatchObject({ created: 1, quarantined: 2 });
    await t.hub.feeds.registry.update('list', documentOf({ parser: { kind: 'csv', header: 'first' }, map: [{ value: '{host}', type: 'domain' }] }), 'indicators', []); // prettier-ignore
    expect(await t.hub.feeds.quarantine.retry('list')).toMatchObject({ created: 2, still_bad: 0 });
    expect(await t.hub.feeds.quarantine.of('list')).toEqual([]);
    expect(await valid()).toEqual(['192.0.2.5', 'a.reef.example', 'b.reef.example']);
  });

  test('a feed can be paused and resumed, and shows who paused it', async () => {
    await add();
    await t.api('watch', 'POST', '/feeds/list/pause', { reason: 'the source moves' });
    const { body } = await t.api('watch', 'GET', '/feeds/list');
    expect(body).toMatchObject({
      state: 'paused',
      health: { paused: { by: 'watch', reason: 'the source moves' } },
    });
    expect((await t.api('watch', 'POST', '/feeds/list/resumption')).body).toMatchObject({ state: 'ready' });
  });

  test('the minimum interval of a source also applies to manual runs', async () => {
    await add({ schedule: { cron: '0 3 1 1 *', min_interval_s: 3600 } });
    serve('a.reef.example');
    await run();
    await expect(run()).rejects.toMatchObject({ code: 'TLN-F-430', description: expect.stringContaining('13:00') }); // prettier-ignore
    // A person who confirms what a run has found need not wait.
    expect((await run('list', true)).status).toBe('unchanged');
    clock.advance(HOUR);
    expect((await run()).status).toBe('unchanged');
    clock.advance(HOUR);
    serve('no', {}, 404);
    await run();
    // A failed run does not count as a fetch.
    expect((await run()).status).toBe('failed');
  });

  test('an account cannot read files or variables of the hub with its own feed', async () => {
    const attempts = [
      { transport: { kind: 'folder', path: '/etc' } },
      { transport: { kind: 'https', url: `${base}/x`, auth: { kind: 'bearer', secret: 'env:HOME' } } },
      {
        transport: { kind: 'https', url: `${base}/x`, auth: { kind: 'bearer', secret: 'file:/etc/passwd' } },
      },
      { transport: { kind: 'https', url: `${base}/x`, ca: 'file:/etc/passwd' } },
    ] as const;
    for (const over of attempts)
      for (const path of ['/feeds', '/feed-previews']) {
        const { status, body } = await t.api('boss', 'POST', path, { name: 'spy', collection: 'indicators', document: documentOf(over) }); // prettier-ignore
        expect([over, status, body['code']]).toEqual([over, 403, expect.stringMatching(/^TLN-F-40[36]$/)]);
      }
    // The key of a preset may be sent only to the preset's own address.
    expect((await t.api('boss', 'POST', '/feeds', { name: 'u', collection: 'indicators', preset: 'urlhaus', url: `${base}/x` })).status).toBe(403); // prettier-ignore
    expect((await t.api('boss', 'POST', '/feeds', { name: 'u', collection: 'indicators', preset: 'urlhaus' })).status).toBe(201); // prettier-ignore
    expect(asked).toEqual([]);
  });

  test('a stored secret is sent only to its hosts, and is never shown', async () => {
    const host = base.slice(7);
    const set = (who: string, hosts: string[]) => t.api(who, 'PUT', '/secrets/partner', { value: 'hunter2 of a partner', hosts }); // prettier-ignore
    expect([(await set('watch', [host])).status, (await set('boss', ['feeds.example.org'])).status]).toEqual([403, 204]); // prettier-ignore
    serve('a.reef-bank.com\n');
    const document = documentOf({ transport: { kind: 'https', url: `${base}/x`, auth: { kind: 'bearer', secret: 'secret:partner' } } }); // prettier-ignore
    expect((await t.api('boss', 'POST', '/feeds', { name: 'x', collection: 'indicators', document })).status).toBe(201); // prettier-ignore
    // The secret is for another host, so it is not sent here.
    expect(await run('x')).toMatchObject({ status: 'failed', failure: 'needs-key', reason: expect.stringContaining('Store it: talanoa secret set partner --host HOST.') }); // prettier-ignore
    expect(asked).toEqual([]);
    await set('boss', [host]);
    expect(await run('x')).toMatchObject({ status: 'ok', created: 1 });
    expect(asked[0]?.headers.authorization).toBe('Bearer hunter2 of a partner');
    const shown = await Promise.all(
      ['/secrets', '/feeds/x', '/audit'].map((path) => t.api('boss', 'GET', path)),
    );
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(JSON.stringify(await t.hub.store.records('sealed-secret'))).not.toContain('hunter2');
    expect((await t.api('boss', 'DELETE', '/secrets/partner')).status).toBe(204);
    expect(await run('x')).toMatchObject({ status: 'failed', failure: 'needs-key' });
  });

  test('feeds are compared by the entries that only they have, or have first', async () => {
    await add({ name: 'one' });
    await add({ name: 'two' });
    serve('a.reef.example\nb.reef.example\nc.reef.example\n');
    await run('one');
    clock.advance(HOUR);
    serve('b.reef.example\nc.reef.example\nd.reef.example\ne.reef.example\n');
    await run('two');
    clock.advance(HOUR);
    serve('a.reef.example\nd.reef.example\n');
    await run('one');
    expect((await t.api('watch', 'GET', '/feed-usefulness')).body).toEqual({
      items: [
        { feed: 'one', values: 4, unique: 1, first: 2, shared_with: [{ feed: 'two', values: 3, first: 2 }] },
        { feed: 'two', values: 4, unique: 1, first: 1, shared_with: [{ feed: 'one', values: 3, first: 1 }] },
      ],
    });
  });

  test('nothing remains of the state and alarms of a feed that was removed, also by the settings file or during a run', async () => {
    const left = async (): Promise<readonly string[]> =>
      (await Promise.all(['feed-state', 'feed-health'].map((kind) => t.hub.store.records(kind))))
        .flat()
        .map(({ kind, id }) => `${kind}/${id}`);
    const trace = (kind: string, id: string) => ({ kind, id, expected: 0, document: {} });
    serve('a.reef-bank.com\n');
    for (const name of ['x', 'y'])
      await t.api('boss', 'POST', '/feeds', { name, collection: 'indicators', url: `${base}/${name}` });
    await t.hub.store.commit({
      records: ['x', 'y', 'gone'].flatMap((id) => [trace('feed-state', id), trace('feed-health', id)]),
    });
    expect((await t.api('boss', 'DELETE', '/feeds/x')).status).toBe(204);
    expect(await left()).toEqual(['feed-state/gone', 'feed-state/y', 'feed-health/gone', 'feed-health/y']);
    await t.hub.housekeeping.tidy();
    expect(await left()).toEqual(['feed-state/y', 'feed-health/y']);
  });

  test('the audit log records who runs a feed, uploads to it and retries its quarantine, once for each run that starts', async () => {
    await add({ mode: 'snapshot', schedule: { cron: '0 3 1 1 *', min_interval_s: 3600 } });
    serve('a.reef.example\nnot an address\n');
    const send = (who: string, path: string, body?: string) => t.api(who, 'POST', `/feeds/list/${path}`, body, { 'Content-Type': 'text/csv' }); // prettier-ignore
    // The second run is refused, because the source was asked a moment ago, and so is the empty file.
    for (const [path, body] of [['runs'], ['runs'], ['runs?confirm=yes'], ['content', 'b.reef.example'], ['content', ''], ['quarantine/retry']] as const)
      await send('watch', path, body);
    expect((await send('sensor', 'runs')).status).toBe(403);
    await t.hub.feeds.runner.alone('list', 0, async () => {
      expect((await send('watch', 'runs?confirm=yes')).body).toMatchObject({ code: 'TLN-F-409' });
      expect((await send('watch', 'quarantine/retry')).body).toMatchObject({ code: 'TLN-F-409' });
    });
    // The schedule runs feeds in nobody's name.
    clock.advance(HOUR);
    await run();
    const facts = (await t.hub.store.audit(0, 100)).map(({ fact }) => fact).filter(({ actor }) => actor === 'watch');
    expect(facts.map(({ action, resource, details }) => [action, resource, details])).toEqual([
      ['feed.run', 'feed/list', undefined],
      ['feed.run', 'feed/list', { confirmed: true }],
      ['feed.upload', 'feed/list', undefined],
      ['quarantine.retry', 'feed/list', undefined],
    ]);
  }); // prettier-ignore

  test('the audit log records added, changed and deleted feeds', async () => {
    serve('a.reef-bank.com\n');
    await t.api('boss', 'POST', '/feeds', { name: 'x', collection: 'indicators', url: `${base}/x` });
    await t.api('boss', 'PUT', '/feeds/x', { collection: 'indicators', preset: 'tor-exits' });
    expect((await t.api('boss', 'DELETE', '/feeds/x')).status).toBe(204);
    const facts = (await t.hub.store.audit(0, 100)).map(({ fact }) => fact);
    const actions = facts.map(({ action }) => action);
    // It names the parts that changed, and none of their values.
    expect(facts.find(({ action }) => action === 'feed.update')?.details).toEqual({
      collection: 'indicators',
      changed: expect.stringMatching(/^(?=.*\btitle\b)(?=.*\btransport\.url\b)(?!.*http)/),
    });
    expect(actions.filter((action) => action.startsWith('feed.'))).toEqual(['feed.create', 'feed.update', 'feed.delete']); // prettier-ignore
    expect((await t.api('boss', 'GET', '/feeds/x')).status).toBe(404);
  });
});
