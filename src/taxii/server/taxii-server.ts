import { Router, type NextFunction, type Request, type Response } from 'express';
import { WrongCredentials, unauthenticated } from '../../access/authenticate.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import {
  answerProblem,
  asProblem,
  demandNoSecrets,
  handledAs,
  isRead,
  wrongMethod,
  type ProblemDoor,
} from '../../kernel/http-door.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { RootRequest, TaxiiRequest, TaxiiServices } from './context.ts';
import { DISCOVERY, ROOT_ENDPOINTS, isOfCurrent, type Method, type Operations } from './endpoints.ts';
import { errorMessage } from './error-message.ts';
import { demandAccept, isBrowser } from './media-type.ts';
import { send } from './response.ts';
import { taxiiErrors } from './errors.ts';

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
    const prepare = (request: TaxiiRequest): Promise<RootRequest> => withRoot(request, isOfCurrent(path));
    router.all(path, (request, response) => answer(services, request, response, operations, prepare));
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

async function withRoot(request: TaxiiRequest, current: boolean): Promise<RootRequest> {
  const directory = await request.services.outlet.directory();
  const root = directory.apiRoots.get(request.parameters['root'] ?? '');
  if (root === undefined) throw request.principal.kind === 'public' ? unauthenticated() : nothingHere();
  return { ...request, root, current };
}

function nothingHere(): Problem {
  return taxiiErrors.nothingHere();
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
    demandNoSecrets(http.url);
    const principal = await services.authenticator.authenticate(
      http.headers.authorization,
      services.originOf(http),
    );
    asking = principal;
    const reads = isRead(http.method);
    if (principal.kind === 'account') services.rates.take(principalId(principal), reads ? 'reads' : 'writes');
    if (isBrowser(http.headers.accept) && reads) {
      await services.explain(principal, http.path, response);
      return;
    }
    demandAccept(http.headers.accept);
    if (operations === undefined) throw principal.kind === 'public' ? unauthenticated() : nothingHere();
    const operation = operations[handledAs(http.method) as Method];
    if (operation === undefined)
      throw wrongMethod(http.method, Object.keys(operations), taxiiErrors.methodNotAllowed);
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

/**
 * Sends every TAXII error, as the error message of TAXII 2.1 §3.6.1. Details of unexpected errors are not disclosed.
 */
function renderError(
  services: TaxiiServices,
  http: Request,
  response: Response,
  error: unknown,
  principal?: Principal,
): void {
  const problem = asProblem(error, taxiiErrors.brokenEscape);
  const door: ProblemDoor = {
    ids: services.ids,
    challenge: 'Basic realm="Talanoa", charset="UTF-8", Bearer realm="Talanoa"',
    failed: ({ error_id, method, status, code, cause }) =>
      services.log.error('taxii.failed', { error_id, method, status, code, title: problem.title, cause }),
    refused: ({ error_id, method, status, code }) => {
      services.log.info('taxii.refused', { error_id, method, status, code, title: problem.title });
      noteRefusal(services, http, problem, principal);
    },
    send: (status, errorId, headers) =>
      send(response, services.headers, status, JSON.stringify(errorMessage(problem, errorId)), headers),
  };
  answerProblem(door, http, response, problem);
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
