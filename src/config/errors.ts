import { errorTable } from '../kernel/error-table.ts';

/** Errors of the settings file. */
export const settingsErrors = errorTable({
  secretFileUnreadable: {
    code: 'TLN-C-005',
    kind: 'invalid-request',
    title: 'The file named by {name}_FILE cannot be read',
  },
  reconcilingElsewhere: {
    code: 'TLN-C-004',
    kind: 'unavailable',
    title: 'Another process has been applying its settings for more than a minute',
    hint: 'Check the log of the other process, then start this one again.',
  },
});
