import { valueKey } from '../../stix/values/observed-values.ts';
import type { Name } from '../../store/store.ts';
import { nameOfRemoval, type Removal, type RemovalReason } from '../saved-lists/removal-log.ts';
import { rowOfName, type Contribution, type ValueRow } from './contribution.ts';
import { currentValue } from './current.ts';
import type { Lifetimes } from './life.ts';

/** A value that left a collection, for the log of its removals. */
export interface Departure extends Omit<Removal, 'at'> {
  /** The least strict rank of the indicators that reported it. Who may read any of them could have had the value. */
  readonly level: number;
}

/** A time in which a collection was not looked at, in milliseconds since 1970. */
export interface Unseen {
  readonly since: number;
  readonly now: number;
  /** The lifetimes now. */
  readonly life: Lifetimes;
  /** The lifetimes before, if they changed. */
  readonly lifeBefore?: Lifetimes;
}

/**
 * Returns the name of the log to which a departure belongs. Each rank has a log of its own, so that the log that a reader
 * cannot see takes no place in what the reader sees.
 */
export function logOf(collection: string, level: number): string {
  return `${collection}/${level}`;
}

/** The ranks of objects in collections: TLP:CLEAR to TLP:AMBER+STRICT. */
const LEVELS = [0, 1, 2, 3] as const;

/** Returns the names of all logs of a collection. */
export function logsOf(collection: string): readonly string[] {
  return LEVELS.map((level) => logOf(collection, level));
}

/** Returns the name under which a departure is stored. `at` is in microseconds since 1970. */
export function nameOfDeparture(collection: string, { level, ...removal }: Departure, at: number): Name {
  return nameOfRemoval(logOf(collection, level), { ...removal, at });
}

/** Returns the indicators that may have put the value on a list at some time. */
function listed(
  rows: readonly ValueRow[],
  { since, now, life, lifeBefore = life }: Unseen,
): readonly Pick<Contribution, 'level'>[] {
  return rows
    .filter(
      ({ type, contribution: one }) => !one.revoked && one.from <= now && lifeBefore.endOf(type, one) > since,
    )
    .map(({ contribution }) => contribution);
}

/** Returns the departure of a value from the rows that it had and those that it has now. Undefined if it did not leave. */
export function departureOf(
  before: readonly ValueRow[],
  after: readonly ValueRow[],
  unseen: Unseen,
): Departure | undefined {
  const [first] = before;
  const shown = listed(before, unseen);
  if (first === undefined || shown.length === 0) return undefined;
  const reason = whyNot(after, unseen);
  return reason === undefined ? undefined : departed(first, shown, reason);
}

/** Returns the departure of a value that is suppressed. Undefined if no list contained it. */
export function departureOfSuppressed(rows: readonly ValueRow[], unseen: Unseen): Departure | undefined {
  const [first] = rows;
  const shown = listed(rows, unseen);
  return first === undefined || shown.length === 0 ? undefined : departed(first, shown, 'suppressed');
}

function departed(
  { type, value }: ValueRow,
  shown: readonly Pick<Contribution, 'level'>[],
  reason: RemovalReason,
): Departure {
  return { type, value, reason, level: Math.min(...shown.map(({ level }) => level)) };
}

/** Returns why lists do not contain a value. Undefined if they do. */
function whyNot(rows: readonly ValueRow[], { now, life }: Unseen): RemovalReason | undefined {
  const [first] = rows;
  if (first === undefined) return 'withdrawn';
  const { state } = currentValue(
    first,
    rows.map(({ contribution }) => contribution),
    now,
    life,
  );
  switch (state) {
    case 'active':
      return undefined;
    case 'expired':
      return 'expired';
    case 'withdrawn':
      return 'revoked';
    case 'pending':
      return 'withdrawn';
  }
}

/** Returns the departures that a change of rows causes. `standing` contains all rows of the values that lose one. */
export function departuresOf(
  standing: readonly Name[],
  stale: readonly Name[],
  added: readonly ValueRow[],
  unseen: Unseen,
): readonly Departure[] {
  const values = new Map<string, { before: ValueRow[]; after: ValueRow[] }>();
  const gone = new Set(stale.map(rowKey));
  for (const name of standing) {
    const row = rowOfName(name);
    const value = values.get(valueKey(row)) ?? { before: [], after: [] };
    values.set(valueKey(row), value);
    value.before.push(row);
    if (!gone.has(rowKey(name))) value.after.push(row);
  }
  for (const row of added) {
    const after = values.get(valueKey(row))?.after;
    // An unchanged row is among the rows that are still stored.
    if (after !== undefined && !after.some(({ contribution }) => contribution.id === row.contribution.id))
      after.push(row);
  }
  return [...values.values()].flatMap(({ before, after }) => departureOf(before, after, unseen) ?? []);
}

function rowKey({ kind, value }: Name): string {
  return `${kind}\n${value}`;
}

/** Returns the next time at which one of some rows changes the state of a value. Infinity for never. */
export function nextChange(rows: readonly ValueRow[], after: number, life: Lifetimes): number {
  let next = Infinity;
  for (const { type, contribution: one } of rows) {
    if (one.revoked) continue;
    for (const time of [one.from, life.endOf(type, one)]) if (time > after && time < next) next = time;
  }
  return next;
}
