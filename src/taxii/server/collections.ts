import { unauthenticated } from '../../access/authenticate.ts';
import type { CollectionView } from '../../sharing/reading/outlet.ts';
import type { RootRequest } from './context.ts';
import { stixMediaType } from './media-type.ts';
import { send } from './response.ts';

/** Returns the collection resource (TAXII 2.1 §5.2.1) with the rights of the caller. */
function collectionResource({ collection, rights }: CollectionView, current: boolean): object {
  return {
    id: collection.id,
    title: current ? `${collection.title} (current)` : collection.title,
    ...(collection.description === undefined ? {} : { description: collection.description }),
    ...(collection.alias === undefined ? {} : { alias: collection.alias }),
    can_read: rights.read,
    can_write: rights.write && !current,
    media_types: collection.accept.toSorted().toReversed().map(stixMediaType),
    ...(collection.unmarked === 'default'
      ? { x_talanoa_default_tlp: collection.default_tlp ?? 'amber' }
      : {}),
  };
}

/** Collections (TAXII 2.1 section 5.1): `GET /{api-root}/collections/`. */
export async function collections(request: RootRequest): Promise<void> {
  const { services, response, principal, root, current } = request;
  const all = await services.outlet.visible(principal, root.path);
  const views = current ? all.filter(({ rights }) => rights.read) : all;
  if (principal.kind === 'public' && views.length === 0) throw unauthenticated();
  send(
    response,
    services.headers,
    200,
    JSON.stringify(
      views.length === 0 ? {} : { collections: views.map((view) => collectionResource(view, current)) },
    ),
  );
}

/** A collection (TAXII 2.1 section 5.2): `GET /{api-root}/collections/{id}/`. */
export async function collection({
  services,
  response,
  principal,
  root,
  parameters,
  current,
}: RootRequest): Promise<void> {
  const view = await services.outlet.find(principal, root.path, parameters['collection'] ?? '');
  send(response, services.headers, 200, JSON.stringify(collectionResource(view, current)));
}
