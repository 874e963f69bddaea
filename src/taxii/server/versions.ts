import { noObject } from '../../sharing/reading/outlet.ts';
import { ALL_VERSIONS } from '../../store/store.ts';
import type { RootRequest } from './context.ts';
import { pageRequest } from './page.ts';
import { VERSIONS_PARAMETERS } from './query.ts';
import { EMPTY_PAGE, dateAddedHeaders, datesOf, sendPage } from './response.ts';

/** Object versions (TAXII 2.1 section 5.8): `GET …/objects/{id}/versions/`, oldest addition first. */
export async function versions(request: RootRequest): Promise<void> {
  const { services, response, principal, parameters } = request;
  const id = parameters['object'] ?? '';
  const page = await pageRequest(request, `versions:${id}`, VERSIONS_PARAMETERS, {
    ids: [id],
    versions: ALL_VERSIONS,
  });
  const { entries, more } = await services.outlet.entries(principal, page.view, page.read, page.agent);
  if (entries.length === 0 && !(await services.outlet.stands(principal, page.view, id))) throw noObject(id);
  const dates = datesOf(entries);
  const names = JSON.stringify(entries.map(({ version }) => version));
  const body = entries.length === 0 ? EMPTY_PAGE : `{${page.more(more, dates.last)}"versions":${names}}`;
  sendPage(
    response,
    services.headers,
    [Buffer.from(body)],
    dateAddedHeaders(dates, page.query.addedAfter),
    page.closed(more),
  );
}
