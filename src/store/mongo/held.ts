import type { HeldHead, HeldObject, HeldQuery, HeldUsage } from '../store.ts';
import type { MongoCollections } from './database.ts';
import { headOf, oldText } from './documents.ts';

/** The objects on hold. */
export class Held {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  /** Stores an object on hold, or replaces it. */
  async keep(item: HeldObject): Promise<void> {
    await this.#c.held.replaceOne(
      { _id: item.id },
      {
        submitter: item.submitter,
        at: item.at,
        waits_for: item.waitsFor,
        document: JSON.stringify({ ...item, text: undefined }),
        owner: item.owner,
        object: item.objectId,
        bytes: Buffer.byteLength(item.text),
        text: item.text,
      },
      { upsert: true },
    );
  }

  /** Removes objects that leave the queue. */
  async release(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.#c.held.deleteMany({ _id: { $in: [...ids] } });
  }

  /** Returns held objects without their texts, oldest first. */
  async list({ submitter, waitsFor, objectId, after, limit }: HeldQuery): Promise<readonly HeldHead[]> {
    const rows = await this.#c.held
      .find(
        {
          ...(waitsFor === undefined ? {} : { waits_for: waitsFor }),
          ...(submitter === undefined ? {} : { submitter }),
          ...(objectId === undefined ? {} : { object: objectId }),
          ...(after === undefined
            ? {}
            : { $or: [{ at: { $gt: after.at } }, { at: after.at, _id: { $gt: after.id } }] }),
        },
        { projection: { text: 0 } },
      )
      .sort({ at: 1, _id: 1 })
      .limit(limit)
      .toArray();
    return rows.map((row) => headOf(row));
  }

  async get(id: string): Promise<HeldObject | undefined> {
    const found = await this.#c.held.findOne({ _id: id });
    return found === null ? undefined : { ...headOf(found), text: found.text ?? oldText(found) };
  }

  async usage(owner: string, most: number): Promise<HeldUsage> {
    const rows = await this.#c.held
      .find({ owner }, { projection: { bytes: 1 } })
      .limit(most)
      .toArray();
    return { objects: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) };
  }
}
