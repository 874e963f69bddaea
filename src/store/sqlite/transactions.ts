import type { Micros } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion } from '../../stix/types.ts';
import {
  ADDED_STEP,
  idWasUsed,
  deriveFlags,
  formerOwner,
  batchFacts,
  isRevokedText,
  newestOf,
  revocationOutcome,
  sameContent,
  sameVersionOutcome,
  versionMatches,
  MOST_KEY_USES,
  yields,
  type BatchResult,
  type Candidate,
  type FeedItems,
  type HeldObject,
  type Lease,
  type Notes,
  type PlaceOutcome,
  type Placement,
  type RecordChange,
  type RemoveQuery,
} from '../store.ts';
import { AuditLog } from './audit-log.ts';
import { rowsOf, type Database } from './connection.ts';
import type { SentBatch } from './parts.ts';
import { Receipts } from './receipts.ts';
import { writerStatements, type WriterStatements } from './writer-statements.ts';
import { storeErrors } from '../errors.ts';

interface EntryRow {
  readonly coll: number;
  readonly added: number;
  readonly oid: number;
  readonly sid: string;
  readonly instant: Instant;
  readonly spec: SpecVersion;
  readonly version: string;
  readonly owner: string;
  readonly level: number;
  readonly creator: string | null;
  readonly newest: number;
  readonly oldest: number;
  readonly old_spec: number;
  readonly revoked: number | null;
}

interface CollectionRow {
  readonly no: number;
  last: Micros;
  tombstones: boolean;
}

/** All writes. They run only in the writer thread, inside the transaction that the thread has opened. */
export class Transactions {
  readonly #collections = new Map<string, CollectionRow>();
  /** The rows of the texts that the current batch has placed, by their digests. */
  readonly #texts = new Map<string, number>();
  readonly #leases = new Map<string, { fence: number; until: number }>();
  #fence = Date.now();
  readonly audit: AuditLog;
  readonly receipts: Receipts;

  readonly #sql: WriterStatements;

  constructor(db: Database) {
    this.audit = new AuditLog(db);
    this.receipts = new Receipts(db);
    this.#sql = writerStatements(db);
  }

  /** Discards cached rows after a transaction that was not committed. */
  forget(): void {
    this.#collections.clear();
  }

  commit(batch: SentBatch, now: Micros, monotonic: number): BatchResult {
    if (batch.lease !== undefined) this.#checkLease(batch.lease, monotonic);
    this.#texts.clear();
    const placed = (batch.placements ?? []).map((placement) => this.#place(placement, now));
    this.#texts.clear();
    for (const item of batch.held ?? []) this.#hold(item);
    for (const id of batch.released ?? []) {
      this.#sql.dropHeld.run(id);
      this.#sql.dropWait.run(id);
    }
    for (const change of batch.records ?? []) this.#record(change, now);
    for (const receipt of batch.receipts ?? []) this.receipts.add(receipt);
    for (const { id, account, member, collection, at, pending, body } of batch.envelopes ?? [])
      this.#sql.addEnvelope.run(id, account, member ?? null, collection, at, pending, body);
    for (const id of batch.finished ?? []) this.#sql.dropEnvelope.run(id);
    for (const names of batch.names ?? []) this.#sql.addNames.run(names);
    for (const names of batch.staleNames ?? []) this.#sql.dropNames.run(names);
    this.#keepFeedItems(batch.feedItems ?? {});
    this.audit.append([...(batch.facts ?? []), ...batchFacts(batch, placed)]);
    return { placed };
  }

  #place({ collection, candidates }: Placement, now: Micros): PlaceOutcome[] {
    const row = this.#collection(collection);
    const before = row.last;
    const outcomes = candidates.map((candidate) => this.#placeOne(row, candidate, now));
    if (row.last !== before) this.#sql.setLast.run(row.last, row.no);
    return outcomes;
  }

  #placeOne(row: CollectionRow, candidate: Candidate, now: Micros): PlaceOutcome {
    const known = this.#texts.get(candidate.digest);
    // A batch that places one object in many collections does not read its entries in all of them each time.
    const everywhere = known === undefined ? rowsOf<EntryRow>(this.#sql.byId, candidate.id) : undefined;
    const here =
      everywhere?.filter(({ coll }) => coll === row.no) ??
      rowsOf<EntryRow>(this.#sql.here, candidate.id, row.no);
    const yielding = here.filter((entry) => yields(entry, candidate));
    const standing = yielding.length === 0 ? here : here.filter((entry) => !yielding.includes(entry));
    const same = standing.find((e) => e.instant === candidate.instant && e.spec === candidate.spec);
    const outcome = same === undefined ? undefined : this.#compare(candidate, same);
    if (outcome?.kind === 'known') return outcome;
    const owner = candidate.shared ? undefined : this.#ownerOf(row, candidate, standing);
    if (owner !== undefined && (candidate.relayed || owner !== candidate.owner))
      return { kind: 'foreign', owner };
    if (outcome !== undefined) return outcome;
    const newest = newestOf(standing, candidate);
    const impossible =
      newest === undefined
        ? undefined
        : revocationOutcome(candidate, { ...newest, revoked: this.#isRevoked(newest) });
    if (impossible !== undefined) return impossible;

    const oid = known ?? this.#object(candidate, everywhere ?? []);
    // The new entry is not written yet, so its text is kept even if all others are removed.
    if (yielding.length > 0)
      this.#removeEntries(row, yielding, rowsOf<EntryRow>(this.#sql.byId, candidate.id), now, oid);
    // The date added is unique and increasing. It is assigned here, in the order in which writes become visible.
    const added = Math.max(now, row.last + ADDED_STEP);
    row.last = added;
    const flags = standing.length === 0 ? [] : deriveFlags([...standing, candidate]);
    const own = flags.at(-1) ?? { newest: true, oldest: true, oldSpec: false };
    this.#sql.addEntry.run(
      row.no, added, oid, candidate.id, candidate.instant, candidate.spec, candidate.version, candidate.type,
      candidate.level, candidate.owner, candidate.creator ?? null, Number(own.newest), Number(own.oldest), Number(own.oldSpec),
      Number(candidate.revoked), Buffer.byteLength(candidate.text),
    ); // prettier-ignore
    if (standing.length > 0) this.#setFlags(row.no, standing, flags);
    if (everywhere?.length === 0) return { kind: 'stored', added, alone: true };
    const [first] = yielding;
    return first === undefined
      ? { kind: 'stored', added }
      : { kind: 'stored', added, replaced: { owner: first.owner, versions: yielding.length } };
  }

  #isRevoked({ oid, revoked }: EntryRow): boolean {
    if (revoked !== null) return revoked === 1;
    return isRevokedText((this.#sql.object.get(oid) as { text: string }).text);
  }

  #compare(candidate: Candidate, entry: EntryRow): PlaceOutcome {
    const stored = this.#sql.object.get(entry.oid) as { digest: Uint8Array; text: string };
    return sameVersionOutcome(candidate, {
      digest: Buffer.from(stored.digest).toString('hex'),
      sameContent: () => sameContent(stored.text, candidate.text),
    });
  }

  #ownerOf(row: CollectionRow, candidate: Candidate, standing: readonly EntryRow[]): string | undefined {
    if (standing.length > 0) return standing.reduce((a, b) => (a.added < b.added ? a : b)).owner;
    if (!row.tombstones) return undefined;
    const gone = rowsOf<{ owner: string; creator: string | null }>(
      this.#sql.tombstones,
      row.no,
      candidate.id,
    );
    return formerOwner(gone, candidate);
  }

  /**
   * Returns the row of a text that this batch has not placed yet: that of an entry of the same id with the same text in
   * any collection, otherwise a new one.
   */
  #object(candidate: Candidate, everywhere: readonly EntryRow[]): number {
    const oid = this.#storedText(candidate, everywhere);
    this.#texts.set(candidate.digest, oid);
    return oid;
  }

  #storedText({ digest: digits, text }: Candidate, everywhere: readonly EntryRow[]): number {
    const digest = Buffer.from(digits, 'hex');
    for (const oid of new Set(everywhere.map((entry) => entry.oid))) {
      const stored = this.#sql.digest.get(oid) as { digest: Uint8Array };
      if (digest.equals(stored.digest)) return oid;
    }
    return Number(this.#sql.addObject.run(digest, text).lastInsertRowid);
  }

  #setFlags(coll: number, entries: readonly EntryRow[], flags = deriveFlags(entries)): void {
    entries.forEach((entry, i) => {
      const f = flags[i];
      if (f === undefined) return;
      if (
        Number(f.newest) !== entry.newest ||
        Number(f.oldest) !== entry.oldest ||
        Number(f.oldSpec) !== entry.old_spec
      ) {
        this.#sql.setFlags.run(Number(f.newest), Number(f.oldest), Number(f.oldSpec), coll, entry.added);
      }
    });
  }

  remove(query: RemoveQuery, now: Micros): number {
    const row = this.#collection(query.collection);
    const everywhere = rowsOf<EntryRow>(this.#sql.byId, query.id);
    const standing = everywhere.filter(({ coll }) => coll === row.no);
    const flags = deriveFlags(standing);
    const specs = query.specs;
    const gone = standing.filter((entry, i) => {
      const f = flags[i];
      return (
        f !== undefined &&
        versionMatches(query.versions, f, entry.instant) &&
        (specs === undefined || specs.includes(entry.spec))
      );
    });
    if (gone.length > 0) {
      this.#removeEntries(row, gone, everywhere, now);
      this.#sql.setLast.run(row.last, row.no);
      this.#setFlags(
        row.no,
        standing.filter((entry) => !gone.includes(entry)),
      );
    }
    return gone.length;
  }

  /**
   * Removes entries of one id from a collection, with tombstones. Texts that no other entry uses are removed
   * as well.
   */
  #removeEntries(
    row: CollectionRow,
    gone: readonly EntryRow[],
    everywhere: readonly EntryRow[],
    now: Micros,
    keptText?: number,
  ): void {
    for (const entry of gone) {
      this.#sql.dropEntry.run(row.no, entry.added);
      row.last = Math.max(now, row.last + ADDED_STEP);
      this.#sql.addTombstone.run(
        row.no, row.last, entry.sid, entry.version, entry.spec, entry.owner, entry.creator, entry.level,
      ); // prettier-ignore
      const kept =
        entry.oid === keptText ||
        everywhere.some((other) => other.oid === entry.oid && !gone.includes(other));
      if (!kept) {
        this.#sql.dropObject.run(entry.oid);
        this.#texts.clear();
      }
    }
    row.tombstones = true;
  }

  #collection(id: string): CollectionRow {
    let row = this.#collections.get(id);
    if (row === undefined) {
      let found = this.#sql.collection.get(id) as { no: number; last: number } | undefined;
      found ??= { no: Number(this.#sql.addCollection.run(id).lastInsertRowid), last: 0 };
      row = {
        no: found.no,
        last: found.last,
        tombstones: this.#sql.anyTombstone.get(found.no) !== undefined,
      };
      this.#collections.set(id, row);
    }
    return row;
  }

  #hold(item: HeldObject): void {
    const { text, ...head } = item;
    const document = JSON.stringify(head);
    const bytes = Buffer.byteLength(text);
    this.#sql.addHeld.run(item.id, item.submitter, item.at, document, item.owner, item.objectId, bytes, text);
    for (const marking of item.waitsFor) this.#sql.addWait.run(marking, item.id);
  }

  #record(change: RecordChange, now: Micros): void {
    const { kind, id, expected, neverBefore } = change;
    const found = this.#sql.record.get(kind, id) as { revision: number; document: string | null } | undefined;
    const present = found === undefined || found.document === null ? 0 : found.revision;
    if (present !== expected) throw stale(kind, id, expected, present);
    if (neverBefore === true && found !== undefined) throw idWasUsed(kind, id);
    const old = this.#sql.recordKeys.get(kind, id) as { keys: string } | undefined;
    if (old !== undefined) {
      for (const [name, value] of Object.entries(JSON.parse(old.keys) as Record<string, string>)) {
        this.#sql.dropKeys.run(kind, name, value, id);
      }
    }
    const keys = change.document === undefined ? {} : (change.index ?? {});
    const text = change.document === undefined ? null : JSON.stringify(change.document);
    const removed = text === null ? Math.floor(now / 1_000) : null;
    this.#sql.putRecord.run(kind, id, (found?.revision ?? 0) + 1, text, JSON.stringify(keys), removed);
    for (const [name, value] of Object.entries(keys)) this.#sql.addKey.run(kind, name, value, id);
    const more = Number(text !== null) - Number(present > 0);
    const grown = Buffer.byteLength(text ?? '') - Buffer.byteLength(found?.document ?? '');
    if (more !== 0 || grown !== 0) this.#sql.countRecord.run(kind, more, grown);
  }

  /** Forgets records of these kinds that were removed before a time. They no longer count. Returns how many. */
  forgetRemoved(kinds: readonly string[], before: number, limit: number): number {
    return Number(this.#sql.forget.run(before, JSON.stringify(kinds), limit).changes);
  }

  #keepFeedItems({ listed = [], unlisted = [], found = [] }: FeedItems): void {
    for (const { feed, unit, object } of listed) this.#sql.addListing.run(feed, unit, object);
    for (const { feed, unit, object } of unlisted) this.#sql.dropListing.run(feed, unit, object);
    for (const { value, feed, at } of found) this.#sql.addFound.run(value, feed, at);
  }

  note({ readers = [], keyUses = [], refusals = [] }: Notes): void {
    for (const { account, collection, kind, filters, seen, cursor, requests, objects, agent } of readers)
      this.#sql.addReader.run(account, collection, kind, filters, seen, cursor, requests, objects, agent);
    for (const { account, key, seen, address, agent, requests } of keyUses)
      this.#sql.addKeyUse.run(account, key, seen, address, agent, requests);
    for (const { account, place, code, reason, first, last, times, agent } of refusals)
      this.#sql.addRefusal.run(account, place, code, reason, first, last, times, agent);
  }

  /** Objects are removed together with their last entry, so only receipts and notes of the ledger remain to be swept. */
  sweep(before: number, refusalsBefore: number): number {
    return (
      this.receipts.sweep(before) +
      Number(this.#sql.dropRefusals.run(refusalsBefore).changes) +
      Number(this.#sql.dropKeyUses.run(MOST_KEY_USES).changes)
    );
  }

  // Leases last only as long as the process, because a second process cannot open the file.

  take(name: string, ttlMs: number, monotonic: number): Lease | undefined {
    const held = this.#leases.get(name);
    if (held !== undefined && held.until > monotonic) return undefined;
    const fence = ++this.#fence;
    this.#leases.set(name, { fence, until: monotonic + ttlMs });
    return { name, fence };
  }

  renew(lease: Lease, ttlMs: number, monotonic: number): boolean {
    const held = this.#leases.get(lease.name);
    if (held === undefined || held.fence !== lease.fence) return false;
    held.until = monotonic + ttlMs;
    return true;
  }

  release(lease: Lease): void {
    if (this.#leases.get(lease.name)?.fence === lease.fence) this.#leases.delete(lease.name);
  }

  #checkLease(lease: Lease, monotonic: number): void {
    const held = this.#leases.get(lease.name);
    if (held === undefined || held.fence !== lease.fence || held.until <= monotonic) throw leaseLost(lease);
  }
}

function stale(kind: string, id: string, expected: number, present: number): Problem {
  return storeErrors.changedMeanwhile(
    { kind, id },
    { description: `The request expected revision ${expected}, and the current revision is ${present}.` },
  );
}

function leaseLost(lease: Lease): Problem {
  return storeErrors.leaseLost({ what: lease.name });
}
