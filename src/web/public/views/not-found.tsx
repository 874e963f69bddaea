import type { JSX } from 'preact';
import { webErrors } from '../../errors.ts';
import { Page } from '../../shared/page.tsx';

/** The page for a URL at which the hub has nothing that the reader may see. */
export function NotFound({ hub }: { readonly hub: string }): JSX.Element {
  const { title, description, code } = webErrors.noPage();
  return (
    <Page title={title} hub={hub}>
      <p>{description}</p>
      <ul>
        <li>
          <a href="/">Home page</a>
        </li>
        <li>
          <a href="/console">Sign in</a>
        </li>
        <li>
          <a href="/taxii2/">TAXII 2.1 service for security tools</a>
        </li>
        <li>
          <a href="/docs">Documentation</a>
        </li>
      </ul>
      <p>Error {code}.</p>
    </Page>
  );
}
