import type { FirstFind, HeldHead, HeldObject, KeyUseNote, ReaderNote, RefusalNote } from '../store.ts';
import type { Binary } from 'mongodb';
import type { Micros } from '../../kernel/clock.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';

/**
 * Documents of the MongoDB adapter. Every decision is made by inserting a document with a unique `_id`, which is atomic
 * on every server that speaks the protocol. Fields marked "derived" can be recomputed.
 */

/** `begin/<collection>/<k>`: the right to write dates added from `lo` to `hi`. */
export interface BeginDocument {
  readonly _id: string;
  readonly kind: 'begin';
  readonly coll: string;
  readonly k: number;
  readonly lo: Micros;
  readonly hi: Micros;
  /** Numbers of earlier ranges whose entries do not count. */
  readonly dead: readonly number[];
  /** Versions were removed from this collection before. */
  readonly tombstones: boolean;
  /** Identifies the writer that holds the turn. */
  readonly token: string;
  /** Milliseconds that other processes wait before they consider this writer dead. */
  readonly lease: number;
  readonly at: Date;
}

/** `end/<collection>/<k>`: `done` commits the range, `dead` discards it. Only one of them can be inserted. */
export interface EndDocument {
  readonly _id: string;
  readonly kind: 'end';
  readonly coll: string;
  readonly k: number;
  readonly outcome: 'done' | 'dead';
  readonly at: Date;
  /** Audit facts about the range, as JSON. Empty once all of them are in the hash chain. */
  readonly facts?: readonly string[];
  /** Derived: some of these facts are not in the hash chain yet. */
  readonly unnumbered?: boolean;
}

/** `settled/<collection>/<k>`: the derived flags of everything that the range changed are correct. */
export interface SettledDocument {
  readonly _id: string;
  readonly kind: 'settled';
  readonly coll: string;
  readonly k: number;
  readonly at: Date;
}

/**
 * `want/<collection>/<k>`: another process waits for this range. It decides nothing and is only a request to let that
 * process go first.
 */
export interface WantDocument {
  readonly _id: string;
  readonly kind: 'want';
  readonly coll: string;
  readonly k: number;
  readonly token: string;
  readonly at: Date;
}

export type TurnDocument = BeginDocument | EndDocument | SettledDocument | WantDocument;

export interface ObjectDocument {
  /** SHA-256 of the text. */
  readonly _id: string;
  readonly text: string;
  /** The last time that a writer referred to it. */
  readonly at: Date;
}

export interface EntryDocument {
  /** `<collection>/<added>`. */
  readonly _id: string;
  readonly coll: string;
  readonly added: Micros;
  readonly digest: string;
  readonly id: string;
  readonly instant: Instant;
  readonly spec: SpecVersion;
  readonly version: string;
  readonly type: string;
  readonly level: number;
  readonly owner: string;
  /** The identity that the object names as its creator, if it is not an identity of its owner. */
  readonly creator?: string;
  /** The version revokes its object. Absent in entries of earlier versions: then the text contains it. */
  readonly revoked?: boolean;
  /** The range in which the entry was written. */
  readonly turn: number;
  /** Derived. */
  readonly newest: boolean;
  /** Derived. */
  readonly oldest: boolean;
  /** Derived. */
  readonly old_spec: boolean;
  /** Derived: the range that computed the flags when it was settled. */
  readonly flags_turn: number;
}

export interface TombstoneDocument {
  /** `<collection>/<removed>`. */
  readonly _id: string;
  readonly coll: string;
  readonly removed: Micros;
  readonly id: string;
  readonly instant: Instant;
  readonly version: string;
  readonly spec: SpecVersion;
  readonly owner: string;
  /** Absent for objects that were removed before levels were recorded. */
  readonly level?: number | null;
  readonly creator?: string;
  readonly turn: number;
}

export interface HeldDocument {
  readonly _id: string;
  readonly submitter: string;
  readonly at: number;
  readonly waits_for: readonly string[];
  /**
   * All fields but the text, as JSON. Earlier versions also kept the text here and had none of the following
   * fields.
   */
  readonly document: string;
  readonly owner?: string;
  readonly object?: string;
  readonly bytes?: number;
  readonly text?: string;
}

export interface RevisionDocument {
  /** `<kind>/<id>/<revision>`. */
  readonly _id: string;
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  /** JSON text; null when the record was removed. */
  readonly document: string | null;
  readonly index: string;
  readonly at: Date;
  /** Audit facts about this change, as JSON. */
  readonly facts?: readonly string[];
  /** Derived: all of these facts are in the hash chain. */
  readonly numbered?: boolean;
}

/** Audit facts that belong to no record. */
export interface FactsDocument {
  /** Id of the first fact. */
  readonly _id: string;
  readonly facts: readonly string[];
  readonly at: Date;
  readonly numbered?: boolean;
}

/** A link of the audit's hash chain. Inserting it assigns the number. */
export interface AuditDocument {
  /** The number, padded. */
  readonly _id: string;
  readonly seq: number;
  readonly fact_id: string;
  readonly fact: string;
  readonly hash: string;
  /** Index keys (`auditKeysOf`). Entries that earlier versions wrote get them later. */
  readonly keys?: readonly string[];
}

/** The newest revision of a record, for lists. Derived from the revisions. */
export interface CurrentDocument {
  /** `<kind>/<id>`. */
  readonly _id: string;
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: string | null;
  readonly index: string;
  /** `name=value` for each index key. */
  readonly keys: readonly string[];
  /** Size of the document. Absent if an earlier version wrote it. */
  readonly bytes?: number;
}

export interface LeaseDocument {
  /** `<name>/<fence>`. */
  readonly _id: string;
  readonly name: string;
  readonly fence: number;
  /** The holder increments it. Other processes check by their own clocks whether it still changes. */
  readonly beat: number;
  readonly ttl: number;
  readonly released: boolean;
}

export interface ReceiptDocument {
  readonly _id: string;
  readonly account: string;
  readonly at: number;
  readonly body: string;
  /** Absent in receipts of earlier versions. */
  readonly bytes?: number;
}

/** A pending envelope. It is inserted after its parts, so that it is complete as soon as it exists. */
export interface EnvelopeDocument {
  readonly _id: string;
  readonly account: string;
  /** Absent in envelopes of earlier versions and of accounts of the hub. */
  readonly member?: string;
  readonly collection: string;
  readonly at: number;
  readonly pending: string;
  readonly parts: number;
  /** Absent in envelopes of earlier versions. */
  readonly bytes?: number;
}

/** A piece of an envelope's bytes, because a document can have at most 16 MiB. */
export interface PartDocument {
  /** `<envelope>/<number>`. */
  readonly _id: string;
  readonly envelope: string;
  readonly number: number;
  readonly at: Date;
  readonly bytes: Binary;
}

/** A note of the ledger. */
export interface ReaderDocument extends ReaderNote {
  /** Account, collection, kind and filters as JSON. */
  readonly _id: string;
}

export interface KeyUseDocument extends KeyUseNote {
  /** Account and key as JSON. */
  readonly _id: string;
}

export interface RefusalDocument extends RefusalNote {
  /** Account, place and code as JSON. */
  readonly _id: string;
}

/** A name (`nameText`). Derived from the entries. */
export interface NameDocument {
  readonly _id: string;
}

/** An object that a feed lists. The `_id` is feed and unit as JSON, and the object, so it sorts by object. */
export interface ListingDocument {
  readonly _id: string;
  readonly unit: string;
  /** Feed and object as JSON. Absent for the list of a snapshot feed, which is not searched by object. */
  readonly of?: string;
}

/** The first time that a feed named a value. The `_id` is the value as JSON, and the feed. */
export interface FoundDocument extends FirstFind {
  readonly _id: string;
}

export interface MetaDocument {
  readonly _id: string;
  readonly number: number;
}

/** Returns a number as text that sorts in numeric order, for use in an `_id`. */
export function padded(n: number): string {
  return String(n).padStart(16, '0');
}

/** Returns a held object as lists show it. */
export function headOf({ document }: Pick<HeldDocument, 'document'>): HeldHead {
  const { text: _, ...head } = JSON.parse(document) as HeldObject;
  return head;
}

/** Returns the text of a held object that an earlier version stored. */
export function oldText({ document }: HeldDocument): string {
  return (JSON.parse(document) as Partial<HeldObject>).text ?? '';
}
