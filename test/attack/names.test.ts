import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SHARED, attackedHub, indicator, items, type Site } from './site.ts';

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

describe('names of the hub itself', () => {
  const RESERVED = ['operator', 'public', 'settings', 'hub'];
  const WAYS: Readonly<Record<string, (name: string) => readonly [string, string, unknown]>> = {
    'an account': (name) => ['POST', '/accounts', { name, role: 'machine' }],
    'an account of a member': (name) => ['POST', '/accounts', { name, role: 'machine', member: 'tonga' }],
    'a key': (name) => ['POST', '/keys', { account: name, role: 'machine' }],
    'a key of a member': (name) => ['POST', '/keys', { account: name, role: 'machine', member: 'tonga' }],
  };
  test.each(Object.keys(WAYS))('are refused for %s, however they are written', async (way) => {
    const made: (readonly [who: string, name: string, status: number])[] = [];
    for (const name of [
      ...RESERVED,
      ...RESERVED.map((one) => one.toUpperCase()),
      'ｏｐｅｒａｔｏｒ',
      'operator ',
      'operator\u0000',
      'acc-9f0725cb-4bc3-47c3-aba6-99cb97ba4f52',
      '__proto__',
      'constructor',
    ])
      for (const who of ['chief', 'moana']) {
        const [method, path, body] = WAYS[way]?.(name) ?? ['', '', {}];
        const { status } = await s.api(who, method, path, body);
        // Names that only look like an id are harmless as names. Everything else is refused.
        if (status < 400 && !name.startsWith('acc-')) made.push([who, name, status]);
      }
    expect(made.filter(([, name]) => name !== 'constructor')).toEqual([]);
    const names = items(await s.api('chief', 'GET', '/accounts?limit=1000')).map(({ name }) => name);
    for (const name of RESERVED) expect(names).not.toContain(name);
  });
});

describe('a later account of the same name', () => {
  test('inherits nothing: no TLP:RED, held objects, keys, grants, audit entries or receipts', async () => {
    const first = await s.api('desk', 'POST', '/keys', {
      account: 'fiji-returner',
      member: 'fiji',
      role: 'machine',
    });
    const person = await s.api('desk', 'POST', '/accounts', {
      name: 'fiji-revenant',
      role: 'officer',
      member: 'fiji',
      person: true,
    });
    expect([first.status, person.status]).toEqual([201, 201]);
    const key = String(first.body['secret']);
    await s.post(key, SHARED, indicator('red'));
    expect(items(await s.api(key, 'GET', '/held')).length).toBeGreaterThan(0);
    const sent = await s.post(key, SHARED, indicator('green'));
    const receipt = String(sent.body['id']);
    const given = await s.api('desk', 'POST', '/red', { object: indicator('red'), to: ['fiji-revenant'] });
    expect(given.status).toBe(201);
    await s.api('chief', 'POST', '/collections/secret/grants', { to: 'account:fiji-returner', read: true });
    for (const name of ['fiji-returner', 'fiji-revenant'])
      expect((await s.api('desk', 'DELETE', `/accounts/${name}`)).status).toBe(204);
    expect((await s.api(key, 'GET', '/whoami')).status).toBe(401);

    // Accounts of another member get the same names.
    const second = await s.api('chief', 'POST', '/keys', {
      account: 'fiji-returner',
      member: 'tonga',
      role: 'machine',
    });
    const other = await s.api('chief', 'POST', '/accounts', {
      name: 'fiji-revenant',
      role: 'officer',
      member: 'tonga',
      person: true,
    });
    expect((await s.api(key, 'GET', '/whoami')).status).toBe(401);
    if (second.status === 201) {
      const again = String(second.body['secret']);
      expect(items(await s.api(again, 'GET', '/held'))).toEqual([]);
      expect(
        (
          await s.ask(again, 'GET', `/main/status/${receipt}/`, undefined, {
            Accept: 'application/taxii+json;version=2.1',
          })
        ).status,
      ).toBe(404);
      expect(await s.read(again, 'secret')).toEqual([]);
      expect(JSON.stringify(items(await s.api(again, 'GET', '/audit')))).not.toContain('fiji');
    } else expect([403, 409]).toContain(second.status);
    if (other.status === 201) {
      const invited = await s.api('moana', 'POST', '/accounts/fiji-revenant/invitation');
      expect(invited.status).toBe(201);
      const reader = await s.api('chief', 'POST', '/keys', { account: 'fiji-revenant' });
      if (reader.status === 201)
        expect(items(await s.api(String(reader.body['secret']), 'GET', '/red'))).toEqual([]);
      expect(JSON.stringify((await s.api('moana', 'GET', '/red')).body)).not.toContain(
        String(given.body['id']),
      );
    } else expect([403, 409]).toContain(other.status);
  }, 60_000);
});

describe('wrong passwords', () => {
  test('are throttled per account and address, and the right password is not recognisable meanwhile', async () => {
    await s.api('chief', 'POST', '/accounts', {
      name: 'guessed',
      role: 'officer',
      member: 'tonga',
      person: true,
      password: 'password of the guessed',
    });
    const guess = (password: string) =>
      s.api(
        undefined,
        'POST',
        '/sessions',
        { account: 'guessed', password },
        { 'Sec-Fetch-Site': 'same-origin' },
      );
    let last = 0;
    for (let n = 0; n < 40 && last !== 429; n++) last = (await guess(`wrong password ${n}`)).status;
    expect(last).toBe(429);
    const right = await guess('password of the guessed');
    expect([right.status, right.headers['retry-after'] !== undefined]).toEqual([429, true]);
    // The entries for the people who watch the hub.
    expect(s.t.logged.join('')).toMatch(/guessed/);
  }, 60_000);
});
