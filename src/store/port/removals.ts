import type { Micros } from '../../kernel/clock.ts';
import type { SpecVersion } from '../../stix/types.ts';

// Versions that were removed, and which of them a reader may see.

/** A version that was removed from a collection. Clients that poll removals read these. */
export interface Tombstone {
  readonly id: string;
  readonly version: string;
  readonly spec: SpecVersion;
  /** From the same sequence as `added`. The tombstone applies to entries that were added before it. */
  readonly removed: Micros;
}

/**
 * A query for removals that a reader may see. The id of an object that was too strict for a reader can reveal
 * its value. A removal is therefore shown by the same rule as an object: by the level of the removed object.
 */
export interface RemovalQuery {
  readonly collection: string;
  /** Only objects that were removed after this time. 0 means all. */
  readonly after: Micros;
  readonly limit: number;
  /**
   * The strictest rank that is returned. Objects that were removed before ranks were recorded count as the
   * strictest rank that a collection can contain.
   */
  readonly upTo: number;
  /** Stricter removals that the reader could have received as objects: up to a rank, and not before a time. */
  readonly beyond?: { readonly upTo: number; readonly since: Micros };
}

/** The strictest rank that any collection can contain (TLP:AMBER+STRICT). No collection contains TLP:RED. */
const STRICTEST_RANK = 3;

/** All removals, for internal work of the hub only, never for a reader. */
export const ALL_REMOVALS = { upTo: STRICTEST_RANK } as const;

/**
 * Returns the ranks that a query of removals covers, the additional ranks of `beyond`, and whether it covers
 * removals without a rank.
 */
export function removalRanks({ upTo, beyond }: Pick<RemovalQuery, 'upTo' | 'beyond'>): {
  readonly within: readonly number[];
  readonly beyond: readonly number[];
  readonly unranked: boolean;
} {
  const ranks = Array.from({ length: STRICTEST_RANK + 1 }, (_, rank) => rank);
  return {
    within: ranks.filter((rank) => rank <= upTo),
    beyond: ranks.filter((rank) => rank > upTo && rank <= (beyond?.upTo ?? -1)),
    unranked: upTo >= STRICTEST_RANK,
  };
}
