import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { parse as parseDomain } from 'tldts';
import {
  addressNumber,
  addressOf,
  canonicalV6,
  networkText,
  parseNetwork,
  specialKind,
  specialKindsIn,
  unmapped,
} from '../../kernel/address.ts';
import { algorithmByLength } from '../hashes.ts';
import type { Observable } from '../pattern/build.ts';
import { refang } from './refang.ts';
import type { Mapping } from '../../config/schema-types.ts';

/** The types that a feed document can give a value. */
export type ValueType = NonNullable<Mapping['type']>;

/** Exceptions that a feed makes for special values. */
export interface ValueRules {
  readonly specialAddresses: ReadonlySet<string>;
  readonly specialDomains: ReadonlySet<string>;
  /** `first-last` is read as a range of addresses. */
  readonly range: boolean;
}

/** The reason why a value cannot become an indicator. The code is stable and appears in the quarantine. */
export class ValueFault extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ValueFault';
    this.code = code;
  }
}

/** A value in canonical form, with the labels that follow from its spelling. */
export interface CanonicalValue {
  readonly observable: Observable;
  readonly labels: readonly string[];
}

const plain = (observable: Observable): CanonicalValue => ({ observable, labels: [] });

/** Blanks and characters without a width at the ends of a value, which copied texts contain. */
const INVISIBLE_ENDS = /^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g;

/**
 * Returns the canonical form of a value of the given type. One value can stand for several networks. Throws a
 * ValueFault.
 */
export function readValue(raw: string, type: ValueType, rules: ValueRules): readonly CanonicalValue[] {
  const bare = raw
    .replaceAll(INVISIBLE_ENDS, '')
    .replace(/^<(.*)>$/, '$1')
    .replace(/^"(.*)"$/, '$1')
    .replace(/^'(.*)'$/, '$1');
  if (bare === '') throw new ValueFault('empty-value', 'the value is empty');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(bare))
    throw new ValueFault('control-character', 'the value contains a control character');
  const value = refang(bare);
  switch (type) {
    case 'ip':
    case 'cidr':
      return readAddress(value, rules);
    case 'domain':
      return [readDomain(value, rules)];
    case 'url':
      return [plain({ type: 'url', value: readUrl(value, rules) })];
    case 'email':
      return [readMail(value, rules)];
    case 'hash':
      return [plain({ type: 'file', hashes: readHash(value) })];
    case 'file':
      return [plain({ type: 'file', hashes: readHashes(value) })];
    case 'certificate':
      return [plain({ type: 'x509-certificate', hashes: readHash(value) })];
    case 'endpoint':
      return [readEndpoint(value, rules)];
    case 'asn':
      return [readAsn(value)];
    case 'mac':
      return [readMac(value)];
    case 'mutex':
      return [plain({ type: 'mutex', name: bare })];
    case 'regkey':
      return [plain({ type: 'windows-registry-key', key: bare.replace(/^\\+|\\+$/g, '') })];
    case 'auto':
      return readAny(value, rules);
  }
}

function readMac(value: string): CanonicalValue {
  const digits = value.replaceAll(/[:.-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(digits))
    throw new ValueFault('bad-mac', `"${value.slice(0, 40)}" is not a hardware address`);
  return plain({ type: 'mac-addr', value: digits.replaceAll(/..(?=.)/g, '$&:') });
}

function readAny(value: string, rules: ValueRules): readonly CanonicalValue[] {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return readValue(value, 'url', rules);
  if (/^(?:[\d.]+|\[[0-9a-f:]+\]):\d+$/i.test(value)) return [readEndpoint(value, rules)];
  if (/^ASN? ?\d{1,10}$/i.test(value)) return [readAsn(value)];
  if (
    /^[\d.]+(?:\/\d+|\/(?:255|0)(?:\.\d{1,3}){3}|\.\*)?$/.test(value) ||
    value.includes('::') ||
    /^\[[0-9a-f:.]+\]$/i.test(value) ||
    (/^[^/]+(?:\/\d{1,3})?$/.test(value) && isIP(value.split('/')[0] ?? '') !== 0)
  )
    return readAddress(value, rules);
  if (value.includes('@')) return [readMail(value, rules)];
  if (algorithmByLength(value) !== undefined || NAMED_HASH.test(value))
    return readValue(value, 'hash', rules);
  if (value.includes('/')) return [readSchemeless(value, rules)];
  return [readName(value, rules)];
}

/**
 * Reads a URL without a scheme, which is recognised only by its format. A path has no host, and the beginning of a path
 * with a file name is not a host.
 */
function readSchemeless(value: string, rules: ValueRules): CanonicalValue {
  const host = /^[^/?#]*/.exec(value)?.[0].replace(/:\d{1,5}$/, '') ?? '';
  if (host === '') throw new ValueFault('bad-url', `"${value.slice(0, 80)}" is a path without a host`);
  if (isIP(host.replace(/^\[|\]$/g, '')) === 0) readName(host, rules);
  return plain({ type: 'url', value: readUrl(`http://${value}`, rules) });
}

/**
 * Reads a domain name of which only the format is known. Its top-level domain must exist, because a file name such as
 * `setup.exe` has the same format. A port is left out: the name is the same on every port.
 */
function readName(value: string, rules: ValueRules): CanonicalValue {
  const read = readDomain(value.replace(/:\d{1,5}$/, ''), rules);
  const name = read.observable.type === 'domain-name' ? read.observable.value : '';
  if (!hasKnownSuffix(name) && !rules.specialDomains.has(name.slice(name.lastIndexOf('.') + 1)))
    throw new ValueFault('unknown-suffix', `"${value.slice(0, 80)}" does not end in a top-level domain`);
  return read;
}

function checkSpecial(address: string, rules: ValueRules): void {
  const kind = specialKind(address);
  if (kind !== undefined && !rules.specialAddresses.has(kind))
    throw new ValueFault(`special-address:${kind}`, `${address} is a ${kind} address`);
}

/**
 * The shortest prefixes that a feed may name. A wider network is a mistake of the source, or an attack on the readers.
 */
const WIDEST = { 4: 8, 6: 16 } as const;

function readAddress(written: string, rules: ValueRules): readonly CanonicalValue[] {
  if (rules.range && /[-\u2013]/.test(written)) return readRange(written, rules);
  const value = withPrefix(written);
  const [base = ''] = value.split('/');
  if (isIP(base) === 0)
    throw new ValueFault(
      /^[\d.]+$/.test(base) ? 'bad-ipv4' : base.includes(':') ? 'bad-ipv6' : 'bad-ip',
      `"${value.slice(0, 80)}" is not an address`,
    );
  if (base.includes('%'))
    throw new ValueFault('bad-ipv6', 'an address with a zone is valid on one machine only');
  if (!value.includes('/')) {
    const address = unmapped(base);
    checkSpecial(address, rules);
    return isIP(address) === 4
      ? [plain({ type: 'ipv4-addr', value: address })]
      : [plain({ type: 'ipv6-addr', value: canonicalV6(address) })];
  }
  const network = parseNetwork(value);
  if (network === undefined) throw new ValueFault('bad-cidr', `"${value.slice(0, 80)}" is not a network`);
  if (network.prefix < WIDEST[network.family])
    throw new ValueFault('prefix-too-wide', `/${network.prefix} is wider than a feed may block`);
  const text = networkText(network);
  if (!text.includes('/')) return readAddress(text, rules);
  for (const kind of specialKindsIn(network))
    if (!rules.specialAddresses.has(kind))
      throw new ValueFault(`special-address:${kind}`, `${text} holds ${kind} addresses`);
  return [plain({ type: 'network', family: network.family, value: text })];
}

/**
 * Returns an address or network with the length of its prefix, where a netmask or stars are written instead, and without
 * brackets around an address.
 */
function withPrefix(value: string): string {
  const star = /^((?:\d{1,3}\.){2,3})\*(?:\.\*)?$/.exec(value)?.[1];
  const fixed = star?.split('.').length ?? 0;
  if (star !== undefined && value.split('.').length === 4)
    return fixed === 4 ? `${star}0/24` : `${star}0.0/16`;
  const [base = '', mask = ''] = value.split('/');
  if (isIP(mask) !== 4) return value.replace(/^\[([^[\]]+)\]$/, '$1');
  // Routers have the bits of the hosts instead. The bits are without gaps.
  const host = mask.startsWith('0.') ? addressNumber(mask) : 0xffffffffn - addressNumber(mask);
  if ((host & (host + 1n)) !== 0n) throw new ValueFault('bad-cidr', `"${mask}" is not a netmask`);
  return `${base}/${32 - host.toString(2).replace(/^0$/, '').length}`;
}

/** Returns the smallest set of networks that covers `first-last`. */
function readRange(value: string, rules: ValueRules): readonly CanonicalValue[] {
  const [from = '', end = '', extra] = value.split(/[-\u2013]/).map((part) => part.trim());
  // `192.0.2.0-255` names only the last part of the last address.
  const to = isIP(from) === 4 && /^\d{1,3}$/.test(end) ? from.replace(/\d+$/, end) : end;
  const family = isIP(from);
  if (family === 0 || isIP(to) !== family || extra !== undefined)
    throw new ValueFault('bad-range', `"${value.slice(0, 80)}" is not a range of addresses`);
  const bits = family === 4 ? 32 : 128;
  let low = addressNumber(from);
  const high = addressNumber(to);
  if (high < low) throw new ValueFault('bad-range', 'a range begins with its lower address');
  const found: CanonicalValue[] = [];
  while (low <= high) {
    let size = 0;
    while (
      size < bits &&
      low % (1n << BigInt(size + 1)) === 0n &&
      low + (1n << BigInt(size + 1)) - 1n <= high
    )
      size++;
    found.push(...readAddress(`${addressOf(low, bits)}/${bits - size}`, { ...rules, range: false }));
    if (found.length > 256) throw new ValueFault('bad-range', 'a range gives more than 256 networks');
    low += 1n << BigInt(size);
  }
  return found;
}

const DOMAIN_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const SPECIAL_DOMAINS = new Set([
  'local',
  'internal',
  'invalid',
  'localhost',
  'arpa',
  'test',
  'example',
  'home',
  'lan',
]);

/** Returns a domain in canonical form: lower case, A-labels, no final dot. */
function canonicalDomain(value: string, rules: ValueRules): string {
  const lower = value.toLowerCase().replace(/\.$/, '');
  // eslint-disable-next-line no-control-regex
  const name = /^[\u0000-\u007f]*$/.test(lower) ? lower : domainToASCII(lower);
  const labels = name.split('.');
  if (name === '' || name.length > 253 || !labels.every((label) => DOMAIN_LABEL.test(label))) {
    throw new ValueFault('bad-domain', `"${value.slice(0, 80)}" is not a domain name`);
  }
  if (labels.length === 1) throw new ValueFault('single-label-domain', `"${name}" has one label only`);
  const top = labels.at(-1) ?? '';
  if (SPECIAL_DOMAINS.has(top) && !rules.specialDomains.has(top))
    throw new ValueFault('special-domain', `.${top} is not a top-level domain of the internet`);
  if (/^\d+$/.test(top)) throw new ValueFault('bad-domain', `"${value.slice(0, 80)}" is not a domain name`);
  if (isPublicSuffix(name))
    throw new ValueFault(
      'public-suffix',
      `${name} is a public suffix under which organisations register names`,
    );
  return name;
}

/** True for a domain under which organisations register names, such as `com.fj` and `github.io`. */
export function isPublicSuffix(name: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = parseDomain(name, {
    allowPrivateDomains: true,
    validateHostname: false,
  });
  return publicSuffix === name && (isIcann === true || isPrivate === true);
}

/** True for a domain name below a top-level domain that exists, or below `.onion`. */
export function hasKnownSuffix(name: string): boolean {
  return name.endsWith('.onion') || parseDomain(name, { validateHostname: false }).isIcann === true;
}

function readDomain(value: string, rules: ValueRules): CanonicalValue {
  if (isIP(value) !== 0) throw new ValueFault('ip-in-domain-column', `${value} is an address, not a domain`);
  const [wildcard = ''] = /^\*?\./.exec(value) ?? [];
  const name = canonicalDomain(value.slice(wildcard.length), rules);
  return { observable: { type: 'domain-name', value: name }, labels: wildcard === '' ? [] : ['wildcard'] };
}

const LONGEST_URL = 8_192;

function readUrl(value: string, rules: ValueRules): string {
  if (value.length > LONGEST_URL) throw new ValueFault('url-too-long', 'a URL is longer than 8 KiB');
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new ValueFault('bad-url', `"${value.slice(0, 80)}" is not a URL`);
  }
  if (!['http:', 'https:', 'ftp:'].includes(url.protocol))
    throw new ValueFault('url-scheme', `the scheme ${url.protocol} is not one of the web`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) checkSpecial(unmapped(host), rules);
  else canonicalDomain(host, rules);
  url.hash = '';
  return url.href;
}

function readMail(value: string, rules: ValueRules): CanonicalValue {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  if (at < 1 || /[\s<>"]/.test(local))
    throw new ValueFault('bad-email', `"${value.slice(0, 80)}" is not an email address`);
  return plain({ type: 'email-addr', value: `${local}@${canonicalDomain(value.slice(at + 1), rules)}` });
}

/** Hashes of the empty file. Many feeds contain them, but they match countless harmless files. */
const EMPTY_FILE = new Set([
  'd41d8cd98f00b204e9800998ecf8427e',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
]);

const NAMED_HASH = /^(MD5|SHA-?1|SHA-?256|SHA-?512|SHA3-(?:256|384|512)):\s*([0-9a-f]+)$/i;

/** Reads a hash. Its length determines the algorithm. Where the length is ambiguous, a prefix with a colon names it. */
function readHash(value: string): Record<string, string> {
  const [, named, digest = value] = NAMED_HASH.exec(value) ?? [];
  const lower = digest.toLowerCase();
  const algorithm = named === undefined ? algorithmByLength(lower) : namedHash(named, lower);
  if (algorithm === undefined)
    throw new ValueFault('bad-hash', `"${value.slice(0, 80)}" is not a hash of a known length`);
  if (EMPTY_FILE.has(lower)) throw new ValueFault('empty-file-hash', 'it is the hash of the empty file');
  if (/^0+$/.test(lower)) throw new ValueFault('bad-hash', 'the hash is all zeros');
  return { [algorithm]: lower };
}

const BITS: Readonly<Record<string, number>> = { MD5: 128, 'SHA-1': 160 };

function namedHash(named: string, digest: string): string | undefined {
  const algorithm = named.toUpperCase().replace(/^SHA-?(1|256|512)$/, 'SHA-$1');
  const bits = BITS[algorithm] ?? Number(algorithm.split('-')[1]);
  return digest.length === bits / 4 ? algorithm : undefined;
}

/** Reads several hashes of one file, in the order in which patterns list them. */
function readHashes(value: string): Record<string, string> {
  const found = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(readHash);
  if (found.length === 0) throw new ValueFault('empty-value', 'the row has no hash');
  const hashes = new Map(found.flatMap((one) => Object.entries(one)));
  return Object.fromEntries(
    ['MD5', 'SHA-1', 'SHA-256', 'SHA-512'].flatMap((name) => {
      const digest = hashes.get(name);
      return digest === undefined ? [] : [[name, digest]];
    }),
  );
}

function readEndpoint(value: string, rules: ValueRules): CanonicalValue {
  const colon = value.lastIndexOf(':');
  const host = value.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = value.slice(colon + 1);
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535)
    throw new ValueFault('bad-port', `"${value.slice(0, 80)}" has no port from 1 to 65535`);
  const [{ observable }] = readAddress(host, { ...rules, range: false }) as readonly [CanonicalValue];
  if (observable.type !== 'ipv4-addr' && observable.type !== 'ipv6-addr')
    throw new ValueFault('bad-ip', `"${host}" is not an address`);
  return plain({
    type: 'endpoint',
    family: observable.type === 'ipv4-addr' ? 4 : 6,
    value: observable.value,
    port: Number(port),
  });
}

function readAsn(value: string): CanonicalValue {
  const digits = /^(?:ASN?)? ?(\d{1,10})$/i.exec(value)?.[1];
  const number = Number(digits);
  if (
    digits === undefined ||
    number < 1 ||
    number > 4_294_967_294 ||
    number === 23_456 ||
    number === 65_535
  ) {
    throw new ValueFault('bad-asn', `"${value.slice(0, 40)}" is not an AS number`);
  }
  return plain({ type: 'autonomous-system', number });
}
