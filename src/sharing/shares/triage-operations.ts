import type { Triage } from './triage.ts';
import { operation, type Operation } from '../../access/operation.ts';

/** Operations on the triage queue of reports that hub staff must assign to members. */
export function triageOperations(triage: Triage): readonly Operation[] {
  const tag = 'Triage';
  return [
    operation({
      method: 'GET',
      path: '/triage',
      name: 'listTriage',
      summary:
        'List open reports: they affect no member or a country without a member, or a member has ' +
        'answered "not ours" or "false positive"',
      tag,
      permission: 'triage.read',
      status: 200,
      answer: 'triage_items',
      run: async ({ actor }) => ({ body: { items: await triage.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/triage/:item/assignment',
      name: 'assignTriage',
      summary: 'Assign a report to members',
      tag,
      permission: 'object.triage',
      status: 200,
      body: 'api/triage-assignment.json',
      answer: 'share',
      run: async ({ actor, parameters, body }) => {
        const { members, note } = body;
        return { body: await triage.assign(actor, parameters.item, members, note) };
      },
    }),
    operation({
      method: 'POST',
      path: '/triage/:item/dismissal',
      name: 'dismissTriage',
      summary: 'Dismiss a report without assigning it',
      tag,
      permission: 'object.triage',
      status: 204,
      body: 'api/triage-dismissal.json',
      run: async ({ actor, parameters, body }) => {
        await triage.dismiss(actor, parameters.item, body.note);
        return {};
      },
    }),
  ];
}
