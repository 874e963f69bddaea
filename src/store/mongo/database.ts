import { MongoClient, type Collection, type Db, type Filter, type OptionalUnlessRequiredId } from 'mongodb';
import { Problem, codeOf, reasonOf } from '../../kernel/problem.ts';
import type {
  AuditDocument,
  CurrentDocument,
  EntryDocument,
  EnvelopeDocument,
  FactsDocument,
  FoundDocument,
  HeldDocument,
  KeyUseDocument,
  LeaseDocument,
  ListingDocument,
  MetaDocument,
  NameDocument,
  ObjectDocument,
  PartDocument,
  ReaderDocument,
  ReceiptDocument,
  RefusalDocument,
  RevisionDocument,
  TombstoneDocument,
  TurnDocument,
} from './documents.ts';
import { storeErrors } from '../errors.ts';

/** Number of the schema that this program reads and writes. */
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
  readonly envelopes: Collection<EnvelopeDocument>;
  readonly parts: Collection<PartDocument>;
  readonly facts: Collection<FactsDocument>;
  readonly audit: Collection<AuditDocument>;
  readonly readers: Collection<ReaderDocument>;
  readonly refusals: Collection<RefusalDocument>;
  readonly names: Collection<NameDocument>;
  readonly keyUses: Collection<KeyUseDocument>;
  readonly listings: Collection<ListingDocument>;
  readonly found: Collection<FoundDocument>;
}

export interface MongoConnection {
  readonly client: MongoClient;
  readonly db: Db;
  readonly c: MongoCollections;
}

/**
 * Connects, creates the indexes and checks the schema number. Then `upgrade` changes documents of earlier versions.
 * `onCommand` is called with the name of each command.
 */
export async function connectMongo(
  uri: string,
  upgrade: (c: MongoCollections) => Promise<void>,
  onCommand?: (name: string) => void,
): Promise<MongoConnection> {
  const client = new MongoClient(uri, {
    appName: 'talanoa',
    // A write without a response in time may or may not have succeeded. The code then reads the deciding document by its
    // id.
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    socketTimeoutMS: 20_000,
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: 10_000,
    // zlib is not used, because its decoder leaked server memory before authentication (CVE-2025-14847).
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
      envelopes: db.collection('envelopes'),
      parts: db.collection('envelope_parts'),
      facts: db.collection('facts'),
      audit: db.collection('audit'),
      readers: db.collection('readers'),
      refusals: db.collection('refusals'),
      names: db.collection('names'),
      keyUses: db.collection('key_uses'),
      listings: db.collection('listings'),
      found: db.collection('found'),
    };
    await checkSchema(db.collection<MetaDocument>('meta'));
    await makeIndexes(c);
    await upgrade(c);
    return { client, db, c };
  } catch (error) {
    await client.close();
    if (error instanceof Problem) throw error;
    throw storeErrors.mongoSilent({ description: reasonOf(error), cause: error });
  }
}

async function checkSchema(meta: Collection<MetaDocument>): Promise<void> {
  await ignoreDuplicate(meta.insertOne({ _id: 'schema', number: SCHEMA }));
  const found = await meta.findOne({ _id: 'schema' });
  if (found !== null && found.number > SCHEMA) {
    throw storeErrors.newerSchema({ found: found.number, known: SCHEMA });
  }
}

async function makeIndexes(c: MongoCollections): Promise<void> {
  await c.turns.createIndex({ coll: 1, k: -1 });
  await c.turns.createIndex({ unnumbered: 1 });
  await c.entries.createIndex({ coll: 1, newest: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, type: 1, added: 1 });
  await c.entries.createIndex({ coll: 1, id: 1, instant: 1 });
  await c.entries.createIndex({ digest: 1 });
  await c.tombstones.createIndex({ coll: 1, removed: 1 });
  await c.tombstones.createIndex({ coll: 1, id: 1 });
  await c.tombstones.createIndex({ coll: 1, level: 1, removed: 1 });
  await c.held.createIndex({ submitter: 1, at: 1 });
  await c.held.createIndex({ waits_for: 1 });
  await c.held.createIndex({ at: 1 });
  await c.held.createIndex({ owner: 1 });
  await c.held.createIndex({ object: 1, at: 1 });
  await c.revisions.createIndex({ kind: 1, id: 1, revision: -1 });
  await c.current.createIndex({ kind: 1, keys: 1, id: 1 });
  await c.receipts.createIndex({ at: 1 });
  await c.receipts.createIndex({ account: 1, at: -1 });
  await c.envelopes.createIndex({ at: 1 });
  await c.parts.createIndex({ envelope: 1, number: 1 });
  await c.audit.createIndex({ fact_id: 1 });
  await c.audit.createIndex({ keys: 1, _id: 1 });
  await c.refusals.createIndex({ last: -1 });
  await c.keyUses.createIndex({ account: 1, seen: -1 });
  await c.listings.createIndex({ of: 1, unit: 1 });
  await c.leases.createIndex({ name: 1, fence: -1 });
}

/** Returns true if the connection failed. It is then unknown whether the command took effect. */
export function isUnreachable(error: unknown): boolean {
  return (
    error instanceof Error && /^Mongo(Network|ServerSelection|PoolCleared|Pool|Topology)/.test(error.name)
  );
}

/** Converts an error of the driver into a Problem, as every store throws. */
export function unavailable(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error) || !error.name.startsWith('Mongo')) return error;
  return storeErrors.silent({ headers: { 'Retry-After': '30' }, cause: error });
}

/** Returns true if the server reports that a document with this `_id` already exists. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === '11000';
}

/** Runs an insert. Returns false if the `_id` already exists. This adapter makes its decisions in this way. */
export async function ignoreDuplicate(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Inserts those of the documents that do not exist. The first one with an `_id` stays. */
export async function insertMissing<D extends { readonly _id: string }>(
  collection: Collection<D>,
  documents: readonly D[],
): Promise<void> {
  const wanted = new Map<string, D>();
  for (const document of documents) if (!wanted.has(document._id)) wanted.set(document._id, document);
  if (wanted.size === 0) return;
  const standing = await collection
    .find({ _id: { $in: [...wanted.keys()] } } as Filter<D>)
    .project<{ _id: string }>({ _id: 1 })
    .toArray();
  for (const { _id } of standing) wanted.delete(_id);
  if (wanted.size === 0) return;
  try {
    await collection.insertMany([...wanted.values()] as OptionalUnlessRequiredId<D>[], { ordered: false });
  } catch (error) {
    // Another process is doing the same work. The documents that it inserted are equivalent.
    if (!isDuplicate(error)) throw error;
  }
}
