import type { AccountService } from '../access/accounts/account-service.ts';
import type { InvitationService } from '../access/accounts/invitation-service.ts';
import type { Audit } from '../access/audit/audit.ts';
import type { Directory } from '../access/directory.ts';
import type { Ledger } from '../access/ledger.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
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
}

/** Creates the members: what they are responsible for, their groups, and requests to become one. */
export function createMembers(parts: MemberParts) {
  const { store, directory, ledger, clock, ids, audit, accounts, invitations } = parts;
  const members = new MemberService(store, directory, ids, clock, audit);
  return {
    members,
    claims: new ClaimService(store, directory, ids, clock, audit),
    requests: new RequestService(store, members, accounts, invitations, ids, clock, audit),
    delegations: new DelegationService(store, directory, clock, audit),
    groups: new GroupService(store, directory, ledger, audit),
  };
}
