import type { AccountService } from '../access/accounts/account-service.ts';
import type { CollectionService } from '../access/collection-service.ts';
import type { InvitationService } from '../access/accounts/invitation-service.ts';
import type { Notifications } from '../access/accounts/notifications.ts';
import type { KeyList } from '../access/keys/key-list.ts';
import type { KeyService } from '../access/keys/key-service.ts';
import type { FeedAdmin } from '../feeds/feed-admin.ts';
import { accountOperations } from '../access/accounts/operations.ts';
import { deliveryOperations } from '../sharing/deliveries/operations.ts';
import { triageOperations } from '../sharing/shares/triage-operations.ts';
import { channelOperations } from '../sharing/channels/operations.ts';
import { collectionOperations } from '../access/collection-operations.ts';
import type { EmailService } from '../access/accounts/email-service.ts';
import { preferenceOperations } from '../access/accounts/preference-operations.ts';
import type { PreferenceService } from '../access/accounts/preferences.ts';
import { emailOperations } from '../access/accounts/email-operations.ts';
import { factorOperations, type FactorApiServices } from '../access/factors/operations.ts';
import { feedOperations } from '../feeds/operations.ts';
import { exerciseOperations } from '../members/exercises/operations.ts';
import type { Exercises } from '../members/exercises/service.ts';
import { contactOperations } from '../members/contacts/operations.ts';
import type { Contacts } from '../members/contacts/service.ts';
import type { GroupService } from '../members/group-service.ts';
import { groupOperations } from '../members/group-operations.ts';
import { heldOperations } from '../sharing/review/operations.ts';
import { hubOperations } from '../access/hub-operations.ts';
import { auditOperations } from '../access/audit/operations.ts';
import type { AuditReading } from '../access/audit/audit-reading.ts';
import type { HubService } from '../access/hub-service.ts';
import type { DeliveryExplanations } from '../sharing/deliveries/explain.ts';
import type { Deliveries } from '../sharing/deliveries/lag.ts';
import { signOnOperations } from '../access/oidc/operations.ts';
import type { SingleSignOn } from '../access/oidc/single-sign-on.ts';
import { ruleOperations } from '../sharing/routing/operations.ts';
import { findingOperations, publishingOperations } from '../sharing/intake/operations.ts';
import { deletionOperations, revocationOperations } from '../sharing/life/operations.ts';
import { keyOperations } from '../access/keys/operations.ts';
import { memberOperations, type MemberServices } from '../members/operations.ts';
import { sessionOperations } from '../access/sessions/operations.ts';
import type { SessionService } from '../access/sessions/session-service.ts';
import { readingOperations } from '../sharing/reading/operations.ts';
import { shareOperations } from '../sharing/shares/operations.ts';
import type { Operation } from '../access/operation.ts';
import { redOperations } from '../sharing/red/operations.ts';
import { secretOperations } from '../access/keys/secret-operations.ts';
import type { SecretService } from '../access/keys/secret-service.ts';
import type { Newest } from '../sharing/reading/newest.ts';
import type { Outlet } from '../sharing/reading/outlet.ts';
import type { ValuePublishing } from '../sharing/publishing/value-publishing.ts';
import type { FindingCounts } from '../sharing/intake/findings.ts';
import type { Publishing } from '../sharing/intake/publishing.ts';
import type { CollectionDeletion } from '../sharing/life/collection-deletion.ts';
import type { Revocation } from '../sharing/life/revocation.ts';
import type { ChannelAdmin } from '../sharing/channels/service.ts';
import type { Search } from '../sharing/reading/search.ts';
import type { SearchView } from '../sharing/reading/search-view.ts';
import { searchViewOperations } from '../sharing/reading/view-operations.ts';
import type { Red } from '../sharing/red/red.ts';
import type { RuleService } from '../sharing/routing/rule-service.ts';
import type { Shares } from '../sharing/shares/shares.ts';
import type { Answers } from '../sharing/deliveries/answers.ts';
import type { Triage } from '../sharing/shares/triage.ts';
import type { Recipients } from '../sharing/deliveries/recipients.ts';
import type { Connections } from '../sharing/lists/connect-service.ts';
import { listOperations } from '../sharing/lists/operations.ts';
import type { Cases } from '../sharing/feedback/cases.ts';
import type { Extraction } from '../sharing/extraction/extraction.ts';
import { extractionOperations } from '../sharing/extraction/operations.ts';
import { feedbackOperations } from '../sharing/feedback/operations.ts';
import type { Reporting } from '../sharing/feedback/reporting.ts';
import type { ValueCheck } from '../sharing/feedback/value-check.ts';
import type { ValueLookup } from '../sharing/feedback/value-lookup.ts';
import { anonymousOperations } from '../sharing/anonymous/operations.ts';
import type { SealOpenings } from '../sharing/anonymous/openings.ts';
import type { AnonymousSubmissions } from '../sharing/anonymous/service.ts';
import { wideNetworkOperations } from '../sharing/wide-networks/operations.ts';
import type { WideNetworks } from '../sharing/wide-networks/service.ts';
import { suppressionOperations } from '../sharing/suppression/operations.ts';
import type { SuppressionService } from '../sharing/suppression/service.ts';
import type { ListRemovalLog } from '../sharing/lists/collection-removals.ts';
import { savedListOperations } from '../sharing/saved-lists/operations.ts';
import type { SavedLists } from '../sharing/saved-lists/service.ts';
import { scorecardOperations } from '../sharing/scorecards/operations.ts';
import type { Scorecards } from '../sharing/scorecards/service.ts';
import { valueOperations } from '../sharing/values/operations.ts';
import type { ValueService } from '../sharing/values/service.ts';
import type { Waiting } from '../sharing/review/review-queue.ts';

/** The services behind the admin API. */
export interface ApiServices extends MemberServices, FactorApiServices {
  readonly hub: HubService;
  readonly deliveries: Deliveries;
  readonly whys: DeliveryExplanations;
  readonly audit: AuditReading;
  readonly signOn: SingleSignOn;
  readonly accounts: AccountService;
  readonly invitations: InvitationService;
  readonly notifications: Notifications;
  readonly sessions: SessionService;
  readonly email: EmailService;
  readonly preferences: PreferenceService;
  readonly keys: KeyService;
  readonly keyList: KeyList;
  readonly contacts: Contacts;
  readonly exercises: Exercises;
  readonly groups: GroupService;
  readonly collections: CollectionService;
  readonly feeds: FeedAdmin;
  readonly outlet: Outlet;
  readonly newest: Newest;
  readonly publishing: Publishing;
  readonly findings: Pick<FindingCounts, 'list'>;
  readonly values: ValuePublishing;
  readonly valueViews: ValueService;
  readonly scorecards: Scorecards;
  readonly connections: Connections;
  readonly suppressionService: SuppressionService;
  readonly wideNetworks: WideNetworks;
  readonly anonymous: AnonymousSubmissions;
  readonly sealOpenings: SealOpenings;
  readonly savedLists: SavedLists;
  readonly listRemovals: ListRemovalLog;
  readonly reporting: Reporting;
  readonly cases: Cases;
  readonly valueLookup: ValueLookup;
  readonly valueCheck: ValueCheck;
  readonly extraction: Extraction;
  readonly revocation: Revocation;
  readonly collectionDeletion: CollectionDeletion;
  readonly search: Search;
  readonly searchView: SearchView;
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
    ...hubOperations(services.hub, services.url),
    ...auditOperations(services.audit, services.hub),
    ...accountOperations(services.accounts, services.invitations, services.url, services.notifications),
    ...sessionOperations(services.sessions, services.url),
    ...factorOperations(services),
    ...signOnOperations(services.signOn),
    ...emailOperations(services.email),
    ...preferenceOperations(services.preferences),
    ...keyOperations(services.keys, services.keyList),
    ...memberOperations(services),
    ...contactOperations(services.contacts),
    ...exerciseOperations(services.exercises),
    ...groupOperations(services.groups),
    ...collectionOperations(services.collections),
    ...readingOperations(services.outlet, services.search, services.answers, services.newest),
    ...searchViewOperations(services.searchView),
    ...valueOperations(services.valueViews),
    ...scorecardOperations(services.scorecards),
    ...listOperations(services.connections),
    ...suppressionOperations(services.suppressionService),
    ...wideNetworkOperations(services.wideNetworks),
    ...anonymousOperations(services.anonymous, services.sealOpenings),
    ...savedListOperations(services.savedLists, services.listRemovals),
    ...extractionOperations(services.extraction),
    ...feedbackOperations(services.reporting, services.cases, services.valueLookup, services.valueCheck),
    ...publishingOperations(services.publishing, services.recipients, services.values),
    ...findingOperations(services.findings),
    ...revocationOperations(services.revocation),
    ...deletionOperations(services.collectionDeletion),
    ...heldOperations(services.waiting),
    ...redOperations(services.red),
    ...shareOperations(services.shares),
    ...ruleOperations(services.rules),
    ...channelOperations(services.channels),
    ...deliveryOperations(services.deliveries, services.whys, services.answers),
    ...triageOperations(services.triage),
    ...feedOperations(services.feeds),
    ...secretOperations(services.secrets),
  ];
}
