import { isHubAnalyst, memberOf } from '../../access/principal.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { text, type StixObject } from '../../stix/types.ts';
import type { EntryFacts } from '../../store/store.ts';
import type { Actor } from './actor.ts';

/**
 * The one place that says who the owner of an object is: the member of the authenticated submitter. What an object says of its
 * creator never decides that, because everybody may write `created_by_ref`. An object that names another member as its creator
 * is *relayed*: it stays its submitter's, and acts in nobody's name.
 */

/** What an object says of its creator, beside whose it is. */
export interface Naming {
  /** The identity that it names as its creator, where that is not an identity of its owner. */
  readonly creator?: string;
  /** The identity that it names as its creator, where that is its owner's own. */
  readonly claims?: string;
}

/** The owner of everything that an actor submits. */
export function ownerOf(actor: Actor): string {
  if (actor.kind === 'feed') return `feed:${actor.name}`;
  return actor.onBehalfOf ?? memberOf(actor.principal);
}

/** The identity in whose name an object is: its creator; an identity object that is bound to a member speaks for itself. */
function namedBy(object: StixObject, { memberByIdentity }: Snapshot): string | undefined {
  const id = String(object['id']);
  return object['type'] === 'identity' && memberByIdentity.has(id) ? id : text(object, 'created_by_ref');
}

/** True for staff of the hub who act for the hub itself. */
export function isHubStaff(actor: Actor): boolean {
  return actor.kind === 'account' && actor.onBehalfOf === undefined && isHubAnalyst(actor.principal);
}

/** How an object of `owner` names its creator. Feeds name themselves, and nobody else may do that. */
export function namingOf(object: StixObject, owner: string, directory: Snapshot): Naming {
  const named = namedBy(object, directory);
  if (named === undefined || directory.feedByIdentity.get(named) !== undefined) return {};
  return directory.memberByIdentity.get(named) === owner ? { claims: named } : { creator: named };
}

/** True for what a member or a source has submitted under the identity of another member. */
export function isRelayed(
  { owner, creator, id }: Pick<EntryFacts, 'owner' | 'creator' | 'id'>,
  { memberByIdentity }: Snapshot,
): boolean {
  const member = creator === undefined ? undefined : memberByIdentity.get(creator);
  // Identities that the hub makes of members are nobody else's words.
  return member !== undefined && member !== owner && !(owner === 'hub' && creator === id);
}

/**
 * Whose an id is where several have it in different places: the first that has it in its own name. What others put there later,
 * or relay, takes nothing from it.
 */
export function rightfulOwner(
  entries: readonly Pick<EntryFacts, 'owner' | 'creator' | 'id' | 'added'>[],
  directory: Snapshot,
): string | undefined {
  const own = entries.filter((entry) => !isRelayed(entry, directory));
  const [first] = (own.length > 0 ? own : entries).toSorted((a, b) => a.added - b.added);
  return first?.owner;
}

/** Who answers for an object towards others, by consent: its owner; the hub for what is relayed. */
export function answersFor(entry: Pick<EntryFacts, 'owner' | 'creator' | 'id'>, directory: Snapshot): string {
  return isRelayed(entry, directory) ? 'hub' : entry.owner;
}
