import { createHash } from 'node:crypto';
import type { Filter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import { idWasUsed, type AuditFact, type HubRecord, type RecordChange, type RecordQuery } from '../store.ts';
import { ignoreDuplicate, isDuplicate, type MongoCollections } from './database.ts';
import { padded, type CurrentDocument, type RevisionDocument } from './documents.ts';

const DAY_MS = 86_400_000;
/** Number of changes of a record between two searches for its old revisions. */
const PRUNE_EVERY = 32;

/** Hub records. Each revision is inserted as a document. `current` is derived from the revisions, for lists. */
export class Records {
  readonly #c: MongoCollections;
  readonly #clock: Clock;

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
    const found = await this.#c.current
      .find(filter)
      .sort({ id: direction })
      .limit(query.limit ?? 0)
      .toArray();
    return found.flatMap((document) => recordOf(document) ?? []);
  }

  async count(kind: string, index?: RecordQuery['index']): Promise<number> {
    const indexed = index === undefined ? {} : { keys: { $in: [`${index.name}=${index.value}`] } };
    return this.#c.current.countDocuments({ kind, document: { $ne: null }, ...indexed });
  }

  /** Whole lists decide about access, so they are read from the revisions themselves, never from derived documents. */
  async #listNewest(kind: string, direction: 1 | -1): Promise<readonly HubRecord[]> {
    const revisions = await this.#c.revisions.find({ kind }).sort({ id: direction, revision: -1 }).toArray();
    const seen = new Set<string>();
    return revisions.flatMap((revision) => {
      if (seen.has(revision.id)) return [];
      seen.add(revision.id);
      return recordOf(revision) ?? [];
    });
  }

  async mark(kinds: readonly string[]): Promise<string> {
    const ids = await this.#c.revisions
      .find({ kind: { $in: [...kinds] } })
      .project<{ _id: string }>({ _id: 1 })
      .sort({ _id: 1 })
      .toArray();
    return createHash('sha256')
      .update(ids.map(({ _id }) => _id).join('\n'))
      .digest('base64url');
  }
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
  return new Problem('conflict', `The ${kind} ${id} was changed by somebody else`, {
    hint: 'Read it again and repeat the change.',
    code: 'TLN-S-409',
  });
}
