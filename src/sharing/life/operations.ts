import { operation, type Operation, type QueryParameter } from '../../access/operation.ts';
import type { CollectionDeletion } from './collection-deletion.ts';
import type { Revocation } from './revocation.ts';

/** The version on which a change is based. */
const SEEN = [
  {
    name: 'version',
    description: 'The version that you have seen ("modified"). If there is a newer one, nothing is changed.',
    schema: { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$` },
  },
] as const satisfies readonly QueryParameter[];

/** Operations on the life of objects. */
export function revocationOperations(revocation: Revocation): readonly Operation[] {
  const tag = 'Objects';
  return [
    operation({
      method: 'GET',
      path: '/objects/:object/actions',
      name: 'getObjectActions',
      summary: 'List the changes of an object that the hub would accept from the caller now',
      tag,
      permission: 'object.revise',
      status: 200,
      answer: 'object_actions',
      run: async ({ actor, parameters }) => ({
        body: { items: await revocation.actions(actor, parameters.object) },
      }),
    }),
    operation({
      method: 'POST',
      path: '/objects/:object/revocation',
      name: 'revokeObject',
      summary: 'Revoke an object of your own member, or of the hub as hub staff',
      tag,
      permission: 'object.revise',
      status: 200,
      answer: 'object_changes',
      query: SEEN,
      run: async ({ actor, parameters, query }) => ({
        body: { items: await revocation.revoke(actor, parameters.object, query.version) },
      }),
    }),
    operation({
      method: 'POST',
      path: '/objects/:object/versions',
      name: 'reviseObject',
      summary: 'Correct an object of your own member, or of the hub as hub staff, with a new version',
      tag,
      permission: 'object.revise',
      status: 200,
      body: 'api/revision-request.json',
      answer: 'object_changes',
      query: SEEN,
      run: async ({ actor, parameters, query, body }) => ({
        body: { items: await revocation.revise(actor, parameters.object, body, query.version) },
      }),
    }),
  ];
}

/** The operation that deletes a collection. */
export function deletionOperations(deletion: CollectionDeletion): readonly Operation[] {
  return [
    operation({
      method: 'DELETE',
      path: '/collections/:collection',
      name: 'deleteCollection',
      summary: 'Delete a collection with its objects and grants',
      tag: 'Collections',
      permission: 'hub.write',
      status: 200,
      answer: 'deleted_collection',
      dangerous: true,
      run: async ({ actor, parameters, revision }) => ({
        body: await deletion.delete(actor, parameters.collection, revision),
      }),
    }),
  ];
}
