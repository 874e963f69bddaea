import { describe, expect, test } from '@jest/globals';
import { createServer, isIP, type AddressInfo } from 'node:net';
import { createHttpClient } from '../../src/kernel/http-client.ts';
import { Mailer, mailEntry } from '../../src/kernel/mailer.ts';
import { Problem } from '../../src/kernel/problem.ts';

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

/**
 * The IANA special-purpose address registries for IPv4 and IPv6, line by line, and whether the hub refuses the block.
 */
const IANA: readonly (readonly [block: string, last: string, name: string, isRefused: boolean])[] = [
  ['0.0.0.0/8', '0.255.255.255', 'This network', true],
  ['0.0.0.0/32', '0.0.0.0', 'This host on this network', true],
  ['10.0.0.0/8', '10.255.255.255', 'Private-Use', true],
  ['100.64.0.0/10', '100.127.255.255', 'Shared Address Space', true],
  ['127.0.0.0/8', '127.255.255.255', 'Loopback', true],
  ['169.254.0.0/16', '169.254.255.255', 'Link Local', true],
  ['172.16.0.0/12', '172.31.255.255', 'Private-Use', true],
  ['192.0.0.0/24', '192.0.0.255', 'IETF Protocol Assignments', true],
  ['192.0.0.0/29', '192.0.0.7', 'IPv4 Service Continuity Prefix', true],
  ['192.0.0.8/32', '192.0.0.8', 'IPv4 dummy address', true],
  ['192.0.0.9/32', '192.0.0.9', 'Port Control Protocol Anycast', true],
  ['192.0.0.10/32', '192.0.0.10', 'TURN Anycast', true],
  ['192.0.0.170/32', '192.0.0.170', 'NAT64/DNS64 Discovery', true],
  ['192.0.0.171/32', '192.0.0.171', 'NAT64/DNS64 Discovery', true],
  ['192.0.2.0/24', '192.0.2.255', 'Documentation (TEST-NET-1)', true],
  ['192.31.196.0/24', '192.31.196.255', 'AS112-v4', false],
  ['192.52.193.0/24', '192.52.193.255', 'AMT', false],
  ['192.88.99.0/24', '192.88.99.255', 'Deprecated (6to4 Relay Anycast)', true],
  ['192.88.99.2/32', '192.88.99.2', '6a44-relay anycast address', true],
  ['192.168.0.0/16', '192.168.255.255', 'Private-Use', true],
  ['192.175.48.0/24', '192.175.48.255', 'Direct Delegation AS112 Service', false],
  ['198.18.0.0/15', '198.19.255.255', 'Benchmarking', true],
  ['198.51.100.0/24', '198.51.100.255', 'Documentation (TEST-NET-2)', true],
  ['203.0.113.0/24', '203.0.113.255', 'Documentation (TEST-NET-3)', true],
  ['240.0.0.0/4', '255.255.255.254', 'Reserved', true],
  ['255.255.255.255/32', '255.255.255.255', 'Limited Broadcast', true],
  ['::1/128', '::1', 'Loopback Address', true],
  ['::/128', '::', 'Unspecified Address', true],
  ['::ffff:0.0.0.0/96', '::ffff:255.255.255.255', 'IPv4-mapped Address, judged as its IPv4 address', true],
  ['64:ff9b::/96', '64:ff9b::ffff:ffff', 'IPv4-IPv6 Translat.', true],
  ['64:ff9b:1::/48', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'IPv4-IPv6 Translat.', true],
  ['100::/64', '100::ffff:ffff:ffff:ffff', 'Discard-Only Address Block', true],
  ['100:0:0:1::/64', '100:0:0:1:ffff:ffff:ffff:ffff', 'Dummy IPv6 Prefix', true],
  ['2001::/23', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', 'IETF Protocol Assignments', true],
  ['2001::/32', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', 'TEREDO', true],
  ['2001:1::1/128', '2001:1::1', 'Port Control Protocol Anycast', true],
  ['2001:1::2/128', '2001:1::2', 'TURN Anycast', true],
  ['2001:1::3/128', '2001:1::3', 'DNS-SD Service Registration Protocol Anycast', true],
  ['2001:2::/48', '2001:2:0:ffff:ffff:ffff:ffff:ffff', 'Benchmarking', true],
  ['2001:3::/32', '2001:3:ffff:ffff:ffff:ffff:ffff:ffff', 'AMT', true],
  ['2001:4:112::/48', '2001:4:112:ffff:ffff:ffff:ffff:ffff', 'AS112-v6', true],
  ['2001:10::/28', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff', 'Deprecated (ORCHID)', true],
  ['2001:20::/28', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff', 'ORCHIDv2', true],
  ['2001:30::/28', '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff', 'Drone Remote ID', true],
  ['2001:db8::/32', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'Documentation', true],
  ['2002::/16', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '6to4', true],
  ['2620:4f:8000::/48', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', 'Direct Delegation AS112 Service', false],
  ['3fff::/20', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', 'Documentation', true],
  ['5f00::/16', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'Segment Routing (SRv6) SIDs', true],
  ['fc00::/7', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'Unique-Local', true],
  ['fe80::/10', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'Link-Local Unicast', true],
];

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

  test.each(IANA)('%s to %s (%s) is refused: %p', async (block, last, _name, isRefused) => {
    const [first = ''] = block.split('/');
    for (const address of [first, last]) {
      const attempt = client([], [address]).resolve('name.test', 443);
      if (isRefused) await expect(attempt).rejects.toMatchObject({ code: 'TLN-E-001' });
      else await expect(attempt).resolves.toMatchObject({ inner: false });
    }
  });

  test('an email does not wait forever for a resolver that never answers', async () => {
    const setting = { server: 'smtp://mail.test:25', from: 'hub@hub.example', user: undefined, password: undefined, insecure: true }; // prettier-ignore
    const silent = { resolve: () => new Promise<never>(() => undefined) };
    await expect(
      new Mailer(setting, silent, { resolveMs: 1 }).send({ to: ['a@b.example'], subject: 's', text: 't' }),
    ).rejects.toMatchObject({ code: 'TLN-E-026' });
  });

  test('a check of a mail server that sends another line again and again ends, and closes the connection', async () => {
    // Loading the library takes a part of the time of the first check.
    await import('nodemailer');
    for (const secure of [false, true]) {
      const closed: Promise<void>[] = [];
      const server = createServer((socket) => {
        closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
        socket.on('error', () => undefined).resume();
        // The answer to EHLO never ends (RFC 5321 §4.1.1.1). With smtps, even TLS does not begin.
        if (secure) return;
        socket.write('220 mail.test ESMTP\r\n');
        const lines = setInterval(() => socket.write('250-X\r\n'), 20);
        socket.once('close', () => clearInterval(lines));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
      const { port } = server.address() as AddressInfo;
      const setting = { server: `${secure ? 'smtps' : 'smtp'}://127.0.0.1:${port}`, from: 'hub@hub.example', user: undefined, password: undefined, insecure: !secure };
      const egress = { resolve: () => Promise.resolve({ address: '127.0.0.1', inner: true }) };
      await expect(new Mailer(setting, egress, { checkMs: 1_000 }).check()).rejects.toMatchObject({
        code: 'TLN-E-020',
        description: 'The mail server did not complete the sign-in within 1 s.',
      });
      expect(closed).toHaveLength(1);
      await Promise.all(closed);
      server.close();
    }
  }, 10_000); // prettier-ignore

  test('mail goes only to an address that the guard has checked, and never to cloud metadata', async () => {
    const setting = { from: 'hub@hub.example', user: undefined, password: undefined, insecure: true };
    const mail = { to: ['a@b.example'], subject: 's', text: 't' };
    // The operator names the server, so an internal address is allowed. Its name must not lead to cloud metadata.
    const server = 'smtp://mail.test:25';
    for (const address of ['169.254.169.254', '168.63.129.16', 'fd00:ec2::254']) {
      const mailer = new Mailer({ ...setting, server }, client([mailEntry(server)], [address]));
      await expect(mailer.send(mail)).rejects.toMatchObject({ code: 'TLN-E-001' });
    }
    const asked: string[] = [];
    const guard = {
      resolve: (host: string, port: number) => {
        asked.push(`${host} ${port}`);
        return Promise.reject(new Problem('peer', 'refused by the guard', { code: 'TLN-E-001' }));
      },
    };
    for (const one of ['smtp://mail.test', 'smtps://mail.test', 'smtp://[fd00::1]:2525'])
      await expect(new Mailer({ ...setting, server: one }, guard).send(mail)).rejects.toThrow(
        'refused by the guard',
      );
    expect(asked).toEqual(['mail.test 587', 'mail.test 465', 'fd00::1 2525']);
    await expect(client([mailEntry(server)], ['10.0.0.5']).resolve('mail.test', 25)).resolves.toMatchObject({
      inner: true,
    });
    await expect(client([mailEntry('smtp://[fd00::1]')]).resolve('fd00::1', 587)).resolves.toMatchObject({
      inner: true,
    });
  });

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

test('a name that is never resolved ends a request at its deadline, and when the caller ends it', async () => {
  const never = new Promise<never>(() => undefined);
  const client = createHttpClient({ allow: [], userAgent: 'test', resolve: () => never });
  const url = 'http://slow.example/';
  const ended = new AbortController();
  const results = Promise.allSettled([
    client.fetch({ url, timeoutMs: 1 }),
    client.fetch({ url, signal: ended.signal }),
  ]);
  ended.abort();
  const late = { status: 'rejected', reason: { kind: 'peer', code: 'TLN-E-002' } };
  expect(await results).toMatchObject([late, late]);
});
