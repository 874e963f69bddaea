import {
  componentsOf,
  openApi,
  parametersOf,
  pathParameters,
  ref,
  templateOf,
  type Json,
} from '../../kernel/openapi.ts';
import { DISCOVERY, ROOT_ENDPOINTS, type Method, type Operation, type Operations } from './endpoints.ts';
import { TAXII_MEDIA_TYPE } from './media-type.ts';
import { OBJECT_ID, SPEC_VERSION, TYPE, type Parameter } from './query.ts';

/** Returns the schema of a comma-separated list of values of one format. */
function listOf(form: RegExp): Json {
  const item = form.source.slice(1, -1);
  return { type: 'string', pattern: `^${item}(?:,${item})*$` };
}

const VERSION = /^(?:first|last|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)$/;

const PARAMETERS: Readonly<Record<Parameter, Json>> = {
  added_after: {
    description: 'Only objects that were added after this time.',
    schema: { type: 'string', format: 'date-time' },
    example: '2026-01-31T00:00:00.000000Z',
  },
  limit: {
    description: 'Maximum number of items on a page. The API root has its own maximum.',
    schema: { type: 'integer', minimum: 1 },
  },
  next: {
    description: 'The value of "next" from the previous page, with the same filters.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{34}$' },
  },
  'match[id]': { description: 'Ids of objects, separated by commas.', schema: listOf(OBJECT_ID) },
  'match[type]': {
    description: 'Types of objects, separated by commas.',
    schema: listOf(TYPE),
    example: 'indicator,malware',
  },
  'match[version]': {
    description:
      'last (the default for reading), first, all, or timestamps of versions; separated by commas.',
    schema: { anyOf: [{ const: 'all' }, listOf(VERSION)] },
    example: 'first,last',
  },
  'match[spec_version]': {
    description:
      'Specification versions, separated by commas. Without this filter, the response contains the latest version of each object.',
    schema: listOf(SPEC_VERSION),
    example: '2.1',
  },
};

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  root: 'Path of the API root, such as main.',
  collection: 'Id of the collection, or its alias.',
  object: 'Id of the object.',
  id: 'Id of the status, from the response to the envelope.',
};

const ERRORS: Readonly<Record<string, string>> = {
  400: 'The request cannot be read.',
  401: 'The request has no credentials, or they are not valid.',
  403: 'The caller does not have permission to do this.',
  404: 'The resource does not exist, or the caller cannot see it.',
  406: 'The client does not accept TAXII 2.1.',
  413: 'The body is larger than max_content_length.',
  415: 'The Content-Type of the body is not TAXII 2.1.',
  422: 'The body is not a valid envelope. Nothing was stored.',
  429: 'Too many requests or failed sign-ins. Try again after the time in Retry-After.',
  503: 'The store does not respond. Try again after the time in Retry-After.',
};
const OF_BODIES = new Set(['413', '415', '422']);
const OF_COLLECTIONS = new Set(['403']);

/**
 * Returns the TAXII API as an OpenAPI 3.1 document. It is generated from schemas/taxii.json and from the same table as
 * the router.
 */
export function taxiiOpenApi(title: string, version: string): Json {
  const paths: Record<string, Json> = { '/taxii2/': pathItem('/taxii2/', DISCOVERY) };
  for (const [path, operations] of Object.entries(ROOT_ENDPOINTS)) {
    const template = `${templateOf(path)}/`;
    paths[template] = pathItem(template, operations);
  }
  return openApi(
    {
      title: `${title}: TAXII 2.1`,
      version,
      description:
        'The TAXII 2.1 service of this hub. Section numbers refer to the OASIS standard of 10 June 2021. Unknown query parameters are ignored.',
    },
    paths,
    componentsOf('taxii.json'),
  );
}

function pathItem<R extends Parameters<Operation<never>['handle']>[0]>(
  template: string,
  operations: Operations<R>,
): Json {
  const ofCollection = parametersOf(template).includes('collection');
  return {
    ...pathParameters(template, PATH_PARAMETERS),
    ...Object.fromEntries(
      (Object.entries(operations) as [Method, Operation<R>][]).map(([method, operation]) => [
        method.toLowerCase(),
        operationObject(operation, ofCollection),
      ]),
    ),
  };
}

function operationObject<R extends Parameters<Operation<never>['handle']>[0]>(
  { name, summary, section, parameters, status, answer, paged, body }: Operation<R>,
  ofCollection: boolean,
): Json {
  const errors = Object.entries(ERRORS).filter(
    ([code]) => (body !== undefined || !OF_BODIES.has(code)) && (ofCollection || !OF_COLLECTIONS.has(code)),
  );
  return {
    operationId: name,
    summary,
    tags: [section === undefined ? 'Extensions of the hub' : 'TAXII 2.1'],
    description: section === undefined ? 'Not part of the standard.' : `TAXII 2.1 section ${section}.`,
    ...(parameters.length === 0
      ? {}
      : {
          parameters: parameters.map((parameter) => ({
            name: parameter,
            in: 'query',
            ...PARAMETERS[parameter],
          })),
        }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [TAXII_MEDIA_TYPE]: { schema: ref(body) } } } }),
    responses: {
      [status]: {
        description: summary,
        ...(paged ? { headers: pageHeaders() } : {}),
        ...(answer === undefined ? {} : { content: { [TAXII_MEDIA_TYPE]: { schema: ref(answer) } } }),
      },
      ...Object.fromEntries(
        errors.map(([code, description]) => [
          code,
          { description, content: { [TAXII_MEDIA_TYPE]: { schema: ref('error') } } },
        ]),
      ),
    },
  };
}

function pageHeaders(): Json {
  const stamp = (which: string): Json => ({
    description: `Date added of the ${which} item of the page (section 3.2).`,
    schema: { type: 'string', format: 'date-time' },
  });
  return { 'X-TAXII-Date-Added-First': stamp('first'), 'X-TAXII-Date-Added-Last': stamp('last') };
}
