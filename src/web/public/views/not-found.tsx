import type { JSX } from 'preact';
import { webErrors } from '../../errors.ts';
import { Page } from '../../shared/page.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The page for a URL at which the hub has nothing that the reader may see. */
export function NotFound({ hub }: { readonly hub: string }): JSX.Element {
  const t = useMessages().notFound;
  return (
    <Page title={t.title} hub={hub}>
      <p>{t.text}</p>
      <ul>
        <li>
          <a href="/">{t.homePage}</a>
        </li>
        <li>
          <a href="/console">{t.signIn}</a>
        </li>
        <li>
          <a href="/taxii2/">{t.taxii21Service}</a>
        </li>
        <li>
          <a href="/docs">{t.documentation}</a>
        </li>
      </ul>
      <p>{t.error(webErrors.noPage().code)}</p>
    </Page>
  );
}
