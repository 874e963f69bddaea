import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { RecordQuery } from '../../src/store/store.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { oldHash } from '../support/old-hash.ts';
import { MAIN, SETTINGS, choosePasswords, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const PASSWORD = 'password of moana';
const MINUTE = 60_000;
const PAGE = { 'Sec-Fetch-Site': 'same-origin' };

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
`,
    { clock, signInsOfAccount: 60 },
  );
  await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  await choosePasswords(t.hub, 'moana');
});
afterEach(async () => {
  await t.stop();
});

/** A browser. It keeps its cookie and names the page that sends the request. */
class Browser {
  cookie = '';
  agent = 'Firefox';

  async send(
    method: 'get' | 'post' | 'delete' | 'patch',
    path: string,
    body?: object | string,
    headers: Record<string, string> = PAGE,
  ): Promise<{
    status: number;
    headers: Record<string, string>;
    text: string;
    body: Record<string, unknown>;
  }> {
    const request = supertest(t.hub.app)[method](path).set('User-Agent', this.agent).redirects(0);
    if (this.cookie !== '') void request.set('Cookie', this.cookie);
    for (const [name, value] of Object.entries(headers)) void request.set(name, value);
    if (typeof body === 'string') void request.set('Content-Type', 'application/x-www-form-urlencoded');
    const answer = await (body === undefined ? request : request.send(body));
    const [set] = (answer.headers['set-cookie'] ?? []) as unknown as string[];
    if (set !== undefined) this.cookie = set.split(';')[0] ?? '';
    return {
      status: answer.status,
      headers: answer.headers,
      text: answer.text,
      body: answer.body as Record<string, unknown>,
    };
  }

  signIn(password = PASSWORD) {
    return this.send('post', '/console/sign-in', `account=moana&password=${encodeURIComponent(password)}`);
  }

  whoami() {
    return this.send('get', '/api/v1/whoami');
  }
}

async function signedIn(): Promise<Browser> {
  const browser = new Browser();
  expect((await browser.signIn()).status).toBe(303);
  return browser;
}

test('a person signs in, is known by the cookie, and signs out', async () => {
  const browser = new Browser();
  expect((await browser.send('get', '/console')).headers['location']).toBe('/console/sign-in');
  const answer = await browser.signIn();
  expect(answer.status).toBe(303);
  expect(String(answer.headers['set-cookie'])).toMatch(
    /^__Host-talanoa=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200,__Host-talanoa-device=[A-Za-z0-9_.-]{60,90}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=15552000$/,
  );
  expect((await browser.whoami()).body).toMatchObject({ account: 'moana', role: 'officer', member: 'tonga' });
  expect((await browser.send('get', '/console/account')).text).toContain('officer of tonga');
  const before = browser.cookie;
  expect((await browser.send('post', '/console/sign-out')).headers['location']).toBe('/console/sign-in');
  browser.cookie = before;
  expect((await browser.whoami()).status).toBe(401);
  expect(JSON.stringify(await t.hub.store.records('session'))).not.toContain(before.split('=')[1]);
});

test('wrong credentials and service accounts get the same response, and no cookie is set', async () => {
  const browser = new Browser();
  for (const body of ['account=moana&password=wrong', 'account=nothing&password=wrong', 'account=moana&password=', 'account=writer&password=password+of+writer', 'x']) {
    const { status, text } = await browser.send('post', '/console/sign-in', body);
    expect([body, status, text.includes('Incorrect account name or password'), browser.cookie]).toEqual([body, 401, true, '']);
  } // prettier-ignore
  const api = await browser.send('post', '/api/v1/sessions', { account: 'moana', password: 'wrong' });
  expect(api.status).toBe(401);
});

test('every spelling of a name means the same account, and guesses are throttled under all of them', async () => {
  const browser = new Browser();
  const from = { ...PAGE, 'X-Forwarded-For': '203.0.113.9' };
  await t.stop();
  t = await testHub(`${SETTINGS}\nlimits: { trusted_proxies: [127.0.0.1] }\n`, { clock });
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++)
    statuses.push(
      (await browser.send('post', '/console/sign-in', `account=${i % 2 === 0 ? 'Moana' : 'moana'}&password=no`, from)).status, // prettier-ignore
    );
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
});

test('a change requires a page of the hub itself, but reading does not', async () => {
  const browser = await signedIn();
  const end = (headers: Record<string, string>) =>
    browser.send('delete', '/api/v1/sessions/0123456789abcdef', undefined, headers);
  for (const [headers, status] of [
    [PAGE, 404],
    [{ Origin: 'http://elsewhere.example' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{}, 403],
    [{ Host: 'hub.test', Origin: 'https://hub.test' }, 404],
  ] as const)
    expect([headers, (await end(headers)).status]).toEqual([headers, status]);
  expect((await browser.send('get', '/api/v1/whoami', undefined, {})).status).toBe(200);
  expect((await browser.send('post', '/console/sign-out', '', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403); // prettier-ignore
  expect((await browser.send('post', '/console/sign-in', 'account=moana&password=x', {})).status).toBe(403);
  // A form of another page cannot send JSON.
  expect(
    (await browser.send('post', '/api/v1/keys', 'account=moana', { ...PAGE, 'Content-Type': 'text/plain' }))
      .status,
  ).toBe(415);
});

test('a cookie gives no access to TAXII, and a key sent with it decides', async () => {
  const browser = await signedIn();
  expect((await browser.send('get', objectsOf(MAIN), undefined, { Accept: 'application/taxii+json;version=2.1' })).status).toBe(401); // prettier-ignore
  const mixed = await browser.send('get', '/api/v1/whoami', undefined, { Authorization: 'Bearer wrong' });
  expect(mixed.status).toBe(401);
  expect((await browser.send('get', '/api/v1/whoami', undefined, { Cookie: `${browser.cookie}; ${browser.cookie}` })).status).toBe(401); // prettier-ignore
});

test('a session ends after half an hour without use, and after twelve hours in any case', async () => {
  const idle = await signedIn();
  const busy = await signedIn();
  for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    clock.advance(10 * MINUTE);
    expect([minutes, (await busy.whoami()).status]).toEqual([minutes, 200]);
    if (minutes === 20) expect((await idle.whoami()).status).toBe(401);
  }
  clock.advance(10 * MINUTE);
  expect((await busy.whoami()).status).toBe(401);
});

test('operations that change access rights ask for the password again', async () => {
  const browser = await signedIn();
  const make = () => browser.send('post', '/api/v1/keys', { account: 'moana' });
  expect((await make()).status).toBe(201);
  clock.advance(6 * MINUTE);
  const refused = await make();
  expect([refused.status, refused.body['code']]).toEqual([403, 'TLN-A-408']);
  const confirm = (password: string) => browser.send('post', '/api/v1/session/confirmation', { password });
  expect((await confirm('wrong')).status).toBe(401);
  expect((await make()).status).toBe(403);
  expect((await confirm(PASSWORD)).status).toBe(200);
  expect((await make()).status).toBe(201);
});

test('people list and end their own sessions, and managers those of the accounts that they manage', async () => {
  const one = await signedIn();
  const two = await signedIn();
  const list = async (browser: Browser) => (await browser.send('get', '/api/v1/sessions')).body['items'] as { id: string; current: boolean }[]; // prettier-ignore
  const other = (await list(one)).find(({ current }) => !current);
  expect(await list(one)).toHaveLength(2);
  expect((await t.api('desk', 'GET', '/sessions')).body['items']).toEqual([]);
  expect((await t.api('desk', 'DELETE', `/sessions/${other?.id}`)).status).toBe(404);
  expect((await t.api('boss', 'GET', '/sessions')).body['items']).toHaveLength(2);
  const ended = await one.send('post', `/console/sessions/${other?.id}/end`);
  expect([ended.status, (await two.whoami()).status, (await one.whoami()).status]).toEqual([303, 401, 200]);
});

test('a key ends sessions of its own account only with the scope for changes', async () => {
  const one = await signedIn();
  const [session] = (await one.send('get', '/api/v1/sessions')).body['items'] as { id: string }[];
  for (const [scopes, status] of [
    [['api:read'], 404],
    [['taxii:read', 'taxii:write'], 404],
    [['api:read', 'api:write'], 204],
  ] as const) {
    const made = await one.send('post', '/api/v1/keys', { account: 'moana', scopes });
    const ended = await t.api(String(made.body['secret']), 'DELETE', `/sessions/${session?.id ?? ''}`);
    expect([scopes, ended.status, (await one.whoami()).status]).toEqual([scopes, status, status === 204 ? 401 : 200]); // prettier-ignore
  }
});

test('the sessions of an account end when its password or role changes, or when it is deleted', async () => {
  const one = await signedIn();
  const two = await signedIn();
  const change = (present: string, next: string) =>
    one.send('post', '/console/password', new URLSearchParams({ present, next }).toString());
  expect((await change('wrong', 'password of the new year')).status).toBe(403);
  expect((await change(PASSWORD, 'short')).status).toBe(422);
  expect((await two.whoami()).status).toBe(200);
  const before = one.cookie;
  const changed = await change(PASSWORD, 'password of the new year');
  expect([changed.status, changed.text.includes('was changed')]).toEqual([200, true]);
  expect(one.cookie).not.toBe(before);
  expect([(await one.whoami()).status, (await two.whoami()).status]).toEqual([200, 401]);
  expect((await two.signIn()).status).toBe(401);

  await t.api('boss', 'PATCH', '/accounts/moana', { role: 'machine' });
  expect((await one.whoami()).status).toBe(401);
  // An ended session stays ended, even when the account is restored.
  await t.api('boss', 'PATCH', '/accounts/moana', { role: 'officer' });
  expect((await one.whoami()).status).toBe(401);
  expect((await one.signIn('password of the new year')).status).toBe(303);
  await t.api('boss', 'PATCH', '/accounts/moana', { disabled: true });
  await t.api('boss', 'PATCH', '/accounts/moana', { disabled: false });
  expect((await one.whoami()).status).toBe(401);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.records('session')).toEqual([]);
});

test('a password that an earlier version hashed is hashed again at the next sign-in, and no session ends', async () => {
  const recordOf = () => t.hub.store.record('account', 'moana');
  const first = await recordOf();
  const document = { ...first?.document, password_hash: oldHash(PASSWORD) };
  await t.hub.store.commit({
    records: [{ kind: 'account', id: 'moana', expected: first?.revision ?? 0, document }],
  });
  await t.hub.directory.refresh();
  const hashes = async () => (await recordOf())?.document['password_hash'];
  const basic = (password: string) =>
    t.api(undefined, 'GET', '/whoami', undefined, {
      Authorization: `Basic ${Buffer.from(`moana:${password}`).toString('base64')}`,
    });
  expect((await basic('wrong')).status).toBe(401);
  expect(await hashes()).toBe(document.password_hash);
  const browser = new Browser();
  expect((await browser.signIn()).status).toBe(303);
  const after = await recordOf();
  expect(after?.document).toEqual({
    ...document,
    password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
  });
  // As another process sees it that still has the old hash: sessions of the same password stay.
  expect((await browser.whoami()).status).toBe(200);
  expect((await basic(PASSWORD)).status).toBe(200);
  expect((await basic('wrong')).status).toBe(401);
  await t.hub.store.commit({
    records: [{ kind: 'account', id: 'moana', expected: after?.revision ?? 0, document }],
  });
  await t.hub.directory.refresh();
  expect((await browser.whoami()).status).toBe(200);
  expect((await basic(PASSWORD)).status).toBe(200);
  expect((await browser.whoami()).status).toBe(200);
  expect((await browser.signIn('wrong')).status).toBe(401);
});

test('TLP:RED can be read in the console by its recipients, and nobody else finds it there', async () => {
  const object = anIndicator({ name: '<b>Reef</b>', object_marking_refs: [tlpMarkingId('red')] });
  const given = await t.api('boss', 'POST', '/red', { object, to: ['moana'], note: 'call me' });
  const path = `/console/red/${String(given.body['id'])}`;
  const stranger = new Browser();
  expect((await stranger.send('get', path)).headers['location']).toBe('/console/sign-in');
  const browser = await signedIn();
  expect((await browser.send('get', '/console/account')).text).toContain('One item of TLP:RED for you');
  expect((await browser.send('get', '/console/red')).text).toMatch(/From boss.*call me/);
  const read = await browser.send('get', path);
  expect([read.status, read.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(read.text).toContain('&lt;b>Reef');
  expect(read.text).not.toContain('<b>Reef');
  expect((await browser.send('get', '/console/red/9f0725cb-4bc3-47c3-aba6-99cb97ba4f52')).status).toBe(404);
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => `${fact.actor} ${fact.action}`);
  expect(facts).toContain('moana red.read');
});

test('an account has a maximum number of sessions and of sign-ins, and the oldest session ends first', async () => {
  const first = await signedIn();
  const second = await signedIn();
  clock.advance(4 * MINUTE);
  expect((await first.whoami()).status).toBe(200);
  let last = second;
  for (let i = 2; i < 60; i++) last = await signedIn();
  const sessions = await t.hub.store.records('session');
  expect(sessions).toHaveLength(50);
  expect([(await first.whoami()).status, (await second.whoami()).status]).toEqual([401, 401]);
  expect((await last.whoami()).status).toBe(200);
  const refused = await new Browser().send('post', '/api/v1/sessions', {
    account: 'moana',
    password: PASSWORD,
  });
  expect(refused).toMatchObject({ status: 429, body: { code: 'TLN-A-431' } });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await new Browser().signIn()).status).toBe(429);
  expect(await t.hub.store.records('session')).toHaveLength(50);
  // Sessions that exist are not affected, and the limit ends automatically.
  expect((await last.whoami()).status).toBe(200);
  clock.advance(10 * MINUTE);
  expect((await new Browser().signIn()).status).toBe(303);
  expect(await t.hub.store.records('session')).toHaveLength(50);
}, 60_000);

test('listing and ending sessions does not read the sessions of all accounts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-sessions-'));
  const store = await openSqliteStore({ folder, clock });
  const whole: string[] = [];
  const watched = new Proxy(store, {
    get: (target, name): unknown =>
      name === 'records'
        ? (kind: string, query: RecordQuery = {}) => {
            if (query.index === undefined && query.limit === undefined) whole.push(kind);
            return store.records(kind, query);
          }
        : Reflect.get(target, name, target),
  });
  const other = await testHub(SETTINGS, { clock, store: watched });
  try {
    const before = whole.length;
    const { status, body } = await other.api('chief', 'GET', '/sessions');
    expect({ status, body }).toMatchObject({ status: 200, body: { items: [] } });
    expect((await other.api('chief', 'DELETE', '/sessions/0123456789abcdef')).status).toBe(404);
    expect((await other.api('chief', 'DELETE', '/sessions/0')).status).toBe(404);
    expect(whole.slice(before)).not.toContain('session');
  } finally {
    await other.stop();
    rmSync(folder, { recursive: true });
  }
});
