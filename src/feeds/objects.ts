import { canonical } from '../kernel/canonical.ts';
import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { feedObjectName } from '../sharing/intake/judge.ts';
import { observableId } from '../stix/identifiers.ts';
import { stricter, tlpMarkingId } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import { stixTimestamp } from '../stix/timestamps.ts';
import { text, type StixObject } from '../stix/types.ts';
import type { StixTypes } from '../stix/schema-types.ts';
import type { FeedDocument } from '../settings.ts';
import { durationMs } from './document.ts';
import type { Finding } from './mapper.ts';

/** Id of the identity under which a feed's objects stand (feeds.md 1.2). */
export function feedIdentityId(feed: string): string {
  return `identity--${uuidV5(feed, HUB_NAMESPACE)}`;
}

/** An object that a run would like to stand, before it is compared with what stands. */
export interface Draft {
  readonly id: string;
  /** Gives the object to store, or undefined when what stands says the same. */
  readonly against: (standing: StixObject | undefined) => StixObject | undefined;
}

/** Times of a new version: `created` is for ever, `modified` always later than before (feeds.md 1.1, "update or no change"). */
function versioned(
  object: StixObject,
  standing: StixObject | undefined,
  now: number,
): StixObject | undefined {
  if (standing === undefined) return { ...object, created: stixTimestamp(now), modified: stixTimestamp(now) };
  const before = { ...standing, modified: undefined };
  const after = { ...object, created: standing['created'], modified: undefined };
  if (canonical(strip(before)) === canonical(strip(after))) return undefined;
  const modified = Math.max(now, Date.parse(String(standing['modified'])) + 1);
  return { ...object, created: standing['created'], modified: stixTimestamp(modified) };
}

function strip(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** An object of which the times come later, when it is known whether it is a new version. */
type Unversioned<T> = { [Key in keyof T as Key extends 'created' | 'modified' ? never : Key]: T[Key] };

/** The identity of a feed as a STIX object. */
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
  return { id, against: (standing) => versioned(object, standing, now) };
}

/** The objects of one finding: the indicator, and beside it the observable and their relationship. */
export function draftsOf(document: FeedDocument, finding: Finding, now: number): readonly Draft[] {
  const { id } = finding;
  const tlp =
    finding.tlp === undefined ? document.defaults.tlp : stricter(finding.tlp, document.defaults.tlp);
  const marking = [tlpMarkingId(tlp)];
  const identity = feedIdentityId(document.name);
  const life = durationMs(finding.validFor ?? document.defaults.valid_for);
  const indicator: Draft = {
    id,
    against: (standing) => {
      if (finding.gone === true) return revoked(standing, now);
      // What is revoked stays so: STIX 2.1 section 3.7.2 lets no later version be made.
      if (standing?.['revoked'] === true) return undefined;
      const from =
        finding.validFrom === undefined
          ? ((standing === undefined ? undefined : text(standing, 'valid_from')) ?? stixTimestamp(now))
          : stixTimestamp(finding.validFrom);
      const until = validUntil(finding, life, now, standing, from);
      return versioned(
        {
          type: 'indicator',
          spec_version: '2.1',
          id,
          created_by_ref: identity,
          name: finding.name ?? shortName(finding.observable),
          ...(finding.description === undefined ? {} : { description: finding.description }),
          indicator_types: [
            ...(finding.indicatorTypes ?? document.defaults.indicator_types ?? ['malicious-activity']),
          ],
          pattern: finding.pattern,
          pattern_type: 'stix',
          pattern_version: '2.1',
          valid_from: from,
          valid_until: until,
          ...(finding.labels.length === 0 ? {} : { labels: [...finding.labels] }),
          confidence: finding.confidence ?? document.defaults.confidence,
          ...(finding.reference === undefined ? {} : { external_references: [finding.reference] }),
          object_marking_refs: marking,
        } satisfies Unversioned<StixTypes['indicator']>,
        standing,
        now,
      );
    },
  };
  if (finding.gone === true) return [indicator];
  const family =
    finding.malware === undefined ? [] : malwareDrafts(document, finding.malware, id, marking, now);
  const observable =
    document.observables === false ? undefined : observableObject(finding.observable, marking);
  if (observable === undefined) return [indicator, ...family];
  const target = String(observable['id']);
  const relationship = `relationship--${uuidV5(`based-on|${id}|${target}`, HUB_NAMESPACE)}`;
  return [
    indicator,
    ...family,
    { id: target, against: (standing) => (standing === undefined ? observable : undefined) },
    {
      id: relationship,
      against: (standing) =>
        versioned(
          {
            type: 'relationship',
            spec_version: '2.1',
            id: relationship,
            created_by_ref: identity,
            relationship_type: 'based-on',
            source_ref: id,
            target_ref: target,
            object_marking_refs: marking,
          } satisfies Unversioned<StixTypes['relationship']>,
          standing,
          now,
        ),
    },
  ];
}

/** The malware family of an indicator, the same object for every spelling of its name, and what joins them. */
function malwareDrafts(
  document: FeedDocument,
  name: string,
  indicator: string,
  marking: readonly string[],
  now: number,
): readonly Draft[] {
  const identity = feedIdentityId(document.name);
  const family = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
  if (family === '') return [];
  const id = `malware--${uuidV5(feedObjectName(document.name, `malware|${family}`), HUB_NAMESPACE)}`;
  const relationship = `relationship--${uuidV5(`indicates|${indicator}|${id}`, HUB_NAMESPACE)}`;
  return [
    {
      id,
      // The first spelling stays: another one is no news.
      against: (standing) =>
        standing === undefined
          ? versioned(
              {
                type: 'malware',
                spec_version: '2.1',
                id,
                created_by_ref: identity,
                name,
                is_family: true,
                object_marking_refs: [tlpMarkingId(document.defaults.tlp)],
              } satisfies Unversioned<StixTypes['malware']>,
              undefined,
              now,
            )
          : undefined,
    },
    {
      id: relationship,
      against: (standing) =>
        versioned(
          {
            type: 'relationship',
            spec_version: '2.1',
            id: relationship,
            created_by_ref: identity,
            relationship_type: 'indicates',
            source_ref: indicator,
            target_ref: id,
            object_marking_refs: [...marking],
          } satisfies Unversioned<StixTypes['relationship']>,
          standing,
          now,
        ),
    },
  ];
}

/** What a source takes back becomes a revoked version; what never stood here stays unheard of. */
function revoked(standing: StixObject | undefined, now: number): StixObject | undefined {
  return standing === undefined || standing['revoked'] === true
    ? undefined
    : versioned({ ...standing, revoked: true }, standing, now);
}

/** Ends an indicator that its list no longer names: it was valid until now (feeds.md 1.1, removal). */
export function expiryDraft(id: string, now: number): Draft {
  return {
    id,
    against: (standing) => {
      if (standing === undefined || standing['revoked'] === true) return undefined;
      const until = text(standing, 'valid_until');
      if (until !== undefined && Date.parse(until) <= now) return undefined;
      const from = Date.parse(text(standing, 'valid_from') ?? '');
      return versioned({ ...standing, valid_until: stixTimestamp(Math.max(now, from + 1)) }, standing, now);
    },
  };
}

/**
 * When an indicator ends: what the source says, else its last sighting plus the life that the feed gives. A sighting
 * extends it only in the last quarter of its life, so that a list that is read every hour does not make a version an hour.
 */
function validUntil(
  finding: Finding,
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

function shortName(observable: Observable): string {
  switch (observable.type) {
    case 'endpoint':
      return `${observable.value}:${observable.port}`;
    case 'file':
    case 'x509-certificate':
      return Object.values(observable.hashes)[0] ?? observable.type;
    case 'autonomous-system':
      return `AS${observable.number}`;
    default:
      return observable.value.slice(0, 200);
  }
}

/** The observable beside an indicator, with its deterministic id (STIX 2.1 section 2.9). */
function observableObject(observable: Observable, marking: readonly string[]): StixObject | undefined {
  const body = observableBody(observable);
  const id = observableId(body);
  return id === undefined ? undefined : { ...body, spec_version: '2.1', id, object_marking_refs: marking };
}

function observableBody(observable: Observable): StixObject {
  switch (observable.type) {
    case 'network':
    case 'endpoint':
      return { type: `ipv${observable.family}-addr`, value: observable.value };
    case 'file':
    case 'x509-certificate':
      return { type: observable.type, hashes: observable.hashes };
    case 'autonomous-system':
      return { type: 'autonomous-system', number: observable.number };
    default:
      return { type: observable.type, value: observable.value };
  }
}
