import { errorTable } from '../../kernel/error-table.ts';

/** Errors of the contact directory. */
export const contactErrors = errorTable({
  notFound: {
    code: 'TLN-M-440',
    kind: 'not-found',
    title: 'Contact not found',
    description: 'It does not exist, or its member does not show it to you.',
    hint: 'To list the contacts, run: talanoa contact list',
  },
  invalid: {
    code: 'TLN-M-441',
    kind: 'invalid-content',
    title: 'The contact is not valid',
    hint: 'Correct these fields and try again. Nothing was changed.',
  },
  changeNotFound: {
    code: 'TLN-M-442',
    kind: 'not-found',
    title: 'Change of a contact not found',
    hint: 'To list the changes, run: talanoa contact changes',
  },
  decided: {
    code: 'TLN-M-443',
    kind: 'conflict',
    title: 'The change was already decided',
  },
  outdated: {
    code: 'TLN-M-444',
    kind: 'conflict',
    title: 'The contact has changed since this change was requested',
    description: 'Changed fields: {fields}.',
    hint: 'Decline the change, so that it can be requested again.',
  },
  tooManyWaiting: {
    code: 'TLN-M-445',
    kind: 'rate-limited',
    title: '{most} changes of contacts of this member are waiting for a decision',
    hint: 'Try again after the hub has decided some of them.',
  },
  methodNeeded: {
    code: 'TLN-M-446',
    kind: 'invalid-content',
    title: 'A change of a 24/7 contact needs a verification method',
    description: 'Otherwise an attacker could redirect night calls to their own number.',
    hint: 'Call the number that is in force, or check a signed email. Then give the method: call, sms, signed-email or known-person.',
  },
  keyMethodNeeded: {
    code: 'TLN-M-448',
    kind: 'invalid-content',
    title: 'A new key needs a verification method',
    description: 'Otherwise an attacker could read email to the member with a forged key.',
    hint: 'Call the number that is in force, and compare the fingerprint. Then give the method: call, sms, signed-email or known-person.',
  },
  changedMeanwhile: {
    code: 'TLN-M-449',
    kind: 'precondition-failed',
    title: 'The contact has changed since you read it',
    hint: 'Read it again, and check that you reached it as it is written now.',
  },
  methodOfHub: {
    code: 'TLN-M-447',
    kind: 'invalid-content',
    title: 'Only hub staff give a verification method',
    hint: 'Leave the method out. The hub checks the change before it decides.',
  },
});
