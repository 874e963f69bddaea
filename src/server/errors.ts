import { errorTable } from '../kernel/error-table.ts';

/** Errors of the start of the hub. */
export const serverErrors = errorTable({
  portTaken: {
    code: 'TLN-N-001',
    kind: 'conflict',
    title: 'Port {port} on {host} is already in use',
    hint: 'Use another port with --port, or stop the process that uses it.',
  },
  cannotListen: {
    code: 'TLN-N-002',
    kind: 'conflict',
    title: 'The hub cannot listen on {host}:{port}',
    hint: 'Use another address or port (--port).',
  },
  tlsFileUnreadable: {
    code: 'TLN-N-003',
    kind: 'invalid-request',
    title: '{file} cannot be read',
    description: '{reason}',
    hint: 'Correct the path under listen.tls, or let the account of the hub read the file.',
  },
  certificateInvalid: {
    code: 'TLN-N-004',
    kind: 'invalid-request',
    title: '{file} does not contain a certificate',
    description: 'The file must be in PEM format and begin with the certificate of the hub.',
    hint: 'Set listen.tls.cert_file and listen.tls.key_file to a pair that belongs together.',
  },
  privateKeyInvalid: {
    code: 'TLN-N-005',
    kind: 'invalid-request',
    title: '{file} does not contain a private key',
    description: 'The key must be in PEM format, without a passphrase.',
    hint: 'Set listen.tls.cert_file and listen.tls.key_file to a pair that belongs together.',
  },
  otherKey: {
    code: 'TLN-N-006',
    kind: 'invalid-request',
    title: '{keyFile} is not the key of {certFile}',
    description: 'They belong to different certificates.',
    hint: 'Set listen.tls.cert_file and listen.tls.key_file to a pair that belongs together.',
  },
  authoritiesMissing: {
    code: 'TLN-N-007',
    kind: 'invalid-request',
    title: '{file} does not contain a certificate of an authority',
    description: 'The file must contain the authorities of client certificates in PEM format.',
    hint: 'Set listen.tls.client_certificates.ca_file to such a file, or remove it.',
  },
});
