import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Log } from '../../kernel/log.ts';
import { type Problem, reasonOf } from '../../kernel/problem.ts';
import type { Stored } from '../../store/records.ts';
import { removal, type Store } from '../../store/store.ts';
import { accountId, nextEpoch } from './account-records.ts';
import { checkPassword, demandOtherPassword } from './account-service.ts';
import type { Audit } from '../audit/audit.ts';
import type { Directory } from '../directory.ts';
import { secretDigest } from '../keys/api-key.ts';
import { ACCOUNTS, EMAIL_LINKS, type AccountRecord, type EmailLinkRecord } from './model.ts';
import { SESSIONS } from '../sessions/model.ts';
import type { NotificationEvent, NotificationListed, Notifications } from './notifications.ts';
import { hashPassword } from './passwords.ts';
import type { Places } from '../sessions/places.ts';
import type { AccountPrincipal } from '../principal.ts';
import { demandPersonal } from '../sessions/demands.ts';
import type { AccountInfo } from '../snapshot.ts';
import type { Origin, Throttle } from '../sessions/throttle.ts';
import { demandManaged, isDeclared } from '../managed.ts';
import { isAddress } from './email-address.ts';
import { securityNotice, type Letter } from './email-texts.ts';
import { accountErrors } from './errors.ts';

const RESET_MS = 1_800_000;
const VERIFY_MS = 86_400_000;
/** Maximum number of open links per account and purpose. No further link is sent until one of them has ended. */
const MOST_OPEN = 3;
/** Maximum number of accounts that receive a link when their shared address is entered. */
const MOST_ACCOUNTS = 3;
/** Maximum number of emails in the queue. Further ones are dropped and logged. */
const MOST_WAITING = 200;
/** Maximum number of waiting requests to reset a password. They do not take the place of emails. */
const MOST_LOOKUPS = 100;

/**
 * Events that others cause, as often as they like, and that do not endanger the account. Their emails have a queue of
 * their own, so that nobody can crowd out a security notice, and only the first of an event in each hour is sent.
 */
const CAUSED_BY_OTHERS: ReadonlySet<string> = new Set<NotificationEvent>(['answer.asked', 'red.given']);
const HOUR_MS = 3_600_000;

type Purpose = EmailLinkRecord['purpose'];
type Link = Stored<EmailLinkRecord>;

export interface EmailServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly log: Log;
  readonly notifications: Notifications;
  readonly throttle: Throttle;
  readonly places: Pick<Places, 'proven'>;
  /** Sends an email. Undefined when the hub sends no email. */
  readonly send: ((letter: Letter) => Promise<void>) | undefined;
  readonly hub: { readonly title: string; readonly url: () => string };
}

/**
 * Email addresses of people. The hub sends them links that reset a forgotten password, and copies of
 * notifications. An address counts only after its person has opened a confirmation link while signed in to
 * the account. An administrator can enter an address but cannot confirm it. Otherwise an administrator could
 * take the account over.
 */
export class EmailService {
  readonly #services: EmailServices;
  readonly #letters = pLimit(1);
  readonly #notices = pLimit(1);
  readonly #lookups = pLimit(1);
  /** Counting the open links and adding one take turns, so simultaneous requests cannot exceed the limit. */
  readonly #linking = pLimit(1);
  readonly #open = new Set<Promise<void>>();
  /** Accounts and events of the notices that this process has queued in an hour. */
  #noticed = { hour: 0, keys: new Set<string>() };

  constructor(services: EmailServices) {
    this.#services = services;
    if (services.send !== undefined)
      services.notifications.addOutlet((account, notification, formerEmail) =>
        this.#copy(account, notification, formerEmail),
      );
  }

  /** True when the hub can send email. */
  get isAvailable(): boolean {
    return this.#services.send !== undefined;
  }

  /**
   * Sends a confirmation link to an address that the person entered. The current address stays in use until
   * the link is opened.
   */
  async propose(actor: AccountPrincipal, email: string): Promise<void> {
    const { directory } = this.#services;
    if (!this.isAvailable) throw accountErrors.noEmail();
    demandPersonal(actor);
    const account = (await directory.refresh()).accounts.get(actor.account);
    if (account === undefined) throw ended();
    const address = email.trim();
    if (!isAddress(address)) throw accountErrors.invalidEmail();
    const link = await this.#link(account, 'verify', VERIFY_MS, { email: address });
    if (link === undefined) throw accountErrors.tooManyLinks({ headers: { 'Retry-After': '3600' } });
    this.#post({
      to: [address],
      subject: `[${this.#services.hub.title}] Confirm your email address`,
      text: `This email address was entered for the account "${account.name}" at ${this.#services.hub.title}.\n\nIf this is your account, open the link within 24 hours, in the browser in which you are signed in:\n\n${link}\n\nOtherwise you can ignore this email. The address is not used until the link is opened.\n`,
    });
  }

  /** Returns the address that a link confirms. Undefined for an invalid link. */
  async proposed(token: string, from: Origin): Promise<string | undefined> {
    const record = await this.#find(token, 'verify');
    if (record !== undefined) return record.document.email;
    this.#demandNoGuessing(from);
    return undefined;
  }

  /** Confirms an address. The person must be signed in and use the link that was sent to the address. */
  async verify(actor: AccountPrincipal, token: string, from: Origin): Promise<string> {
    const { store, directory, audit, clock, notifications } = this.#services;
    demandPersonal(actor);
    const record = await this.#find(token, 'verify');
    if (record === undefined || record.document.account !== actor.account) {
      this.#demandNoGuessing(from);
      throw ended();
    }
    const before = (await directory.refresh()).accounts.get(actor.account);
    const account = before === undefined ? undefined : await ACCOUNTS.in(store).get(before.name);
    if (account === undefined || before === undefined || accountId(account) !== before.id) throw ended();
    const { email } = record.document;
    if (email === undefined) throw ended();
    if (account.document.email !== email) demandManaged(account, `The email address of "${before.name}"`);
    const notice = notifications.prepare(actor.account, 'email.changed');
    await store.commit({
      records: [
        removal(record),
        ACCOUNTS.change(account, { ...account.document, email, email_verified: clock.now() }),
        notice.record,
      ],
      facts: [audit.fact(actor, 'account.email', `account/${before.name}`, { member: actor.member })],
    });
    // The old address is notified too, so its owner learns that password resets now go elsewhere.
    if (before.emailVerified && before.email !== undefined && before.email !== email)
      this.#post(
        securityNotice(this.#services.hub, before.email, 'The email address of your account was changed.'),
      );
    await directory.refresh();
    await notice.send();
    return email;
  }

  /**
   * Sends a password reset link to the accounts with a given name or address. The lookup happens after the
   * response was sent, so neither the response nor its timing shows whether an account exists. Throws only after
   * too many requests from the same network.
   */
  requestReset(nameOrEmail: string, from: Origin): void {
    this.#demandNoGuessing(from);
    if (!this.isAvailable) return;
    this.#later('reset', this.#lookups, MOST_LOOKUPS, async () => {
      for (const account of await this.#resettable(nameOrEmail)) {
        const link = await this.#link(account, 'reset', RESET_MS, {});
        if (link !== undefined)
          this.#post({
            to: [account.email ?? ''],
            subject: `[${this.#services.hub.title}] Reset your password`,
            text: `Somebody, probably you, asked to reset the password of the account "${account.name}" at ${this.#services.hub.title}.\n\nTo choose a new password, open this link within 30 minutes:\n\n${link}\n\nThe link works once. Setting a new password ends all sessions of the account. Your second factor does not change.\n\nIf you did not ask for this, you can ignore this email. Your password does not change.\n`,
          });
      }
    });
  }

  /** Returns the account whose password a link resets. Undefined for an invalid link. */
  async resetting(token: string, from: Origin): Promise<string | undefined> {
    const found = await this.#resetOf(token);
    if (found !== undefined) return found.account.name;
    this.#demandNoGuessing(from);
    return undefined;
  }

  /**
   * Sets the new password of the account that a link belongs to, and ends all its sessions and links. Returns the
   * `Set-Cookie` header of the device, which has proven the secret of the link. The
   * second factor is still required. TLP:RED stays readable, because the person confirmed the mailbox
   * themselves.
   */
  async reset(token: string, password: string, from: Origin): Promise<string> {
    const { store, directory, audit, notifications, places } = this.#services;
    const found = await this.#resetOf(token);
    if (found === undefined) {
      this.#demandNoGuessing(from);
      throw ended();
    }
    const { record, account, stored } = found;
    checkPassword(password, await directory.namesAround(account.name, account.member));
    await demandOtherPassword(password, stored);
    const password_hash = await hashPassword(password, account.id);
    const self: AccountPrincipal = { kind: 'account', account: account.id, name: account.name, role: account.role, member: account.member, person: account.person, groups: [], from: from.address }; // prettier-ignore
    const others = (await this.#linksOf(account)).filter(({ id }) => id !== record.id);
    const sessions = await SESSIONS.in(store).by('account', account.id);
    const notice = notifications.prepare(account.id, 'password.reset');
    await store.commit({
      // The link is removed first, so only one of two simultaneous uses succeeds.
      records: [
        removal(record),
        ACCOUNTS.change(stored, {
          ...stored.document,
          password_hash,
          password_by: 'link',
          epoch: nextEpoch(stored.document),
        }),
        ...[...others, ...sessions].map(removal),
        notice.record,
      ],
      facts: [
        audit.fact(self, 'account.password_reset', `account/${account.name}`, { member: account.member }),
      ],
    });
    await directory.refresh();
    await notice.send();
    return places.proven(account.id, from);
  }

  /** Removes expired links. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#services;
    for await (const record of EMAIL_LINKS.in(store).each())
      if (record.document.expires <= clock.now()) await store.commit({ records: [removal(record)] });
  }

  /** Waits until all queued work is done. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /**
   * Accounts whose password a link may reset: accounts of people with a confirmed address that are not
   * managed elsewhere.
   */
  async #resettable(nameOrEmail: string): Promise<readonly AccountInfo[]> {
    const { directory } = this.#services;
    const typed = nameOrEmail.trim().normalize('NFKC').toLowerCase();
    const found = [...(await directory.current()).accounts.values()].filter(
      ({ name, email, emailVerified }) => emailVerified && (name === typed || email?.toLowerCase() === typed),
    );
    // Only confirmed accounts count. Otherwise whoever enters the address for other accounts, which needs no
    // confirmation, could crowd out the account of the address.
    const able: AccountInfo[] = [];
    for (const account of found) {
      if (able.length >= MOST_ACCOUNTS) break;
      if (await this.#canReset(account)) able.push(account);
    }
    return able;
  }

  async #canReset(account: AccountInfo): Promise<boolean> {
    const stored = await ACCOUNTS.in(this.#services.store).get(account.name);
    return (
      account.role !== 'machine' &&
      !account.disabled &&
      account.emailVerified &&
      account.email !== undefined &&
      stored !== undefined &&
      accountId(stored) === account.id &&
      !isDeclared(stored) &&
      account.signOn === undefined
    );
  }

  async #resetOf(
    token: string,
  ): Promise<{ record: Link; account: AccountInfo; stored: Stored<AccountRecord> } | undefined> {
    const { store, directory } = this.#services;
    const record = await this.#find(token, 'reset');
    if (record === undefined) return undefined;
    const account = (await directory.refresh()).accounts.get(record.document.account);
    const stored = account === undefined ? undefined : await ACCOUNTS.in(store).get(account.name);
    // The account, its address or its management may have changed since the link was sent.
    return account !== undefined &&
      stored !== undefined &&
      accountId(stored) === account.id &&
      record.document.email === account.email &&
      (await this.#canReset(account))
      ? { record, account, stored }
      : undefined;
  }

  /** Creates a link, unless too many links are open. */
  #link(
    account: AccountInfo,
    purpose: Purpose,
    lifeMs: number,
    to: { readonly email?: string | undefined },
  ): Promise<string | undefined> {
    return this.#linking(() => this.#newLink(account, purpose, lifeMs, to));
  }

  async #newLink(
    account: AccountInfo,
    purpose: Purpose,
    lifeMs: number,
    { email = account.email }: { readonly email?: string | undefined },
  ): Promise<string | undefined> {
    const { store, clock, ids, hub } = this.#services;
    const now = clock.now();
    const open = (await this.#linksOf(account)).filter(
      ({ document }) => document.purpose === purpose && document.expires > now,
    );
    if (open.length >= MOST_OPEN) return undefined;
    const token = ids.secret(24);
    const document = {
      account: account.id,
      purpose,
      ...(email === undefined ? {} : { email }),
      expires: now + lifeMs,
    };
    await store.commit({ records: [EMAIL_LINKS.insert(secretDigest(token), document)] });
    return `${hub.url()}/console/${purpose === 'verify' ? 'email' : 'reset'}/${token}`;
  }

  async #linksOf({ id }: AccountInfo): Promise<readonly Link[]> {
    return EMAIL_LINKS.in(this.#services.store).by('account', id);
  }

  async #find(token: string, purpose: Purpose): Promise<Link | undefined> {
    const { store, clock } = this.#services;
    const record = await EMAIL_LINKS.in(store).get(secretDigest(token));
    return record?.document.purpose === purpose && record.document.expires > clock.now() ? record : undefined;
  }

  /** Counts a request that needs no credentials, and throws after too many from the same network. */
  #demandNoGuessing(from: Origin): void {
    const problem = this.#services.throttle.wrong({ way: 'link', account: '', from }, ended());
    if (problem.kind === 'rate-limited') throw problem;
  }

  #copy(account: string, shown: NotificationListed, formerEmail: string | undefined): Promise<void> {
    const { text } = shown;
    if (CAUSED_BY_OTHERS.has(shown.event)) {
      if (this.#wasNoticed(account, shown)) return Promise.resolve();
      this.#later('notice', this.#notices, MOST_WAITING, () => this.#tell(account, shown));
      return Promise.resolve();
    }
    this.#later('notification', this.#letters, MOST_WAITING, async () => {
      if (formerEmail !== undefined)
        return this.#services.send?.(securityNotice(this.#services.hub, formerEmail, text));
      const found = (await this.#services.directory.current()).accounts.get(account);
      if (found?.emailVerified === true && found.email !== undefined && !found.disabled)
        await this.#services.send?.(securityNotice(this.#services.hub, found.email, text));
    });
    return Promise.resolve();
  }

  /** True from the second notice of an event for an account in an hour, so repeated ones take no place in the queue. */
  #wasNoticed(account: string, { at, event }: NotificationListed): boolean {
    const hour = Math.floor(Date.parse(at) / HOUR_MS);
    if (this.#noticed.hour !== hour) this.#noticed = { hour, keys: new Set() };
    if (this.#noticed.keys.has(`${account} ${event}`)) return true;
    this.#noticed.keys.add(`${account} ${event}`);
    return false;
  }

  /** Sends a notice that others caused, if it is the first of its event in this hour, also after a restart. */
  async #tell(account: string, shown: NotificationListed): Promise<void> {
    const { directory, hub, notifications, send } = this.#services;
    const found = (await directory.current()).accounts.get(account);
    if (found?.emailVerified !== true || found.email === undefined || found.disabled) return;
    if (!(await notifications.isFirst(account, shown, HOUR_MS))) return;
    await send?.({
      to: [found.email],
      subject: `[${hub.title}] Notice for your account`,
      text: `${shown.text}\n\n${hub.url()}/console\n`,
    });
  }

  #post(letter: Letter): void {
    this.#later('letter', this.#letters, MOST_WAITING, async () => this.#services.send?.(letter));
  }

  /** Runs work after the response was sent. Failures are logged without the address. */
  #later(what: string, queue: LimitFunction, most: number, work: () => Promise<void>): void {
    const { log } = this.#services;
    if (queue.pendingCount >= most) {
      log.warn('email.dropped', { what, waiting: most });
      return;
    }
    const done = queue(work)
      .catch((error: unknown) => log.warn('email.not_sent', { what, reason: reasonOf(error) }))
      .finally(() => this.#open.delete(done));
    this.#open.add(done);
  }
}

function ended(): Problem {
  return accountErrors.linkEnded();
}
