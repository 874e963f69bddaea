import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { Slices } from '../../kernel/slices.ts';
import { VALUE_TYPES, valueKey, type ObservedValue } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import {
  namePages,
  removal,
  type Lease,
  type Name,
  type RecordChange,
  type Store,
} from '../../store/store.ts';
import { followAlone, type Follower, type Position } from '../reading/follow-collections.ts';
import type { NewEntry } from '../reading/new-entries.ts';
import { SUPPRESSIONS } from '../suppression/model.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import { valueOf } from '../suppression/value-of.ts';
import {
  arrived,
  changeOf,
  dayOf,
  isNothing,
  NO_COUNTS,
  scoredAt,
  scoredOf,
  scoreName,
  scoreOfName,
  sumOf,
  UNSCORED,
  type DayCounts,
  type ScoredValue,
} from './counting.ts';
import {
  KEPT_DAYS,
  SCORE_DAYS,
  SCORE_INDEX,
  SCORE_INTAKE,
  SCORE_STATE,
  scoreDayId,
  type ScoreIndexRecord,
  type ScoreStateRecord,
} from './model.ts';
import type { SightedValues } from './sighted-values.ts';

/** Maximum number of values that are counted in one step. */
const BATCH = 500;
/** Number of values that are looked up at once. */
const LOOKED_UP = 200;
/** Number of names that are read at once, and of records that are removed at once. */
const WINDOW = 1_000;
const LEASE = { name: 'scores', ttlMs: 30_000 };
/** How often the counts are noted as complete. */
const PAUSE_MS = 10_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** How many months before the kept ones are removed, also by a hub that was not running for a while. */
const SWEPT_MONTHS = 24;
/** The only id of the state. */
const HUB = 'hub';

interface FollowerParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly log: Log;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly sighted: Pick<SightedValues, 'count'>;
}

/** A value and what is known about it, before and after a step. */
interface Change {
  readonly observed: ObservedValue;
  readonly name: Name | undefined;
  readonly before: ScoredValue;
  after: ScoredValue;
}

/**
 * Counts who reported which value when, for the scorecards. It has a cursor over the entries of each collection, like the
 * value view, so an answer needs a few records for each day and never all values. Everything is derived: it can be removed
 * and counted again at any time from the stored entries.
 */
export class ScoreFollower {
  readonly #s: FollowerParts;
  /** Counts new entries, together with everything else that follows the collections. */
  readonly follower: Follower;
  /** When the counts were last noted as complete (monotonic time). */
  #noted = -Infinity;

  constructor(parts: FollowerParts) {
    this.#s = parts;
    const { clock, log } = parts;
    this.follower = {
      lease: LEASE,
      begin: (lease) => this.#begin(lease),
      position: (collection, lease) => this.#position(collection, lease),
      end: async () => {
        if (clock.monotonic() - this.#noted < PAUSE_MS) return;
        this.#noted = clock.monotonic();
        await this.#followed();
      },
      failed: (error) => log.error('scores.failed', { reason: reasonOf(error) }),
    };
  }

  /** Counts everything that was stored until now. One process does this at a time. */
  async follow(): Promise<void> {
    const { store, directory, clock } = this.#s;
    const following = { store, directory, clock, ending: new AbortController().signal };
    await followAlone(following, { ...this.follower, end: () => this.#followed() });
  }

  /** Has everything counted again from the stored entries. Until then, the scorecards are incomplete. */
  async rebuild(): Promise<void> {
    await this.#state((state) => ({ ...state, rebuild: true }));
  }

  /** Does the work that comes before new entries: a requested rebuild, and the false positives that were confirmed. */
  async #begin(lease: Lease): Promise<void> {
    const { store, suppressions } = this.#s;
    const writing = (await SCORE_INDEX.all(store)).filter(({ document }) => document.writing);
    const state = await SCORE_STATE.in(store).get(HUB);
    if (writing.length > 0 || state?.document.rebuild === true) await this.#clear(lease);
    const { digest } = await suppressions.current();
    const present = await SCORE_STATE.in(store).get(HUB);
    if (present?.document.suppressed === digest) return;
    await this.#countHarmless(lease);
    await this.#state((document) => ({ ...document, suppressed: digest }));
  }

  /** Notes which values hub staff confirmed as harmless, and which no longer. */
  async #countHarmless(lease: Lease): Promise<void> {
    const all = (await SUPPRESSIONS.all(this.#s.store)).filter(
      ({ document: { cause } }) => cause === 'false-positive',
    );
    for (let at = 0; at < all.length; at += BATCH) {
      const some = all.slice(at, at + BATCH).map(({ document }) => document);
      const changes = await this.#changes(some.map(valueOf));
      for (const [i, { lifted }] of some.entries()) {
        const change = changes[i];
        if (change?.name !== undefined) change.after = { ...change.before, isHarmless: lifted === undefined };
      }
      await this.#write(changes, undefined, lease);
    }
  }

  async #position(collection: string, lease: Lease): Promise<Position> {
    const cursor = await SCORE_INDEX.in(this.#s.store).get(collection);
    return {
      after: cursor?.document.added ?? 0,
      take: async ({ entries, last }) => {
        const indicators = entries.filter(({ type }) => type === 'indicator');
        await this.#write(await this.#arrivals(indicators), { collection, added: last, cursor }, lease);
        return false;
      },
    };
  }

  /** Returns the values that these indicators report, with what is known about each afterwards. */
  async #arrivals(placed: readonly NewEntry[]): Promise<readonly Change[]> {
    const slices = new Slices(this.#s.clock);
    const rows = [];
    for (const entry of placed) {
      const at = Math.floor(entry.added / 1_000);
      // A revocation does not report a value.
      for (const row of entry.rows()) if (!row.contribution.revoked) rows.push({ row, entry, at });
      if (slices.isOver(entry.text.length)) await slices.next();
    }
    const suppressed = await this.#s.suppressions.current();
    const changes = new Map<string, Change>();
    for (const change of await this.#changes(rows.map(({ row }) => row)))
      changes.set(valueKey(change.observed), change);
    for (const { row, entry, at } of rows) {
      const change = changes.get(valueKey(row));
      if (change === undefined) continue;
      const { owner: source, from } = row.contribution;
      const age = Math.max(0, at - from);
      const isHarmless =
        change.name === undefined
          ? suppressed.of(row)?.document.cause === 'false-positive'
          : change.before.isHarmless;
      change.after = {
        ...arrived(change.after, { source, collection: entry.collection, at, age }),
        isHarmless,
      };
    }
    return [...changes.values()];
  }

  /** Returns what is known about some values, in their order. A value that occurs twice is the same object. */
  async #changes(values: readonly ObservedValue[]): Promise<readonly Change[]> {
    const distinct = new Map(values.map((value) => [valueKey(value), value] as const));
    const known = new Map<string, Name>();
    const all = [...distinct.values()];
    for (let at = 0; at < all.length; at += LOOKED_UP) {
      const ranges = all.slice(at, at + LOOKED_UP).map(scoredAt);
      for await (const names of namePages(this.#s.store, ranges, WINDOW))
        for (const name of names) known.set(`${name.kind} ${scoreOfName(name).value}`, name);
    }
    const changes = new Map(
      all.map((observed) => {
        const name = known.get(`score/${observed.type} ${observed.value}`);
        const { arrivals, isHarmless } = name === undefined ? UNSCORED : scoreOfName(name);
        const before = { arrivals, isHarmless };
        return [valueKey(observed), { observed, name, before, after: before }] as const;
      }),
    );
    return values.flatMap((value) => changes.get(valueKey(value)) ?? []);
  }

  /** Writes what changed, with the counts of the days, and moves the cursor. */
  async #write(
    changes: readonly Change[],
    to:
      | {
          readonly collection: string;
          readonly added: number;
          readonly cursor: Stored<ScoreIndexRecord> | undefined;
        }
      | undefined,
    lease: Lease,
  ): Promise<void> {
    const { store } = this.#s;
    const changed = [...new Set(changes)].filter(({ before, after }) => before !== after && !isSame(before, after)); // prettier-ignore
    const cursor = to?.cursor;
    const collection = to?.collection ?? HUB;
    const added = to?.added ?? 0;
    if (changed.length === 0) {
      if (to !== undefined)
        await store.commit({ records: [SCORE_INDEX.put(collection, cursor, { added })], lease });
      return;
    }
    const present = cursor ?? (await SCORE_INDEX.in(store).get(collection));
    const mark = { added: present?.document.added ?? 0, writing: true };
    await store.commit({ records: [SCORE_INDEX.put(collection, present, mark)], lease });
    const marked = await SCORE_INDEX.in(store).get(collection);
    const days = await this.#dayChanges(changed.flatMap(({ before, after }) => changeOf(before, after)));
    await store.commit({
      names: changed.map(({ observed, after }) => scoreName(observed, after)),
      staleNames: changed.flatMap(({ name }) => name ?? []),
      records: [...days, SCORE_INDEX.put(collection, marked, { added })],
      lease,
    });
  }

  async #dayChanges(changes: readonly DayCounts[]): Promise<readonly RecordChange[]> {
    const sums = new Map<string, DayCounts>();
    for (const change of changes) {
      const id = scoreDayId(change);
      const counts = sumOf(sums.get(id)?.counts ?? NO_COUNTS, change.counts);
      sums.set(id, { ...change, counts });
    }
    const records: RecordChange[] = [];
    const oldest = oldestDay(this.#s.clock.now());
    for (const [id, { scope, source, day, counts }] of sums) {
      if (day < oldest || isNothing(counts)) continue;
      const present = await SCORE_DAYS.in(this.#s.store).get(id);
      const document = { scope, source, day, ...sumOf(present?.document ?? NO_COUNTS, counts) };
      // A day that was removed because there are too many does not begin again with a part of its values.
      if (document.values > 0) records.push(SCORE_DAYS.put(id, present, document));
      else if (present !== undefined) records.push(removal(present));
    }
    return records;
  }

  /** Removes everything that was counted, so that the next steps begin with the first entries. */
  async #clear(lease: Lease): Promise<void> {
    const { store, log } = this.#s;
    const ranges = VALUE_TYPES.map(scoredOf);
    for (;;) {
      const staleNames = await store.names({ ranges, limit: WINDOW });
      if (staleNames.length === 0) break;
      await store.commit({ staleNames, lease });
    }
    for (const kind of [SCORE_DAYS, SCORE_INDEX])
      for (;;) {
        const records = await store.records(kind.kind, { limit: WINDOW });
        if (records.length === 0) break;
        await store.commit({ records: records.map(removal), lease });
      }
    await this.#state((state) => ({ ...state, rebuild: false, suppressed: '' }));
    log.info('scores.rebuilding');
  }

  /** Removes the counts of old days, and once a week the values that nobody has reported since then. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#s;
    const now = clock.now();
    const oldest = oldestDay(now);
    for (let back = 0; back < SWEPT_MONTHS; back++) {
      const month = monthBefore(oldest, back + 1);
      for (;;) {
        const records = await SCORE_DAYS.in(store).by('age', month, { limit: WINDOW });
        if (records.length === 0) break;
        await store.commit({ records: records.map(removal) });
      }
      const offers = await SCORE_INTAKE.in(store).by('month', month);
      if (offers.length > 0) await store.commit({ records: offers.map(removal) });
    }
    if (now - ((await SCORE_STATE.in(store).get(HUB))?.document.swept ?? 0) < WEEK_MS) return;
    const slices = new Slices(clock);
    for await (const names of namePages(store, VALUE_TYPES.map(scoredOf), WINDOW)) {
      const staleNames = names.filter((name) => scoreOfName(name).arrivals.every(({ at }) => dayOf(at) < oldest)); // prettier-ignore
      if (staleNames.length > 0) await store.commit({ staleNames });
      if (slices.isOver()) await slices.next();
    }
    await this.#state((state) => ({ ...state, swept: now }));
  }

  async #followed(): Promise<void> {
    const { store, clock, sighted } = this.#s;
    const now = clock.now();
    const last = (await SCORE_STATE.in(store).get(HUB))?.document.sighted ?? 0;
    const isCounted = await sighted.count(last, now);
    await this.#state((state) => ({ ...state, followed: now, ...(isCounted ? { sighted: now } : {}) }));
  }

  /** Changes the state, also while another process changes it. */
  async #state(change: (state: ScoreStateRecord) => ScoreStateRecord): Promise<void> {
    const { store } = this.#s;
    for (;;) {
      const present = await SCORE_STATE.in(store).get(HUB);
      try {
        await store.commit({ records: [SCORE_STATE.put(HUB, present, change(present?.document ?? {}))] });
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      }
    }
  }
}

/** Returns the first day whose counts are kept. */
function oldestDay(now: number): string {
  return dayOf(now - KEPT_DAYS * DAY_MS);
}

/** Returns the month that is this many months before the month of a day. */
function monthBefore(day: string, months: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  const count = year * 12 + month - 1 - months;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
}

function isSame(a: ScoredValue, b: ScoredValue): boolean {
  return a.isHarmless === b.isHarmless && a.arrivals === b.arrivals;
}
