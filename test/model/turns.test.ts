import { describe, expect, test } from '@jest/globals';
import { mongoStore } from '../../src/store/mongo/mongo-store.ts';
import {
  ALL_REMOVALS,
  ALL_VERSIONS,
  LAST_VERSION,
  deriveFlags,
  type Candidate,
  type PlaceOutcome,
  type Store,
  type VersionFilter,
} from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { SimServer, type Weather } from '../support/sim-mongo.ts';
import { SimProcess, Simulation } from '../support/simulation.ts';

/*
 * The real MongoDB adapter in simulated time over a simulated server. Writers, removers, pollers and sweepers run in
 * several processes that are killed, stopped and woken. Their clocks differ by hours, messages overtake each other and
 * responses are lost. Each check names the rule that it verifies. A seed reproduces a run: TALANOA_SEED=17 runs only
 * that one, TALANOA_SCHEDULES=20000 sets the number of runs.
 */

const COLLECTION = '11111111-1111-4111-8111-111111111111';
const IDS = ['a', 'b', 'c', 'd'].map((c) => `indicator--${c.repeat(8)}-0000-4000-8000-000000000000`);
const VERSIONS = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'];
const SPECS = ['2.0', '2.1'] as const;
const HOUR_MS = 3_600_000;
const END_MS = 2 * HOUR_MS;

/** An envelope whose outcome was reported to its writer. */
interface Told {
  readonly candidates: readonly Candidate[];
  readonly outcomes: readonly PlaceOutcome[];
}

/** The objects that a poller has received. They survive the process that the poller asks. */
interface Poller {
  readonly versions: VersionFilter;
  after: number;
  readonly seen: Map<number, { id: string; version: string; text: string | undefined }>;
  readonly faults: string[];
}

interface Standing {
  readonly added: number;
  readonly id: string;
  readonly instant: string;
  readonly version: string;
  readonly digest: string;
}

/** One run. Returns its faults as text. */
async function run(seed: number, weather: Partial<Weather> = {}, removing = true): Promise<string[]> {
  const sim = new Simulation(seed);
  const { random } = sim;
  const server = new SimServer(sim, {
    delay: random.pick([2, 10, 60]),
    broken: random.pick([0, 0, 0.01, 0.05]),
    tornUpdates: false,
    ...weather,
  });
  const told: Told[] = [];
  const removals: number[] = [];
  const texts = new Map<string, Candidate>();
  let uuid = 0;
  const ids = { uuid: () => `token-${seed}-${uuid++}`, secret: () => '' };
  const candidate = (): Candidate => {
    const object = anIndicator({
      id: random.pick(IDS),
      modified: random.pick(VERSIONS),
      // Two contents for one version: a conflict that only one of them can win.
      name: random.pick(['x', 'x', 'x', 'y']),
    });
    const made = aCandidate(object);
    texts.set(made.digest, made);
    return made;
  };

  /** The running processes with their stores. The work of a process ends with it. */
  const processes = new Map<SimProcess, Store>();
  const startProcess = (): SimProcess => {
    const made = new SimProcess(
      sim,
      random.pick([0, 0, 1_000, -HOUR_MS, HOUR_MS]),
      random.pick([1, 1, 0.9, 1.1]),
    );
    processes.set(
      made,
      mongoStore(
        server.collections(made),
        { clock: made.clock, ids },
        { name: 'simulated', ping: () => Promise.resolve(), close: () => Promise.resolve() },
      ),
    );
    return made;
  };

  let open = 0;
  /** Starts a task that counts as open until it ends or its process is killed. */
  const work = (on: SimProcess, what: (store: Store) => Promise<void>): void => {
    const store = processes.get(on);
    if (store === undefined) return;
    open++;
    const ended = { yet: false };
    const end = (): void => {
      if (!ended.yet) open--;
      ended.yet = true;
    };
    what(store).then(end, end);
    const look = (): void => {
      if (!on.alive) end();
      else if (!ended.yet) sim.after(1_000, look);
    };
    look();
  };

  const write = async (store: Store): Promise<void> => {
    const candidates = Array.from({ length: 1 + random.below(4) }, candidate);
    const { placed } = await store.commit({ placements: [{ collection: COLLECTION, candidates }] });
    told.push({ candidates, outcomes: placed[0] ?? [] });
  };
  const remove = async (store: Store): Promise<void> => {
    removals.push(
      await store.remove({
        collection: COLLECTION,
        id: random.pick(IDS),
        versions: random.pick([ALL_VERSIONS, LAST_VERSION]),
      }),
    );
  };

  const pollers: Poller[] = [ALL_VERSIONS, LAST_VERSION].map((versions) => ({
    versions,
    after: 0,
    seen: new Map(),
    faults: [],
  }));
  const removed = { after: 0, seen: new Set<number>(), faults: [] as string[] };
  const poll = async (store: Store, poller: Poller): Promise<number> => {
    const { after } = poller;
    const page = await store.entries(
      { collection: COLLECTION, after, limit: 1 + random.below(5), versions: poller.versions, specs: SPECS },
      true,
    );
    if (poller.after !== after) return page.entries.length;
    for (const { added, id, version, text } of page.entries) {
      // Rule 1: later additions are seen later. No date added appears behind a cursor, and none twice.
      if (added <= poller.after) poller.faults.push(`rule 1: ${added} came after ${poller.after}`);
      poller.after = added;
      poller.seen.set(added, { id, version, text });
    }
    return page.entries.length;
  };
  const pollRemovals = async (store: Store): Promise<number> => {
    const { after } = removed;
    const found = await store.removals({
      ...ALL_REMOVALS,
      collection: COLLECTION,
      after,
      limit: 1 + random.below(5),
    });
    if (removed.after !== after) return found.length;
    for (const tombstone of found) {
      if (tombstone.removed <= removed.after) removed.faults.push('rule 1: a removal came behind the cursor');
      removed.after = tombstone.removed;
      removed.seen.add(tombstone.removed);
    }
    return found.length;
  };

  // The events of the run, and their times.
  let living = [startProcess(), startProcess(), ...(random.chance(0.5) ? [startProcess()] : [])];
  const anyone = (): SimProcess => random.pick(living);
  const kill = (victim: SimProcess): void => {
    if (!victim.alive) return;
    victim.kill();
    living = [...living.filter((one) => one !== victim), startProcess()];
  };
  const nap = (): number => random.pick([100, 4_000, 12_000, 90_000]);
  const sweep = async (store: Store): Promise<void> => {
    // For this sweeper, everything is old enough to remove.
    await store.sweep(Date.parse('2027-01-01T00:00:00Z'));
  };
  const burst = (start: number, span: number): void => {
    const at = (what: () => void): void => sim.after(start + random.next() * span, what);
    for (let i = 0; i < 6 + random.below(16); i++)
      at(() => work(anyone(), removing && random.chance(0.25) ? remove : write));
    for (let i = 0; i < 20; i++) {
      at(() =>
        work(anyone(), async (store) => {
          await poll(store, random.pick(pollers));
        }),
      );
      at(() =>
        work(anyone(), async (store) => {
          await pollRemovals(store);
        }),
      );
    }
    for (let i = 0; i < random.below(4); i++) at(() => kill(anyone()));
    for (let i = 0; i < random.below(4); i++) at(() => anyone().sleep(nap()));
    for (let i = 0; i < random.below(3); i++)
      at(() => (anyone().skew += random.pick([-HOUR_MS, HOUR_MS, -1, 1])));
    for (let i = 0; i < random.below(4); i++) at(() => work(anyone(), sweep));
  };
  // Some processes die or sleep just after the server has done what they requested.
  const fragile = random.pick([0, 0, 0.02, 0.08]);
  server.onInsert = (process, collection) => {
    if (collection !== 'turns' && !random.chance(0.3)) return;
    if (!random.chance(2 * fragile)) return;
    if (random.chance(0.5)) kill(process);
    else process.sleep(nap());
  };
  const faults: string[] = [];
  const rest = async (span: number): Promise<void> => {
    let over = false;
    sim.after(span, () => (over = true));
    // Rule 8: every task of a living process ends.
    if (!(await sim.run(() => over && open === 0, sim.time + END_MS)))
      faults.push('rule 8: work does not come to its end');
  };
  const span = random.pick([500, 3_000, 30_000]);
  burst(0, span);
  await rest(span);
  // After an hour, texts without an entry are due for removal. The work continues while they are swept.
  for (const process of living) work(process, sweep);
  await rest(HOUR_MS);
  for (const process of living) sim.after(random.next() * span, () => work(process, sweep));
  burst(0, span);
  await rest(span);
  server.onInsert = () => undefined;

  // A final process checks the stored objects. It writes once, so that everything before is settled, and the pollers
  // catch up.
  const last = startProcess();
  let quiet = false;
  work(last, async (store) => {
    const again = async <T>(what: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await what();
        } catch {
          // The connection broke. The request is repeated.
        }
      }
    };
    const { placed } = await again(() =>
      store.commit({ placements: [{ collection: COLLECTION, candidates: [aCandidate(anIndicator())] }] }),
    );
    if (placed[0]?.[0]?.kind !== 'stored' && server.weather.broken === 0)
      faults.push('the last write failed');
    for (const poller of pollers) while ((await again(() => poll(store, poller))) > 0);
    while ((await again(() => pollRemovals(store))) > 0);
    quiet = true;
  });
  if (!(await sim.run(() => quiet, sim.time + END_MS)))
    faults.push('rule 8: the last process does not come to its end');
  return [...faults, ...check(server, told, removals, pollers, removed, texts, removing)];
}

/** Compares what was reported and seen with the authoritative documents. */
function check(
  server: SimServer,
  told: readonly Told[],
  removals: readonly number[],
  pollers: readonly Poller[],
  removed: { readonly seen: ReadonlySet<number>; readonly faults: readonly string[] },
  texts: ReadonlyMap<string, Candidate>,
  removing: boolean,
): string[] {
  const faults = [...pollers.flatMap((poller) => poller.faults), ...removed.faults];
  const { turns } = server;
  const done = new Set(
    turns.filter((t) => t['kind'] === 'end' && t['outcome'] === 'done').map((t) => t['k']),
  );
  const dead = new Set(
    turns.filter((t) => t['kind'] === 'end' && t['outcome'] === 'dead').map((t) => t['k']),
  );
  const committed = server.all('entries').filter((entry) => done.has(entry['turn']));
  const tombstones = server.all('tombstones').filter((t) => done.has(t['turn']));
  const standing = committed as object[] as Standing[];

  // Rule 2: a range has one end, and there is at most one open range.
  for (const k of done) if (dead.has(k)) faults.push(`rule 2: range ${String(k)} ended twice`);
  const begun = turns.filter((t) => t['kind'] === 'begin').map((t) => Number(t['k']));
  const openRanges = begun.filter((k) => !done.has(k) && !dead.has(k));
  if (openRanges.length > 1) faults.push(`rule 2: ranges ${openRanges.join(', ')} are open`);
  const ranges = turns
    .filter((t) => t['kind'] === 'begin')
    .toSorted((a, b) => Number(a['k']) - Number(b['k'])) as object[] as {
    k: number;
    lo: number;
    hi: number;
  }[];
  ranges.forEach((range, i) => {
    const below = ranges[i - 1];
    if (below !== undefined && range.lo <= below.hi) faults.push(`rule 2: range ${range.k} overlaps`);
  });

  // Rule 3: each combination of id, version and specification version is stored once.
  const places = standing.map(({ id, instant }) => `${id} ${instant}`);
  if (new Set(places).size !== places.length) faults.push('rule 3: a version stands twice');

  // Rule 4: every acknowledgement is true.
  const byAdded = new Map(standing.map((entry) => [entry.added, entry]));
  for (const { candidates, outcomes } of told) {
    outcomes.forEach((outcome, i) => {
      const candidate = candidates[i];
      if (candidate === undefined) return;
      const buried = tombstones.some((t) => t['id'] === candidate.id && t['instant'] === candidate.instant);
      const same = standing.find((e) => e.id === candidate.id && e.instant === candidate.instant);
      if (outcome.kind === 'stored') {
        const entry = byAdded.get(outcome.added);
        const gone = tombstones.some(
          (t) =>
            t['id'] === candidate.id &&
            t['instant'] === candidate.instant &&
            Number(t['removed']) > outcome.added,
        );
        if (entry === undefined && !gone)
          faults.push(`rule 4: ${outcome.added} was acknowledged and is not there`);
        if (entry !== undefined && entry.digest !== candidate.digest)
          faults.push(`rule 4: ${outcome.added} holds another text`);
      }
      if (outcome.kind === 'known' && same?.digest !== candidate.digest && !buried)
        faults.push('rule 4: known, but not there');
      if (outcome.kind === 'conflict' && (same === undefined || same.digest === candidate.digest) && !buried)
        faults.push('rule 4: a conflict with nothing');
    });
  }
  const acknowledged = removals.reduce((sum, n) => sum + n, 0);
  if (tombstones.length < acknowledged)
    faults.push(`rule 4: ${acknowledged} removals acknowledged, ${tombstones.length} there`);

  // Rule 5: every entry has its text, exactly as received.
  for (const { digest } of standing) {
    const object = server.table('objects').get(digest);
    const candidate = texts.get(digest);
    if (object === undefined) faults.push(`rule 5: the text of an entry is gone`);
    else if (candidate !== undefined && object['text'] !== candidate.text)
      faults.push('rule 5: another text');
  }

  // Rule 6: the derived flags match the stored objects.
  if (!server.weather.tornUpdates) {
    for (const id of IDS) {
      const here = committed.filter((entry) => entry['id'] === id);
      deriveFlags(here as never).forEach((flags, i) => {
        const entry = here[i];
        if (
          entry?.['newest'] !== flags.newest ||
          entry['oldest'] !== flags.oldest ||
          entry['old_spec'] !== flags.oldSpec
        )
          faults.push(`rule 6: flags of ${String(entry?.['_id'])}`);
      });
    }
  }

  // Rule 7: a poller has seen everything that is stored, and nothing that never was.
  const [all, last] = pollers;
  for (const { added } of standing)
    if (all?.seen.has(added) !== true) faults.push(`rule 7: ${added} was missed`);
  for (const [added, { id, version, text }] of all?.seen ?? []) {
    const entry = byAdded.get(added);
    const buried = tombstones.some(
      (t) => t['id'] === id && t['version'] === version && Number(t['removed']) > added,
    );
    if (entry === undefined && !buried) faults.push(`rule 7: ${added} was seen and never stood`);
    if (entry !== undefined && text !== texts.get(entry.digest)?.text && texts.has(entry.digest))
      faults.push(`rule 7: ${added} was seen with another text`);
  }
  for (const { _id, removed: number } of tombstones as object[] as { _id: string; removed: number }[])
    if (!removed.seen.has(number)) faults.push(`rule 7: the removal ${_id} was missed`);
  if (!removing && !server.weather.tornUpdates) {
    for (const entry of committed)
      if (entry['newest'] === true && last?.seen.has(Number(entry['added'])) !== true)
        faults.push(`rule 7: the newest version ${String(entry['_id'])} was missed`);
  }
  return faults;
}

const only = process.env['TALANOA_SEED'];
const SCHEDULES = Number(process.env['TALANOA_SCHEDULES'] ?? 100);

async function runAll(
  weather: Partial<Weather>,
  removing: boolean,
  schedules: number,
): Promise<{ seed: number; faults: string[] }[]> {
  const bad: { seed: number; faults: string[] }[] = [];
  const seeds = only === undefined ? Array.from({ length: schedules }, (_, i) => i + 1) : [Number(only)];
  for (const seed of seeds) {
    const faults = await run(seed, weather, removing);
    if (faults.length > 0) bad.push({ seed, faults });
    if (bad.length >= 3) break;
  }
  return bad;
}

describe('the protocol of turns in simulated time', () => {
  test('with removals, nothing is lost, changed, doubled, reordered or missed', async () => {
    expect(await runAll({}, true, SCHEDULES)).toEqual([]);
  }, 900_000);

  test('without removals, a poller of newest versions receives each of them', async () => {
    expect(await runAll({}, false, SCHEDULES / 3)).toEqual([]);
  }, 900_000);

  test('on a server with torn updates, only derived flags can be wrong', async () => {
    expect(await runAll({ tornUpdates: true }, true, SCHEDULES / 3)).toEqual([]);
  }, 900_000);

  test('the simulator finds a server that accepts two ends of a range', async () => {
    const plantedFault = (collection: string, id: string): boolean =>
      collection === 'turns' && id.startsWith('end/');
    expect((await runAll({ plantedFault }, true, Math.max(SCHEDULES, 300))).length).toBeGreaterThan(0);
  }, 900_000);

  test('the simulator finds a server that gives one turn to two writers', async () => {
    const plantedFault = (collection: string, id: string): boolean =>
      collection === 'turns' && id.startsWith('begin/');
    expect((await runAll({ plantedFault }, true, Math.max(SCHEDULES, 300))).length).toBeGreaterThan(0);
  }, 900_000);
});
