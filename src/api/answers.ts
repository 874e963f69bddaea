import type { Answer } from '../sharing/answer-links.ts';
import type { Answers } from '../sharing/answers.ts';
import type { Operation } from './operation.ts';

/** How far objects have come with those who get them, and what they say of them. */
export function answerOperations(answers: Answers): readonly Operation[] {
  const tag = 'Deliveries';
  return [
    {
      method: 'GET', path: '/objects/:object/deliveries', name: 'getDeliveries', summary: 'How far an object has come with each member: available, delivered, opened, answered; for the hub, and for whose it is', tag, status: 200, answer: 'delivery_log',
      run: async ({ actor, parameters }) => ({ body: { items: await answers.log(actor, parameters['object'] ?? '') } }),
    },
    {
      method: 'PUT', path: '/objects/:object/deadline', name: 'demandAnswers', summary: 'Ask all who may read an object to answer until a time; those who do not are reminded once', tag, status: 200, body: 'api/answer-demand.json', answer: 'delivery_log',
      run: async ({ actor, parameters, body }) => ({ body: { items: await answers.demand(actor, parameters['object'] ?? '', (body as { until: string }).until) } }),
    },
    {
      method: 'POST', path: '/objects/:object/answer', name: 'answerObject', summary: 'Say, for a member, that it has an object, that it is not its own, or that it is a false alarm', tag, status: 204, body: 'api/answer.json',
      run: async ({ actor, parameters, body }) => {
        const { answer, note } = body as { answer: Answer; note?: string };
        await answers.answer(actor, parameters['object'] ?? '', answer, note);
        return {};
      },
    },
  ]; // prettier-ignore
}
