import type { Comparison, Constant, ObjectPath, Observation, Pattern, Qualifier, Test } from './ast.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  artifact: 'an artifact', 'autonomous-system': 'an autonomous system', directory: 'a directory', 'domain-name': 'a domain name',
  'email-addr': 'an email address', 'email-message': 'an email message', file: 'a file', 'ipv4-addr': 'an IPv4 address',
  'ipv6-addr': 'an IPv6 address', 'mac-addr': 'a MAC address', mutex: 'a mutex', 'network-traffic': 'network traffic',
  process: 'a process', software: 'software', url: 'a URL', 'user-account': 'a user account',
  'windows-registry-key': 'a Windows registry key', 'x509-certificate': 'an X.509 certificate',
}; // prettier-ignore

const OPERATORS: Readonly<Record<string, readonly [string, string]>> = {
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

/** Returns a property in words: `hashes.'SHA-256'` → `SHA-256 hash`, `dst_ref.value` → `value of its dst`. */
function property({ steps }: ObjectPath): string {
  const names = steps.map((step) =>
    'name' in step ? step.name : step.index === '*' ? 'any item' : `item ${Number(step.index) + 1}`,
  );
  const last = names.pop() ?? '';
  if (names.at(-1) === 'hashes') return `its ${last} hash`;
  const owner = names.toReversed().map((name) => name.replace(/_refs?$/, '').replaceAll('_', ' '));
  return `${owner.length > 0 ? 'the ' : 'its '}${last.replaceAll('_', ' ')}${owner.map((name) => ` of ${name.startsWith('any item') || name.startsWith('item ') ? name : `its ${name}`}`).join('')}`;
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

function explainTest(test: Test): string {
  const name = property(test.path);
  if (test.kind === 'exists') return `${name} is ${test.negated ? 'not ' : ''}there`;
  const [says, saysNot] = OPERATORS[test.operator] ?? ['is', 'is not'];
  return `${name} ${test.negated ? saysNot : says} ${test.constants.map(constant).join(', ')}`;
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
    return mixed ? `${named(comparison.path.type)}, and ${explainTest(comparison)}` : explainTest(comparison);
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
      return `, from ${qualifier.start} until before ${qualifier.stop}`;
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
