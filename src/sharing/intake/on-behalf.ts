import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { Problem } from '../../kernel/problem.ts';

/**
 * Returns the member on behalf of which the caller submits objects. Only hub staff may do this, and the
 * caller of this function must record it. Throws `forbidden` for everybody else, whether or not the member
 * exists. Throws `invalid-content` for a member that does not exist or is not active.
 */
export function representedBy(actor: Principal, member: string, directory: Snapshot): string {
  if (!can(actor, 'object.represent', { kind: 'hub' }))
    throw new Problem('forbidden', "You don't have permission to submit objects on behalf of a member", {
      hint: 'Omit on_behalf_of. Your own member owns what you submit.',
      code: 'TLN-A-403',
    });
  if (member === 'hub' || directory.members.get(member)?.active !== true)
    throw new Problem('invalid-content', `"${member.slice(0, 100)}" is not an active member`, {
      hint: 'To list the members, run: talanoa member list',
      code: 'TLN-B-423',
    });
  return member;
}
