import type { AuditReading } from '../access/audit-reading.ts';
import type { HubService } from '../access/hub-service.ts';
import type { Principal } from '../access/principal.ts';
import type { Deliveries } from '../sharing/deliveries.ts';
import type { Whys } from '../sharing/why.ts';
import { PAGING, limitOf, pageOf, type Operation } from './operation.ts';

export interface HubServices {
  readonly hub: HubService;
  readonly deliveries: Deliveries;
  readonly whys: Whys;
  readonly audit: AuditReading;
}

/** The hub itself, its objects, deliveries and audit. */
export function hubOperations({ hub, deliveries, whys, audit }: HubServices): readonly Operation[] {
  const [limit] = PAGING;
  return [
    {
      method: 'GET', path: '/whoami', name: 'whoAmI', summary: 'The account that the caller has signed in with', tag: 'Hub', status: 200, answer: 'whoami',
      run: ({ actor }) => Promise.resolve({ body: whoAmI(actor) }),
    },
    {
      method: 'GET', path: '/status', name: 'getStatus', summary: 'The hub on one screen', tag: 'Hub', status: 200, answer: 'status',
      run: async ({ actor }) => ({ body: await hub.status(actor) }),
    },
    {
      method: 'GET', path: '/doctor', name: 'getDiagnosis', summary: 'What the promises of the hub rest on', tag: 'Hub', status: 200, answer: 'diagnosis',
      run: async ({ actor }) => ({ body: { items: await hub.diagnosis(actor) } }),
    },
    {
      method: 'GET', path: '/settings', name: 'getSettings', summary: 'The settings that count: of flags, environment and file, without secrets', tag: 'Hub', status: 200, answer: 'settings',
      run: ({ actor }) => Promise.resolve({ body: hub.settings(actor) }),
    },
    {
      method: 'GET', path: '/deliveries/readers', name: 'listReaders', summary: 'Who has read how far, and what waits for him', tag: 'Deliveries', status: 200,
      answer: 'readers', query: PAGING,
      run: async (call) =>
        pageOf(
          await deliveries.lag(call.actor),
          ({ account, name, kind, filters }) => `${account} ${name} ${kind} ${filters}`,
          call,
        ),
    },
    {
      method: 'GET', path: '/deliveries/refusals', name: 'listRefusals', summary: 'What was refused in the last 30 days, to whom and why', tag: 'Deliveries',
      status: 200, answer: 'refusals', query: limit === undefined ? [] : [limit],
      run: async (call) => ({ body: { items: await deliveries.refusals(call.actor, limitOf(call)) } }),
    },
    {
      method: 'GET', path: '/deliveries/why', name: 'whyDelivered', summary: 'Why a member has an object, or has not', tag: 'Deliveries', status: 200, answer: 'why',
      query: [
        { name: 'object', description: 'Id of the object.', required: true, schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,250}--[0-9a-fA-F-]{36}$' } },
        { name: 'member', description: 'Name of the member.', required: true, schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' } },
      ],
      run: async ({ actor, query }) => ({ body: await whys.why(actor, query['object'] ?? '', query['member'] ?? '') }),
    },
    {
      method: 'GET', path: '/audit', name: 'listAudit', summary: 'What was done, by whom, to what: the part that the caller may see', tag: 'Audit', status: 200,
      answer: 'audit', query: [...(limit === undefined ? [] : [limit]), { name: 'after', description: 'The value of "next" from the previous page. Administrators of the hub can also send the number of the entry after which the page begins.', schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' } }],
      run: async (call) => {
        const { items, next } = await audit.list(call.actor, call.query['after'], limitOf(call));
        return { body: { items, ...(next === undefined ? {} : { next }) } };
      },
    },
    {
      method: 'GET', path: '/audit/verification', name: 'verifyAudit', summary: 'Look through the whole chain of the audit', tag: 'Audit', status: 200, answer: 'verification',
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
