import { BlockList, SocketAddress, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Categories of addresses outside the public internet, with the ranges of the IANA special-purpose registries. */
const SPECIAL: readonly (readonly [kind: string, range: string])[] = [
  ['unspecified', '0.0.0.0/8'],
  ['unspecified', '::/128'],
  ['loopback', '127.0.0.0/8'],
  ['loopback', '::1/128'],
  ['private', '10.0.0.0/8'],
  ['private', '172.16.0.0/12'],
  ['private', '192.168.0.0/16'],
  ['private', 'fc00::/7'],
  ['cgnat', '100.64.0.0/10'],
  ['linklocal', '169.254.0.0/16'],
  ['linklocal', 'fe80::/10'],
  // Site-local addresses: deprecated (RFC 3879), but still routed inside old networks.
  ['private', 'fec0::/10'],
  ['benchmark', '198.18.0.0/15'],
  ['benchmark', '2001:2::/48'],
  ['documentation', '192.0.2.0/24'],
  ['documentation', '198.51.100.0/24'],
  ['documentation', '203.0.113.0/24'],
  ['documentation', '2001:db8::/32'],
  ['documentation', '3fff::/20'],
  ['multicast', '224.0.0.0/4'],
  ['multicast', 'ff00::/8'],
  ['reserved', '192.0.0.0/24'],
  ['reserved', '240.0.0.0/4'],
  // The anycast address of 6to4 relays (RFC 7526).
  ['reserved', '192.88.99.0/24'],
  // Forms that contain an IPv4 address: compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052, RFC 8215).
  // Through a translator on the path they could reach any internal IPv4 address.
  ['reserved', '::/96'],
  ['reserved', '::ffff:0:0:0/96'],
  ['reserved', '64:ff9b::/96'],
  ['reserved', '64:ff9b:1::/48'],
  ['reserved', '100::/64'],
  ['reserved', '100:0:0:1::/64'],
  // Segment identifiers of SRv6 (RFC 9602).
  ['reserved', '5f00::/16'],
  ['reserved', '2001::/23'],
  ['reserved', '2002::/16'],
];

/**
 * Addresses at which clouds give a machine its credentials. Some of them are public. Those in a private block
 * are listed here as well, so that allowing an internal name never allows them.
 */
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
]);

const lists = new Map<string, BlockList>();
for (const [kind, range] of SPECIAL) {
  const [base = '', bits = ''] = range.split('/');
  const list = lists.get(kind) ?? new BlockList();
  list.addSubnet(base, Number(bits), isIP(base) === 4 ? 'ipv4' : 'ipv6');
  lists.set(kind, list);
}

/** The IPv4 ranges among them as numbers: the first and the last address of each. */
const SPECIAL_V4: readonly (readonly [first: number, last: number])[] = SPECIAL.flatMap(([, range]) => {
  const [base = '', bits = ''] = range.split('/');
  const first = plainNumber(base);
  return first === undefined ? [] : [[first, first + 2 ** (32 - Number(bits)) - 1] as const];
});

/**
 * Returns the category of a special address (`private`, `loopback`, `documentation`, …). Undefined for a public
 * address. A mapped address (IPv4 inside IPv6) counts as the IPv4 address.
 */
export function specialKind(address: string): string | undefined {
  // Nearly all addresses of feeds are public IPv4 addresses, and the lists take a hundred times as long.
  const number = plainNumber(address);
  if (number !== undefined && SPECIAL_V4.every(([first, last]) => number < first || number > last))
    return undefined;
  const family = isIP(address);
  if (family === 0) return 'reserved';
  // A zone names an interface of this machine.
  if (address.includes('%')) return 'linklocal';
  const plain = family === 6 ? unmapped(address) : address;
  const kind = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  // The benchmark and documentation blocks lie inside wider reserved ones, so reserved ranges are checked last.
  // `check` would read a text again for each list.
  const read = new SocketAddress({ address: plain, family: kind });
  for (const [name, list] of lists) if (list.check(read)) return name;
  return undefined;
}

/** True for a host that is this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || specialKind(host) === 'loopback';
}

/** True for an address at which a cloud gives a machine its credentials. */
export function isMetadata(address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const plain = unmapped(address);
  return METADATA.has(isIP(plain) === 6 ? canonicalV6(plain) : plain);
}

/**
 * Returns an address as the library reads it. The library would take the compatible form `::192.0.2.1` for
 * the mapped form.
 */
function parsed(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const tail = address.includes(':') ? /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) : null;
  if (tail === null) return ipaddr.parse(address);
  const [, head = '', a, b, c, d] = tail;
  const high = Number(a) * 256 + Number(b);
  const low = Number(c) * 256 + Number(d);
  return ipaddr.parse(`${head}${high.toString(16)}:${low.toString(16)}`);
}

/** Returns the IPv4 address of a mapped IPv6 address (`::ffff:192.0.2.1`). Any other text stays unchanged. */
export function unmapped(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  const known = parsed(address);
  if (known instanceof ipaddr.IPv6 && known.isIPv4MappedAddress()) return known.toIPv4Address().toString();
  return address;
}

/** Returns an IPv4 address unchanged. For an IPv6 address it returns the /64, which is one customer. */
export function networkOf(address: string): string {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? `${(addressNumber(plain) >> 64n).toString(16)}/64` : plain;
}

/** Returns an IPv6 address in the format of RFC 5952. The caller has checked it with `net.isIP`. */
export function canonicalV6(address: string): string {
  return (parsed(address) as ipaddr.IPv6).toRFC5952String();
}

/** Returns the bytes of an address as one integer. */
export function addressNumber(address: string): bigint {
  const plain = plainNumber(address);
  if (plain !== undefined) return BigInt(plain);
  let out = 0n;
  for (const byte of parsed(address).toByteArray()) out = (out << 8n) | BigInt(byte);
  return out;
}

/** Returns the address of `value` in the family with `bits` bits. Inverse of `addressNumber`. */
export function addressOf(value: bigint, bits: 32 | 128): string {
  if (bits === 32) {
    const number = Number(value);
    return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
  }
  const bytes: number[] = [];
  for (let shift = 120n; shift >= 0n; shift -= 8n) bytes.push(Number((value >> shift) & 0xffn));
  return new ipaddr.IPv6(bytes).toRFC5952String();
}

/**
 * A network in canonical form. Host bits are cleared, and `cleared` is true if any were set. A network of mapped
 * addresses (`::ffff:192.0.2.0/120`) becomes the IPv4 network.
 */
export interface Network {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly prefix: number;
  readonly cleared: boolean;
}

/** The characters of networks. Most texts, such as URLs and domains, contain others. */
const NETWORK_LETTERS = /^[\da-f:./]+$/i;

/** Reads a network. Undefined when `text` is not a network. */
export function parseNetwork(text: string): Network | undefined {
  const plain = plainNumber(text);
  if (plain !== undefined) return { family: 4, base: BigInt(plain), prefix: 32, cleared: false };
  if (!NETWORK_LETTERS.test(text)) return undefined;
  const [base = '', prefixText, extra] = text.split('/');
  const family = isIP(base);
  if (family === 0 || extra !== undefined || base.includes('%')) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  const value = addressNumber(base);
  const shift = BigInt(bits - prefix);
  const masked = (value >> shift) << shift;
  const cleared = masked !== value;
  if (family === 6 && prefix >= 96 && masked >> 32n === 0xffffn)
    return { family: 4, base: masked & 0xffff_ffffn, prefix: prefix - 96, cleared };
  return { family: family === 4 ? 4 : 6, base: masked, prefix, cleared };
}

/** Returns the number of an IPv4 address. Undefined for any other text, which is a rare case. */
function plainNumber(text: string): number | undefined {
  if (text.length > 15) return undefined;
  let number = 0;
  let byte = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      // Some programs read a number that begins with 0 as octal.
      if (byte === 0) return undefined;
      byte = byte < 0 ? digit : byte * 10 + digit;
      if (byte > 255) return undefined;
    } else if (digit === -2 && byte >= 0 && dots < 3) {
      number = number * 256 + byte;
      byte = -1;
      dots++;
    } else return undefined;
  }
  return dots === 3 && byte >= 0 ? number * 256 + byte : undefined;
}

/**
 * Returns the family in which an address or network is written. Undefined for any other text. STIX gives the mapped
 * address `::ffff:192.0.2.1` the type ipv6-addr, although the hub treats it as the IPv4 address.
 */
export function writtenFamily(text: string): 4 | 6 | undefined {
  if (parseNetwork(text) === undefined) return undefined;
  return isIP(text.split('/', 1)[0] ?? '') === 4 ? 4 : 6;
}

/** Returns a network as an address (full length) or in CIDR notation. */
export function networkText(network: Network): string {
  const bits = network.family === 4 ? 32 : 128;
  const base = addressOf(network.base, bits);
  return network.prefix === bits ? base : `${base}/${network.prefix}`;
}

let special: readonly (readonly [kind: string, network: Network])[] | undefined;

function specialRanges(): NonNullable<typeof special> {
  special ??= SPECIAL.flatMap(([kind, range]) => {
    const read = parseNetwork(range);
    return read === undefined ? [] : [[kind, read] as const];
  });
  return special;
}

/** Returns all special ranges, for code that compares many addresses with them. */
export function specialNetworks(): readonly Network[] {
  return specialRanges().map(([, network]) => network);
}

/**
 * Returns the categories of special addresses in a network: that of the network itself, and those of special ranges
 * inside it. `192.128.0.0/9` does not begin at a special address, but it contains `192.168.0.0/16`.
 */
export function specialKindsIn(network: Network): ReadonlySet<string> {
  const bits = network.family === 4 ? 32 : 128;
  const found = new Set<string>();
  const own = specialKind(addressOf(network.base, bits));
  if (own !== undefined) found.add(own);
  const shift = BigInt(bits - network.prefix);
  for (const [kind, { family, base, prefix }] of specialRanges()) {
    const isInside = family === network.family && prefix > network.prefix;
    if (isInside && base >> shift === network.base >> shift) found.add(kind);
  }
  return found;
}

/** True when the address is in the network. A mapped address counts as the IPv4 address. */
export function contains({ family, base, prefix }: Network, address: string): boolean {
  const plain = unmapped(address);
  if (isIP(plain) !== family) return false;
  const shift = BigInt((family === 4 ? 32 : 128) - prefix);
  return addressNumber(plain) >> shift === base >> shift;
}

/**
 * Returns the address of the client behind trusted proxies: the rightmost address in `X-Forwarded-For` that is not a
 * trusted proxy. The client can forge everything left of it.
 */
export function clientAddress(
  remote: string,
  forwardedFor: string | undefined,
  trusted: readonly Network[],
): string {
  const isTrusted = (address: string): boolean => trusted.some((network) => contains(network, address));
  let client = unmapped(remote);
  if (forwardedFor === undefined || !isTrusted(client)) return client;
  for (const hop of forwardedFor.split(',').toReversed()) {
    // Some proxies add the port of the client.
    const address = hop.trim().replace(/^(?:\[(.*)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/, '$1$2');
    if (isIP(address) === 0) return client;
    client = unmapped(address);
    if (!isTrusted(client)) return client;
  }
  return client;
}
