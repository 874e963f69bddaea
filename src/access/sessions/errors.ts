import { errorTable } from '../../kernel/error-table.ts';

/** Errors of sessions and sign-ins. */
export const sessionErrors = errorTable({
  notFound: {
    code: 'TLN-A-414',
    kind: 'not-found',
    title: 'Session "{id}" not found',
    hint: 'To list the sessions, run: talanoa session list',
  },
  passwordManaged: {
    code: 'TLN-L-411',
    kind: 'conflict',
    title: 'The settings file sets the password of this account',
    hint: 'Ask an administrator for a first-time sign-in link (talanoa account invite), and choose your own password with it.',
  },
  foreignPage: {
    code: 'TLN-A-407',
    kind: 'forbidden',
    title: 'The request came from another website',
    description: 'A session changes something only when a page of the hub itself requests it.',
    hint: 'Programs use an API key.',
  },
  confirmationRequired: {
    code: 'TLN-A-408',
    kind: 'forbidden',
    title: 'Confirm your identity',
    description:
      'This operation changes access rights or opens a seal, and you gave your password or second factor more than five minutes ago.',
    hint: 'POST your password, or a code of your second factor, to /api/v1/session/confirmation, then repeat the request.',
  },
  ownPasswordRequired: {
    code: 'TLN-A-409',
    kind: 'forbidden',
    title: 'Choose your own password first',
    description: 'Somebody else set the password that you signed in with, and may still know it.',
  },
  tooManySignIns: {
    code: 'TLN-A-431',
    kind: 'rate-limited',
    title: 'This account has signed in {most} times within ten minutes',
    description: 'Each sign-in starts a session, and sessions are limited.',
    hint: 'Wait for the time in Retry-After, and keep using one session. Programs use an API key.',
  },
  tooManyFailures: {
    code: 'TLN-A-429',
    kind: 'rate-limited',
    title: 'Too many failed sign-ins',
    description:
      'Wrong credentials were sent repeatedly. No credentials are accepted until the wait is over.',
    hint: 'Check the account, the key or the password, and try again after the wait.',
  },
});
