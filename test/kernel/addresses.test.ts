// Addresses: which are special, what a network contains, and which client is behind proxies.
import { describe, expect, test } from '@jest/globals';
import {
  addressNumber,
  addressOf,
  canonicalV6,
  clientAddress,
  contains,
  isMetadata,
  networkOf,
  networkText,
  parseNetwork,
  specialKind,
  specialKindsIn,
  unmapped,
  writtenFamily,
  type Network,
} from '../../src/kernel/address.ts';

const network = (text: string): Network => {
  const found = parseNetwork(text);
  if (found === undefined) throw new Error(text);
  return found;
};

describe('special addresses', () => {
  /** The first and the last address of each range, and their neighbours outside (IANA registries). */
  test.each<[string, readonly string[], readonly string[]]>([
    ['unspecified', ['0.0.0.0', '0.255.255.255', '::'], ['1.0.0.0']],
    ['loopback', ['127.0.0.0', '127.255.255.255', '::1', '::ffff:127.0.0.1'], ['126.255.255.255', '128.0.0.0']],
    ['private', ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255', 'fc00::', 'fdff::1', 'fec0::1', '::ffff:10.0.0.1'], ['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0']],
    ['cgnat', ['100.64.0.0', '100.127.255.255'], ['100.63.255.255', '100.128.0.0']],
    ['linklocal', ['169.254.0.0', '169.254.255.255', 'fe80::', 'febf::1', 'fe80::1%eth0'], ['169.253.255.255', '169.255.0.0']],
    ['benchmark', ['198.18.0.0', '198.19.255.255', '2001:2::1'], ['198.17.255.255', '198.20.0.0']],
    ['documentation', ['192.0.2.0', '192.0.2.255', '198.51.100.7', '203.0.113.7', '2001:db8::', '2001:db8:ffff::', '3fff::', '3fff:fff::'], ['192.0.1.255', '192.0.3.0', '198.51.101.0', '203.0.114.0', '2001:db9::']],
    ['multicast', ['224.0.0.0', '239.255.255.255', 'ff00::', 'ff02::1'], ['223.255.255.255']],
    ['reserved', ['192.0.0.0', '192.0.0.255', '240.0.0.0', '255.255.255.255', '192.88.99.1', '::192.0.2.1', '64:ff9b::1', '64:ff9b:1::1', '100::1', '5f00::1', '2001::1', '2001:1ff::1', '2002::1', 'no address'], ['192.88.98.255', '192.88.100.0', '2001:200::1', '2003::1']],
  ])('%s', (kind, inside, outside) => {
    for (const address of inside) expect([address, specialKind(address)]).toEqual([address, kind]);
    for (const address of outside) expect([address, specialKind(address)]).toEqual([address, undefined]);
  }); // prettier-ignore

  test.each([
    ['169.254.169.254', true],
    ['::ffff:169.254.169.254', true],
    ['168.63.129.16', true],
    ['100.100.100.200', true],
    ['fd00:ec2::254', true],
    ['FD00:0EC2:0::254', true],
    ['fd20:ce::254', true],
    ['169.254.169.253', false],
    ['fd00:ec2::255', false],
    ['fd00:ec2::254%eth0', false],
    ['metadata', false],
  ])('%s gives a machine its credentials: %s', (address, expected) => {
    expect(isMetadata(address)).toBe(expected);
  });

  test.each([
    ['9.9.9.0/24', []],
    ['192.128.0.0/9', ['private']],
    ['192.0.0.0/8', ['reserved', 'documentation', 'private']],
    ['10.1.0.0/16', ['private']],
    ['198.0.0.0/8', ['benchmark', 'documentation']],
    ['2a00::/16', []],
    ['2001:db8:1::/48', ['documentation']],
    [
      '0.0.0.0/0',
      [
        'unspecified',
        'loopback',
        'private',
        'cgnat',
        'linklocal',
        'benchmark',
        'documentation',
        'multicast',
        'reserved',
      ],
    ],
  ])('%s holds %j', (text, kinds) => {
    expect([...specialKindsIn(network(text))].toSorted()).toEqual(kinds.toSorted());
  });
});

describe('networks', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1', false],
    ['192.0.2.1/32', '192.0.2.1', false],
    ['192.0.2.1/24', '192.0.2.0/24', true],
    ['192.0.2.0/24', '192.0.2.0/24', false],
    ['255.255.255.255/0', '0.0.0.0/0', true],
    ['2001:DB8::1/32', '2001:db8::/32', true],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1', false],
    ['::ffff:192.0.2.1', '192.0.2.1', false],
    ['::ffff:192.0.2.1/120', '192.0.2.0/24', true],
    ['::ffff:0:0/95', '::fffe:0:0/95', true],
    ['::/0', '::/0', false],
    ['::192.0.2.1', '::c000:201', false],
  ])('%s is %s', (text, written, cleared) => {
    expect([networkText(network(text)), network(text).cleared]).toEqual([written, cleared]);
    expect(networkText(network(written))).toBe(written);
  });

  test.each(['', 'a', '192.0.2', '192.0.2.1.', '.192.0.2.1', '192.0.2.256', '192.0.2.01', '1e1.0.0.1', '192.0.2.1/33', '192.0.2.1/-1', '192.0.2.1/08', '192.0.2.1/', '192.0.2.1/24/24', '2001:db8::/129', '2001:db8::/1000', '2001:db8', 'fe80::1%eth0', ' 192.0.2.1', '192.0.2.1 '])(
    '%j is not one',
    (text) => {
      expect([parseNetwork(text), writtenFamily(text)]).toEqual([undefined, undefined]);
    },
  ); // prettier-ignore

  test('contain addresses of their family, mapped ones as well', () => {
    const own = network('192.0.2.0/25');
    expect(['192.0.2.0', '192.0.2.127', '::ffff:192.0.2.1'].every((address) => contains(own, address))).toBe(true); // prettier-ignore
    expect(['192.0.2.128', '192.0.1.255', '::c000:201', 'a', ''].some((address) => contains(own, address))).toBe(false); // prettier-ignore
    expect([contains(network('::/0'), '192.0.2.1'), contains(network('2001:db8::/32'), '2001:db8:ffff::')]).toEqual([false, true]); // prettier-ignore
  });

  test('have the family in which they are written', () => {
    expect(['192.0.2.0/24', '::ffff:192.0.2.1', '2001:db8::/32'].map(writtenFamily)).toEqual([4, 6, 6]);
  });

  test('and addresses convert to numbers and back', () => {
    for (const [address, value] of [
      ['0.0.0.0', 0n],
      ['255.255.255.255', 0xffff_ffffn],
      ['192.0.2.1', 0xc000_0201n],
    ] as const)
      // prettier-ignore
      expect([addressNumber(address), addressOf(value, 32)]).toEqual([value, address]);
    for (const [address, value] of [
      ['::', 0n],
      ['::1', 1n],
      ['2001:db8::', 0x2001_0db8n << 96n],
      ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', (1n << 128n) - 1n],
    ] as const)
      // prettier-ignore
      expect([addressNumber(address), addressOf(value, 128)]).toEqual([value, address]);
    expect(['2001:0DB8:0:0:1:0:0:1', '::192.0.2.1', '0:0:0:0:0:ffff:c000:201'].map(canonicalV6)).toEqual(['2001:db8::1:0:0:1', '::c000:201', '::ffff:c000:201']); // prettier-ignore
    expect(['::ffff:192.0.2.1', '::ffff:c000:201', '::192.0.2.1', 'a', '::ffff:1.2.3.4%eth0'].map(unmapped)).toEqual(['192.0.2.1', '192.0.2.1', '::192.0.2.1', 'a', '::ffff:1.2.3.4%eth0']); // prettier-ignore
  });

  test('the network of one customer is an IPv4 address or an IPv6 /64', () => {
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8::ffff:1'));
    expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'));
  });
});

describe('the client behind proxies', () => {
  const PROXIES = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'].map(network);
  test.each([
    ['a client without a proxy', '192.0.2.1', undefined, '192.0.2.1'],
    ['a client that forges the header', '192.0.2.1', '9.9.9.9', '192.0.2.1'],
    ['a trusted proxy without the header', '127.0.0.1', undefined, '127.0.0.1'],
    ['a trusted proxy', '127.0.0.1', '9.9.9.9', '9.9.9.9'],
    ['a mapped address of a trusted proxy', '::ffff:127.0.0.1', '9.9.9.9', '9.9.9.9'],
    ['two trusted proxies', '127.0.0.1', '9.9.9.9, 10.0.0.5', '9.9.9.9'],
    ['a forged address in front', '127.0.0.1', '1.1.1.1, 9.9.9.9, 10.0.0.5', '9.9.9.9'],
    ['an address with a port', '127.0.0.1', '9.9.9.9:4711', '9.9.9.9'],
    ['an IPv6 address with a port', '127.0.0.1', '[2a00::1]:4711', '2a00::1'],
    ['an IPv6 address in brackets', '127.0.0.1', '[2a00::1]', '2a00::1'],
    ['a mapped client', '127.0.0.1', '::ffff:9.9.9.9', '9.9.9.9'],
    ['proxies only', '127.0.0.1', '10.0.0.5, 10.0.0.6', '10.0.0.5'],
    ['a text that is not an address', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['such a text in front of a proxy', '127.0.0.1', '9.9.9.9, unknown, 10.0.0.5', '10.0.0.5'],
    ['an empty header', '127.0.0.1', '', '127.0.0.1'],
  ])('%s', (_, remote, forwarded, client) => {
    expect(clientAddress(remote, forwarded, PROXIES)).toBe(client);
    expect(clientAddress(remote, forwarded, [])).toBe(unmapped(remote));
  });
});
