import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import { unauthenticated, WrongCredentials, type Authenticator, type Origin } from '../authenticate.ts';
import type { AccountPrincipal } from '../principal.ts';
import {
  demandConfirmed,
  type SessionHolder,
  type SessionService,
  type StartedSession,
} from '../session-service.ts';
import type { AuthenticatorOffer, FactorService, FactorsListed } from './factor-service.ts';
import type { SignInHistory } from './history.ts';

/** A second factor as it is given: a code, or what a passkey has signed. */
export interface Proof {
  readonly code?: string;
  readonly passkey?: unknown;
}

/** What a second factor has become, and the active session that its account has from now on. */
export interface Enrolled {
  /** Shown here and nowhere again; empty where the account has had its codes before. */
  readonly codes: readonly string[];
  /** Absent where the session was active before. */
  readonly started: StartedSession | undefined;
}

/**
 * The second factor of the person whose browser asks: giving it at a sign-in, setting it up and removing it. Everything here is
 * decided by the session of the cookie; an API key can do nothing of it.
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

  /** The second factor of the session's account. */
  async list(cookies: string | undefined, from: Origin): Promise<FactorsListed> {
    return this.#factors.list((await this.#holder(cookies, from)).account);
  }

  /** The second factor of a person who has signed in. */
  ownOf(actor: AccountPrincipal): Promise<FactorsListed> {
    return this.#factors.own(actor);
  }

  /** Takes a code, a recovery code or the answer of a passkey, and makes the sign-in complete. */
  async give(cookies: string | undefined, proof: Proof, from: Origin): Promise<StartedSession> {
    const holder = await this.#holder(cookies, from);
    if (holder.stage !== 'second-factor')
      throw new Problem('conflict', 'This sign-in does not wait for a second factor', { code: 'TLN-A-410' });
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

  /** What the browser needs to make a passkey, or to use one: for a sign-in that waits, or to confirm. */
  async ask(cookies: string | undefined, use: 'create' | 'get', from: Origin): Promise<object> {
    const holder = use === 'create' ? await this.#managing(cookies, from) : await this.#holder(cookies, from);
    return this.#factors.ask(holder.account, holder.record.id, use);
  }

  /** Adds a passkey, and makes a sign-in complete that waits for a first factor. */
  async addPasskey(
    cookies: string | undefined,
    response: unknown,
    label: string,
    from: Origin,
  ): Promise<Enrolled> {
    const holder = await this.#managing(cookies, from);
    const { principal, account, record, stage } = holder;
    const codes = await this.#checked(holder, from, () =>
      this.#factors.addPasskey(principal, account, response, {
        session: record.id,
        onlyFirst: stage === 'enrolment',
        label: label.slice(0, 60) || 'Passkey',
      }),
    );
    return { codes, started: await this.#completed(holder, 'passkey', from) };
  }

  /** Removes a passkey of the session's account. */
  async removePasskey(cookies: string | undefined, id: string, from: Origin): Promise<void> {
    const { principal, account } = await this.#managing(cookies, from);
    await this.#factors.removePasskey(principal, account, id);
  }

  /** Shows a new secret for an authenticator app. */
  async offer(cookies: string | undefined, from: Origin): Promise<AuthenticatorOffer> {
    const { account, record } = await this.#managing(cookies, from);
    return this.#factors.offer(account, record.id);
  }

  /** The secret that was shown and waits for its first code; undefined without one. */
  async offered(cookies: string | undefined, from: Origin): Promise<AuthenticatorOffer | undefined> {
    const { account, record } = await this.#managing(cookies, from);
    return this.#factors.offered(account, record.id);
  }

  /** Takes the first code of the secret that was shown, and makes a sign-in complete that waits for it. */
  async enrol(cookies: string | undefined, code: string, from: Origin): Promise<Enrolled> {
    const holder = await this.#managing(cookies, from);
    const { principal, account, record, stage } = holder;
    const codes = await this.#checked(holder, from, () =>
      this.#factors.enrol(principal, account, code, { session: record.id, onlyFirst: stage === 'enrolment' }),
    );
    return { codes, started: await this.#completed(holder, 'authenticator', from) };
  }

  /** Removes the authenticator app of the session's account. */
  async removeAuthenticator(cookies: string | undefined, from: Origin): Promise<void> {
    const { principal, account } = await this.#managing(cookies, from);
    await this.#factors.removeAuthenticator(principal, account);
  }

  /** Makes new recovery codes for the session's account. */
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
   * A session that may change the second factor: one that was confirmed just now, or one that is there for nothing but this. One
   * that waits for the present factor may not: else a password alone could replace it.
   */
  async #managing(cookies: string | undefined, from: Origin): Promise<SessionHolder> {
    const holder = await this.#holder(cookies, from);
    if (holder.stage === 'second-factor') throw unauthenticated(new WrongCredentials('no second factor yet'));
    if (holder.stage === 'active') demandConfirmed(holder.principal, this.#clock.now());
    else if ((await this.#factors.needOf(holder.account)) !== 'enrol')
      throw unauthenticated(new WrongCredentials('the account has a second factor by now'));
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
