import { operation, type Operation } from '../../access/operation.ts';
import type { Revocation } from './revocation.ts';

/** Operations on the life of objects that the hub created. */
export function revocationOperations(revocation: Revocation): readonly Operation[] {
  const tag = 'Objects';
  return [
    operation({
      method: 'POST',
      path: '/objects/:object/revocation',
      name: 'revokeObject',
      summary: 'Revoke an object that the hub created',
      tag,
      permission: 'object.revoke',
      status: 200,
      answer: 'revocation',
      run: async ({ actor, parameters }) => ({
        body: { items: await revocation.revoke(actor, parameters.object) },
      }),
    }),
  ];
}
