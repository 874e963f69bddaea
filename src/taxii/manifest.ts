import { taxiiTimestamp } from '../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { stixMediaType } from './media-type.ts';
import { pageRequest } from './page.ts';
import { ALL_PARAMETERS } from './query.ts';
import { dateAddedHeaders, send } from './response.ts';

/** Object manifests (TAXII 2.1 section 5.3): `GET …/manifest/`. `next` is given here too, which the standard forgot. */
export async function manifest(request: RootRequest): Promise<void> {
  const { services, response, principal } = request;
  const page = await pageRequest(request, 'manifest', ALL_PARAMETERS);
  const { entries, more } = await services.outlet.entries(principal, page.view, page.read);
  const first = entries[0]?.added ?? 0;
  const last = entries.at(-1)?.added ?? 0;
  const records = entries.map(({ id, added, version, spec }) => ({
    id,
    date_added: taxiiTimestamp(added),
    version,
    media_type: stixMediaType(spec),
  }));
  const body = records.length === 0 ? '{}' : `{${page.more(more, last)}"objects":${JSON.stringify(records)}}`;
  send(
    response,
    services.headers,
    200,
    body,
    dateAddedHeaders({ count: entries.length, first, last }, page.query.addedAfter),
  );
}
