import { readMarking } from '../stix/markings.ts';
import { labelOf } from '../store/records.ts';
import type { HubRecord } from '../store/store.ts';
import { MapDraft, type OrderedMap } from '../kernel/ordered-map.ts';
import type { Steps } from '../kernel/slices.ts';
import { ACCESS_KINDS, type AccessKind, type AccessRecords } from './access-records.ts';
import { KEYS } from './keys/model.ts';
import { accountId } from './accounts/account-records.ts';
import { ACCOUNTS } from './accounts/model.ts';
import { CLAIMS, DELEGATIONS, GROUPS, memberIdentityId, MEMBERS } from './member-model.ts';
import { API_ROOTS, COLLECTIONS, FEED_TERMS, feedIdentityId, GRANTS, MARKINGS, RULES } from './model.ts';
import {
  HUB_MEMBER,
  type AccountInfo,
  type CollectionInfo,
  type FeedIdentity,
  type Grant,
  type MemberInfo,
} from './snapshot-records.ts';

/**
 * The subjects of damaged records are known but closed: they give nobody anything, and their names stay taken. The
 * strictest value replaces a field that is lost. Leaving a damaged record out could open something. For example, others
 * could take its names, or the rule of a licence would no longer apply.
 */

/** A damaged member is not active: its accounts cannot sign in, and nothing is sent to it. */
export function closedMember(record: HubRecord): MemberInfo {
  const { identities = [], networks = [], domains = [] } = MEMBERS.salvage(record);
  return {
    ...HUB_MEMBER,
    name: record.id,
    title: record.id,
    revision: record.revision,
    active: false,
    identities: [...new Set([...identities, memberIdentityId(record.id)])],
    // Even so, feeds must not list them unnoticed.
    networks,
    domains,
  };
}

/** Kinds of records that determine which member something concerns. */
const CLAIMING = new Set(['member', 'claim', 'delegation']);

/** The damaged records of a snapshot. Their subjects are closed, and their content is unknown. */
export class Damages {
  /** The names of the records, as `kind/id`. */
  readonly names: readonly string[];
  readonly #ids: ReadonlySet<string>;
  readonly #accounts: readonly HubRecord[];
  readonly #markings: readonly HubRecord[];
  /**
   * False when a damaged record could make something affect a member. Then the nearest member is unknown,
   * and what is meant for one member must not go to another.
   */
  readonly isConstituencyKnown: boolean;
  /** False when it is unknown which STIX identities a damaged member has. */
  readonly areIdentitiesKnown: boolean;

  constructor(records: readonly HubRecord[]) {
    const of = (kind: AccessKind): readonly HubRecord[] => records.filter((record) => record.kind === kind);
    this.#accounts = of('account');
    this.#markings = of('marking');
    this.names = records.map(labelOf);
    this.#ids = new Set(records.map(({ kind, id }) => `${kind}/${id}`));
    this.isConstituencyKnown = !records.some(({ kind }) => CLAIMING.has(kind));
    this.areIdentitiesKnown = !of('member').some(hasUnknownIdentities);
  }

  /** True when the record with this id is damaged. */
  has(kind: AccessKind, id: string): boolean {
    return this.#ids.has(`${kind}/${id}`);
  }

  /** True when an account of a damaged record could have an id that no other account has. */
  couldBeAccount(id: string): boolean {
    return this.#accounts.some((record) => hasUnknownId(record) || closedAccount(record).id === id);
  }

  /** Returns the damaged marking definitions whose policy has ended, or could have ended. */
  endedMarkings(now: number): readonly HubRecord[] {
    return this.#markings.filter((record) => endOfClosed(record) <= now);
  }
}

/** True for a damaged member of which it is unknown which STIX identities are its own. */
function hasUnknownIdentities(record: HubRecord): boolean {
  return !('identities' in MEMBERS.salvage(record));
}

/** A damaged account is disabled. Its name and its sign-in link stay taken. */
export function closedAccount(record: HubRecord): AccountInfo {
  // Its role is unknown, so managing the account needs the right to manage an administrator.
  const { role = 'administrator', ...rest } = ACCOUNTS.salvage(record);
  const { member, single_sign_on: signOn } = rest;
  return {
    id: accountId({ id: record.id, document: { role, ...rest } }),
    name: record.id,
    role,
    person: false,
    member: member === 'hub' ? undefined : member,
    defaultTlp: undefined,
    passwordHash: undefined,
    isPasswordOwn: false,
    email: undefined,
    signOn,
    emailVerified: false,
    disabled: true,
    epoch: 0,
    accessAt: undefined,
    preferences: {},
  };
}

/** True for a damaged account of which it is unknown under which id things are stored for it. */
function hasUnknownId(record: HubRecord): boolean {
  return !('uid' in ACCOUNTS.salvage(record));
}

/**
 * A damaged collection is in no API root. Its level is TLP:RED, which no collection may contain: nothing can be
 * placed in it, and nobody may read it.
 */
export function closedCollection(record: HubRecord): CollectionInfo {
  return {
    id: record.id,
    apiRoot: '',
    alias: undefined,
    title: `Damaged collection ${record.id}`,
    description: undefined,
    accept: [],
    validation: 'strict',
    unmarked: 'refuse',
    default_tlp: 'red',
    min_tlp: 'red',
    max_tlp: 'red',
    tallest: 'red',
    loweredAt: undefined,
    ownOf: undefined,
    clientsOf: undefined,
    readers: [],
  };
}

/** The API root and the alias of a damaged collection, which no other collection may have. */
export function aliasOfClosed(record: HubRecord): {
  readonly root: string;
  readonly alias: string | undefined;
} {
  const { api_root: root = '', alias } = COLLECTIONS.salvage(record);
  return { root, alias };
}

/** The licence of a damaged feed counts as one that does not allow redistribution. */
export function closedFeed(record: HubRecord): FeedIdentity {
  const { identity, collection = '' } = FEED_TERMS.salvage(record);
  return {
    name: record.id,
    identity: identity ?? feedIdentityId(record.id),
    collection,
    passedOn: false,
  };
}

/** The end of the policy of a damaged marking definition. The beginning of time, if it cannot be read. */
function endOfClosed(record: HubRecord): number {
  const { object } = MARKINGS.salvage(record);
  if (object === undefined) return 0;
  const marking = readMarking(object);
  return marking.family === 'iep' ? (marking.iep.end ?? Infinity) : Infinity;
}

/**
 * Returns the collection and the receiver of a damaged grant, which its id contains. Such a grant gives no access.
 * It still counts as a grant to read, so nothing is placed that its receiver cannot see.
 */
export function lostGrant({ id }: HubRecord): Grant {
  const slash = id.indexOf('/');
  return {
    collection: id.slice(0, slash),
    to: id.slice(slash + 1),
    account: undefined,
    read: false,
    write: false,
    since: 0,
  };
}

/** Returns whether a record of an access kind is whole. */
const IS_WHOLE: Readonly<Record<AccessKind, (record: HubRecord) => boolean>> = {
  'api-root': (record) => API_ROOTS.decodeOnce(record) !== undefined,
  collection: (record) => COLLECTIONS.decodeOnce(record) !== undefined,
  grant: (record) => GRANTS.decodeOnce(record) !== undefined,
  group: (record) => GROUPS.decodeOnce(record) !== undefined,
  member: (record) => MEMBERS.decodeOnce(record) !== undefined,
  account: (record) => ACCOUNTS.decodeOnce(record) !== undefined,
  key: (record) => KEYS.decodeOnce(record) !== undefined,
  marking: (record) => MARKINGS.decodeOnce(record) !== undefined,
  feed: (record) => FEED_TERMS.decodeOnce(record) !== undefined,
  claim: (record) => CLAIMS.decodeOnce(record) !== undefined,
  rule: (record) => RULES.decodeOnce(record) !== undefined,
  delegation: (record) => DELEGATIONS.decodeOnce(record) !== undefined,
};

/** Returns the damaged records by `kind/id`. Only records that differ are looked at. */
export function* damagedAfter({
  before,
  records,
}: {
  readonly before: { readonly damaged: OrderedMap<HubRecord>; readonly records: AccessRecords };
  readonly records: AccessRecords;
}): Steps<OrderedMap<HubRecord>> {
  const draft = new MapDraft(before.damaged);
  let isChanged = false;
  for (const kind of ACCESS_KINDS)
    for (const [id, , is] of records[kind].since(before.records[kind])) {
      const name = `${kind}/${id}`;
      const damaged = is === undefined || IS_WHOLE[kind](is) ? undefined : is;
      if (draft.get(name) !== damaged) {
        isChanged = true;
        draft.set(name, damaged);
      }
      yield;
    }
  return isChanged ? draft.done() : before.damaged;
}
