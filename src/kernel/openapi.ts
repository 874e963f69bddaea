import { schemaDocument } from './schema-files.ts';

/** A part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>;

/** Returns a router path (`/accounts/:account`) as a template (`/accounts/{account}`). */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** Returns the names of the parameters of a template. */
export function parametersOf(template: string): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** Returns the parameters of a path for its path item. Empty when it has none. */
export function pathParameters(template: string, descriptions: Readonly<Record<string, string>>): Json {
  const names = parametersOf(template);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => ({
      name,
      in: 'path',
      required: true,
      description: descriptions[name] ?? '',
      schema: { type: 'string' },
    })),
  };
}

/** Returns the `$defs` of a schema file as components. */
export function componentsOf(file: string): Readonly<Record<string, Json>> {
  const { $defs } = schemaDocument(file);
  return JSON.parse(JSON.stringify($defs).replaceAll('#/$defs/', '#/components/schemas/')) as Record<
    string,
    Json
  >;
}

export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** Returns an OpenAPI document of this hub. All documents share the servers and the ways to sign in. */
export function openApi(
  info: { readonly title: string; readonly version: string; readonly description: string },
  paths: Json,
  schemas: Json,
  /** Additional ways to sign in. */
  more: Json = {},
): Json {
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    security: [{ key: [] }, { basic: [] }, ...Object.keys(more).map((name) => ({ [name]: [] }))],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'Account name and password. An API key can be used as the password.',
        },
        ...more,
      },
      schemas,
    },
  };
}
