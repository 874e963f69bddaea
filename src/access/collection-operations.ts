import type { CollectionService } from './collection-service.ts';
import { operation, type Operation, pageOf, PAGING } from './operation.ts';

const tag = 'Collections';

/** Operations on collections and their grants. */
export function collectionOperations(collections: CollectionService): readonly Operation[] {
  return [
    ...creatingOperations(collections),
    ...recordOperations(collections),
    ...grantOperations(collections),
  ];
}

/** Operations that list and create collections. */
function creatingOperations(collections: CollectionService): readonly Operation[] {
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
      run: async ({ actor, body }) => {
        const made = await collections.create(actor, body);
        return { body: made, revision: made.revision };
      },
    }),
  ];
}

/** Operations on one collection. */
function recordOperations(collections: CollectionService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/collections/:collection',
      name: 'getCollection',
      summary: 'Get a collection and its grants',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'collection',
      run: async ({ actor, parameters }) => {
        const found = await collections.get(actor, parameters.collection);
        return { body: found, revision: found.revision };
      },
    }),
    operation({
      method: 'PATCH',
      path: '/collections/:collection',
      name: 'updateCollection',
      summary: 'Update a collection; a lower maximum TLP removes the objects that are stricter',
      tag,
      permission: 'hub.write',
      status: 200,
      body: 'api/collection-change.json',
      answer: 'collection',
      dangerous: true,
      run: async ({ actor, parameters, body, revision }) => {
        const changed = await collections.update(actor, parameters.collection, body, revision);
        return { body: changed, revision: changed.revision };
      },
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
