import type { Readable } from 'node:stream';
import type { Origin } from '../access/authenticate.ts';
import type { Principal } from '../access/principal.ts';
import type { PageOrigin } from '../access/sessions/session-service.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A parameter of the query string. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  /** JSON Schema of the value as text. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A request that was validated against its operation. */
export interface Call {
  readonly actor: Principal;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Valid according to the schema of the operation's body. */
  readonly body: unknown;
  /** The revision that the caller has seen (`If-Match`). */
  readonly revision: number | undefined;
  /** The client's User-Agent. */
  readonly agent: string;
  /** For operations on sessions: the headers about pages and cookies, and the origin of the request. */
  readonly http: {
    readonly headers: PageOrigin & { readonly cookie?: string | undefined };
    readonly from: Origin;
    /** The unparsed body, for operations with `raw`. */
    readonly body: Readable;
  };
  /** Sends a line of NDJSON before the final response, for operations that take long. */
  readonly progress: (line: object) => void;
}

/** The response of an operation. */
export interface Reply {
  readonly body?: object;
  /** Becomes the `ETag`. */
  readonly revision?: number;
  /** Values of `Set-Cookie` headers. */
  readonly cookie?: string | readonly string[];
}

/**
 * One method of a resource of the admin API. The router and the OpenAPI document are generated from these. The service
 * that an operation calls decides with `can` who may use it.
 */
export interface Operation {
  readonly method: Method;
  /** The path below `/api/v1`, with parameters as `:name`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly tag: string;
  readonly query?: readonly QueryParameter[];
  /** The schema of the body, such as `api/key-request.json`. */
  readonly body?: string;
  /** The name of the response schema in schemas/api/resources.json. Undefined for 204. */
  readonly answer?: string;
  readonly status: 200 | 201 | 204;
  /** True when a repeated request with the same `Idempotency-Key` must not be performed twice. */
  readonly idempotent?: boolean;
  /** Needs no credentials. */
  readonly open?: boolean;
  /** The operation changes access rights. A session must confirm the password or a second factor for it. */
  readonly dangerous?: boolean;
  /** The operation accepts any body, unparsed. */
  readonly raw?: boolean;
  /** The response is NDJSON: lines of progress, then the report. */
  readonly lines?: boolean;
  readonly run: (call: Call) => Promise<Reply>;
}

/** Maximum number of items on a page that is requested without a limit. */
const PAGE = 100;
const LARGEST_PAGE = 1_000;

/** The parameters of a list. */
export const PAGING: readonly QueryParameter[] = [
  {
    name: 'limit',
    description: `Most items of the page; ${PAGE} by default, ${LARGEST_PAGE} at most.`,
    schema: { type: 'integer', minimum: 1, maximum: LARGEST_PAGE },
  },
  {
    name: 'after',
    description: 'The next of the page before.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,400}$' },
  },
];

export function limitOf({ query }: Pick<Call, 'query'>): number {
  return Math.min(LARGEST_PAGE, Number(query['limit'] ?? PAGE));
}

/** Returns a page of a list that is sorted by name: the items after the one that `after` encodes. */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  call: Pick<Call, 'query'>,
): Reply {
  const sorted = items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const after =
    call.query['after'] === undefined ? undefined : Buffer.from(call.query['after'], 'base64url').toString();
  const rest = after === undefined ? sorted : sorted.filter((item) => nameOf(item) > after);
  const page = rest.slice(0, limitOf(call));
  const last = page.at(-1);
  return {
    body: {
      items: page,
      ...(last === undefined || page.length === rest.length
        ? {}
        : { next: Buffer.from(nameOf(last)).toString('base64url') }),
    },
  };
}
