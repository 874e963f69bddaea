import type { Request, Response, Router } from 'express';
import type { Origin } from '../../access/authenticate.ts';
import type { AccountPrincipal } from '../../access/principal.ts';
import type { SingleSignOn } from '../../access/oidc/single-sign-on.ts';
import { NO_FLOW_COOKIE } from '../../access/oidc/visits.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import { NEXT_OF } from '../console/factors.tsx';
import { MessagePage } from '../shared/message-page.tsx';
import { sentencesOf, textsOf, type View } from '../shared/send-view.tsx';

/** Services of the single sign-on pages. */
export interface SignOnPages {
  readonly hub: string;
  readonly signOn: SingleSignOn;
  readonly originOf: (request: Request) => Origin;
  readonly signedIn: (request: Request, response: Response) => Promise<AccountPrincipal | undefined>;
  readonly page: (response: Response, status: number, view: View) => void;
}

/**
 * Sign-in at a provider. With `?confirm` the provider asks the person to authenticate again. With `?link` the
 * account of the session is linked to the person who signs in there.
 */
export function signOnRoutes(router: Router, { hub, signOn, originOf, signedIn, page }: SignOnPages): void {
  router.get('/sso', async (request, response) => {
    const isLink = request.query['link'] !== undefined;
    const who = isLink ? await signedIn(request, response) : undefined;
    if (isLink && who === undefined) return;
    try {
      const { url, cookie } =
        who === undefined
          ? await signOn.begin(request.query['confirm'] !== undefined)
          : await signOn.beginLink(who);
      response.setHeader('Set-Cookie', cookie);
      response.redirect(303, url);
    } catch (error) {
      failed(response, error);
    }
  });
  router.get('/sso/callback', async (request, response) => {
    const at = request.originalUrl.indexOf('?');
    const parameters = new URLSearchParams(at < 0 ? '' : request.originalUrl.slice(at + 1));
    response.setHeader('Set-Cookie', NO_FLOW_COOKIE);
    const t = textsOf(response).signOn;
    try {
      const finished = await signOn.finish(request.headers.cookie, parameters, originOf(request));
      if ('linked' in finished) {
        const next = { href: '/console', text: t.continue };
        const text = t.theAccountIsLinked(finished.linked);
        page(response, 200, <MessagePage hub={hub} title={t.yourAccountIsLinked} text={text} next={next} />);
        return;
      }
      const { cookie, stage } = finished.started;
      response.setHeader('Set-Cookie', [NO_FLOW_COOKIE, ...cookie]);
      // This is not a redirect. A redirect would still count as a request from the provider's site, and
      // browsers do not send strict cookies with those.
      response.setHeader('Refresh', `0; url=${NEXT_OF[stage]}`);
      const next = { href: NEXT_OF[stage], text: t.continue };
      page(response, 200, <MessagePage hub={hub} title={t.youAreSignedIn} text={t.oneMoment} next={next} />);
    } catch (error) {
      failed(response, error);
    }
  });

  function failed(response: Response, error: unknown): void {
    // The console asks for a confirmation and then continues.
    if (!(error instanceof Problem) || error.code === 'TLN-A-408') throw error;
    setHeaders(response, error.headers);
    const t = textsOf(response).signOn;
    const text = error.kind === 'unauthenticated' ? t.noAccountOfThis : sentencesOf(error);
    const next = { href: '/console/sign-in', text: t.backToSignIn };
    const title = t.signInFailed;
    page(response, statusOf[error.kind], <MessagePage hub={hub} title={title} text={text} next={next} />);
  }
}
