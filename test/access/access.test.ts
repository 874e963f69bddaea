import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Authenticator } from '../../src/access/authenticate.ts';
import type { Directory } from '../../src/access/directory.ts';
import { HashQueue } from '../../src/access/accounts/hash-queue.ts';
import { COMMON_PASSWORDS } from '../../src/access/accounts/common-passwords.ts';
import { passwordFault } from '../../src/access/accounts/password-rules.ts';
import { DUMMY_HASH, hashPassword, isOldHash, OLD_DUMMY_HASH, verifyPassword } from '../../src/access/accounts/passwords.ts'; // prettier-ignore
import { rehash } from '../../src/access/accounts/rehash.ts';
import { Sealer } from '../../src/access/sealing.ts';
import { Snapshot, type AccountInfo } from '../../src/access/snapshot.ts';
import { clientAddress, contains, parseNetwork, type Network } from '../../src/kernel/address.ts';
import { Tallies } from '../../src/access/tallies.ts';
import {
  THROTTLE_DAY_TALLIES,
  THROTTLE_TALLIES,
  Throttle,
  type Way,
} from '../../src/access/sessions/throttle.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { createLog } from '../../src/kernel/log.ts';
import type { Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { oldHash } from '../support/old-hash.ts';
import { accessRecordsOf, aRecord } from '../support/records.ts';

const quiet = createLog('error', { write: () => undefined });

interface Failure {
  readonly account: string;
  readonly reason: string;
}

/** A throttle that counts only in memory. `home` lists the places that have signed in before, as `account address`. */
function throttleOf(
  clock: TestClock,
  home: readonly string[] = [],
  complete: readonly string[] = [],
): { throttle: Throttle; heard: Failure[]; guess: Guess } {
  const heard: Failure[] = [];
  const throttle = new Throttle(
    new Tallies({} as Store, clock, quiet, THROTTLE_TALLIES),
    new Tallies({} as Store, clock, quiet, THROTTLE_DAY_TALLIES),
    {
      knows: (account, { address }) =>
        Promise.resolve(
          home.includes(`${account} ${address}`)
            ? { id: address, isComplete: complete.includes(address) }
            : undefined,
        ),
    },
    { failed: ({ account }, reason) => heard.push({ account, reason }) },
    clock,
  );
  const guess: Guess = async (address, account, isRight = false, way = 'console') => {
    try {
      await throttle.check({ way, account, from: { address, agent: '' } }, async () => {
        await Promise.resolve();
        if (!isRight) throw new Problem('unauthenticated', 'wrong');
      });
      return 'in';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return error.kind === 'rate-limited' ? Number(error.headers['Retry-After']) : 'wrong';
    }
  };
  return { throttle, heard, guess };
}
type Guess = (
  address: string,
  account: string,
  isRight?: boolean,
  way?: Way,
) => Promise<'in' | 'wrong' | number>;

describe('the throttle of guesses', () => {
  test('after ten failures the wait doubles with every attempt, and the right password is also refused during the wait', async () => {
    const clock = new TestClock();
    const { guess } = throttleOf(clock);
    for (let i = 0; i < 10; i++) expect(await guess('203.0.113.9', 'siem')).toBe('wrong');
    for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      expect([await guess('203.0.113.9', 'siem', true), await guess('203.0.113.9', 'siem')]).toEqual([
        wait,
        wait,
      ]);
      clock.advance(wait * 1000);
      expect(await guess('203.0.113.9', 'siem')).toBe('wrong');
    }
    clock.advance(900_000);
    expect(await guess('203.0.113.9', 'siem', true)).toBe('in');
  });

  test('simultaneous guesses gain nothing: ten run, and the others are refused before any hash is computed', async () => {
    const { guess, heard } = throttleOf(new TestClock());
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => guess(`203.0.113.${i}`, 'siem')));
    expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(10);
    expect(heard.filter(({ reason }) => reason === 'throttled')).toHaveLength(50);
  });

  test('forty people of one office sign in at once from an address without failures', async () => {
    const { guess } = throttleOf(new TestClock());
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => guess('203.0.113.1', `person-${i}`, true)),
    );
    expect(new Set(answers)).toEqual(new Set(['in']));
  });

  test('attempts are counted per account from all addresses, and per address for all accounts', async () => {
    const { guess } = throttleOf(new TestClock());
    for (let i = 0; i < 10; i++) await guess(`203.0.113.${i}`, 'siem');
    expect(await guess('203.0.113.99', 'siem')).toBe(1);
    for (let i = 0; i < 10; i++) await guess('198.51.100.1', `guess-${i}`);
    expect(await guess('198.51.100.1', 'guess-11', true)).toBe(1);
    expect(await guess('198.51.100.2', 'guess-11', true)).toBe('in');
  });

  test('an IPv6 /64 counts as one address, a /48 has its own limit, and mapped IPv4 counts as IPv4', async () => {
    const { guess } = throttleOf(new TestClock());
    for (let i = 0; i < 10; i++) await guess(`2001:db8:1:2::${i + 1}`, `a${i}`);
    expect(await guess('2001:db8:1:2:ffff::1', 'a')).toBe(1);
    for (let i = 0; i < 40; i++)
      expect(await guess(`2001:db8:1:${(i + 16).toString(16)}::1`, `b${i}`)).toBe('wrong');
    expect(await guess('2001:db8:1:ffff::1', 'b', true)).toBe(1);
    expect(await guess('2001:db8:2::1', 'b', true)).toBe('in');
    for (let i = 0; i < 10; i++) await guess('::ffff:203.0.113.5', `c${i}`);
    expect(await guess('203.0.113.5', 'c')).toBe(1);
  });

  test("guesses from the hub's own machine, as behind an untrusted proxy, are counted by account", async () => {
    const { guess } = throttleOf(new TestClock());
    for (let i = 0; i < 10; i++) await guess('127.0.0.1', 'siem');
    expect(await guess('127.0.0.1', 'siem')).toBe(1);
    expect(await guess('127.0.0.1', 'other', true)).toBe('in');
  });

  test('a place that has signed in before is throttled only by its own guesses', async () => {
    const { guess } = throttleOf(new TestClock(), ['siem 203.0.113.1']);
    for (let i = 0; i < 40; i++) await guess(`198.51.100.${i}`, 'siem');
    expect(await guess('198.51.100.99', 'siem', true)).toBe(1);
    for (let i = 0; i < 9; i++) expect(await guess('203.0.113.1', 'siem')).toBe('wrong');
    expect(await guess('203.0.113.1', 'siem', true)).toBe('in');
    for (let i = 0; i < 10; i++) expect(await guess('203.0.113.1', 'siem')).toBe('wrong');
    expect(await guess('203.0.113.1', 'siem', true)).toBe(1);
  });

  test('an account accepts two hundred guesses per day, however slow they are and from however many addresses', async () => {
    const clock = new TestClock();
    const { guess } = throttleOf(clock);
    let guesses = 0;
    clock.advance(86_400_000 - (clock.now() % 86_400_000));
    for (let minute = 0; minute < 1_430; minute++) {
      for (let i = 0; i < 20; i++)
        if ((await guess(`10.${minute % 200}.${i}.1`, 'siem')) === 'wrong') guesses++;
      clock.advance(60_000);
    }
    expect(guesses).toBeGreaterThan(90);
    expect(guesses).toBeLessThanOrEqual(200);
  });

  test('an account accepts two hundred wrong codes per day, however many places count as known, and the owner keeps a share', async () => {
    const clock = new TestClock();
    // Somebody who can read the mailbox of a person makes a new device known with each reset of the password.
    const places = Array.from({ length: 50 }, (_, i) => `203.0.113.${i}`);
    // The owner has completed sign-ins from these places.
    const own = Array.from({ length: 20 }, (_, i) => `198.51.100.${i}`);
    const { guess } = throttleOf(
      clock,
      [...places, ...own].map((place) => `siem ${place}`),
      own,
    );
    let guesses = 0;
    for (const place of places)
      for (let i = 0; i < 10; i++) if ((await guess(place, 'siem', false, 'code')) === 'wrong') guesses++;
    expect(guesses).toBe(200);
    expect(await guess(places[40] ?? '', 'siem', true)).toBe('in');
    expect(await guess(places[40] ?? '', 'siem', true, 'code')).toBeGreaterThan(0);
    expect(await guess(own[0] ?? '', 'siem', true, 'code')).toBe('in');
    guesses = 0;
    for (const place of own)
      for (let i = 0; i < 10; i++) if ((await guess(place, 'siem', false, 'code')) === 'wrong') guesses++;
    expect(guesses).toBe(100);
    clock.advance(86_400_000);
    expect(await guess(places[0] ?? '', 'siem', true, 'code')).toBe('in');
  });

  test('failures are forgotten after an hour', async () => {
    const clock = new TestClock();
    const { guess } = throttleOf(clock);
    for (let i = 0; i < 10; i++) await guess('203.0.113.9', 'siem');
    clock.advance(3_600_001);
    expect(await guess('203.0.113.9', 'siem')).toBe('wrong');
  });
});

describe('passwords', () => {
  const HASHERS = [['Argon2id', hashPassword], ['the scrypt of earlier versions', oldHash]] as const; // prettier-ignore

  test.each(HASHERS)('%s: a password followed by NUL is a different password', async (_scheme, hasher) => {
    const hash = await hasher('correct horse battery');
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterY', hash)).toBe(false);
    expect(await verifyPassword('correct horse battery\0', hash)).toBe(false);
    expect(await verifyPassword('correct horse battery\0\0', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  test('new hashes, and the one that is checked for unknown accounts, have the scheme and the cost of Argon2id', async () => {
    const scheme = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
    expect(await hashPassword('correct horse battery')).toMatch(scheme);
    expect(DUMMY_HASH).toMatch(scheme);
    expect(await verifyPassword('correct horse battery', DUMMY_HASH)).toBe(false);
    expect([DUMMY_HASH, OLD_DUMMY_HASH, '$argon2id$v=19$m=19456,t=1,p=1$AA$AA'].map(isOldHash)).toEqual([false, true, true]); // prettier-ignore
    expect(await verifyPassword('x', 'x')).toBe(false);
  });

  test('a hash of an old scheme is replaced only if the account still exists and still has this hash', async () => {
    const before = oldHash('correct horse battery');
    const written: unknown[] = [];
    const replace = (document: Record<string, unknown>, conflict = false): Promise<string | undefined> =>
      rehash(
        {
          record: () =>
            Promise.resolve({
              kind: 'account',
              id: 'moana',
              revision: 3,
              document: { role: 'officer', ...document },
              index: {},
            }),
          commit: ({ records = [] }: { records?: readonly unknown[] }) => {
            if (conflict) return Promise.reject(new Problem('conflict', 'changed'));
            written.push(...records);
            return Promise.resolve();
          },
        } as unknown as Store,
        { refresh: () => Promise.resolve({} as Snapshot) },
        quiet,
        { id: 'acc-1', name: 'moana', passwordHash: before } as AccountInfo,
        'correct horse battery',
      );
    expect(await replace({ uid: 'acc-2', password_hash: before })).toBeUndefined();
    expect(await replace({ uid: 'acc-1', password_hash: 'another' })).toBeUndefined();
    expect(await replace({ uid: 'acc-1', password_hash: before }, true)).toBeUndefined();
    expect(written).toEqual([]);
    const after = await replace({ uid: 'acc-1', password_hash: before, epoch: 2 });
    expect(written).toEqual([
      {
        kind: 'account',
        id: 'moana',
        expected: 3,
        document: { role: 'officer', uid: 'acc-1', password_hash: after, epoch: 2 },
        index: {},
      },
    ]);
    expect(await verifyPassword('correct horse battery', after ?? '')).toBe(true);
  });

  test.each(HASHERS)(
    '%s: the same letters in another Unicode normalisation form are the same password; lone surrogates are never accepted',
    async (_scheme, hasher) => {
      const hash = await hasher('Caf\u00e9 ma\u00f1ana \ufffd');
      expect(await verifyPassword('Cafe\u0301 man\u0303ana \ufffd', hash)).toBe(true);
      expect(await verifyPassword('Caf\u00e9 ma\u00f1ana \ud800', hash)).toBe(false);
    },
  );
});

describe('new passwords', () => {
  const context = ['moana', 'tonga', 'CERT Tonga', 'Pacific Hub'];

  test.each([
    'short', '123456789012', 'aaaaaaaaaaaa', 'abcdefghijkl', 'passwordpassword', 'Password12345!', 'qwertyuiop1234', 'P@ssw0rd2026!!',
    'Moana-2026-2026', 'talanoa-talanoa', 'tongatonga99', 'pacific.hub.2026', 'certtonga2026!', 'dragonmonkey42', 'good one but\0',
  ])('%j is refused', (password) => {
    expect(passwordFault(password, context)).toMatchObject({ title: expect.any(String) });
  }); // prettier-ignore

  test.each([
    'seven green turtles swim',
    'nine blue parrots sing',
    'vTq8-uuB2-9kLm',
    'le bateau de mon oncle',
  ])('%j is accepted', (password) => {
    expect(passwordFault(password, context)).toBeUndefined();
  });

  test('the list has 3,000 entries', () => {
    expect(COMMON_PASSWORDS.size).toBe(3_000);
  });
});

describe('the queue of hashes', () => {
  /** Tasks that end when the test releases them. */
  function works(): {
    run: (name: string) => () => Promise<void>;
    running: Set<string>;
    end: (name: string) => void;
  } {
    const ends = new Map<string, () => void>();
    const running = new Set<string>();
    return {
      running,
      run: (name) => () => {
        running.add(name);
        return new Promise((resolve) => ends.set(name, resolve));
      },
      end: (name) => {
        running.delete(name);
        ends.get(name)?.();
      },
    };
  }
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('two hashes run at once, and known places go first', async () => {
    const queue = new HashQueue();
    const { run, running, end } = works();
    const all = ['n1', 'n2', 'n3'].map((name) => queue.run(run(name), 'new', name));
    await settled();
    expect([...running]).toEqual(['n1', 'n2']);
    all.push(queue.run(run('k1'), 'known'), queue.run(run('k2'), 'known'));
    await settled();
    expect([...running]).toEqual(['n1', 'n2']);
    end('n1');
    await settled();
    expect([...running]).toEqual(['n2', 'k1']);
    end('n2');
    await settled();
    expect([...running]).toEqual(['k1', 'k2']);
    for (const name of ['k1', 'k2', 'n3']) {
      end(name);
      await settled();
    }
    await Promise.all(all);
  });

  test('a network that fills the queue makes room for others and is then refused', async () => {
    const queue = new HashQueue();
    const { run, end } = works();
    const flood = Array.from({ length: 110 }, (_, i) => queue.run(run(`f${i}`), 'new', 'flood').then(() => 'done', () => 'refused')); // prettier-ignore
    const other = queue.run(run('other'), 'new', 'other').then(() => 'done');
    for (let i = 0; i < 102; i++) {
      await settled();
      end(`f${i}`);
    }
    await settled();
    end('other');
    expect(await other).toBe('done');
    expect((await Promise.all(flood)).filter((one) => one === 'refused')).toHaveLength(9);
  });
});

test('a thousand polls with a password cost one hash; a wrong password and a changed account are checked again', async () => {
  const snapshotOf = (hash: string): Snapshot =>
    Snapshot.of(accessRecordsOf(aRecord('account', 'siem', { role: 'machine', password_hash: hash })), 0);
  let snapshot = snapshotOf('first');
  let hashes = 0;
  const clock = new TestClock();
  const authenticator = new Authenticator(
    { current: () => Promise.resolve(snapshot) } as unknown as Directory,
    clock,
    { used: () => undefined },
    throttleOf(clock).throttle,
    { signedIn: () => Promise.resolve() },
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
  // During the wait the right password is also refused, even if it was verified a moment ago. Afterwards it
  // is accepted.
  snapshot = snapshotOf('first');
  await expect(poll('right')).rejects.toMatchObject({ kind: 'rate-limited' });
  clock.advance(1_000);
  expect(await poll('right')).toMatchObject({ account: 'siem' });
});

test('while accounts have hashes of the old scheme, the same share of unknown names is checked against one', async () => {
  const checked: string[] = [];
  const sharesOf = async (hashes: readonly string[]): Promise<number> => {
    const accounts = hashes.map((password_hash, i) =>
      aRecord('account', `siem-${i}`, { role: 'machine', password_hash }),
    );
    const snapshot = Snapshot.of(accessRecordsOf(...accounts), 0);
    const clock = new TestClock();
    const authenticator = new Authenticator(
      { current: () => Promise.resolve(snapshot) } as unknown as Directory,
      clock,
      { used: () => undefined },
      throttleOf(clock).throttle,
      { signedIn: () => Promise.resolve() },
      (_password, hash) => {
        checked.push(hash);
        return Promise.resolve(false);
      },
    );
    checked.length = 0;
    for (let i = 0; i < 200; i++) {
      const guess = authenticator.byPassword(`name-${i}`, 'wrong', { address: `10.${i}.0.1`, agent: '' });
      await expect(guess).rejects.toMatchObject({ kind: 'unauthenticated' });
    }
    expect(new Set(checked).size).toBeLessThanOrEqual(2);
    return checked.filter((hash) => hash === OLD_DUMMY_HASH).length / checked.length;
  };
  expect(await sharesOf([])).toBe(0);
  expect(await sharesOf([DUMMY_HASH, DUMMY_HASH])).toBe(0);
  expect(await sharesOf([OLD_DUMMY_HASH, OLD_DUMMY_HASH])).toBe(1);
  const mixed = await sharesOf([OLD_DUMMY_HASH, DUMMY_HASH]);
  expect(mixed).toBeGreaterThan(0.2);
  expect(mixed).toBeLessThan(0.8);
});

describe('sealed secrets', () => {
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
      expect(() => sealer.open(text, context)).toThrow('A sealed secret cannot be decrypted');
    expect(() => new Sealer(randomBytes(32)).open(sealed, 'secret/feed')).toThrow(
      expect.objectContaining({ description: 'It was sealed with another master key.' }),
    );
  });
});

describe('addresses of clients', () => {
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

  test('only trusted proxies determine the client address; entries left of the first other hop are ignored', () => {
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
    // Some proxies add the port.
    expect(
      ['203.0.113.9:5123', '[2001:db8::1]:443'].map((hop) =>
        clientAddress('10.0.0.1', hop, [{ family: 4, base: 0x0a000000n, prefix: 8, cleared: false }]),
      ),
    ).toEqual(['203.0.113.9', '2001:db8::1']);
  });
});
