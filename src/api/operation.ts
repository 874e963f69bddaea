import type { Readable } from 'node:stream';
import type { Origin } from '../access/authenticate.ts';
import type { Principal } from '../access/principal.ts';
import type { PageOrigin } from '../access/session-service.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A parameter of the query part of a URL. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  /** JSON Schema of its value as text. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** A request, checked against the operation that it asks for. */
export interface Call {
  readonly actor: Principal;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Valid by the schema of the operation's body. */
  readonly body: unknown;
  /** The revision that the caller has seen (`If-Match`). */
  readonly revision: number | undefined;
  /** What the program that asks calls itself. */
  readonly agent: string;
  /** For operations on sessions: the headers that are about pages and cookies, and where the request comes from. */
  readonly http: {
    readonly headers: PageOrigin & { readonly cookie?: string | undefined };
    readonly from: Origin;
    /** The body as it comes, of operations that take it so. */
    readonly body: Readable;
  };
  /** Sends a line of NDJSON before the answer, for operations that take long. */
  readonly progress: (line: object) => void;
}

/** What goes out. */
export interface Reply {
  readonly body?: object;
  /** Becomes the `ETag`. */
  readonly revision?: number;
  /** Values of `Set-Cookie` headers. */
  readonly cookie?: string | readonly string[];
}

/**
 * One method of a resource of the admin API. The router is made from these, and so is the OpenAPI document. Who may call it is
 * decided by `can`, inside of the service that it calls.
 */
export interface Operation {
  readonly method: Method;
  /** Below `/api/v1`, with `:names` of parameters. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly tag: string;
  readonly query?: readonly QueryParameter[];
  /** Schema of the body, such as `api/key-request.json`. */
  readonly body?: string;
  /** Name of the schema of the answer in schemas/api/resources.json; undefined for 204. */
  readonly answer?: string;
  readonly status: 200 | 201 | 204;
  /** True where a repeated request with the same `Idempotency-Key` must not be done twice. */
  readonly idempotent?: boolean;
  /** Needs no credentials. */
  readonly open?: boolean;
  /** Changes who may do what: in a session it asks for the password once more (security.md R-015). */
  readonly dangerous?: boolean;
  /** Takes any body as it comes. */
  readonly raw?: boolean;
  /** Answers NDJSON: lines of progress, then the report. */
  readonly lines?: boolean;
  readonly run: (call: Call) => Promise<Reply>;
}

/** Most items of a page that is asked for without a limit. */
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

/** A page of a list whose items have names that sort: those after the one that `after` stands for. */
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
