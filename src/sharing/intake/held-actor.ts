import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { text, type StixObject } from '../../stix/types.ts';
import type { HeldObject } from '../../store/store.ts';
import { accountActor, type Actor } from './actor.ts';
import { ownerOf } from './owner.ts';

/** Returns the actor as which a held object is checked again: its submitter with the current rights. */
export function heldActor(item: HeldObject, directory: Snapshot): Actor | undefined {
  if (item.submitter.startsWith('feed:')) {
    const name = item.submitter.slice('feed:'.length);
    const feed = directory.feeds.find((known) => known.name === name);
    return feed === undefined
      ? undefined
      : { kind: 'feed', name, identity: feed.identity, defaultTlp: 'amber' };
  }
  const principal = directory.principal(item.submitter);
  const collection = directory.collections.get(item.collection);
  if (principal === undefined || collection === undefined) return undefined;
  const rights = directory.rights(principal, collection);
  if (!can(principal, 'collection.write', { kind: 'collection', rights })) return undefined;
  const actor = accountActor(principal, collection, directory);
  if (item.onBehalfOf === undefined) return movedTo(actor, item, directory) ? undefined : actor;
  return can(principal, 'object.represent', { kind: 'hub' })
    ? { ...actor, onBehalfOf: item.onBehalfOf }
    : undefined;
}

/**
 * Returns true if the account now acts for another member than at the time of submission, because the object must not
 * become that member's. Earlier versions of the hub recorded the creator as the owner of relayed objects, which does
 * not count as another member.
 */
function movedTo(actor: Actor, { owner, text: content }: HeldObject, directory: Snapshot): boolean {
  if (owner === ownerOf(actor)) return false;
  const creator = text(JSON.parse(content) as StixObject, 'created_by_ref');
  return creator === undefined || directory.memberByIdentity.get(creator) !== owner;
}
