import { describe, expect, test } from '@jest/globals';
import { isIP } from 'node:net';
import { createHttpClient } from '../../src/kernel/http-client.ts';

/** Addresses that are not on the public internet or that lead back inside, each with the reason. */
const REFUSED: readonly (readonly [address: string, why: string])[] = [
  ['0.0.0.0', 'this host'],
  ['10.0.0.1', 'RFC 1918'],
  ['100.64.0.1', 'shared address space'],
  ['100.100.100.200', 'cloud metadata, in shared address space'],
  ['127.0.0.1', 'loopback'],
  ['168.63.129.16', 'cloud metadata, in public space'],
  ['169.254.169.254', 'cloud metadata of most providers'],
  ['172.31.255.255', 'RFC 1918'],
  ['192.0.0.192', 'protocol assignments, cloud metadata'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', 'anycast of 6to4 relays'],
  ['192.168.0.1', 'RFC 1918'],
  ['198.18.0.1', 'benchmarks'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::8.8.8.8', 'IPv4-compatible'],
  ['::7f00:1', 'IPv4-compatible loopback'],
  ['::ffff:10.0.0.1', 'IPv4-mapped RFC 1918'],
  ['::ffff:a83f:8110', 'IPv4-mapped cloud metadata'],
  ['::ffff:0:127.0.0.1', 'IPv4-translated loopback'],
  ['::ffff:0:808:808', 'IPv4-translated'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback'],
  ['64:ff9b::808:808', 'NAT64'],
  ['64:ff9b:1::a00:1', 'NAT64 for local use'],
  ['100::1', 'discard only'],
  ['100:0:0:1::1', 'dummy prefix'],
  ['2001::1', 'Teredo'],
  ['2001:2::1', 'benchmarks'],
  ['2001:10::1', 'ORCHID'],
  ['2001:20::1', 'ORCHID version 2'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['3fff::1', 'documentation'],
  ['5f00::1', 'segment identifiers'],
  ['fc00::1', 'unique local'],
  ['fd00:ec2::254', 'cloud metadata'],
  ['fd20:ce::254', 'cloud metadata'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'end of link-local'],
  ['fec0::1', 'site-local'],
  ['feff::1', 'end of site-local'],
  ['ff02::1', 'multicast'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['2606:4700::1%eth0', 'zone of this machine'],
];

const PUBLIC = ['8.8.8.8', '100.63.255.255', '168.63.129.15', '192.88.98.1', '::ffff:8.8.8.8', '2606:4700::1', '2a00::1', '2400:cb00::1']; // prettier-ignore

const client = (allow: string[], addresses: readonly string[] = []) =>
  createHttpClient({
    allow,
    userAgent: 'test',
    resolve: () => Promise.resolve(addresses.map((address) => ({ address, family: isIP(address) }))),
  });

describe('outgoing connections of the hub', () => {
  test.each(REFUSED)(
    '%s is refused (%s): as a literal, behind a name, and next to a public address',
    async (address) => {
      for (const attempt of [
        client([]).resolve(address, 443),
        client([], [address]).resolve('name.test', 443),
        client([], ['8.8.8.8', address]).resolve('name.test', 443),
        client([], [address]).fetch({ url: 'https://name.test/' }),
      ])
        await expect(attempt).rejects.toMatchObject({ code: 'TLN-E-001' });
    },
  );

  test.each(PUBLIC)('%s is public', async (address) => {
    await expect(client([], [address]).resolve('name.test', 443)).resolves.toEqual({ address, inner: false });
  });

  test.each([
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata',
    'instance-data.ec2.internal',
  ])('the name %s is refused whatever it resolves to', async (name) => {
    await expect(client([], ['8.8.8.8']).resolve(name, 80)).rejects.toMatchObject({ code: 'TLN-E-001' });
  });

  test('the operator can allow one host and port, in any notation', async () => {
    const opened: readonly (readonly [entry: string, host: string])[] = [
      ['10.0.0.1:8443', '10.0.0.1'],
      ['[fd00:0:0::1]:8443', '[fd00::1]'],
      ['[fd00::1]:8443', 'fd00:0:0:0::1'],
      ['Inner.Test:8443', 'inner.test.'],
    ];
    for (const [entry, host] of opened) {
      const open = client([entry], ['10.0.0.1']);
      await expect(open.resolve(host, 8443)).resolves.toMatchObject({ inner: true });
      await expect(open.resolve(host, 8444)).rejects.toMatchObject({ code: 'TLN-E-001' });
    }
  });

  test('an allowed name does not open cloud metadata, but the address itself does', async () => {
    for (const address of ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254']) {
      await expect(client(['inner.test:80'], [address]).resolve('inner.test', 80)).rejects.toMatchObject({
        code: 'TLN-E-001',
      });
      const literal = isIP(address) === 6 ? `[${address}]` : address;
      await expect(client([`${literal}:80`]).resolve(address, 80)).resolves.toMatchObject({ inner: true });
    }
  });
});
