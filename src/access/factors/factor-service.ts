import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import { removal, type HubRecord, type Store } from '../../store/store.ts';
import type { Audit } from '../audit.ts';
import { beyond } from '../account-service.ts';
import { unauthenticated, WrongCredentials } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import type { Notifications } from '../notifications.ts';
import { principalName, type AccountPrincipal, type Principal } from '../principal.ts';
import { can } from '../rights.ts';
import type { Sealer } from '../sealing.ts';
import { accountResource, type AccountInfo } from '../snapshot.ts';
import { newRecoveryCodes, recoveryDigest } from './recovery.ts';
import {
  MOST_PASSKEYS,
  createdPasskey,
  creationOptions,
  requestOptions,
  usedPasskey,
  type Passkey,
} from './passkeys.ts';
import { newTotpSecret, plainCode, totpStep, totpUri } from './totp.ts';

const KIND = 'factor';
/** A secret that was shown and never confirmed is forgotten after this. */
const PENDING_MS = 900_000;
/** Two requests that change the same record at once: the later one looks again so often. */
const TRIES = 5;

/** Who has to use a second factor: analysts and administrators of the hub, every person, or whoever wants to. */
export type FactorPolicy = 'staff' | 'everyone' | 'optional';

/** What an account still owes after its password: nothing, its second factor, or setting one up. */
export type FactorNeed = 'none' | 'give' | 'enrol';

/** The second factor of an account, without any secret. Times are RFC 3339. */
export interface FactorsListed {
  /** Name of the account. */
  readonly account: string;
  readonly required: boolean;
  readonly authenticator: { readonly since: string } | undefined;
  readonly passkeys: readonly { readonly id: string; readonly label: string; readonly since: string }[];
  readonly recovery_codes_left: number;
}

/** A secret for an authenticator app. It is shown here and nowhere again. */
export interface AuthenticatorOffer {
  /** Base32. */
  readonly secret: string;
  readonly uri: string;
  readonly expires: string;
}

/** How a second factor was given. */
export type FactorWay = 'authenticator' | 'recovery code' | 'passkey';

/** How long a browser may take to answer. */
const ASKED_MS = 300_000;

interface Totp {
  readonly sealed: string;
  /** The last time step that was accepted. */
  readonly step: number;
  readonly since: number;
}

interface Factors {
  readonly totp?: Totp;
  /** A secret that was shown to one session, and to no other one of the account. */
  readonly pending?: { readonly sealed: string; readonly expires: number; readonly session: string };
  readonly passkeys?: readonly Passkey[];
  /** What a browser was asked to sign: once, in this session, to make a passkey or to use one. */
  readonly asked?: {
    readonly challenge: string;
    readonly session: string;
    readonly expires: number;
    readonly use: 'create' | 'get';
  };
  /** Digests of the recovery codes that were not used. */
  readonly recovery?: readonly string[];
}

export interface FactorServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly policy: FactorPolicy;
  /** What authenticator apps and browsers show beside the account. */
  readonly issuer: string;
  readonly url: () => string;
  readonly notifications: Pick<Notifications, 'notify'>;
}

/**
 * Second factors of people: an authenticator app (TOTP, RFC 6238), passkeys and ten recovery codes. One record per account holds them,
 * and every use is a new revision of it: of two processes that are given the same code at once, one loses the revision, looks
 * again, and finds the code used.
 */
export class FactorService {
  readonly #services: FactorServices;

  constructor(services: FactorServices) {
    this.#services = services;
  }

  /** What an account owes after its password. Machines owe nothing: they use keys. */
  async needOf(account: AccountInfo): Promise<FactorNeed> {
    if (account.role === 'machine') return 'none';
    if (isEnrolled(factorsIn(await this.#record(account)))) return 'give';
    return this.isRequired(account) ? 'enrol' : 'none';
  }

  /** True where the hub demands a second factor of an account, whether it has one or not. */
  isRequired({ role, member }: AccountInfo): boolean {
    const { policy } = this.#services;
    if (policy === 'optional' || role === 'machine') return false;
    return (
      policy === 'everyone' || (member === undefined && (role === 'analyst' || role === 'administrator'))
    );
  }

  async list(account: AccountInfo): Promise<FactorsListed> {
    const factors = factorsIn(await this.#record(account));
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

  /** The second factor of whoever asks. */
  async own(actor: AccountPrincipal): Promise<FactorsListed> {
    const account = (await this.#services.directory.current()).accounts.get(actor.account);
    if (account === undefined) throw unauthenticated();
    return this.list(account);
  }

  /** Makes a secret for an authenticator app. It counts once a code of it was given. */
  async offer(account: AccountInfo, session: string): Promise<AuthenticatorOffer> {
    const { sealer, clock, issuer } = this.#services;
    const secret = newTotpSecret();
    const expires = clock.now() + PENDING_MS;
    await this.#change(account, (factors) => ({
      ...factors,
      pending: { sealed: sealer.seal(secret, contextOf(account)), expires, session },
    }));
    return {
      secret,
      uri: totpUri(secret, issuer, account.name),
      expires: new Date(expires).toISOString(),
    };
  }

  /** The secret that waits for its first code, so that a page can show it again; undefined without one. */
  async offered(account: AccountInfo, session: string): Promise<AuthenticatorOffer | undefined> {
    const { sealer, clock, issuer } = this.#services;
    const { pending } = factorsIn(await this.#record(account));
    if (pending?.session !== session || pending.expires <= clock.now()) return undefined;
    const secret = sealer.open(pending.sealed, contextOf(account));
    return {
      secret,
      uri: totpUri(secret, issuer, account.name),
      expires: new Date(pending.expires).toISOString(),
    };
  }

  /**
   * Takes the first code of an offered secret: from then on it is the account's second factor. Gives recovery codes where the
   * account had no second factor before. Throws a Problem of kind unauthenticated for a wrong code. `onlyFirst`: the session is
   * there to set up the first factor of the account, and may not replace one.
   */
  async enrol(
    actor: Principal,
    account: AccountInfo,
    code: string,
    { session, onlyFirst }: { readonly session: string; readonly onlyFirst: boolean },
  ): Promise<readonly string[]> {
    const { sealer, clock, notifications } = this.#services;
    const now = clock.now();
    const codes = newRecoveryCodes();
    let isFirst = false;
    await this.#change(
      account,
      ({ pending, ...factors }) => {
        isFirst = !isEnrolled(factors);
        if (pending?.session !== session || pending.expires <= now || (onlyFirst && !isFirst))
          throw new Problem('conflict', 'There is no authenticator app waiting for its first code', {
            description: 'Its secret was never shown, or more than 15 minutes ago.',
            hint: 'Start again: show a new secret, add it to the app, then enter the code that the app shows.',
            code: 'TLN-A-410',
          });
        const step = totpStep(sealer.open(pending.sealed, contextOf(account)), plainCode(code), now);
        if (step === undefined) throw wrongCode(account);
        return {
          ...factors,
          totp: { sealed: pending.sealed, step, since: now },
          recovery: isFirst ? codes.map((one) => recoveryDigest(account.id, one)) : (factors.recovery ?? []),
        };
      },
      { actor, action: 'factor.add', details: { way: 'authenticator' } },
    );
    await notifications.notify(account.id, 'factor.created', { by: principalName(actor) });
    return isFirst ? codes : [];
  }

  /** Takes the authenticator app away. Where nothing else is left, the recovery codes go with it. */
  async removeAuthenticator(actor: Principal, account: AccountInfo): Promise<void> {
    await this.#change(
      account,
      ({ totp, ...factors }) => {
        if (totp === undefined)
          throw new Problem('not-found', 'The account has no authenticator app', { code: 'TLN-A-404' });
        return this.#without(account, factors);
      },
      { actor, action: 'factor.remove', details: { way: 'authenticator' } },
    );
    await this.#services.notifications.notify(account.id, 'factor.removed', { by: principalName(actor) });
  }

  /** What a browser needs to make a passkey for the account, or to use one. It can be answered once, in the same session. */
  async ask(account: AccountInfo, session: string, use: 'create' | 'get'): Promise<object> {
    const { passkeys = [] } = factorsIn(await this.#record(account));
    if (use === 'create' && passkeys.length >= MOST_PASSKEYS)
      throw new Problem('conflict', `An account has at most ${MOST_PASSKEYS} passkeys`, {
        hint: 'Remove one that is not used any more.',
        code: 'TLN-A-410',
      });
    const options =
      use === 'create'
        ? await creationOptions(this.#party(), account.name, passkeys)
        : await requestOptions(this.#party(), passkeys);
    const expires = this.#services.clock.now() + ASKED_MS;
    await this.#change(account, (factors) => ({
      ...factors,
      asked: { challenge: options.challenge, session, expires, use },
    }));
    return options;
  }

  /** Adds a passkey that a browser has made. Otherwise like `enrol`. */
  async addPasskey(
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
    await this.#change(
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
      { actor, action: 'factor.add', details: { way: 'passkey' } },
    );
    await this.#services.notifications.notify(account.id, 'factor.created', { by: principalName(actor) });
    return isFirst ? codes : [];
  }

  /** Takes what a passkey has signed, once. Throws a Problem of kind unauthenticated otherwise. */
  async usePasskey(account: AccountInfo, session: string, response: unknown): Promise<FactorWay> {
    const challenge = await this.#asked(account, session, 'get');
    const { passkeys = [] } = factorsIn(await this.#record(account));
    const used = await usedPasskey(this.#party(), challenge, response, passkeys);
    if (used === undefined) throw wrongCode(account);
    await this.#change(account, ({ asked, ...factors }) => {
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
  async removePasskey(actor: Principal, account: AccountInfo, id: string): Promise<void> {
    await this.#change(
      account,
      (factors) => {
        const rest = (factors.passkeys ?? []).filter((one) => one.id !== id);
        if (rest.length === (factors.passkeys?.length ?? 0))
          throw new Problem('not-found', 'The account has no such passkey', { code: 'TLN-A-404' });
        return this.#without(account, { ...factors, passkeys: rest });
      },
      { actor, action: 'factor.remove', details: { way: 'passkey' } },
    );
    await this.#services.notifications.notify(account.id, 'factor.removed', { by: principalName(actor) });
  }

  /** The challenge that a session was asked to answer. */
  async #asked(account: AccountInfo, session: string, use: 'create' | 'get'): Promise<string> {
    const { asked } = factorsIn(await this.#record(account));
    if (asked?.session !== session || asked.use !== use || asked.expires <= this.#services.clock.now())
      throw wrongCode(account);
    return asked.challenge;
  }

  #party(): { readonly name: string; readonly url: string } {
    return { name: this.#services.issuer, url: this.#services.url() };
  }

  /** Replaces the recovery codes. The old ones end. */
  async renewCodes(actor: Principal, account: AccountInfo): Promise<readonly string[]> {
    const codes = newRecoveryCodes();
    await this.#change(
      account,
      (factors) => {
        if (!isEnrolled(factors))
          throw new Problem('conflict', 'Recovery codes need a second factor to stand in for', {
            hint: 'Set up an authenticator app or a passkey first.',
            code: 'TLN-A-410',
          });
        return { ...factors, recovery: codes.map((one) => recoveryDigest(account.id, one)) };
      },
      { actor, action: 'factor.codes' },
    );
    await this.#services.notifications.notify(account.id, 'factor.codes', { by: principalName(actor) });
    return codes;
  }

  /**
   * Takes a code of the authenticator app, or a recovery code. Each is accepted once, over all processes. Throws a Problem of
   * kind unauthenticated otherwise.
   */
  async check(account: AccountInfo, text: string): Promise<FactorWay> {
    const code = plainCode(text);
    return /^\d{6}$/.test(code) ? this.#useCode(account, code) : this.#useRecovery(account, text);
  }

  async #useCode(account: AccountInfo, code: string): Promise<FactorWay> {
    const { sealer, clock } = this.#services;
    await this.#change(account, (factors) => {
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
    await this.#change(
      account,
      (factors) => {
        const rest = (factors.recovery ?? []).filter((one) => one !== digest);
        if (rest.length === (factors.recovery?.length ?? 0)) throw wrongCode(account);
        left = rest.length;
        return { ...factors, recovery: rest };
      },
      { actor: self, action: 'factor.recovery' },
    );
    await this.#services.notifications.notify(account.id, 'factor.recovery', { left });
    return 'recovery code';
  }

  /**
   * Takes every second factor of an account away, for a person who has lost theirs: by whoever manages the account, never by
   * the account itself. The password is still needed, and where a second factor is required the next sign-in sets up a new one.
   */
  async reset(actor: Principal, name: string): Promise<void> {
    const { directory, store, audit, notifications } = this.#services;
    const account = (await directory.refresh()).accountNamed(name);
    if (account === undefined || !can(actor, 'account.read', accountResource(account)))
      throw new Problem('not-found', 'Account not found', { code: 'TLN-U-404' });
    const isOwn = actor.kind === 'account' && actor.account === account.id;
    if (isOwn || !can(actor, 'account.write', accountResource(account))) throw beyond();
    const record = await this.#record(account);
    if (record === undefined)
      throw new Problem('not-found', 'The account has no second factor', { code: 'TLN-A-404' });
    await store.commit({
      records: [removal(record)],
      facts: [audit.fact(actor, 'factor.reset', `account/${name}`, { member: account.member })],
    });
    await notifications.notify(account.id, 'factor.reset', { by: principalName(actor) });
  }

  /** Removes what belongs to accounts that are gone. */
  async sweep(): Promise<void> {
    const { directory, store } = this.#services;
    const { accounts } = await directory.refresh();
    for (const record of await store.records(KIND))
      if (!accounts.has(record.id)) await store.commit({ records: [removal(record)] });
  }

  /** What is left when a factor is removed: nothing where it was the last one, which is refused where the hub demands one. */
  #without(account: AccountInfo, rest: Factors): Factors {
    if (isEnrolled(rest)) return rest;
    if (this.isRequired(account))
      throw new Problem('conflict', 'Your account needs a second factor', {
        description: 'This is the only one that it has, and this hub requires one for your role.',
        hint: 'Add the new authenticator app or passkey first; a new app replaces the old one.',
        code: 'TLN-A-410',
      });
    return {};
  }

  async #record(account: AccountInfo): Promise<HubRecord | undefined> {
    return this.#services.store.record(KIND, account.id);
  }

  /** Changes the record of an account; when somebody else was faster, looks again. */
  async #change(
    account: AccountInfo,
    change: (factors: Factors) => Factors,
    told?: { readonly actor: Principal; readonly action: string; readonly details?: Record<string, unknown> },
  ): Promise<void> {
    const { store, audit } = this.#services;
    for (let tries = 1; ; tries++) {
      const record = await this.#record(account);
      const document = { ...change(factorsIn(record)) };
      const facts =
        told === undefined
          ? []
          : [
              audit.fact(told.actor, told.action, `account/${account.name}`, {
                member: account.member,
                ...(told.details === undefined ? {} : { details: told.details }),
              }),
            ];
      try {
        await store.commit({
          records: [{ kind: KIND, id: account.id, expected: record?.revision ?? 0, document }],
          facts,
        });
        return;
      } catch (error) {
        if (!(error instanceof Problem) || error.kind !== 'conflict' || tries >= TRIES) throw error;
      }
    }
  }
}

function wrongCode({ id }: AccountInfo): Problem {
  return unauthenticated(new WrongCredentials('a wrong or used code of the second factor', id));
}

function contextOf(account: AccountInfo): string {
  return `factor/${account.id}`;
}

function isEnrolled({ totp, passkeys = [] }: Factors): boolean {
  return totp !== undefined || passkeys.length > 0;
}

function factorsIn(record: HubRecord | undefined): Factors {
  return record?.document ?? {};
}
