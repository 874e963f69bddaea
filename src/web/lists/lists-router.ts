import { Router, type Request, type Response } from 'express';
import type { IncomingMessage } from 'node:http';
import { WrongCredentials, type Authenticator, type Origin } from '../../access/authenticate.ts';
import type { Ledger } from '../../access/ledger.ts';
import { principalId, type Principal } from '../../access/principal.ts';
import type { Rates } from '../../access/rates.ts';
import {
  NOT_STORED,
  answerProblem,
  asProblem,
  demandNoSecrets,
  isRead,
  sendText,
  wrongMethod,
} from '../../kernel/http-door.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Problem } from '../../kernel/problem.ts';
import type { Lists } from '../../sharing/lists/lists.ts';
import { webErrors } from '../errors.ts';
import { sendList } from './send-list.ts';

export interface ListsRouterServices {
  readonly lists: Lists;
  readonly authenticator: Authenticator;
  readonly rates: Rates;
  readonly ledger: Pick<Ledger, 'refuse'>;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly ids: Ids;
  readonly log: Log;
}

/** `GET /lists/{collection}/{format}`: lists of values for tools. */
export function listsRouter(services: ListsRouterServices): Router {
  const router = Router({ caseSensitive: true });
  router.all('/:collection/:format', (request, response) => answer(services, request, response));
  return router;
}

async function answer(services: ListsRouterServices, request: Request, response: Response): Promise<void> {
  const { lists, authenticator, rates, originOf, headers } = services;
  let principal: Principal | undefined;
  try {
    demandNoSecrets(request.originalUrl);
    principal = await authenticator.authenticate(request.headers.authorization, originOf(request));
    if (principal.kind === 'account') rates.take(principalId(principal), 'reads');
    if (!isRead(request.method)) throw wrongMethod(request.method, ['GET'], webErrors.methodNotAllowed);
    const { collection = '', format = '' } = request.params as Record<string, string>;
    const agent = request.headers['user-agent'] ?? '';
    const found = await lists.get(principal, collection, format, request.query, agent);
    await sendList(request, response, found, headers);
  } catch (error) {
    refuse(services, request, response, error, principal);
  }
}

function refuse(
  { ids, log, ledger, headers: fixed }: ListsRouterServices,
  request: Request,
  response: Response,
  error: unknown,
  principal: Principal | undefined,
): void {
  const problem: Problem = asProblem(error, webErrors.brokenEscape);
  const { code, title, description, hint, cause } = problem;
  const wrong = cause instanceof WrongCredentials ? cause : undefined;
  answerProblem(
    {
      ids,
      challenge: 'Basic realm="Talanoa", charset="UTF-8", Bearer realm="Talanoa"',
      failed: ({ error_id, method, status, cause: reason }) =>
        log.error('list.failed', { error_id, method, status, code, title, cause: reason }),
      refused: ({ error_id, method, status }) => {
        log.info('list.refused', { error_id, method, status, code, title });
        ledger.refuse({
          account: wrong?.account ?? (principal === undefined ? undefined : principalId(principal)),
          place: request.params['collection'] as string | undefined,
          code,
          reason: wrong?.message ?? title,
          agent: request.headers['user-agent'] ?? '',
        });
      },
      send: (status, errorId, headers) =>
        sendText(
          response,
          status,
          `${[`${title}.`, description, hint].filter((part) => part !== undefined && part !== '').join(' ')} (${code}, ${errorId})\n`,
          { ...fixed, ...headers, ...NOT_STORED },
        ),
    },
    request,
    response,
    problem,
  );
}
