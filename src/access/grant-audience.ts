import { audienceOfGrant } from './audience.ts';
import type { Damages } from './closed-records.ts';
import type { Audience } from './policy.ts';
import type { AccountInfo, Grant, MemberInfo } from './snapshot-records.ts';

/** The part of a snapshot on which the audience of a grant depends. */
interface Known {
  readonly accounts: {
    readonly byId: ReadonlyMap<string, AccountInfo>;
    readonly byName: ReadonlyMap<string, AccountInfo>;
  };
  readonly members: { readonly byName: ReadonlyMap<string, MemberInfo> };
  readonly damage: Damages;
}

/** False for a grant to an account that was removed. A later account of its name is another one. */
export function isCurrentGrant(
  { account }: Grant,
  { accounts, damage }: Pick<Known, 'accounts' | 'damage'>,
): boolean {
  return account === undefined || accounts.byId.has(account) || damage.couldBeAccount(account);
}

/** Returns the audience that a grant to `to` gives access to. */
export function grantAudience(to: string, parts: Pick<Known, 'accounts' | 'members' | 'damage'>): Audience {
  const [kind, name = ''] = to.split(':');
  // The member of the account is unknown. It could be a client.
  if (kind === 'account' && parts.damage.has('account', name)) return { kind: 'clients', of: 'hub' };
  return audienceOfGrant(
    to,
    (account) => parts.accounts.byName.get(account)?.member,
    (member) => parentOf(member, parts),
  );
}

/** Returns the member whose client a member is, whether active or not. A damaged member could be a client. */
export function parentOf(
  member: string,
  { members, damage }: Pick<Known, 'members' | 'damage'>,
): string | undefined {
  return damage.has('member', member) ? 'hub' : members.byName.get(member)?.parent;
}
