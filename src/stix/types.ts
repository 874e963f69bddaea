/** A STIX object as parsed JSON. Names keep the spelling of the standard. */
export type StixObject = Readonly<Record<string, unknown>>;

declare const idBrand: unique symbol;
/** A STIX identifier, `object-type--UUID` (STIX 2.1 §2.9). */
export type StixId = string & { readonly [idBrand]: 'StixId' };

/** Specification version of an object, as used by TAXII's `spec_version` filter. */
export type SpecVersion = '2.0' | '2.1';

/** Category of a type (STIX 2.1 §1.2). `unknown` is a custom or extension type. */
export type ObjectKind = 'sdo' | 'sro' | 'sco' | 'meta' | 'bundle' | 'unknown';

const KINDS: Readonly<Record<Exclude<ObjectKind, 'unknown'>, readonly string[]>> = {
  sdo: [
    'attack-pattern', 'campaign', 'course-of-action', 'grouping', 'identity', 'incident', 'indicator',
    'infrastructure', 'intrusion-set', 'location', 'malware', 'malware-analysis', 'note', 'observed-data',
    'opinion', 'report', 'threat-actor', 'tool', 'vulnerability',
  ],
  sro: ['relationship', 'sighting'],
  sco: [
    'artifact', 'autonomous-system', 'directory', 'domain-name', 'email-addr', 'email-message', 'file', 'ipv4-addr',
    'ipv6-addr', 'mac-addr', 'mutex', 'network-traffic', 'process', 'software', 'url', 'user-account',
    'windows-registry-key', 'x509-certificate',
  ],
  meta: ['extension-definition', 'language-content', 'marking-definition'],
  bundle: ['bundle'],
}; // prettier-ignore

const kindByType = new Map<string, ObjectKind>();
for (const [kind, types] of Object.entries(KINDS))
  for (const type of types) kindByType.set(type, kind as ObjectKind);

/** Returns the category of a type. */
export function kindOf(type: string): ObjectKind {
  return kindByType.get(type) ?? 'unknown';
}

/** Every type name of the specification. */
export const STIX_TYPES: readonly string[] = [...kindByType.keys()];

/** Returns a string property. Undefined when it is absent or has another type. */
export function text(object: StixObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the strings of a list property. Empty for any other value. */
export function texts(object: StixObject, name: string): readonly string[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
