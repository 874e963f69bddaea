import type { Request, Response, Router } from 'express';
import type { SecondFactorProof } from '../../api/schema-types.ts';
import type { Origin } from '../../access/authenticate.ts';
import type { FactorSessions } from '../../access/factors/factor-sessions.ts';
import { MOST_PASSKEYS } from '../../access/factors/passkeys.ts';
import type { SessionHolder, SessionService } from '../../access/sessions/session-service.ts';
import { setHeaders } from '../../kernel/http-door.ts';
import { Problem, statusOf } from '../../kernel/problem.ts';
import type { Messages } from '../shared/messages/en.ts';
import { readAsPerson, sentencesOf, textsOf, type View } from '../shared/send-view.tsx';
import type { StepFaults } from './views/factor-forms.tsx';
import { RecoveryCodes, SetUp } from './views/factor-setup.tsx';
import { Confirm, SecondStep } from './views/second-step.tsx';
import { nextOf } from './next-page.ts';

/** Services of the second factor pages. */
export interface FactorPages {
  readonly hub: string;
  readonly sessions: SessionService;
  readonly factors: FactorSessions;
  readonly originOf: (request: Request) => Origin;
  readonly now: () => number;
  readonly signOn: { readonly title: string | undefined };
  readonly page: (response: Response, status: number, view: View) => void;
  readonly field: (request: Request, name: string) => string;
}

/** The page that follows each stage of a sign-in. */
export const NEXT_OF = {
  active: '/console',
  'second-factor': '/console/second-factor',
  enrolment: '/console/second-factor/set-up',
} as const;

/**
 * The pages of the second factor: the second step of a sign-in, setting it up, and confirming an action. All
 * of them work without scripts.
 */
export function factorRoutes(router: Router, services: FactorPages): void {
  stepRoutes(router, services);
  authenticatorRoutes(router, services);
  passkeyRoutes(router, services);
  recoveryRoutes(router, services);
  confirmRoutes(router, services);
}

/** The second step of a sign-in. */
function stepRoutes(router: Router, services: FactorPages): void {
  const { factors, originOf, field } = services;
  router.get('/second-factor', async (request, response) => {
    const holder = await holderOf(services, request, response, 'second-factor');
    if (holder !== undefined) await showStep(services, request, response, 200, holder, {});
  });
  router.post('/second-factor', async (request, response) => {
    const holder = await holderOf(services, request, response, 'second-factor');
    if (holder === undefined) return;
    try {
      const { cookie } = await factors.give(
        request.headers.cookie,
        proofOf(services, request),
        originOf(request),
      );
      response.setHeader('Set-Cookie', cookie);
      response.redirect(303, '/console');
    } catch (error) {
      const isPasskey = field(request, 'passkey') !== '';
      const { status, fault } = faultOf(
        error,
        response,
        isPasskey ? textsOf(response).factors.wrongPasskey : textsOf(response).factors.wrong,
      );
      await showStep(
        services,
        request,
        response,
        status,
        holder,
        isPasskey ? { passkey: fault } : { code: fault },
      );
    }
  });
}

/** The page for setting up a second factor, and the authenticator app. */
function authenticatorRoutes(router: Router, services: FactorPages): void {
  const { hub, factors, originOf, page, field } = services;
  router.get('/second-factor/set-up', async (request, response) => {
    const holder = await holderOf(services, request, response);
    if (holder !== undefined) await showSetUp(services, request, response, 200, holder, {});
  });
  router.post('/second-factor/offer', async (request, response) => {
    if ((await holderOf(services, request, response)) === undefined) return;
    await factors.offer(request.headers.cookie, originOf(request));
    response.redirect(303, '/console/second-factor/set-up');
  });
  router.post('/second-factor/verify', async (request, response) => {
    const holder = await holderOf(services, request, response);
    if (holder === undefined) return;
    try {
      const from = originOf(request);
      const { codes, started } = await factors.enrol(request.headers.cookie, field(request, 'code'), from);
      if (started !== undefined) response.setHeader('Set-Cookie', started.cookie);
      page(
        response,
        200,
        <RecoveryCodes hub={hub} codes={codes} title={textsOf(response).factors.yourSecondFactorIs} />,
      );
    } catch (error) {
      if (error instanceof Problem && error.code === 'TLN-A-408') throw error;
      const { status, fault } = faultOf(error, response);
      await showSetUp(services, request, response, status, holder, { code: fault });
    }
  });
  router.post('/second-factor/remove', async (request, response) => {
    if ((await holderOf(services, request, response, 'active')) === undefined) return;
    await factors.deleteAuthenticator(request.headers.cookie, originOf(request));
    response.redirect(303, '/console/account#second-factor');
  });
}

/** Adding and removing passkeys. */
function passkeyRoutes(router: Router, services: FactorPages): void {
  const { hub, factors, originOf, page } = services;
  router.post('/second-factor/passkeys', async (request, response) => {
    const holder = await holderOf(services, request, response);
    if (holder === undefined) return;
    try {
      const { passkey } = proofOf(services, request);
      const label = textsOf(response).factors.passkeyOf(browserOf(request, textsOf(response)));
      const { codes, started } = await factors.createPasskey(
        request.headers.cookie,
        passkey,
        label,
        originOf(request),
      );
      if (started !== undefined) response.setHeader('Set-Cookie', started.cookie);
      page(
        response,
        200,
        <RecoveryCodes hub={hub} codes={codes} title={textsOf(response).factors.yourPasskeyWasAdded} />,
      );
    } catch (error) {
      if (error instanceof Problem && error.code === 'TLN-A-408') throw error;
      const { status, fault } = faultOf(error, response, textsOf(response).factors.wrongPasskey);
      await showSetUp(services, request, response, status, holder, { passkey: fault });
    }
  });
  router.post('/second-factor/passkeys/:passkey/remove', async (request, response) => {
    if ((await holderOf(services, request, response, 'active')) === undefined) return;
    await factors.deletePasskey(request.headers.cookie, request.params.passkey, originOf(request));
    response.redirect(303, '/console/account#second-factor');
  });
}

/** Creating new recovery codes. */
function recoveryRoutes(router: Router, services: FactorPages): void {
  const { hub, factors, originOf, page } = services;
  router.post('/second-factor/codes', async (request, response) => {
    if ((await holderOf(services, request, response, 'active')) === undefined) return;
    const codes = await factors.renewCodes(request.headers.cookie, originOf(request));
    page(
      response,
      200,
      <RecoveryCodes hub={hub} codes={codes} title={textsOf(response).factors.yourNewRecoveryCodes} />,
    );
  });
}

/** Confirming an action with the password or a code. */
function confirmRoutes(router: Router, services: FactorPages): void {
  const { sessions, originOf, field } = services;
  router.get('/confirm', async (request, response) => {
    const holder = await holderOf(services, request, response, 'active');
    if (holder !== undefined) await showConfirm(services, request, response, 200, holder, undefined);
  });
  router.post('/confirm', async (request, response) => {
    const holder = await holderOf(services, request, response, 'active');
    if (holder === undefined) return;
    const [password, code] = [field(request, 'password'), field(request, 'code')];
    try {
      const proof = password === '' ? { code } : { password };
      await sessions.confirm(request.headers.cookie, proof, originOf(request));
      response.redirect(303, nextOf(request) ?? '/console/account#second-factor');
    } catch (error) {
      const { status, fault } = faultOf(error, response, textsOf(response).factors.thePasswordOrCode);
      await showConfirm(services, request, response, status, holder, fault);
    }
  });
}

/** Returns the code or the passkey answer in a form. */
function proofOf({ field }: FactorPages, request: Request): SecondFactorProof {
  const text = field(request, 'passkey');
  if (text === '') return { code: field(request, 'code') };
  try {
    const passkey: unknown = JSON.parse(text);
    return { passkey: typeof passkey === 'object' && passkey !== null ? passkey : {} };
  } catch {
    return { passkey: {} };
  }
}

/**
 * Returns the session of the request. Undefined when there is no session of this stage, after the browser
 * was sent elsewhere.
 */
async function holderOf(
  { sessions, originOf }: FactorPages,
  request: Request,
  response: Response,
  stage?: SessionHolder['stage'],
): Promise<SessionHolder | undefined> {
  const holder = await sessions.holder(request.headers.cookie, originOf(request));
  const isRight =
    holder !== undefined && (stage === undefined ? holder.stage !== 'second-factor' : holder.stage === stage);
  if (isRight) {
    readAsPerson(response, holder.account.preferences);
    return holder;
  }
  response.redirect(303, holder === undefined ? '/console/sign-in' : NEXT_OF[holder.stage]);
  return undefined;
}

async function showStep(
  { hub, factors, originOf, now, page }: FactorPages,
  request: Request,
  response: Response,
  status: number,
  { account }: SessionHolder,
  faults: StepFaults,
): Promise<void> {
  const { authenticator, passkeys } = await factors.list(request.headers.cookie, originOf(request));
  const options =
    passkeys.length === 0 || !factors.hasPasskeys
      ? undefined
      : await factors.ask(request.headers.cookie, 'get', originOf(request));
  page(
    response,
    status,
    <SecondStep
      passkeys={options}
      hub={hub}
      account={account.name}
      now={new Date(now()).toISOString()}
      hasAuthenticator={authenticator !== undefined}
      faults={faults}
    />,
  );
}

async function showSetUp(
  { hub, factors, originOf, page }: FactorPages,
  request: Request,
  response: Response,
  status: number,
  { account, stage }: SessionHolder,
  faults: StepFaults,
): Promise<void> {
  const offer = await factors.offered(request.headers.cookie, originOf(request));
  const { passkeys } = await factors.list(request.headers.cookie, originOf(request));
  const options =
    passkeys.length >= MOST_PASSKEYS || !factors.hasPasskeys
      ? undefined
      : await factors.ask(request.headers.cookie, 'create', originOf(request));
  page(
    response,
    status,
    <SetUp
      passkeys={options}
      hub={hub}
      account={account.name}
      offer={offer}
      isForced={stage === 'enrolment'}
      faults={faults}
    />,
  );
}

async function showConfirm(
  { hub, factors, originOf, signOn, page }: FactorPages,
  request: Request,
  response: Response,
  status: number,
  { account, way }: SessionHolder,
  fault: string | undefined,
): Promise<void> {
  const { authenticator } = await factors.list(request.headers.cookie, originOf(request));
  page(
    response,
    status,
    <Confirm
      signOn={way.startsWith('single sign-on') ? signOn.title : undefined}
      hub={hub}
      account={account.name}
      next={nextOf(request)}
      hasAuthenticator={authenticator !== undefined}
      fault={fault}
    />,
  );
}

/** Names the browser in one word, so that people can tell their passkeys apart. */
function browserOf(request: Request, { factors: t }: Messages): string {
  const agent = request.headers['user-agent'] ?? '';
  return (
    ['Edg', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(name))?.replace('Edg', 'Edge') ??
    t.aBrowser
  );
}

/**
 * Returns the text that a page shows for an error. A wrong code is treated as a form error, not as a missing
 * sign-in.
 */
function faultOf(
  error: unknown,
  response: Response,
  wrong = textsOf(response).factors.wrong,
): { status: number; fault: string } {
  if (!(error instanceof Problem)) throw error;
  setHeaders(response, error.headers);
  const isWrong = error.kind === 'unauthenticated';
  return {
    status: isWrong ? 403 : statusOf[error.kind],
    fault: isWrong ? wrong : sentencesOf(error),
  };
}
