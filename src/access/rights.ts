import { SCOPE_OF, type Action } from './actions.ts';
import { answersFor, isOfficerOf, isOwn } from './account-rights.ts';
import { isConfined, isInReach } from './keys/limits.ts';
import { mayUseList } from './list-rights.ts';
import {
  isHubAdministrator,
  isHubAnalyst,
  isPersonal,
  memberOf,
  principalId,
  type Principal,
} from './principal.ts';
import type { Resource } from './resources.ts';

export { isHubAction, type Action, type HubAction } from './actions.ts';
export type { AccountResource, CollectionRights, Resource } from './resources.ts';

/**
 * All decisions of the hub on rights are made by `can`. The function is pure and total: it refuses unknown
 * combinations.
 */

function inScope(actor: Principal, action: Action): boolean {
  const scopes = actor.kind === 'account' ? actor.key?.scopes : undefined;
  if (scopes === undefined) return true;
  return [SCOPE_OF[action]].flat().some((scope) => scopes.includes(scope));
}

/**
 * The actions that are open to a key that is limited to collections. All other actions are refused, because
 * they concern no collection or concern others. Rights on a collection are computed with the key's limits
 * (`Snapshot.rights`). For the other actions the collection is checked here.
 */
function inReach(actor: Principal, action: Action, resource: Resource): boolean {
  if (!isConfined(actor)) return true;
  switch (action) {
    case 'collection.see':
    case 'collection.read':
    case 'collection.write':
    case 'list.read':
    case 'object.answer':
    case 'object.delete':
    case 'object.revise':
    case 'object.share':
      return true;
    case 'delivery.read':
    case 'answer.request':
      // The rights are those on the collection in which the object is present.
      return resource.kind === 'object' && resource.rights.read;
    case 'held.read':
    case 'held.decide':
      return resource.kind === 'held' && isInReach(actor, resource.collection);
    case 'receipt.read':
      return true;
    case 'account.read':
    case 'key.write':
      return resource.kind === 'account' && isOwn(actor, resource);
    default:
      return false;
  }
}

/**
 * Decides whether `actor` may perform `action` on `resource`. It refuses unknown combinations, and everything outside
 * the scopes and limits of a key.
 */
// oxlint-disable-next-line max-lines-per-function -- All rights in one table, so that a reader sees them together.
export function can(actor: Principal, action: Action, resource: Resource): boolean {
  if (!inScope(actor, action) || !inReach(actor, action, resource)) return false;
  switch (action) {
    case 'collection.see':
      return resource.kind === 'collection' && (resource.rights.read || resource.rights.write);
    case 'list.read':
      if (resource.kind === 'list')
        return mayUseList(actor, action, resource, isOfficerOf(actor, resource.owner));
      return resource.kind === 'collection' && resource.rights.read;
    case 'collection.read':
    case 'object.answer':
      return resource.kind === 'collection' && resource.rights.read;
    case 'list.see':
    case 'list.write':
    case 'list.confirm':
      return (
        resource.kind === 'list' && mayUseList(actor, action, resource, isOfficerOf(actor, resource.owner))
      );
    case 'collection.write':
      return actor.kind === 'account' && resource.kind === 'collection' && resource.rights.write;
    case 'search.read':
      // Searches contain what an account looks for. Nobody else sees them, except where the account shares one.
      return (
        (resource.kind === 'account' && isOwn(actor, resource)) ||
        (resource.kind === 'shared-search' &&
          (resource.with === 'hub'
            ? isHubAnalyst(actor)
            : actor.kind === 'account' && resource.with === actor.member && isPersonal(actor)))
      );
    case 'search.write':
      return resource.kind === 'account' && isOwn(actor, resource);
    case 'object.delete':
      // Deleting also requires read access, so that the caller sees what is deleted. Members delete only their own
      // objects, and hub staff delete any.
      return (
        actor.kind === 'account' &&
        resource.kind === 'object' &&
        resource.rights.read &&
        resource.rights.write &&
        (isHubAnalyst(actor) || resource.owners.every((owner) => owner === memberOf(actor)))
      );
    case 'object.revise':
      // Hub staff revoke and correct objects of the hub and its feeds. If their key is limited to collections, they do so
      // only where it can write. Members revoke and correct their own objects where they can also submit the new version
      // themselves.
      return (
        actor.kind === 'account' &&
        resource.kind === 'object' &&
        (isHubAnalyst(actor)
          ? (!isConfined(actor) || resource.rights.write) &&
            resource.owners.every((owner) => owner === 'hub' || owner.startsWith('feed:'))
          : actor.member !== undefined &&
            resource.rights.read &&
            resource.rights.write &&
            resource.owners.every((owner) => owner === actor.member))
      );
    case 'object.share':
      // The owner, everybody who may write to the collection, and the hub can share an object further. The service
      // decides whether the owner is asked first.
      return (
        actor.kind === 'account' &&
        resource.kind === 'object' &&
        resource.rights.read &&
        (isHubAnalyst(actor) ||
          resource.rights.write ||
          resource.owners.every((owner) => owner === memberOf(actor)))
      );
    case 'delivery.explain':
      // Officers see why their own member has received or not received what it may read. The hub sees this for all members.
      return (
        resource.kind === 'member' &&
        (isHubAnalyst(actor) || (resource.name !== 'hub' && isOfficerOf(actor, resource.name)))
      );
    case 'delivery.read':
    case 'answer.request':
      // The hub and the owner of an object can see who has received it and who must acknowledge it.
      return (
        resource.kind === 'object' &&
        (isHubAnalyst(actor) ||
          (actor.kind === 'account' &&
            actor.member !== undefined &&
            resource.owners.every((owner) => owner === actor.member)))
      );
    case 'value.suppress':
    case 'value.suppression.read':
      // The hub suppresses any value. The officers of a member suppress addresses and names that their member holds,
      // because nobody else may decide to cut their member off.
      return (
        resource.kind === 'value' &&
        (isHubAnalyst(actor) || resource.holders.some((member) => isOfficerOf(actor, member)))
      );
    case 'network.approve':
    case 'seal.open':
      // Two different people of the hub agree on these (two-people.ts), both known by a personal sign-in. Networks are
      // approved by analysts too, but only administrators open seals.
      return (
        resource.kind === 'approval' &&
        (action === 'seal.open' ? isHubAdministrator(actor) : isHubAnalyst(actor)) &&
        isPersonal(actor) &&
        !resource.involved.includes(principalId(actor))
      );
    case 'anonymous.submit':
    case 'feedback.send':
      // Not even hub staff see which member reported what.
      return resource.kind === 'member' && actor.kind === 'account' && actor.member === resource.name;
    case 'anonymous.read':
    case 'feedback.read':
    case 'seal.see':
      // Hub staff could use a key or a new account of the member (member-secrets.ts).
      return (
        resource.kind === 'secret' &&
        actor.kind === 'account' &&
        actor.member === resource.member &&
        isPersonal(actor) &&
        (resource.since === 0 || (resource.account === actor.account && resource.at >= resource.since))
      );
    case 'scorecard.read':
      // Officers see their own member and the feeds of collections that they read. Only hub staff compare other members.
      return (
        resource.kind === 'scorecard' &&
        (isHubAnalyst(actor) ||
          (resource.read &&
            actor.kind === 'account' &&
            actor.role === 'officer' &&
            (resource.source.startsWith('feed:') || resource.source === actor.member)))
      );
    case 'share.see':
      return (
        resource.kind === 'share' &&
        (isHubAnalyst(actor) ||
          (actor.kind === 'account' && (actor.account === resource.by || isOfficerOf(actor, resource.owner))))
      );
    case 'share.answer':
      return (
        resource.kind === 'share' &&
        (isOfficerOf(actor, resource.owner) ||
          (resource.owner === 'hub' || resource.owner.startsWith('feed:')
            ? isHubAnalyst(actor)
            : isHubAdministrator(actor)))
      );
    case 'receipt.read':
      return actor.kind === 'account' && resource.kind === 'receipt' && resource.account === actor.account;
    case 'held.read':
      // Objects on hold are visible to hub staff, who decide on them, and to their submitter.
      return (
        resource.kind === 'held' &&
        (isHubAnalyst(actor) || (actor.kind === 'account' && actor.account === resource.submitter))
      );
    case 'held.decide':
      return resource.kind === 'held' && isHubAnalyst(actor);
    case 'red.give':
      return actor.kind === 'account' && resource.kind === 'red' && resource.by === actor.account;
    case 'red.see':
      // The giver can see the recipients and who has read the object. A service account acts for a member, never for a
      // person, so it cannot be a recipient.
      return (
        resource.kind === 'red' &&
        actor.kind === 'account' &&
        (resource.by === actor.account || (actor.person && resource.to.includes(actor.account)))
      );
    case 'red.read':
      // TLP:RED content is for the person at the console. A key may be in other hands, a password that somebody
      // else set is known to that person, and the operator is not a recipient.
      return (
        resource.kind === 'red' &&
        actor.kind === 'account' &&
        actor.session?.isPersonal === true &&
        actor.key === undefined &&
        actor.person &&
        resource.to.includes(actor.account)
      );
    case 'red.withdraw':
      return (
        resource.kind === 'red' &&
        actor.kind === 'account' &&
        (resource.by === actor.account || isHubAdministrator(actor))
      );
    case 'hub.read':
    case 'feed.run':
    case 'object.revoke':
    case 'object.triage':
    case 'triage.read':
    case 'object.represent':
    case 'network.revoke':
      return resource.kind === 'hub' && isHubAnalyst(actor);
    case 'hub.inspect':
    case 'hub.write':
    case 'metrics.read':
      return resource.kind === 'hub' && (isHubAdministrator(actor) || machineFor(actor, action));
    case 'member.read':
      return (
        resource.kind === 'member' &&
        (isHubAnalyst(actor) || (actor.kind === 'account' && actor.member === resource.name))
      );
    case 'member.claim':
    case 'member.request.read':
      return (
        resource.kind === 'member' &&
        (isHubAdministrator(actor) ||
          (actor.kind === 'account' && actor.role === 'officer' && actor.member === resource.name))
      );
    case 'contact.read':
      // Each member decides for each field of its contacts who sees it. The fields of a member that left or is paused stay
      // with the hub.
      return (
        resource.kind === 'contact' &&
        (isHubAnalyst(actor) ||
          (actor.kind === 'account' && actor.member !== undefined && actor.member === resource.member) ||
          (resource.isActive &&
            (resource.visibility === 'public' ||
              (actor.kind === 'account' &&
                (resource.visibility === 'members' ||
                  (resource.visibility === 'named' &&
                    actor.member !== undefined &&
                    resource.named.includes(actor.member)))))))
      );
    case 'contact.history':
      // Earlier numbers, and who sees which field, are for the member and the hub.
      return (
        resource.kind === 'member' &&
        (isHubAnalyst(actor) ||
          (actor.kind === 'account' && actor.role === 'officer' && actor.member === resource.name))
      );
    case 'contact.write':
      // Officers request changes of the contacts of their member. Administrators of the hub make and decide them.
      return (
        resource.kind === 'member' &&
        (isHubAdministrator(actor) || (resource.name !== 'hub' && isOfficerOf(actor, resource.name)))
      );
    case 'account.read':
      return resource.kind === 'account' && (isOwn(actor, resource) || answersFor(actor, resource));
    case 'account.write':
      return resource.kind === 'account' && answersFor(actor, resource);
    case 'account.link':
      // Linking defines who a person is at the sign-in provider. An officer could claim the identity of another
      // member's person, who would then sign in to an account of the officer's member.
      return resource.kind === 'account' && isHubAdministrator(actor);
    case 'session.end':
      return resource.kind === 'account' && (isOwn(actor, resource) || answersFor(actor, resource));
    case 'key.write':
      // People manage their own keys. The keys of a service account are managed by those who manage the account.
      return (
        resource.kind === 'account' &&
        (answersFor(actor, resource) || (isOwn(actor, resource) && resource.role !== 'machine'))
      );
    case 'audit.read':
      // Everybody sees their own actions. Officers also see the entries about their member.
      return (
        resource.kind === 'fact' &&
        actor.kind === 'account' &&
        (isHubAdministrator(actor) ||
          resource.actor === actor.account ||
          (actor.role === 'officer' && actor.member !== undefined && resource.member === actor.member))
      );
  }
}

/**
 * True for a service account of the hub whose key has the scope for this action, such as a monitoring system that reads
 * metrics.
 */
function machineFor(actor: Principal, action: Action): boolean {
  return (
    action === 'metrics.read' &&
    actor.kind === 'account' &&
    actor.member === undefined &&
    actor.role === 'machine' &&
    actor.key?.scopes?.includes('metrics:read') === true
  );
}
