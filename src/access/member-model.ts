import type { GroupMembership } from '../api/schema-types.ts';
import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import {
  Damage,
  flag,
  list,
  mapOf,
  maybe,
  nullable,
  number,
  oneOf,
  RecordKind,
  shape,
  text,
  type Field,
} from '../store/records.ts';

/** Kinds of member organisations. */
export const MEMBER_KINDS = [
  'national-cert', 'government', 'sector-cert', 'operator', 'academic', 'regional-body', 'partner', 'vendor', 'source',
] as const; // prettier-ignore

/** A member. The id of the record is its name. */
export interface MemberRecord {
  readonly title?: string;
  readonly kind?: string;
  /** `active`, `paused` or `former`. A member with any other status is not active. */
  readonly status?: string;
  readonly identities?: readonly string[];
  readonly countries?: readonly string[];
  readonly asns?: readonly number[];
  readonly networks?: readonly string[];
  readonly domains?: readonly string[];
  readonly sectors?: readonly string[];
  readonly brands?: readonly string[];
  /** The member whose client this member is. Null, as undefined, for a member that is nobody's client. */
  readonly parent?: string | null;
  readonly copies?: boolean;
  /** Id of the member's own collection. */
  readonly collection?: string;
  /** Id of the collection that the member's clients read. */
  readonly clients?: string;
  readonly objects_per_day?: number;
  readonly epoch?: number;
  readonly managed?: string;
}

/** Returns the id of the STIX identity that the hub creates for a member without an identity of its own. */
export function memberIdentityId(name: string): string {
  return `identity--${uuidV5(`member|${name}`, HUB_NAMESPACE)}`;
}

export const MEMBERS = new RecordKind<MemberRecord>({
  kind: 'member',
  fields: {
    title: maybe(text),
    kind: maybe(text),
    status: maybe(text),
    identities: maybe(list(text)),
    countries: maybe(list(text)),
    asns: maybe(list(number)),
    networks: maybe(list(text)),
    domains: maybe(list(text)),
    sectors: maybe(list(text)),
    brands: maybe(list(text)),
    parent: maybe(nullable(text)),
    copies: maybe(flag),
    collection: maybe(text),
    clients: maybe(text),
    objects_per_day: maybe(number),
    epoch: maybe(number),
    managed: maybe(text),
  },
});

/** The start and the end of a validity (RFC 3339). */
export type Dates = GroupMembership;

/** A date that cannot be read could let a membership or a claim last forever. */
const date: Field<string> = (value, at) => {
  const found = text(value, at);
  if (!Number.isNaN(Date.parse(found))) return found;
  throw new Damage(`"${at}" must be a date`);
};

const dates = shape<Dates>({ since: maybe(date), until: maybe(date) });

/** A group of members. The id of the record is its name. */
export interface GroupRecord {
  readonly title?: string;
  readonly members: readonly string[];
  /** Memberships that begin or end on a date, by member. */
  readonly dates?: Readonly<Record<string, Dates>>;
  /** The times at which members joined, in microseconds since 1970. Absent for members who joined before 0.2. */
  readonly joined?: Readonly<Record<string, number>>;
  /** Members outside the group may see that it exists and who is in it. */
  readonly listed?: boolean;
  readonly managed?: string;
}

export const GROUPS = new RecordKind<GroupRecord>({
  kind: 'group',
  fields: {
    title: maybe(text),
    members: list(text),
    dates: maybe(mapOf(dates)),
    joined: maybe(mapOf(number)),
    listed: maybe(flag),
    managed: maybe(text),
  },
});

const CLAIM_TYPES = ['network', 'domain', 'asn', 'country', 'sector', 'brand'] as const;
export type ClaimType = (typeof CLAIM_TYPES)[number];

/** A claim of a member. */
export interface ClaimRecord extends Dates {
  readonly member: string;
  readonly type: ClaimType;
  readonly value: string;
  /** The evidence for the claim, such as a registration, a letter or a DNS record. */
  readonly evidence?: string;
  readonly state: 'claimed' | 'verified' | 'rejected';
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly decided_by?: string;
  readonly note?: string;
}

export const CLAIMS = new RecordKind<ClaimRecord>({
  kind: 'claim',
  fields: {
    member: text,
    type: oneOf(...CLAIM_TYPES),
    value: text,
    evidence: maybe(text),
    since: maybe(date),
    until: maybe(date),
    state: oneOf('claimed', 'verified', 'rejected'),
    by: text,
    at: text,
    decided_by: maybe(text),
    note: maybe(text),
  },
  keys: ({ member }) => ({ member }),
});

/** Resources that a registry has assigned to organisations of a country. The id of the record is the country code. */
export interface DelegationRecord {
  readonly networks: readonly string[];
  readonly asns: readonly number[];
  /** The registry that the file is from, and its date. */
  readonly registry?: string;
  readonly date?: string;
  /** The time at which the data was read, in RFC 3339 format. */
  readonly at: string;
}

export const DELEGATIONS = new RecordKind<DelegationRecord>({
  kind: 'delegation',
  fields: { networks: list(text), asns: list(number), registry: maybe(text), date: maybe(text), at: text },
});
