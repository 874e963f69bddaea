import type { Row } from './template.ts';
import type { FailureClass } from './transports/transport.ts';

/** The outcome of a run. */
export type RunStatus = 'ok' | 'ok-empty' | 'not-modified' | 'unchanged' | 'partial' | 'suspect' | 'failed';

/**
 * Counters for reading the files. Each record is counted once: `records` is the sum of `used`, `filtered` and
 * `quarantined`. Findings are counted apart, because a record may have several.
 */
export interface ReadCounts {
  records: number;
  /** Records of which every part was read, and that have at least one finding. */
  used: number;
  /** Distinct findings. */
  accepted: number;
  /** Findings that an earlier record of the run has as well. */
  duplicates: number;
  /** Records that were left out. */
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

export function nothingStored(): StoreCounts {
  return { created: 0, updated: 0, unchanged: 0, removed: 0, held: 0, refused: 0 };
}

/**
 * Returns the results of a run: those for its findings, and those for other objects. Objects that accompany a finding
 * are only counted when they were not stored.
 */
export function together(stored: Readonly<StoreCounts>, beside: Readonly<StoreCounts>): StoreCounts {
  return {
    ...stored,
    removed: stored.removed + beside.removed,
    held: stored.held + beside.held,
    refused: stored.refused + beside.refused,
  };
}

/** Returns the number of findings that have a result. */
export function settled(stored: Readonly<StoreCounts>): number {
  return Object.values(stored).reduce((sum, number) => sum + number, 0);
}

/** The stored report of a run. */
export interface RunReport extends Readonly<Omit<ReadCounts, 'used'>>, Readonly<StoreCounts> {
  /** Absent in reports of earlier versions of the hub. */
  readonly used?: number;
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
  /** Seconds for which the source accepts no requests. */
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
