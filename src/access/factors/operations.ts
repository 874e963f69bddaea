import { unauthenticated } from '../authenticate.ts';
import type { FactorService } from './factor-service.ts';
import type { FactorSessions } from './factor-sessions.ts';
import type { SignInHistory } from './history.ts';
import { demandSamePage } from '../sessions/demands.ts';
import { operation, type Call, type Operation } from '../operation.ts';

/** The services behind the second factor operations. */
export interface FactorApiServices {
  readonly factors: FactorService;
  readonly factorSessions: FactorSessions;
  readonly history: SignInHistory;
  readonly url: () => string;
}

const tag = 'Second factor';

/**
 * Operations on second factors and sign-ins. All but resets and lists of sign-ins use the session of the
 * caller's cookie. Keys have no second factor.
 */
export function factorOperations(services: FactorApiServices): readonly Operation[] {
  return [
    ...signInOperations(services),
    ...authenticatorOperations(services),
    ...passkeyOperations(services),
    ...recoveryOperations(services),
    ...supportOperations(services),
  ];
}

// These operations are open to an incomplete sign-in, whose cookie the router does not accept.
function demandOwnPage({ headers }: Call['http'], url: () => string): void {
  if (headers.cookie === undefined) throw unauthenticated();
  demandSamePage(headers, url());
}

/** Operations that show the second factor of the caller's account and complete a sign-in with it. */
function signInOperations({ factorSessions: own, url }: FactorApiServices): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/session/second-factor',
      name: 'submitSecondFactor',
      summary: 'Complete a sign-in with a code from the authenticator app, a recovery code or a passkey',
      tag,
      permission: 'sign-in',
      status: 200,
      body: 'api/second-factor-proof.json',
      answer: 'session',
      run: async (call) => {
        demandOwnPage(call.http, url);
        const { session, cookie } = await own.give(call.http.headers.cookie, call.body, call.http.from);
        return { body: session, cookie };
      },
    }),
    operation({
      method: 'GET',
      path: '/second-factor',
      name: 'getSecondFactor',
      summary: 'Get the second factor of your own account',
      tag,
      permission: 'sign-in',
      status: 200,
      answer: 'second-factor',
      run: async ({ http }) => ({ body: await own.list(http.headers.cookie, http.from) }),
    }),
    operation({
      method: 'POST',
      path: '/session/second-factor/options',
      name: 'beginPasskeySignIn',
      summary: 'Get the browser options for using a passkey, to complete a sign-in or to confirm',
      tag,
      permission: 'sign-in',
      status: 200,
      answer: 'passkey-options',
      run: async (call) => {
        demandOwnPage(call.http, url);
        return { body: { options: await own.ask(call.http.headers.cookie, 'get', call.http.from) } };
      },
    }),
  ];
}

/** Operations on the authenticator app. */
function authenticatorOperations({ factorSessions: own, url }: FactorApiServices): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/second-factor/authenticator',
      name: 'beginAuthenticator',
      summary: 'Create a secret for an authenticator app; it takes effect with its first code',
      tag,
      permission: 'sign-in',
      status: 201,
      answer: 'authenticator-offer',
      run: async (call) => {
        demandOwnPage(call.http, url);
        return { body: await own.offer(call.http.headers.cookie, call.http.from) };
      },
    }),
    operation({
      method: 'POST',
      path: '/second-factor/authenticator/verification',
      name: 'verifyAuthenticator',
      summary: 'Turn on an authenticator app with its first code',
      tag,
      permission: 'sign-in',
      status: 200,
      body: 'api/second-factor-code.json',
      answer: 'recovery-codes',
      run: async (call) => {
        demandOwnPage(call.http, url);
        const { codes, started } = await own.enrol(call.http.headers.cookie, call.body.code, call.http.from);
        return { body: { codes }, ...(started === undefined ? {} : { cookie: started.cookie }) };
      },
    }),
    operation({
      method: 'DELETE',
      path: '/second-factor/authenticator',
      name: 'deleteAuthenticator',
      summary: 'Delete the authenticator app of your own account',
      tag,
      permission: 'session',
      status: 204,
      run: async ({ http }) => {
        await own.deleteAuthenticator(http.headers.cookie, http.from);
        return {};
      },
    }),
  ];
}

/** Operations on passkeys. */
function passkeyOperations({ factorSessions: own, url }: FactorApiServices): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/second-factor/passkeys/options',
      name: 'beginPasskey',
      summary: 'Get the browser options for creating a passkey',
      tag,
      permission: 'sign-in',
      status: 200,
      answer: 'passkey-options',
      run: async (call) => {
        demandOwnPage(call.http, url);
        return { body: { options: await own.ask(call.http.headers.cookie, 'create', call.http.from) } };
      },
    }),
    operation({
      method: 'POST',
      path: '/second-factor/passkeys',
      name: 'createPasskey',
      summary: 'Store a passkey that the browser created',
      tag,
      permission: 'sign-in',
      status: 201,
      body: 'api/passkey.json',
      answer: 'recovery-codes',
      run: async (call) => {
        demandOwnPage(call.http, url);
        const { passkey, label = '' } = call.body;
        const { codes, started } = await own.createPasskey(
          call.http.headers.cookie,
          passkey,
          label,
          call.http.from,
        );
        return { body: { codes }, ...(started === undefined ? {} : { cookie: started.cookie }) };
      },
    }),
    operation({
      method: 'DELETE',
      path: '/second-factor/passkeys/:passkey',
      name: 'deletePasskey',
      summary: 'Delete a passkey of your own account',
      tag,
      permission: 'session',
      status: 204,
      run: async ({ http, parameters }) => {
        await own.deletePasskey(http.headers.cookie, parameters.passkey, http.from);
        return {};
      },
    }),
  ];
}

/** Operations on recovery codes. */
function recoveryOperations({ factorSessions: own }: FactorApiServices): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/second-factor/recovery-codes',
      name: 'renewRecoveryCodes',
      summary: 'Create new recovery codes; the old ones stop working',
      tag,
      permission: 'session',
      status: 201,
      answer: 'recovery-codes',
      run: async ({ http }) => ({ body: { codes: await own.renewCodes(http.headers.cookie, http.from) } }),
    }),
  ];
}

/** Operations with which administrators and officers help a person who cannot sign in. */
function supportOperations({ factors, history }: FactorApiServices): readonly Operation[] {
  return [
    operation({
      method: 'DELETE',
      path: '/accounts/:account/second-factor',
      name: 'resetSecondFactor',
      summary: 'Reset the second factor of an account whose person has lost it',
      tag,
      permission: 'account.write',
      status: 204,
      dangerous: true,
      run: async ({ actor, parameters }) => {
        await factors.reset(actor, parameters.account);
        return {};
      },
    }),
    operation({
      method: 'GET',
      path: '/accounts/:account/sign-ins',
      name: 'listSignIns',
      summary: 'List the last sign-ins and refused attempts of an account',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'sign-in-list',
      run: async ({ actor, parameters }) => ({
        body: { items: await history.list(actor, parameters.account) },
      }),
    }),
  ];
}
