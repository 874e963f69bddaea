import { errorTable } from '../../kernel/error-table.ts';

/** Errors of second factors. */
export const factorErrors = errorTable({
  noAppPending: {
    code: 'TLN-A-411',
    kind: 'conflict',
    title: 'No authenticator app is waiting for its first code',
    description: 'The secret was never shown, or it was shown more than 15 minutes ago.',
    hint: 'Start again: request a new secret, add it to the app, then enter the code that the app shows.',
  },
  noApp: {
    code: 'TLN-A-412',
    kind: 'not-found',
    title: 'The account has no authenticator app',
  },
  hostNameRequired: {
    code: 'TLN-A-413',
    kind: 'conflict',
    title: 'Passkeys require a host name',
    description:
      'The address of this hub is {url}. Browsers bind a passkey to a host name and refuse an IP address.',
    hint: 'Use an authenticator app, or ask the administrators of the hub to set hub.url to an address with a host name.',
  },
  tooManyPasskeys: {
    code: 'TLN-A-415',
    kind: 'conflict',
    title: 'An account can have at most {most} passkeys',
    hint: 'Remove a passkey that you no longer use.',
  },
  passkeyNotFound: {
    code: 'TLN-A-416',
    kind: 'not-found',
    title: 'Passkey not found',
  },
  factorRequiredFirst: {
    code: 'TLN-A-417',
    kind: 'conflict',
    title: 'Recovery codes require a second factor',
    hint: 'Set up an authenticator app or a passkey first.',
  },
  noFactor: {
    code: 'TLN-A-404',
    kind: 'not-found',
    title: 'The account has no second factor',
  },
  lastFactor: {
    code: 'TLN-A-410',
    kind: 'conflict',
    title: 'Your account needs a second factor',
    description: 'This is your only second factor, and this hub requires one for your role.',
    hint: 'Add the new authenticator app or passkey first; a new app replaces the old one.',
  },
  notWaiting: {
    code: 'TLN-A-418',
    kind: 'conflict',
    title: 'This sign-in is not waiting for a second factor',
  },
});
