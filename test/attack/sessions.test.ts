import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEDIA } from '../support/hub.ts';
import { SHARED, attackedHub, items, type Answer, type Site } from './site.ts';

const PASSWORD = 'password of reef walkers';
const PAGE = { 'Sec-Fetch-Site': 'same-origin' };

let s: Site;
let cookie = '';
const cookieOf = ({ headers }: Answer): string =>
  /__Host-talanoa=[^;]+/.exec(String(headers['set-cookie']))?.[0] ?? '';
const signIn = (headers: Readonly<Record<string, string>> = PAGE) =>
  s.api(undefined, 'POST', '/sessions', { account: 'walker', password: PASSWORD }, headers);
beforeAll(async () => {
  s = await attackedHub();
  await s.api('chief', 'POST', '/accounts', {
    name: 'walker',
    role: 'officer',
    member: 'tonga',
    person: true,
    password: PASSWORD,
  });
  cookie = cookieOf(await signIn());
}, 60_000);
afterAll(async () => {
  await s.stop();
});

test('a session works for the API and the console', async () => {
  expect((await s.api(cookie, 'GET', '/whoami')).body).toMatchObject({ account: 'walker' });
  expect((await s.ask(cookie, 'GET', '/console')).status).toBe(200);
});

test('a sign-in does not adopt a session that an attacker chose', async () => {
  for (const planted of ['__Host-talanoa=' + 'A'.repeat(43), '__Host-talanoa=', 'talanoa=x']) {
    const answer = await signIn({ ...PAGE, Cookie: planted });
    expect(answer.status).toBe(201);
    expect(cookieOf(answer)).toMatch(/^__Host-talanoa=[A-Za-z0-9_-]{43}$/);
    expect(cookieOf(answer)).not.toBe(planted);
    if (planted.startsWith('__Host-')) expect((await s.api(planted, 'GET', '/whoami')).status).toBe(401);
  }
});

test('two session cookies in one request are both ignored', async () => {
  for (const both of [`${cookie}; __Host-talanoa=x`, `__Host-talanoa=x; ${cookie}`, `${cookie}; ${cookie}`])
    expect((await s.api(both, 'GET', '/whoami')).status).toBe(401);
});

describe('requests from other sites', () => {
  const FOREIGN: readonly Readonly<Record<string, string>>[] = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'none' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    {},
    { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://127.0.0.1:6420' },
    { 'Sec-Fetch-Site': 'same-origin, cross-site' },
  ];

  test('a page of another site cannot change anything with a session, neither by JSON nor by a form', async () => {
    const wrong: unknown[] = [];
    for (const headers of FOREIGN) {
      for (const [method, path, body] of [
        ['POST', '/accounts', { name: 'by-csrf', role: 'machine', member: 'tonga' }],
        ['POST', '/keys', { account: 'sensor' }],
        ['DELETE', '/sessions/0123456789abcdef', undefined],
        ['PATCH', '/accounts/sensor', { disabled: true }],
      ] as const) {
        const { status } = await s.api(cookie, method, path, body, headers);
        if (status !== 403) wrong.push([headers, method, path, status]);
      }
      for (const [path, form] of [
        ['/console/password', 'present=x&next=yyyyyyyyyyyyyyyy'],
        ['/console/sign-out', ''],
        ['/console/sign-in', `account=walker&password=${encodeURIComponent(PASSWORD)}`],
      ] as const) {
        const answer = await s.ask(cookie, 'POST', path, form, {
          'Content-Type': 'application/x-www-form-urlencoded',
          ...headers,
        });
        if (answer.status !== 403 || cookieOf(answer) !== '') wrong.push([headers, path, answer.status]);
      }
    }
    expect(wrong).toEqual([]);
    expect(items(await s.api('chief', 'GET', '/accounts?limit=1000')).map(({ name }) => name)).not.toContain(
      'by-csrf',
    );
  }, 60_000);

  test('another site cannot read a response, and a body from a form is not accepted as JSON', async () => {
    const answer = await s.api(cookie, 'GET', '/whoami', undefined, { Origin: 'https://evil.example' });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect([
        type,
        (await s.api(cookie, 'POST', '/keys', '{"account":"sensor"}', { ...PAGE, 'Content-Type': type }))
          .status,
      ]).toEqual([type, 415]);
    const preflight = await s.ask(undefined, 'OPTIONS', '/api/v1/keys', undefined, {
      Origin: 'https://evil.example',
      'Access-Control-Request-Method': 'POST',
    });
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

test('TAXII and metrics ignore cookies', async () => {
  for (const path of [
    '/taxii2/',
    '/main/',
    '/main/collections/',
    `/main/collections/${SHARED}/objects/`,
    '/metrics',
  ]) {
    const anonymous = await s.ask(undefined, 'GET', path, undefined, {
      Accept: path === '/metrics' ? '*/*' : MEDIA,
    });
    const withCookie = await s.ask(cookie, 'GET', path, undefined, {
      ...PAGE,
      Accept: path === '/metrics' ? '*/*' : MEDIA,
    });
    expect([path, withCookie.status]).toEqual([path, anonymous.status]);
  }
});
test('an ended session stays ended, even when its account is restored', async () => {
  const session = cookieOf(await signIn());
  expect((await s.api(session, 'GET', '/whoami')).status).toBe(200);
  await s.api('chief', 'PATCH', '/accounts/walker', { disabled: true });
  expect((await s.api(session, 'GET', '/whoami')).status).toBe(401);
  await s.api('chief', 'PATCH', '/accounts/walker', { disabled: false });
  expect((await s.api(session, 'GET', '/whoami')).status).toBe(401);
});
