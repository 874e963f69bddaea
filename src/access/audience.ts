import type { Audience } from './policy.ts';
import type { AccountPrincipal, Principal } from './principal.ts';
import type { Grant } from './snapshot-records.ts';

/**
 * Returns the audience that a grant to `to` gives access to, to compare it with a maximum TLP before the grant is
 * created.
 */
export function audienceOfGrant(
  to: string,
  memberOfAccount: (account: string) => string | undefined,
  parentOf: (member: string) => string | undefined,
): Audience {
  const [kind, name = ''] = to.split(':');
  switch (kind) {
    case 'public':
      return { kind: 'public' };
    case 'group':
      return { kind: 'group', name };
    case 'clients':
      return { kind: 'clients', of: name };
    case 'member':
      return memberAudience(name, parentOf(name));
    // Officers and service accounts belong to members. Analysts and administrators count as recipients only when they
    // belong to the hub.
    case 'role':
      return name === 'officer' || name === 'machine' ? { kind: 'members' } : { kind: 'hub' };
    default: {
      const member = memberOfAccount(name);
      return member === undefined ? { kind: 'hub' } : memberAudience(member, parentOf(member));
    }
  }
}

/** Returns the audience of a member, or of the hub. `parent` is the member whose client it is. */
export function memberAudience(name: string, parent: string | undefined): Audience {
  if (name === 'hub') return { kind: 'hub' };
  return parent === undefined ? { kind: 'member', name } : { kind: 'clients', of: parent };
}

/** True when a grant is for a principal. `parent` is the member whose client the principal's member is, if active. */
export function receives(
  { to, account }: Pick<Grant, 'to' | 'account'>,
  principal: Principal,
  parent: string | undefined,
): boolean {
  if (to === 'public') return true;
  if (principal.kind === 'public') return false;
  const [kind, name = ''] = to.split(':');
  switch (kind) {
    case 'account':
      return account === undefined ? principal.name === name : principal.account === account;
    case 'member':
      return (principal.member ?? 'hub') === name;
    case 'clients':
      return principal.member !== undefined && parent === name;
    case 'group':
      return principal.groups.includes(name);
    case 'role':
      return (
        principal.role === name &&
        (name === 'officer' || name === 'machine' || principal.member === undefined)
      );
    default:
      return false;
  }
}

/** Returns the receivers whose grants let the accounts of a member read. Grants to single accounts are not among them. */
export function receiversFor(
  member: string,
  groups: readonly string[],
  parent: string | undefined,
): readonly string[] {
  return [
    `member:${member}`,
    ...groups.map((group) => `group:${group}`),
    ...(parent === undefined ? [] : [`clients:${parent}`]),
    'role:machine',
    'role:officer',
    'public',
  ];
}

/**
 * Returns the time since which a grant lets a principal read. Undefined when it names a set that the principal may have
 * joined later. `joined` is the time at which the principal's member joined the group of the grant.
 */
export function readsSince(
  { to, since }: Pick<Grant, 'to' | 'since'>,
  { member }: AccountPrincipal,
  joined: (group: string) => number,
): number | undefined {
  const [kind, name = ''] = to.split(':');
  if (kind === 'account' || kind === 'member') return since;
  if (kind === 'role') return member === undefined ? since : undefined;
  if (kind !== 'group' || member === undefined) return undefined;
  return Math.max(since, joined(name));
}
