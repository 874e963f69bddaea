import { canonical } from '../kernel/canonical.ts';
import { uuidV5 } from '../kernel/ids.ts';
import { kindOf, text, type StixId, type StixObject } from './types.ts';

const STIX_ID =
  /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * True for the format of an identifier, `object-type--UUID`. Upper-case hexadecimal digits are accepted on input, and
 * UUIDs of any version and variant.
 */
export function isStixId(value: string): value is StixId {
  return value.length <= 300 && STIX_ID.test(value);
}

/** True for an identifier whose UUID is of RFC 4122, versions 1 to 5, as STIX 2.1 §2.9 asks. */
export function isOfRfc4122(id: StixId): boolean {
  const version = id.charCodeAt(id.length - 22);
  // Its format is known, so the version and the variant are left to compare.
  return version >= 0x31 && version <= 0x35 && '89abAB'.includes(id.charAt(id.length - 17));
}

/** Returns the type part of an identifier. */
export function typeOfId(id: string): string {
  const cut = id.indexOf('--');
  return cut < 0 ? id : id.slice(0, cut);
}

/** Returns the version of the UUID in an identifier: 4 is random, 5 is derived from content. */
export function uuidVersion(id: string): number {
  return Number.parseInt(id.charAt(id.length - 22), 16);
}

/** Versions of UUIDs that come from a clock or a random source (RFC 9562 §5). */
const WITHOUT_VALUE = [1, 4, 6, 7];

/**
 * True for an id that may be derived from the values of its object. Anybody who knows the id can guess the values by
 * trying them (STIX 2.1 §2.9). Only the versions 1, 4, 6 and 7 are not: in other UUIDs, producers write what they want.
 */
export function mayRevealItsValue(id: string): boolean {
  const isKnownVariant = /[89ab]/i.test(id.charAt(id.length - 17));
  return !isKnownVariant || !WITHOUT_VALUE.includes(uuidVersion(id));
}

/**
 * Returns the ids of observables in an object that may be derived from their content. Such an id reveals the value: a
 * reader can compute the ids of all IPv4 addresses and compare.
 */
export function namedObservables(object: StixObject): readonly string[] {
  const found: string[] = [];
  const look = (id: unknown): void => {
    if (typeof id === 'string' && kindOf(typeOfId(id)) === 'sco' && mayRevealItsValue(id)) found.push(id);
  };
  for (const name in object) {
    const value = object[name];
    if (name.endsWith('_ref')) look(value);
    else if (name.endsWith('_refs') && Array.isArray(value)) value.forEach(look);
  }
  return found;
}

/** Namespace of deterministic observable ids (STIX 2.1 §2.9). */
const SCO_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7';

/** The ID contributing properties of each type of observable (STIX 2.1 §6). */
const CONTRIBUTING: Readonly<Record<string, readonly string[]>> = {
  artifact: ['hashes', 'payload_bin'],
  'autonomous-system': ['number'],
  directory: ['path'],
  'domain-name': ['value'],
  'email-addr': ['value'],
  'email-message': ['from_ref', 'subject', 'body'],
  file: ['hashes', 'name', 'extensions', 'parent_directory_ref'],
  'ipv4-addr': ['value'],
  'ipv6-addr': ['value'],
  'mac-addr': ['value'],
  mutex: ['name'],
  'network-traffic': [
    'start',
    'end',
    'src_ref',
    'dst_ref',
    'src_port',
    'dst_port',
    'protocols',
    'extensions',
  ],
  software: ['name', 'cpe', 'swid', 'vendor', 'version'],
  url: ['value'],
  'user-account': ['account_type', 'user_id', 'account_login'],
  'windows-registry-key': ['key', 'values'],
  'x509-certificate': ['hashes', 'serial_number'],
};

const HASH_ORDER = ['MD5', 'SHA-1', 'SHA-256', 'SHA-512'] as const;

function oneHash(hashes: unknown): unknown {
  if (typeof hashes !== 'object' || hashes === null) return hashes;
  const all = hashes as Record<string, unknown>;
  const name = HASH_ORDER.find((algorithm) => algorithm in all) ?? Object.keys(all)[0];
  return name === undefined ? undefined : { [name]: all[name] };
}

/**
 * Returns the deterministic id of an observable (STIX 2.1 §2.9 and §3.4): a UUIDv5 of the canonical JSON of its
 * contributing properties. Undefined when it has none of them, or when its type defines none (`process`, custom types).
 * Such an object needs a random id.
 */
export function observableId(object: StixObject): StixId | undefined {
  const type = text(object, 'type') ?? '';
  const names = Object.hasOwn(CONTRIBUTING, type) ? CONTRIBUTING[type] : undefined;
  if (names === undefined) return undefined;
  const part: Record<string, unknown> = {};
  for (const name of names) {
    const value = name === 'hashes' ? oneHash(object[name]) : object[name];
    if (value !== undefined) part[name] = value;
  }
  if (Object.keys(part).length === 0) return undefined;
  return `${type}--${uuidV5(canonical(part), SCO_NAMESPACE)}` as StixId;
}
