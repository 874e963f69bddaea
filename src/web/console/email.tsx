import type { Request, Response, Router } from 'express';
import type { Origin } from '../../access/authenticate.ts';
import type { EmailService } from '../../access/accounts/email-service.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import { demandConfirmed } from '../../access/sessions/demands.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import { ConfirmEmail, Forgotten, Reset } from './views/email.tsx';
import { MessagePage } from '../shared/message-page.tsx';
import { sentencesOf, textsOf, type View } from '../shared/send-view.tsx';

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
    const text = textsOf(response).emailPages.ifThisAccountExists;
    page(
      response,
      200,
      <MessagePage hub={hub} title={textsOf(response).emailPages.checkYourInbox} text={text} />,
    );
  });
  router.get('/reset/:token', async (request, response) => {
    const { token } = request.params;
    const account = await email.resetting(token, originOf(request));
    if (account === undefined)
      page(response, 404, <MessagePage hub={hub} {...textsOf(response).emailPages.ended} />);
    else page(response, 200, <Reset hub={hub} account={account} token={token} fault={undefined} />);
  });
  router.post('/reset/:token', async (request, response) => {
    const { token } = request.params;
    try {
      const cookie = await email.reset(token, field(request, 'password'), originOf(request));
      response.setHeader('Set-Cookie', cookie);
      const next = { href: '/console/sign-in', text: textsOf(response).emailPages.signIn };
      page(
        response,
        200,
        <MessagePage
          hub={hub}
          title={textsOf(response).emailPages.yourPasswordWasChanged}
          text={textsOf(response).emailPages.allSessionsHaveEnded}
          next={next}
        />,
      );
    } catch (error) {
      if (!(error instanceof Problem) || error.kind === 'rate-limited') throw error;
      const account =
        error.kind === 'invalid-content' ? await email.resetting(token, originOf(request)) : undefined;
      if (account === undefined)
        page(
          response,
          statusOf[error.kind],
          <MessagePage hub={hub} {...textsOf(response).emailPages.ended} />,
        );
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
    const text = textsOf(response).emailPages.openTheLinkIn;
    const next = { href: '/console/account', text: textsOf(response).emailPages.backToYourAccount };
    page(
      response,
      200,
      <MessagePage
        hub={hub}
        title={textsOf(response).emailPages.aConfirmationLinkIs}
        text={text}
        next={next}
      />,
    );
  });
  router.get('/email/:token', async (request, response) => {
    const { token } = request.params;
    const address = await email.proposed(token, originOf(request));
    if (address === undefined)
      page(response, 404, <MessagePage hub={hub} {...textsOf(response).emailPages.ended} />);
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
      page(response, 404, <MessagePage hub={hub} {...textsOf(response).emailPages.ended} />);
    }
  });
}
