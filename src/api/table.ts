import type { AccountService } from '../access/accounts/account-service.ts';
import type { CollectionService } from '../access/collection-service.ts';
import type { InvitationService } from '../access/accounts/invitation-service.ts';
import type { Notifications } from '../access/accounts/notifications.ts';
import type { KeyService } from '../access/keys/key-service.ts';
import type { FeedAdmin } from '../feeds/feed-admin.ts';
import { accountOperations } from './accounts.ts';
import { answerOperations } from './answers.ts';
import { triageOperations } from './triage.ts';
import { channelOperations } from './channels.ts';
import { collectionOperations } from './collections.ts';
import type { EmailService } from '../access/accounts/email-service.ts';
import { emailOperations } from './email.ts';
import { factorOperations, type FactorApiServices } from './factors.ts';
import { feedOperations } from './feeds.ts';
import type { GroupService } from '../members/group-service.ts';
import { groupOperations } from './groups.ts';
import { heldOperations } from './held.ts';
import { hubOperations, type HubServices } from './hub.ts';
import { keyOperations } from './keys.ts';
import { memberOperations, type MemberServices } from './members.ts';
import { sessionOperations } from './sessions.ts';
import type { SessionService } from '../access/sessions/session-service.ts';
import { objectOperations } from './objects.ts';
import { shareOperations } from './shares.ts';
import type { Operation } from './operation.ts';
import { redOperations } from './red.ts';
import { secretOperations } from './secrets.ts';
import type { SecretService } from '../access/keys/secret-service.ts';
import type { Outlet } from '../sharing/reading/outlet.ts';
import type { Publishing } from '../sharing/intake/publishing.ts';
import type { Revocation } from '../sharing/life/revocation.ts';
import type { ChannelAdmin } from '../sharing/channels/service.ts';
import type { Search } from '../sharing/reading/search.ts';
import type { Red } from '../sharing/red/red.ts';
import type { RuleService } from '../sharing/routing/rule-service.ts';
import type { Shares } from '../sharing/shares/shares.ts';
import type { Answers } from '../sharing/deliveries/answers.ts';
import type { Triage } from '../sharing/shares/triage.ts';
import type { Recipients } from '../sharing/deliveries/recipients.ts';
import type { Waiting } from '../sharing/review/review-queue.ts';

/** The services behind the admin API. */
export interface ApiServices extends HubServices, MemberServices, FactorApiServices {
  readonly accounts: AccountService;
  readonly invitations: InvitationService;
  readonly notifications: Notifications;
  readonly sessions: SessionService;
  readonly email: EmailService;
  readonly keys: KeyService;
  readonly groups: GroupService;
  readonly collections: CollectionService;
  readonly feeds: FeedAdmin;
  readonly outlet: Outlet;
  readonly publishing: Publishing;
  readonly revocation: Revocation;
  readonly search: Search;
  readonly secrets: SecretService;
  readonly waiting: Waiting;
  readonly recipients: Recipients;
  readonly red: Red;
  readonly shares: Shares;
  readonly rules: RuleService;
  readonly channels: ChannelAdmin;
  readonly answers: Answers;
  readonly triage: Triage;
}

/**
 * Returns every operation of the admin API. The router, the OpenAPI document and the table of rights in the tests are
 * generated from this list.
 */
export function apiOperations(services: ApiServices): readonly Operation[] {
  return [
    ...hubOperations(services),
    ...accountOperations(services.accounts, services.invitations, services.url, services.notifications),
    ...sessionOperations(services.sessions, services.url),
    ...factorOperations(services),
    ...emailOperations(services.email),
    ...keyOperations(services.keys),
    ...memberOperations(services),
    ...groupOperations(services.groups),
    ...collectionOperations(services.collections),
    ...objectOperations(
      services.outlet,
      services.publishing,
      services.revocation,
      services.search,
      services.recipients,
      services.answers,
    ),
    ...heldOperations(services.waiting),
    ...redOperations(services.red),
    ...shareOperations(services.shares, services.rules),
    ...channelOperations(services.channels),
    ...answerOperations(services.answers),
    ...triageOperations(services.triage),
    ...feedOperations(services.feeds),
    ...secretOperations(services.secrets),
  ];
}
