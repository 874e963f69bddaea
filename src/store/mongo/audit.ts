import {
  auditHash,
  auditKeysOf,
  type AuditEntry,
  type AuditFact,
  type AuditOrder,
  type AuditPart,
  type AuditStart,
} from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import { padded, type AuditDocument, type EndDocument } from './documents.ts';

/** Maximum number of documents whose facts are numbered in one pass. */
const BATCH = 200;
/** The document that records where the log begins. No entry has this number. */
const START = padded(0);

/**
 * The hash chain of the audit log. A fact is stored in the document that makes the change: a revision, the end of a
 * range of entries, or a document of its own. It gets its number later, when the next link is inserted. A process first
 * reads the tail, then checks whether the fact is already in the chain, then inserts a link after that tail. If two
 * processes do this at once, one finds the number in use and checks again.
 */
export class Audit {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  async read(from: number, limit: number, order: AuditOrder): Promise<readonly AuditEntry[]> {
    const links = await this.#c.audit
      .find({ _id: beyond(from, order) })
      .sort({ _id: DIRECTION[order] })
      .limit(limit)
      .toArray();
    return links.map(entryOf);
  }

  async readBy(keys: readonly string[], from: number, limit: number, order: AuditOrder): Promise<AuditPart> {
    // This is read first, so that an entry that is indexed in between is missed by neither query.
    const missing = await this.#firstUnindexed(from, order);
    const isRising = order === 'oldest';
    const end = missing === undefined ? {} : { [isRising ? '$lt' : '$gt']: missing._id };
    const links = await this.#c.audit
      .find({ keys: { $in: [...keys] }, _id: { ...beyond(from, order), ...end } })
      .sort({ _id: DIRECTION[order] })
      .limit(limit)
      .toArray();
    const part = { entries: links.map(entryOf) };
    if (missing === undefined) return part;
    const { seq } = missing;
    return { ...part, unindexedFrom: isRising ? Math.max(from, seq - 1) : Math.min(from, seq + 1) };
  }

  async index(limit: number): Promise<number> {
    const links = await this.#unindexed(limit);
    for (const { _id, fact } of links)
      await this.#c.audit.updateOne({ _id }, { $set: { keys: auditKeysOf(JSON.parse(fact) as AuditFact) } });
    return links.length;
  }

  /** The first entries without index keys, which the index finds like a value. */
  #unindexed(limit: number): Promise<readonly AuditDocument[]> {
    return this.#c.audit
      .find({ keys: { $exists: false } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
  }

  /** The first entry beyond a number, in this order, that has no index keys. */
  async #firstUnindexed(from: number, order: AuditOrder): Promise<AuditDocument | undefined> {
    const [missing] = await this.#c.audit
      .find({ keys: { $exists: false }, _id: beyond(from, order) })
      .sort({ _id: DIRECTION[order] })
      .limit(1)
      .toArray();
    return missing;
  }

  async head(): Promise<AuditEntry | undefined> {
    const tail = await this.#tail();
    return tail === undefined ? undefined : entryOf(tail);
  }

  async start(): Promise<AuditStart | undefined> {
    const found = await this.#c.audit.findOne({ _id: START });
    return found === null ? undefined : { seq: found.seq, hash: found.hash };
  }

  /** The place from which the chain continues is stored first, so a crash in between only leaves entries to remove. */
  async trim(upTo: number, limit: number): Promise<number> {
    const newest = (await this.#tail())?.seq ?? 0;
    const most = Math.min(upTo, newest - 1);
    if (most < 1) return 0;
    const links = await this.#c.audit
      .find({ _id: { $gt: START, $lte: padded(most) } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    const last = links.at(-1);
    if (last === undefined) return 0;
    const { seq, hash } = last;
    if (seq > ((await this.start())?.seq ?? 0))
      await this.#c.audit.replaceOne(
        { _id: START },
        { seq, fact_id: 'start', fact: '{}', hash, keys: [] },
        { upsert: true },
      );
    await this.#c.audit.deleteMany({ _id: { $in: links.map(({ _id }) => _id) } });
    return links.length;
  }

  /** Stores facts that belong to no record. */
  async keep(facts: readonly AuditFact[]): Promise<void> {
    const [first] = facts;
    if (first === undefined) return;
    await ignoreDuplicate(
      this.#c.facts.insertOne({
        _id: first.id,
        facts: facts.map((fact) => JSON.stringify(fact)),
        at: new Date(first.at),
      }),
    );
  }

  async number(): Promise<number> {
    const open = { facts: { $exists: true }, numbered: { $ne: true } } as const;
    const [revisions, alone, ends] = await Promise.all([
      this.#c.revisions.find(open).sort({ at: 1 }).limit(BATCH).toArray(),
      this.#c.facts.find(open).sort({ at: 1 }).limit(BATCH).toArray(),
      this.#c.turns.find({ unnumbered: true }).sort({ at: 1 }).limit(BATCH).toArray(),
    ]);
    let numbered = 0;
    const waiting = [
      ...revisions.map((document) => ({ document, from: 'revisions' as const })),
      ...alone.map((document) => ({ document, from: 'facts' as const })),
      ...(ends as EndDocument[]).map((document) => ({ document, from: 'turns' as const })),
    ].toSorted((a, b) => a.document.at.getTime() - b.document.at.getTime());
    for (const { document, from } of waiting) {
      for (const text of document.facts ?? []) if (await this.#link(text)) numbered++;
      const one = { _id: document._id };
      if (from === 'turns') await this.#c.turns.updateOne(one, { $set: { facts: [], unnumbered: false } });
      else if (from === 'revisions') await this.#c.revisions.updateOne(one, { $set: { numbered: true } });
      else await this.#c.facts.deleteMany(one);
    }
    return numbered;
  }

  async #link(text: string): Promise<boolean> {
    const fact = JSON.parse(text) as AuditFact;
    for (;;) {
      const tail = await this.#tail();
      if ((await this.#c.audit.findOne({ fact_id: fact.id })) !== null) return false;
      const seq = (tail?.seq ?? 0) + 1;
      const link: AuditDocument = {
        _id: padded(seq),
        seq,
        fact_id: fact.id,
        fact: text,
        hash: auditHash(tail?.hash ?? '', fact),
        keys: auditKeysOf(fact),
      };
      if (await ignoreDuplicate(this.#c.audit.insertOne(link))) return true;
    }
  }

  async #tail(): Promise<AuditDocument | undefined> {
    const [tail] = await this.#c.audit
      .find({ _id: { $gt: START } })
      .sort({ _id: -1 })
      .limit(1)
      .toArray();
    return tail;
  }
}

const DIRECTION: Readonly<Record<AuditOrder, 1 | -1>> = { oldest: 1, newest: -1 };

/** A condition for ids of entries beyond a number. The document that records where the log begins is never one of them. */
function beyond(from: number, order: AuditOrder): { readonly $gt: string; readonly $lt?: string } {
  return order === 'oldest' ? { $gt: padded(from) } : { $gt: START, $lt: padded(from) };
}

function entryOf({ seq, fact, hash }: AuditDocument): AuditEntry {
  return { seq, fact: JSON.parse(fact) as AuditFact, hash };
}
