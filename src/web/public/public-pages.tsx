import type { Principal } from '../../access/principal.ts';
import { principalName } from '../../access/principal.ts';
import type { Outlet } from '../../sharing/reading/outlet.ts';
import { documentOf } from '../shared/send-view.tsx';
import { ApiDocs, type ShownDocument } from './views/api-docs.tsx';
import { Home } from './views/home.tsx';
import { TaxiiExplained, type ShownCollection } from './views/taxii-explained.tsx';

/**
 * Returns the page that explains TAXII, with the collections that the caller may know of. The collection that `path`
 * refers to comes first.
 */
export async function explainTaxii(
  outlet: Outlet,
  hub: string,
  url: string,
  principal: Principal,
  path: string,
): Promise<string> {
  const directory = await outlet.directory();
  const collections: ShownCollection[] = [];
  for (const root of directory.apiRoots.keys()) {
    for (const { collection, rights } of await outlet.visible(principal, root)) {
      const asked = [collection.id, collection.alias].some(
        (name) => name !== undefined && `${path}/`.startsWith(`/${root}/collections/${name}/`),
      );
      const shown = { id: collection.id, apiRoot: root, title: collection.title, asked, ...rights };
      if (asked) collections.unshift(shown);
      else collections.push(shown);
    }
  }
  const account = principal.kind === 'account' ? principalName(principal) : undefined;
  return documentOf(<TaxiiExplained hub={hub} url={url} account={account} collections={collections} />);
}

/** Returns the readable page of the admin API. */
export function apiDocsPage(hub: string, url: string, document: object): string {
  return documentOf(
    <ApiDocs hub={hub} url={url} document={document as ShownDocument} source="/api/openapi.json" />,
  );
}

/** Returns the home page. */
export function homePage(hub: string, contact: string | undefined): string {
  return documentOf(<Home hub={hub} contact={contact} />);
}
