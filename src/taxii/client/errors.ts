import { errorTable } from '../../kernel/error-table.ts';

/** Errors of the TAXII client. */
export const peerErrors = errorTable({
  pending: {
    code: 'TLN-E-015',
    kind: 'peer',
    title: 'The envelope is still pending',
    description: 'Its status is at {url}',
    hint: 'The server has accepted it, so do not send it again. Check its status later.',
  },
  notTaxii: {
    code: 'TLN-E-016',
    kind: 'peer',
    title: '{host} did not return a TAXII document',
    hint: 'Check the address.',
  },
  onlyEmptyPages: {
    code: 'TLN-E-013',
    kind: 'peer',
    title: 'The server announces more objects but returns only empty pages',
  },
  circle: {
    code: 'TLN-E-018',
    kind: 'peer',
    title: 'The server returns the same page again',
    description: 'It announces more objects, and returns a page that it returned before.',
    hint: 'Try another --limit. No page is lost, and the poll can be repeated.',
  },
  noWayOn: {
    code: 'TLN-E-014',
    kind: 'peer',
    title: 'The server announces more objects but gives no way to get them',
    description: 'The response has neither "next" nor a later X-TAXII-Date-Added-Last.',
  },
  tooManyAtOnce: {
    code: 'TLN-E-019',
    kind: 'peer',
    title: 'The server has more objects with the same date added than fit on a page',
    description: 'It does not return "next" to get the others.',
    hint: 'Use a larger --limit. No object was skipped.',
  },
  invalidPage: {
    code: 'TLN-E-023',
    kind: 'peer',
    title: '{host} returned a page that is not valid JSON',
  },
  notEnvelope: {
    code: 'TLN-E-027',
    kind: 'peer',
    title: '{host} returned JSON that is not a TAXII envelope',
    description: 'It has the properties: {members}',
    hint: 'Check the address. It must be that of a collection of a TAXII 2.1 server.',
  },
  stopped: {
    code: 'TLN-E-010',
    kind: 'peer',
    title: 'The poll was stopped',
  },
  webPage: {
    code: 'TLN-E-011',
    kind: 'peer',
    title: '{host} returned a web page instead of TAXII (status {status})',
    hint: 'Check the address. A sign-in page, a proxy or another service answers there.',
  },
  tooLarge: {
    code: 'TLN-E-012',
    kind: 'peer',
    title: 'The response from {host} is larger than 64 MiB',
    hint: 'Request smaller pages with --limit.',
  },
});
