import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import supertest from 'supertest';
import type { Batch } from '../../src/store/store.ts';
import { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { faultyStore } from '../support/faulty-store.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

const PASSWORD = 'password of lani';
const MINUTE = 60_000;

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(`${SETTINGS}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\n`, { clock });
  await t.api('boss', 'POST', '/accounts', { name: 'lani', role: 'administrator', person: true, password: PASSWORD }); // prettier-ignore
  await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
});
afterEach(async () => {
  await t.stop();
});

const browser = () => new FormBrowser(() => t.hub.app);
const codeOf = (secret: string, at = clock.now()): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });

async function withPassword(account: string): Promise<FormBrowser> {
  const one = browser();
  expect((await one.post('/console/sign-in', { account, password: PASSWORD })).status).toBe(303);
  return one;
}

/** Signs an account in and sets up an authenticator app for it. */
async function enrolled(account: string): Promise<{ one: FormBrowser; secret: string; codes: string[] }> {
  const one = await withPassword(account);
  const offer = await one.api('post', '/second-factor/authenticator');
  expect(offer.status).toBe(201);
  const secret = String(offer.body['secret']);
  const made = await one.api('post', '/second-factor/authenticator/verification', { code: codeOf(secret) });
  expect(made.status).toBe(200);
  return { one, secret, codes: made.body['codes'] as string[] };
}

const isSignedIn = async (one: FormBrowser) => (await one.api('get', '/whoami')).status === 200;

describe('enrolment', () => {
  test('hub staff set up a second factor without scripts, and can do nothing before that', async () => {
    const one = browser();
    const first = await one.post('/console/sign-in', { account: 'lani', password: PASSWORD });
    expect(first.headers['location']).toBe('/console/second-factor/set-up');
    for (const path of ['/console', '/console/red', '/console/confirm', '/console/second-factor'])
      expect([path, (await one.get(path)).headers['location']]).toEqual([
        path,
        '/console/second-factor/set-up',
      ]);
    for (const [method, path, body] of [
      ['get', '/whoami', undefined],
      ['get', '/accounts', undefined],
      ['post', '/keys', { account: 'lani' }],
      ['post', '/session/confirmation', { password: PASSWORD }],
    ] as const)
      expect([path, (await one.api(method, path, body)).status]).toEqual([path, 401]);

    expect((await one.post('/console/second-factor/offer')).status).toBe(303);
    const page = await one.get('/console/second-factor/set-up');
    expect(page.text).toContain('<svg');
    // The only script is for passkeys, which need a host name.
    expect(page.text).not.toContain('<script');
    const secret = (/Secret: <code>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    expect(secret).toHaveLength(32);
    expect((await one.post('/console/second-factor/verify', { code: '000000' })).status).toBe(403);
    const before = one.cookies;
    const done = await one.post('/console/second-factor/verify', { code: codeOf(secret) });
    expect(done.text.match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/g)).toHaveLength(10);
    expect(one.cookies).not.toBe(before);
    expect(await isSignedIn(one)).toBe(true);
    const old = browser();
    old.takeCookies(before);
    expect(await isSignedIn(old)).toBe(false);
    expect((await one.get('/console/account')).text).toContain('10 of 10 recovery codes left');

    const stored = JSON.stringify(await t.hub.store.records('factor'));
    expect(stored).not.toContain(secret);
    expect((await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact.action)).toContain('factor.create');
  });

  test('a secret that was shown to one session is neither shown nor accepted in another', async () => {
    const [owner, thief] = [await withPassword('lani'), await withPassword('lani')];
    const offer = await owner.api('post', '/second-factor/authenticator');
    const secret = String(offer.body['secret']);
    expect((await thief.get('/console/second-factor/set-up')).text).not.toContain('Secret:');
    const verify = (one: FormBrowser) =>
      one.api('post', '/second-factor/authenticator/verification', { code: codeOf(secret) });
    expect((await verify(thief)).status).toBe(409);
    expect((await verify(owner)).status).toBe(200);
    // From then on, the password alone cannot replace the factor.
    expect((await thief.api('post', '/second-factor/authenticator')).status).toBe(401);
  });

  test('a sign-in that stops before its second factor ends after 15 minutes', async () => {
    const one = await withPassword('lani');
    clock.advance(16 * MINUTE);
    expect((await one.api('post', '/second-factor/authenticator')).status).toBe(401);
  });

  test('accounts of members may choose unless the setting is everyone, and optional requires it of nobody', async () => {
    expect(await isSignedIn(await withPassword('moana'))).toBe(true);
    for (const [setting, lani, moana] of [
      ['everyone', false, false],
      ['optional', true, true],
    ] as const) {
      await t.stop();
      t = await testHub(`${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
sign_in: { second_factor: ${setting} }
`, { clock }); // prettier-ignore
      await t.api('boss', 'POST', '/accounts', { name: 'lani', role: 'analyst', person: true, password: PASSWORD }); // prettier-ignore
      await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
      expect([setting, await isSignedIn(await withPassword('lani'))]).toEqual([setting, lani]);
      expect([setting, await isSignedIn(await withPassword('moana'))]).toEqual([setting, moana]);
    }
  });
});

describe('signing in', () => {
  test('a code completes one sign-in and no second one', async () => {
    const { secret } = await enrolled('moana');
    clock.advance(MINUTE);
    const [one, two] = [await withPassword('moana'), await withPassword('moana')];
    expect((await one.get('/console')).headers['location']).toBe('/console/second-factor');
    expect(await isSignedIn(one)).toBe(false);
    const code = codeOf(secret);
    expect((await one.post('/console/second-factor', { code: `${code.slice(0, 3)} ${code.slice(3)}` })).status).toBe(303); // prettier-ignore
    expect(await isSignedIn(one)).toBe(true);
    const again = await two.post('/console/second-factor', { code });
    expect([again.status, again.text.includes('was already used')]).toEqual([403, true]);
    // The previous code is not accepted either, although its window is still open.
    expect((await two.post('/console/second-factor', { code: codeOf(secret, clock.now() - 30_000) })).status).toBe(403); // prettier-ignore
    expect(await isSignedIn(two)).toBe(false);
    clock.advance(30_000);
    expect((await two.post('/console/second-factor', { code: codeOf(secret) })).status).toBe(303);
  });

  test('when many browsers send the same code at once, one of them is signed in', async () => {
    const { secret, codes } = await enrolled('moana');
    clock.advance(MINUTE);
    for (const code of [codeOf(secret), codes[0] ?? '']) {
      const many = await Promise.all(Array.from({ length: 4 }, () => withPassword('moana')));
      const answers = await Promise.all(many.map((one) => one.post('/console/second-factor', { code })));
      expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    }
  });

  test('a recovery code works once, however it is typed, and new codes replace the old ones', async () => {
    const { one, codes } = await enrolled('moana');
    const [first = '', second = ''] = codes;
    const use = async (code: string) =>
      (await (await withPassword('moana')).post('/console/second-factor', { code })).status;
    expect(await use(first.toLowerCase().replaceAll('-', ' '))).toBe(303);
    expect(await use(first)).toBe(403);
    expect((await one.api('get', '/second-factor')).body['recovery_codes_left']).toBe(9);
    const renewed = (await one.api('post', '/second-factor/recovery-codes')).body['codes'] as string[];
    expect(await use(second)).toBe(403);
    expect(await use(renewed[0] ?? '')).toBe(303);
    const stored = JSON.stringify(await t.hub.store.records('factor'));
    for (const code of [...codes, ...renewed]) expect(stored).not.toContain(code);
  });

  test('wrong codes are throttled like wrong passwords', async () => {
    await t.stop();
    t = await testHub(`${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
limits: { trusted_proxies: [127.0.0.1] }
`, { clock }); // prettier-ignore
    await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
    await enrolled('moana');
    const one = new FormBrowser(() => t.hub.app, { 'X-Forwarded-For': '203.0.113.9' });
    await one.post('/console/sign-in', { account: 'moana', password: PASSWORD });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      statuses.push((await one.post('/console/second-factor', { code: `00000${i % 10}` })).status);
    expect(statuses.slice(0, 5)).toEqual([403, 403, 403, 403, 403]);
    expect(statuses.at(-1)).toBe(429);
  });

  test('a network belongs to the owner only after a sign-in with a code was completed there', async () => {
    const { secret, one: home } = await enrolled('moana');
    const complete = async (): Promise<unknown[]> =>
      (await t.hub.store.records('place')).map(({ document }) => document['complete']);
    expect(await complete()).toEqual([true]);
    // A one-time link proves nothing but itself, and a password is not enough either.
    const invited = await t.api('boss', 'POST', '/accounts/moana/invitation');
    const path = new URL(String(invited.body['link']), 'http://hub').pathname;
    const one = browser();
    const next = `${PASSWORD} and others`;
    expect((await one.post(path, { password: next, again: next })).status).toBe(200);
    expect(await complete()).toEqual([undefined]);
    expect((await one.post('/console/sign-in', { account: 'moana', password: next })).status).toBe(303);
    expect(await complete()).toEqual([undefined]);
    clock.advance(60_000);
    expect((await one.api('post', '/session/second-factor', { code: codeOf(secret) })).status).toBeLessThan(
      300,
    );
    expect(await complete()).toEqual([true]);
    expect(await isSignedIn(home)).toBe(false);
  });

  test('HTTP Basic refuses the password of an account with a second factor and still accepts its keys', async () => {
    const basic = (account: string) => supertest(t.hub.app).get('/api/v1/whoami').auth(account, PASSWORD);
    expect((await basic('moana')).status).toBe(200);
    // The hub requires a second factor of lani, who has none yet.
    expect((await basic('lani')).status).toBe(401);
    const { one } = await enrolled('moana');
    const key = (await one.api('post', '/keys', { account: 'moana' })).body['secret'];
    expect((await basic('moana')).status).toBe(401);
    expect((await t.api(String(key), 'GET', '/whoami')).status).toBe(200);
    await t.api('boss', 'POST', '/accounts', { name: 'probe', role: 'machine', password: PASSWORD });
    expect((await basic('probe')).status).toBe(200);
  });
});

describe('a change of the second factor', () => {
  test('requires a recent confirmation, by password or by code', async () => {
    const { one, secret } = await enrolled('moana');
    clock.advance(6 * MINUTE);
    for (const send of [
      () => one.api('post', '/second-factor/authenticator'),
      () => one.api('delete', '/second-factor/authenticator'),
      () => one.api('post', '/second-factor/recovery-codes'),
      () => one.api('post', '/keys', { account: 'moana' }),
    ])
      expect((await send()).body['code']).toBe('TLN-A-408');
    expect((await one.post('/console/second-factor/remove')).headers['location']).toBe('/console/confirm');
    expect((await one.post('/console/confirm', { code: '000000' })).status).toBe(403);
    expect((await one.post('/console/confirm', { password: 'wrong' })).status).toBe(403);
    expect((await one.post('/console/confirm', { code: codeOf(secret) })).status).toBe(303);
    expect((await one.api('post', '/second-factor/recovery-codes')).status).toBe(201);
    clock.advance(6 * MINUTE);
    expect((await one.post('/console/confirm', { password: PASSWORD })).status).toBe(303);
    expect((await one.post('/console/second-factor/remove')).status).toBe(303);
    expect(await isSignedIn(await withPassword('moana'))).toBe(true);
  });

  test('is refused for a key, for a session that waits for its code, and from another site', async () => {
    const { one } = await enrolled('moana');
    const key = String((await one.api('post', '/keys', { account: 'moana' })).body['secret']);
    for (const [method, path] of [
      ['GET', '/second-factor'],
      ['DELETE', '/second-factor/authenticator'],
      ['POST', '/second-factor/recovery-codes'],
    ] as const)
      expect([path, (await t.api(key, method, path)).status]).toEqual([path, 401]);
    const waiting = await withPassword('moana');
    expect((await waiting.api('delete', '/second-factor/authenticator')).status).toBe(401);
    expect((await waiting.api('post', '/second-factor/authenticator')).status).toBe(401);
    const foreign = new FormBrowser(() => t.hub.app, { 'Sec-Fetch-Site': 'cross-site' });
    foreign.takeCookies(waiting.cookies);
    expect((await foreign.api('post', '/session/second-factor', { code: '123456' })).status).toBe(403);
    expect((await foreign.post('/console/second-factor', { code: '123456' })).status).toBe(403);
  });

  test('cannot remove the last required factor, only replace it', async () => {
    const { one, secret } = await enrolled('lani');
    expect((await one.api('delete', '/second-factor/authenticator')).status).toBe(409);
    const fresh = String((await one.api('post', '/second-factor/authenticator')).body['secret']);
    clock.advance(MINUTE);
    const replaced = await one.api('post', '/second-factor/authenticator/verification', {
      code: codeOf(fresh),
    });
    expect([replaced.status, replaced.body['codes']]).toEqual([200, []]);
    clock.advance(MINUTE);
    const two = await withPassword('lani');
    expect((await two.post('/console/second-factor', { code: codeOf(secret) })).status).toBe(403);
    expect((await two.post('/console/second-factor', { code: codeOf(fresh) })).status).toBe(303);
  });

  test('can be a reset by those who manage the account, never by its own person, and the password is still required', async () => {
    const { one } = await enrolled('lani');
    expect((await one.api('delete', '/accounts/lani/second-factor')).status).toBe(403);
    expect((await t.api('desk', 'DELETE', '/accounts/lani/second-factor')).status).toBe(404);
    expect((await t.api('boss', 'DELETE', '/accounts/lani/second-factor')).status).toBe(204);
    const two = browser();
    const again = await two.post('/console/sign-in', { account: 'lani', password: PASSWORD });
    expect(again.headers['location']).toBe('/console/second-factor/set-up');
    const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => `${fact.actor} ${fact.action}`);
    expect(facts).toContain('boss factor.reset');
  });
});

describe('the history of sign-ins', () => {
  test('shows the time, address and method of sign-ins and of refused attempts', async () => {
    const { one, secret } = await enrolled('moana');
    clock.advance(MINUTE);
    await browser().post('/console/sign-in', { account: 'moana', password: 'wrong' });
    const two = await withPassword('moana');
    clock.advance(MINUTE);
    await two.post('/console/second-factor', { code: '000000' });
    await two.post('/console/second-factor', { code: codeOf(secret) });
    const { body } = await one.api('get', '/accounts/moana/sign-ins');
    expect((body['items'] as Record<string, unknown>[]).map(({ way, result }) => `${String(way)}: ${String(result)}`)).toEqual([
      'password and authenticator: accepted', 'second factor: refused', 'password: refused', 'password: accepted',
    ]); // prettier-ignore
    expect((await one.get('/console/account')).text).toContain('password and authenticator');
    expect((await t.api('desk', 'GET', '/accounts/moana/sign-ins')).status).toBe(404);
    expect((await t.api('boss', 'GET', '/accounts/moana/sign-ins')).status).toBe(200);
  });

  test('has a maximum length, and guesses do not push sign-ins out of it', async () => {
    for (let i = 0; i < 30; i++) {
      const one = new FormBrowser(() => t.hub.app);
      await one.post('/console/sign-in', { account: 'moana', password: PASSWORD });
    }
    for (let i = 0; i < 60; i++) {
      clock.advance(2 * MINUTE);
      await t.hub.directory.current();
      await browser().post('/console/sign-in', { account: 'moana', password: '' });
    }
    const { body } = await t.api('boss', 'GET', '/accounts/moana/sign-ins');
    const results = (body['items'] as { result: string }[]).map(({ result }) => result);
    expect(results).toHaveLength(50);
    expect(results.filter((result) => result === 'accepted')).toHaveLength(25);
  }, 60_000);
});

describe('notifications of second factors', () => {
  /** Refuses every commit that contains nothing but notifications, like a process that ends before it. */
  async function hubWithoutLaterNotices(): Promise<void> {
    await t.stop();
    const folder = mkdtempSync(join(tmpdir(), 'talanoa-factors-'));
    const { store } = faultyStore(await openSqliteStore({ folder, clock }));
    const crashing = new Proxy(store, {
      get: (target, name): unknown =>
        name === 'commit'
          ? (batch: Batch) =>
              batch.records?.length === 1 && batch.records[0]?.kind === 'notification'
                ? Promise.reject(new Error('the process ended'))
                : store.commit(batch)
          : Reflect.get(target, name, target),
    });
    t = await testHub(`${SETTINGS}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\n`, { clock, store: crashing }); // prettier-ignore
    await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  }

  test('are in the commit of the change, so a process that ends after it loses none', async () => {
    await hubWithoutLaterNotices();
    const { one, codes } = await enrolled('moana');
    const renewed = await one.api('post', '/second-factor/recovery-codes');
    expect([codes.length, renewed.status]).toEqual([10, 201]);
    const other = await withPassword('moana');
    const [code] = renewed.body['codes'] as string[];
    expect((await other.api('post', '/session/second-factor', { code })).status).toBeLessThan(300);
    expect((await one.api('delete', '/second-factor/authenticator')).status).toBe(204);
    await enrolled('moana');
    expect((await t.api('boss', 'DELETE', '/accounts/moana/second-factor')).status).toBe(204);
    const id = (await t.hub.directory.refresh()).accountNamed('moana')?.id ?? '';
    const stored = await t.hub.store.records('notification', { index: { name: 'account', value: id } });
    expect(stored.map(({ document }) => String(document['event'])).toSorted()).toEqual([
      'factor.codes', 'factor.created', 'factor.created', 'factor.recovery', 'factor.removed', 'factor.reset',
    ]); // prettier-ignore
  });
});
