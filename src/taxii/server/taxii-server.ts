import { Router, type NextFunction, type Request, type Response } from 'express';
import { WrongCredentials, unauthenticated } from '../../access/authenticate.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import { drain, isUnread } from '../../kernel/body.ts';
import { Problem, reasonOf, statusOf } from '../../kernel/problem.ts';
import type { RootRequest, TaxiiRequest, TaxiiServices } from './context.ts';
import { DISCOVERY, ROOT_ENDPOINTS, type Method, type Operations } from './endpoints.ts';
import { errorMessage } from './error-message.ts';
import { demandAccept, isBrowser } from './media-type.ts';
import { send } from './response.ts';

/**
 * The TAXII 2.1 server: every endpoint, with and without a trailing slash. All other paths below it get a TAXII 404
 * error.
 */
export function taxiiRouter(services: TaxiiServices): Router {
  const router = Router({ strict: false, caseSensitive: true });
  router.all('/taxii2', (request, response) =>
    answer(services, request, response, DISCOVERY, (r) => Promise.resolve(r)),
  );
  for (const [path, operations] of Object.entries(ROOT_ENDPOINTS)) {
    router.all(path, (request, response) => answer(services, request, response, operations, withRoot));
  }
  router.use((request, response) =>
    answer(services, request, response, undefined, (r) => Promise.resolve(r)),
  );
  // A request that Express rejects before routing, such as a path with a broken escape, also gets a TAXII error.
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    renderError(services, request, response, error),
  );
  return router;
}

async function withRoot(request: TaxiiRequest): Promise<RootRequest> {
  const directory = await request.services.outlet.directory();
  const root = directory.apiRoots.get(request.parameters['root'] ?? '');
  if (root === undefined) throw request.principal.kind === 'public' ? unauthenticated() : nothingHere();
  return { ...request, root };
}

/** URLs end up in logs and histories, so secrets in them are rejected. */
const CREDENTIALS_IN_QUERY = /[?&](?:access_token|api_?key|auth|key|password|secret|token)=/i;

function credentialsInQuery(): Problem {
  return new Problem('invalid-request', 'Credentials do not belong into the address', {
    hint: 'Send them in the Authorization header, and make a new key: this one may stand in logs by now.',
    code: 'TLN-A-400',
  });
}

function nothingHere(): Problem {
  return new Problem('not-found', 'There is nothing here', {
    hint: 'TAXII discovery is at /taxii2/.',
    code: 'TLN-T-404',
  });
}

/**
 * Answers a request. Every request is processed in the same order: credentials, content negotiation, API root, and then
 * the endpoint.
 */
async function answer<R extends TaxiiRequest>(
  services: TaxiiServices,
  http: Request,
  response: Response,
  operations: Operations<R> | undefined,
  prepare: (request: TaxiiRequest) => Promise<R>,
): Promise<void> {
  let asking: Principal | undefined;
  let route = 'other';
  const begun = services.clock.monotonic();
  try {
    if (CREDENTIALS_IN_QUERY.test(http.url)) throw credentialsInQuery();
    const principal = await services.authenticator.authenticate(
      http.headers.authorization,
      services.originOf(http),
    );
    asking = principal;
    const isRead = http.method === 'GET' || http.method === 'HEAD';
    if (principal.kind === 'account')
      services.rates.take(principalId(principal), isRead ? 'reads' : 'writes');
    if (isBrowser(http.headers.accept) && isRead) {
      await explain(services, response, principal, http.path);
      return;
    }
    demandAccept(http.headers.accept);
    if (operations === undefined) throw principal.kind === 'public' ? unauthenticated() : nothingHere();
    const method = http.method === 'HEAD' ? 'GET' : http.method;
    const operation = operations[method as Method];
    if (operation === undefined) throw wrongMethod(http.method, Object.keys(operations));
    const request: TaxiiRequest = {
      services,
      http,
      response,
      principal,
      parameters: http.params as Record<string, string>,
      url: http.url,
    };
    route = operation.name;
    await operation.handle(await prepare(request));
  } catch (error) {
    renderError(services, http, response, error, asking);
  } finally {
    const seconds = (services.clock.monotonic() - begun) / 1000;
    services.meter.request('taxii', route, response.statusCode, seconds);
  }
}

function wrongMethod(method: string, allowed: readonly string[]): Problem {
  const allow = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  return new Problem('method-not-allowed', `${method} is not allowed here`, {
    description: `Allowed: ${allow.join(', ')}.`,
    headers: { Allow: allow.join(', ') },
    code: 'TLN-T-405',
  });
}

async function explain(
  services: TaxiiServices,
  response: Response,
  principal: Principal,
  path: string,
): Promise<void> {
  const html = Buffer.from(await services.explain(principal, path));
  response.writeHead(200, {
    ...services.pageHeaders,
    'Cache-Control': 'no-store',
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': html.length,
  });
  response.end(html);
}

/**
 * Sends every TAXII error, as the error message of TAXII 2.1 §3.6.1. Details of unexpected errors are not disclosed.
 */
export function renderError(
  services: TaxiiServices,
  http: Request,
  response: Response,
  error: unknown,
  principal?: Principal,
): void {
  const errorId = services.ids.uuid();
  const problem = asProblem(error);
  const code = statusOf[problem.kind];
  const fields = {
    error_id: errorId,
    method: http.method,
    status: code,
    code: problem.code,
    title: problem.title,
  };
  if (code >= 500) services.log.error('taxii.failed', { ...fields, cause: reasonOf(problem.cause) });
  else {
    services.log.info('taxii.refused', fields);
    noteRefusal(services, http, problem, principal);
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const unread = isUnread(http);
  send(response, services.headers, code, JSON.stringify(errorMessage(problem, errorId)), {
    ...problem.headers,
    ...(unread ? { Connection: 'close' } : {}),
    ...(problem.kind === 'unauthenticated'
      ? { 'WWW-Authenticate': 'Basic realm="Talanoa", charset="UTF-8", Bearer realm="Talanoa"' }
      : {}),
  });
  if (unread) drain(http);
}

/** Records the reason of a refusal for the operator. It contains more than the client learns. */
function noteRefusal(
  { ledger }: TaxiiServices,
  http: Request,
  { code, title, description, cause }: Problem,
  principal: Principal | undefined,
): void {
  const wrong = cause instanceof WrongCredentials ? cause : undefined;
  const known = principal?.kind === 'account' ? principalId(principal) : undefined;
  ledger.refuse({
    account: known ?? wrong?.account,
    place: http.params['collection'] as string | undefined,
    code,
    reason: wrong === undefined ? [title, description].filter(Boolean).join(': ') : wrong.message,
    agent: http.headers['user-agent'] ?? '',
  });
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof URIError)
    return new Problem('invalid-request', 'The path holds a broken percent escape', { code: 'TLN-T-400' });
  return new Problem('internal', 'Something went wrong on our side', {
    description: 'The error id leads the operator to the reason in the log.',
    code: 'TLN-X-500',
    cause: error,
  });
}
