import { errorTable } from './error-table.ts';

/** Errors of request bodies, JSON, outgoing connections and local secrets. */
export const kernelErrors = errorTable({
  internal: {
    code: 'TLN-X-500',
    kind: 'internal',
    title: 'Internal error',
    description: 'The operator of the hub can find the reason in the log under the error id.',
  },
  unexpectedAddress: {
    code: 'TLN-E-004',
    kind: 'peer',
    title: 'Invalid URL: "{text}"',
  },
  tooManyBytes: {
    code: 'TLN-N-429',
    kind: 'rate-limited',
    title: 'Too many large request bodies at the same time',
    description: 'The hub is already processing large request bodies from this sender.',
    hint: 'Send large bodies one after the other, or send smaller ones.',
  },
  busyWithBodies: {
    code: 'TLN-N-503',
    kind: 'unavailable',
    title: 'The hub is processing too many large requests',
    hint: 'Send the request again in a few seconds, or send smaller ones.',
  },
  egressRefused: {
    code: 'TLN-E-001',
    kind: 'peer',
    title: 'The hub is not allowed to connect to {host}: {why}',
    hint: 'If this internal address is intended, the operator adds host:port to egress.allow in the settings file.',
  },
  unreachable: {
    code: 'TLN-E-002',
    kind: 'peer',
    title: '{host} could not be reached: {why}',
  },
  tooManyRedirects: {
    code: 'TLN-E-003',
    kind: 'peer',
    title: '{host} redirects too often',
    hint: 'Check the address. It should answer within five redirects.',
  },
  invalidJson: {
    code: 'TLN-J-001',
    kind: 'invalid-request',
    title: 'The body is not valid JSON',
    description: '{what} at byte {at}.',
    hint: 'Send a TAXII envelope: {"objects": [ … ]}, encoded as UTF-8.',
  },
  tooMuchJson: {
    code: 'TLN-J-413',
    kind: 'too-large',
    title: 'The body has {what}',
    hint: 'Split it into several smaller envelopes.',
  },
  notUtf8: {
    code: 'TLN-J-002',
    kind: 'invalid-request',
    title: 'The body is not UTF-8',
    hint: 'JSON must be encoded as UTF-8 (RFC 8259 section 8.1). Convert the text and send it again.',
  },
  objectsNotList: {
    code: 'TLN-J-003',
    kind: 'invalid-request',
    title: 'The property "objects" is not a list',
    hint: 'An envelope has the format {"objects": [ … ]} (TAXII 2.1 section 3.7).',
  },
  invalidJsonText: {
    code: 'TLN-J-004',
    kind: 'invalid-content',
    title: 'Invalid JSON at line {line}, column {column}',
  },
  objectTooLarge: {
    code: 'TLN-J-414',
    kind: 'too-large',
    title: 'The object at line {line} is larger than {limit} MiB',
  },
  secretNotAllowed: {
    code: 'TLN-F-406',
    kind: 'forbidden',
    title: 'The settings file does not allow {reference} as a secret',
    description: 'Feeds and channels can use only the variables and files that the settings file allows.',
  },
  secretNeverAllowed: {
    code: 'TLN-F-407',
    kind: 'forbidden',
    title: '{reference} can never be used as a secret of a feed or channel',
    description:
      'The variables TALANOA_* and MONGODB_URI, the master key file and its folder, and /proc belong to the hub itself. References have the format env:NAME, file:PATH or secret:NAME.',
    hint: 'Put the key in a separate variable or file.',
  },
  mailRefused: {
    code: 'TLN-E-022',
    kind: 'peer',
    title: 'The mail server {host} refused an email',
  },
  mailFailed: {
    code: 'TLN-E-020',
    kind: 'peer',
    title: 'The mail server {host} could not accept an email',
  },
  bodyTooLarge: {
    code: 'TLN-N-413',
    kind: 'too-large',
    title: 'The body is too large',
    description: 'A body can have at most {limit} bytes, also after decompression.',
  },
  codingNotSupported: {
    code: 'TLN-N-415',
    kind: 'unsupported-media-type',
    title: 'The Content-Encoding {coding} is not supported',
    hint: 'Use gzip, or send the body without compression.',
  },
  bodyIncomplete: {
    code: 'TLN-N-400',
    kind: 'invalid-request',
    title: 'The body ended early',
  },
  invalidGzip: {
    code: 'TLN-N-401',
    kind: 'invalid-request',
    title: 'The body is not valid gzip',
  },
  mailHostUnresolved: {
    code: 'TLN-E-026',
    kind: 'peer',
    title: 'The name of the mail server {host} could not be resolved in time',
    hint: 'Check the name servers of this machine. The hub tries again later.',
  },
  credentialsInAddress: {
    code: 'TLN-A-400',
    kind: 'invalid-request',
    title: 'Credentials are not accepted in the URL',
    hint: 'Send them in the Authorization header. Revoke this key and create a new one, because logs may contain the URL.',
  },
});
