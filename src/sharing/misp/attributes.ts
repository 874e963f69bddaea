import { parseNetwork } from '../../kernel/address.ts';
import type { Comparison, Observation, Test } from '../../stix/pattern/ast.ts';
import { keyOfConstant } from '../../stix/pattern/keys.ts';
import { printPath } from '../../stix/pattern/print.ts';
import { parsePattern } from '../../stix/pattern/parser.ts';
import { text, type StixObject } from '../../stix/types.ts';
import {
  readableObserved,
  readObserved,
  type ObservedValue,
  type ValueType,
} from '../../stix/values/observed-values.ts';
import { isPublicSuffix } from '../../stix/values/read-value.ts';

/**
 * The types of MISP attributes that the hub writes, each with the category that MISP uses by default (`describeTypes`).
 */
const CATEGORIES = {
  'ip-dst': 'Network activity',
  'ip-dst|port': 'Network activity',
  'ip-src': 'Network activity',
  'ip-src|port': 'Network activity',
  domain: 'Network activity',
  'domain|ip': 'Network activity',
  hostname: 'Network activity',
  url: 'Network activity',
  AS: 'Network activity',
  'mac-address': 'Network activity',
  'x509-fingerprint-md5': 'Network activity',
  'x509-fingerprint-sha1': 'Network activity',
  'x509-fingerprint-sha256': 'Network activity',
  'email-src': 'Payload delivery',
  'email-subject': 'Payload delivery',
  filename: 'Payload delivery',
  md5: 'Payload delivery',
  sha1: 'Payload delivery',
  sha256: 'Payload delivery',
  sha512: 'Payload delivery',
  ssdeep: 'Payload delivery',
  tlsh: 'Payload delivery',
  'filename|md5': 'Payload delivery',
  'filename|sha1': 'Payload delivery',
  'filename|sha256': 'Payload delivery',
  'filename|sha512': 'Payload delivery',
  mutex: 'Artifacts dropped',
  regkey: 'Persistence mechanism',
  yara: 'Payload installation',
  sigma: 'Payload installation',
  snort: 'Network activity',
  'stix2-pattern': 'Payload installation',
  link: 'External analysis',
  vulnerability: 'External analysis',
} as const satisfies Readonly<Record<string, string>>;
export type AttributeType = keyof typeof CATEGORIES;

/** Returns the category that MISP gives an attribute of this type by default. */
export function categoryOf(type: AttributeType): string {
  return CATEGORIES[type];
}

/** True for a type whose values are rules, which tools use to alert. No tool blocks by them. */
export function isRule(type: AttributeType): boolean {
  return type === 'yara' || type === 'sigma' || type === 'snort' || type === 'stix2-pattern';
}

/** Something that an indicator looks for, as MISP writes it. */
export interface Looked {
  readonly type: AttributeType;
  readonly value: string;
  /** The type by which its lifetime is counted. */
  readonly lives: ValueType;
  /** The values that it is or consists of, as far as lists know them, and the pattern that it comes from. */
  readonly parts: readonly ObservedValue[];
}

/** MISP stores values in a column of this number of bytes. */
const LONGEST = 65_535;
const RULES: Readonly<Record<string, AttributeType>> = { yara: 'yara', sigma: 'sigma', snort: 'snort' };
const OF_VALUES: Readonly<Record<Exclude<ValueType, 'domain' | 'pattern'>, AttributeType>> = {
  ipv4: 'ip-dst',
  ipv6: 'ip-dst',
  url: 'url',
  email: 'email-src',
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha256',
  sha512: 'sha512',
  certificate: 'x509-fingerprint-sha1',
};
const HASHES: Readonly<Record<string, AttributeType>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
  SSDEEP: 'ssdeep',
  TLSH: 'tlsh',
};
const CERTIFICATES: Readonly<Record<string, AttributeType>> = {
  MD5: 'x509-fingerprint-md5',
  'SHA-1': 'x509-fingerprint-sha1',
  'SHA-256': 'x509-fingerprint-sha256',
};
const NAMED: Readonly<Partial<Record<AttributeType, AttributeType>>> = {
  md5: 'filename|md5',
  sha1: 'filename|sha1',
  sha256: 'filename|sha256',
  sha512: 'filename|sha512',
};
/** Maximum number of attributes of one pattern that combines values. */
const MOST_COMBINED = 100;

/**
 * Returns what an indicator looks for as MISP attributes: one for each of its values, one for a rule, and one for each
 * combination that MISP has a type for. Any other STIX pattern becomes an attribute of the type `stix2-pattern`.
 * Undefined for what MISP has no type for or would refuse. `values` are those of the indicator.
 */
export function attributesOf(
  indicator: StixObject,
  values: readonly ObservedValue[],
): readonly Looked[] | undefined {
  const written = (text(indicator, 'pattern') ?? '').trim();
  const language = text(indicator, 'pattern_type') ?? 'stix';
  const [first] = values;
  if (first === undefined) return undefined;
  if (language !== 'stix') {
    const type = Object.hasOwn(RULES, language) ? RULES[language] : undefined;
    return type === undefined ? undefined : accepted([rule(type, written, first)]);
  }
  if (first.type !== 'pattern') return accepted(values.map(plain));
  const found = combined(written, indicator['pattern_version'] === '2.0' ? '2.0' : '2.1') ?? [];
  return (
    accepted(found.map((one) => ({ ...one, parts: [...one.parts, first] }))) ??
    accepted([rule('stix2-pattern', written, first)])
  );
}

function rule(type: AttributeType, value: string, pattern: ObservedValue): Looked {
  return { type, value, lives: 'pattern', parts: [pattern] };
}

function plain(observed: ObservedValue): Looked {
  const value = readableObserved(observed);
  const { type } = observed;
  const as = type === 'domain' ? domainType(value) : type === 'pattern' ? 'stix2-pattern' : OF_VALUES[type];
  return { type: as, value, lives: type, parts: [observed] };
}

/** MISP tells registered domains from the names below them. */
function domainType(name: string): 'domain' | 'hostname' {
  const parent = name.slice(name.indexOf('.') + 1);
  return isPublicSuffix(parent) || !parent.includes('.') ? 'domain' : 'hostname';
}

/** Returns attributes if MISP accepts all of them. */
function accepted(attributes: readonly Looked[]): readonly Looked[] | undefined {
  return attributes.length > 0 && attributes.every(isAccepted) ? attributes : undefined;
}

/** MISP removes spaces around values and refuses empty ones. Of two parts, the sign between them must not be in a part. */
function isAccepted({ type, value }: Looked): boolean {
  if (value === '' || value.trim() !== value || Buffer.byteLength(value) > LONGEST) return false;
  // eslint-disable-next-line no-control-regex
  if (/\u0000/.test(value)) return false;
  if (!isRule(type) && /[\r\n]/.test(value)) return false;
  if (type.includes('|'))
    return value.split('|').every((part) => part !== '') && value.split('|').length === 2;
  // MISP reads these types as two parts wherever the sign is.
  return type !== 'filename' && type !== 'regkey' && type !== 'mutex' ? true : !value.includes('|');
}

/** Returns the alternatives of a pattern that MISP has types for. Undefined if it has another part. */
function combined(written: string, version: '2.0' | '2.1'): readonly Looked[] | undefined {
  try {
    const found = ofObservation(parsePattern(written, { version, tolerant: true }).root);
    return found === undefined || found.length > MOST_COMBINED ? undefined : found;
  } catch {
    return undefined; // Stored before a rule for patterns existed.
  }
}

function ofObservation(node: Observation): readonly Looked[] | undefined {
  if (node.qualifiers.length > 0) return undefined;
  if (node.kind === 'observation') return ofComparison(node.comparison);
  return node.kind === 'OR' ? joined(node.operands.map(ofObservation)) : undefined;
}

function joined(parts: readonly (readonly Looked[] | undefined)[]): readonly Looked[] | undefined {
  const found: Looked[] = [];
  for (const part of parts) {
    if (part === undefined || found.length + part.length > MOST_COMBINED) return undefined;
    found.push(...part);
  }
  return found;
}

function ofComparison(comparison: Comparison): readonly Looked[] | undefined {
  if (comparison.kind === 'or') return joined(comparison.operands.map(ofComparison));
  if (comparison.kind !== 'and') {
    const found = factOf(comparison);
    return found === undefined ? undefined : joined(found.map(single));
  }
  return ofAnd(comparison.operands);
}

/** A path and a value that it must have. */
interface Fact {
  readonly path: string;
  readonly value: string;
}

/** Returns the values that a comparison accepts. Undefined for one other than equality with texts or numbers. */
function factOf(test: Comparison): readonly Fact[] | undefined {
  if (test.kind !== 'test' || test.negated || !['=', 'IN', 'ISSUBSET'].includes(test.operator))
    return undefined;
  return test.constants.map((constant) => factOfConstant(test, constant));
}

function factOfConstant(
  test: Extract<Test, { kind: 'test' }>,
  constant: (typeof test.constants)[number],
): Fact {
  const { property } = keyOfConstant(test, constant);
  const isHash = property.startsWith('hashes.');
  const value = String(constant.value);
  return {
    path: isHash ? `${test.path.type}:${property}` : printPath(test.path).replaceAll("'", ''),
    // Other values are as they are written: a registry key keeps its upper case.
    value: isHash ? value.toLowerCase() : value,
  };
}

/** Returns the attribute of a single value. Undefined for a path that MISP has no type for. */
function single({ path, value }: Fact): readonly Looked[] | undefined {
  const [, kind = '', algorithm = ''] = /^(file|x509-certificate):hashes\.(.+)$/.exec(path) ?? [];
  const table = kind === 'file' ? HASHES : CERTIFICATES;
  if (kind !== '') {
    const type = Object.hasOwn(table, algorithm) ? table[algorithm] : undefined;
    return type === undefined ? undefined : [made(type, value, [value])];
  }
  switch (path) {
    case 'file:name':
      return [made('filename', value)];
    case 'autonomous-system:number':
      return /^\d{1,10}$/.test(value) ? [made('AS', value)] : undefined;
    case 'mac-addr:value':
      return [made('mac-address', value.toLowerCase())];
    case 'mutex:name':
      return [made('mutex', value)];
    case 'windows-registry-key:key':
      return [made('regkey', value)];
    case 'email-message:subject':
      return [made('email-subject', value)];
    case 'email-message:from_ref.value':
    case 'email-message:sender_ref.value':
      return [made('email-src', value, [value])];
    default: {
      const observed = /^(?:ipv[46]-addr|domain-name|url|email-addr):value$/.test(path) ? readObserved(value) : undefined; // prettier-ignore
      return observed === undefined ? undefined : [plain(observed)];
    }
  }
}

/** Returns an attribute that consists of some values. */
function made(type: AttributeType, value: string, parts: readonly string[] = []): Looked {
  const known = parts.flatMap((part) => readObserved(part) ?? []);
  return { type, value, lives: 'pattern', parts: known };
}

/** Returns the attributes of a combination: a file with its name, a domain with its address, an address with its port. */
function ofAnd(operands: readonly Comparison[]): readonly Looked[] | undefined {
  const groups = operands.map((operand) =>
    operand.kind === 'or' ? orFacts(operand.operands) : factOf(operand),
  );
  if (groups.some((group) => group === undefined)) return undefined;
  const facts = groups.flatMap((group) => group ?? []);
  const only = (path: string): string | undefined => {
    const found = facts.filter((fact) => fact.path === path);
    return found.length === 1 ? found[0]?.value : undefined;
  };
  const name = only('file:name');
  if (name !== undefined && facts.length > 1) return named(name, facts.filter(({ path }) => path !== 'file:name'), groups.length); // prettier-ignore
  const domain = only('domain-name:value');
  const address = only('domain-name:resolves_to_refs[*].value');
  if (domain !== undefined && address !== undefined && facts.length === 2)
    return parseNetwork(address) === undefined
      ? undefined
      : [made('domain|ip', `${domain.toLowerCase()}|${address.toLowerCase()}`, [domain, address])];
  return endpoint(facts, only);
}

function orFacts(operands: readonly Comparison[]): readonly Fact[] | undefined {
  const found = operands.map(factOf);
  return found.some((one) => one === undefined) ? undefined : found.flatMap((one) => one ?? []);
}

/** A file name and one digest, or alternatives of digests. Several that must all match are more than MISP can say. */
function named(name: string, others: readonly Fact[], groups: number): readonly Looked[] | undefined {
  if (groups !== 2) return undefined;
  return joined(
    others.map(({ path, value }) => {
      const algorithm = path.startsWith('file:hashes.') ? path.slice('file:hashes.'.length) : '';
      const digest = Object.hasOwn(HASHES, algorithm) ? HASHES[algorithm] : undefined;
      const type = digest === undefined ? undefined : NAMED[digest];
      return type === undefined ? undefined : [made(type, `${name}|${value}`, [value])];
    }),
  );
}

function endpoint(
  facts: readonly Fact[],
  only: (path: string) => string | undefined,
): readonly Looked[] | undefined {
  for (const side of ['dst', 'src'] as const) {
    const address = only(`network-traffic:${side}_ref.value`);
    const port = only(`network-traffic:${side}_port`);
    const kind = only(`network-traffic:${side}_ref.type`);
    if (address === undefined || parseNetwork(address) === undefined) continue;
    const counted = [address, port, kind].filter((one) => one !== undefined).length;
    if (counted !== facts.length) return undefined;
    const lower = address.toLowerCase();
    return port === undefined
      ? [made(`ip-${side}`, lower, [address])]
      : [made(`ip-${side}|port`, `${lower}|${port}`, [address])];
  }
  return undefined;
}
