import { MapDraft, OrderedMap } from '../kernel/ordered-map.ts';
import type { Steps } from '../kernel/slices.ts';
import type { RecordKind, Stored } from '../store/records.ts';
import type { HubRecord } from '../store/store.ts';
import { accessRecords, type AccessKind, type AccessRecords } from './access-records.ts';
import { ACCOUNTS } from './accounts/model.ts';
import { isOldHash } from './accounts/passwords.ts';
import { Calendar } from './calendar.ts';
import {
  aliasOfClosed,
  closedAccount,
  closedCollection,
  closedFeed,
  closedMember,
  Damages,
  damagedAfter,
  lostGrant,
} from './closed-records.ts';
import { grantAudience, isCurrentGrant } from './grant-audience.ts';
import { KEYS } from './keys/model.ts';
import { CLAIMS, DELEGATIONS, GROUPS, MEMBERS, type ClaimRecord, type GroupRecord } from './member-model.ts';
import { API_ROOTS, COLLECTIONS, FEED_TERMS, GRANTS, MARKINGS, RULES } from './model.ts';
import type { Audience } from './policy.ts';
import { accountsIn, type Accounts, type Collections, type Feeds, type Grants, type Groups, type Keys, type Members } from './snapshot-shapes.ts'; // prettier-ignore
import {
  accountOf, apiRootOf, collectionOf, delegationOf, feedOf, grantOf, HUB_MEMBER, keyOf, markingOf, memberOf, ruleOf, withClaims,
  type AccountInfo, type ApiRoot, type CollectionInfo, type Delegation, type Grant, type KnownMarking, type MemberInfo, type Rule,
} from './snapshot-records.ts'; // prettier-ignore

/** The parts of a snapshot. A part that no change affects is the same object in the next snapshot. */
export interface SnapshotParts {
  readonly records: AccessRecords;
  /** The damaged records, by `kind/id`. */
  readonly damaged: OrderedMap<HubRecord>;
  readonly damage: Damages;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly groups: Groups;
  readonly members: Members;
  readonly accounts: Accounts;
  readonly keys: Keys;
  readonly feeds: Feeds;
  readonly rules: readonly Rule[];
  readonly delegations: readonly Delegation[];
  readonly grants: Grants;
  readonly collections: Collections;
  readonly markings: OrderedMap<KnownMarking>;
  readonly apiRoots: ReadonlyMap<string, ApiRoot>;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The parts of a snapshot of a store without records. */
export const NO_PARTS: SnapshotParts = {
  records: accessRecords(() => undefined),
  damaged: OrderedMap.of(),
  damage: new Damages([]),
  now: Number.NEGATIVE_INFINITY,
  groups: { byName: new Map(), ofMember: new Map(), changesAt: NEVER },
  members: {
    claims: OrderedMap.of(),
    each: OrderedMap.of(),
    byName: new Map([[HUB_MEMBER.name, HUB_MEMBER]]),
    byIdentity: new Map(),
    changesAt: NEVER,
  },
  accounts: accountsIn(OrderedMap.of(), OrderedMap.of(), { all: 0, old: 0 }),
  keys: { byDigest: OrderedMap.of(), ofAccount: OrderedMap.of() },
  feeds: { all: [], byIdentity: new Map() },
  rules: [],
  delegations: [],
  grants: { ofCollection: new Map(), waiting: new Set(), accounts: new Set(), lost: new Map() },
  collections: { byId: new Map(), byAlias: new Map(), ofAlias: new Map(), deleted: new Map() },
  markings: OrderedMap.of(),
  apiRoots: new Map(),
};

/**
 * Returns the parts of a snapshot of these records. Accounts, keys, markings and claims, of which there can be many,
 * are read only where they differ from the records of an earlier snapshot. Of the other kinds, a part is made again if
 * records changed on which it depends. The result does not depend on the earlier snapshot.
 */
export function* nextParts(before: SnapshotParts, records: AccessRecords, now: number): Steps<SnapshotParts> {
  const change: Change = {
    before,
    records,
    now,
    isIn: (...kinds) => kinds.some((kind) => records[kind] !== before.records[kind]),
    // If the clock was set back, dates that have passed may be in the future again.
    isDue: (time) => time <= now || now < before.now,
  };
  const damaged = yield* damagedAfter(change);
  const damage = damaged === before.damaged ? before.damage : new Damages([...damaged.values()]);
  const groups = yield* groupsAfter(change);
  const members = yield* membersAfter(change);
  const accounts = yield* accountsAfter(change);
  const keys = yield* keysAfter(change);
  const grants = yield* grantsAfter(change);
  const collections = yield* collectionsAfter(change, { members, accounts, grants, damage });
  const markings = yield* markingsAfter(change);
  return {
    records,
    damaged,
    damage,
    now,
    groups,
    members,
    accounts,
    keys,
    grants,
    collections,
    markings,
    feeds: change.isIn('feed') ? feedsOf(records.feed) : before.feeds,
    rules: change.isIn('rule') ? (yield* allOf(RULES, records.rule)).map(ruleOf) : before.rules,
    delegations: change.isIn('delegation')
      ? (yield* allOf(DELEGATIONS, records.delegation)).map(delegationOf)
      : before.delegations,
    apiRoots: change.isIn('api-root')
      ? new Map((yield* allOf(API_ROOTS, records['api-root'])).map((one) => [one.id, apiRootOf(one)]))
      : before.apiRoots,
  };
}

/** The difference between two snapshots. */
interface Change {
  readonly before: SnapshotParts;
  readonly records: AccessRecords;
  readonly now: number;
  /** True if records of one of these kinds differ. */
  readonly isIn: (...kinds: AccessKind[]) => boolean;
  /** True if something with this time may differ. */
  readonly isDue: (time: number) => boolean;
}

/** Returns all records of a kind, decoded, except damaged ones. */
function* allOf<T extends object>(
  kind: RecordKind<T>,
  records: OrderedMap<HubRecord>,
): Steps<readonly Stored<T>[]> {
  const found: Stored<T>[] = [];
  for (const record of records.values()) {
    const whole = kind.decodeOnce(record);
    if (whole !== undefined) found.push(whole);
    yield;
  }
  return found;
}

/** Yields each record of a kind that differs, decoded. A damaged one is undefined. */
function* changed<T extends object>(
  kind: RecordKind<T>,
  { before, records }: Change,
  name: AccessKind,
): Generator<readonly [id: string, before: Stored<T> | undefined, after: Stored<T> | undefined]> {
  for (const [id, was, is] of records[name].since(before.records[name]))
    yield [
      id,
      was === undefined ? undefined : kind.decodeOnce(was),
      is === undefined ? undefined : kind.decodeOnce(is),
    ];
}

const NOBODY: GroupRecord = { members: [] };

function* groupsAfter({ before, records, now, isIn, isDue }: Change): Steps<Groups> {
  if (!isIn('group') && !isDue(before.groups.changesAt)) return before.groups;
  const calendar = new Calendar(now);
  const ofMember = new Map<string, string[]>();
  const all = yield* allOf(GROUPS, records.group);
  for (const { id, document } of all)
    for (const member of document.members) {
      if (calendar.isIn(document.dates?.[member])) push(ofMember, member, id);
      yield;
    }
  return {
    // The name of a damaged group stays taken. Nobody is in it.
    byName: new Map([
      ...[...records.group.keys()].map((id) => [id, NOBODY] as const),
      ...all.map(({ id, document }) => [id, document] as const),
    ]),
    ofMember,
    changesAt: calendar.changesAt,
  };
}

function* membersAfter(change: Change): Steps<Members> {
  const { before, records, now, isDue } = change;
  const affected = new Set<string>();
  const claims = new MapDraft(before.members.claims);
  for (const [id, was, is] of changed(CLAIMS, change, 'claim')) {
    for (const [member, document] of [[was?.document.member], [is?.document.member, is?.document]] as const) {
      if (member === undefined) continue;
      affected.add(member);
      claims.set(member, patchedOrNone(claims.get(member), id, document));
    }
    yield;
  }
  for (const [name] of records.member.since(before.records.member)) affected.add(name);
  if (isDue(before.members.changesAt))
    for (const [name, { changesAt }] of before.members.each) if (isDue(changesAt)) affected.add(name);
  if (affected.size === 0) return before.members;
  const ofMember = claims.done();
  const draft = new MapDraft(before.members.each);
  for (const name of affected) {
    const record = records.member.get(name);
    const calendar = new Calendar(now);
    const mine = [...(ofMember.get(name)?.values() ?? [])].filter((claim) => calendar.isIn(claim));
    const info = record === undefined ? undefined : memberWith(record, mine);
    draft.set(name, info === undefined ? undefined : { info, changesAt: calendar.changesAt });
    yield;
  }
  const each = draft.done();
  const infos = [...each.values()].map(({ info }) => info);
  const byName = new Map([HUB_MEMBER, ...infos].map((info) => [info.name, info]));
  const byIdentity = new Map<string, string>();
  for (const { name, identities } of byName.values()) {
    for (const identity of identities) byIdentity.set(identity, name);
    yield;
  }
  return {
    claims: ofMember,
    each,
    byName,
    byIdentity,
    changesAt: [...each.values()].reduce((least, { changesAt }) => Math.min(least, changesAt), NEVER),
  };
}

function memberWith(record: HubRecord, claims: readonly ClaimRecord[]): MemberInfo {
  const whole = MEMBERS.decodeOnce(record);
  return whole === undefined ? closedMember(record) : withClaims(memberOf(whole), claims);
}

function* accountsAfter({ before: { accounts, records: old }, records }: Change): Steps<Accounts> {
  if (records.account === old.account) return accounts;
  const byId = new MapDraft(accounts.byId);
  const byName = new MapDraft(accounts.byName);
  const hashes = { ...accounts.hashes };
  const count = ({ passwordHash }: AccountInfo, step: 1 | -1): void => {
    if (passwordHash === undefined) return;
    hashes.all += step;
    if (isOldHash(passwordHash)) hashes.old += step;
  };
  for (const [name, , record] of records.account.since(old.account)) {
    const was = accounts.byName.get(name);
    const is = record === undefined ? undefined : accountWith(record);
    if (was !== undefined) {
      count(was, -1);
      // If the record was damaged before, another account may have the id now.
      if (byId.get(was.id)?.name === name) byId.set(was.id, undefined);
    }
    if (is !== undefined) {
      count(is, 1);
      byId.set(is.id, is);
    }
    byName.set(name, is);
    yield;
  }
  return accountsIn(byId.done(), byName.done(), hashes);
}

function accountWith(record: HubRecord): AccountInfo {
  const whole = ACCOUNTS.decodeOnce(record);
  return whole === undefined ? closedAccount(record) : accountOf(whole);
}

function* keysAfter(change: Change): Steps<Keys> {
  const byDigest = new MapDraft(change.before.keys.byDigest);
  const ofAccount = new MapDraft(change.before.keys.ofAccount);
  for (const [digest, was, is] of changed(KEYS, change, 'key')) {
    byDigest.set(digest, is === undefined ? undefined : keyOf(is));
    for (const [account, record] of [[was?.document.account], [is?.document.account, is]] as const)
      if (account !== undefined)
        ofAccount.set(account, patchedOrNone(ofAccount.get(account), digest, record));
    yield;
  }
  return change.isIn('key') ? { byDigest: byDigest.done(), ofAccount: ofAccount.done() } : change.before.keys;
}

function* grantsAfter({ before, records, isIn }: Change): Steps<Grants> {
  if (!isIn('grant')) return before.grants;
  const ofCollection = new Map<string, Grant[]>();
  const waiting = new Set<string>();
  const accounts = new Set<string>();
  const lost = new Map<string, string[]>();
  for (const record of records.grant.values()) {
    const whole = GRANTS.decodeOnce(record);
    const grant = whole === undefined ? lostGrant(record) : grantOf(whole);
    if (whole === undefined) push(lost, grant.collection, grant.to);
    else push(ofCollection, grant.collection, grant);
    if (grant.account === undefined) waiting.add(grant.to);
    else accounts.add(grant.account);
    if (grant.to.startsWith(TO_ACCOUNT)) accounts.add(grant.to.slice(TO_ACCOUNT.length));
    yield;
  }
  return { ofCollection, waiting, accounts, lost };
}

const TO_ACCOUNT = 'account:';

type Readers = Pick<SnapshotParts, 'members' | 'accounts' | 'grants' | 'damage'>;

function* collectionsAfter(change: Change, parts: Readers): Steps<Collections> {
  const { before, records, isIn } = change;
  const isSame =
    !isIn('collection', 'grant') &&
    parts.damage === before.damage &&
    !(yield* areParentsChanged(before.members, parts.members)) &&
    !(isIn('account') && isAnyGranted(change, parts));
  if (isSame) return before.collections;
  const byId = new Map<string, CollectionInfo>();
  const byAlias = new Map<string, CollectionInfo>();
  const ofAlias = new Map<string, CollectionInfo[]>();
  const deleted = new Map<string, CollectionInfo>();
  for (const record of records.collection.values()) {
    const readers: Audience[] = [];
    for (const grant of parts.grants.ofCollection.get(record.id) ?? []) {
      if (grant.read && isCurrentGrant(grant, parts)) readers.push(grantAudience(grant.to, parts));
      yield;
    }
    for (const to of parts.grants.lost.get(record.id) ?? []) readers.push(grantAudience(to, parts));
    const whole = COLLECTIONS.decodeOnce(record);
    const collection = whole === undefined ? closedCollection(record) : collectionOf(whole, readers);
    if (whole?.document.deleted_at !== undefined) {
      deleted.set(collection.id, collection);
      continue;
    }
    const { root, alias } = whole === undefined ? aliasOfClosed(record) : rootAndAlias(collection);
    byId.set(collection.id, collection);
    if (alias !== undefined) {
      byAlias.set(`${root}/${alias}`, collection);
      push(ofAlias, alias, collection);
    }
    yield;
  }
  return { byId, byAlias, ofAlias, deleted };
}

function rootAndAlias({ apiRoot: root, alias }: CollectionInfo) {
  return { root, alias };
}

/** True if the parent of a member has changed, on which the audience of a grant depends. */
function* areParentsChanged(before: Members, after: Members): Steps<boolean> {
  for (const [, was, is] of after.each.since(before.each)) {
    if (was?.info.parent !== is?.info.parent) return true;
    yield;
  }
  return false;
}

/** True if an account that differs is, or was, one to which there is a grant. */
function isAnyGranted(change: Change, { accounts, grants }: Readers): boolean {
  for (const [name] of change.records.account.since(change.before.records.account)) {
    const ids = [accounts.byName.get(name)?.id, change.before.accounts.byName.get(name)?.id];
    if ([name, ...ids].some((one) => one !== undefined && grants.accounts.has(one))) return true;
  }
  return false;
}

function* markingsAfter(change: Change): Steps<OrderedMap<KnownMarking>> {
  const draft = new MapDraft(change.before.markings);
  for (const [id, , is] of changed(MARKINGS, change, 'marking')) {
    draft.set(id, is === undefined ? undefined : markingOf(is));
    yield;
  }
  return draft.done();
}

function feedsOf(records: OrderedMap<HubRecord>): Feeds {
  const all = [...records.values()].map((record) => {
    const whole = FEED_TERMS.decodeOnce(record);
    return whole === undefined ? closedFeed(record) : feedOf(whole);
  });
  return { all, byIdentity: new Map(all.map(({ name, identity }) => [identity, name])) };
}

/** Returns a map with one change. Undefined if it is empty then. */
function patchedOrNone<V>(
  map: OrderedMap<V> | undefined,
  key: string,
  value: V | undefined,
): OrderedMap<V> | undefined {
  const after = (map ?? OrderedMap.of<V>()).with(key, value);
  return after.size === 0 ? undefined : after;
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
