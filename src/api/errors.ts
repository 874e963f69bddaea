import { errorTable } from '../kernel/error-table.ts';

/** Errors of the API. */
export const apiErrors = errorTable({
  resourceNotFound: {
    code: 'TLN-P-404',
    kind: 'not-found',
    title: 'Resource not found',
    hint: 'The OpenAPI document at /api/openapi.json lists all resources.',
  },
  invalidParameter: {
    code: 'TLN-P-421',
    kind: 'invalid-request',
    title: 'Invalid parameter: {name}',
  },
  missingParameter: {
    code: 'TLN-P-416',
    kind: 'invalid-request',
    title: 'The parameter {name} is missing',
  },
  jsonRequired: {
    code: 'TLN-P-415',
    kind: 'unsupported-media-type',
    title: 'The body must be JSON',
    hint: 'Send "Content-Type: application/json".',
  },
  invalidBody: {
    code: 'TLN-P-422',
    kind: 'invalid-content',
    title: 'Invalid request body',
  },
  unreadableBody: {
    code: 'TLN-P-420',
    kind: 'invalid-request',
    title: 'Unreadable request body',
  },
  utf8Required: {
    code: 'TLN-P-417',
    kind: 'unsupported-media-type',
    title: 'JSON must be UTF-8',
    hint: 'Send the body as UTF-8, without another charset in its Content-Type.',
  },
  invalidIfMatch: {
    code: 'TLN-P-418',
    kind: 'invalid-request',
    title: 'Invalid If-Match header',
    hint: 'Send the ETag of the resource as it was received.',
  },
  methodNotAllowed: {
    code: 'TLN-P-405',
    kind: 'method-not-allowed',
    title: '{method} is not allowed here',
    description: 'Allowed: {allowed}.',
  },
  brokenEscape: {
    code: 'TLN-P-423',
    kind: 'invalid-request',
    title: 'The request cannot be read',
    description: 'The path contains a broken percent escape.',
    hint: 'Write a percent sign as %25.',
  },
});
