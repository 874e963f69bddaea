import { renderToString } from 'preact-render-to-string';
import type { Principal } from '../access/principal.ts';
import { principalName } from '../access/principal.ts';
import type { Outlet } from '../sharing/outlet.ts';
import { Home } from './views/home.tsx';
import { TaxiiExplained, type ShownCollection } from './views/taxii-explained.tsx';

const DOCTYPE = '<!doctype html>';

/** The page that explains TAXII, with the collections that the caller may know of. */
export async function explainTaxii(
  outlet: Outlet,
  hub: string,
  url: string,
  principal: Principal,
): Promise<string> {
  const directory = await outlet.directory();
  const collections: ShownCollection[] = [];
  for (const root of directory.apiRoots.keys()) {
    for (const { collection, rights } of await outlet.visible(principal, root)) {
      collections.push({ id: collection.id, apiRoot: root, title: collection.title, ...rights });
    }
  }
  const account = principal.kind === 'account' ? principalName(principal) : undefined;
  return (
    DOCTYPE +
    renderToString(<TaxiiExplained hub={hub} url={url} account={account} collections={collections} />)
  );
}

/** The first page. */
export function homePage(hub: string, contact: string | undefined): string {
  return DOCTYPE + renderToString(<Home hub={hub} contact={contact} />);
}
