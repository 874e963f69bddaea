import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf } from '../kernel/problem.ts';
import type { Store } from '../store/store.ts';
import { accountId } from './account-records.ts';
import type { Directory } from './directory.ts';
import { hashPassword } from './passwords.ts';
import type { AccountInfo } from './snapshot.ts';

/**
 * Gives the password of an account a hash of the present scheme. It is the same password: no session ends and no epoch rises.
 * Returns the new hash, or undefined when it was not kept: the sign-in counts all the same, and the next one tries again.
 */
export async function rehash(
  store: Store,
  directory: Pick<Directory, 'refresh'>,
  log: Log,
  { id, name, passwordHash }: AccountInfo,
  password: string,
): Promise<string | undefined> {
  try {
    const record = await store.record('account', name);
    if (record === undefined || accountId(record) !== id || record.document['password_hash'] !== passwordHash)
      return undefined;
    const password_hash = await hashPassword(password);
    await store.commit({
      records: [
        {
          kind: 'account',
          id: name,
          expected: record.revision,
          document: { ...record.document, password_hash },
        },
      ],
    });
    await directory.refresh();
    return password_hash;
  } catch (error) {
    // Somebody else has changed the account, perhaps its password: that counts.
    if (!(error instanceof Problem) || error.kind !== 'conflict')
      log.warn('password.not_rehashed', { account: name, reason: reasonOf(error) });
    return undefined;
  }
}
