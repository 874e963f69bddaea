import type { Filter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { EntryFacts, HeldObject, PageQuery, PlaceOutcome, Store, TextPage } from '../store.ts';
import { connectMongo, ignoreDuplicate } from './database.ts';
import { padded, type EntryDocument } from './documents.ts';
import { Leases } from './leases.ts';
import { Records } from './records.ts';
import { horizonOf, notDead, readTail, type Horizon } from './horizon.ts';
import { Turns } from './turns.ts';

const SWEEP_BATCH = 500;

export interface MongoOptions {
  /** Connection string with the name of the database. */
  readonly uri: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long a range may stay open before others declare it dead. Tests shorten it. */
  readonly turnLeaseMs?: number;
  /** Told the name of each command sent, for the tests that count them. */
  readonly onCommand?: (name: string) => void;
}

/** Opens the store on MongoDB. Any number of processes may share it. */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { client, db, c } = await connectMongo(options.uri, options.onCommand);
  const turns = new Turns(c, options.clock, options.ids, options.turnLeaseMs);
  const records = new Records(c, options.clock);
  const leases = new Leases(c, options.clock);

  async function horizon(coll: string): Promise<Horizon> {
    return horizonOf(await readTail(c, coll));
  }

  async function select(query: PageQuery): Promise<EntryDocument[]> {
    const { bound, dead } = await horizon(query.collection);
    return c.entries
      .find(filterOf(query, bound, dead))
      .sort({ added: 1 })
      .limit(query.limit + 1)
      .batchSize(query.limit + 1)
      .toArray();
  }

  async function textsOf(entries: readonly EntryDocument[]): Promise<Map<string, string>> {
    const digests = [...new Set(entries.map(({ digest }) => digest))];
    const found = await c.objects
      .find({ _id: { $in: digests } })
      .batchSize(digests.length + 1)
      .toArray();
    return new Map(found.map(({ _id, text }) => [_id, text]));
  }

  const store: Store = {
    name: `MongoDB (${db.databaseName})`,

    async commit(batch) {
      if (batch.lease !== undefined) await leases.check(batch.lease);
      const placed: PlaceOutcome[][] = [];
      for (const { collection, candidates } of batch.placements ?? []) {
        placed.push(candidates.length === 0 ? [] : await turns.place(collection, candidates));
      }
      for (const item of batch.held ?? []) {
        await c.held.replaceOne(
          { _id: item.id },
          {
            submitter: item.submitter,
            at: item.at,
            waits_for: item.waitsFor,
            document: JSON.stringify(item),
          },
          { upsert: true },
        );
      }
      if (batch.released !== undefined && batch.released.length > 0)
        await c.held.deleteMany({ _id: { $in: [...batch.released] } });
      for (const change of batch.records ?? []) await records.change(change);
      for (const { id, account, at, body } of batch.receipts ?? []) {
        await ignoreDuplicate(c.receipts.insertOne({ _id: id, account, at, body }));
      }
      return { placed };
    },

    remove: (query) => turns.remove(query),

    async texts(query): Promise<TextPage> {
      const rows = await select(query);
      const more = rows.length > query.limit;
      const page = more ? rows.slice(0, query.limit) : rows;
      if (page.length === 0) return { joined: Buffer.alloc(0), count: 0, first: 0, last: 0, more: false };
      const texts = await textsOf(page);
      const known = page.filter(({ digest }) => texts.has(digest));
      return {
        joined: Buffer.from(known.map(({ digest }) => texts.get(digest)).join(',')),
        count: known.length,
        first: known[0]?.added ?? 0,
        last: known.at(-1)?.added ?? 0,
        more,
      };
    },

    async entries(query, withText) {
      const rows = await select(query);
      const more = rows.length > query.limit;
      const page = more ? rows.slice(0, query.limit) : rows;
      if (!withText || page.length === 0) return { entries: page.map(factsOf), more };
      const texts = await textsOf(page);
      return {
        entries: page.flatMap((row) => {
          const text = texts.get(row.digest);
          return text === undefined ? [] : [{ ...factsOf(row), text }];
        }),
        more,
      };
    },

    async stands(collection, id) {
      return (await store.standing(collection, [id])).has(id);
    },

    async standing(collection, ids) {
      const { bound, dead } = await horizon(collection);
      const rows = await c.entries
        .find({ coll: collection, id: { $in: [...ids] }, added: { $lte: bound }, ...notDead(dead) })
        .project<{ id: string }>({ id: 1 })
        .toArray();
      return new Set(rows.map(({ id }) => id));
    },

    async levels(ids, collections) {
      const rows = await c.entries
        .find({ coll: { $in: [...collections] }, id: { $in: [...ids] } })
        .project<{ id: string; level: number }>({ id: 1, level: 1 })
        .toArray();
      const lowest = new Map<string, number>();
      for (const { id, level } of rows) lowest.set(id, Math.min(level, lowest.get(id) ?? level));
      return lowest;
    },

    async removals(collection, after, limit) {
      const { bound, dead } = await horizon(collection);
      const rows = await c.tombstones
        .find({ coll: collection, removed: { $gt: after, $lte: bound }, ...notDead(dead) })
        .sort({ removed: 1 })
        .limit(limit)
        .toArray();
      return rows.map(({ id, version, spec, removed }) => ({ id, version, spec, removed }));
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

    async held(query) {
      const filter =
        query.waitsFor !== undefined
          ? { waits_for: query.waitsFor }
          : query.submitter !== undefined
            ? { submitter: query.submitter }
            : {};
      const rows = await c.held.find(filter).sort({ at: 1 }).limit(query.limit).toArray();
      return rows.map(({ document }) => JSON.parse(document) as HeldObject);
    },

    async receipt(id) {
      const found = await c.receipts.findOne({ _id: id });
      return found === null ? undefined : { id, account: found.account, at: found.at, body: found.body };
    },

    record: (kind, id) => records.get(kind, id),
    records: (kind, query) => records.list(kind, query),
    recordsMark: (kinds) => records.mark(kinds),

    takeLease: (name, ttlMs) => leases.take(name, ttlMs),
    renewLease: (lease, ttlMs) => leases.renew(lease, ttlMs),
    releaseLease: (lease) => leases.release(lease),

    async sweep(beforeMs) {
      const before = new Date(beforeMs);
      let swept = (await c.receipts.deleteMany({ at: { $lt: beforeMs } })).deletedCount;
      for (let after = ''; ;) {
        const old = await c.objects
          .find({ _id: { $gt: after }, at: { $lt: before } })
          .project<{ _id: string }>({ _id: 1 })
          .sort({ _id: 1 })
          .limit(SWEEP_BATCH)
          .toArray();
        const last = old.at(-1);
        if (last === undefined) break;
        after = last._id;
        const digests = old.map(({ _id }) => _id);
        const named = await c.entries
          .find({ digest: { $in: digests } })
          .project<{ digest: string }>({ digest: 1 })
          .toArray();
        const alive = new Set(named.map(({ digest }) => digest));
        const orphans = digests.filter((digest) => !alive.has(digest));
        if (orphans.length > 0)
          swept += (await c.objects.deleteMany({ _id: { $in: orphans }, at: { $lt: before } })).deletedCount;
      }
      await pruneTurns(before);
      return swept;
    },

    async ready() {
      try {
        await db.command({ ping: 1 });
        return true;
      } catch {
        return false;
      }
    },

    async close() {
      await turns.idle();
      await client.close();
    },
  };

  /** Old deciding documents go in ascending order, never the newest two of a collection and never before a day. */
  async function pruneTurns(before: Date): Promise<void> {
    for (const coll of (await c.turns.distinct('coll')).map(String)) {
      const tail = await readTail(c, coll);
      if (tail === undefined) continue;
      await c.turns.deleteMany({
        coll,
        k: { $lt: tail.begin.k - 1 },
        at: { $lt: before },
        _id: { $lt: `settled/${coll}/${padded(tail.begin.k - 1)}` },
      });
    }
  }

  return store;
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
    oldest: row.oldest,
  };
}
