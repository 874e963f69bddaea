import type { SecretService } from '../access/keys/secret-service.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** Operations on secrets that the hub stores for its feeds. They can be set and removed, and are never shown. */
export function secretOperations(secrets: SecretService): readonly Operation[] {
  const tag = 'Secrets';
  return [
    {
      method: 'GET', path: '/secrets', name: 'listSecrets', summary: 'List the names of stored secrets and their hosts', tag, status: 200,
      answer: 'secrets', query: PAGING,
      run: async (call) => pageOf(await secrets.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'PUT', path: '/secrets/:secret', name: 'setSecret', summary: 'Store a secret, replacing the previous one', tag, status: 204,
      body: 'api/secret-request.json', dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { value, hosts } = body as { value: string; hosts: readonly string[] };
        await secrets.set(actor, parameters['secret'] ?? '', value, hosts);
        return {};
      },
    },
    {
      method: 'DELETE', path: '/secrets/:secret', name: 'removeSecret', summary: 'Delete a secret', tag, status: 204, dangerous: true,
      run: async ({ actor, parameters }) => {
        await secrets.remove(actor, parameters['secret'] ?? '');
        return {};
      },
    },
  ]; // prettier-ignore
}
