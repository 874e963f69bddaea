import { errorTable } from '../../kernel/error-table.ts';

/** Errors of single sign-on. */
export const signOnErrors = errorTable({
  providerUnreachable: {
    code: 'TLN-A-503',
    kind: 'unavailable',
    title: 'The sign-in provider cannot be reached',
    hint: 'Sign in with a password if your account has one, or try again later.',
  },
  accountInUse: {
    code: 'TLN-U-412',
    kind: 'conflict',
    title: 'Account "{name}" is already in use',
    description:
      'It has a password, a key, a confirmed email address or a linked person, or it has received TLP:RED.',
  },
  personLinked: {
    code: 'TLN-U-413',
    kind: 'conflict',
    title: 'This person is already linked to another account',
  },
  notLinked: {
    code: 'TLN-U-415',
    kind: 'not-found',
    title: 'The account is not linked to a sign-in provider',
  },
  noProvider: {
    code: 'TLN-A-419',
    kind: 'not-found',
    title: 'This hub has no sign-in provider',
    hint: 'Ask the operator to configure sign_in.oidc in the settings file.',
  },
  machineAccount: {
    code: 'TLN-U-428',
    kind: 'invalid-content',
    title: 'A service account cannot use single sign-on',
    hint: 'Give it an API key or a client certificate.',
  },
});
