import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';

/** A collection as the page shows it. */
export interface ShownCollection {
  readonly id: string;
  readonly apiRoot: string;
  readonly title: string;
  /** True when the opened URL refers to the collection. */
  readonly asked: boolean;
  readonly read: boolean;
  readonly write: boolean;
}

export interface ExplainedProps {
  readonly hub: string;
  readonly url: string;
  /** Name of the account, or undefined for a visitor who has not signed in. */
  readonly account: string | undefined;
  readonly collections: readonly ShownCollection[];
}

/** The page that a person sees who opens a TAXII URL in a browser. */
export function TaxiiExplained({ hub, url, account, collections }: ExplainedProps): JSX.Element {
  const asked = collections.find((collection) => collection.asked);
  const first = asked?.read === true ? asked : collections.find(({ read }) => read);
  return (
    <Page title="This is a TAXII 2.1 service" hub={hub}>
      <p>
        Security tools read threat information here automatically. In a browser there is little to see: give
        the address below to your tool instead.
      </p>
      <h2>Address</h2>
      <pre>{`${url}/taxii2/`}</pre>
      {asked === undefined ? undefined : <AboutCollection url={url} collection={asked} />}
      <h2>{account === undefined ? 'Open to everybody' : `Collections that ${account} may use`}</h2>
      {collections.length === 0 ? (
        <p>
          {account === undefined
            ? 'None. Sign in with a key that you received from the hub.'
            : 'None yet. Ask the hub for a grant.'}
        </p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Collection</th>
              <th scope="col">Address</th>
              <th scope="col">You may</th>
            </tr>
          </thead>
          <tbody>
            {collections.map(({ id, apiRoot, title, read, write }) => (
              <tr key={id}>
                <td data-label="Collection">{title}</td>
                <td data-label="Address">
                  <code>{`${url}/${apiRoot}/collections/${id}/`}</code>
                </td>
                <td data-label="You may">
                  {[read ? 'read' : '', write ? 'write' : ''].filter((word) => word !== '').join(' and ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h2>Try it</h2>
      <pre>{curlLine(url, account, first)}</pre>
      <p>
        All endpoints and their parameters: <a href="/api/taxii/openapi.json">OpenAPI document</a>.
      </p>
      <h2>With Python</h2>
      <pre>
        {`pip install taxii2-client
python3 -c "from taxii2client.v21 import Server
for c in Server('${url}/taxii2/'${account === undefined && first !== undefined ? '' : ", user='ACCOUNT', password='KEY'"}).default.collections:
    print(c.title, c.id)"`}
      </pre>
    </Page>
  );
}

/** The collection whose URL was opened, with the values that client programs ask for. */
function AboutCollection({
  url,
  collection: { apiRoot, id, title },
}: {
  readonly url: string;
  readonly collection: ShownCollection;
}): JSX.Element {
  return (
    <>
      <h2>{title}</h2>
      <dl>
        <dt>API root</dt>
        <dd>
          <code>{`${url}/${apiRoot}/`}</code>
        </dd>
        <dt>Collection id</dt>
        <dd>
          <code>{id}</code>
        </dd>
      </dl>
    </>
  );
}

/** Returns a command line that works as shown. A collection that is open to everybody needs no key. */
function curlLine(url: string, account: string | undefined, first: ShownCollection | undefined): string {
  const path = first === undefined ? 'taxii2/' : `${first.apiRoot}/collections/${first.id}/objects/?limit=10`;
  const accept = `-H 'Accept: application/taxii+json;version=2.1' \\\n     '${url}/${path}'`;
  if (account === undefined && first !== undefined) return `curl ${accept}`;
  return `export KEY=…   # the key that the hub gave you\ncurl -H "Authorization: Bearer $KEY" ${accept}`;
}
