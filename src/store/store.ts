import type { Diagnosis } from '../kernel/diagnosis.ts';
import type { AuditStore } from './port/audit.ts';
import type { Batch, BatchResult } from './port/batch.ts';
import type { EnvelopeStore } from './port/envelopes.ts';
import type { FeedItemStore } from './port/feed-items.ts';
import type { HeldStore } from './port/held.ts';
import type { LeaseStore } from './port/leases.ts';
import type { LedgerStore } from './port/ledger.ts';
import type { NameStore } from './port/names.ts';
import type { ObjectStore } from './port/objects.ts';
import type { RecordStore } from './port/records.ts';

export * from './port/amount.ts';
export * from './port/audit.ts';
export * from './port/batch.ts';
export * from './port/envelopes.ts';
export * from './port/feed-items.ts';
export * from './port/held.ts';
export * from './port/leases.ts';
export * from './port/ledger.ts';
export * from './port/names.ts';
export * from './port/objects.ts';
export * from './port/placing.ts';
export * from './port/records.ts';
export * from './port/removals.ts';
export * from './port/replacing.ts';

/**
 * The store port. Adapters are store/sqlite and store/mongo. Both pass test/contract.
 *
 * An object is stored under the SHA-256 of its exact text. An entry places a version of an object in a collection. Its
 * `added` is the TAXII date added, in microseconds since 1970. The store assigns it inside the commit. Within a
 * collection it strictly increases, and it is never changed or reused. All lists are in the order of `added`.
 */

/**
 * Everything that the code above the store may request from it. An unknown collection is empty. Each part of the port
 * has a file of its own in `port/`, with its types, its calls and the rules that both adapters apply.
 */
export interface Store
  extends
    ObjectStore,
    HeldStore,
    NameStore,
    FeedItemStore,
    EnvelopeStore,
    RecordStore,
    AuditStore,
    LedgerStore,
    LeaseStore {
  /** Short name for people, such as `embedded (talanoa-data/hub.db)`. */
  readonly name: string;

  /**
   * Writes a batch. The batch is durable when the promise resolves. Throws a Problem of kind conflict if a record or a
   * lease is stale.
   */
  commit(batch: Batch): Promise<BatchResult>;

  /**
   * Housekeeping, for one process at a time. Removes receipts and objects without entries, if they were not touched
   * since `before` (milliseconds since 1970). Removes refusals whose last occurrence is older than `refusalsBefore`, and the
   * oldest uses of keys of accounts with more than `MOST_KEY_USES`.
   * Completes what a killed process left unfinished. Returns the number of removed items.
   */
  sweep(before: number, refusalsBefore?: number): Promise<number>;

  /** Returns true if the store can be written. */
  ready(): Promise<boolean>;

  /** True if the previous process did not close the store. */
  readonly unclean: boolean;

  /** Checks the whole store for damage without blocking other work. Returns a description of each problem. */
  damage(): Promise<readonly string[]>;

  /** Checks the conditions that durability depends on, now (`talanoa doctor`). */
  diagnose(): Promise<readonly Diagnosis[]>;

  close(): Promise<void>;
}
