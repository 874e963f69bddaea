import { unauthenticated } from '../../access/authenticate.ts';
import { ALL_VERSIONS } from '../../store/store.ts';
import type { RootRequest } from './context.ts';
import { DELETE_PARAMETERS, readQuery } from './query.ts';
import { send } from './response.ts';

/** Delete an object (TAXII 2.1 §5.7): `DELETE …/objects/{id}/`. Without match[version], all versions are deleted. */
export async function deleteObject(request: RootRequest): Promise<void> {
  const { services, response, principal, root, parameters } = request;
  if (principal.kind === 'public') throw unauthenticated();
  const view = await services.outlet.find(principal, root.path, parameters['collection'] ?? '');
  const query = readQuery(request.url, DELETE_PARAMETERS);
  await services.outlet.remove(principal, view, {
    id: parameters['object'] ?? '',
    versions: query.versions ?? ALL_VERSIONS,
    ...(query.specs === undefined ? {} : { specs: query.specs }),
  });
  send(response, services.headers, 200, '');
}
