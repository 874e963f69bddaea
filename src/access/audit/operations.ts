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
            'The value of "next" from the previous page, which continues in its order. ' +
            'Administrators of the hub can also send the number of an entry: ' +
            'the page begins after it, with the oldest entry first.',
          schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' },
        },
        {
          name: 'order',
          description:
            'Which entry comes first. The default is newest, or the order of "after". ' +
            'A value of "next" is valid in both orders.',
          schema: { type: 'string', enum: ['newest', 'oldest'] },
        },
      ],
      run: async (call) => {
        const { after, order } = call.query;
        const asked = order === 'newest' || order === 'oldest' ? order : undefined;
        const { items, next, names } = await audit.list(call.actor, { after, order: asked }, limitOf(call));
        return {
          body: {
            items,
            ...(next === undefined ? {} : { next }),
            ...(Object.keys(names).length === 0 ? {} : { names }),
          },
        };
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
