// A source that answers slowly, within the limits of each request, cannot keep a run going for hours.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TransportSpec } from '../../src/config/settings.ts';
import { fetchFeed } from '../../src/feeds/transports/fetch.ts';
import type { Cursor, Fetched } from '../../src/feeds/transports/transport.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { TestClock } from '../support/clock.ts';
import { mailbox } from '../support/mail-servers.ts';

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
  taxii20: () => ({ type: 'bundle', objects: [indicator(0)] }),
};

/** The parts of a TAXII 1.1 response that always announces one more part. */
const PART = `<t:Poll_Response xmlns:t="http://taxii.mitre.org/messages/taxii_xml_binding-1.1" more="true" result_id="1" result_part_number="1"/>`;

/** Fetches from a source, each response of which takes 16 minutes. Returns the result and the number of requests. */
async function slowly(kind: string, transport: TransportSpec, cursor: Cursor): Promise<[Fetched, number]> {
  const clock = new TestClock('2026-11-28T12:00:00.000Z');
  let asked = 0;
  const http: HttpClient = {
    fetch: ({ url }) => {
      asked++;
      clock.advance(16 * 60_000);
      const body = kind === 'taxii11' ? PART : JSON.stringify(ANSWERS[kind]?.(new URL(url)));
      const headers = {
        'content-type': 'application/taxii+json;version=2.1',
        ...(kind === 'taxii20' ? { 'content-range': `items ${asked - 1}-${asked - 1}/3`, 'x-taxii-date-added-last': '2026-11-01T00:00:00.000Z' } : {}),
      }; // prettier-ignore
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
  // The server counts from the date of the last run.
  ['taxii20', { kind: 'taxii20', url: 'https://feed.example/c/' }, 2, 2],
])('%s: after 30 minutes no further request starts, and the next run continues', async (kind, transport, first, then) => {
  const [begun, asked] = await slowly(kind, transport, {});
  expect(asked).toBe(first);
  expect(begun.incomplete ?? begun.oddities.join()).toContain('30 minutes');
  const [next, more] = await slowly(kind, transport, begun.cursor);
  expect(more).toBe(then);
  expect(next.unchanged).toBe(false);
}); // prettier-ignore

test('taxii11: a response whose parts take longer than 30 minutes is not read in part', async () => {
  const transport: TransportSpec = { kind: 'taxii11', url: 'https://feed.example/poll', collection: 'c' };
  await expect(slowly('taxii11', transport, {})).rejects.toMatchObject({
    failure: 'limits',
    message: expect.stringContaining('30 minutes') as unknown,
  });
});

describe('a mailbox', () => {
  const letter = (n: number): string =>
    `From: cert@partner.example\r\nMessage-ID: <${n}@partner.example>\r\nSubject: report ${n}\r\nContent-Type: text/csv; name="r${n}.csv"\r\nContent-Disposition: attachment; filename="r${n}.csv"\r\n\r\nip\r\n45.130.1.${n}\r\n`;
  const transport = (port: number): TransportSpec => ({
    kind: 'imap', url: `imap://mail.partner.example:${port}/INBOX`, senders: ['cert@partner.example'], auth: { kind: 'basic', username: 'hub', secret: 'secret:mail' },
  }); // prettier-ignore
  const read = (port: number, cursor: Cursor, clock: TestClock): Promise<Fetched> =>
    fetchFeed(transport(port), {
      http: {
        fetch: () => Promise.reject(new Error('there is no HTTP here')),
        resolve: () => Promise.resolve({ address: '127.0.0.1', family: 4, inner: true }),
      },
      clock, pause: () => Promise.resolve(), spool, name: 'mail', cursor, secret: () => 'the-password', signal: new AbortController().signal,
    }); // prettier-ignore

  test('that takes longer than 30 minutes to read is continued by the next run, and no email is skipped', async () => {
    const clock = new TestClock('2026-11-28T12:00:00.000Z');
    // The time passes before the first email: with a search in a large mailbox, or at sign-in.
    let late = true;
    const server = await mailbox('the-password', (command) => {
      if (late && /^UID SEARCH/i.test(command)) clock.advance(31 * 60_000);
    });
    try {
      server.put(letter(1));
      server.put(letter(2));
      const first = await read(server.port, {}, clock);
      expect([first.files, first.unchanged, first.incomplete]).toEqual([[], false, expect.stringContaining('more emails')]); // prettier-ignore
      late = false;
      const next = await read(server.port, first.cursor, clock);
      expect([next.files.map(({ name }) => name), next.incomplete]).toEqual([
        ['r1.csv', 'r2.csv'],
        undefined,
      ]);
    } finally {
      await server.close();
    }
  });
});
