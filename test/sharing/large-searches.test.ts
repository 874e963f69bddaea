import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { PAGE_BYTES, type PlacedPage, type Store } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const MIB = 1_048_576;
const MOST_READ = 64 * MIB;
/** Number of objects of 6 million characters, which are together larger than what a search reads. */
const OBJECTS = 13;
const SEARCH = '/search?q=large.atoll-bank.com';

/** Characters that the store has returned for places, one number per reading. */
let readings: number[] = [];
/** Readings wait for this. */
let gate: Promise<void> | undefined;
let t: TestHub;
const folder = mkdtempSync(join(tmpdir(), 'talanoa-large-'));

beforeAll(async () => {
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const value: unknown = target[name];
      if (typeof value !== 'function') return value;
      if (name !== 'placed') return value.bind(target) as unknown;
      return async (...places: Parameters<Store['placed']>): Promise<PlacedPage> => {
        await gate;
        const page = await target.placed(...places);
        readings.push(page.entries.reduce((sum, { text }) => sum + text.length, 0));
        return page;
      };
    },
  });
  t = await testHub(SETTINGS.replaceAll('1048576', '104857600'), { store });
  const texts = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`x_text_${i}`, 'x'.repeat(1_000_000)]),
  );
  for (let i = 0; i < OBJECTS; i++) {
    const object = anIndicator({
      pattern: `[domain-name:value = 'n${i}.large.atoll-bank.com']`,
      labels: [i < 2 ? 'few' : 'many'],
      ...texts,
    });
    const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [object] });
    expect(body).toMatchObject({ success_count: 1 });
  }
  // Each request adds a few pages to the index.
  for (let tries = 0; tries < 20 && (await searched(SEARCH)).body['complete'] !== true; tries++);
});
afterAll(async () => {
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

const searched = async (path: string) => {
  readings = [];
  return t.api('reader', 'GET', path);
};
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

test('a search reads a limited size of objects, the newest ones, and reports that there are more', async () => {
  const { body } = await searched(`${SEARCH}&limit=1`);
  const total = Number(body['total']);
  expect([body['complete'], body['capped']]).toEqual([true, true]);
  // Objects of 6 million characters come one per page, and the one on the page of results once more.
  expect(total).toBe(Math.ceil(MOST_READ / 6_000_000));
  expect(readings).toHaveLength(total + 1);
  expect(sum(readings)).toBeLessThanOrEqual(MOST_READ + 2 * PAGE_BYTES);
  expect((body['items'] as Json[])[0]?.['value']).toBe(`n${OBJECTS - 1}.large.atoll-bank.com`);
});

test('a page of results reads the objects of that page only', async () => {
  const all = await searched(`${SEARCH}&limit=1`);
  const first = readings.length;
  await searched(`${SEARCH}&limit=3&offset=4`);
  expect(readings).toHaveLength(first + 2);
  await searched(`${SEARCH}&offset=${String(all.body['total'])}`);
  expect(readings).toHaveLength(first - 1);
});

test('an export that is too large is refused before its objects are read', async () => {
  await searched(`${SEARCH}&limit=1`);
  const first = readings.length;
  const { status, body } = await searched('/search/bundle?q=large.atoll-bank.com');
  expect([status, body['code']]).toEqual([422, 'TLN-X-425']);
  expect(readings).toHaveLength(first - 1);
});

test('an account has few searches at once, and another account has its own', async () => {
  let open = (): void => undefined;
  gate = new Promise((resolve) => (open = resolve));
  const running = Array.from({ length: 6 }, () => t.api('reader', 'GET', `${SEARCH}&limit=1`));
  const refused = await Promise.race(running);
  expect([refused.status, refused.body['code'], refused.headers['retry-after']]).toEqual([429, 'TLN-X-426', '2']);
  const other = t.api('writer', 'GET', `${SEARCH}&limit=1`);
  open();
  gate = undefined;
  const statuses = (await Promise.all(running)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(4);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect((await other).status).toBe(200);
  expect((await searched(`${SEARCH}&limit=1`)).status).toBe(200);
}); // prettier-ignore

test('an export counts until a slow client has received it or has gone', async () => {
  const server = t.hub.app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Two objects of 6 million characters, which the buffers of a connection cannot hold.
  const path = '/api/v1/search/bundle?q=large.atoll-bank.com&label=few';
  const headers = { Authorization: `Bearer ${keyOf('reader')}` };
  const clients = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = request({ port, path, headers, agent: false }).end();
      const [response] = (await once(client, 'response')) as [{ readonly statusCode: number }];
      expect(response.statusCode).toBe(200);
      return client;
    }),
  );
  expect((await t.api('reader', 'GET', `${SEARCH}&limit=1`)).status).toBe(429);
  for (const client of clients) {
    client.destroy();
    await once(client, 'close');
  }
  const status = async (): Promise<number> => (await t.api('reader', 'GET', `${SEARCH}&limit=1`)).status;
  for (let tries = 0; tries < 50 && (await status()) !== 200; tries++);
  expect(await status()).toBe(200);
  server.close();
});
