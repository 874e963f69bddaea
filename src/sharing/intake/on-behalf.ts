import type { Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import { accessErrors } from '../../access/errors.ts';
import { sharingErrors } from '../errors.ts';

/**
 * Returns the member on behalf of which the caller submits objects. Only hub staff may do this, and the
 * caller of this function must record it. Throws `forbidden` for everybody else, whether or not the member
 * exists. Throws `invalid-content` for a member that does not exist or is not active.
 */
export function representedBy(actor: Principal, member: string, directory: Snapshot): string {
  if (!can(actor, 'object.represent', { kind: 'hub' }))
    throw accessErrors.notPermitted(
      { action: 'submit objects on behalf of a member' },
      { hint: 'Omit on_behalf_of. Your own member owns what you submit.' },
    );
  if (member === 'hub' || directory.members.get(member)?.active !== true)
    throw sharingErrors.notActiveMember({ member: member.slice(0, 100) });
  return member;
}
