import { componentsOf, openApi, pathParameters, ref, templateOf, type Json } from '../kernel/openapi.ts';
import { schemaDocument } from '../kernel/schema-files.ts';
import { isOpen, type Operation } from '../access/operation.ts';

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  account: 'Name of the account.',
  key: 'Public name of the key, as lists give it.',
  collection: 'Id or alias of the collection.',
  to: 'Whom the grant is for: account:NAME, member:NAME, group:NAME, role:NAME or public.',
  feed: 'Name of the feed.',
  object: 'STIX identifier.',
  member: 'Name of the member.',
  secret: 'Name of the secret.',
  session: 'Public name of the session, as lists give it.',
};

const ERRORS: Readonly<Record<string, string>> = {
  400: 'The request cannot be read.',
  401: 'There are no credentials, or they are wrong.',
  403: 'The caller may not do this.',
  404: 'It does not exist, or the caller may not know of it.',
  409: 'The request conflicts with something that exists, or with what the settings file declares.',
  412: 'It was changed by somebody else meanwhile (If-Match).',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The body does not fit its schema, or says what cannot be.',
  429: 'Too many requests or sign-ins; Retry-After says when to try again.',
  503: 'The store does not answer; Retry-After says when to try again.',
};
const OF_BODIES = new Set(['413', '415', '422']);

/** Returns the admin API as an OpenAPI 3.1 document. It is generated from the same table as the router. */
export function apiOpenApi(title: string, version: string, operations: readonly Operation[]): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  const requests: Record<string, Json> = {};
  const answers = componentsOf('api/resources.json');
  for (const operation of operations) {
    const path = `/api/v1${templateOf(operation.path)}`;
    paths[path] ??= { ...pathParameters(path, PATH_PARAMETERS) };
    paths[path][operation.method.toLowerCase()] = operationObject(operation);
    if (operation.body === undefined) continue;
    const name = nameOf(operation.body);
    if (name in answers) throw new Error(`two schemas of the admin API are called ${name}`);
    requests[name] = bodySchema(operation.body);
  }
  return openApi(
    {
      title: `${title}: admin API`,
      version,
      description:
        'Accounts, keys, collections, feeds, deliveries and the audit of this hub. Errors are problem details (RFC 9457) with stable codes. Lists go on with after = the next of the page before.',
    },
    paths,
    { ...answers, ...requests },
    {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-talanoa',
        description:
          'A session of the console. It changes something only when a page of the hub asks for it.',
      },
    },
  );
}

function bodySchema(file: string): Json {
  const { $schema: _schema, ...schema } = schemaDocument(file);
  return schema;
}

/** Turns a file name such as `api/key-request.json` into `key_request`. */
function nameOf(file: string): string {
  return file
    .replace(/^api\//, '')
    .replace(/\.json$/, '')
    .replaceAll('-', '_');
}

function operationObject(operation: Operation): Json {
  const {
    name,
    summary,
    tag,
    query = [],
    body,
    answer,
    status,
    idempotent,
    lines,
    method,
    permission,
    raw,
  } = operation;
  const headers = [
    ...(idempotent === true
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description:
              'A random text for this request: sent again with it, it is answered and not done again.',
            schema: { type: 'string', pattern: '^[!-~]{1,200}$' },
          },
        ]
      : []),
    ...(method === 'PATCH' || method === 'DELETE'
      ? [
          {
            name: 'If-Match',
            in: 'header',
            description: 'The ETag that the caller has seen.',
            schema: { type: 'string', pattern: '^(?:\\*|"\\d{1,15}")$' },
          },
        ]
      : []),
  ];
  const parameters = [...query.map((parameter) => ({ ...parameter, in: 'query' })), ...headers];
  const errors = Object.entries(ERRORS).filter(
    ([code]) =>
      (body !== undefined || raw === true || !OF_BODIES.has(code)) && (code !== '412' || method !== 'GET'),
  );
  return {
    operationId: name,
    summary,
    tags: [tag],
    'x-permission': permission,
    ...(isOpen(operation) ? { security: [{}] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: ref(nameOf(body)) } } } }),
    ...(raw === true
      ? {
          requestBody: {
            required: true,
            content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
          },
        }
      : {}),
    responses: {
      [status]: {
        description: summary,
        ...(answer === undefined
          ? {}
          : {
              content: {
                [lines === true ? 'application/x-ndjson' : 'application/json']: { schema: ref(answer) },
              },
            }),
      },
      ...Object.fromEntries(
        errors.map(([code, description]) => [
          code,
          { description, content: { 'application/problem+json': { schema: ref('problem') } } },
        ]),
      ),
    },
  };
}
