import type { Principal } from '../access/principal.ts';
import { can } from '../access/rights.ts';
import type { Snapshot } from '../access/snapshot.ts';
import { Problem } from '../kernel/problem.ts';

/**
 * The member that somebody submits objects on behalf of. Only staff of the hub may; the caller records it. Throws `forbidden` for
 * everybody else, whether there is such a member or not, and `invalid-content` for a member that is not there or not active.
 */
export function representedBy(actor: Principal, member: string, directory: Snapshot): string {
  if (!can(actor, 'object.represent', { kind: 'hub' }))
    throw new Problem('forbidden', "You don't have permission to submit objects on behalf of a member", {
      hint: 'Leave out on_behalf_of: what you submit is owned by your own member.',
      code: 'TLN-A-403',
    });
  if (member === 'hub' || directory.members.get(member)?.active !== true)
    throw new Problem('invalid-content', `"${member.slice(0, 100)}" is not an active member`, {
      hint: 'talanoa member list shows the members.',
      code: 'TLN-B-423',
    });
  return member;
}
