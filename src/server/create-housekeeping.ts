import { setImmediate } from 'node:timers/promises';
import type { Audit } from '../access/audit/audit.ts';
import type { SignIn } from '../access/create-sign-in.ts';
import type { Idempotency } from '../access/idempotency.ts';
import type { Feeds } from '../feeds/service.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Contacts } from '../members/contacts/service.ts';
import type { Sharing } from '../sharing/create-sharing.ts';
import { Housekeeping } from '../sharing/life/housekeeping.ts';
import type { Store } from '../store/store.ts';
import type { HubStore } from './create-store.ts';
import { FORGOTTEN_KINDS } from './record-kinds.ts';

interface HousekeepingParts {
  readonly stores: HubStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly auditDays: number;
  readonly idempotency: Idempotency;
  readonly signIn: SignIn;
  readonly sharing: Sharing;
  readonly members: { readonly contacts: Pick<Contacts, 'sweep'> };
  readonly feeds: Feeds;
}

/** Nothing else remembers a record for this long: views are minutes old, and requests have ended. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000;
const FORGOTTEN_AT_ONCE = 500;

async function forgetRemoved(store: Pick<Store, 'forgetRemoved'>, clock: Clock): Promise<void> {
  const before = clock.now() - FORGOTTEN_AFTER_MS;
  while ((await store.forgetRemoved(FORGOTTEN_KINDS, before, FORGOTTEN_AT_ONCE)) > 0) await setImmediate();
}

/** Creates the housekeeping, with the clean-up tasks of every part, in their order. */
export function createHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { stores, clock, log, audit, auditDays, idempotency, signIn, sharing, members, feeds } = parts;
  return new Housekeeping(stores.store, sharing.intake.recovery, clock, log, [
    () => idempotency.sweep(),
    () => signIn.invitations.sweep(),
    () => signIn.sessions.sweep(),
    () => signIn.factors.sweep(),
    () => signIn.email.sweep(),
    () => signIn.signOn.sweep(),
    () => signIn.history.sweep(),
    () => sharing.search.index.sweep(),
    () => signIn.failures.sweep(),
    () => signIn.guesses.sweep(),
    () => signIn.places.sweep(),
    () => signIn.signIns.flush(),
    () => stores.facts.tell(stores.opened),
    () => forgetRemoved(stores.store, clock),
    () => audit.trim(auditDays),
    () => audit.tellHead(),
    () => sharing.stored.sweep(),
    () => sharing.found.sweep(),
    () => sharing.receipts.sweep(),
    () => sharing.red.sweep(),
    () => sharing.mispFeeds.sweep(),
    () => sharing.suppressionService.sweep(),
    () => sharing.wideNetworks.sweep(),
    () => members.contacts.sweep(),
    () => sharing.sealOpenings.sweep(),
    () => sharing.anonymousReleases.sweep(),
    () => sharing.notices.tellAll(),
    () => sharing.listPublisher.sweep(),
    () => sharing.valueView.sweep(),
    () => sharing.scoreFollower.sweep(),
    () => feeds.quarantine.seal(),
    () => feeds.registry.sweep(),
    async () => {
      await sharing.answers.remind();
    },
  ]);
}
