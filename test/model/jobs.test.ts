import { describe, expect, test } from '@jest/globals';
import { Audit } from '../../src/access/audit/audit.ts';
import { Directory } from '../../src/access/directory.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { Routing } from '../../src/sharing/routing/routing.ts';
import { holdLease } from '../../src/store/held-lease.ts';
import { mongoStore } from '../../src/store/mongo/mongo-store.ts';
import { ALL_VERSIONS, type Store } from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { SimServer } from '../support/sim-mongo.ts';
import { SimProcess, Simulation } from '../support/simulation.ts';

/*
 * Jobs of several processes in simulated time: leases with fencing, and the real routing. Processes are killed, or
 * stopped for longer than their leases last. When they wake up, they do no harm. TALANOA_SEED and TALANOA_SCHEDULES
 * work as in turns.test.ts.
 */

const SOURCE = '11111111-1111-4111-8111-111111111111';
const OWN = { tonga: '22222222-2222-4222-8222-222222222222', fiji: '33333333-3333-4333-8333-333333333333' };
const END_MS = 3_600_000;

interface World {
  readonly sim: Simulation;
  readonly server: SimServer;
  readonly start: () => { process: SimProcess; store: Store };
}

function world(seed: number): World {
  const sim = new Simulation(seed);
  const { random } = sim;
  const server = new SimServer(sim, {
    delay: random.pick([2, 10, 60]),
    broken: random.pick([0, 0, 0.02]),
    tornUpdates: false,
  });
  let uuid = 0;
  const ids = { uuid: () => `token-${uuid++}`, secret: () => '' };
  const link = { name: 'simulated', ping: () => Promise.resolve(), close: () => Promise.resolve() };
  return {
    sim,
    server,
    start() {
      const process = new SimProcess(
        sim,
        random.pick([0, -3_600_000, 3_600_000]),
        random.pick([1, 1, 0.95, 1.05]),
      );
      return { process, store: mongoStore(server.collections(process), { clock: process.clock, ids }, link) };
    },
  };
}

/** Repeats a request until the connection holds. */
async function again<T>(what: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'unavailable') throw error;
    }
  }
}

/** Simulates processes that increment a record under a lease. Returns the faults. */
async function counting(seed: number): Promise<string[]> {
  const { sim, server, start } = world(seed);
  const { random } = sim;
  const workers: SimProcess[] = [];
  let acknowledged = 0;
  let running = 0;
  const work = (): void => {
    const { process, store } = start();
    workers.push(process);
    running++;
    void (async () => {
      for (let i = 0; i < 15; i++) {
        await process.clock.wait(random.next() * 2_000);
        const held = await holdLease(store, process.clock, 'count', 4_000).catch(() => undefined);
        if (held === undefined) continue;
        try {
          for (let step = 0; step < 3 && !held.lost.aborted; step++) {
            const found = await store.record('count', 'it');
            await store.commit({
              records: [
                {
                  kind: 'count',
                  id: 'it',
                  expected: found?.revision ?? 0,
                  document: { n: Number(found?.document['n'] ?? 0) + 1, fence: held.lease.fence },
                },
              ],
              lease: held.lease,
            });
            acknowledged++;
          }
        } catch {
          // The lease or the connection is lost. Another process continues.
        }
        await held.release().catch(() => undefined);
      }
      running--;
    })();
  };
  for (let i = 0; i < 3; i++) work();
  for (let i = 0; i < random.below(4); i++)
    sim.after(random.next() * 30_000, () => {
      const victim = random.pick(workers);
      if (!victim.alive) return;
      if (random.chance(0.5)) victim.sleep(random.pick([2_000, 6_000, 60_000]));
      else {
        victim.kill();
        running--;
        work();
      }
    });
  const faults: string[] = [];
  let over = false;
  sim.after(31_000, () => (over = true));
  if (!(await sim.run(() => running <= 0 && over, END_MS))) faults.push('jobs do not come to their end');
  const revisions = server
    .all('revisions')
    .filter((revision) => revision['kind'] === 'count')
    .toSorted((a, b) => Number(a['revision']) - Number(b['revision']))
    .map((revision) => JSON.parse(String(revision['document'])) as { n: number; fence: number });
  // After a later holder has written, no earlier one can write.
  revisions.forEach(({ n, fence }, i) => {
    if (n !== i + 1) faults.push(`revision ${i + 1} says ${n}: a step was lost`);
    if (fence < (revisions[i - 1]?.fence ?? 0)) faults.push(`fence ${fence} wrote after a later one`);
  });
  if (revisions.length < acknowledged) faults.push(`${acknowledged} acknowledged, ${revisions.length} there`);
  return faults;
}

/** Simulates two workers that route what writers submit. Returns the faults. */
async function routing(seed: number): Promise<string[]> {
  const { sim, start } = world(seed);
  const { random } = sim;
  const faults: string[] = [];
  const founder = start();
  let founded = false;
  void (async () => {
    const put = (kind: string, id: string, document: Record<string, unknown>): Promise<unknown> =>
      again(() => founder.store.commit({ records: [{ kind, id, expected: 0, document }] })).catch(
        () => undefined,
      );
    await put('api-root', 'main', { title: 'Main' });
    await put('collection', SOURCE, { api_root: 'main', title: 'Source' });
    for (const [name, collection] of Object.entries(OWN)) {
      await put('collection', collection, { api_root: 'main', title: name, own_of: name });
      await put('grant', `${collection}/member:${name}`, {
        collection,
        to: `member:${name}`,
        read: true,
        write: false,
      });
      await put('member', name, { title: name, domains: [`${name}.example`], collection });
    }
    founded = true;
  })();
  if (!(await sim.run(() => founded, END_MS))) return ['nothing was founded'];

  const workers: { process: SimProcess; routing: Routing }[] = [];
  const work = (): void => {
    const { process, store } = start();
    const audit = new Audit(store, process.clock, systemIds, silentLog);
    const routes = new Routing(store, new Directory(store, process.clock), process.clock, silentLog, audit);
    routes.start();
    workers.push({ process, routing: routes });
  };
  work();
  work();
  const wanted = new Map<string, Set<string>>(Object.keys(OWN).map((name) => [name, new Set()]));
  let writing = 0;
  for (let i = 0; i < 8; i++) {
    writing++;
    sim.after(random.next() * 40_000, () => {
      const objects = Array.from({ length: 1 + random.below(3) }, () => {
        const name = random.pick(['tonga', 'fiji', 'nobody']);
        const object = anIndicator({
          pattern: `[domain-name:value = 'www.${name}.example']`,
          modified: random.pick(['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']),
        });
        wanted.get(name)?.add(`${String(object['id'])} ${String(object['modified'])}`);
        return aCandidate(object);
      });
      void again(() =>
        founder.store.commit({ placements: [{ collection: SOURCE, candidates: objects }] }),
      ).then(() => writing--);
    });
  }
  for (let i = 0; i < random.below(4); i++)
    sim.after(random.next() * 60_000, () => {
      const victim = random.pick(workers);
      if (!victim.process.alive) return;
      if (random.chance(0.5)) victim.process.sleep(random.pick([3_000, 60_000, 90_000]));
      else {
        victim.process.kill();
        work();
      }
    });
  // The lease of a killed process expires first. Then everything is routed within a few rounds.
  if (!(await sim.run(() => writing === 0 && sim.time > 300_000, END_MS)))
    faults.push('writers do not come to their end');
  for (const { process, routing: routes } of workers) if (process.alive) void routes.stop();
  let checked = false;
  void (async () => {
    for (const [name, collection] of Object.entries(OWN)) {
      const { entries } = await again(() =>
        founder.store.entries({ collection, after: 0, limit: 1000, versions: ALL_VERSIONS }, true),
      );
      const there = entries.map((entry) => `${entry.id} ${entry.version}`);
      const missing = [...(wanted.get(name) ?? [])].filter((place) => !there.includes(place));
      if (missing.length > 0) faults.push(`${name} misses ${missing.length}`);
      if (new Set(there).size !== there.length) faults.push(`${name} has something twice`);
      if (there.length > (wanted.get(name)?.size ?? 0)) faults.push(`${name} has what does not concern it`);
    }
    checked = true;
  })();
  if (!(await sim.run(() => checked, sim.time + END_MS))) faults.push('the check does not come to its end');
  return faults;
}

const only = process.env['TALANOA_SEED'];
const SCHEDULES = Number(process.env['TALANOA_SCHEDULES'] ?? 100);

async function runAll(one: (seed: number) => Promise<string[]>, schedules: number): Promise<unknown[]> {
  const bad: unknown[] = [];
  const seeds = only === undefined ? Array.from({ length: schedules }, (_, i) => i + 1) : [Number(only)];
  for (const seed of seeds) {
    const faults = await one(seed);
    if (faults.length > 0) bad.push({ seed, faults });
    if (bad.length >= 3) break;
  }
  return bad;
}

describe('jobs in simulated time', () => {
  test('leases: no holder writes after a later one, and no step is lost', async () => {
    expect(await runAll(counting, SCHEDULES / 2)).toEqual([]);
  }, 900_000);

  test('with two routing workers each member receives the objects that affect it once', async () => {
    expect(await runAll(routing, SCHEDULES / 5)).toEqual([]);
  }, 900_000);
});
