import { unauthenticated } from '../access/authenticate.ts';
import { isUuid } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import type { EnvelopeState, Waiting } from '../sharing/envelopes.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { send } from './response.ts';

/** The status resource (TAXII 2.1 section 4.3.1). Lists are as long as their counts say, or left out. */
export function statusResource(state: EnvelopeState): string {
  const outcomes = state.status === 'complete' ? state.outcomes : [];
  const waiting = state.status === 'pending' ? state.waiting : [];
  const detail = ({ id, version, message }: Waiting & { readonly message?: string }): object => ({
    id,
    version,
    ...(message === undefined ? {} : { message }),
  });
  const good = outcomes.filter(({ kind }) => kind === 'stored' || kind === 'known');
  const bad = outcomes.filter(({ kind }) => kind === 'held' || kind === 'refused');
  return JSON.stringify({
    id: state.id,
    status: state.status,
    request_timestamp: taxiiTimestamp(state.requested),
    total_count: outcomes.length + waiting.length,
    success_count: good.length,
    ...(good.length === 0 ? {} : { successes: good.map(detail) }),
    failure_count: bad.length,
    ...(bad.length === 0 ? {} : { failures: bad.map(detail) }),
    pending_count: waiting.length,
    ...(waiting.length === 0 ? {} : { pendings: waiting.map(detail) }),
  });
}

/** Status (TAXII 2.1 section 4.3): `GET /{api-root}/status/{id}/`, for whoever sent the envelope. */
export async function status({ services, response, principal, parameters }: RootRequest): Promise<void> {
  if (principal.kind === 'public') throw unauthenticated();
  const id = (parameters['id'] ?? '').toLowerCase();
  const state = isUuid(id) ? await services.envelopes.find(principal, id) : undefined;
  if (state === undefined) {
    throw new Problem('not-found', 'There is no such status', {
      description: 'A status is kept for 24 hours and shown to the account that sent the envelope.',
      code: 'TLN-T-404',
    });
  }
  send(response, services.headers, 200, statusResource(state));
}
