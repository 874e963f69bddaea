import { USUAL_MAXIMUM } from './lowered-maximum.ts';
import { parseNetwork } from '../kernel/address.ts';
import { readMarking, stricter, type Marking, type Tlp } from '../stix/markings.ts';
import type { StixObject } from '../stix/types.ts';
import type { ValidationLevel } from '../stix/validation/tolerance.ts';
import type { Stored } from '../store/records.ts';
import { accountId, epochOf, isPasswordOwn } from './accounts/account-records.ts';
import type { Preferences } from '../api/schema-types.ts';
import type { AccountRecord, SignOnLink } from './accounts/model.ts';
import { isUnproven, keyId, type KeyRecord } from './keys/model.ts';
import {
  memberIdentityId,
  type ClaimRecord,
  type DelegationRecord,
  type MemberRecord,
} from './member-model.ts';
import type {
  ApiRootRecord,
  CollectionRecord,
  FeedRecord,
  GrantRecord,
  LifeTerms,
  MarkingRecord,
  RuleRecord,
} from './model.ts';
import type { Audience, PlacementRules } from './policy.ts';
import type { KeyLimits, Role } from './principal.ts';

export interface ApiRoot {
  readonly path: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly maxContentLength: number;
  readonly pageLimit: number;
  /** True when the API root also accepts a bundle instead of an envelope, and stores its objects. */
  readonly unwrapBundles: boolean;
}

export interface CollectionInfo extends PlacementRules {
  readonly id: string;
  readonly apiRoot: string;
  readonly alias: string | undefined;
  readonly title: string;
  readonly description: string | undefined;
  readonly accept: readonly ('2.0' | '2.1')[];
  /** The level of validation, if the collection has its own. */
  readonly validation: ValidationLevel | undefined;
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
  /**
   * The time at which all objects above a lowered maximum had been removed, in milliseconds since 1970. In a deleted
   * collection, the time at which all objects had been removed.
   */
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
  /** When somebody else last gave the account its access, in milliseconds since 1970. Undefined if nobody did. */
  readonly accessAt: number | undefined;
  readonly preferences: Preferences;
}

/** An API key, without its secret. */
export interface KeyInfo extends KeyLimits {
  /** Id of the account. */
  readonly account: string;
  readonly prefix: string;
  /** The fingerprint of a client certificate's public key. A key with a certificate has no secret. */
  readonly certificate: string | undefined;
  /** Nobody has proven the private key of the certificate, so it cannot be used to sign in. */
  readonly isUnproven: boolean;
}

/** A grant. */
export interface Grant {
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
export interface KnownMarking {
  /** The first owner of the definition. */
  readonly owner: string;
  /** All owners of a definition with the same meaning. */
  readonly owners: ReadonlySet<string>;
  readonly object: StixObject;
  readonly marking: Marking;
  readonly isCleared: boolean;
}

/** A feed, as far as access is concerned. Only the feed itself may write under its identity. */
export interface FeedIdentity {
  readonly name: string;
  readonly identity: string;
  /** Id or name of the collection that the feed fills (`Snapshot.named`). */
  readonly collection: string;
  /** True when the licence of the feed allows the hub to redistribute its content to members. */
  readonly passedOn: boolean;
  /** How long its values are valid if it does not say so. Undefined when the lifetimes of the hub apply. */
  readonly life?: LifeTerms | undefined;
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

/** Resources that a registry has assigned to organisations of a country. Claims of members take precedence. */
export interface Delegation extends Pick<DelegationRecord, 'networks' | 'asns' | 'at'> {
  readonly country: string;
}

export const HUB_MEMBER: MemberInfo = {
  name: 'hub', title: 'The hub', active: true, identities: [], countries: [], asns: [], networks: [], domains: [], sectors: [], brands: [],
  parent: undefined, copies: false, collection: undefined, clients: undefined,
}; // prettier-ignore

export function apiRootOf({ id, document }: Stored<ApiRootRecord>): ApiRoot {
  return {
    path: id,
    title: document.title ?? id,
    description: document.description,
    maxContentLength: document.max_content_length ?? 10_485_760,
    pageLimit: document.page_limit ?? 1000,
    unwrapBundles: document.unwrap_bundles !== false,
  };
}

/** `readers` are the audiences that grants let read the collection. */
export function collectionOf(
  { id, document }: Stored<CollectionRecord>,
  readers: readonly Audience[],
): CollectionInfo {
  const max = document.max_tlp ?? USUAL_MAXIMUM;
  return {
    id,
    apiRoot: String(document.api_root),
    alias: document.alias,
    title: document.title,
    description: document.description,
    accept: document.accept ?? ['2.1'],
    validation: document.validation,
    unmarked: document.unmarked ?? 'default',
    default_tlp: document.default_tlp,
    min_tlp: document.min_tlp ?? 'clear',
    max_tlp: max,
    tallest: stricter(max, document.tallest ?? max),
    loweredAt: document.lowered_at,
    ownOf: document.own_of,
    clientsOf: document.clients_of,
    readers,
  };
}

export function grantOf({ document }: Stored<GrantRecord>): Grant {
  const { collection, to, account, read, write, since = 0 } = document;
  return { collection, to, account, read, write, since };
}

export function delegationOf({ id, document }: Stored<DelegationRecord>): Delegation {
  const { networks, asns, at } = document;
  return { country: id, networks, asns, at };
}

export function ruleOf({ id, document }: Stored<RuleRecord>): Rule {
  const { from, to, types, labels, owners, max_tlp } = document;
  return { name: id, from, to, types, labels, owners, max_tlp };
}

export function memberOf({ id, document, revision }: Stored<MemberRecord>): MemberInfo {
  const { identities = [], status = 'active', objects_per_day } = document;
  return {
    name: id,
    revision,
    title: document.title ?? id,
    active: status === 'active',
    epoch: epochOf(document),
    identities: identities.length > 0 ? identities : [memberIdentityId(id)],
    countries: document.countries ?? [],
    asns: document.asns ?? [],
    networks: document.networks ?? [],
    domains: document.domains ?? [],
    sectors: document.sectors ?? [],
    brands: document.brands ?? [],
    parent: document.parent ?? undefined,
    copies: document.copies === true,
    collection: document.collection,
    clients: document.clients,
    ...(objects_per_day === undefined ? {} : { objects_per_day }),
  };
}

/** Returns a member with its verified claims. Claims that are not verified affect routing nowhere. */
export function withClaims(member: MemberInfo, claims: readonly ClaimRecord[]): MemberInfo {
  const mine = claims.filter(({ state }) => state === 'verified');
  if (mine.length === 0) return member;
  const values = (type: ClaimRecord['type']): readonly string[] =>
    mine.filter((claim) => claim.type === type).map(({ value }) => value);
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

function keyFrom({ id, document }: Stored<KeyRecord>): KeyInfo {
  const { account, prefix, certificate, expires, scopes, collections, addresses, own, managed, created } =
    document;
  return {
    id: keyId(id),
    account,
    prefix,
    certificate,
    isUnproven: isUnproven(document),
    expires,
    scopes,
    collections,
    networks: addresses?.flatMap((address) => parseNetwork(address) ?? []),
    ...(own === true ? { isOwn: true } : {}),
    ...(own === true || managed === 'file' ? {} : { givenAt: created }),
  };
}

function accountFrom(record: Stored<AccountRecord>): AccountInfo {
  const { id: name, document } = record;
  return {
    id: accountId(record),
    name,
    role: document.role,
    person: document.person === true,
    member: document.member === 'hub' ? undefined : document.member,
    defaultTlp: document.default_tlp,
    passwordHash: document.password_hash,
    isPasswordOwn: isPasswordOwn(document),
    email: document.email,
    signOn: signOnOf(document),
    emailVerified: typeof document.email_verified === 'number',
    disabled: document.disabled === true,
    epoch: epochOf(document),
    accessAt: document.access_at,
    preferences: document.preferences ?? {},
  };
}

function signOnOf({ single_sign_on: link }: AccountRecord): SignOnLink | undefined {
  if (link === undefined) return undefined;
  const { declared: _declared, ...rest } = link;
  return rest;
}

/** A feed may be redistributed to members, unless its document forbids it (`defaults.redistribute`). */
export function feedOf({ id, document }: Stored<FeedRecord>): FeedIdentity {
  const { identity, collection, document: terms } = document;
  const { defaults, life } = terms;
  return { name: id, identity, collection, passedOn: defaults?.redistribute !== 'no', life };
}

export function markingOf({ document }: Stored<MarkingRecord>): KnownMarking {
  const { owner, also = [], object, cleared } = document;
  return {
    owner,
    owners: new Set([owner, ...also]),
    object,
    marking: markedOnce(object),
    isCleared: cleared === true,
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
export const keyOf = once(keyFrom);
export const accountOf = once(accountFrom);
const markedOnce = once(readMarking);
