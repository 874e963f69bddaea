import type { AuditFact } from './audit.ts';
import type { Receipt, Envelope } from './envelopes.ts';
import type { FeedItems } from './feed-items.ts';
import type { HeldObject } from './held.ts';
import type { Lease } from './leases.ts';
import type { Name } from './names.ts';
import type { PlaceOutcome, Placement } from './placing.ts';
import type { RecordChange } from './records.ts';

// A batch: everything that is written together.

/** The form of a fact about objects that a placement stores. */
export interface StoredForm {
  readonly fact: AuditFact;
  /** The details of the fact get the number and the ids of the stored objects. */
  readonly listsObjects: boolean;
  /** Only the first candidates of each placement, this many of them, count. */
  readonly first: number;
}

/**
 * A unit of writing: placements, held objects and record changes that belong together. On SQLite they are one
 * transaction. On MongoDB, placements are committed in the order of the list, then held objects, records, receipts and
 * envelopes. An interrupted batch is repeated, and entries that it already stored are reported as known.
 */
export interface Batch {
  readonly placements?: readonly Placement[];
  readonly held?: readonly HeldObject[];
  /** Ids of held objects that leave the queue. */
  readonly released?: readonly string[];
  readonly records?: readonly RecordChange[];
  readonly receipts?: readonly Receipt[];
  /** Envelopes that were accepted and are still pending. */
  readonly envelopes?: readonly Envelope[];
  /** Ids of envelopes that have an outcome. They are removed after the receipts are written. */
  readonly finished?: readonly string[];
  /** Facts for the audit log. They are stored with the first record of the batch, so that no change lacks its fact. */
  readonly facts?: readonly AuditFact[];
  /**
   * The form of the facts about entries of others that the placements replace. Which ones are replaced is decided while
   * the batch is written, so the store completes these facts (`replacedBy`) and stores them with the placement itself.
   */
  readonly replaced?: AuditFact;
  /**
   * The form of a fact about the objects that the placements store. Which ones they are is decided while the batch is
   * written, so the store completes the fact (`storedBy`) and stores it with the placement itself. It writes no fact
   * for a placement that stores none of them.
   */
  readonly stored?: StoredForm;
  /** Values by which entries are found. They are derived from stored entries, so adding a name twice is harmless. */
  readonly names?: readonly Name[];
  /** Names that no longer lead to an entry. */
  readonly staleNames?: readonly Name[];
  /** Lists and first finds of feeds. */
  readonly feedItems?: FeedItems;
  /**
   * The batch removes confidential data, so no copy may remain in the files of the embedded store. A database
   * server overwrites its files in its own time.
   */
  readonly scrub?: boolean;
  /** Only the holder of this lease may write the batch. A stale fence is refused with a Problem of kind conflict. */
  readonly lease?: Lease;
}

export interface BatchResult {
  /** The outcomes of each placement, in the order of its candidates. */
  readonly placed: readonly (readonly PlaceOutcome[])[];
}
