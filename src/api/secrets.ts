import type { SecretService } from '../access/secret-service.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** Secrets that the hub keeps for its feeds. They are set and removed, and never shown. */
export function secretOperations(secrets: SecretService): readonly Operation[] {
  const tag = 'Secrets';
  return [
    {
      method: 'GET', path: '/secrets', name: 'listSecrets', summary: 'Names of the secrets that the hub keeps, and the hosts that they are for', tag, status: 200,
      answer: 'secrets', query: PAGING,
      run: async (call) => pageOf(await secrets.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'PUT', path: '/secrets/:secret', name: 'setSecret', summary: 'Keep a secret, in the place of the one before', tag, status: 204,
      body: 'api/secret-request.json', dangerous: true,
      run: async ({ actor, parameters, body }) => {
        const { value, hosts } = body as { value: string; hosts: readonly string[] };
        await secrets.set(actor, parameters['secret'] ?? '', value, hosts);
        return {};
      },
    },
    {
      method: 'DELETE', path: '/secrets/:secret', name: 'removeSecret', summary: 'Forget a secret', tag, status: 204, dangerous: true,
      run: async ({ actor, parameters }) => {
        await secrets.remove(actor, parameters['secret'] ?? '');
        return {};
      },
    },
  ]; // prettier-ignore
}
