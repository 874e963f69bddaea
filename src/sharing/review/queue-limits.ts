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

/**
 * Returns the ids of the objects for which the review queue has room, in their order. An object that is
 * already in the queue counts as one of them, because it keeps its place. Two simultaneous submissions may
 * both find the last place free.
 */
export async function roomFor(
  items: readonly HeldObject[],
  store: Pick<Store, 'heldUsage' | 'heldObject'>,
  limits: HeldLimits,
): Promise<ReadonlySet<string>> {
  const room = new Set<string>();
  let lookedUp = 0;
  const used = new Map<string, { objects: number; bytes: number }>();
  for (const { id, owner, text } of items) {
    if (room.has(id)) continue;
    let usage = used.get(owner);
    if (usage === undefined) used.set(owner, (usage = { ...(await store.heldUsage(owner, limits.objects)) }));
    const bytes = Buffer.byteLength(text);
    if (usage.objects < limits.objects && usage.bytes + bytes <= limits.bytes) {
      usage.objects++;
      usage.bytes += bytes;
      room.add(id);
    } else if (++lookedUp <= MOST_LOOKED_UP && (await store.heldObject(id)) !== undefined) room.add(id);
  }
  return room;
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
