import type { AuthenticatorOffer, SecondFactor, SecondFactorProof } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { unauthenticated, WrongCredentials, type Authenticator, type Origin } from '../authenticate.ts';
import type { AccountPrincipal } from '../principal.ts';
import { demandConfirmed } from '../sessions/demands.ts';
import type { SessionHolder, SessionService, StartedSession } from '../sessions/session-service.ts';
import type { FactorService } from './factor-service.ts';
import type { SignInHistory } from './history.ts';
import { factorErrors } from './errors.ts';

/** The second factor after a change, and the active session of the account. */
export interface Enrolled {
  /** Recovery codes, shown only here. Empty when the account already has its codes. */
  readonly codes: readonly string[];
  /** Absent when the session was already active. */
  readonly started: StartedSession | undefined;
}

/**
 * The second factor of the person whose browser sends the request: using it at sign-in, setting it up, and
 * removing it. The session cookie decides all of this. An API key cannot do any of it.
 */
export class FactorSessions {
  readonly #sessions: SessionService;
  readonly #factors: FactorService;
  readonly #authenticator: Authenticator;
  readonly #history: SignInHistory;
  readonly #clock: Clock;

  constructor(
    sessions: SessionService,
    factors: FactorService,
    authenticator: Authenticator,
    history: SignInHistory,
    clock: Clock,
  ) {
    this.#sessions = sessions;
    this.#factors = factors;
    this.#authenticator = authenticator;
    this.#history = history;
    this.#clock = clock;
  }

  /** Returns the second factor of the session's account. */
  async list(cookies: string | undefined, from: Origin): Promise<SecondFactor> {
    return this.#factors.list((await this.#holder(cookies, from)).account);
  }

  /** Returns the second factor of a signed-in person. */
  ownOf(actor: AccountPrincipal): Promise<SecondFactor> {
    return this.#factors.own(actor);
  }

  /** Accepts a code, a recovery code or the response of a passkey, and completes the sign-in. */
  async give(cookies: string | undefined, proof: SecondFactorProof, from: Origin): Promise<StartedSession> {
    const holder = await this.#holder(cookies, from);
    if (holder.stage !== 'second-factor') throw factorErrors.notWaiting();
    const { account, principal, record, way: first } = holder;
    const way = await this.#checked(holder, from, () =>
      proof.passkey === undefined
        ? this.#factors.check(account, proof.code ?? '')
        : this.#factors.usePasskey(account, record.id, proof.passkey),
    );
    return this.#sessions.begin(principal, `${first} and ${way}`, from, {
      isComplete: true,
      replaced: record,
    });
  }

  /** True when browsers can use passkeys at the address of the hub. */
  get hasPasskeys(): boolean {
    return this.#factors.hasPasskeys;
  }

  /**
   * Returns the options that the browser needs to create or use a passkey, to complete a sign-in or to
   * confirm an action.
   */
  async ask(cookies: string | undefined, use: 'create' | 'get', from: Origin): Promise<object> {
    const holder = use === 'create' ? await this.#managing(cookies, from) : await this.#holder(cookies, from);
    return this.#factors.ask(holder.account, holder.record.id, use);
  }

  /** Adds a passkey, and completes a sign-in that waits for a first factor. */
  async createPasskey(
    cookies: string | undefined,
    response: unknown,
    label: string,
    from: Origin,
  ): Promise<Enrolled> {
    const holder = await this.#managing(cookies, from);
    const { principal, account, record, stage } = holder;
    const codes = await this.#checked(holder, from, () =>
      this.#factors.createPasskey(principal, account, response, {
        session: record.id,
        onlyFirst: stage === 'enrolment',
        label: label.slice(0, 60) || 'Passkey',
      }),
    );
    return { codes, started: await this.#completed(holder, 'passkey', from) };
  }

  /** Removes a passkey of the session's account. */
  async deletePasskey(cookies: string | undefined, id: string, from: Origin): Promise<void> {
    const { principal, account } = await this.#managing(cookies, from);
    await this.#factors.deletePasskey(principal, account, id);
  }

  /** Creates a new secret for an authenticator app. */
  async offer(cookies: string | undefined, from: Origin): Promise<AuthenticatorOffer> {
    const { account, record } = await this.#managing(cookies, from);
    return this.#factors.offer(account, record.id);
  }

  /** Returns the secret that was shown and waits for its first code. Undefined when none waits. */
  async offered(cookies: string | undefined, from: Origin): Promise<AuthenticatorOffer | undefined> {
    const { account, record } = await this.#managing(cookies, from);
    return this.#factors.offered(account, record.id);
  }

  /** Accepts the first code of the secret that was shown, and completes a sign-in that waits for it. */
  async enrol(cookies: string | undefined, code: string, from: Origin): Promise<Enrolled> {
    const holder = await this.#managing(cookies, from);
    const { principal, account, record, stage } = holder;
    const codes = await this.#checked(holder, from, () =>
      this.#factors.enrol(principal, account, code, { session: record.id, onlyFirst: stage === 'enrolment' }),
    );
    return { codes, started: await this.#completed(holder, 'authenticator', from) };
  }

  /** Removes the authenticator app of the session's account. */
  async deleteAuthenticator(cookies: string | undefined, from: Origin): Promise<void> {
    const { principal, account } = await this.#managing(cookies, from);
    await this.#factors.deleteAuthenticator(principal, account);
  }

  /** Creates new recovery codes for the session's account. */
  async renewCodes(cookies: string | undefined, from: Origin): Promise<readonly string[]> {
    const { principal, account } = await this.#managing(cookies, from);
    return this.#factors.renewCodes(principal, account);
  }

  async #holder(cookies: string | undefined, from: Origin): Promise<SessionHolder> {
    const holder = await this.#sessions.holder(cookies, from);
    if (holder === undefined) throw unauthenticated(new WrongCredentials('no session'));
    return holder;
  }

  /**
   * Returns a session that may change the second factor: a session that was confirmed recently, or one that
   * exists only to set up the first factor. A session that waits for an existing factor cannot change it.
   * Otherwise a password alone could replace the factor.
   */
  async #managing(cookies: string | undefined, from: Origin): Promise<SessionHolder> {
    const holder = await this.#holder(cookies, from);
    if (holder.stage === 'second-factor') throw unauthenticated(new WrongCredentials('no second factor yet'));
    if (holder.stage === 'active') demandConfirmed(holder.principal, this.#clock.now());
    else if ((await this.#factors.needOf(holder.account)) !== 'enrol')
      throw unauthenticated(new WrongCredentials('the account has a second factor in the meantime'));
    return holder;
  }

  #checked<T>({ account }: SessionHolder, from: Origin, check: () => Promise<T>): Promise<T> {
    return this.#history.watch(account.name, 'second factor', from, () =>
      this.#authenticator.guarded(account.name, from, check),
    );
  }

  async #completed(
    { stage, principal, record, way: first }: SessionHolder,
    way: string,
    from: Origin,
  ): Promise<StartedSession | undefined> {
    return stage === 'active'
      ? undefined
      : this.#sessions.begin(principal, `${first} and ${way}`, from, { isComplete: true, replaced: record });
  }
}
