import { removal, type Store } from '../../store/store.ts';
import { isPasswordOwn, nextEpoch } from '../accounts/account-records.ts';
import { checkPassword, demandOtherPassword } from '../accounts/account-service.ts';
import { ACCOUNTS } from '../accounts/model.ts';
import type { Notifications } from '../accounts/notifications.ts';
import { hashPassword } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { unauthenticated, type Authenticator, type Origin, WrongCredentials } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import { keysToEnd } from '../keys/owned-keys.ts';
import { isDeclared } from '../managed.ts';
import { sessionErrors } from './errors.ts';
import type { SessionService, StartedSession } from './session-service.ts';
import { wayOf } from './session.ts';

export interface OwnPasswordServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly authenticator: Pick<Authenticator, 'byPassword'>;
  readonly audit: Audit;
  readonly notifications: Pick<Notifications, 'prepare'>;
  readonly sessions: Pick<SessionService, 'holder' | 'begin'>;
}

/** The password of the person whose browser sends the request. */
export class OwnPassword {
  readonly #services: OwnPasswordServices;

  constructor(services: OwnPasswordServices) {
    this.#services = services;
  }

  /**
   * Changes the password of the caller's own account. All its sessions end, and the caller gets a new one. Keys of the
   * account end too if somebody else set the earlier password, except those of the settings file. Throws as
   * `SessionService.signIn` does when the current password is wrong, and a Problem of kind conflict for an account that the settings
   * file declares.
   */
  async change(
    cookies: string | undefined,
    present: string,
    next: string,
    from: Origin,
  ): Promise<StartedSession> {
    const { store, directory, authenticator, audit, notifications, sessions } = this.#services;
    const holder = await sessions.holder(cookies, from);
    if (holder?.stage !== 'active') throw unauthenticated(new WrongCredentials('a session that has ended'));
    const { record } = holder;
    const { name, member } = holder.account;
    checkPassword(next, await directory.namesAround(name, member));
    const self = await authenticator.byPassword(name, present, from, () => undefined, 'confirmation');
    const account = await ACCOUNTS.in(store).get(name);
    if (account === undefined) throw unauthenticated();
    if (isDeclared(account) && !isPasswordOwn(account.document)) throw sessionErrors.passwordManaged();
    await demandOtherPassword(next, account);
    const way = wayOf(record);
    const password_hash = await hashPassword(next);
    // The person who set the earlier password could sign in with it and create keys, and would keep them.
    const keys = isPasswordOwn(account.document) ? [] : await keysToEnd(store, self.account);
    const notice = notifications.prepare(self.account, 'password.changed', { by: name });
    await store.commit({
      records: [
        ACCOUNTS.change(account, {
          ...account.document,
          password_hash,
          password_by: 'person',
          epoch: nextEpoch(account.document),
        }),
        notice.record,
        removal(record),
        ...keys.map(removal),
      ],
      facts: [
        audit.fact(self, 'account.password', `account/${name}`, {
          member: self.member,
          ...(keys.length === 0 ? {} : { details: { keys_ended: keys.length } }),
        }),
      ],
    });
    await directory.refresh();
    await notice.send();
    return sessions.begin(self, way, from, { isComplete: true });
  }
}
