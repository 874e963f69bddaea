import { MongoClient, type Collection, type Db } from 'mongodb';
import { Problem, codeOf, reasonOf } from '../../kernel/problem.ts';
import type {
  CurrentDocument,
  EntryDocument,
  HeldDocument,
  LeaseDocument,
  MetaDocument,
  ObjectDocument,
  ReceiptDocument,
  RevisionDocument,
  TombstoneDocument,
  TurnDocument,
} from './documents.ts';

/** Schema number that this program writes and knows. */
const SCHEMA = 1;

/** The collections of the adapter. */
export interface MongoCollections {
  readonly turns: Collection<TurnDocument>;
  readonly objects: Collection<ObjectDocument>;
  readonly entries: Collection<EntryDocument>;
  readonly tombstones: Collection<TombstoneDocument>;
  readonly held: Collection<HeldDocument>;
  readonly revisions: Collection<RevisionDocument>;
  readonly current: Collection<CurrentDocument>;
  readonly leases: Collection<LeaseDocument>;
  readonly receipts: Collection<ReceiptDocument>;
}

export interface MongoConnection {
  readonly client: MongoClient;
  readonly db: Db;
  readonly c: MongoCollections;
}

/** Connects, makes the indexes and checks the schema number. `onCommand` is told the name of each command sent. */
export async function connectMongo(
  uri: string,
  onCommand?: (name: string) => void,
): Promise<MongoConnection> {
  const client = new MongoClient(uri, {
    appName: 'talanoa',
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 10_000,
    // zlib is kept off: its decoder has leaked server memory before authentication (CVE-2025-14847).
    compressors: ['none'],
    monitorCommands: onCommand !== undefined,
  });
  if (onCommand !== undefined) client.on('commandStarted', (event) => onCommand(event.commandName));
  try {
    await client.connect();
    const db = client.db();
    const c: MongoCollections = {
      turns: db.collection('turns'),
      objects: db.collection('objects'),
      entries: db.collection('entries'),
      tombstones: db.collection('tombstones'),
      held: db.collection('held'),
      revisions: db.collection('revisions'),
      current: db.collection('current'),
      leases: db.collection('leases'),
      receipts: db.collection('receipts'),
    };
    await checkSchema(db.collection<MetaDocument>('meta'));
    await makeIndexes(c);
    return { client, db, c };
  } catch (error) {
    await client.close();
    if (error instanceof Problem) throw error;
    throw new Problem('unavailable', 'MongoDB does not answer', {
      description: reasonOf(error),
      hint: 'Check MONGODB_URI, that the server runs, and that this machine may reach it.',
      code: 'TLN-S-010',
      cause: error,
    });
  }
}

async function checkSchema(meta: Collection<MetaDocument>): Promise<void> {
  await ignoreDuplicate(meta.insertOne({ _id: 'schema', number: SCHEMA }));
  const found = await meta.findOne({ _id: 'schema' });
  if (found !== null && found.number > SCHEMA) {
    throw new Problem(
      'unavailable',
      `The store was written by a newer Talanoa (schema ${found.number}, this one knows ${SCHEMA})`,
      {
        hint: 'Start the newer version again, or restore a backup that was made before the upgrade.',
        code: 'TLN-S-001',
      },
    );
  }
}

async function makeIndexes(c: MongoCollections): Promise<void> {
  await c.turns.createIndex({ coll: 1, k: -1 });
  await c.entries.createIndex({ coll: 1, newest: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, type: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, id: 1, instant: 1 });
  await c.entries.createIndex({ digest: 1 });
  await c.tombstones.createIndex({ coll: 1, removed: 1 });
  await c.tombstones.createIndex({ coll: 1, id: 1 });
  await c.held.createIndex({ submitter: 1, at: 1 });
  await c.held.createIndex({ waits_for: 1 });
  await c.revisions.createIndex({ kind: 1, id: 1, revision: -1 });
  await c.current.createIndex({ kind: 1, keys: 1, id: 1 });
  await c.receipts.createIndex({ at: 1 });
  await c.leases.createIndex({ name: 1, fence: -1 });
}

/** True when the server says that a document with this `_id` is there already. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === '11000';
}

/** Runs an insert and gives false when the `_id` was taken: the way in which this adapter decides. */
export async function ignoreDuplicate(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
