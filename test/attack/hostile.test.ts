import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exchange, faultOf, hostileRequests, type HostileSite } from '../../bench/hostile-corpus.mjs';
import { anIndicator } from '../support/builders.ts';
import { folder, startHub, taxii, type RunningHub } from '../support/program.ts';

const here = folder();
const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const KEY = 'a-key-of-a-peer-0123456789abcdef0123456789';
const BOSS = 'a-key-of-the-boss-0123456789abcdef0123456789';
let hub: RunningHub;

beforeAll(async () => {
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [{ to: "account:peer", read: true, write: true }] }]
members: [{ name: tonga }]
accounts: [{ name: peer, role: machine, key_env: KEY }, { name: boss, role: administrator, key_env: BOSS }]
`,
  );
  const uri = (process.env['MONGODB_TEST_URI'] ?? '').replace(/\/+$/, '');
  const store: Record<string, string> = uri === '' ? {} : { MONGODB_URI: `${uri}/hostile_${randomUUID().slice(0, 8)}` }; // prettier-ignore
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], { KEY, BOSS, ...store }); // prettier-ignore
}, 60_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

test('every hostile request is refused or harmless, in the format of its path, and the hub continues as before', async () => {
  const objects = `${hub.url}/main/collections/${ID}/objects/`;
  const good = [anIndicator(), anIndicator()];
  expect((await taxii(objects, KEY, { objects: good })).body).toMatchObject({ success_count: 2 });
  const { next } = (await taxii(`${objects}?limit=1`, KEY)).body;
  const api = (await (await fetch(`${hub.url}/api/openapi.json`)).json()) as HostileSite['api'];
  const cases = hostileRequests({ collection: ID, peer: KEY, account: 'peer', boss: BOSS, origin: hub.url, next: String(next), api }); // prettier-ignore
  const kinds = new Map<string, number>();
  for (const { kind } of cases) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  expect(cases.length).toBeGreaterThan(854);
  expect(kinds.size).toBeGreaterThan(20);
  const wrong: string[] = [];
  const waiting = cases.values();
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (const one of waiting) {
        const answer = await exchange(hub.port, one.bytes);
        const fault = faultOf(one, answer);
        if (fault !== undefined) wrong.push(`${one.kind}: ${one.name.slice(0, 150)}: ${fault}: ${(answer ?? '').slice(0, 300)}`); // prettier-ignore
      }
    }),
  );
  expect(wrong).toEqual([]);
  const { body } = await taxii(`${objects}?match[id]=${good.map(({ id }) => String(id)).join(',')}`, KEY);
  expect(body['objects']).toEqual(good);
  expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
  expect(hub.errors.join('')).not.toContain('"level":"error"');
}, 600_000);
