import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';

/** The home page of the hub. */
export function Home({ hub, contact }: { hub: string; contact: string | undefined }): JSX.Element {
  return (
    <Page title="Sharing threat information" hub={hub}>
      <p>
        This hub gathers what is known about attacks, checks it, and passes it on to the members whom it
        concerns, as far as they may have it.
      </p>
      <ul>
        <li>
          <a href="/taxii2/">For security tools: the TAXII 2.1 service</a>
        </li>
        <li>
          <a href="/api/docs">For administrators and officers: the admin API</a>
        </li>
        <li>
          <a href="/console">For people of members and of the hub: sign in</a>
        </li>
        <li>
          <a href="/docs">Documentation</a>
        </li>
        {contact === undefined ? null : <li>{`Contact: ${contact}`}</li>}
      </ul>
    </Page>
  );
}
