import { HUB_NAMESPACE, uuidV5 } from '../kernel/ids.ts';
import { feedObjectName } from '../sharing/intake/judge.ts';
import type { Tlp } from '../stix/markings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import type { StixObject } from '../stix/types.ts';

/** A reference of a STIX object (STIX 2.1 §2.5). */
export interface Reference extends Readonly<Record<string, unknown>> {
  readonly source_name: string;
  readonly description?: string;
  readonly url?: string;
  readonly external_id?: string;
}

/** A value to look for, with everything that its indicator needs. Times are in milliseconds since 1970. */
export interface IndicatorFinding {
  readonly kind: 'indicator';
  /** Id of its indicator. */
  readonly id: string;
  readonly pattern: string;
  /** Language of the pattern (STIX 2.1 §10.15). */
  readonly patternType: 'stix' | 'yara' | 'sigma' | 'snort' | 'suricata';
  /** The target of the pattern. Undefined for rules in other languages, which describe it themselves. */
  readonly observable: Observable | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly validFrom: number | undefined;
  readonly lastSeen: number | undefined;
  readonly validUntil: number | undefined;
  readonly labels: readonly string[];
  readonly confidence: number | undefined;
  /** Validity period of the indicator, where the mapping overrides that of the feed. */
  readonly validFor?: string | undefined;
  readonly indicatorTypes?: readonly string[] | undefined;
  /** Malware family that the value belongs to. */
  readonly malware?: string | undefined;
  /** The source has withdrawn it. */
  readonly gone?: boolean | undefined;
  readonly tlp: Tlp | undefined;
  readonly references: readonly Reference[];
}

/** Any other content of a row, as STIX objects. */
export interface ObjectFinding {
  readonly kind: 'object';
  readonly id: string;
  /** The object without creator, markings and version times, which the feed adds. */
  readonly object: StixObject;
  /** Objects that it refers to, in the same format. They are stored only if they do not exist yet. */
  readonly beside: readonly StixObject[];
  readonly tlp: Tlp | undefined;
  /** Time of the described event. */
  readonly at: number | undefined;
  /** When the source created and changed it, if the source states it. */
  readonly created?: number | undefined;
  readonly modified?: number | undefined;
  /** It describes vulnerabilities that the hub stores, and is left out for any other vulnerability. */
  readonly about?: string | undefined;
  /** It connects other findings and is not counted as a row of its own. */
  readonly binds?: boolean | undefined;
}

/** An entry of the warning list that a feed maintains. It does not become an object. */
export interface EntryFinding {
  readonly kind: 'entry';
  readonly id: string;
  readonly entry: string;
  readonly tlp: undefined;
}

export type Finding = IndicatorFinding | ObjectFinding | EntryFinding;

/**
 * A source of several entries that is sent as a whole and changes, such as an event of MISP. Objects that it no
 * longer lists end, unless another unit of the feed lists them.
 */
export interface Unit {
  readonly key: string;
  /** Ids of the objects that it lists. */
  readonly listed: readonly string[];
  /** Ids of indicators that it has switched off or deleted. */
  readonly off: readonly string[];
  /** It was read completely. Otherwise it may still list what was not found in it. */
  readonly isWhole: boolean;
}

/** True for a text that can be the key of a unit: a UUID in lower case. */
export function isUnitKey(text: string): boolean {
  return /^[0-9a-f-]{36}$/.test(text);
}

/**
 * The result of a row: its findings, why it was left out, or why it is invalid. A row may have valid and invalid parts.
 */
export interface Mapped {
  readonly findings: readonly Finding[];
  readonly filtered?: string | undefined;
  readonly fault?: { readonly code: string; readonly message: string } | undefined;
}

/**
 * Returns the id of a feed's indicator for a pattern. It is the same in every run, so repeated runs create no
 * duplicates.
 */
export function indicatorId(feed: string, pattern: string): string {
  return `indicator--${uuidV5(feedObjectName(feed, pattern), HUB_NAMESPACE)}`;
}

/** Returns the id of any other object of a feed. `what` identifies the object within its type. */
export function feedObjectId(feed: string, type: string, what: string): string {
  return `${type}--${uuidV5(feedObjectName(feed, `${type}|${what}`), HUB_NAMESPACE)}`;
}

/** Returns a name in a format for comparisons. All spellings of a name have the same format. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

/** Placeholders that sources write instead of a value, in the format for comparisons. */
const NOTHING = new Set([
  '', 'na', 'nan', 'none', 'null', 'nil', 'void', 'undefined', 'undetermined', 'unspecified', 'unidentified', 'unclassified',
  'unnamed', 'notavailable', 'notapplicable', 'notknown', 'notspecified', 'nodata', 'noinformation', 'nothing', 'empty', 'tbd',
  'tba', 'inconnu', 'inconnue', 'desconocido', 'desconhecido', 'unbekannt', 'sconosciuto',
]); // prettier-ignore

/**
 * True for a placeholder such as "unknown", "n/a" and "-", also with a kind of thing, such as "Unknown Stealer".
 */
export function isPlaceholder(text: string): boolean {
  const plain = plainName(text);
  return NOTHING.has(plain) || (text.length < 60 && plain.startsWith('unknown'));
}

/**
 * Returns the object for a name from a feed (a family, an actor, a campaign, a tool). All spellings give the same
 * object.
 */
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

/** Returns the latest time in a finding, in milliseconds since 1970. 0 when it has none. */
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
