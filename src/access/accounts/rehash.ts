import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import type { Store } from '../../store/store.ts';
import { accountId } from './account-records.ts';
import type { Directory } from '../directory.ts';
import { ACCOUNTS } from './model.ts';
import { hashPassword } from './passwords.ts';
import type { AccountInfo } from '../snapshot.ts';

/**
 * Stores a hash in the current scheme for the password of an account. The password itself stays the same, so no session
 * ends and the epoch does not change. Returns the new hash, or undefined when it was not stored. In that case the
 * sign-in still succeeds, and the next one tries again.
 */
export async function rehash(
  store: Store,
  directory: Pick<Directory, 'refresh'>,
  log: Log,
  { id, name, passwordHash }: AccountInfo,
  password: string,
): Promise<string | undefined> {
  try {
    const record = await ACCOUNTS.in(store).get(name);
    if (record === undefined || accountId(record) !== id || record.document.password_hash !== passwordHash)
      return undefined;
    const password_hash = await hashPassword(password);
    await store.commit({
      records: [ACCOUNTS.change(record, { ...record.document, password_hash })],
    });
    await directory.refresh();
    return password_hash;
  } catch (error) {
    // Another request has changed the account, possibly its password. That change takes precedence.
    if (!(error instanceof Problem) || error.kind !== 'conflict')
      log.warn('password.not_rehashed', { account: name, reason: reasonOf(error) });
    return undefined;
  }
}
