import { errorTable } from '../kernel/error-table.ts';

/** Errors of the pages. */
export const webErrors = errorTable({
  unreadableForm: {
    code: 'TLN-W-400',
    kind: 'invalid-request',
    title: 'Unreadable form',
  },
  utf8Required: {
    code: 'TLN-W-415',
    kind: 'unsupported-media-type',
    title: 'Forms must be UTF-8',
    hint: 'Send the form as UTF-8, without another charset in its Content-Type.',
  },
  noPage: {
    code: 'TLN-W-404',
    kind: 'not-found',
    title: 'Page not found',
    description:
      'There is no page at this URL, or you do not have access to it. The link may be incomplete, or you may have to sign in.',
    hint: 'Start at the home page, or sign in.',
  },
  brokenEscape: {
    code: 'TLN-W-402',
    kind: 'invalid-request',
    title: 'The request cannot be read',
    description: 'The path contains a broken percent escape.',
    hint: 'Write a percent sign as %25.',
  },
  methodNotAllowed: {
    code: 'TLN-W-405',
    kind: 'method-not-allowed',
    title: '{method} is not allowed here',
    description: 'Allowed: {allowed}.',
  },
  savedListFilter: {
    code: 'TLN-W-420',
    kind: 'invalid-request',
    title: 'Unknown parameter: "{filter}"',
    description: 'The filters of a saved list are part of it. Only its removals have a parameter: "since".',
    hint: 'To change its filters, run: talanoa list update NAME',
  },
  mispFilter: {
    code: 'TLN-W-424',
    kind: 'invalid-request',
    title: 'Unknown parameter: "{filter}"',
    description:
      'A MISP feed contains everything of its collection that its reader may have. It has no filters.',
    hint: 'Set the rules of the feed in MISP, which can take events by tag.',
  },
  invalidInput: {
    code: 'TLN-W-422',
    kind: 'invalid-content',
    title: 'The form cannot be used as it is',
    hint: 'Correct the input and send the form again.',
  },
  selectionRefused: {
    code: 'TLN-W-423',
    kind: 'invalid-content',
    title: 'The action cannot be done with this selection',
    hint: 'Go back to the search and change the selection.',
  },
  changeNotPossible: {
    code: 'TLN-W-403',
    kind: 'forbidden',
    title: 'You cannot change this object',
    description: 'It belongs to somebody else, it is revoked already, or a feed made it.',
    hint: 'Ask the owner of the object, or the hub.',
  },
});
