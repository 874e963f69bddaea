import type { AuthenticatorOffer, SecondFactor } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Problem } from '../../kernel/problem.ts';
import { removal, type Store } from '../../store/store.ts';
import type { Audit } from '../audit/audit.ts';
import { accountId, withAccess } from '../accounts/account-records.ts';
import { beyond } from '../accounts/account-service.ts';
import { ACCOUNTS } from '../accounts/model.ts';
import { unauthenticated, WrongCredentials } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import { sender, type AccountReset } from '../accounts/account-reset.ts';
import type { Notifications } from '../accounts/notifications.ts';
import { nameFor, type AccountPrincipal, type Principal } from '../principal.ts';
import { can } from '../rights.ts';
import type { Sealer } from '../sealing.ts';
import { accountResource, type AccountInfo } from '../snapshot.ts';
import { FactorRecords, isEnrolled } from './factor-records.ts';
import { FACTORS, type Factors } from './model.ts';
import { newRecoveryCodes, recoveryDigest } from './recovery.ts';
import {
  MOST_PASSKEYS,
  createdPasskey,
  creationOptions,
  hasHostName,
  requestOptions,
  usedPasskey,
} from './passkeys.ts';
import { newTotpSecret, plainCode, totpStep, totpUri } from './totp.ts';
import { factorErrors } from './errors.ts';
import { accountErrors } from '../accounts/errors.ts';

/** A secret that was shown but not confirmed is discarded after this time. */
const PENDING_MS = 900_000;
/** The people who must use a second factor: hub analysts and administrators, every person, or only people who choose to. */
export type FactorPolicy = 'staff' | 'everyone' | 'optional';

/** The step that an account must take after its password: nothing, give its second factor, or set one up. */
export type FactorNeed = 'none' | 'give' | 'enrol';

/** The means by which a second factor was given. */
export type FactorWay = 'authenticator' | 'recovery code' | 'passkey';

/** The time that a browser has to answer. */
const ASKED_MS = 300_000;

export interface FactorServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly policy: FactorPolicy;
  /** The name that authenticator apps and browsers show next to the account. */
  readonly issuer: string;
  readonly url: () => string;
  readonly notifications: Pick<Notifications, 'prepare'>;
  readonly given: Pick<AccountReset, 'given'>;
}

/**
 * Second factors of people: an authenticator app (TOTP, RFC 6238), passkeys and ten recovery codes. One
 * record per account holds them, and every use writes a new revision of it. When two processes receive the
 * same code at once, one of them fails to write its revision, reads the record again and finds the code used.
 */
export class FactorService {
  readonly #services: FactorServices;
  readonly #records: FactorRecords;

  constructor(services: FactorServices) {
    this.#services = services;
    this.#records = new FactorRecords(services);
  }

  /** Returns what an account must do after its password. Service accounts need nothing, because they use keys. */
  async needOf(account: AccountInfo): Promise<FactorNeed> {
    if (account.role === 'machine') return 'none';
    if (isEnrolled(await this.#records.factors(account))) return 'give';
    return this.isRequired(account) ? 'enrol' : 'none';
  }

  /** True when the hub requires a second factor for an account, whether or not the account has one. */
  isRequired({ role, member }: AccountInfo): boolean {
    const { policy } = this.#services;
    if (policy === 'optional' || role === 'machine') return false;
    return (
      policy === 'everyone' || (member === undefined && (role === 'analyst' || role === 'administrator'))
    );
  }

  async list(account: AccountInfo): Promise<SecondFactor> {
    const factors = await this.#records.factors(account);
    return {
      account: account.name,
      required: this.isRequired(account),
      authenticator:
        factors.totp === undefined ? undefined : { since: new Date(factors.totp.since).toISOString() },
      passkeys: (factors.passkeys ?? []).map(({ id, label, since }) => ({
        id,
        label,
        since: new Date(since).toISOString(),
      })),
      recovery_codes_left: factors.recovery?.length ?? 0,
    };
  }

  /** Returns the second factor of the caller. */
  async own(actor: AccountPrincipal): Promise<SecondFactor> {
    const account = (await this.#services.directory.current()).accounts.get(actor.account);
    if (account === undefined) throw unauthenticated();
    return this.list(account);
  }

  /** Creates a secret for an authenticator app. It takes effect once the person has entered a code of it. */
  async offer(account: AccountInfo, session: string): Promise<AuthenticatorOffer> {
    const { sealer, clock, issuer } = this.#services;
    const secret = newTotpSecret();
    const expires = clock.now() + PENDING_MS;
    await this.#records.update(account, (factors) => ({
      ...factors,
      pending: { sealed: sealer.seal(secret, contextOf(account)), expires, session },
    }));
    return {
      secret,
      uri: totpUri(secret, issuer, account.name),
      expires: new Date(expires).toISOString(),
    };
  }

  /** Returns the secret that waits for its first code, so that a page can show it again. Undefined when none waits. */
  async offered(account: AccountInfo, session: string): Promise<AuthenticatorOffer | undefined> {
    const { sealer, clock, issuer } = this.#services;
    const { pending } = await this.#records.factors(account);
    if (pending?.session !== session || pending.expires <= clock.now()) return undefined;
    const secret = sealer.open(pending.sealed, contextOf(account));
    return {
      secret,
      uri: totpUri(secret, issuer, account.name),
      expires: new Date(pending.expires).toISOString(),
    };
  }

  /**
   * Accepts the first code of an offered secret. From then on the secret is a second factor of the account.
   * Returns recovery codes when the account had no second factor before. Throws a Problem of kind
   * unauthenticated for a wrong code. `onlyFirst` means that the session may set up the first factor of the
   * account but cannot replace one.
   */
  async enrol(
    actor: Principal,
    account: AccountInfo,
    code: string,
    { session, onlyFirst }: { readonly session: string; readonly onlyFirst: boolean },
  ): Promise<readonly string[]> {
    const { sealer, clock } = this.#services;
    const now = clock.now();
    const codes = newRecoveryCodes();
    let isFirst = false;
    await this.#records.update(
      account,
      ({ pending, ...factors }) => {
        isFirst = !isEnrolled(factors);
        if (pending?.session !== session || pending.expires <= now || (onlyFirst && !isFirst))
          throw factorErrors.noAppPending();
        const step = totpStep(sealer.open(pending.sealed, contextOf(account)), plainCode(code), now);
        if (step === undefined) throw wrongCode(account);
        return {
          ...factors,
          totp: { sealed: pending.sealed, step, since: now },
          recovery: isFirst ? codes.map((one) => recoveryDigest(account.id, one)) : (factors.recovery ?? []),
        };
      },
      { actor, action: 'factor.create', details: { way: 'authenticator' }, event: 'factor.created' },
    );
    return isFirst ? codes : [];
  }

  /** Removes the authenticator app. If no other factor is left, the recovery codes are removed with it. */
  async deleteAuthenticator(actor: Principal, account: AccountInfo): Promise<void> {
    await this.#records.update(
      account,
      ({ totp, ...factors }) => {
        if (totp === undefined) throw factorErrors.noApp();
        return this.#without(account, factors);
      },
      { actor, action: 'factor.delete', details: { way: 'authenticator' }, event: 'factor.removed' },
    );
  }

  /** True when browsers can use passkeys at the address of the hub. */
  get hasPasskeys(): boolean {
    return hasHostName(this.#party().url);
  }

  /**
   * Returns the options that a browser needs to create or use a passkey. They can be answered once, in the
   * same session.
   */
  async ask(account: AccountInfo, session: string, use: 'create' | 'get'): Promise<object> {
    const { url } = this.#party();
    if (!hasHostName(url)) throw factorErrors.hostNameRequired({ url });
    const { passkeys = [] } = await this.#records.factors(account);
    if (use === 'create' && passkeys.length >= MOST_PASSKEYS)
      throw factorErrors.tooManyPasskeys({ most: MOST_PASSKEYS });
    const options =
      use === 'create'
        ? await creationOptions(this.#party(), account.name, passkeys)
        : await requestOptions(this.#party(), passkeys);
    const expires = this.#services.clock.now() + ASKED_MS;
    await this.#records.update(account, (factors) => ({
      ...factors,
      asked: { challenge: options.challenge, session, expires, use },
    }));
    return options;
  }

  /** Adds a passkey that a browser created. Otherwise it works like `enrol`. */
  async createPasskey(
    actor: Principal,
    account: AccountInfo,
    response: unknown,
    {
      session,
      onlyFirst,
      label,
    }: { readonly session: string; readonly onlyFirst: boolean; readonly label: string },
  ): Promise<readonly string[]> {
    const challenge = await this.#asked(account, session, 'create');
    const since = this.#services.clock.now();
    const passkey = await createdPasskey(this.#party(), challenge, response, { label, since });
    if (passkey === undefined) throw wrongCode(account);
    const codes = newRecoveryCodes();
    let isFirst = false;
    await this.#records.update(
      account,
      ({ asked, ...factors }) => {
        isFirst = !isEnrolled(factors);
        if (asked?.challenge !== challenge || (onlyFirst && !isFirst)) throw wrongCode(account);
        return {
          ...factors,
          passkeys: [...(factors.passkeys ?? []).filter(({ id }) => id !== passkey.id), passkey],
          recovery: isFirst ? codes.map((one) => recoveryDigest(account.id, one)) : (factors.recovery ?? []),
        };
      },
      { actor, action: 'factor.create', details: { way: 'passkey' }, event: 'factor.created' },
    );
    return isFirst ? codes : [];
  }

  /** Accepts a challenge that a passkey signed, once. Throws a Problem of kind unauthenticated otherwise. */
  async usePasskey(account: AccountInfo, session: string, response: unknown): Promise<FactorWay> {
    const challenge = await this.#asked(account, session, 'get');
    const { passkeys = [] } = await this.#records.factors(account);
    const used = await usedPasskey(this.#party(), challenge, response, passkeys);
    if (used === undefined) throw wrongCode(account);
    await this.#records.update(account, ({ asked, ...factors }) => {
      const known = factors.passkeys?.some(({ id }) => id === used.id) === true;
      if (asked?.challenge !== challenge || !known) throw wrongCode(account);
      return {
        ...factors,
        passkeys: (factors.passkeys ?? []).map((one) => (one.id === used.id ? used : one)),
      };
    });
    return 'passkey';
  }

  /** Removes a passkey. */
  async deletePasskey(actor: Principal, account: AccountInfo, id: string): Promise<void> {
    await this.#records.update(
      account,
      (factors) => {
        const rest = (factors.passkeys ?? []).filter((one) => one.id !== id);
        if (rest.length === (factors.passkeys?.length ?? 0)) throw factorErrors.passkeyNotFound();
        return this.#without(account, { ...factors, passkeys: rest });
      },
      { actor, action: 'factor.delete', details: { way: 'passkey' }, event: 'factor.removed' },
    );
  }

  /** Returns the challenge that the session was asked to answer. */
  async #asked(account: AccountInfo, session: string, use: 'create' | 'get'): Promise<string> {
    const { asked } = await this.#records.factors(account);
    if (asked?.session !== session || asked.use !== use || asked.expires <= this.#services.clock.now())
      throw wrongCode(account);
    return asked.challenge;
  }

  #party(): { readonly name: string; readonly url: string } {
    return { name: this.#services.issuer, url: this.#services.url() };
  }

  /** Replaces the recovery codes. The old ones stop working. */
  async renewCodes(actor: Principal, account: AccountInfo): Promise<readonly string[]> {
    const codes = newRecoveryCodes();
    await this.#records.update(
      account,
      (factors) => {
        if (!isEnrolled(factors)) throw factorErrors.factorRequiredFirst();
        return { ...factors, recovery: codes.map((one) => recoveryDigest(account.id, one)) };
      },
      { actor, action: 'factor.codes', event: 'factor.codes' },
    );
    return codes;
  }

  /**
   * Accepts a code of the authenticator app, or a recovery code. Each code is accepted once across all
   * processes. Throws a Problem of kind unauthenticated otherwise.
   */
  async check(account: AccountInfo, text: string): Promise<FactorWay> {
    const code = plainCode(text);
    return /^\d{6}$/.test(code) ? this.#useCode(account, code) : this.#useRecovery(account, text);
  }

  async #useCode(account: AccountInfo, code: string): Promise<FactorWay> {
    const { sealer, clock } = this.#services;
    await this.#records.update(account, (factors) => {
      const { totp } = factors;
      if (totp === undefined) throw wrongCode(account);
      const step = totpStep(sealer.open(totp.sealed, contextOf(account)), code, clock.now());
      if (step === undefined || step <= totp.step) throw wrongCode(account);
      return { ...factors, totp: { ...totp, step } };
    });
    return 'authenticator';
  }

  async #useRecovery(account: AccountInfo, code: string): Promise<FactorWay> {
    const digest = recoveryDigest(account.id, code);
    const self: Principal = {
      kind: 'account', account: account.id, name: account.name, role: account.role, member: account.member, person: account.person, groups: [],
    }; // prettier-ignore
    let left = 0;
    await this.#records.update(
      account,
      (factors) => {
        const rest = (factors.recovery ?? []).filter((one) => one !== digest);
        if (rest.length === (factors.recovery?.length ?? 0)) throw wrongCode(account);
        left = rest.length;
        return { ...factors, recovery: rest };
      },
      { actor: self, action: 'factor.recovery', event: 'factor.recovery', notice: () => ({ left }) },
    );
    return 'recovery code';
  }

  /**
   * Removes every second factor of an account whose person has lost theirs. Only somebody who manages the
   * account can do this, never the account itself. The password is still required. Where a second factor is
   * required, the person sets up a new one at the next sign-in.
   */
  async reset(actor: Principal, name: string): Promise<void> {
    const { directory, store, audit, notifications, given } = this.#services;
    const account = (await directory.refresh()).accountNamed(name);
    if (account === undefined || !can(actor, 'account.read', accountResource(account)))
      throw accountErrors.notFound({ name: name.slice(0, 64) });
    const isOwn = actor.kind === 'account' && actor.account === account.id;
    if (isOwn || !can(actor, 'account.write', accountResource(account))) throw beyond();
    const record = await this.#records.of(account);
    if (record === undefined) throw factorErrors.noFactor();
    const stored = await ACCOUNTS.in(store).get(name);
    if (stored === undefined || accountId(stored) !== account.id) throw factorErrors.noFactor();
    const notices = [notifications.prepare(account.id, 'factor.reset', { by: nameFor(account.member, actor) }), ...(await given.given(actor, account))]; // prettier-ignore
    const fact = audit.fact(actor, 'factor.reset', `account/${name}`, { member: account.member });
    const change = ACCOUNTS.change(stored, withAccess(stored.document, actor, fact.at));
    await store.commit({
      records: [change, removal(record), ...notices.map((one) => one.record)],
      facts: [fact],
    });
    await directory.refresh();
    await sender(notices)();
  }

  /** Removes the factors of deleted accounts. */
  async sweep(): Promise<void> {
    const { directory, store } = this.#services;
    const { accounts, damage } = await directory.refresh();
    for await (const record of FACTORS.in(store).each())
      if (!accounts.has(record.id) && !damage.couldBeAccount(record.id))
        await store.commit({ records: [removal(record)] });
  }

  /**
   * Returns what remains after a factor is removed. The last factor of an account that requires one cannot be
   * removed.
   */
  #without(account: AccountInfo, rest: Factors): Factors {
    if (isEnrolled(rest)) return rest;
    if (this.isRequired(account)) throw factorErrors.lastFactor();
    return {};
  }
}

function wrongCode({ id }: AccountInfo): Problem {
  return unauthenticated(new WrongCredentials('a wrong or used second factor code', id));
}

function contextOf(account: AccountInfo): string {
  return `factor/${account.id}`;
}
