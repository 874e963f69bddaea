import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';

/** The home page of the hub. */
export function Home({ hub, contact }: { hub: string; contact: string | undefined }): JSX.Element {
  return (
    <Page title="Threat information sharing" hub={hub}>
      <p>
        This hub collects threat information, checks it, decides who may see it, and routes it to the members
        it affects.
      </p>
      <ul>
        <li>
          <a href="/taxii2/">For security tools: the TAXII 2.1 service</a>
        </li>
        <li>
          <a href="/api/docs">For administrators and officers: the admin API</a>
        </li>
        <li>
          <a href="/console">For members and hub staff: sign in</a>
        </li>
        <li>
          <a href="/docs">Documentation</a>
        </li>
        {contact === undefined ? null : <li>{`Contact: ${contact}`}</li>}
      </ul>
    </Page>
  );
}
