import type { RuleRequest, RuleService } from '../sharing/routing/rule-service.ts';
import type { ShareRequest, Shares } from '../sharing/shares/shares.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/**
 * Operations that make objects available beyond their first collection: sharing by hand, and rules between collections.
 */
export function shareOperations(shares: Shares, rules: RuleService): readonly Operation[] {
  return [
    {
      method: 'POST', path: '/objects/:object/shares', name: 'shareObject', summary: 'Share an object with members or into another collection; its TLP may require the consent of its owner',
      tag: 'Sharing', status: 201, body: 'api/share-request.json', answer: 'share', idempotent: true,
      run: async ({ actor, parameters, body }) => ({ body: await shares.share(actor, parameters['object'] ?? '', body as ShareRequest) }),
    },
    {
      method: 'GET', path: '/shares', name: 'listShares', summary: 'List shares and requests for consent: those of the caller and of objects of the caller\'s member, or all of them for hub staff', tag: 'Sharing', status: 200, answer: 'shares', query: PAGING,
      run: async (call) => pageOf(await shares.list(call.actor), ({ id }) => id, call),
    },
    {
      method: 'POST', path: '/shares/:share/answer', name: 'answerShare', summary: 'Answer a request for consent as the owner; an administrator can record it with a note about who agreed, and how', tag: 'Sharing', status: 200, body: 'api/share-answer.json', answer: 'share',
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body as { verdict: 'granted' | 'refused'; note?: string };
        return { body: await shares.answer(actor, parameters['share'] ?? '', verdict, note) };
      },
    },
    {
      method: 'GET', path: '/rules', name: 'listRules', summary: 'List forwarding rules', tag: 'Collections', status: 200, answer: 'rules', query: PAGING,
      run: async (call) => pageOf(await rules.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'POST', path: '/rules', name: 'createRule', summary: 'Create a rule that forwards objects from one collection to another', tag: 'Collections', status: 201, body: 'api/rule-request.json', answer: 'rule', idempotent: true, dangerous: true,
      run: async ({ actor, body }) => ({ body: await rules.add(actor, body as RuleRequest) }),
    },
    {
      method: 'DELETE', path: '/rules/:rule', name: 'removeRule', summary: 'Delete a forwarding rule; forwarded objects stay', tag: 'Collections', status: 204, dangerous: true,
      run: async ({ actor, parameters }) => {
        await rules.remove(actor, parameters['rule'] ?? '');
        return {};
      },
    },
  ]; // prettier-ignore
}
