import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { PAGE_BYTES, type Store } from '../../src/store/store.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/** The largest number of characters that one reading of the store has returned. */
let most = 0;
let t: TestHub;
const folder = mkdtempSync(join(tmpdir(), 'talanoa-large-'));

beforeAll(async () => {
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const value: unknown = target[name];
      if (typeof value !== 'function') return value;
      if (name !== 'placed' && name !== 'entries') return value.bind(target) as unknown;
      return async (...values: never[]) => {
        const answer = (await (value as (...given: never[]) => Promise<unknown>).apply(target, values)) as {
          entries: readonly { readonly text?: string }[];
        };
        most = Math.max(
          most,
          answer.entries.reduce((sum, { text = '' }) => sum + text.length, 0),
        );
        return answer;
      };
    },
  });
  t = await testHub(SETTINGS.replaceAll('1048576', '104857600'), { store });
});
afterAll(async () => {
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('many large objects never come from the store at once, and nothing that is derived from them is missing', async () => {
  const text = 'x'.repeat(1_000_000);
  const texts = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`x_text_${i}`, text]));
  const hosts = Array.from({ length: 8 }, (_, i) => `45.9.30.${i}`);
  const all: Json[] = hosts.map((host) =>
    anIndicator({ pattern: `[ipv4-addr:value = '${host}']`, name: 'a large reef', valid_until: '2099-01-01T00:00:00Z', ...texts }),
  );
  for (const object of all)
    expect((await t.as('writer').post(objectsOf(MAIN), { objects: [object] })).body).toMatchObject({ success_count: 1 });
  most = 0;
  const searched = () => t.api('reader', 'GET', '/objects?q=a%20large%20reef&limit=100');
  // Each request adds a few pages to the index, and reports whether the index is complete.
  for (let tries = 0; tries < 20 && (await searched()).body['complete'] !== true; tries++);
  const list = await searched();
  expect(new Set((list.body['items'] as Json[]).map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
  expect(list.body['items']).toHaveLength(hosts.length);
  const { body: overview } = await t.api('reader', 'GET', '/overview');
  expect(overview['items']).toHaveLength(hosts.length);
  const connected = () => t.api('reader', 'GET', '/list-tools/paloalto?collection=indicators');
  // Each request reads a few pages, so a collection of large objects needs several.
  for (let tries = 0; tries < 20 && (await connected()).status === 503; tries++);
  expect((await connected()).body['entries']).toBe(hosts.length);
  expect(await t.as('writer').delete(`${objectsOf(MAIN)}${String(all[0]?.['id'])}/`)).toMatchObject({ status: 200 });
  await t.hub.housekeeping.tidy();
  expect((await t.api('reader', 'GET', '/objects?q=a%20large%20reef&limit=100')).body['items']).toHaveLength(hosts.length - 1);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(PAGE_BYTES);
}); // prettier-ignore
