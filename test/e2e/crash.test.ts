import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { folder, startHub, taxii, type RunningHub } from '../support/program.ts';

const ID = '1a0dd3f9-b485-46e6-91a1-8d9e0f1a2b32';
const OF_TONGA = '2b1ee4fa-c596-47f7-82b2-9e0f1a2b3c43';
const KEY = 'a-key-for-crashes-0123456789abcdef0123456789';
const TONGA_KEY = `${KEY}-tonga`;
const WRITERS = 8;
const SETTINGS = `collections: [{ id: ${ID}, api_root: main, alias: c, title: C, grants: [{ to: "account:a", read: true, write: true }] }]
members: [{ name: tonga, domains: [evil.example], collection: { id: ${OF_TONGA}, api_root: main } }]
accounts: [{ name: a, role: machine, key_env: CRASH_KEY }, { name: t, role: machine, member: tonga, key_env: TONGA_KEY }]
`;

const mongo = process.env['MONGODB_TEST_URI'] ?? '';
/** Name, processes, rounds, acknowledged objects required per round, environment. CI runs more rounds. */
const stores: [string, number, number, number, Record<string, string>][] = [];
if (mongo === '') stores.push(['the embedded store', 1, Number(process.env['CRASH_ROUNDS'] ?? 4), 60, {}]);
else
  stores.push([
    'MongoDB, two processes of which one is killed',
    2,
    Number(process.env['CRASH_ROUNDS_MONGO'] ?? 3),
    100,
    { MONGODB_URI: `${mongo.replace(/\/+$/, '')}/crash_${randomUUID().slice(0, 8)}` },
  ]);

interface Answer {
  readonly status: number;
  readonly page: Json;
  readonly last: string | null;
}

/** A poller. Its state is outside the hubs, so it can continue at any hub that responds. */
interface Poller {
  readonly byNext: boolean;
  after: string;
  next: string | undefined;
  readonly seen: Map<string, Json>;
  readonly doubled: string[];
}

describe.each(stores)(
  'a hub that is killed repeatedly, on %s',
  (_name, processes, rounds, perRound, environment) => {
    const here = folder();
    const hubs: (RunningHub | undefined)[] = [];
    const config = join(here.path, 'talanoa.yaml');
    const start = (i: number): Promise<RunningHub> =>
      startHub(['--config', config, '--data', join(here.path, `data${i}`), '--no-feeds'], {
        CRASH_KEY: KEY,
        TONGA_KEY,
        ...environment,
      });
    beforeAll(async () => {
      writeFileSync(config, SETTINGS);
      for (let i = 0; i < processes; i++) hubs.push(await start(i));
    }, 60_000);
    afterAll(async () => {
      for (const hub of hubs) await hub?.stop();
      here.remove();
    }, 60_000);

    let turn = 0;
    /** Sends a request to the running hub. Undefined when that hub was killed in the meantime. */
    const call = async (path: string, body?: unknown, key = KEY): Promise<Answer | undefined> => {
      const hub = hubs[turn++ % hubs.length];
      if (hub === undefined) {
        await new Promise((resolve) => setImmediate(resolve));
        return undefined;
      }
      try {
        const { status, body: page, headers } = await taxii(`${hub.url}${path}`, key, body);
        return { status, page, last: headers.get('x-taxii-date-added-last') };
      } catch {
        return undefined;
      }
    };
    const objectsPath = `/main/collections/${ID}/objects/`;

    /** Reads one page. True while there may be more. */
    const poll = async (poller: Poller): Promise<boolean> => {
      const answer = await call(
        `${objectsPath}?limit=25&added_after=${poller.after}${poller.next === undefined ? '' : `&next=${poller.next}`}`,
      );
      if (answer?.status !== 200) return true;
      const objects = (answer.page['objects'] as Json[] | undefined) ?? [];
      for (const object of objects) {
        const id = String(object['id']);
        if (poller.seen.has(id)) poller.doubled.push(id);
        poller.seen.set(id, object);
      }
      if (objects.length > 0 && answer.last !== null) poller.after = answer.last;
      poller.next = poller.byNext ? (answer.page['next'] as string | undefined) : undefined;
      return objects.length > 0;
    };

    test('no acknowledged object is lost, changed, doubled, reordered or missed by a poller, and all are routed', async () => {
      const acknowledged = new Map<string, Json>();
      const state = { over: false };
      const pollers = [false, true].map((byNext): Poller => ({
        byNext,
        after: '1970-01-01T00:00:00Z',
        next: undefined,
        seen: new Map(),
        doubled: [],
      }));
      const write = async (n: number): Promise<void> => {
        for (let i = 0; !state.over; i++) {
          const objects = Array.from({ length: 1 + ((i + n) % 12) }, () =>
            anIndicator({ pattern: "[domain-name:value = 'www.evil.example']" }),
          );
          const answer = await call(objectsPath, { objects });
          if (answer?.status !== 202) continue;
          if (answer.page['status'] === 'pending') {
            // Acknowledged as pending: the next running hub completes it.
            for (const object of objects) acknowledged.set(String(object['id']), object);
          } else if (answer.page['success_count'] === objects.length)
            for (const object of objects) acknowledged.set(String(object['id']), object);
        }
      };
      const follow = async (poller: Poller): Promise<void> => {
        while (!state.over) await poll(poller);
      };
      const work = Promise.all([
        ...Array.from({ length: WRITERS }, (_, n) => write(n)),
        ...pollers.map(follow),
      ]);

      for (let round = 0; round < rounds; round++) {
        const target = acknowledged.size + perRound;
        while (acknowledged.size < target) await new Promise((resolve) => setImmediate(resolve));
        const victim = round % processes;
        const killed = hubs[victim];
        hubs[victim] = undefined;
        await killed?.stop('SIGKILL');
        hubs[victim] = await start(victim);
      }
      state.over = true;
      await work;
      // Submissions that were pending at the end are completed by the running hub.
      const [all] = pollers as [Poller];
      while ([...acknowledged.keys()].some((id) => !all.seen.has(id))) await poll(all);
      for (const poller of pollers) while (await poll(poller));

      expect(acknowledged.size).toBeGreaterThanOrEqual(rounds * perRound);
      for (const { seen, doubled } of pollers) {
        expect([...acknowledged.keys()].filter((id) => !seen.has(id))).toEqual([]);
        expect(
          [...acknowledged].filter(([id, object]) => JSON.stringify(seen.get(id)) !== JSON.stringify(object)),
        ).toEqual([]);
        expect(doubled).toEqual([]);
      }
      const [one, other] = pollers.map((poller) => [...poller.seen.keys()]);
      expect(one).toEqual(other);

      // Routing was killed as well, and its cursor has neither lost nor repeated anything.
      const routed = new Set<string>();
      let after = '1970-01-01T00:00:00Z';
      while (routed.size < all.seen.size) {
        const answer = await call(
          `/main/collections/${OF_TONGA}/objects/?limit=1000&added_after=${after}`,
          undefined,
          TONGA_KEY,
        );
        for (const object of (answer?.page['objects'] as Json[] | undefined) ?? []) {
          expect(routed.has(String(object['id']))).toBe(false);
          routed.add(String(object['id']));
        }
        after = answer?.last ?? after;
      }
      expect([...routed].toSorted()).toEqual([...all.seen.keys()].toSorted());
    }, 900_000);
  },
);
