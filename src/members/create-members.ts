import type { AccountService } from '../access/accounts/account-service.ts';
import type { InvitationService } from '../access/accounts/invitation-service.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import type { Ledger } from '../access/ledger.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
import type { Notifications } from '../access/accounts/notifications.ts';
import type { Log } from '../kernel/log.ts';
import { contactMail, type Letter } from './contacts/mail.ts';
import { Contacts } from './contacts/service.ts';
import { Exercises } from './exercises/service.ts';
import { ClaimService } from './claim-service.ts';
import { DelegationService } from './delegation-service.ts';
import { GroupService } from './group-service.ts';
import { MemberService } from './member-service.ts';
import { RequestService } from './request-service.ts';

interface MemberParts {
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly accounts: AccountService;
  readonly invitations: InvitationService;
  readonly notifications: Pick<Notifications, 'prepare'>;
  readonly log: Log;
  /** The title and the address of the hub, for emails. */
  readonly hub: { readonly title: string; readonly url: () => string };
  /** Sends an email. Undefined on a hub without a mail server. */
  readonly send: ((letter: Letter) => Promise<void>) | undefined;
}

/** Creates the members: what they are responsible for, their groups, and requests to become one. */
export function createMembers(parts: MemberParts) {
  const { store, directory, ledger, clock, ids, audit, accounts, invitations, notifications } = parts;
  const members = new MemberService(store, directory, ids, clock, audit);
  return {
    members,
    claims: new ClaimService(store, directory, ids, clock, audit),
    requests: new RequestService(store, members, accounts, invitations, ids, clock, audit),
    delegations: new DelegationService(store, directory, clock, audit),
    contacts: new Contacts({ store, directory, clock, ids, audit, notifications, mail: contactMail(parts) }),
    exercises: new Exercises({ store, directory, clock, ids, audit }),
    groups: new GroupService(store, directory, ledger, audit),
  };
}
