import type { Directory } from '../../access/directory.ts';
import { COLLECTIONS } from '../../access/model.ts';
import type { Clock, Micros } from '../../kernel/clock.ts';
import { Utilization } from '../../kernel/utilization.ts';
import { holdLease, type HeldLease } from '../../store/held-lease.ts';
import type { Lease, Store } from '../../store/store.ts';
import { newEntries, type NewEntries } from './new-entries.ts';

/** Work that follows collections pauses this many times longer than it works while there is more to do. */
const RESTS = 3;
/** The same while the main thread is busy for more than this part of the time. */
const BUSY = 0.5;
const RESTS_WHEN_BUSY = 15;
/** Time in which the work gives way to a busy main thread. After that, it pauses as usual until it has caught up. */
const PATIENCE_MS = 60_000;
/** Time after which the next collection has its turn, so that one with much to do does not keep the others from being followed. */
const TURN_MS = 5_000;
/** How often in one step a follower may do other work before it takes entries, so that it stays where the others are. */
const MOST_BEFORE = 3;

/** Where a follower is in a collection, and what it does there. */
export interface Position {
  /** Date added of the last entry that it took. */
  readonly after: Micros;
  /** Writes what is derived from the next entries, together with the new position. True if it has to be repeated. */
  readonly take: (entries: NewEntries) => Promise<boolean>;
  /** Does the work that is due when there are no further entries. */
  readonly atEnd?: () => Promise<void>;
}

/**
 * Something that is derived from the entries of collections. Each follower has its own position in each collection and
 * writes under its own lease, so it is built again, and fails, without the others.
 */
export interface Follower {
  /** The lease that one process holds meanwhile. Other processes find nothing to do. */
  readonly lease: { readonly name: string; readonly ttlMs: number };
  /** Does the work that is due before the first collection. */
  readonly begin?: (lease: Lease) => Promise<void>;
  /**
   * Returns the position in a collection. It can do other work instead, such as following removals, and then returns
   * `again`. Undefined if there is nothing to follow.
   */
  readonly position: (collection: string, lease: Lease) => Promise<Position | 'again' | undefined>;
  /** Does the work that is due when all collections were followed up to their newest entries. */
  readonly end?: () => Promise<void>;
  /** Reports that it failed. The other followers continue. */
  readonly failed: (error: unknown) => void;
}

/** The parts that following uses. */
export interface Following {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  /** Stops the work after its current step. */
  readonly ending: AbortSignal;
  /** Measures how busy the main thread is during pauses. */
  readonly utilization?: Pick<Utilization, 'sinceLast'>;
}

/** A follower whose lease is held. */
interface Active {
  readonly follower: Follower;
  readonly held: HeldLease;
}

/**
 * Updates what is derived from the collections up to their newest entries. Followers that are at the same position get
 * the same entries, which are read and parsed once. Three quarters of the time are left to other work. While requests
 * keep the main thread busy, they get more of it for up to a minute: what is derived may be late, and its readers have
 * it updated when they need it.
 *
 * If one follower alone is behind, the others do not wait for it: it is returned, to be followed by itself.
 */
export async function followCollections(
  following: Following,
  followers: readonly Follower[],
): Promise<Follower | undefined> {
  const { directory, ending } = following;
  const held = await begun(following, followers);
  const pace = new Pace(following);
  let active: readonly Active[] = held;
  let straggler: Active | undefined;
  try {
    while (active.length > 0 && !ending.aborted) {
      const behind = new Set<Active>();
      const { collections, deletedCollections } = await directory.current();
      // Data that is derived from a deleted collection must follow the removal of its objects.
      for (const id of [...collections.keys(), ...deletedCollections.keys()]) {
        const turn = pace.turn();
        let more = active;
        while (more.length > 0 && !ending.aborted && !turn.isOver()) {
          const step = await pace.step(() => followStep(following, id, more));
          active = active.filter((one) => !step.ended.has(one) && !one.held.lost.aborted);
          more = step.more.filter((one) => active.includes(one));
          if (more.length > 0) await pace.rest();
          if (more.length === 1 && active.length > 1) break;
        }
        for (const one of more) behind.add(one);
      }
      if (behind.size === 0) break;
      if (behind.size === 1 && active.length > 1) {
        [straggler] = behind;
        break;
      }
    }
    if (!ending.aborted)
      for (const one of active) if (one !== straggler) await attempted(one, () => one.follower.end?.());
    return straggler?.follower;
  } finally {
    await Promise.all(held.map((one) => one.held.release()));
  }
}

/** Follows by itself, and throws if it fails. */
export async function followAlone(following: Following, follower: Follower): Promise<void> {
  const failures: unknown[] = [];
  await followCollections(following, [{ ...follower, failed: (error) => failures.push(error) }]);
  if (failures.length > 0) throw failures[0];
}

/** Gives the next entries to one follower. Returns true if there are more. */
export async function takeNext(
  { store, clock }: Pick<Following, 'store' | 'clock'>,
  collection: string,
  position: Position | 'again' | undefined,
): Promise<boolean> {
  if (typeof position !== 'object') return position === 'again';
  const entries = await newEntries(store, clock, collection, position.after);
  if (entries === undefined) return false;
  return (await position.take(entries)) || entries.more;
}

/** Takes the leases of the followers, as far as no other process holds them, and begins. */
async function begun(
  { store, clock }: Following,
  followers: readonly Follower[],
): Promise<readonly Active[]> {
  const active: Active[] = [];
  await Promise.all(
    followers.map(async (follower) => {
      try {
        const { name, ttlMs } = follower.lease;
        const held = await holdLease(store, clock, name, ttlMs);
        if (held === undefined) return;
        try {
          await follower.begin?.(held.lease);
        } catch (error) {
          await held.release();
          throw error;
        }
        active.push({ follower, held });
      } catch (error) {
        follower.failed(error);
      }
    }),
  );
  return active;
}

/** Does work of a follower. Returns false if it failed. */
async function attempted({ follower }: Active, work: () => Promise<void> | undefined): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    follower.failed(error);
    return false;
  }
}

/** Does one batch of a collection with each follower. Returns those for which there is more, and those that failed. */
async function followStep(
  { store, clock }: Following,
  collection: string,
  active: readonly Active[],
): Promise<{ readonly more: readonly Active[]; readonly ended: ReadonlySet<Active> }> {
  const more: Active[] = [];
  const ended = new Set<Active>();
  const attempt = async (one: Active, work: () => Promise<void>): Promise<void> => {
    if (!(await attempted(one, work))) ended.add(one);
  };
  const places = new Map<Micros, { readonly one: Active; readonly position: Position }[]>();
  const locate = async (one: Active): Promise<void> => {
    for (let i = 0; i < MOST_BEFORE; i++) {
      const position = await one.follower.position(collection, one.held.lease);
      if (position === undefined) return;
      if (position === 'again') continue;
      const group = places.get(position.after) ?? [];
      places.set(position.after, group);
      group.push({ one, position });
      return;
    }
    more.push(one);
  };
  await Promise.all(active.map((one) => attempt(one, () => locate(one))));
  for (const [after, group] of places) {
    let read: Promise<NewEntries | undefined> | undefined;
    const take = async (one: Active, position: Position): Promise<void> => {
      const entries = await (read ??= newEntries(store, clock, collection, after));
      if (entries === undefined) await position.atEnd?.();
      else if ((await position.take(entries)) || entries.more) more.push(one);
    };
    await Promise.all(group.map(({ one, position }) => attempt(one, () => take(one, position))));
  }
  return { more, ended };
}

/** How long the work pauses. */
class Pace {
  readonly #clock: Clock;
  readonly #ending: AbortSignal;
  readonly #utilization: Pick<Utilization, 'sinceLast'>;
  readonly #started: number;
  #took = 0;

  constructor({ clock, ending, utilization = new Utilization() }: Following) {
    this.#clock = clock;
    this.#ending = ending;
    this.#utilization = utilization;
    this.#started = clock.monotonic();
  }

  /** Begins the turn of a collection. */
  turn(): { readonly isOver: () => boolean } {
    const begun = this.#clock.monotonic();
    return { isOver: () => this.#clock.monotonic() - begun >= TURN_MS };
  }

  /** Measures a step. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    const begun = this.#clock.monotonic();
    const result = await work();
    this.#took = this.#clock.monotonic() - begun;
    return result;
  }

  /** Pauses after a step. */
  async rest(): Promise<void> {
    if (this.#took <= 0) return;
    this.#utilization.sinceLast();
    await this.#clock.wait(this.#took * RESTS, this.#ending);
    const isPatient = this.#clock.monotonic() - this.#started < PATIENCE_MS;
    if (isPatient && this.#utilization.sinceLast() > BUSY)
      await this.#clock.wait(this.#took * (RESTS_WHEN_BUSY - RESTS), this.#ending);
  }
}

/** True if the record of a collection was removed, although the directory of this process may still contain it. */
export async function isGone(store: Pick<Store, 'wasRemoved'>, collection: string): Promise<boolean> {
  return store.wasRemoved(COLLECTIONS.kind, collection);
}
