import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { folder, startHub, taxii, type RunningHub } from '../support/program.ts';

const ID = '09fcc2e8-a374-45d6-80f0-7c8d9e0f1a21';
const KEY = 'a-key-for-pollers-0123456789abcdef0123456789';
const WRITERS = 8;
const ENVELOPES = 8;
const OBJECTS = 10;

interface Page {
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: Json[];
}

interface Answer {
  readonly page: Page;
  readonly last: string | null;
  readonly status: number;
}

const mongo = process.env['MONGODB_TEST_URI'];
const stores: [string, number, Record<string, string>][] = [];
if (mongo === undefined || mongo === '') stores.push(['the embedded store, one process', 1, {}]);
else
  stores.push([
    'MongoDB, two processes',
    2,
    { MONGODB_URI: `${mongo.replace(/\/+$/, '')}/pollers_${randomUUID().slice(0, 8)}` },
  ]);

// The guarantee of TAXII polling: a poller receives each version that is in the collection and matches its filter when
// its cursor passes it, exactly once (T-340 to T-350).
describe.each(stores)('pollers while others write, on %s', (_name, processes, environment) => {
  const here = folder();
  const hubs: (RunningHub | undefined)[] = [];
  const config = join(here.path, 'talanoa.yaml');
  const start = (i: number): Promise<RunningHub> =>
    startHub(['--config', config, '--data', join(here.path, `data${i}`), '--no-feeds'], {
      POLLER_KEY: KEY,
      ...environment,
    });
  beforeAll(async () => {
    writeFileSync(
      config,
      `collections: [{ id: ${ID}, api_root: main, title: C, grants: [{ to: "account:a", read: true, write: true }] }]\naccounts: [{ name: a, role: machine, key_env: POLLER_KEY }]\n`,
    );
    // They start at the same time and apply their settings one after the other.
    hubs.push(...(await Promise.all(Array.from({ length: processes }, (_, i) => start(i)))));
  }, 60_000);
  afterAll(async () => {
    for (const hub of hubs) await hub?.stop();
    here.remove();
  });

  let turn = 0;
  /** Sends a request to the next hub in turn, or to the given one. */
  const call = async (path: string, body?: unknown, method?: string, at = turn++): Promise<Answer> => {
    const hub = hubs[at % hubs.length] ?? hubs.find((one) => one !== undefined);
    const answer = await taxii(`${hub?.url ?? ''}/main/collections/${ID}/${path}`, KEY, body, method);
    return {
      page: answer.body,
      last: answer.headers.get('x-taxii-date-added-last'),
      status: answer.status,
    };
  };
  /** Returns `id version` of the received objects, in order. */
  const placesOf = (page: Page): string[] =>
    (page.objects ?? []).map(
      (object) => `${String(object['id'])} ${String(object['modified'] ?? object['version'])}`,
    );

  interface Way {
    readonly path: string;
    readonly query?: string;
    readonly byNext?: boolean;
    readonly byAfter?: boolean;
    readonly at?: number;
  }
  /** Follows a cursor from the beginning until `isQuiet` and nothing more arrives. */
  const follow = async (way: Way, isQuiet: () => boolean, failed: number[]): Promise<string[]> => {
    const seen: string[] = [];
    let after = '1970-01-01T00:00:00Z';
    let next: string | undefined;
    for (;;) {
      const quiet = isQuiet();
      const wanted = [
        'limit=7',
        ...(way.query === undefined ? [] : [way.query]),
        ...(way.byAfter === false && next !== undefined ? [] : [`added_after=${after}`]),
        ...(next === undefined ? [] : [`next=${next}`]),
      ].join('&');
      const { page, last, status } = await call(`${way.path}?${wanted}`, undefined, undefined, way.at);
      if (status !== 200) failed.push(status);
      seen.push(...placesOf(page));
      if (last !== null) after = last;
      next = way.byNext === true ? page.next : undefined;
      if (page.more !== true && quiet) return seen;
    }
  };

  test('with next, added_after or both, on objects and manifest, each object arrives once and in one order', async () => {
    const posted: string[] = [];
    const failed: number[] = [];
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let i = 0; i < ENVELOPES; i++) {
          const objects = Array.from({ length: OBJECTS }, () => anIndicator());
          const { status } = await call('objects/', { objects });
          if (status !== 202) failed.push(status);
          posted.push(...objects.map((object) => `${String(object['id'])} ${String(object['modified'])}`));
        }
      }),
    ).then(() => {
      writing = false;
    });
    const isQuiet = (): boolean => !writing;
    const [first, ...others] = await Promise.all([
      follow({ path: 'objects/', byNext: true, byAfter: false }, isQuiet, failed),
      follow({ path: 'objects/' }, isQuiet, failed),
      follow({ path: 'objects/', byNext: true }, isQuiet, failed),
      follow({ path: 'manifest/' }, isQuiet, failed),
      follow({ path: 'manifest/', byNext: true }, isQuiet, failed),
      follow({ path: 'objects/', query: 'match[version]=all' }, isQuiet, failed),
      writers,
    ]);
    expect(failed).toEqual([]);
    expect(posted).toHaveLength(WRITERS * ENVELOPES * OBJECTS);
    expect(new Set(first)).toEqual(new Set(posted));
    expect(first).toHaveLength(posted.length);
    for (const seen of others.slice(0, 5)) expect(seen).toEqual(first);
  }, 120_000);

  test('while versions are added and objects removed, every poller sees each remaining object once, and no refused one', async () => {
    const failed: number[] = [];
    const before = await follow({ path: 'objects/', query: 'match[version]=all' }, () => true, failed);
    const versioned = new Set<string>();
    const posted = new Set<string>();
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: WRITERS }, async (_, n) => {
        for (let i = 0; i < ENVELOPES; i++) {
          const id = `indicator--${randomUUID()}`;
          const versions = [1, 2, 3].map((day) =>
            anIndicator({ id, modified: `2026-01-0${day}T00:00:00.000Z` }),
          );
          for (const version of versions) {
            versioned.add(`${id} ${String(version['modified'])}`);
            const objects = [version, anIndicator()];
            for (const object of objects) posted.add(`${String(object['id'])} ${String(object['modified'])}`);
            const { status } = await call('objects/', { objects });
            if (status !== 202) failed.push(status);
          }
          // Every third object is removed again, either completely or only its last version.
          if ((n + i) % 3 === 0) {
            const { status } = await call(
              `objects/${id}/${i % 2 === 0 ? '' : '?match[version]=last'}`,
              undefined,
              'DELETE',
            );
            if (status !== 200) failed.push(status);
          }
        }
      }),
    ).then(() => {
      writing = false;
    });
    const isQuiet = (): boolean => !writing;
    const [all, again, newest] = await Promise.all([
      follow({ path: 'objects/', query: 'match[version]=all', byNext: true }, isQuiet, failed),
      follow({ path: 'manifest/', query: 'match[version]=all' }, isQuiet, failed),
      follow({ path: 'objects/' }, isQuiet, failed),
      writers,
    ]);
    expect(failed).toEqual([]);
    const standing = await follow({ path: 'objects/', query: 'match[version]=all' }, () => true, failed);
    for (const seen of [all, again]) {
      expect(new Set(seen).size).toBe(seen.length);
      expect(standing.filter((place) => !seen.includes(place))).toEqual([]);
      expect(seen.filter((place) => !posted.has(place) && !before.includes(place))).toEqual([]);
    }
    expect(new Set(newest).size).toBe(newest.length);
    // Objects with a single version that were never removed. A poller of latest versions has received them.
    const single = standing.filter((place) => !versioned.has(place));
    expect(single.filter((place) => !newest.includes(place))).toEqual([]);
  }, 120_000);

  test('a walk that began at one process continues after a kill, at another process or after the restart', async () => {
    const whole = await follow({ path: 'objects/', query: 'match[version]=all' }, () => true, []);
    const seen: string[] = [];
    let next: string | undefined;
    for (let page = 0; ; page++) {
      if (page === 2) {
        const victim = hubs[0];
        hubs[0] = undefined;
        await victim?.stop('SIGKILL');
        if (processes === 1) hubs[0] = await start(0);
      }
      const answer = await call(
        `objects/?limit=20&match[version]=all${next === undefined ? '' : `&next=${next}`}`,
        undefined,
        undefined,
        page < 2 ? 0 : 1,
      );
      expect(answer.status).toBe(200);
      seen.push(...placesOf(answer.page));
      next = answer.page.next;
      if (next === undefined) break;
    }
    hubs[0] ??= await start(0);
    expect(seen).toEqual(whole);
  }, 60_000);

  test('the same object from many simultaneous writers is stored once, and eight simultaneous versions are all stored', async () => {
    const same = anIndicator();
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('objects/', { objects: [same] })));
    expect(answers.map(({ page }) => (page as unknown as { failure_count: number }).failure_count)).toEqual(
      Array.from({ length: 8 }, () => 0),
    );
    expect((await call(`objects/${String(same['id'])}/?match[version]=all`)).page.objects).toHaveLength(1);
    const id = `indicator--${randomUUID()}`;
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        call('objects/', { objects: [anIndicator({ id, modified: `2026-01-0${i + 1}T00:00:00.000Z` })] }),
      ),
    );
    expect((await call(`objects/${id}/?match[version]=all`)).page.objects).toHaveLength(8);
    expect((await call(`objects/${id}/`)).page.objects?.map((object) => object['modified'])).toEqual([
      '2026-01-08T00:00:00.000Z',
    ]);
  }, 60_000);
});
