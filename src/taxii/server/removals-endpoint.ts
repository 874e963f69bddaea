import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { RootRequest } from './context.ts';
import { stixMediaType } from './media-type.ts';
import { pageRequest } from './page.ts';
import { REMOVALS_PARAMETERS } from './query.ts';
import { EMPTY_PAGE, dateAddedHeaders, sendPage } from './response.ts';

/**
 * Objects that were removed from a collection: `GET …/collections/{id}/removals/`. TAXII 2.1 has no such resource.
 * Removals are numbered from the same sequence as dates added, so clients follow them the same way: with `next`, or
 * with `added_after` and the last date of a page. A removal applies only to what was added before it. A version that is
 * added again later is present.
 */
export async function removals(request: RootRequest): Promise<void> {
  const { services, response, principal } = request;
  const page = await pageRequest(request, 'removals', REMOVALS_PARAMETERS);
  const { after, limit } = page.read;
  const found = await services.outlet.removals(principal, page.view, after, limit + 1, page.agent);
  const gone = found.slice(0, limit);
  const dates = { count: gone.length, first: gone[0]?.removed ?? 0, last: gone.at(-1)?.removed ?? 0 };
  const records = gone.map(({ id, version, spec, removed }) => ({
    id,
    version,
    media_type: stixMediaType(spec),
    date_removed: taxiiTimestamp(removed),
  }));
  const body =
    gone.length === 0
      ? EMPTY_PAGE
      : `{${page.more(found.length > limit, dates.last)}"objects":${JSON.stringify(records)}}`;
  sendPage(
    response,
    services.headers,
    [Buffer.from(body)],
    dateAddedHeaders(dates, page.query.addedAfter),
    page.closed(found.length > limit),
  );
}
