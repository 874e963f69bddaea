import { errorTable } from '../kernel/error-table.ts';

/** Errors of values and indicators. */
export const stixErrors = errorTable({
  unpublishable: {
    code: 'TLN-B-422',
    kind: 'invalid-content',
    title: '"{value}" cannot be published',
    hint: 'Nothing was sent. To send it anyway, write it as STIX and use talanoa push.',
  },
});
