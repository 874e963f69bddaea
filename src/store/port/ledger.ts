import type { Micros } from '../../kernel/clock.ts';

// The ledger: what readers have read, and what was refused.

/** The progress of a reader: one kind of request with the same filters, by one account, in one collection. */
export interface ReaderNote {
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /**
   * The resource that was read: `objects`, `manifest`, `removals`, or `lookup` for reads without a cursor, such as one object. `key`
   * records the use of an API key. Then `filters` contains its name and `agent` begins with its address.
   */
  readonly kind: string;
  /** The filters as JSON, or an empty text. */
  readonly filters: string;
  /** Time of the last request, in milliseconds since 1970. */
  readonly seen: number;
  /** Date added up to which the reader had received all stored entries at its last request. */
  readonly cursor: Micros;
  /** The name with which the client program identifies itself. */
  readonly agent: string;
  readonly requests: number;
  readonly objects: number;
}

/** A refusal. It is recorded once, with a count, however often it happens. */
export interface RefusalNote {
  /** Id of the account. Empty for a caller that has not signed in. */
  readonly account: string;
  /** Id of the collection, or an empty text. */
  readonly place: string;
  readonly code: string;
  /** The reason of the latest refusal, in words for the operator. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  readonly times: number;
  readonly agent: string;
}

/** Notes that are merged into the ledger. Later notes replace earlier ones, and numbers are added up. */
export interface Notes {
  readonly readers: readonly ReaderNote[];
  readonly refusals: readonly RefusalNote[];
}

/** A query of the ledger. All given fields must match. */
export interface ReaderQuery {
  readonly kind?: string;
  /** Ids of accounts. */
  readonly accounts?: readonly string[];
}

/** The notes of the ledger. */
export interface LedgerStore {
  /** Adds notes to the ledger. Nothing depends on their accuracy: notes whose answer was lost may be counted twice. */
  note(notes: Notes): Promise<void>;
  readers(query?: ReaderQuery): Promise<readonly ReaderNote[]>;
  /** Returns the newest refusals, latest first. */
  refusals(limit: number): Promise<readonly RefusalNote[]>;
}
