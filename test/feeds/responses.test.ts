import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AlarmSender, type AlarmEvent } from '../../src/feeds/alarms.ts';
import { spoolBytes } from '../../src/feeds/spool.ts';
import { fetchHttps } from '../../src/feeds/transports/https.ts';
import { SpoolBudget, type FetchOptions, type FetchProblem } from '../../src/feeds/transports/transport.ts';
import { createHttpClient } from '../../src/kernel/http-client.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import type { TransportSpec } from '../../src/config/settings.ts';
import { TestClock } from '../support/clock.ts';
import { listen, type Asked } from '../support/recorder.ts';

/** How a fetch understands the responses of a source, and how alarms reach a receiver that does not always answer. */

let server: Awaited<ReturnType<typeof listen>>;
let spool: string;
let asked: Asked[] = [];
let answer: (request: Asked, response: ServerResponse) => void;
let waits: number[] = [];
const clock = new TestClock('2026-01-15T12:00:00.000Z');
beforeAll(async () => {
  spool = mkdtempSync(join(tmpdir(), 'talanoa-responses-'));
  server = await listen((request, response) => {
    asked.push(request);
    answer(request, response);
  });
});
afterAll(async () => {
  await server.close();
  rmSync(spool, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  waits = [];
});
afterEach(() => {
  for (const file of readdirSync(spool)) rmSync(join(spool, file));
});

const http = () => createHttpClient({ allow: [server.base.slice('http://'.length)], userAgent: 'test' });
const options = (over: Partial<FetchOptions> = {}): FetchOptions => ({
  http: http(),
  clock,
  pause: (ms) => {
    waits.push(ms);
    return Promise.resolve();
  },
  spool,
  name: 'list',
  cursor: {},
  secret: () => undefined,
  signal: new AbortController().signal,
  budget: new SpoolBudget(),
  ...over,
});
const spec = (over: Partial<TransportSpec> = {}): TransportSpec => ({ kind: 'https', url: `${server.base}/list.txt`, ...over }); // prettier-ignore
const serve = (status: number, headers: Record<string, string | number> = {}, body: string | Buffer = 'a.reef.example\n'): void => {
  answer = (_request, response) => void response.writeHead(status, headers).end(body);
}; // prettier-ignore
/** Fetches, and returns the problem. */
async function problemOf(over: Partial<TransportSpec> = {}, more: Partial<FetchOptions> = {}): Promise<FetchProblem> {
  try {
    await fetchHttps(spec(over), options(more));
  } catch (error) {
    return error as FetchProblem;
  }
  throw new Error('the fetch succeeded');
} // prettier-ignore

describe('a response of a source', () => {
  test('is stored whole, with its hash, its name, its charset, and what makes the next request cheap', async () => {
    serve(200, { ETag: '"v1"', 'Last-Modified': 'Thu, 15 Jan 2026 11:00:00 GMT', 'Content-Type': 'text/plain; Charset="ISO-8859-1"' }, 'a\nb\n');
    const fetched = await fetchHttps(spec({ url: `${server.base}/lists/bad%20hosts.txt?x=1` }), options());
    expect(fetched).toMatchObject({ status: 200, unchanged: false, cursor: { validators: { etag: '"v1"', lastModified: 'Thu, 15 Jan 2026 11:00:00 GMT' } } });
    const [file] = fetched.files;
    expect(file).toMatchObject({ name: 'bad%20hosts.txt', bytes: 4, charset: 'iso-8859-1', sha256: createHash('sha256').update('a\nb\n').digest('hex') });
    expect((await spoolBytes(file?.path ?? '')).toString()).toBe('a\nb\n');
    expect(asked[0]).toMatchObject({ method: 'GET', headers: { accept: '*/*' } });
    expect(asked[0]?.headers).not.toHaveProperty('if-none-match');
  }); // prettier-ignore

  test('that is unchanged costs one request and keeps the position', async () => {
    const cursor = { validators: { etag: '"v1"', lastModified: 'Thu, 15 Jan 2026 11:00:00 GMT' } };
    serve(304);
    expect(await fetchHttps(spec(), options({ cursor }))).toEqual({
      status: 304,
      files: [],
      cursor,
      unchanged: true,
      oddities: [],
    });
    expect(asked.map(({ headers }) => [headers['if-none-match'], headers['if-modified-since']])).toEqual([
      ['"v1"', 'Thu, 15 Jan 2026 11:00:00 GMT'],
    ]);
    // A new version without validators forgets the old ones.
    serve(200);
    expect((await fetchHttps(spec(), options({ cursor }))).cursor).toEqual({ validators: {} });
  });

  test('in gzip is unpacked, and its announced length is that of the packed bytes', async () => {
    const packed = gzipSync('a.reef.example\n'.repeat(1_000));
    serve(200, { 'Content-Encoding': 'gzip', 'Content-Length': packed.length }, packed);
    const { files } = await fetchHttps(spec(), options());
    expect(files[0]?.bytes).toBe(15_000);
    // Bytes that are not gzip are a failure of the source, and no file is left.
    serve(200, { 'Content-Encoding': 'gzip' }, 'not gzip');
    expect(await problemOf({}, { tries: 1 })).toMatchObject({ failure: 'source' });
    expect(readdirSync(spool)).toEqual([]);
  });

  test('that ends before its announced length is requested again, and none of it is kept', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half\n');
      setImmediate(() => response.destroy());
    };
    expect(await problemOf()).toMatchObject({ failure: 'source', passing: true });
    expect([asked.length, readdirSync(spool)]).toEqual([4, []]);
  });

  test('in part is a success only for a request of pages', async () => {
    serve(206);
    expect(await problemOf()).toMatchObject({ failure: 'source', httpStatus: 206 });
    expect((await fetchHttps(spec(), options(), { partial: true })).files).toHaveLength(1);
    serve(416);
    expect(await problemOf()).toMatchObject({ httpStatus: 416, passing: false });
    expect(await fetchHttps(spec(), options(), { partial: true })).toMatchObject({
      unchanged: true,
      files: [],
    });
  });

  test.each([
    [204, 'source', false],
    [301, 'source', false],
    [400, 'source', false],
    [401, 'needs-key', false],
    [403, 'needs-key', false],
    [404, 'source', false],
    [408, 'source', true],
    [410, 'gone', false],
    [425, 'source', true],
    [429, 'source', true],
    [500, 'source', true],
    [501, 'source', false],
    [502, 'source', true],
    [504, 'source', true],
  ])('with the status %i is a failure of the class %s, which may pass: %j', async (status, failure, passing) => {
    serve(status);
    const problem = await problemOf();
    expect(problem).toMatchObject({ failure, httpStatus: status, passing });
    expect(problem.title).toContain(String(status));
    expect(asked).toHaveLength(passing ? 4 : 1);
  }); // prettier-ignore
});

describe('the time until the next attempt', () => {
  test.each<readonly [header: string | undefined, least: number, most: number, attempts: number]>([
    [undefined, 0, 9_000, 4],
    ['0', 0, 9_000, 4],
    ['30', 30_000, 30_000, 4],
    ['300', 300_000, 300_000, 4],
    ['301', 0, 0, 1],
    ['86400', 0, 0, 1],
    ['Thu, 15 Jan 2026 12:01:00 GMT', 60_000, 60_000, 4],
    ['Thu, 15 Jan 2026 11:00:00 GMT', 0, 9_000, 4],
    ['Thu, 15 Jan 2026 13:00:00 GMT', 0, 0, 1],
    ['soon', 0, 9_000, 4],
    ['-5', 0, 9_000, 4],
  ])('follows Retry-After: %s', async (header, least, most, attempts) => {
    serve(503, header === undefined ? {} : { 'Retry-After': header });
    await problemOf();
    expect([asked.length, waits.length]).toEqual([attempts, attempts - 1]);
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThanOrEqual(most);
    }
  });

  test('grows with each attempt, and the run counts them', async () => {
    serve(500);
    let retries = 0;
    await problemOf({}, { onRetry: () => retries++ });
    expect(retries).toBe(3);
    for (const [i, wait] of waits.entries()) expect(wait).toBeLessThan(1_000 * 3 ** i);
  });

  test('does not come when the run was stopped, or has only one attempt', async () => {
    serve(500);
    expect(await problemOf({}, { tries: 1 })).toMatchObject({ httpStatus: 500 });
    const stopped = new AbortController();
    answer = (_request, response) => {
      stopped.abort();
      response.writeHead(500).end();
    };
    await problemOf({}, { signal: stopped.signal });
    expect([asked.length, waits]).toEqual([2, []]);
  });

  test('a response after a failure is used', async () => {
    let calls = 0;
    answer = (_request, response) => void response.writeHead(++calls < 4 ? 503 : 200).end('a.reef.example\n');
    expect((await fetchHttps(spec(), options())).files).toHaveLength(1);
    expect(asked).toHaveLength(4);
  });
});

describe('a request of a feed', () => {
  const secret = (name: string) => ({ 'secret:key': 's3cret "&/', 'secret:empty': '' })[name];

  test.each<readonly [what: string, over: Partial<TransportSpec>, wanted: Partial<Asked>]>([
    ['with its own headers', { headers: { 'X-Client': 'hub' } }, { method: 'GET', body: '' }],
    ['with a body', { method: 'POST', body: '{"a":1}' }, { method: 'POST', body: '{"a":1}' }],
    ['with a body of its own type', { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } }, { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } }],
    ['with a body and no text', { method: 'POST' }, { method: 'POST', body: '' }],
    ['with a key in the body, as JSON', { method: 'POST', body: '{"k":"{{key}}"}', auth: { kind: 'hmac', secret: 'secret:key', key: 'secret:key' } }, { method: 'POST', body: '{"k":"s3cret \\"&/"}' }],
    ['with a key in the query', { auth: { kind: 'query', name: 'api', secret: 'secret:key' } }, { url: '/list.txt?api=s3cret+%22%26%2F' }],
    ['with an optional key that is missing', { auth: { kind: 'bearer', secret: 'secret:none', optional: true } }, { method: 'GET' }],
  ])('%s', async (_what, over, wanted) => {
    serve(200);
    await fetchHttps(spec(over), options({ secret }));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject(wanted);
    if (over.method === undefined && over.headers !== undefined)
      expect(asked[0]?.headers['x-client']).toBe('hub');
    if (wanted.method === 'POST' && wanted.headers === undefined) expect(asked[0]?.headers['content-type']).toBe('application/json');
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
  }); // prettier-ignore

  test('with a key in its path hides the key from people', async () => {
    serve(200);
    const { files } = await fetchHttps(
      spec({ url: `${server.base}/{{key}}`, auth: { kind: 'path', secret: 'secret:key' } }),
      options({ secret }),
    );
    expect(asked[0]?.url).toBe('/s3cret%20%22%26%2F');
    expect(files[0]?.name).not.toContain('s3cret');
  });

  test.each(['none', 'empty'])('with the key secret:%s, which it needs, is not sent', async (name) => {
    serve(200);
    for (const kind of ['bearer', 'header', 'query', 'path', 'hmac'] as const)
      expect(await problemOf({ auth: { kind, secret: `secret:${name}` } }, { secret })).toMatchObject({
        failure: 'needs-key',
        hint: expect.stringContaining(`talanoa secret set ${name} `),
      });
    expect(asked).toEqual([]);
  }); // prettier-ignore

  test.each<readonly [what: string, status: number, body: string, failure: string]>([
    ['refuses the client', 401, '{}', 'needs-key'],
    ['refuses the request', 400, '{"error":"invalid_client"}', 'needs-key'],
    ['is out of order', 503, '{}', 'source'],
    ['answers with a page', 200, '<html>', 'source'],
    ['answers without a token', 200, '{"token_type":"Bearer"}', 'source'],
    ['answers with an empty token', 200, '{"access_token":""}', 'source'],
    ['answers with a number', 200, '{"access_token":5}', 'source'],
    ['answers with too much', 200, `{"pad":"${'x'.repeat(1_000_000)}","access_token":"T"}`, 'source'],
  ])('fails when the token server %s', async (_what, status, body, failure) => {
    answer = ({ url }, response) => void response.writeHead(url === '/token' ? status : 200).end(body);
    const auth = { kind: 'oauth2' as const, username: 'id', secret: 'secret:key', token_url: `${server.base}/token` };
    expect(await problemOf({ auth }, { secret })).toMatchObject({ failure });
    // The source itself is never asked without a token.
    expect(asked.every(({ url }) => url === '/token')).toBe(true);
    expect(asked).toHaveLength(status === 503 ? 4 : 1);
  }); // prettier-ignore

  test('to an address that the settings do not allow is never sent, and not repeated', async () => {
    const closed = createHttpClient({ allow: [], userAgent: 'test' });
    const problem = await problemOf({}, { http: closed });
    expect([asked, waits, String(problem.code)]).toEqual([[], [], expect.stringMatching(/^TLN-E-/)]);
  });
});

describe('the space of a run', () => {
  test('is taken by each file, given back, and the file that exceeds it is removed', async () => {
    const budget = new SpoolBudget(20);
    serve(200, {}, '0123456789');
    await fetchHttps(spec(), options({ budget }));
    expect(budget.left).toBe(10);
    await fetchHttps(spec(), options({ budget, name: 'second' }));
    expect(budget.left).toBe(0);
    expect(await problemOf({}, { budget, name: 'third' })).toMatchObject({ failure: 'limits' });
    expect(readdirSync(spool).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['list.0.part', 'second.0.part']);
    budget.give(30);
    expect((await fetchHttps(spec(), options({ budget, name: 'third' }))).files).toHaveLength(1);
  });

  test('a small file that unpacks to a large one is refused', async () => {
    serve(200, { 'Content-Encoding': 'gzip' }, gzipSync(Buffer.alloc(3_000_000, 97)));
    expect(await problemOf()).toMatchObject({ failure: 'limits', title: 'The unpacked feed is too large' });
    expect([asked.length, readdirSync(spool)]).toEqual([1, []]);
  });
});

describe('an alarm', () => {
  const event: AlarmEvent = { feed: 'list', alarm: { code: 'silent', message: 'the last 3 runs failed', since: '2026-01-15T12:00:00.000Z' }, over: false }; // prettier-ignore
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  let logged: string[];
  /** A sender, and the clock that only its waits move. */
  const sender = (): { readonly alarms: AlarmSender; readonly own: TestClock } => {
    logged = [];
    const own = new TestClock('2026-01-15T12:00:00.000Z');
    const log = createLog('debug', { write: (line) => logged.push(line) });
    const setting = { hub: 'Test hub', url: 'https://hub.example', webhook: { url: `${server.base}/hook`, secret }, mailTo: [] };
    return { alarms: new AlarmSender(setting, http(), undefined, own, systemIds, log), own };
  }; // prettier-ignore
  /** Moves a clock until a condition holds. */
  const until = async (own: TestClock, condition: () => boolean): Promise<void> => {
    while (!condition()) {
      own.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  test('is sent again with the same id until the receiver accepts it', async () => {
    let calls = 0;
    answer = (_request, response) => void response.writeHead(++calls < 3 ? 500 : 204).end();
    const { alarms, own } = sender();
    alarms.tell(event);
    await until(own, () => calls === 3);
    await alarms.stop();
    expect(new Set(asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      type: 'feed.alarm',
      timestamp: '2026-01-15T12:00:00.000Z',
      data: { feed: 'list', ...event.alarm, url: 'https://hub.example/api/v1/feeds/list' },
    });
    // The waits are 5 and 15 seconds. Each signature is of its own time.
    expect(own.now() - Date.parse('2026-01-15T12:00:00.000Z')).toBeGreaterThanOrEqual(20_000);
    expect(new Set(asked.map(({ headers }) => headers['webhook-signature'])).size).toBe(3);
    expect(logged).toEqual([]);
  });

  test.each([301, 400, 500])('that the receiver answers with %i six times is logged, and given up', async (status) => {
    serve(status);
    const { alarms, own } = sender();
    alarms.tell({ ...event, over: true });
    await until(own, () => logged.length > 0);
    expect(asked).toHaveLength(6);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ type: 'feed.alarm_resolved' });
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ event: 'alarm.not_sent', way: 'webhook', feed: 'list', alarm: 'silent', reason: expect.stringContaining(String(status)) });
    await alarms.stop();
  }); // prettier-ignore

  test('that waits for its next attempt does not keep the hub from stopping', async () => {
    serve(500);
    const { alarms, own } = sender();
    alarms.tell(event);
    await until(own, () => asked.length === 1);
    await alarms.stop();
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(logged.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['alarm.not_sent']);
  });

  test('is one of at most two hundred that wait, because more have one common cause', async () => {
    const open: ServerResponse[] = [];
    answer = (_request, response) => void open.push(response);
    const { alarms, own } = sender();
    for (let i = 0; i < 203; i++) alarms.tell({ ...event, feed: `list-${i}` });
    expect(logged.map((line) => (JSON.parse(line) as { feed: string }).feed)).toEqual(['list-200', 'list-201', 'list-202']);
    await until(own, () => open.length === 200);
    for (const response of open) response.writeHead(204).end();
    await alarms.stop();
    expect(logged).toHaveLength(3);
  }); // prettier-ignore
});
