import type { AuditReading } from '../access/audit/audit-reading.ts';
import type { HubService } from '../access/hub-service.ts';
import type { Principal } from '../access/principal.ts';
import type { Deliveries } from '../sharing/deliveries/lag.ts';
import type { Whys } from '../sharing/deliveries/explain.ts';
import { PAGING, limitOf, pageOf, type Operation } from './operation.ts';

export interface HubServices {
  readonly hub: HubService;
  readonly deliveries: Deliveries;
  readonly whys: Whys;
  readonly audit: AuditReading;
}

/** Operations on the hub itself, its objects, deliveries and audit log. */
export function hubOperations({ hub, deliveries, whys, audit }: HubServices): readonly Operation[] {
  const [limit] = PAGING;
  return [
    {
      method: 'GET', path: '/whoami', name: 'whoAmI', summary: 'Get the account of the caller', tag: 'Hub', status: 200, answer: 'whoami',
      run: ({ actor }) => Promise.resolve({ body: whoAmI(actor) }),
    },
    {
      method: 'GET', path: '/status', name: 'getStatus', summary: 'Get the status of the hub', tag: 'Hub', status: 200, answer: 'status',
      run: async ({ actor }) => ({ body: await hub.status(actor) }),
    },
    {
      method: 'GET', path: '/doctor', name: 'getDiagnosis', summary: 'Run the diagnostics of disk, clock and database', tag: 'Hub', status: 200, answer: 'diagnosis',
      run: async ({ actor }) => ({ body: { items: await hub.diagnosis(actor) } }),
    },
    {
      method: 'GET', path: '/settings', name: 'getSettings', summary: 'Get the effective settings without secrets', tag: 'Hub', status: 200, answer: 'settings',
      run: ({ actor }) => Promise.resolve({ body: hub.settings(actor) }),
    },
    {
      method: 'GET', path: '/deliveries/readers', name: 'listReaders', summary: 'List readers, how far they have read, and what is waiting for them', tag: 'Deliveries', status: 200,
      answer: 'readers', query: PAGING,
      run: async (call) =>
        pageOf(
          await deliveries.lag(call.actor),
          ({ account, name, kind, filters }) => `${account} ${name} ${kind} ${filters}`,
          call,
        ),
    },
    {
      method: 'GET', path: '/deliveries/refusals', name: 'listRefusals', summary: 'List refused requests of the last 30 days with their reasons', tag: 'Deliveries',
      status: 200, answer: 'refusals', query: limit === undefined ? [] : [limit],
      run: async (call) => ({ body: { items: await deliveries.refusals(call.actor, limitOf(call)) } }),
    },
    {
      method: 'GET', path: '/deliveries/why', name: 'whyDelivered', summary: 'Explain why a member has received an object or not', tag: 'Deliveries', status: 200, answer: 'why',
      query: [
        { name: 'object', description: 'Id of the object.', required: true, schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,250}--[0-9a-fA-F-]{36}$' } },
        { name: 'member', description: 'Name of the member.', required: true, schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' } },
      ],
      run: async ({ actor, query }) => ({ body: await whys.why(actor, query['object'] ?? '', query['member'] ?? '') }),
    },
    {
      method: 'GET', path: '/audit', name: 'listAudit', summary: 'List the audit log entries that the caller may see', tag: 'Audit', status: 200,
      answer: 'audit', query: [...(limit === undefined ? [] : [limit]), { name: 'after', description: 'The value of "next" from the previous page. Administrators of the hub can also send the number of the entry after which the page begins.', schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' } }],
      run: async (call) => {
        const { items, next } = await audit.list(call.actor, call.query['after'], limitOf(call));
        return { body: { items, ...(next === undefined ? {} : { next }) } };
      },
    },
    {
      method: 'GET', path: '/audit/verification', name: 'verifyAudit', summary: 'Verify the hash chain of the audit log', tag: 'Audit', status: 200, answer: 'verification',
      run: async ({ actor }) => ({ body: await hub.verifyAudit(actor) }),
    },
  ]; // prettier-ignore
}

function whoAmI(actor: Principal): object {
  if (actor.kind === 'public') return { account: 'public' };
  const { name: account, role, member, groups, key } = actor;
  return {
    account,
    role,
    ...(member === undefined ? {} : { member }),
    groups,
    ...(key === undefined
      ? {}
      : {
          key: {
            id: key.id,
            ...(key.scopes === undefined ? {} : { scopes: key.scopes }),
            ...(key.collections === undefined ? {} : { only: key.collections }),
          },
        }),
  };
}
