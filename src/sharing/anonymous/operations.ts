import { gateSliced } from '../../kernel/json-gate.ts';
import { operation, type Operation } from '../../access/operation.ts';
import type { SealOpenings } from './openings.ts';
import type { AnonymousSubmissions } from './service.ts';

const tag = 'Anonymous objects';

/** Operations on objects that members submit without their name. */
export function anonymousOperations(
  anonymous: AnonymousSubmissions,
  openings: SealOpenings,
): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/collections/:collection/anonymous-objects',
      name: 'submitAnonymously',
      summary: 'Submit indicators without the name of your member. The hub releases them within two hours',
      tag,
      permission: 'anonymous.submit',
      status: 200,
      body: 'api/anonymous-request.json',
      answer: 'anonymous_outcomes',
      run: async ({ actor, parameters, body, http }) => {
        const document = await gateSliced(http.bytes);
        const { attribution, preview = false } = body;
        const items = await anonymous.submit(actor, parameters.collection, document, attribution, preview);
        return { body: { items } };
      },
    }),
    operation({
      method: 'GET',
      path: '/anonymous-objects',
      name: 'listAnonymousObjects',
      summary: 'List the anonymous objects of your member, newest first',
      tag,
      permission: 'anonymous.read',
      status: 200,
      answer: 'anonymous_objects',
      run: async ({ actor }) => ({ body: { items: await anonymous.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/anonymous-objects/:object/revocation',
      name: 'revokeAnonymousObject',
      summary: 'Revoke an anonymous object of your member with the next release',
      tag,
      permission: 'anonymous.submit',
      status: 204,
      run: async ({ actor, parameters }) => {
        await anonymous.revoke(actor, parameters.object);
        return {};
      },
    }),
    sealOperation(openings),
  ];
}

function sealOperation(openings: SealOpenings): Operation {
  return operation({
    method: 'POST',
    path: '/anonymous-objects/:object/opening',
    name: 'openSeal',
    summary: 'Ask to open the seal of an anonymous object, or open it if somebody else has asked',
    tag,
    permission: 'seal.open',
    dangerous: true,
    status: 200,
    body: 'api/seal-opening.json',
    answer: 'anonymous_opening',
    run: async ({ actor, parameters, body }) => ({
      body: await openings.open(actor, parameters.object, body.reason),
    }),
  });
}
