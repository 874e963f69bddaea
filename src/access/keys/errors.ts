import { errorTable } from '../../kernel/error-table.ts';

/** Errors of API keys, certificates and stored secrets. */
export const keyErrors = errorTable({
  certificateRegistered: {
    code: 'TLN-K-409',
    kind: 'conflict',
    title: 'The key of this certificate is already registered',
    hint: 'Revoke the existing registration first, or create a certificate with a new key.',
  },
  notFound: {
    code: 'TLN-K-404',
    kind: 'not-found',
    title: 'Key "{id}" not found',
    hint: 'To list the keys, run: talanoa key list',
  },
  exceedsKey: {
    code: 'TLN-K-403',
    kind: 'forbidden',
    title: 'The new credential would have more rights than your key',
    description: 'It exceeds the limits of your key: {dimension}.',
  },
  outlastsKey: {
    code: 'TLN-K-405',
    kind: 'forbidden',
    title: 'A limited key cannot create a credential without its limits',
    description: 'Your key is limited ({dimension}), but {made} would not be.',
  },
  invalidSecret: {
    code: 'TLN-U-425',
    kind: 'invalid-content',
    title: 'Invalid secret',
    description:
      'A secret needs a name of a-z, 0-9 and hyphens, a value of at most 16 KiB, and the host that it is for.',
  },
  secretNotFound: {
    code: 'TLN-U-414',
    kind: 'not-found',
    title: 'Secret "{name}" not found',
    hint: 'To list the secrets, run: talanoa secret list',
  },
  machinesOnly: {
    code: 'TLN-K-426',
    kind: 'invalid-request',
    title: '"{name}" is not a service account',
    hint: 'Only accounts with the role machine can use client certificates. People sign in with a second factor.',
  },
  accountRequired: {
    code: 'TLN-K-427',
    kind: 'invalid-request',
    title: 'The key needs an account',
    hint: 'Give --account NAME or --member NAME.',
  },
  otherMember: {
    code: 'TLN-K-428',
    kind: 'invalid-request',
    title: 'The account "{name}" does not belong to {member}',
    hint: 'Give another --account, or omit --member.',
  },
  invalidExpiry: {
    code: 'TLN-K-429',
    kind: 'invalid-request',
    title: 'A key must be valid for 1 to 731 days',
    hint: 'Give --expires in days, such as 180d.',
  },
  invalidNetwork: {
    code: 'TLN-K-430',
    kind: 'invalid-request',
    title: 'Invalid address or network: "{address}"',
    hint: 'Use the format 198.51.100.7 or 2001:db8::/32.',
  },
  audienceTooWide: {
    code: 'TLN-K-431',
    kind: 'invalid-request',
    title: '{audience} cannot read everything in "{collection}"',
    hint: 'It may read at most TLP:{allowed}.',
  },
  certificateRotation: {
    code: 'TLN-K-432',
    kind: 'invalid-request',
    title: 'The hub cannot rotate a certificate',
    hint: 'Register the new certificate, then revoke the old registration.',
  },
  invalidOverlap: {
    code: 'TLN-K-433',
    kind: 'invalid-request',
    title: 'Two keys can overlap for 0 to 90 days',
    hint: 'Give --overlap in days, such as 7d.',
  },
  placingNotAllowed: {
    code: 'TLN-K-406',
    kind: 'forbidden',
    title: 'Your key is not allowed to place objects in collections',
    hint: 'Use a key with the scopes taxii:read, taxii:write and api:write, or sign in to the console.',
  },
});
