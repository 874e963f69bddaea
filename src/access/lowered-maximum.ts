import { rankOf } from '../stix/markings.ts';
import type { CollectionRecord } from './model.ts';

/** The maximum TLP of a collection that does not set one. */
export const USUAL_MAXIMUM = 'amber+strict';

/**
 * Returns what the record of a collection keeps after its maximum TLP changed: the strictest TLP that it may still contain
 * after the maximum was lowered. The collection keeps this value until the stricter objects are removed, so no reader gets
 * access before that.
 */
export function levelsAfter(
  before: CollectionRecord | undefined,
  { max_tlp: max = USUAL_MAXIMUM }: Pick<CollectionRecord, 'max_tlp'>,
): Pick<CollectionRecord, 'tallest' | 'lowered_at'> {
  const stood = before?.tallest ?? before?.max_tlp ?? (before === undefined ? max : USUAL_MAXIMUM);
  if (rankOf(stood) > rankOf(max)) return { tallest: stood };
  return before?.lowered_at === undefined ? {} : { lowered_at: before.lowered_at };
}

/** True if a collection may contain less than before, so that the hub removes the stricter objects. */
export function lowersMaximum(
  before: Pick<CollectionRecord, 'max_tlp'>,
  after: Pick<CollectionRecord, 'max_tlp'>,
): boolean {
  return rankOf(after.max_tlp ?? USUAL_MAXIMUM) < rankOf(before.max_tlp ?? USUAL_MAXIMUM);
}
