import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Authenticator } from '../../src/access/authenticate.ts';
import type { Directory } from '../../src/access/directory.ts';
import { GUARD_TALLIES, Guard } from '../../src/access/guard.ts';
import { Sealer } from '../../src/access/sealing.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import { clientAddress, contains, parseNetwork, type Network } from '../../src/kernel/address.ts';
import { Tallies } from '../../src/access/tallies.ts';
import { createLog } from '../../src/kernel/log.ts';
import type { HubRecord, Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

/** A guard that counts in memory only. */
const guardOf = (clock: TestClock): Guard =>
  new Guard(new Tallies({} as Store, clock, createLog('error', { write: () => undefined }), GUARD_TALLIES));

describe('the guard against guessing (security.md R-011)', () => {
  test('ten failures are free; then each waits twice as long, up to a quarter of an hour', () => {
    const guard = guardOf(new TestClock());
    const waits = Array.from({ length: 25 }, () => guard.failed('203.0.113.9', 'siem'));
    expect(waits.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(waits.slice(10, 16)).toEqual([1, 2, 4, 8, 16, 32]);
    expect(waits.at(-1)).toBe(900);
  });

  test('counts the account from everywhere, and the address whatever account is tried', () => {
    const guard = guardOf(new TestClock());
    for (let i = 0; i < 10; i++) guard.failed(`203.0.113.${i}`, 'siem');
    expect(guard.failed('203.0.113.99', 'siem')).toBe(1);
    for (let i = 0; i < 9; i++) guard.failed('198.51.100.1', `guess-${i}`);
    expect(guard.failed('198.51.100.1', 'guess-9')).toBe(0);
    expect(guard.failed('198.51.100.1', '')).toBe(1);
  });

  test('takes a /64 of IPv6 for one, mapped IPv4 for IPv4, and does not count the own machine', () => {
    const guard = guardOf(new TestClock());
    for (let i = 0; i < 10; i++) guard.failed(`2001:db8:1:2::${i + 1}`, '');
    expect(guard.failed('2001:db8:1:2:ffff::1', '')).toBe(1);
    expect(guard.failed('2001:db8:1:3::1', '')).toBe(0);
    for (let i = 0; i < 10; i++) guard.failed('::ffff:203.0.113.5', '');
    expect(guard.failed('203.0.113.5', '')).toBe(1);
    for (let i = 0; i < 50; i++) expect(guard.failed('127.0.0.1', 'siem')).toBe(0);
    expect(guard.failed('', 'siem')).toBe(0);
  });

  test('forgets after an hour', () => {
    const clock = new TestClock();
    const guard = guardOf(clock);
    for (let i = 0; i < 11; i++) guard.failed('203.0.113.9', '');
    clock.advance(3_600_001);
    expect(guard.failed('203.0.113.9', '')).toBe(0);
  });
});

test('a thousand polls with a password cost one hash; a wrong one and a changed account are looked at anew', async () => {
  const record = (kind: string, id: string, document: Record<string, unknown>): HubRecord => ({
    kind, id, revision: 1, document, index: {},
  }); // prettier-ignore
  const snapshotOf = (hash: string): Snapshot =>
    new Snapshot({
      'api-root': [], collection: [], grant: [], group: [], member: [], key: [], claim: [], rule: [], delegation: [], marking: [], feed: [],
      account: [record('account', 'siem', { role: 'machine', password_hash: hash })],
    }, 0); // prettier-ignore
  let snapshot = snapshotOf('first');
  let hashes = 0;
  const clock = new TestClock();
  const authenticator = new Authenticator(
    { current: () => Promise.resolve(snapshot) } as unknown as Directory,
    clock,
    { used: () => undefined },
    guardOf(clock),
    (password, hash) => {
      hashes++;
      return Promise.resolve(`${password} of ${hash}` === 'right of first');
    },
  );
  const from = { address: '203.0.113.5', agent: '' };
  const poll = (password: string) =>
    authenticator.authenticate(`Basic ${Buffer.from(`siem:${password}`).toString('base64')}`, from);
  for (let i = 0; i < 1_000; i++) expect(await poll('right')).toMatchObject({ account: 'siem' });
  expect(hashes).toBe(1);
  await expect(poll('wrong')).rejects.toMatchObject({ kind: 'unauthenticated' });
  expect(hashes).toBe(2);
  clock.advance(60_001);
  await poll('right');
  expect(hashes).toBe(3);
  snapshot = snapshotOf('second');
  await expect(poll('right')).rejects.toMatchObject({ kind: 'unauthenticated' });
  for (let i = 0; i < 8; i++) await expect(poll('wrong')).rejects.toMatchObject({ kind: 'unauthenticated' });
  await expect(poll('wrong')).rejects.toMatchObject({
    kind: 'rate-limited',
    headers: { 'Retry-After': '1' },
  });
  // Whoever has the right one is never kept out.
  snapshot = snapshotOf('first');
  expect(await poll('right')).toMatchObject({ account: 'siem' });
});

describe('sealed secrets (R-090)', () => {
  const sealer = new Sealer(randomBytes(32));

  test('open again where they were sealed, and look different each time', () => {
    const sealed = sealer.seal('a secret: ü', 'secret/feed');
    expect(sealed).not.toContain('secret');
    expect(sealer.seal('a secret: ü', 'secret/feed')).not.toBe(sealed);
    expect(sealer.open(sealed, 'secret/feed')).toBe('a secret: ü');
  });

  test('do not open elsewhere, damaged, or with another master key', () => {
    const sealed = sealer.seal('x', 'secret/feed');
    for (const [text, context] of [
      [sealed, 'secret/other'],
      [`${sealed.slice(0, -2)}AA`, 'secret/feed'],
      [sealed.slice(0, 20), 'secret/feed'],
      ['', 'secret/feed'],
      ['nonsense', 'secret/feed'],
    ] as const)
      expect(() => sealer.open(text, context)).toThrow('A sealed secret cannot be opened');
    expect(() => new Sealer(randomBytes(32)).open(sealed, 'secret/feed')).toThrow(
      expect.objectContaining({ description: 'It was sealed with another master key.' }),
    );
  });
});

describe('addresses of clients (R-018, R-065)', () => {
  const network = (text: string): Network => parseNetwork(text) as Network;

  test.each([
    ['198.51.100.0/24', '198.51.100.255', true],
    ['198.51.100.0/24', '198.51.101.0', false],
    ['198.51.100.0/24', '::ffff:198.51.100.7', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', 'nonsense', false],
  ])('%s holds %s: %s', (text, address, expected) => {
    expect(contains(network(text), address)).toBe(expected);
  });

  test('only trusted proxies say where a request comes from; what stands left of the first other hop is made up', () => {
    const trusted = [network('127.0.0.1'), network('10.0.0.0/8')];
    const of = (remote: string, header?: string): string => clientAddress(remote, header, trusted);
    expect(of('203.0.113.5', '192.0.2.1')).toBe('203.0.113.5');
    expect(of('127.0.0.1')).toBe('127.0.0.1');
    expect(of('::ffff:127.0.0.1', '192.0.2.1')).toBe('192.0.2.1');
    expect(of('127.0.0.1', '6.6.6.6, 192.0.2.1, 10.1.2.3')).toBe('192.0.2.1');
    expect(of('127.0.0.1', '10.9.9.9, 10.1.2.3')).toBe('10.9.9.9');
    expect(of('127.0.0.1', 'unknown')).toBe('127.0.0.1');
    expect(of('127.0.0.1', '6.6.6.6, nonsense')).toBe('127.0.0.1');
    expect(of('127.0.0.1', '[2001:db8::1]:443')).toBe('2001:db8::1');
    expect(clientAddress('127.0.0.1', '192.0.2.1', [])).toBe('127.0.0.1');
  });
});
