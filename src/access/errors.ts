import { errorTable } from '../kernel/error-table.ts';

/** Errors of authentication, permissions and what all rooms share. */
export const accessErrors = errorTable({
  notPermitted: {
    code: 'TLN-A-403',
    kind: 'forbidden',
    title: "You don't have permission to {action}",
  },
  signInRequired: {
    code: 'TLN-A-401',
    kind: 'unauthenticated',
    title: 'Authentication required',
    description: 'The request has no credentials, or they are not valid.',
    hint: 'Send an API key as "Authorization: Bearer KEY", or as the password of HTTP Basic.',
  },
  managedBySettings: {
    code: 'TLN-L-410',
    kind: 'conflict',
    title: '{what} is managed by the settings file',
    hint: 'Change it in the settings file and restart the hub.',
  },
  changedMeanwhile: {
    code: 'TLN-S-412',
    kind: 'precondition-failed',
    title: 'Another request has changed the resource',
    description: 'The request expected revision {expected}, and the current revision is {current}.',
    hint: 'Read the resource again and repeat the change.',
  },
  invalidAfter: {
    code: 'TLN-P-400',
    kind: 'invalid-request',
    title: 'Invalid parameter: after',
    hint: 'Send the value of "next" from the previous page.',
  },
  invalidCertificate: {
    code: 'TLN-K-423',
    kind: 'invalid-content',
    title: 'Invalid certificate',
    hint: 'Send one certificate in PEM format, from BEGIN CERTIFICATE to END CERTIFICATE.',
  },
  certificateExpired: {
    code: 'TLN-K-424',
    kind: 'invalid-content',
    title: 'The certificate expired on {date}',
    hint: 'Register a certificate that is valid.',
  },
  keyNotProven: {
    code: 'TLN-K-422',
    kind: 'invalid-content',
    title: 'The request does not prove possession of the private key',
    description: 'A certificate is public. Only the holder of its private key can register it.',
  },
  invalidProof: {
    code: 'TLN-K-425',
    kind: 'invalid-content',
    title: 'Invalid proof of the private key',
    description:
      'The signature must cover this hub ({hub}), this account ({account}) and a time within the last ten minutes.',
  },
  apiRootNotFound: {
    code: 'TLN-L-405',
    kind: 'not-found',
    title: 'API root "{name}" not found',
    hint: 'Available API roots: {roots}.',
  },
  collectionNotFound: {
    code: 'TLN-L-404',
    kind: 'not-found',
    title: 'Collection "{name}" not found',
  },
  collectionExists: {
    code: 'TLN-L-409',
    kind: 'conflict',
    title: 'A collection with the alias "{alias}" already exists',
    hint: 'Choose another --alias.',
  },
  audienceTooWide: {
    code: 'TLN-L-403',
    kind: 'forbidden',
    title: '{audience} may not read everything in "{collection}"',
    description:
      'The collection accepts objects up to TLP:{maximum}, and {audience} may read at most TLP:{allowed}.',
  },
  grantNotFound: {
    code: 'TLN-L-407',
    kind: 'not-found',
    title: '{to} has no grant on "{collection}"',
    hint: 'To list all grants, run: talanoa collection list',
  },
  roleNotFound: {
    code: 'TLN-L-406',
    kind: 'not-found',
    title: 'Role "{name}" not found',
    hint: 'Use one of: {roles}.',
  },
  invalidIdempotencyKey: {
    code: 'TLN-P-412',
    kind: 'invalid-request',
    title: 'Invalid Idempotency-Key',
    description: 'An Idempotency-Key consists of 1 to 200 printable characters.',
  },
  idempotencyKeyReused: {
    code: 'TLN-P-419',
    kind: 'invalid-content',
    title: 'The Idempotency-Key was used for another request',
    hint: 'Create a new one for each request.',
  },
  responseNotKept: {
    code: 'TLN-P-410',
    kind: 'conflict',
    title: 'The request was already processed, and its response was too long to be kept',
    description: 'The response had the status {status}.',
    hint: 'Read the resource to see the result. Do not repeat the request with another Idempotency-Key.',
  },
  stillProcessing: {
    code: 'TLN-P-409',
    kind: 'conflict',
    title: 'The first request with this Idempotency-Key is still being processed',
    hint: 'Repeat this request in a few seconds with the same Idempotency-Key.',
  },
  dailyLimit: {
    code: 'TLN-Q-430',
    kind: 'rate-limited',
    title: '{member} has submitted its {most} objects for today',
    description: 'The limit is reset at midnight UTC.',
    hint: 'Find out which system submits so much, or ask the hub for a higher limit (objects_per_day).',
  },
  dailyLimitNear: {
    code: 'TLN-Q-432',
    kind: 'rate-limited',
    title: '{member} may reach its limit of {most} objects for today',
    description: 'Earlier envelopes of the member are in progress, and together they can reach the limit.',
    hint: 'Send the envelope again in a few seconds.',
  },
  rateLimited: {
    code: 'TLN-A-430',
    kind: 'rate-limited',
    title: 'More than {rate} {kind} per second',
    hint: 'Wait for the time in Retry-After. Larger pages need fewer requests.',
  },
  sealBroken: {
    code: 'TLN-K-503',
    kind: 'unavailable',
    title: 'A sealed secret cannot be decrypted',
    hint: 'Restore the master key file (master_key_file) that belongs to this store.',
  },
  aliasReserved: {
    code: 'TLN-L-423',
    kind: 'invalid-request',
    title: `"{alias}" is the name of a member's own collection`,
    hint: 'Choose another name. The hub uses names that begin with member- or clients-.',
  },
  invalidTlpRange: {
    code: 'TLN-L-424',
    kind: 'invalid-request',
    title: 'No object could be stored in this collection',
    hint: 'Its --min-tlp is stricter than its --max-tlp. Change one of them.',
  },
  emptyGrant: {
    code: 'TLN-L-425',
    kind: 'invalid-request',
    title: 'A grant must allow reading, writing, or both',
    hint: 'Give --read, --write, or both.',
  },
  publicWrites: {
    code: 'TLN-L-426',
    kind: 'invalid-request',
    title: 'The public cannot write to a collection',
    hint: 'Writing requires an account.',
  },
  targetNotFound: {
    code: 'TLN-L-427',
    kind: 'not-found',
    title: '{what} "{name}" not found',
  },
  memberNotFound: {
    code: 'TLN-M-405',
    kind: 'not-found',
    title: 'Member "{name}" not found',
  },
  wrongMasterKey: {
    code: 'TLN-K-504',
    kind: 'conflict',
    title: 'The master key does not match this store',
    description: 'The secrets in the store were sealed with a key other than the one in {file}.',
    hint: 'Give every process the same file (master_key_file), or restore the file from a backup.',
  },
});
