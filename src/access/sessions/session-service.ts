import { setImmediate } from 'node:timers/promises';
import type { Confirmation, Session as SessionView } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem } from '../../kernel/problem.ts';
import { removal, type Store } from '../../store/store.ts';
import type { Audit } from '../audit/audit.ts';
import { unauthenticated, type Authenticator, type Origin, WrongCredentials } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import type { FactorNeed, FactorService } from '../factors/factor-service.ts';
import type { SignInHistory } from '../factors/history.ts';
import { secretDigest } from '../keys/api-key.ts';
import { can } from '../rights.ts';
import { SESSIONS, type SessionRecord } from './model.ts';
import type { Places } from './places.ts';
import type { AccountPrincipal, Principal } from '../principal.ts';
import { SignInRate } from './sign-in-rate.ts';
import type { SignInWatch } from './sign-in-watch.ts';
import { keyId } from '../keys/model.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import { secretIn, sessionCookie } from './cookie.ts';
import { sessionErrors } from './errors.ts';
import {
  isAlive,
  listed,
  PASSWORD_WAY,
  sessionOf,
  stageOf,
  stampOf,
  wayOf,
  type Session,
  type SessionStage,
} from './session.ts';

/** The use of a session is recorded again only after this time, so that not every request causes a write. */
const NOTED_MS = 300_000;
const LONGEST_AGENT = 120;
/** Accounts whose sessions are looked up one account at a time. */
const MOST_LOOKED_UP = 100;
/** Maximum number of sessions that are read at once. */
const PAGE = 500;

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
  readonly session: SessionView;
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
    rate = new SignInRate(clock),
  ) {
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
   * generic response for every kind of wrong credentials.
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
      await this.#signIns.signedIn(principal, 'console', from, true);
    }
    const cookie = sessionCookie(secret);
    return {
      account: account.name,
      stage,
      cookie: stage === 'active' ? [cookie, await this.#places.cookie(account.id)] : [cookie],
      session: listed({ id, document }, account.name, keyId(id)),
    };
  }

  /**
   * Returns the principal of the session in a `Cookie` header. Undefined when there is no valid session. Before a
   * session authorises a change, the caller must call `demandSamePage`. `isUse` is false for requests that a page sends
   * by itself: they do not keep a session alive that nobody uses.
   */
  async find(cookies: string | undefined, from: Origin, isUse = true): Promise<Principal | undefined> {
    const record = await this.#record(cookies);
    if (record === undefined) return undefined;
    const directory = await this.#directory.current();
    const account = directory.accounts.get(record.document.account);
    const principal = account === undefined ? undefined : directory.principal(account.id);
    if (account === undefined || principal?.kind !== 'account') return undefined;
    const now = this.#clock.now();
    if (isUse && now - record.document.seen > NOTED_MS)
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
      isAlive(record, info, directory, this.#clock.now())
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
  async list(actor: Principal): Promise<readonly SessionView[]> {
    const directory = await this.#directory.refresh();
    const own = actor.kind === 'account' ? actor.session?.id : undefined;
    const found: SessionView[] = [];
    for await (const record of this.#of(readable(directory, actor))) {
      const account = directory.accounts.get(record.document.account);
      if (
        account !== undefined &&
        stageOf(record) === 'active' &&
        isAlive(record, account, directory, this.#clock.now())
      )
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
      throw sessionErrors.notFound({ id: id.slice(0, 64) });
    await this.#store.commit({
      records: [removal(record)],
      facts: [this.#audit.fact(actor, 'session.end', `session/${id}`, { member: account.member })],
    });
  }

  /**
   * Asks for the password or a code of the second factor again, before a sensitive operation. Throws as
   * `signIn` does when the proof is wrong.
   */
  async confirm(cookies: string | undefined, proof: Confirmation, from: Origin): Promise<SessionView> {
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

  /** Removes expired sessions. */
  async sweep(): Promise<void> {
    const directory = await this.#directory.current();
    for await (const page of this.#pages())
      for (const record of page) {
        const account = directory.accounts.get(record.document.account);
        if (account === undefined || !isAlive(record, account, directory, this.#clock.now()))
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
    return account !== undefined && isAlive(record, account, directory, this.#clock.now())
      ? record
      : undefined;
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

/** Returns the ids of the accounts that a caller can see. */
function readable(directory: Snapshot, actor: Principal): ReadonlySet<string> {
  return new Set(
    [...directory.accounts.values()]
      .filter((account) => can(actor, 'account.read', accountResource(account)))
      .map(({ id }) => id),
  );
}
