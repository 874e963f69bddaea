import { hash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { addressOf, parseNetwork } from '../../kernel/address.ts';
import { urlOf } from '../../kernel/url.ts';
import { hashFault } from '../hashes.ts';
import type { Comparison, Observation, Test } from '../pattern/ast.ts';
import { keyOfConstant } from '../pattern/keys.ts';
import { parsePattern } from '../pattern/parser.ts';
import { printPattern } from '../pattern/print.ts';
import { text, type StixObject } from '../types.ts';
import { refang } from './refang.ts';

/** The types of values that lists contain. `ipv4` and `ipv6` stand for addresses and networks. */
export const VALUE_TYPES = [
  'ipv4',
  'ipv6',
  'domain',
  'url',
  'email',
  'md5',
  'sha1',
  'sha256',
  'sha512',
  'certificate',
  'pattern',
] as const;
export type ValueType = (typeof VALUE_TYPES)[number];

/**
 * A value that an indicator looks for, in the format in which equal values have equal texts and texts sort by meaning:
 * addresses by their number, domains by their labels from the last to the first, and all other values by their letters.
 */
export interface ObservedValue {
  readonly type: ValueType;
  readonly value: string;
}

/** Returns a text that identifies a value. */
export function valueKey({ type, value }: { readonly type: string; readonly value: string }): string {
  return `${type} ${value}`;
}

/** Maximum number of values of one indicator. One with more is kept as a pattern. */
const MOST_VALUES = 1_000;
/** Longer values fit into no list and into no index. */
const LONGEST = 1_500;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** The types of observables whose addresses can be listed. */
const ADDRESS_PATHS: ReadonlySet<string> = new Set(['ipv4-addr', 'ipv6-addr', 'network-traffic']);
const HASH_TYPES: Readonly<Record<string, ValueType>> = {
  'hashes.MD5': 'md5',
  'hashes.SHA-1': 'sha1',
  'hashes.SHA-256': 'sha256',
  'hashes.SHA-512': 'sha512',
};

/**
 * Returns the values of an indicator: each of them alone makes its pattern match. A pattern that needs several values
 * at once, a time, or a comparison other than equality has none of them. It is one value of the type `pattern` instead,
 * the SHA-256 of its canonical form. Objects other than indicators have no values.
 */
export function observedValues(object: StixObject): readonly ObservedValue[] {
  if (object['type'] !== 'indicator') return [];
  const written = text(object, 'pattern') ?? '';
  const language = text(object, 'pattern_type') ?? 'stix';
  if (language !== 'stix') return [compound(`${language}\n${written.trim()}`)];
  const plain = plainValue(written);
  if (plain !== undefined) return [plain];
  try {
    const version = object['pattern_version'] === '2.0' ? '2.0' : '2.1';
    const pattern = parsePattern(written, { version, tolerant: true });
    const values = alternatives(pattern.root);
    return values === undefined ? [compound(`stix\n${printPattern(pattern)}`)] : distinct(values);
  } catch {
    return [compound(`stix\n${written.trim()}`)]; // Stored before a rule for patterns existed.
  }
}

/** Most patterns compare one value, so these are read without the parser, which takes ten times as long. */
const PLAIN_PATTERN =
  /^\[(ipv4-addr|ipv6-addr|domain-name|url):value = '([\x20-\x26\x28-\x5b\x5d-\x7e]{1,2000})'\]$/;

function plainValue(pattern: string): ObservedValue | undefined {
  const [, type = '', value = ''] = PLAIN_PATTERN.exec(pattern) ?? [];
  return type === '' ? undefined : normal(type, 'value', value, false);
}

const HASH_LENGTHS: Readonly<Record<number, ValueType>> = {
  32: 'md5',
  40: 'sha1',
  64: 'sha256',
  128: 'sha512',
};

/**
 * Returns the value that a person or a program wrote, defanged or not, in its canonical form. Its format determines its
 * type. Undefined for any text other than an address, network, domain, URL, email address or hash. Unlike values that are
 * published, it can be one that nobody should block.
 */
export function readObserved(written: string): ObservedValue | undefined {
  const plain = refang(written.trim());
  if (plain === '' || plain.length > LONGEST) return undefined;
  const network = networkValue(plain);
  if (network !== undefined) return network;
  const hashType = HASH_LENGTHS[plain.length];
  if (hashType !== undefined && /^[0-9a-f]+$/i.test(plain))
    return { type: hashType, value: plain.toLowerCase() };
  if (plain.includes('://')) return named('url', plainUrl(plain));
  if (plain.includes('@')) return named('email', plainEmail(plain));
  return named('domain', reversedDomain(plainDomain(plain)));
}

function compound(normalForm: string): ObservedValue {
  return { type: 'pattern', value: hash('sha256', normalForm) };
}

function distinct(values: readonly ObservedValue[]): readonly ObservedValue[] {
  return [...new Map(values.map((one) => [`${one.type} ${one.value}`, one])).values()];
}

/** Returns the values of a pattern of alternatives. Undefined for any other pattern. */
function alternatives(node: Observation): readonly ObservedValue[] | undefined {
  if (node.qualifiers.length > 0) return undefined;
  if (node.kind === 'observation') return ofComparison(node.comparison);
  return node.kind === 'OR' ? joined(node.operands.map(alternatives)) : undefined;
}

function ofComparison(comparison: Comparison): readonly ObservedValue[] | undefined {
  if (comparison.kind === 'or') return joined(comparison.operands.map(ofComparison));
  return comparison.kind === 'test' ? ofTest(comparison) : undefined;
}

function joined(
  parts: readonly (readonly ObservedValue[] | undefined)[],
): readonly ObservedValue[] | undefined {
  const found: ObservedValue[] = [];
  for (const part of parts) {
    if (part === undefined || found.length + part.length > MOST_VALUES) return undefined;
    found.push(...part);
  }
  return found;
}

function ofTest(test: Extract<Test, { kind: 'test' }>): readonly ObservedValue[] | undefined {
  const { operator, negated, constants } = test;
  if (negated || !['=', 'IN', 'ISSUBSET'].includes(operator) || constants.length > MOST_VALUES)
    return undefined;
  const values: ObservedValue[] = [];
  for (const constant of constants) {
    if (constant.kind !== 'string') return undefined;
    const { type, property, value } = keyOfConstant(test, constant);
    // The address to which a domain resolves is not the value that the pattern looks for.
    if (type === 'network' && !ADDRESS_PATHS.has(test.path.type)) return undefined;
    const read = normal(type, property, value, operator === 'ISSUBSET');
    if (read === undefined) return undefined;
    values.push(read);
  }
  return values;
}

/** Returns a value in its canonical form. Undefined for a value that does not match its type. */
function normal(type: string, property: string, value: string, isSubset: boolean): ObservedValue | undefined {
  if (value.length > LONGEST) return undefined;
  if (isSubset || type === 'ipv4-addr' || type === 'ipv6-addr' || type === 'network')
    return property === 'value' && ['ipv4-addr', 'ipv6-addr', 'network'].includes(type)
      ? networkValue(value)
      : undefined;
  if (property.startsWith('hashes.')) return ofHash(type, property, value);
  if (property !== 'value') return undefined;
  switch (type) {
    case 'domain-name':
      return named('domain', reversedDomain(plainDomain(value)));
    case 'url':
      return named('url', plainUrl(value));
    case 'email-addr':
      return named('email', plainEmail(value));
    default:
      return undefined;
  }
}

function named(type: ValueType, value: string | undefined): ObservedValue | undefined {
  return value === undefined ? undefined : { type, value };
}

function ofHash(type: string, property: string, value: string): ObservedValue | undefined {
  const known = HASH_TYPES[property];
  if (known === undefined || hashFault(property.slice('hashes.'.length), value) !== undefined)
    return undefined;
  if (type === 'file') return { type: known, value: value.toLowerCase() };
  return type === 'x509-certificate' && known === 'sha1'
    ? { type: 'certificate', value: value.toLowerCase() }
    : undefined;
}

/** Returns an address or network as a value: its number in hexadecimal digits, and the length of its prefix. */
function networkValue(written: string): ObservedValue | undefined {
  const network = parseNetwork(written);
  if (network === undefined) return undefined;
  const { family, base, prefix } = network;
  const digits = base.toString(16).padStart(family === 4 ? 8 : 32, '0');
  return { type: family === 4 ? 'ipv4' : 'ipv6', value: `${digits}/${String(prefix).padStart(3, '0')}` };
}

/** Returns a domain name in lower case, with A-labels and without a final dot. Undefined for any other text. */
function plainDomain(written: string): string | undefined {
  const lower = written.toLowerCase().replace(/\.$/, '');
  // eslint-disable-next-line no-control-regex
  const name = /^[\u0000-\u007f]*$/.test(lower) ? lower : domainToASCII(lower);
  const labels = name.split('.');
  if (name.length > 253 || labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : name;
}

/** Returns the labels in reverse order, each followed by a dot. Names below a domain then begin with the domain. */
function reversedDomain(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${name.split('.').toReversed().join('.')}.`;
}

/** Returns a web address in its canonical form (WHATWG URL), without a fragment and without a password. */
function plainUrl(written: string): string | undefined {
  const url = urlOf(written);
  if (url === undefined || !['http:', 'https:', 'ftp:'].includes(url.protocol)) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (parseNetwork(host) === undefined && plainDomain(host) === undefined) return undefined;
  url.hash = '';
  return url.username === '' && url.password === '' && url.href.length <= LONGEST ? url.href : undefined;
}

/** Returns an email address with its domain in canonical form. Undefined for any other text. */
function plainEmail(written: string): string | undefined {
  const at = written.lastIndexOf('@');
  const domain = plainDomain(written.slice(at + 1));
  const local = written.slice(0, Math.max(0, at));
  return domain !== undefined && /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/.test(local)
    ? `${local}@${domain}`
    : undefined;
}

/** An address or network. */
export interface Range {
  readonly base: bigint;
  readonly prefix: number;
}

/** Returns the range of a value of the types `ipv4` and `ipv6`. */
export function rangeOf(value: string): Range {
  const [digits = '0', prefix = '0'] = value.split('/');
  return { base: BigInt(`0x${digits}`), prefix: Number(prefix) };
}

/** Returns a value as people and tools write it. */
export function readableObserved({ type, value }: ObservedValue): string {
  if (type === 'domain') return value.split('.').toReversed().slice(1).join('.');
  if (type !== 'ipv4' && type !== 'ipv6') return value;
  return rangeText(type, rangeOf(value));
}

/** Returns an address, or a network in CIDR notation. */
export function rangeText(type: 'ipv4' | 'ipv6', { base, prefix }: Range): string {
  const bits = type === 'ipv4' ? 32 : 128;
  const address = addressOf(base, bits);
  return prefix === bits ? address : `${address}/${prefix}`;
}
