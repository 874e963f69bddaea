import { Router, type Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { Origin } from '../../access/sessions/throttle.ts';
import type { InvitationService } from '../../access/accounts/invitation-service.ts';
import type { Log } from '../../kernel/log.ts';
import { NOT_STORED, setHeaders } from '../../kernel/http-door.ts';
import { Problem, reasonOf, statusOf } from '../../kernel/problem.ts';
import { readForm } from '../shared/form.ts';
import { sendView, sentencesOf, type View } from '../shared/send-view.tsx';
import { First, FirstEnd } from './views/first.tsx';

export interface FirstServices {
  readonly hub: string;
  readonly invitations: InvitationService;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Log;
}

const ENDED = {
  title: 'This link does not work',
  text: 'It was already used, or it is more than a day old. Ask the person who gave it to you for a new one.',
};

/** A throttled visitor sees the same page as a visitor whose link has ended. */
function throttled(error: unknown): undefined {
  if (error instanceof Problem && error.kind === 'rate-limited') return undefined;
  throw error;
}

/** The pages behind one-time links, `/first/TOKEN`. */
export function firstRouter(services: FirstServices): Router {
  const { hub, invitations, originOf, log } = services;
  const router = Router();
  router.get('/:token', async (request, response) => {
    const account = await invitations.find(request.params.token, originOf(request)).catch(throttled);
    if (account === undefined) send(404, response, <FirstEnd hub={hub} {...ENDED} />);
    else send(200, response, <First hub={hub} account={account} fault={undefined} />);
  });
  router.post('/:token', readForm(4_096, originOf), async (request, response) => {
    const { token } = request.params;
    const { password } = (request.body ?? {}) as { password?: unknown };
    try {
      const { account, cookie } = await invitations.accept(
        token,
        typeof password === 'string' ? password : '',
        originOf(request),
      );
      response.setHeader('Set-Cookie', cookie);
      const text = `Sign in as ${account} with it from now on. TAXII clients that know only HTTP Basic can use it too, unless your account needs a second factor.`;
      const next = { href: '/console/sign-in', text: 'Sign in' };
      send(200, response, <FirstEnd hub={hub} title="Your password is set" text={text} next={next} />);
    } catch (error) {
      if (!(error instanceof Problem)) {
        log.error('first.failed', { reason: reasonOf(error) });
        send(500, response, <FirstEnd hub={hub} title="Something went wrong" text="Try again later." />);
        return;
      }
      const status = statusOf[error.kind];
      setHeaders(response, error.headers);
      if (error.kind !== 'invalid-content') {
        send(status, response, <FirstEnd hub={hub} {...ENDED} />);
        return;
      }
      const account = await invitations.find(token, originOf(request)).catch(throttled);
      send(status, response, <First hub={hub} account={account ?? ''} fault={sentencesOf(error)} />);
    }
  });
  return router;

  function send(status: number, response: Response, page: View): void {
    sendView(response, status, page, { ...services.headers, ...NOT_STORED });
  }
}
