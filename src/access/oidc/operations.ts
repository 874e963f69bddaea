import { operation, type Operation } from '../operation.ts';
import type { SingleSignOn } from './single-sign-on.ts';

/** Operations on the links of accounts to the sign-in provider. */
export function signOnOperations(signOn: SingleSignOn): readonly Operation[] {
  const tag = 'Single sign-on';
  return [
    operation({
      method: 'PUT',
      path: '/accounts/:account/single-sign-on',
      name: 'linkAccount',
      summary: 'Link an account to a person at the sign-in provider',
      tag,
      permission: 'account.link',
      status: 204,
      body: 'api/sign-on-link.json',
      dangerous: true,
      run: async ({ actor, parameters, body }) => {
        await signOn.link(actor, parameters.account, body);
        return {};
      },
    }),
    operation({
      method: 'DELETE',
      path: '/accounts/:account/single-sign-on',
      name: 'unlinkAccount',
      summary: 'Remove the link of an account to the sign-in provider',
      tag,
      permission: 'account.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters }) => {
        await signOn.unlink(actor, parameters.account);
        return {};
      },
    }),
  ];
}
