import { isInReach } from '../../access/keys/limits.ts';
import { memberOf, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { FormerCollection, SavedListRecord } from './model.ts';

// The hub decides here who may read a saved list. Its content, its numbers, its removals and the notices about it follow
// this one decision.

type Joined = Pick<SavedListRecord, 'collections' | 'former'>;

/** True while the published values or the removals of a list can contain values of a former collection. */
export function isPresent({ until }: FormerCollection, now: number): boolean {
  return until === undefined || until > now;
}

/** Returns the collections whose values the published list and its removals can contain. */
export function sourcesOf({ collections, former = [] }: Joined, now: number): readonly string[] {
  const recent = former.filter((one) => isPresent(one, now)).map(({ collection }) => collection);
  return [...new Set([...collections, ...recent])];
}

/** True for a caller who may read every collection whose values a list and its removals can contain. */
function readsAll(directory: Snapshot, principal: Principal, joined: Joined, now: number): boolean {
  const sources = sourcesOf(joined, now);
  const settled = (joined.former ?? []).flatMap(({ collection, until }) =>
    until === undefined ? [] : [collection],
  );
  return (
    sources.length > 0 &&
    sources.every((id) => {
      const collection = directory.collections.get(id);
      if (collection !== undefined) return directory.rights(principal, collection).read;
      // Nobody can get a right on a collection that was deleted, and the list must be readable again once its values have
      // left. The limits of keys still count.
      return settled.includes(id) && isInReach(principal, id);
    })
  );
}

/**
 * True for a caller who may know how many values a list has and when it changed. Officers see lists of collections that
 * they can no longer read.
 */
export function mayCount(directory: Snapshot, principal: Principal, joined: Joined, now: number): boolean {
  return can(principal, 'hub.read', { kind: 'hub' }) || readsAll(directory, principal, joined, now);
}

/**
 * True for a caller who may know which rule no longer permits a value: it can be a claim of a member that others do not
 * see.
 */
export function mayKnowRules(principal: Principal): boolean {
  return memberOf(principal) === 'hub';
}

/** True for a caller who may read a list. Lists of a member are for that member and the hub. */
export function mayRead(
  directory: Snapshot,
  principal: Principal,
  list: Joined & Pick<SavedListRecord, 'owner'>,
  now: number,
): boolean {
  const read = readsAll(directory, principal, list, now);
  return can(principal, 'list.read', { kind: 'list', owner: list.owner, read });
}
