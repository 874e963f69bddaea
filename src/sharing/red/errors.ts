import { errorTable } from '../../kernel/error-table.ts';

/** Errors of TLP:RED. */
export const redErrors = errorTable({
  invalidObject: {
    code: 'TLN-R-423',
    kind: 'invalid-content',
    title: 'The object is not valid STIX',
  },
  notRed: {
    code: 'TLN-R-422',
    kind: 'invalid-content',
    title: 'The object is not marked TLP:RED',
    hint: 'Publish it in a collection, or mark it TLP:RED.',
  },
  notPersons: {
    code: 'TLN-R-405',
    kind: 'invalid-content',
    title: 'These are not accounts of people who can sign in: {names}',
    hint: 'TLP:RED goes to active accounts of people. An administrator can create one.',
  },
  ownPasswordRequired: {
    code: 'TLN-R-406',
    kind: 'forbidden',
    title: 'Choose your own password before you read TLP:RED',
    description: 'Somebody else set the password that you signed in with, and may still know it.',
  },
  consoleOnly: {
    code: 'TLN-R-403',
    kind: 'forbidden',
    title: 'TLP:RED can be read only in the console',
    description: 'TLP:RED content is shown only to its recipients, in their own console sessions.',
    hint: 'Sign in and open /console/red.',
  },
  recipientsOnly: {
    code: 'TLN-R-407',
    kind: 'forbidden',
    title: 'Only the recipients of this object can read it',
  },
  notFound: {
    code: 'TLN-R-404',
    kind: 'not-found',
    title: 'No TLP:RED object with the id "{id}" was given to you',
    hint: 'To list the objects, run: talanoa red list',
  },
  holderFull: {
    code: 'TLN-R-409',
    kind: 'full',
    title: '{holder} holds too much TLP:RED',
    description: 'The objects that are given can have {most} bytes altogether.',
    hint: 'Withdraw objects that are no longer needed: talanoa red withdraw ID',
  },
});
