import { errorTable } from '../../kernel/error-table.ts';

/** Errors of anonymous submissions. */
export const anonymousErrors = errorTable({
  notFound: {
    code: 'TLN-Z-414',
    kind: 'not-found',
    title: 'Anonymous object not found',
    hint: 'To list the anonymous objects of your member, run: talanoa anonymous list',
  },
  revoked: {
    code: 'TLN-Z-419',
    kind: 'conflict',
    title: 'The anonymous object was already revoked',
  },
});
