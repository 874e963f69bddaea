import type { Clock } from '../../kernel/clock.ts';
import type { Diagnosis } from '../../kernel/diagnosis.ts';
import type { Ids } from '../../kernel/ids.ts';
import { type Batch, type BatchResult, type PlaceOutcome, type Store } from '../store.ts';
import { Audit } from './audit.ts';
import { connectMongo, unavailable, type MongoCollections } from './database.ts';
import { diagnoseMongo } from './diagnosis.ts';
import { Entries } from './entries.ts';
import { Envelopes } from './envelopes.ts';
import { Held } from './held.ts';
import { Leases, leaseLost } from './leases.ts';
import { FeedItemDocuments } from './feed-items.ts';
import { Names } from './names.ts';
import { upgrade } from './upgrades.ts';
import { LedgerNotes } from './notes.ts';
import { Receipts } from './receipts.ts';
import { Records } from './records.ts';
import { Sweeping } from './sweeping.ts';
import { Turns } from './turns.ts';

export interface MongoStoreOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long a range may stay open before others declare it dead. Tests shorten it. */
  readonly turnLeaseMs?: number;
  /** Called when dates added are more than two seconds ahead of the clock of this process. */
  readonly onClockAhead?: (collection: string, ms: number) => void;
}

export interface MongoOptions extends MongoStoreOptions {
  /** Connection string with the name of the database. */
  readonly uri: string;
  /** Called with the name of each command, for tests that count commands. */
  readonly onCommand?: (name: string) => void;
  /** Wraps the collections, for tests that inject faults. */
  readonly wrap?: (collections: MongoCollections) => MongoCollections;
}

/** Opens the store on MongoDB. Any number of processes may share it. */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { client, db, c } = await connectMongo(options.uri, upgrade, options.onCommand);
  return mongoStore(options.wrap?.(c) ?? c, options, {
    name: `MongoDB (${db.databaseName})`,
    ping: async () => {
      await db.command({ ping: 1 });
    },
    close: () => client.close(),
    diagnose: () => diagnoseMongo(db, options.clock),
  });
}

/** The parts of its connection that a store needs besides the collections. */
export interface MongoLink {
  readonly name: string;
  ping(): Promise<void>;
  close(): Promise<void>;
  readonly diagnose?: () => Promise<readonly Diagnosis[]>;
}

type Parts = ReturnType<typeof partsOf>;

function partsOf(c: MongoCollections, { clock, ids, turnLeaseMs, onClockAhead }: MongoStoreOptions) {
  const turns = new Turns(c, clock, ids, {
    leaseMs: turnLeaseMs,
    onClockAhead,
  });
  const entries = new Entries(c, (tail) => turns.noticed(tail));
  return {
    turns,
    entries,
    held: new Held(c),
    records: new Records(c, clock),
    leases: new Leases(c, clock),
    envelopes: new Envelopes(c),
    receipts: new Receipts(c),
    notes: new LedgerNotes(c, clock),
    names: new Names(c),
    feedItems: new FeedItemDocuments(c),
    audit: new Audit(c),
    sweeping: new Sweeping(c, clock),
  };
}

async function commit(
  { turns, held, records, leases, envelopes, receipts, names, feedItems, audit }: Parts,
  batch: Batch,
): Promise<BatchResult> {
  const { lease } = batch;
  if (lease !== undefined) await leases.check(lease);
  const guard = lease === undefined ? undefined : (): boolean => leases.holds(lease);
  const placed: PlaceOutcome[][] = [];
  for (const { collection, candidates } of batch.placements ?? []) {
    placed.push(
      candidates.length === 0 ? [] : await turns.place(collection, candidates, { guard, forms: batch }),
    );
  }
  if (guard?.() === false) throw leaseLost(lease?.name ?? '');
  for (const item of batch.held ?? []) await held.keep(item);
  await held.release(batch.released ?? []);
  await names.change(batch.names ?? [], batch.staleNames ?? []);
  await feedItems.change(batch.feedItems ?? {});
  const facts = batch.facts ?? [];
  for (const [i, change] of (batch.records ?? []).entries())
    await records.change(change, i === 0 ? facts : []);
  if ((batch.records ?? []).length === 0) await audit.keep(facts);
  for (const receipt of batch.receipts ?? []) await receipts.keep(receipt);
  for (const envelope of batch.envelopes ?? []) await envelopes.keep(envelope);
  for (const id of batch.finished ?? []) await envelopes.drop(id);
  return { placed };
}

/** Returns the store for open collections: everything except the connection itself. */
// oxlint-disable-next-line max-lines-per-function -- One line for each call of the port.
export function mongoStore(c: MongoCollections, options: MongoStoreOptions, link: MongoLink): Store {
  const parts = partsOf(c, options);
  const {
    turns,
    entries,
    held,
    records,
    leases,
    envelopes,
    receipts,
    notes,
    names,
    feedItems,
    audit,
    sweeping,
  } = parts;
  const store: Store = {
    name: link.name,
    commit: (batch) => commit(parts, batch),
    remove: (query) => turns.remove(query),

    texts: (query) => entries.texts(query),
    entries: (query, withText) => entries.list(query, withText),
    stands: async (collection, id) => (await entries.standing(collection, [id])).has(id),
    standing: (collection, ids) => entries.standing(collection, ids),
    levels: (ids, collections) => entries.levels(ids, collections),
    removals: (query) => entries.removals(query),
    names: (query) => names.find(query),
    listings: (query) => feedItems.listings(query),
    unitsOf: (feed, object, limit) => feedItems.unitsOf(feed, object, limit),
    firstFinds: (query) => feedItems.firstFinds(query),
    placed: (places) => entries.placed(places),
    occupied: (places) => entries.occupied(places),
    sizes: () => entries.sizes(),

    held: (query) => held.list(query),
    heldObject: (id) => held.get(id),
    heldUsage: (owner, most) => held.usage(owner, most),

    receipt: (id) => receipts.get(id),
    receiptUsage: () => receipts.usage(),
    trimReceipts: (account, most) => receipts.trim(account, most),
    envelopeUsage: () => envelopes.usage(),
    envelopeHead: (id) => envelopes.head(id),
    envelopeHeads: (limit) => envelopes.heads(limit),
    envelopeBody: (id) => envelopes.body(id),

    record: (kind, id) => records.get(kind, id),
    wasRemoved: (kind, id) => records.wasRemoved(kind, id),
    records: (kind, query) => records.list(kind, query),
    countRecords: (kind, index) => records.count(kind, index),
    recordUsage: (kind, index) => records.usage(kind, index),
    view: (kinds, known) => records.view(kinds, known),

    takeLease: (name, ttlMs) => leases.take(name, ttlMs),
    renewLease: (lease, ttlMs) => leases.renew(lease, ttlMs),
    releaseLease: (lease) => leases.release(lease),

    audit: (from, limit, order = 'oldest') => audit.read(from, limit, order),
    auditBy: (keys, from, limit, order = 'oldest') => audit.readBy(keys, from, limit, order),
    indexFacts: (limit) => audit.index(limit),
    auditHead: () => audit.head(),
    forgetRemoved: (kinds, before, limit) => records.forgetRemoved(kinds, before, limit),
    auditStart: () => audit.start(),
    trimAudit: (upTo, limit) => audit.trim(upTo, limit),
    numberFacts: () => audit.number(),
    note: (batch) => notes.add(batch),
    readers: () => notes.readers(),
    keyUses: (accounts) => notes.keyUses(accounts),
    refusals: (limit) => notes.refusals(limit),

    async sweep(before, refusalsBefore = 0) {
      await records.heal();
      return (await sweeping.sweep(before)) + (await notes.sweep(refusalsBefore));
    },

    async ready() {
      try {
        await link.ping();
        return true;
      } catch {
        return false;
      }
    },

    // The server maintains its own files.
    unclean: false,
    damage: () => Promise.resolve([]),
    diagnose: () => link.diagnose?.() ?? Promise.resolve([]),

    async close() {
      await turns.idle();
      await link.close();
    },
  };
  return telling(store);
}

/** Converts errors of the driver into Problems, because callers do not know the driver. */
function telling(store: Store): Store {
  const told = (method: (...values: never[]) => Promise<unknown>) =>
    async function (...values: never[]): Promise<unknown> {
      try {
        return await method(...values);
      } catch (error) {
        throw unavailable(error);
      }
    };
  return Object.fromEntries(
    Object.entries(store).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'function' ? told(value as (...values: never[]) => Promise<unknown>) : value,
    ]),
  ) as object as Store;
}
