import type { Comparison, Constant, ObjectPath, Observation, Pattern, Qualifier, Test } from './ast.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  artifact: 'an artifact', 'autonomous-system': 'an autonomous system', directory: 'a directory', 'domain-name': 'a domain name',
  'email-addr': 'an email address', 'email-message': 'an email message', file: 'a file', 'ipv4-addr': 'an IPv4 address',
  'ipv6-addr': 'an IPv6 address', 'mac-addr': 'a MAC address', mutex: 'a mutex', 'network-traffic': 'network traffic',
  process: 'a process', software: 'software', url: 'a URL', 'user-account': 'a user account',
  'windows-registry-key': 'a Windows registry key', 'x509-certificate': 'an X.509 certificate',
}; // prettier-ignore

/** Words for names that are abbreviations, or that read oddly in a sentence. Names of lists are plural. */
const NAMES: Readonly<Record<string, string>> = {
  atime: 'access time', bcc_refs: 'hidden recipients', belongs_to_ref: 'account', belongs_to_refs: 'networks', body_multipart: 'parts',
  cc_refs: 'copied recipients', child_refs: 'child processes', contains_refs: 'contained objects', creator_user_ref: 'user',
  ctime: 'creation time', cwd: 'working directory', dst_byte_count: 'number of bytes received', dst_packets: 'number of packets received',
  dst_payload_ref: 'destination payload', dst_port: 'destination port', dst_ref: 'destination', encapsulates_refs: 'encapsulated traffic', escalate_privs: 'escalate privileges',
  from_ref: 'sender', image_ref: 'program file', magic_number_hex: 'magic number', mime_type: 'MIME type', mtime: 'modification time',
  name_enc: 'encoding of the name', number_of_subkeys: 'number of subkeys', opened_connection_refs: 'open connections',
  parent_ref: 'parent process', path_enc: 'encoding of the path', payload_bin: 'payload', pid: 'process ID', raw_email_ref: 'raw email',
  resolves_to_refs: 'resolved addresses', rir: 'regional registry', src_byte_count: 'number of bytes sent',
  src_packets: 'number of packets sent', src_payload_ref: 'source payload', src_port: 'source port', src_ref: 'source', to_refs: 'recipients',
  url: 'URL', user_id: 'user ID',
}; // prettier-ignore

/** Dictionaries whose keys name what they contain. */
const KINDS: Readonly<Record<string, string>> = { hashes: 'hash', extensions: 'extension' };

type Negatable = readonly [affirmed: string, negated: string];

const OPERATORS: Readonly<Record<string, Negatable>> = {
  '=': ['is', 'is not'],
  '!=': ['is not', 'is'],
  '<': ['is less than', 'is not less than'],
  '<=': ['is at most', 'is more than'],
  '>': ['is more than', 'is not more than'],
  '>=': ['is at least', 'is less than'],
  IN: ['is one of', 'is none of'],
  LIKE: ['looks like', 'does not look like'],
  MATCHES: ['matches the regular expression', 'does not match the regular expression'],
  ISSUBSET: ['lies within', 'does not lie within'],
  ISSUPERSET: ['contains', 'does not contain'],
};

/** Operators between two times. */
const TIME_OPERATORS: Readonly<Record<string, Negatable>> = {
  '<': ['is before', 'is not before'],
  '<=': ['is at or before', 'is after'],
  '>': ['is after', 'is not after'],
  '>=': ['is at or after', 'is before'],
};

const ORDINALS = ['first', 'second', 'third'];

function words(name: string): string {
  return (NAMES[name] ?? name.replace(/_refs?$/, '').replace(/^is_(.+)$/, '$1_state')).replaceAll('_', ' ');
}

/**
 * Returns the property at the end of steps in words: `hashes.'SHA-256'` → `its SHA-256 hash`, `to_refs[*].value` → `the
 * value of one of its recipients`. No steps are the object itself.
 */
function property(steps: ObjectPath['steps']): string {
  const last = steps.at(-1);
  if (last === undefined) return '';
  const before = steps.slice(0, -1);
  if (!('name' in last)) {
    const list = property(before);
    const items = list.replace(/^the /, '').split(' of ')[0]?.endsWith('s') ? list : `the items of ${list}`;
    const index = Number(last.index);
    const ordinal = ORDINALS[index];
    const item = ordinal === undefined ? `item ${index + 1}` : `the ${ordinal}`;
    return `${last.index === '*' ? 'one' : item} of ${items}`;
  }
  const group = before.at(-1);
  const kind = group !== undefined && 'name' in group ? KINDS[group.name] : undefined;
  const noun = kind === undefined ? words(last.name) : `${last.name} ${kind}`;
  const owner = property(kind === undefined ? before : before.slice(0, -1));
  return owner === '' ? `its ${noun}` : `the ${noun} of ${owner}`;
}

function constant(value: Constant): string {
  switch (value.kind) {
    case 'string':
      return `"${value.value}"`;
    case 'integer':
    case 'float':
      return value.text;
    case 'boolean':
      return value.value ? 'true' : 'false';
    case 'hex':
      return `the bytes ${value.value}`;
    case 'binary':
      return `the bytes ${value.value} (base64)`;
    case 'timestamp':
      return value.value;
  }
}

/** Returns `it is hidden` for `is_hidden = true`. Undefined for other tests. */
function explainState(test: Test): string | undefined {
  const last = test.path.steps.at(-1);
  if (test.kind === 'exists' || last === undefined || !('name' in last)) return undefined;
  const [constant] = test.constants;
  const [, verb, state] = /^(is|can)_(.+)$/.exec(last.name) ?? [];
  if (verb === undefined || state === undefined || constant?.kind !== 'boolean') return undefined;
  if (test.operator !== '=' && test.operator !== '!=') return undefined;
  const affirmed = (constant.value === (test.operator === '=')) !== test.negated;
  const owner = property(test.path.steps.slice(0, -1));
  const not = verb === 'can' ? 'not' : ' not';
  return `${owner === '' ? 'it' : owner} ${verb}${affirmed ? '' : not} ${words(state)}`;
}

function explainTest(test: Test): string {
  const name = property(test.path.steps);
  if (test.kind === 'exists') return `${name} is ${test.negated ? 'not ' : ''}present`;
  const state = explainState(test);
  if (state !== undefined) return state;
  const times = test.constants.some(({ kind }) => kind === 'timestamp');
  const [affirmed, negated] = (times ? TIME_OPERATORS[test.operator] : undefined) ??
    OPERATORS[test.operator] ?? ['is', 'is not'];
  return `${name} ${test.negated ? negated : affirmed} ${test.constants.map(constant).join(', ')}`;
}

function typesOf(comparison: Comparison, found = new Set<string>()): Set<string> {
  if ('operands' in comparison) for (const operand of comparison.operands) typesOf(operand, found);
  else found.add(comparison.path.type);
  return found;
}

function named(type: string): string {
  return OBJECTS[type] ?? `an object of the type ${type}`;
}

function explainComparison(comparison: Comparison, mixed: boolean): string {
  if (!('operands' in comparison))
    return mixed ? `${named(comparison.path.type)} (${explainTest(comparison)})` : explainTest(comparison);
  const word = comparison.kind === 'and' ? ' and ' : ', or ';
  return comparison.operands
    .map((operand) => {
      const text = explainComparison(operand, mixed);
      return 'operands' in operand ? `(${text})` : text;
    })
    .join(word);
}

function explainQualifier(qualifier: Qualifier): string {
  switch (qualifier.kind) {
    case 'WITHIN':
      return `, all within ${qualifier.text} seconds`;
    case 'REPEATS':
      return `, seen ${qualifier.times} times`;
    case 'START':
      return `, from ${qualifier.start} to before ${qualifier.stop}`;
  }
}

function explainObservation(observation: Observation): string {
  const qualifiers = observation.qualifiers.map(explainQualifier).join('');
  if (observation.kind === 'observation') {
    const types = [...typesOf(observation.comparison)];
    const mixed = types.length > 1;
    const text = mixed
      ? `one of these is seen: ${explainComparison(observation.comparison, true)}`
      : `${named(types[0] ?? '')} is seen, and ${explainComparison(observation.comparison, false)}`;
    return `${text}${qualifiers}`;
  }
  const word = { AND: '; and also ', OR: '; or ', FOLLOWEDBY: '; and after that ' }[observation.kind];
  const text = observation.operands
    .map((operand) =>
      operand.kind === 'observation' ? explainObservation(operand) : `(${explainObservation(operand)})`,
    )
    .join(word);
  return qualifiers === '' ? text : `(${text})${qualifiers}`;
}

/** Returns a pattern in plain English, for a person who decides what to do with it. */
export function explainPattern({ root }: Pattern): string {
  return `It matches when ${explainObservation(root)}.`;
}

/** Returns the conformance level that a consumer needs to match a pattern (STIX 2.1 §12.7). */
export function levelOf({ root }: Pattern): 1 | 2 | 3 {
  if (root.qualifiers.length > 0 || root.kind === 'FOLLOWEDBY') return 3;
  if (root.kind === 'observation') return 1;
  return root.operands.every((operand) => levelOf({ root: operand, warnings: [], faults: [] }) < 3) ? 2 : 3;
}
