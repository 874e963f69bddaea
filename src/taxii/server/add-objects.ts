import { senderOf } from '../../access/sessions/throttle.ts';
import { microsOf } from '../../kernel/clock.ts';
import { gateSliced, type GatedDocument } from '../../kernel/json-gate.ts';
import { readBody } from '../../kernel/body.ts';
import type { EnvelopeState } from '../../sharing/intake/envelopes.ts';
import type { RootRequest } from './context.ts';
import { demandContentType } from './media-type.ts';
import { send } from './response.ts';
import { statusResource } from './status.ts';
import { taxiiErrors } from './errors.ts';

/**
 * Add objects (TAXII 2.1 §5.5): `POST …/objects/`. The status resource contains the outcome of each object. The
 * response is sent when every object that it reports as a success is durable. If the envelope is still pending, the
 * response reports it once the envelope itself is durable. After a 4xx response, no part of the envelope is stored.
 */
export async function addObjects({
  services,
  http,
  response,
  principal,
  root,
  parameters,
}: RootRequest): Promise<void> {
  const { collection } = await services.outlet.findWritable(
    principal,
    root.path,
    parameters['collection'] ?? '',
  );
  demandContentType(http.headers['content-type'], root.unwrapBundles);
  const requested = microsOf(services.clock);
  const { bytes, release } = await readBody(http, {
    caller: senderOf(principal, services.originOf(http)),
    limit: root.maxContentLength,
    tooLarge: {
      description: `This API root accepts at most ${root.maxContentLength} bytes (max_content_length).`,
      hint: 'Send the objects in several envelopes.',
    },
  });
  const id = services.ids.uuid();
  let state: EnvelopeState;
  try {
    const document = envelope(await gateSliced(bytes), root.unwrapBundles);
    state = await services.envelopes.submit({ id, principal, collection, requested, document, release });
  } catch (error) {
    release();
    throw error;
  }
  send(response, services.headers, 202, await statusResource(state, services.clock), {
    Location: `/${root.path}/status/${id}/`,
  });
}

/**
 * Returns the objects of an envelope. If the API root is configured for it, a bundle is accepted too, because some
 * clients send one instead.
 */
function envelope(document: GatedDocument, unwrapBundles: boolean): GatedDocument {
  const type = document.members.get('type');
  if (type !== undefined && !(type === 'bundle' && unwrapBundles)) {
    throw taxiiErrors.notEnvelope({ what: type === 'bundle' ? 'bundle' : 'object' });
  }
  if (document.objects.length === 0) {
    throw taxiiErrors.emptyEnvelope();
  }
  return document;
}
