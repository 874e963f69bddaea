import type { Waiting } from './review-queue.ts';
import { LIMIT, limitOf, operation, type Operation } from '../../access/operation.ts';

const tag = 'Held';

/** Operations on the review queue. */
export function heldOperations(waiting: Waiting): readonly Operation[] {
  return [...readingOperations(waiting), ...decidingOperations(waiting)];
}

/** Operations that show what is on hold. */
function readingOperations(waiting: Waiting): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/held',
      name: 'listHeld',
      summary: 'List objects on hold, oldest first: all of them for hub staff, their own for others',
      tag,
      permission: 'held.read',
      status: 200,
      answer: 'held_objects',
      query: LIMIT,
      run: async (call) => ({ body: { items: await waiting.list(call.actor, limitOf(call)) } }),
    }),
    operation({
      method: 'GET',
      path: '/held/:held',
      name: 'getHeld',
      summary: 'Get an object on hold with its content',
      tag,
      permission: 'held.read',
      status: 200,
      answer: 'held_object',
      run: async ({ actor, parameters }) => {
        const { text, ...item } = await waiting.show(actor, parameters.held);
        const content: object = JSON.parse(text);
        return { body: { ...item, content } };
      },
    }),
  ];
}

/** Operations that decide on an object on hold. */
function decidingOperations(waiting: Waiting): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/held/:held/release',
      name: 'releaseHeld',
      summary:
        'Check an object on hold again, with the current rights of its submitter; hub staff can ' +
        'release it on behalf of a member, which the audit log records',
      tag,
      permission: 'held.decide',
      status: 200,
      answer: 'released',
      query: [
        {
          name: 'on_behalf_of',
          description: 'The member that the object is released on behalf of. Only hub staff may set this.',
          schema: { type: 'string', minLength: 1, maxLength: 100 },
        },
      ],
      run: async ({ actor, parameters, query }) => ({
        body: await waiting.release(actor, parameters.held, query.on_behalf_of),
      }),
    }),
    operation({
      method: 'POST',
      path: '/held/:held/give',
      name: 'giveHeld',
      summary: 'Give a TLP:RED object on hold to named people',
      tag,
      permission: 'held.decide',
      status: 201,
      body: 'api/held-give.json',
      answer: 'red',
      run: async ({ actor, parameters, body }) => {
        const { to, note } = body;
        return { body: await waiting.give(actor, parameters.held, to, note) };
      },
    }),
    operation({
      method: 'POST',
      path: '/held/:held/discard',
      name: 'discardHeld',
      summary: 'Discard an object on hold permanently',
      tag,
      permission: 'held.decide',
      status: 204,
      body: 'api/held-discard.json',
      run: async ({ actor, parameters, body }) => {
        await waiting.discard(actor, parameters.held, body.reason);
        return {};
      },
    }),
  ];
}
