import type { AccountService } from './account-service.ts';
import type { Notifications } from './notifications.ts';
import type { InvitationService } from './invitation-service.ts';
import { operation, type Operation, pageOf, PAGING } from '../operation.ts';

const tag = 'Accounts';

/** Operations on accounts, with which people and service accounts sign in. */
export function accountOperations(
  accounts: AccountService,
  invitations: InvitationService,
  url: () => string,
  notifications: Notifications,
): readonly Operation[] {
  return [
    ...readingOperations(accounts, notifications),
    ...changingOperations(accounts),
    ...invitationOperations(invitations, url),
  ];
}

/** Operations that show accounts and the notifications of the caller. */
function readingOperations(accounts: AccountService, notifications: Notifications): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/accounts',
      name: 'listAccounts',
      summary: 'List the accounts that the caller may see',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'accounts',
      query: PAGING,
      run: async (call) => pageOf(await accounts.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'GET',
      path: '/accounts/:account',
      name: 'getAccount',
      summary: 'Get an account',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'account',
      run: async ({ actor, parameters }) => {
        const found = await accounts.get(actor, parameters.account);
        return { body: found, revision: found.revision };
      },
    }),
    operation({
      method: 'GET',
      path: '/account/notifications',
      name: 'listNotifications',
      summary: 'List notifications of your own account: new credentials, sign-ins from new networks, resets',
      tag,
      permission: 'own',
      status: 200,
      answer: 'notifications',
      query: PAGING,
      run: async (call) => {
        const items = await notifications.list(call.actor);
        // Newest first: pages go back in time.
        const place = new Map(items.map(({ id }, i) => [id, String(i).padStart(4, '0')]));
        return pageOf(items, ({ id }) => place.get(id) ?? id, call);
      },
    }),
  ];
}

/** Operations that create, update and delete accounts. */
function changingOperations(accounts: AccountService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/accounts',
      name: 'createAccount',
      summary: 'Create an account',
      tag,
      permission: 'account.write',
      status: 201,
      body: 'api/account-request.json',
      answer: 'account',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => {
        const made = await accounts.create(actor, body);
        return { body: made, revision: made.revision };
      },
    }),
    operation({
      method: 'PATCH',
      path: '/accounts/:account',
      name: 'updateAccount',
      summary: 'Update an account, its password, or whether it may sign in',
      tag,
      permission: 'account.write',
      status: 200,
      body: 'api/account-change.json',
      answer: 'account',
      dangerous: true,
      run: async ({ actor, parameters, body, revision }) => {
        const changed = await accounts.update(actor, parameters.account, body, revision);
        return { body: changed, revision: changed.revision };
      },
    }),
    operation({
      method: 'DELETE',
      path: '/accounts/:account',
      name: 'deleteAccount',
      summary: 'Delete an account with its keys and grants',
      tag,
      permission: 'account.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters, revision }) => {
        await accounts.delete(actor, parameters.account, revision);
        return {};
      },
    }),
  ];
}

/** Operations on invitations, with which people choose their first password. */
function invitationOperations(invitations: InvitationService, url: () => string): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/accounts/:account/invitation',
      name: 'inviteAccount',
      summary: 'Create an invitation, a one-time link with which a person chooses a password',
      tag,
      permission: 'account.write',
      status: 201,
      answer: 'invitation',
      dangerous: true,
      run: async ({ actor, parameters }) => {
        const { account, path, expires } = await invitations.invite(actor, parameters.account);
        return { body: { account, link: `${url()}${path}`, expires } };
      },
    }),
  ];
}
