import type { Principal } from '../../access/principal.ts';
import { principalName } from '../../access/principal.ts';
import type { Outlet } from '../../sharing/reading/outlet.ts';
import type { Language } from '../../kernel/languages.ts';
import { messagesIn } from '../shared/messages/languages.ts';
import type { Reader } from '../shared/reader.ts';
import { documentOf } from '../shared/send-view.tsx';
import { ApiDocs, type ShownDocument } from './views/api-docs.tsx';
import { NotFound } from './views/not-found.tsx';
import { Home } from './views/home.tsx';
import { TaxiiExplained, type ShownCollection } from './views/taxii-explained.tsx';

/** The paths below an API root at which TAXII has something (TAXII 2.1 §1.5): the root, and its collections. */
const TAXII_PATH =
  /^\/(?<root>[^/]+)(?:\/collections(?:\/(?<collection>[^/]+)(?:\/(?:objects(?:\/[^/]+(?:\/versions)?)?|manifest))?)?|\/status\/[^/]+)?\/?$/;

/**
 * Returns the page that explains TAXII, with the collections that the caller may know of. The collection that `path`
 * refers to comes first. Undefined when TAXII has nothing at `path` for the caller: collections and API roots that the
 * caller cannot list are treated like ones that do not exist.
 */
export async function explainTaxii(
  outlet: Outlet,
  hub: string,
  url: string,
  principal: Principal,
  path: string,
): Promise<string | undefined> {
  const { root: askedRoot, collection: askedName } = TAXII_PATH.exec(path)?.groups ?? {};
  const directory = await outlet.directory();
  const collections: ShownCollection[] = [];
  let isKnown =
    askedRoot === 'taxii2'
      ? /^\/taxii2\/?$/.test(path)
      : principal.kind !== 'public' && askedName === undefined && directory.apiRoots.has(askedRoot ?? '');
  for (const root of directory.apiRoots.keys()) {
    for (const { collection, rights } of await outlet.visible(principal, root)) {
      const asked =
        root === askedRoot && askedName !== undefined && isNameOf(collection, askedName.toLowerCase());
      isKnown ||= root === askedRoot && (asked || askedName === undefined);
      const shown = { id: collection.id, apiRoot: root, title: collection.title, asked, ...rights };
      if (asked) collections.unshift(shown);
      else collections.push(shown);
    }
  }
  if (!isKnown) return undefined;
  const account = principal.kind === 'account' ? principalName(principal) : undefined;
  return documentOf(<TaxiiExplained hub={hub} url={url} account={account} collections={collections} />);
}

function isNameOf(
  { id, alias }: { readonly id: string; readonly alias?: string | undefined },
  name: string,
): boolean {
  return id === name || alias?.toLowerCase() === name;
}

/** Returns the page for URLs at which the hub has nothing. It links only to public pages. */
export function notFoundPage(hub: string, language: Language): string {
  return documentOf(<NotFound hub={hub} />, undefined, publicReader(language));
}

/** Returns the readable page of the admin API. */
export function apiDocsPage(hub: string, url: string, document: object): string {
  return documentOf(
    <ApiDocs hub={hub} url={url} document={document as ShownDocument} source="/api/openapi.json" />,
  );
}

/** Returns the home page. */
export function homePage(hub: string, contact: string | undefined, language: Language): string {
  return documentOf(<Home hub={hub} contact={contact} />, undefined, publicReader(language));
}

/** Public pages show no times, so that they need no time zone. */
function publicReader(language: Language): Reader {
  return { messages: messagesIn(language), zone: 'UTC' };
}
