import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { stixMediaType } from './media-type.ts';
import { pageRequest } from './page.ts';
import { ALL_PARAMETERS } from './query.ts';
import { EMPTY_PAGE, dateAddedHeaders, datesOf, sendPage } from './response.ts';

/**
 * Object manifests (TAXII 2.1 §5.3): `GET …/manifest/`. Responses also contain `next`, which the standard omits for
 * manifests.
 */
export async function manifest(request: RootRequest): Promise<void> {
  const { services, response, principal } = request;
  const page = await pageRequest(request, 'manifest', ALL_PARAMETERS);
  const { entries, more } = await services.outlet.entries(principal, page.view, page.read, page.agent);
  const dates = datesOf(entries);
  const records = entries.map(({ id, added, version, spec }) => ({
    id,
    date_added: taxiiTimestamp(added),
    version,
    media_type: stixMediaType(spec),
  }));
  const body =
    records.length === 0
      ? EMPTY_PAGE
      : `{${page.more(more, dates.last)}"objects":${JSON.stringify(records)}}`;
  sendPage(
    response,
    services.headers,
    [Buffer.from(body)],
    dateAddedHeaders(dates, page.query.addedAfter),
    page.closed(more),
  );
}
