import { errorTable } from '../kernel/error-table.ts';

/** Errors of the start of the hub. */
export const serverErrors = errorTable({
  portTaken: {
    code: 'TLN-N-001',
    kind: 'conflict',
    title: 'Port {port} on {host} is already in use',
    hint: 'Use another port with --port, or stop the process that uses it.',
  },
  cannotListen: {
    code: 'TLN-N-002',
    kind: 'conflict',
    title: 'The hub cannot listen on {host}:{port}',
    hint: 'Use another address or port (--port).',
  },
});
