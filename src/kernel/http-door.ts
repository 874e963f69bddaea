import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { drain, isUnread } from './body.ts';
import type { Ids } from './ids.ts';
import { Problem, reasonOf, statusOf } from './problem.ts';
import { kernelErrors } from './errors.ts';

/**
 * The handling of requests that TAXII, the API and the pages share: refuse secrets in URLs and wrong methods, send
 * whole bodies, and answer with problems. The rules of a single protocol (media types, the format of an error, paging)
 * stay with its door.
 */

export type Headers = Readonly<Record<string, string>>;

/** Responses that no cache may keep. */
export const NOT_STORED = { 'Cache-Control': 'no-store' } as const;

/** URLs end up in logs and histories, so secrets in them are refused. */
const SECRET_IN_QUERY = /[?&](?:access_token|api_?key|auth|key|password|secret|token)=/i;

/** Throws for an address that contains a credential. */
export function demandNoSecrets(url: string): void {
  if (SECRET_IN_QUERY.test(url)) throw kernelErrors.credentialsInAddress();
}

/** Returns the method whose handler answers a request: HEAD is answered like GET, without the body. */
export function handledAs(method: string | undefined): string {
  return method === undefined || method === 'HEAD' ? 'GET' : method;
}

/** True for methods that change nothing. */
export function isRead(method: string | undefined): boolean {
  return handledAs(method) === 'GET';
}

/**
 * Returns the error for a method that a resource does not have, with the `Allow` header (RFC 9110 §15.5.6).
 *
 * @param error Makes the error of this door.
 */
export function wrongMethod(
  method: string,
  methods: readonly string[],
  error: (
    values: { readonly method: string; readonly allowed: string },
    occurrence: { readonly headers: Readonly<Record<string, string>> },
  ) => Problem,
): Problem {
  const allowed = (methods.includes('GET') ? [...methods, 'HEAD'] : methods).join(', ');
  return error({ method, allowed }, { headers: { Allow: allowed } });
}

/**
 * Returns any thrown value as a problem. Details of unexpected errors are not disclosed.
 *
 * @param unreadable Makes the error of this door for a path with a broken percent escape, which Express refuses before
 *   routing.
 */
export function asProblem(error: unknown, unreadable: () => Problem): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof URIError) return unreadable();
  return kernelErrors.internal({ cause: error });
}

/** Adds headers to a response that is sent later. */
export function setHeaders(response: ServerResponse, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

/** Sends a whole body with its length. */
export function sendWhole(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Headers = {},
): void {
  response.writeHead(status, {
    ...headers,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Calls back once when a response was sent, or when its connection has ended, also before now. */
export function whenSent(response: ServerResponse, done: () => void): void {
  finished(response, () => done());
}

/** Sends plain text. */
export function sendText(response: ServerResponse, status: number, text: string, headers?: Headers): void {
  sendWhole(response, status, 'text/plain; charset=utf-8', text, headers);
}

/** The fields that every door logs about a problem. */
export interface LoggedProblem {
  readonly error_id: string;
  readonly method: string;
  readonly status: number;
  readonly code: string;
}

/** How a door answers with problems. */
export interface ProblemDoor {
  readonly ids: Ids;
  /** The ways to authenticate (RFC 9110 §11.6.1), for responses with status 401. */
  readonly challenge: string;
  /** Logs an error of the hub itself. */
  readonly failed: (logged: LoggedProblem & { readonly cause: string }) => void;
  /** Logs and notes a refusal. */
  readonly refused: (logged: LoggedProblem) => void;
  /** Sends the problem in the format of the protocol. */
  readonly send: (status: number, errorId: string, headers: Headers) => void;
}

/** Reports a problem and answers with it. When the response has already begun, the connection is closed instead. */
export function answerProblem(
  door: ProblemDoor,
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
): void {
  const errorId = door.ids.uuid();
  const status = statusOf[problem.kind];
  const logged = { error_id: errorId, method: request.method ?? '', status, code: problem.code };
  if (status >= 500) door.failed({ ...logged, cause: reasonOf(problem.cause) });
  else door.refused(logged);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const challenge = problem.kind === 'unauthenticated' ? { 'WWW-Authenticate': door.challenge } : {};
  endAfterResponse(request, (closing) =>
    door.send(status, errorId, { ...problem.headers, ...closing, ...challenge }),
  );
}

/** Answers a request whose body may still be arriving: the connection then ends after the response. */
export function endAfterResponse(request: IncomingMessage, send: (closing: Headers) => void): void {
  const unread = isUnread(request);
  send(unread ? { Connection: 'close' } : {});
  if (unread) drain(request);
}
