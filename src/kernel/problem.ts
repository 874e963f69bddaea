/**
 * The only type of expected errors in the hub. Each front door converts it to the error format of its protocol:
 * `taxii/error-message.ts` (TAXII 2.1 §3.6.1), `api/problem-details.ts` (RFC 9457), and three lines in the CLI. Any
 * other thrown value is a bug of the hub, and the caller sees only an error id.
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

/** Details of a problem in addition to its title. The caller may see all of them, except the cause. */
export interface ProblemDetails {
  /** The reason, as one sentence. */
  readonly description?: string;
  /** The next step for the user. */
  readonly hint?: string;
  /** Stable code, for example `TLN-F-401`. */
  readonly code?: string;
  /** Response headers that belong to the problem (`Allow`, `Retry-After`). */
  readonly headers?: Readonly<Record<string, string>>;
  /** The underlying error. It is logged, but never shown. */
  readonly cause?: unknown;
}

/** An expected failure that is safe to show. `title` describes the problem in one plain sentence. */
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

/** HTTP status of each kind, the same in every protocol (TAXII 2.1 §3.6, RFC 9110). */
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

/** Returns the text of any thrown value, for logs only. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'string' ? error : JSON.stringify(error);
}

/** Reasons for which a file cannot be read, by the codes of the operating system. */
const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'The file does not exist.',
  EISDIR: 'It is a folder, not a file.',
  EACCES: 'You do not have permission to read it.',
};

/** Returns, as a sentence for people, why a file cannot be read. */
export function fileReasonOf(error: unknown): string {
  return UNREADABLE[codeOf(error) ?? ''] ?? reasonOf(error);
}

/**
 * Returns the `code` of a system, driver or library error. Errors are identified by code because classes differ between
 * realms.
 */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : undefined;
}
