import { Calendar, dateOf } from './calendar.ts';
import { decodeAccess, type AccessRecords } from './access-records.ts';
import { canonical } from '../kernel/canonical.ts';
import { readMarking, type Marking } from '../stix/markings.ts';
import { definitionMeaning } from '../stix/meaning.ts';
import type { Stored } from '../store/records.ts';
import { isOldHash } from './accounts/passwords.ts';
import { audienceOfGrant, memberAudience, readsSince, receives, receiversFor } from './audience.ts';
import { isInReach } from './keys/limits.ts';
import type { KeyRecord } from './keys/model.ts';
import type { ClaimRecord, GroupRecord } from './member-model.ts';
import { grantFits, removalsFor, type Audience, type RemovalReach } from './policy.ts';
import type { AccountPrincipal, KeyLimits, Principal } from './principal.ts';
import type { AccountResource, CollectionRights } from './rights.ts';
import {
  accountOf, apiRootOf, collectionOf, delegationOf, feedOf, grantOf, HUB_MEMBER, keyOf, markingOf, memberOf, ruleOf, withClaims,
  type AccountInfo, type ApiRoot, type CollectionInfo, type Delegation, type FeedIdentity, type Grant, type KeyInfo, type KnownMarking, type MemberInfo, type Rule,
} from './snapshot-records.ts'; // prettier-ignore

export type {
  AccountInfo,
  ApiRoot,
  CollectionInfo,
  Delegation,
  KeyInfo,
  MemberInfo,
  Rule,
} from './snapshot-records.ts';
import { isOfHub } from '../store/store.ts';

/** All access records as of one read. Immutable: a change results in a new snapshot. */
export class Snapshot {
  readonly apiRoots: ReadonlyMap<string, ApiRoot>;
  readonly collections: ReadonlyMap<string, CollectionInfo>;
  readonly members: ReadonlyMap<string, MemberInfo>;
  /** Accounts by id. */
  readonly accounts: ReadonlyMap<string, AccountInfo>;
  readonly #accountsByName: ReadonlyMap<string, AccountInfo>;
  /** The share of passwords whose hash has an old scheme, from 0 to 1. */
  readonly oldHashShare: number;
  readonly feeds: readonly FeedIdentity[];
  readonly delegations: readonly Delegation[];
  /** The next time at which a date changes the content of this snapshot, in milliseconds since 1970. */
  readonly changesAt: number;
  /** Rules between collections, by name. */
  readonly rules: readonly Rule[];
  /** Names of the groups. */
  readonly groups: readonly string[];
  readonly #listedGroups: ReadonlySet<string>;
  /** Members by STIX identity. */
  readonly memberByIdentity: ReadonlyMap<string, string>;
  /** Feeds by STIX identity. */
  readonly feedByIdentity: ReadonlyMap<string, string>;
  readonly #grants: ReadonlyMap<string, readonly Grant[]>;
  /** Receivers of grants that contain no id, so that a later account of the name would get them. */
  readonly #waitingGrants: ReadonlySet<string>;
  readonly #groupsByMember: ReadonlyMap<string, readonly string[]>;
  /** The time at which a member joined a group, in microseconds since 1970, by `group member`. */
  readonly #joined: ReadonlyMap<string, number>;
  readonly #keys: ReadonlyMap<string, KeyInfo>;
  /** Records of keys by the id of their account. */
  readonly #keysOf: ReadonlyMap<string, readonly Stored<KeyRecord>[]>;
  readonly #markings: ReadonlyMap<string, KnownMarking>;
  readonly #byAlias = new Map<string, CollectionInfo>();

  /** `now` is in milliseconds since 1970. It matters because memberships and claims have dates. */
  constructor(stored: AccessRecords, now: number) {
    const records = decodeAccess(stored);
    const calendar = new Calendar(now);
    this.groups = records.groups.map(({ id }) => id);
    this.#listedGroups = new Set(
      records.groups.flatMap(({ id, document }) => (document.listed === true ? [id] : [])),
    );
    const byMember = new Map<string, string[]>();
    for (const { id, document } of records.groups)
      for (const member of document.members.filter((one) => calendar.isIn(document.dates?.[one])))
        push(byMember, member, id);
    this.#groupsByMember = byMember;
    this.#joined = joinedTimes(records.groups);
    const claimsOf = new Map<string, ClaimRecord[]>();
    for (const { document } of records.claims)
      if (calendar.isIn(document)) push(claimsOf, document.member, document);
    this.members = new Map([
      ['hub', HUB_MEMBER],
      ...records.members.map(
        (record) => [record.id, withClaims(memberOf(record), claimsOf.get(record.id) ?? [])] as const,
      ),
    ]);
    this.memberByIdentity = new Map(
      [...this.members.values()].flatMap(({ name, identities }) =>
        identities.map((identity) => [identity, name] as const),
      ),
    );
    const accounts = records.accounts.map(accountOf);
    this.accounts = new Map(accounts.map((account) => [account.id, account]));
    this.#accountsByName = new Map(accounts.map((account) => [account.name, account]));
    const hashes = accounts.flatMap(({ passwordHash }) => passwordHash ?? []);
    this.oldHashShare = hashes.filter(isOldHash).length / Math.max(1, hashes.length);
    this.feeds = records.feeds.map(feedOf);
    this.feedByIdentity = new Map(this.feeds.map(({ name, identity }) => [identity, name]));
    this.rules = records.rules.map(ruleOf);
    this.delegations = records.delegations.map(delegationOf);
    this.changesAt = calendar.changesAt;
    this.#keys = new Map(records.keys.map((record) => [record.id, keyOf(record)]));
    this.#keysOf = keysByAccount(records.keys);
    const all = records.grants.map(grantOf);
    this.#waitingGrants = new Set(all.flatMap(({ account, to }) => (account === undefined ? [to] : [])));
    const grants = new Map<string, Grant[]>();
    // A grant of an account that was removed counts no more. A later account of its name is another one.
    for (const grant of all)
      if (grant.account === undefined || this.accounts.has(grant.account))
        push(grants, grant.collection, grant);
    this.#grants = grants;
    this.#markings = new Map(records.markings.map((record) => [record.id, markingOf(record)]));
    this.apiRoots = new Map(records.apiRoots.map((record) => [record.id, apiRootOf(record)]));
    const collections = records.collections.map((record) =>
      collectionOf(
        record,
        (grants.get(record.id) ?? []).filter(({ read }) => read).map(({ to }) => this.grantAudience(to)),
      ),
    );
    this.collections = new Map(collections.map((collection) => [collection.id, collection]));
    for (const collection of collections)
      if (collection.alias !== undefined)
        this.#byAlias.set(`${collection.apiRoot}/${collection.alias}`, collection);
  }

  /** Returns a collection of an API root, by id or alias (TAXII 2.1 §5.2.1). */
  collection(apiRoot: string, idOrAlias: string): CollectionInfo | undefined {
    // Letter case does not matter in UUIDs (RFC 9562 §4), and some clients write capitals.
    const byId = this.collections.get(idOrAlias) ?? this.collections.get(idOrAlias.toLowerCase());
    if (byId?.apiRoot === apiRoot) return byId;
    return this.#byAlias.get(`${apiRoot}/${idOrAlias}`);
  }

  /** Returns a collection by id, by alias, or by `root/alias`. */
  find(name: string): CollectionInfo | undefined {
    return (
      this.collections.get(name) ??
      this.#byAlias.get(name) ??
      [...this.collections.values()].find(({ alias }) => alias === name)
    );
  }

  /** Returns the rights that grants give a principal on a collection. Members that are not active have none. */
  rights(principal: Principal, collection: CollectionInfo): CollectionRights {
    let read = false;
    let write = false;
    if (!isInReach(principal, collection.id)) return { read, write };
    // Grants never override the policy. A principal that may not have everything in the collection cannot read it. For
    // example, clients cannot read a collection that may contain AMBER+STRICT.
    const mayHave = grantFits(this.audienceOf(principal), collection.tallest);
    for (const grant of this.#grants.get(collection.id) ?? []) {
      if (!this.#receives(grant, principal)) continue;
      read ||= grant.read && mayHave;
      write ||= grant.write && principal.kind === 'account';
    }
    return { read, write };
  }

  /** Returns which removals of a collection a principal may see, if the principal may read the collection. */
  removals(principal: Principal, collection: CollectionInfo): RemovalReach {
    const times = (this.#grants.get(collection.id) ?? []).flatMap((grant) => {
      const since = this.#readsSince(grant, principal);
      return since === undefined ? [] : [since];
    });
    const since = times.length === 0 ? undefined : Math.min(...times);
    return removalsFor(this.audienceOf(principal), collection.max_tlp, since);
  }

  #readsSince(grant: Grant, principal: Principal): number | undefined {
    if (!grant.read || principal.kind === 'public' || !this.#receives(grant, principal)) return undefined;
    return readsSince(
      grant,
      principal,
      (group) => this.#joined.get(`${group} ${principal.member ?? ''}`) ?? 0,
    );
  }

  /** True when members outside the group may see that the group exists and who is in it. */
  isListedGroup(name: string): boolean {
    return this.#listedGroups.has(name);
  }

  /** Returns the groups that a member belongs to. */
  groupsOf(member: string): readonly string[] {
    return this.#groupsByMember.get(member) ?? [];
  }

  /**
   * Returns the grant by which the accounts of a member can read a collection. Undefined when there is none, or when
   * the member is not active.
   */
  grantFor(member: string, collection: CollectionInfo): string | undefined {
    if (this.members.get(member)?.active !== true) return undefined;
    if (!grantFits(this.audienceOfMember(member), collection.tallest)) return undefined;
    const groups = this.#groupsByMember.get(member) ?? [];
    const parent = this.activeParent(member);
    const kinds = receiversFor(member, groups, parent);
    const mine = (to: string): boolean =>
      kinds.includes(to) ||
      (to.startsWith('account:') && this.accountNamed(to.slice('account:'.length))?.member === member);
    return (this.#grants.get(collection.id) ?? []).find(({ read, to }) => read && mine(to))?.to;
  }

  /** Returns the member whose client a member is, if that member is active. */
  activeParent(member: string): string | undefined {
    const parent = this.members.get(member)?.parent;
    return parent !== undefined && this.members.get(parent)?.active === true ? parent : undefined;
  }

  /** Returns the audience that a principal belongs to, for the disclosure policy. */
  audienceOf(principal: Principal): Audience {
    return principal.kind === 'public' ? { kind: 'public' } : this.audienceOfMember(principal.member);
  }

  /** Returns the audience of an account of a member, or of the hub, for the disclosure policy. */
  audienceOfMember(name: string | undefined): Audience {
    return memberAudience(name ?? 'hub', name === undefined ? undefined : this.members.get(name)?.parent);
  }

  /** Returns the audience that a grant to `to` gives access to. */
  grantAudience(to: string): Audience {
    return audienceOfGrant(
      to,
      (name) => this.accountNamed(name)?.member,
      (member) => this.members.get(member)?.parent,
    );
  }

  /** Returns the account that currently has a name. */
  accountNamed(name: string): AccountInfo | undefined {
    return this.#accountsByName.get(name);
  }

  /** Returns the label that people see for an account id: its name, or a note that the account was removed. */
  accountLabel(id: string): string {
    return this.accounts.get(id)?.name ?? (id.startsWith('acc-') ? 'removed account' : id);
  }

  /** Returns the principal of the account that currently has a name. */
  principalNamed(name: string): AccountPrincipal | undefined {
    const account = this.accountNamed(name);
    return account === undefined ? undefined : this.principal(account.id);
  }

  /**
   * Returns the principal of an account id. Undefined when the account does not exist or is disabled, or when
   * its member is not active.
   */
  principal(id: string, key?: KeyLimits): AccountPrincipal | undefined {
    const account = this.accounts.get(id);
    if (account === undefined || account.disabled) return undefined;
    const { name, role, member, person } = account;
    if (member !== undefined && this.members.get(member)?.active !== true) return undefined;
    return {
      kind: 'account',
      account: id,
      name,
      role,
      member,
      person,
      groups: member === undefined ? [] : (this.#groupsByMember.get(member) ?? []),
      ...(key === undefined ? {} : { key }),
    };
  }

  /** Returns a key by the SHA-256 of its secret. The caller must check whether the key has expired. */
  key(digest: string): KeyInfo | undefined {
    return this.#keys.get(digest);
  }

  /** Returns the records of the keys of an account, including expired ones, by digest. */
  keysOf(account: string): readonly Stored<KeyRecord>[] {
    return this.#keysOf.get(account) ?? [];
  }

  /** Returns the digest of the key with this public name. */
  keyDigest(id: string): string | undefined {
    for (const [digest, key] of this.#keys) if (key.id === id) return digest;
    return undefined;
  }

  /** Returns the number of keys of the account, including expired ones. */
  keyCount(account: string): number {
    return this.keysOf(account).length;
  }

  /** True when the account has any key, including expired ones. */
  hasKey(account: string): boolean {
    return this.#keysOf.has(account);
  }

  /** True when a new account of this name would receive grants that were given to the name. */
  hasWaitingGrant(account: string): boolean {
    return this.#waitingGrants.has(`account:${account}`);
  }

  /**
   * Returns the meaning of a marking id for an object of `owner`. Undefined when the hub has no definition
   * that counts for that owner. A definition counts for every owner who submitted it. A definition from the
   * hub or one of its feeds counts for everybody. A member therefore cannot loosen the objects of others by
   * publishing a lax definition under the id that they use.
   */
  marking(id: string, owner: string): Marking | undefined {
    const found = this.#markings.get(id);
    if (found === undefined) return undefined;
    return found.owners.has(owner) || isOfHub(found.owner) ? found.marking : undefined;
  }

  /**
   * True when `owner` may not define a marking this way, because a known definition has another meaning. The
   * hub may replace the definition of a member. Among the hub's own sources, different text is acceptable if
   * the hub treats both definitions alike (such as a copyright notice of another year).
   */
  contradicts(definition: Readonly<Record<string, unknown>>, owner: string): boolean {
    const found = this.#markings.get(String(definition['id']));
    if (found === undefined || definitionMeaning(found.object) === definitionMeaning(definition))
      return false;
    if (!isOfHub(owner)) return true;
    return isOfHub(found.owner) && canonical(found.marking) !== canonical(readMarking(definition));
  }

  /** Returns all owners of a marking definition. */
  ownersOfMarking(id: string): readonly string[] {
    return [...(this.#markings.get(id)?.owners ?? [])];
  }

  /** True when the hub's definition would replace the definition of a member. */
  overrules(definition: Readonly<Record<string, unknown>>, owner: string): boolean {
    const found = this.#markings.get(String(definition['id']));
    return (
      found !== undefined &&
      isOfHub(owner) &&
      !isOfHub(found.owner) &&
      definitionMeaning(found.object) !== definitionMeaning(definition)
    );
  }

  /** Returns the markings whose IEP policy has ended and whose objects have not been removed yet. */
  endedMarkings(now: number): readonly string[] {
    return [...this.#markings].flatMap(([id, { marking, isCleared }]) =>
      !isCleared && marking.family === 'iep' && (marking.iep.end ?? Infinity) <= now ? [id] : [],
    );
  }

  #receives(grant: Grant, principal: Principal): boolean {
    const member = principal.kind === 'public' ? undefined : principal.member;
    return receives(grant, principal, member === undefined ? undefined : this.activeParent(member));
  }
}

/** Returns the properties of an account that rights on it depend on. */
export function accountResource({ id, role, member }: AccountInfo): AccountResource {
  return { kind: 'account', account: id, role, member };
}

/** Returns the times at which members joined groups, in microseconds since 1970, by `group member`. */
function joinedTimes(groups: readonly Stored<GroupRecord>[]): ReadonlyMap<string, number> {
  return new Map(
    groups.flatMap(({ id, document: { members, joined = {}, dates = {} } }) =>
      members.map((member) => {
        const begun = (dateOf(dates[member]?.since) ?? 0) * 1_000;
        return [`${id} ${member}`, Math.max(joined[member] ?? 0, begun)] as const;
      }),
    ),
  );
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function keysByAccount(
  keys: readonly Stored<KeyRecord>[],
): ReadonlyMap<string, readonly Stored<KeyRecord>[]> {
  const byAccount = new Map<string, Stored<KeyRecord>[]>();
  for (const record of keys) push(byAccount, record.document.account, record);
  return byAccount;
}
