import type { Row } from './template.ts';
import type { FailureClass } from './transports/transport.ts';

/** How a run ended (feeds.md 1.1). */
export type RunStatus = 'ok' | 'ok-empty' | 'not-modified' | 'unchanged' | 'partial' | 'suspect' | 'failed';

/** Counters of one reading of the files. */
export interface ReadCounts {
  records: number;
  /** Distinct findings. */
  accepted: number;
  duplicates: number;
  filtered: number;
  quarantined: number;
}

/** Counters of what became of indicators (of objects, where the feed is one of STIX). */
export interface StoreCounts {
  created: number;
  updated: number;
  unchanged: number;
  /** Ended, since the list does not name them any more, or the source has taken them back. */
  removed: number;
  held: number;
  refused: number;
}

/** Everything that is remembered of a run. */
export interface RunReport extends Readonly<ReadCounts>, Readonly<StoreCounts> {
  readonly feed: string;
  readonly started: string;
  readonly ended: string;
  /** The slot of its schedule that it ran for; undefined for a run by hand. */
  readonly slot?: string;
  readonly status: RunStatus;
  /** Why it is not ok, in words. */
  readonly reason?: string;
  /** Of what kind a failure is. */
  readonly failure?: FailureClass;
  readonly http_status?: number;
  /** Seconds that the source asks to be left alone for. */
  readonly retry_after_s?: number;
  readonly bytes: number;
  /** Files that were read, where the source has several. */
  readonly files?: number;
  /** Rows that were left out, by their reasons. */
  readonly filtered_by?: Readonly<Record<string, number>>;
  /** Rows in the quarantine, by their reasons. */
  readonly quarantined_by?: Readonly<Record<string, number>>;
  /** The latest time that a row tells of, RFC 3339. */
  readonly newest?: string;
  /** Milliseconds of each part. */
  readonly took?: { readonly fetch: number; readonly read: number; readonly store: number };
  /** What the source does that it should not. */
  readonly oddities?: readonly string[];
}

/** A row that could not become an indicator. */
export interface Quarantined {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: string;
  /** The same in columns, where it could be read so far: with it the row can be tried again. */
  readonly row?: Row;
}

export interface RunProgress {
  (done: { readonly stage: 'fetch' | 'read' | 'store'; readonly records: number }): void;
}
