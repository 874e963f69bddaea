import type { Micros } from '../../kernel/clock.ts';

// The ledger: what readers have read, and what was refused.

/** The progress of a reader: one kind of request with the same filters, by one account, in one collection. */
export interface ReaderNote {
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /**
   * The resource that was read: `objects`, `manifest`, `removals`, or `lookup` for reads without a cursor, such as one
   * object.
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

/** The latest use of a credential for programs: an API key or a client certificate. */
export interface KeyUseNote {
  /** Id of the account. */
  readonly account: string;
  /** Public name of the key. */
  readonly key: string;
  /** Time of the last request, in milliseconds since 1970. */
  readonly seen: number;
  /** The address of the client at its last request. */
  readonly address: string;
  /** The name with which the client program identified itself then. */
  readonly agent: string;
  readonly requests: number;
}

/** Maximum number of credentials of an account whose last use is kept. Revoked ones count. */
export const MOST_KEY_USES = 500;

/** Notes that are merged into the ledger. Later notes replace earlier ones, and numbers are added up. */
export interface Notes {
  readonly readers?: readonly ReaderNote[];
  readonly keyUses?: readonly KeyUseNote[];
  readonly refusals?: readonly RefusalNote[];
}

/** The notes of the ledger. */
export interface LedgerStore {
  /** Adds notes to the ledger. Nothing depends on their accuracy: notes whose confirmation was lost may be counted twice. */
  note(notes: Notes): Promise<void>;
  /** Returns the progress of all readers. Other requests have their turn while a long list is read. */
  readers(): Promise<readonly ReaderNote[]>;
  /** Returns the latest uses of the keys of accounts, which are given by their ids. */
  keyUses(accounts: readonly string[]): Promise<readonly KeyUseNote[]>;
  /** Returns the newest refusals, latest first. */
  refusals(limit: number): Promise<readonly RefusalNote[]>;
}
