import type { Answer } from '../sharing/channels/email/answer-links.ts';
import type { Answers } from '../sharing/deliveries/answers.ts';
import type { Operation } from './operation.ts';

/** Operations on the delivery log and on acknowledgements of members. */
export function answerOperations(answers: Answers): readonly Operation[] {
  const tag = 'Deliveries';
  return [
    {
      method: 'GET', path: '/objects/:object/deliveries', name: 'getDeliveries', summary: 'Get the deliveries of an object to each member: available, delivered, opened, answered; for the hub and the owner', tag, status: 200, answer: 'delivery_log',
      run: async ({ actor, parameters }) => ({ body: { items: await answers.log(actor, parameters['object'] ?? '') } }),
    },
    {
      method: 'PUT', path: '/objects/:object/deadline', name: 'demandAnswers', summary: 'Request acknowledgements from all readers of an object until a time, with one reminder', tag, status: 200, body: 'api/answer-demand.json', answer: 'delivery_log',
      run: async ({ actor, parameters, body }) => ({ body: { items: await answers.demand(actor, parameters['object'] ?? '', (body as { until: string }).until) } }),
    },
    {
      method: 'POST', path: '/objects/:object/answer', name: 'answerObject', summary: 'Acknowledge an object for a member: received, not ours, or false positive', tag, status: 204, body: 'api/answer.json',
      run: async ({ actor, parameters, body }) => {
        const { answer, note } = body as { answer: Answer; note?: string };
        await answers.answer(actor, parameters['object'] ?? '', answer, note);
        return {};
      },
    },
  ]; // prettier-ignore
}
