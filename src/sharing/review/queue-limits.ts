import pLimit from 'p-limit';
import { NO_VERSION } from '../../stix/timestamps.ts';
import type { HeldObject, Store } from '../../store/store.ts';
import type { Outcome } from '../intake/outcome.ts';

/** The limits of one owner (a member or a feed) in the review queue. */
export interface HeldLimits {
  readonly objects: number;
  /** The total size of the object texts. */
  readonly bytes: number;
}

/** Maximum number of objects beyond the limit that are looked up, because they may already be in the queue. */
const MOST_LOOKED_UP = 1_000;

export const HELD_LIMITS: HeldLimits = { objects: 2_000, bytes: 64 * 1_048_576 };

/** The objects for which the review queue has room. */
export interface Reserved {
  readonly ids: ReadonlySet<string>;
  /** Gives the places back, once the objects are in the store or were not written. */
  readonly release: () => void;
}

/** Gives the places of the review queue to simultaneous submissions of this process, so that none is given twice. */
export class QueueRoom {
  readonly #store: Pick<Store, 'heldUsage' | 'heldObject'>;
  readonly #limits: HeldLimits;
  readonly #inTurn = pLimit(1);
  /** Objects with a place that are not in the store yet, by owner. */
  readonly #working = new Map<string, HeldLimits>();

  constructor(store: Pick<Store, 'heldUsage' | 'heldObject'>, limits: HeldLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /**
   * Reserves places for objects, in their order. An object that is already in the queue needs no further place,
   * because it keeps its own.
   */
  async reserve(items: readonly HeldObject[]): Promise<Reserved> {
    if (items.length === 0) return { ids: new Set(), release: () => undefined };
    const { ids, beyond, taken } = await this.#inTurn(() => this.#take(items));
    const release = (): void => {
      for (const [owner, amount] of taken)
        this.#add(owner, { objects: -amount.objects, bytes: -amount.bytes });
    };
    try {
      for (const id of beyond.slice(0, MOST_LOOKED_UP))
        if ((await this.#store.heldObject(id)) !== undefined) ids.add(id);
    } catch (error) {
      release();
      throw error;
    }
    return { ids, release };
  }

  async #take(items: readonly HeldObject[]): Promise<{
    readonly ids: Set<string>;
    readonly beyond: readonly string[];
    readonly taken: ReadonlyMap<string, HeldLimits>;
  }> {
    // Reserved places are read before the store. An object that is stored in between counts twice, but is never missed.
    const working = new Map(this.#working);
    const used = new Map<string, HeldLimits>();
    const taken = new Map<string, HeldLimits>();
    const ids = new Set<string>();
    const beyond: string[] = [];
    for (const { id, owner, text } of items) {
      if (ids.has(id)) continue;
      let usage = used.get(owner);
      usage ??= sum(await this.#store.heldUsage(owner, this.#limits.objects), working.get(owner));
      const own = { objects: 1, bytes: Buffer.byteLength(text) };
      if (usage.objects < this.#limits.objects && usage.bytes + own.bytes <= this.#limits.bytes) {
        usage = sum(usage, own);
        taken.set(owner, sum(own, taken.get(owner)));
        ids.add(id);
      } else beyond.push(id);
      used.set(owner, usage);
    }
    for (const [owner, amount] of taken) this.#add(owner, amount);
    return { ids, beyond, taken };
  }

  #add(owner: string, amount: HeldLimits): void {
    const now = sum(amount, this.#working.get(owner));
    if (now.objects === 0) this.#working.delete(owner);
    else this.#working.set(owner, now);
  }
}

function sum(a: HeldLimits, b: HeldLimits = { objects: 0, bytes: 0 }): HeldLimits {
  return { objects: a.objects + b.objects, bytes: a.bytes + b.bytes };
}

/** Returns the outcome of an object for which the queue has no room. */
export function queueFull(id: string, version: string, { objects, bytes }: HeldLimits): Outcome {
  return {
    id,
    version: version === '' ? NO_VERSION : version,
    kind: 'refused',
    message: `review-queue-full: the object needs a review, but your review queue is full (at most ${objects} objects and ${Math.floor(bytes / 1_048_576)} MiB); send it again after the hub's analysts have decided on earlier objects`,
  };
}
