import { errorTable } from '../../kernel/error-table.ts';

/** Errors of feedback and of false positives. */
export const feedbackErrors = errorTable({
  caseNotFound: {
    code: 'TLN-Y-414',
    kind: 'not-found',
    title: 'No open report of a false positive has the id "{id}"',
    hint: 'To list the open reports, run: talanoa feedback cases',
  },
  invalidValue: {
    code: 'TLN-Y-423',
    kind: 'invalid-request',
    title: 'Invalid value: "{value}"',
    hint: 'Use an address, a network, a domain, a URL, an email address or a hash.',
  },
  valueNotFound: {
    code: 'TLN-Y-415',
    kind: 'not-found',
    title: 'No collection that you can read contains this value',
  },
});
