import { schemaCheck } from '../../src/kernel/validate.ts';
import { taxiiOpenApi } from '../../src/taxii/server/openapi.ts';

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Answer>> }>>>
  >;
}

type Places = readonly {
  readonly form: RegExp;
  readonly methods: Readonly<Record<string, { readonly responses?: Readonly<Record<string, Answer>> }>>;
}[];

function placesOf(document: Document): Places {
  return Object.entries(document.paths).map(([template, methods]) => ({
    form: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+').replace(/\/$/, '/?')}$`),
    methods,
  }));
}

/** A response from a hub. */
export interface Got {
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

function breachOf(
  places: Places,
  schemas: string,
  error: string,
  method: string,
  path: string,
  { status, type, body }: Got,
): string | undefined {
  const place = places.find(({ form }) => form.test(path.split('?')[0] ?? ''));
  const responses = place?.methods[method.toLowerCase()]?.responses;
  const answer = responses?.[status];
  // Other paths and methods have errors only.
  const [content] = Object.entries(answer?.content ?? {});
  const promised = content?.[1].schema.$ref.split('/').at(-1) ?? (status >= 400 ? error : '');
  // The document does not name faults of the hub.
  if (answer === undefined && status !== 500 && (status < 400 || responses !== undefined))
    return `${method} ${path}: ${status} is not documented`;
  if (content !== undefined && content[0] !== type)
    return `${method} ${path} ${status}: ${type} is not documented`;
  // superagent turns a missing body into an empty object.
  if (promised === '')
    return JSON.stringify(body ?? {}) === '{}' ? undefined : `${method} ${path}: a body is not documented`;
  const [fault] = schemaCheck(`${schemas}#/$defs/${promised}`)(body);
  return fault === undefined
    ? undefined
    : `${method} ${path} ${status}: no ${promised}: ${fault.pointer} ${fault.message}`;
}

const MEDIA = 'application/taxii+json;version=2.1';
const taxiiPlaces = placesOf(taxiiOpenApi('Test', '0') as object as Document);

/**
 * Returns what in a response of the TAXII server contradicts its own OpenAPI document. Undefined when nothing does.
 * Every response that a test gets through `testHub` is checked with this.
 */
export function breach(method: string, path: string, got: Got): string | undefined {
  if (got.type !== MEDIA || got.status === 304) return undefined;
  return breachOf(taxiiPlaces, 'taxii.json', 'error', method, path, got);
}

/** The paths of documents of the admin API. A document does not change. */
const apiPlaces = new WeakMap<object, Places>();

/** Does the same for the admin API, with the document that the hub itself serves. */
export function apiBreach(document: object, method: string, path: string, got: Got): string | undefined {
  const places = apiPlaces.get(document) ?? placesOf(document as Document);
  apiPlaces.set(document, places);
  return breachOf(places, 'api/resources.json', 'problem', method, path, got);
}
