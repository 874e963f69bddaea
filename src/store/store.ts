import { hash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import type { Micros } from '../kernel/clock.ts';
import type { Diagnosis } from '../kernel/diagnosis.ts';
import { Problem } from '../kernel/problem.ts';
import { definitionMeaning } from '../stix/meaning.ts';
import type { Instant } from '../stix/timestamps.ts';
import type { SpecVersion, StixObject } from '../stix/types.ts';

/**
 * The store port (DESIGN.md section 5). Adapters: store/sqlite and store/mongo; both pass test/contract.
 *
 * An object is kept by the SHA-256 of its exact text. An entry is an object version's place in a collection; its
 * `added` is the TAXII date added: microseconds since 1970, given inside the commit, strictly rising in its
 * collection, never changed and never given twice. All lists are in the order of `added`.
 */

/** Smallest distance between two dates added of one collection, in microseconds. */
export const ADDED_STEP = 20;

/** An object that may be placed: validated, and let in by policy. */
export interface Candidate {
  /** Exact text as received. */
  readonly text: string;
  /** SHA-256 of the text's UTF-8 bytes, as hexadecimal digits. */
  readonly digest: string;
  readonly id: string;
  readonly type: string;
  /** The version exactly as the object spells it (TAXII 2.1 section 3.4.1). */
  readonly version: string;
  /** The same version as an instant that sorts. */
  readonly instant: Instant;
  readonly spec: SpecVersion;
  /** Rank of its effective TLP in that collection. */
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
  /** Has neither `modified` nor `created`: it exists once, whatever else its text says. */
  readonly unversioned: boolean;
  /** Several owners may name it: observables and marking-definitions belong to nobody. */
  readonly shared: boolean;
  /**
   * The object names somebody other than its owner as its creator. It may be stored as the first version of
   * its id, but not as a later version.
   */
  readonly relayed: boolean;
}

/** What became of a candidate. */
export type PlaceOutcome =
  /** `replaced`: entries of others that this one replaced, and the owner of the first of them. */
  | { readonly kind: 'stored'; readonly added: Micros; readonly replaced?: Replaced }
  /** The same id and version stands there already. `other` says that its text differs (unversioned objects only). */
  | { readonly kind: 'known'; readonly other: boolean }
  /** The same id and version stands there with other content. */
  | { readonly kind: 'conflict' }
  /** The id belongs to another owner in this collection. */
  | { readonly kind: 'foreign'; readonly owner: string };

/** Entries that another owner submitted under the identity of the candidate's owner. */
export interface Replaced {
  readonly owner: string;
  readonly versions: number;
}

/** An object that waits for a person or for a definition. */
export interface HeldObject {
  readonly id: string;
  readonly collection: string;
  readonly text: string;
  readonly objectId: string;
  readonly version: string;
  /** Reason code of the policy or of the conflict rules. */
  readonly reason: string;
  /** The same in words. */
  readonly message: string;
  /** Marking definitions that it waits for. */
  readonly waitsFor: readonly string[];
  /** Id of the account that put it in, or `feed:` and the name of a source. */
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

/** A held object as lists show it: without its text, which may be large. */
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

/** A hub record: what is not STIX. `revision` rises by one at each change and never goes back, removed or not. */
export interface HubRecord {
  readonly kind: string;
  readonly id: string;
  readonly revision: number;
  readonly document: Readonly<Record<string, unknown>>;
  /** Declared index keys. */
  readonly index: Readonly<Record<string, string>>;
}

/** A change of a hub record. `expected` is the revision that the writer has seen; 0 for a record that is not there. */
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
  return new Problem('conflict', `The id ${id} belonged to a ${kind} that was removed`, {
    hint: 'Choose another id.',
    code: ID_WAS_USED,
  });
}

/** The change that removes a record as it was read: refused when somebody else has changed it meanwhile. */
export function removal({ kind, id, revision }: HubRecord): RecordChange {
  return { kind, id, expected: revision, document: undefined };
}

/**
 * A unit of writing: placements, held objects and record changes that belong together. On SQLite they are one
 * transaction. On MongoDB placements commit in the order of the list, then held objects, records, receipts and
 * envelopes: a batch that broke off is repeated and finds its entries known.
 */
export interface Batch {
  readonly placements?: readonly Placement[];
  readonly held?: readonly HeldObject[];
  /** Held objects that are done with. */
  readonly released?: readonly string[];
  readonly records?: readonly RecordChange[];
  readonly receipts?: readonly Receipt[];
  /** Envelopes that were accepted and wait for their outcome. */
  readonly envelopes?: readonly Envelope[];
  /** Envelopes whose outcome stands: written after the receipts. */
  readonly finished?: readonly string[];
  /** What the audit is told: kept with the first record of the batch, so that no change is without it. */
  readonly facts?: readonly AuditFact[];
  /** Values that entries are found by. Derived from what stands: a name that is there already is no matter. */
  readonly names?: readonly Name[];
  /** Those that lead to nothing any more. */
  readonly staleNames?: readonly Name[];
  /**
   * The batch removes confidential data, so no copy may remain in the files of the embedded store. A database
   * server overwrites its files in its own time.
   */
  readonly scrub?: boolean;
  /** Writes by a holder of this lease only; a stale fence is refused with a conflict Problem. */
  readonly lease?: Lease;
}

/** What became of an envelope, kept for its submitter (the status resource of TAXII 2.1 section 4.3). Written once. */
export interface Receipt {
  readonly id: string;
  /** Id of the account. */
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly body: string;
}

/** An envelope that was accepted before its outcome stood. Whoever finds it works it off again, which is harmless. */
export interface EnvelopeHead {
  /** The id of its status. */
  readonly id: string;
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What its submitter is told meanwhile. */
  readonly pending: string;
}

/** The same with its bytes as received (unpacked). */
export interface Envelope extends EnvelopeHead {
  readonly body: Uint8Array;
}

export interface BatchResult {
  /** Outcomes of each placement, in the order of its candidates. */
  readonly placed: readonly (readonly PlaceOutcome[])[];
}

/** Which versions of an object a read asks for (TAXII 2.1 section 3.4.1, `match[version]`). */
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
  /** Only what was added later than this. 0 for all. */
  readonly after: Micros;
  readonly limit: number;
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  readonly versions: VersionFilter;
  /** Without it, an id that stands in several specification versions is given in its latest only. */
  readonly specs?: readonly SpecVersion[];
}

/** The place of a version, without its text. */
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
  /** It is the earliest version of its id that stands in the collection. */
  readonly oldest: boolean;
}

/** A page of texts as UTF-8 bytes, joined by commas: ready to be put between brackets, never parsed again. */
export interface TextPage {
  readonly joined: Buffer;
  readonly count: number;
  readonly first: Micros;
  readonly last: Micros;
  readonly more: boolean;
}

/** A page of entries, with texts where they were asked for. */
export interface EntryPage {
  readonly entries: readonly (EntryFacts & { readonly text?: string })[];
  readonly more: boolean;
}

/** A place that was given up: pollers of removals read these. */
export interface Tombstone {
  readonly id: string;
  readonly version: string;
  readonly spec: SpecVersion;
  /** From the same sequence as `added`. It applies to what was added before it. */
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

/** A held lease. The fence rises with each holder; a writer with an older one is refused. */
export interface Lease {
  readonly name: string;
  readonly fence: number;
}

/** Something that was done, or refused, as the audit keeps it. Never a secret, never a whole object. */
export interface AuditFact {
  /** A random UUID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /**
   * Name of the account; `operator` at the hub's own socket, `settings` for the settings file, `hub:` and a part of its work for
   * the hub itself. A label for people: `actor_id` says which account.
   */
  readonly actor: string;
  /** The id of the principal. Absent in entries of earlier versions and of the settings file. */
  readonly actor_id?: string;
  /** Public name of the key that he has signed in by, and the address that he comes from. */
  readonly key?: string;
  readonly address?: string;
  /** What was done: `key.create`, `account.update`, … */
  readonly action: string;
  /** To what: `<kind>/<id>`. */
  readonly resource: string;
  /** The member that it concerns. */
  readonly member?: string;
  readonly result: 'done' | 'refused';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A fact with its place in the chain. */
export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly fact: AuditFact;
  /** SHA-256 over the hash before it and the canonical form (RFC 8785) of the fact, as hexadecimal digits. */
  readonly hash: string;
}

/** The hash of a fact behind another one; the first stands behind an empty text. */
export function auditHash(before: string, fact: AuditFact): string {
  return hash('sha256', `${before}\n${canonical(fact)}`);
}

/** Where an entry stands. */
export interface Place {
  readonly collection: string;
  readonly added: Micros;
}

/** A value that an entry is found by. */
export interface Name extends Place {
  /** Of what kind it is. Without a line feed, like the value. */
  readonly kind: string;
  readonly value: string;
}

/** Values of a kind from one on, up to another that is no longer among them; without that just the one. */
export interface NameRange {
  readonly kind: string;
  readonly from: string;
  readonly to?: string;
}

export interface NameQuery {
  /** They do not overlap. */
  readonly ranges: readonly NameRange[];
  /** Only what sorts behind this one. */
  readonly after?: Name;
  readonly limit: number;
}

/** A name as one text: names sort as these do, by bytes. */
export function nameText({ kind, value, collection, added }: Name): string {
  return `${kind}\n${value}\n${collection}\n${String(added).padStart(16, '0')}`;
}

/** The name that a text stands for. */
export function nameOf(line: string): Name {
  const [kind = '', value = '', collection = '', added = ''] = line.split('\n');
  return { kind, value, collection, added: Number(added) };
}

/** The texts between which the names of a query lie, in their order; neither end is one of them. */
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

/** The order of texts in a store. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** How far a reader has come: one way of asking (kind, filters) of one account in one collection. */
export interface ReaderNote {
  /** Id of the account. */
  readonly account: string;
  readonly collection: string;
  /**
   * What was read: `objects`, `manifest`, `removals`, or `lookup` for what has no cursor, such as one object. `key` is the use
   * of a key, whose name stands in `filters` and whose address begins `agent`.
   */
  readonly kind: string;
  /** The filters as JSON, or an empty text. */
  readonly filters: string;
  /** Milliseconds since 1970: when it asked last. */
  readonly seen: number;
  /** Date added up to which it has been given what stood, at its last request. */
  readonly cursor: Micros;
  /** What it calls itself. */
  readonly agent: string;
  readonly requests: number;
  readonly objects: number;
}

/** What was refused to somebody, told once however often it happens. */
export interface RefusalNote {
  /** Id of the account; empty for a caller that has not signed in. */
  readonly account: string;
  /** Collection, or an empty text. */
  readonly place: string;
  readonly code: string;
  /** The reason of the last one, in words for the operator. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  readonly times: number;
  readonly agent: string;
}

/** Notes of the ledger, to be added to those that are there. Later ones win, numbers add up. */
export interface Notes {
  readonly readers: readonly ReaderNote[];
  readonly refusals: readonly RefusalNote[];
}

export interface CollectionSize {
  readonly collection: string;
  readonly entries: number;
  readonly last: Micros;
}

/** Everything that the rooms above may ask of a store. Unknown collections are empty. */
export interface Store {
  /** Short name for people, such as `embedded (talanoa-data/hub.db)`. */
  readonly name: string;

  /** Writes a batch. What it gives back is durable. Throws a Problem of kind conflict when a record or lease is stale. */
  commit(batch: Batch): Promise<BatchResult>;
  /** Takes versions of one id out of a collection and leaves tombstones. Gives the number taken out. */
  remove(query: RemoveQuery): Promise<number>;

  texts(query: PageQuery): Promise<TextPage>;
  entries(query: PageQuery, withText: boolean): Promise<EntryPage>;
  /** True when any version of the id stands in the collection. */
  stands(collection: string, id: string): Promise<boolean>;
  /** Returns which of the ids are stored in the collection, and their owners. */
  standing(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The loosest TLP rank at which each of the ids stands in these collections; ids that stand in none are left out. */
  levels(ids: readonly string[], collections: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Returns removals in their order. Removals that the query does not cover are not read and cost nothing. */
  removals(query: RemovalQuery): Promise<readonly Tombstone[]>;
  sizes(): Promise<readonly CollectionSize[]>;

  /** Names in their order (of bytes). Whether anything still stands there is asked of `placed`. */
  names(query: NameQuery): Promise<readonly Name[]>;
  /** What stands at these places, with its text; `newest` is false for versions that a later one has followed. */
  placed(
    places: readonly Place[],
  ): Promise<readonly (EntryFacts & Place & { readonly text: string; readonly newest: boolean })[]>;

  receipt(id: string): Promise<Receipt | undefined>;
  envelopeHead(id: string): Promise<EnvelopeHead | undefined>;
  /** Envelopes that wait for their outcome, oldest first. */
  envelopeHeads(limit: number): Promise<readonly EnvelopeHead[]>;
  /** Undefined when it is finished. */
  envelopeBody(id: string): Promise<Buffer | undefined>;
  /** Returns held objects without their texts, oldest first. */
  held(query: HeldQuery): Promise<readonly HeldHead[]>;
  /** Returns a held object with its text. */
  heldObject(id: string): Promise<HeldObject | undefined>;
  /** Returns how much an owner has on hold now. MongoDB counts at most `most` objects. */
  heldUsage(owner: string, most: number): Promise<HeldUsage>;

  /** The audit, in its order: entries after a number. */
  audit(after: number, limit: number): Promise<readonly AuditEntry[]>;
  /** The last entry of the audit. */
  auditHead(): Promise<AuditEntry | undefined>;
  /** Gives facts that were committed and have no number yet their place in the chain. One process at a time. */
  numberFacts(): Promise<number>;

  /** Adds to the ledger. Nothing decides by it: notes that were kept although the answer was lost may count twice. */
  note(notes: Notes): Promise<void>;
  readers(): Promise<readonly ReaderNote[]>;
  /** The newest refusals, the latest first. */
  refusals(limit: number): Promise<readonly RefusalNote[]>;

  /** The newest revision of a record, or undefined when it is not there or was removed. */
  record(kind: string, id: string): Promise<HubRecord | undefined>;
  /** True when there is no record with this id now, but there was one. */
  wasRemoved(kind: string, id: string): Promise<boolean>;
  /** Records of a kind by id, or those whose index key `index.name` has `index.value`. */
  records(kind: string, query?: RecordQuery): Promise<readonly HubRecord[]>;
  /** How many records of a kind there are, or of those with an index key. On MongoDB as far as lists have been brought up to date. */
  countRecords(kind: string, index?: RecordQuery['index']): Promise<number>;
  /** A mark that is another one after any change of records of these kinds, by any process. */
  recordsMark(kinds: readonly string[]): Promise<string>;

  /** Takes a lease, or gives undefined while somebody else holds it. It ends `ttlMs` after the last renewal. */
  takeLease(name: string, ttlMs: number): Promise<Lease | undefined>;
  /** False when the lease was lost. */
  renewLease(lease: Lease, ttlMs: number): Promise<boolean>;
  releaseLease(lease: Lease): Promise<void>;

  /**
   * Housekeeping, for one process at a time. Takes away objects that no entry names and receipts, both not touched since
   * `before` (milliseconds since 1970), and refusals whose last is older than `refusalsBefore`; brings up to date what a
   * killed process left behind. Gives the number taken away.
   */
  sweep(before: number, refusalsBefore?: number): Promise<number>;
  /** True when the store can be written. */
  ready(): Promise<boolean>;
  /** The process that used the store before this one did not close it. */
  readonly unclean: boolean;
  /** Looks through the whole store for damage, beside other work. Gives what is wrong, in words. */
  damage(): Promise<readonly string[]>;
  /** What the store's promises rest on, looked at now (`talanoa doctor`). */
  diagnose(): Promise<readonly Diagnosis[]>;
  close(): Promise<void>;
}

export interface RecordQuery {
  readonly index?: { readonly name: string; readonly value: string };
  /** Only ids greater than this, in order. */
  readonly after?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** Settles the conflict between a candidate and the entry that stands under its id, version and specification version. */
export function sameVersionOutcome(
  candidate: Candidate,
  standing: { readonly digest: string; readonly sameContent: () => boolean },
): PlaceOutcome {
  if (standing.digest === candidate.digest) return { kind: 'known', other: false };
  if (standing.sameContent()) return { kind: 'known', other: false };
  return candidate.unversioned ? { kind: 'known', other: true } : { kind: 'conflict' };
}

/**
 * True for two texts of one id with the same content. The order of members and their notation do not matter.
 * Marking definitions are compared by their meaning.
 */
export function sameContent(a: string, b: string): boolean {
  const [one, other] = [JSON.parse(a) as StixObject, JSON.parse(b) as StixObject];
  if (canonical(one) === canonical(other)) return true;
  return one['type'] === 'marking-definition' && definitionMeaning(one) === definitionMeaning(other);
}

/** Groups owners by id. */
export function ownersById(
  rows: readonly { readonly id: string; readonly owner: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, owner } of rows) found.set(id, (found.get(id) ?? new Set()).add(owner));
  return found;
}

/** True for an entry of another owner under the identity that the candidate uses as its own. */
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

/** An entry as far as the derived flags need it. */
export interface Flagged {
  readonly instant: string;
  readonly spec: SpecVersion;
}

/** The derived flags of one entry among all that stand of its id in its collection (DESIGN.md section 5). */
export interface Flags {
  /** Newest and oldest version of the id within its specification version. */
  readonly newest: boolean;
  readonly oldest: boolean;
  /** The id stands there in a later specification version. */
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

/** True when an entry with these flags is one of the versions asked for. */
export function versionMatches(filter: VersionFilter, flags: Flags, instant: Instant): boolean {
  if (filter.all || (filter.last && flags.newest) || (filter.first && flags.oldest)) return true;
  return filter.exact.includes(instant);
}
