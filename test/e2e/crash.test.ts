import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { folder, startHub, type RunningHub } from '../support/program.ts';

const MEDIA = 'application/taxii+json;version=2.1';
const ID = '1a0dd3f9-b485-46e6-91a1-8d9e0f1a2b32';
const KEY = 'a-key-for-crashes-0123456789abcdef0123456789';
const ROUNDS = 4;
const WRITERS = 4;
const ACKNOWLEDGED_PER_ROUND = 60;

test('killed again and again while four write and one polls: nothing acknowledged is lost, changed, missed or doubled', async () => {
  const here = folder();
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `collections: [{ id: ${ID}, api_root: main, alias: c, title: C, grants: [{ to: "account:a", read: true, write: true }] }]
members: [{ name: tonga, domains: [evil.example], collection: { id: 2b1ee4fa-c596-47f7-82b2-9e0f1a2b3c43, api_root: main } }]
accounts: [{ name: a, role: machine, key_env: CRASH_KEY }, { name: t, role: machine, member: tonga, key_env: TONGA_KEY }]
`,
  );
  const tongaKey = `${KEY}-tonga`;
  const start = () =>
    startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], {
      CRASH_KEY: KEY,
      TONGA_KEY: tongaKey,
    });
  let hub: RunningHub | undefined = await start();
  const acknowledged = new Map<string, Json>();
  const seen = new Map<string, Json>();
  let doubled = 0;
  const state = { over: false };
  let after = '1970-01-01T00:00:00Z';

  /** A request to whatever hub runs; undefined when it was killed under it. */
  const call = async (
    path: string,
    body?: unknown,
    key = KEY,
  ): Promise<{ status: number; page: Json; last: string | null } | undefined> => {
    const now = hub;
    if (now === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      return undefined;
    }
    try {
      const response = await fetch(`${now.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          Accept: MEDIA,
          Authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'Content-Type': MEDIA }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        page: (await response.json()) as Json,
        last: response.headers.get('x-taxii-date-added-last'),
      };
    } catch {
      return undefined;
    }
  };
  const objectsPath = `/main/collections/${ID}/objects/`;
  const poll = async (): Promise<number> => {
    const answer = await call(`${objectsPath}?limit=25&added_after=${after}`);
    const objects = (answer?.page['objects'] as Json[] | undefined) ?? [];
    for (const object of objects) {
      if (seen.has(String(object['id']))) doubled++;
      seen.set(String(object['id']), object);
    }
    if (answer?.last !== null && answer?.last !== undefined && objects.length > 0) after = answer.last;
    return objects.length;
  };
  const writer = async (n: number): Promise<void> => {
    for (let i = 0; !state.over; i++) {
      const objects = Array.from({ length: 1 + ((i + n) % 12) }, () =>
        anIndicator({ pattern: "[domain-name:value = 'www.evil.example']" }),
      );
      const answer = await call(objectsPath, { objects });
      if (answer?.status === 202 && answer.page['success_count'] === objects.length) {
        for (const object of objects) acknowledged.set(String(object['id']), object);
      }
    }
  };
  const poller = async (): Promise<void> => {
    while (!state.over) await poll();
  };
  const work = Promise.all([...Array.from({ length: WRITERS }, (_, n) => writer(n)), poller()]);

  for (let round = 0; round < ROUNDS; round++) {
    const target = acknowledged.size + ACKNOWLEDGED_PER_ROUND;
    while (acknowledged.size < target) await new Promise((resolve) => setImmediate(resolve));
    const killed = hub;
    hub = undefined;
    await killed.stop('SIGKILL');
    hub = await start();
  }
  state.over = true;
  await work;
  while ((await poll()) > 0);
  expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED_PER_ROUND);
  expect([...acknowledged.keys()].filter((id) => !seen.has(id))).toEqual([]);
  expect(
    [...acknowledged].filter(([id, object]) => JSON.stringify(seen.get(id)) !== JSON.stringify(object)),
  ).toEqual([]);
  expect(doubled).toBe(0);

  // Routing was killed with the rest, and its cursor has lost and doubled nothing either.
  const routed = new Set<string>();
  for (let tries = 0; tries < 5_000 && routed.size < seen.size; tries++) {
    routed.clear();
    let next: string | undefined;
    do {
      const page =
        (
          await call(
            `/main/collections/2b1ee4fa-c596-47f7-82b2-9e0f1a2b3c43/objects/?limit=1000${next === undefined ? '' : `&next=${next}`}`,
            undefined,
            tongaKey,
          )
        )?.page ?? {};
      for (const object of (page['objects'] as Json[] | undefined) ?? []) {
        expect(routed.has(String(object['id']))).toBe(false);
        routed.add(String(object['id']));
      }
      next = page['next'] as string | undefined;
    } while (next !== undefined);
  }
  expect(routed.size).toBe(seen.size);
  await hub.stop();
  here.remove();
}, 120_000);
