import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { text, type StixObject } from '../../stix/types.ts';
import type { Tlp } from '../../stix/markings.ts';
import type { HeldHead, HeldObject } from '../../store/store.ts';
import { accountActor, type Actor } from './actor.ts';
import { ownerOf } from './owner.ts';

const FEED_DEFAULT = 'amber' satisfies Tlp;

/** Returns the actor as which a held object is checked again: its submitter with the current rights. */
export function heldActor(item: HeldObject, directory: Snapshot): Actor | undefined {
  if (item.submitter.startsWith('feed:')) {
    const name = item.submitter.slice('feed:'.length);
    const feed = directory.feeds.find((known) => known.name === name);
    return feed === undefined
      ? undefined
      : { kind: 'feed', name, identity: feed.identity, defaultTlp: FEED_DEFAULT };
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
 * Returns the level of an object on hold that has no marking, before the default of the collection applies. It is the
 * default of its submitter, also if the account may no longer write. If the account is unknown, so is its default, and
 * the strictest one applies.
 */
export function defaultOf({ submitter }: HeldHead, { accounts, damage }: Snapshot): Tlp | undefined {
  if (submitter.startsWith('feed:')) return FEED_DEFAULT;
  const account = accounts.get(submitter);
  return account === undefined || damage.couldBeAccount(submitter) ? 'amber+strict' : account.defaultTlp;
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
