import { createHmac, randomBytes } from 'node:crypto';
import { contains } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import type { Guard } from './guard.ts';
import { secretDigest } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { DUMMY_HASH, verifyPassword } from './passwords.ts';
import { PUBLIC, type AccountPrincipal, type Principal } from './principal.ts';
import type { AccountInfo, KeyInfo, Snapshot } from './snapshot.ts';

/** How long a verified password is believed without hashing it again (security.md R-005). */
const REMEMBER_MS = 60_000;
const REMEMBER_MOST = 10_000;

/** Why credentials were refused. For the operator's ledger and log; whoever asked learns nothing of it. */
export class WrongCredentials extends Error {
  /** The account that they are for, where there is one. */
  readonly account: string | undefined;

  constructor(reason: string, account?: string) {
    super(reason);
    this.account = account;
  }
}

/** One flat answer for every cause. */
export function unauthenticated(cause = new WrongCredentials('no credentials')): Problem {
  return new Problem('unauthenticated', 'Sign in to see this', {
    description: 'The request has no credentials, or they are not right.',
    hint: 'Send an API key as "Authorization: Bearer KEY", or as the password of HTTP Basic.',
    code: 'TLN-A-401',
    cause,
  });
}

/** Where a request comes from. */
export interface Origin {
  /** Address of the client, behind whatever proxies are trusted. */
  readonly address: string;
  /** What the client calls itself. */
  readonly agent: string;
}

/** Reads the Authorization header of a request and says who asks. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, { until: number; hash: string }>();
  readonly #key = randomBytes(32);
  readonly #ledger: Pick<Ledger, 'used'>;
  readonly #guard: Guard;
  readonly #isPassword: typeof verifyPassword;
  #isPasswordEnough: (account: AccountInfo) => Promise<boolean> = () => Promise.resolve(true);

  /** `verify` tells whether a password belongs to a hash; a test counts its calls. */
  constructor(
    directory: Directory,
    clock: Clock,
    ledger: Pick<Ledger, 'used'>,
    guard: Guard,
    verify = verifyPassword,
  ) {
    this.#isPassword = verify;
    this.#directory = directory;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#guard = guard;
  }

  /** Says which accounts sign in by nothing but their password. The others are refused where only a password can be sent. */
  demandSecondFactor(isPasswordEnough: (account: AccountInfo) => Promise<boolean>): void {
    this.#isPasswordEnough = isPasswordEnough;
  }

  /**
   * The principal behind an Authorization header, or the public without one. Bearer, Token and Basic are understood
   * (RFC 7235: schemes in any case). Throws a Problem of kind unauthenticated for every kind of wrong credentials, or of kind
   * rate-limited after many of them; credentials that are right are never refused, whoever else guesses.
   */
  async authenticate(header: string | undefined, from: Origin): Promise<Principal> {
    if (header === undefined) return PUBLIC;
    return this.guarded(userOf(header), from, () => this.#verify(header, from));
  }

  /**
   * The principal of an account by its password: the way of the sign-in page. `refuse` gives a reason why it may not sign in so.
   * Throws as `authenticate` does.
   */
  async byPassword(
    name: string,
    password: string,
    from: Origin,
    refuse: (principal: AccountPrincipal) => string | undefined = () => undefined,
  ): Promise<AccountPrincipal> {
    const user = canonicalName(name);
    return this.guarded(user.slice(0, 64), from, async () => {
      if (password === '') throw unauthenticated(new WrongCredentials('an empty password', user));
      const principal = await this.#password(await this.#directory.current(), user, password, from);
      if (principal.kind !== 'account') throw unauthenticated();
      const reason = refuse(principal);
      if (reason !== undefined) throw unauthenticated(new WrongCredentials(reason, user));
      return principal;
    });
  }

  /** Does something that may find credentials wrong. Every way that checks a secret goes through here, and failures are counted. */
  async guarded<T>(name: string, from: Origin, verify: () => Promise<T>): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      if (!(error instanceof Problem) || error.kind !== 'unauthenticated') throw error;
      const wait = this.#guard.failed(from.address, name);
      if (wait === 0) throw error;
      throw new Problem('rate-limited', 'Too many failed sign-ins', {
        description: 'Wrong credentials were sent again and again.',
        hint: 'Check user and key, and wait before the next try.',
        code: 'TLN-A-429',
        headers: { 'Retry-After': String(wait) },
        cause: error.cause,
      });
    }
  }

  async #verify(header: string, from: Origin): Promise<Principal> {
    const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header) ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
      case 'token':
        return this.#byKey(credentials, from);
      case 'basic':
        return this.#basic(credentials, from);
      default:
        throw unauthenticated(new WrongCredentials('an Authorization header that cannot be read'));
    }
  }

  async #byKey(secret: string, from: Origin): Promise<Principal> {
    const directory = await this.#directory.current();
    const key = directory.key(secretDigest(secret));
    if (key === undefined) throw unauthenticated(new WrongCredentials('a key that is not known'));
    return this.#useKey(directory, key, from);
  }

  #useKey(directory: Snapshot, key: KeyInfo, from: Origin): Principal {
    const { account, id, scopes, collections, expires, networks } = key;
    if (expires !== undefined && expires <= this.#clock.now())
      throw unauthenticated(new WrongCredentials('its key has expired', account));
    if (networks !== undefined && !networks.some((network) => contains(network, from.address)))
      throw unauthenticated(
        new WrongCredentials(`its key may not be used from ${from.address || 'this address'}`, account),
      );
    const principal = directory.principal(account, { id, scopes, collections });
    if (principal === undefined)
      throw unauthenticated(
        new WrongCredentials('the account is disabled, or its member is not active', account),
      );
    this.#ledger.used({ account, key: id, address: from.address, agent: from.agent });
    return at(principal, from);
  }

  async #basic(credentials: string, from: Origin): Promise<Principal> {
    const { user, password } = basicOf(credentials);
    if (user === undefined || password === '')
      throw unauthenticated(new WrongCredentials('Basic credentials that cannot be read'));
    const directory = await this.#directory.current();
    // An API key may stand in the place of the password, of the account that it belongs to.
    const key = directory.key(secretDigest(password));
    if (key !== undefined && (key.account === user || user === '')) return this.#useKey(directory, key, from);
    const principal = await this.#password(directory, user, password, from);
    const account = directory.accounts.get(user);
    if (account !== undefined && !(await this.#isPasswordEnough(account)))
      throw unauthenticated(
        new WrongCredentials('its password needs a second factor; programs of this account use a key', user),
      );
    return principal;
  }

  async #password(directory: Snapshot, user: string, password: string, from: Origin): Promise<Principal> {
    const account = directory.accounts.get(user);
    const hash = account?.passwordHash;
    const principal = directory.principal(user);
    const known = hash !== undefined && principal !== undefined;
    const memory = createHmac('sha256', this.#key).update(`${user}\0${password}`).digest('base64url');
    const now = this.#clock.monotonic();
    const remembered = this.#remembered.get(memory);
    if (known && remembered !== undefined && remembered.until > now && remembered.hash === hash)
      return at(principal, from);
    // A hash is computed in any case, so that an unknown account takes as long as a wrong password.
    const right = await this.#isPassword(password, hash ?? DUMMY_HASH);
    if (account === undefined) throw unauthenticated(new WrongCredentials('an account that is not known'));
    if (!right || !known)
      throw unauthenticated(
        new WrongCredentials(
          right
            ? 'the account has no password, is disabled, or its member is not active'
            : 'a wrong password or key',
          user,
        ),
      );
    if (this.#remembered.size >= REMEMBER_MOST) this.#remembered.clear();
    this.#remembered.set(memory, { until: now + REMEMBER_MS, hash });
    return at(principal, from);
  }
}

/** User and password of Basic credentials (RFC 7617); no user where there is no colon. */
function basicOf(credentials: string): { user: string | undefined; password: string } {
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return { user: undefined, password: '' };
  return {
    user: canonicalName(decoded.slice(0, colon)),
    password: decoded.slice(colon + 1),
  };
}

/** Names are the same however they are spelled. */
function canonicalName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The account that somebody tries to sign in as, as far as it can be told: the guard counts by it. */
function userOf(header: string): string {
  const [, credentials = ''] = /^basic +(\S+) *$/i.exec(header) ?? [];
  return credentials === '' ? '' : (basicOf(credentials).user ?? '').slice(0, 64);
}

function at(principal: Principal, { address }: Origin): Principal {
  return principal.kind === 'account' && address !== '' ? { ...principal, from: address } : principal;
}
