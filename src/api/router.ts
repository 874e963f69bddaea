import { isUtf8 } from 'node:buffer';
import { Router, type NextFunction, type Request, type Response } from 'express';
import { WrongCredentials, unauthenticated, type Origin } from '../access/authenticate.ts';
import { senderOf } from '../access/sessions/throttle.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Answered, Idempotency } from '../access/idempotency.ts';
import type { Ledger } from '../access/ledger.ts';
import { isTool, principalId, type Principal } from '../access/principal.ts';
import type { Rates } from '../access/rates.ts';
import { demandConfirmed } from '../access/sessions/demands.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { hasBody, mediaTypeOf, namesUtf8, readBody } from '../kernel/body.ts';
import {
  NOT_STORED,
  answerProblem,
  asProblem,
  demandNoSecrets,
  handledAs,
  isRead,
  setHeaders,
  whenSent,
  wrongMethod,
  type ProblemDoor,
} from '../kernel/http-door.ts';
import { GATE_LIMITS } from '../kernel/json-gate.ts';
import { differentNames, nesting } from '../kernel/json-shape.ts';
import type { Log } from '../kernel/log.ts';
import type { Problem } from '../kernel/problem.ts';
import { thoroughCheck } from '../kernel/validate.ts';
import { demandPermission } from '../access/hub-service.ts';
import { fitsSchema, isOpen, jsonText, type Call, type Operation } from '../access/operation.ts';
import { problemDetails } from './problem-details.ts';
import { apiErrors } from './errors.ts';

/** Bodies are small. Larger numbers of objects are submitted over TAXII. */
const BODIES = {
  limit: 1_048_576,
  tooLarge: { description: 'It can have at most 1 MB.' },
} as const;

export interface RouterServices {
  /** Returns the caller of a request. On the hub's own socket, this is the operator. */
  readonly authenticate: (request: Request) => Promise<Principal>;
  readonly originOf: (request: Request) => Origin;
  readonly audit: Audit;
  readonly ledger: Pick<Ledger, 'refuse'>;
  readonly idempotency: Idempotency;
  readonly rates: Rates;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: {
    request(surface: 'api', route: string, status: number, seconds: number): void;
  };
  /** Headers of every response. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the router of the admin API below `/api/v1`, generated from the table of operations. */
export function apiRouter(services: RouterServices, operations: readonly Operation[]): Router {
  const router = Router({ caseSensitive: true });
  const open = new Set(operations.filter(isOpen).map(({ method, path }) => `${method} ${path}`));
  router.use((_request, response, next) => {
    setHeaders(response, { ...services.headers, ...NOT_STORED });
    const begun = services.clock.monotonic();
    response.once('finish', () => {
      const route = (response.locals['operation'] as string | undefined) ?? 'other';
      const seconds = (services.clock.monotonic() - begun) / 1000;
      services.meter.request('api', route, response.statusCode, seconds);
    });
    next();
  });
  // Authentication comes before routing, so that callers without credentials do not learn which resources exist.
  router.use(async (request, response, next) => {
    demandNoSecrets(request.url);
    const principal = await services.authenticate(request);
    if (principal.kind === 'public' && !open.has(`${request.method} ${request.path}`))
      throw unauthenticated();
    response.locals['principal'] = principal;
    if (principal.kind === 'account')
      services.rates.take(principal.account, isRead(request.method) ? 'reads' : 'writes');
    next();
  });
  for (const path of new Set(operations.map((operation) => operation.path))) {
    const here = operations.filter((operation) => operation.path === path);
    router.all(path, async (request, response, next) => {
      if (!here.some(({ method, raw }) => raw === true && method === request.method)) {
        const body = await jsonOf(services, request, response.locals['principal'] as Principal);
        request.body = body?.value;
        response.locals['bytes'] = body?.bytes;
      }
      next();
    });
    router.all(path, (request, response) => answer(services, here, request, response));
  }
  router.use(() => {
    throw apiErrors.resourceNotFound();
  });
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    renderProblem(services, request, response, error),
  );
  return router;
}

type Done = Answered & { revision?: number; cookie?: string | readonly string[] };

async function answer(
  services: RouterServices,
  operations: readonly Operation[],
  request: Request,
  response: Response,
): Promise<void> {
  const method = handledAs(request.method);
  const operation = operations.find((one) => one.method === method);
  if (operation === undefined) {
    const methods = operations.map((one) => one.method);
    throw wrongMethod(request.method, methods, apiErrors.methodNotAllowed);
  }
  response.locals['operation'] = operation.name;
  const actor = response.locals['principal'] as Principal;
  const call: Call = {
    actor,
    parameters: request.params as Record<string, string>,
    query: queryOf(request, operation),
    body: bodyOf(request, operation),
    revision: revisionOf(request),
    agent: request.headers['user-agent'] ?? '',
    http: {
      headers: request.headers,
      from: services.originOf(request),
      body: request,
      bytes: (response.locals['bytes'] as Buffer | undefined) ?? NOTHING,
    },
    progress: (line) => response.write(`${JSON.stringify(line)}\n`),
    whenSent: (done) => whenSent(response, done),
  };
  if (operation.dangerous === true) demandConfirmed(actor, services.clock.now());
  demandPermission(actor, operation);
  if (operation.lines === true) {
    await answerLines(operation, call, response);
    return;
  }
  const work = async (): Promise<Done> => {
    const { body, revision, cookie } = await operation.run(call);
    return {
      status: operation.status,
      body: body === undefined ? '' : jsonText(body),
      ...(revision === undefined ? {} : { revision }),
      ...(cookie === undefined ? {} : { cookie }),
    };
  };
  const key = request.headers['idempotency-key'];
  const done: Done & { replayed?: boolean } =
    operation.idempotent === true && typeof key === 'string'
      ? await services.idempotency.once(
          { account: principalId(actor), credential: credentialOf(actor) },
          key,
          JSON.stringify([method, request.path, request.body]),
          work,
        )
      : await work();
  if (done.replayed === true) response.setHeader('Idempotency-Replayed', 'true');
  if (done.cookie !== undefined) response.setHeader('Set-Cookie', done.cookie);
  if (done.revision !== undefined) response.setHeader('ETag', `"${done.revision}"`);
  send(response, done.status, 'application/json', done.body);
}

/** Sends progress line by line, because a run can take minutes. The last line is the report or the problem. */
async function answerLines(operation: Operation, call: Call, response: Response): Promise<void> {
  response.setHeader('Content-Type', 'application/x-ndjson');
  try {
    const { body } = await operation.run(call);
    response.end(`${JSON.stringify(body)}\n`);
  } catch (error) {
    if (!response.headersSent) throw error;
    response.end(
      `${JSON.stringify({ problem: problemDetails(asProblem(error, apiErrors.brokenEscape)) })}\n`,
    );
  }
}

/** The credential of the request. Responses that contain secrets are repeated only to the same credential. */
function credentialOf(actor: Principal): string {
  if (actor.kind === 'public') return 'public';
  const { account, key, session } = actor;
  return JSON.stringify([account, key?.id ?? '', session?.id ?? '']);
}

function send(response: Response, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body);
  response.statusCode = status;
  if (bytes.length > 0) response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

const MOST_REPEATED = 80;

/** Returns a value for an error, which repeats what the caller has sent. */
function cut(value: string): string {
  return value.length > MOST_REPEATED ? `${value.slice(0, MOST_REPEATED)}…` : value;
}

/**
 * Returns the query parameters. Throws for unknown, repeated or invalid ones, so that a misspelled parameter is not
 * silently ignored.
 */
function queryOf(request: Request, { query = [] }: Operation): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.query)) {
    const known = query.find((parameter) => parameter.name === name);
    if (known === undefined || typeof value !== 'string' || !fitsSchema(value, known.schema))
      throw apiErrors.invalidParameter(
        { name: name.slice(0, 60) },
        {
          description:
            known === undefined
              ? 'It is not a parameter of this resource.'
              : typeof value === 'string'
                ? `"${cut(value)}" is not valid. Expected: ${known.description}`
                : 'The parameter appears twice.',
        },
      );
    found[name] = value;
  }
  const missing = query.find(({ name, required }) => required === true && found[name] === undefined);
  if (missing !== undefined)
    throw apiErrors.missingParameter({ name: missing.name }, { description: missing.description });
  return found;
}

function bodyOf(request: Request, { body: schema }: Operation): unknown {
  if (schema === undefined) return undefined;
  const body = request.body as unknown;
  if (body === undefined) throw apiErrors.jsonRequired();
  const faults = thoroughCheck(schema)(body);
  const [fault] = faults;
  if (fault === undefined) return body;
  throw apiErrors.invalidBody({
    description: [
      ...faults.map(({ pointer, message }) => `${pointer === '' ? 'the body' : pointer}: ${message}`),
      ...(faults.isCut === true ? ['There may be more.'] : []),
    ].join('\n'),
    // The sentence of a fault contains its suggestion, too.
    ...(fault.suggestion === undefined || faults.length > 1
      ? {}
      : { hint: `Did you mean "${fault.suggestion}"?` }),
  });
}

/** Returns the revision in `If-Match`. Undefined for `*` or when the header is missing, which mean any revision. */
function revisionOf({ headers }: Request): number | undefined {
  const value = headers['if-match']?.trim();
  if (value === undefined || value === '*') return undefined;
  const [, digits] = /^"(\d{1,15})"$/.exec(value) ?? [];
  if (digits === undefined) throw apiErrors.invalidIfMatch();
  return Number(digits);
}

function renderProblem(services: RouterServices, request: Request, response: Response, error: unknown): void {
  const problem = asProblem(error, apiErrors.brokenEscape);
  const principal = response.locals['principal'] as Principal | undefined;
  const door: ProblemDoor = {
    ids: services.ids,
    challenge: 'Bearer realm="Talanoa", Basic realm="Talanoa", charset="UTF-8"',
    failed: ({ error_id, method, status, code, cause }) =>
      services.log.error('api.failed', { error_id, method, status, code, cause }),
    refused: ({ error_id, method, status, code }) => {
      services.log.info('api.refused', { error_id, method, status, code });
      noteRefusal(services, request, problem, principal);
    },
    send: (status, errorId, headers) => {
      setHeaders(response, headers);
      const body = JSON.stringify({ ...problemDetails(problem), error_id: errorId });
      send(response, status, 'application/problem+json', body);
    },
  };
  answerProblem(door, request, response, problem);
}

/** Records the reason of a refusal for the operator, and attempts without permission in the audit log. */
function noteRefusal(
  { ledger, audit }: RouterServices,
  { method, path, headers }: Request,
  { kind, code, title, cause }: Problem,
  principal: Principal | undefined,
): void {
  const wrong = cause instanceof WrongCredentials ? cause : undefined;
  // People see their own mistakes at once. Among these, a tool that cannot sign in would not be noticed.
  const isOfTool = principal !== undefined && isTool(principal);
  if (isOfTool || kind === 'unauthenticated' || kind === 'rate-limited')
    ledger.refuse({
      account: principal === undefined ? wrong?.account : principalId(principal),
      place: undefined,
      code,
      reason: wrong?.message ?? title,
      agent: headers['user-agent'] ?? '',
    });
  if (kind === 'forbidden' && principal !== undefined)
    void audit.refused(principal, `api.${method.toLowerCase()}`, path);
}

const NOTHING = Buffer.alloc(0);

/** Returns the body, parsed and as received, when its Content-Type is JSON, and undefined otherwise. */
async function jsonOf(
  services: RouterServices,
  request: Request,
  principal: Principal,
): Promise<{ readonly value: object; readonly bytes: Buffer } | undefined> {
  const type = request.headers['content-type'];
  if (!hasBody(request) || mediaTypeOf(type) !== 'application/json') return undefined;
  if (!namesUtf8(type)) throw notUtf8();
  const caller = senderOf(principal, services.originOf(request));
  const { bytes, release } = await readBody(request, { ...BODIES, caller });
  try {
    return { value: parsed(bytes), bytes };
  } finally {
    release();
  }
}

/** Throws for anything but a JSON object or list in UTF-8 (RFC 8259 §8.1) that is not nested too deeply. */
function parsed(bytes: Buffer): object {
  // The gate measures nesting in bytes, but the parser reads decoded text, so both must see the same encoding.
  if (!isUtf8(bytes)) throw notUtf8();
  demandSimple(bytes);
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  // Some clients announce JSON and send nothing.
  if (text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The error below describes it.
  }
  throw apiErrors.unreadableBody({ description: 'The body is not a JSON object.' });
}

function notUtf8(): Problem {
  return apiErrors.utf8Required();
}

/**
 * Throws for a body that is nested more deeply than any valid one, or has more different member names. The validators
 * are recursive, so deep nesting could exhaust the stack. Parsing many names would keep other requests waiting.
 */
function demandSimple(bytes: Uint8Array): void {
  const { depth, names } = GATE_LIMITS;
  if (nesting(bytes, depth) > depth)
    throw apiErrors.unreadableBody({ description: `The body nests deeper than ${depth} levels.` });
  if (differentNames(bytes, names) > names)
    throw apiErrors.unreadableBody({
      description: `The body has more than ${names.toLocaleString('en')} different member names after its first ${names.toLocaleString('en')} members.`,
    });
}
