import type { Match } from '../members/constituency.ts';
import { texts, type StixObject } from '../stix/types.ts';
import { isObservable } from '../stix/versions.ts';

/** How a member hears of something: at once, with the next digest, or only where it looks by itself. */
export type Level = 'critical' | 'digest' | 'silent';

const URGENT = /^(?:severity:)?(?:critical|high)$/i;
/** What is there for others to be read with: nobody is told of it by itself. */
const BESIDE = new Set(['identity', 'marking-definition', 'relationship', 'location', 'extension-definition', 'language-content']); // prettier-ignore

/**
 * The level of an object for a member (sharing.md section 10): at once, what is urgent and certainly his; silent, what may concern
 * him by his country or sector only. What somebody has shared with him by hand, or he reads otherwise, comes with the digest.
 */
export function levelOf(object: StixObject, match: Match | undefined): Level {
  if (BESIDE.has(String(object['type'])) || isObservable(object)) return 'silent';
  if (match === undefined) return 'digest';
  if (match.strength === 'weak') return 'silent';
  const isUrgent = texts(object, 'labels').some((label) => URGENT.test(label));
  return isUrgent && match.role !== 'copy' ? 'critical' : 'digest';
}
