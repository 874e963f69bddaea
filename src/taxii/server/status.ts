import { unauthenticated } from '../../access/authenticate.ts';
import type { Clock } from '../../kernel/clock.ts';
import { isUuid } from '../../kernel/ids.ts';
import { Slices, writtenItems } from '../../kernel/slices.ts';
import type { Waiting } from '../../sharing/intake/envelope-items.ts';
import { messageWithFindings } from '../../sharing/intake/findings.ts';
import type { Outcome } from '../../sharing/intake/outcome.ts';
import type { EnvelopeState } from '../../sharing/intake/envelopes.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { send } from './response.ts';
import { taxiiErrors } from './errors.ts';

/**
 * Writes the status resource (TAXII 2.1 §4.3.1) in slices. A list has as many entries as its count states, or is left
 * out.
 */
export async function statusResource(state: EnvelopeState, clock: Clock): Promise<string> {
  const outcomes = state.status === 'complete' ? state.outcomes : [];
  const waiting = state.status === 'pending' ? state.waiting : [];
  const slices = new Slices(clock);
  const list = async (name: string, items: readonly (Waiting | Outcome)[]): Promise<string> => {
    if (items.length === 0) return '';
    const details = items.map((item) => {
      const message = 'kind' in item ? messageWithFindings(item) : undefined;
      return { id: item.id, version: item.version, ...(message === undefined ? {} : { message }) };
    });
    return `,"${name}":[${await writtenItems(details, slices)}]`;
  };
  const good = outcomes.filter(({ kind }) => kind === 'stored' || kind === 'known');
  const bad = outcomes.filter(({ kind }) => kind === 'held' || kind === 'refused');
  const head = JSON.stringify({
    id: state.id,
    status: state.status,
    request_timestamp: taxiiTimestamp(state.requested),
    total_count: outcomes.length + waiting.length,
    success_count: good.length,
  });
  return [
    head.slice(0, -1),
    await list('successes', good),
    `,"failure_count":${bad.length}`,
    await list('failures', bad),
    `,"pending_count":${waiting.length}`,
    await list('pendings', waiting),
    '}',
  ].join('');
}

/** Status (TAXII 2.1 §4.3): `GET /{api-root}/status/{id}/`, for the account that sent the envelope. */
export async function status({ services, response, principal, parameters }: RootRequest): Promise<void> {
  if (principal.kind === 'public') throw unauthenticated();
  const id = (parameters['id'] ?? '').toLowerCase();
  const state = isUuid(id) ? await services.envelopes.find(principal, id) : undefined;
  if (state === undefined) {
    throw taxiiErrors.statusNotFound();
  }
  send(response, services.headers, 200, await statusResource(state, services.clock));
}
