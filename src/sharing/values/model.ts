import { flagOrFalse, maybe, number, RecordKind, text } from '../../store/records.ts';

/** The position of the value view in a collection. The id of the record is the id of the collection. */
export interface ValueIndexRecord {
  /** Date added of the last entry that was read, in microseconds since 1970. */
  readonly added?: number;
  /** Time of the last removal that was read, in microseconds since 1970. */
  readonly removed?: number;
  /** The rows are removed before the collection is read again from its beginning. */
  readonly rebuild?: boolean;
  /** The view contained everything once since it was last built. */
  readonly whole?: boolean;
  /** The time up to which values that left are noted, in milliseconds since 1970. Absent before the log of removals began. */
  readonly ended?: number;
  /** The next time at which the state of a value changes over time, in milliseconds since 1970. */
  readonly changes?: number;
  /** The lifetimes of values by which those that left are noted (`Lifetimes.text`). */
  readonly life?: string;
  /** The digest of the suppressed values that are noted. */
  readonly suppressed?: string;
  /** The time since which removals are noted, in microseconds since 1970. */
  readonly log_from?: number;
  /** The time of the last removal that is noted, in microseconds since 1970. Removals have times of their own. */
  readonly logged?: number;
}

/** The lease under which the value view writes. */
export const VALUE_LEASE = { name: 'values', ttlMs: 30_000 } as const;

export const VALUE_INDEX = new RecordKind<ValueIndexRecord>({
  kind: 'value-index',
  fields: {
    added: maybe(number),
    removed: maybe(number),
    rebuild: flagOrFalse,
    whole: flagOrFalse,
    ended: maybe(number),
    changes: maybe(number),
    life: maybe(text),
    suppressed: maybe(text),
    log_from: maybe(number),
    logged: maybe(number),
  },
});
