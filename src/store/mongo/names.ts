import { nameBounds, nameOf, nameText, type Name, type NameQuery } from '../store.ts';
import { insertMissing, type MongoCollections } from './database.ts';

/** Maximum number of ranges per command. */
const MOST_BOUNDS = 250;

/**
 * Values by which entries are found. Each is a document that consists only of its `_id`. They are derived, so no
 * decision depends on them.
 */
export class Names {
  readonly #c: MongoCollections;

  constructor(c: MongoCollections) {
    this.#c = c;
  }

  async change(added: readonly Name[], stale: readonly Name[]): Promise<void> {
    const lines = [...new Set(added.map(nameText))];
    if (lines.length > 0) {
      await insertMissing(
        this.#c.names,
        lines.map((_id) => ({ _id })),
      );
    }
    if (stale.length > 0) await this.#c.names.deleteMany({ _id: { $in: stale.map(nameText) } });
  }

  async find(query: NameQuery): Promise<readonly Name[]> {
    const bounds = nameBounds(query);
    const found: Name[] = [];
    // In their order, a limited number per command. A query over many collections needs several commands.
    for (let i = 0; i < bounds.length && found.length < query.limit; i += MOST_BOUNDS) {
      const some = bounds.slice(i, i + MOST_BOUNDS);
      const rows = await this.#c.names
        .find({ $or: some.map(({ low, high }) => ({ _id: { $gt: low, $lt: high } })) })
        .sort({ _id: 1 })
        .limit(query.limit - found.length)
        .toArray();
      found.push(...rows.map(({ _id }) => nameOf(_id)));
    }
    return found;
  }
}
