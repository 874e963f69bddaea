import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { systemIds } from '../../src/kernel/ids.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { LAST_VERSION, type Store } from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { findMongo } from '../support/mongo.ts';
import { storeContract } from './store-contract.ts';

const mongo = await findMongo();

if (mongo === undefined) {
  describe('the store contract on MongoDB', () => {
    test.skip('skipped: no MongoDB server is here (MONGODB_TEST_URI is not set and no mongod could be fetched)', () =>
      undefined);
  });
} else {
  let database = '';
  const open = (clock: TestClock, onCommand?: (name: string) => void): Promise<Store> =>
    openMongoStore({
      uri: mongo.uri(database),
      clock,
      ids: systemIds,
      turnLeaseMs: 5_000,
      ...(onCommand === undefined ? {} : { onCommand }),
    });

  storeContract(`MongoDB (${mongo.name})`, {
    open: (clock) => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      return open(clock);
    },
    reopen: (clock) => open(clock),
    forgetAuditIndex: async () => {
      const client = await MongoClient.connect(mongo.uri(database));
      await client
        .db()
        .collection('audit')
        .updateMany({}, { $unset: { keys: '' } });
      await client.close();
    },
    storeAsNames: async (lines, readers) => {
      const client = await MongoClient.connect(mongo.uri(database));
      const db = client.db();
      await db.collection<{ _id: string }>('names').insertMany(lines.map((_id) => ({ _id })));
      await db.collection<{ _id: string }>('readers').insertMany(
        readers.map((note) => ({
          _id: JSON.stringify([note.account, note.collection, note.kind, note.filters]),
          ...note,
        })),
      );
      await client.close();
    },
    clean: async () => {
      const client = await MongoClient.connect(mongo.uri(database));
      await client.db().dropDatabase();
      await client.close();
    },
  });

  describe(`the protocol of turns on ${mongo.name}`, () => {
    const C = '33333333-3333-4333-8333-333333333333';
    let client: MongoClient;

    beforeAll(async () => {
      client = await MongoClient.connect(mongo.uri('admin'));
    });
    afterAll(async () => {
      await client.close();
      await mongo.stop();
    });

    const read = async (store: Store) =>
      (await store.entries({ collection: C, after: 0, limit: 1000, versions: LAST_VERSION }, false)).entries;
    const put = (store: Store, n: number) =>
      store.commit({
        placements: [
          { collection: C, candidates: Array.from({ length: n }, () => aCandidate(anIndicator())) },
        ],
      });
    const turns = () =>
      client.db(database).collection<{ _id: string; coll: string; k: number; kind: string }>('turns');

    test('a page costs at most three commands, an envelope of 1,000 at most twelve', async () => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      const commands: string[] = [];
      const store = await open(new TestClock(), (name) => commands.push(name));
      await put(store, 10);
      commands.length = 0;
      await put(store, 1000);
      expect(commands.length).toBeLessThanOrEqual(12);
      commands.length = 0;
      const page = await store.texts({ collection: C, after: 0, limit: 1000, versions: LAST_VERSION });
      expect(page.count).toBe(1000);
      expect(commands.length).toBeLessThanOrEqual(3);
      await store.close();
      await client.db(database).dropDatabase();
    });

    test('placing known texts into a further collection, as routing does, costs at most eight commands', async () => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      const commands: string[] = [];
      const store = await open(new TestClock(), (name) => commands.push(name));
      const candidates = Array.from({ length: 100 }, () => aCandidate(anIndicator()));
      await store.commit({ placements: [{ collection: C, candidates }] });
      commands.length = 0;
      const target = '44444444-4444-4444-8444-444444444444';
      const { placed } = await store.commit({ placements: [{ collection: target, candidates }] });
      expect(placed[0]?.every(({ kind }) => kind === 'stored')).toBe(true);
      expect(commands.length).toBeLessThanOrEqual(8);
      await store.close();
      await client.db(database).dropDatabase();
    });

    test('an open range hides its entries, and after its lease it is dead and its entries stay hidden', async () => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      const clock = new TestClock();
      const store = await open(clock);
      await put(store, 3);
      // A writer that took a turn, wrote an entry and was killed before its commit.
      const newest = await turns().find({ coll: C, kind: 'begin' }).sort({ k: -1 }).limit(1).next();
      const hi = (newest as unknown as { hi: number }).hi;
      const k = (newest?.k ?? 0) + 1;
      const lo = hi + 1_000;
      await client.db(database).collection<{ _id: string }>('turns').insertOne({
        _id: `begin/${C}/${String(k).padStart(16, '0')}`, kind: 'begin', coll: C, k, lo, hi: lo + 100, dead: [], tombstones: false, token: 'killed', lease: 5_000, at: new Date(),
      } as never); // prettier-ignore
      const [sample] = await client.db(database).collection('entries').find({ coll: C }).limit(1).toArray();
      await client
        .db(database)
        .collection<{ _id: string }>('entries')
        .insertOne({
          ...sample,
          _id: `${C}/${String(lo).padStart(16, '0')}`,
          id: 'indicator--half',
          added: lo,
          turn: k,
        } as never);
      expect(await read(store)).toHaveLength(3);
      await put(store, 2);
      const after = await read(store);
      expect(after).toHaveLength(5);
      expect(after.some((entry) => entry.id === 'indicator--half')).toBe(false);
      expect(await turns().findOne({ _id: `end/${C}/${String(k).padStart(16, '0')}` })).toMatchObject({
        outcome: 'dead',
      });
      // The killed writer wakes and continues to write, but its range stays invalid.
      await client
        .db(database)
        .collection<{ _id: string }>('entries')
        .insertOne({
          ...sample,
          _id: `${C}/${String(lo + 20).padStart(16, '0')}`,
          id: 'indicator--late',
          added: lo + 20,
          turn: k,
        } as never);
      await put(store, 1);
      expect((await read(store)).some((entry) => entry.id === 'indicator--late')).toBe(false);
      await store.close();
      await client.db(database).dropDatabase();
    });

    test('a range that was committed but not settled is settled by the next writer', async () => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      const clock = new TestClock();
      const store = await open(clock);
      const id = `indicator--${randomUUID()}`;
      const v = (modified: string) => aCandidate(anIndicator({ id, modified }));
      await store.commit({ placements: [{ collection: C, candidates: [v('2026-01-01T00:00:00.000Z')] }] });
      await store.commit({ placements: [{ collection: C, candidates: [v('2026-01-02T00:00:00.000Z')] }] });
      const newest = await turns().find({ coll: C, kind: 'settled' }).sort({ k: -1 }).limit(1).next();
      await turns().deleteOne({ _id: newest?._id ?? '' });
      await client
        .db(database)
        .collection('entries')
        .updateMany({ id }, { $set: { newest: true, flags_turn: 0 } });
      await put(store, 1);
      const last = (await read(store)).filter((entry) => entry.id === id);
      expect(last.map((entry) => entry.version)).toEqual(['2026-01-02T00:00:00.000Z']);
      await store.close();
      await client.db(database).dropDatabase();
    });

    test('two processes write the same collection without losing or doubling anything', async () => {
      database = `talanoa_${randomUUID().slice(0, 8)}`;
      const a = await open(new TestClock('2026-01-15T12:00:00.000Z'));
      const b = await open(new TestClock('2026-01-15T11:00:00.000Z'));
      const same = aCandidate(anIndicator());
      await Promise.all([
        put(a, 5),
        put(b, 5),
        put(a, 5),
        put(b, 5),
        ...[a, b].map((store) => store.commit({ placements: [{ collection: C, candidates: [same] }] })),
      ]);
      const seen = await read(a);
      expect(seen).toHaveLength(21);
      expect(await read(b)).toEqual(seen);
      expect(new Set(seen.map((entry) => entry.added)).size).toBe(21);
      await a.close();
      await b.close();
      await client.db(database).dropDatabase();
    });
  });
}
