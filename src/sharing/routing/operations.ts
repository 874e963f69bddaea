import { operation, type Operation, pageOf, PAGING } from '../../access/operation.ts';
import type { RuleService } from './rule-service.ts';

/** Operations on rules, which forward objects from one collection to another. */
export function ruleOperations(rules: RuleService): readonly Operation[] {
  const tag = 'Collections';
  return [
    operation({
      method: 'GET',
      path: '/rules',
      name: 'listRules',
      summary: 'List forwarding rules',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'rules',
      query: PAGING,
      run: async (call) => pageOf(await rules.list(call.actor), ({ name }) => name, call),
    }),
    operation({
      method: 'POST',
      path: '/rules',
      name: 'createRule',
      summary: 'Create a rule that forwards objects from one collection to another',
      tag,
      permission: 'hub.write',
      status: 201,
      body: 'api/rule-request.json',
      answer: 'rule',
      idempotent: true,
      dangerous: true,
      run: async ({ actor, body }) => ({ body: await rules.create(actor, body) }),
    }),
    operation({
      method: 'DELETE',
      path: '/rules/:rule',
      name: 'deleteRule',
      summary: 'Delete a forwarding rule; forwarded objects stay',
      tag,
      permission: 'hub.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters }) => {
        await rules.delete(actor, parameters.rule);
        return {};
      },
    }),
  ];
}
