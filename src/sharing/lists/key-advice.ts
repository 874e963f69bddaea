import { grantFits } from '../../access/policy.ts';
import { memberOf, type AccountPrincipal, type Principal } from '../../access/principal.ts';
import { can } from '../../access/rights.ts';
import type { CollectionInfo, Snapshot } from '../../access/snapshot.ts';
import type { ListConnection } from '../../api/schema-types.ts';

/** The list that a tool fetches with the key. */
export interface AdvisedList {
  /** Name of the tool. The key gets it as its label. */
  readonly tool: string;
  /** The names of the collections as people type them, separated by commas. */
  readonly only: string;
  /** The ids of the collections. */
  readonly collections: readonly string[];
  /** The member whose accounts alone can fetch the list, or `hub`. Undefined for the list of a collection. */
  readonly owner?: string;
}

/** How the caller gets a key with which a tool can fetch a list. */
type KeyAdvice = Pick<ListConnection, 'key_command' | 'key_request' | 'key_note'>;
type NewKey = NonNullable<ListConnection['key_request']>;

/**
 * Returns the command and the request that create a key for a list and nothing else. A limit (`--only`) gives no
 * access, so the command also gives the account access where it has none and the caller may give it. If no command of
 * the caller can create a key that works, a note explains why and what to do.
 */
export function keyAdvice(
  directory: Snapshot,
  actor: Principal,
  list: AdvisedList,
  asked: string | undefined,
): KeyAdvice {
  const collections = list.collections.flatMap((id) => directory.collections.get(id) ?? []);
  const member = asked ?? (memberOf(actor) === 'hub' ? list.owner : memberOf(actor)) ?? 'hub';
  const whose = member === 'hub' ? 'the hub' : member;
  if (actor.kind === 'public')
    return { key_note: 'Everybody can fetch this list, so the tool needs no key.' };
  if (list.owner !== undefined && list.owner !== member)
    return { key_note: `Accounts of ${whose} can't fetch this list, because it belongs to ${list.owner}.` };
  const account = accountFor(directory, actor, member);
  if (account === undefined)
    return {
      key_note: `You can't create keys for ${whose}. Ask ${member === 'hub' ? '' : `an officer of ${member} or `}an administrator of the hub for one.`,
    };
  const { principal, ...named } = account;
  const lacking = collections.filter((collection) => !directory.rights(principal, collection).read);
  const only = list.only.split(',');
  const request: NewKey = { ...named, label: list.tool, scopes: ['lists:read'], only };
  if (lacking.length === 0) return { key_command: commandOf(request), key_request: request };
  const audience = directory.audienceOfMember(principal.member);
  const tooStrict = lacking.find(({ tallest }) => !grantFits(audience, tallest));
  if (tooStrict !== undefined)
    return {
      key_note: `Accounts of ${whose} can't read "${tooStrict.title}", because it may contain information that is marked for others.`,
    };
  if (!can(actor, 'hub.write', { kind: 'hub' }))
    return {
      key_note: `A new account of ${whose} could not read ${titles(lacking)}. Ask an administrator of the hub to grant ${whose} access first.`,
    };
  const granting = { ...request, collections: only };
  return { key_command: commandOf(granting), key_request: granting };
}

/** Returns the command that sends a request. A member stands for its account, whose name the command derives. */
function commandOf({ account = 'ACCOUNT', member, collections, scopes, only, label }: NewKey): string {
  return [
    'talanoa key create',
    member === undefined ? `--account ${account}` : `--member ${member}`,
    ...(collections === undefined ? [] : [`--collections ${collections.join(',')}`]),
    `--scopes ${scopes.join(',')} --only ${only.join(',')} --label ${label}`,
  ].join(' ');
}

function titles(collections: readonly CollectionInfo[]): string {
  return collections.map(({ title }) => `"${title}"`).join(', ');
}

/**
 * Returns the account that the caller creates a key for, with its name and its member: a service account, or the
 * caller's own account if the caller cannot create one. Undefined when the caller can create no key at all.
 */
function accountFor(
  directory: Snapshot,
  actor: AccountPrincipal,
  member: string,
): (Pick<NewKey, 'account' | 'member'> & { readonly principal: AccountPrincipal }) | undefined {
  const owner = member === 'hub' ? undefined : member;
  const made = { kind: 'account', account: '', role: 'machine', member: owner } as const;
  if (can(actor, 'account.write', made) && (owner === undefined || directory.members.get(owner)?.active === true))
    return {
      principal: ownAccount(directory, `${member}-key`, owner) ?? freshAccount(directory, owner),
      ...(owner === undefined ? {} : { account: `${owner}-key`, member: owner }),
    };
  const own = { kind: 'account', account: actor.account, role: actor.role, member: actor.member } as const;
  if (memberOf(actor) !== member || !can(actor, 'key.write', own)) return undefined;
  return { principal: actor, account: actor.name };
} // prettier-ignore

/** Returns an account of a member. The caller must not learn what an account of somebody else of this name can read. */
function ownAccount(
  directory: Snapshot,
  name: string,
  member: string | undefined,
): AccountPrincipal | undefined {
  const found = directory.principalNamed(name);
  return found?.member === member ? found : undefined;
}

/** A service account that does not exist yet. It can read what grants to its member, its groups and its role let it read. */
function freshAccount(directory: Snapshot, member: string | undefined): AccountPrincipal {
  const groups = member === undefined ? [] : directory.groupsOf(member);
  return { kind: 'account', account: '', name: '', role: 'machine', member, person: false, groups };
}
