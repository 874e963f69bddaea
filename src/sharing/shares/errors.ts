import { errorTable } from '../../kernel/error-table.ts';

/** Errors of sharing by hand and triage. */
export const shareErrors = errorTable({
  keyLimited: {
    code: 'TLN-S-403',
    kind: 'forbidden',
    title: 'Your key is limited to other collections',
    hint: 'Use a key or a session with access to the collections of these members.',
  },
  notReadable: {
    code: 'TLN-S-405',
    kind: 'forbidden',
    title: 'You don\'t have permission to read the collection "{collection}", which contains the object',
    hint: 'Grant it, which the audit log records: talanoa grant create {collection} role:{role} --read',
  },
  tooManyAsked: {
    code: 'TLN-S-415',
    kind: 'conflict',
    title: 'You have {most} unanswered requests for consent, which is the maximum',
    hint: 'To list them, run: talanoa share list',
  },
  notFound: {
    code: 'TLN-S-404',
    kind: 'not-found',
    title: 'Request for consent "{id}" not found',
    hint: 'To list the requests, run: talanoa share list',
  },
  answered: {
    code: 'TLN-S-413',
    kind: 'conflict',
    title: 'The request was already answered',
    hint: 'To see the answer, run: talanoa share list',
  },
  consentRequired: {
    code: 'TLN-S-422',
    kind: 'invalid-content',
    title: 'The note must record the consent of {owner}',
    hint: 'Write in the note who gave the consent, when and how.',
  },
  ownerChanged: {
    code: 'TLN-S-414',
    kind: 'conflict',
    title: 'The object has another owner now',
    description: '{owner} was asked, and the object under this id now belongs to another owner.',
    hint: 'Refuse the request. It can be made again to the current owner.',
  },
  noOwnCollection: {
    code: 'TLN-S-423',
    kind: 'invalid-content',
    title: '{name} has no collection of its own',
    hint: 'Share into a collection that the member can read, or create a collection for the member.',
  },
  noRecipients: {
    code: 'TLN-S-424',
    kind: 'invalid-content',
    title: 'The share names no recipients',
    hint: 'Name members or a collection.',
  },
  triageNotFound: {
    code: 'TLN-I-404',
    kind: 'not-found',
    title: 'No open triage item has the id "{id}"',
    hint: 'To list the open items, run: talanoa triage list',
  },
});
