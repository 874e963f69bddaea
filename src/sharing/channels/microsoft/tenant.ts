import type { Snapshot } from '../../../access/snapshot.ts';
import type { Lease } from '../../../store/store.ts';
import type { Channel } from '../model.ts';
import type { Fault } from '../send.ts';
import { OWN_FILTER, ownIn } from './defender-indicators.ts';
import type { Application, EntraClient } from './entra-client.ts';

/** Maximum number of active indicators of a tenant. */
export const MOST_OF_TENANT = 15_000;
/** Number of indicators in one page of a listing. */
const LISTED = 1_000;

/** A channel to a tenant, with everything needed to call it. */
export interface Tenant {
  readonly channel: Channel;
  readonly application: Application;
  readonly client: EntraClient;
  readonly snapshot: Snapshot;
  readonly lease: Lease;
  readonly signal: AbortSignal;
}

/** Lists the indicators that the hub sent, with the ids of the tenant. The answer to an import can be lost. */
export async function listedIn({
  channel,
  application,
  client,
  signal,
}: Tenant): Promise<Fault | Map<string, string>> {
  const own = new Map<string, string>();
  for (let skip = 0; skip <= MOST_OF_TENANT; skip += LISTED) {
    const query = new URLSearchParams({ $filter: OWN_FILTER, $top: String(LISTED), $skip: String(skip) });
    const url = `${baseOf(channel)}/api/indicators?${query.toString().replaceAll('+', '%20')}`;
    const answer = await client.call(application, { method: 'GET', url }, signal);
    if (answer.kind !== 'answer') return answer;
    const page = valuesOf(answer.body);
    if (answer.status !== 200 || page === undefined)
      return { kind: 'later', reason: `Defender returned no list of indicators (status ${answer.status})` };
    for (const [key, id] of ownIn(page)) own.set(key, id);
    if (page.length < LISTED) break;
  }
  return own;
}

/** Returns the results in the body of an answer. Undefined if it has none. */
export function valuesOf(body: unknown): readonly unknown[] | undefined {
  const value = (body as { readonly value?: unknown } | null | undefined)?.value;
  return Array.isArray(value) ? value : undefined;
}

/** Returns the address of the API without a slash at its end. */
export function baseOf({ url }: Channel): string {
  return url.replace(/\/+$/, '');
}
