import type { OrderedMap } from '../../kernel/ordered-map.ts';
import type { Problem } from '../../kernel/problem.ts';
import { storeErrors } from '../errors.ts';
import type { Amount } from './amount.ts';

// Hub records: data that is not STIX.

/**
 * A record of the hub: data that is not STIX. `revision` increases by one with each change and never decreases, even
 * when the record is removed.
 */
export interface HubRecord {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: Readonly<Record<string, unknown>>;
  /** The declared index keys. */
  readonly index: Readonly<Record<string, string>>;
}

/**
 * A change of a hub record. `expected` is the revision that the writer has read, or 0 for a record that does not exist.
 */
export interface RecordChange {
  readonly kind: string;
  readonly id: string;
  readonly expected: number;
  /** Undefined removes the record. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  readonly index?: Readonly<Record<string, string>>;
  /** The change is refused with code TLN-S-411 when a removed record had this id. */
  readonly neverBefore?: true;
}

/** The code of the Problem for an id that a removed record had. */
export const ID_WAS_USED = 'TLN-S-411';

/** Returns the Problem for a change with `neverBefore` whose id a removed record had. */
export function idWasUsed(kind: string, id: string): Problem {
  return storeErrors.idWasUsed({ id, kind });
}

/** Stands for a stored document that cannot be read at all. No codec reads a record of this version. */
export const UNREADABLE: HubRecord['document'] = { record_version: 'unreadable' };

/**
 * Returns the change that removes a record as it was read. The change is refused if the record was changed in the
 * meantime.
 */
export function removal({ kind, id, revision }: Pick<HubRecord, 'kind' | 'id' | 'revision'>): RecordChange {
  return { kind, id, expected: revision, document: undefined };
}

/** All records of some kinds, at one moment. */
export interface RecordView {
  /**
   * Records by kind and id, in the order of their ids. The next view shares what did not change, so the difference of
   * two views is found without looking at all records.
   */
  readonly records: ReadonlyMap<string, OrderedMap<HubRecord>>;
}

export interface RecordQuery {
  readonly index?: { readonly name: string; readonly value: string };
  /** Only ids greater than this one, in order. */
  readonly after?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** The records of the hub. */
export interface RecordStore {
  /** Returns the newest revision of a record. Undefined if it does not exist or was removed. */
  record(kind: string, id: string): Promise<HubRecord | undefined>;
  /**
   * Forgets that records existed, if they are of these kinds and were removed before a time (milliseconds since 1970).
   * Forgets at most `limit` of them and returns how many. A record that is created again under such an id starts with
   * its first revision.
   */
  forgetRemoved(kinds: readonly string[], before: number, limit: number): Promise<number>;
  /** Returns true if there is no record with this id now, but there was one. */
  wasRemoved(kind: string, id: string): Promise<boolean>;
  /**
   * Returns the records of a kind by id, or only those whose index key `index.name` has the value `index.value`. Other
   * requests have their turn while a long list is read.
   */
  records(kind: string, query?: RecordQuery): Promise<readonly HubRecord[]>;
  /**
   * Returns the number of records of a kind, or of those with an index key. On MongoDB, the count can lag behind the
   * latest changes.
   */
  countRecords(kind: string, index?: RecordQuery['index']): Promise<number>;
  /**
   * Returns all records of these kinds. `known` is an earlier view of the same kinds. Only records that any process
   * changed since then are read, all others stay the same objects, and `known` itself is returned if nothing changed.
   */
  view(kinds: readonly string[], known?: RecordView): Promise<RecordView>;
  /**
   * Returns the number and size of the records of a kind, or of those with an index key. Documents are not read. On
   * MongoDB, records that earlier versions wrote last have no size.
   */
  recordUsage(kind: string, index?: RecordQuery['index']): Promise<Amount>;
}
