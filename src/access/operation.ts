import type { IncomingMessage } from 'node:http';
import type { ApiAnswers, ApiRequests } from '../api/schema-types.ts';
import type { Origin } from './authenticate.ts';
import type { Principal } from './principal.ts';
import type { Action } from './rights.ts';
import type { PageOrigin } from './sessions/demands.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * The permission that an operation needs:
 *
 * - `public`: none. Callers need no credentials.
 * - `sign-in`: a step of signing in. The session that was begun proves itself, so callers need no credentials.
 * - `session`: a session of the console. Keys cannot use it.
 * - `own`: any account. The operation concerns only the account of the caller.
 * - an action of `can`. For an action on the hub, `demandPermission` decides before the operation runs. For the other
 *   actions the target decides, so the service asks `can` when it has found the target.
 */
export type Permission = 'public' | 'sign-in' | 'session' | 'own' | Action;

/** A parameter of the query string. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  /** JSON Schema of the value as text. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** The names of the parameters in a path such as `/accounts/:account`. */
type ParametersOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParametersOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

type QueryOf<Query extends readonly QueryParameter[]> = {
  readonly [One in Query[number] as One['name']]: One extends { readonly required: true }
    ? string
    : string | undefined;
};

/** A request that was validated against its operation. */
export interface Call<
  Parameters = Readonly<Record<string, string>>,
  Query = Readonly<Record<string, string | undefined>>,
  Body = unknown,
> {
  readonly actor: Principal;
  readonly parameters: Parameters;
  readonly query: Query;
  /** Valid according to the schema of the operation's body. */
  readonly body: Body;
  /** The revision that the caller has seen (`If-Match`). */
  readonly revision: number | undefined;
  /** The client's User-Agent. */
  readonly agent: string;
  /** For operations on sessions: the headers about pages and cookies, and the origin of the request. */
  readonly http: {
    readonly headers: PageOrigin & { readonly cookie?: string | undefined };
    readonly from: Origin;
    /** The unparsed body, for operations with `raw`. */
    readonly body: IncomingMessage;
    /** The document that a page has received in a form, for operations with `raw`. */
    readonly document?: Buffer | undefined;
    /** The bytes of a JSON body as received, for operations that pass objects on unchanged. Empty without one. */
    readonly bytes: Buffer;
  };
  /** Sends a line of NDJSON before the final response, for operations that take long. */
  readonly progress: (line: object) => void;
  /** Calls back when the response was sent, or when its connection has ended. Until then its text is in memory. */
  readonly whenSent: (done: () => void) => void;
}

const WRITTEN = Symbol('written');

/** A body that is already written as JSON, so that objects in it stay as the hub received them. */
export interface WrittenJson<Answer extends object = object> {
  readonly text: string;
  /** The type of the body. */
  readonly [WRITTEN]: Answer | true;
}

/** Marks a JSON text as the body of a response. The caller answers for its schema. */
export function writtenJson<Answer extends object>(text: string): WrittenJson<Answer> {
  return { text, [WRITTEN]: true };
}

function isWritten(body: object): body is WrittenJson {
  return WRITTEN in body;
}

/** Returns the JSON text of a body. */
export function jsonText(body: object): string {
  return isWritten(body) ? body.text : JSON.stringify(body);
}

/** Returns the value of a body. Numbers can lose digits that they have in its text. */
export function valueOfBody(body: object | undefined): unknown {
  return body !== undefined && isWritten(body) ? JSON.parse(body.text) : body;
}

/** The response of an operation. */
export interface Reply {
  readonly body?: object;
  /** Becomes the `ETag`. */
  readonly revision?: number;
  /** Values of `Set-Cookie` headers. */
  readonly cookie?: string | readonly string[];
}

type ReplyOf<Answer extends keyof ApiAnswers | undefined> = Omit<Reply, 'body'> &
  (Answer extends keyof ApiAnswers
    ? { readonly body: ApiAnswers[Answer] | WrittenJson<ApiAnswers[Answer]> }
    : { readonly body?: never });

/**
 * One method of a resource of the admin API. The router, the OpenAPI document and the table of permissions are generated
 * from these.
 */
export interface Operation {
  readonly method: Method;
  /** The path below `/api/v1`, with parameters as `:name`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly tag: string;
  readonly permission: Permission;
  readonly query?: readonly QueryParameter[];
  /** The schema of the body, such as `api/key-request.json`. */
  readonly body?: keyof ApiRequests;
  /** The name of the response schema in schemas/api/resources.json. Undefined for 204. */
  readonly answer?: keyof ApiAnswers;
  readonly status: 200 | 201 | 204;
  /** True when a repeated request with the same `Idempotency-Key` must not be performed twice. */
  readonly idempotent?: boolean;
  /** The operation changes access rights or opens a seal. A session must confirm the password or a second factor for it. */
  readonly dangerous?: boolean;
  /** The operation accepts any body, unparsed. */
  readonly raw?: boolean;
  /** The response is NDJSON: lines of progress, then the report. */
  readonly lines?: boolean;
  readonly run: (call: Call) => Promise<Reply>;
}

/** An operation whose call and reply have the types that its path, its query and its schemas say. */
interface Definition<
  Path extends string,
  Query extends readonly QueryParameter[],
  Body extends keyof ApiRequests | undefined,
  Answer extends keyof ApiAnswers | undefined,
> extends Omit<Operation, 'path' | 'query' | 'body' | 'answer' | 'run'> {
  readonly path: Path;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer?: Answer;
  readonly run: (
    call: Call<
      Readonly<Record<ParametersOf<Path>, string>>,
      QueryOf<Query>,
      Body extends keyof ApiRequests ? ApiRequests[Body] : undefined
    >,
  ) => Promise<ReplyOf<Answer>>;
}

/**
 * Declares an operation. The types of path parameters, query, body and response follow from the declaration and from
 * `schemas/`, so `run` needs no cast.
 */
export function operation<
  const Path extends string,
  const Query extends readonly QueryParameter[] = readonly [],
  Body extends keyof ApiRequests | undefined = undefined,
  Answer extends keyof ApiAnswers | undefined = undefined,
>(definition: Definition<Path, Query, Body, Answer>): Operation {
  // The router calls `run` only after it has matched the path, and checked the query and the body against the schemas
  // that the types are generated from. This is the only place where a body gets its type.
  return definition as unknown as Operation;
}

/** True for an operation that callers without credentials can use. */
export function isOpen({ permission }: Pick<Operation, 'permission'>): boolean {
  return permission === 'public' || permission === 'sign-in';
}

/** True when the text of a query parameter is valid according to its schema. */
export function fitsSchema(value: string, schema: Readonly<Record<string, unknown>>): boolean {
  if (schema['type'] === 'integer') {
    const number = Number(value);
    return (
      /^\d{1,16}$/.test(value) &&
      number >= Number(schema['minimum'] ?? 0) &&
      number <= Number(schema['maximum'] ?? Number.MAX_SAFE_INTEGER)
    );
  }
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  const pattern = typeof schema['pattern'] === 'string' ? schema['pattern'] : '^[^\\u0000]{1,400}$';
  return new RegExp(pattern, 'u').test(value);
}

/** JSON Schema of a name in a query: of an account or a member. */
export const NAME = { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' } as const;

/** Maximum number of items on a page that is requested without a limit. */
const PAGE = 100;
const LARGEST_PAGE = 1_000;

/** The parameters of a list. */
export const PAGING = [
  {
    name: 'limit',
    description: `Maximum number of items on the page; ${PAGE} by default, ${LARGEST_PAGE} at most.`,
    schema: { type: 'integer', minimum: 1, maximum: LARGEST_PAGE },
  },
  {
    name: 'after',
    description: 'The value of "next" from the previous page.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' },
  },
] as const satisfies readonly QueryParameter[];

/** The parameter of a list that has no further page. */
export const LIMIT = [PAGING[0]] as const;

/** The query of a list. */
interface ListCall {
  readonly query: { readonly limit?: string | undefined; readonly after?: string | undefined };
}

export function limitOf({ query }: ListCall): number {
  return Math.min(LARGEST_PAGE, Number(query.limit ?? PAGE));
}

/** Returns a page of a list that is sorted by name: the items after the one that `after` encodes. */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  call: ListCall,
): { readonly body: { readonly items: readonly T[]; readonly next?: string } } {
  const sorted = items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const after = afterOf(call);
  const rest = after === undefined ? sorted : sorted.filter((item) => nameOf(item) > after);
  const page = rest.slice(0, limitOf(call));
  const last = page.at(-1);
  return nextPage(page, last === undefined || page.length === rest.length ? undefined : nameOf(last));
}

/** Returns the name after which the requested page begins. */
export function afterOf({ query: { after } }: ListCall): string | undefined {
  return after === undefined ? undefined : Buffer.from(after, 'base64url').toString();
}

/** Returns a page. `next` is the name of its last item, if there are more. */
export function nextPage<T>(
  items: readonly T[],
  next: string | undefined,
): { readonly body: { readonly items: readonly T[]; readonly next?: string } } {
  return {
    body: { items, ...(next === undefined ? {} : { next: Buffer.from(next).toString('base64url') }) },
  };
}
