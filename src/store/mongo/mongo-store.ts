import type { Filter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import type { Diagnosis } from '../../kernel/diagnosis.ts';
import type { Ids } from '../../kernel/ids.ts';
import {
  fittingIn,
  PAGE_BYTES,
  removalRanks,
  ownersById,
  type Batch,
  type BatchResult,
  type EntryFacts,
  type PageQuery,
  type PlaceOutcome,
  type Store,
  type TextPage,
} from '../store.ts';
import { Audit } from './audit.ts';
import { connectMongo, unavailable, type MongoCollections } from './database.ts';
import { diagnoseMongo } from './diagnosis.ts';
import { headOf, oldText, padded, type EntryDocument } from './documents.ts';
import { Envelopes } from './envelopes.ts';
import { Leases, leaseLost } from './leases.ts';
import { Names } from './names.ts';
import { LedgerNotes } from './notes.ts';
import { Receipts } from './receipts.ts';
import { Records } from './records.ts';
import { horizonOf, notDead, readTail, type Horizon } from './horizon.ts';
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
  const { client, db, c } = await connectMongo(options.uri, options.onCommand);
  return mongoStore(options.wrap?.(c) ?? c, options, {
    name: `MongoDB (${db.databaseName})`,
    ping: async () => {
      await db.command({ ping: 1 });
    },
    close: () => client.close(),
    diagnose: () => diagnoseMongo(db, options.clock),
  });
}

/** What a store needs from its connection besides the collections. */
export interface MongoLink {
  readonly name: string;
  ping(): Promise<void>;
  close(): Promise<void>;
  readonly diagnose?: () => Promise<readonly Diagnosis[]>;
}

/** Returns the store for open collections: everything except the connection itself. */
export function mongoStore(c: MongoCollections, options: MongoStoreOptions, link: MongoLink): Store {
  const { clock, ids } = options;
  const turns = new Turns(c, clock, ids, {
    leaseMs: options.turnLeaseMs,
    onClockAhead: options.onClockAhead,
  });
  const records = new Records(c, clock);
  const leases = new Leases(c, clock);
  const envelopes = new Envelopes(c);
  const receipts = new Receipts(c);
  const notes = new LedgerNotes(c, clock);
  const names = new Names(c);
  const audit = new Audit(c);
  const sweeping = new Sweeping(c, clock);

  async function horizon(coll: string): Promise<Horizon> {
    const tail = await readTail(c, coll);
    turns.noticed(tail);
    return horizonOf(tail);
  }

  async function select(query: PageQuery): Promise<{ page: EntryDocument[]; more: boolean }> {
    const { bound, dead } = await horizon(query.collection);
    const rows = await c.entries
      .find(filterOf(query, bound, dead))
      .sort({ added: 1 })
      .limit(query.limit + 1)
      .batchSize(query.limit + 1)
      .toArray();
    return { page: rows.slice(0, query.limit), more: rows.length > query.limit };
  }

  async function textsOf(entries: readonly EntryDocument[]): Promise<Map<string, string>> {
    const digests = [...new Set(entries.map(({ digest }) => digest))];
    const found = await c.objects
      .find({ _id: { $in: digests } })
      .batchSize(digests.length + 1)
      .toArray();
    return new Map(found.map(({ _id, text }) => [_id, text]));
  }

  /** Returns the first entries of a page whose texts fit into one page, with these texts. */
  async function fitting(
    page: readonly EntryDocument[],
  ): Promise<{ page: readonly EntryDocument[]; texts: Map<string, string> }> {
    const texts = new Map<string, string>();
    const digests = [...new Set(page.map(({ digest }) => digest))];
    let bytes = 0;
    // The server divides large answers, so a page of large texts ends after a few of them.
    for await (const { _id, text } of c.objects
      .find({ _id: { $in: digests } })
      .batchSize(digests.length + 1)) {
      texts.set(_id, text);
      bytes += Buffer.byteLength(text);
      if (bytes > PAGE_BYTES) break;
    }
    if (bytes <= PAGE_BYTES) return { page, texts };
    const sizes: number[] = [];
    for (const { digest } of page) {
      if (!texts.has(digest))
        for (const [id, text] of await textsOf(page.filter((one) => one.digest === digest)))
          texts.set(id, text);
      sizes.push(Buffer.byteLength(texts.get(digest) ?? ''));
      if (fittingIn(sizes) < sizes.length) break;
    }
    return { page: page.slice(0, fittingIn(sizes)), texts };
  }

  async function commit(batch: Batch): Promise<BatchResult> {
    const { lease } = batch;
    if (lease !== undefined) await leases.check(lease);
    const guard = lease === undefined ? undefined : (): boolean => leases.holds(lease);
    const placed: PlaceOutcome[][] = [];
    for (const { collection, candidates } of batch.placements ?? []) {
      placed.push(candidates.length === 0 ? [] : await turns.place(collection, candidates, guard));
    }
    if (guard?.() === false) throw leaseLost(lease?.name ?? '');
    for (const item of batch.held ?? []) {
      await c.held.replaceOne(
        { _id: item.id },
        {
          submitter: item.submitter,
          at: item.at,
          waits_for: item.waitsFor,
          document: JSON.stringify({ ...item, text: undefined }),
          owner: item.owner,
          object: item.objectId,
          bytes: Buffer.byteLength(item.text),
          text: item.text,
        },
        { upsert: true },
      );
    }
    if (batch.released !== undefined && batch.released.length > 0)
      await c.held.deleteMany({ _id: { $in: [...batch.released] } });
    await names.change(batch.names ?? [], batch.staleNames ?? []);
    const facts = batch.facts ?? [];
    for (const [i, change] of (batch.records ?? []).entries())
      await records.change(change, i === 0 ? facts : []);
    if ((batch.records ?? []).length === 0) await audit.keep(facts);
    for (const receipt of batch.receipts ?? []) await receipts.keep(receipt);
    for (const envelope of batch.envelopes ?? []) await envelopes.keep(envelope);
    for (const id of batch.finished ?? []) await envelopes.drop(id);
    return { placed };
  }

  const store: Store = {
    name: link.name,
    commit,
    remove: (query) => turns.remove(query),

    async texts(query): Promise<TextPage> {
      const { page, more } = await select(query);
      if (page.length === 0) return { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };
      const { page: part, texts } = await fitting(page);
      const known = part.filter(({ digest }) => texts.has(digest));
      return {
        joined: Buffer.from(known.map(({ digest }) => texts.get(digest)).join(',')),
        count: known.length,
        first: known[0]?.added ?? 0,
        last: known.at(-1)?.added ?? 0,
        more: more || part.length < page.length,
      };
    },

    async entries(query, withText) {
      const { page, more } = await select(query);
      if (!withText || page.length === 0) return { entries: page.map(factsOf), more };
      const { page: part, texts } =
        query.ids === undefined ? await fitting(page) : { page, texts: await textsOf(page) };
      return {
        entries: part.flatMap((row) => {
          const text = texts.get(row.digest);
          return text === undefined ? [] : [{ ...factsOf(row), text }];
        }),
        more: more || part.length < page.length,
      };
    },

    async stands(collection, id) {
      return (await store.standing(collection, [id])).has(id);
    },

    async standing(collection, ids) {
      const { bound, dead } = await horizon(collection);
      const rows = await c.entries
        .find({ coll: collection, id: { $in: [...ids] }, added: { $lte: bound }, ...notDead(dead) })
        .project<{ id: string; owner: string }>({ id: 1, owner: 1 })
        .toArray();
      return ownersById(rows);
    },

    async levels(ids, collections) {
      const rows = await c.entries
        .find({ coll: { $in: [...collections] }, id: { $in: [...ids] } })
        .project<Pick<EntryDocument, 'coll' | 'id' | 'level' | 'added' | 'turn'>>({
          coll: 1,
          id: 1,
          level: 1,
          added: 1,
          turn: 1,
        })
        .toArray();
      const found = [...new Set(rows.map(({ coll }) => coll))];
      const horizons = new Map(
        await Promise.all(found.map(async (coll) => [coll, await horizon(coll)] as const)),
      );
      const lowest = new Map<string, number>();
      for (const { coll, id, level, added, turn } of rows) {
        const seen = horizons.get(coll);
        if (seen === undefined || added > seen.bound || seen.dead.includes(turn)) continue;
        lowest.set(id, Math.min(level, lowest.get(id) ?? level));
      }
      return lowest;
    },

    async removals(query) {
      const { collection, after, limit } = query;
      const { bound, dead } = await horizon(collection);
      const { within, beyond, unranked } = removalRanks(query);
      const since = (query.beyond?.since ?? 0) - 1;
      // One index scan per level, so levels that the reader may not see cost nothing. Null matches entries without a
      // level.
      const walks = [
        ...[...within, ...(unranked ? [null] : [])].map((level) => ({ level, from: after })),
        ...beyond.map((level) => ({ level, from: Math.max(after, since) })),
      ];
      const rows = await c.tombstones
        .find({
          $or: walks.map(({ level, from }) => ({
            coll: collection,
            level,
            removed: { $gt: from, $lte: bound },
            ...notDead(dead),
          })),
        })
        .sort({ removed: 1 })
        .limit(limit)
        .toArray();
      return rows.map(({ id, version, spec, removed }) => ({ id, version, spec, removed }));
    },

    names: (query) => names.find(query),

    async placed(places) {
      const rows = await c.entries
        .find({ _id: { $in: places.map(({ collection, added }) => `${collection}/${padded(added)}`) } })
        .toArray();
      const horizons = new Map(
        await Promise.all(
          [...new Set(rows.map(({ coll }) => coll))].map(
            async (coll) => [coll, await horizon(coll)] as const,
          ),
        ),
      );
      const standing = rows.filter(({ coll, added, turn }) => {
        const seen = horizons.get(coll);
        return seen !== undefined && added <= seen.bound && !seen.dead.includes(turn);
      });
      const texts = standing.length === 0 ? new Map<string, string>() : await textsOf(standing);
      return standing.flatMap((row) => {
        const text = texts.get(row.digest);
        return text === undefined
          ? []
          : [{ ...factsOf(row), collection: row.coll, text, newest: row.newest && !row.old_spec }];
      });
    },

    async sizes() {
      const collections = (await c.turns.distinct('coll')).map(String).toSorted();
      return Promise.all(
        collections.map(async (collection) => {
          const { bound, dead } = await horizon(collection);
          const entries = await c.entries.countDocuments({
            coll: collection,
            added: { $lte: bound },
            ...notDead(dead),
          });
          return { collection, entries, last: bound };
        }),
      );
    },

    async held({ submitter, waitsFor, objectId, after, limit }) {
      const rows = await c.held
        .find(
          {
            ...(waitsFor === undefined ? {} : { waits_for: waitsFor }),
            ...(submitter === undefined ? {} : { submitter }),
            ...(objectId === undefined ? {} : { object: objectId }),
            ...(after === undefined
              ? {}
              : { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after.id } }] }),
          },
          { projection: { text: 0 } },
        )
        .sort({ at: 1, _id: 1 })
        .limit(limit)
        .toArray();
      return rows.map((row) => headOf(row));
    },

    async heldObject(id) {
      const found = await c.held.findOne({ _id: id });
      return found === null ? undefined : { ...headOf(found), text: found.text ?? oldText(found) };
    },

    async heldUsage(owner, most) {
      const rows = await c.held
        .find({ owner }, { projection: { bytes: 1 } })
        .limit(most)
        .toArray();
      return { objects: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) };
    },

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

    audit: (after, limit) => audit.read(after, limit),
    auditBy: (keys, after, limit) => audit.readBy(keys, after, limit),
    indexFacts: (limit) => audit.index(limit),
    auditHead: () => audit.head(),
    forgetRemoved: (kinds, before, limit) => records.forgetRemoved(kinds, before, limit),
    auditStart: () => audit.start(),
    trimAudit: (upTo, limit) => audit.trim(upTo, limit),
    numberFacts: () => audit.number(),
    note: (batch) => notes.add(batch),
    readers: (query) => notes.readers(query),
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

function filterOf(query: PageQuery, bound: number, dead: readonly number[]): Filter<EntryDocument> {
  const { all, first, last, exact } = query.versions;
  const wanted: Filter<EntryDocument>[] = [
    ...(last ? [{ newest: true }] : []),
    ...(first ? [{ oldest: true }] : []),
    ...(exact.length > 0 ? [{ instant: { $in: [...exact] } }] : []),
  ];
  return {
    coll: query.collection,
    ...(query.specs === undefined ? { old_spec: false } : { spec: { $in: [...query.specs] } }),
    ...(query.ids === undefined ? {} : { id: { $in: [...query.ids] } }),
    ...(query.types === undefined ? {} : { type: { $in: [...query.types] } }),
    ...(all ? {} : wanted.length === 1 ? wanted[0] : { $or: wanted }),
    added: { $gt: query.after, $lte: bound },
    ...notDead(dead),
  };
}

function factsOf(row: EntryDocument): EntryFacts {
  return {
    id: row.id,
    type: row.type,
    version: row.version,
    spec: row.spec,
    added: row.added,
    level: row.level,
    owner: row.owner,
    ...(row.creator === undefined ? {} : { creator: row.creator }),
    oldest: row.oldest,
  };
}
