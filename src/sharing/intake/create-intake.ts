import type { Audit } from '../../access/audit/audit.ts';
import type { Directory } from '../../access/directory.ts';
import { QUOTA_TALLIES, Quota } from '../../access/quota.ts';
import type { Sealer } from '../../access/sealing.ts';
import { Tallies } from '../../access/tallies.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../store/store.ts';
import type { ValidationLevel } from '../../stix/validation/tolerance.ts';
import { FINDING_TALLIES, FindingCounts } from './findings.ts';
import { PendingBounds, ReceiptBounds, type EnvelopeNumbers } from './envelope-bounds.ts';
import { Offers } from '../scorecards/offers.ts';
import { Envelopes } from './envelopes.ts';
import { Intake } from './intake.ts';
import { Publishing } from './publishing.ts';

/** The services that the intake needs from elsewhere. */
export interface IntakeParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly audit: Audit;
  readonly sealer: Sealer;
  /** Maximum number of new objects per member and day. 0 means unlimited. */
  readonly objectsPerDay: number;
  /** The level of validation of collections that have none of their own. */
  readonly validation: ValidationLevel;
  /** Milliseconds that a TAXII client waits before its envelope is reported as pending. */
  readonly patienceMs: number | undefined;
  /** Other limits of envelopes and receipts, for tests. */
  readonly envelopeNumbers: EnvelopeNumbers | undefined;
}

/** Creates the one way in. `submitted` is called after each submission, when there may be new objects to route. */
export function createIntake(parts: IntakeParts, submitted: () => void) {
  const {
    store,
    directory,
    clock,
    ids,
    log,
    audit,
    sealer,
    objectsPerDay,
    validation,
    patienceMs,
    envelopeNumbers,
  } = parts;
  const found = new Tallies(store, clock, log, FINDING_TALLIES);
  const findings = new FindingCounts(found, directory);
  const options = { validation, counts: findings };
  const intake = new Intake(store, directory, clock, log, audit, sealer, options);
  const offers = new Offers({ store, clock, log });
  const telling: Pick<Intake, 'submit'> = {
    submit: async (submission) => {
      // Reports and objects under seal are left out, so that scorecards do not show when a member sends them.
      const outcomes = await intake.submit(submission, (named) => offers.count(submission, named));
      submitted();
      return outcomes;
    },
  };
  const stored = new Tallies(store, clock, log, QUOTA_TALLIES);
  const quota = new Quota(directory, stored, clock, objectsPerDay);
  const receipts = new ReceiptBounds(store, directory, envelopeNumbers?.receipts);
  const envelopes = new Envelopes({
    store, directory, clock, log, audit, sealer, quota, patienceMs, receipts,
    pending: new PendingBounds(store, directory, envelopeNumbers?.pending),
    intake: telling,
  }); // prettier-ignore
  return {
    intake,
    telling,
    quota,
    stored,
    found,
    offers,
    findings,
    receipts,
    envelopes,
    publishing: new Publishing(envelopes, directory, clock, ids),
  };
}
