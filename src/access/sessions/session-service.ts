import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';
import { isPasswordOwn, nextEpoch } from '../accounts/account-records.ts';
import { ACCOUNTS } from '../accounts/model.ts';
import { checkPassword, demandOtherPassword } from '../accounts/account-service.ts';
import type { Audit } from '../audit/audit.ts';
import { unauthenticated, type Authenticator, type Origin, WrongCredentials } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import type { FactorNeed, FactorService } from '../factors/factor-service.ts';
import type { SignInHistory } from '../factors/history.ts';
import { secretDigest } from '../keys/api-key.ts';
import { hashPassword } from '../accounts/passwords.ts';
import { can } from '../rights.ts';
import type { Notifications } from '../accounts/notifications.ts';
import { SESSIONS, type SessionRecord } from './model.ts';
import type { Places } from './places.ts';
import type { AccountPrincipal, Principal } from '../principal.ts';
import { SignInRate } from './sign-in-rate.ts';
import type { SignInWatch } from './sign-in-watch.ts';
import { KEYS, keyId } from '../keys/model.ts';
import { isDeclared } from '../managed.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import { sessionErrors } from './errors.ts';

const IDLE_MS = 1_800_000;
const WHOLE_MS = 43_200_000;
/** The use of a session is recorded again only after this time, so that not every request causes a write. */
const NOTED_MS = 300_000;
/** A password that was entered within this time is sufficient for sensitive operations. */
const FRESH_MS = 300_000;
/** The time in which the second factor must be given or set up after the password. */
const STAGE_MS = 900_000;
const LONGEST_AGENT = 120;
/** Accounts whose sessions are looked up one account at a time. */
const MOST_LOOKED_UP = 100;
/** Maximum number of sessions that are read at once. */
const PAGE = 500;
/** The way of a sign-in with a password. A second factor is appended to it. */
const PASSWORD_WAY = 'password';

/** The `__Host-` prefix binds the cookie to this host, to HTTPS, and to no part of the path (RFC 6265bis section 4.1.3.2). */
const COOKIE = '__Host-talanoa';

type Session = Stored<SessionRecord>;

/** The progress of a sign-in: complete, or waiting for the second factor to be given or set up. */
export type SessionStage = 'active' | 'second-factor' | 'enrolment';

const STAGE_OF: Readonly<Record<FactorNeed, SessionStage>> = {
  none: 'active',
  give: 'second-factor',
  enrol: 'enrolment',
};

/**
 * A new session. `cookie` holds the values of `Set-Cookie` headers: the session and, once the session is
 * active, the device. The session secret is in no other place.
 */
export interface StartedSession {
  /** Name of the account. */
  readonly account: string;
  readonly cookie: readonly string[];
  readonly stage: SessionStage;
  readonly session: SessionListed;
}

/** A session in a list. Times are in RFC 3339 format. */
export interface SessionListed {
  /** Public name of the session. */
  readonly id: string;
  /** Name of the account. */
  readonly account: string;
  readonly created: string;
  readonly last_used: string;
  /** The time at which the session ends, even if it is in use. */
  readonly expires: string;
  readonly address: string;
  readonly agent: string;
  /** How the account signed in, such as `password` or `password and authenticator`. */
  readonly way: string;
  /** A session that is not active can only give or set up the second factor. */
  readonly stage: SessionStage;
  /** True for the session that the caller is using. */
  readonly current: boolean;
}

/** Options for a new session. */
export interface Beginning {
  /** True when a second factor was given or none is required. */
  readonly isComplete?: boolean;
  /** The session that this one replaces. */
  readonly replaced?: Session;
  /** The time at which the person authenticated, in milliseconds since 1970. The default is now. */
  readonly confirmed?: number;
  /** The sealed ID token of a sign-in provider, which is needed to sign out there. */
  readonly idToken?: string | undefined;
}

/** The session of a cookie, at any stage of its sign-in. */
export interface SessionHolder {
  readonly record: Session;
  readonly account: AccountInfo;
  readonly principal: AccountPrincipal;
  readonly stage: SessionStage;
  readonly way: string;
}

/** The proof that the same person is still present: the password, or a code of the second factor. */
export interface Confirmation {
  readonly password?: string;
  readonly code?: string;
  readonly passkey?: unknown;
}

/** Request headers that identify the page that made the request. */
export interface PageOrigin {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Sessions of people in a browser. The cookie holds a random secret and the store holds its digest, so every process
 * knows the session and can end it at once. A session ends after 30 minutes without use, after 12 hours in any case,
 * and with any change of its account's password, role or member.
 */
export class SessionService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #authenticator: Authenticator;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #audit: Audit;
  readonly #factors: FactorService;
  readonly #history: SignInHistory;
  readonly #places: Places;
  readonly #signIns: SignInWatch;
  readonly #rate: SignInRate;
  readonly #notifications: Pick<Notifications, 'prepare'>;

  constructor(
    store: Store,
    directory: Directory,
    authenticator: Authenticator,
    clock: Clock,
    ids: Ids,
    audit: Audit,
    factors: FactorService,
    history: SignInHistory,
    places: Places,
    signIns: SignInWatch,
    notifications: Pick<Notifications, 'prepare'>,
    rate = new SignInRate(clock),
  ) {
    this.#notifications = notifications;
    this.#store = store;
    this.#directory = directory;
    this.#authenticator = authenticator;
    this.#clock = clock;
    this.#ids = ids;
    this.#audit = audit;
    this.#factors = factors;
    this.#history = history;
    this.#places = places;
    this.#signIns = signIns;
    this.#rate = rate;
  }

  /**
   * Signs a person in with a password. If the account has a second factor, the person gives it next. If the
   * account needs one and has none, the person sets it up next. Service accounts use keys. Throws the same
   * generic answer for every kind of wrong credentials.
   */
  async signIn(name: string, password: string, from: Origin): Promise<StartedSession> {
    const principal = await this.#history.watch(name, 'password', from, () =>
      this.#authenticator.byPassword(name, password, from, ({ role }) =>
        role === 'machine' ? 'service accounts sign in with keys, not at the console' : undefined,
      ),
    );
    return this.begin(principal, PASSWORD_WAY, from);
  }

  /**
   * Begins the session of a person who has just authenticated. The session is active unless a second factor
   * is still needed. `replaced` is the session that this one replaces: every step of a sign-in has its own
   * secret.
   */
  async begin(
    principal: AccountPrincipal,
    way: string,
    from: Origin,
    { isComplete = false, replaced, confirmed, idToken = replaced?.document.id_token }: Beginning = {},
  ): Promise<StartedSession> {
    const directory = await this.#directory.current();
    const account = directory.accounts.get(principal.account);
    if (account === undefined) throw unauthenticated();
    // The further steps of a sign-in replace the session of the first step.
    if (replaced === undefined) this.#rate.take(account.id);
    const stage = isComplete ? 'active' : STAGE_OF[await this.#factors.needOf(account)];
    const secret = this.#ids.secret(32);
    const now = this.#clock.now();
    const id = secretDigest(secret);
    const document: SessionRecord = {
      account: account.id,
      stamp: stampOf(account, directory),
      created: now,
      seen: now,
      confirmed: confirmed ?? now,
      ...(idToken === undefined ? {} : { id_token: idToken }),
      address: from.address,
      agent: from.agent.slice(0, LONGEST_AGENT),
      way,
      ...(stage === 'active' ? {} : { stage }),
    };
    await this.#store.commit({
      records: [SESSIONS.insert(id, document), ...(replaced === undefined ? [] : [removal(replaced)])],
      facts:
        stage === 'active'
          ? [
              this.#audit.fact(principal, 'session.begin', `session/${keyId(id)}`, {
                member: account.member,
                details: { way },
              }),
            ]
          : [],
    });
    if (stage === 'active') {
      await this.#history.accepted(account, way, from);
      await this.#signIns.signedIn(principal, 'console', from);
    }
    const cookie = `${COOKIE}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${WHOLE_MS / 1000}`;
    return {
      account: account.name,
      stage,
      cookie: stage === 'active' ? [cookie, await this.#places.cookie(account.id)] : [cookie],
      session: listed({ id, document }, account.name, keyId(id)),
    };
  }

  /**
   * Returns the principal of the session in a `Cookie` header. Undefined when there is no valid session. Before a
   * session authorises a change, the caller must call `demandSamePage`.
   */
  async find(cookies: string | undefined, from: Origin): Promise<Principal | undefined> {
    const record = await this.#record(cookies);
    if (record === undefined) return undefined;
    const directory = await this.#directory.current();
    const account = directory.accounts.get(record.document.account);
    const principal = account === undefined ? undefined : directory.principal(account.id);
    if (account === undefined || principal?.kind !== 'account') return undefined;
    const now = this.#clock.now();
    if (now - record.document.seen > NOTED_MS)
      await this.#change(record, { seen: now }).catch((error: unknown) => {
        // Two simultaneous requests record the same use. One record is sufficient.
        if (!(error instanceof Problem) || error.kind !== 'conflict') throw error;
      });
    return {
      ...principal,
      from: from.address,
      session: sessionOf(record, account),
    };
  }

  /** Returns the principal of an active session by its public name, for a request that cannot carry its cookie. */
  async named(account: string, id: string, from: Origin): Promise<AccountPrincipal | undefined> {
    const records = await SESSIONS.in(this.#store).by('account', account);
    const record = records.find((one) => keyId(one.id) === id);
    const directory = await this.#directory.refresh();
    const info = directory.accounts.get(account);
    const principal = directory.principal(account);
    return record !== undefined &&
      info !== undefined &&
      principal?.kind === 'account' &&
      stageOf(record) === 'active' &&
      this.#counts(record, info, directory)
      ? { ...principal, from: from.address, session: sessionOf(record, info) }
      : undefined;
  }

  /**
   * Returns the session of a cookie, including one whose sign-in still waits for its second factor. Only the
   * operations that give or set up a second factor may call this method. All others call `find`.
   */
  async holder(cookies: string | undefined, from: Origin): Promise<SessionHolder | undefined> {
    const record = await this.#recordOfAnyStage(cookies);
    if (record === undefined) return undefined;
    const directory = await this.#directory.current();
    const account = directory.accounts.get(record.document.account);
    const principal = account === undefined ? undefined : directory.principal(account.id);
    if (account === undefined || principal?.kind !== 'account') return undefined;
    return {
      record,
      account,
      principal: {
        ...principal,
        from: from.address,
        session: sessionOf(record, account),
      },
      stage: stageOf(record),
      way: wayOf(record),
    };
  }

  /** Returns the sessions of the accounts that the caller can see, newest first. */
  async list(actor: Principal): Promise<readonly SessionListed[]> {
    const directory = await this.#directory.refresh();
    const own = actor.kind === 'account' ? actor.session?.id : undefined;
    const found: SessionListed[] = [];
    for await (const record of this.#of(readable(directory, actor))) {
      const account = directory.accounts.get(record.document.account);
      if (account !== undefined && stageOf(record) === 'active' && this.#counts(record, account, directory))
        found.push(listed(record, account.name, own));
    }
    return found.toSorted((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** Looks up the sessions of a few accounts by index. For many accounts it reads all sessions, in pages. */
  async *#of(accounts: ReadonlySet<string>): AsyncGenerator<Session> {
    if (accounts.size <= MOST_LOOKED_UP) {
      for (const value of accounts) yield* await SESSIONS.in(this.#store).by('account', value);
      return;
    }
    for await (const page of this.#pages())
      for (const record of page) if (accounts.has(record.document.account)) yield record;
  }

  /** Reads all sessions in pages. Other requests get their turn after each page. */
  async *#pages(): AsyncGenerator<readonly Session[]> {
    let after = '';
    for (;;) {
      const page = await SESSIONS.in(this.#store).list({ after, limit: PAGE });
      yield page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.id ?? '';
      await setImmediate();
    }
  }

  /** Ends a session of the caller, or of an account that the caller manages. */
  async end(actor: Principal, id: string): Promise<void> {
    const directory = await this.#directory.refresh();
    // The public name is the beginning of the id, so the session is the first one after it.
    const [next] = await SESSIONS.in(this.#store).list({ after: id, limit: 1 });
    const record = next !== undefined && keyId(next.id) === id ? next : undefined;
    const account = record === undefined ? undefined : directory.accounts.get(record.document.account);
    if (
      record === undefined ||
      account === undefined ||
      !can(actor, 'account.read', accountResource(account)) ||
      !can(actor, 'session.end', accountResource(account))
    )
      throw sessionErrors.notFound();
    await this.#store.commit({
      records: [removal(record)],
      facts: [this.#audit.fact(actor, 'session.end', `session/${id}`, { member: account.member })],
    });
  }

  /**
   * Asks for the password or a code of the second factor again, before a sensitive operation. Throws as
   * `signIn` does when the proof is wrong.
   */
  async confirm(cookies: string | undefined, proof: Confirmation, from: Origin): Promise<SessionListed> {
    const holder = await this.holder(cookies, from);
    if (holder?.stage !== 'active') throw unauthenticated(new WrongCredentials('a session that has ended'));
    const { record, account } = holder;
    const { password, code, passkey } = proof;
    if (password !== undefined)
      await this.#authenticator.byPassword(account.name, password, from, () => undefined, 'confirmation');
    else
      await this.#authenticator.guarded(account.name, from, () =>
        passkey === undefined
          ? this.#factors.check(account, code ?? '')
          : this.#factors.usePasskey(account, record.id, passkey),
      );
    const changed = await this.#change(record, { confirmed: this.#clock.now(), seen: this.#clock.now() });
    return listed(changed, account.name, keyId(record.id));
  }

  /**
   * Changes the password of the caller's own account. All its sessions end, and the caller gets a new one. Keys of the
   * account end too if somebody else set the earlier password, except those of the settings file. Throws as
   * `signIn` does when the current password is wrong, and a Problem of kind conflict for an account that the settings
   * file declares.
   */
  async changePassword(
    cookies: string | undefined,
    present: string,
    next: string,
    from: Origin,
  ): Promise<StartedSession> {
    const holder = await this.holder(cookies, from);
    if (holder?.stage !== 'active') throw unauthenticated(new WrongCredentials('a session that has ended'));
    const { record } = holder;
    const { name, member } = holder.account;
    checkPassword(next, await this.#directory.namesAround(name, member));
    const self = await this.#authenticator.byPassword(name, present, from, () => undefined, 'confirmation');
    const account = await ACCOUNTS.in(this.#store).get(name);
    if (account === undefined) throw unauthenticated();
    if (isDeclared(account) && !isPasswordOwn(account.document)) throw sessionErrors.passwordManaged();
    await demandOtherPassword(next, account);
    const way = wayOf(record);
    const password_hash = await hashPassword(next);
    // Whoever set the earlier password could sign in with it and create keys, and would keep them.
    const keys = isPasswordOwn(account.document)
      ? []
      : (await KEYS.all(this.#store)).filter(
          (key) => key.document.account === self.account && !isDeclared(key),
        );
    const notice = this.#notifications.prepare(self.account, 'password.changed', { by: name });
    await this.#store.commit({
      records: [
        notice.record,
        ACCOUNTS.change(account, {
          ...account.document,
          password_hash,
          password_by: 'person',
          epoch: nextEpoch(account.document),
        }),
        removal(record),
        ...keys.map(removal),
      ],
      facts: [
        this.#audit.fact(self, 'account.password', `account/${name}`, {
          member: self.member,
          ...(keys.length === 0 ? {} : { details: { keys_ended: keys.length } }),
        }),
      ],
    });
    await this.#directory.refresh();
    await notice.send();
    return this.begin(self, way, from, { isComplete: true });
  }

  /** Removes expired sessions. */
  async sweep(): Promise<void> {
    const directory = await this.#directory.current();
    for await (const page of this.#pages())
      for (const record of page) {
        const account = directory.accounts.get(record.document.account);
        if (account === undefined || !this.#counts(record, account, directory))
          await this.#store.commit({ records: [removal(record)] });
      }
  }

  /** Returns the record of an active session. */
  async #record(cookies: string | undefined): Promise<Session | undefined> {
    const record = await this.#recordOfAnyStage(cookies);
    return record === undefined || stageOf(record) !== 'active' ? undefined : record;
  }

  async #recordOfAnyStage(cookies: string | undefined): Promise<Session | undefined> {
    const secret = secretIn(cookies);
    if (secret === undefined) return undefined;
    const record = await SESSIONS.in(this.#store).get(secretDigest(secret));
    if (record === undefined) return undefined;
    const directory = await this.#directory.current();
    const account = directory.accounts.get(record.document.account);
    return account !== undefined && this.#counts(record, account, directory) ? record : undefined;
  }

  #counts(record: Session, account: AccountInfo, directory: Snapshot): boolean {
    const { document } = record;
    const now = this.#clock.now();
    return (
      document.stamp === stampOf(account, directory) &&
      now - document.created < (stageOf(record) === 'active' ? WHOLE_MS : STAGE_MS) &&
      now - document.seen < IDLE_MS
    );
  }

  async #change(
    record: Session,
    change: Partial<Pick<SessionRecord, 'seen' | 'confirmed'>>,
  ): Promise<Session> {
    const document = { ...record.document, ...change };
    await this.#store.commit({ records: [SESSIONS.change(record, document)] });
    return { ...record, document };
  }
}

/** The header that removes the session cookie. */
export const NO_COOKIE = `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/**
 * Throws unless one of the hub's own pages sent a request that a cookie authorises (cross-site request forgery).
 * Browsers name the page in `Sec-Fetch-Site`, and older ones in `Origin`. A client that sends neither is not a browser
 * and must use a key.
 */
export function demandSamePage(headers: PageOrigin, hubUrl: string): void {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return;
  const { origin, host } = headers;
  if (
    site === undefined &&
    origin !== undefined &&
    (origin === originOf(hubUrl) ||
      (host !== undefined && [`http://${host}`, `https://${host}`].includes(origin)))
  )
    return;
  throw sessionErrors.foreignPage();
}

/** Throws unless the person gave the password or a second factor in the last five minutes. Keys are exempt. */
export function demandConfirmed(actor: Principal, now: number): void {
  if (actor.kind !== 'account' || actor.session === undefined) return;
  if (now - actor.session.confirmed >= FRESH_MS) throw sessionErrors.confirmationRequired();
}

/**
 * Throws for a session that began with a password that somebody else set. A sign-in link or an email address that
 * is added in such a session would still give access after the person has chosen another password.
 */
export function demandPersonal(actor: AccountPrincipal): void {
  if (actor.session?.isPersonal === false)
    throw sessionErrors.ownPasswordRequired({
      hint: 'Change your password in the console (/console). If the settings file gives the password, ask an administrator for a one-time link: talanoa account invite.',
    });
}

function secretIn(cookies: string | undefined): string | undefined {
  const found = (cookies ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${COOKIE}=`));
  // With two cookies of this name, one of them was injected, so neither is accepted.
  return found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}

/**
 * Returns a value that changes whenever the sessions of an account must end. It does not include the password hash: the
 * same password may be hashed again, and another password changes the epoch.
 */
function stampOf({ role, member, disabled, epoch }: AccountInfo, directory: Snapshot): string {
  const memberEpoch = member === undefined ? 0 : (directory.members.get(member)?.epoch ?? 0);
  const what = [role, member, disabled, epoch, memberEpoch];
  return hash('sha256', JSON.stringify(what)).slice(0, 32);
}

/** Returns the ids of the accounts that a caller can see. */
function readable(directory: Snapshot, actor: Principal): ReadonlySet<string> {
  return new Set(
    [...directory.accounts.values()]
      .filter((account) => can(actor, 'account.read', accountResource(account)))
      .map(({ id }) => id),
  );
}

function stageOf({ document }: Pick<Session, 'document'>): SessionStage {
  return document.stage ?? 'active';
}

function sessionOf(
  record: Session,
  { isPasswordOwn }: AccountInfo,
): NonNullable<AccountPrincipal['session']> {
  return {
    id: keyId(record.id),
    confirmed: record.document.confirmed,
    isPersonal: isPasswordOwn || !wayOf(record).startsWith(PASSWORD_WAY),
  };
}

function wayOf({ document }: Pick<Session, 'document'>): string {
  return document.way ?? PASSWORD_WAY;
}

function listed(
  record: Pick<Session, 'id' | 'document'>,
  account: string,
  own: string | undefined,
): SessionListed {
  const { id, document } = record;
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    id: keyId(id),
    account,
    created: time(document.created),
    last_used: time(document.seen),
    expires: time(document.created + WHOLE_MS),
    address: document.address,
    agent: document.agent,
    way: wayOf(record),
    stage: stageOf(record),
    current: keyId(id) === own,
  };
}
