import { unauthenticated } from '../../access/authenticate.ts';
import { isConfined } from '../../access/keys/limits.ts';
import { isHubAnalyst } from '../../access/principal.ts';
import type { TaxiiRequest } from './context.ts';
import { send } from './response.ts';

/** Server discovery (TAXII 2.1 §4.1): `GET /taxii2/`. Lists the API roots in which the caller can see anything. */
export async function discovery({ services, response, principal }: TaxiiRequest): Promise<void> {
  const directory = await services.outlet.directory();
  const roots: string[] = [];
  for (const path of directory.apiRoots.keys()) {
    if (
      (isHubAnalyst(principal) && !isConfined(principal)) ||
      (await services.outlet.visible(principal, path)).length > 0
    )
      roots.push(`${services.base}/${path}/`);
  }
  if (principal.kind === 'public' && roots.length === 0) throw unauthenticated();
  const [first] = roots;
  send(
    response,
    services.headers,
    200,
    JSON.stringify({
      title: services.title,
      ...(services.contact === undefined ? {} : { contact: services.contact }),
      ...(first === undefined ? {} : { default: first, api_roots: roots }),
    }),
  );
}
