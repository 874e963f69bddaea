import { hostname } from 'node:os';
import type { CreatedKey, Session, Whoami } from '../api/schema-types.ts';
import { Problem } from '../kernel/problem.ts';
import { commandErrors } from './command-errors.ts';
import type { CommonFlags } from './common-flags.ts';
import { loginAt, loginOrigins, loginsFile, removeLogin, storeLogin } from './credentials.ts';
import { EXIT, type Io, printable } from './io.ts';
import { HUB_FORM, sendTo, withHub } from './local-client.ts';
import { dayOf, table, writeResult } from './output.ts';
import { openQuestions, type Questions } from './questions.ts';
import { typedAddress } from './typed-address.ts';

export interface LoginFlags extends CommonFlags {
  readonly account?: string;
  /** Lifetime of the key in days. */
  readonly expires: number;
}

/** Hosts on this machine. A password may be sent to them without encryption. */
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
const LONGEST_LABEL = 60;

/** Sends a request with the session of a sign-in. */
type Ask = <T>(method: string, path: string, body?: object) => Promise<T>;

/**
 * `talanoa login URL`: signs a person in with the password and, if the account has one, the second factor. The command
 * creates a key of the account, which has the same rights, and stores it in a file that only its owner can read.
 */
export async function login(url: string | undefined, flags: LoginFlags, io: Io): Promise<number> {
  const { base, ask } = sessionAt(hubOf('login', url, flags, io));
  const before = loginAt(base, io);
  const questions = openQuestions(io);
  let session: Session;
  try {
    session = await signIn(ask, questions, flags, base);
  } finally {
    questions.close();
  }
  const { account } = session;
  const key = await ask<CreatedKey>('POST', '/api/v1/keys', {
    account,
    expiresDays: flags.expires,
    label: `talanoa login on ${hostname()}`.slice(0, LONGEST_LABEL),
  });
  storeLogin(base, { account, id: key.id, key: key.secret, expires: key.expires }, io);
  // The new key replaces the one of an earlier login, so that forgotten keys do not pile up.
  if (before?.account === account) await ask('DELETE', keyPath(before.id)).catch(ignoreMissing);
  await ask('DELETE', `/api/v1/sessions/${session.id}`);
  const shown = { hub: base.origin, account, key: key.id, expires: key.expires, file: loginsFile(io) };
  const text = (): string =>
    [
      `Signed in to ${base.origin} as ${account}. The key ${key.id} is stored in ${shown.file} until ${dayOf(key.expires, io)}.`,
      `Use it: talanoa whoami --hub ${base.origin}`,
      'To leave out --hub, set TALANOA_HUB to this address.',
    ].join('\n');
  writeResult(shown, flags.quiet === true ? () => key.id : text, flags, io);
  return EXIT.done;
}

/** Asks for the credentials, and returns the session that they begin. */
async function signIn(
  ask: Ask,
  questions: Questions,
  { account: given }: LoginFlags,
  base: URL,
): Promise<Session> {
  const name = given ?? (await questions.ask('Account: ')).trim();
  const password = await questions.askHidden('Password: ');
  const begun = await ask<Session>('POST', '/api/v1/sessions', { account: name, password }).catch(
    refusedAs(commandErrors.signInRefused({ account: name, url: new URL('/console/sign-in', base).href })),
  );
  if (begun.stage === 'enrolment')
    throw commandErrors.secondFactorMissing({ account: name, url: new URL('/console', base).href });
  if (begun.stage === 'second-factor') {
    const code = await questions.askHidden('Code of the authenticator app, or a recovery code: ');
    return ask<Session>('POST', '/api/v1/session/second-factor', { code: code.trim() }).catch(
      refusedAs(commandErrors.codeRefused()),
    );
  }
  return begun;
}

/** Returns a handler that throws a problem about what was typed, instead of one about the credentials of a request. */
function refusedAs(problem: Problem): (error: unknown) => never {
  return (error) => {
    throw error instanceof Problem && error.code === 'TLN-A-401' ? problem : error;
  };
}

/** Returns a function that keeps the session cookie between requests. It refuses to send it without encryption. */
function sessionAt(hub: string): { readonly base: URL; readonly ask: Ask } {
  const { url: base, http } = typedAddress(hub, HUB_FORM);
  if (base.protocol !== 'https:' && !LOOPBACK.test(base.hostname))
    throw commandErrors.passwordNeedsTls({ host: base.host });
  let cookie: string | undefined;
  const ask: Ask = async <T>(method: string, path: string, body?: object) => {
    let text = '';
    const headers = { Origin: base.origin, ...(cookie === undefined ? {} : { Cookie: cookie }) };
    const answer = await sendTo(http, base, { method, path, body, headers }, (line) => (text += line));
    const [set] = answer['set-cookie'] ?? [];
    if (set !== undefined) cookie = set.split(';')[0];
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return { base, ask };
}

/** `talanoa logout`: revokes the stored key at the hub and removes it from this machine. */
export async function logout(url: string | undefined, flags: CommonFlags, io: Io): Promise<number> {
  const hub = hubOf('logout', url, flags, io);
  const { url: base } = typedAddress(hub, HUB_FORM);
  const stored = loginAt(base, io);
  if (stored === undefined) throw commandErrors.notLoggedIn({ hub: base.origin });
  const environment = { ...io.environment, TALANOA_KEY: stored.key };
  let isRevoked = true;
  try {
    await withHub({ hub }, { ...io, environment }, (client) => client.delete(keyPath(stored.id)));
  } catch (error) {
    // An expired or revoked key cannot revoke itself, and need not. A key that still works stays stored.
    if (!(error instanceof Problem) || error.kind !== 'unauthenticated') throw error;
    isRevoked = false;
  }
  removeLogin(base, io);
  const end = isRevoked ? 'was revoked' : 'was no longer valid';
  const text = (): string => `The key of ${stored.account} ${end}, and was removed from this machine.`;
  writeResult({ hub: base.origin, account: stored.account, revoked: isRevoked }, text, flags, io);
  return EXIT.done;
}

/** `talanoa whoami`: shows the account that commands use. */
export async function whoami(flags: CommonFlags, io: Io): Promise<number> {
  const hub = flags.hub ?? io.environment['TALANOA_HUB'] ?? '';
  const me = await withHub(flags, io, (client) => client.get<Whoami>('/api/v1/whoami'));
  const { account, role, member, groups = [], key, collections = [] } = me;
  const limits = key === undefined ? [] : [...(key.scopes ?? []), ...(key.only ?? [])];
  const rights = collections.map(({ name, read, write }) => [
    printable(name),
    [read ? 'read' : '', write ? 'write' : ''].filter((word) => word !== '').join(' and '),
  ]);
  const own =
    rights.length === 0 ? 'You cannot use any collection.' : table([['COLLECTION', 'RIGHTS'], ...rights], io);
  const text = (): string =>
    `${table(
      [
        ['Account', account],
        ...(role === undefined ? [] : [['Role', role]]),
        ...(member === undefined ? [] : [['Member', member]]),
        ...(groups.length === 0 ? [] : [['Groups', groups.join(', ')]]),
        ...(key === undefined ? [] : [['Key', key.id]]),
        ...(limits.length === 0 ? [] : [['Limited to', limits.join(', ')]]),
        ['Hub', hub === '' ? 'this machine' : hub],
      ],
      io,
    )}\n\n${own}`;
  writeResult(me, text, flags, io);
  return EXIT.done;
}

/** Returns the address of the hub that the user named, or the only one with a stored key. */
function hubOf(command: 'login' | 'logout', url: string | undefined, { hub }: CommonFlags, io: Io): string {
  const named = url ?? hub ?? io.environment['TALANOA_HUB'] ?? '';
  if (named !== '') return named;
  const [only, ...others] = command === 'logout' ? loginOrigins(io) : [];
  if (only !== undefined && others.length === 0) return only;
  throw commandErrors.loginHubRequired({ command });
}

function keyPath(id: string): string {
  return `/api/v1/keys/${encodeURIComponent(id)}`;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Problem) || error.kind !== 'not-found') throw error;
}
