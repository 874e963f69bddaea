import { accountId, isPasswordOwn } from '../access/accounts/account-records.ts';
import { canonical } from '../kernel/canonical.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { AuditFact } from '../store/store.ts';
import type { Present, Wanted } from './declared-records.ts';

/** An account of a person that the settings file gave a new credential, for the notifications. */
export interface CredentialOfFile {
  /** Id of the account. */
  readonly account: string;
  readonly name: string;
  /** Ids of the accounts whose TLP:RED was withdrawn. */
  readonly givers: ReadonlySet<string>;
}

/** Ids of accounts that were replaced by a declared account of the same name in another member. Their keys are removed. */
export function replacedAccounts(wanted: Wanted, present: Present): ReadonlySet<string> {
  return new Set(
    [...wanted.account].flatMap(([name, { uid }]) => {
      const before = present.account.get(name);
      return before === undefined || before.document.uid === uid ? [] : [accountId(before)];
    }),
  );
}

/** The accounts of people to which the settings file gives a password, key or sign-in link that they did not have. */
export function credentialsGiven(
  wanted: Wanted,
  present: Present,
): readonly { readonly account: string; readonly name: string }[] {
  const keys = [...wanted.key];
  return [...wanted.account].flatMap(([name, document]) => {
    const before = present.account.get(name);
    if (before === undefined || document.person !== true) return [];
    const account = accountId(before);
    const hasNewKey = keys.some(
      ([id, key]) => key.account === account && present.key.get(id)?.document.account !== account,
    );
    const { password_tag: tag, single_sign_on: link } = document;
    const hasNewPassword =
      tag !== undefined &&
      !isPasswordOwn(document) &&
      (tag !== before.document.password_tag || before.document.password_hash === undefined);
    const hasNewLink =
      link !== undefined && canonical(link) !== canonical(before.document.single_sign_on ?? null);
    return hasNewKey || hasNewPassword || hasNewLink ? [{ account, name }] : [];
  });
}

/** Returns the audit entry about TLP:RED that is withdrawn from an account, because its credential is new. */
export function resetFact(name: string, ids: Ids, clock: Clock): AuditFact {
  return {
    id: ids.uuid(),
    at: clock.now(),
    actor: 'settings',
    action: 'account.red_withdrawn',
    resource: `account/${name}`,
    result: 'done',
  };
}
