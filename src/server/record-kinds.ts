import { ACCOUNTS, EMAIL_LINKS, INVITATIONS } from '../access/accounts/model.ts';
import { NOTIFICATIONS } from '../access/accounts/notifications.ts';
import { FACTORS, SIGN_INS } from '../access/factors/model.ts';
import { IDEMPOTENCY } from '../access/idempotency.ts';
import { KEYS, SEALED_SECRETS } from '../access/keys/model.ts';
import { CLAIMS, DELEGATIONS, GROUPS, MEMBERS } from '../access/member-model.ts';
import { API_ROOTS, COLLECTIONS, GRANTS, MARKINGS, RULES } from '../access/model.ts';
import { SIGN_ONS } from '../access/oidc/model.ts';
import { REDS } from '../access/red-model.ts';
import { PLACES, SESSIONS } from '../access/sessions/model.ts';
import { HUB_SECRETS } from '../access/shared-keys.ts';
import { TALLIES } from '../access/tallies.ts';
import { SETTINGS } from '../config/settings-record.ts';
import { FEED_HEALTH, FEED_RUNS, FEED_STATES, FEEDS, QUARANTINES, WARNING_LISTS } from '../feeds/model.ts';
import { CONTACTS, CONTACT_CHANGES } from '../members/contacts/model.ts';
import { EXERCISES } from '../members/exercises/model.ts';
import { MEMBER_REQUESTS } from '../members/model.ts';
import { ANONYMOUS, SEAL_OPENINGS } from '../sharing/anonymous/model.ts';
import { CHANNELS, CHANNEL_STATES } from '../sharing/channels/model.ts';
import { ACKNOWLEDGEMENT_REQUESTS, ANSWER_RECORDS, OPENED } from '../sharing/deliveries/model.ts';
import { CASES, FEEDBACK } from '../sharing/feedback/model.ts';
import { NAME_INDEX } from '../sharing/reading/model.ts';
import { KEPT_LICENCES } from '../sharing/reevaluation/model.ts';
import { SAVED_SEARCHES } from '../sharing/reading/saved-searches.ts';
import { ROUTING } from '../sharing/routing/model.ts';
import { SHARES, TRIAGE } from '../sharing/shares/model.ts';
import { SUPPRESSIONS } from '../sharing/suppression/model.ts';
import { MISP_EVENTS, MISP_FEEDS } from '../sharing/misp/memory.ts';
import { LIST_STATES, SAVED_LISTS } from '../sharing/saved-lists/model.ts';
import { WIDE_NETWORKS } from '../sharing/wide-networks/model.ts';
import {
  SCORE_DAYS,
  SCORE_INDEX,
  SCORE_INTAKE,
  SCORE_SIGHTINGS,
  SCORE_STATE,
} from '../sharing/scorecards/model.ts';
import { VALUE_INDEX } from '../sharing/values/model.ts';

/**
 * The codec of every kind of record that the hub stores. A test compares this list with the limits in
 * `store/bounded-stores.ts`, which are enforced for each kind that is written.
 */
export const RECORD_KINDS = [
  ACCOUNTS,
  ANONYMOUS,
  ACKNOWLEDGEMENT_REQUESTS,
  ANSWER_RECORDS,
  API_ROOTS,
  CASES,
  CHANNELS,
  CHANNEL_STATES,
  CLAIMS,
  COLLECTIONS,
  CONTACTS,
  CONTACT_CHANGES,
  DELEGATIONS,
  EMAIL_LINKS,
  EXERCISES,
  FACTORS,
  FEEDBACK,
  FEED_HEALTH,
  FEED_RUNS,
  FEED_STATES,
  FEEDS,
  GRANTS,
  GROUPS,
  HUB_SECRETS,
  IDEMPOTENCY,
  INVITATIONS,
  KEPT_LICENCES,
  KEYS,
  LIST_STATES,
  MARKINGS,
  MEMBERS,
  MEMBER_REQUESTS,
  MISP_EVENTS,
  MISP_FEEDS,
  NAME_INDEX,
  NOTIFICATIONS,
  OPENED,
  PLACES,
  QUARANTINES,
  REDS,
  ROUTING,
  RULES,
  SAVED_LISTS,
  SAVED_SEARCHES,
  SCORE_DAYS,
  SCORE_INDEX,
  SCORE_INTAKE,
  SCORE_SIGHTINGS,
  SCORE_STATE,
  SEALED_SECRETS,
  SEAL_OPENINGS,
  SESSIONS,
  SETTINGS,
  SHARES,
  SIGN_INS,
  SIGN_ONS,
  SUPPRESSIONS,
  TALLIES,
  TRIAGE,
  VALUE_INDEX,
  WARNING_LISTS,
  WIDE_NETWORKS,
] as const;

/** The kinds whose records belong to one account, and are removed together with it. */
export const PERSONAL_KINDS: readonly string[] = RECORD_KINDS.filter(({ isPersonal }) => isPersonal).map(
  ({ kind }) => kind,
);

/**
 * Kinds of which many records come and go. The store forgets a while after their removal that they existed. Of all
 * other kinds it remembers forever which ids were used; for members that decides who may have a name.
 */
export const FORGOTTEN_KINDS: readonly string[] = [
  ACKNOWLEDGEMENT_REQUESTS,
  ANSWER_RECORDS,
  CONTACT_CHANGES,
  EMAIL_LINKS,
  IDEMPOTENCY,
  INVITATIONS,
  LIST_STATES,
  MEMBER_REQUESTS,
  MISP_EVENTS,
  MISP_FEEDS,
  NOTIFICATIONS,
  OPENED,
  PLACES,
  REDS,
  SAVED_LISTS,
  SESSIONS,
  SHARES,
  SIGN_INS,
  SIGN_ONS,
  TALLIES,
  TRIAGE,
].flatMap(({ kind, formerKind }) => [kind, ...(formerKind === undefined ? [] : [formerKind])]);
