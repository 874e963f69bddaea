import type { AnyBulkWriteOperation } from 'mongodb';
import type { Clock } from '../../kernel/clock.ts';
import { deriveFlags } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import { padded, type BeginDocument, type EntryDocument } from './documents.ts';
import { horizonOf, outsideDeadRanges, type Tail } from './horizon.ts';

/** The flags that an entry should have. */
export interface FlagUpdate {
  readonly _id: string;
  readonly newest: boolean;
  readonly oldest: boolean;
  readonly old_spec: boolean;
}

/** Settling: after a range has ended, the documents that are derived from it are updated. */
export class Settling {
  readonly #c: MongoCollections;
  readonly #clock: Clock;

  constructor(c: MongoCollections, clock: Clock) {
    this.#c = c;
    this.#clock = clock;
  }

  /** Settles a range that its writer did not settle. Repeating this is harmless. */
  async other(tail: Tail): Promise<void> {
    const { coll, k } = tail.begin;
    if (tail.outcome === 'dead') await this.clean(coll, [k]);
    else {
      const horizon = horizonOf(tail);
      const added = await this.#c.entries
        .find({ coll, turn: k })
        .project<{ id: string }>({ id: 1 })
        .toArray();
      const removed = await this.#c.tombstones.find({ coll, turn: k }).toArray();
      const ids = [...new Set([...added, ...removed].map(({ id }) => id))];
      const rows = await this.#c.entries
        .find({ coll, id: { $in: ids }, added: { $lte: horizon.bound }, ...outsideDeadRanges(horizon.dead) })
        .toArray();
      const isGone = (entry: EntryDocument): boolean =>
        removed.some(
          (t) =>
            t.id === entry.id &&
            t.instant === entry.instant &&
            t.spec === entry.spec &&
            entry.added < t.removed,
        );
      const gone = rows.filter(isGone).map(({ _id }) => _id);
      const updates = ids.flatMap((id) => {
        const here = rows.filter((entry) => entry.id === id && !isGone(entry));
        return deriveFlags(here).map((flags, i) => ({
          _id: here[i]?._id ?? '',
          newest: flags.newest,
          oldest: flags.oldest,
          old_spec: flags.oldSpec,
        }));
      });
      await this.setFlags(k, updates);
      if (gone.length > 0) await this.#c.entries.deleteMany({ _id: { $in: gone } });
    }
    await this.done(tail.begin);
  }

  /** Removes what was written in dead ranges. Readers ignore it anyway, so this is only housekeeping. */
  async clean(coll: string, dead: readonly number[]): Promise<void> {
    await this.#c.entries.deleteMany({ coll, turn: { $in: [...dead] } });
    await this.#c.tombstones.deleteMany({ coll, turn: { $in: [...dead] } });
  }

  /** Updates derived fields only. A late settler must not undo the work of a later range. */
  async setFlags(k: number, updates: readonly FlagUpdate[]): Promise<void> {
    if (updates.length === 0) return;
    const operations: AnyBulkWriteOperation<EntryDocument>[] = updates.map(
      ({ _id, newest, oldest, old_spec }) => ({
        updateOne: {
          filter: { _id, flags_turn: { $lte: k } },
          update: { $set: { newest, oldest, old_spec, flags_turn: k } },
        },
      }),
    );
    await this.#c.entries.bulkWrite(operations, { ordered: false });
  }

  async done({ coll, k }: BeginDocument): Promise<void> {
    await ignoreDuplicate(
      this.#c.turns.insertOne({
        _id: `settled/${coll}/${padded(k)}`,
        kind: 'settled',
        coll,
        k,
        at: new Date(this.#clock.now()),
      }),
    );
  }
}
