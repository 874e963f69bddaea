import type { Request, Response, Router } from 'express';
import type { Idempotency } from '../../access/idempotency.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import type { Rates } from '../../access/rates.ts';
import { sessionErrors } from '../../access/sessions/errors.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import type { NavGroup, NavItem } from '../shared/shell.ts';
import { faultOf, sendView, textsOf } from '../shared/send-view.tsx';
import type { PageOperations } from './ask.ts';
import { PAGES } from './pages.ts';
import { receiptOwner } from './publish-receipt.ts';
import { packedFile, sendPacked } from '../shared/packed.ts';
import { confirmationFor } from './next-page.ts';
import { NAV_GROUPS, type ConsolePage, type Download, type Form, type PageContext } from './page-table.ts';
import { NoPage, NotAllowed, Refused } from './pages/problem-pages.tsx';
import type { Messages } from '../shared/messages/en.ts';

/** The services behind the table of pages. */
export interface PageServices {
  readonly operations: PageOperations;
  readonly rates: Pick<Rates, 'take'>;
  readonly ids: Ids;
  readonly idempotency: Pick<Idempotency, 'once'>;
  readonly refused: (who: AccountPrincipal, path: string) => void;
  readonly now: () => number;
  readonly field: (request: Request, name: string) => string;
  readonly signedIn: (request: Request, response: Response) => Promise<AccountPrincipal | undefined>;
}

const CONFIRM_CODE = sessionErrors.confirmationRequired().code;
const UNSENT: Form = { field: () => undefined, names: [], fault: undefined };
/** A form with one of these problems is shown again, with everything that was typed. */
const CORRECTABLE = new Set<Problem['kind']>([
  'invalid-request',
  'invalid-content',
  'conflict',
  'full',
  'rate-limited',
]);

/**
 * Problems of a name that somebody has typed, such as that of a collection: it does not exist, or the person has no
 * right there. They can also concern the page itself, which then cannot be shown.
 */
const ABOUT_NAMES = new Set<Problem['kind']>(['not-found', 'forbidden']);

/** Adds the pages of the table. */
export function pageRoutes(router: Router, services: PageServices): void {
  for (const page of PAGES) {
    router.get(page.path, (request, response) =>
      answer(services, page, request, response, async (context) => {
        // Asking for a confirmation after the form was filled in would lose the input.
        if (page.act !== undefined) services.operations.demandConfirmedFor(context.who, page.needs);
        if (page.download === undefined) sendView(response, 200, await page.show(context, UNSENT));
        else await sendFile(response, await page.download(context));
      }),
    );
    const { act } = page;
    if (act === undefined) continue;
    router.post(page.path, (request, response) =>
      answer(services, page, request, response, async (context) => {
        const field = (name: string): string | undefined => {
          const value = services.field(request, name);
          return value === '' ? undefined : value;
        };
        const sent = { field, names: namesIn(request) };
        try {
          const done = await act(context, { ...sent, fault: undefined });
          if (typeof done === 'string') response.redirect(303, done);
          else if ('text' in done) await sendFile(response, done);
          else sendView(response, 200, done);
        } catch (error) {
          if (error instanceof Problem && error.code === CONFIRM_CODE && hasInput(request)) {
            sendView(
              response,
              403,
              await page.show(context, { ...sent, fault: context.messages.problem.confirmAgain }),
            );
            return;
          }
          if (!(error instanceof Problem)) throw error;
          const isAboutInput = ABOUT_NAMES.has(error.kind) && hasInput(request);
          if (!isAboutInput && !CORRECTABLE.has(error.kind)) throw error;
          const fault = faultOf(error);
          // Throws when the person cannot open the page, or can no longer open it.
          const view = await page.show(context, { ...sent, fault });
          if (error.kind === 'forbidden') services.refused(context.who, request.path);
          setHeaders(response, error.headers);
          sendView(response, statusOf[error.kind], view);
        }
      }),
    );
  }
}

async function sendFile(response: Response, { name, type, text }: Download): Promise<void> {
  sendPacked(response, 200, type, await packedFile(text), {
    'Content-Disposition': `attachment; filename="${name}"`,
  });
}

/** True for a form with something that a person has typed or chosen. */
function hasInput(request: Request): boolean {
  return namesIn(request).length > 0;
}

function namesIn({ body }: Request): readonly string[] {
  const fields: unknown = body;
  return typeof fields === 'object' && fields !== null ? Object.keys(fields) : [];
}

/** Answers a request for a page as the signed-in person, and shows problems as pages. */
async function answer(
  services: PageServices,
  page: ConsolePage,
  request: Request,
  response: Response,
  work: (context: PageContext) => Promise<void>,
): Promise<void> {
  const who = await services.signedIn(request, response);
  if (who === undefined) return;
  const { operations, rates } = services;
  try {
    rates.take(who.account, request.method === 'POST' ? 'writes' : 'reads');
    operations.demandPermission(who, page.needs);
    await work({
      who,
      ask: operations.asking(who, request),
      askText: operations.askingText(who, request),
      messages: textsOf(response),
      permits: (name) => operations.permits(who, name),
      path: request.params as Record<string, string>,
      query: (name) => {
        const value = request.query[name];
        return typeof value === 'string' && value !== '' ? value : undefined;
      },
      now: services.now(),
      token: () => services.ids.uuid(),
      once: async (token, asked, done) => {
        const first = async () => ({ status: 200, body: await done() });
        return (await services.idempotency.once(receiptOwner(who), token, asked, first)).body;
      },
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === CONFIRM_CODE) {
      // The page with the form follows. The posted values are not kept.
      response.redirect(
        303,
        confirmationFor(request.method === 'GET' ? request.originalUrl : request.baseUrl + request.path),
      );
      return;
    }
    if (error.kind === 'forbidden') services.refused(who, request.path);
    setHeaders(response, error.headers);
    sendView(response, statusOf[error.kind], problemPage(error, page, who, textsOf(response)));
  }
}

function problemPage(error: Problem, page: ConsolePage, who: AccountPrincipal, messages: Messages) {
  if (error.kind === 'forbidden')
    return <NotAllowed title={page.title(messages)} role={messages.words.roles[who.role]} />;
  // The page never repeats the id: the response is the same for an object that does not exist and for one that the
  // person cannot see.
  if (error.kind === 'not-found') return <NoPage />;
  return <Refused title={page.title(messages)} problem={error} />;
}

/** Returns the navigation of a person: the pages that the person may open. */
export function navigationFor(
  operations: PageOperations,
  who: AccountPrincipal,
  path: string,
  canPublish: boolean,
  messages: Messages,
): readonly NavGroup[] {
  const open = PAGES.filter(({ nav, needs }) => nav !== undefined && operations.permits(who, needs));
  const [current] = open
    .map((page) => page.path)
    .filter((start) => path === start || (start !== '/' && path.startsWith(`${start}/`)));
  return NAV_GROUPS.map((group) => ({
    title: messages.navigation.groups[group],
    items: [
      // The pages to publish are not made from the table, because they keep what they have checked.
      ...(group === 'Share' && canPublish ? publishItems(path, messages) : []),
      ...open
        .filter(({ nav }) => nav === group)
        .map((page) => ({
          href: page.path === '/' ? '/console' : `/console${page.path}`,
          text: page.title(messages),
          isCurrent:
            page.path === current ||
            (current === undefined && page.path === '/search' && path.startsWith('/o/')),
        })),
    ],
  })).filter(({ items }) => items.length > 0);
}

function publishItems(path: string, messages: Messages): readonly NavItem[] {
  const isCurrent = path === '/publish' || path.startsWith('/publish/');
  return [
    { href: '/console/publish', text: messages.navigation.publish, isCurrent },
    { href: '/console/extract', text: messages.extract.title, isCurrent: path === '/extract' },
  ];
}
