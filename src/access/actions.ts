import type { Scope } from './principal.ts';

/** Everything that `can` decides on. */
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
  | 'anonymous.submit'
  | 'anonymous.read'
  | 'seal.open'
  | 'seal.see'
  | 'network.approve'
  | 'network.revoke'
  | 'feedback.send'
  | 'feedback.read'
  | 'scorecard.read'
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
  | 'contact.read'
  | 'contact.history'
  | 'contact.write'
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
  'network.revoke',
  'metrics.read',
] as const satisfies readonly Action[];

export type HubAction = (typeof HUB_ACTIONS)[number];

/** True for an action on the hub as a whole. */
export function isHubAction(action: string): action is HubAction {
  return HUB_ACTIONS.some((one) => one === action);
}

/** The scopes of which a limited key needs one for an action. */
export const SCOPE_OF: Readonly<Record<Action, Scope | readonly Scope[]>> = {
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
  'anonymous.submit': 'api:write',
  'anonymous.read': 'api:read',
  'seal.open': 'api:write',
  'seal.see': 'api:read',
  'network.approve': 'api:write',
  'network.revoke': 'api:write',
  'feedback.send': 'api:write',
  'feedback.read': 'api:read',
  'scorecard.read': 'api:read',
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
  'contact.read': 'api:read',
  'contact.history': 'api:read',
  'contact.write': 'api:write',
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
