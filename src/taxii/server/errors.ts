import { errorTable } from '../../kernel/error-table.ts';

/** Errors of the TAXII server. */
export const taxiiErrors = errorTable({
  notEnvelope: {
    code: 'TLN-T-422',
    kind: 'invalid-content',
    title: 'The body is a STIX {what}, not an envelope',
    hint: 'Put the objects into an envelope: {"objects": [ … ]} (TAXII 2.1 section 3.7).',
  },
  emptyEnvelope: {
    code: 'TLN-T-423',
    kind: 'invalid-content',
    title: 'The envelope has no objects',
    hint: 'An envelope has the format {"objects": [ … ]} (TAXII 2.1 section 3.7).',
  },
  foreignNext: {
    code: 'TLN-T-401',
    kind: 'invalid-request',
    title: 'This value of next does not belong to this request',
    description:
      'It was created for another collection, other filters or another account, or it is incomplete.',
    hint: 'Start again without next, with added_after of the last object that you have.',
  },
  notAcceptable: {
    code: 'TLN-T-406',
    kind: 'not-acceptable',
    title: 'This server supports only TAXII 2.1',
  },
  utf8Required: {
    code: 'TLN-T-417',
    kind: 'unsupported-media-type',
    title: 'The body must be UTF-8',
    description: 'The Content-Type is {header}.',
    hint: 'Send JSON as UTF-8 (RFC 8259 §8.1), without another charset in its Content-Type.',
  },
  taxiiRequired: {
    code: 'TLN-T-415',
    kind: 'unsupported-media-type',
    title: 'The body must be TAXII 2.1',
  },
  invalidParameter: {
    code: 'TLN-T-400',
    kind: 'invalid-request',
    title: 'Invalid parameter: {name}',
  },
  statusNotFound: {
    code: 'TLN-T-411',
    kind: 'not-found',
    title: 'Status not found',
    description: 'A status is kept for 24 hours and shown to the account that sent the envelope.',
  },
  nothingHere: {
    code: 'TLN-T-407',
    kind: 'not-found',
    title: 'Resource not found',
    hint: 'TAXII discovery is at /taxii2/.',
  },
  methodNotAllowed: {
    code: 'TLN-T-405',
    kind: 'method-not-allowed',
    title: '{method} is not allowed here',
    description: 'Allowed: {allowed}.',
  },
  brokenEscape: {
    code: 'TLN-T-421',
    kind: 'invalid-request',
    title: 'The path contains a broken percent escape',
    description:
      'In a URL, a percent sign must be followed by two hexadecimal digits, and the bytes must be UTF-8.',
    hint: 'Write a percent sign as %25.',
  },
});
