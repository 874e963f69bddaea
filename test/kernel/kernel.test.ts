import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressNumber, addressOf, parseNetwork, specialKind } from '../../src/kernel/address.ts';
import { canonical } from '../../src/kernel/canonical.ts';
import { createHttpClient } from '../../src/kernel/http-client.ts';
import { lineAndColumn, offsetOf } from '../../src/kernel/json-position.ts';
import { createLog } from '../../src/kernel/log.ts';
import { nearest } from '../../src/kernel/nearest.ts';
import { Constituency } from '../../src/members/constituency.ts';
import type { MemberInfo } from '../../src/access/snapshot.ts';
import { concernsOf } from '../../src/stix/observables.ts';
import { WorkLoop } from '../../src/kernel/work-loop.ts';
import { TestClock } from '../support/clock.ts';
import { anIndicator } from '../support/builders.ts';

describe('outgoing HTTP requests', () => {
  let server: Server;
  let port = 0;
  let seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(`${request.url ?? ''} ${request.headers.authorization ?? '-'}`);
      if (request.url === '/inward') response.writeHead(302, { Location: 'http://169.254.169.254/latest/' });
      else if (request.url === '/loop') response.writeHead(302, { Location: '/loop' });
      else if (request.url === '/elsewhere')
        response.writeHead(302, { Location: `http://other.test:${port}/target` });
      else if (request.url === '/file') response.writeHead(302, { Location: 'file:///etc/passwd' });
      else response.writeHead(200);
      response.end('body');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  const client = (allow: string[], names: Record<string, string> = {}) =>
    createHttpClient({
      allow,
      userAgent: 'test',
      resolve: (host) =>
        Promise.resolve(names[host] === undefined ? [] : [{ address: names[host], family: 4 }]),
    });

  test('internal addresses are refused by name, by number and through a name that resolves to one', async () => {
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '10.0.0.1',
      '169.254.169.254',
      '[64:ff9b::7f00:1]',
      'inner.test',
    ]) {
      await expect(
        client([], { 'inner.test': '192.168.1.1' }).fetch({ url: `http://${host}:${port}/` }),
      ).rejects.toMatchObject({ code: 'TLN-E-001' });
    }
    await expect(client([]).fetch({ url: 'ftp://example.com/' })).rejects.toMatchObject({
      code: 'TLN-E-001',
    });
  });

  test('an operator can allow one internal host and port, and no other', async () => {
    const response = await client([`127.0.0.1:${port}`]).fetch({ url: `http://127.0.0.1:${port}/` });
    expect(response.status).toBe(200);
    response.body.resume();
    await expect(
      client([`127.0.0.1:${port + 1}`]).fetch({ url: `http://127.0.0.1:${port}/` }),
    ).rejects.toMatchObject({ code: 'TLN-E-001' });
  });

  test('each hop of a redirect is checked again, and credentials stay with their origin', async () => {
    const open = client([`127.0.0.1:${port}`, `other.test:${port}`], { 'other.test': '127.0.0.1' });
    const fetch = (path: string) =>
      open.fetch({ url: `http://127.0.0.1:${port}${path}`, headers: { Authorization: 'Bearer secret' } });
    await expect(fetch('/inward')).rejects.toMatchObject({ code: 'TLN-E-001' });
    await expect(fetch('/file')).rejects.toMatchObject({ code: 'TLN-E-001' });
    await expect(fetch('/loop')).rejects.toMatchObject({ code: 'TLN-E-003' });
    seen = [];
    const response = await fetch('/elsewhere');
    response.body.resume();
    expect(seen).toEqual(['/elsewhere Bearer secret', '/target -']);
  });
});

describe('addresses', () => {
  test('special ranges are recognised by kind', () => {
    expect(
      [
        '8.8.8.8',
        '10.1.1.1',
        '192.0.2.1',
        '::ffff:192.168.0.1',
        '2001:db8::1',
        '2606:4700::1111',
        'fd00::1',
        '2002:7f00:1::',
      ].map(specialKind),
    ).toEqual([
      undefined,
      'private',
      'documentation',
      'private',
      'documentation',
      undefined,
      'private',
      'reserved',
    ]);
  });
  test('networks have a canonical form and convert to numbers and back', () => {
    expect(parseNetwork('198.51.100.7/24')).toMatchObject({ prefix: 24, cleared: true });
    for (const wrong of ['1.2.3/24', '1.2.3.4/33', '1.2.3.4/024', 'x', '1.2.3.4/24/1'])
      expect(parseNetwork(wrong)).toBeUndefined();
    // Mapped addresses are IPv4 addresses, so their networks are IPv4 networks.
    expect(parseNetwork('::ffff:198.51.100.7/120')).toEqual({ ...parseNetwork('198.51.100.7/24') });
    expect(parseNetwork('::/95')).toMatchObject({ family: 6, prefix: 95 });
    for (const address of ['0.0.0.0', '255.255.255.255', '198.51.100.7'])
      expect(addressOf(addressNumber(address), 32)).toBe(address);
    expect(addressOf(addressNumber('2001:db8::7'), 128)).toBe('2001:db8::7');
  });
});

describe('members that an object affects', () => {
  const member = (name: string, over: Partial<MemberInfo>): MemberInfo => ({
    name,
    title: name,
    active: true,
    identities: [],
    countries: [],
    asns: [],
    networks: [],
    domains: [],
    sectors: [],
    brands: [],
    parent: undefined,
    copies: false,
    clients: undefined,
    collection: name,
    ...over,
  });
  const constituency = new Constituency([
    member('telco', { networks: ['198.51.0.0/16'], countries: ['TO'] }),
    member('bank', { networks: ['198.51.100.8/29'], domains: ['reef-bank.example'] }),
    member('twin', { networks: ['198.51.100.8/29'] }),
    member('gone', { networks: ['198.51.100.9/32'], active: false }),
    member('six', { networks: ['2001:db8:10::/48'], asns: [64500], domains: ['gov.to'] }),
  ]);
  const whom = (pattern: string, labels: string[] = []) =>
    constituency.match(concernsOf(anIndicator({ pattern, labels }))).map((match) => match.member);

  test.each([
    ["[ipv4-addr:value = '198.51.100.9']", ['bank', 'twin']],
    ["[ipv4-addr:value = '198.51.100.16']", ['telco']],
    ["[ipv4-addr:value = '203.0.113.1']", []],
    ["[ipv4-addr:value ISSUBSET '198.51.100.0/24']", ['telco', 'bank', 'twin']],
    ["[ipv6-addr:value = '2001:db8:10::1']", ['six']],
    ["[url:value = 'http://login.reef-bank.example/x']", ['bank']],
    ["[url:value = 'http://198.51.100.10:8080/x']", ['bank', 'twin']],
    ["[domain-name:value = 'notreef-bank.example']", []],
    ["[email-addr:value = 'a@mail.gov.to']", ['six']],
    [
      "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.9' AND network-traffic:dst_port = 443]",
      ['bank', 'twin'],
    ],
    ["[ipv4-addr:value NOT = '198.51.100.9']", []],
    ['[autonomous-system:number = 64500]', ['six']],
  ])('%s', (pattern, members) => {
    expect(whom(pattern)).toEqual(members);
  });

  test('the country counts only if no more specific claim matches', () => {
    expect(whom("[ipv4-addr:value = '203.0.113.1']", ['country:TO'])).toEqual(['telco']);
    expect(whom("[domain-name:value = 'www.gov.to']", ['country:TO'])).toEqual(['six']);
  });
});

describe('small helpers', () => {
  test('canonical JSON (RFC 8785)', () => {
    expect(canonical({ b: [1.0, 1e21, 'é'], a: { '\u20ac': null, $: true } })).toBe(
      '{"a":{"$":true,"€":null},"b":[1,1e+21,"é"]}',
    );
    expect(canonical({ b: [JSON.parse('9e999'), -Infinity], a: NaN })).toBe('{"a":null,"b":[null,null]}');
  });
  test('positions of JSON pointers', () => {
    const text = '{\n "a": [1, {"x/y": "é,}"}],\n "b": 2 }';
    expect(text.slice(offsetOf(text, '/a/1/x~1y')).startsWith('"é')).toBe(true);
    expect(lineAndColumn(text, offsetOf(text, '/b'))).toEqual({ line: 3, column: 7 });
    expect(offsetOf(text, '/nothing')).toBe(0);
  });
  test('the nearest name is suggested, or none', () => {
    expect(nearest('colection', ['collections', 'members'])).toBe('collections');
    expect(nearest('zzzz', ['collections'])).toBeUndefined();
  });
  test('the log writes no field that is named like a secret', () => {
    const lines: string[] = [];
    createLog('info', { write: (line) => lines.push(line) }).info('event', {
      password: 'x',
      apiKey: 'x',
      token: 'x',
      Authorization: 'x',
      name: 'line\nbreak'.padEnd(400, '.'),
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'event',
      password: '[redacted]',
      apiKey: '[redacted]',
      token: '[redacted]',
      Authorization: '[redacted]',
    });
    expect(lines).toHaveLength(1);
    expect((lines[0] ?? '').length).toBeLessThan(600);
  });
});

describe('a work loop', () => {
  test('a request during the work starts it again at once, a failure does not end the loop, and stop waits for the work in progress', async () => {
    let runs = 0;
    const failures: unknown[] = [];
    const reached = (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => (runs >= count ? resolve() : void setImmediate(look));
        look();
      });
    const loop: WorkLoop = new WorkLoop(
      new TestClock(),
      1_000,
      async () => {
        runs++;
        if (runs === 1) loop.notify();
        if (runs === 2) throw new Error('once');
        await Promise.resolve();
      },
      (error) => failures.push(error),
    );
    loop.start();
    await reached(2);
    // No further notification: the loop waits for a clock that does not move.
    await new Promise((resolve) => setImmediate(resolve));
    expect([runs, failures.length]).toEqual([2, 1]);
    loop.notify();
    await reached(3);
    await loop.stop();
    expect(runs).toBe(3);
    expect(loop.signal.aborted).toBe(true);
  });

  test('a loop that begins with a pause works only after it, and stop ends the pause', async () => {
    const clock = new TestClock();
    let runs = 0;
    const loop = new WorkLoop(
      clock,
      1_000,
      async () => void runs++,
      () => undefined,
      'after a pause',
    );
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    loop.start();
    await turn();
    expect(runs).toBe(0);
    clock.advance(1_000);
    await turn();
    expect(runs).toBe(1);
    await loop.stop();
    expect(runs).toBe(1);
  });
});
