import type { ValidationLevel } from '../../src/stix/validation/tolerance.ts';
import { validateObject } from '../../src/stix/validation/validate.ts';
import type { Json } from './builders.ts';

const UUID = '0b5a1e00-0000-4000-8000-000000000001';
const TIME = '2001-01-01T00:00:00.000Z';

/** An identifier of a type. */
export const idOf = (type: string): string => `${type}--${UUID}`;

/** The properties that each type needs besides the common ones. */
const OWN: Readonly<Record<string, Json>> = {
  'attack-pattern': { name: 'X' },
  campaign: { name: 'X' },
  'course-of-action': { name: 'X' },
  grouping: { context: 'suspicious-activity', object_refs: [idOf('tool')] },
  identity: { name: 'X' },
  incident: { name: 'X' },
  indicator: { pattern: "[file:name = 'x']", pattern_type: 'stix', valid_from: TIME },
  infrastructure: { name: 'X' },
  'intrusion-set': { name: 'X' },
  location: { region: 'polynesia' },
  malware: { is_family: false },
  'malware-analysis': { product: 'x', result: 'malicious' },
  note: { content: 'x', object_refs: [idOf('tool')] },
  'observed-data': { first_observed: TIME, last_observed: TIME, number_observed: 1, object_refs: [idOf('file')] },
  opinion: { opinion: 'agree', object_refs: [idOf('tool')] },
  report: { name: 'X', published: TIME, object_refs: [idOf('tool')] },
  'threat-actor': { name: 'X' },
  tool: { name: 'X' },
  vulnerability: { name: 'X' },
  relationship: { relationship_type: 'uses', source_ref: idOf('malware'), target_ref: idOf('tool') },
  sighting: { sighting_of_ref: idOf('malware') },
  artifact: { payload_bin: 'QUJD' },
  'autonomous-system': { number: 64500 },
  directory: { path: '/tmp' },
  'domain-name': { value: 'a.example' },
  'email-addr': { value: 'a@reef.example' },
  'email-message': { is_multipart: false },
  file: { name: 'x' },
  'ipv4-addr': { value: '192.0.2.1' },
  'ipv6-addr': { value: '2001:db8::1' },
  'mac-addr': { value: '00:00:5e:00:53:01' },
  mutex: { name: 'x' },
  'network-traffic': { protocols: ['tcp'], src_ref: idOf('ipv4-addr') },
  process: { pid: 1 },
  software: { name: 'x' },
  url: { value: 'https://a.example/' },
  'user-account': { user_id: 'x' },
  'windows-registry-key': { key: 'HKEY_LOCAL_MACHINE\\Software' },
  'x509-certificate': { serial_number: '01' },
  'extension-definition': { created_by_ref: idOf('identity'), name: 'X', schema: 'x', version: '1.0', extension_types: ['property-extension', 'toplevel-property-extension'] },
  'language-content': { object_ref: idOf('tool'), contents: { fr: { name: 'X' } } },
  'marking-definition': { definition_type: 'statement', definition: { statement: 'x' } },
}; // prettier-ignore

/** The types that have a creation time and a version, or only a creation time. */
const isObservableType = (type: string): boolean => Object.keys(OWN).indexOf(type) >= Object.keys(OWN).indexOf('artifact') && !['extension-definition', 'language-content', 'marking-definition'].includes(type); // prettier-ignore

/** Returns the smallest valid object of a type, with other or further properties. Undefined removes one. */
export function smallest(type: string, over: Json = {}): Json {
  const times = isObservableType(type)
    ? {}
    : type === 'marking-definition'
      ? { created: TIME }
      : { created: TIME, modified: TIME };
  const made = { type, spec_version: '2.1', id: idOf(type), ...times, ...OWN[type], ...over };
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined));
}

/** Every type that `smallest` makes. */
export const SMALLEST: readonly string[] = Object.keys(OWN);

/** Returns the smallest object of a type with a value at a path, such as `extensions/pdf-ext/version`. */
export function withValue(type: string, path: string, value: unknown): Json {
  const object = structuredClone(smallest(type));
  const steps = path.split('/');
  const last = steps.pop() ?? '';
  let at: Json = object;
  for (const [i, step] of steps.entries()) {
    const isList = /^\d+$/.test(steps[i + 1] ?? last);
    at[step] ??= isList ? [] : {};
    at = at[step] as Json;
  }
  at[last] = value;
  return object;
}

/** Returns `rule pointer` of every fault of the given kinds, in the order of the check. */
export function faultsOf(
  object: Json,
  options: { level?: ValidationLevel; kinds?: readonly string[]; accept?: readonly ('2.0' | '2.1')[] } = {},
): readonly string[] {
  const { kinds = ['error'], level = 'standard', accept } = options;
  return validateObject(object, { level, advice: kinds.includes('warning'), ...(accept === undefined ? {} : { accept }) })
    .filter((fault) => kinds.includes(fault.level))
    .map(({ rule, pointer }) => `${rule} ${pointer}`);
} // prettier-ignore
