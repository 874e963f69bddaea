import type { RecordKind, Stored } from '../store/records.ts';
import type { HubRecord } from '../store/store.ts';
import { ACCOUNTS, type AccountRecord } from './accounts/model.ts';
import { KEYS, type KeyRecord } from './keys/model.ts';
import {
  CLAIMS,
  DELEGATIONS,
  GROUPS,
  MEMBERS,
  type ClaimRecord,
  type DelegationRecord,
  type GroupRecord,
  type MemberRecord,
} from './member-model.ts';
import {
  API_ROOTS,
  COLLECTIONS,
  FEED_TERMS,
  GRANTS,
  MARKINGS,
  RULES,
  type ApiRootRecord,
  type CollectionRecord,
  type FeedRecord,
  type GrantRecord,
  type MarkingRecord,
  type RuleRecord,
} from './model.ts';

/** Kinds of hub records that determine access. */
export const ACCESS_KINDS = [
  'api-root',
  'collection',
  'grant',
  'group',
  'member',
  'account',
  'key',
  'marking',
  'feed',
  'claim',
  'rule',
  'delegation',
] as const;

/** The records from which a snapshot is made, as they are stored. */
export type AccessRecords = Readonly<Record<(typeof ACCESS_KINDS)[number], readonly HubRecord[]>>;

/** Returns the records with typed documents. Throws a Problem that names a damaged record. */
export function decodeAccess(records: AccessRecords): {
  readonly apiRoots: readonly Stored<ApiRootRecord>[];
  readonly collections: readonly Stored<CollectionRecord>[];
  readonly grants: readonly Stored<GrantRecord>[];
  readonly groups: readonly Stored<GroupRecord>[];
  readonly members: readonly Stored<MemberRecord>[];
  readonly accounts: readonly Stored<AccountRecord>[];
  readonly keys: readonly Stored<KeyRecord>[];
  readonly markings: readonly Stored<MarkingRecord>[];
  readonly feeds: readonly Stored<FeedRecord>[];
  readonly claims: readonly Stored<ClaimRecord>[];
  readonly rules: readonly Stored<RuleRecord>[];
  readonly delegations: readonly Stored<DelegationRecord>[];
} {
  const all = <T extends object>(kind: RecordKind<T>, list: readonly HubRecord[]): readonly Stored<T>[] =>
    list.map((record) => kind.decodeOnce(record));
  return {
    apiRoots: all(API_ROOTS, records['api-root']),
    collections: all(COLLECTIONS, records.collection),
    grants: all(GRANTS, records.grant),
    groups: all(GROUPS, records.group),
    members: all(MEMBERS, records.member),
    accounts: all(ACCOUNTS, records.account),
    keys: all(KEYS, records.key),
    markings: all(MARKINGS, records.marking),
    feeds: all(FEED_TERMS, records.feed),
    claims: all(CLAIMS, records.claim),
    rules: all(RULES, records.rule),
    delegations: all(DELEGATIONS, records.delegation),
  };
}
