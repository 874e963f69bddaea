import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createHttpClient } from '../../src/kernel/http-client.ts';
import { TaxiiClient } from '../../src/taxii/client/client.ts';
import type { PollState } from '../../src/taxii/client/position.ts';
import { Connection } from '../../src/taxii/client/connection.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, MEDIA, SETTINGS, WRITE_ONLY, keyOf, testHub, type TestHub } from '../support/hub.ts';

type Answer = (request: IncomingMessage, url: URL, response: ServerResponse) => void;

describe('a client for TAXII 2.1 servers in practice', () => {
  let server: Server;
  let answer: Answer = (_request, _url, response) => response.end();
  let base = '';
  let asked: URL[] = [];
  let odd: string[] = [];
  let waits: { readonly reason: string; readonly ms: number; readonly left: number }[] = [];
  const clock = new TestClock();

  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', base);
      asked.push(url);
      answer(request, url, response);
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
    waits = [];
  });

  const client = (): TaxiiClient =>
    new TaxiiClient(
      new Connection({
        http: createHttpClient({ allow: [new URL(base).host], userAgent: 'test' }),
        clock,
        credentials: { kind: 'bearer', token: 'k' },
        onOddity: (text) => odd.push(text),
        onWait: (wait) => waits.push(wait),
      }),
    );
  const poll = async (state: PollState = {}): Promise<{ texts: string[]; state: PollState }> => {
    const texts: string[] = [];
    let last = state;
    for await (const page of client().pages(`${base}/root/collections/c/`, state, { limit: 2 })) {
      texts.push(...page.texts);
      last = page.state;
    }
    return { texts, state: last };
  };
  const send = (
    response: ServerResponse,
    body: string,
    headers: Record<string, string> = {},
    status = 200,
  ): void => {
    response.writeHead(status, { 'Content-Type': MEDIA, ...headers });
    response.end(body);
  };
  const all = ['{"a": 1.50}', '{"b":2}', '{"c":"é"}', '{"d":4}', '{"e":5}'];
  const date = (i: number): string => `2026-01-01T00:00:00.00000${i}Z`;
  const dates = (from: number, to: number): Record<string, string> => ({
    'X-TAXII-Date-Added-First': date(from + 1),
    'X-TAXII-Date-Added-Last': date(to),
  });
  /** A page of the five objects after `from`, two at a time. */
  const page = (from: number, next: boolean): string => {
    const texts = all.slice(from, from + 2);
    const more = from + 2 < all.length;
    return `{${more ? `"more":true,${next ? `"next":"${from + 2}",` : ''}` : ''}"objects":[${texts.join(', ')}]}`;
  };
  const fromOf = (url: URL): number => {
    const next = url.searchParams.get('next');
    if (next !== null) return Number(next);
    const after = url.searchParams.get('added_after');
    return after === null ? 0 : Number(after.slice(-2, -1));
  };

  test('follows next, returns every object exactly as written, and saves the final state', async () => {
    answer = (_request, url, response) => {
      const from = fromOf(url);
      send(response, page(from, true), dates(from, Math.min(all.length, from + 2)));
    };
    const { texts, state } = await poll();
    expect(texts).toEqual(all);
    expect(state).toEqual({ addedAfter: date(5) });
    expect(odd).toEqual([]);
    expect(asked[0]?.searchParams.get('limit')).toBe('2');
  });

  test('continues from a saved state, also in the middle of a walk', async () => {
    answer = (_request, url, response) => {
      const from = fromOf(url);
      send(response, page(from, true), dates(from, Math.min(all.length, from + 2)));
    };
    expect((await poll({ addedAfter: date(2), next: '2' })).texts).toEqual(all.slice(2));
    expect((await poll({ addedAfter: date(4) })).texts).toEqual(all.slice(4));
    expect(await poll({ addedAfter: date(5) })).toEqual({ texts: [], state: { addedAfter: date(5) } });
  });

  test('a server without next is followed by its dates', async () => {
    answer = (_request, url, response) => {
      const from = fromOf(url);
      send(response, page(from, false), dates(from, Math.min(all.length, from + 2)));
    };
    expect((await poll()).texts).toEqual(all);
    expect(odd).toEqual(['the server sends no "next", so the poll continues by date added']);
  });

  test('an expired next is replaced by the date added', async () => {
    answer = (_request, url, response) => {
      if (url.searchParams.get('next') === '2' && asked.length === 1)
        send(response, '{"title":"unknown next"}', {}, 400);
      else {
        const from = fromOf(url);
        send(response, page(from, true), dates(from, Math.min(all.length, from + 2)));
      }
    };
    // Objects with the date of the last received object are sent again, because more objects may have that date.
    expect((await poll({ addedAfter: date(2), next: '2' })).texts).toEqual(all.slice(1));
    expect(odd).toHaveLength(1);
  });

  /**
   * A server like medallion: one date for all objects of an envelope, and a `next` that needs the same parameters and a
   * limit.
   */
  const likeMedallion =
    (stamps: readonly number[], options: { next: boolean; forgets?: number }): Answer =>
    (_request, url, response) => {
      const after = url.searchParams.get('added_after');
      const from = after === null ? -1 : Number(after.slice(-7, -1));
      const next = url.searchParams.get('next');
      const [place, base] = next?.split('/').map(Number) ?? [0, from];
      if (
        next !== null &&
        (base !== from || !url.searchParams.has('limit') || asked.length === options.forgets)
      ) {
        send(response, '{"title":"params changed over subsequent transaction"}', {}, 400);
        return;
      }
      const rest = all.map((text, i) => ({ text, at: stamps[i] ?? 0 })).filter(({ at }) => at > from);
      const shown = rest.slice(place ?? 0, (place ?? 0) + Number(url.searchParams.get('limit') ?? 2));
      const end = (place ?? 0) + shown.length;
      const more = end < rest.length;
      const stamp = (at = 0): string => `2026-01-01T00:00:00.${String(at).padStart(6, '0')}Z`;
      send(
        response,
        `{${more ? `"more":true,${options.next ? `"next":"${end}/${from}",` : ''}` : ''}"objects":[${shown.map(({ text }) => text).join(',')}]}`,
        shown.length === 0
          ? {}
          : {
              'X-TAXII-Date-Added-First': stamp(shown[0]?.at),
              'X-TAXII-Date-Added-Last': stamp(shown.at(-1)?.at),
            },
      );
    };
  const walk = async (limit: number | undefined, state: PollState = {}): Promise<string[]> => {
    const texts: string[] = [];
    for await (const { texts: some } of client().pages(
      `${base}/root/collections/c/`,
      state,
      limit === undefined ? {} : { limit },
    ))
      texts.push(...some);
    return texts;
  };

  test('no object is lost if many have the same date, whatever the page size', async () => {
    for (const stamps of [
      [5, 5, 5, 5, 5],
      [1, 5, 5, 5, 9],
      [1, 2, 2, 2, 2],
      [1, 2, 3, 4, 5],
    ])
      for (const limit of [1, 2, 3, undefined]) {
        asked = [];
        answer = likeMedallion(stamps, { next: true });
        expect(await walk(limit)).toEqual(all);
        expect(await walk(limit, { addedAfter: '2025-12-31T00:00:00.000001Z' })).toEqual(all.filter((_t, i) => (stamps[i] ?? 0) > 1)); // prettier-ignore
        expect(odd).toEqual([]);
      }
  });

  test('without a valid next, more objects with one date than fit on a page are reported and not skipped', async () => {
    answer = likeMedallion([1, 5, 5, 5, 9], { next: false });
    expect(await walk(4)).toEqual(all);
    for (const limit of [1, 2])
      await expect(walk(limit)).rejects.toMatchObject({
        code: 'TLN-E-019',
        hint: expect.stringContaining('--limit'),
      });
    answer = likeMedallion([1, 2, 3, 4, 5], { next: false });
    for (const limit of [1, 2, 3]) expect(await walk(limit)).toEqual(all);
    asked = [];
    answer = likeMedallion([1, 5, 5, 8, 9], { next: true, forgets: 2 });
    expect(await walk(3)).toEqual(all);
    asked = [];
    answer = likeMedallion([5, 5, 5, 5, 5], { next: true, forgets: 2 });
    expect(await walk(3)).toEqual(all);
    answer = (request, url, response) => {
      if (url.searchParams.has('next')) send(response, '{"title":"gone"}', {}, 404);
      else likeMedallion([5, 5, 5, 5, 5], { next: true })(request, url, response);
    };
    await expect(walk(3)).rejects.toMatchObject({ code: 'TLN-E-404' });
  });

  test('the state of a walk contains its start once the server has shown that its next is stable', async () => {
    answer = likeMedallion([1, 2, 3, 4, 5], { next: true });
    const states: PollState[] = [];
    const began = { addedAfter: '2025-12-31T00:00:00.000000Z' };
    for await (const { state } of client().pages(`${base}/root/collections/c/`, began, { limit: 1 }))
      states.push(state);
    const stamp = (i: number): string => `2026-01-01T00:00:00.00000${i}Z`;
    expect(states).toEqual([
      { addedAfter: stamp(0) },
      ...[2, 3, 4].map((i) => ({ addedAfter: stamp(i), next: `${i}/0`, from: began.addedAfter })),
      { addedAfter: stamp(5) },
    ]);
    for (const [i, state] of states.entries()) {
      asked = [];
      expect(await walk(2, state)).toEqual(all.slice(i === 0 ? 0 : i + 1));
    }
    expect(odd).toEqual([]);
  });

  test('a server that keeps the cursor itself under one next is read completely, and its next is not saved', async () => {
    let place = 0;
    answer = (_request, url, response) => {
      if (!url.searchParams.has('next')) place = 0;
      const shown = all.slice(place, (place += 2));
      const more = place < all.length;
      send(response, `{${more ? '"more":true,"next":"session",' : ''}"objects":[${shown.join(',')}]}`, {
        'X-TAXII-Date-Added-Last': date(7),
      });
    };
    expect(await walk(2)).toEqual(all);
    for await (const { state } of client().pages(`${base}/root/collections/c/`, {}, { limit: 2 })) {
      expect(state).toEqual({ addedAfter: place < all.length ? date(6) : date(7) });
    }
  });

  test('a version that the server reports as a failure because it has it already counts as a success', async () => {
    const objects = [anIndicator(), anIndicator(), anIndicator(), anIndicator()];
    answer = (request, url, response) => {
      if (request.method === 'POST')
        send(
          response,
          JSON.stringify({
            id: 'x', status: 'complete', total_count: 4, success_count: 1, failure_count: 3,
            failures: objects.slice(1).map((object) => ({ id: object['id'], version: object['modified'], message: 'Unable to process object' })),
          }), // prettier-ignore
          {},
          202,
        );
      else if (url.pathname.includes(String(objects[1]?.['id'])))
        send(response, JSON.stringify({ objects: [{ x: 1 }, objects[1]] }));
      else if (url.pathname.includes(String(objects[3]?.['id'])))
        send(response, JSON.stringify({ objects: [{ ...objects[3], name: 'Other' }] }));
      else send(response, '{"title":"not here"}', {}, 404);
    };
    const collection = { id: 'c', title: 'C', alias: undefined, canRead: true, canWrite: true, url: `${base}/root/collections/c/`, maxContentLength: 10_000 }; // prettier-ignore
    const texts = objects.map((object) => JSON.stringify(object));
    const wait = (): Promise<void> => Promise.resolve();
    expect(await client().push(collection, texts, wait)).toMatchObject({
      total: 4,
      successes: 2,
      failures: [{ id: objects[2]?.['id'] }, { id: objects[3]?.['id'] }],
    });
    expect(await client().push({ ...collection, canRead: false }, texts, wait)).toMatchObject({
      successes: 1,
    });
  });

  test.each([
    ['the same page with the same next', () => page(0, true), 'TLN-E-018'],
    [
      'the same page with a new next each time',
      () => page(0, true).replace('"next":"2"', `"next":"n${asked.length}"`),
      'TLN-E-018',
    ],
    ['more, without next and dates', () => page(0, false), 'TLN-E-014'],
    ['empty pages forever', () => `{"more":true,"next":"n${asked.length}"}`, 'TLN-E-013'],
    [
      'a circle of two pages',
      () =>
        asked.length % 2 === 0
          ? '{"more":true,"next":"a","objects":[{"x":1}]}'
          : '{"more":true,"next":"b","objects":[{"y":1}]}',
      'TLN-E-018',
    ],
  ])('%s: the walk ends with a reason', async (_name, body, code) => {
    answer = (_request, _url, response) => send(response, body());
    await expect(poll()).rejects.toMatchObject({ kind: 'peer', code });
    expect(asked.length).toBeLessThan(12);
  });

  test('a wrong media type, a bundle and gzip are accepted and reported', async () => {
    answer = (_request, _url, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' });
      response.end(gzipSync(`{"type":"bundle","id":"bundle--x","objects":[${all.join(',')}]}`));
    };
    expect((await poll()).texts).toEqual(all);
    expect(odd).toEqual([
      expect.stringContaining('"application/json" instead of'),
      'the server sends bundles instead of envelopes',
      expect.stringContaining('no dates added'),
    ]);
  });

  test('a web page, a response that is not JSON and a refusal have distinct errors', async () => {
    answer = (_request, _url, response) => {
      response.writeHead(200, { 'Content-Type': MEDIA });
      response.end('<!DOCTYPE html><title>Sign in</title>');
    };
    await expect(poll()).rejects.toMatchObject({ code: 'TLN-E-011' });
    answer = (_request, _url, response) => send(response, '{"objects":[');
    await expect(poll()).rejects.toMatchObject({ code: 'TLN-E-023' });
    answer = (_request, _url, response) => send(response, '{"title":"No grant"}', {}, 403);
    await expect(poll()).rejects.toMatchObject({ kind: 'forbidden', description: 'No grant' });
  });

  test('waits as long as the server requests, and retries after a broken connection', async () => {
    let tries = 0;
    answer = (_request, _url, response) => {
      tries++;
      if (tries === 1) send(response, '{}', { 'Retry-After': '120' }, 429);
      else if (tries === 2) {
        response.writeHead(200, { 'Content-Type': MEDIA, 'Content-Length': '1000' });
        response.write('{"objects":[');
        response.destroy();
      } else send(response, `{"objects":[${all.join(',')}]}`, dates(0, 5));
    };
    const before = clock.monotonic();
    expect((await poll()).texts).toEqual(all);
    expect(tries).toBe(3);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(120_000);
    // A person learns the reason of each wait and its end.
    expect(waits).toEqual([
      { reason: expect.stringContaining('asks to wait (status 429)'), ms: 120_000, left: 3 },
      { reason: expect.any(String), ms: 4_000, left: 2 },
    ]);
  });

  test('does not wait for hours in silence: it reports when the server accepts requests again', async () => {
    answer = (_request, _url, response) =>
      send(response, '{"title":"The quota of the day is used up"}', { 'Retry-After': '49751' }, 429);
    const before = clock.monotonic();
    await expect(poll()).rejects.toMatchObject({
      kind: 'rate-limited',
      code: 'TLN-E-429',
      title: expect.stringMatching(/accepts no further requests for 14 hours \(status 429\)$/),
      description: 'The quota of the day is used up',
      // The server accepts requests again 15 s after 01:51.
      hint: expect.stringContaining('after 2026-01-16 01:52 UTC.'),
    });
    expect([asked.length, clock.monotonic() - before, waits]).toEqual([1, 0, []]);
  });
});

describe('the client and a hub', () => {
  let t: TestHub;
  let server: Server;
  let base = '';
  beforeAll(async () => {
    t = await testHub(SETTINGS);
    server = createServer(t.hub.app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await t.stop();
  });
  const as = (account: string): TaxiiClient =>
    new TaxiiClient(
      new Connection({
        http: createHttpClient({ allow: [new URL(base).host], userAgent: 'test' }),
        clock: new TestClock(),
        credentials: { kind: 'bearer', token: keyOf(account) },
      }),
    );

  test('finds collections from discovery, API root and collection, and polls pushed objects byte for byte', async () => {
    const writer = as('writer');
    const found = await writer.collections(`${base}/taxii2/`);
    expect(found.map(({ id, canRead, canWrite }) => [id, canRead, canWrite])).toEqual(
      expect.arrayContaining([
        [MAIN, true, true],
        [WRITE_ONLY, false, true],
      ]),
    );
    expect(await writer.collections(`${base}/main/`)).toHaveLength(found.length);
    const [main] = await writer.collections(`${base}/main/collections/${MAIN}`);
    if (main === undefined) throw new Error('no collection');
    expect(main).toMatchObject({ id: MAIN, alias: 'indicators', maxContentLength: 1_048_576 });
    const texts = Array.from({ length: 25 }, (_, i) => JSON.stringify(anIndicator({ x_n: i }), null, i % 3));
    const outcome = await writer.push(main, [...texts, JSON.stringify(anIndicator({ pattern: '[' }))], () =>
      Promise.resolve(),
    );
    expect(outcome).toMatchObject({
      total: 26,
      successes: 25,
      failures: [{ message: expect.stringContaining('P-') }],
    });
    const seen: string[] = [];
    let state: PollState = {};
    for await (const page of as('reader').pages(
      main.url,
      {},
      { limit: 7, filters: { 'match[type]': 'indicator' } },
    )) {
      seen.push(...page.texts);
      ({ state } = page);
    }
    expect(seen).toEqual(texts);
    await writer.push(main, [JSON.stringify(anIndicator())], () => Promise.resolve());
    const more: Json[] = [];
    for await (const page of as('reader').pages(main.url, state))
      more.push(...page.texts.map((text) => JSON.parse(text) as Json));
    expect(more).toHaveLength(1);
  });
});
