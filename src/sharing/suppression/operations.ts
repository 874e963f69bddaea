import { operation, type Operation } from '../../access/operation.ts';
import type { SuppressionService } from './service.ts';

/** Operations on suppressed values. */
export function suppressionOperations(suppressions: SuppressionService): readonly Operation[] {
  const tag = 'Suppressions';
  return [
    operation({
      method: 'GET',
      path: '/suppressions',
      name: 'listSuppressions',
      summary: 'List suppressed values, newest first. Members see only the values that they hold',
      tag,
      permission: 'value.suppression.read',
      status: 200,
      answer: 'suppressions',
      run: async ({ actor }) => ({ body: { items: await suppressions.list(actor) } }),
    }),
    operation({
      method: 'POST',
      path: '/suppressions',
      name: 'createSuppressions',
      summary: 'Remove values from every list at once, and notify everybody who has them',
      tag,
      permission: 'value.suppress',
      status: 201,
      body: 'api/suppression-request.json',
      answer: 'suppressions',
      run: async ({ actor, body }) => ({
        body: { items: await suppressions.create(actor, body.values, body.reason) },
      }),
    }),
    operation({
      method: 'GET',
      path: '/suppressions/:suppression',
      name: 'getSuppression',
      summary: 'Get a suppressed value, who removed it, and who still has it',
      tag,
      permission: 'value.suppression.read',
      status: 200,
      answer: 'suppression_details',
      run: async ({ actor, parameters }) => ({ body: await suppressions.get(actor, parameters.suppression) }),
    }),
    operation({
      method: 'POST',
      path: '/suppressions/:suppression/lift',
      name: 'liftSuppression',
      summary: 'End the suppression of a value',
      tag,
      permission: 'value.suppress',
      status: 200,
      body: 'api/suppression-lift.json',
      answer: 'suppression',
      run: async ({ actor, parameters, body }) => ({
        body: await suppressions.lift(actor, parameters.suppression, body.reason),
      }),
    }),
  ];
}
