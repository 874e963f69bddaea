import { isHubAnalyst, memberOf } from '../../access/principal.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { text, type StixObject } from '../../stix/types.ts';
import type { EntryFacts } from '../../store/store.ts';
import type { Actor } from './actor.ts';

/**
 * This file is the only place that determines the owner of an object: the member of the authenticated
 * submitter. The creator that an object names never decides that, because anybody can write `created_by_ref`.
 * An object that names another member as its creator is *relayed*: it belongs to its submitter and acts in
 * nobody's name.
 */

/** The creator that an object names, in relation to its owner. */
export interface Naming {
  /** The identity that the object names as its creator, if it is not an identity of its owner. */
  readonly creator?: string;
  /** The identity that the object names as its creator, if it is an identity of its owner. */
  readonly claims?: string;
}

/** Returns the owner of everything that an actor submits. */
export function ownerOf(actor: Actor): string {
  if (actor.kind === 'feed') return `feed:${actor.name}`;
  return actor.onBehalfOf ?? memberOf(actor.principal);
}

/**
 * Returns the identity in whose name an object is submitted: its creator. An identity object that is bound to
 * a member names itself.
 */
function namedBy(object: StixObject, { memberByIdentity }: Snapshot): string | undefined {
  const id = String(object['id']);
  return object['type'] === 'identity' && memberByIdentity.has(id) ? id : text(object, 'created_by_ref');
}

/** Returns true for an identity object whose id the hub has bound to a member other than its owner. */
export function isIdentityOfAnother(
  object: StixObject,
  owner: string,
  { memberByIdentity }: Snapshot,
): boolean {
  if (object['type'] !== 'identity') return false;
  const member = memberByIdentity.get(String(object['id']));
  return member !== undefined && member !== owner;
}

/** Returns true for hub staff who act for the hub itself. */
export function isHubStaff(actor: Actor): boolean {
  return actor.kind === 'account' && actor.onBehalfOf === undefined && isHubAnalyst(actor.principal);
}

/** Returns how an object of `owner` names its creator. Feeds name themselves, and nobody else may name a feed. */
export function namingOf(object: StixObject, owner: string, directory: Snapshot): Naming {
  const named = namedBy(object, directory);
  if (named === undefined || directory.feedByIdentity.get(named) !== undefined) return {};
  return directory.memberByIdentity.get(named) === owner ? { claims: named } : { creator: named };
}

/** Returns true for an object that was submitted under the identity of a member other than its owner. */
export function isRelayed(
  { owner, creator, id }: Pick<EntryFacts, 'owner' | 'creator' | 'id'>,
  { memberByIdentity, damage }: Snapshot,
): boolean {
  const member = creator === undefined ? undefined : memberByIdentity.get(creator);
  // An unknown identity could be one of a member whose record is damaged.
  if (creator !== undefined && creator !== id && member === undefined && !damage.areIdentitiesKnown)
    return true;
  // Identities that the hub creates for members do not count as relayed.
  return member !== undefined && member !== owner && !(owner === 'hub' && creator === id);
}

/**
 * Returns the owner of an id that several owners have stored in different collections: the first who stored
 * it in their own name. Later or relayed objects of others do not change this.
 */
export function rightfulOwner(
  entries: readonly Pick<EntryFacts, 'owner' | 'creator' | 'id' | 'added'>[],
  directory: Snapshot,
): string | undefined {
  const own = entries.filter((entry) => !isRelayed(entry, directory));
  const [first] = (own.length > 0 ? own : entries).toSorted((a, b) => a.added - b.added);
  return first?.owner;
}

/** Returns who gives consent for an object: its owner, or the hub for a relayed object. */
export function answersFor(entry: Pick<EntryFacts, 'owner' | 'creator' | 'id'>, directory: Snapshot): string {
  return isRelayed(entry, directory) ? 'hub' : entry.owner;
}
