import { canonical } from '../kernel/canonical.ts';
import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import type { FeedDocument } from '../config/settings.ts';
import { stricter, tlpMarking, tlpMarkingId, type Tlp } from '../stix/markings.ts';
import { observableName, simpleParts } from '../stix/pattern/build.ts';
import type { StixTypes } from '../stix/schema-types.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import { kindOf, text, texts, type StixObject } from '../stix/types.ts';
import { durationMs } from './document.ts';
import { feedIdentityId } from '../access/model.ts';
import {
  namedObject,
  isPlaceholder,
  type Finding,
  type IndicatorFinding,
  type ObjectFinding,
} from './findings.ts';
import { observablesOf } from './observables.ts';

/** An object that a run wants to store, before the comparison with the stored object. */
export interface Draft {
  readonly id: string;
  /** It represents a row and is counted. Other drafts only accompany one. */
  readonly counted: boolean;
  /** Id of the finding that it was made for, if it was made for one. */
  readonly finding?: string;
  /** Returns the object to store, or undefined when the stored object has the same content. */
  readonly against: (standing: StixObject | undefined) => StixObject | undefined;
}

/**
 * Sets the times of a new version: `created` never changes, and `modified` is always later than before. Both come from
 * the source if it states them.
 */
function versioned(
  object: StixObject,
  standing: StixObject | undefined,
  now: number,
  said: { readonly created?: number | undefined; readonly modified?: number | undefined } = {},
): StixObject | undefined {
  if (standing === undefined) {
    const created = said.created ?? said.modified ?? now;
    return {
      ...object,
      created: stixTimestamp(created),
      modified: stixTimestamp(Math.max(created, said.modified ?? created)),
    };
  }
  const before = { ...standing, modified: undefined };
  const after = { ...object, created: standing['created'], modified: undefined };
  if (canonical(strip(before)) === canonical(strip(after))) return undefined;
  const modified = Math.max(said.modified ?? now, Date.parse(String(standing['modified'])) + 1);
  return { ...object, created: standing['created'], modified: stixTimestamp(modified) };
}

function strip(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** An object without version times. They are added when it is known whether it is a new version. */
type Unversioned<T> = { [Key in keyof T as Key extends 'created' | 'modified' ? never : Key]: T[Key] };

/** Returns a draft that is stored only if the object does not exist yet. */
function onceDraft(object: StixObject): Draft {
  return {
    id: String(object['id']),
    counted: false,
    against: (standing) => (standing === undefined ? object : undefined),
  };
}

/** Returns the definition of a marking, for readers that do not know its id. */
export function markingDraft(tlp: Tlp): Draft {
  return onceDraft(tlpMarking(tlp));
}

/** Returns the identity of a feed as a STIX object. */
export function identityDraft(document: FeedDocument, now: number): Draft {
  const id = feedIdentityId(document.name);
  const object = {
    type: 'identity',
    spec_version: '2.1',
    id,
    name: document.title,
    identity_class: 'organization',
    ...(document.owner === undefined
      ? {}
      : {
          description: `A feed of ${document.owner}${document.defaults.credit === undefined ? '' : `. Credit: ${document.defaults.credit}`}`,
        }),
    object_marking_refs: [tlpMarkingId(document.defaults.tlp)],
  } satisfies Unversioned<StixTypes['identity']>;
  return { id, counted: false, against: (standing) => versioned(object, standing, now) };
}

/** Stored vulnerabilities of a collection, by CVE id. */
export type Held = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the objects of a finding, main object first. Empty when the finding is about an object that the hub does not
 * store.
 */
export function draftsOf(
  document: FeedDocument,
  finding: Finding,
  now: number,
  held: Held = new Map(),
): readonly Draft[] {
  const tlp =
    finding.tlp === undefined ? document.defaults.tlp : stricter(finding.tlp, document.defaults.tlp);
  const standing = {
    created_by_ref: feedIdentityId(document.name),
    object_marking_refs: [tlpMarkingId(tlp)],
  };
  switch (finding.kind) {
    case 'indicator':
      return indicatorDrafts(document, finding, now, standing).map((draft) => forFinding(draft, finding));
    case 'object':
      return objectDrafts(document, finding, now, standing, held).map((draft) => forFinding(draft, finding));
    case 'entry':
      return [];
  }
}

function forFinding({ id, counted, against }: Draft, finding: Finding): Draft {
  return { id, counted, against, finding: finding.id };
}

/** The properties that all objects of a finding share: creator and markings. */
interface Standing {
  readonly created_by_ref: string;
  readonly object_marking_refs: readonly string[];
}

function objectDrafts(
  document: FeedDocument,
  finding: ObjectFinding,
  now: number,
  shared: Standing,
  held: Held,
): readonly Draft[] {
  const { id, object, beside, about, binds } = finding;
  const refs = about === undefined ? undefined : held.get(about);
  if (about !== undefined && refs === undefined) return [];
  const whole: StixObject = {
    ...object,
    ...shared,
    ...(refs === undefined ? {} : { object_refs: refs }),
    ...(withoutConfidence(object)
      ? {}
      : { confidence: object['confidence'] ?? document.defaults.confidence }),
  };
  const times = { created: finding.created, modified: finding.modified };
  return [
    {
      id,
      counted: binds !== true,
      against: (standing) =>
        // An observation does not change after it was made.
        standing !== undefined && whole['type'] === 'observed-data'
          ? undefined
          : versioned(dated(whole, standing, now), standing, now, times),
    },
    ...beside.map((one) => besideDraft(one, shared, now)),
  ];
}

/** Returns a report with the time of its publication, which is required: that of the stored report, or else now. */
function dated(object: StixObject, standing: StixObject | undefined, now: number): StixObject {
  if (object['type'] !== 'report' || object['published'] !== undefined) return object;
  return { ...object, published: standing?.['published'] ?? stixTimestamp(now) };
}

/** True for types that cannot state a confidence. */
function withoutConfidence({ type, confidence }: StixObject): boolean {
  return confidence === undefined && (type === 'observed-data' || type === 'vulnerability');
}

/** Returns the draft of an object that only accompanies another. It is stored only if it does not exist yet. */
function besideDraft(object: StixObject, shared: Standing, now: number): Draft {
  const isSeen = kindOf(String(object['type'])) === 'sco';
  return {
    id: String(object['id']),
    counted: false,
    against: (standing) =>
      standing !== undefined
        ? undefined
        : isSeen
          ? { ...object, object_marking_refs: shared.object_marking_refs }
          : versioned({ ...object, ...shared }, undefined, now),
  };
}

/** Returns when an indicator begins to be valid. A source without a time leaves the earlier time as it is. */
function validFrom(
  { validFrom: said }: IndicatorFinding,
  now: number,
  standing: StixObject | undefined,
): string {
  if (said !== undefined) return stixTimestamp(said);
  return (standing === undefined ? undefined : text(standing, 'valid_from')) ?? stixTimestamp(now);
}

/**
 * Returns the objects of an indicator: the indicator, the observables that it is based on, and the malware family that
 * it indicates.
 */
function indicatorDrafts(
  document: FeedDocument,
  finding: IndicatorFinding,
  now: number,
  shared: Standing,
): readonly Draft[] {
  const { id, malware } = finding;
  const life = durationMs(finding.validFor ?? document.defaults.valid_for);
  const indicator: Draft = {
    id,
    counted: true,
    against: (standing) => {
      if (finding.gone === true) return revoked(standing, now);
      // A revoked object stays revoked. STIX 2.1 §3.7.2 allows no later version.
      if (standing?.['revoked'] === true) return undefined;
      const from = validFrom(finding, now, standing);
      const until = validUntil(finding, life, now, standing, from);
      return versioned(
        {
          type: 'indicator',
          spec_version: '2.1',
          id,
          created_by_ref: shared.created_by_ref,
          name: finding.name ?? shortName(finding),
          ...(finding.description === undefined ? {} : { description: finding.description }),
          indicator_types: [
            ...(finding.indicatorTypes ?? document.defaults.indicator_types ?? ['malicious-activity']),
          ],
          pattern: finding.pattern,
          pattern_type: finding.patternType,
          ...(finding.patternType === 'stix' ? { pattern_version: '2.1' } : {}),
          valid_from: from,
          valid_until: until,
          ...(finding.labels.length === 0 ? {} : { labels: [...finding.labels] }),
          confidence: finding.confidence ?? document.defaults.confidence,
          ...(finding.references.length === 0 ? {} : { external_references: [...finding.references] }),
          object_marking_refs: [...shared.object_marking_refs],
        } satisfies Unversioned<StixTypes['indicator']>,
        standing,
        now,
      );
    },
  };
  if (finding.gone === true) return [indicator];
  const related = (type: string, target: StixObject): readonly Draft[] => [
    besideDraft(target, shared, now),
    relationshipDraft(type, id, String(target['id']), shared, now),
  ];
  return [
    indicator,
    ...(malware === undefined || isPlaceholder(malware)
      ? []
      : related('indicates', namedObject(document.name, 'malware', malware))),
    ...(document.observables === false || finding.observable === undefined
      ? []
      : observablesOf(finding.observable).flatMap((object) => related('based-on', object))),
  ];
}

function relationshipDraft(
  type: string,
  source: string,
  target: string,
  shared: Standing,
  now: number,
): Draft {
  const id = `relationship--${uuidV5(`${type}|${source}|${target}`, HUB_NAMESPACE)}`;
  return {
    id,
    counted: false,
    against: (standing) =>
      versioned(
        {
          type: 'relationship',
          spec_version: '2.1',
          id,
          created_by_ref: shared.created_by_ref,
          relationship_type: type,
          source_ref: source,
          target_ref: target,
          object_marking_refs: [...shared.object_marking_refs],
        } satisfies Unversioned<StixTypes['relationship']>,
        standing,
        now,
      ),
  };
}

/** Returns a revoked version of an object that its source has withdrawn. Undefined when the object was never stored. */
function revoked(standing: StixObject | undefined, now: number): StixObject | undefined {
  return standing === undefined || standing['revoked'] === true
    ? undefined
    : versioned({ ...standing, revoked: true }, standing, now);
}

/** Label of objects that their source no longer lists. */
const WITHDRAWN = 'withdrawn';

/**
 * Returns the draft that ends an object that the list no longer contains. An indicator becomes invalid now. Any other
 * object gets a label instead of being revoked, so that it can return.
 */
export function expiryDraft(id: string, now: number): Draft {
  return {
    id,
    counted: true,
    against: (standing) => {
      if (standing === undefined || standing['revoked'] === true) return undefined;
      if (standing['type'] !== 'indicator')
        return versioned(
          { ...standing, labels: [...new Set([...texts(standing, 'labels'), WITHDRAWN])] },
          standing,
          now,
        );
      const until = text(standing, 'valid_until');
      if (until !== undefined && Date.parse(until) <= now) return undefined;
      const from = Date.parse(text(standing, 'valid_from') ?? '');
      return versioned({ ...standing, valid_until: stixTimestamp(Math.max(now, from + 1)) }, standing, now);
    },
  };
}

/**
 * Returns when an indicator ends: the time that the source states, or else its last sighting plus the validity period
 * of the feed. A sighting extends the period only in its last quarter. Otherwise a list that is read every hour would
 * create a version every hour.
 */
function validUntil(
  finding: IndicatorFinding,
  life: number,
  now: number,
  standing: StixObject | undefined,
  from: string,
): string {
  const after = Date.parse(from) + 1;
  if (finding.validUntil !== undefined) return stixTimestamp(Math.max(finding.validUntil, after));
  const seen = finding.lastSeen ?? finding.validFrom ?? now;
  const wanted = Math.max(seen + life, after);
  const present = standing?.['valid_until'];
  if (typeof present !== 'string') return stixTimestamp(wanted);
  const end = Date.parse(present);
  return wanted > end && now > end - life / 4 ? stixTimestamp(wanted) : present;
}

const LONGEST_SHORT_NAME = 200;

function shortName({ observable, patternType, pattern }: IndicatorFinding): string {
  const [first, ...more] = observable === undefined ? [] : simpleParts(observable).map(observableName);
  if (first === undefined)
    // Rules contain their own names.
    return /\brule\s+(\w{1,128})/.exec(pattern)?.[1] ?? `${patternType} rule`;
  return (more.length === 0 ? first : `${first} and ${more.length} more`).slice(0, LONGEST_SHORT_NAME);
}
