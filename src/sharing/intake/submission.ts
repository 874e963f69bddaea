import type { CollectionInfo } from '../../access/snapshot.ts';
import type { GateFault, GatedObject } from '../../kernel/json-gate.ts';
import type { AuditFact, FeedItems, Lease, RecordChange, StoredForm } from '../../store/store.ts';
import type { Actor } from './actor.ts';
import type { CheckRules, Checked } from './judge.ts';

/**
 * Objects that `checkObject` has checked in a thread of this process. Only feeds submit them, because nobody else makes
 * the hub check objects elsewhere.
 */
export interface CheckedAhead {
  /** The rules of that check. If those of the collection differ, the objects are checked again. */
  readonly rules: CheckRules;
  readonly object: (index: number) => Checked;
}

/** Objects that somebody submits to a collection, and what is stored together with them. */
export interface Submission {
  readonly actor: Actor;
  readonly collection: CollectionInfo;
  /** Objects as received, in their order. Each one is read when it is processed. */
  readonly count: number;
  readonly item: (index: number) => GatedObject | GateFault;
  /** The same objects, if they are checked already. */
  readonly ahead?: CheckedAhead;
  /** Record changes that belong to this submission (the checkpoint of a feed). */
  readonly records?: readonly RecordChange[];
  /** Lists and first finds of a feed, which are stored together with the submission. */
  readonly feedItems?: FeedItems;
  /** Audit facts about the submission. */
  readonly facts?: readonly AuditFact[];
  /**
   * An audit fact that is true only if an object is stored, which the store decides. It is not written when all are
   * refused, on hold or already known.
   */
  readonly factIfStored?: Pick<StoredForm, 'fact' | 'listsObjects'>;
  /** The record changes remove confidential data (`Batch.scrub`). */
  readonly scrub?: boolean;
  readonly lease?: Lease;
}
