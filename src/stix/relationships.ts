import { kindOf } from './types.ts';

/**
 * Relationships that the specification defines (STIX 2.1 §4 and §6): source type → relationship type → target types.
 * Any other combination is valid and only causes a warning. `*` stands for any observable.
 */
const DEFINED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'attack-pattern': {
    delivers: ['malware'],
    targets: ['identity', 'location', 'vulnerability'],
    uses: ['malware', 'tool'],
  },
  campaign: {
    'attributed-to': ['intrusion-set', 'threat-actor'],
    compromises: ['infrastructure'],
    'originates-from': ['location'],
    targets: ['identity', 'location', 'vulnerability'],
    uses: ['attack-pattern', 'infrastructure', 'malware', 'tool'],
  },
  'course-of-action': {
    investigates: ['indicator'],
    mitigates: ['attack-pattern', 'indicator', 'malware', 'tool', 'vulnerability'],
    remediates: ['malware', 'vulnerability'],
  },
  identity: {
    'located-at': ['location'],
  },
  indicator: {
    indicates: [
      'attack-pattern',
      'campaign',
      'infrastructure',
      'intrusion-set',
      'malware',
      'threat-actor',
      'tool',
    ],
    'based-on': ['observed-data'],
  },
  infrastructure: {
    'communicates-with': ['infrastructure', 'ipv4-addr', 'ipv6-addr', 'domain-name', 'url'],
    'consists-of': ['infrastructure', 'observed-data', '*'],
    controls: ['infrastructure', 'malware'],
    delivers: ['malware'],
    has: ['vulnerability'],
    hosts: ['tool', 'malware'],
    'located-at': ['location'],
    uses: ['infrastructure'],
  },
  'intrusion-set': {
    'attributed-to': ['threat-actor'],
    compromises: ['infrastructure'],
    hosts: ['infrastructure'],
    owns: ['infrastructure'],
    'originates-from': ['location'],
    targets: ['identity', 'location', 'vulnerability'],
    uses: ['attack-pattern', 'infrastructure', 'malware', 'tool'],
  },
  malware: {
    'authored-by': ['threat-actor', 'intrusion-set'],
    'beacons-to': ['infrastructure'],
    'exfiltrates-to': ['infrastructure'],
    'communicates-with': ['ipv4-addr', 'ipv6-addr', 'domain-name', 'url'],
    controls: ['malware'],
    downloads: ['malware', 'tool', 'file'],
    drops: ['malware', 'tool', 'file'],
    exploits: ['vulnerability'],
    'originates-from': ['location'],
    targets: ['identity', 'infrastructure', 'location', 'vulnerability'],
    uses: ['attack-pattern', 'infrastructure', 'malware', 'tool'],
    'variant-of': ['malware'],
  },
  'malware-analysis': {
    characterizes: ['malware'],
    'av-analysis-of': ['malware'],
    'static-analysis-of': ['malware'],
    'dynamic-analysis-of': ['malware'],
  },
  'threat-actor': {
    'attributed-to': ['identity'],
    compromises: ['infrastructure'],
    hosts: ['infrastructure'],
    owns: ['infrastructure'],
    impersonates: ['identity'],
    'located-at': ['location'],
    targets: ['identity', 'location', 'vulnerability'],
    uses: ['attack-pattern', 'infrastructure', 'malware', 'tool'],
  },
  tool: {
    delivers: ['malware'],
    drops: ['malware'],
    has: ['vulnerability'],
    targets: ['identity', 'infrastructure', 'location', 'vulnerability'],
    uses: ['infrastructure'],
  },
  'domain-name': {
    'resolves-to': ['domain-name', 'ipv4-addr', 'ipv6-addr'],
  },
  'ipv4-addr': {
    'resolves-to': ['mac-addr'],
    'belongs-to': ['autonomous-system'],
  },
  'ipv6-addr': {
    'resolves-to': ['mac-addr'],
    'belongs-to': ['autonomous-system'],
  },
};

/** Relationships that are valid between any two objects, or between any two objects of the same type. */
const EVERYWHERE = new Set(['related-to']);
const SAME_TYPE = new Set(['derived-from', 'duplicate-of']);

/**
 * Returns whether the specification defines this relationship. `suggestion` is a relationship that it does define
 * between the two types, if any.
 */
export function definedRelationship(
  source: string,
  relationship: string,
  target: string,
): { readonly defined: boolean; readonly suggestion: string | undefined } {
  if (EVERYWHERE.has(relationship) || (SAME_TYPE.has(relationship) && source === target))
    return { defined: true, suggestion: undefined };
  const known = Object.hasOwn(DEFINED, source) ? (DEFINED[source] ?? {}) : {};
  const fits = (types: readonly string[]): boolean =>
    types.includes(target) || (types.includes('*') && kindOf(target) === 'sco');
  if (Object.hasOwn(known, relationship) && fits(known[relationship] ?? []))
    return { defined: true, suggestion: undefined };
  const [between] = Object.entries(known).find(([, types]) => fits(types)) ?? [];
  return { defined: false, suggestion: between };
}
