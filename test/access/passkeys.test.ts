import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { SoftPasskey } from '../support/passkey.ts';

const PASSWORD = 'password of moana';
const HUB = 'https://hub.example';
const MINUTE = 60_000;

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(`${SETTINGS.replace('{ title: Test hub }', `{ title: Test hub, url: "${HUB}" }`)}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
`, { clock }); // prettier-ignore
  await t.api('boss', 'POST', '/accounts', {
    name: 'lani',
    role: 'analyst',
    person: true,
    password: PASSWORD,
  });
  await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
});
afterEach(async () => {
  await t.stop();
});

async function withPassword(account: string): Promise<FormBrowser> {
  const one = new FormBrowser(() => t.hub.app);
  expect((await one.post('/console/sign-in', { account, password: PASSWORD })).status).toBe(303);
  return one;
}
const challengeOf = async (one: FormBrowser, path: string): Promise<string> => {
  const { status, body } = await one.api('post', path);
  expect(status).toBe(200);
  return (body['options'] as { challenge: string }).challenge;
};
const GET = '/session/second-factor/options';
const CREATE = '/second-factor/passkeys/options';
const give = (one: FormBrowser, passkey: object) => one.api('post', '/session/second-factor', { passkey });
async function added(account: string): Promise<{ one: FormBrowser; key: SoftPasskey }> {
  const one = await withPassword(account);
  const key = new SoftPasskey(HUB);
  const made = await one.api('post', '/second-factor/passkeys', { passkey: key.create(await challengeOf(one, CREATE)), label: 'Yellow key' }); // prettier-ignore
  expect([made.status, (made.body['codes'] as string[]).length]).toEqual([201, 10]);
  return { one, key };
}
const isSignedIn = async (one: FormBrowser) => (await one.api('get', '/whoami')).status === 200;

test('a person sets up a passkey as the first factor and completes sign-ins with it', async () => {
  const { one, key } = await added('lani');
  expect(await isSignedIn(one)).toBe(true);
  expect((await one.get('/console/account')).text).toContain('Yellow key');
  const two = await withPassword('lani');
  expect((await two.get('/console')).headers['location']).toBe('/console/second-factor');
  expect((await give(two, key.get(await challengeOf(two, GET)))).status).toBe(200);
  expect(await isSignedIn(two)).toBe(true);
  expect((await two.get('/console/account')).text).toContain('password and passkey');
});

test('the pages use a form that a small script fills in, and explain what is missing without the script', async () => {
  const { key } = await added('lani');
  const one = await withPassword('lani');
  const page = await one.get('/console/second-factor');
  expect(page.text).toContain('Passkeys need JavaScript');
  expect(page.headers['content-security-policy']).toContain("script-src 'self';");
  expect(page.text.match(/<script/g)).toHaveLength(1);
  const [, path = ''] = /<script src="([^"]+)"/.exec(page.text) ?? [];
  const script = await supertest(t.hub.app).get(path).buffer(true);
  expect([script.status, gzipSync(script.text).length < 6_144]).toEqual([200, true]);
  const [, options = ''] = /data-options="([^"]+)"/.exec(page.text) ?? [];
  const { challenge } = JSON.parse(options.replaceAll('&quot;', '"')) as { challenge: string };
  const sent = await one.post('/console/second-factor', { passkey: JSON.stringify(key.get(challenge)) });
  expect(sent.headers['location']).toBe('/console');
  const other = new SoftPasskey(HUB);
  const setUp = await one.get('/console/second-factor/set-up');
  const [, create = ''] = /data-options="([^"]+)"/.exec(setUp.text) ?? [];
  const second = JSON.parse(create.replaceAll('&quot;', '"')) as { challenge: string };
  const made = await one.post('/console/second-factor/passkeys', { passkey: JSON.stringify(other.create(second.challenge)) }); // prettier-ignore
  expect([made.status, made.text.includes('recovery codes have not changed')]).toEqual([200, true]);
  expect((await one.post(`/console/second-factor/passkeys/${other.id}/remove`)).status).toBe(303);
});

test('a response works once, only for its challenge, session, account, key and page, and only for five minutes', async () => {
  const { key } = await added('lani');
  const stranger = await added('moana');
  const one = await withPassword('lani');
  const refused = async (answer: object) => {
    expect((await give(one, answer)).status).toBe(401);
    expect(await isSignedIn(one)).toBe(false);
  };
  await refused(key.get('bm8tc3VjaC1jaGFsbGVuZ2U'));
  await refused(stranger.key.get(await challengeOf(one, GET)));
  await refused(key.create(await challengeOf(one, GET)));
  await refused({});
  key.origin = 'https://hub.example.evil.example';
  await refused(key.get(await challengeOf(one, GET)));
  key.origin = HUB;
  const other = await withPassword('lani');
  await refused(key.get(await challengeOf(other, GET)));
  const late = key.get(await challengeOf(one, GET));
  clock.advance(6 * MINUTE);
  await refused(late);
  // A copy of the credential continues from the counter at which it was copied.
  const before = key.counter;
  const answer = key.get(await challengeOf(one, GET));
  expect((await give(one, answer)).status).toBe(200);
  expect((await give(other, answer)).status).toBe(401);
  key.counter = before - 1;
  expect((await give(other, key.get(await challengeOf(other, GET)))).status).toBe(401);
});

test('a passkey confirms a sensitive change, and the last required factor cannot be removed', async () => {
  const { one, key } = await added('lani');
  clock.advance(6 * MINUTE);
  expect((await one.api('delete', `/second-factor/passkeys/${key.id}`)).body['code']).toBe('TLN-A-408');
  expect((await one.api('post', '/second-factor/passkeys', { passkey: {} })).body['code']).toBe('TLN-A-408');
  const passkey = key.get(await challengeOf(one, GET));
  expect((await one.api('post', '/session/confirmation', { passkey })).status).toBe(200);
  expect((await one.api('delete', `/second-factor/passkeys/${key.id}`)).status).toBe(409);
  const { one: two, key: free } = await added('moana');
  expect((await two.api('delete', `/second-factor/passkeys/${free.id}`)).status).toBe(204);
  expect(await isSignedIn(await withPassword('moana'))).toBe(true);
});

test.each(['https://192.0.2.7', 'https://[2001:db8::7]:6420'])(
  'passkeys are not offered at %s, because browsers refuse them at an IP address',
  async (url) => {
    await t.stop();
    t = await testHub(`${SETTINGS.replace('{ title: Test hub }', `{ title: Test hub, url: "${url}" }`)}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
`, { clock }); // prettier-ignore
    await t.api('boss', 'POST', '/accounts', { name: 'lani', role: 'analyst', person: true, password: PASSWORD }); // prettier-ignore
    const one = await withPassword('lani');
    const page = await one.get('/console/second-factor/set-up');
    expect([page.status, page.text.includes('Set up an authenticator app')]).toEqual([200, true]);
    expect(page.text).not.toContain('passkey');
    const { status, body } = await one.api('post', CREATE);
    expect([status, body['title']]).toEqual([409, 'Passkeys require a host name']);
    expect(JSON.stringify(body)).toContain(`The address of this hub is ${url}.`);
  },
);
