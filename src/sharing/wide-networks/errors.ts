import { errorTable } from '../../kernel/error-table.ts';

/** Errors of the approval of wide networks. */
export const wideNetworkErrors = errorTable({
  notWide: {
    code: 'TLN-Z-422',
    kind: 'invalid-content',
    title: 'The network "{network}" cannot be approved',
    description:
      'Only networks larger than /16 and at most /8 (IPv6: larger than /32 and at most /20) need and get an approval. Networks that contain reserved addresses are never blocked.',
    hint: 'To block a smaller network, publish it as an indicator. No approval is needed.',
  },
  notFound: {
    code: 'TLN-Z-404',
    kind: 'not-found',
    title: 'Approval "{id}" not found',
    hint: 'To list the approvals, run: talanoa wide-network list',
  },
  secondPerson: {
    code: 'TLN-Z-403',
    kind: 'forbidden',
    title: 'Somebody else must approve this network',
    description:
      'Two different people of the hub approve a network, and neither of them published an indicator of it. Accounts with the same email address count as one person. An account takes no part for seven days after somebody else created it or changed its access, and the first account must still have its right.',
    hint: 'Ask a colleague with the role analyst or administrator to run: talanoa wide-network approve {id} --reason TEXT. If the first account no longer has its right, run: talanoa wide-network revoke {id} --reason TEXT. Then begin again.',
  },
  decided: {
    code: 'TLN-Z-409',
    kind: 'conflict',
    title: 'The approval is already {state}',
    hint: 'To begin again, run: talanoa wide-network create NETWORK --reason TEXT',
  },
});
