import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { gate } from '../../src/kernel/json-gate.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { EnvelopeState } from '../../src/sharing/intake/envelopes.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { ALL_VERSIONS, type Store } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { STORE_FAULTS, faultyStore, type FaultyStore, type StoreFault } from '../support/faulty-store.ts';

/*
 * The n-th call of the store fails, for every n, under each kind of input. Afterwards no envelope is half stored, no
 * response was false, nothing left over blocks further work, and repeating the request gives the same result as without
 * the failure.
 */

const MAIN = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const TONGA = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';
const SETTINGS = (port: number): string => `
collections:
  - { id: ${MAIN}, api_root: main, alias: main, title: Main, grants: [{ to: "account:a", read: true, write: true }] }
members: [{ name: tonga, domains: [gov.to], collection: { id: ${TONGA}, api_root: main } }]
accounts: [{ name: a, role: machine, key_env: KEY_A }, { name: b, role: machine, member: tonga, key_env: KEY_B }]
feeds: [{ name: list, preset: plain-list, url: "http://127.0.0.1:${port}/list.txt", collection: main, tlp: green, special_addresses_allowed: [documentation] }]
egress: { allow: ["127.0.0.1:${port}"] }
`;
const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const id = (n: number): string => `indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const statement = 'marking-definition--11111111-2222-4333-8444-555555555555';

/**
 * An envelope with every kind of object: new, routed, on hold for a definition in the same envelope, a later version,
 * and a rejected one.
 */
const ENVELOPE: Json[] = [
  anIndicator({ id: id(1), pattern: "[domain-name:value = 'www.gov.to']" }),
  anIndicator({ id: id(2), modified: '2026-01-02T00:00:00.000Z' }),
  anIndicator({ id: id(3), object_marking_refs: [statement, GREEN] }),
  anIndicator({
    id: id(4),
    object_marking_refs: ['marking-definition--99999999-2222-4333-8444-555555555555'],
  }),
  {
    type: 'marking-definition',
    spec_version: '2.1',
    id: statement,
    created: '2026-01-01T00:00:00.000Z',
    definition_type: 'statement',
    definition: { statement: 'Courtesy of nobody' },
  },
  anIndicator({ id: id(5), pattern: 'no pattern' }),
];

interface Stage {
  readonly hub: Hub;
  readonly faulty: FaultyStore;
  readonly inner: Store;
  readonly folder: string;
}

describe('a store with one failing call', () => {
  let server: Server;
  let config: (folder: string) => Config;
  let list = '';

  beforeAll(async () => {
    server = createServer((_request, response) => response.end(list));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    config = (folder) => {
      const file = join(folder, 'talanoa.yaml');
      writeFileSync(file, SETTINGS(port));
      return loadConfig(
        { config: file, data: join(folder, 'data') },
        { KEY_A: 'a'.repeat(40), KEY_B: 'b'.repeat(40) },
      );
    };
  });
  afterAll(() => {
    server.close();
  });

  const open = async (folder: string, clock: TestClock): Promise<Stage> => {
    const inner = await openSqliteStore({ folder: join(folder, 'data'), clock });
    const faulty = faultyStore(inner);
    const hub = await compose(config(folder), silentLog, { clock, store: faulty.store });
    return { hub, faulty, inner, folder };
  };
  const post = async ({ hub }: Stage, objects: readonly Json[]): Promise<EnvelopeState> => {
    const directory = await hub.directory.refresh();
    const collection = directory.collections.get(MAIN);
    const principal = directory.principalNamed('a');
    if (collection === undefined || principal === undefined) throw new Error('not declared');
    return hub.envelopes.submit({
      id: crypto.randomUUID(),
      principal,
      collection,
      requested: 1,
      document: gate(Buffer.from(JSON.stringify({ objects }))),
    });
  };
  /** Returns what is stored, on hold and known, without times. */
  const stateOf = async (store: Store): Promise<unknown> => {
    const standing = await Promise.all(
      [MAIN, TONGA].map(async (collection) => {
        const { entries } = await store.entries(
          { collection, after: 0, limit: 1000, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
          true,
        );
        // The versions of a feed's objects are the times of its runs, which differ when a run was repeated.
        const places = entries.map(
          ({ id: one, version, owner, level, oldest }) =>
            `${one} ${owner.startsWith('feed:') ? '' : version} ${owner} ${level} ${oldest}`,
        );
        expect(new Set(places).size).toBe(places.length);
        for (const entry of entries) expect(entry.text).toBeDefined();
        return places.toSorted();
      }),
    );
    const held = await store.held({ limit: 100 });
    return {
      standing,
      held: held.map((item) => `${item.objectId} ${item.reason}`).toSorted(),
      markings: (await store.records('marking')).map((record) => record.id),
      routing: (await store.records('routing')).map((record) => record.id),
      feeds: (await store.records('feed-state')).map((record) => [record.id, record.document['sha256']]),
    };
  };

  /**
   * The work under the fault, which may fail, and its repetition without the fault, as the user or the hub would do it.
   */
  interface Path {
    readonly name: string;
    readonly before: (stage: Stage) => Promise<unknown>;
    readonly act: (stage: Stage) => Promise<unknown>;
    /** Must be true immediately after the fault, before anything is repeated. */
    readonly holds?: (store: Store, answer: unknown) => Promise<void>;
  }

  const PATHS: readonly Path[] = [
    {
      name: 'an envelope',
      before: (stage) => post(stage, [anIndicator({ id: id(2) })]),
      act: (stage) => post(stage, ENVELOPE),
      async holds(store, answer) {
        const { entries } = await store.entries(
          { collection: MAIN, after: 0, limit: 1000, versions: ALL_VERSIONS },
          true,
        );
        // Objects that are allowed immediately are stored together or not at all.
        const together = [
          `${id(1)} 2026-01-01T00:00:00.000Z`,
          `${id(2)} 2026-01-02T00:00:00.000Z`,
          `${statement} 2026-01-01T00:00:00.000Z`,
        ].filter((place) => entries.some((entry) => `${entry.id} ${entry.version}` === place));
        expect([0, 3]).toContain(together.length);
        const state = answer as EnvelopeState | undefined;
        if (state?.status !== 'complete') return;
        for (const outcome of state.outcomes)
          if (outcome.kind === 'stored' || outcome.kind === 'known')
            expect(entries.map((entry) => entry.id)).toContain(outcome.id);
          else if (outcome.kind === 'held')
            expect((await store.held({ limit: 100 })).map((item) => item.objectId)).toContain(outcome.id);
      },
    },
    {
      name: 'routing',
      before: (stage) => post(stage, ENVELOPE),
      act: ({ hub }) => hub.routing.routeAll(),
    },
    {
      name: 'a feed run',
      before: (stage) => stage.hub.feeds.list(),
      act: ({ hub }) => hub.feeds.runner.run('list'),
    },
    {
      name: 'a second feed run, with one line more',
      before: async ({ hub }) => {
        await hub.feeds.runner.run('list');
        list += '198.51.100.9\n';
      },
      act: ({ hub }) => hub.feeds.runner.run('list'),
    },
  ];

  /** One run. Returns the state at its end, and whether the fault occurred. */
  const run = async (
    path: Path,
    n: number,
    fault: StoreFault,
  ): Promise<{ state: unknown; struck: boolean }> => {
    const folder = mkdtempSync(join(tmpdir(), 'talanoa-faults-'));
    list = '198.51.100.7\n198.51.100.8\n';
    const clock = new TestClock();
    const stage = await open(folder, clock);
    try {
      await path.before(stage);
      stage.faulty.arm(n, fault);
      const killed = stage.faulty.killed();
      const acting = path.act(stage).catch(() => undefined);
      const answer = await Promise.race([acting, killed]);
      const struck = stage.faulty.disarm();
      await path.holds?.(stage.inner, answer);
      if (fault === 'never answers') {
        // The killed process is gone, together with its leases. Another one opens the same file.
        await stage.inner.close();
        const again = await open(folder, clock);
        await path.act(again);
        await again.hub.routing.routeAll();
        await again.inner.sweep(0);
        const state = await stateOf(again.inner);
        await again.hub.stop();
        return { state, struck };
      }
      // A lease whose confirmation was lost expires automatically.
      clock.advance(120_000);
      await path.act(stage);
      clock.advance(120_000);
      await stage.hub.routing.routeAll();
      const state = await stateOf(stage.inner);
      await stage.hub.stop();
      return { state, struck };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  describe.each(PATHS)('under $name', (path) => {
    test.each(STORE_FAULTS)(
      '%s, for every call',
      async (fault) => {
        const { state: wanted } = await run(path, 1_000_000, 'refused');
        let n = 0;
        for (;;) {
          const { state, struck } = await run(path, ++n, fault);
          expect({ n, state }).toEqual({ n, state: wanted });
          if (!struck) break;
        }
        // The fault must occur at several calls, or else the test proves nothing.
        expect(n).toBeGreaterThan(3);
      },
      60_000,
    );
  });

  test('after a kill that followed a stored definition, the hub continues and accepts the objects that waited for it', async () => {
    const waits = anIndicator({ id: id(6), object_marking_refs: [statement, GREEN] });
    const definition = ENVELOPE[4] as Json;
    let stood = 0;
    for (let n = 1, struck = true; struck; n++) {
      const folder = mkdtempSync(join(tmpdir(), 'talanoa-faults-'));
      const clock = new TestClock();
      const stage = await open(folder, clock);
      await post(stage, [waits]);
      stage.faulty.arm(n, 'never answers');
      const killed = stage.faulty.killed();
      await Promise.race([post(stage, [definition]), killed]);
      struck = stage.faulty.disarm();
      await stage.inner.close();
      const again = await open(folder, clock);
      await again.hub.housekeeping.tidy();
      const standing = await again.inner.standing(MAIN, [statement, id(6)]);
      const held = (await again.inner.held({ limit: 10 })).map((item) => item.objectId);
      // If the definition was not stored, the object is on hold. If it was stored, the object is stored as well.
      expect({ n, standing: standing.size, held: held.length }).toEqual(
        standing.has(statement) ? { n, standing: 2, held: 0 } : { n, standing: 0, held: 1 },
      );
      if (standing.has(statement)) stood++;
      await again.hub.stop();
      rmSync(folder, { recursive: true, force: true });
    }
    expect(stood).toBeGreaterThan(3);
  }, 60_000);
});
