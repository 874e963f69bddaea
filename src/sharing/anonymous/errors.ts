import { errorTable } from '../../kernel/error-table.ts';

/** Errors of anonymous submissions. */
export const anonymousErrors = errorTable({
  notFound: {
    code: 'TLN-Z-414',
    kind: 'not-found',
    title: 'Anonymous object "{id}" not found',
    hint: 'To list the anonymous objects of your member, run: talanoa anonymous list',
  },
  secondPerson: {
    code: 'TLN-Z-405',
    kind: 'forbidden',
    title: 'Somebody else must open this seal',
    description:
      'Two different administrators open a seal together, and only they see the result for one day. Accounts with the same email address count as one person. An account takes no part for seven days after somebody else created it or changed its access.',
    hint: 'Ask a colleague with the role administrator to run: talanoa anonymous open {id} --reason TEXT',
  },
  revoked: {
    code: 'TLN-Z-419',
    kind: 'conflict',
    title: 'The anonymous object was already revoked',
    hint: 'To see its state, run: talanoa anonymous list',
  },
});
