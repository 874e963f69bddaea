import type { HubService } from '../hub-service.ts';
import { LIMIT, limitOf, operation, type Operation } from '../operation.ts';
import type { AuditReading } from './audit-reading.ts';

/** Operations on the audit log. */
export function auditOperations(
  audit: AuditReading,
  hub: Pick<HubService, 'verifyAudit'>,
): readonly Operation[] {
  const tag = 'Audit';
  return [
    operation({
      method: 'GET',
      path: '/audit',
      name: 'listAudit',
      summary: 'List the audit log entries that the caller may see',
      tag,
      permission: 'audit.read',
      status: 200,
      answer: 'audit',
      query: [
        ...LIMIT,
        {
          name: 'after',
          description:
            'The value of "next" from the previous page. Administrators of the hub can also send ' +
            'the number of the entry after which the page begins.',
          schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' },
        },
      ],
      run: async (call) => {
        const { items, next } = await audit.list(call.actor, call.query.after, limitOf(call));
        return { body: { items, ...(next === undefined ? {} : { next }) } };
      },
    }),
    operation({
      method: 'GET',
      path: '/audit/verification',
      name: 'verifyAudit',
      summary: 'Verify the hash chain of the audit log',
      tag,
      permission: 'hub.inspect',
      status: 200,
      answer: 'verification',
      run: async ({ actor }) => ({ body: await hub.verifyAudit(actor) }),
    }),
  ];
}
