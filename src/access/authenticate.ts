import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import type { Directory } from './directory.ts';
import { secretDigest } from './keys.ts';
import { DUMMY_HASH, verifyPassword } from './passwords.ts';
import { PUBLIC, type Principal } from './principal.ts';
import type { Snapshot } from './snapshot.ts';

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

/** Reads the Authorization header of a request and says who asks. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, { until: number; hash: string }>();
  readonly #key = randomBytes(32);

  constructor(directory: Directory, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * The principal behind an Authorization header, or the public without one. Bearer, Token and Basic are understood
   * (RFC 7235: schemes in any case). Throws a Problem of kind unauthenticated for every kind of wrong credentials.
   */
  async authenticate(header: string | undefined): Promise<Principal> {
    if (header === undefined) return PUBLIC;
    const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header) ?? [];
    switch (scheme.toLowerCase()) {
      case 'bearer':
      case 'token':
        return this.#byKey(credentials);
      case 'basic':
        return this.#basic(credentials);
      default:
        throw unauthenticated(new WrongCredentials('an Authorization header that cannot be read'));
    }
  }

  async #byKey(secret: string): Promise<Principal> {
    const directory = await this.#directory.current();
    const digest = secretDigest(secret);
    const account = directory.accountOfKey(digest, this.#clock.now());
    if (account === undefined) {
      const owner = directory.ownerOfKey(digest);
      throw unauthenticated(
        owner === undefined
          ? new WrongCredentials('a key that is not known')
          : new WrongCredentials('its key has expired', owner),
      );
    }
    return principalOf(directory, account);
  }

  async #basic(credentials: string): Promise<Principal> {
    const decoded = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    const user = decoded.slice(0, colon).normalize('NFKC').toLowerCase();
    const password = decoded.slice(colon + 1);
    if (colon < 0 || password === '')
      throw unauthenticated(new WrongCredentials('Basic credentials that cannot be read'));
    const directory = await this.#directory.current();
    // An API key may stand in the place of the password, of the account that it belongs to.
    const ofKey = directory.accountOfKey(secretDigest(password), this.#clock.now());
    if (ofKey !== undefined && (ofKey === user || user === '')) return principalOf(directory, ofKey);
    const account = directory.accounts.get(user);
    const hash = account?.passwordHash;
    const principal = directory.principal(user);
    const known = hash !== undefined && principal !== undefined;
    const memory = createHmac('sha256', this.#key).update(`${user}\0${password}`).digest('base64url');
    const now = this.#clock.monotonic();
    const remembered = this.#remembered.get(memory);
    if (known && remembered !== undefined && remembered.until > now && remembered.hash === hash)
      return principal;
    // A hash is computed in any case, so that an unknown account takes as long as a wrong password.
    const right = await verifyPassword(password, hash ?? DUMMY_HASH);
    if (account === undefined) throw unauthenticated(new WrongCredentials('an account that is not known'));
    if (!right || !known)
      throw unauthenticated(
        new WrongCredentials(
          right ? 'the account has no password, or its member is not active' : 'a wrong password or key',
          user,
        ),
      );
    if (this.#remembered.size >= REMEMBER_MOST) this.#remembered.clear();
    this.#remembered.set(memory, { until: now + REMEMBER_MS, hash });
    return principal;
  }
}

function principalOf(directory: Snapshot, account: string): Principal {
  const principal = directory.principal(account);
  if (principal === undefined)
    throw unauthenticated(new WrongCredentials('its member is not active', account));
  return principal;
}
