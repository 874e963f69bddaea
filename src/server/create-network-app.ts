import type { IncomingMessage } from 'node:http';
import type { Express, Request } from 'express';
import { unauthenticated, type Origin } from '../access/authenticate.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { SignIn } from '../access/create-sign-in.ts';
import type { Directory } from '../access/directory.ts';
import type { HubService } from '../access/hub-service.ts';
import type { Idempotency } from '../access/idempotency.ts';
import type { Ledger } from '../access/ledger.ts';
import type { Notifications } from '../access/accounts/notifications.ts';
import type { Principal } from '../access/principal.ts';
import type { Rates } from '../access/rates.ts';
import { demandSamePage } from '../access/sessions/demands.ts';
import { apiOpenApi } from '../api/openapi.ts';
import type { Operation } from '../access/operation.ts';
import { apiRouter, type RouterServices } from '../api/router.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CursorSeal } from '../kernel/cursor-seal.ts';
import { NOT_STORED } from '../kernel/http-door.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Sharing } from '../sharing/create-sharing.ts';
import { Cursors } from '../taxii/server/cursor.ts';
import type { TaxiiServices } from '../taxii/server/context.ts';
import { consoleRouter } from '../web/console/console.tsx';
import { listRouters } from '../web/lists/lists-router.ts';
import { answerRouter } from '../web/public/answer.tsx';
import { docsRouter } from '../web/public/docs-router.tsx';
import { firstRouter } from '../web/public/first.tsx';
import { apiDocsPage, explainTaxii, homePage, notFoundPage } from '../web/public/public-pages.tsx';
import { sendPage } from '../web/shared/packed.ts';
import { securityTxt } from '../web/public/security-txt.ts';
import { createApp } from './app.ts';
import type { Health } from './health-app.ts';
import { pageHeaders, securityHeaders } from './http-headers.ts';
import type { Metrics } from './metrics.ts';
import { VERSION } from './version.ts';

/** The parts of the hub that its applications use. */
export interface AppParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly ledger: Ledger;
  readonly idempotency: Idempotency;
  readonly notifications: Notifications;
  readonly cursorSeal: CursorSeal;
  readonly cursorKey: Buffer;
  readonly signIn: SignIn;
  readonly sharing: Sharing;
  readonly hub: HubService;
  readonly operations: readonly Operation[];
  readonly meter: Metrics;
  readonly health: Health;
  readonly originOf: (http: IncomingMessage) => Origin;
  readonly url: () => string;
}

/** Creates the application for the network: pages, the API, lists and the TAXII server. */
export function createNetworkApp(
  config: Config,
  parts: AppParts,
  services: Omit<RouterServices, 'authenticate'>,
): Express {
  const { originOf, operations, health, clock, url } = parts;
  const { rates } = services;
  const { title, contact, language } = config.hub;
  const apiDocument = apiOpenApi(title, VERSION, operations);
  return createApp({
    api: apiRouter({ ...services, authenticate: callerOf(parts) }, operations),
    apiDocument,
    pages: {
      headers: pageHeaders(isTls(config)),
      language,
      home: (one) => homePage(title, contact, one),
      apiDocs: () => apiDocsPage(title, url(), apiDocument),
      notFound: (one) => notFoundPage(title, one),
    },
    securityTxt: () =>
      config.hub.security === undefined ? undefined : securityTxt(config.hub.security, url(), clock.now()),
    ...createPages(config, parts, rates),
    metrics: async (request) => {
      const { authenticator } = parts.signIn;
      const principal = await authenticator.authenticate(request.headers.authorization, originOf(request));
      if (principal.kind === 'public') throw unauthenticated();
      return parts.hub.metrics(principal);
    },
    taxii: createTaxii(config, parts, rates),
    health,
  });
}

/**
 * Returns a function that finds the caller of an API request. A session cookie counts only when the request carries no
 * other credentials. A change also requires that one of the hub's own pages sent the request.
 */
function callerOf({ signIn, originOf, url }: AppParts): (request: Request) => Promise<Principal> {
  const { sessions, authenticator } = signIn;
  return async (request) => {
    const { authorization, cookie } = request.headers;
    if (authorization === undefined) {
      const principal = await sessions.find(cookie, originOf(request));
      if (principal !== undefined) {
        if (request.method !== 'GET' && request.method !== 'HEAD') demandSamePage(request.headers, url());
        return principal;
      }
    }
    return authenticator.authenticate(authorization, originOf(request));
  };
}

/** Creates the pages: behind one-time links, behind links in emails, and the console. */
function createPages(config: Config, parts: AppParts, rates: Rates) {
  const { originOf, log, url, clock, directory, notifications, signIn, sharing } = parts;
  const { title: hub, timeZone: zone, language } = config.hub;
  const reader = { language, zone };
  const tls = isTls(config);
  const headers = pageHeaders(tls, 'self');
  return {
    first: firstRouter({ hub, reader, invitations: signIn.invitations, originOf, headers, log }),
    answer: answerRouter({ hub, reader, answers: sharing.answers, originOf, headers, log }),
    docs: docsRouter({ hub, headers }),
    ...listRouters({
      lists: sharing.lists,
      misp: sharing.mispFeeds,
      saved: sharing.savedListServing,
      removals: sharing.listRemovals,
      authenticator: signIn.authenticator,
      rates,
      ledger: parts.ledger,
      originOf,
      headers: securityHeaders(tls),
      ids: parts.ids,
      log,
    }),
    console: consoleRouter({
      hub,
      reader,
      url,
      sessions: signIn.sessions,
      ownPassword: signIn.ownPassword,
      email: signIn.email,
      signOn: signIn.signOn,
      emailOf: async (account) => (await directory.current()).accounts.get(account),
      factors: signIn.factorSessions,
      history: signIn.history,
      notifications,
      preferences: signIn.preferences,
      now: () => clock.now(),
      red: sharing.red,
      publish: {
        publishing: sharing.publishing,
        values: sharing.values,
        search: sharing.search,
        idempotency: parts.idempotency,
        rates,
        ids: parts.ids,
      },
      operations: parts.operations,
      refused: (who, path) => void parts.audit.refused(who, 'console.open', path),
      originOf,
      headers: pageHeaders(tls, 'self', 'self'),
      log,
    }),
  };
}

/** Creates the services of the TAXII server. */
function createTaxii(config: Config, parts: AppParts, rates: Rates): TaxiiServices {
  const { originOf, ledger, meter, clock, ids, log, url } = parts;
  const { outlet, envelopes } = parts.sharing;
  const { title, contact } = config.hub;
  const tls = isTls(config);
  return {
    title,
    contact,
    // Some clients do not support relative URLs. The standard allows absolute URLs only with HTTPS (TAXII 2.1 §4.1.1).
    base: tls ? config.hub.url : '',
    version: VERSION,
    authenticator: parts.signIn.authenticator,
    originOf,
    outlet,
    ledger,
    meter,
    rates,
    envelopes,
    cursors: new Cursors(parts.cursorSeal, parts.cursorKey),
    clock,
    ids,
    log,
    headers: securityHeaders(tls),
    explain: async (principal, path, response) => {
      const html = await explainTaxii(outlet, title, url(), principal, path);
      const headers = { ...pageHeaders(tls), ...NOT_STORED };
      sendPage(
        response,
        html === undefined ? 404 : 200,
        html ?? notFoundPage(title, config.hub.language),
        headers,
      );
    },
  };
}

function isTls({ hub }: Config): boolean {
  return hub.url.startsWith('https:');
}
