import { isHubAdministrator, isHubAnalyst, memberOf, type Principal } from './principal.ts';
import type { Resource } from './resources.ts';

type ListResource = Extract<Resource, { readonly kind: 'list' }>;

/** The part of `can` that concerns saved lists. `isOfficer` is true for officers of the member that owns the list. */
export function mayUseList(
  actor: Principal,
  action: 'list.read' | 'list.see' | 'list.write' | 'list.confirm',
  { owner, read }: ListResource,
  isOfficer: boolean,
): boolean {
  // A saved list is read by the rights on its collections. Other members do not know the lists of a member. Lists of the
  // hub leave out values in the networks of all members, which a member that reported the values must not learn.
  const mayRead = read && (memberOf(actor) === owner || isHubAnalyst(actor));
  switch (action) {
    case 'list.read':
      return mayRead;
    case 'list.see':
      return isHubAnalyst(actor) || isOfficer || (actor.kind === 'account' && mayRead);
    case 'list.write':
      return isHubAdministrator(actor) || isOfficer;
    case 'list.confirm':
      // The brake stops machines, so a machine cannot release it.
      return actor.kind === 'account' && actor.person && (isHubAnalyst(actor) || isOfficer);
  }
}
