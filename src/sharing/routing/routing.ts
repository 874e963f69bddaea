import { TRIAGE } from '../shares/model.ts';
import { Basis, changesBetween } from '../reevaluation/basis.ts';
import { Licences } from '../reevaluation/licences.ts';
import { ROUTING } from './model.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import { joined } from '../../kernel/deadline.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { Constituency } from '../../members/constituency.ts';
import { holdLease } from '../../store/held-lease.ts';
import {
  ALL_VERSIONS,
  type Candidate,
  type EntryFacts,
  type HubRecord,
  type Lease,
  type Placement,
  type RecordChange,
  type Store,
} from '../../store/store.ts';
import { isLowered, removeTooStrict, removeEnded } from '../life/maximum-tlp.ts';
import { DeletedCollections, isDeletionDue } from '../life/deleted-collections.ts';
import type { PassingContext } from './passing.ts';
import { replacedForm } from '../intake/placement-facts.ts';
import { candidateOf, companionsOf, companionsFor, contextOf, itemsOf, type Item } from './placing.ts';
import { MOST_OPEN, triageChange, triageReason } from '../shares/triage.ts';
import { ruleTargetsOf, targetsOf } from './targets.ts';

const BATCH = 500;
const LEASE = 'routing';
const LEASE_MS = 30_000;
const PAUSE_MS = 2_000;

type Entry = EntryFacts & { readonly text: string };

/**
 * Routing: a cursor over each source collection. Entries are placed in the collections of the members that they
 * affect, after another check of the policy. The cursor moves in the same commit. A repeated batch finds its entries
 * known, so an interruption never loses or duplicates an entry.
 */
export class Routing {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #loop: WorkLoop;
  readonly #region: readonly string[];
  readonly #audit: Pick<Audit, 'ofHub'>;
  readonly #basis: Basis;
  readonly #licences: Licences;
  readonly #deleted: DeletedCollections;
  /** Damaged marking definitions whose objects were removed. They cannot be marked as cleared. */
  readonly #ended = new WeakSet<HubRecord>();
  readonly #listeners: (() => void)[] = [];

  /**
   * Calls `listener` when entries were examined, whether they were placed or not, because other components may wait for
   * entries in the source collection.
   */
  onPlaced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** `region`: the countries for which the hub acts if they have no member. */
  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    log: Log,
    audit: Pick<Audit, 'ofHub'>,
    region: readonly string[] = [],
    basis = new Basis(region),
  ) {
    this.#audit = audit;
    this.#region = region;
    this.#basis = basis;
    this.#licences = new Licences(store, log, audit);
    this.#deleted = new DeletedCollections(store, directory, clock, log);
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

  /** Runs until `stop`: immediately after `notify`, otherwise every two seconds. */
  start(): void {
    this.#loop.start();
  }

  /** Announces that there may be new entries to route. */
  notify(): void {
    this.#loop.notify();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Routes everything that waits in all source collections. Returns the number of placements. */
  async routeAll(): Promise<number> {
    const before = await this.#directory.current();
    const targets = [...before.members.values()].filter(
      ({ active, collection }) => active && collection !== undefined,
    );
    const isCaring = this.#region.length > 0;
    const now = this.#clock.now();
    const lowered = [...before.collections.values()].some((one) => isLowered(one, now));
    const deleted = [...before.deletedCollections.values()].some((one) => isDeletionDue(one, now));
    const closed = before.damage.endedMarkings(now).filter((record) => !this.#ended.has(record));
    const ended = [...before.endedMarkings(now), ...closed.map(({ id }) => id)];
    const isLicenceDue = this.#licences.isDue(before, now);
    if (
      targets.length === 0 &&
      !isCaring &&
      before.rules.length === 0 &&
      !lowered &&
      !deleted &&
      ended.length === 0 &&
      !isLicenceDue
    )
      return 0;
    const held = await holdLease(this.#store, this.#clock, LEASE, LEASE_MS);
    if (held === undefined) return 0;
    const { signal, release } = joined(held.lost, this.#loop.signal);
    try {
      let routed = 0;
      if (lowered)
        await removeTooStrict(this.#store, this.#directory, held.lease, this.#log, this.#audit, now, signal);
      // Large collections take minutes. The next round continues, after everything else had its turn.
      if (deleted && (await this.#deleted.round(held.lease, now, signal))) this.#loop.notify();
      if (ended.length > 0)
        await removeEnded(this.#store, this.#directory, ended, held.lease, this.#log, this.#audit, signal);
      // No object with an unreadable marking is placed, so nothing is left to remove.
      if (!signal.aborted) for (const record of closed) this.#ended.add(record);
      const directory = await this.#directory.current();
      if (isLicenceDue) await this.#licences.keep(directory, held.lease, now, signal);
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
      // Another process holds the lease now and continues from the cursor.
      if (error instanceof Problem && error.kind === 'conflict') return 0;
      throw error;
    } finally {
      release();
      await held.release();
    }
  }

  async #step(
    source: CollectionInfo,
    directory: Snapshot,
    lease: Lease,
  ): Promise<{ routed: number; more: boolean }> {
    const cursor = await ROUTING.in(this.#store).get(source.id);
    const basis = this.#basis.of(directory, source);
    // Other settings affect other entries. Routing then starts from the beginning and skips the entries that it
    // routed before.
    const isSame = cursor?.document.basis === basis;
    const after = isSame ? cursor.document.added : 0;
    const page = await this.#store.entries(
      { collection: source.id, after, limit: BATCH, versions: ALL_VERSIONS, specs: ['2.0', '2.1'] },
      true,
    );
    const entries = page.entries as readonly Entry[];
    const last = entries.at(-1);
    if (last === undefined) return { routed: 0, more: false };
    if (cursor !== undefined && !isSame) this.#tellRestart(source, cursor.document.basis ?? '', basis);
    const { placements, unplaced, context } = await this.#placements(
      source,
      entries,
      directory,
      Constituency.of(directory),
    );
    const triage = await this.#triage(source, unplaced, context);
    const { placed } = await this.#store.commit({
      placements,
      replaced: replacedForm(this.#audit),
      records: [ROUTING.put(source.id, cursor, { added: last.added, basis }), ...triage],
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

  /** Logs that all stored objects of a collection are examined again, and why. */
  #tellRestart(source: CollectionInfo, before: string, after: string): void {
    const because = changesBetween(before, after).join(', ');
    this.#log.info('routing.restarted', { source: source.alias ?? source.id, because });
  }

  async #placements(
    source: CollectionInfo,
    entries: readonly Entry[],
    directory: Snapshot,
    constituency: Constituency,
  ): Promise<{
    readonly placements: readonly Placement[];
    /** Entries that are routed to nobody. */
    readonly unplaced: readonly Item[];
    readonly context: PassingContext;
  }> {
    const items = await itemsOf(entries, this.#clock);
    const all = items.map(({ object }) => object);
    const about = await contextOf(this.#store, source.id, all, directory, this.#clock.now());
    const byTarget = new Map<string, Map<string, Item>>();
    const add = (target: string, item: Item): void => {
      if (target === source.id) return;
      const list = byTarget.get(target) ?? new Map<string, Item>();
      list.set(`${item.entry.id} ${item.entry.version}`, item);
      byTarget.set(target, list);
    };
    const unplaced: Item[] = [];
    const slices = new Slices(this.#clock);
    for (const item of items) {
      if (slices.isOver(item.entry.text.length)) await slices.next();
      const targets = targetsOf(item.object, item.entry, constituency, about);
      if (targets.length === 0) unplaced.push(item);
      for (const { collection } of [...targets, ...ruleTargetsOf(item.object, item.entry, source.id, about)])
        add(collection.id, item);
    }
    // A new version, also a revocation, goes wherever an earlier version went.
    const later = items.filter(({ entry }) => !entry.oldest);
    if (later.length > 0) {
      const ids = [...new Set(later.map(({ entry }) => entry.id))];
      for (const collection of reachable(source, directory)) {
        const standing = await this.#store.standing(collection, ids);
        // Only for the same owner. Otherwise a member that has an object of the same id routed to itself
        // would receive the later versions of others.
        for (const item of later)
          if (standing.get(item.entry.id)?.has(item.entry.owner) === true) add(collection, item);
      }
    }
    const wanted = [...byTarget.values()].flatMap((list) => [...list.values()].map(({ object }) => object));
    const { companions, context } = await companionsOf(this.#store, source.id, wanted, about);
    const placements = this.#candidates(byTarget, companions, context, directory);
    return { placements, unplaced, context: about };
  }

  /** Returns what is placed in each target collection: the entries that the policy allows there, with their companions. */
  #candidates(
    byTarget: ReadonlyMap<string, ReadonlyMap<string, Item>>,
    companions: Awaited<ReturnType<typeof companionsOf>>['companions'],
    context: PassingContext,
    directory: Snapshot,
  ): readonly Placement[] {
    const placements: Placement[] = [];
    for (const [id, list] of byTarget) {
      const target = directory.collections.get(id);
      if (target === undefined) continue;
      const passed = (items: readonly Item[]): { item: Item; candidate: Candidate }[] =>
        items.flatMap((item) => {
          const found = candidateOf(item, target, context);
          if (found.candidate !== undefined) return [{ item, candidate: found.candidate }];
          this.#log.debug('routing.withheld', { target: target.alias ?? target.id, reason: found.reason });
          return [];
        });
      const here = passed([...list.values()]);
      const beside = passed(companionsFor(companions, here.map(({ item }) => item))); // prettier-ignore
      const candidates = [...beside, ...here].map(({ candidate }) => candidate);
      if (candidates.length > 0) placements.push({ collection: id, candidates });
    }
    return placements;
  }

  /** Adds entries that are routed to nobody, but need a decision, to the triage queue. */
  async #triage(
    source: CollectionInfo,
    items: readonly Item[],
    context: PassingContext,
  ): Promise<readonly RecordChange[]> {
    if (!context.directory.damage.isConstituencyKnown) return [];
    const found = items.flatMap((item) => {
      const reason = triageReason(item, context, this.#region);
      return reason === undefined ? [] : [triageChange({ source: source.id, object: item.entry.id, ...reason }, context.now)]; // prettier-ignore
    });
    if (found.length === 0) return [];
    const open = await TRIAGE.in(this.#store).by('state', 'open', { limit: MOST_OPEN });
    const changes: RecordChange[] = [];
    for (const change of new Map(found.map((one) => [one.id, one])).values()) {
      // An entry that was in the queue before is not added again.
      if ((await TRIAGE.in(this.#store).get(change.id)) !== undefined) continue;
      if (open.length + changes.length < MOST_OPEN) changes.push(change);
      else this.#log.warn('triage.full', { collection: source.alias ?? source.id });
    }
    return changes;
  }
}

/** Returns the collections to which objects of a collection may have been routed. */
function reachable(source: CollectionInfo, directory: Snapshot): ReadonlySet<string> {
  return new Set([
    ...[...directory.members.values()].flatMap(({ collection }) => collection ?? []),
    ...directory.rules.filter(({ from }) => from === source.id).map(({ to }) => to),
  ]);
}
