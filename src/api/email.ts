import { unauthenticated } from '../access/authenticate.ts';
import type { EmailService } from '../access/accounts/email-service.ts';
import type { AccountPrincipal, Principal } from '../access/principal.ts';
import type { Operation } from './operation.ts';

/** Operations on the caller's own email address, and resets of forgotten passwords. */
export function emailOperations(email: EmailService): readonly Operation[] {
  const tag = 'Email';
  // People change and confirm their own address in a session, never with a key.
  const person = (actor: Principal): AccountPrincipal => {
    if (actor.kind !== 'account' || actor.session === undefined) throw unauthenticated();
    return actor;
  };
  return [
    {
      method: 'POST', path: '/email', name: 'proposeEmail', summary: 'Send a confirmation link to a new email address of your own account', tag, status: 204,
      body: 'api/email-proposal.json', dangerous: true,
      run: async ({ actor, body }) => {
        await email.propose(person(actor), (body as { email: string }).email);
        return {};
      },
    },
    {
      method: 'POST', path: '/email/verification', name: 'verifyEmail', summary: 'Confirm your own email address with the token of the link', tag, status: 204,
      body: 'api/email-verification.json',
      run: async ({ actor, body, http }) => {
        await email.verify(person(actor), (body as { token: string }).token, http.from);
        return {};
      },
    },
    {
      method: 'POST', path: '/password-resets', name: 'requestPasswordReset', summary: 'Send a password reset link to the confirmed address of an account; the answer is the same for every account', tag, status: 204,
      body: 'api/password-reset-request.json', open: true,
      run: ({ body, http }) => {
        email.requestReset((body as { account: string }).account, http.from);
        return Promise.resolve({});
      },
    },
    {
      method: 'POST', path: '/password-resets/completion', name: 'completePasswordReset', summary: 'Set a new password with the token of the link', tag, status: 204,
      body: 'api/password-reset.json', open: true,
      run: async ({ body, http }) => {
        const { token, password } = body as { token: string; password: string };
        return { cookie: await email.reset(token, password, http.from) };
      },
    },
  ]; // prettier-ignore
}
