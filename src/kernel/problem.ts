/**
 * The one error type of the house. A front door turns it into its protocol's error message:
 * `taxii/error-message.ts` (TAXII 2.1 section 3.6.1), `api/problem-details.ts` (RFC 9457), the CLI in three lines.
 * Anything thrown that is not a Problem is a fault of ours: the caller sees an error id and nothing else.
 */
export type ProblemKind =
  | 'invalid-request'
  | 'invalid-content'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'conflict'
  /** A store is full. Repeating the request does not help; removing an entry does. */
  | 'full'
  | 'precondition-failed'
  | 'too-large'
  | 'unsupported-media-type'
  | 'rate-limited'
  | 'peer'
  | 'unavailable'
  | 'internal';

/** What may be said about a problem beyond its title. Everything here may be shown to whoever asked. */
export interface ProblemDetails {
  /** Why it happened, in a sentence. */
  readonly description?: string;
  /** What to do next. */
  readonly hint?: string;
  /** Stable code, for example `TLN-F-401`. */
  readonly code?: string;
  /** Response headers that belong to the problem (`Allow`, `Retry-After`). */
  readonly headers?: Readonly<Record<string, string>>;
  /** The inner cause: logged, never shown. */
  readonly cause?: unknown;
}

/** An expected failure, safe to show. `title` says what is wrong in one plain sentence. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly title: string;
  readonly description: string | undefined;
  readonly hint: string | undefined;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, title: string, details: ProblemDetails = {}) {
    super(title, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.title = title;
    this.description = details.description;
    this.hint = details.hint;
    this.code = details.code ?? `TLN-${kind}`;
    this.headers = details.headers ?? {};
  }
}

/** HTTP status of each kind, the same in every protocol (TAXII 2.1 section 3.6, RFC 9110). */
export const statusOf: Readonly<Record<ProblemKind, number>> = {
  'invalid-request': 400,
  'invalid-content': 422,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  conflict: 409,
  full: 409,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media-type': 415,
  'rate-limited': 429,
  peer: 502,
  unavailable: 503,
  internal: 500,
};

/** The text of any thrown value, for logs only. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : JSON.stringify(error);
}

/** The `code` of a system, driver or library error. Told apart by code, since classes differ between realms. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : undefined;
}
