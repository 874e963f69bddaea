import { unauthenticated } from '../authenticate.ts';
import type { EmailService } from './email-service.ts';
import type { AccountPrincipal, Principal } from '../principal.ts';
import { operation, type Operation } from '../operation.ts';

const tag = 'Email';

/** Operations on the caller's own email address, and resets of forgotten passwords. */
export function emailOperations(email: EmailService): readonly Operation[] {
  return [...addressOperations(email), ...resetOperations(email)];
}

/** Operations on the caller's own email address. */
function addressOperations(email: EmailService): readonly Operation[] {
  // People change and confirm their own address in a session, never with a key.
  const person = (actor: Principal): AccountPrincipal => {
    if (actor.kind !== 'account' || actor.session === undefined) throw unauthenticated();
    return actor;
  };
  return [
    operation({
      method: 'POST',
      path: '/email',
      name: 'proposeEmail',
      summary: 'Send a confirmation link to a new email address of your own account',
      tag,
      permission: 'session',
      status: 204,
      body: 'api/email-proposal.json',
      dangerous: true,
      run: async ({ actor, body }) => {
        await email.propose(person(actor), body.email);
        return {};
      },
    }),
    operation({
      method: 'POST',
      path: '/email/verification',
      name: 'verifyEmail',
      summary: 'Confirm your own email address with the token of the link',
      tag,
      permission: 'session',
      status: 204,
      body: 'api/email-verification.json',
      run: async ({ actor, body, http }) => {
        await email.verify(person(actor), body.token, http.from);
        return {};
      },
    }),
  ];
}

/** Operations that reset a forgotten password. */
function resetOperations(email: EmailService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/password-resets',
      name: 'requestPasswordReset',
      summary:
        'Send a password reset link to the confirmed address of an account; the response is the ' +
        'same for every account',
      tag,
      permission: 'public',
      status: 204,
      body: 'api/password-reset-request.json',
      run: ({ body, http }) => {
        email.requestReset(body.account, http.from);
        return Promise.resolve({});
      },
    }),
    operation({
      method: 'POST',
      path: '/password-resets/completion',
      name: 'completePasswordReset',
      summary: 'Set a new password with the token of the link',
      tag,
      permission: 'public',
      status: 204,
      body: 'api/password-reset.json',
      run: async ({ body, http }) => {
        const { token, password } = body;
        return { cookie: await email.reset(token, password, http.from) };
      },
    }),
  ];
}
