import { unauthenticated } from '../access/authenticate.ts';
import type { Micros } from '../kernel/clock.ts';
import { isUuid } from '../kernel/ids.ts';
import { Problem } from '../kernel/problem.ts';
import type { Outcome } from '../sharing/intake/outcome.ts';
import { taxiiTimestamp } from '../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { send } from './response.ts';

/** The status resource (TAXII 2.1 section 4.3.1). Lists are as long as their counts say, or left out. */
export function statusResource(id: string, requested: Micros, outcomes: readonly Outcome[]): string {
  const detail = ({ id: object, version, message }: Outcome): object => ({
    id: object,
    version,
    ...(message === undefined ? {} : { message }),
  });
  const good = outcomes.filter(({ kind }) => kind === 'stored' || kind === 'known');
  const bad = outcomes.filter(({ kind }) => kind === 'held' || kind === 'refused');
  return JSON.stringify({
    id,
    status: 'complete',
    request_timestamp: taxiiTimestamp(requested),
    total_count: outcomes.length,
    success_count: good.length,
    ...(good.length === 0 ? {} : { successes: good.map(detail) }),
    failure_count: bad.length,
    ...(bad.length === 0 ? {} : { failures: bad.map(detail) }),
    pending_count: 0,
  });
}

/** Status (TAXII 2.1 section 4.3): `GET /{api-root}/status/{id}/`, for whoever sent the envelope. */
export async function status({ services, response, principal, parameters }: RootRequest): Promise<void> {
  if (principal.kind === 'public') throw unauthenticated();
  const id = (parameters['id'] ?? '').toLowerCase();
  const receipt = isUuid(id) ? await services.receipts.find(principal, id) : undefined;
  if (receipt === undefined) {
    throw new Problem('not-found', 'There is no such status', {
      description: 'A status is kept for 24 hours and shown to the account that sent the envelope.',
      code: 'TLN-T-404',
    });
  }
  send(response, services.headers, 200, receipt.body);
}
