import { errorTable } from '../kernel/error-table.ts';

/** Errors of the stores. */
export const storeErrors = errorTable({
  changesLimited: {
    code: 'TLN-B-429',
    kind: 'rate-limited',
    title: 'This account has made {most} changes within a minute',
    description: 'The audit log keeps an entry for each change, so the number of changes is limited.',
    hint: 'Wait for the time in Retry-After.',
  },
  mongoSilent: {
    code: 'TLN-S-010',
    kind: 'unavailable',
    title: 'MongoDB does not respond',
    hint: 'Check MONGODB_URI, that the server is running, and that this machine can reach it.',
  },
  newerSchema: {
    code: 'TLN-S-001',
    kind: 'unavailable',
    title:
      'A newer version of Talanoa has written this store (schema {found}, this version supports {known})',
    hint: 'Start the newer version again, or restore a backup that was made before the upgrade.',
  },
  silent: {
    code: 'TLN-S-504',
    kind: 'unavailable',
    title: 'The store does not respond',
    hint: 'Try again later. The operator finds the reason in the log.',
  },
  leaseLost: {
    code: 'TLN-S-410',
    kind: 'conflict',
    title: 'The lease of {what} was lost',
  },
  changedMeanwhile: {
    code: 'TLN-S-409',
    kind: 'conflict',
    title: 'Another request has changed the {kind} {id}',
    hint: 'Read it again and repeat the change.',
  },
  folderInUse: {
    code: 'TLN-S-002',
    kind: 'conflict',
    title: 'Another Talanoa process uses the data folder {folder}',
    description: 'The embedded store serves one process.',
    hint: 'Stop the other process, use another --data folder, or set MONGODB_URI to run several processes.',
  },
  full: {
    code: 'TLN-S-507',
    kind: 'unavailable',
    title: 'The disk of the store is full',
    hint: 'Nothing was stored. Try again when the operator has freed space.',
  },
  broken: {
    code: 'TLN-S-505',
    kind: 'unavailable',
    title: 'The disk of the store has failed',
    hint: 'Nothing was stored. Reading continues. The operator must check the disk and restart the hub.',
  },
  notWritable: {
    code: 'TLN-S-503',
    kind: 'unavailable',
    title: 'The store cannot be written at the moment',
    hint: 'Try again later. The operator finds the reason in the log.',
  },
  idWasUsed: {
    code: 'TLN-S-411',
    kind: 'conflict',
    title: 'The id {id} belonged to a {kind} that was removed',
    hint: 'Choose another id.',
  },
  recordDamaged: {
    code: 'TLN-S-500',
    kind: 'internal',
    title: 'The record {record} cannot be read',
    description: 'The field {fault}.',
    hint: 'Restore the data of the hub from a backup: talanoa doctor checks the whole store.',
  },
  recordOfLaterVersion: {
    code: 'TLN-S-502',
    kind: 'internal',
    title: 'The record {record} cannot be read',
    description: 'It was written by a later version of the hub.',
    hint: 'Start that version of the hub.',
  },
});
