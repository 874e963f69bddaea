import { errorTable } from '../../kernel/error-table.ts';

/** Errors of accounts, their email addresses and invitations. */
export const accountErrors = errorTable({
  invalidName: {
    code: 'TLN-U-423',
    kind: 'invalid-content',
    title: 'Invalid account name: "{name}"',
  },
  notFound: {
    code: 'TLN-U-404',
    kind: 'not-found',
    title: 'Account "{name}" not found',
    hint: 'To list the accounts, run: talanoa account list',
  },
  exists: {
    code: 'TLN-U-409',
    kind: 'conflict',
    title: 'Account "{name}" already exists',
    hint: 'Choose another name. To change this account, run: talanoa account update {name}',
  },
  officerWithoutMember: {
    code: 'TLN-U-429',
    kind: 'invalid-request',
    title: 'An officer needs a member',
    description: 'Officers act for a member. Without one, the account could do nothing.',
    hint: 'Give --member NAME (in the API: "member"). For hub staff, use the role analyst or administrator.',
  },
  nameTaken: {
    code: 'TLN-U-411',
    kind: 'conflict',
    title: 'The account name "{name}" is not available',
    hint: 'Choose a name that begins with the name of the member and a hyphen.',
  },
  nameOfOthers: {
    code: 'TLN-U-430',
    kind: 'invalid-content',
    title: 'The member {member} cannot choose the account name "{name}"',
    description:
      'Names that a member chooses begin with its own name and a hyphen, but not with the longer name of another member.',
    hint: 'Choose a name that begins with the name of the member and a hyphen.',
  },
  noEmail: {
    code: 'TLN-M-503',
    kind: 'unavailable',
    title: 'This hub cannot send email',
    hint: 'Ask the operator to configure mail in the settings file.',
  },
  unknownTimeZone: {
    code: 'TLN-U-431',
    kind: 'invalid-content',
    title: 'Unknown time zone: "{zone}"',
    hint: 'Use a name of the IANA database, such as Pacific/Noumea.',
  },
  invalidEmail: {
    code: 'TLN-U-424',
    kind: 'invalid-content',
    title: 'Invalid email address',
    hint: 'Use the format name@example.org.',
  },
  tooManyLinks: {
    code: 'TLN-A-432',
    kind: 'rate-limited',
    title: 'Too many confirmation links were sent',
    hint: 'Open the link in the newest email, or try again tomorrow.',
  },
  linkEnded: {
    code: 'TLN-U-410',
    kind: 'not-found',
    title: 'This link is no longer valid',
    hint: 'A link works once and only for a limited time. Request a new one.',
  },
  hashQueueFull: {
    code: 'TLN-A-433',
    kind: 'rate-limited',
    title: 'Too many sign-ins at the same time',
    hint: 'Try again in a few seconds.',
  },
  ownAccount: {
    code: 'TLN-U-426',
    kind: 'invalid-content',
    title: 'You cannot {action} the account that you use',
    hint: 'Ask another administrator.',
  },
  passwordKnown: {
    code: 'TLN-U-427',
    kind: 'invalid-content',
    title: 'Somebody else set this password for the account',
    hint: 'Choose a password that nobody else knows.',
  },
  weakPassword: {
    code: 'TLN-U-422',
    kind: 'invalid-content',
    title: '{fault}',
  },
});
