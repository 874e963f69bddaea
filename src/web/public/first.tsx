import { Router, type Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../access/sessions/throttle.ts';
import type { FoundLink, InvitationService } from '../../access/accounts/invitation-service.ts';
import type { Log } from '../../kernel/log.ts';
import { NOT_STORED, setHeaders } from '../../kernel/http-door.ts';
import { Problem, reasonOf, statusOf } from '../../kernel/problem.ts';
import type { Messages } from '../shared/messages/en.ts';
import { readForm } from '../shared/form.ts';
import {
  forVisitors,
  sendView,
  sentencesOf,
  textsOf,
  type ReaderDefaults,
  type View,
} from '../shared/send-view.tsx';
import { First, FirstEnd } from './views/first.tsx';

export interface FirstServices {
  readonly hub: string;
  readonly reader: ReaderDefaults;
  readonly invitations: InvitationService;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Returns the texts of the page of a link that does not work. */
function endOf(
  state: keyof Messages['firstLink']['reasons'],
  { firstLink: t }: Messages,
): {
  readonly title: string;
  readonly text: string;
  readonly next?: { readonly href: string; readonly text: string };
} {
  return {
    title: t.thisLinkDoesNot,
    text: t.reasons[state],
    ...(state === 'used' ? { next: { href: '/console/sign-in', text: t.signIn } } : {}),
  };
}

/** A throttled visitor sees the same page as a visitor with an unknown link. */
function throttled(error: unknown): FoundLink {
  if (error instanceof Problem && error.kind === 'rate-limited') return { state: 'unknown' };
  throw error;
}

/** The pages behind one-time links, `/first/TOKEN`. */
export function firstRouter(services: FirstServices): Router {
  const { hub, invitations, originOf, log } = services;
  const router = Router();
  router.use(forVisitors(services.reader));
  router.get('/:token', async (request, response) => {
    const found = await invitations.find(request.params.token, originOf(request)).catch(throttled);
    if (found.state === 'open')
      send(200, response, <First hub={hub} account={found.account} fault={undefined} />);
    else send(404, response, <FirstEnd hub={hub} {...endOf(found.state, textsOf(response))} />);
  });
  router.post('/:token', readForm(4_096, originOf), async (request, response) => {
    const { token } = request.params;
    const t = textsOf(response).firstLink;
    const { password } = (request.body ?? {}) as { password?: unknown };
    try {
      const { account, cookie } = await invitations.accept(
        token,
        typeof password === 'string' ? password : '',
        originOf(request),
      );
      response.setHeader('Set-Cookie', cookie);
      const text = t.signInAsWith(account);
      const next = { href: '/console/sign-in', text: t.signIn };
      send(200, response, <FirstEnd hub={hub} title={t.yourPasswordIsSet} text={text} next={next} />);
    } catch (error) {
      if (!(error instanceof Problem)) {
        log.error('invitation.failed', { reason: reasonOf(error) });
        send(500, response, <FirstEnd hub={hub} title={t.somethingWentWrong} text={t.tryAgainLater} />);
        return;
      }
      const status = statusOf[error.kind];
      setHeaders(response, error.headers);
      const found = await invitations.find(token, originOf(request)).catch(throttled);
      if (found.state !== 'open')
        send(status, response, <FirstEnd hub={hub} {...endOf(found.state, textsOf(response))} />);
      else if (error.kind === 'invalid-content')
        send(status, response, <First hub={hub} account={found.account} fault={sentencesOf(error)} />);
      else send(status, response, <FirstEnd hub={hub} title={t.thisLinkCannotBe} text={t.tryAgain} />);
    }
  });
  return router;

  function send(status: number, response: Response, page: View): void {
    sendView(response, status, page, { ...services.headers, ...NOT_STORED });
  }
}
