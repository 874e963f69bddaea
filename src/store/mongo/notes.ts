import type { Collection, Filter, OptionalUnlessRequiredId, UpdateFilter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import type { Notes, ReaderNote, ReaderQuery, RefusalNote } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import type { ReaderDocument, RefusalDocument } from './documents.ts';

/**
 * The notes of the ledger. No decision depends on them, so they may be updated in place. If two processes note the same
 * reader at once, the later request wins. At worst, a number is off by one batch.
 */
export class LedgerNotes {
  readonly #c: MongoCollections;

  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(c: MongoCollections, clock: Pick<Clock, 'monotonic'>) {
    this.#c = c;
    this.#clock = clock;
  }

  async add({ readers, refusals }: Notes): Promise<void> {
    for (const note of readers) {
      const { account, collection, kind, filters, seen, cursor, agent, requests, objects } = note;
      const _id = JSON.stringify([account, collection, kind, filters]);
      await put<ReaderDocument>(
        this.#c.readers,
        { _id, ...note },
        { seen: { $lte: seen } },
        { $set: { seen, cursor, agent } },
        { $inc: { requests, objects } },
      );
    }
    for (const note of refusals) {
      const { account, place, code, reason, last, times, agent } = note;
      const _id = JSON.stringify([account, place, code]);
      await put<RefusalDocument>(
        this.#c.refusals,
        { _id, ...note },
        { last: { $lte: last } },
        { $set: { last, reason, agent } },
        { $inc: { times } },
      );
    }
  }

  async readers({ kind, accounts }: ReaderQuery = {}): Promise<readonly ReaderNote[]> {
    const found: ReaderNote[] = [];
    const slices = new Slices(this.#clock);
    const filter: Filter<ReaderDocument> = {
      ...(accounts === undefined ? {} : { account: { $in: [...accounts] } }),
      ...(kind === undefined ? {} : { kind }),
    };
    for await (const note of this.#c.readers.find(filter).sort({ _id: 1 }).project<ReaderNote>({ _id: 0 })) {
      found.push(note);
      if (slices.isOver(note.filters.length + note.agent.length)) await slices.next();
    }
    return found;
  }

  async refusals(limit: number): Promise<readonly RefusalNote[]> {
    return this.#c.refusals
      .find({})
      .sort({ last: -1, _id: 1 })
      .limit(limit)
      .project<RefusalNote>({ _id: 0 })
      .toArray();
  }

  async sweep(refusalsBefore: number): Promise<number> {
    return (await this.#c.refusals.deleteMany({ last: { $lt: refusalsBefore } })).deletedCount;
  }
}

/** Inserts or updates a note. Fields are replaced only if this note is newer. Numbers are always added. */
async function put<D extends { readonly _id: string }>(
  collection: Collection<D>,
  note: D,
  older: Filter<D>,
  newer: UpdateFilter<D>,
  more: UpdateFilter<D>,
): Promise<void> {
  if (await ignoreDuplicate(collection.insertOne(note as OptionalUnlessRequiredId<D>))) return;
  const one = { _id: note._id } as Filter<D>;
  const { matchedCount } = await collection.updateOne({ ...one, ...older }, { ...newer, ...more });
  if (matchedCount === 0) await collection.updateOne(one, more);
}
