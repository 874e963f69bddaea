import type { JSX } from 'preact';
import { Page } from '../../shared/page.tsx';

/** The parts of an OpenAPI document that the page shows. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, ShownOperation | object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, ShownSchema>> };
}

interface ShownOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly { readonly name: string; readonly description: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
}

interface ShownSchema {
  readonly required?: readonly string[];
  readonly properties?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly type?: string; readonly enum?: readonly string[] }
    >
  >;
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
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({ path, method, operation: operation as ShownOperation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  return (
    <Page title={document.info.title} hub={hub}>
      <p>{document.info.description}</p>
      <p>
        Version {document.info.version}. For programs: <a href={source}>OpenAPI document</a>.
      </p>
      <h2>Try it</h2>
      <pre>{`export KEY=…   # your API key
curl -H "Authorization: Bearer $KEY" '${url}/api/v1/whoami'`}</pre>
      {tags.map((tag) => (
        <section key={tag}>
          <h2>{tag}</h2>
          {operations
            .filter(({ operation }) => operation.tags.includes(tag))
            .map(({ path, method, operation }) => (
              <Operation
                key={operation.operationId}
                path={path}
                method={method}
                operation={operation}
                document={document}
              />
            ))}
        </section>
      ))}
    </Page>
  );
}

function Operation({
  path,
  method,
  operation,
  document,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: ShownOperation;
  readonly document: ShownDocument;
}): JSX.Element {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const body = document.components.schemas[content?.schema.$ref?.split('/').at(-1) ?? ''];
  const rows = [
    ...(operation.parameters ?? []).map(({ name, description }) => [name, description]),
    ...(operation.requestBody !== undefined && body === undefined ? [['(body)', 'The raw file.']] : []),
    ...Object.entries(body?.properties ?? {}).map(([name, { description, type, enum: choices }]) => [
      `${name}${body?.required?.includes(name) === true ? ' (required)' : ''}`,
      description ?? choices?.join(', ') ?? type ?? '',
    ]),
  ];
  return (
    <div id={operation.operationId}>
      <h3>
        <code>{`${method.toUpperCase()} ${path}`}</code>
      </h3>
      <p>{operation.summary}.</p>
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
    </div>
  );
}
