import { LIMIT, limitOf, operation, type Operation, pageOf, PAGING, NAME } from '../../access/operation.ts';
import type { Answers } from './answers.ts';
import type { DeliveryExplanations } from './explain.ts';
import type { Deliveries } from './lag.ts';

const tag = 'Deliveries';

/** Operations on the progress of readers, refused requests, the delivery log and acknowledgements. */
export function deliveryOperations(
  deliveries: Deliveries,
  whys: DeliveryExplanations,
  answers: Answers,
): readonly Operation[] {
  return [...progressOperations(deliveries), ...whyOperations(whys), ...answerOperations(answers)];
}

/** Operations on the progress of readers and on refused requests. */
function progressOperations(deliveries: Deliveries): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/deliveries/readers',
      name: 'listReaders',
      summary: 'List readers, how far they have read, and what is waiting for them',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'readers',
      query: PAGING,
      run: async (call) =>
        pageOf(
          await deliveries.lag(call.actor),
          ({ account, name, kind, filters }) => `${account} ${name} ${kind} ${filters}`,
          call,
        ),
    }),
    operation({
      method: 'GET',
      path: '/deliveries/refusals',
      name: 'listRefusals',
      summary: 'List refused requests of the last 30 days with their reasons',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'refusals',
      query: LIMIT,
      run: async (call) => ({ body: { items: await deliveries.refusals(call.actor, limitOf(call)) } }),
    }),
  ];
}

/** Operations that explain a delivery. */
function whyOperations(whys: DeliveryExplanations): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/deliveries/why',
      name: 'explainDelivery',
      summary: 'Explain to hub staff and officers of a member why it has received an object or not',
      tag,
      permission: 'delivery.explain',
      status: 200,
      answer: 'why',
      query: [
        {
          name: 'object',
          description: 'The STIX id of the object: its type, two hyphens and a UUID.',
          required: true,
          schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,250}--[0-9a-fA-F-]{36}$' },
        },
        {
          name: 'member',
          description: 'Name of the member.',
          required: true,
          schema: NAME,
        },
      ],
      run: async ({ actor, query }) => ({ body: await whys.why(actor, query.object, query.member) }),
    }),
  ];
}

/** Operations on the delivery log and on acknowledgements. */
function answerOperations(answers: Answers): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/objects/:object/deliveries',
      name: 'getDeliveries',
      summary:
        'Get the deliveries of an object to each member: available, delivered, opened, answered. ' +
        'Hub staff and the owner see all members, and officers of other readers only their own',
      tag,
      permission: 'delivery.read',
      status: 200,
      answer: 'delivery_log',
      run: async ({ actor, parameters }) => ({
        body: { items: await answers.log(actor, parameters.object) },
      }),
    }),
    operation({
      method: 'PUT',
      path: '/objects/:object/deadline',
      name: 'requestAnswers',
      summary: 'Request acknowledgements from all readers of an object by a deadline, with one reminder',
      tag,
      permission: 'answer.request',
      status: 200,
      body: 'api/answer-request.json',
      answer: 'delivery_log',
      run: async ({ actor, parameters, body }) => ({
        body: { items: await answers.request(actor, parameters.object, body.until) },
      }),
    }),
    operation({
      method: 'POST',
      path: '/objects/:object/answer',
      name: 'answerObject',
      summary: 'Acknowledge an object for a member: received, not ours, or false positive',
      tag,
      permission: 'object.answer',
      status: 204,
      body: 'api/answer.json',
      run: async ({ actor, parameters, body }) => {
        const { answer, note } = body;
        await answers.answer(actor, parameters.object, answer, note);
        return {};
      },
    }),
  ];
}
