import { ACKNOWLEDGEMENT_REQUESTS, ANSWER_RECORDS } from './model.ts';
import type { Notifications } from '../../access/accounts/notifications.ts';
import { textWithoutValueIds } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import type { Snapshot } from '../../access/snapshot.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Mail } from '../../kernel/mailer.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { timeText } from '../../kernel/time-text.ts';
import { tlpLabel, tlpOf } from '../../stix/markings.ts';
import type { Store } from '../../store/store.ts';
import { recipientOf, type AnswerLinks } from '../channels/email/answer-links.ts';
import { CHANNELS, channelOf } from '../channels/model.ts';
import { locationsOf, type ObjectLocation } from './object-locations.ts';

interface ReminderParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly notifications: Pick<Notifications, 'notify'>;
  readonly links: AnswerLinks;
  readonly mailer: { send(mail: Mail): Promise<void> } | undefined;
  readonly hub: { readonly title: string; readonly timeZone: string; readonly url: () => string };
  readonly clock: Clock;
  readonly log: Log;
}

/** A member that can read an object and has not answered, and where the object is. */
interface Unanswered {
  readonly member: string;
  readonly standing: readonly ObjectLocation[];
  /** A place that the member reads. */
  readonly place: ObjectLocation;
}

/** Notifies members of requests for acknowledgement: at once, and again when a deadline has passed. */
export class Reminders {
  readonly #s: ReminderParts;

  constructor(parts: ReminderParts) {
    this.#s = parts;
  }

  /**
   * Notifies every member that can read an object, and has not answered, of the request: by email if the member has an
   * email channel, and by a notification to each of its officers. `owner` is the member that asks, if it is not the hub.
   * Returns the number of members.
   */
  async ask(id: string, due: number, owner?: string): Promise<number> {
    const { directory, notifications, hub } = this.#s;
    const snapshot = await directory.current();
    const asked = await this.#unanswered(id, snapshot, owner);
    const until = timeText(due, hub.timeZone);
    await Promise.all(
      asked.map(async ({ member, standing, place }) => {
        await this.#mail(member, standing, place, {
          subject: 'an acknowledgement is requested',
          first: `${hub.title} asks for an acknowledgement by ${until}.`,
        });
        for (const account of snapshot.accounts.values())
          if (account.member === member && account.person && account.role === 'officer')
            await notifications.notify(account.id, 'answer.asked', {
              until,
              object: textWithoutValueIds(id),
            });
      }),
    );
    return asked.length;
  }

  /**
   * Reminds members that have not answered in time, once, by email if they have an email channel. Also writes a log
   * event.
   */
  async remind(): Promise<number> {
    const { store, directory, clock, log, hub } = this.#s;
    const open = await ACKNOWLEDGEMENT_REQUESTS.in(store).by('state', 'open');
    let reminded = 0;
    for (const request of open.filter(({ document }) => document.due <= clock.now())) {
      const id = request.document.object;
      const snapshot = await directory.current();
      for (const { member, standing, place } of await this.#unanswered(
        id,
        snapshot,
        request.document.owner,
      )) {
        log.warn('answer.overdue', { member, object: id });
        const isSent = await this.#mail(member, standing, place, {
          subject: 'an acknowledgement is overdue',
          first: `${hub.title} asked for an acknowledgement by ${timeText(request.document.due, hub.timeZone)}.`,
        });
        if (isSent) reminded++;
      }
      await store.commit({
        records: [
          ACKNOWLEDGEMENT_REQUESTS.change(request, {
            ...request.document,
            reminded: new Date(clock.now()).toISOString(),
          }),
        ],
      });
    }
    return reminded;
  }

  /**
   * Returns the members that can read an object and have not answered. A member that owns an object cannot ask about
   * those that others stored elsewhere under the same id.
   */
  async #unanswered(
    id: string,
    snapshot: Snapshot,
    owner: string | undefined,
  ): Promise<readonly Unanswered[]> {
    const { store } = this.#s;
    const standing = (await locationsOf(store, id, snapshot)).filter(
      ({ entry }) => owner === undefined || entry.owner === owner,
    );
    const answers = await ANSWER_RECORDS.in(store).by('object', id);
    return [...snapshot.members.values()].flatMap(({ name: member }) => {
      const place = standing.find(({ collection }) => snapshot.grantFor(member, collection) !== undefined);
      const isDone = answers.some(({ document }) => document.member === member);
      return member === 'hub' || place === undefined || isDone ? [] : [{ member, standing, place }];
    });
  }

  /** Writes to a member that has an email channel. Returns true if the email was sent. It names no value. */
  async #mail(
    member: string,
    standing: readonly ObjectLocation[],
    place: ObjectLocation,
    { subject, first }: { readonly subject: string; readonly first: string },
  ): Promise<boolean> {
    const { store, mailer, hub, links, log } = this.#s;
    const channels = (await CHANNELS.in(store).whole()).map(channelOf);
    const channel = channels.find(
      (one) => one.kind === 'mail' && one.member === member && one.paused === undefined,
    );
    if (channel === undefined || mailer === undefined) return false;
    const own = standing.find(({ collection }) => collection.id === channel.collection);
    const link = (does: 'acknowledged' | 'not-ours' | 'false-positive', added: number): string =>
      links.make({ channel: channel.name, to: recipientOf(channel), added, does });
    try {
      await mailer.send({
        to: [channel.url.slice('mailto:'.length)],
        subject: `[TLP:CLEAR] ${hub.title}: ${subject}`,
        text: [
          first,
          `The request is about an object marked ${tlpLabel(tlpOf(place.entry.level))} that was added ${timeText(Math.floor(place.entry.added / 1_000), hub.timeZone)}.`,
          '',
          ...(own === undefined
            ? []
            : [
                `Received: ${link('acknowledged', own.entry.added)}`,
                `Not ours: ${link('not-ours', own.entry.added)}`,
                `False positive: ${link('false-positive', own.entry.added)}`,
              ]),
          hub.url(),
          '',
        ].join('\n'),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-TLP': 'TLP:CLEAR' },
      });
      return true;
    } catch (error) {
      log.warn('answer.not_reminded', { member, reason: reasonOf(error) });
      return false;
    }
  }
}
