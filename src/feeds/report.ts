import type { Row } from './template.ts';
import type { FailureClass } from './transports/transport.ts';

/** The outcome of a run. */
export type RunStatus = 'ok' | 'ok-empty' | 'not-modified' | 'unchanged' | 'partial' | 'suspect' | 'failed';

/** Counters for reading the files. */
export interface ReadCounts {
  records: number;
  /** Distinct findings. */
  accepted: number;
  duplicates: number;
  filtered: number;
  quarantined: number;
}

/** Counters for the results in the store: indicators, or objects for a STIX feed. */
export interface StoreCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Ended because the list no longer contains them or the source has withdrawn them. */
  removed: number;
  held: number;
  refused: number;
}

/** The stored report of a run. */
export interface RunReport extends Readonly<ReadCounts>, Readonly<StoreCounts> {
  readonly feed: string;
  readonly started: string;
  readonly ended: string;
  /** The slot of the schedule. Undefined for a manual run. */
  readonly slot?: string;
  readonly status: RunStatus;
  /** The reason why the run is not `ok`, as text. */
  readonly reason?: string;
  /** Class of the failure. */
  readonly failure?: FailureClass;
  readonly http_status?: number;
  /** Seconds for which the source asked for no requests. */
  readonly retry_after_s?: number;
  readonly bytes: number;
  /** Number of files that were read, if the source has several. */
  readonly files?: number;
  /** Number of rows that were left out, by reason. */
  readonly filtered_by?: Readonly<Record<string, number>>;
  /** Number of rows in the quarantine, by reason. */
  readonly quarantined_by?: Readonly<Record<string, number>>;
  /** The latest time in any row, as RFC 3339. */
  readonly newest?: string;
  /** Milliseconds for each part. */
  readonly took?: { readonly fetch: number; readonly read: number; readonly store: number };
  /** Misbehaviour of the source. */
  readonly oddities?: readonly string[];
}

/** A row that could not become an indicator. */
export interface Quarantined {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: string;
  /** The columns of the row, if it could be parsed. They allow a later retry. */
  readonly row?: Row;
}

export interface RunProgress {
  (done: { readonly stage: 'fetch' | 'read' | 'store'; readonly records: number }): void;
}
