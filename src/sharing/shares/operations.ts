import { operation, type Operation, pageOf, PAGING } from '../../access/operation.ts';
import type { Shares } from './shares.ts';

/** Operations on sharing by hand, and on the consent that it may need. */
export function shareOperations(shares: Shares): readonly Operation[] {
  const tag = 'Sharing';
  return [
    operation({
      method: 'POST',
      path: '/objects/:object/shares',
      name: 'shareObject',
      summary:
        'Share an object with members or into another collection; its TLP may require the ' +
        'consent of its owner',
      tag,
      permission: 'object.share',
      status: 201,
      body: 'api/share-request.json',
      answer: 'share',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: await shares.share(actor, parameters.object, body),
      }),
    }),
    operation({
      method: 'GET',
      path: '/shares',
      name: 'listShares',
      summary:
        'List shares and requests for consent: those of the caller and of objects of the ' +
        "caller's member, or all of them for hub staff",
      tag,
      permission: 'share.see',
      status: 200,
      answer: 'shares',
      query: PAGING,
      run: async (call) => pageOf(await shares.list(call.actor), ({ id }) => id, call),
    }),
    operation({
      method: 'POST',
      path: '/shares/:share/answer',
      name: 'answerShare',
      summary:
        'Answer a request for consent as the owner; an administrator can record it with a note ' +
        'about who agreed, and how',
      tag,
      permission: 'share.answer',
      status: 200,
      body: 'api/share-answer.json',
      answer: 'share',
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body;
        return { body: await shares.answer(actor, parameters.share, verdict, note) };
      },
    }),
  ];
}
