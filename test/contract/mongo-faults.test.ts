import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { systemIds } from '../../src/kernel/ids.ts';
import { connectMongo, type MongoConnection } from '../../src/store/mongo/database.ts';
import { mongoStore } from '../../src/store/mongo/mongo-store.ts';
import {
  ALL_REMOVALS,
  ALL_VERSIONS,
  LAST_VERSION,
  type Batch,
  type Store,
  type VersionFilter,
} from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { COMMAND_FAULTS, FaultyCommands, type CommandFault } from '../support/faulty-mongo.ts';
import { findMongo } from '../support/mongo.ts';

/*
 * The n-th command to a real server fails, for every n. Afterwards no envelope is half stored and nothing blocks
 * others. Repeating the request, in the same or another process, gives the same result as without the failure.
 */

const mongo = await findMongo();
const V = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'];

if (mongo === undefined) {
  describe('commands that fail', () => {
    test.skip('skipped: no MongoDB server is here', () => undefined);
  });
} else {
  describe(`commands that fail, on ${mongo.name}`, () => {
    let connection: MongoConnection;
    const database = `talanoa_${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      connection = await connectMongo(mongo.uri(database), () => Promise.resolve());
    }, 60_000);
    // Each test counts the commands of its own turns. FerretDB has no indexes, so what others left would cost minutes.
    beforeEach(async () => {
      const { db } = connection;
      for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray())
        if (name !== 'meta') await db.collection(name).deleteMany({});
    }, 60_000);
    afterAll(async () => {
      await connection.db.dropDatabase();
      await connection.client.close();
      await mongo.stop();
    });

    const open = (clock: TestClock, faulty?: FaultyCommands): Store =>
      mongoStore(
        faulty?.wrap(connection.c) ?? connection.c,
        { clock, ids: systemIds, turnLeaseMs: 500 },
        { name: 'test', ping: () => Promise.resolve(), close: () => Promise.resolve() },
      );
    const versionsOf = async (
      store: Store,
      collection: string,
      versions: VersionFilter,
    ): Promise<string[]> => {
      const { entries } = await store.entries({ collection, after: 0, limit: 100, versions }, true);
      for (const entry of entries) expect(entry.text).toBeDefined();
      return entries.map((entry) => `${entry.id.slice(-1)} ${entry.version}`).toSorted();
    };

    /** Submits an envelope with a new object, a later version and a known object. Then it removes a version. */
    const run = async (n: number, fault: CommandFault): Promise<boolean> => {
      const collection = randomUUID();
      const id = (c: string): string => `indicator--00000000-0000-4000-8000-00000000000${c}`;
      const first = [
        aCandidate(anIndicator({ id: id('a'), modified: V[0] })),
        aCandidate(anIndicator({ id: id('b'), modified: V[0] })),
      ];
      const envelope = [
        aCandidate(anIndicator({ id: id('a'), modified: V[1] })),
        aCandidate(anIndicator({ id: id('b'), modified: V[0] })),
        aCandidate(anIndicator({ id: id('c'), modified: V[0] })),
      ];
      const clock = new TestClock();
      const calm = open(clock);
      await calm.commit({ placements: [{ collection, candidates: first }] });

      const faulty = new FaultyCommands(n, fault);
      const struckStore = open(clock, faulty);
      const acting = (async () => {
        const { placed } = await struckStore.commit({ placements: [{ collection, candidates: envelope }] });
        const removed = await struckStore.remove({ collection, id: id('b'), versions: LAST_VERSION });
        return { placed: placed[0]?.map(({ kind }) => kind), removed };
      })().catch(() => undefined);
      const told = await Promise.race([acting, faulty.killed]);
      if (told !== undefined) expect(told).toEqual({ placed: ['stored', 'known', 'stored'], removed: 1 });

      // At once, the envelope is stored as a whole or not at all.
      const now = await versionsOf(calm, collection, ALL_VERSIONS);
      const isThere = [`a ${V[1]}`, `c ${V[0]}`].filter((place) => now.includes(place));
      expect({ n, fault, isThere: isThere.length }).toEqual({
        n,
        fault,
        isThere: isThere.length === 0 ? 0 : 2,
      });

      // Another process repeats the request, and nothing blocks it.
      await calm.commit({
        placements: [{ collection, candidates: envelope.filter((one) => one.id !== id('b')) }],
      });
      await calm.remove({ collection, id: id('b'), versions: ALL_VERSIONS });
      expect({ n, all: await versionsOf(calm, collection, ALL_VERSIONS) }).toEqual({
        n,
        all: [`a ${V[0]}`, `a ${V[1]}`, `c ${V[0]}`],
      });
      expect({ n, last: await versionsOf(calm, collection, LAST_VERSION) }).toEqual({
        n,
        last: [`a ${V[1]}`, `c ${V[0]}`],
      });
      const removals = await calm.removals({ ...ALL_REMOVALS, collection, after: 0, limit: 100 });
      expect(removals.map((tombstone) => tombstone.id)).toEqual([id('b')]);
      return faulty.struck;
    };

    test.each(COMMAND_FAULTS)(
      '%s, for every command of an envelope and a removal',
      async (fault) => {
        let n = 1;
        while (await run(n, fault)) n++;
        expect(n).toBeGreaterThan(12);
      },
      240_000,
    );

    // FerretDB has no indexes and needs five minutes for each fault, so it gets only the worst one.
    test.each(mongo.name === 'FerretDB' ? COMMAND_FAULTS.slice(-1) : COMMAND_FAULTS)(
      '%s, for every command of an envelope that replaces objects: there is one audit entry about them',
      async (fault) => {
        let n = 1;
        for (let struck = true; struck; n++) {
          const collection = randomUUID();
          const [id, claims] = [`indicator--${randomUUID()}`, 'identity--f'];
          const clock = new TestClock();
          const calm = open(clock);
          const relayed = aCandidate(anIndicator({ id, modified: V[1] }), { owner: 'tonga' });
          await calm.commit({
            placements: [{ collection, candidates: [{ ...relayed, creator: claims, relayed: true }] }],
          });
          const own = {
            ...aCandidate(anIndicator({ id, modified: V[0] }), { owner: 'fiji' }),
            claims,
          };
          const batch = (): Batch => ({
            placements: [{ collection, candidates: [own] }],
            replaced: { id: randomUUID(), at: clock.now(), actor: 'ana', action: 'object.replace', resource: 'hub', result: 'done' },
          }); // prettier-ignore
          const faulty = new FaultyCommands(n, fault);
          const acting = open(clock, faulty)
            .commit(batch())
            .catch(() => undefined);
          await Promise.race([acting, faulty.killed]);
          struck = faulty.struck;
          // Another process repeats the request.
          await calm.commit(batch());
          while ((await calm.numberFacts()) > 0);
          const facts = (await calm.audit(0, 10_000)).map(({ fact }) => fact);
          const about = facts.filter(({ resource }) => resource === `collection/${collection}`);
          expect({ n, about }).toMatchObject({
            n,
            about: [{ member: 'tonga', details: { versions: 1, ids: [id] } }],
          });
          // A sweep loses nothing, and numbering again adds nothing.
          await calm.sweep(clock.now());
          expect(await calm.numberFacts()).toBe(0);
        }
        expect(n).toBeGreaterThan(8);
      },
      900_000,
    );

    test.each(COMMAND_FAULTS)(
      '%s, for every command that changes a record: the change is made once',
      async (fault) => {
        let n = 1;
        for (let struck = true; struck; n++) {
          const clock = new TestClock();
          const calm = open(clock);
          const id = randomUUID();
          await calm.commit({
            records: [{ kind: 'thing', id, expected: 0, document: { n: 1 }, index: { of: id } }],
          });
          const faulty = new FaultyCommands(n, fault);
          const acting = open(clock, faulty)
            .commit({ records: [{ kind: 'thing', id, expected: 1, document: { n: 2 }, index: { of: id } }] })
            .catch(() => undefined);
          await Promise.race([acting, faulty.killed]);
          struck = faulty.struck;
          await calm
            .commit({ records: [{ kind: 'thing', id, expected: 1, document: { n: 2 }, index: { of: id } }] })
            .catch((error: unknown) => expect(error).toMatchObject({ kind: 'conflict' }));
          expect(await calm.record('thing', id)).toMatchObject({ revision: 2, document: { n: 2 } });
          await calm.sweep(0);
          const listed = await calm.records('thing', { index: { name: 'of', value: id } });
          expect(listed).toMatchObject([{ revision: 2, document: { n: 2 } }]);
        }
        expect(n).toBeGreaterThan(3);
      },
      120_000,
    );

    test.each(COMMAND_FAULTS)(
      '%s, for every command that stores an envelope: it is stored completely or not at all',
      async (fault) => {
        // More than two parts.
        const body = Buffer.alloc(9 * 1_048_576, 'x');
        for (let n = 1, struck = true; struck; n++) {
          const faulty = new FaultyCommands(n, fault);
          const clock = new TestClock();
          const envelope = { id: randomUUID(), account: 'a', collection: 'c', at: 1, pending: '{}', body };
          const keeping = open(clock, faulty)
            .commit({ envelopes: [envelope] })
            .then(
              () => 'kept',
              () => undefined,
            );
          const told = await Promise.race([keeping, faulty.killed]);
          struck = faulty.struck;
          const calm = open(clock);
          const head = await calm.envelopeHead(envelope.id);
          if (told === 'kept') expect(head).toBeDefined();
          if (head !== undefined) expect((await calm.envelopeBody(envelope.id))?.equals(body)).toBe(true);
          await calm.commit({ finished: [envelope.id] });
          expect(await calm.envelopeHead(envelope.id)).toBeUndefined();
        }
      },
      120_000,
    );
  });
}
