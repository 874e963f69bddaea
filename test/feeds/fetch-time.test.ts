// A source that answers slowly, within the limits of each request, cannot keep a run going for hours.
import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TransportSpec } from '../../src/config/settings.ts';
import { fetchFeed } from '../../src/feeds/transports/fetch.ts';
import type { Cursor, Fetched } from '../../src/feeds/transports/transport.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { TestClock } from '../support/clock.ts';

const spool = mkdtempSync(join(tmpdir(), 'talanoa-time-'));
afterAll(() => rmSync(spool, { recursive: true }));

const uuids = [3, 4, 5].map((n) => `11111111-2222-4333-8444-00000000000${n}`);
const indicator = (n: number) => ({ type: 'indicator', id: `indicator--${uuids[n]}`, spec_version: '2.1' });

/** Answers of a source with three files, pages or objects, by URL. */
const ANSWERS: Readonly<Record<string, (url: URL) => unknown>> = {
  pages: (url) => ({ total: 3, items: [{ host: `n${url.searchParams.get('o') ?? 0}` }] }),
  index: ({ pathname }) =>
    pathname.endsWith('/manifest.json')
      ? Object.fromEntries(uuids.map((uuid, n) => [uuid, { info: 'x', timestamp: `179568000${n}` }]))
      : { Event: { uuid: pathname.slice(-41, -5), info: 'x' } },
  taxii21: (url) => {
    const n = Number(url.searchParams.get('next') ?? 0);
    return { more: n < 2, ...(n < 2 ? { next: String(n + 1) } : {}), objects: [indicator(n)] };
  },
};

/** Fetches from a source, each answer of which takes 16 minutes. Returns the result and the number of requests. */
async function slowly(kind: string, transport: TransportSpec, cursor: Cursor): Promise<[Fetched, number]> {
  const clock = new TestClock('2026-11-28T12:00:00.000Z');
  let asked = 0;
  const http: HttpClient = {
    fetch: ({ url }) => {
      asked++;
      clock.advance(16 * 60_000);
      const body = JSON.stringify(ANSWERS[kind]?.(new URL(url)));
      const headers = { 'content-type': 'application/taxii+json;version=2.1' };
      return Promise.resolve({
        status: 200,
        headers,
        url,
        body: Readable.from([body], { objectMode: false }),
      });
    },
    resolve: () => Promise.reject(new Error('there is no other protocol here')),
  };
  const fetched = await fetchFeed(transport, {
    http,
    clock,
    pause: () => Promise.resolve(),
    spool,
    name: 'slow',
    cursor,
    secret: () => undefined,
    signal: new AbortController().signal,
  });
  return [fetched, asked];
}

test.each<[string, TransportSpec, first: number, then: number]>([
  ['pages', { kind: 'https', url: 'https://feed.example/p', paging: { kind: 'offset', parameter: 'o', size: 1, total: 'total', items: 'items' } }, 2, 1],
  // The index itself is a request as well.
  ['index', { kind: 'index', index: 'misp', url: 'https://feed.example/', since_days: 90 }, 2, 2],
  ['taxii21', { kind: 'taxii21', url: 'https://feed.example/c/' }, 2, 1],
])('%s: after 30 minutes no further request starts, and the next run continues', async (kind, transport, first, then) => {
  const [begun, asked] = await slowly(kind, transport, {});
  expect(asked).toBe(first);
  expect(begun.incomplete ?? begun.oddities.join()).toContain('30 minutes');
  const [next, more] = await slowly(kind, transport, begun.cursor);
  expect(more).toBe(then);
  expect(next.unchanged).toBe(false);
}); // prettier-ignore
