import type { Ids } from '../../kernel/ids.ts';
import type { Stored } from '../../store/records.ts';
import type { GrantRecord } from '../model.ts';
import type { MemberRecord } from '../member-model.ts';
import type { AccountRecord } from './model.ts';
import type { Problem } from '../../kernel/problem.ts';
import { mayChooseName, nameAdvice } from '../chosen-names.ts';
import { isOperator, type Principal } from '../principal.ts';
import { accountErrors } from './errors.ts';
import { managedBy } from '../managed.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ID = 'acc-';
/** Actor names that versions before 0.2 recorded for the hub itself, in the field that now names an account. */
const OF_THE_HUB = new Set(['operator', 'public', 'settings', 'hub']);
/** Words that are, or may later be, recorded instead of an account name. */
const RESERVED = new Set([...OF_THE_HUB, 'anonymous', 'feed', 'several', 'system', 'unknown']);

/**
 * Returns why a text cannot be an account name, or undefined for a valid name. Every code path that creates
 * an account calls this function.
 */
export function accountNameFault(name: string): string | undefined {
  if (!NAME.test(name)) return 'Use a-z, 0-9 and hyphens, at most 63 characters.';
  // An account id must never look like an account name, and a name never like an id.
  if (RESERVED.has(name) || name.startsWith(ID)) return `"${name}" is reserved. Choose another name.`;
  return undefined;
}

/** Throws for a text that cannot be an account name. */
export function demandAccountName(name: string): void {
  const hint = accountNameFault(name);
  if (hint !== undefined) throw accountErrors.invalidName({ name: name.slice(0, 80) }, { hint });
}

/**
 * Returns the id of a new account. The id is random and never reused, so nothing that was stored for one
 * account applies to a later account of the same name.
 */
export function newAccountId(ids: Ids): string {
  return `${ID}${ids.uuid()}`;
}

/**
 * Returns the id of the account in a record. Records of versions before 0.2 have no id. Their name serves as
 * their id, and no new id can equal it. An account of those versions with a reserved name loses what was
 * stored under that name, because the hub may have written it about itself.
 */
export function accountId({ id: name, document }: Pick<Stored<AccountRecord>, 'id' | 'document'>): string {
  const { uid } = document;
  if (uid?.startsWith(ID) === true) return uid;
  return OF_THE_HUB.has(name) ? `${ID}reserved-${name}` : name;
}

/** The number of changes to the credentials, role, member or state of an account, or to the state of a member. */
export function epochOf({ epoch = 0 }: AccountRecord | MemberRecord): number {
  return epoch;
}

/** The epoch of an account or member after a change that ends sessions. */
export function nextEpoch(document: AccountRecord | MemberRecord): number {
  return epochOf(document) + 1;
}

/**
 * True when the person of an account chose its password: with a one-time link (`link`) or in its own session
 * (`person`). Without this mark somebody else set the password, such as the creator of the account or the
 * settings file.
 */
export function isPasswordOwn({ password_by: by }: AccountRecord): boolean {
  return by === 'link' || by === 'person';
}

/**
 * Returns the record of an account to which somebody else gives access: by creating it, or with a credential, a role, an
 * email address or the end of a block. The rule of two people counts from this time. Changes by the operator at the machine
 * to an account of the settings file do not count, because the file itself gives the access. Neither does the use of a
 * one-time link, because its creation counted. `at`: milliseconds since 1970.
 */
export function withAccess(document: AccountRecord, actor: Principal, at: number): AccountRecord {
  const isOfFile = isOperator(actor) && managedBy({ document }) === 'file';
  return actor.kind === 'public' || isOfFile ? document : { ...document, access_at: at };
}

/** True for a grant to an account. Grants of versions before 0.2 contain only the name of the account. */
export function isGrantOf(
  { to, account: id }: GrantRecord,
  account: { readonly id: string; readonly name: string },
): boolean {
  return to === `account:${account.name}` && (id === undefined || id === account.id);
}

/** Throws for a name that is not the caller's to choose, whether or not an account has it. */
export function demandOwnName(
  actor: Principal,
  name: string,
  member: string | undefined,
  members: ReadonlyMap<string, unknown>,
): void {
  if (!mayChooseName(actor, name, member, members))
    throw accountErrors.nameOfOthers(
      { name, member: member ?? 'hub' },
      { hint: nameAdvice(name, member, members) },
    );
}

/**
 * The error for a name that is taken or reserved. Both cases get the same response, so the caller does not
 * learn which one applies.
 */
export function nameTaken(
  name: string,
  member: string | undefined,
  members: ReadonlyMap<string, unknown>,
): Problem {
  return accountErrors.nameTaken({ name }, { hint: nameAdvice(name, member, members) });
}
