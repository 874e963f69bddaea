import type { CollectionInfo, Snapshot } from '../access/snapshot.ts';
import type { Constituency, Match } from '../members/constituency.ts';
import { concernsOf } from '../stix/observables.ts';
import type { StixObject } from '../stix/types.ts';
import { decidePassing, type Passed } from './passing.ts';

/** A member's own collection that an object is to be placed in, and why. */
export interface Target {
  readonly member: string;
  readonly collection: CollectionInfo;
  readonly match: Match;
  /** The client in whose stead, or beside whom, its national CERT hears of it. */
  readonly client?: string;
}

/**
 * Where an object goes that names these things (sharing.md section 10): to whom it concerns. Who answers for a client hears
 * of it where the client cannot have it (it has no collection, or the object is too strict for clients), and where it
 * wants copies. Policy is not asked for the rest: placement does.
 */
export function targetsOf(
  object: StixObject,
  passed: Passed,
  directory: Snapshot,
  constituency: Constituency,
  now: number,
): readonly Target[] {
  const found = new Map<string, Target>();
  const put = (member: string, match: Match, client?: string): CollectionInfo | undefined => {
    const own = directory.members.get(member)?.collection;
    const collection = own === undefined ? undefined : directory.collections.get(own);
    if (collection !== undefined && !found.has(member))
      found.set(member, { member, collection, match, ...(client === undefined ? {} : { client }) });
    return collection;
  };
  for (const match of constituency.match(concernsOf(object))) {
    const own = put(match.member, match);
    const parent = directory.activeParent(match.member);
    if (parent === undefined) continue;
    const has = own !== undefined && decidePassing(object, passed, own, directory, now).verdict === 'allow';
    if (!has || directory.members.get(parent)?.copies === true) put(parent, match, match.member);
  }
  return [...found.values()];
}

/** Why an object goes to a member, in words. */
export function targetWords({ match, client }: Target): string {
  const what = match.role === 'brand' ? `it abuses the ${match.claim}` : `it concerns ${match.claim}`;
  if (client !== undefined) return `${what} of its client ${client}`;
  return match.role === 'copy' ? `${what}, of which it wants copies` : what;
}
