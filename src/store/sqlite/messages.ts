import type { Micros } from '../../kernel/clock.ts';
import type { Amount, BatchResult, Lease, Notes, RemoveQuery } from '../store.ts';
import type { BatchPart, SentBatch } from './parts.ts';

/** Requests to the writer thread. Times come with the request, so that only one clock is used. */
export type WriterRequest =
  | { readonly op: 'commit'; readonly batch: SentBatch; readonly now: Micros; readonly monotonic: number }
  | { readonly op: 'remove'; readonly query: RemoveQuery; readonly now: Micros }
  | { readonly op: 'take'; readonly name: string; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'renew'; readonly lease: Lease; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'release'; readonly lease: Lease }
  | { readonly op: 'note'; readonly notes: Notes }
  | { readonly op: 'sweep'; readonly before: number; readonly refusalsBefore: number }
  | { readonly op: 'index'; readonly limit: number }
  | {
      readonly op: 'forget';
      readonly kinds: readonly string[];
      readonly before: number;
      readonly limit: number;
    }
  | { readonly op: 'trimAudit'; readonly upTo: number; readonly limit: number }
  | { readonly op: 'trim'; readonly account: string | undefined; readonly most: Amount }
  | { readonly op: 'close' };

export interface WriterResults {
  readonly commit: BatchResult;
  readonly remove: number;
  readonly take: Lease | undefined;
  readonly renew: boolean;
  readonly release: null;
  readonly note: null;
  readonly sweep: number;
  readonly index: number;
  readonly forget: number;
  readonly trimAudit: number;
  readonly trim: number;
  readonly close: null;
}

export interface NumberedRequest {
  readonly number: number;
  readonly request: WriterRequest;
}

/** A part of the batch of the request with this number, which follows. */
export interface NumberedPart {
  readonly number: number;
  readonly part: BatchPart;
}

/**
 * The effect of a failure on later requests. `conflict`: the request was refused, and nothing is wrong. `full`: the disk
 * is full, and a later write may succeed. `broken`: the disk failed. The system's cache of the file is then no longer
 * reliable, so nothing is written until the hub restarts and reads the file again.
 */
export type FailureKind = 'conflict' | 'full' | 'broken' | 'other';

/** A failure as it is sent between threads, because class instances cannot be. */
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
