import { isIP } from 'node:net';
import { urlOf } from '../kernel/url.ts';
import { networkText, parseNetwork, type Network } from '../kernel/address.ts';
import { algorithmByLength } from './hashes.ts';
import { patternKeys, type ObservableKey } from './pattern/keys.ts';
import { parsePattern } from './pattern/parser.ts';
import { text, texts, type StixObject } from './types.ts';

/** Kinds of values by which objects are found. */
export type SearchKind = 'address' | 'asn' | 'domain' | 'hash' | 'mail' | 'name' | 'network' | 'url';

/** A value by which an object is found, in the sortable format of its kind. */
export interface SearchKey {
  readonly kind: SearchKind;
  readonly value: string;
}

/** Values of a kind in a range (without its end), or a single value. */
export interface SearchRange {
  readonly kind: SearchKind;
  readonly from: string;
  readonly to?: string;
}

/** A parsed search. */
export interface Search {
  /** Description in words: `domain evil.example and its subdomains`. */
  readonly meaning: string;
  readonly ranges: readonly SearchRange[];
}

/** Maximum size in bytes of a searchable value. A position that contains a longer value would not fit into a URL. */
const LONGEST = 2_000;
/** Maximum number of keys of one object. */
const MOST = 2_000;
/** Wider networks belong to nobody, and no list names them. */
const WIDEST = { v4: 8, v6: 16 } as const;
const DOMAIN = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}$/;

/** Returns the values by which an object is found: the values in its pattern, its own value, and its names. */
export function searchKeys(object: StixObject): readonly SearchKey[] {
  const found = new Map<string, SearchKey>();
  const add = (keys: readonly SearchKey[]): void => {
    for (const key of keys) if (found.size < MOST) found.set(`${key.kind} ${key.value}`, key);
  };
  const type = text(object, 'type') ?? '';
  for (const value of [
    text(object, 'name'),
    ...texts(object, 'aliases'),
    ...texts(object, 'x_mitre_aliases'),
  ])
    add(named(value));
  for (const reference of listOf(object['external_references'])) add(named(text(reference, 'external_id')));
  if (type === 'indicator' && object['pattern_type'] === 'stix') {
    for (const key of keysOfPattern(object)) add(keysOf(key));
  } else {
    const { value, number, hashes } = object;
    if (typeof value === 'string') add(keysOf({ type, property: 'value', value }));
    if (type === 'autonomous-system' && typeof number === 'number')
      add([{ kind: 'asn', value: String(number) }]);
    if (typeof hashes === 'object' && hashes !== null)
      for (const digest of Object.values(hashes))
        if (typeof digest === 'string') add([{ kind: 'hash', value: digest.toLowerCase() }]);
  }
  return [...found.values()].filter(({ value }) => value !== '' && Buffer.byteLength(value) <= LONGEST);
}

/**
 * Parses the text that a person types. It may be an address, a network (finds networks inside and around it),
 * `AS64500`, a hash, a URL, an email address or a domain (finds everything below it). Any other text is the beginning
 * of a name.
 */
export function readSearch(typed: string): Search {
  const query = typed.trim().replaceAll(/\s+/g, ' ');
  const network = networkIn(query);
  if (network !== undefined) return ofNetwork(query, network);
  const [, as] = /^as ?(\d{1,10})$/i.exec(query) ?? [];
  if (as !== undefined) return { meaning: `AS ${as}`, ranges: [{ kind: 'asn', from: String(Number(as)) }] };
  if (/^[0-9a-f]+$/i.test(query) && algorithmByLength(query.toLowerCase()) !== undefined)
    return { meaning: `hash ${query.toLowerCase()}`, ranges: [{ kind: 'hash', from: query.toLowerCase() }] };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(query))
    return { meaning: `URL ${query}`, ranges: [startOf('url', query)] };
  if (/^[^@\s]+@[^@\s]+$/.test(query))
    return { meaning: `mail address ${query}`, ranges: [{ kind: 'mail', from: query.toLowerCase() }] };
  const domain = query
    .toLowerCase()
    .replace(/^\*?\.|\.$/g, '')
    .replace(/\.$/, '');
  if (DOMAIN.test(domain))
    return {
      meaning: `domain ${domain} and its subdomains`,
      // A name may look like a domain, such as an identity called "reef.example".
      ranges: [startOf('domain', reversed(domain)), { kind: 'name', from: query.toLowerCase() }],
    };
  return { meaning: `name that begins with ${query}`, ranges: [startOf('name', query.toLowerCase())] };
}

function ofNetwork(query: string, network: Network): Search {
  const bits = network.family === 4 ? network.prefix + 96 : network.prefix;
  const base = mapped(network);
  const last = base | ((1n << BigInt(128 - bits)) - 1n);
  const widest = network.family === 4 ? 96 + WIDEST.v4 : WIDEST.v6;
  const holding = Array.from({ length: Math.max(0, bits - widest) }, (_, i): SearchRange => {
    const length = widest + i;
    const shift = BigInt(128 - length);
    return { kind: 'network', from: networkKey((base >> shift) << shift, length) };
  });
  if (bits === 128)
    return {
      meaning: `address ${query}, and networks that contain it`,
      ranges: [{ kind: 'address', from: hex(base) }, ...holding],
    };
  return {
    meaning: `network ${query}, addresses and networks within it, and networks that contain it`,
    ranges: [
      { kind: 'address', from: hex(base), to: `${hex(last)}~` },
      // Wider networks with the same first address are sorted before it.
      { kind: 'network', from: networkKey(base, bits), to: `${hex(last)}~` },
      ...holding,
    ],
  };
}

function startOf(kind: SearchKind, value: string): SearchRange {
  // No character in a value sorts after this one.
  return { kind, from: value, to: `${value}\u{10FFFF}` };
}

function keysOfPattern(object: StixObject): readonly ObservableKey[] {
  try {
    const version = object['pattern_version'] === '2.0' ? '2.0' : '2.1';
    return patternKeys(parsePattern(text(object, 'pattern') ?? '', { version, tolerant: true }));
  } catch {
    return []; // Stored before a rule for patterns existed.
  }
}

function keysOf({ type, property, value }: ObservableKey): readonly SearchKey[] {
  if (property.includes('hashes.')) return [{ kind: 'hash', value: value.toLowerCase() }];
  if (type === 'autonomous-system' && property === 'number') return [{ kind: 'asn', value }];
  if (property === 'name' || property.endsWith('_name')) return named(value);
  if (property !== 'value' && !property.endsWith('.value')) return [];
  const network = networkIn(value);
  if (network !== undefined) return [networkOrAddress(network)];
  switch (type) {
    case 'url':
      return [{ kind: 'url', value }, ...hostOf(value)];
    case 'email-addr':
      return [{ kind: 'mail', value: value.toLowerCase() }];
    default: {
      const domain = value.toLowerCase().replace(/\.$/, '');
      return DOMAIN.test(domain) ? [{ kind: 'domain', value: reversed(domain) }] : named(value);
    }
  }
}

function hostOf(url: string): readonly SearchKey[] {
  const host = urlOf(url)?.hostname.replace(/^\[|\]$/g, '');
  if (host === undefined) return [];
  const network = isIP(host) === 0 ? undefined : parseNetwork(host);
  if (network !== undefined) return [networkOrAddress(network)];
  return DOMAIN.test(host) ? [{ kind: 'domain', value: reversed(host) }] : [];
}

function named(value: string | undefined): readonly SearchKey[] {
  const plain = value?.trim().replaceAll(/\s+/g, ' ').toLowerCase() ?? '';
  return plain === '' ? [] : [{ kind: 'name', value: plain }];
}

/** Returns the labels in reverse order, each followed by a dot. Names below a domain then start with the domain. */
function reversed(domain: string): string {
  return `${domain.split('.').toReversed().join('.')}.`;
}

function networkIn(value: string): Network | undefined {
  return /^[0-9a-f.:]+(?:\/\d{1,3})?$/i.test(value) ? parseNetwork(value) : undefined;
}

function networkOrAddress(network: Network): SearchKey {
  const bits = network.family === 4 ? network.prefix + 96 : network.prefix;
  const base = mapped(network);
  return bits === 128
    ? { kind: 'address', value: hex(base) }
    : { kind: 'network', value: networkKey(base, bits) };
}

/** Puts both families into one order. IPv4 addresses are in `::ffff:0:0/96`. */
function mapped({ family, base }: Network): bigint {
  return family === 4 ? (0xffffn << 32n) | base : base;
}

function hex(value: bigint): string {
  return value.toString(16).padStart(32, '0');
}

function networkKey(base: bigint, bits: number): string {
  return `${hex(base)}/${String(bits).padStart(3, '0')}`;
}

function listOf(value: unknown): readonly StixObject[] {
  return Array.isArray(value)
    ? value.filter((item): item is StixObject => typeof item === 'object' && item !== null)
    : [];
}

/** Returns a value as people write it. */
export function readableValue({ kind, value }: { readonly kind: string; readonly value: string }): string {
  switch (kind) {
    case 'domain':
      return value.split('.').toReversed().slice(1).join('.');
    case 'address':
      return networkText(unmappedNetwork(BigInt(`0x${value}`), 128));
    case 'network': {
      const [base = '0', bits] = value.split('/');
      return networkText(unmappedNetwork(BigInt(`0x${base}`), Number(bits)));
    }
    case 'asn':
      return `AS${value}`;
    default:
      return value;
  }
}

function unmappedNetwork(base: bigint, bits: number): Network {
  return base >> 32n === 0xffffn && bits >= 96
    ? { family: 4, base: base & 0xffffffffn, prefix: bits - 96, cleared: false }
    : { family: 6, base, prefix: bits, cleared: false };
}
