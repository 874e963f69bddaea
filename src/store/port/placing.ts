import { canonical } from '../../kernel/canonical.ts';
import type { Micros } from '../../kernel/clock.ts';
import { meaningOf } from '../../stix/meaning.ts';
import type { Instant } from '../../stix/timestamps.ts';
import type { SpecVersion, StixObject } from '../../stix/types.ts';
import type { VersionFilter } from './objects.ts';

// Candidates for a collection, and the rules that decide their outcome. Both adapters apply these.

/** Smallest distance between two dates added of one collection, in microseconds. */
export const ADDED_STEP = 20;

/** An object that may be placed: it is valid and the policy accepts it. */
export interface Candidate {
  /** Exact text as received. */
  readonly text: string;
  /** SHA-256 of the text's UTF-8 bytes, as hexadecimal digits. */
  readonly digest: string;
  readonly id: string;
  readonly type: string;
  /** The version exactly as the object spells it (TAXII 2.1 §3.4.1). */
  readonly version: string;
  /** The same version in a sortable format. */
  readonly instant: Instant;
  readonly spec: SpecVersion;
  /** Rank of the object's effective TLP in the collection. */
  readonly level: number;
  /** The member or source that submitted the object and answers for it. */
  readonly owner: string;
  /**
   * The identity that the object names as its creator, if it is not an identity of its owner. The object is
   * replaced by what the owner of that identity submits (`claims`).
   */
  readonly creator?: string;
  /**
   * The identity of its owner that the object names. Entries of others that name this identity as their
   * creator are replaced.
   */
  readonly claims?: string;
  /** The object has neither `modified` nor `created`. It exists only once, whatever else its text contains. */
  readonly unversioned: boolean;
  /** This version revokes the object. No version may follow it (STIX 2.1 §3.6). */
  readonly revoked: boolean;
  /** Several owners may submit it, because observables and marking definitions belong to nobody. */
  readonly shared: boolean;
  /**
   * The object names somebody other than its owner as its creator. It may be stored as the first version of
   * its id, but not as a later version.
   */
  readonly relayed: boolean;
}

/** The result for a candidate. */
export type PlaceOutcome =
  /**
   * `replaced`: entries of others that this one replaced, and the owner of the first of them. `alone`: its id stood in no
   * collection before, not even with another version. A store that does not look omits it.
   */
  | {
      readonly kind: 'stored';
      readonly added: Micros;
      readonly replaced?: Replaced;
      readonly alone?: true;
    }
  /**
   * `version` revoked the object before this version. With `late`, this version would revoke it, but `version` follows
   * (STIX 2.1 §3.6).
   */
  | { readonly kind: 'revoked'; readonly version: string; readonly late: boolean }
  /**
   * The same id and version is already stored in the collection. `other` means that its text differs (unversioned
   * objects only).
   */
  | { readonly kind: 'known'; readonly other: boolean }
  /** The same id and version is stored in the collection with different content. */
  | { readonly kind: 'conflict' }
  /** The id belongs to another owner in this collection. */
  | { readonly kind: 'foreign'; readonly owner: string };

/** Entries that another owner submitted under the identity of the candidate's owner. */
export interface Replaced {
  readonly owner: string;
  readonly versions: number;
}

/** One envelope for one collection. */
export interface Placement {
  readonly collection: string;
  readonly candidates: readonly Candidate[];
}

/** Decides the outcome for a candidate whose id, version and specification version are already stored. */
export function sameVersionOutcome(
  candidate: Candidate,
  standing: { readonly digest: string; readonly sameContent: () => boolean },
): PlaceOutcome {
  if (standing.digest === candidate.digest) return { kind: 'known', other: false };
  if (standing.sameContent()) return { kind: 'known', other: false };
  return candidate.unversioned ? { kind: 'known', other: true } : { kind: 'conflict' };
}

/** Properties of a stored version that decide whether another version may be stored. */
export interface StoredVersion {
  readonly instant: Instant;
  readonly spec: SpecVersion;
  readonly version: string;
}

/** Returns the newest stored version of the specification version of a candidate, if there is one. */
export function newestOf<V extends StoredVersion>(
  standing: readonly V[],
  { spec }: Pick<Candidate, 'spec'>,
): V | undefined {
  return standing
    .filter((entry) => entry.spec === spec)
    .reduce<V | undefined>((a, b) => (a === undefined || b.instant > a.instant ? b : a), undefined);
}

/**
 * Returns why a candidate cannot be a version of an object whose newest stored version is `newest`: a revocation is
 * final (STIX 2.1 §3.6). Undefined if it is possible.
 */
export function revocationOutcome(
  candidate: Pick<Candidate, 'instant' | 'revoked'>,
  newest: StoredVersion & { readonly revoked: boolean },
): PlaceOutcome | undefined {
  if (newest.revoked && candidate.instant > newest.instant)
    return { kind: 'revoked', version: newest.version, late: false };
  if (candidate.revoked && candidate.instant < newest.instant)
    return { kind: 'revoked', version: newest.version, late: true };
  return undefined;
}

/** Returns true for a text whose object is revoked. */
export function isRevokedText(text: string): boolean {
  return text.includes('"revoked"') && (JSON.parse(text) as StixObject)['revoked'] === true;
}

/** Returns true for two texts of one id with the same meaning (`meaningOf`). */
export function sameContent(a: string, b: string): boolean {
  const [one, other] = [JSON.parse(a) as StixObject, JSON.parse(b) as StixObject];
  if (canonical(one) === canonical(other)) return true;
  return meaningOf(one) === meaningOf(other);
}

/** Groups owners by id. */
export function ownersById(
  rows: readonly { readonly id: string; readonly owner: string }[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, owner } of rows) found.set(id, (found.get(id) ?? new Set()).add(owner));
  return found;
}

/** Returns true for an entry of another owner under the identity that the candidate uses as its own. */
export function yields(
  entry: { readonly owner: string; readonly creator?: string | null | undefined },
  { owner, claims }: Pick<Candidate, 'owner' | 'claims'>,
): boolean {
  return claims !== undefined && entry.creator === claims && entry.owner !== owner;
}

/**
 * Returns the owner of an id without a stored version: the first owner who submitted it in
 * their own name, or else the first owner. Entries that yield to the candidate do not count. `gone` is in the
 * order of removal.
 */
export function formerOwner(
  gone: readonly { readonly owner: string; readonly creator?: string | null | undefined }[],
  candidate: Pick<Candidate, 'owner' | 'claims'>,
): string | undefined {
  const counting = gone.filter((entry) => !yields(entry, candidate));
  const first = counting.find(({ creator }) => creator === undefined || creator === null) ?? counting[0];
  return first?.owner;
}

/** The parts of an entry from which the flags are derived. */
export interface Flagged {
  readonly instant: string;
  readonly spec: SpecVersion;
}

/** The derived flags of one entry among all stored entries of its id in its collection. */
export interface Flags {
  /** This is the newest or the oldest version of the id within its specification version. */
  readonly newest: boolean;
  readonly oldest: boolean;
  /** The id is stored there in a later specification version as well. */
  readonly oldSpec: boolean;
}

/** Computes the flags of all entries of one id. The order of the input does not matter. */
export function deriveFlags(entries: readonly Flagged[]): readonly Flags[] {
  const edge = new Map<SpecVersion, { first: string; last: string }>();
  let latest: SpecVersion = '2.0';
  for (const { instant, spec } of entries) {
    const known = edge.get(spec);
    if (known === undefined) edge.set(spec, { first: instant, last: instant });
    else {
      if (instant < known.first) known.first = instant;
      if (instant > known.last) known.last = instant;
    }
    if (spec > latest) latest = spec;
  }
  return entries.map(({ instant, spec }) => ({
    newest: edge.get(spec)?.last === instant,
    oldest: edge.get(spec)?.first === instant,
    oldSpec: spec < latest,
  }));
}

/** Returns true if an entry with these flags is one of the requested versions. */
export function versionMatches(filter: VersionFilter, flags: Flags, instant: Instant): boolean {
  if (filter.all || (filter.last && flags.newest) || (filter.first && flags.oldest)) return true;
  return filter.exact.includes(instant);
}
