import { errorTable } from '../kernel/error-table.ts';

/** Errors of members, claims, groups and change requests. */
export const memberErrors = errorTable({
  notFound: {
    code: 'TLN-M-404',
    kind: 'not-found',
    title: 'Member "{name}" not found',
    hint: 'To list the members, run: talanoa member list',
  },
  exists: {
    code: 'TLN-M-409',
    kind: 'conflict',
    title: 'A member named "{name}" already exists',
  },
  changedMeanwhile: {
    code: 'TLN-M-412',
    kind: 'precondition-failed',
    title: 'Another request has changed the member',
    hint: 'Read the member again and repeat the change.',
  },
  claimNotFound: {
    code: 'TLN-M-406',
    kind: 'not-found',
    title: 'Claim not found',
    hint: 'To list the claims, run: talanoa member claims',
  },
  identityTaken: {
    code: 'TLN-M-411',
    kind: 'conflict',
    title: 'The identity {identity} belongs to {holder}',
    hint: 'Each member has its own identities. Remove it from the other member first.',
  },
  nameUsedBefore: {
    code: 'TLN-M-410',
    kind: 'conflict',
    title: 'The name "{name}" belonged to an earlier member',
    description: 'Objects, claims and grants of the earlier member still refer to the name.',
    hint: 'Choose another name. If it is the same member, declare it in the settings file.',
  },
  nothingToChange: {
    code: 'TLN-M-423',
    kind: 'invalid-request',
    title: 'The request changes nothing',
    hint: 'Give at least one property to change. For the options, run: talanoa member update --help',
  },
  fileTooLarge: {
    code: 'TLN-M-413',
    kind: 'too-large',
    title: 'The file is larger than {limit} MiB',
  },
  notDelegations: {
    code: 'TLN-M-424',
    kind: 'invalid-content',
    title: 'The file does not contain delegation statistics',
    description: 'Its first line is "{line}".',
    hint: 'Use the unpacked delegated-…-extended-latest file of a registry (APNIC, RIPE NCC, …).',
  },
  tooManyDelegations: {
    code: 'TLN-M-435',
    kind: 'invalid-content',
    title: 'The file delegates more than {most} networks and AS numbers to the countries of the members',
    hint: 'No registry has that many. Check that the file is complete and unchanged.',
  },
  groupExists: {
    code: 'TLN-G-409',
    kind: 'conflict',
    title: 'A group named "{name}" already exists',
  },
  invalidMembership: {
    code: 'TLN-G-422',
    kind: 'invalid-content',
    title: 'The membership would end before it begins',
    description: 'It would begin at {since} and end at {until}.',
  },
  notInGroup: {
    code: 'TLN-G-405',
    kind: 'not-found',
    title: '{member} is not a member of the group {group}',
  },
  groupNotFound: {
    code: 'TLN-G-404',
    kind: 'not-found',
    title: 'Group "{name}" not found',
    hint: 'To list the groups, run: talanoa group list',
  },
  tooManyRegistrations: {
    code: 'TLN-Q-429',
    kind: 'rate-limited',
    title: 'Too many registrations are waiting for a decision',
    hint: 'Contact the hub by email.',
  },
  tooManyRequests: {
    code: 'TLN-Q-431',
    kind: 'rate-limited',
    title: 'Too many change requests of this member are waiting for a decision',
    hint: 'The hub decides on them. Try again afterwards.',
  },
  requestNotFound: {
    code: 'TLN-Q-404',
    kind: 'not-found',
    title: 'Request not found',
    hint: 'To list the requests, run: talanoa member requests',
  },
  requestDecided: {
    code: 'TLN-Q-409',
    kind: 'conflict',
    title: 'The request was already decided',
  },
  nameReserved: {
    code: 'TLN-M-425',
    kind: 'invalid-content',
    title: 'The member name "{name}" is reserved',
    hint: 'Choose another name. The hub uses this name itself.',
  },
  parentNotFound: {
    code: 'TLN-M-426',
    kind: 'invalid-content',
    title: 'The parent member "{parent}" does not exist',
  },
  circular: {
    code: 'TLN-M-427',
    kind: 'invalid-content',
    title: '{chain}: a member cannot be a client of itself',
    hint: 'Remove one of the parents first.',
  },
  invalidNetwork: {
    code: 'TLN-M-428',
    kind: 'invalid-content',
    title: 'Invalid network: "{text}"',
    hint: 'Use the format 198.51.100.0/24 or 2001:db8::/32.',
  },
  networkTooWide: {
    code: 'TLN-M-429',
    kind: 'invalid-content',
    title: 'The network is wider than any registered network: /{prefix}',
    hint: 'Claim the networks that are registered for the member.',
  },
  invalidDomain: {
    code: 'TLN-M-430',
    kind: 'invalid-content',
    title: 'The domain "{text}" cannot be claimed',
    hint: 'Claim names such as gov.to. A whole country is claimed by its country code.',
  },
  invalidAsn: {
    code: 'TLN-M-431',
    kind: 'invalid-content',
    title: 'Invalid AS number: "{text}"',
    hint: 'Use the format AS64500.',
  },
  invalidCountry: {
    code: 'TLN-M-432',
    kind: 'invalid-content',
    title: 'Invalid country code: "{text}"',
    hint: 'Use two letters (ISO 3166-1).',
  },
  invalidSector: {
    code: 'TLN-M-433',
    kind: 'invalid-content',
    title: 'Invalid sector: "{text}"',
    hint: 'Use a name of the STIX vocabulary, such as financial-services, government or telecommunications.',
  },
  invalidBrand: {
    code: 'TLN-M-434',
    kind: 'invalid-content',
    title: 'The brand "{text}" is too short or too long to search for',
    hint: 'A brand has {shortest} to 80 letters and digits.',
  },
});
