import type { Directory } from '../../access/directory.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { WorkLoop } from '../../kernel/work-loop.ts';
import { VALUE_TYPES, type ValueType } from '../../stix/values/observed-values.ts';
import { holdLease, waitForLease } from '../../store/held-lease.ts';
import type { Stored } from '../../store/records.ts';
import { namePages, removal as removed, type Lease, type Name, type Store } from '../../store/store.ts';
import type { BlockGuard } from '../lists/blocking.ts';
import { formatNamed, type ListQuery } from '../lists/list-query.ts';
import { Scores, scoreOf } from '../lists/scores.ts';
import { Selection } from '../lists/selection.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import type { LifeSettings } from '../values/life.ts';
import type { ValueView } from '../values/value-view.ts';
import type { ListAlarms } from './alarms.ts';
import { holdOf } from './brake.ts';
import { changesOf, type Judged, type Permitted } from './change.ts';
import { joinedRows } from './joined-rows.ts';
import {
  LIST_STATES,
  SAVED_LISTS,
  UNPUBLISHED,
  type HeldContent,
  type Hold,
  type ListStateRecord,
  type SavedListRecord,
} from './model.ts';
import { REMOVAL_DAYS, sweepRemovals } from './removal-log.ts';
import { valuesIn } from './stored-values.ts';
import { Writing } from './writing.ts';

const DAY_MS = 86_400_000;
const DAY_US = DAY_MS * 1_000;
const LEASE = 'lists';
const LEASE_MS = 30_000;
const PAUSE_MS = 1_000;
/** A list is compared with its collections again after this time, because policies and warning lists can change. */
const LONGEST_MS = 300_000;
/** Time that a request waits for a list to be published. */
const PATIENCE_MS = 5_000;
/** Number of values that are read at once. */
const AT_ONCE = 1_000;
/** After a list was made, it is left alone for this many times as long as that took. */
const RESTS = 3;

export interface PublisherParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly view: Pick<ValueView, 'rows' | 'head' | 'catchUp'>;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: LifeSettings;
  readonly guard: (directory: Snapshot, now: number) => Promise<BlockGuard>;
  readonly alarms: ListAlarms;
  readonly clock: Clock;
  readonly log: Log;
}

type State = Stored<ListStateRecord> | undefined;

/** New content of a list, before it is published. */
interface Content {
  readonly record: Stored<SavedListRecord>;
  readonly selection: Selection;
  readonly scores: Scores;
  readonly basis: string;
  readonly now: number;
  /** Judges all values of a type again. */
  readonly judged: (type: ValueType) => AsyncGenerator<readonly Judged[]>;
}

/**
 * Publishes saved lists: keeps the stored values of each list equal to those that its filters select from its
 * collections, and notes every value that leaves. Content that would empty or double a list is not published until a
 * person confirms it.
 */
export class ListPublisher {
  readonly #parts: PublisherParts;
  readonly #loop: WorkLoop;
  /** When each list may be made again (monotonic time), and the members that it was made for. */
  readonly #rest = new Map<string, { readonly until: number; readonly members: Snapshot['members'] }>();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#loop = new WorkLoop(
      parts.clock,
      PAUSE_MS,
      () => this.publishAll(),
      (error) => parts.log.error('list.publishing_failed', { reason: reasonOf(error) }),
    );
  }

  /** Runs until `stop`: every second. One process does the work. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Publishes every list that changed. */
  async publishAll(): Promise<void> {
    const { store, clock } = this.#parts;
    const held = await holdLease(store, clock, LEASE, LEASE_MS);
    if (held === undefined) return;
    try {
      const lists = await SAVED_LISTS.all(store);
      for (const list of lists) {
        if (this.#loop.signal.aborted || held.lost.aborted) return;
        await this.#attempt(list, held.lease);
      }
      await this.#clearDeleted(new Set(lists.map(({ id }) => id)), held.lease);
    } finally {
      await held.release();
    }
  }

  /** Publishes one list now, if another process does not hold the work for too long. */
  async publish(name: string): Promise<void> {
    const { store, clock } = this.#parts;
    const held = await waitForLease(store, clock, LEASE, LEASE_MS, PATIENCE_MS);
    if (held === undefined) return;
    try {
      const list = await SAVED_LISTS.in(store).get(name);
      if (list === undefined) return;
      const rest = this.#rest.get(name);
      // Of several requests that wait, the first one does the work for all.
      if (rest !== undefined) this.#rest.set(name, { ...rest, until: 0 });
      for (const collection of list.document.collections) await this.#parts.view.catchUp(collection);
      await this.#attempt(list, held.lease);
    } finally {
      await held.release();
    }
  }

  /** Removes old entries of the removal logs. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#parts;
    const before = clock.now() * 1_000 - REMOVAL_DAYS * DAY_US;
    for (const { id } of await SAVED_LISTS.all(store)) while (await sweepRemovals(store, id, before));
  }

  async #attempt(list: Stored<SavedListRecord>, lease: Lease): Promise<void> {
    const { clock, alarms } = this.#parts;
    const rest = this.#rest.get(list.id);
    if (rest !== undefined && clock.monotonic() < rest.until) return;
    const begun = clock.monotonic();
    if (await this.#isOvertaken(list.id, () => this.#publishOne(list, lease))) return;
    const { members } = await this.#parts.directory.current();
    const until = clock.monotonic() + (clock.monotonic() - begun) * RESTS;
    this.#rest.set(list.id, { until, members });
    await this.#isOvertaken(list.id, () => alarms.checkStale(list.document));
  }

  /** Works on one list, so that a fault of it does not keep the others waiting. True if somebody changed it in between. */
  async #isOvertaken(list: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      // Somebody changed the list or confirmed it. The next round sees that.
      if (error instanceof Problem && error.kind === 'conflict') return true;
      this.#parts.log.error('list.publishing_failed', { list, reason: reasonOf(error) });
    }
    return false;
  }

  async #publishOne(list: Stored<SavedListRecord>, lease: Lease): Promise<void> {
    const { store, directory, view, clock } = this.#parts;
    const state = await LIST_STATES.in(store).get(list.id);
    const before = state?.document ?? UNPUBLISHED;
    // A list of the same name was deleted, and its values are still being removed.
    if (before.gone) return;
    const snapshot = await directory.current();
    const heads = await Promise.all(list.document.collections.map((id) => view.head(id)));
    // A view that is being built lacks values. The published list is better than that.
    if (!heads.every(({ usable }) => usable)) return;
    const suppressed = await this.#parts.suppressions.current();
    const basis = JSON.stringify([
      list.revision,
      suppressed.digest,
      ...heads.map(({ position }) => position),
      this.#parts.life.of(snapshot).digest,
    ]);
    const now = clock.now();
    const isSameRules = this.#rest.get(list.id)?.members === snapshot.members;
    if (isSameRules && isFresh(before, basis, now) && !isUnsettled(list.document, before)) return;
    const content = await this.#contentOf(list, snapshot, suppressed, basis, now);
    await this.#apply(content, state, lease);
  }

  /** Reads all values once, to learn how many the list would have. */
  async #contentOf(
    record: Stored<SavedListRecord>,
    directory: Snapshot,
    suppressed: SuppressedValues,
    basis: string,
    now: number,
  ): Promise<Content> {
    const { view, clock } = this.#parts;
    const { document: list } = record;
    const guard = await this.#parts.guard(directory, now);
    const member = list.owner === 'hub' ? undefined : directory.members.get(list.owner);
    const parts = {
      format: formatNamed(list.format),
      query: queryOf(list),
      guard,
      suppressed,
      life: this.#parts.life.of(directory),
      reader: member === undefined ? undefined : { member: member.name, guard: guard.forReporter(member) },
      // A reader of the list may read each of its collections, up to its maximum TLP.
      audience: { kind: 'hub' } as const,
      marking: (id: string, owner: string) => directory.marking(id, owner),
      now,
      clock,
    };
    const selection = new Selection(parts);
    const scores = new Scores();
    const slices = new Slices(clock);
    for (const type of parts.query.types)
      for await (const groups of joinedRows(view, list.collections, type))
        for (const group of groups) {
          const found = selection.examine(group);
          if (typeof found === 'object') scores.add(scoreOf(found));
          if (slices.isOver()) await slices.next();
        }
    const chosen = scores.length > list.max_entries ? scores.chosen(0, list.max_entries) : undefined;
    const again = new Selection(parts);
    let at = 0;
    async function* judged(type: ValueType): AsyncGenerator<readonly Judged[]> {
      for await (const groups of joinedRows(view, list.collections, type)) {
        yield groups.map((group) => {
          const found = again.examine(group);
          const isLeftOut = typeof found === 'object' && chosen !== undefined && chosen[at++] !== 1;
          return { value: group[0].value, found: isLeftOut ? 'limit' : found };
        });
        if (slices.isOver()) await slices.next();
      }
    }
    return { record, selection, scores, basis, now, judged };
  }

  async #apply(content: Content, state: State, lease: Lease): Promise<void> {
    const { alarms } = this.#parts;
    const { record, selection, scores, basis, now } = content;
    const { document: list } = record;
    const before = state?.document ?? UNPUBLISHED;
    const wanted = Math.min(scores.length, list.max_entries);
    const hold = holdOf(list, before, wanted);
    const writing = new Writing(this.#parts, list.name, state, lease);
    for (const type of VALUE_TYPES) {
      const published = this.#published(list.name, type);
      const isCarried = queryOf(list).types.includes(type);
      const judged = isCarried ? content.judged(type) : nothing();
      for await (const changes of changesOf(list.name, type, published, judged, permittedBy(hold)))
        await writing.take(changes);
    }
    const beyond = Math.max(0, scores.length - list.max_entries);
    selection.omit('limit', beyond);
    const held = heldContent(hold, before.held, wanted, now);
    const entries = hold === undefined ? wanted : await this.#entriesAfter(before, writing, list.name);
    const isChanged = writing.changes > 0 || before.generation === 0 || before.applying;
    await writing.end({
      generation: before.generation + (isChanged ? 1 : 0),
      entries,
      published: isChanged ? now : before.published,
      checked: now,
      ...(Number.isFinite(selection.changesAt) ? { changes: selection.changesAt } : {}),
      basis,
      omitted: Object.fromEntries(selection.omitted),
      ...(held === undefined ? {} : { held }),
      ...(hold === undefined || before.confirmed === undefined ? {} : { confirmed: before.confirmed }),
      ...(isChanged || before.alarmed === undefined ? {} : { alarmed: before.alarmed }),
    });
    if (held === undefined) await this.#settle(record, writing.removedAt);
    else if (before.held?.reason !== held.reason) await alarms.held(list, held, before.entries);
  }

  /**
   * Notes that all values of former collections have left the list. The last ones left at `removed`
   * (microseconds since 1970) at the latest, and stay in the removals.
   */
  async #settle(record: Stored<SavedListRecord>, removed: number): Promise<void> {
    const { store, clock } = this.#parts;
    const { former = [] } = record.document;
    if (former.every(({ until }) => until !== undefined)) return;
    const until = Math.max(clock.now(), Math.ceil(removed / 1_000)) + REMOVAL_DAYS * DAY_MS;
    const settled = former.map((one) => ({ ...one, until: one.until ?? until }));
    await store.commit({ records: [SAVED_LISTS.change(record, { ...record.document, former: settled })] });
  }

  /** Counts the values of a list whose new content is on hold. */
  async #entriesAfter(before: ListStateRecord, writing: Writing, list: string): Promise<number> {
    if (!before.applying) return before.entries + writing.growth;
    let count = 0;
    for (const type of VALUE_TYPES)
      for await (const names of this.#published(list, type)) count += names.length;
    return count;
  }

  #published(list: string, type: ValueType): AsyncGenerator<readonly Name[]> {
    return namePages(this.#parts.store, [valuesIn(list, type)], AT_ONCE);
  }

  /** Removes the values of deleted lists. */
  async #clearDeleted(present: ReadonlySet<string>, lease: Lease): Promise<void> {
    const { store } = this.#parts;
    for (const state of await LIST_STATES.all(store)) {
      if (present.has(state.id) && !state.document.gone) continue;
      const ranges = VALUE_TYPES.map((type) => valuesIn(state.id, type));
      for (;;) {
        const staleNames = await store.names({ ranges, limit: AT_ONCE });
        if (staleNames.length === 0) break;
        await store.commit({ staleNames, lease });
      }
      while (await sweepRemovals(store, state.id));
      await store.commit({ records: [removed(state)], lease });
      this.#rest.delete(state.id);
    }
  }
}

/** Returns the filters of a saved list. */
export function queryOf(list: SavedListRecord): ListQuery {
  const { usual, carries } = formatNamed(list.format);
  return {
    types: list.types === undefined ? usual : carries.filter((type) => list.types?.includes(type)),
    minConfidence: list.min_confidence,
    maxAge: list.max_age,
    labels: list.labels,
    sources: list.sources,
    limit: undefined,
    page: 1,
    since: undefined,
    aggregate: list.aggregate,
  };
}

function isFresh(
  { applying, basis: known, changes = Infinity, checked, confirmed, generation }: ListStateRecord,
  basis: string,
  now: number,
): boolean {
  const isOpen = applying || confirmed !== undefined || generation === 0;
  return !isOpen && known === basis && now < changes && now < checked + LONGEST_MS;
}

/** True when the values of a former collection have left, but this was not noted because the process ended. */
function isUnsettled({ former = [] }: SavedListRecord, { held }: ListStateRecord): boolean {
  return held === undefined && former.some(({ until }) => until === undefined);
}

/** While content is on hold, a list loses the values that must go, and gets no new ones. */
function permittedBy(hold: Hold | undefined): Permitted {
  if (hold === undefined) return { additions: true, removals: () => true };
  return {
    additions: false,
    // A list that lost most of its values probably lost them by a fault. Suppressed values leave it in any case.
    removals: (reason) => (hold === 'growth' ? reason !== 'limit' : reason === 'suppressed'),
  };
}

function heldContent(
  hold: Hold | undefined,
  before: HeldContent | undefined,
  entries: number,
  now: number,
): HeldContent | undefined {
  if (hold === undefined) return undefined;
  return { reason: hold, entries, at: before?.reason === hold ? before.at : now };
}

async function* nothing(): AsyncGenerator<readonly Judged[]> {
  // A type that the list no longer carries.
}
