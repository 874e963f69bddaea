import type { SecretService } from './secret-service.ts';
import { operation, type Operation, pageOf, PAGING } from '../operation.ts';

/** Operations on secrets that the hub stores for its feeds. They can be set and removed, never shown. */
export function secretOperations(secrets: SecretService): readonly Operation[] {
  const tag = 'Secrets';
  return [
    operation({
      method: 'GET',
      path: '/secrets',
      name: 'listSecrets',
      summary: 'List the names of stored secrets and their hosts',
      tag,
      permission: 'hub.inspect',
      status: 200,
      answer: 'secrets',
      query: PAGING,
      run: async (call) => pageOf(await secrets.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'PUT',
      path: '/secrets/:secret',
      name: 'setSecret',
      summary: 'Store a secret, replacing the previous one',
      tag,
      permission: 'hub.write',
      status: 204,
      body: 'api/secret-request.json',
      dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { value, hosts } = body;
        await secrets.set(actor, parameters.secret, value, hosts);
        return {};
      },
    }),
    operation({
      method: 'DELETE',
      path: '/secrets/:secret',
      name: 'deleteSecret',
      summary: 'Delete a secret',
      tag,
      permission: 'hub.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters }) => {
        await secrets.delete(actor, parameters.secret);
        return {};
      },
    }),
  ];
}
