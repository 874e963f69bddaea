import { hash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import type { Micros } from '../kernel/clock.ts';
import type { Diagnosis } from '../kernel/diagnosis.ts';
import type { Problem } from '../kernel/problem.ts';
import { meaningOf } from '../stix/meaning.ts';
import type { Instant } from '../stix/timestamps.ts';
import type { SpecVersion, StixObject } from '../stix/types.ts';
import { storeErrors } from './errors.ts';

/**
 * The store port. Adapters are store/sqlite and store/mongo. Both pass test/contract.
 *
 * An object is stored under the SHA-256 of its exact text. An entry places a version of an object in a collection. Its
 * `added` is the TAXII date added, in microseconds since 1970. The store assigns it inside the commit. Within a
 * collection it strictly increases, and it is never changed or reused. All lists are in the order of `added`.
 */

/** Smallest distance between two dates added of one collection, in microseconds. */
export const ADDED_STEP = 20;

/** An object that may be placed: it is valid and the policy accepts it. */
export interface Candidate {
  /** Exact text as received. */
  readonly text: string;
  /** SHA-256 of the text's UTF-8 bytes, as hexadecimal digits. */
  readonly digest: string;
  readonly id: string;
  readonly type: string;
  /** The version exactly as the object spells it (TAXII 2.1 §3.4.1). */
  readonly version: string;
  /** The same version in a sortable form. */
  readonly instant: Instant;
  readonly spec: SpecVersion;
  /** Rank of the object's effective TLP in the collection. */
  readonly level: number;
  /** The member or source that submitted the object and answers for it. */
  readonly owner: string;
  /**
   * The identity that the object names as its creator, if it is not an identity of its owner. The object is
   * replaced by what the owner of that identity submits (`claims`).
   */
  readonly creator?: string;
  /**
   * The identity of its owner that the object names. Entries of others that name this identity as their
   * creator are replaced.
   */
  readonly claims?: string;
  /** The object has neither `modified` nor `created`. It exists only once, whatever else its text says. */
  readonly unversioned: boolean;
  /** This version revokes the object. No version may follow it (STIX 2.1 §3.6). */
  readonly revoked: boolean;
  /** Several owners may submit it, because observables and marking definitions belong to nobody. */
  readonly shared: boolean;
  /**
   * The object names somebody other than its owner as its creator. It may be stored as the first version of
   * its id, but not as a later version.
   */
  readonly relayed: boolean;
}

/** The result for a candidate. */
export type PlaceOutcome =
  /** `replaced`: entries of others that this one replaced, and the owner of the first of them. */
  | { readonly kind: 'stored'; readonly added: Micros; readonly replaced?: Replaced }
  /**
   * `version` revoked the object before this version. With `late`, this version would revoke it, but `version` follows
   * (STIX 2.1 §3.6).
   */
  | { readonly kind: 'revoked'; readonly version: string; readonly late: boolean }
  /**
   * The same id and version is already stored in the collection. `other` says that its text differs (unversioned
   * objects only).
   */
  | { readonly kind: 'known'; readonly other: boolean }
  /** The same id and version is stored in the collection with different content. */
  | { readonly kind: 'conflict' }
  /** The id belongs to another owner in this collection. */
  | { readonly kind: 'foreign'; readonly owner: string };

/** Entries that another owner submitted under the identity of the candidate's owner. */
export interface Replaced {
  readonly owner: string;
  readonly versions: number;
}

/** An object that is on hold until a person decides or a marking definition arrives. */
export interface HeldObject {
  readonly id: string;
  readonly collection: string;
  readonly text: string;
  readonly objectId: string;
  readonly version: string;
  /** Reason code of the policy or of the rules for conflicts. */
  readonly reason: string;
  /** The reason in words. */
  readonly message: string;
  /** Ids of the marking definitions that the object needs. */
  readonly waitsFor: readonly string[];
  /** Id of the account that submitted the object, or `feed:` and the name of a feed. */
  readonly submitter: string;
  readonly owner: string;
  /** The member on behalf of which hub staff submitted the object. */
  readonly onBehalfOf?: string;
  readonly at: number;
  /**
   * The text is sealed, because the object is or names TLP:RED. `objectId` is then a keyed digest, by which the
   * object can be found but not guessed.
   */
  readonly sealed?: true;
  /** The STIX id of a sealed object, sealed. Objects that earlier versions sealed have their id in the clear. */
  readonly objectSeal?: string | undefined;
}

/** A held object as lists show it: without its text, which can be large. */
export type HeldHead = Omit<HeldObject, 'text'>;

/** A query of the review queue. All given fields must match. */
export interface HeldQuery {
  readonly submitter?: string;
  readonly waitsFor?: string;
  /** The STIX id, or its keyed digest. */
  readonly objectId?: string;
  /** Only objects after this one, in the order of the list. */
  readonly after?: Pick<HeldObject, 'at' | 'id'>;
  readonly limit: number;
}

/** The number and size of the objects that one owner has on hold. */
export interface HeldUsage {
  readonly objects: number;
  /** The total size of their texts. */
  readonly bytes: number;
}

/** One envelope for one collection. */
export interface Placement {
  readonly collection: string;
  readonly candidates: readonly Candidate[];
}

/**
 * A record of the hub: data that is not STIX. `revision` increases by one with each change and never decreases, even
 * when the record is removed.
 */
export interface HubRecord {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: Readonly<Record<string, unknown>>;
  /** The declared index keys. */
  readonly index: Readonly<Record<string, string>>;
}

/**
 * A change of a hub record. `expected` is the revision that the writer has read, or 0 for a record that does not exist.
 */
export interface RecordChange {
  readonly kind: string;
  readonly id: string;
  readonly expected: number;
  /** Undefined removes the record. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
  readonly index?: Readonly<Record<string, string>>;
  /** The change is refused with code TLN-S-411 when a removed record had this id. */
  readonly neverBefore?: true;
}

/** The code of the Problem for an id that a removed record had. */
export const ID_WAS_USED = 'TLN-S-411';

/** Returns the Problem for a change with `neverBefore` whose id a removed record had. */
export function idWasUsed(kind: string, id: string): Problem {
  return storeErrors.idWasUsed({ id, kind });
}

/**
 * Returns the change that removes a record as it was read. The change is refused if the record was changed in the
 * meantime.
 */
export function removal({ kind, id, revision }: Pick<HubRecord, 'kind' | 'id' | 'revision'>): RecordChange {
  return { kind, id, expected: revision, document: undefined };
}

/**
 * A unit of writing: placements, held objects and record changes that belong together. On SQLite they are one
 * transaction. On MongoDB, placements are committed in the order of the list, then held objects, records, receipts and
 * envelopes. An interrupted batch is repeated, and entries that it already stored are reported as known.
 */
export interface Batch {
  readonly placements?: readonly Placement[];
  readonly held?: readonly HeldObject[];
  /** Ids of held objects that leave the queue. */
  readonly released?: readonly string[];
  readonly records?: readonly RecordChange[];
  readonly receipts?: readonly Receipt[];
  /** Envelopes that were accepted and are still pending. */
  readonly envelopes?: readonly Envelope[];
  /** Ids of envelopes that have an outcome. They are removed after the receipts are written. */
  readonly finished?: readonly string[];
  /** Facts for the audit log. They are stored with the first record of the batch, so that no change lacks its fact. */
  readonly facts?: readonly AuditFact[];
  /** Values by which entries are found. They are derived from stored entries, so adding a name twice is harmless. */
  readonly names?: readonly Name[];
  /** Names that no longer lead to an entry. */
  readonly staleNames?: readonly Name[];
  /**
   * The batch removes confidential data, so no copy may remain in the files of the embedded store. A database
   * server overwrites its files in its own time.
   */
  readonly scrub?: boolean;
  /** Only the holder of this lease may write the batch. A stale fence is refused with a Problem of kind conflict. */
  readonly lease?: Lease;
}

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

export interface BatchResult {
  /** The outcomes of each placement, in the order of its candidates. */
  readonly placed: readonly (readonly PlaceOutcome[])[];
}

/** The versions of an object that a read asks for (TAXII 2.1 §3.4.1, `match[version]`). */
export interface VersionFilter {
  readonly all: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly exact: readonly Instant[];
}

export const LAST_VERSION: VersionFilter = { all: false, first: false, last: true, exact: [] };
export const ALL_VERSIONS: VersionFilter = { all: true, first: false, last: false, exact: [] };

/** A read of a collection. Fields are joined by AND, the values of a field by OR. */
export interface PageQuery {
  readonly collection: string;
  /** Only entries that were added after this time. 0 means all. */
  readonly after: Micros;
  readonly limit: number;
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  readonly versions: VersionFilter;
  /** If absent, an id that is stored in several specification versions is returned in the latest one only. */
  readonly specs?: readonly SpecVersion[];
}

/** An entry without its text. */
export interface EntryFacts {
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly spec: SpecVersion;
  readonly added: Micros;
  readonly level: number;
  readonly owner: string;
  /** The identity that the object names as its creator, if it is not an identity of its owner. */
  readonly creator?: string;
  /** This is the earliest version of its id that is stored in the collection. */
  readonly oldest: boolean;
}

/**
 * A page ends before its texts exceed this number of bytes together, unless it has only one. Otherwise a page of large
 * objects would exceed what a process, or a value of the database, can contain.
 */
export const PAGE_BYTES = 16_777_216;

/** Returns how many of these sizes a page contains: as many as fit, and at least one. */
export function fittingIn(sizes: readonly number[]): number {
  let sum = 0;
  const end = sizes.findIndex((size, i) => (sum += size) > PAGE_BYTES && i > 0);
  return end < 0 ? sizes.length : end;
}

/** A page of texts as UTF-8 bytes, joined by commas. A caller puts them between brackets without parsing them again. */
export interface TextPage {
  readonly joined: Buffer;
  readonly count: number;
  readonly first: Micros;
  readonly last: Micros;
  readonly more: boolean;
}

/** A page of entries, with texts if they were requested. */
export interface EntryPage {
  readonly entries: readonly (EntryFacts & { readonly text?: string })[];
  readonly more: boolean;
}

/** A version that was removed from a collection. Clients that poll removals read these. */
export interface Tombstone {
  readonly id: string;
  readonly version: string;
  readonly spec: SpecVersion;
  /** From the same sequence as `added`. The tombstone applies to entries that were added before it. */
  readonly removed: Micros;
}

/**
 * A query for removals that a reader may see. The id of an object that was too strict for a reader can reveal
 * its value. A removal is therefore shown by the same rule as an object: by the level of the removed object.
 */
export interface RemovalQuery {
  readonly collection: string;
  /** Only objects that were removed after this time. 0 means all. */
  readonly after: Micros;
  readonly limit: number;
  /**
   * The strictest rank that is returned. Objects that were removed before ranks were recorded count as the
   * strictest rank that a collection can contain.
   */
  readonly upTo: number;
  /** Stricter removals that the reader could have received as objects: up to a rank, and not before a time. */
  readonly beyond?: { readonly upTo: number; readonly since: Micros };
}

/** The strictest rank that any collection can contain (TLP:AMBER+STRICT). No collection contains TLP:RED. */
export const STRICTEST_RANK = 3;

/** All removals, for internal work of the hub only, never for a reader. */
export const ALL_REMOVALS = { upTo: STRICTEST_RANK } as const;

/**
 * Returns the ranks that a query of removals covers, the additional ranks of `beyond`, and whether it covers
 * removals without a rank.
 */
export function removalRanks({ upTo, beyond }: Pick<RemovalQuery, 'upTo' | 'beyond'>): {
  readonly within: readonly number[];
  readonly beyond: readonly number[];
  readonly unranked: boolean;
} {
  const ranks = Array.from({ length: STRICTEST_RANK + 1 }, (_, rank) => rank);
  return {
    within: ranks.filter((rank) => rank <= upTo),
    beyond: ranks.filter((rank) => rank > upTo && rank <= (beyond?.upTo ?? -1)),
    unranked: upTo >= STRICTEST_RANK,
  };
}

export interface RemoveQuery {
  readonly collection: string;
  readonly id: string;
  readonly versions: VersionFilter;
  readonly specs?: readonly SpecVersion[];
}

/** A held lease. The fence increases with each holder. A writer with an older fence is refused. */
export interface Lease {
  readonly name: string;
  readonly fence: number;
}

/**
 * An action that was performed or refused, as the audit log records it. It never contains a secret or a whole object.
 */
export interface AuditFact {
  /** A random UUID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * Name of the account, `operator` for the hub's own socket, `settings` for the settings file, or `hub:` and a
   * component for the hub itself. This is a label for people. `actor_id` identifies the account.
   */
  readonly actor: string;
  /** The id of the principal. Absent in entries of earlier versions and of the settings file. */
  readonly actor_id?: string;
  /** Public name of the API key that was used to sign in, and the address of the caller. */
  readonly key?: string;
  readonly address?: string;
  /** The action, such as `key.create` or `account.update`. */
  readonly action: string;
  /** The resource that the action applied to: `<kind>/<id>`. */
  readonly resource: string;
  /** The member that the action concerns. */
  readonly member?: string;
  readonly result: 'done' | 'refused';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A fact with its position in the hash chain. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly fact: AuditFact;
  /** SHA-256 of the previous hash and the canonical form (RFC 8785) of the fact, as hexadecimal digits. */
  readonly hash: string;
}

/** The last entry that was removed from the audit log. The chain goes on from its hash. */
export interface AuditStart {
  readonly seq: number;
  readonly hash: string;
}

/** Keys by which audit entries are indexed: the id of the actor, and the member that an entry concerns. */
export const auditKey = {
  actor: (id: string): string => `actor/${id}`,
  member: (name: string): string => `member/${name}`,
};

/** Returns the index keys of an entry. In entries of versions before 0.2, the name of the actor served as the id. */
export function auditKeysOf({ actor, actor_id: id = actor, member }: AuditFact): readonly string[] {
  return [auditKey.actor(id), ...(member === undefined ? [] : [auditKey.member(member)])];
}

/** Entries that were found by their index keys. */
export interface AuditPart {
  readonly entries: readonly AuditEntry[];
  /** Entries after this number are not in the index yet (`indexFacts`). Absent if all were looked at. */
  readonly unindexedAfter?: number;
}

/** Returns the hash of a fact after the given hash. For the first entry, `before` is an empty text. */
export function auditHash(before: string, fact: AuditFact): string {
  return hash('sha256', `${before}\n${canonical(fact)}`);
}

/** The position of an entry. */
export interface Place {
  readonly collection: string;
  readonly added: Micros;
}

/** A value by which an entry is found. */
export interface Name extends Place {
  /** The kind of the value. Like the value, it contains no line feed. */
  readonly kind: string;
  readonly value: string;
}

/**
 * The values of a kind from `from` up to, but not including, the end of the range. Without an end, only the value
 * `from`.
 */
export interface NameRange {
  readonly kind: string;
  readonly from: string;
  readonly to?: string;
}

export interface NameQuery {
  /** The ranges do not overlap. */
  readonly ranges: readonly NameRange[];
  /** Only names that sort after this one. */
  readonly after?: Name;
  readonly limit: number;
}

/** Returns a name as one text. Names sort in the byte order of these texts. */
export function nameText({ kind, value, collection, added }: Name): string {
  return `${kind}\n${value}\n${collection}\n${String(added).padStart(16, '0')}`;
}

/** Returns the name that `nameText` wrote. */
export function nameOf(line: string): Name {
  const [kind = '', value = '', collection = '', added = ''] = line.split('\n');
  return { kind, value, collection, added: Number(added) };
}

/** Returns the exclusive bounds of the texts that a query of names covers, in their order. */
export function nameBounds({
  ranges,
  after,
}: NameQuery): readonly { readonly low: string; readonly high: string }[] {
  const behind = after === undefined ? '' : nameText(after);
  return ranges
    .map(({ kind, from, to }) => {
      const low = `${kind}\n${from}${to === undefined ? '\n' : ''}`;
      return {
        low: byBytes(behind, low) > 0 ? behind : low,
        high: to === undefined ? `${kind}\n${from}\u000b` : `${kind}\n${to}`,
      };
    })
    .filter(({ low, high }) => byBytes(low, high) < 0)
    .toSorted((a, b) => byBytes(a.low, b.low));
}

/** Compares texts by their bytes, which is the order of texts in a store. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The progress of a reader: one kind of request with the same filters, by one account, in one collection. */
export interface ReaderNote {
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /**
   * What was read: `objects`, `manifest`, `removals`, or `lookup` for reads without a cursor, such as one object. `key`
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

export interface CollectionSize {
  readonly collection: string;
  readonly entries: number;
  readonly last: Micros;
}

/** A number of items, and their size. */
export interface Amount {
  readonly items: number;
  readonly bytes: number;
}

/** Everything that the code above the store may request from it. An unknown collection is empty. */
export interface Store {
  /** Short name for people, such as `embedded (talanoa-data/hub.db)`. */
  readonly name: string;

  /**
   * Writes a batch. The batch is durable when the promise resolves. Throws a Problem of kind conflict if a record or a
   * lease is stale.
   */
  commit(batch: Batch): Promise<BatchResult>;
  /** Removes versions of one id from a collection and leaves tombstones. Returns the number of removed versions. */
  remove(query: RemoveQuery): Promise<number>;

  /** Returns a page of texts of at most `PAGE_BYTES`. */
  texts(query: PageQuery): Promise<TextPage>;
  /** Returns a page of entries. With texts and without `ids`, it contains at most `PAGE_BYTES` of them. */
  entries(query: PageQuery, withText: boolean): Promise<EntryPage>;
  /** Returns true if any version of the id is stored in the collection. */
  stands(collection: string, id: string): Promise<boolean>;
  /** Returns which of the ids are stored in the collection, and their owners. */
  standing(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /**
   * Returns the loosest TLP rank at which each id is stored in these collections. Ids that are in none of them are left
   * out.
   */
  levels(ids: readonly string[], collections: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Returns removals in their order. Removals that the query does not cover are not read and cost nothing. */
  removals(query: RemovalQuery): Promise<readonly Tombstone[]>;
  sizes(): Promise<readonly CollectionSize[]>;

  /** Returns names in byte order. Use `placed` to check whether their entries still exist. */
  names(query: NameQuery): Promise<readonly Name[]>;
  /**
   * Returns the entries at these places, with their texts. `newest` is false for a version that has a later version.
   */
  placed(
    places: readonly Place[],
  ): Promise<readonly (EntryFacts & Place & { readonly text: string; readonly newest: boolean })[]>;

  receipt(id: string): Promise<Receipt | undefined>;
  envelopeHead(id: string): Promise<EnvelopeHead | undefined>;
  /** Returns pending envelopes, oldest first. */
  envelopeHeads(limit: number): Promise<readonly EnvelopeHead[]>;
  /** Returns the number and size of pending envelopes of each account that has any. */
  envelopeUsage(): Promise<readonly (Amount & { readonly account: string })[]>;
  /** Returns the number and size of the receipts of each account that has any. */
  receiptUsage(): Promise<readonly (Amount & { readonly account: string })[]>;
  /**
   * Removes the oldest receipts of an account, or of all accounts, above a number or size. Removes a limited number
   * at once and returns it, so it is repeated until it returns 0. Receipts of earlier versions count without a size.
   */
  trimReceipts(account: string | undefined, most: Amount): Promise<number>;
  /** Undefined if the envelope is not pending any more. */
  envelopeBody(id: string): Promise<Buffer | undefined>;
  /** Returns held objects without their texts, oldest first. */
  held(query: HeldQuery): Promise<readonly HeldHead[]>;
  /** Returns a held object with its text. */
  heldObject(id: string): Promise<HeldObject | undefined>;
  /** Returns how much an owner has on hold now. MongoDB counts at most `most` objects. */
  heldUsage(owner: string, most: number): Promise<HeldUsage>;

  /** Returns audit entries after a number, in their order. */
  audit(after: number, limit: number): Promise<readonly AuditEntry[]>;
  /**
   * Returns audit entries after a number that have one of these index keys (`auditKey`), in their order. The work
   * depends on the number of returned entries, not on the size of the log.
   */
  auditBy(keys: readonly string[], after: number, limit: number): Promise<AuditPart>;
  /**
   * Adds entries of earlier versions to the index, oldest first, at most `limit` of them. Returns how many. Can be
   * interrupted and repeated at any time.
   */
  indexFacts(limit: number): Promise<number>;
  /** Returns where the audit log begins. Undefined while no entry was removed. */
  auditStart(): Promise<AuditStart | undefined>;
  /**
   * Removes the oldest audit entries up to a number, at most `limit`, and never the newest. Returns how many. Can be
   * interrupted and repeated at any time, by one process at a time.
   */
  trimAudit(upTo: number, limit: number): Promise<number>;
  /** Returns the last audit entry. */
  auditHead(): Promise<AuditEntry | undefined>;
  /**
   * Appends committed facts that have no number yet to the hash chain. Returns how many. One process does this at a
   * time.
   */
  numberFacts(): Promise<number>;

  /** Adds notes to the ledger. Nothing depends on their accuracy: notes whose answer was lost may be counted twice. */
  note(notes: Notes): Promise<void>;
  readers(query?: ReaderQuery): Promise<readonly ReaderNote[]>;
  /** Returns the newest refusals, latest first. */
  refusals(limit: number): Promise<readonly RefusalNote[]>;

  /** Returns the newest revision of a record. Undefined if it does not exist or was removed. */
  record(kind: string, id: string): Promise<HubRecord | undefined>;
  /**
   * Forgets that records existed, if they are of these kinds and were removed before a time (milliseconds since 1970).
   * Forgets at most `limit` of them and returns how many. A record that is created again under such an id starts with
   * its first revision.
   */
  forgetRemoved(kinds: readonly string[], before: number, limit: number): Promise<number>;
  /** Returns true if there is no record with this id now, but there was one. */
  wasRemoved(kind: string, id: string): Promise<boolean>;
  /**
   * Returns the records of a kind by id, or only those whose index key `index.name` has the value `index.value`. Other
   * requests have their turn while a long list is read.
   */
  records(kind: string, query?: RecordQuery): Promise<readonly HubRecord[]>;
  /**
   * Returns the number of records of a kind, or of those with an index key. On MongoDB, the count can lag behind the
   * latest changes.
   */
  countRecords(kind: string, index?: RecordQuery['index']): Promise<number>;
  /**
   * Returns all records of these kinds. `known` is an earlier view of the same kinds. Only records that any process
   * changed since then are read, all others stay the same objects, and `known` itself is returned if nothing changed.
   */
  view(kinds: readonly string[], known?: RecordView): Promise<RecordView>;
  /**
   * Returns the number and size of the records of a kind, or of those with an index key. Documents are not read. On
   * MongoDB, records that earlier versions wrote last have no size.
   */
  recordUsage(kind: string, index?: RecordQuery['index']): Promise<Amount>;

  /** Acquires a lease. Undefined while another holder has it. The lease ends `ttlMs` after its last renewal. */
  takeLease(name: string, ttlMs: number): Promise<Lease | undefined>;
  /** Returns false if the lease was lost. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  /**
   * Housekeeping, for one process at a time. Removes receipts and objects without entries, if they were not touched
   * since `before` (milliseconds since 1970). Removes refusals whose last occurrence is older than `refusalsBefore`.
   * Completes what a killed process left unfinished. Returns the number of removed items.
   */
  sweep(before: number, refusalsBefore?: number): Promise<number>;
  /** Returns true if the store can be written. */
  ready(): Promise<boolean>;
  /** True if the previous process did not close the store. */
  readonly unclean: boolean;
  /** Checks the whole store for damage without blocking other work. Returns a description of each problem. */
  damage(): Promise<readonly string[]>;
  /** Checks the conditions that durability depends on, now (`talanoa doctor`). */
  diagnose(): Promise<readonly Diagnosis[]>;
  close(): Promise<void>;
}

/** All records of some kinds, as of one read. */
export interface RecordView {
  /** Records by kind and id, in the order of their ids. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, HubRecord>>;
}

/**
 * Returns the map with these records replaced, or removed where there is none, in the order of ids. Records that did
 * not change stay the same objects.
 */
export function patched(
  before: ReadonlyMap<string, HubRecord> | undefined,
  changes: readonly (readonly [id: string, record: HubRecord | undefined])[],
): ReadonlyMap<string, HubRecord> {
  const after = new Map(before);
  let isNew = false;
  for (const [id, record] of changes) {
    if (record === undefined) after.delete(id);
    else {
      isNew ||= !after.has(id);
      after.set(id, record);
    }
  }
  return isNew ? new Map([...after].sort(([a], [b]) => (a < b ? -1 : 1))) : after;
}

/** A query of the ledger. All given fields must match. */
export interface ReaderQuery {
  readonly kind?: string;
  /** Ids of accounts. */
  readonly accounts?: readonly string[];
}

export interface RecordQuery {
  readonly index?: { readonly name: string; readonly value: string };
  /** Only ids greater than this one, in order. */
  readonly after?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** Decides the outcome for a candidate whose id, version and specification version are already stored. */
export function sameVersionOutcome(
  candidate: Candidate,
  standing: { readonly digest: string; readonly sameContent: () => boolean },
): PlaceOutcome {
  if (standing.digest === candidate.digest) return { kind: 'known', other: false };
  if (standing.sameContent()) return { kind: 'known', other: false };
  return candidate.unversioned ? { kind: 'known', other: true } : { kind: 'conflict' };
}

/** Properties of a stored version that decide whether another version may be stored. */
export interface StoredVersion {
  readonly instant: Instant;
  readonly spec: SpecVersion;
  readonly version: string;
}

/** Returns the newest stored version of the specification version of a candidate, if there is one. */
export function newestOf<V extends StoredVersion>(
  standing: readonly V[],
  { spec }: Pick<Candidate, 'spec'>,
): V | undefined {
  return standing
    .filter((entry) => entry.spec === spec)
    .reduce<V | undefined>((a, b) => (a === undefined || b.instant > a.instant ? b : a), undefined);
}

/**
 * Returns why a candidate is no possible version of an object whose newest stored version is `newest`: a revocation is
 * final (STIX 2.1 §3.6). Undefined if it is possible.
 */
export function revocationOutcome(
  candidate: Pick<Candidate, 'instant' | 'revoked'>,
  newest: StoredVersion & { readonly revoked: boolean },
): PlaceOutcome | undefined {
  if (newest.revoked && candidate.instant > newest.instant)
    return { kind: 'revoked', version: newest.version, late: false };
  if (candidate.revoked && candidate.instant < newest.instant)
    return { kind: 'revoked', version: newest.version, late: true };
  return undefined;
}

/** Returns true for a text whose object is revoked. */
export function isRevokedText(text: string): boolean {
  return text.includes('"revoked"') && (JSON.parse(text) as StixObject)['revoked'] === true;
}

/** Returns true for two texts of one id with the same meaning (`meaningOf`). */
export function sameContent(a: string, b: string): boolean {
  const [one, other] = [JSON.parse(a) as StixObject, JSON.parse(b) as StixObject];
  if (canonical(one) === canonical(other)) return true;
  return meaningOf(one) === meaningOf(other);
}

/** Groups owners by id. */
export function ownersById(
  rows: readonly { readonly id: string; readonly owner: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, owner } of rows) found.set(id, (found.get(id) ?? new Set()).add(owner));
  return found;
}

/** Returns true for an entry of another owner under the identity that the candidate uses as its own. */
export function yields(
  entry: { readonly owner: string; readonly creator?: string | null | undefined },
  { owner, claims }: Pick<Candidate, 'owner' | 'claims'>,
): boolean {
  return claims !== undefined && entry.creator === claims && entry.owner !== owner;
}

/**
 * Returns the owner of an id of which no version is stored any more: the first owner who submitted it in
 * their own name, or else the first owner. Entries that yield to the candidate do not count. `gone` is in the
 * order of removal.
 */
export function formerOwner(
  gone: readonly { readonly owner: string; readonly creator?: string | null | undefined }[],
  candidate: Pick<Candidate, 'owner' | 'claims'>,
): string | undefined {
  const counting = gone.filter((entry) => !yields(entry, candidate));
  const first = counting.find(({ creator }) => creator === undefined || creator === null) ?? counting[0];
  return first?.owner;
}

/** The parts of an entry from which the flags are derived. */
export interface Flagged {
  readonly instant: string;
  readonly spec: SpecVersion;
}

/** The derived flags of one entry among all stored entries of its id in its collection. */
export interface Flags {
  /** This is the newest or the oldest version of the id within its specification version. */
  readonly newest: boolean;
  readonly oldest: boolean;
  /** The id is stored there in a later specification version as well. */
  readonly oldSpec: boolean;
}

/** Computes the flags of all entries of one id. The order of the input does not matter. */
export function deriveFlags(entries: readonly Flagged[]): readonly Flags[] {
  const edge = new Map<SpecVersion, { first: string; last: string }>();
  let latest: SpecVersion = '2.0';
  for (const { instant, spec } of entries) {
    const known = edge.get(spec);
    if (known === undefined) edge.set(spec, { first: instant, last: instant });
    else {
      if (instant < known.first) known.first = instant;
      if (instant > known.last) known.last = instant;
    }
    if (spec > latest) latest = spec;
  }
  return entries.map(({ instant, spec }) => ({
    newest: edge.get(spec)?.last === instant,
    oldest: edge.get(spec)?.first === instant,
    oldSpec: spec < latest,
  }));
}

/** Returns true if an entry with these flags is one of the requested versions. */
export function versionMatches(filter: VersionFilter, flags: Flags, instant: Instant): boolean {
  if (filter.all || (filter.last && flags.newest) || (filter.first && flags.oldest)) return true;
  return filter.exact.includes(instant);
}
