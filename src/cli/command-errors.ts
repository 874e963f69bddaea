import { errorTable } from '../kernel/error-table.ts';

/** Errors of the command line. */
export const commandErrors = errorTable({
  nothingToChange: {
    code: 'TLN-C-010',
    kind: 'invalid-request',
    title: 'The command changes nothing',
  },
  subjectRequired: {
    code: 'TLN-C-011',
    kind: 'invalid-request',
    title: 'No subject or email address given',
    hint: 'Use --subject, or --email to match the person at the first sign-in.',
  },
  variableNotSet: {
    code: 'TLN-C-012',
    kind: 'invalid-request',
    title: 'The environment variable {name} is not set',
    hint: 'Set it without showing it: read -rs {name}; export {name}',
  },
  fileUnreadable: {
    code: 'TLN-V-404',
    kind: 'not-found',
    title: 'Cannot read the file {file}',
    hint: 'Check the path and the permissions of the file.',
  },
  invalidPrivateKey: {
    code: 'TLN-C-013',
    kind: 'invalid-request',
    title: 'The private key cannot be used',
    hint: 'Use an unencrypted private key in PEM format (RSA, EC or Ed25519).',
  },
  socketForbidden: {
    code: 'TLN-N-403',
    kind: 'forbidden',
    title: "You don't have permission to use the socket of this hub",
    hint: 'Run the command as the user that runs the hub.',
  },
  keyRequired: {
    code: 'TLN-C-014',
    kind: 'unauthenticated',
    title: 'No API key given for this hub',
    hint: 'Set the key as an environment variable: read -rs TALANOA_KEY; export TALANOA_KEY',
  },
  notHub: {
    code: 'TLN-E-024',
    kind: 'peer',
    title: '{host} does not answer as a Talanoa hub (status {status})',
    hint: 'Check the address.',
  },
  connectionLost: {
    code: 'TLN-E-028',
    kind: 'peer',
    title: 'The connection to the hub ended before its answer was complete',
    hint: 'The hub may have carried out the command. Run talanoa status, and check before you repeat the command.',
  },
  nothingToPublish: {
    code: 'TLN-C-015',
    kind: 'invalid-request',
    title: 'No values to publish',
    hint: 'Give values as arguments, or use --file FILE with one value per line.',
  },
  nothingToGive: {
    code: 'TLN-C-024',
    kind: 'invalid-content',
    title: '{file} contains no object to give',
    hint: 'The file must contain at least one STIX object: a bundle, an envelope, a list, or one object per line.',
  },
  invalidTlp: {
    code: 'TLN-C-016',
    kind: 'invalid-request',
    title: 'Invalid TLP level: "{tlp}"',
    hint: 'Use clear, green, amber or amber+strict.',
  },
  secretRequired: {
    code: 'TLN-C-017',
    kind: 'invalid-request',
    title: 'No secret on standard input',
    hint: 'printf %s "$KEY" | talanoa secret set NAME --host HOST',
  },
  collectionNotFound: {
    code: 'TLN-E-404',
    kind: 'not-found',
    title: 'You cannot {action} a collection named "{name}" on this server',
  },
  invalidMatch: {
    code: 'TLN-C-018',
    kind: 'invalid-request',
    title: 'Invalid filter: "{match}"',
    hint: 'Use the form --match type=indicator,malware (id, type, version or spec_version).',
  },
  invalidTimestamp: {
    code: 'TLN-C-019',
    kind: 'invalid-request',
    title: 'Invalid timestamp: "{text}"',
    hint: 'Use the form 2026-01-31T00:00:00Z.',
  },
  invalidState: {
    code: 'TLN-C-020',
    kind: 'invalid-content',
    title: '{file} does not contain the state of a poll',
    hint: 'Remove the file to start from the beginning.',
  },
  foreignState: {
    code: 'TLN-C-021',
    kind: 'conflict',
    title: '{file} contains the state of another collection',
    description: 'It belongs to {collection}.',
    hint: 'Use a separate file for each collection.',
  },
  invalidAddress: {
    code: 'TLN-C-022',
    kind: 'invalid-request',
    title: 'Invalid address: "{text}"',
  },
  notBundle: {
    code: 'TLN-V-422',
    kind: 'invalid-content',
    title: '{file} is not a STIX bundle',
    hint: 'A bundle has the form {"type": "bundle", "id": …, "objects": [ … ]}.',
  },
  pemUnreadable: {
    code: 'TLN-C-023',
    kind: 'invalid-request',
    title: 'Cannot read the file {file}',
    hint: 'Give the path of {what} in PEM format.',
  },
  noCollection: {
    code: 'TLN-E-025',
    kind: 'invalid-request',
    title: 'You cannot {action} any collection on this server',
    hint: 'Check the credentials, or ask for a grant.',
  },
  collectionRequired: {
    code: 'TLN-E-017',
    kind: 'invalid-request',
    title: 'Several collections match',
    hint: 'Name one with --collection.',
  },
  invalidJson: {
    code: 'TLN-J-005',
    kind: 'invalid-content',
    title: 'Invalid JSON at line {line}',
  },
});
