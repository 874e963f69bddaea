import { parseTlp, fixedTlp, TLP2_EXTENSION } from '../markings.ts';
import { isStixId, typeOfId } from '../identifiers.ts';
import { urlFault } from '../urls.ts';
import { compareTimestamps, timestampFault } from '../timestamps.ts';
import { kindOf, text, type StixObject } from '../types.ts';

/**
 * The strictness of a collection. `strict` also refuses probable typing errors in property names, `standard`
 * refuses what the text of the standard refuses, and `tolerant` accepts the deviations in `TOLERATED` and records each
 * of them as a finding.
 */
export const LEVELS = ['strict', 'standard', 'tolerant'] as const;
export type ValidationLevel = (typeof LEVELS)[number];

/** A deviation from the standard that widely used producers emit, and that misleads no reader. */
export interface Tolerated {
  readonly rule: string;
  /** The deviation, for the documentation. */
  readonly what: string;
  /** The producers that are known to emit it. */
  readonly seenIn: string;
  /** True if a fault of the rule is this deviation. `value` is the value at the position. */
  readonly isIt: (place: Place) => boolean;
}

interface Place {
  readonly object: StixObject;
  readonly pointer: string;
  readonly value: unknown;
}

/** Lists that decide who may read an object, or what a marking applies to. Nothing about them is tolerated. */
const MARKING_LISTS = /^\/(?:object_marking_refs|granular_markings)(?:\/|$)/;
const HIVES = /^(?:HKLM|HKCU|HKCR|HKU|HKCC)(?:\\|$)/i;
const HEADERS =
  /^\/(?:objects\/[^/]+\/)?(?:additional_header_fields|extensions\/http-request-ext\/request_header)\/[^/]+$/;
const BOTH_CASES = /^(?:[0-9A-Fa-f]{2})+$/;
const MAC = /^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/;
const CUSTOM_NAME = /^x_[A-Za-z0-9_-]{1,248}$/;

const isText = ({ value }: Place): boolean => typeof value === 'string';
const hasName = ({ object }: Place): boolean => (text(object, 'name') ?? '') !== '';

function areSameTimes({ object }: Place, earlier: string, later: string): boolean {
  const [a, b] = [text(object, earlier), text(object, later)];
  if (a === undefined || b === undefined) return false;
  if (timestampFault(a) !== undefined || timestampFault(b) !== undefined) return false;
  return compareTimestamps(a, b) === 0;
}

/** Every tolerated deviation. Ownership, markings, disclosure, sizes and ids are decided without it. */
export const TOLERATED: readonly Tolerated[] = [
  {
    rule: 'S-002',
    what: '`is_family` is missing on malware',
    seenIn: 'OpenCTI',
    isIt: ({ object, pointer }) => object['type'] === 'malware' && pointer === '/is_family',
  },
  {
    rule: 'S-002',
    what: '`object_refs` is missing on a report, a grouping, a note or an opinion',
    seenIn: 'OpenCTI',
    isIt: ({ object, pointer }) =>
      pointer === '/object_refs' &&
      ['report', 'grouping', 'note', 'opinion'].includes(String(object['type'])),
  },
  {
    rule: 'S-002',
    what: '`spec_version` is missing on a marking definition, where the collection does not accept STIX 2.0',
    seenIn: 'converters',
    isIt: ({ object, pointer }) => object['type'] === 'marking-definition' && pointer === '/spec_version',
  },
  {
    rule: 'S-002',
    what: '`labels` is missing on an object of STIX 2.0',
    seenIn: 'converters',
    isIt: ({ object, pointer }) => object['spec_version'] === undefined && pointer === '/labels',
  },
  {
    rule: 'S-004',
    what: 'an empty list, except lists of markings',
    seenIn: 'scripts',
    isIt: ({ pointer, value }) => Array.isArray(value) && value.length === 0 && !MARKING_LISTS.test(pointer),
  },
  {
    rule: 'S-009',
    what: 'uppercase hexadecimal digits',
    seenIn: 'MISP',
    isIt: ({ value }) => typeof value === 'string' && BOTH_CASES.test(value),
  },
  {
    rule: 'S-011',
    what: 'an identifier whose UUID is not of RFC 4122: versions 6, 7 and 8, and UUIDs of other variants',
    seenIn: 'many',
    isIt: ({ value }) => typeof value === 'string' && isStixId(value),
  },
  {
    rule: 'S-014',
    what: 'an observable without identifying properties whose UUID is not random',
    seenIn: 'OpenCTI',
    isIt: () => true,
  },
  {
    rule: 'S-019',
    what: '`created` or `modified` with 0 to 2 fraction digits',
    seenIn: 'many',
    isIt: ({ value }) => typeof value === 'string' && timestampFault(value) === undefined,
  },
  {
    rule: 'S-023',
    what: 'an external reference without `description`, `url` and `external_id`',
    seenIn: 'many',
    isIt: () => true,
  },
  {
    rule: 'S-024',
    what: 'a CVE reference whose id has another format',
    seenIn: 'many',
    isIt: isText,
  },
  {
    rule: 'S-025',
    what: 'a CAPEC reference whose id has another format',
    seenIn: 'many',
    isIt: isText,
  },
  {
    rule: 'S-028',
    what: 'a custom property (`x_…`) with capitals or hyphens in its name',
    seenIn: 'MISP',
    isIt: ({ pointer }) => CUSTOM_NAME.test(pointer.slice(1)),
  },
  {
    rule: 'S-029',
    what: '`severity`, `username`, `phone_number` or `action`, whose names are reserved, with a text or a list of texts',
    seenIn: 'OpenCTI',
    isIt: ({ value }) =>
      typeof value === 'string' || (Array.isArray(value) && value.every((one) => typeof one === 'string')),
  },
  {
    rule: 'S-051',
    what: '`valid_until` that equals `valid_from`, on a revoked indicator',
    seenIn: 'OpenCTI',
    isIt: (place) => place.object['revoked'] === true && areSameTimes(place, 'valid_from', 'valid_until'),
  },
  {
    rule: 'S-053',
    what: '`stop_time` that equals `start_time`',
    seenIn: 'OpenCTI',
    isIt: (place) => areSameTimes(place, 'start_time', 'stop_time'),
  },
  {
    rule: 'S-060',
    what: 'a location with a name, without region, country and coordinates',
    seenIn: 'OpenCTI',
    isIt: hasName,
  },
  {
    rule: 'S-067',
    what: 'a malware analysis without `result` and `analysis_sco_refs`',
    seenIn: 'OpenCTI',
    isIt: () => true,
  },
  {
    rule: 'S-081',
    what: 'a relationship to or from a relationship or a sighting',
    seenIn: 'OpenCTI',
    isIt: ({ value }) => typeof value === 'string' && kindOf(typeOfId(value)) === 'sro',
  },
  {
    rule: 'S-082',
    what: 'a sighting of an observable',
    seenIn: 'OpenCTI',
    isIt: ({ value }) => typeof value === 'string' && kindOf(typeOfId(value)) === 'sco',
  },
  {
    rule: 'S-090',
    what: 'an artifact with hashes, without `payload_bin` and `url`',
    seenIn: 'OpenCTI',
    isIt: ({ object, pointer }) =>
      pointer === '' &&
      object['type'] === 'artifact' &&
      object['hashes'] !== undefined &&
      object['payload_bin'] === undefined &&
      object['url'] === undefined,
  },
  {
    rule: 'S-091',
    what: 'an artifact with a `url` and without hashes',
    seenIn: 'OpenCTI',
    isIt: () => true,
  },
  {
    rule: 'S-092',
    what: 'an artifact with a `decryption_key` and without `encryption_algorithm`',
    seenIn: 'MISP',
    isIt: () => true,
  },
  {
    rule: 'S-093',
    what: 'a URL that RFC 3986 refuses and browsers read: characters such as `|` after the host, international host names',
    seenIn: 'many',
    isIt: ({ value }) => typeof value === 'string' && urlFault(value)?.isReadable === true,
  },
  {
    rule: 'S-101',
    what: 'a header field of an email as a text',
    seenIn: 'MISP',
    isIt: (place) => HEADERS.test(place.pointer) && isText(place),
  },
  {
    rule: 'S-107',
    what: 'a header field of an HTTP request as a text',
    seenIn: 'MISP',
    isIt: (place) => HEADERS.test(place.pointer) && isText(place),
  },
  {
    rule: 'S-112',
    what: 'a hardware address in uppercase letters',
    seenIn: 'many',
    isIt: ({ value }) => typeof value === 'string' && MAC.test(value),
  },
  {
    rule: 'S-123',
    what: 'a property ending in `_hex` with uppercase digits',
    seenIn: 'MISP',
    isIt: ({ pointer, value }) =>
      pointer.endsWith('_hex') && typeof value === 'string' && BOTH_CASES.test(value),
  },
  {
    rule: 'S-127',
    what: 'the language of a software as a word (`C#`), and a CPE in the format of version 2.2',
    seenIn: 'MISP',
    isIt: ({ pointer, value }) =>
      typeof value === 'string' && (/^\/languages\/\d+$/.test(pointer) || value.startsWith('cpe:/')),
  },
  {
    rule: 'S-129',
    what: 'a registry key with a shortened hive (`HKLM`)',
    seenIn: 'MISP',
    isIt: ({ value }) => typeof value === 'string' && HIVES.test(value),
  },
  {
    rule: 'S-144',
    what: 'a TLP definition in the words of OpenCTI, under the reserved id of the same level',
    seenIn: 'OpenCTI',
    isIt: ({ object }) => isSameTlp(object),
  },
  {
    rule: 'S-145',
    what: 'a TLP definition in other words or with another `created`, under the reserved id of the same level',
    seenIn: 'OpenCTI',
    isIt: ({ object }) => isSameTlp(object),
  },
  {
    rule: 'S-146',
    what: '`modified` on a marking definition, and `revoked: false`',
    seenIn: 'OpenCTI',
    isIt: ({ pointer, value }) =>
      pointer === '/modified'
        ? typeof value === 'string' && timestampFault(value) === undefined
        : value === false,
  },
  {
    rule: 'P-013',
    what: 'a pattern that joins comparisons of different types of objects with AND; it is kept and does not match as written',
    seenIn: 'MISP',
    isIt: () => true,
  },
  {
    rule: 'P-020',
    what: 'a custom property (`x_…`) with capitals in its name, in a pattern',
    seenIn: 'MISP',
    isIt: () => true,
  },
];

/** True when every part of a definition that states a level states the one that its id is reserved for. */
function isSameTlp(object: StixObject): boolean {
  const fixed = fixedTlp(text(object, 'id') ?? '');
  const { definition, extensions } = object as { definition?: unknown; extensions?: unknown };
  if (fixed === undefined || object['type'] !== 'marking-definition') return false;
  const stated: unknown[] = [];
  if (typeof definition === 'object' && definition !== null)
    for (const [name, value] of Object.entries(definition))
      if (/^tlp/i.test(name)) stated.push(value);
      else return false;
  if (typeof extensions === 'object' && extensions !== null && TLP2_EXTENSION in extensions)
    stated.push((extensions as Record<string, { tlp_2_0?: unknown } | null>)[TLP2_EXTENSION]?.tlp_2_0);
  if (stated.length === 0) return false;
  const type = text(object, 'definition_type') ?? '';
  if (/^tlp:/i.test(type)) stated.push(type);
  if (object['name'] !== undefined) stated.push(object['name']);
  return stated.every((label) => typeof label === 'string' && parseTlp(label) === fixed);
}

const byRule = new Map<string, readonly Tolerated[]>();
for (const row of TOLERATED) byRule.set(row.rule, [...(byRule.get(row.rule) ?? []), row]);

/** True for a fault that the level `tolerant` accepts as a finding. */
export function isTolerated(object: StixObject, rule: string, pointer: string): boolean {
  const rows = byRule.get(rule);
  if (rows === undefined) return false;
  const place = { object, pointer, value: valueAt(object, pointer) };
  return rows.some(({ isIt }) => isIt(place));
}

function valueAt(object: StixObject, pointer: string): unknown {
  let at: unknown = object;
  for (const step of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null) return undefined;
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  }
  return at;
}
