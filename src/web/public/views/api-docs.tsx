import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';
import { exampleOf, type ShownSchema } from './api-example.ts';

/** The parts of an OpenAPI document that the page shows. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, ShownOperation | object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, ShownSchema>> };
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
}

interface ShownOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly 'x-permission': string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly description: string }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: ShownOperation;
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** The operations of an API as a page that needs no script and no other host. */
export function ApiDocs({
  hub,
  url,
  document,
  source,
}: {
  readonly hub: string;
  readonly url: string;
  readonly document: ShownDocument;
  /** Path of the document itself. */
  readonly source: string;
}): JSX.Element {
  const operations: readonly Listed[] = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({ path, method, operation: operation as ShownOperation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))].map((name) => ({
    name,
    id: `group-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return (
    <Page title={document.info.title} hub={hub}>
      <p>{document.info.description}</p>
      <p>
        Version {document.info.version}. For programs: <a href={source}>OpenAPI document</a>. Every permission
        and its roles: <a href="/docs/reference/permissions">Permissions</a>. Every error:{' '}
        <a href="/docs/reference/error-codes">Error codes</a>.
      </p>
      <h2>Try it</h2>
      <p>The examples below use these variables. Replace the words in uppercase letters.</p>
      <pre>{`export HUB=${url} KEY=…   # the address of the hub, and your API key
curl -H "Authorization: Bearer $KEY" "$HUB/api/v1/whoami"`}</pre>
      <h2>Contents</h2>
      <ul>
        {tags.map(({ name, id, operations: own }) => (
          <li key={id}>
            <a href={`#${id}`}>{name}</a> ({own.length})
          </li>
        ))}
      </ul>
      {tags.map(({ name, id, operations: own }) => (
        <section key={id}>
          <h2 id={id}>{name}</h2>
          <Contents operations={own} />
          {own.map((listed) => (
            <Operation key={listed.operation.operationId} {...listed} document={document} />
          ))}
        </section>
      ))}
    </Page>
  );
}

/** The list of the operations of a group. Close to them, it takes hardly any space when the page is compressed. */
function Contents({ operations }: { readonly operations: readonly Listed[] }): JSX.Element {
  return (
    <details>
      <summary>Operations</summary>
      <ul>
        {operations.map(({ operation: { operationId, summary } }) => (
          <li key={operationId}>
            <a href={`#${operationId}`}>{summary}</a>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Returns the schema that a body or a response refers to, with its name. */
function schemaOf(
  document: ShownDocument,
  content: Content | undefined,
): { readonly name: string; readonly schema: ShownSchema } | undefined {
  const [first] = Object.values(content?.content ?? {});
  const name = first?.schema.$ref?.split('/').at(-1) ?? '';
  const schema = document.components.schemas[name];
  return schema === undefined ? undefined : { name, schema };
}

function Operation({
  path,
  method,
  operation,
  document,
}: Listed & { readonly document: ShownDocument }): JSX.Element {
  const { operationId, summary, parameters = [], requestBody, responses } = operation;
  const body = schemaOf(document, requestBody)?.schema;
  const rows = [
    ...parameters.map(({ name, description }) => [name, description]),
    ...(requestBody !== undefined && body === undefined ? [['(body)', 'The raw file.']] : []),
    ...Object.entries(body?.properties ?? {}).map(([name, { description, type, enum: choices }]) => [
      `${name}${body?.required?.includes(name) === true ? ' (required)' : ''}`,
      description ?? choices?.join(', ') ?? type ?? '',
    ]),
  ];
  return (
    <div>
      <h3 id={operationId}>
        <a href={`#${operationId}`}>
          <code>{`${method.toUpperCase()} ${path}`}</code>
        </a>
      </h3>
      <p>{summary}.</p>
      <p>
        {operation.security === undefined ? (
          <>
            Permission: <code>{operation['x-permission']}</code>.
          </>
        ) : (
          'No credentials needed.'
        )}{' '}
        <Success document={document} responses={responses} />
      </p>
      {rows.length === 0 ? undefined : (
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, meaning]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td>{meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <pre>{curlOf(path, method, operation, document)}</pre>
    </div>
  );
}

/** The response of an operation that succeeds: its status, and the names of its fields. */
function Success({
  document,
  responses,
}: {
  readonly document: ShownDocument;
  readonly responses: ShownOperation['responses'];
}): JSX.Element {
  const [status = '', response] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? [];
  const fields = Object.keys(schemaOf(document, response)?.schema.properties ?? {});
  return (
    <>
      Success: {status}
      {fields.length === 0 ? '' : `, with ${fields.join(', ')}`}.
    </>
  );
}

/** Returns an example of a request as a command line. */
function curlOf(
  path: string,
  method: string,
  { security, requestBody }: ShownOperation,
  document: ShownDocument,
): string {
  const address = `"$HUB${path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => name.toUpperCase())}"`;
  const body = schemaOf(document, requestBody);
  return [
    'curl',
    ...(method === 'get' ? [] : ['-X', method.toUpperCase()]),
    ...(security === undefined ? ['-H "Authorization: Bearer $KEY"'] : []),
    ...(requestBody === undefined
      ? []
      : body === undefined
        ? ['--data-binary @FILE']
        : ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(exampleOf(body.schema))}'`]),
    address,
  ].join(' ');
}
