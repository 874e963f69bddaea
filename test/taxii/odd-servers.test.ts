// Servers as they are: they deviate from the standard, and a poll still reads all of their objects.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textsOf } from '../../src/cli/stix-file.ts';
import { createHttpClient } from '../../src/kernel/http-client.ts';
import { TaxiiClient } from '../../src/taxii/client/client.ts';
import { Connection } from '../../src/taxii/client/connection.ts';
import type { PollState } from '../../src/taxii/client/position.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MEDIA } from '../support/hub.ts';

type Answer = (request: IncomingMessage, url: URL, response: ServerResponse, body: string) => void;

let server: Server;
let base = '';
let answer: Answer = (_request, _url, response) => response.end();
let asked: URL[] = [];
let odd: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', base);
    asked.push(url);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => answer(request, url, response, Buffer.concat(parts).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});
afterEach(() => {
  asked = [];
  odd = [];
});

const client = (): TaxiiClient =>
  new TaxiiClient(
    new Connection({
      http: createHttpClient({ allow: [new URL(base).host], userAgent: 'test' }),
      clock: new TestClock(),
      credentials: { kind: 'none' },
      tries: 1,
      onOddity: (text) => odd.push(text),
    }),
  );
const send = (
  response: ServerResponse,
  body: string,
  headers: Record<string, string> = {},
  status = 200,
): void => {
  response.writeHead(status, { 'Content-Type': MEDIA, ...headers });
  response.end(body);
};
const poll = async (limit: number | undefined = 2, state: PollState = {}) => {
  const texts: string[] = [];
  let last = state;
  for await (const page of client().pages(`${base}/root/collections/c/`, state, { limit })) {
    texts.push(...page.texts);
    last = page.state;
  }
  return { texts, state: last };
};

const all = ['{"a": 1.50}', '{"b":2}', '{"c":"é"}', '{"d":4}', '{"e":5}'];
const STAMP = '2024-01-02T00:00:00.000000Z';
const LAST = 'X-TAXII-Date-Added-Last';

interface Manner {
  /** Returns the page for the objects of one date, and the position after it, if there is more. */
  readonly page: (texts: readonly string[], next: number | undefined) => string;
  readonly date?: string;
  /** Reads the position from the value of `next`. */
  readonly place?: (next: string) => number;
}

/** A server that holds five objects with one date added, and pages by `next`. */
const paging =
  ({ page, date = STAMP, place = Number }: Manner): Answer =>
  (_request, url, response) => {
    const after = url.searchParams.get('added_after') ?? '';
    const next = url.searchParams.get('next');
    const start = next === null ? 0 : place(next);
    const held = after.slice(0, 26) >= STAMP.slice(0, 26) ? [] : all;
    const texts = held.slice(start, start + 2);
    send(
      response,
      page(texts, start + 2 < held.length ? start + 2 : undefined),
      texts.length === 0 ? {} : { [LAST]: date },
    );
  };
const objects = (texts: readonly string[], name = 'objects'): string => `"${name}":[${texts.join(',')}]`;

test.each<[string, Manner, RegExp | undefined]>([
  [
    'next is a number',
    {
      page: (texts, next) =>
        `{"more":${next !== undefined},${next === undefined ? '' : `"next":${next},`}${objects(texts)}}`,
    },
    /"next" as a number/,
  ],
  [
    'next is a number that JavaScript would round',
    {
      page: (texts, next) =>
        `{${objects(texts)}${next === undefined ? '' : `,"more":true,"next":2024010200000000000${next}`}}`,
      place: (next) => {
        if (!/^2024010200000000000\d$/.test(next)) throw new Error(`next is ${next}`);
        return Number(next.slice(-1));
      },
    },
    /"next" as a number/,
  ],
  [
    'more is text',
    {
      page: (texts, next) =>
        `{"more":"${next === undefined ? 'False' : 'True'}",${next === undefined ? '' : `"next":"${next}",`}${objects(texts)}}`,
    },
    /"more" that is not a boolean/,
  ],
  [
    'more is a number',
    {
      page: (texts, next) =>
        `{"more":${next === undefined ? 0 : 1},${next === undefined ? '' : `"next":"${next}",`}${objects(texts)}}`,
    },
    /"more" that is not a boolean/,
  ],
  [
    'next comes without more',
    { page: (texts, next) => `{${next === undefined ? '' : `"next":"${next}",`}${objects(texts)}}` },
    /"next" without "more"/,
  ],
  [
    'next comes with every page, and the last one is empty',
    { page: (texts) => `{"next":"${asked.length * 2}",${objects(texts)}}` },
    /"next" without "more"/,
  ],
  [
    'the objects are called items',
    {
      page: (texts, next) =>
        `{"more":${next !== undefined},${next === undefined ? '' : `"next":"${next}",`}${objects(texts, 'items')}}`,
    },
    /calls the list of objects "items"/,
  ],
])(
  '%s: all objects are read as they were written, and a second poll brings none',
  async (_name, manner, why) => {
    answer = paging(manner);
    const first = await poll();
    expect(first.texts).toEqual(all);
    expect(odd).toEqual(why === undefined ? [] : expect.arrayContaining([expect.stringMatching(why)]));
    asked = [];
    expect(await poll(2, first.state)).toEqual({ texts: [], state: { addedAfter: STAMP } });
  },
);

test.each([
  '2024-01-02T00:00:00.000000+00:00',
  '2024-01-02T13:00:00.000000+13:00',
  '2024-01-02T13:00:00+1300',
  '2024-01-01 14:00:00-10:00',
  '2024-01-02T00:00:00.000000',
  'Tue Jan 02 2024 13:00:00 GMT+1300 (New Zealand Daylight Time)',
  'Tue Jan 02 2024 00:00:00 GMT+0000 (Coordinated Universal Time)',
  'Tue, 02 Jan 2024 00:00:00 GMT',
  '1704153600',
  '1704153600000',
])('the date %s is read, and a second poll brings nothing', async (date) => {
  answer = paging({
    page: (texts, next) =>
      `{"more":${next !== undefined},${next === undefined ? '' : `"next":"${next}",`}${objects(texts)}}`,
    date,
  });
  const first = await poll();
  expect(first).toEqual({ texts: all, state: { addedAfter: STAMP } });
  expect(odd).toEqual(['the server sends dates added in a form that differs from the standard']);
  expect((await poll(2, first.state)).texts).toEqual([]);
});

test.each(['yesterday', 'Tue Foo 99 2024 00:00:00 GMT', '2024-13-45T00:00:00+00:00', 'undefined'])(
  'the date %s is reported and not used',
  async (date) => {
    answer = paging({ page: (texts, next) => `{"more":${next !== undefined},${next === undefined ? '' : `"next":"${next}",`}${objects(texts)}}`, date }); // prettier-ignore
    expect(await poll()).toEqual({ texts: all, state: {} });
    expect(odd).toEqual(expect.arrayContaining([expect.stringContaining(`not a date: "${date}"`)]));
  },
);

/** A server that returns at most two objects after a date, without `more` and `next`. */
const wordless: Answer = (_request, url, response) => {
  const after = url.searchParams.get('added_after');
  const limit = Number(url.searchParams.get('limit') ?? 2);
  const from = after === null ? 0 : Number(after.slice(-2, -1));
  const texts = all.slice(from, from + limit);
  send(response, `{${objects(texts)}}`, { [LAST]: `2026-01-01T00:00:00.00000${from + texts.length}Z` });
};

test('a full page without "more" is not the end', async () => {
  answer = wordless;
  expect((await poll()).texts).toEqual(all);
});

test('an unannounced next that leads nowhere or back ends the poll without an error', async () => {
  for (const after of [
    (response: ServerResponse) => send(response, '{"title":"no such next"}', {}, 404),
    (response: ServerResponse) => send(response, `{"next":"x",${objects(all)}}`, { [LAST]: STAMP }),
    (response: ServerResponse) => send(response, '{"next":"x"}'),
  ]) {
    answer = (_request, url, response) =>
      url.searchParams.has('next')
        ? after(response)
        : send(response, `{"next":"x",${objects(all)}}`, { [LAST]: STAMP });
    asked = [];
    expect(await poll()).toEqual({ texts: all, state: { addedAfter: STAMP } });
    expect(asked.length).toBeLessThan(4);
  }
});

test('a failing server does not end the poll, also where the page was not announced', async () => {
  answer = (_request, url, response) =>
    url.searchParams.has('next')
      ? send(response, '{"title":"broken"}', {}, 500)
      : send(response, `{"next":"x",${objects(all.slice(0, 2))}}`);
  await expect(poll()).rejects.toMatchObject({ code: 'TLN-E-500' });
});

test('a list is read, and JSON that is not an envelope is an error instead of an empty page', async () => {
  answer = (_request, _url, response) => send(response, `[${all.join(',')}]`, { [LAST]: STAMP });
  expect((await poll()).texts).toEqual(all);
  for (const body of [
    '{"title":"Something failed"}',
    '{"error":"limit"}',
    '{"hits":{"hits":[]}}',
    '{"records":[{}]}',
  ]) {
    answer = (_request, _url, response) => send(response, body);
    await expect(poll()).rejects.toMatchObject({ code: 'TLN-E-027' });
  }
});

const collection = () => ({
  id: 'c',
  title: 'C',
  alias: undefined,
  canRead: false,
  canWrite: true,
  url: `${base}/root/collections/c/`,
  maxContentLength: 100_000,
});
const pushed = [anIndicator(), anIndicator(), anIndicator(), anIndicator()];
const texts = pushed.map((object) => JSON.stringify(object));
const idOf = (i: number): string => String(pushed[i]?.['id']);
const wait = (): Promise<void> => Promise.resolve();

test.each<[string, unknown]>([
  ['failures of the standard', { status: 'complete', total_count: 4, success_count: 3, failure_count: 1, failures: [{ id: idOf(2), version: 'x', message: 'bad' }] }], // prettier-ignore
  ['errors by id', { errors: { [idOf(2)]: ['bad'] } }],
  ['errors by position', { errors: { 'objects.2': { error: 'bad' } } }],
  [
    'a result for each object',
    pushed.map((object, i) => (i === 2 ? { id: object['id'], status: 400, error: 'bad' } : { id: object['id'], status: 201 })), // prettier-ignore
  ],
  ['results with words', { results: pushed.map(({ id }, i) => (i === 2 ? { object_id: id, success: false, message: 'bad' } : { object_id: id, success: true })) }], // prettier-ignore
])('the outcome of a push is read from %s', async (_name, status) => {
  answer = (_request, _url, response) => send(response, JSON.stringify(status), {}, 202);
  expect(await client().pushInParts(collection(), texts, wait)).toEqual({
    total: 4,
    successes: 3,
    failures: [{ id: idOf(2), message: 'bad' }],
  });
});

test('failures that a server only counts do not count as successes', async () => {
  answer = (_request, _url, response) =>
    send(response, '{"status":"complete","total_count":4,"success_count":2,"failure_count":2}', {}, 202);
  const { successes, failures } = await client().pushInParts(collection(), texts, wait);
  expect([successes, failures.length]).toEqual([2, 2]);
});

test('a server that refuses a whole envelope for one object gets the others', async () => {
  const accepted: string[] = [];
  answer = (_request, _url, response, body) => {
    const sent = (JSON.parse(body) as { objects: { id: string }[] }).objects.map(({ id }) => id);
    if (sent.includes(idOf(1))) {
      send(response, '{"title":"objects[1] is invalid"}', {}, 422);
      return;
    }
    accepted.push(...sent);
    send(response, JSON.stringify({ status: 'complete', total_count: sent.length, success_count: sent.length, failure_count: 0 }), {}, 202); // prettier-ignore
  };
  expect(await client().pushInParts(collection(), texts, wait)).toEqual({
    total: 4,
    successes: 3,
    failures: [{ id: idOf(1), message: 'objects[1] is invalid' }],
  });
  expect(accepted.toSorted()).toEqual([idOf(0), idOf(2), idOf(3)].toSorted());
});

test('a server that accepts nothing ends the push with its reason', async () => {
  answer = (_request, _url, response) => send(response, '{"title":"not now"}', {}, 400);
  await expect(client().pushInParts(collection(), texts, wait)).rejects.toMatchObject({
    description: 'not now',
  });
});

test('an empty page of a collection contains nothing to push', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-'));
  try {
    const file = join(folder, 'pages.json');
    writeFileSync(file, `{"more":false}\n{"more":true,"next":"a",${objects(texts)}}\n{}\n`);
    const read: string[] = [];
    for await (const text of textsOf(file, (_line, why) => odd.push(why))) read.push(text);
    expect([read, odd]).toEqual([texts, []]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
