import { accountId, isGrantOf } from '../../access/accounts/account-records.ts';
import { isDeclared } from '../../access/managed.ts';
import { GRANTS, type GrantRecord } from '../../access/model.ts';
import { removal, type RecordChange } from '../../store/store.ts';
import type { Present, Wanted } from '../declared-records.ts';

/** The account name of a grant to `account:NAME`. */
function nameOfGrant({ to }: GrantRecord): string | undefined {
  return to.startsWith('account:') ? to.slice('account:'.length) : undefined;
}

/**
 * Adds the ids of accounts to grants. The file names accounts, and a grant refers to the account that has the name at
 * this time.
 */
export function namedAccounts(wanted: Wanted, present: Present): void {
  for (const [id, grant] of wanted.grant) {
    const name = nameOfGrant(grant);
    if (name === undefined) continue;
    const before = present.account.get(name);
    const declared = wanted.account.get(name)?.uid;
    const account = declared ?? (before === undefined ? undefined : accountId(before));
    if (account !== undefined) wanted.grant.set(id, { ...grant, account });
  }
}

/**
 * The changes of grants that commands gave to accounts. Grants of accounts that the file no longer declares are
 * removed. Grants of versions before 0.2, which contain only a name, get the id of the account that has it.
 */
export function grantsOfAccounts(wanted: Wanted, present: Present): readonly RecordChange[] {
  return [...present.grant.values()].flatMap((grant): RecordChange[] => {
    const { id, document } = grant;
    const name = nameOfGrant(document);
    const record = name === undefined ? undefined : present.account.get(name);
    if (name === undefined || record === undefined || isDeclared(grant)) return [];
    if (wanted.grant.has(id) || !isGrantOf(document, { id: accountId(record), name })) return [];
    if (isDeclared(record) && !wanted.account.has(name)) return [removal(grant)];
    if (document.account !== undefined) return [];
    return [GRANTS.change(grant, { ...document, account: accountId(record) })];
  });
}
