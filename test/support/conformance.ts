import { compileSchema } from '../../src/kernel/validate.ts';
import { taxiiOpenApi } from '../../src/taxii/openapi.ts';

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>>;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Answer>> }>>>
  >;
}

const MEDIA = 'application/taxii+json;version=2.1';
const document = taxiiOpenApi('Test', '0') as object as Document;
const places = Object.entries(document.paths).map(([template, methods]) => ({
  form: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+').replace(/\/$/, '/?')}$`),
  methods,
}));

/**
 * What an answer of the TAXII server has that its own OpenAPI document does not promise; undefined when it keeps its word. Every
 * answer that a test gets through `testHub` is looked at with this.
 */
export function breach(
  method: string,
  path: string,
  { status, type, body }: { readonly status: number; readonly type: string; readonly body: unknown },
): string | undefined {
  if (type !== MEDIA || status === 304) return undefined;
  const place = places.find(({ form }) => form.test(path.split('?')[0] ?? ''));
  const answer = place?.methods[method.toLowerCase()]?.responses?.[status];
  // Other paths and methods have errors only.
  const promised = answer?.content?.[MEDIA]?.schema.$ref.split('/').at(-1) ?? (status >= 400 ? 'error' : '');
  if (answer === undefined && status < 400) return `${method} ${path}: ${status} is not documented`;
  // superagent makes an empty object of no body at all.
  if (promised === '')
    return JSON.stringify(body ?? {}) === '{}' ? undefined : `${method} ${path}: a body is not documented`;
  const [fault] = compileSchema(`taxii.json#/$defs/${promised}`)(body);
  return fault === undefined
    ? undefined
    : `${method} ${path} ${status}: no ${promised}: ${fault.pointer} ${fault.message}`;
}
