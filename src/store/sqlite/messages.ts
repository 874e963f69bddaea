import type { Micros } from '../../kernel/clock.ts';
import type { Batch, BatchResult, Lease, RemoveQuery } from '../store.ts';

/** What the writer thread is asked. Times come with the request, so that one clock rules. */
export type WriterRequest =
  | { readonly op: 'commit'; readonly batch: Batch; readonly now: Micros; readonly monotonic: number }
  | { readonly op: 'remove'; readonly query: RemoveQuery; readonly now: Micros }
  | { readonly op: 'take'; readonly name: string; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'renew'; readonly lease: Lease; readonly ttlMs: number; readonly monotonic: number }
  | { readonly op: 'release'; readonly lease: Lease }
  | { readonly op: 'sweep'; readonly before: number }
  | { readonly op: 'close' };

export interface WriterResults {
  readonly commit: BatchResult;
  readonly remove: number;
  readonly take: Lease | undefined;
  readonly renew: boolean;
  readonly release: null;
  readonly sweep: number;
  readonly close: null;
}

export interface NumberedRequest {
  readonly number: number;
  readonly request: WriterRequest;
}

/** A failure on its way between threads: classes do not survive the crossing. */
export interface WrittenFailure {
  readonly conflict: boolean;
  readonly message: string;
  readonly code: string | undefined;
}

export type WriterAnswer =
  | { readonly number: number; readonly result: WriterResults[keyof WriterResults] }
  | { readonly number: number; readonly failure: WrittenFailure };

export interface WriterSettings {
  readonly file: string;
}
