import { errorTable } from '../../kernel/error-table.ts';

/** Errors of suppressed values. */
export const suppressionErrors = errorTable({
  invalidValues: {
    code: 'TLN-Y-422',
    kind: 'invalid-content',
    title: 'Invalid value: {values}',
    description:
      'Valid values are addresses, networks, domains, URLs, email addresses and hashes, defanged or not.',
    hint: 'Correct the values, then try again. Nothing was suppressed.',
  },
  notHeld: {
    code: 'TLN-Y-403',
    kind: 'forbidden',
    title: 'Your member does not hold {values}',
    description:
      'Officers can suppress addresses and names in the verified networks and domains of their own member.',
    hint: 'Report a false positive instead, and the hub decides: talanoa feedback send VALUE --kind false-positive',
  },
  notFound: {
    code: 'TLN-Y-404',
    kind: 'not-found',
    title: 'Suppression "{id}" not found',
    hint: 'To list the suppressed values, run: talanoa suppression list',
  },
  lifted: {
    code: 'TLN-Y-409',
    kind: 'conflict',
    title: 'The suppression was already lifted',
    hint: 'To see what is suppressed now, run: talanoa suppression list',
  },
});
