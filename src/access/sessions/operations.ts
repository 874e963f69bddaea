import { NO_COOKIE } from './cookie.ts';
import { demandSamePage } from './demands.ts';
import type { SessionService } from './session-service.ts';
import { operation, type Operation, pageOf, PAGING } from '../operation.ts';

const tag = 'Sessions';

/** Operations on sessions of people in a browser. Programs use keys. */
export function sessionOperations(sessions: SessionService, url: () => string): readonly Operation[] {
  return [...listOperations(sessions), ...signInOperations(sessions, url)];
}

/** Operations that list and end sessions. */
function listOperations(sessions: SessionService): readonly Operation[] {
  return [
    operation({
      method: 'GET',
      path: '/sessions',
      name: 'listSessions',
      summary: 'List sessions of the accounts that the caller may see',
      tag,
      permission: 'account.read',
      status: 200,
      answer: 'sessions',
      query: PAGING,
      run: async (call) => pageOf(await sessions.list(call.actor), ({ id }) => id, call),
    }),
    operation({
      method: 'DELETE',
      path: '/sessions/:session',
      name: 'endSession',
      summary: 'End a session immediately',
      tag,
      permission: 'session.end',
      status: 204,
      run: async ({ actor, parameters }) => {
        const id = parameters.session;
        await sessions.end(actor, id);
        return actor.kind === 'account' && actor.session?.id === id ? { cookie: NO_COOKIE } : {};
      },
    }),
  ];
}

/** Operations that start a session and confirm it. */
function signInOperations(sessions: SessionService, url: () => string): readonly Operation[] {
  return [
    operation({
      method: 'POST',
      path: '/sessions',
      name: 'signIn',
      summary:
        'Sign in with a password; the response sets a session cookie and shows whether a second ' +
        'factor is needed',
      tag,
      permission: 'public',
      status: 201,
      body: 'api/sign-in.json',
      answer: 'session',
      run: async ({ body, http }) => {
        // A page of another site must not be able to sign a person in to somebody else's account.
        // Programs send neither of these headers.
        if (http.headers['sec-fetch-site'] !== undefined || http.headers.origin !== undefined)
          demandSamePage(http.headers, url());
        const { account, password } = body;
        const { session, cookie } = await sessions.signIn(account, password, http.from);
        return { body: session, cookie };
      },
    }),
    operation({
      method: 'POST',
      path: '/session/confirmation',
      name: 'confirmSession',
      summary: 'Confirm with the password or a second factor before an operation that changes access rights',
      tag,
      permission: 'session',
      status: 200,
      body: 'api/confirmation.json',
      answer: 'session',
      run: async ({ body, http }) => ({
        body: await sessions.confirm(http.headers.cookie, body, http.from),
      }),
    }),
  ];
}
