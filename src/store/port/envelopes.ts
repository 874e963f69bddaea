import type { Amount } from './amount.ts';

// Pending envelopes, and the receipts that remain of finished ones.

/** The outcome of an envelope, kept for its submitter (the status resource of TAXII 2.1 §4.3). It is written once. */
export interface Receipt {
  readonly id: string;
  /** Id of the account. */
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
}

/**
 * An envelope that was accepted and is still pending. Any process that finds it may process it again, which is
 * harmless.
 */
export interface EnvelopeHead {
  /** The id of its status. */
  readonly id: string;
  /** Id of the account. */
  readonly account: string;
  /** The member that it was submitted for. Absent in envelopes of earlier versions and of accounts of the hub. */
  readonly member?: string;
  readonly collection: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The text from which the submitter's pending status is made. */
  readonly pending: string;
}

/** A pending envelope with its bytes as received (unpacked). */
export interface Envelope extends EnvelopeHead {
  readonly body: Uint8Array;
}

/** The number and size of pending envelopes of an account that were submitted for one member. */
export interface EnvelopeUsage extends Amount {
  /** Id of the account. */
  readonly account: string;
  /** As in `EnvelopeHead`. */
  readonly member?: string;
}

/** Pending envelopes and receipts. */
export interface EnvelopeStore {
  receipt(id: string): Promise<Receipt | undefined>;
  envelopeHead(id: string): Promise<EnvelopeHead | undefined>;
  /** Returns pending envelopes, oldest first. */
  envelopeHeads(limit: number): Promise<readonly EnvelopeHead[]>;
  /** Returns the number and size of pending envelopes of each account and member that has any. Parts may come apart. */
  envelopeUsage(): Promise<readonly EnvelopeUsage[]>;
  /** Returns the number and size of the receipts of each account that has any. */
  receiptUsage(): Promise<readonly (Amount & { readonly account: string })[]>;
  /**
   * Removes the oldest receipts of an account, or of all accounts, above a number or size. Removes a limited number
   * at once and returns it, so it is repeated until it returns 0. Receipts of earlier versions count without a size.
   */
  trimReceipts(account: string | undefined, most: Amount): Promise<number>;
  /** Undefined if the envelope is no longer pending. */
  envelopeBody(id: string): Promise<Buffer | undefined>;
}
