import type { Clock } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { Lease } from '../store.ts';
import { ignoreDuplicate, type MongoCollections } from './database.ts';
import { padded, type LeaseDocument } from './documents.ts';
import { storeErrors } from '../errors.ts';

/**
 * Maximum number of other processes' leases that are watched. The one that was watched first is dropped for another.
 */
const MOST_WATCHED = 10_000;

/**
 * Leases with fencing numbers. The holder increments a beat. A process that wants the lease watches the beat by its own
 * monotonic clock. If the beat does not change for the time to live, it takes over by inserting the next fence.
 */
export class Leases {
  readonly #c: MongoCollections;
  readonly #clock: Clock;
  readonly #watched = new Map<string, { fence: number; beat: number; since: number }>();
  /** The times until which the leases of this process are valid, by its own clock. */
  readonly #until = new Map<string, { fence: number; until: number }>();
  readonly #most: number;

  constructor(c: MongoCollections, clock: Clock, most = MOST_WATCHED) {
    this.#most = most;
    this.#c = c;
    this.#clock = clock;
  }

  async #newest(name: string): Promise<LeaseDocument | undefined> {
    const [newest] = await this.#c.leases.find({ name }).sort({ fence: -1 }).limit(1).toArray();
    return newest;
  }

  async take(name: string, ttlMs: number): Promise<Lease | undefined> {
    const newest = await this.#newest(name);
    const now = this.#clock.monotonic();
    if (newest !== undefined && !newest.released) {
      const seen = this.#watched.get(name);
      if (seen === undefined || seen.fence !== newest.fence || seen.beat !== newest.beat) {
        const [first] = this.#watched.keys();
        if (seen === undefined && this.#watched.size >= this.#most && first !== undefined)
          this.#watched.delete(first);
        this.#watched.set(name, { fence: newest.fence, beat: newest.beat, since: now });
        return undefined;
      }
      if (now - seen.since < newest.ttl) return undefined;
    }
    const fence = (newest?.fence ?? 0) + 1;
    const taken = await ignoreDuplicate(
      this.#c.leases.insertOne({
        _id: `${name}/${padded(fence)}`,
        name,
        fence,
        beat: 0,
        ttl: ttlMs,
        released: false,
      }),
    );
    if (!taken) return undefined;
    this.#watched.delete(name);
    const lease = { name, fence };
    this.#until.set(name, { fence, until: now + ttlMs });
    if (fence > 2) await this.#c.leases.deleteMany({ name, fence: { $lte: fence - 2 } });
    return lease;
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const asked = this.#clock.monotonic();
    const newest = await this.#newest(lease.name);
    if (newest === undefined || newest.fence !== lease.fence || newest.released) return false;
    await this.#c.leases.updateOne({ _id: newest._id }, { $set: { beat: newest.beat + 1, ttl: ttlMs } });
    this.#until.set(lease.name, { fence: lease.fence, until: asked + ttlMs });
    return true;
  }

  async release(lease: Lease): Promise<void> {
    if (this.#until.get(lease.name)?.fence === lease.fence) this.#until.delete(lease.name);
    await this.#c.leases.updateOne(
      { _id: `${lease.name}/${padded(lease.fence)}` },
      { $set: { released: true } },
    );
  }

  /** Checks a lease with the store. Throws if another process holds it now. */
  async check(lease: Lease): Promise<void> {
    const newest = await this.#newest(lease.name);
    if (newest === undefined || newest.fence !== lease.fence || newest.released || !this.holds(lease))
      throw leaseLost(lease.name);
  }

  /**
   * Checks a lease by this process's clock. Returns false if the time to live has passed since the last renewal was
   * requested. A process that was suspended therefore notices as soon as it resumes, before it writes anything.
   */
  holds({ name, fence }: Lease): boolean {
    const own = this.#until.get(name);
    return own !== undefined && own.fence === fence && this.#clock.monotonic() < own.until;
  }
}

export function leaseLost(what: string): Problem {
  return storeErrors.leaseLost({ what });
}
