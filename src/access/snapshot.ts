import { canonical } from '../kernel/canonical.ts';
import { atOnce, type Steps } from '../kernel/slices.ts';
import { readMarking, type Marking } from '../stix/markings.ts';
import { definitionMeaning } from '../stix/meaning.ts';
import type { Stored } from '../store/records.ts';
import { isOfHub } from '../store/store.ts';
import type { AccessRecords } from './access-records.ts';
import { memberAudience, readsSince, receives, receiversFor } from './audience.ts';
import { dateOf } from './calendar.ts';
import type { Damages } from './closed-records.ts';
import { grantAudience, isCurrentGrant, parentOf } from './grant-audience.ts';
import { isInReach } from './keys/limits.ts';
import { keyId, type KeyRecord } from './keys/model.ts';
import { grantFits, removalsFor, type Audience, type RemovalReach } from './policy.ts';
import type { AccountPrincipal, KeyLimits, Principal } from './principal.ts';
import type { AccountResource, CollectionRights } from './rights.ts';
import { nextParts, NO_PARTS, type SnapshotParts } from './snapshot-parts.ts';
import type {
  AccountInfo,
  ApiRoot,
  CollectionInfo,
  Delegation,
  FeedIdentity,
  Grant,
  KeyInfo,
  MemberInfo,
  Rule,
} from './snapshot-records.ts';

export type {
  AccountInfo,
  ApiRoot,
  CollectionInfo,
  Delegation,
  KeyInfo,
  MemberInfo,
  Rule,
} from './snapshot-records.ts';

/** All access records at one moment. Immutable: a change results in a new snapshot. */
export class Snapshot {
  readonly #parts: SnapshotParts;
  readonly apiRoots: ReadonlyMap<string, ApiRoot>;
  readonly collections: ReadonlyMap<string, CollectionInfo>;
  /**
   * Deleted collections whose objects are being removed. They are not in `collections`, so nobody finds them there. Only the
   * removal of their objects and the indexes over them still need them.
   */
  readonly deletedCollections: ReadonlyMap<string, CollectionInfo>;
  readonly members: ReadonlyMap<string, MemberInfo>;
  /** Accounts by id, in the order of their names. */
  readonly accounts: ReadonlyMap<string, AccountInfo>;
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
  /** Members by STIX identity. */
  readonly memberByIdentity: ReadonlyMap<string, string>;
  /** Feeds by STIX identity. */
  readonly feedByIdentity: ReadonlyMap<string, string>;
  /** The damaged records. Their subjects are closed. */
  readonly damage: Damages;

  private constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.damage = parts.damage;
    this.apiRoots = parts.apiRoots;
    this.collections = parts.collections.byId;
    this.deletedCollections = parts.collections.deleted;
    this.members = parts.members.byName;
    this.memberByIdentity = parts.members.byIdentity;
    this.accounts = parts.accounts.all;
    this.oldHashShare = parts.accounts.hashes.old / Math.max(1, parts.accounts.hashes.all);
    this.feeds = parts.feeds.all;
    this.feedByIdentity = parts.feeds.byIdentity;
    this.delegations = parts.delegations;
    this.rules = parts.rules;
    this.groups = [...parts.groups.byName.keys()];
    this.changesAt = Math.min(parts.groups.changesAt, parts.members.changesAt);
  }

  /** Makes a snapshot without the help of an earlier one. `now` is in milliseconds since 1970. */
  static of(records: AccessRecords, now: number): Snapshot {
    return atOnce(Snapshot.after(undefined, records, now));
  }

  /**
   * Makes the snapshot of some records from an earlier one, in steps, so that a large change does not keep other requests
   * waiting. Only what changed is read. `now` matters because memberships and claims have dates.
   */
  static *after(before: Snapshot | undefined, records: AccessRecords, now: number): Steps<Snapshot> {
    return new Snapshot(yield* nextParts(before === undefined ? NO_PARTS : before.#parts, records, now));
  }

  /** Returns a collection of an API root, by id or alias (TAXII 2.1 §5.2.1). */
  collection(apiRoot: string, idOrAlias: string): CollectionInfo | undefined {
    // Letter case does not matter in UUIDs (RFC 9562 §4), and some clients write capitals.
    const byId = this.collections.get(idOrAlias) ?? this.collections.get(idOrAlias.toLowerCase());
    if (byId?.apiRoot === apiRoot) return byId;
    return this.#parts.collections.byAlias.get(`${apiRoot}/${idOrAlias}`);
  }

  /**
   * Returns the collections that a name can mean: the one with this id, or with this `root/alias`, or else those with
   * this alias.
   */
  named(name: string): readonly CollectionInfo[] {
    const { byAlias, ofAlias } = this.#parts.collections;
    const found = this.collections.get(name) ?? byAlias.get(name);
    return found === undefined ? (ofAlias.get(name) ?? []) : [found];
  }

  /** Returns a collection by id, by `root/alias`, or by alias: the first if several API roots have the alias. */
  find(name: string): CollectionInfo | undefined {
    return this.named(name)[0];
  }

  /** Returns the rights that grants give a principal on a collection. Members that are not active have none. */
  rights(principal: Principal, collection: CollectionInfo): CollectionRights {
    let read = false;
    let write = false;
    if (!isInReach(principal, collection.id) || this.damage.has('collection', collection.id))
      return { read, write };
    // Grants never override the policy. A principal that cannot see everything in the collection cannot read it. For
    // example, clients cannot read a collection that may contain AMBER+STRICT.
    const mayHave = grantFits(this.audienceOf(principal), collection.tallest);
    for (const grant of this.#grantsOf(collection)) {
      if (!this.#receives(grant, principal)) continue;
      read ||= grant.read && mayHave;
      write ||= grant.write && principal.kind === 'account';
    }
    return { read, write };
  }

  /** Returns which removals of a collection a principal may see, if the principal may read the collection. */
  removals(principal: Principal, collection: CollectionInfo): RemovalReach {
    const times = this.#grantsOf(collection).flatMap((grant) => {
      const since = this.#readsSince(grant, principal);
      return since === undefined ? [] : [since];
    });
    const since = times.length === 0 ? undefined : Math.min(...times);
    return removalsFor(this.audienceOf(principal), collection.max_tlp, since);
  }

  #readsSince(grant: Grant, principal: Principal): number | undefined {
    if (!grant.read || principal.kind === 'public' || !this.#receives(grant, principal)) return undefined;
    return readsSince(grant, principal, (group) => this.#joinedAt(group, principal.member ?? ''));
  }

  /** True when members outside the group may see that the group exists and who is in it. */
  isListedGroup(name: string): boolean {
    return this.#parts.groups.byName.get(name)?.listed === true;
  }

  /** Returns the groups that a member belongs to. */
  groupsOf(member: string): readonly string[] {
    return this.#parts.groups.ofMember.get(member) ?? [];
  }

  /**
   * Returns the grant by which the accounts of a member can read a collection. Undefined when there is none, or when
   * the member is not active.
   */
  grantFor(member: string, collection: CollectionInfo): string | undefined {
    if (this.members.get(member)?.active !== true) return undefined;
    if (!grantFits(this.audienceOfMember(member), collection.tallest)) return undefined;
    const groups = this.#parts.groups.ofMember.get(member) ?? [];
    const parent = this.activeParent(member);
    const kinds = receiversFor(member, groups, parent);
    const mine = (to: string): boolean =>
      kinds.includes(to) ||
      (to.startsWith('account:') && this.accountNamed(to.slice('account:'.length))?.member === member);
    return this.#grantsOf(collection).find(({ read, to }) => read && mine(to))?.to;
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
    return memberAudience(name ?? 'hub', name === undefined ? undefined : parentOf(name, this.#parts));
  }

  /** Returns the audience that a grant to `to` gives access to. */
  grantAudience(to: string): Audience {
    return grantAudience(to, this.#parts);
  }

  /** Returns the account that currently has a name. */
  accountNamed(name: string): AccountInfo | undefined {
    return this.#parts.accounts.byName.get(name);
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
      groups: member === undefined ? [] : (this.#parts.groups.ofMember.get(member) ?? []),
      ...(key === undefined ? {} : { key }),
    };
  }

  /** Returns a key by the SHA-256 of its secret. The caller must check whether the key has expired. */
  key(digest: string): KeyInfo | undefined {
    return this.#parts.keys.byDigest.get(digest);
  }

  /** Returns the records of the keys of an account, including expired ones, by digest. */
  keysOf(account: string): readonly Stored<KeyRecord>[] {
    return [...(this.#parts.keys.ofAccount.get(account)?.values() ?? [])];
  }

  /** Returns the digest of the key with this public name. */
  keyDigest(id: string): string | undefined {
    // The name is the beginning of the digest, so the key is the first one from there on.
    const digest = this.#parts.keys.byDigest.keyFrom(id);
    return digest !== undefined && keyId(digest) === id ? digest : undefined;
  }

  /** Returns the certificates that nobody has proven. They cannot be used to sign in. */
  unprovenKeys(): readonly KeyInfo[] {
    return [...this.#parts.keys.byDigest.values()].filter(({ isUnproven }) => isUnproven);
  }

  /** Returns the keys that end in a period of time (milliseconds), the first one first. */
  endingKeys(from: number, until: number): readonly (KeyInfo & { readonly expires: number })[] {
    return [...this.#parts.keys.byDigest.values()]
      .flatMap((key) =>
        key.expires !== undefined && key.expires > from && key.expires <= until
          ? [{ ...key, expires: key.expires }]
          : [],
      )
      .toSorted((a, b) => a.expires - b.expires);
  }

  /** True when the account has any key, including expired ones. */
  hasKey(account: string): boolean {
    return this.#parts.keys.ofAccount.has(account);
  }

  /** True when a new account of this name would receive grants that were given to the name. */
  hasWaitingGrant(account: string): boolean {
    return this.#parts.grants.waiting.has(`account:${account}`);
  }

  /**
   * Returns the meaning of a marking id for an object of `owner`. Undefined when the hub has no definition
   * that counts for that owner. A definition counts for every owner who submitted it. A definition from the
   * hub or one of its feeds counts for everybody. A member therefore cannot loosen the objects of others by
   * publishing a lax definition under the id that they use.
   */
  marking(id: string, owner: string): Marking | undefined {
    const found = this.#parts.markings.get(id);
    if (found === undefined) return undefined;
    return found.owners.has(owner) || isOfHub(found.owner) ? found.marking : undefined;
  }

  /**
   * True when `owner` cannot define a marking this way, because a known definition has another meaning. The
   * hub may replace the definition of a member. Among the hub's own sources, different text is acceptable if
   * the hub treats both definitions alike (such as a copyright notice of another year).
   */
  contradicts(definition: Readonly<Record<string, unknown>>, owner: string): boolean {
    if (this.damage.has('marking', String(definition['id']))) return true;
    const found = this.#parts.markings.get(String(definition['id']));
    if (found === undefined || definitionMeaning(found.object) === definitionMeaning(definition))
      return false;
    if (!isOfHub(owner)) return true;
    return isOfHub(found.owner) && canonical(found.marking) !== canonical(readMarking(definition));
  }

  /** Returns all owners of a marking definition. */
  ownersOfMarking(id: string): readonly string[] {
    return [...(this.#parts.markings.get(id)?.owners ?? [])];
  }

  /** True when the hub's definition would replace the definition of a member. */
  overrules(definition: Readonly<Record<string, unknown>>, owner: string): boolean {
    const found = this.#parts.markings.get(String(definition['id']));
    return (
      found !== undefined &&
      isOfHub(owner) &&
      !isOfHub(found.owner) &&
      definitionMeaning(found.object) !== definitionMeaning(definition)
    );
  }

  /** Returns the markings whose IEP policy has ended and whose objects have not been removed yet. */
  endedMarkings(now: number): readonly string[] {
    return [...this.#parts.markings].flatMap(([id, { marking, isCleared }]) =>
      !isCleared && marking.family === 'iep' && (marking.iep.end ?? Infinity) <= now ? [id] : [],
    );
  }

  /** Returns the grants on a collection that are in force. */
  #grantsOf({ id }: CollectionInfo): readonly Grant[] {
    const grants = this.#parts.grants.ofCollection.get(id) ?? [];
    return grants.filter((grant) => isCurrentGrant(grant, this.#parts));
  }

  /** Returns the time at which a member joined a group, in microseconds since 1970. */
  #joinedAt(group: string, member: string): number {
    const { members = [], joined = {}, dates = {} } = this.#parts.groups.byName.get(group) ?? {};
    if (!members.includes(member)) return 0;
    return Math.max(joined[member] ?? 0, (dateOf(dates[member]?.since) ?? 0) * 1_000);
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
