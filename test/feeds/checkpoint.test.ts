// The checkpoint of a run is stored after all objects of the run.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FEED_STATES } from '../../src/feeds/model.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { SETTINGS, testHub } from '../support/hub.ts';

/** Turns of the event loop in which a checkpoint that does not wait begins. */
const MOST_TURNS = 5_000;

let server: Server;
let rows = 0;
beforeAll(async () => {
  server = createServer((_request, response) => {
    response.end(Array.from({ length: rows }, (_, i) => `host${i}.reef-bank.com\n`).join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test.each([
  ['prepared in the main thread', 260],
  ['prepared in a thread', 1_260],
])('the checkpoint of a list that is %s is stored last, however slow a batch is', async (_which, count) => {
  rows = count;
  const done: string[] = [];
  const begun = { checkpoint: false };
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-checkpoint-'));
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const store = new Proxy(inner, {
    get(target, name: keyof Store) {
      const value: unknown = target[name];
      if (name !== 'commit') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      return async (batch: Parameters<Store['commit']>[0]) => {
        const objects = batch.placements?.reduce((sum, { candidates }) => sum + candidates.length, 0) ?? 0;
        const isCheckpoint = (batch.records ?? []).some(
          ({ kind, document }) => kind === FEED_STATES.kind && JSON.stringify(document).includes('"sha256"'),
        );
        begun.checkpoint ||= isCheckpoint;
        // Batches before the last one have more objects than it. They end after a checkpoint that does not wait for them.
        if (objects > 100)
          for (let turns = 0; turns < MOST_TURNS && !begun.checkpoint; turns++) await setImmediate();
        const result = await target.commit(batch);
        if (objects > 0) done.push('objects');
        if (isCheckpoint) done.push('checkpoint');
        return result;
      };
    },
  });
  const { port } = server.address() as AddressInfo;
  const t = await testHub(
    `${SETTINGS}
feeds: [{ name: list, preset: plain-list, url: "http://127.0.0.1:${port}/list", collection: indicators, enabled: true }]
egress: { allow: ["127.0.0.1:${port}"] }
`,
    { store, clock: systemClock },
  );
  try {
    expect(await t.hub.feeds.runner.run('list')).toMatchObject({ status: 'ok', created: count });
    expect(done.filter((what) => what === 'objects').length).toBeGreaterThan(1);
    expect(done.indexOf('checkpoint')).toBe(done.lastIndexOf('objects') + 1);
  } finally {
    await t.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
