import { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../access/authenticate.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import { NO_COOKIE } from '../../access/sessions/cookie.ts';
import { demandSamePage } from '../../access/sessions/demands.ts';
import type { OwnPassword } from '../../access/sessions/own-password.ts';
import type { SessionService } from '../../access/sessions/session-service.ts';
import type { Log } from '../../kernel/log.ts';
import { NOT_STORED, endAfterResponse, sendText, setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import type { Red } from '../../sharing/red/red.ts';
import type { EmailService } from '../../access/accounts/email-service.ts';
import type { SingleSignOn } from '../../access/oidc/single-sign-on.ts';
import type { FactorSessions } from '../../access/factors/factor-sessions.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import type { PreferenceService } from '../../access/accounts/preferences.ts';
import { MOST_PASSKEYS } from '../../access/factors/passkeys.ts';
import type { SignInHistory } from '../../access/factors/history.ts';
import { emailRoutes } from './email.tsx';
import { signOnRoutes } from '../public/sso.tsx';
import { NEXT_OF, factorRoutes } from './factors.tsx';
import { PUBLISH_FORM } from './publish-form.ts';
import { FOUND_FORM, extractRoutes } from './extract.tsx';
import { publishRoutes, type PublishServices } from './publish.tsx';
import type { Operation } from '../../access/operation.ts';
import { PageOperations } from './ask.ts';
import { receiptRoutes } from './receipt.tsx';
import { navigationFor, pageRoutes } from './page-routes.tsx';
import { readForm } from '../shared/form.ts';
import { MessagePage } from '../shared/message-page.tsx';
import {
  forVisitors,
  frameWith,
  isByScript,
  sendView as page,
  sentencesOf,
  readAsPerson,
  textsOf,
  type ReaderDefaults,
} from '../shared/send-view.tsx';
import type { Preferences } from '../../api/schema-types.ts';
import { preferencesIn } from './preferences.ts';
import { Account, SignIn } from './views/console.tsx';
import { Keyboard } from './views/keyboard.tsx';
import { RedItem, RedList, type RedShown } from './views/red.tsx';

export interface ConsoleServices {
  readonly hub: string;
  readonly reader: ReaderDefaults;
  readonly url: () => string;
  readonly sessions: SessionService;
  readonly ownPassword: OwnPassword;
  readonly factors: FactorSessions;
  readonly history: SignInHistory;
  readonly email: EmailService;
  readonly signOn: SingleSignOn;
  readonly emailOf: (
    account: string,
  ) => Promise<{ readonly email: string | undefined; readonly emailVerified: boolean } | undefined>;
  readonly notifications: Pick<Notifications, 'list'>;
  readonly preferences: Pick<PreferenceService, 'get'>;
  readonly now: () => number;
  readonly red: Pick<Red, 'list' | 'read'>;
  readonly publish: Omit<PublishServices, 'hub'>;
  readonly operations: readonly Operation[];
  readonly refused: (who: AccountPrincipal, path: string) => void;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Pages whose forms are longer than the others. */
const LONG = /^\/publish$|\/revise$|^\/keys\/create$|^\/feeds\/add$/;

/** Pages whose forms contain up to 1,000 pasted values, or a box for each row of a list. */
const SEARCHING = /^\/search\//;
const SEARCH_FORM = { bytes: 1_048_576, fields: 128 } as const;

/** Pages with the fields of a contact: ten numbers and ten addresses, each with its readers. */
const OF_CONTACTS = /^\/(?:review\/)?contacts\//;
const CONTACT_FORM = { bytes: 131_072, fields: 160 } as const;

/** The services of pages for people who have signed in. */
interface SignedInServices extends ConsoleServices {
  readonly pages: PageOperations;
}

/**
 * `/console`: sign-in and the pages of the person's own account. Every submitted form must come from a page of the hub
 * itself.
 */
export function consoleRouter(given: ConsoleServices): Router {
  const { url, originOf, headers, log, now } = given;
  const services: SignedInServices = {
    ...given,
    pages: new PageOperations(given.operations, now, originOf),
  };
  const router = Router();
  router.use(forVisitors(services.reader));
  router.use((request, response, next) => {
    setHeaders(response, { ...headers, ...NOT_STORED });
    if (request.method === 'POST') demandSamePage(request.headers, url());
    next();
  });
  router.use(formReader(originOf));
  signInRoutes(router, services);
  const withPages = {
    ...services,
    page,
    field,
    signedIn: (request: Request, response: Response) => signedIn(services, request, response),
  };
  factorRoutes(router, withPages);
  signOnRoutes(router, withPages);
  emailRoutes(router, withPages);
  redRoutes(router, services);
  router.get('/keyboard', async (request, response) => {
    if ((await signedIn(services, request, response)) !== undefined) page(response, 200, <Keyboard />);
  });
  const publishing = { ...withPages, ...services.publish, hub: services.hub };
  publishRoutes(router, publishing);
  receiptRoutes(router, publishing);
  extractRoutes(router, publishing);
  accountRoutes(router, services);
  const { rates, ids, idempotency } = services.publish;
  pageRoutes(router, { ...withPages, operations: services.pages, rates, ids, idempotency });
  router.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (!(error instanceof Problem)) {
      next(error);
      return;
    }
    log.info('console.refused', { code: error.code });
    if (error.code === 'TLN-A-408') {
      response.redirect(303, '/console/confirm');
      return;
    }
    endAfterResponse(request, (closing) =>
      sendText(response, statusOf[error.kind], `${sentencesOf(error)}\n`, { ...error.headers, ...closing }),
    );
  });
  return router;
}

/** Reads the forms of all pages, each with the bounds of its page. */
function formReader(originOf: ConsoleServices['originOf']): RequestHandler {
  const [short, long, searching, found, contact] = [
    readForm(16_384, originOf),
    readForm(PUBLISH_FORM.bytes, originOf, PUBLISH_FORM.fields),
    readForm(SEARCH_FORM.bytes, originOf, SEARCH_FORM.fields),
    readForm(FOUND_FORM.bytes, originOf, FOUND_FORM.fields),
    readForm(CONTACT_FORM.bytes, originOf, CONTACT_FORM.fields),
  ];
  return (request, response, next) => {
    const { path } = request;
    const readers = [
      [OF_CONTACTS, contact],
      [/^\/extract$/, found],
      [SEARCHING, searching],
      [LONG, long],
    ] as const;
    const [, read = short] = readers.find(([pages]) => pages.test(path)) ?? [];
    return read(request, response, next);
  };
}

/** Signing in with a password, and signing out. */
function signInRoutes(router: Router, services: ConsoleServices): void {
  const { hub, sessions, originOf, signOn } = services;
  router.get('/sign-in', (_request, response) => {
    showSignIn(services, response, 200, '', undefined);
  });
  router.post('/sign-in', async (request, response) => {
    const account = field(request, 'account');
    try {
      const started = await sessions.signIn(account, field(request, 'password'), originOf(request));
      response.setHeader('Set-Cookie', started.cookie);
      response.redirect(303, NEXT_OF[started.stage]);
    } catch (error) {
      const problem = expected(error);
      const fault =
        problem.kind === 'unauthenticated'
          ? textsOf(response).signing.incorrectAccountNameOr
          : sentencesOf(problem);
      setHeaders(response, problem.headers);
      showSignIn(services, response, statusOf[problem.kind], account, fault);
    }
  });
  router.post('/sign-out', async (request, response) => {
    // An incomplete sign-in can also be cancelled.
    const holder = await sessions.holder(request.headers.cookie, originOf(request));
    if (holder?.principal.session !== undefined)
      await sessions.end(holder.principal, holder.principal.session.id);
    response.setHeader('Set-Cookie', NO_COOKIE);
    // The next person at this browser must not find what this one has typed.
    response.setHeader('Clear-Site-Data', '"storage"');
    // The session at the hub has already ended. A person who came from a provider continues there to sign
    // out.
    const elsewhere = holder === undefined ? undefined : await signOn.logoutUrl(holder);
    if (elsewhere !== undefined) {
      // This is not a redirect, because forms may lead only to the hub itself (Content-Security-Policy:
      // form-action).
      response.setHeader('Refresh', `0; url=${elsewhere}`);
      const next = { href: elsewhere, text: textsOf(response).signing.signOutAtThe };
      const text = textsOf(response).signing.yourSessionAtThis;
      page(
        response,
        200,
        <MessagePage hub={hub} title={textsOf(response).signing.youAreSignedOut} text={text} next={next} />,
      );
      return;
    }
    response.redirect(303, '/console/sign-in');
  });
}

/** TLP:RED that was given to the person. */
function redRoutes(router: Router, services: SignedInServices): void {
  const { hub, red } = services;
  router.get('/red', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who !== undefined) page(response, 200, <RedList hub={hub} items={await givenTo(red, who)} />);
  });
  router.get('/red/:red', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who === undefined) return;
    const { content, ...item } = await red.read(who, request.params.red);
    page(response, 200, <RedItem hub={hub} item={{ ...item, note: item.note }} content={content} />);
  });
}

/** The page of the person's own account, with its sessions and its password. */
function accountRoutes(router: Router, services: SignedInServices): void {
  const { sessions, ownPassword, originOf } = services;
  router.get('/account', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who !== undefined) await showAccount(services, response, 200, who, {});
  });
  router.post('/preferences', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who === undefined) return;
    const chosen = preferencesIn((name) => field(request, name));
    try {
      await services.pages.asking(who, request)('updatePreferences', { body: chosen });
      response.redirect(303, '/console/account#preferences');
    } catch (error) {
      const problem = expected(error);
      await showAccount(services, response, statusOf[problem.kind], who, {
        preferences: chosen,
        preferenceFault: sentencesOf(problem),
      });
    }
  });
  router.post('/sessions/:session/end', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who === undefined) return;
    try {
      await sessions.end(who, request.params.session);
    } catch (error) {
      // If the session has already ended, the result is the same.
      if (expected(error).kind !== 'not-found') throw error;
    }
    response.redirect(303, '/console/account');
  });
  router.post('/password', async (request, response) => {
    const who = await signedIn(services, request, response);
    if (who === undefined) return;
    try {
      const { cookie, session } = await ownPassword.change(
        request.headers.cookie,
        field(request, 'present'),
        field(request, 'next'),
        originOf(request),
      );
      response.setHeader('Set-Cookie', cookie);
      await showAccount(
        services,
        response,
        200,
        { ...who, session: { id: session.id, confirmed: 0, isPersonal: true } },
        { note: textsOf(response).signing.yourPasswordWasChanged },
      );
    } catch (error) {
      const problem = expected(error);
      const isWrong = problem.kind === 'unauthenticated';
      setHeaders(response, problem.headers);
      await showAccount(services, response, isWrong ? 403 : statusOf[problem.kind], who, {
        fault: isWrong ? textsOf(response).signing.theCurrentPasswordIs : sentencesOf(problem),
      });
    }
  });
}

function showSignIn(
  { hub, email, signOn }: ConsoleServices,
  response: Response,
  status: number,
  account: string,
  fault: string | undefined,
): void {
  page(
    response,
    status,
    <SignIn hub={hub} hasEmail={email.isAvailable} signOn={signOn.title} account={account} fault={fault} />,
  );
}

async function signedIn(
  { hub, sessions, originOf, pages, publish, preferences }: SignedInServices,
  request: Request,
  response: Response,
): Promise<AccountPrincipal | undefined> {
  const who = await sessions.find(request.headers.cookie, originOf(request), !isByScript(request));
  if (who?.kind === 'account') {
    readAsPerson(response, await preferences.get(who));
    const canPublish = (await publish.publishing.writable(who)).length > 0;
    frameWith(response, {
      hub,
      account: who.name,
      nav: navigationFor(pages, who, request.path, canPublish, textsOf(response)),
      canPublish,
    });
    return who;
  }
  const holder = await sessions.holder(request.headers.cookie, originOf(request));
  response.redirect(303, holder === undefined ? '/console/sign-in' : NEXT_OF[holder.stage]);
  return undefined;
}

/** Returns the TLP:RED that was given to the account. TLP:RED that the account itself gave is available in the API. */
async function givenTo(red: ConsoleServices['red'], who: AccountPrincipal): Promise<readonly RedShown[]> {
  return (await red.list(who))
    .filter(({ to }) => to.some(({ account }) => account === who.name))
    .map(({ id, by, at, note }) => ({ id, by, at, note }));
}

/** The answers of the account page to its forms. */
interface AccountAnswers {
  readonly fault?: string;
  readonly note?: string;
  /** The preferences that were entered and not accepted. */
  readonly preferences?: Preferences;
  readonly preferenceFault?: string;
}

async function showAccount(
  services: ConsoleServices,
  response: Response,
  status: number,
  who: AccountPrincipal,
  { fault, note, preferences, preferenceFault }: AccountAnswers,
): Promise<void> {
  const { hub, sessions, factors, history, notifications, red } = services;
  const listed = await factors.ownOf(who);
  const own = (await sessions.list(who)).filter(({ account }) => account === who.name);
  page(
    response,
    status,
    <Account
      hub={hub}
      account={who.name}
      role={textsOf(response).words.roles[who.role]}
      member={who.member}
      sessions={own}
      signIns={await history.list(who, who.name)}
      notifications={(await notifications.list(who)).slice(0, 20)}
      factors={listed}
      canAddPasskey={factors.hasPasskeys && listed.passkeys.length < MOST_PASSKEYS}
      signOn={services.signOn.title}
      email={services.email.isAvailable ? await services.emailOf(who.account) : undefined}
      red={(await givenTo(red, who)).length}
      canPublish={(await services.publish.publishing.writable(who)).length > 0}
      fault={fault}
      note={note}
      preferences={preferences ?? (await services.preferences.get(who))}
      preferenceFault={preferenceFault}
    />,
  );
}

function expected(error: unknown): Problem {
  if (error instanceof Problem) return error;
  throw error;
}

function field(request: Request, name: string): string {
  const value = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}
