import { parseNetwork } from '../kernel/address.ts';
import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { isInReach } from './keys/limits.ts';
import type { HubRecord } from '../store/store.ts';
import { canonical } from '../kernel/canonical.ts';
import { definitionMeaning } from '../stix/meaning.ts';
import { readMarking, stricter, type Marking, type Tlp } from '../stix/markings.ts';
import { isOldHash } from './accounts/passwords.ts';
import { grantFits, removalsFor, type RemovalReach } from './policy.ts';
import type { Audience, PlacementRules } from './policy.ts';
import type { AccountResource, CollectionRights } from './rights.ts';
import { accountId, epochOf, isPasswordOwn } from './accounts/account-records.ts';
import type { AccountPrincipal, KeyLimits, Principal, Role, Scope } from './principal.ts';

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

export interface ApiRoot {
  readonly path: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly maxContentLength: number;
  readonly pageLimit: number;
  /** True when the API root also accepts a bundle in place of an envelope, and stores its objects. */
  readonly unwrapBundles: boolean;
}

export interface CollectionInfo extends PlacementRules {
  readonly id: string;
  readonly apiRoot: string;
  readonly alias: string | undefined;
  readonly title: string;
  readonly description: string | undefined;
  readonly accept: readonly ('2.0' | '2.1')[];
  readonly validation: 'strict' | 'standard';
  /** The member whose own collection this is. */
  readonly ownOf: string | undefined;
  /** The member whose clients read this collection. */
  readonly clientsOf: string | undefined;
  /**
   * The strictest TLP that the collection may still contain: its maximum, or a higher maximum that it had until
   * recently. Read access depends on this level, so no reader gets access before objects that are too strict for them
   * were removed.
   */
  readonly tallest: Tlp;
  /** The time at which all objects above a lowered maximum had been removed, in milliseconds since 1970. */
  readonly loweredAt: number | undefined;
}

export interface MemberInfo {
  readonly name: string;
  readonly title: string;
  readonly active: boolean;
  readonly identities: readonly string[];
  readonly countries: readonly string[];
  readonly asns: readonly number[];
  readonly networks: readonly string[];
  readonly domains: readonly string[];
  /** Sectors that the member is responsible for, in the vocabulary of STIX. */
  readonly sectors: readonly string[];
  /** Brand names that phishing against the member uses. */
  readonly brands: readonly string[];
  /** The member whose client this member is. A client may have nothing stricter than TLP:AMBER. */
  readonly parent: string | undefined;
  /** The member wants copies of objects that affect organisations inside its networks and domains. */
  readonly copies: boolean;
  /** Id of the member's own collection. */
  readonly collection: string | undefined;
  /** Id of the collection that the member's clients read. */
  readonly clients: string | undefined;
  /** Maximum number of new objects that the member can submit per day. Undefined means the default of the hub. */
  readonly objects_per_day?: number | undefined;
  /** Increases whenever the member is paused or made active again. Earlier sessions of its accounts become invalid. */
  readonly epoch?: number;
  /** The revision of the record, which increases with each change. */
  readonly revision?: number;
}

export interface AccountInfo {
  /** Never reused, even if another account gets the same name. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly person: boolean;
  readonly member: string | undefined;
  readonly defaultTlp: Tlp | undefined;
  readonly passwordHash: string | undefined;
  /** The person chose the password. False for a password that somebody else set. */
  readonly isPasswordOwn: boolean;
  readonly email: string | undefined;
  /** The link of the account to the sign-in provider. */
  readonly signOn: SignOnLink | undefined;
  /** The person has confirmed the address. */
  readonly emailVerified: boolean;
  readonly disabled: boolean;
  /** Increases with every change that ends the sessions of the account, so undoing the change does not restore them. */
  readonly epoch: number;
}

/** The link of an account to the sign-in provider: a subject, or an email address until the first sign-in. */
export interface SignOnLink {
  readonly issuer: string;
  readonly subject?: string;
  readonly email?: string;
}

/** An API key, without its secret. */
export interface KeyInfo extends KeyLimits {
  /** Id of the account. */
  readonly account: string;
  readonly prefix: string;
  /** The fingerprint of a client certificate's public key. A key with a certificate has no secret. */
  readonly certificate: string | undefined;
}

interface Grant {
  readonly collection: string;
  readonly to: string;
  /** Id of the account of `account:NAME`. Undefined in grants of versions before 0.2. */
  readonly account: string | undefined;
  readonly read: boolean;
  readonly write: boolean;
  /**
   * The time since which the grant allows reading, in microseconds since 1970. 0 for grants from before this
   * time was recorded.
   */
  readonly since: number;
}

/** A marking definition and its owners. */
interface KnownMarking {
  /** The first owner of the definition. */
  readonly owner: string;
  /** All owners of a definition with the same meaning. */
  readonly owners: ReadonlySet<string>;
  readonly object: Readonly<Record<string, unknown>>;
  readonly marking: Marking;
  readonly isCleared: boolean;
}

/** A feed, as far as access is concerned. Only the feed itself may write under its identity. */
export interface FeedIdentity {
  readonly name: string;
  readonly identity: string;
  /** True when the licence of the feed allows the hub to redistribute its content to members. */
  readonly passedOn: boolean;
}

/**
 * A rule that forwards objects automatically from one collection to another. All conditions that are present must be
 * met.
 */
export interface Rule {
  readonly name: string;
  /** Ids of the collections. */
  readonly from: string;
  readonly to: string;
  /** STIX types. */
  readonly types: readonly string[] | undefined;
  /** The object has at least one of these labels. */
  readonly labels: readonly string[] | undefined;
  /** The owners whose objects are forwarded: members, `hub` or `feed:NAME`. */
  readonly owners: readonly string[] | undefined;
  /** No rule forwards TLP:RED. */
  readonly max_tlp: Exclude<Tlp, 'red'> | undefined;
}

/**
 * Resources that a registry has assigned to organisations of a country. They are evidence of their own, and claims of
 * members take precedence.
 */
export interface Delegation {
  readonly country: string;
  readonly networks: readonly string[];
  readonly asns: readonly number[];
  /** The time at which the data was read, in RFC 3339 format. */
  readonly at: string;
}

const HUB_MEMBER: MemberInfo = {
  name: 'hub', title: 'The hub', active: true, identities: [], countries: [], asns: [], networks: [], domains: [], sectors: [], brands: [],
  parent: undefined, copies: false, collection: undefined, clients: undefined,
}; // prettier-ignore

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
  readonly #keysOf: ReadonlyMap<string, readonly HubRecord[]>;
  readonly #markings: ReadonlyMap<string, KnownMarking>;
  readonly #byAlias = new Map<string, CollectionInfo>();

  /** `now` is in milliseconds since 1970. It matters because memberships and claims have dates. */
  constructor(records: Readonly<Record<(typeof ACCESS_KINDS)[number], readonly HubRecord[]>>, now: number) {
    let changesAt = Number.POSITIVE_INFINITY;
    const isIn = (dates: Dates | undefined): boolean => {
      const [since, until] = [dateOf(dates?.since), dateOf(dates?.until)];
      for (const date of [since, until])
        if (date !== undefined && date > now) changesAt = Math.min(changesAt, date);
      return (since ?? now) <= now && (until === undefined || now < until);
    };
    const groups = records.group.map(({ id, document }) => ({
      name: id,
      members: strings(document['members']).filter((member) => isIn(datesOf(document, member))),
    }));
    this.groups = groups.map(({ name }) => name);
    this.#listedGroups = new Set(
      records.group.flatMap(({ id, document }) => (document['listed'] === true ? [id] : [])),
    );
    const byMember = new Map<string, string[]>();
    for (const { name, members } of groups) for (const member of members) push(byMember, member, name);
    this.#groupsByMember = byMember;
    this.#joined = new Map(
      records.group.flatMap(({ id, document }) =>
        strings(document['members']).map((member) => {
          const joined = (document['joined'] ?? {}) as Readonly<Record<string, unknown>>;
          const begun = (dateOf(datesOf(document, member)?.since) ?? 0) * 1_000;
          return [`${id} ${member}`, Math.max(timeOf(joined[member]), begun)] as const;
        }),
      ),
    );
    const claimsOf = new Map<string, HubRecord['document'][]>();
    for (const { document } of records.claim)
      if (isIn(document)) push(claimsOf, String(document['member']), document);
    this.members = new Map([
      ['hub', HUB_MEMBER],
      ...records.member.map(
        (record) => [record.id, withClaims(memberOf(record), claimsOf.get(record.id) ?? [])] as const,
      ),
    ]);
    this.memberByIdentity = new Map(
      [...this.members.values()].flatMap(({ name, identities }) =>
        identities.map((identity) => [identity, name] as const),
      ),
    );
    const accounts = records.account.map(accounted);
    this.accounts = new Map(accounts.map((account) => [account.id, account]));
    this.#accountsByName = new Map(accounts.map((account) => [account.name, account]));
    const hashes = accounts.flatMap(({ passwordHash }) => passwordHash ?? []);
    this.oldHashShare = hashes.filter(isOldHash).length / Math.max(1, hashes.length);
    this.feeds = records.feed.map(({ id, document }) => ({
      name: id,
      identity: String(document['identity']),
      passedOn: passedOn(document['document']),
    }));
    this.feedByIdentity = new Map(this.feeds.map(({ name, identity }) => [identity, name]));
    this.rules = records.rule.map(ruleOf);
    this.delegations = records.delegation.map(delegationOf);
    this.changesAt = changesAt;
    this.#keys = new Map(records.key.map((record) => [record.id, keyed(record)]));
    const keysOf = new Map<string, HubRecord[]>();
    for (const record of records.key) push(keysOf, keyed(record).account, record);
    this.#keysOf = keysOf;
    const grants = new Map<string, Grant[]>();
    const waiting = new Set<string>();
    for (const { document } of records.grant) {
      const to = String(document['to']);
      const account = optional(document['account']);
      if (account === undefined) waiting.add(to);
      // The account was removed. A later account of its name is another one.
      if (account !== undefined && !this.accounts.has(account)) continue;
      const grant: Grant = {
        collection: String(document['collection']),
        to,
        account,
        read: document['read'] === true,
        write: document['write'] === true,
        since: timeOf(document['since']),
      };
      push(grants, grant.collection, grant);
    }
    this.#grants = grants;
    this.#waitingGrants = waiting;
    this.#markings = new Map(
      records.marking.map(({ id, document }) => [
        id,
        {
          owner: String(document['owner']),
          owners: new Set([String(document['owner']), ...strings(document['also'])]),
          object: document['object'] as Record<string, unknown>,
          marking: marked(document['object'] as Record<string, unknown>),
          isCleared: document['cleared'] === true,
        },
      ]),
    );
    this.apiRoots = new Map(records['api-root'].map((record) => [record.id, apiRootOf(record)]));
    const collections = records.collection.map((record) =>
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
    const byId = this.collections.get(idOrAlias);
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

  /**
   * Returns the time since which a grant lets a principal read. Undefined when it does not, or when it names
   * a set that the principal may have joined later.
   */
  #readsSince(grant: Grant, principal: Principal): number | undefined {
    const { to, read, since } = grant;
    if (!read || principal.kind === 'public' || !this.#receives(grant, principal)) return undefined;
    const [kind, name = ''] = to.split(':');
    if (kind === 'account' || kind === 'member') return since;
    if (kind === 'role') return principal.member === undefined ? since : undefined;
    if (kind !== 'group' || principal.member === undefined) return undefined;
    return Math.max(since, this.#joined.get(`${name} ${principal.member}`) ?? 0);
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
    const kinds = [`member:${member}`, ...groups.map((group) => `group:${group}`), ...(parent === undefined ? [] : [`clients:${parent}`]), 'role:machine', 'role:officer', 'public']; // prettier-ignore
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
  keysOf(account: string): readonly HubRecord[] {
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

  #receives({ to, account }: Grant, principal: Principal): boolean {
    if (to === 'public') return true;
    if (principal.kind === 'public') return false;
    const [kind, name = ''] = to.split(':');
    switch (kind) {
      case 'account':
        return account === undefined ? principal.name === name : principal.account === account;
      case 'member':
        return (principal.member ?? 'hub') === name;
      case 'clients':
        return principal.member !== undefined && this.activeParent(principal.member) === name;
      case 'group':
        return principal.groups.includes(name);
      case 'role':
        return (
          principal.role === name &&
          (name === 'officer' || name === 'machine' || principal.member === undefined)
        );
      default:
        return false;
    }
  }
}

/**
 * Returns the audience that a grant to `to` gives access to, to compare it with a maximum TLP before the grant is
 * created.
 */
export function audienceOfGrant(
  to: string,
  memberOfAccount: (account: string) => string | undefined,
  parentOf: (member: string) => string | undefined,
): Audience {
  const [kind, name = ''] = to.split(':');
  switch (kind) {
    case 'public':
      return { kind: 'public' };
    case 'group':
      return { kind: 'group', name };
    case 'clients':
      return { kind: 'clients', of: name };
    case 'member':
      return memberAudience(name, parentOf(name));
    // Officers and service accounts belong to members. Analysts and administrators count as recipients only when they
    // belong to the hub.
    case 'role':
      return name === 'officer' || name === 'machine' ? { kind: 'members' } : { kind: 'hub' };
    default: {
      const member = memberOfAccount(name);
      return member === undefined ? { kind: 'hub' } : memberAudience(member, parentOf(member));
    }
  }
}

function memberAudience(name: string, parent: string | undefined): Audience {
  if (name === 'hub') return { kind: 'hub' };
  return parent === undefined ? { kind: 'member', name } : { kind: 'clients', of: parent };
}

/**
 * True unless the feed document forbids redistribution to members (`defaults.redistribute`). Without the setting it is
 * allowed.
 */
function passedOn(document: unknown): boolean {
  const { defaults } = (document ?? {}) as { readonly defaults?: { readonly redistribute?: unknown } };
  return defaults?.redistribute !== 'no';
}

/** True for the hub itself and its feeds. */
export function isOfHub(owner: string): boolean {
  return owner === 'hub' || owner.startsWith('feed:');
}

function timeOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function optional(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function apiRootOf({ id, document }: HubRecord): ApiRoot {
  return {
    path: id,
    title: optional(document['title']) ?? id,
    description: optional(document['description']),
    maxContentLength: Number(document['max_content_length'] ?? 10_485_760),
    pageLimit: Number(document['page_limit'] ?? 1000),
    unwrapBundles: document['unwrap_bundles'] !== false,
  };
}

function collectionOf({ id, document }: HubRecord, readers: readonly Audience[]): CollectionInfo {
  const max = (document['max_tlp'] as Tlp | undefined) ?? 'amber+strict';
  return {
    id,
    apiRoot: String(document['api_root']),
    alias: optional(document['alias']),
    title: String(document['title']),
    description: optional(document['description']),
    accept: (document['accept'] as readonly ('2.0' | '2.1')[] | undefined) ?? ['2.1'],
    validation: document['validation'] === 'standard' ? 'standard' : 'strict',
    unmarked: document['unmarked'] === 'refuse' ? 'refuse' : 'default',
    default_tlp: document['default_tlp'] as Tlp | undefined,
    min_tlp: (document['min_tlp'] as Tlp | undefined) ?? 'clear',
    max_tlp: max,
    tallest: stricter(max, (document['tallest'] as Tlp | undefined) ?? max),
    loweredAt: typeof document['lowered_at'] === 'number' ? document['lowered_at'] : undefined,
    ownOf: optional(document['own_of']),
    clientsOf: optional(document['clients_of']),
    readers,
  };
}

/** Returns the id of the STIX identity that the hub creates for a member without an identity of its own. */
export function memberIdentityId(name: string): string {
  return `identity--${uuidV5(`member|${name}`, HUB_NAMESPACE)}`;
}

/** Returns the identities of a member: its own, or else the one that the hub creates. */
function identitiesOf(name: string, declared: readonly string[]): readonly string[] {
  return declared.length > 0 ? declared : [memberIdentityId(name)];
}

function delegationOf({ id, document }: HubRecord): Delegation {
  return {
    country: id,
    networks: strings(document['networks']),
    asns: Array.isArray(document['asns']) ? document['asns'].map(Number) : [],
    at: String(document['at']),
  };
}

/** The start and the end of a validity (RFC 3339). */
export interface Dates {
  readonly since?: string;
  readonly until?: string;
}

/** Returns the dates of a membership in a group. */
export function datesOf(document: Readonly<Record<string, unknown>>, member: string): Dates | undefined {
  return (document['dates'] as Readonly<Record<string, Dates>> | undefined)?.[member];
}

function dateOf(text: string | undefined): number | undefined {
  const date = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

function ruleOf({ id, document }: HubRecord): Rule {
  const list = (value: unknown): readonly string[] | undefined =>
    Array.isArray(value) ? strings(value) : undefined;
  return {
    name: id,
    from: String(document['from']),
    to: String(document['to']),
    types: list(document['types']),
    labels: list(document['labels']),
    owners: list(document['owners']),
    max_tlp: document['max_tlp'] as Rule['max_tlp'],
  };
}

function memberOf({ id, document, revision }: HubRecord): MemberInfo {
  return {
    name: id,
    revision,
    title: optional(document['title']) ?? id,
    active: (document['status'] ?? 'active') === 'active',
    epoch: epochOf({ document }),
    identities: identitiesOf(id, strings(document['identities'])),
    countries: strings(document['countries']),
    asns: Array.isArray(document['asns']) ? document['asns'].map(Number) : [],
    networks: strings(document['networks']),
    domains: strings(document['domains']),
    sectors: strings(document['sectors']),
    brands: strings(document['brands']),
    parent: optional(document['parent']),
    copies: document['copies'] === true,
    collection: optional(document['collection']),
    clients: optional(document['clients']),
    ...(typeof document['objects_per_day'] === 'number'
      ? { objects_per_day: document['objects_per_day'] }
      : {}),
  };
}

/** Returns a member with its verified claims. Claims that are not verified affect routing nowhere. */
function withClaims(member: MemberInfo, claims: readonly HubRecord['document'][]): MemberInfo {
  const mine = claims.filter((claim) => claim['state'] === 'verified');
  if (mine.length === 0) return member;
  const values = (type: string): readonly string[] =>
    mine.filter((claim) => claim['type'] === type).map((claim) => String(claim['value']));
  const both = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...new Set([...a, ...b])];
  return {
    ...member,
    networks: both(member.networks, values('network')),
    domains: both(member.domains, values('domain')),
    asns: both(member.asns, values('asn').map(Number)),
    countries: both(member.countries, values('country')),
    sectors: both(member.sectors, values('sector')),
    brands: both(member.brands, values('brand')),
  };
}

/** Returns the properties of an account that rights on it depend on. */
export function accountResource({ id, role, member }: AccountInfo): AccountResource {
  return { kind: 'account', account: id, role, member };
}

/** Returns the public name of a key: the beginning of its digest. It is used wherever the secret must not appear. */
export function keyId(digest: string): string {
  return digest.slice(0, 16);
}

function keyOf({ id, document }: HubRecord): KeyInfo {
  const addresses = document['addresses'];
  return {
    id: keyId(id),
    account: String(document['account']),
    prefix: String(document['prefix']),
    certificate: optional(document['certificate']),
    expires: typeof document['expires'] === 'number' ? document['expires'] : undefined,
    scopes: Array.isArray(document['scopes']) ? (strings(document['scopes']) as Scope[]) : undefined,
    collections: Array.isArray(document['collections']) ? strings(document['collections']) : undefined,
    networks: Array.isArray(addresses)
      ? strings(addresses).flatMap((text) => parseNetwork(text) ?? [])
      : undefined,
  };
}

/** Returns a function that computes its result once for each record. Records are immutable. */
function once<R extends object, T>(compute: (record: R) => T): (record: R) => T {
  const known = new WeakMap<R, T>();
  return (record) => {
    let found = known.get(record);
    if (found === undefined) known.set(record, (found = compute(record)));
    return found;
  };
}

/** Unchanged records are the same objects in the next snapshot, so only what changed is computed again. */
const keyed = once(keyOf);
const accounted = once(accountOf);
const marked = once(readMarking);

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}

function signOnOf(value: unknown): SignOnLink | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { issuer, subject, email } = value as Readonly<Record<string, unknown>>;
  if (typeof issuer !== 'string') return undefined;
  return {
    issuer,
    ...(typeof subject === 'string' ? { subject } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  };
}

function accountOf(record: HubRecord): AccountInfo {
  const { id: name, document } = record;
  return {
    id: accountId(record),
    name,
    role: document['role'] as Role,
    person: document['person'] === true,
    member: document['member'] === 'hub' ? undefined : optional(document['member']),
    defaultTlp: document['default_tlp'] as Tlp | undefined,
    passwordHash: optional(document['password_hash']),
    isPasswordOwn: isPasswordOwn(record),
    email: optional(document['email']),
    signOn: signOnOf(document['single_sign_on']),
    emailVerified: typeof document['email_verified'] === 'number',
    disabled: document['disabled'] === true,
    epoch: epochOf(record),
  };
}
