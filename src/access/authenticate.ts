import { createHmac, randomBytes } from 'node:crypto';
import { contains } from '../kernel/address.ts';
import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import { certificateDigest, type ClientCertificate } from './certificates.ts';
import type { Directory } from './directory.ts';
import { looksLikeKey, secretDigest } from './keys/api-key.ts';
import type { Ledger } from './ledger.ts';
import {
  DUMMY_HASH,
  isOldHash,
  OLD_DUMMY_HASH,
  verifyPassword,
  type HashPlace,
} from './accounts/passwords.ts';
import { PUBLIC, type AccountPrincipal, type Principal } from './principal.ts';
import type { SignInWatch } from './sessions/sign-in-watch.ts';
import type { AccountInfo, KeyInfo, Snapshot } from './snapshot.ts';
import type { Origin, Throttle, Way } from './sessions/throttle.ts';
import { accessErrors } from './errors.ts';

export type { Origin } from './sessions/throttle.ts';

/** How long a verified password is remembered, so that it is not hashed again. */
const REMEMBER_MS = 60_000;
const REMEMBER_MOST = 10_000;

/** Stores a hash in the current scheme for a password. Returns the new hash, or undefined when it was not stored. */
export type ReplaceHash = (account: AccountInfo, password: string) => Promise<string | undefined>;

/**
 * The reason why credentials were refused. It appears only in the operator's records and log, never in the response.
 */
export class WrongCredentials extends Error {
  /** Id of the account that the credentials are for, if there is one. */
  readonly account: string | undefined;

  constructor(reason: string, account?: string) {
    super(reason);
    this.account = account;
  }
}

/** Returns the same response for every cause, so that it does not reveal which part of the credentials was wrong. */
export function unauthenticated(cause = new WrongCredentials('no credentials')): Problem {
  return accessErrors.signInRequired({ cause });
}

/** Authenticates requests by their Authorization header. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, { until: number; hash: string }>();
  readonly #running = new Map<string, Promise<AccountPrincipal>>();
  readonly #key = randomBytes(32);
  readonly #ledger: Pick<Ledger, 'used'>;
  readonly #throttle: Throttle;
  readonly #signIns: Pick<SignInWatch, 'signedIn'>;
  readonly #isPassword: typeof verifyPassword;
  #isPasswordEnough: (account: AccountInfo) => Promise<boolean> = () => Promise.resolve(true);
  #replaceHash: ReplaceHash = () => Promise.resolve(undefined);

  /** `verify` checks whether a password matches a hash. Tests replace it to count its calls. */
  constructor(
    directory: Directory,
    clock: Clock,
    ledger: Pick<Ledger, 'used'>,
    throttle: Throttle,
    signIns: Pick<SignInWatch, 'signedIn'>,
    verify = verifyPassword,
  ) {
    this.#isPassword = verify;
    this.#directory = directory;
    this.#clock = clock;
    this.#ledger = ledger;
    this.#throttle = throttle;
    this.#signIns = signIns;
  }

  /**
   * Sets the check for accounts that may sign in with a password alone. Other accounts are refused where a
   * request can carry only a password.
   */
  demandSecondFactor(isPasswordEnough: (account: AccountInfo) => Promise<boolean>): void {
    this.#isPasswordEnough = isPasswordEnough;
  }

  /** Sets the function that replaces a hash of an old scheme after its password was verified. */
  replaceOldHashes(replace: ReplaceHash): void {
    this.#replaceHash = replace;
  }

  /**
   * Returns the principal of an Authorization header, or else of a client certificate, or else the public.
   * The schemes Bearer, Token and Basic are supported, in any letter case (RFC 7235). Throws a Problem of
   * kind unauthenticated for wrong credentials of any kind, or of kind rate-limited after repeated failures.
   * A valid key is never refused, even while others guess at its account.
   */
  async authenticate(header: string | undefined, from: Origin): Promise<Principal> {
    const { certificate } = from;
    if (header === undefined)
      return certificate === undefined
        ? PUBLIC
        : this.#byCertificate(await this.#directory.current(), certificate, from);
    const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(header) ?? [];
    const directory = await this.#directory.current();
    switch (scheme.toLowerCase()) {
      case 'bearer':
      case 'token':
        return this.#byKey(directory, keyOfSecret(directory, credentials), from);
      case 'basic':
        return this.#basic(directory, credentials, from);
      default:
        throw unauthenticated(new WrongCredentials('a malformed Authorization header'));
    }
  }

  /**
   * Returns the principal of an account after checking its password, for the sign-in page. `refuse` returns a reason
   * when the account cannot sign in this way. Throws as `authenticate` does.
   */
  async byPassword(
    name: string,
    password: string,
    from: Origin,
    refuse: (principal: AccountPrincipal) => string | undefined = () => undefined,
    way: Way = 'console',
  ): Promise<AccountPrincipal> {
    const directory = await this.#directory.current();
    return this.#password(directory, canonicalName(name), password, from, way, refuse);
  }

  /** Checks a code or another proof for an account. Every check of a secret goes through the throttle. */
  async guarded<T>(name: string, from: Origin, verify: () => Promise<T>): Promise<T> {
    const account = (await this.#directory.current()).accountNamed(name);
    return this.#throttle.check(
      { way: 'code', account: account?.id ?? name.slice(0, 64), named: account, from },
      verify,
    );
  }

  #byKey(directory: Snapshot, key: KeyInfo | undefined, from: Origin, unknown = 'an unknown key'): Principal {
    try {
      if (key === undefined) throw unauthenticated(new WrongCredentials(unknown));
      return this.#useKey(directory, key, from);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const account = key === undefined ? undefined : directory.accounts.get(key.account);
      throw this.#throttle.wrong({ way: 'key', account: '', named: account, from }, error);
    }
  }

  #byCertificate(directory: Snapshot, certificate: ClientCertificate, from: Origin): Principal {
    const fault = 'fault' in certificate ? certificate.fault : 'an unregistered certificate';
    const key =
      'fault' in certificate ? undefined : directory.key(certificateDigest(certificate.fingerprint));
    return this.#byKey(directory, key?.certificate === undefined ? undefined : key, from, fault);
  }

  #useKey(directory: Snapshot, key: KeyInfo, from: Origin): Principal {
    const { account, id, scopes, collections, expires, networks, isUnproven, isOwn = false, givenAt } = key;
    if (isUnproven)
      throw unauthenticated(
        new WrongCredentials('its certificate was registered without proof of the private key', account),
      );
    if (expires !== undefined && expires <= this.#clock.now())
      throw unauthenticated(new WrongCredentials('its key has expired', account));
    if (networks !== undefined && !networks.some((network) => contains(network, from.address)))
      throw unauthenticated(
        new WrongCredentials(`its key cannot be used from ${from.address || 'this address'}`, account),
      );
    const limits = { id, scopes, collections, networks, expires, isOwn, givenAt };
    const principal = directory.principal(account, limits);
    if (principal === undefined)
      throw unauthenticated(
        new WrongCredentials('the account is disabled, or its member is not active', account),
      );
    this.#ledger.used({ account, key: id, address: from.address, agent: from.agent });
    return at(principal, from);
  }

  async #basic(directory: Snapshot, credentials: string, from: Origin): Promise<Principal> {
    const { user, password } = basicOf(credentials);
    if (user === undefined || password === '')
      throw unauthenticated(new WrongCredentials('Basic credentials that cannot be read'));
    // An API key can be sent in the password field of the account that it belongs to.
    const key = keyOfSecret(directory, password);
    if (key !== undefined && (user === '' || key.account === directory.accountNamed(user)?.id))
      return this.#byKey(directory, key, from);
    // A wrong key causes no password hash.
    if (looksLikeKey(password)) return this.#byKey(directory, undefined, from);
    return this.#password(directory, user, password, from, 'basic');
  }

  async #password(
    directory: Snapshot,
    user: string,
    password: string,
    from: Origin,
    way: Way,
    refuse: (principal: AccountPrincipal) => string | undefined = () => undefined,
  ): Promise<AccountPrincipal> {
    const account = directory.accountNamed(user);
    const attempt = { way, account: account?.id ?? user.slice(0, 64), named: account, from };
    const memory = createHmac('sha256', this.#key)
      .update(JSON.stringify([user, password]))
      .digest('base64url');
    const remembered = this.#recall(directory, user, memory);
    if (remembered !== undefined && refuse(remembered) === undefined) {
      await this.#throttle.demandNoWait(attempt);
      if (way === 'basic') await this.#demandEnough(directory, user);
      return at(remembered, from);
    }
    // Simultaneous requests with the same credentials from the same place count as one attempt.
    const same = JSON.stringify([memory, from.address, from.device, way]);
    const running = this.#running.get(same);
    if (running !== undefined) return at(await running, from);
    const check = this.#throttle.check(attempt, async (place) => {
      if (password === '') throw unauthenticated(new WrongCredentials('an empty password', account?.id));
      const principal = await this.#verify(directory, user, password, place);
      const reason = refuse(principal);
      if (reason !== undefined) throw unauthenticated(new WrongCredentials(reason, account?.id));
      if (this.#remembered.size >= REMEMBER_MOST) this.#remembered.clear();
      const hash = account?.passwordHash ?? '';
      const replaced =
        account !== undefined && isOldHash(hash) ? await this.#replaceHash(account, password) : undefined;
      const until = this.#clock.monotonic() + REMEMBER_MS;
      this.#remembered.set(memory, { until, hash: replaced ?? hash });
      if (way === 'basic') {
        await this.#demandEnough(directory, user);
        await this.#signIns.signedIn(principal, way, from, false);
      }
      return principal;
    });
    this.#running.set(same, check);
    try {
      return at(await check, from);
    } finally {
      this.#running.delete(same);
    }
  }

  async #demandEnough(directory: Snapshot, user: string): Promise<void> {
    const account = directory.accountNamed(user);
    if (account !== undefined && !(await this.#isPasswordEnough(account)))
      throw unauthenticated(
        new WrongCredentials(
          'its password requires a second factor; use an API key for programs',
          account.id,
        ),
      );
  }

  /** The principal whose password was verified within the last minute and has not changed since. */
  #recall(directory: Snapshot, user: string, memory: string): AccountPrincipal | undefined {
    const remembered = this.#remembered.get(memory);
    if (remembered === undefined || remembered.until <= this.#clock.monotonic()) return undefined;
    const account = directory.accountNamed(user);
    return account?.passwordHash === remembered.hash ? directory.principal(account.id) : undefined;
  }

  async #verify(
    directory: Snapshot,
    user: string,
    password: string,
    place: HashPlace,
  ): Promise<AccountPrincipal> {
    const account = directory.accountNamed(user);
    const hash = account?.passwordHash;
    const principal = account === undefined ? undefined : directory.principal(account.id);
    // A hash is always computed, so an unknown account takes as long as a wrong password.
    const right = await this.#isPassword(password, hash ?? this.#dummyFor(directory, user), place);
    if (account === undefined) throw unauthenticated(new WrongCredentials('an account that is not known'));
    if (!right || hash === undefined || principal === undefined)
      throw unauthenticated(
        new WrongCredentials(
          right
            ? 'the account has no password, is disabled, or its member is not active'
            : 'a wrong password or key',
          account.id,
        ),
      );
    return principal;
  }

  /**
   * Returns the hash to check when an account has none. While some accounts still have hashes of the old, slower scheme,
   * the same share of unknown names takes as long, so response times do not reveal which accounts exist.
   */
  #dummyFor(directory: Snapshot, user: string): string {
    const draw = createHmac('sha256', this.#key).update(`dummy\0${user}`).digest().readUInt32BE() / 2 ** 32;
    return draw < directory.oldHashShare ? OLD_DUMMY_HASH : DUMMY_HASH;
  }
}

/**
 * Returns the key that a secret belongs to. Keys that are client certificates have no secret, so no text that
 * a client sends can match them.
 */
function keyOfSecret(directory: Snapshot, secret: string): KeyInfo | undefined {
  const key = directory.key(secretDigest(secret));
  return key?.certificate === undefined ? key : undefined;
}

/** Returns user and password of Basic credentials (RFC 7617). The user is undefined when there is no colon. */
function basicOf(credentials: string): { user: string | undefined; password: string } {
  const decoded = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return { user: undefined, password: '' };
  return {
    user: canonicalName(decoded.slice(0, colon)),
    password: decoded.slice(colon + 1),
  };
}

/** Normalises a name, so that its Unicode spelling and letter case do not matter. */
function canonicalName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function at<P extends Principal>(principal: P, { address }: Origin): P {
  return principal.kind === 'account' && address !== '' ? { ...principal, from: address } : principal;
}
