import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { useMessages } from '../../shared/messages/messages.ts';

/** The home page of the hub. */
export function Home({ hub, contact }: { hub: string; contact: string | undefined }): JSX.Element {
  const t = useMessages().home;
  return (
    <Page title={t.threatInformationSharing} hub={hub}>
      <p>{t.thisHubCollectsThreat}</p>
      <ul>
        <li>
          <a href="/taxii2/">{t.forSecurityToolsThe}</a>
        </li>
        <li>
          <a href="/api/docs">{t.forAdministratorsAndOfficers}</a>
        </li>
        <li>
          <a href="/console">{t.forMembersAndHub}</a>
        </li>
        <li>
          <a href="/docs">{t.documentation}</a>
        </li>
        {contact === undefined ? null : <li>{t.contact(contact)}</li>}
      </ul>
    </Page>
  );
}
