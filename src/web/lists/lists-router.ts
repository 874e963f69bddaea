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
  sendWhole,
  wrongMethod,
} from '../../kernel/http-door.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Problem } from '../../kernel/problem.ts';
import { readSince, shownRemoval } from '../../sharing/saved-lists/removal-log.ts';
import type { ListRemovalLog } from '../../sharing/lists/collection-removals.ts';
import type { SavedListServing } from '../../sharing/saved-lists/serving.ts';
import type { MispFeeds } from '../../sharing/misp/feed.ts';
import type { Lists } from '../../sharing/lists/lists.ts';
import { webErrors } from '../errors.ts';
import { sharingErrors } from '../../sharing/errors.ts';
import { sendList } from './send-list.ts';

const { code: NOT_READY } = sharingErrors.listNotReady({});

/** Maximum number of removals in one response. The time of the last one leads to the next ones. */
const MOST_REMOVALS = 10_000;

export interface ListsRouterServices {
  readonly lists: Lists;
  readonly saved: SavedListServing;
  readonly removals: ListRemovalLog;
  readonly misp: MispFeeds;
  readonly authenticator: Authenticator;
  readonly rates: Rates;
  readonly ledger: Pick<Ledger, 'refuse'>;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly ids: Ids;
  readonly log: Log;
}

/** A request of an authenticated caller, and its response. */
interface Asked {
  readonly principal: Principal;
  /** A collection or a saved list. */
  readonly name: string;
  readonly request: Request;
  readonly response: Response;
  readonly agent: string;
}

type Answering = (services: ListsRouterServices, asked: Asked) => Promise<void>;

/** Lists of values for tools at `/lists`, and MISP feeds at `/misp`. */
export function listRouters(services: ListsRouterServices): {
  readonly lists: Router;
  readonly misp: Router;
} {
  return {
    /*
     * `GET /lists/{collection}/{format}`, saved lists at `/lists/{name}` and `/lists/{name}/{format}`, and the values that
     * left a list at `/lists/{name}/removals`.
     */
    lists: routerOf(services, [
      ['/:name', answerSaved],
      ['/:name/removals', answerRemovals],
      ['/:name/:format', answerList],
    ]),
    misp: routerOf(services, [['/:name/:file', answerMisp]]),
  };
}

function routerOf(services: ListsRouterServices, paths: readonly (readonly [string, Answering])[]): Router {
  const router = Router({ caseSensitive: true });
  for (const [path, answering] of paths)
    router.all(path, (request, response) => answer(services, request, response, answering));
  return router;
}

/** Answers a file of the MISP feed of a collection. MISP cannot send filters. */
async function answerMisp({ misp, headers }: ListsRouterServices, asked: Asked): Promise<void> {
  const { principal, name, request, response, agent } = asked;
  const { file = '' } = request.params as Record<string, string>;
  const [filter] = Object.keys(request.query);
  if (filter !== undefined) throw webErrors.mispFilter({ filter: filter.slice(0, 64) });
  await sendList(request, response, await misp.get(principal, name, file, agent), headers);
}

/** Answers a saved list in its own format. Its filters are part of it, so the request has none. */
async function answerSaved({ saved, headers }: ListsRouterServices, asked: Asked): Promise<void> {
  const { principal, name, request, response, agent } = asked;
  demandNoFilters(request.query);
  await sendList(request, response, await saved.get(principal, name, undefined, agent), headers);
}

/** Answers the list of a collection, or a saved list in another format. */
async function answerList({ lists, saved, headers }: ListsRouterServices, asked: Asked): Promise<void> {
  const { principal, name, request, response, agent } = asked;
  const { format = '' } = request.params as Record<string, string>;
  const isSaved = (await saved.find(principal, name)) !== undefined;
  if (isSaved) demandNoFilters(request.query);
  const found = isSaved
    ? await saved.get(principal, name, format, agent)
    : await lists.get(principal, name, format, request.query, agent);
  await sendList(request, response, found, headers);
}

/** Answers the values that left a saved list or a collection, as JSON Lines from the oldest. */
async function answerRemovals({ removals, headers }: ListsRouterServices, asked: Asked): Promise<void> {
  const { principal, name, request, response } = asked;
  const { since, ...filters } = request.query;
  demandNoFilters(filters);
  const found = await removals.after(principal, name, readSince(since), MOST_REMOVALS);
  const lines = found.map((one) => `${JSON.stringify(shownRemoval(one))}\n`).join('');
  sendWhole(response, 200, 'application/x-ndjson; charset=utf-8', lines, { ...headers, ...NOT_STORED });
}

function demandNoFilters(query: Readonly<Record<string, unknown>>): void {
  const [filter] = Object.keys(query);
  if (filter !== undefined) throw webErrors.savedListFilter({ filter: filter.slice(0, 64) });
}

async function answer(
  services: ListsRouterServices,
  request: Request,
  response: Response,
  answering: Answering,
): Promise<void> {
  const { authenticator, rates, originOf } = services;
  let principal: Principal | undefined;
  try {
    demandNoSecrets(request.originalUrl);
    principal = await authenticator.authenticate(request.headers.authorization, originOf(request));
    if (principal.kind === 'account') rates.take(principalId(principal), 'reads');
    if (!isRead(request.method)) throw wrongMethod(request.method, ['GET'], webErrors.methodNotAllowed);
    const { name = '' } = request.params as Record<string, string>;
    const agent = request.headers['user-agent'] ?? '';
    await answering(services, { principal, name, request, response, agent });
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
        // While the hub builds the values or makes other lists, tools keep the list that they have and ask again.
        code === NOT_READY && reason === undefined
          ? log.info('list.not_ready', { error_id, method, status, code, title })
          : log.error('list.failed', { error_id, method, status, code, title, cause: reason }),
      refused: ({ error_id, method, status }) => {
        log.info('list.refused', { error_id, method, status, code, title });
        ledger.refuse({
          account: wrong?.account ?? (principal === undefined ? undefined : principalId(principal)),
          place: request.params['name'] as string | undefined,
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
