import type { Notifications as NotificationPage } from '../../api/schema-types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { mapOf, number, oneOf, RecordKind, text, type Field, type Stored } from '../../store/records.ts';
import type { RecordChange, Store } from '../../store/store.ts';
import type { MemberSecrets } from '../member-secrets.ts';
import type { Principal } from '../principal.ts';
import { can } from '../rights.ts';
import { accessErrors } from '../errors.ts';

/** The events that accounts are notified of, with their texts. `{name}` is replaced with a detail. */
const TEXTS = {
  'key.created': 'An API key was created for your account by {by}.',
  'key.rotated': 'An API key of your account was rotated by {by}.',
  'password.changed': 'The password of your account was changed by {by}.',
  'password.set': 'The password of your account was set with a one-time link.',
  'password.reset':
    'The password of your account was reset by a link sent to your email address. All sessions have ended.',
  'email.changed': 'The email address of your account was confirmed. Password resets and notices go there.',
  'sign_on.linked': 'Your account was linked to the sign-in provider by {by}.',
  'sign_on.unlinked': 'Your account was unlinked from the sign-in provider by {by}.',
  'access.given':
    'Hub staff gave access to the account {account} of your member. If nobody of your member asked for it, contact the hub. To see what happened, run: talanoa audit list',
  'link.created': 'A one-time sign-in link was created for your account by {by}.',
  'account.reset':
    'Your account was reset by {by}: its keys, password, email address and sessions ended, and TLP:RED given to it was withdrawn.',
  'settings.credential':
    'The settings file gave your account a new password, key or link to the sign-in provider. TLP:RED given to it was withdrawn.',
  'factor.created': 'A second factor was added to your account by {by}.',
  'factor.removed': 'A second factor was removed from your account by {by}.',
  'factor.codes': 'New recovery codes were created for your account by {by}. The old codes no longer work.',
  'factor.recovery': 'A recovery code of your account was used to sign in. Codes left: {left}.',
  'factor.reset': 'The second factor of your account was reset by {by}.',
  'sign_in.new_place': 'Your account signed in from a network that it had not used before: {network}.',
  'sign_in.guessing': 'Failed sign-ins to the account {account} within one hour: {failures}.',
  'red.given': 'A TLP:RED object was given to you. To read it, sign in to the console of the hub.',
  'answer.asked':
    'The hub asks your member to acknowledge an object by {until}. To answer, run: talanoa delivery answer {object} acknowledged',
  'feedback.confirmed':
    'The hub confirmed a false positive that you reported, and removed the value from every list. Its note: {note}',
  'feedback.refused':
    'The hub did not confirm a false positive that you reported. Its note: {note} To list your reports, run: talanoa feedback list',
  'red.withdrawn':
    'TLP:RED that you gave to {account} was withdrawn, because the account was reset by {by}. Give it again if it is still needed.',
  'red.unreadable':
    'TLP:RED that you gave to {account} was withdrawn, because nobody can read it there. The account was changed or removed by {by}. Give it to somebody else if it is still needed.',
  'red.lost':
    "TLP:RED that was given to you was withdrawn, because {by} changed your account. It is no longer a person's account.",
  'seal.asked':
    '{by} asks for a second administrator to open the seal of {object}. Reason: {reason} To open it, run: talanoa anonymous open {object} --reason TEXT',
  'network.revoked':
    'An approval of a wide network in which you took part was revoked by {by}. To see it, run: talanoa wide-network list',
  'network.proposal_revoked':
    'Your proposal to approve a wide network was revoked by {by}. To see it, run: talanoa wide-network list',
  'contact.asked':
    '{by} requested a change of the contact "{contact}" of your member. If nobody of your member asked for it, contact the hub. To see it, run: talanoa contact changes',
  'contact.changed':
    'The contact "{contact}" of your member was changed by {by}. If nobody of your member asked for it, contact the hub. To see it, run: talanoa contact changes',
  'contact.key_ends':
    'The key {key} of the contact "{contact}" of your team ends in at most {days} days. To give the hub a new one, run: talanoa contact update ID --key FILE',
  'contact.declined':
    'The hub declined a change of the contact "{contact}" of your member. To read its note, run: talanoa contact changes',
  'list.on_hold':
    'The list {list} would change from {before} to {entries} values, so the new content is not published. To see the list, run: talanoa list show {list}. To publish it, run: talanoa list confirm {list}',
  'list.stale':
    'The list {list} has not changed for {hours} hours. Check its feeds and collections: talanoa list show {list}',
} as const;

export type NotificationEvent = keyof typeof TEXTS;

/** The texts outside the hub of events whose details contain what somebody wrote. It can contain values of objects. */
const TEXTS_OUTSIDE: Partial<Record<NotificationEvent, string>> = {
  'feedback.confirmed':
    'The hub confirmed a false positive that you reported, and removed the value from every list. To read its note, sign in to the console of the hub.',
  'feedback.refused':
    'The hub did not confirm a false positive that you reported. To read its note, sign in to the console of the hub.',
  'contact.asked':
    '{by} requested a change of a contact of your member. If nobody of your member asked for it, contact the hub. To see it, run: talanoa contact changes',
  'contact.changed':
    'A contact of your member was changed by {by}. If nobody of your member asked for it, contact the hub. To see it, run: talanoa contact changes',
  'contact.key_ends':
    'A key of a contact of your team ends in at most {days} days. To see which one, run: talanoa contact list',
  'contact.declined':
    'The hub declined a change of a contact of your member. To read its note, run: talanoa contact changes',
  'seal.asked':
    '{by} asks for a second administrator to open the seal of {object}. To read the reason, sign in to the console of the hub. To open it, run: talanoa anonymous open {object} --reason TEXT',
};

const EVENTS = Object.keys(TEXTS) as NotificationEvent[];

const presentEvent = oneOf(...EVENTS);

/** Reads an event, also by the name that earlier versions stored. */
const eventField: Field<NotificationEvent> = (value, at) =>
  value === 'list.held' ? 'list.on_hold' : presentEvent(value, at);

/** A notification of an account. */
export interface NotificationRecord {
  /** Id of the account. */
  readonly account: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: NotificationEvent;
  readonly details: Readonly<Record<string, string | number>>;
}

export const NOTIFICATIONS = new RecordKind<NotificationRecord>({
  kind: 'notification',
  isPersonal: true,
  fields: {
    account: text,
    at: number,
    event: eventField,
    details: mapOf((value, at) => (typeof value === 'number' ? value : text(value, at))),
  },
  keys: ({ account }) => ({ account }),
});

/** A notification as its account sees it. */
export type NotificationListed = NotificationPage['items'][number];

/**
 * Another outlet for notifications, such as email. Its texts contain nothing that somebody wrote. `formerEmail` is an
 * email address that was confirmed until the event, and receives the notification instead of the account's current
 * address.
 */
export type NotificationOutlet = (
  account: string,
  notification: NotificationListed,
  formerEmail?: string,
) => Promise<void>;

/** A notification that is stored together with the change that it reports. */
export interface PreparedNotification {
  readonly record: RecordChange;
  readonly send: () => Promise<void>;
}

/**
 * Notifications to accounts about their own credentials and sign-ins. The hub keeps 100 per account. One more removes the
 * oldest of the most frequent event and author, so nobody can hide a notification behind others.
 */
export class Notifications {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #secrets: Pick<MemberSecrets, 'readBy' | 'isKeptFrom'>;
  readonly #outlets: NotificationOutlet[] = [];

  constructor(
    store: Store,
    clock: Clock,
    ids: Ids,
    log: Log,
    secrets: Pick<MemberSecrets, 'readBy' | 'isKeptFrom'>,
  ) {
    this.#secrets = secrets;
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
    this.#log = log;
  }

  /** Adds an outlet that receives every notification after it was stored. */
  addOutlet(outlet: NotificationOutlet): void {
    this.#outlets.push(outlet);
  }

  /**
   * Prepares a notification. Its record belongs in the commit of the change that it reports, so that neither
   * exists without the other. `send` passes it to the other outlets after the commit. `formerEmail` is an address
   * that was confirmed until the event.
   */
  prepare(
    account: string,
    event: NotificationEvent,
    details: Readonly<Record<string, string | number>> = {},
    formerEmail?: string,
  ): PreparedNotification {
    const id = this.#ids.uuid();
    const document = { account, at: this.#clock.now(), event, details };
    return {
      record: NOTIFICATIONS.insert(id, document),
      send: async () => {
        if (await this.#isKept(document)) return;
        const shown = listed({ id, document }, TEXTS_OUTSIDE[event]);
        for (const outlet of this.#outlets)
          await outlet(account, shown, formerEmail).catch((error: unknown) =>
            this.#log.warn('notification.not_sent', { event, reason: reasonOf(error) }),
          );
      },
    };
  }

  /** True for the answer to a report that the account must not learn of. If that cannot be read, nothing is sent. */
  async #isKept(document: NotificationRecord): Promise<boolean> {
    const said = saidAt(document);
    if (said === undefined) return false;
    try {
      return await this.#secrets.isKeptFrom(document.account, said);
    } catch (error) {
      this.#log.warn('notification.not_sent', { event: document.event, reason: reasonOf(error) });
      return true;
    }
  }

  /**
   * Notifies an account of something that no record of the hub's own changes, or that happened before. A failed
   * write is logged and never stops the action that the notification reports.
   */
  async notify(
    account: string,
    event: NotificationEvent,
    details: Readonly<Record<string, string | number>> = {},
  ): Promise<void> {
    const { record, send } = this.prepare(account, event, details);
    try {
      await this.#store.commit({ records: [record] });
    } catch (error) {
      this.#log.warn('notification.not_written', { event, reason: reasonOf(error) });
    }
    await send();
  }

  /**
   * Returns the notifications of the caller's account, newest first. Those about reports of its member are for callers
   * who may read the reports.
   */
  async list(actor: Principal): Promise<readonly NotificationListed[]> {
    if (actor.kind !== 'account' || !can(actor, 'account.read', { ...actor, kind: 'account' }))
      throw accessErrors.notPermitted({ action: 'read the notifications of this account' });
    const reads = await this.#secrets.readBy(actor, 'feedback.read');
    return (await NOTIFICATIONS.in(this.#store).by('account', actor.account))
      .filter(({ document }) => {
        const said = saidAt(document);
        return said === undefined || reads({ account: actor.account, at: said });
      })
      .toSorted((a, b) => b.document.at - a.document.at)
      .map((one) => listed(one));
  }

  /**
   * True if no notification of the same event and account is older and falls into the same period of time. Several
   * of the same millisecond are all first, because their order is not known.
   */
  async isFirst(account: string, { at, event }: NotificationListed, periodMs: number): Promise<boolean> {
    const time = Date.parse(at);
    const period = Math.floor(time / periodMs);
    return (await NOTIFICATIONS.in(this.#store).by('account', account)).every(
      ({ document }) =>
        document.event !== event || document.at >= time || Math.floor(document.at / periodMs) !== period,
    );
  }
}

/**
 * Returns when an account sent the report that a notification answers. Undefined for other notifications. A person who was
 * given the account since then must not learn of the report from its answer.
 */
function saidAt({ event, at, details }: NotificationRecord): number | undefined {
  return event.startsWith('feedback.') ? Number(details['reported'] ?? at) : undefined;
}

function listed(
  { id, document }: Pick<Stored<NotificationRecord>, 'id' | 'document'>,
  text: string | undefined = TEXTS[document.event],
): NotificationListed {
  const { at, event, details } = document;
  return {
    id,
    at: new Date(at).toISOString(),
    event,
    text: text.replaceAll(/\{(\w+)\}/g, (_match, name: string) => String(details[name] ?? 'somebody')),
  };
}
