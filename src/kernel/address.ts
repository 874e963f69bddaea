import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Kinds of addresses that are not on the public internet, with the ranges of the IANA special-purpose registries. */
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
  ['reserved', '64:ff9b::/96'],
  ['reserved', '64:ff9b:1::/48'],
  ['reserved', '100::/64'],
  ['reserved', '2001::/23'],
  ['reserved', '2002::/16'],
];

const lists = new Map<string, BlockList>();
for (const [kind, range] of SPECIAL) {
  const [base = '', bits = ''] = range.split('/');
  const list = lists.get(kind) ?? new BlockList();
  list.addSubnet(base, Number(bits), isIP(base) === 4 ? 'ipv4' : 'ipv6');
  lists.set(kind, list);
}

/**
 * The kind of special address that `address` is (`private`, `loopback`, `documentation`, …), or undefined for one of
 * the public internet. IPv4 inside IPv6 (mapped) is judged as the IPv4 address.
 */
export function specialKind(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return 'reserved';
  const plain = family === 6 ? unmapped(address) : address;
  const kind = isIP(plain) === 4 ? 'ipv4' : 'ipv6';
  // The narrower benchmark and documentation blocks lie inside wider reserved ones, so reserved is asked last.
  for (const [name, list] of lists) if (list.check(plain, kind)) return name;
  return undefined;
}

/** An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) as the plain IPv4 address; anything else unchanged. */
export function unmapped(address: string): string {
  if (isIP(address) !== 6 || address.includes('%')) return address;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  return address;
}

/** An IPv6 address in the form of RFC 5952. The caller has checked it with `net.isIP`. */
export function canonicalV6(address: string): string {
  return (ipaddr.parse(address) as ipaddr.IPv6).toRFC5952String();
}

/** The bytes of an address as one integer. */
export function addressNumber(address: string): bigint {
  let out = 0n;
  for (const byte of ipaddr.parse(address).toByteArray()) out = (out << 8n) | BigInt(byte);
  return out;
}

/** The address of `value` in the family with `bits` bits. Inverse of `addressNumber`. */
export function addressOf(value: bigint, bits: 32 | 128): string {
  const bytes: number[] = [];
  for (let shift = BigInt(bits) - 8n; shift >= 0n; shift -= 8n) bytes.push(Number((value >> shift) & 0xffn));
  const parsed = ipaddr.fromByteArray(bytes);
  return parsed instanceof ipaddr.IPv6 ? parsed.toRFC5952String() : parsed.toString();
}

/** A network in canonical form, or undefined when `text` is none. Host bits are cleared; `cleared` says whether any were set. */
export interface Network {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly prefix: number;
  readonly cleared: boolean;
}

export function parseNetwork(text: string): Network | undefined {
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
  return { family: family === 4 ? 4 : 6, base: masked, prefix, cleared: masked !== value };
}

/** A network written as an address (full length) or in CIDR form. */
export function networkText(network: Network): string {
  const bits = network.family === 4 ? 32 : 128;
  const base = addressOf(network.base, bits);
  return network.prefix === bits ? base : `${base}/${network.prefix}`;
}

/** True when the address lies in the network. IPv4 inside IPv6 is judged as the IPv4 address. */
export function contains({ family, base, prefix }: Network, address: string): boolean {
  const plain = unmapped(address);
  if (isIP(plain) !== family) return false;
  const shift = BigInt((family === 4 ? 32 : 128) - prefix);
  return addressNumber(plain) >> shift === base >> shift;
}

/**
 * The address of the client behind trusted proxies: from the right of `X-Forwarded-For`, the first that is none of them
 * (security.md R-065). What stands left of it the client may have made up.
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
    const address = hop.trim().replace(/^\[(.*)\](?::\d+)?$/, '$1');
    if (isIP(address) === 0) return client;
    client = unmapped(address);
    if (!isTrusted(client)) return client;
  }
  return client;
}
