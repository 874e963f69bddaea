import { hash } from 'node:crypto';
import type { Directory } from '../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import { canonical } from '../kernel/canonical.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import { WorkLoop } from '../kernel/work-loop.ts';
import { Constituency } from '../members/constituency.ts';
import { markingRefs, rankOf } from '../stix/markings.ts';
import { instantOf } from '../stix/timestamps.ts';
import { text, type StixObject } from '../stix/types.ts';
import { isObservable } from '../stix/versions.ts';
import { holdLease } from '../store/held-lease.ts';
import {
  ALL_VERSIONS,
  LAST_VERSION,
  type Candidate,
  type EntryFacts,
  type Lease,
  type Placement,
  type Store,
} from '../store/store.ts';
import { keepCeilings } from './ceilings.ts';
import { decidePassing } from './passing.ts';
import { targetsOf } from './targets.ts';

const BATCH = 500;
const LEASE = 'routing';
const LEASE_MS = 30_000;
const PAUSE_MS = 2_000;

type Entry = EntryFacts & { readonly text: string };

/** What the members claim, with a digest that changes when any of it does. */
interface Claims {
  readonly snapshot: Snapshot;
  readonly constituency: Constituency;
  readonly claims: string;
}

/**
 * Routing (DESIGN.md section 4): a cursor over each source collection. Entries go into the own collections of the
 * members whom they concern, policy being asked again; the cursor moves in the same commit. A repeated batch finds its
 * entries known, so nothing is lost or doubled by being stopped anywhere.
 */
export class Routing {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #loop: WorkLoop;
  #claims: Claims | undefined;
  readonly #listeners: (() => void)[] = [];

  /** Calls `listener` when something was looked at, whether it was placed or not: others may wait for what stands at its source. */
  onPlaced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  constructor(store: Store, directory: Directory, clock: Clock, log: Log) {
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#loop = new WorkLoop(
      clock,
      PAUSE_MS,
      async () => {
        await this.routeAll();
        for (const listener of this.#listeners) listener();
      },
      (error) => log.error('routing.failed', { reason: reasonOf(error) }),
    );
  }

  /** Works until `stop`: at once after `notify`, else every two seconds. */
  start(): void {
    this.#loop.start();
  }

  /** Something new may be there to route. */
  notify(): void {
    this.#loop.notify();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Routes everything that waits, in all source collections. Gives the number of places given. */
  async routeAll(): Promise<number> {
    const before = await this.#directory.current();
    const targets = [...before.members.values()].filter(
      ({ active, collection }) => active && collection !== undefined,
    );
    const lowered = [...before.collections.values()].some((one) => one.tallest !== one.max_tlp);
    if (targets.length === 0 && !lowered) return 0;
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return 0;
    const signal = AbortSignal.any([held.lost, this.#loop.signal]);
    try {
      let routed = 0;
      if (lowered) await keepCeilings(this.#store, this.#directory, held.lease, this.#log, signal);
      const directory = await this.#directory.current();
      for (const source of directory.collections.values()) {
        // Routed entries are not routed again.
        if (source.ownOf !== undefined) continue;
        for (let more = true; more && !signal.aborted;) {
          const step = await this.#step(source, directory, held.lease);
          routed += step.routed;
          more = step.more;
        }
      }
      return routed;
    } catch (error) {
      // Somebody else has the lease by now and goes on from the cursor.
      if (error instanceof Problem && error.kind === 'conflict') return 0;
      throw error;
    } finally {
      await held.release();
    }
  }

  async #step(
    source: CollectionInfo,
    directory: Snapshot,
    lease: Lease,
  ): Promise<{ routed: number; more: boolean }> {
    const cursor = await this.#store.record('routing', source.id);
    const { constituency, claims } = this.#constituency(directory);
    // Other claims concern other entries: then the walk begins again, and finds what was routed before known.
    const after = cursor?.document['claims'] === claims ? Number(cursor.document['added']) : 0;
    const page = await this.#store.entries(
      { collection: source.id, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const entries = page.entries as readonly Entry[];
    const last = entries.at(-1);
    if (last === undefined) return { routed: 0, more: false };
    const placements = await this.#placements(source, entries, directory, constituency);
    const { placed } = await this.#store.commit({
      placements,
      records: [
        {
          kind: 'routing',
          id: source.id,
          expected: cursor?.revision ?? 0,
          document: { added: last.added, claims },
        },
      ],
      lease,
    });
    const routed = placed.flat().filter(({ kind }) => kind === 'stored').length;
    if (routed > 0)
      this.#log.info('routing.placed', {
        source: source.alias ?? source.id,
        looked_at: entries.length,
        placed: routed,
      });
    return { routed, more: page.more };
  }

  #constituency(directory: Snapshot): Claims {
    if (this.#claims?.snapshot !== directory) {
      const members = [...directory.members.values()];
      const said = members.map(
        ({ title: _title, identities: _identities, objects_per_day: _quota, ...claims }) =>
          JSON.parse(JSON.stringify(claims)),
      );
      const claims = hash('sha256', canonical(said)).slice(0, 16);
      this.#claims = { snapshot: directory, constituency: new Constituency(members), claims };
    }
    return this.#claims;
  }

  async #placements(
    source: CollectionInfo,
    entries: readonly Entry[],
    directory: Snapshot,
    constituency: Constituency,
  ): Promise<readonly Placement[]> {
    const objects = entries.map((entry) => ({ entry, object: JSON.parse(entry.text) as StixObject }));
    const byTarget = new Map<string, Map<string, { entry: Entry; object: StixObject }>>();
    const add = (target: string, item: { entry: Entry; object: StixObject }): void => {
      const list = byTarget.get(target) ?? new Map<string, { entry: Entry; object: StixObject }>();
      list.set(`${item.entry.id} ${item.entry.version}`, item);
      byTarget.set(target, list);
    };
    for (const item of objects) {
      for (const { collection } of targetsOf(
        item.object,
        item.entry,
        directory,
        constituency,
        this.#clock.now(),
      ))
        if (collection.id !== source.id) add(collection.id, item);
    }
    // A new version, also a revocation, goes wherever an earlier version went.
    const later = objects.filter(({ entry }) => !entry.oldest);
    if (later.length > 0) {
      const ids = [...new Set(later.map(({ entry }) => entry.id))];
      for (const { collection } of directory.members.values()) {
        if (collection === undefined) continue;
        const standing = await this.#store.standing(collection, ids);
        for (const item of later) if (standing.has(item.entry.id)) add(collection, item);
      }
    }
    const wanted = [...byTarget.values()].flatMap((items) => [...items.values()].map(({ object }) => object));
    const companions = await this.#companions(source, wanted);
    const placements: Placement[] = [];
    for (const [id, items] of byTarget) {
      const target = directory.collections.get(id);
      if (target === undefined) continue;
      const named = new Set([...items.values()].flatMap(({ object }) => namedBy(object)));
      const beside = companions.filter(({ entry }) => named.has(entry.id));
      const candidates = [...beside, ...items.values()].flatMap(({ entry, object }) =>
        this.#candidate(entry, object, target, directory),
      );
      if (candidates.length > 0) placements.push({ collection: id, candidates });
    }
    return placements;
  }

  /** What objects cannot be read without: their creators and markings, where they stand beside them. Read once a batch. */
  async #companions(
    source: CollectionInfo,
    objects: readonly StixObject[],
  ): Promise<readonly { entry: Entry; object: StixObject }[]> {
    const ids = [...new Set(objects.flatMap(namedBy))];
    if (ids.length === 0) return [];
    const { entries } = await this.#store.entries(
      { collection: source.id, after: 0, limit: ids.length, ids, versions: LAST_VERSION },
      true,
    );
    return (entries as readonly Entry[]).map((entry) => ({
      entry,
      object: JSON.parse(entry.text) as StixObject,
    }));
  }

  #candidate(
    entry: Entry,
    object: StixObject,
    target: CollectionInfo,
    directory: Snapshot,
  ): readonly Candidate[] {
    const decision = decidePassing(object, entry, target, directory, this.#clock.now());
    if (decision.verdict !== 'allow') {
      this.#log.debug('routing.withheld', { target: target.alias ?? target.id, reason: decision.reason });
      return [];
    }
    return [
      {
        text: entry.text,
        digest: hash('sha256', entry.text),
        id: entry.id,
        type: entry.type,
        version: entry.version,
        instant: instantOf(entry.version),
        spec: entry.spec,
        level: rankOf(decision.effective),
        owner: entry.owner,
        unversioned: object['modified'] === undefined && object['created'] === undefined,
        shared: entry.type === 'marking-definition' || isObservable(object),
        relayed: false,
      },
    ];
  }
}

/** Ids of the creator and the markings of an object. */
function namedBy(object: StixObject): readonly string[] {
  const creator = text(object, 'created_by_ref');
  return [...(creator === undefined ? [] : [creator]), ...markingRefs(object)];
}
