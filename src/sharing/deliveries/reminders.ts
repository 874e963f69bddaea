import { ANSWER_DEMANDS, ANSWER_RECORDS } from './model.ts';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Mail } from '../../kernel/mailer.ts';
import { reasonOf } from '../../kernel/problem.ts';
import { tlpLabel, tlpOf } from '../../stix/markings.ts';
import { taxiiTimestamp } from '../../stix/timestamps.ts';
import type { Store } from '../../store/store.ts';
import { recipientOf, type AnswerLinks } from '../channels/email/answer-links.ts';
import { CHANNELS, channelOf } from '../channels/model.ts';
import { placesOf } from './standing.ts';

interface ReminderParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly links: AnswerLinks;
  readonly mailer: { send(mail: Mail): Promise<void> } | undefined;
  readonly hub: { readonly title: string; readonly url: () => string };
  readonly clock: Clock;
  readonly log: Log;
}

/** Reminds members of requests for answers whose deadline has passed. */
export class Reminders {
  readonly #s: ReminderParts;

  constructor(parts: ReminderParts) {
    this.#s = parts;
  }

  /**
   * Reminds members that have not answered in time, once, by email if they have an email channel. Also writes a log
   * event.
   */
  async remind(): Promise<number> {
    const { store, directory, clock, log, mailer, hub, links } = this.#s;
    const open = await ANSWER_DEMANDS.in(store).by('state', 'open');
    let reminded = 0;
    for (const demand of open.filter(({ document }) => document.due <= clock.now())) {
      const id = demand.id;
      const snapshot = await directory.current();
      const standing = await placesOf(store, id, snapshot);
      const answers = await ANSWER_RECORDS.in(store).by('object', id);
      const channels = (await CHANNELS.in(store).whole()).map(channelOf);
      for (const { name: member } of snapshot.members.values()) {
        const place = standing.find(({ collection }) => snapshot.grantFor(member, collection) !== undefined);
        const isDone = answers.some(({ document }) => document.member === member);
        if (member === 'hub' || place === undefined || isDone) continue;
        log.warn('answer.overdue', { member, object: id });
        const channel = channels.find(
          (one) => one.kind === 'mail' && one.member === member && one.paused === undefined,
        );
        if (channel === undefined || mailer === undefined) continue;
        const own = standing.find(({ collection }) => collection.id === channel.collection);
        try {
          await mailer.send({
            to: [channel.url.slice('mailto:'.length)],
            subject: `[TLP:CLEAR] ${hub.title}: an acknowledgement is overdue`,
            text: [
              `${hub.title} asked for an answer until ${new Date(demand.document.due).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
              `It is about an item with ${tlpLabel(tlpOf(place.entry.level))} that was added ${taxiiTimestamp(place.entry.added).slice(0, 16).replace('T', ' ')} UTC.`,
              '',
              ...(own === undefined
                ? []
                : [
                    `Received: ${links.make({ channel: channel.name, to: recipientOf(channel), added: own.entry.added, does: 'acknowledged' })}`,
                  ]),
              hub.url(),
              '',
            ].join('\n'),
            headers: { 'Auto-Submitted': 'auto-generated', 'X-TLP': 'TLP:CLEAR' },
          });
          reminded++;
        } catch (error) {
          log.warn('answer.not_reminded', { member, reason: reasonOf(error) });
        }
      }
      await store.commit({
        records: [
          ANSWER_DEMANDS.change(demand, {
            ...demand.document,
            reminded: new Date(clock.now()).toISOString(),
          }),
        ],
      });
    }
    return reminded;
  }
}
