import { NO_VERSION } from '../../stix/timestamps.ts';
import type { HeldObject, Store } from '../../store/store.ts';
import type { Outcome } from './outcome.ts';

/** What one owner, a member or a feed, may have in the review queue. */
export interface HeldLimits {
  readonly objects: number;
  /** Of the texts of its objects. */
  readonly bytes: number;
}

/** Objects beyond the limit that are looked up, since they may wait already. */
const MOST_LOOKED_UP = 1_000;

export const HELD_LIMITS: HeldLimits = { objects: 2_000, bytes: 64 * 1_048_576 };

/**
 * The ids of those objects for which the review queue has room, in their order. An object that waits already is one of them:
 * it takes the place that it has. Two submissions at once may each find the last place free.
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

/** The outcome of an object for which the queue has no room. */
export function queueFull(id: string, version: string, { objects, bytes }: HeldLimits): Outcome {
  return {
    id,
    version: version === '' ? NO_VERSION : version,
    kind: 'refused',
    message: `review-queue-full: the object needs a review, but your review queue is full (at most ${objects} objects and ${Math.floor(bytes / 1_048_576)} MiB); send it again when the hub's analysts have decided about earlier ones`,
  };
}
