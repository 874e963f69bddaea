import { operation, type Operation } from '../../access/operation.ts';
import type { Cases } from './cases.ts';
import type { Reporting } from './reporting.ts';
import type { ValueCheck } from './value-check.ts';
import type { ValueLookup } from './value-lookup.ts';

const tag = 'Feedback';

/** Operations on the reports of members about values. */
export function feedbackOperations(
  reporting: Reporting,
  cases: Cases,
  lookup: ValueLookup,
  check: ValueCheck,
): readonly Operation[] {
  return [...reportOperations(reporting, lookup), ...caseOperations(cases), checkOperation(check)];
}

/** The operation that answers for many values at once. */
function checkOperation(check: ValueCheck): Operation {
  return operation({
    method: 'POST',
    path: '/values/check',
    name: 'checkValues',
    summary: 'Check up to 1,000 values against the collections that you can read, and warning lists',
    tag: 'Objects',
    permission: 'collection.read',
    status: 200,
    body: 'api/values-check.json',
    answer: 'checked_values',
    run: async ({ actor, body, agent }) => ({ body: await check.check(actor, body.values, agent) }),
  });
}

/** Operations on the reports of a member, and on the counts that others see. */
function reportOperations(reporting: Reporting, lookup: ValueLookup): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/values',
      name: 'getValue',
      summary:
        'Get the state of a value in the collections that you can read, and how many members reported it',
      tag: 'Objects',
      permission: 'collection.read',
      status: 200,
      answer: 'value_details',
      query: [
        {
          name: 'value',
          description: 'An address, a network, a domain, a URL, an email address or a hash, defanged or not.',
          required: true,
          schema: { type: 'string', pattern: '^[^\\u0000]{1,2000}$' },
        },
      ],
      run: async ({ actor, query }) => ({ body: await lookup.get(actor, query.value) }),
    }),
    operation({
      method: 'GET',
      path: '/feedback',
      name: 'listFeedback',
      summary: 'List the reports of your own member, newest first, with the decisions of the hub',
      tag,
      permission: 'feedback.read',
      status: 200,
      answer: 'feedback_list',
      run: async ({ actor }) => ({ body: { items: await reporting.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/feedback',
      name: 'sendFeedback',
      summary:
        'Report sightings, false positives and notes; each has its own outcome, and nobody sees who reported',
      tag,
      permission: 'feedback.send',
      status: 200,
      body: 'api/feedback-request.json',
      answer: 'feedback_outcomes',
      run: async ({ actor, body }) => ({ body: { items: await reporting.send(actor, body.items) } }),
    }),
  ];
}

/** Operations on false positives that hub staff decide. */
function caseOperations(cases: Cases): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/false-positives',
      name: 'listFalsePositives',
      summary: 'List reported false positives that hub staff must decide, oldest first',
      tag,
      permission: 'triage.read',
      status: 200,
      answer: 'false_positives',
      run: async ({ actor }) => ({ body: { items: await cases.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/false-positives/:case/decision',
      name: 'decideFalsePositive',
      summary: 'Confirm a reported false positive, which removes the value from every list, or reject it',
      tag,
      permission: 'object.triage',
      status: 200,
      body: 'api/false-positive-decision.json',
      answer: 'false_positive',
      run: async ({ actor, parameters, body }) => ({
        body: await cases.decide(actor, parameters.case, body.verdict, body.note),
      }),
    }),
  ];
}
