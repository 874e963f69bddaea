import { componentsOf, openApi, pathParameters, ref, templateOf, type Json } from '../kernel/openapi.ts';
import { schemaDocument } from '../kernel/schema-files.ts';
import { isOpen, type Operation } from '../access/operation.ts';

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  account: 'Name of the account.',
  key: 'Id of the key, as shown in lists.',
  collection: 'Id or alias of the collection.',
  to: 'Recipient of the grant: account:NAME, member:NAME, clients:NAME (those of a member), group:NAME, role:NAME or public.',
  feed: 'Name of the feed.',
  object: 'STIX identifier.',
  member: 'Name of the member.',
  secret: 'Name of the secret.',
  session: 'Id of the session, as shown in lists.',
};

const ERRORS: Readonly<Record<string, string>> = {
  400: 'The request cannot be read.',
  401: 'The request has no credentials, or they are not valid.',
  403: 'The caller does not have permission to do this.',
  404: 'The resource does not exist, or the caller cannot see it.',
  409: 'The request conflicts with an existing resource or with the settings file.',
  412: 'Another request has changed the resource (If-Match).',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The body does not match its schema, or what it asks for is not possible.',
  429: 'Too many requests or sign-ins. Try again after the time in Retry-After.',
  503: 'The store does not respond. Try again after the time in Retry-After.',
};
/** Errors of requests with a body. */
const OF_BODIES = new Set(['413', '415']);

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
        'Accounts, keys, collections, feeds, deliveries and the audit of this hub. Errors are problem details (RFC 9457) with stable codes. To get the next page of a list, send "next" of the previous page as after.',
    },
    paths,
    { ...answers, ...requests },
    {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-talanoa',
        description: 'A session of the console. The hub accepts changes only from its own pages.',
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
  const { name, summary, tag, query = [], permission } = operation;
  const parameters = [...query.map((parameter) => ({ ...parameter, in: 'query' })), ...headersOf(operation)];
  return {
    operationId: name,
    summary,
    tags: [tag],
    'x-permission': permission,
    ...(isOpen(operation) ? { security: [{}] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(operation),
    responses: responsesOf(operation),
  };
}

function headersOf({ idempotent, method }: Operation): readonly Json[] {
  return [
    ...(idempotent === true
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description:
              'A random text for this request. The hub does not repeat a request that was sent before with the same text; it sends the same response.',
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
}

function bodyOf({ body, raw }: Operation): Json {
  return {
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
  };
}

function responsesOf({ summary, status, answer, lines, body, raw, method, query = [] }: Operation): Json {
  const errors = Object.entries(ERRORS).filter(
    ([code]) =>
      (body !== undefined || raw === true || !OF_BODIES.has(code)) &&
      (method !== 'GET' || code !== '412') &&
      // A request that only reads, without parameters, asks for nothing that could be impossible.
      (method !== 'GET' || query.length > 0 || code !== '422'),
  );
  return {
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
  };
}
