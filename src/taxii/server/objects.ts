import { noObject } from '../../sharing/reading/outlet.ts';
import type { TextPage } from '../../store/store.ts';
import type { RootRequest } from './context.ts';
import { pageRequest, type PageRequest } from './page.ts';
import { ALL_PARAMETERS, OBJECT_PARAMETERS } from './query.ts';
import { dateAddedHeaders, envelopeParts, sendPage } from './response.ts';

/** Get objects (TAXII 2.1 §5.4): `GET …/objects/`. The stored bytes are sent without parsing them. */
export async function objects(request: RootRequest): Promise<void> {
  const { services, principal } = request;
  const page = await pageRequest(request, 'objects', ALL_PARAMETERS);
  const found = await services.outlet.texts(principal, page.view, page.read, page.agent);
  sendObjects(request, page, found);
}

/** Get an object (TAXII 2.1 section 5.6): `GET …/objects/{id}/`. */
export async function object(request: RootRequest): Promise<void> {
  const { services, principal, parameters } = request;
  const id = parameters['object'] ?? '';
  const page = await pageRequest(request, `object:${id}`, OBJECT_PARAMETERS, { ids: [id] });
  const found = await services.outlet.texts(principal, page.view, page.read, page.agent);
  // An unknown object results in 404. An object whose versions are all filtered out results in an empty response.
  if (found.count === 0 && !(await services.outlet.stands(principal, page.view, id))) throw noObject(id);
  sendObjects(request, page, found);
}

function sendObjects({ services, response }: RootRequest, page: PageRequest, found: TextPage): void {
  sendPage(
    response,
    services.headers,
    envelopeParts(found, page.more(found.more, found.last)),
    dateAddedHeaders(found, page.query.addedAfter),
    page.closed(found.more),
  );
}
