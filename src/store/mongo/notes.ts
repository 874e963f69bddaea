import type { Collection, Filter, OptionalUnlessRequiredId, UpdateFilter } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import { Slices } from '../../kernel/slices.ts';
import { MOST_KEY_USES, type KeyUseNote, type Notes, type ReaderNote, type RefusalNote } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import type { KeyUseDocument, ReaderDocument, RefusalDocument } from './documents.ts';

const BATCH = 500;

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

  async add({ readers = [], keyUses = [], refusals = [] }: Notes): Promise<void> {
    for (const note of keyUses) await noteKeyUse(this.#c, note);
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

  async readers(): Promise<readonly ReaderNote[]> {
    const found: ReaderNote[] = [];
    const slices = new Slices(this.#clock);
    for await (const note of this.#c.readers.find({}).sort({ _id: 1 }).project<ReaderNote>({ _id: 0 })) {
      found.push(note);
      if (slices.isOver(note.filters.length + note.agent.length)) await slices.next();
    }
    return found;
  }

  async keyUses(accounts: readonly string[]): Promise<readonly KeyUseNote[]> {
    const found: KeyUseNote[] = [];
    const slices = new Slices(this.#clock);
    const uses = this.#c.keyUses.find({ account: { $in: [...accounts] } }).sort({ _id: 1 });
    for await (const note of uses.project<KeyUseNote>({ _id: 0 })) {
      found.push(note);
      if (slices.isOver(note.key.length + note.agent.length)) await slices.next();
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
    const { deletedCount } = await this.#c.refusals.deleteMany({ last: { $lt: refusalsBefore } });
    return deletedCount + (await this.#sweepKeyUses());
  }

  /** Removes the oldest uses of keys of accounts with too many. */
  async #sweepKeyUses(): Promise<number> {
    const slices = new Slices(this.#clock);
    const uses = this.#c.keyUses.find({}).sort({ account: 1, seen: -1 });
    const old: string[] = [];
    let last = '';
    let count = 0;
    for await (const { _id, account } of uses.project<{ _id: string; account: string }>({ account: 1 })) {
      count = account === last ? count + 1 : 1;
      last = account;
      if (count > MOST_KEY_USES) old.push(_id);
      if (slices.isOver(_id.length)) await slices.next();
    }
    for (let at = 0; at < old.length; at += BATCH)
      await this.#c.keyUses.deleteMany({ _id: { $in: old.slice(at, at + BATCH) } });
    return old.length;
  }
}

/** Notes the use of a key. */
export async function noteKeyUse(
  { keyUses }: Pick<MongoCollections, 'keyUses'>,
  note: KeyUseNote,
): Promise<void> {
  const { account, key, seen, address, agent, requests } = note;
  await put<KeyUseDocument>(
    keyUses,
    { _id: JSON.stringify([account, key]), ...note },
    { seen: { $lte: seen } },
    { $set: { seen, address, agent } },
    { $inc: { requests } },
  );
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
