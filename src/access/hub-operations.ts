import type { Whoami } from '../api/schema-types.ts';
import type { HubService } from './hub-service.ts';
import { operation, type Operation } from './operation.ts';
import type { Principal } from './principal.ts';

/** Operations on the hub itself. */
export function hubOperations(hub: HubService, url: () => string): readonly Operation[] {
  const tag = 'Hub';
  return [
    operation({
      method: 'GET',
      path: '/whoami',
      name: 'whoAmI',
      summary: 'Get the account of the caller',
      tag,
      permission: 'own',
      status: 200,
      answer: 'whoami',
      run: async ({ actor }) => ({ body: { ...whoAmI(actor, await hub.collections(actor)), url: url() } }),
    }),
    operation({
      method: 'GET',
      path: '/status',
      name: 'getStatus',
      summary: 'Get the status of the hub',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'status',
      run: async ({ actor }) => ({ body: await hub.status(actor) }),
    }),
    operation({
      method: 'GET',
      path: '/doctor',
      name: 'getDiagnosis',
      summary: 'Run the diagnostics of the hub',
      tag,
      permission: 'hub.inspect',
      status: 200,
      answer: 'diagnosis',
      query: [
        {
          name: 'mail',
          description: 'last: show the last check of the mail server, and run none now.',
          schema: { type: 'string', enum: ['last'] },
        },
      ],
      run: async ({ actor, query }) => ({
        body: { items: await hub.diagnosis(actor, query.mail === 'last' ? 'last' : 'now') },
      }),
    }),
    operation({
      method: 'GET',
      path: '/settings',
      name: 'getSettings',
      summary: 'Get the effective settings without secrets',
      tag,
      permission: 'hub.inspect',
      status: 200,
      answer: 'settings',
      run: ({ actor }) => Promise.resolve({ body: hub.settings(actor) }),
    }),
  ];
}

function whoAmI(actor: Principal, collections: NonNullable<Whoami['collections']>): Whoami {
  if (actor.kind === 'public') return { account: 'public', collections };
  const { name: account, role, member, groups, key } = actor;
  return {
    account,
    role,
    ...(member === undefined ? {} : { member }),
    groups,
    collections,
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
