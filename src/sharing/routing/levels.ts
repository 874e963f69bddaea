import type { Match } from '../../members/constituency.ts';
import { texts, type StixObject } from '../../stix/types.ts';
import { isObservable } from '../../stix/versions.ts';

/** How a member is notified of an object: at once, with the next digest, or not at all. */
export type Level = 'critical' | 'digest' | 'silent';

const URGENT = /^(?:severity:)?(?:critical|high)$/i;
/** Types that only support other objects. On their own they cause no notification. */
const BESIDE = new Set(['identity', 'marking-definition', 'relationship', 'location', 'extension-definition', 'language-content']); // prettier-ignore

/**
 * Returns the notification level of an object for a member. Supporting types and observables are silent, and so are
 * objects that match only by country or sector. Urgent objects with a strong match of the member's own, not only as a
 * copy, are critical. All others come with the digest, including objects that were shared by hand.
 */
export function levelOf(object: StixObject, match: Match | undefined): Level {
  if (BESIDE.has(String(object['type'])) || isObservable(object)) return 'silent';
  if (match === undefined) return 'digest';
  if (match.strength === 'weak') return 'silent';
  const isUrgent = texts(object, 'labels').some((label) => URGENT.test(label));
  return isUrgent && match.role !== 'copy' ? 'critical' : 'digest';
}
