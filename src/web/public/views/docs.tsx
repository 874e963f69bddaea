import type { ComponentChildren, JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { KINDS } from '../docs-kinds.ts';
import type { DocsPage } from '../docs.ts';
import { SEARCH_LIMITS, type DocsMatch } from '../docs-search.ts';

interface FrameProps {
  readonly hub: string;
  readonly title: string;
  readonly kind?: string | undefined;
  readonly query?: string;
  readonly children: ComponentChildren;
}

/** The frame of the documentation: navigation by the four kinds, and the search box. */
function Frame({ hub, title, kind, query = '', children }: FrameProps): JSX.Element {
  return (
    <Page title={title} hub={hub}>
      <nav aria-label="Documentation" class="docs">
        <ul>
          <li>
            <a href="/docs">Documentation</a>
          </li>
          {KINDS.map(({ folder, title: name }) => (
            <li key={folder}>
              <a
                href={`/docs#${name.toLowerCase().replaceAll(' ', '-')}`}
                aria-current={kind === folder ? 'true' : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
        <form action="/docs/search" method="get" role="search">
          <label for="q">Search the documentation</label>
          <input id="q" name="q" type="search" value={query} maxLength={SEARCH_LIMITS.query} required />{' '}
          <button type="submit">Search</button>
        </form>
      </nav>
      {children}
    </Page>
  );
}

/** A page of the documentation. Its HTML is made from the Markdown files of the package. */
export function DocsArticle({ hub, page }: { readonly hub: string; readonly page: DocsPage }): JSX.Element {
  return (
    <Frame hub={hub} title={page.title} kind={page.kind}>
      <article dangerouslySetInnerHTML={{ __html: page.html }} />
    </Frame>
  );
}

/** The results of a search. */
export function DocsResults({
  hub,
  query,
  matches,
}: {
  readonly hub: string;
  readonly query: string;
  readonly matches: readonly DocsMatch[];
}): JSX.Element {
  const count = matches.length;
  return (
    <Frame hub={hub} title="Search the documentation" query={query}>
      <p role="status">
        {query.trim() === ''
          ? 'Enter one or more words.'
          : count === 0
            ? `No page contains all words of "${query}". Use fewer or other words.`
            : `${count === SEARCH_LIMITS.results ? `The first ${count}` : count} result${count === 1 ? '' : 's'} for "${query}"`}
      </p>
      {matches.map(({ path, anchor, page, heading, excerpt }) => (
        <section key={`${path}#${anchor}`}>
          <h2>
            <a href={`/docs${path}${anchor === '' ? '' : `#${anchor}`}`}>
              {heading === page ? page : `${page}: ${heading}`}
            </a>
          </h2>
          <p>{excerpt}</p>
        </section>
      ))}
    </Frame>
  );
}

/** The response for a page that does not exist. */
export function DocsMissing({ hub }: { readonly hub: string }): JSX.Element {
  return (
    <Frame hub={hub} title="Page not found">
      <p>The documentation has no page at this address. Search for it, or start at the list of pages.</p>
    </Frame>
  );
}
