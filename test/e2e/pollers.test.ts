import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import { folder, startHub, type RunningHub } from '../support/program.ts';

const MEDIA = 'application/taxii+json;version=2.1';
const ID = '09fcc2e8-a374-45d6-80f0-7c8d9e0f1a21';
const KEY = 'a-key-for-pollers-0123456789abcdef0123456789';
const WRITERS = 4;
const ENVELOPES = 12;
const OBJECTS = 10;

interface Page {
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: Json[];
}

const mongo = process.env['MONGODB_TEST_URI'];
const stores: [string, number, Record<string, string>][] = [['the embedded store, one process', 1, {}]];
if (mongo !== undefined && mongo !== '')
  stores.push([
    'MongoDB, two processes',
    2,
    { MONGODB_URI: `${mongo.replace(/\/+$/, '')}/pollers_${randomUUID().slice(0, 8)}` },
  ]);

// T-340 to T-349: writers and pollers at once.
describe.each(stores)('pollers while others write, on %s', (_name, processes, environment) => {
  const here = folder();
  const hubs: RunningHub[] = [];
  beforeAll(async () => {
    const config = join(here.path, 'talanoa.yaml');
    writeFileSync(
      config,
      `collections: [{ id: ${ID}, api_root: main, title: C, grants: [{ to: "account:a", read: true, write: true }] }]\naccounts: [{ name: a, role: machine, key_env: POLLER_KEY }]\n`,
    );
    for (let i = 0; i < processes; i++)
      hubs.push(
        await startHub(['--config', config, '--data', join(here.path, `data${i}`), '--no-feeds'], {
          POLLER_KEY: KEY,
          ...environment,
        }),
      );
  });
  afterAll(async () => {
    for (const hub of hubs) await hub.stop();
    here.remove();
  });

  let turn = 0;
  const call = async (
    path: string,
    body?: unknown,
  ): Promise<{ page: Page; last: string | null; status: number }> => {
    const hub = hubs[turn++ % hubs.length] as RunningHub;
    const response = await fetch(`${hub.url}/main/collections/${ID}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Accept: MEDIA,
        Authorization: `Bearer ${KEY}`,
        ...(body === undefined ? {} : { 'Content-Type': MEDIA }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      page: (await response.json()) as Page,
      last: response.headers.get('x-taxii-date-added-last'),
      status: response.status,
    };
  };

  test('each object is seen exactly once, in order, by next, by added_after and by manifest', async () => {
    const posted: string[] = [];
    let writing = true;
    const failed: number[] = [];
    const writers = Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let i = 0; i < ENVELOPES; i++) {
          const objects = Array.from({ length: OBJECTS }, () => anIndicator());
          const { status, page } = await call('objects/', { objects });
          if (status !== 202 || (page as unknown as { success_count: number }).success_count !== OBJECTS)
            failed.push(status);
          posted.push(...objects.map((object) => String(object['id'])));
        }
      }),
    ).then(() => {
      writing = false;
    });
    /** Follows a cursor until the writers are done and nothing more comes. */
    const poll = async (path: string, byNext: boolean): Promise<string[]> => {
      const seen: string[] = [];
      let after = '1970-01-01T00:00:00Z';
      let next: string | undefined;
      for (;;) {
        const quiet = !writing;
        const { page, last, status } = await call(
          `${path}?limit=7&added_after=${after}${next === undefined ? '' : `&next=${next}`}`,
        );
        if (status !== 200) failed.push(status);
        seen.push(...(page.objects ?? []).map((object) => String(object['id'])));
        if (last !== null) after = last;
        next = byNext ? page.next : undefined;
        if (page.more !== true && quiet) return seen;
      }
    };
    const [a, b, c] = await Promise.all([
      poll('objects/', true),
      poll('objects/', false),
      poll('manifest/', false),
      writers,
    ]);
    expect(failed).toEqual([]);
    expect(posted).toHaveLength(WRITERS * ENVELOPES * OBJECTS);
    for (const seen of [a, b, c]) {
      expect(seen).toHaveLength(posted.length);
      expect(new Set(seen).size).toBe(posted.length);
    }
    expect(b).toEqual(c);
    expect(a).toEqual(b);
  }, 120_000);

  test('the very same object from many writers at once stands once; eight versions at once all stand', async () => {
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
