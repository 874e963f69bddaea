import { unauthenticated } from '../../access/authenticate.ts';
import type { RootRequest } from './context.ts';
import { TAXII_MEDIA_TYPE } from './media-type.ts';
import { send } from './response.ts';

/** API root information (TAXII 2.1 section 4.2): `GET /{api-root}/`. */
export async function apiRoot({ services, response, principal, root, current }: RootRequest): Promise<void> {
  if (principal.kind === 'public' && (await services.outlet.visible(principal, root.path)).length === 0)
    throw unauthenticated();
  send(
    response,
    services.headers,
    200,
    JSON.stringify({
      title: current ? `${root.title} (current)` : root.title,
      ...(root.description === undefined ? {} : { description: root.description }),
      versions: [TAXII_MEDIA_TYPE],
      max_content_length: root.maxContentLength,
    }),
  );
}
