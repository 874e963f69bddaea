import { parseTaxiiTimestamp, taxiiTimestamp } from '../../stix/timestamps.ts';
import {
  VALUE_TYPES,
  readableObserved,
  type ObservedValue,
  type ValueType,
} from '../../stix/values/observed-values.ts';
import type { Name, NameRange, Store } from '../../store/store.ts';
import { sharingErrors } from '../errors.ts';

/** Why a value left a list. */
const REMOVAL_REASONS = [
  'expired',
  'revoked',
  'suppressed',
  'withdrawn',
  'not-permitted',
  'filter',
  'limit',
] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

/** A value that left a list. */
export interface Removal extends ObservedValue {
  /** Microseconds since 1970. Later removals of the same list have later times. */
  readonly at: number;
  readonly reason: RemovalReason;
  /** The rule that no longer permits the value, such as `protected`. */
  readonly detail?: string;
}

/** Days for which removals are kept. A tool that was away for longer needs the whole list. */
export const REMOVAL_DAYS = 30;
const TAB = '\t';
const SWEPT_AT_ONCE = 1_000;

function kindOf(list: string): string {
  return `removals/${list}`;
}

/** Returns the name under which a removal is stored. Names sort by their times. */
export function nameOfRemoval(list: string, { at, type, value, reason, detail = '' }: Removal): Name {
  return {
    kind: kindOf(list),
    value: [taxiiTimestamp(at), type, reason, detail, value].join(TAB),
    collection: '',
    added: 0,
  };
}

function removalOf({ value: line }: Name): Removal | undefined {
  const [at = '', type, reason, detail = '', ...rest] = line.split(TAB);
  const found = VALUE_TYPES.find((one) => one === type);
  const why = REMOVAL_REASONS.find((one) => one === reason);
  const time = parseTaxiiTimestamp(at);
  if (found === undefined || why === undefined || time === undefined) return undefined;
  return { at: time, type: found, value: rest.join(TAB), reason: why, ...(detail === '' ? {} : { detail }) };
}

function after(list: string, since: number | undefined, until = '~'): NameRange {
  // A tab follows the time of a removal. It sorts before the tilde, so the removals of this time are not included.
  return { kind: kindOf(list), from: since === undefined ? '' : `${taxiiTimestamp(since)}~`, to: until };
}

/** Returns the removals after a time (microseconds since 1970), from the oldest, at most `limit` of them. */
export async function removalsAfter(
  store: Pick<Store, 'names'>,
  list: string,
  since: number | undefined,
  limit: number,
): Promise<readonly Removal[]> {
  const names = await store.names({ ranges: [after(list, since)], limit });
  return names.flatMap((name) => removalOf(name) ?? []);
}

/** Removes the removals of a list before a time, or all. Returns true if there are more. */
export async function sweepRemovals(
  store: Pick<Store, 'names' | 'commit'>,
  list: string,
  before?: number,
): Promise<boolean> {
  const until = before === undefined ? '~' : taxiiTimestamp(before);
  const staleNames = await store.names({ ranges: [after(list, undefined, until)], limit: SWEPT_AT_ONCE });
  if (staleNames.length > 0) await store.commit({ staleNames });
  return staleNames.length === SWEPT_AT_ONCE;
}

/**
 * Reads the time since which removals are requested, in microseconds since 1970. Throws `invalid-request` for anything but
 * a time.
 */
export function readSince(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const time = typeof given === 'string' ? parseTaxiiTimestamp(given) : undefined;
  if (time === undefined) throw sharingErrors.removalTime();
  return time;
}

/** Returns a removal as one line of JSON. */
export function shownRemoval({ at, type, value, reason, detail }: Removal): {
  readonly type: ValueType;
  readonly value: string;
  readonly at: string;
  readonly reason: RemovalReason;
  readonly detail?: string;
} {
  return {
    type,
    value: readableObserved({ type, value }),
    at: taxiiTimestamp(at),
    reason,
    ...(detail === undefined ? {} : { detail }),
  };
}
