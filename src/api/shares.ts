import type { RuleRequest, RuleService } from '../access/rule-service.ts';
import type { ShareRequest, Shares } from '../sharing/shares.ts';
import { PAGING, pageOf, type Operation } from './operation.ts';

/** What goes further than where it was put: by hand, and by rules between collections. */
export function shareOperations(shares: Shares, rules: RuleService): readonly Operation[] {
  return [
    {
      method: 'POST', path: '/objects/:object/shares', name: 'shareObject', summary: 'Share an object with chosen members, or into another collection; its owner is asked where its TLP asks for that',
      tag: 'Sharing', status: 201, body: 'api/share-request.json', answer: 'share', idempotent: true,
      run: async ({ actor, parameters, body }) => ({ body: await shares.share(actor, parameters['object'] ?? '', body as ShareRequest) }),
    },
    {
      method: 'GET', path: '/shares', name: 'listShares', summary: 'What was shared further or asked to be: by the caller, or of what is his member\'s; all for analysts of the hub', tag: 'Sharing', status: 200, answer: 'shares', query: PAGING,
      run: async (call) => pageOf(await shares.list(call.actor), ({ id }) => id, call),
    },
    {
      method: 'POST', path: '/shares/:share/answer', name: 'answerShare', summary: 'The answer of the owner; an administrator of the hub records it with a note on who has given it, and how', tag: 'Sharing', status: 200, body: 'api/share-answer.json', answer: 'share',
      run: async ({ actor, parameters, body }) => {
        const { verdict, note } = body as { verdict: 'granted' | 'refused'; note?: string };
        return { body: await shares.answer(actor, parameters['share'] ?? '', verdict, note) };
      },
    },
    {
      method: 'GET', path: '/rules', name: 'listRules', summary: 'Rules between collections', tag: 'Collections', status: 200, answer: 'rules', query: PAGING,
      run: async (call) => pageOf(await rules.list(call.actor), ({ name }) => name, call),
    },
    {
      method: 'POST', path: '/rules', name: 'createRule', summary: 'Let objects pass on from one collection into another by themselves', tag: 'Collections', status: 201, body: 'api/rule-request.json', answer: 'rule', idempotent: true, dangerous: true,
      run: async ({ actor, body }) => ({ body: await rules.add(actor, body as RuleRequest) }),
    },
    {
      method: 'DELETE', path: '/rules/:rule', name: 'removeRule', summary: 'Take a rule away; what it has passed on stays', tag: 'Collections', status: 204, dangerous: true,
      run: async ({ actor, parameters }) => {
        await rules.remove(actor, parameters['rule'] ?? '');
        return {};
      },
    },
  ]; // prettier-ignore
}
