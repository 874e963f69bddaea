import { noObject } from '../sharing/outlet.ts';
import type { RootRequest } from './context.ts';
import { pageRequest } from './page.ts';
import { ALL_PARAMETERS } from './query.ts';
import { dateAddedHeaders, sendEnvelope } from './response.ts';

/** Get objects (TAXII 2.1 section 5.4): `GET …/objects/`. Rows to bytes: nothing is parsed on the way out. */
export async function objects(request: RootRequest): Promise<void> {
  const { services, response, principal } = request;
  const page = await pageRequest(request, 'objects', ALL_PARAMETERS);
  const found = await services.outlet.texts(principal, page.view, page.read);
  sendEnvelope(
    response,
    services.headers,
    found,
    page.more(found.more, found.last),
    dateAddedHeaders(found, page.query.addedAfter),
  );
}

/** Get an object (TAXII 2.1 section 5.6): `GET …/objects/{id}/`. */
export async function object(request: RootRequest): Promise<void> {
  const { services, response, principal, parameters } = request;
  const id = parameters['object'] ?? '';
  const page = await pageRequest(
    request,
    `object:${id}`,
    ['added_after', 'limit', 'next', 'match[version]', 'match[spec_version]'],
    { ids: [id] },
  );
  const found = await services.outlet.texts(principal, page.view, page.read);
  // An unknown object is not found; one whose versions are all filtered away is an empty answer.
  if (found.count === 0 && !(await services.outlet.stands(principal, page.view, id))) throw noObject(id);
  sendEnvelope(
    response,
    services.headers,
    found,
    page.more(found.more, found.last),
    dateAddedHeaders(found, page.query.addedAfter),
  );
}
