import { Notices } from './notices.ts';
import { Recipients } from './recipients.ts';
import { SuppressionService } from './service.ts';
import type { Suppressions } from './suppressed-values.ts';

type Parts = Omit<ConstructorParameters<typeof SuppressionService>[0], 'notices' | 'recipients'> &
  ConstructorParameters<typeof Notices>[0] & {
    readonly ledger: ConstructorParameters<typeof Recipients>[1];
    readonly suppressions: Suppressions;
  };

/** Creates the suppression of values, and the notices to everybody who has them. */
export function createSuppression(parts: Parts) {
  const notices = new Notices(parts);
  const recipients = new Recipients(parts.store, parts.ledger);
  return { notices, suppressionService: new SuppressionService({ ...parts, notices, recipients }) };
}
