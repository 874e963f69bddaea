import type { Filter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import { MapDraft, OrderedMap } from '../../kernel/ordered-map.ts';
import { Slices } from '../../kernel/slices.ts';
import {
  idWasUsed,
  type Amount,
  type AuditFact,
  type HubRecord,
  type RecordChange,
  type RecordQuery,
  type RecordView,
} from '../store.ts';
import { ignoreDuplicate, isDuplicate, type MongoCollections } from './database.ts';
import { padded, type CurrentDocument, type RevisionDocument } from './documents.ts';
import { storeErrors } from '../errors.ts';

const DAY_MS = 86_400_000;
/** Number of changes of a record between two searches for its old revisions. */
const PRUNE_EVERY = 32;
/** Number of changed records that one command reads. */
const READ_AT_ONCE = 500;

/** Hub records. Each revision is inserted as a document. `current` is derived from the revisions, for lists. */
export class Records {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  /** The records of the kinds that were viewed, and the newest revision of each id, including removed records. */
  readonly #loaded = new Map<
    string,
    { readonly records: OrderedMap<HubRecord>; readonly revisions: ReadonlyMap<string, number> }
  >();

  constructor(c: MongoCollections, clock: Clock) {
    this.#c = c;
    this.#clock = clock;
  }

  async #newest(kind: string, id: string): Promise<RevisionDocument | undefined> {
    const [newest] = await this.#c.revisions.find({ kind, id }).sort({ revision: -1 }).limit(1).toArray();
    return newest;
  }

  /** Changes a record. `facts` are stored in its new revision. */
  async change(change: RecordChange, facts: readonly AuditFact[] = []): Promise<void> {
    const { kind, id, expected, neverBefore } = change;
    const newest = await this.#newest(kind, id);
    const present = newest === undefined || newest.document === null ? 0 : newest.revision;
    if (present !== expected) throw stale(kind, id);
    if (neverBefore === true && newest !== undefined) throw idWasUsed(kind, id);
    const revision = (newest?.revision ?? 0) + 1;
    const index = change.document === undefined ? {} : (change.index ?? {});
    const document: RevisionDocument = {
      _id: `${kind}/${id}/${padded(revision)}`,
      kind,
      id,
      revision,
      document: change.document === undefined ? null : JSON.stringify(change.document),
      index: JSON.stringify(index),
      at: new Date(this.#clock.now()),
      ...(facts.length === 0 ? {} : { facts: facts.map((fact) => JSON.stringify(fact)) }),
    };
    if (!(await ignoreDuplicate(this.#c.revisions.insertOne(document)))) throw stale(kind, id);
    await this.#makeCurrent(document, index);
    if (revision % PRUNE_EVERY === 0) {
      await this.#c.revisions.deleteMany({
        kind,
        id,
        revision: { $lte: revision - 2 },
        at: { $lt: new Date(this.#clock.now() - DAY_MS) },
        // Revisions with facts that the audit has not numbered yet are still needed.
        $or: [{ facts: { $exists: false } }, { numbered: true }],
      });
    }
  }

  /**
   * Updates `current` if a process was killed after it inserted a revision. The revision counts in any case, and this
   * makes it appear in lists again.
   */
  async heal(): Promise<void> {
    const revisions = await this.#c.revisions
      .find({})
      .project<Pick<RevisionDocument, '_id' | 'kind' | 'id' | 'revision'>>({ kind: 1, id: 1, revision: 1 })
      .sort({ kind: 1, id: 1, revision: -1 })
      .toArray();
    const current = await this.#c.current
      .find({})
      .project<Pick<CurrentDocument, '_id' | 'revision'>>({ revision: 1 })
      .toArray();
    const listed = new Map(current.map(({ _id, revision }) => [_id, revision]));
    let last = '';
    for (const { _id, kind, id, revision } of revisions) {
      const name = `${kind}/${id}`;
      if (name === last) continue;
      last = name;
      if ((listed.get(name) ?? 0) >= revision) continue;
      const document = await this.#c.revisions.findOne({ _id });
      if (document !== null)
        await this.#makeCurrent(document, JSON.parse(document.index) as Record<string, string>);
    }
  }

  async #makeCurrent(
    { kind, id, revision, document, index }: RevisionDocument,
    keys: Readonly<Record<string, string>>,
  ): Promise<void> {
    const fields = {
      kind,
      id,
      revision,
      document,
      index,
      bytes: document === null ? 0 : Buffer.byteLength(document),
      keys: Object.entries(keys).map(([name, value]) => `${name}=${value}`),
    };
    try {
      await this.#c.current.updateOne(
        { _id: `${kind}/${id}`, revision: { $lt: revision } },
        { $set: fields },
        { upsert: true },
      );
    } catch (error) {
      // A later revision already exists, because its writer was faster.
      if (!isDuplicate(error)) throw error;
    }
  }

  async get(kind: string, id: string): Promise<HubRecord | undefined> {
    const newest = await this.#newest(kind, id);
    return newest === undefined ? undefined : recordOf(newest);
  }

  /**
   * See `Store.forgetRemoved`. The newest revision goes last, so a crash in between leaves the record removed. Revisions
   * with facts that the audit has not numbered yet are left for later.
   */
  async forgetRemoved(kinds: readonly string[], before: number, limit: number): Promise<number> {
    let forgotten = 0;
    // Revisions that cannot be forgotten are skipped. With a limit on the query, enough of them would hide the rest.
    const removed = this.#c.revisions.find({
      kind: { $in: [...kinds] },
      document: null,
      at: { $lt: new Date(before) },
    });
    for await (const { _id, kind, id, revision } of removed) {
      const all = await this.#c.revisions.find({ kind, id }).sort({ revision: 1 }).toArray();
      const isOpen = all.some(({ facts, numbered }) => facts !== undefined && numbered !== true);
      if (isOpen || all.at(-1)?.revision !== revision) continue;
      await this.#c.current.deleteMany({
        _id: `${kind}/${id}`,
        revision: { $lte: revision },
        document: null,
      });
      await this.#c.revisions.deleteMany({ kind, id, revision: { $lt: revision } });
      await this.#c.revisions.deleteMany({ _id });
      if (++forgotten === limit) break;
    }
    return forgotten;
  }

  async wasRemoved(kind: string, id: string): Promise<boolean> {
    return (await this.#newest(kind, id))?.document === null;
  }

  async list(kind: string, query: RecordQuery = {}): Promise<readonly HubRecord[]> {
    const direction = query.newestFirst === true ? -1 : 1;
    if (query.index === undefined && query.limit === undefined && query.after === undefined)
      return this.#listNewest(kind, direction);
    const past =
      query.after === undefined ? {} : { id: direction === 1 ? { $gt: query.after } : { $lt: query.after } };
    const indexed =
      query.index === undefined ? {} : { keys: { $in: [`${query.index.name}=${query.index.value}`] } };
    const filter: Filter<CurrentDocument> = { kind, document: { $ne: null }, ...indexed, ...past };
    const found: HubRecord[] = [];
    const slices = new Slices(this.#clock);
    for await (const row of this.#c.current
      .find(filter)
      .sort({ id: direction })
      .limit(query.limit ?? 0)) {
      const record = recordOf(row);
      if (record !== undefined) found.push(record);
      if (slices.isOver(weightOf(row))) await slices.next();
    }
    return found;
  }

  async usage(kind: string, index?: RecordQuery['index']): Promise<Amount> {
    const indexed = index === undefined ? {} : { keys: { $in: [`${index.name}=${index.value}`] } };
    const rows = await this.#c.current
      .find({ kind, document: { $ne: null }, ...indexed })
      .project<Pick<CurrentDocument, 'bytes'>>({ bytes: 1 })
      .toArray();
    return { items: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) };
  }

  async count(kind: string, index?: RecordQuery['index']): Promise<number> {
    const indexed = index === undefined ? {} : { keys: { $in: [`${index.name}=${index.value}`] } };
    return this.#c.current.countDocuments({ kind, document: { $ne: null }, ...indexed });
  }

  /** Whole lists determine access, so they are read from the revisions themselves, never from derived documents. */
  async #listNewest(kind: string, direction: 1 | -1): Promise<readonly HubRecord[]> {
    const found: HubRecord[] = [];
    const slices = new Slices(this.#clock);
    let last: string | undefined;
    for await (const row of this.#c.revisions.find({ kind }).sort({ id: direction, revision: -1 })) {
      const record = row.id === last ? undefined : recordOf(row);
      last = row.id;
      if (record !== undefined) found.push(record);
      if (slices.isOver(weightOf(row))) await slices.next();
    }
    return found;
  }

  /** See `Store.view`. The numbers of all revisions are read each time, and documents only where they are new. */
  async view(kinds: readonly string[], known?: RecordView): Promise<RecordView> {
    const before = new Map(kinds.map((kind) => [kind, this.#loaded.get(kind)] as const));
    const revisions = new Map(kinds.map((kind) => [kind, new Map<string, number>()] as const));
    const fresh: string[] = [];
    const slices = new Slices(this.#clock);
    const numbers = this.#c.revisions
      .find({ kind: { $in: [...kinds] } })
      .project<Pick<RevisionDocument, '_id' | 'kind' | 'id' | 'revision'>>({ kind: 1, id: 1, revision: 1 })
      .sort({ kind: 1, id: 1, revision: -1 });
    for await (const { _id, kind, id, revision } of numbers) {
      const newest = revisions.get(kind);
      if (newest?.has(id) === false) {
        newest.set(id, revision);
        if (before.get(kind)?.revisions.get(id) !== revision) fresh.push(_id);
      }
      if (slices.isOver(_id.length)) await slices.next();
    }
    const unread = new Set(fresh);
    const drafts = new Map(
      kinds.map((kind) => [kind, new MapDraft(before.get(kind)?.records ?? OrderedMap.of<HubRecord>())]),
    );
    // A record whose revisions are gone was removed so long ago that it was forgotten.
    for (const [kind, newest] of revisions)
      for (const id of before.get(kind)?.records.keys() ?? []) {
        if (!newest.has(id)) drafts.get(kind)?.set(id, undefined);
        if (slices.isOver()) await slices.next();
      }
    for (let at = 0; at < fresh.length; at += READ_AT_ONCE) {
      const rows = this.#c.revisions.find({ _id: { $in: fresh.slice(at, at + READ_AT_ONCE) } });
      for await (const row of rows) {
        drafts.get(row.kind)?.set(row.id, recordOf(row));
        unread.delete(row._id);
        if (slices.isOver(weightOf(row))) await slices.next();
      }
    }
    // A revision that was removed in the meantime, because there are newer ones, is read again next time.
    for (const _id of unread) {
      const [kind = ''] = _id.split('/', 1);
      revisions.get(kind)?.delete(_id.slice(kind.length + 1, _id.lastIndexOf('/')));
    }
    const records = new Map<string, OrderedMap<HubRecord>>();
    for (const [kind, draft] of drafts) {
      const list = draft.done();
      records.set(kind, list);
      this.#loaded.set(kind, { records: list, revisions: revisions.get(kind) ?? new Map() });
    }
    const isKnown = kinds.every((kind) => known?.records.get(kind) === records.get(kind));
    return known !== undefined && isKnown ? known : { records };
  }
}

function weightOf({ document, index }: RevisionDocument | CurrentDocument): number {
  return (document?.length ?? 0) + index.length;
}

function recordOf(document: RevisionDocument | CurrentDocument): HubRecord | undefined {
  if (document.document === null) return undefined;
  return {
    kind: document.kind,
    id: document.id,
    revision: document.revision,
    document: JSON.parse(document.document) as Record<string, unknown>,
    index: JSON.parse(document.index) as Record<string, string>,
  };
}

function stale(kind: string, id: string): Problem {
  return storeErrors.changedMeanwhile({ kind, id });
}
