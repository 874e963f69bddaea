import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Problem } from '../../kernel/problem.ts';
import type { Stored } from '../../store/records.ts';
import { waitForLease } from '../../store/held-lease.ts';
import { removal, type Store } from '../../store/store.ts';
import { accountId, nextEpoch } from './account-records.ts';
import { beyond, checkPassword, demandOtherPassword } from './account-service.ts';
import { withCredential, type AccountReset } from './account-reset.ts';
import type { Audit } from '../audit/audit.ts';
import { ACCOUNTS, INVITATIONS, isOpenInvitation, type InvitationRecord } from './model.ts';
import type { Notifications } from './notifications.ts';
import type { Places } from '../sessions/places.ts';
import type { Directory } from '../directory.ts';
import { secretDigest } from '../keys/api-key.ts';
import { hashPassword } from './passwords.ts';
import { demandWithin, UNLIMITED } from '../keys/limits.ts';
import { can } from '../rights.ts';
import { PUBLIC, nameFor, principalName, type Principal } from '../principal.ts';
import { accountResource } from '../snapshot.ts';
import type { Origin, Throttle } from '../sessions/throttle.ts';
import { accountErrors } from './errors.ts';

const LIFE_MS = 86_400_000;
/** Time for which the page of a link explains why it no longer works. */
const KEPT_MS = 30 * 86_400_000;
const LEASE_MS = 10_000;
const PATIENCE_MS = 30_000;
/** Maximum number of attempts when processes make links for one account at the same time. */
const TRIES = 5;

/** A link with which a person sets the password of their account. It works once, within a day. */
export interface Invitation {
  /** Name of the account. */
  readonly account: string;
  /** Path on the hub. It is shown only here. */
  readonly path: string;
  readonly expires: string;
}

/** The links that a start of the hub created, and the people whose earlier links still work. */
export interface FirstLinks {
  readonly made: readonly Invitation[];
  readonly waiting: readonly WaitingLink[];
}

/** A person whose link still works. */
export interface WaitingLink {
  /** Name of the account. */
  readonly account: string;
  readonly expires: string;
}

/**
 * The account of a link, or the reason why it does not work. Nothing is known about a link that ended long ago or was never
 * created.
 */
export type FoundLink =
  | { readonly state: 'open'; readonly account: string }
  | { readonly state: 'used' | 'replaced' | 'expired' | 'unknown' };

/** A link that was used. */
export interface Accepted {
  /** Name of the account. */
  readonly account: string;
  /** `Set-Cookie` header of the device, which has proven the secret of the link. */
  readonly cookie: string;
}

/**
 * One-time links for the first sign-in of people, so that nobody else has to choose their password. Only the digest of
 * a link is stored. A new link for an account replaces the previous one.
 */
export class InvitationService {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #audit: Audit;
  readonly #throttle: Throttle;
  readonly #reset: AccountReset;
  readonly #notifications: Notifications;
  readonly #places: Pick<Places, 'proven'>;

  constructor(
    store: Store,
    directory: Directory,
    clock: Clock,
    ids: Ids,
    audit: Audit,
    throttle: Throttle,
    reset: AccountReset,
    notifications: Notifications,
    places: Pick<Places, 'proven'>,
  ) {
    this.#places = places;
    this.#reset = reset;
    this.#notifications = notifications;
    this.#store = store;
    this.#directory = directory;
    this.#clock = clock;
    this.#ids = ids;
    this.#audit = audit;
    this.#throttle = throttle;
  }

  /** Creates a link for an account that the caller manages. */
  async invite(actor: Principal, name: string): Promise<Invitation> {
    for (let tries = 1; ; tries++)
      try {
        return await this.#invite(actor, name);
      } catch (error) {
        // Another process has made a link at the same time. The later one of two links replaces the earlier one.
        if (!(error instanceof Problem) || error.kind !== 'conflict' || tries >= TRIES) throw error;
      }
  }

  async #invite(actor: Principal, name: string): Promise<Invitation> {
    const directory = await this.#directory.refresh();
    const account = directory.accountNamed(name);
    if (account === undefined || !can(actor, 'account.read', accountResource(account)))
      throw accountErrors.notFound({ name: name.slice(0, 64) });
    if (!can(actor, 'account.write', accountResource(account))) throw beyond();
    demandWithin(actor, 'account.invite', UNLIMITED);
    const reset = await this.#reset.before(actor, account, 'secret');
    const token = this.#ids.secret(24);
    const expires = this.#clock.now() + LIFE_MS;
    const before = (await this.#open(account.id)).filter(
      ({ id }) => !reset.records.some((change) => change.id === id),
    );
    const fact = this.#audit.fact(actor, 'account.invite', `account/${name}`, {
      member: account.member,
      details: { expires },
    });
    const notice = this.#notifications.prepare(account.id, 'link.created', {
      by: nameFor(account.member, actor),
    });
    await this.#store.commit({
      records: [
        ...withCredential(reset, [
          INVITATIONS.insert(secretDigest(token), { account: account.id, expires, by: principalName(actor) }),
          ...before.map((one) => INVITATIONS.change(one, { ...one.document, state: 'replaced' as const })),
        ]),
        notice.record,
      ],
      facts: [...reset.facts, fact],
    });
    await this.#directory.refresh();
    await reset.notify();
    await notice.send();
    return { account: name, path: `/first/${token}`, expires: new Date(expires).toISOString() };
  }

  /**
   * Creates links for all people who have no way to sign in yet. The hub prints them when it starts. A link that a person
   * has already, and that still works, is kept. It cannot be shown again.
   */
  async inviteAll(actor: Principal): Promise<FirstLinks> {
    // Processes of one database start at the same time. The second one finds the links of the first.
    const held = await waitForLease(this.#store, this.#clock, 'invitations', LEASE_MS, PATIENCE_MS);
    if (held === undefined) return { made: [], waiting: [] };
    try {
      const directory = await this.#directory.refresh();
      const people = [...directory.accounts.values()].filter(
        ({ id, person, disabled, passwordHash, signOn }) =>
          person && !disabled && passwordHash === undefined && signOn === undefined && !directory.hasKey(id),
      );
      const made: Invitation[] = [];
      const waiting: WaitingLink[] = [];
      for (const { id, name } of people) {
        const [open] = await this.#open(id);
        if (open === undefined) made.push(await this.invite(actor, name));
        else waiting.push({ account: name, expires: new Date(open.document.expires).toISOString() });
      }
      return { made, waiting };
    } finally {
      await held.release();
    }
  }

  /** Returns the account that a link is for, or why it does not work. */
  async find(token: string, from: Origin): Promise<FoundLink> {
    const record = await INVITATIONS.in(this.#store).get(secretDigest(token));
    if (record === undefined) {
      const problem = this.#throttle.wrong({ way: 'link', account: '', from }, ended());
      if (problem.kind === 'rate-limited') throw problem;
      return { state: 'unknown' };
    }
    if (!isOpenInvitation(record.document, this.#clock.now()))
      return { state: record.document.state ?? 'expired' };
    const account = (await this.#directory.refresh()).accounts.get(record.document.account);
    if (account?.disabled === true) return { state: 'unknown' };
    return account === undefined ? { state: 'replaced' } : { state: 'open', account: account.name };
  }

  /** Returns the links of an account that still work. */
  async #open(account: string): Promise<readonly Stored<InvitationRecord>[]> {
    const now = this.#clock.now();
    return (await INVITATIONS.all(this.#store)).filter(
      ({ document }) => document.account === account && isOpenInvitation(document, now),
    );
  }

  /**
   * Sets the password of the account and ends the link. Throws when the link is invalid or the password is not
   * acceptable.
   */
  async accept(token: string, password: string, from: Origin): Promise<Accepted> {
    const record = await INVITATIONS.in(this.#store).get(secretDigest(token));
    if (record === undefined) throw this.#throttle.wrong({ way: 'link', account: '', from }, ended());
    if (!isOpenInvitation(record.document, this.#clock.now())) throw ended();
    const present = (await this.#directory.refresh()).accounts.get(record.document.account);
    const account = present === undefined ? undefined : await ACCOUNTS.in(this.#store).get(present.name);
    // Between the two reads, another account of the same name may have replaced this one.
    if (account === undefined || present === undefined || accountId(account) !== present.id) throw ended();
    // A link of a disabled account works again when the account is enabled.
    if (present.disabled) throw ended();
    const { name } = present;
    checkPassword(password, await this.#directory.namesAround(name, present.member));
    await demandOtherPassword(password, account);
    const password_hash = await hashPassword(password, present.id);
    const self: Principal = {
      kind: 'account', account: present.id, name, role: present.role, member: present.member, person: present.person, groups: [], from: from.address,
    }; // prettier-ignore
    // Somebody else created the link and could also be the one who uses it.
    const reset = await this.#reset.before(PUBLIC, present, 'secret');
    const fact = this.#audit.fact(self, 'account.first', `account/${name}`, { member: present.member });
    const notice = this.#notifications.prepare(present.id, 'password.set');
    await this.#store.commit({
      // The link ends first, so only one of two simultaneous uses succeeds.
      records: [
        INVITATIONS.change(record, { ...record.document, state: 'used' }),
        notice.record,
        ...reset.records.filter(({ kind, id }) => kind !== INVITATIONS.kind || id !== record.id),
        ACCOUNTS.change(account, {
          ...(reset.document ?? account.document),
          password_hash,
          password_by: 'link',
          epoch: nextEpoch(account.document),
        }),
      ],
      facts: [...reset.facts, fact],
    });
    await reset.notify();
    await notice.send();
    await this.#directory.refresh();
    return { account: name, cookie: await this.#places.proven(present.id, from) };
  }

  /** Removes links that ended long ago. */
  async sweep(): Promise<void> {
    const now = this.#clock.now();
    for await (const record of INVITATIONS.in(this.#store).each())
      if (record.document.expires + KEPT_MS <= now) await this.#store.commit({ records: [removal(record)] });
  }
}

function ended(): Problem {
  return accountErrors.linkEnded();
}
