import { errorTable } from '../kernel/error-table.ts';

/** Errors of values and indicators. */
export const stixErrors = errorTable({
  unpublishable: {
    code: 'TLN-B-422',
    kind: 'invalid-content',
    // The ledger of refusals keeps titles in the clear, and the value can be TLP:RED.
    title: '{count} cannot be published',
    hint: 'Nothing was published. To send such values anyway, write them as STIX and use talanoa push.',
  },
});
