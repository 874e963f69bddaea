import { answersFor, isOfficerOf, isOwn } from './account-rights.ts';
import { isConfined, isInReach } from './keys/limits.ts';
import { mayUseList } from './list-rights.ts';
import { isHubAdministrator, isHubAnalyst, memberOf, type Principal, type Scope } from './principal.ts';
import type { Resource } from './resources.ts';

export type { AccountResource, CollectionRights, Resource } from './resources.ts';

/**
 * All decisions of the hub on rights are made by `can`. The function is pure and total: it refuses unknown
 * combinations.
 */

export type Action =
  | 'collection.see'
  | 'collection.read'
  | 'collection.write'
  | 'list.read'
  | 'list.see'
  | 'list.write'
  | 'list.confirm'
  | 'object.delete'
  | 'object.revoke'
  | 'object.revise'
  | 'object.triage'
  | 'value.suppress'
  | 'value.suppression.read'
  | 'feedback.send'
  | 'feedback.read'
  | 'triage.read'
  | 'object.represent'
  | 'delivery.read'
  | 'delivery.explain'
  | 'answer.request'
  | 'object.answer'
  | 'object.share'
  | 'share.see'
  | 'share.answer'
  | 'held.read'
  | 'held.decide'
  | 'red.give'
  | 'red.see'
  | 'red.read'
  | 'red.withdraw'
  | 'receipt.read'
  | 'hub.read'
  | 'hub.inspect'
  | 'hub.write'
  | 'feed.run'
  | 'member.read'
  | 'member.claim'
  | 'member.request.read'
  | 'account.read'
  | 'account.write'
  | 'account.link'
  | 'search.read'
  | 'search.write'
  | 'session.end'
  | 'key.write'
  | 'audit.read'
  | 'metrics.read';

/** The actions on the hub as a whole. They depend only on the caller, never on a target. */
const HUB_ACTIONS = [
  'hub.read',
  'hub.inspect',
  'hub.write',
  'feed.run',
  'object.revoke',
  'object.triage',
  'triage.read',
  'object.represent',
  'metrics.read',
] as const satisfies readonly Action[];

export type HubAction = (typeof HUB_ACTIONS)[number];

/** True for an action on the hub as a whole. */
export function isHubAction(action: string): action is HubAction {
  return HUB_ACTIONS.some((one) => one === action);
}

/** The scopes of which a limited key needs one for an action. */
const SCOPE_OF: Readonly<Record<Action, Scope | readonly Scope[]>> = {
  // A key that may only write must also see the collection.
  'collection.see': ['taxii:read', 'taxii:write'],
  'collection.read': 'taxii:read',
  'collection.write': 'taxii:write',
  'list.read': ['lists:read', 'taxii:read'],
  'list.see': 'api:read',
  'list.write': 'api:write',
  'list.confirm': 'api:write',
  'object.delete': 'taxii:write',
  'receipt.read': 'taxii:write',
  'object.revoke': 'api:write',
  'object.revise': 'api:write',
  'object.triage': 'api:write',
  'value.suppress': 'api:write',
  'value.suppression.read': 'api:read',
  'feedback.send': 'api:write',
  'feedback.read': 'api:read',
  'triage.read': 'api:read',
  // Submit on behalf of a member.
  'object.represent': 'taxii:write',
  'delivery.read': 'api:read',
  'delivery.explain': 'api:read',
  'answer.request': 'api:write',
  'object.answer': 'api:write',
  'object.share': 'api:write',
  'share.see': 'api:read',
  'share.answer': 'api:write',
  'held.read': 'api:read',
  'held.decide': 'api:write',
  'red.give': 'api:write',
  'red.see': 'api:read',
  'red.read': 'api:read',
  'red.withdraw': 'api:write',
  'hub.read': 'api:read',
  'hub.inspect': 'api:read',
  'hub.write': 'api:write',
  'feed.run': 'api:write',
  'member.read': 'api:read',
  'member.claim': 'api:write',
  'member.request.read': 'api:read',
  'account.read': 'api:read',
  'account.write': 'api:write',
  'account.link': 'api:write',
  'search.read': 'api:read',
  'search.write': 'api:write',
  'session.end': 'api:write',
  'key.write': 'api:write',
  'audit.read': 'api:read',
  'metrics.read': 'metrics:read',
};

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
    case 'search.write':
      // Searches contain what an account looks for. Nobody else sees them.
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
    case 'feedback.send':
    case 'feedback.read':
      // Not even hub staff see which member reported what.
      return resource.kind === 'member' && actor.kind === 'account' && actor.member === resource.name;
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
