import express, { Router, type NextFunction, type Request, type Response } from 'express';
import type { CollectionRequest, CollectionService, GrantRequest } from '../access/collection-service.ts';
import type { KeyRequest, KeyService } from '../access/key-service.ts';
import { can } from '../access/policy.ts';
import type { Principal } from '../access/principal.ts';
import type { Feeds } from '../feeds/service.ts';
import type { Log } from '../kernel/log.ts';
import { Problem, reasonOf, statusOf } from '../kernel/problem.ts';
import { compileSchema } from '../kernel/validate.ts';
import type { Deliveries } from '../sharing/deliveries.ts';
import type { Revocation } from '../sharing/revocation.ts';
import { problemDetails } from './problem-details.ts';

/** What the admin API is made of. */
export interface AdminServices {
  readonly feeds: Feeds;
  readonly keys: KeyService;
  readonly collections: CollectionService;
  readonly deliveries: Deliveries;
  readonly revocation: Revocation;
  readonly status: () => Promise<object>;
  readonly doctor: () => Promise<readonly object[]>;
  readonly log: Log;
}

/**
 * The admin API, `/api/v1`. Served on the hub's own socket only, whose file mode lets in the user that runs the hub:
 * who can open it is the operator. (On the network, with accounts and scopes, it comes with the access release.)
 */
export function adminRouter(services: AdminServices, operator: Principal): Router {
  const router = Router();
  router.use(express.json({ limit: '64kb', strict: true }));
  router.use((_request, _response, next) => {
    if (!can(operator, 'admin.read', { kind: 'hub' }))
      throw new Problem('forbidden', 'You may not use the admin API', { code: 'TLN-A-403' });
    next();
  });
  router.get('/status', async (_request, response) => {
    response.json(await services.status());
  });
  router.get('/doctor', async (_request, response) => {
    response.json({ items: await services.doctor() });
  });
  router.get('/feeds', async (_request, response) => {
    response.json({ items: await services.feeds.list() });
  });
  router.get('/feeds/:name/runs', async (request, response) => {
    response.json({ items: await services.feeds.history(request.params.name, limitOf(request)) });
  });
  router.get('/feeds/:name/quarantine', async (request, response) => {
    response.json({ items: await services.feeds.quarantine(request.params.name) });
  });
  // A run can take minutes, so its progress is told line by line; the last line is the report.
  router.post('/feeds/:name/runs', async (request, response) => {
    response.setHeader('Content-Type', 'application/x-ndjson');
    try {
      const report = await services.feeds.run(request.params.name, (done) => {
        response.write(`${JSON.stringify({ progress: done })}\n`);
      });
      response.end(`${JSON.stringify({ report })}\n`);
    } catch (error) {
      if (!response.headersSent) throw error;
      response.end(`${JSON.stringify({ problem: problemDetails(asProblem(error)) })}\n`);
    }
  });
  router.get('/deliveries/readers', async (_request, response) => {
    response.json({ items: await services.deliveries.lag(operator) });
  });
  router.get('/deliveries/refusals', async (request, response) => {
    response.json({ items: await services.deliveries.refusals(operator, limitOf(request)) });
  });
  router.post('/objects/:id/revocation', async (request, response) => {
    response.json({ items: await services.revocation.revoke(operator, request.params.id) });
  });
  router.post('/keys', async (request, response) => {
    demandBody('api/key-request.json', request.body);
    response.status(201).json(await services.keys.create(operator, request.body as KeyRequest));
  });
  router.get('/collections', async (_request, response) => {
    response.json({ items: await services.collections.list(operator) });
  });
  router.post('/collections', async (request, response) => {
    demandBody('api/collection-request.json', request.body);
    response.status(201).json(await services.collections.add(operator, request.body as CollectionRequest));
  });
  router.post('/collections/:collection/grants', async (request, response) => {
    demandBody('api/grant-request.json', request.body);
    response.json(
      await services.collections.grant(operator, request.params.collection, request.body as GrantRequest),
    );
  });
  router.delete('/collections/:collection/grants/:to', async (request, response) => {
    response.json(await services.collections.revoke(operator, request.params.collection, request.params.to));
  });
  router.use(() => {
    throw new Problem('not-found', 'There is no such resource', { code: 'TLN-P-404' });
  });
  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const problem = asProblem(error);
    if (statusOf[problem.kind] >= 500)
      services.log.error('api.failed', { code: problem.code, cause: reasonOf(problem.cause) });
    response
      .status(statusOf[problem.kind])
      .type('application/problem+json')
      .send(JSON.stringify(problemDetails(problem)));
  });
  return router;
}

/** How many items are asked for. */
function limitOf(request: Request): number {
  return Math.min(500, Math.max(1, Number(request.query['limit'] ?? 20) || 20));
}

function demandBody(schema: string, body: unknown): void {
  const [fault] = compileSchema(schema)(body);
  if (fault !== undefined)
    throw new Problem('invalid-content', 'The request cannot be read', {
      description: `${fault.pointer}: ${fault.message}`,
      code: 'TLN-P-422',
    });
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof SyntaxError)
    return new Problem('invalid-request', 'The body is not valid JSON', { code: 'TLN-P-400' });
  return new Problem('internal', 'Something went wrong on our side', { code: 'TLN-X-500', cause: error });
}
