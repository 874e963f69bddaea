import type { Notifications } from '../../access/accounts/notifications.ts';
import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Mail } from '../../kernel/mailer.ts';
import type { Store } from '../../store/store.ts';
import type { AnswerLinks } from '../channels/email/answer-links.ts';
import { AcknowledgementRequests } from './acknowledgement-requests.ts';
import { DeliveryLog } from './delivery-log.ts';
import { Openings } from './openings.ts';
import { Reminders } from './reminders.ts';
import { Responses } from './responses.ts';

/** The services that the answers of members need from elsewhere. */
export interface AnswerServices {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: { flush(): Promise<void> };
  readonly notifications: Pick<Notifications, 'notify'>;
  readonly links: AnswerLinks;
  readonly mailer: { send(mail: Mail): Promise<void> } | undefined;
  readonly hub: { readonly title: string; readonly timeZone: string; readonly url: () => string };
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
}

/** The delivery status of objects for their readers, and requests for answers. */
export interface Answers
  extends
    Pick<DeliveryLog, 'log'>,
    Pick<Responses, 'answer' | 'find' | 'follow'>,
    Pick<Openings, 'opened'>,
    Pick<Reminders, 'remind'> {
  readonly request: AcknowledgementRequests['create'];
}

/** Creates the delivery log, the requests for answers, the answers and the reminders. */
export function createAnswers(services: AnswerServices): Answers {
  const log = new DeliveryLog(services);
  const responses = new Responses(services);
  const openings = new Openings(services);
  const reminders = new Reminders(services);
  const requests = new AcknowledgementRequests({
    ...services,
    log,
    ask: (id, due, owner) => reminders.ask(id, due, owner),
  });
  return {
    log: (actor, id) => log.log(actor, id),
    request: (actor, id, until) => requests.create(actor, id, until),
    answer: (actor, id, answer, note) => responses.answer(actor, id, answer, note),
    find: (token) => responses.find(token),
    follow: (token) => responses.follow(token),
    opened: (actor, id) => openings.opened(actor, id),
    remind: () => reminders.remind(),
  };
}
