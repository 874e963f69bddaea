import type { Express, NextFunction, Request, Response, Router } from 'express';
import {
  NOT_STORED,
  asProblem,
  demandNoSecrets,
  endAfterResponse,
  sendText,
  sendWhole,
  setHeaders,
} from '../kernel/http-door.ts';
import { kernelErrors } from '../kernel/errors.ts';
import { LANGUAGES, type Language } from '../kernel/languages.ts';
import { Problem, reasonOf, statusOf } from '../kernel/problem.ts';
import { taxiiRouter } from '../taxii/server/taxii-server.ts';
import type { TaxiiServices } from '../taxii/server/context.ts';
import { taxiiOpenApi } from '../taxii/server/openapi.ts';
import { enhanceScript, mark, passkeyScript, styleSheet } from '../web/shared/assets.ts';
import { webErrors } from '../web/errors.ts';
import { preferredLanguage } from '../web/shared/messages/languages.ts';
import { packedLater, sendPacked, sendPage, type Packed } from '../web/shared/packed.ts';
import { SECURITY_TXT } from '../web/public/security-txt.ts';
import { addHealth, bare, plain, type Health } from './health-app.ts';

/** Pages and documents that are the same for everybody. A cache may keep them for a minute. */
const KEPT_BRIEFLY = { 'Cache-Control': 'public, max-age=60' } as const;

const SECRET_IN_ADDRESS = kernelErrors.credentialsInAddress().code;

/** The first parts of the paths of pages and documents. API roots cannot have these names. */
const PAGES: ReadonlySet<string> = new Set([
  '',
  'answer',
  'assets',
  'console',
  'docs',
  'favicon.ico',
  'first',
  'healthz',
  'lists',
  'metrics',
  'misp',
  'readyz',
  'robots.txt',
  '.well-known',
]);

/** Returns the first part of a path. */
function firstOf(path: string): string {
  const end = path.indexOf('/', 1);
  return path.slice(1, end < 0 ? undefined : end);
}

function isPage(path: string): boolean {
  const first = firstOf(path);
  return PAGES.has(first) || (first === 'api' && path.split('/')[2] !== 'v1');
}

/** True for a path that belongs to the TAXII server. Express finds pages in any letter case. */
function isTaxii(path: string): boolean {
  const first = firstOf(path).toLowerCase();
  return first !== 'api' && !PAGES.has(first);
}

/** Pages that are the same for all readers of a language, as HTML documents. */
interface Pages {
  readonly headers: Readonly<Record<string, string>>;
  /** The language of readers whose browser names none that the hub has. */
  readonly language: Language;
  readonly home: (language: Language) => string;
  /** The documentation of the admin API. */
  readonly apiDocs: () => string;
  readonly notFound: (language: Language) => string;
}

export interface AppServices {
  readonly taxii: TaxiiServices;
  readonly health: Health;
  /** The admin API, and its OpenAPI document. */
  readonly api: Router;
  readonly apiDocument: object;
  readonly pages: Pages;
  /** The text of `security.txt`. Undefined when the settings name no contact. */
  readonly securityTxt: () => string | undefined;
  /** Pages behind one-time links. */
  readonly first: Router;
  /** Pages behind the links in emails. */
  readonly answer: Router;
  /** The documentation. */
  readonly docs: Router;
  /** Lists of values for tools. */
  readonly lists: Router;
  /** MISP feeds. */
  readonly misp: Router;
  /** The console: sign-in and the account pages. */
  readonly console: Router;
  /** Metrics for callers that may read them. Throws a Problem for all others. */
  readonly metrics: (request: Request) => Promise<{ readonly body: string; readonly type: string }>;
}

/**
 * Returns the Express application: health, pages, and the TAXII server, which handles every path that is not reserved.
 */
export function createApp({
  taxii,
  health,
  api,
  apiDocument,
  pages,
  securityTxt,
  first,
  answer,
  docs,
  lists,
  misp,
  console: consolePages,
  metrics,
}: AppServices): Express {
  const app = bare();
  const taxiiServer = taxiiRouter(taxii);
  // Most requests are for TAXII. They do not wait until Express has compared their path with those of all pages.
  app.use((request, response, next) => {
    if (isTaxii(request.path)) {
      taxiiServer(request, response, next);
      return;
    }
    // TAXII and the API refuse such addresses in their own format of an error.
    if (isPage(request.path)) demandNoSecrets(request.url);
    next();
  });
  addHealth(app, health);
  // A contact that nobody reads would swallow reports, so the file does not exist when no contact is set.
  app.get(SECURITY_TXT, (_request, response) => {
    const text = securityTxt();
    plain(response, health, text === undefined ? 404 : 200, text ?? 'This hub has no security contact.\n');
  });
  addPages(app, taxii, pages);
  addAssets(app, taxii);
  addDescriptions(app, taxii, apiDocument);
  app.use('/first', first);
  app.use('/answer', answer);
  app.use('/docs', docs);
  app.use('/lists', lists);
  app.use('/misp', misp);
  app.use('/console', consolePages);
  app.use('/api/v1', api);
  addMetrics(app, taxii, health, metrics);
  addNotFound(app, health, pages);
  app.use(taxiiServer);
  addErrors(app, taxii, health);
  return app;
}

/** Robots may read what everybody may read about the hub. The names of API roots do not belong in a public list. */
const ROBOTS = `User-agent: *
${['/answer/', '/api/', '/console', '/first/', '/lists/', '/metrics', '/misp/', '/taxii2/'].map((path) => `Disallow: ${path}`).join('\n')}
`;

/** A page, and the headers that name its language. */
interface InLanguage {
  readonly page: Packed;
  readonly about: Readonly<Record<string, string>>;
}

/** Returns a function that chooses the page in the language of a request. Each is made when it is first needed. */
function inLanguages(
  make: (language: Language) => string,
  fallback: Language,
): (request: Request) => InLanguage {
  const pages = new Map(LANGUAGES.map((language) => [language, packedLater(() => make(language))]));
  return ({ headers }) => {
    const language = preferredLanguage(headers['accept-language'], fallback);
    const page = pages.get(language);
    if (page === undefined) throw new Error(`no page in ${language}`);
    return { page: page(), about: { 'Content-Language': language, Vary: 'Accept-Language' } };
  };
}

/** Adds the pages that are the same for everybody, and the files that browsers and robots request automatically. */
function addPages(app: Express, taxii: TaxiiServices, { headers, language, home, apiDocs }: Pages): void {
  const start = inLanguages(home, language);
  const docs = packedLater(apiDocs);
  for (const [path, html] of [
    ['/', start],
    ['/api/docs', () => ({ page: docs(), about: {} })],
  ] as const)
    app.get(path, (request, response) => {
      const { page, about } = html(request);
      sendPage(response, 200, page, { ...headers, ...KEPT_BRIEFLY, ...about });
    });
  app.get('/api', (_request, response) => {
    response.redirect(308, '/api/docs');
  });
  app.get('/robots.txt', (_request, response) =>
    sendText(response, 200, ROBOTS, { ...taxii.headers, ...KEPT_BRIEFLY }),
  );
  app.get('/favicon.ico', (_request, response) =>
    sendWhole(response, 200, mark.type, mark.text, { ...taxii.headers, ...KEPT_BRIEFLY }),
  );
}

/** Answers URLs below the paths of pages that have no page of their own: people get a page, programs a line. */
function addNotFound(app: Express, health: Health, { headers, language, notFound }: Pages): void {
  const html = inLanguages(notFound, language);
  const { title, hint = '' } = webErrors.noPage();
  app.use((request, response, next) => {
    if (!isPage(request.path)) {
      next();
      return;
    }
    endAfterResponse(request, (closing) => {
      setHeaders(response, closing);
      if (request.accepts(['text/plain', 'html']) === 'html') {
        const { page, about } = html(request);
        sendPage(response, 404, page, { ...headers, ...NOT_STORED, ...about });
      } else plain(response, health, 404, `${title}. ${hint}\n`);
    });
  });
}

function addAssets(app: Express, taxii: TaxiiServices): void {
  for (const { path, text, type } of [styleSheet, mark, passkeyScript, enhanceScript]) {
    const whole = packedLater(() => text);
    app.get(path, (_request, response) => {
      const headers = { ...taxii.headers, 'Cache-Control': 'public, max-age=31536000, immutable' };
      sendPacked(response, 200, type, whole(), headers);
    });
  }
}

/** Adds the OpenAPI documents, which do not change while the hub runs. */
function addDescriptions(app: Express, taxii: TaxiiServices, apiDocument: object): void {
  for (const [path, document] of [
    ['/api/taxii/openapi.json', taxiiOpenApi(taxii.title, taxii.version)],
    ['/api/openapi.json', apiDocument],
  ] as const) {
    const text = packedLater(() => JSON.stringify(document));
    app.get(path, (_request, response) => {
      sendPacked(response, 200, 'application/json', text(), { ...taxii.headers, ...KEPT_BRIEFLY });
    });
  }
}

function addMetrics(
  app: Express,
  taxii: TaxiiServices,
  health: Health,
  metrics: AppServices['metrics'],
): void {
  app.get('/metrics', async (request, response) => {
    try {
      const { body, type } = await metrics(request);
      sendWhole(response, 200, type, body, { ...taxii.headers, ...NOT_STORED });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer realm="Talanoa"');
      plain(response, health, statusOf[error.kind], `${error.title}\n`);
    }
  });
}

/**
 * Adds the responses to errors of pages, such as a broken escape in a URL or a form that is too large. Express would show
 * its own stack trace.
 */
function addErrors(app: Express, taxii: TaxiiServices, health: Health): void {
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const problem = asProblem(error, webErrors.brokenEscape);
    const status = statusOf[problem.kind];
    if (status === 500) taxii.log.error('page.failed', { reason: reasonOf(error) });
    const text =
      status === 500
        ? 'something went wrong'
        : problem.code === SECRET_IN_ADDRESS
          ? `${problem.title}. ${problem.hint ?? ''}`
          : problem.kind === 'unavailable' || problem.kind === 'rate-limited'
            ? problem.title
            : 'the request cannot be read';
    endAfterResponse(request, (closing) => {
      setHeaders(response, { ...problem.headers, ...closing });
      plain(response, health, status, `${text}\n`);
    });
  });
}
