import type { Request, Response, Router } from 'express';
import type { Origin } from '../../access/authenticate.ts';
import type { EmailService } from '../../access/accounts/email-service.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import { demandConfirmed } from '../../access/sessions/demands.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import { ConfirmEmail, Forgotten, Reset } from './views/email.tsx';
import { MessagePage } from '../shared/message-page.tsx';
import { sentencesOf, type View } from '../shared/send-view.tsx';

/** Services of the email pages. */
export interface EmailPages {
  readonly hub: string;
  readonly email: EmailService;
  readonly originOf: (request: Request) => Origin;
  readonly now: () => number;
  readonly signedIn: (request: Request, response: Response) => Promise<AccountPrincipal | undefined>;
  readonly page: (response: Response, status: number, view: View) => void;
  readonly field: (request: Request, name: string) => string;
}

const ENDED = {
  title: 'This link does not work',
  text: 'It was already used, or it has expired. Request a new one.',
};

/** Pages for forgotten passwords and for confirming an email address. */
export function emailRoutes(router: Router, services: EmailPages): void {
  forgottenRoutes(router, services);
  addressRoutes(router, services);
}

/** Resetting a forgotten password, by a person who is not signed in. */
function forgottenRoutes(router: Router, { hub, email, originOf, page, field }: EmailPages): void {
  router.get('/forgotten', (_request, response) => {
    page(response, 200, <Forgotten hub={hub} fault={undefined} />);
  });
  router.post('/forgotten', (request, response) => {
    email.requestReset(field(request, 'account'), originOf(request));
    const text =
      'If this account exists and has a confirmed email address, a link is on its way. Check your inbox and your spam folder. If the account has no confirmed address, ask your administrator for a new link.';
    page(response, 200, <MessagePage hub={hub} title="Check your inbox" text={text} />);
  });
  router.get('/reset/:token', async (request, response) => {
    const { token } = request.params;
    const account = await email.resetting(token, originOf(request));
    if (account === undefined) page(response, 404, <MessagePage hub={hub} {...ENDED} />);
    else page(response, 200, <Reset hub={hub} account={account} token={token} fault={undefined} />);
  });
  router.post('/reset/:token', async (request, response) => {
    const { token } = request.params;
    try {
      const cookie = await email.reset(token, field(request, 'password'), originOf(request));
      response.setHeader('Set-Cookie', cookie);
      const next = { href: '/console/sign-in', text: 'Sign in' };
      page(
        response,
        200,
        <MessagePage
          hub={hub}
          title="Your password was changed"
          text="All sessions have ended."
          next={next}
        />,
      );
    } catch (error) {
      if (!(error instanceof Problem) || error.kind === 'rate-limited') throw error;
      const account =
        error.kind === 'invalid-content' ? await email.resetting(token, originOf(request)) : undefined;
      if (account === undefined) page(response, statusOf[error.kind], <MessagePage hub={hub} {...ENDED} />);
      else {
        const fault = sentencesOf(error);
        page(response, 422, <Reset hub={hub} account={account} token={token} fault={fault} />);
      }
    }
  });
}

/** Adding an email address to your own account, and confirming it. */
function addressRoutes(
  router: Router,
  { hub, email, originOf, now, signedIn, page, field }: EmailPages,
): void {
  router.post('/email', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    demandConfirmed(who, now());
    await email.propose(who, field(request, 'email'));
    const text = 'Open the link in it within 24 hours, in this browser. The address takes effect then.';
    const next = { href: '/console/account', text: 'Back to your account' };
    page(
      response,
      200,
      <MessagePage hub={hub} title="A confirmation link is on its way" text={text} next={next} />,
    );
  });
  router.get('/email/:token', async (request, response) => {
    const { token } = request.params;
    const address = await email.proposed(token, originOf(request));
    if (address === undefined) page(response, 404, <MessagePage hub={hub} {...ENDED} />);
    else page(response, 200, <ConfirmEmail hub={hub} email={address} token={token} />);
  });
  router.post('/email/:token', async (request, response) => {
    const who = await signedIn(request, response);
    if (who === undefined) return;
    try {
      await email.verify(who, request.params.token, originOf(request));
      response.redirect(303, '/console/account#email');
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'not-found') throw error;
      page(response, 404, <MessagePage hub={hub} {...ENDED} />);
    }
  });
}
