import type { Micros } from '../../kernel/clock.ts';
import type { Batch, BatchResult, Lease, Notes, RemoveQuery } from '../store.ts';

/** What the writer thread is asked. Times come with the request, so that one clock rules. */
export type WriterRequest =
  | { readonly op: 'commit'; readonly batch: Batch; readonly now: Micros; readonly monotonic: number }
  | { readonly op: 'remove'; readonly query: RemoveQuery; readonly now: Micros }
  | { readonly op: 'take'; readonly name: string; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'renew'; readonly lease: Lease; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'release'; readonly lease: Lease }
  | { readonly op: 'note'; readonly notes: Notes }
  | { readonly op: 'sweep'; readonly before: number; readonly refusalsBefore: number }
  | { readonly op: 'close' };

export interface WriterResults {
  readonly commit: BatchResult;
  readonly remove: number;
  readonly take: Lease | undefined;
  readonly renew: boolean;
  readonly release: null;
  readonly note: null;
  readonly sweep: number;
  readonly close: null;
}

export interface NumberedRequest {
  readonly number: number;
  readonly request: WriterRequest;
}

/**
 * What a failure means for what comes after it. `conflict`: the request was refused, nothing is wrong. `full`: the disk has
 * no room; a later write may find some. `broken`: the disk failed, and what the system still holds of the file cannot be
 * trusted, so nothing is written any more until the next start has read the file again (security.md R-126).
 */
export type FailureKind = 'conflict' | 'full' | 'broken' | 'other';

/** A failure on its way between threads: classes do not survive the crossing. */
export interface WrittenFailure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly code: string | undefined;
}

export type WriterAnswer =
  | { readonly number: number; readonly result: WriterResults[keyof WriterResults] }
  | { readonly number: number; readonly failure: WrittenFailure };

export interface WriterSettings {
  readonly file: string;
}
