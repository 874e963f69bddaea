import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { feedObjectName } from '../sharing/intake/judge.ts';
import type { Tlp } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import type { StixObject } from '../stix/types.ts';

/** A reference of a STIX object (STIX 2.1 section 2.5). */
export interface Reference extends Readonly<Record<string, unknown>> {
  readonly source_name: string;
  readonly description?: string;
  readonly url?: string;
  readonly external_id?: string;
}

/** A value to look for: enough to make its indicator. Times in milliseconds since 1970. */
export interface IndicatorFinding {
  readonly kind: 'indicator';
  /** Id of its indicator. */
  readonly id: string;
  readonly pattern: string;
  /** Language of the pattern (STIX 2.1 section 10.15). */
  readonly patternType: 'stix' | 'yara' | 'sigma' | 'snort' | 'suricata';
  /** What the pattern looks for; rules of other languages say it themselves. */
  readonly observable: Observable | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly validFrom: number | undefined;
  readonly lastSeen: number | undefined;
  readonly validUntil: number | undefined;
  readonly labels: readonly string[];
  readonly confidence: number | undefined;
  /** Life of the indicator, where the mapping gives it another one than the feed does. */
  readonly validFor?: string | undefined;
  readonly indicatorTypes?: readonly string[] | undefined;
  /** Malware family that the value belongs to. */
  readonly malware?: string | undefined;
  /** The source has taken it back. */
  readonly gone?: boolean | undefined;
  readonly tlp: Tlp | undefined;
  readonly references: readonly Reference[];
}

/** Anything else that a row says, as the objects that say it. */
export interface ObjectFinding {
  readonly kind: 'object';
  readonly id: string;
  /** The object without creator, marking and the times of its version, which the feed gives it. */
  readonly object: StixObject;
  /** Objects that it names, in the same form: put where they do not stand. */
  readonly beside: readonly StixObject[];
  readonly tlp: Tlp | undefined;
  /** When what it tells of was. */
  readonly at: number | undefined;
  /** When the source made it, and when it changed it, where the source says so. */
  readonly created?: number | undefined;
  readonly modified?: number | undefined;
  /** It is said of vulnerabilities that the hub holds, and of no others. */
  readonly about?: string | undefined;
  /** It binds what other findings say, and is no row of its own. */
  readonly binds?: boolean | undefined;
}

/** An entry of the warning list that a feed keeps. It becomes no object. */
export interface EntryFinding {
  readonly kind: 'entry';
  readonly id: string;
  readonly entry: string;
  readonly tlp: undefined;
}

export type Finding = IndicatorFinding | ObjectFinding | EntryFinding;

/** What came of a row: what it says, why it was left out, or why it is bad. A row may have good and bad parts. */
export interface Mapped {
  readonly findings: readonly Finding[];
  readonly filtered?: string | undefined;
  readonly fault?: { readonly code: string; readonly message: string } | undefined;
}

/** Id of the indicator of a feed for a pattern: the same in every run, so nothing doubles (feeds.md 1.2). */
export function indicatorId(feed: string, pattern: string): string {
  return `indicator--${uuidV5(feedObjectName(feed, pattern), HUB_NAMESPACE)}`;
}

/** Id of any other object of a feed, from what makes it what it is. */
export function feedObjectId(feed: string, type: string, what: string): string {
  return `${type}--${uuidV5(feedObjectName(feed, `${type}|${what}`), HUB_NAMESPACE)}`;
}

/** Id of the identity under which a feed's objects stand (feeds.md 1.2). */
export function feedIdentityId(feed: string): string {
  return `identity--${uuidV5(feed, HUB_NAMESPACE)}`;
}

/** A name for comparing: the same for every way of writing it. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** A thing that a feed only names (a family, an actor, a campaign, a tool): one object for every way of writing it. */
export function namedObject(feed: string, type: NamedType, name: string): StixObject {
  return {
    type,
    spec_version: '2.1',
    id: feedObjectId(feed, type, plainName(name)),
    name: name.slice(0, 1_000),
    ...(type === 'malware' ? { is_family: true } : {}),
  };
}

export type NamedType = 'malware' | 'threat-actor' | 'intrusion-set' | 'campaign' | 'tool';

/** The latest time that a finding tells of, in milliseconds since 1970; 0 when it tells of none. */
export function timeOf(finding: Finding): number {
  switch (finding.kind) {
    case 'indicator':
      return Math.max(finding.lastSeen ?? 0, finding.validFrom ?? 0);
    case 'object':
      return Math.max(finding.at ?? 0, finding.modified ?? 0);
    case 'entry':
      return 0;
  }
}
