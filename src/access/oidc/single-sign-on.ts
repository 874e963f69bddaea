import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import { withoutFields, type Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';
import { accountId, withAccess } from '../accounts/account-records.ts';
import { beyond } from '../accounts/account-service.ts';
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../authenticate.ts';
import type { Directory } from '../directory.ts';
import { isAddress } from '../accounts/email-address.ts';
import { isOwn, sender, type AccountReset } from '../accounts/account-reset.ts';
import { demandWithin, UNLIMITED } from '../keys/limits.ts';
import type { Notifications } from '../accounts/notifications.ts';
import { nameFor, type AccountPrincipal, type Principal } from '../principal.ts';
import { can } from '../rights.ts';
import type { Sealer } from '../sealing.ts';
import { demandConfirmed, demandPersonal } from '../sessions/demands.ts';
import type { SessionHolder, SessionService, StartedSession } from '../sessions/session-service.ts';
import { ACCOUNTS, type AccountRecord, type SignOnLink, type SignOnLinkRecord } from '../accounts/model.ts';
import { SESSIONS } from '../sessions/model.ts';
import { accountResource, type AccountInfo, type Snapshot } from '../snapshot.ts';
import type { Throttle } from '../sessions/throttle.ts';
import type { Identity, Provider } from './provider.ts';
import { demandManaged } from '../managed.ts';
import { accessErrors } from '../errors.ts';
import { signOnErrors } from './errors.ts';
import { CONTEXT, refused, Visits, type Linking } from './visits.ts';
import { accountErrors } from '../accounts/errors.ts';

/** An authentication at the provider that is newer than this confirms a sensitive change. */
const FRESH_MS = 300_000;
/** Longer ID tokens are not stored. The provider then asks the person to confirm the sign-out. */
const LONGEST_TOKEN = 8_192;

/** The end of a visit to the provider: a new session, or the name of the account that was linked. */
export type Finished = { readonly started: StartedSession } | { readonly linked: string };

export interface SignOnServices {
  readonly provider: Provider | undefined;
  readonly store: Store;
  readonly directory: Directory;
  readonly sessions: SessionService;
  readonly reset: Pick<AccountReset, 'before' | 'given'>;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
  readonly throttle: Pick<Throttle, 'check'>;
  readonly notifications: Pick<Notifications, 'prepare'>;
  readonly url: () => string;
  /** True when TLP:RED was given to the account. */
  readonly holdsRed: (account: string) => Promise<boolean>;
}

/**
 * Single sign-on with an OpenID Connect provider. The accounts must exist before. The provider establishes who a
 * person is, never what they may do. An account is bound to the subject of the issuer. An email address
 * matches an account once, at the first sign-in, if an administrator has set it.
 */
export class SingleSignOn {
  readonly #services: SignOnServices;
  readonly #visits: Visits;

  constructor(services: SignOnServices) {
    this.#services = services;
    this.#visits = new Visits(services);
  }

  /** Returns what the sign-in page offers. Undefined when no provider is set up. */
  get title(): string | undefined {
    return this.#services.provider?.setting.title;
  }

  /** Begins a sign-in. Any process of the hub can complete it, because its state is sealed in the cookie. */
  async begin(fresh: boolean): Promise<{ readonly url: string; readonly cookie: string }> {
    return this.#begin(fresh, undefined);
  }

  /**
   * Begins a visit to the provider that links the account of a session. The person proves there who they are, so
   * nobody can claim the identity of somebody else.
   */
  async beginLink(actor: AccountPrincipal): Promise<{ readonly url: string; readonly cookie: string }> {
    const { clock, directory } = this.#services;
    if (actor.session === undefined) throw beyond();
    demandConfirmed(actor, clock.now());
    demandPersonal(actor);
    await this.#linkable(actor.name, await directory.refresh());
    return this.#begin(true, { account: actor.account, session: actor.session.id });
  }

  async #begin(
    fresh: boolean,
    linking: Linking | undefined,
  ): Promise<{ readonly url: string; readonly cookie: string }> {
    const { url, flow } = await this.#provider().begin(this.#redirectUri(), fresh);
    return { url, cookie: this.#visits.cookie(flow, linking) };
  }

  /** Completes a visit with the parameters from the provider. Throws the same generic response for every mismatch. */
  async finish(cookies: string | undefined, parameters: URLSearchParams, from: Origin): Promise<Finished> {
    // A wrong response can cost a request to the provider.
    return this.#services.throttle.check({ way: 'sign-on', account: '', from }, () =>
      this.#finish(cookies, parameters, from),
    );
  }

  async #finish(cookies: string | undefined, parameters: URLSearchParams, from: Origin): Promise<Finished> {
    const { log } = this.#services;
    const flow = this.#visits.find(cookies);
    if (flow === undefined)
      throw refused('a sign-in that did not begin in this browser, or began too long ago');
    let identity: Identity;
    try {
      identity = await this.#provider().finish(parameters, this.#redirectUri(), flow);
    } catch (error) {
      if (error instanceof Problem) throw error;
      log.warn('single_sign_on.refused', { reason: reasonOf(error), address: from.address });
      throw refused(reasonOf(error));
    }
    await this.#visits.useOnce(flow);
    return flow.linking === undefined
      ? { started: await this.#signIn(identity, from) }
      : { linked: await this.#linkOwn(flow.linking, identity, from) };
  }

  async #signIn(identity: Identity, from: Origin): Promise<StartedSession> {
    const { sessions, sealer, clock, log } = this.#services;
    const account = await this.#accountOf(identity, from);
    const principal = (await this.#directory()).principal(account.id);
    if (principal?.kind !== 'account' || account.role === 'machine') {
      log.warn('single_sign_on.refused', {
        account: account.name,
        reason: "disabled, or not a person's account",
      });
      throw refused(
        "the account is disabled, its member is not active, or it is not a person's account",
        account.name,
      );
    }
    const { authenticated = 0, idToken } = identity;
    return sessions.begin(principal, 'single sign-on', from, {
      isComplete: identity.hasSecondFactor,
      // The clock of the provider may be ahead, which must not make the confirmation last longer.
      confirmed: clock.now() - authenticated < FRESH_MS ? Math.min(authenticated, clock.now()) : 0,
      ...(idToken.length > LONGEST_TOKEN
        ? {}
        : { idToken: sealer.seal(idToken, `${CONTEXT}/${account.name}`) }),
    });
  }

  /** Returns the address at which a session that began at the provider is also ended there. */
  async logoutUrl({ record, account }: SessionHolder): Promise<string | undefined> {
    const { provider, sealer, url } = this.#services;
    const sealed = record.document.id_token;
    if (provider === undefined || sealed === undefined) return undefined;
    return provider.logoutUrl(sealer.open(sealed, `${CONTEXT}/${account.name}`), `${url()}/console/sign-in`);
  }

  /** Links the account of a session to the person who has just signed in at the provider. */
  async #linkOwn({ account: id, session }: Linking, { subject }: Identity, from: Origin): Promise<string> {
    const actor = await this.#services.sessions.named(id, session, from);
    if (actor === undefined) throw refused('the session that began the link has ended', id);
    demandPersonal(actor);
    const directory = await this.#services.directory.refresh();
    await this.#bind(actor, await this.#linkable(actor.name, directory), { subject }, directory);
    return actor.name;
  }

  /**
   * Binds an account to a person at the provider: by the subject, or by an email address for the first
   * sign-in. Only administrators of the hub can do this, and only for an account that nobody uses yet. Managing
   * an account therefore never gives access to what belongs to its person. People link their own account with
   * `beginLink`.
   */
  async link(
    actor: Principal,
    name: string,
    asked: { readonly subject?: string; readonly email?: string },
  ): Promise<void> {
    const { holdsRed } = this.#services;
    this.#provider();
    const directory = await this.#services.directory.refresh();
    const { account, isOwn } = await this.#managed(actor, name, directory);
    if (!can(actor, 'account.link', accountResource(account)))
      throw accessErrors.notPermitted(
        { action: 'link accounts to the sign-in provider' },
        {
          description: 'A link identifies a person, including people of other members.',
          hint: 'To link your own account, sign in to the console and open /console/sso?link. Otherwise ask the hub.',
        },
      );
    // A sign-in at the provider begins a session, which has no limits.
    demandWithin(actor, 'account.link', UNLIMITED);
    const linkable = await this.#linkable(name, directory);
    if (
      !isOwn &&
      (account.passwordHash !== undefined ||
        account.signOn?.subject !== undefined ||
        account.emailVerified ||
        directory.hasKey(account.id) ||
        (await holdsRed(account.id)))
    )
      throw signOnErrors.accountInUse(
        { name },
        {
          hint: 'Ask its person to link it in the console, or create a new account. To link it to another person, remove the existing link first.',
        },
      );
    await this.#bind(actor, linkable, asked, directory);
  }

  /** Returns the record of an account that can be linked. */
  async #linkable(
    name: string,
    directory: Snapshot,
  ): Promise<{ account: AccountInfo; record: Stored<AccountRecord> }> {
    const account = directory.accountNamed(name);
    const record = await ACCOUNTS.in(this.#services.store).get(name);
    if (account === undefined || record === undefined || accountId(record) !== account.id)
      throw accountErrors.notFound({ name: name.slice(0, 64) });
    demandManaged(record, `The account "${name}"`);
    if (account.role === 'machine') throw signOnErrors.machineAccount();
    return { account, record };
  }

  async #bind(
    actor: Principal,
    { account, record }: { readonly account: AccountInfo; readonly record: Stored<AccountRecord> },
    asked: { readonly subject?: string; readonly email?: string },
    directory: Snapshot,
  ): Promise<void> {
    const { store, audit, notifications, reset } = this.#services;
    const { issuer } = this.#provider().setting;
    const { name } = account;
    const { subject } = asked;
    const email = asked.email?.toLowerCase();
    if (email !== undefined && !isAddress(email)) throw accountErrors.invalidEmail();
    const isTaken = (other: AccountInfo): boolean =>
      other.name !== name &&
      other.signOn?.issuer === issuer &&
      ((subject !== undefined && other.signOn.subject === subject) ||
        (email !== undefined && other.signOn.email === email));
    if ([...directory.accounts.values()].some(isTaken)) throw signOnErrors.personLinked();
    const link: SignOnLink = {
      issuer,
      ...(subject === undefined ? {} : { subject }),
      ...(email === undefined ? {} : { email }),
    };
    const notice = notifications.prepare(account.id, 'sign_on.linked', {
      by: nameFor(account.member, actor),
    });
    const fact = audit.fact(actor, 'account.link', `account/${name}`, { member: account.member, details: { issuer } }); // prettier-ignore
    const linked: AccountRecord = { ...record.document, single_sign_on: link };
    const document = isOwn(actor, account, 'key') ? linked : withAccess(linked, actor, fact.at);
    const notices = [notice, ...(await reset.given(actor, account))];
    await store.commit({
      records: [ACCOUNTS.change(record, document), ...notices.map((one) => one.record)],
      facts: [fact],
    });
    await this.#services.directory.refresh();
    await sender(notices)();
  }

  /**
   * Removes the link of an account. If somebody else removes the only way by which a person signs in, the account
   * is reset, because it can then be linked to another person.
   */
  async unlink(actor: Principal, name: string): Promise<void> {
    const { store, audit, notifications } = this.#services;
    const directory = await this.#services.directory.refresh();
    const { account, record, isOwn } = await this.#managed(actor, name, directory);
    demandManaged(record, `The account "${name}"`);
    if (account.signOn === undefined) throw signOnErrors.notLinked();
    const keepsAccess = isOwn || account.passwordHash !== undefined || directory.hasKey(account.id);
    const reset = keepsAccess ? undefined : await this.#services.reset.before(actor, account, 'secret');
    const document = withoutFields(reset?.document ?? record.document, ['single_sign_on']);
    const ended = new Set((reset?.records ?? []).map(({ kind, id }) => `${kind}/${id}`));
    const own = await SESSIONS.in(store).by('account', account.id);
    const sessions = own.filter(
      (session) => session.document.way === 'single sign-on' && !ended.has(`session/${session.id}`),
    );
    const notice = notifications.prepare(account.id, 'sign_on.unlinked', {
      by: nameFor(account.member, actor),
    });
    await store.commit({
      records: [
        ACCOUNTS.change(record, document),
        notice.record,
        ...sessions.map(removal),
        ...(reset?.records ?? []),
      ],
      facts: [
        ...(reset?.facts ?? []),
        audit.fact(actor, 'account.unlink', `account/${name}`, { member: account.member }),
      ],
    });
    await this.#services.directory.refresh();
    await reset?.notify();
    await notice.send();
  }

  /** Removes the markers of completed sign-ins that are too old to be replayed. */
  sweep(): Promise<void> {
    return this.#visits.sweep();
  }

  async #managed(
    actor: Principal,
    name: string,
    directory: Snapshot,
  ): Promise<{ account: AccountInfo; record: Stored<AccountRecord>; isOwn: boolean }> {
    const account = directory.accountNamed(name);
    const record = await ACCOUNTS.in(this.#services.store).get(name);
    if (
      account === undefined ||
      record === undefined ||
      accountId(record) !== account.id ||
      !can(actor, 'account.read', accountResource(account))
    )
      throw accountErrors.notFound({ name: name.slice(0, 64) });
    const isOwn = actor.kind === 'account' && actor.account === account.id && actor.session !== undefined;
    if (!isOwn && !can(actor, 'account.write', accountResource(account))) throw beyond();
    return { account, record, isOwn };
  }

  /**
   * Returns the account of a person: by the subject, or at the first sign-in by the email address that an
   * administrator has set.
   */
  async #accountOf({ subject, email }: Identity, from: Origin): Promise<AccountInfo> {
    const { log, store, audit, directory } = this.#services;
    const { issuer } = this.#provider().setting;
    const snapshot = await directory.refresh();
    const all = [...snapshot.accounts.values()].filter(({ signOn }) => signOn?.issuer === issuer);
    const bound = all.filter(({ signOn }) => signOn?.subject === subject);
    const [only] = bound;
    if (only !== undefined && bound.length === 1) return only;
    const byEmail =
      bound.length > 0 || email === undefined
        ? []
        : all.filter(({ signOn }) => signOn?.subject === undefined && signOn?.email === email);
    const [first] = byEmail;
    if (first === undefined || byEmail.length !== 1) {
      log.warn('single_sign_on.refused', {
        reason:
          bound.length + byEmail.length > 1
            ? 'several accounts are linked to this person'
            : 'no account is linked to this person',
        subject,
        address: from.address,
        hint: 'Link an account: talanoa account link NAME --subject SUBJECT',
      });
      throw refused('a person without a linked account');
    }
    const record = await ACCOUNTS.in(store).get(first.name);
    const principal = snapshot.principal(first.id);
    if (record === undefined || principal === undefined) throw refused('the account is disabled', first.id);
    // Between the two reads, the link may have been removed or changed, or another account may have the name.
    const waiting = record.document.single_sign_on;
    if (
      accountId(record) !== first.id ||
      waiting?.issuer !== issuer ||
      waiting.subject !== undefined ||
      waiting.email !== email
    )
      throw refused('the link of the account has changed', first.id);
    await store.commit({
      records: [
        ACCOUNTS.change(record, { ...record.document, single_sign_on: { issuer, subject, ...declaredIn(record.document) } }),
      ],
      facts: [audit.fact(principal, 'account.link', `account/${first.name}`, { member: first.member, details: { issuer } })],
    }); // prettier-ignore
    return (await directory.refresh()).accounts.get(first.id) ?? first;
  }

  #directory(): Promise<Snapshot> {
    return this.#services.directory.current();
  }

  #provider(): Provider {
    const { provider } = this.#services;
    if (provider === undefined) throw signOnErrors.noProvider();
    return provider;
  }

  #redirectUri(): string {
    return `${this.#services.url()}/console/sso/callback`;
  }
}

/** The address from the settings file. A later start sees from it that this address has already been used. */
function declaredIn({ single_sign_on: link }: AccountRecord): Partial<Pick<SignOnLinkRecord, 'declared'>> {
  const declared = link?.declared;
  return declared === undefined ? {} : { declared };
}
