import type { Clock } from '../../kernel/clock.ts';
import type { MongoCollections } from './database.ts';
import type { TurnDocument } from './documents.ts';
import { readTail } from './horizon.ts';

const BATCH = 500;
/** A text without an entry is removed after this process has seen it untouched for this long, by its own clock. */
const SEEN_MS = 1_800_000;
/** Maximum number of texts without an entry that one process watches. */
const MOST_WATCHED = 100_000;

/**
 * Removes documents that no longer count. The wall clocks of other processes (`at`) only select candidates. The
 * decision to remove one depends on what this process saw at an earlier sweep, by its own monotonic clock. A process
 * whose clock is a day behind writes documents that look old, but none of them is lost.
 */
export class Sweeping {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  #orphans = new Map<string, { at: number; since: number }>();
  readonly #tails = new Map<string, { k: number; since: number }>();

  constructor(c: MongoCollections, clock: Clock) {
    this.#c = c;
    this.#clock = clock;
  }

  async sweep(beforeMs: number): Promise<number> {
    const receipts = await this.#c.receipts.deleteMany({ at: { $lt: beforeMs } });
    const texts = await this.#sweepTexts(new Date(beforeMs));
    await this.#sweepParts(new Date(beforeMs));
    // Each envelope had its own lease, which is never requested again.
    await this.#c.leases.deleteMany({ released: true, name: { $gt: 'envelope/', $lt: 'envelope0' } });
    for (const coll of (await this.#c.turns.distinct('coll')).map(String))
      await this.#sweepTurns(coll, new Date(beforeMs));
    return receipts.deletedCount + texts;
  }

  /** Removes texts that no entry refers to, neither now nor at an earlier sweep, and that were not touched since. */
  async #sweepTexts(before: Date): Promise<number> {
    const now = this.#clock.monotonic();
    const watched = new Map<string, { at: number; since: number }>();
    let swept = 0;
    for (let after = ''; ;) {
      const old = await this.#c.objects
        .find({ _id: { $gt: after }, at: { $lt: before } })
        .project<{ _id: string; at: Date }>({ _id: 1, at: 1 })
        .sort({ _id: 1 })
        .limit(BATCH)
        .toArray();
      const last = old.at(-1);
      if (last === undefined) break;
      after = last._id;
      const named = await this.#c.entries
        .find({ digest: { $in: old.map(({ _id }) => _id) } })
        .project<{ digest: string }>({ digest: 1 })
        .toArray();
      const alive = new Set(named.map(({ digest }) => digest));
      for (const { _id, at } of old) {
        if (alive.has(_id)) continue;
        const seen = this.#orphans.get(_id);
        const since = seen?.at === at.getTime() ? seen.since : now;
        if (now - since >= SEEN_MS) swept += (await this.#c.objects.deleteMany({ _id, at })).deletedCount;
        else if (watched.size < MOST_WATCHED) watched.set(_id, { at: at.getTime(), since });
      }
    }
    this.#orphans = watched;
    return swept;
  }

  /** Removes parts of envelopes whose head was never written or was removed first. */
  async #sweepParts(before: Date): Promise<void> {
    const parts = await this.#c.parts
      .find({ at: { $lt: before } })
      .project<{ envelope: string }>({ envelope: 1 })
      .limit(BATCH)
      .toArray();
    for (const id of new Set(parts.map(({ envelope }) => envelope))) {
      if ((await this.#c.envelopes.findOne({ _id: id })) === null)
        await this.#c.parts.deleteMany({ envelope: id, at: { $lt: before } });
    }
  }

  /**
   * Removes old deciding documents in ascending order. The newest two ranges, documents younger than `before` and those
   * with facts that are not in the audit log yet are kept. Only ranges below the one that was newest at an earlier
   * sweep are removed.
   */
  async #sweepTurns(coll: string, before: Date): Promise<void> {
    const tail = await readTail(this.#c, coll);
    if (tail === undefined) return;
    const now = this.#clock.monotonic();
    const seen = this.#tails.get(coll) ?? { k: tail.begin.k, since: now };
    const isOld = now - seen.since >= SEEN_MS;
    this.#tails.set(coll, isOld ? { k: tail.begin.k, since: now } : seen);
    if (!isOld) return;
    const below = seen.k - 1;
    for (;;) {
      const old = (await this.#c.turns
        .find({ coll, k: { $lt: below } })
        .sort({ k: 1 })
        .limit(BATCH)
        .toArray()) as TurnDocument[];
      const young = old.findIndex((one) => one.at >= before || hasFacts(one));
      const going = (young < 0 ? old : old.slice(0, young)).map(({ _id }) => _id);
      if (going.length > 0) await this.#c.turns.deleteMany({ _id: { $in: going } });
      if (going.length < BATCH) return;
    }
  }
}

function hasFacts(document: TurnDocument): boolean {
  return document.kind === 'end' && document.unnumbered === true;
}
