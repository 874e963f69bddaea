import type { CollectionService } from './collection-service.ts';
import { operation, type Operation, pageOf, PAGING } from './operation.ts';

const tag = 'Collections';

/** Operations on collections and their grants. */
export function collectionOperations(collections: CollectionService): readonly Operation[] {
  return [...recordOperations(collections), ...grantOperations(collections)];
}

/** Operations on the collections themselves. */
function recordOperations(collections: CollectionService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/collections',
      name: 'listCollections',
      summary: 'List collections and their grants',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'collections',
      query: PAGING,
      run: async (call) =>
        pageOf(await collections.list(call.actor), ({ title, id }) => `${title} ${id}`, call),
    }),
    operation({
      method: 'POST',
      path: '/collections',
      name: 'createCollection',
      summary: 'Create a collection',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/collection-request.json',
      answer: 'collection',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => ({ body: await collections.create(actor, body) }),
    }),
  ];
}

/** Operations on grants. */
function grantOperations(collections: CollectionService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/collections/:collection/grants',
      name: 'createGrant',
      summary: 'Grant access to a collection',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/grant-request.json',
      answer: 'collection',
      dangerous: true,
      run: async ({ actor, parameters, body }) => ({
        body: await collections.grant(actor, parameters.collection, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/collections/:collection/grants/:to',
      name: 'revokeGrant',
      summary: 'Revoke a grant',
      tag,
      permission: 'hub.write',
      status: 200,
      answer: 'collection',
      dangerous: true,
      run: async ({ actor, parameters }) => ({
        body: await collections.revoke(actor, parameters.collection, parameters.to),
      }),
    }),
  ];
}
