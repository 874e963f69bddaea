import type { KeyList } from './key-list.ts';
import type { KeyService } from './key-service.ts';
import { afterOf, limitOf, nextPage, operation, type Operation, PAGING, NAME } from '../operation.ts';

const tag = 'Keys';

/** Operations on API keys. A secret is shown once, in the response that creates it. */
export function keyOperations(keys: KeyService, list: KeyList): readonly Operation[] {
  return [...listOperations(list), ...creatingOperations(keys), ...endingOperations(keys)];
}

/** Operations that list keys. */
function listOperations(list: KeyList): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/keys',
      name: 'listKeys',
      summary: 'List the keys of the accounts that the caller may see, with their last use',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'keys',
      query: [
        ...PAGING,
        {
          name: 'account',
          description: 'Only keys of this account.',
          schema: NAME,
        },
      ],
      run: async (call) => {
        const { items, next } = await list.page(call.actor, {
          account: call.query.account,
          after: afterOf(call),
          limit: limitOf(call),
        });
        return nextPage(items, next);
      },
    }),
    operation({
      method: 'GET',
      path: '/keys/unused',
      name: 'listUnusedKeys',
      summary: 'List keys unused for a number of days, for the accounts that the caller may see',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'keys',
      query: [
        ...PAGING,
        {
          name: 'days',
          description: 'Days since the last use, or since the creation of a key that was never used.',
          required: true,
          schema: { type: 'integer', minimum: 1, maximum: 3_650 },
        },
      ],
      run: async (call) => {
        const { items, next } = await list.unused(call.actor, {
          days: Number(call.query.days),
          after: afterOf(call),
          limit: limitOf(call),
        });
        return nextPage(items, next);
      },
    }),
  ];
}

/** Operations that create credentials. */
function creatingOperations(keys: KeyService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/keys',
      name: 'createKey',
      summary: 'Create a key, and its account if it does not exist',
      tag,
      permission: 'key.write',
      status: 201,
      body: 'api/key-request.json',
      answer: 'created_key',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => ({ body: await keys.create(actor, body) }),
    }),
    operation({
      method: 'POST',
      path: '/certificates',
      name: 'registerCertificate',
      summary: 'Register a client certificate for a service account, instead of a key',
      tag,
      permission: 'key.write',
      status: 201,
      body: 'api/certificate-request.json',
      answer: 'created_certificate',
      dangerous: true,
      run: async ({ actor, body, http }) => ({
        body: await keys.register(actor, body, http.from.certificate),
      }),
    }),
  ];
}

/** Operations that replace and revoke keys. */
function endingOperations(keys: KeyService): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/keys/:key/rotation',
      name: 'rotateKey',
      summary: 'Replace a key; the old key stays valid for an overlap',
      tag,
      permission: 'key.write',
      status: 201,
      body: 'api/key-rotation.json',
      answer: 'created_key',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, parameters, body }) => ({
        body: await keys.rotate(actor, parameters.key, body),
      }),
    }),
    operation({
      method: 'DELETE',
      path: '/keys/:key',
      name: 'revokeKey',
      summary: 'Revoke a key immediately',
      tag,
      permission: 'key.write',
      status: 204,
      run: async ({ actor, parameters }) => {
        await keys.revoke(actor, parameters.key);
        return {};
      },
    }),
  ];
}
