import type { Red } from './red.ts';
import { operation, type Operation, pageOf, PAGING } from '../../access/operation.ts';

/** Operations on TLP:RED, which is given to named people and which only they can read. */
export function redOperations(red: Red): readonly Operation[] {
  const tag = 'TLP:RED';
  return [
    operation({
      method: 'GET',
      path: '/red',
      name: 'listRed',
      summary: 'List TLP:RED given to the caller or by the caller',
      tag,
      permission: 'red.see',
      status: 200,
      answer: 'reds',
      query: PAGING,
      run: async (call) => pageOf(await red.list(call.actor), ({ id }) => id, call),
    }),
    operation({
      method: 'POST',
      path: '/red',
      name: 'giveRed',
      summary: 'Give a TLP:RED object to named people; no collection contains it',
      tag,
      permission: 'red.give',
      status: 201,
      body: 'api/red-request.json',
      answer: 'red',
      idempotent: true,
      run: async ({ actor, body }) => ({ body: await red.give(actor, body) }),
    }),
    operation({
      method: 'GET',
      path: '/red/:red',
      name: 'getRed',
      summary: 'Read a TLP:RED object as a recipient; the audit log records it',
      tag,
      permission: 'red.read',
      status: 200,
      answer: 'red_content',
      run: async ({ actor, parameters }) => ({ body: await red.read(actor, parameters.red) }),
    }),
    operation({
      method: 'DELETE',
      path: '/red/:red',
      name: 'withdrawRed',
      summary: 'Withdraw a TLP:RED object from all recipients',
      tag,
      permission: 'red.withdraw',
      status: 204,
      run: async ({ actor, parameters }) => {
        await red.withdraw(actor, parameters.red);
        return {};
      },
    }),
  ];
}
