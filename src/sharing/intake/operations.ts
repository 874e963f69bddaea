import { operation, type Operation } from '../../access/operation.ts';
import { gateSliced } from '../../kernel/json-gate.ts';
import type { Recipients } from '../deliveries/recipients.ts';
import type { FindingCounts } from './findings.ts';
import type { ValuePublishing } from '../publishing/value-publishing.ts';
import type { Publishing } from './publishing.ts';

const tag = 'Objects';

/** Operations that submit objects, and that show beforehand who would receive them. */
export function publishingOperations(
  publishing: Publishing,
  recipients: Recipients,
  values: ValuePublishing,
): readonly Operation[] {
  return [...submittingOperations(publishing, values), ...previewOperations(recipients, values)];
}

/** Operations that submit objects. */
function submittingOperations(publishing: Publishing, values: ValuePublishing): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/collections/:collection/objects',
      name: 'publishObjects',
      summary: 'Submit objects to a collection; each has its own outcome',
      tag,
      permission: 'collection.write',
      status: 200,
      body: 'api/publish-request.json',
      answer: 'published',
      idempotent: true,
      run: async ({ actor, parameters, body, http }) => {
        const document = await gateSliced(http.bytes);
        return {
          body: {
            items: await publishing.publish(actor, parameters.collection, document, body.on_behalf_of),
          },
        };
      },
    }),
    operation({
      method: 'POST',
      path: '/collections/:collection/indicators',
      name: 'publishIndicators',
      summary: 'Submit a new indicator for each of the given values; each has its own outcome',
      tag,
      permission: 'collection.write',
      status: 200,
      body: 'api/indicators-request.json',
      answer: 'published',
      idempotent: true,
      run: async ({ actor, parameters, body }) => ({
        body: { items: await values.publish(actor, parameters.collection, body) },
      }),
    }),
  ];
}

/** Operations that show the recipients of objects beforehand. */
function previewOperations(recipients: Recipients, values: ValuePublishing): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/collections/:collection/recipients',
      name: 'previewRecipients',
      summary: 'Preview the recipients of objects without storing anything',
      tag,
      permission: 'collection.write',
      status: 200,
      body: 'api/publish-request.json',
      answer: 'recipients',
      run: async ({ actor, parameters, body, http }) => {
        const document = await gateSliced(http.bytes);
        return { body: await recipients.preview(actor, parameters.collection, document, body.on_behalf_of) };
      },
    }),
    operation({
      method: 'POST',
      path: '/collections/:collection/indicators/recipients',
      name: 'previewIndicatorRecipients',
      summary: 'Preview the recipients of indicators for the given values without storing anything',
      tag,
      permission: 'collection.write',
      status: 200,
      body: 'api/indicators-request.json',
      answer: 'recipients',
      run: async ({ actor, parameters, body }) => {
        const { indicators: _made, ...found } = await values.preview(actor, parameters.collection, body);
        return { body: found };
      },
    }),
  ];
}

/** The operation that lists the producers that deviate from the standard. */
export function findingOperations(findings: Pick<FindingCounts, 'list'>): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/findings',
      name: 'listFindings',
      summary: 'Count stored objects with findings, for each producer and rule',
      tag,
      permission: 'hub.read',
      status: 200,
      answer: 'findings',
      run: async () => ({ body: { items: await findings.list() } }),
    }),
  ];
}
