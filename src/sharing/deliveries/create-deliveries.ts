import type { Ledger } from '../../access/ledger.ts';
import type { AnswerLinks } from '../channels/email/answer-links.ts';
import type { Basis } from '../reevaluation/basis.ts';
import type { Intake } from '../intake/intake.ts';
import type { Suppressions } from '../suppression/suppressed-values.ts';
import { createAnswers, type AnswerServices } from './answers.ts';
import { DeliveryExplanations } from './explain.ts';
import { Deliveries } from './lag.ts';
import { Recipients } from './recipients.ts';

interface DeliveryParts extends Omit<AnswerServices, 'ledger' | 'links'> {
  readonly ledger: Ledger;
}

/** Creates the services that explain who gets an object, who got it, why, and how the recipients responded. */
export function createDeliveries(
  parts: DeliveryParts,
  links: AnswerLinks,
  intake: Intake,
  basis: Basis,
  suppressions: Pick<Suppressions, 'current'>,
) {
  const { store, directory, ledger, clock, audit, log, mailer, hub, notifications } = parts;
  return {
    deliveries: new Deliveries(store, directory, ledger, clock),
    recipients: new Recipients(store, intake, directory, clock),
    whys: new DeliveryExplanations(store, directory, ledger, clock, intake.held, basis, suppressions),
    answers: createAnswers({
      store,
      directory,
      ledger,
      notifications,
      links,
      mailer,
      hub,
      clock,
      audit,
      log,
    }),
  };
}
