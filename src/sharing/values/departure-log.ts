import { microsOf, type Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Slices } from '../../kernel/slices.ts';
import { VALUE_TYPES } from '../../stix/values/observed-values.ts';
import type { Stored } from '../../store/records.ts';
import { namePages, type Lease, type Name, type NameRange, type Store } from '../../store/store.ts';
import { grouped } from '../lists/grouped.ts';
import { REMOVAL_DAYS, sweepRemovals } from '../saved-lists/removal-log.ts';
import type { SuppressionRecord } from '../suppression/model.ts';
import type { SuppressedValues, Suppressions } from '../suppression/suppressed-values.ts';
import { rowOfName, rowsIn, rowsOfValue, suppressedIn, type ValueRow } from './contribution.ts';
import {
  departureOf,
  departureOfSuppressed,
  departuresOf,
  logsOf,
  nameOfDeparture,
  nextChange,
  type Departure,
} from './departures.ts';
import { Lifetimes } from './life.ts';
import { VALUE_INDEX, type ValueIndexRecord } from './model.ts';

const DAY_US = 86_400_000_000;
/** Number of rows that are read at once, and of departures that are written in one commit. */
const AT_ONCE = 1_000;
/** After all values of a collection were looked at, they are left alone for this many times as long as that took. */
const RESTS = 20;
const NEVER = Number.MAX_SAFE_INTEGER;

type Cursor = Stored<ValueIndexRecord> | undefined;

/** By what values are followed that end over time. */
interface Followed {
  /** The time up to which they were followed, in milliseconds since 1970. */
  readonly ended: number;
  readonly life: Lifetimes;
  /** The lifetimes until now, if they changed. */
  readonly lifeBefore?: Lifetimes;
}

interface RowChange {
  /** All rows of the values that lose one. */
  readonly standing: readonly Name[];
  readonly stale: readonly Name[];
  readonly added: readonly ValueRow[];
}

interface DepartureParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly suppressions: Pick<Suppressions, 'current'>;
  readonly life: () => Promise<Lifetimes>;
  readonly log: Log;
}

/**
 * Notes which values leave a collection, and why. Departures that a change of rows causes are noted with that change.
 * Values that expire or are suppressed change no row, so they are looked for when their time has come.
 */
export class DepartureLog {
  readonly #parts: DepartureParts;
  /** When all values of a collection may be looked at again (monotonic time). */
  readonly #rest = new Map<string, number>();

  constructor(parts: DepartureParts) {
    this.#parts = parts;
  }

  /**
   * Returns the names of the departures that a change of rows causes, and the cursor that comes with it.
   */
  ofChange(
    collection: string,
    document: ValueIndexRecord,
    { standing, stale, added }: RowChange,
  ): { readonly names: readonly Name[]; readonly document: ValueIndexRecord } {
    const { ended, changes = 0 } = document;
    if (ended === undefined) return { names: [], document };
    const now = this.#parts.clock.now();
    // No value changed its state before the next time at which one does.
    const since = now < changes ? Math.max(ended, now) : ended;
    // If the lifetimes changed, `follow` compares the rows by both.
    const life = Lifetimes.read(document.life);
    const { names, logged } = this.#named(
      collection,
      document,
      departuresOf(standing, stale, added, { since, now, life }),
    );
    const next = Math.min(changes, nextChange(added, since, life));
    return { names, document: { ...document, ended: since, changes: next, logged } };
  }

  /** Notes the values that expired or were suppressed, when the view contains everything else. */
  async follow(collection: string, cursor: Cursor, lease: Lease): Promise<void> {
    const { clock, suppressions } = this.#parts;
    const [suppressed, life] = [await suppressions.current(), await this.#parts.life()];
    const { ended, changes = 0, suppressed: known } = cursor?.document ?? {};
    const lifeBefore = Lifetimes.read(cursor?.document.life);
    if (ended === undefined || known !== suppressed.digest)
      await this.#followSuppressed(collection, cursor, suppressed, life, lease);
    else if (lifeBefore.text !== life.text)
      await this.#followLife(collection, cursor, { ended, life, lifeBefore }, lease);
    else if (clock.now() >= changes && clock.monotonic() >= (this.#rest.get(collection) ?? 0)) {
      const begun = clock.monotonic();
      await this.#followExpired(collection, cursor, { ended, life }, lease);
      const end = clock.monotonic();
      this.#rest.set(collection, end + (end - begun) * RESTS);
    }
  }

  /** Removes what is older than the time for which departures are kept. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#parts;
    const before = clock.now() * 1_000 - REMOVAL_DAYS * DAY_US;
    for (const { id } of await VALUE_INDEX.all(store))
      for (const log of logsOf(id)) while (await sweepRemovals(store, log, before));
  }

  /** Notes the values that other lifetimes end, which lists made since then do not contain. */
  async #followLife(collection: string, cursor: Cursor, by: Followed, lease: Lease): Promise<void> {
    const expired = await this.#followExpired(collection, cursor, by, lease);
    this.#parts.log.info('values.lifetimes_changed', { collection, expired });
  }

  /**
   * Notes the values that expired since the last time, and returns their number. The last commit moves the cursor. If
   * the process ends before, the next one looks at all values again, and notes those that are still expired a second
   * time. Readers can apply a removal twice, and a value that came back in between is not noted.
   */
  async #followExpired(
    collection: string,
    cursor: Cursor,
    { ended: since, life, lifeBefore = life }: Followed,
    lease: Lease,
  ): Promise<number> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    let [stored, next, expired] = [cursor, Infinity, 0];
    const departures: Departure[] = [];
    const slices = new Slices(clock);
    const write = async (over: Partial<ValueIndexRecord>): Promise<void> => {
      expired += departures.length;
      const { names, logged } = this.#named(collection, stored?.document ?? {}, departures.splice(0));
      const document = { ...stored?.document, logged, ...over };
      await store.commit({ names, records: [VALUE_INDEX.put(collection, stored, document)], lease });
      stored = await VALUE_INDEX.in(store).get(collection);
    };
    for (const type of VALUE_TYPES)
      for await (const groups of grouped(this.#rows(rowsIn(collection, type)))) {
        for (const rows of groups) {
          next = Math.min(next, nextChange(rows, now, life));
          const departure = departureOf(rows, rows, { since, now, life, lifeBefore });
          if (departure !== undefined) departures.push(departure);
        }
        if (departures.length >= AT_ONCE) await write({});
        if (slices.isOver()) await slices.next();
      }
    await write({ ended: now, changes: Math.min(next, NEVER), life: life.text });
    return expired;
  }

  async *#rows(range: NameRange) {
    for await (const names of namePages(this.#parts.store, [range], AT_ONCE)) yield names.map(rowOfName);
  }

  /** Notes what was suppressed since the last time. The first time, the log begins after what is suppressed already. */
  async #followSuppressed(
    collection: string,
    cursor: Cursor,
    suppressed: SuppressedValues,
    life: Lifetimes,
    lease: Lease,
  ): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const { ended } = cursor?.document ?? {};
    const wanted = new Map(suppressed.all().map((one) => [markOf(one), one.document] as const));
    const marks: Name[] = [];
    for await (const names of namePages(store, [suppressedIn(collection)], AT_ONCE)) marks.push(...names);
    const known = new Set(marks.map(({ value }) => value));
    let document: ValueIndexRecord = {
      ...cursor?.document,
      ...(ended === undefined ? { ended: now, log_from: microsOf(clock), life: life.text } : {}),
    };
    const before = Lifetimes.read(document.life);
    const fresh = [...wanted].filter(([mark]) => !known.has(mark));
    for (let at = 0; at < fresh.length; at += AT_ONCE) {
      const some = fresh.slice(at, at + AT_ONCE);
      const departures: Departure[] = [];
      for (const [, { type, value }] of ended === undefined ? [] : some) {
        const rows = await this.#rowsOf(collection, type, value);
        const departure = departureOfSuppressed(rows, { since: ended ?? now, now, life: before });
        if (departure !== undefined) departures.push(departure);
      }
      const { names, logged } = this.#named(collection, document, departures);
      document = { ...document, logged };
      const marked = some.map(([mark]) => ({ ...suppressedIn(collection), from: mark })).map(markName);
      await store.commit({ names: [...marked, ...names], lease });
    }
    await store.commit({
      staleNames: marks.filter(({ value }) => !wanted.has(value)),
      records: [VALUE_INDEX.put(collection, cursor, { ...document, suppressed: suppressed.digest })],
      lease,
    });
  }

  async #rowsOf(collection: string, type: string, value: string) {
    const known = VALUE_TYPES.find((one) => one === type);
    if (known === undefined) return [];
    const ranges = [rowsOfValue(collection, { type: known, value })];
    return (await this.#parts.store.names({ ranges, limit: AT_ONCE })).map(rowOfName);
  }

  /** Gives departures their times. Later ones have later times. */
  #named(
    collection: string,
    { logged = 0 }: ValueIndexRecord,
    departures: readonly Departure[],
  ): { readonly names: readonly Name[]; readonly logged: number } {
    let last = logged;
    const names = departures.map((departure) => {
      last = Math.max(last + 1, microsOf(this.#parts.clock));
      return nameOfDeparture(collection, departure, last);
    });
    return { names, logged: last };
  }
}

/** A suppression is noted once, and once again if the value was suppressed a second time. */
function markOf({ id, document }: Stored<SuppressionRecord>): string {
  return `${id}\t${document.at}`;
}

function markName({ kind, from }: NameRange): Name {
  return { kind, value: from, collection: '', added: 0 };
}
