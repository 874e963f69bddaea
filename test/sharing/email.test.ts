import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { Secret, TOTP } from 'otpauth';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { mailServer } from '../support/mail-servers.ts';

const PASSWORD = 'password of moana';
const NEXT = 'password of a new year';
const MINUTE = 60_000;

let t: TestHub;
let clock: TestClock;
let mail: Awaited<ReturnType<typeof mailServer>>;
beforeEach(async () => {
  clock = new TestClock();
  mail = await mailServer();
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: filed, role: officer, member: tonga, person: true, password_env: PASSWORD_FILED, email: filed@cert.example }
mail: { server: "smtp://127.0.0.1:${mail.port}", from: hub@hub.example, insecure: true }
limits: { trusted_proxies: [127.0.0.1] }
`,
    { clock },
  );
  for (const name of ['moana', 'sina']) {
    await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member: 'tonga', person: true });
    await acceptInvitation(name);
  }
});
afterEach(async () => {
  await t.stop();
  await mail.close();
});

let addresses = 0;
/** A browser with its own address. */
const browser = () =>
  new FormBrowser(() => t.hub.app, { 'X-Forwarded-For': `203.0.113.${(addresses = (addresses + 1) % 250)}` });
/** Lets a person choose the password with a one-time link. */
async function acceptInvitation(name: string): Promise<void> {
  const { link } = (await t.api('boss', 'POST', `/accounts/${name}/invitation`)).body as { link: string };
  const path = new URL(link, 'http://hub').pathname;
  expect((await browser().post(path, { password: PASSWORD, again: PASSWORD })).status).toBe(200);
}
async function signedIn(account: string, password = PASSWORD): Promise<FormBrowser> {
  const one = browser();
  expect((await one.post('/console/sign-in', { account, password })).status).toBe(303);
  return one;
}
/** Returns the emails that arrived since the last call, as text. */
async function letters(): Promise<string[]> {
  await t.hub.email.idle();
  return mail.mails.splice(0).map((text) => text.replaceAll('=\r\n', '').replaceAll('=3D', '='));
}
const linkIn = (letter = ''): string => /\/console\/(?:email|reset)\/[A-Za-z0-9_-]+/.exec(letter)?.[0] ?? '';

async function confirmed(account: string, email: string): Promise<FormBrowser> {
  const one = await signedIn(account);
  await letters();
  expect((await one.post('/console/email', { email })).status).toBe(200);
  const [letter] = await letters();
  expect(letter).toContain(`To: ${email}`);
  expect((await one.post(linkIn(letter))).status).toBe(303);
  await letters();
  return one;
}
async function resetLink(account: string): Promise<string> {
  expect((await browser().post('/console/forgotten', { account })).status).toBe(200);
  const [letter] = await letters();
  return linkIn(letter);
}

test('a person confirms an address and resets a forgotten password with it', async () => {
  const one = await confirmed('moana', 'moana@cert.example');
  expect((await one.get('/console/account')).text).toContain('moana@cert.example (confirmed)');
  for (const typed of ['moana', 'Moana@CERT.example']) {
    const link = await resetLink(typed);
    expect([typed, link]).toEqual([typed, expect.stringMatching(/^\/console\/reset\//)]);
    const two = browser();
    expect((await two.get(link)).text).toContain('Choose a new password for moana');
    expect((await two.post(link, { password: 'short' })).status).toBe(422);
    const key = (await t.api('boss', 'GET', '/keys')).status;
    expect(key).toBe(200);
    expect((await two.post(link, { password: NEXT })).status).toBe(200);
    // The link worked once and ended every session.
    expect((await two.post(link, { password: PASSWORD })).status).toBe(404);
    expect((await two.get(link)).status).toBe(404);
    expect((await one.api('get', '/whoami')).status).toBe(401);
    expect((await letters()).join('')).toContain('was reset by a link');
  }
  await signedIn('moana', NEXT);
  const stored = JSON.stringify(await t.hub.store.records('email-link'));
  expect(stored).not.toMatch(/console/);
  expect((await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact.action)).toContain(
    'account.password_reset',
  );
});

test('requests for known and unknown accounts get the same response, and only confirmed addresses get an email', async () => {
  await confirmed('moana', 'moana@cert.example');
  await t.api('boss', 'PATCH', '/accounts/sina', { email: 'sina@cert.example' });
  const answers = new Set<string>();
  for (const account of ['moana', 'sina', 'filed', 'nobody-here', 'x@y.example', 'sensor', '']) {
    const { status, text } = await browser().post('/console/forgotten', { account });
    answers.add(`${status} ${text}`);
  }
  expect(answers.size).toBe(1);
  const sent = await letters();
  expect(sent.map((letter) => /To: (\S+)/.exec(letter)?.[1])).toEqual(['moana@cert.example']);
});

test('an address that an administrator enters never gives access', async () => {
  await confirmed('moana', 'moana@cert.example');
  await t.api('boss', 'PATCH', '/accounts/moana', { email: 'thief@cert.example' });
  expect((await t.api('boss', 'GET', '/accounts/moana')).body).toMatchObject({ email: 'thief@cert.example', email_verified: false }); // prettier-ignore
  for (const account of ['moana', 'thief@cert.example', 'moana@cert.example'])
    await browser().post('/console/forgotten', { account });
  expect(await letters()).toEqual([]);
});

test('a confirmation link works only for its own account, in a session', async () => {
  const moana = await signedIn('moana');
  await letters();
  await moana.post('/console/email', { email: 'moana@cert.example' });
  const [letter] = await letters();
  const link = linkIn(letter);
  expect((await browser().get(link)).text).toContain('moana@cert.example');
  expect((await browser().post(link)).headers['location']).toBe('/console/sign-in');
  expect((await (await signedIn('sina')).post(link)).status).toBe(404);
  expect((await t.api('boss', 'GET', '/accounts/sina')).body['email_verified']).toBe(false);
  clock.advance(6 * MINUTE);
  expect((await moana.post('/console/email', { email: 'x@cert.example' })).headers['location']).toBe(
    '/console/confirm',
  );
  expect((await moana.post(link)).status).toBe(303);
  expect((await moana.post(link)).status).toBe(404);
});

test('a new address is used once it is confirmed, and the old address is notified', async () => {
  const one = await confirmed('moana', 'old@cert.example');
  await one.post('/console/email', { email: 'new@cert.example' });
  const [letter] = await letters();
  expect(await resetLink('old@cert.example')).not.toBe('');
  const before = await resetLink('moana');
  expect((await one.post(linkIn(letter))).status).toBe(303);
  const notices = await letters();
  expect(new Set(notices.map((text) => /To: (\S+)/.exec(text)?.[1]))).toEqual(
    new Set(['new@cert.example', 'old@cert.example']),
  );
  // Links that were sent to the old address have ended with it.
  expect((await browser().post(before, { password: NEXT })).status).toBe(404);
  expect(await resetLink('old@cert.example')).toBe('');
});

test('accounts for which somebody else entered an address do not keep its person from a reset', async () => {
  await confirmed('moana', 'moana@cert.example');
  for (const name of ['a-one', 'a-two', 'a-three']) {
    await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member: 'tonga', person: true, email: 'moana@cert.example' }); // prettier-ignore
    expect((await t.api('boss', 'GET', `/accounts/${name}`)).body).toMatchObject({ email: 'moana@cert.example', email_verified: false }); // prettier-ignore
  }
  await t.hub.directory.refresh();
  // As an officer, this person is notified of the new accounts.
  await letters();
  expect(await resetLink('moana@cert.example')).not.toBe('');
});

test('simultaneous requests for links cannot exceed their limit', async () => {
  const moana = await signedIn('moana');
  await letters();
  await Promise.all(
    Array.from({ length: 8 }, () => moana.api('post', '/email', { email: 'victim@cert.example' })),
  );
  expect(await letters()).toHaveLength(3);
});

test('a link is valid for 30 minutes, an account has at most three open links, and requests are throttled', async () => {
  await confirmed('moana', 'moana@cert.example');
  const links: string[] = [];
  for (let i = 0; i < 5; i++) links.push(await resetLink('moana'));
  expect(links.filter((link) => link !== '')).toHaveLength(3);
  clock.advance(31 * MINUTE);
  expect((await browser().post(links[0] ?? '', { password: NEXT })).status).toBe(404);
  const one = browser();
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++)
    statuses.push((await one.post('/console/forgotten', { account: 'nobody' })).status);
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
  expect(statuses.at(-1)).toBe(429);
});

test('after a reset the second factor is still required, and TLP:RED is still readable', async () => {
  const one = await confirmed('moana', 'moana@cert.example');
  const secret = String((await one.api('post', '/second-factor/authenticator')).body['secret']);
  const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
  await one.api('post', '/second-factor/authenticator/verification', { code: code() });
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  expect((await t.api('boss', 'POST', '/red', { object, to: ['moana'] })).status).toBe(201);
  await letters();
  expect((await browser().post(await resetLink('moana'), { password: NEXT })).status).toBe(200);
  const two = await signedIn('moana', NEXT);
  expect((await two.get('/console')).headers['location']).toBe('/console/second-factor');
  clock.advance(MINUTE);
  expect((await two.post('/console/second-factor', { code: code() })).status).toBe(303);
  expect((await two.get('/console/account')).text).toContain('One item of TLP:RED');
});

test('the API does the same, and a key cannot change an address', async () => {
  const one = await signedIn('moana');
  await letters();
  expect((await one.api('post', '/email', { email: 'moana@cert.example' })).status).toBe(204);
  const token =
    linkIn((await letters())[0])
      .split('/')
      .at(-1) ?? '';
  const key = String((await one.api('post', '/keys', { account: 'moana' })).body['secret']);
  expect((await t.api(key, 'POST', '/email', { email: 'x@cert.example' })).status).toBe(401);
  expect((await t.api(key, 'POST', '/email/verification', { token })).status).toBe(401);
  expect((await one.api('post', '/email/verification', { token })).status).toBe(204);
  await letters();
  const ask = (account: string) => supertest(t.hub.app).post('/api/v1/password-resets').send({ account });
  expect([(await ask('moana')).status, (await ask('nobody')).status]).toEqual([204, 204]);
  const reset = linkIn((await letters())[0])
    .split('/')
    .at(-1);
  const complete = () => supertest(t.hub.app).post('/api/v1/password-resets/completion').send({ token: reset, password: NEXT }); // prettier-ignore
  expect([(await complete()).status, (await complete()).status]).toEqual([204, 404]);
});

test('a confirmed address gives no access after somebody else resets the account, and is notified of the reset once', async () => {
  const one = await confirmed('moana', 'evil@cert.example');
  await one.post('/console/email', { email: 'evil2@cert.example' });
  const waiting = linkIn((await letters())[0]);
  const open = await resetLink('moana');
  const made = await t.api('boss', 'POST', '/accounts/moana/invitation');
  const heard = await letters();
  expect(heard.map((letter) => /To: (\S+)/.exec(letter)?.[1])).toEqual(['evil@cert.example']);
  expect(heard[0]).toContain('was reset by the hub');
  expect((await t.api('boss', 'GET', '/accounts/moana')).body).toMatchObject({ email_verified: false });
  expect((await t.api('boss', 'GET', '/accounts/moana')).body).not.toHaveProperty('email');
  const token = String(made.body['link']).split('/').at(-1) ?? '';
  expect((await browser().post(`/first/${token}`, { password: NEXT })).status).toBe(200);
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  expect((await t.api('boss', 'POST', '/red', { object, to: ['moana'] })).status).toBe(201);
  await letters();
  for (const typed of ['moana', 'evil@cert.example', 'evil2@cert.example'])
    expect([typed, await resetLink(typed)]).toEqual([typed, '']);
  expect((await browser().post(open, { password: PASSWORD })).status).toBe(404);
  expect((await (await signedIn('moana', NEXT)).post(waiting)).status).toBe(404);
});

test('an address from the settings file must be confirmed again after somebody else resets the account', async () => {
  const [name, email] = ['filed', 'filed@cert.example'];
  await acceptInvitation(name);
  const one = await signedIn(name);
  await letters();
  await one.post('/console/email', { email });
  expect((await one.post(linkIn((await letters())[0]))).status).toBe(303);
  expect((await t.api('boss', 'GET', '/accounts/filed')).body).toMatchObject({ email, email_verified: true });
  expect((await t.api('boss', 'POST', '/keys', { account: name })).status).toBe(201);
  expect((await t.api('boss', 'GET', '/accounts/filed')).body).toMatchObject({
    email,
    email_verified: false,
  });
});

test.each([
  ['an invitation', async () => {
    const made = await t.api('boss', 'POST', '/accounts/moana/invitation');
    return new URL(String(made.body['link'])).pathname;
  }],
  ['a reset by email', async () => {
    await confirmed('moana', 'moana@cert.example');
    return resetLink('moana');
  }],
])('guesses from elsewhere cannot keep a person from the first sign-in after %s', async (_what, linkOf) => {
  const link = await linkOf();
  const one = browser();
  expect((await one.post(link, { password: NEXT })).status).toBe(200);
  for (let i = 0; i < 10; i++)
    expect((await browser().post('/console/sign-in', { account: 'moana', password: 'no' })).status).toBe(401);
  const right = { account: 'moana', password: NEXT };
  expect((await browser().post('/console/sign-in', right)).status).toBe(429);
  const moved = browser();
  moved.takeCookies(one.cookies);
  expect((await moved.post('/console/sign-in', right)).status).toBe(303);
  one.takeCookies('');
  expect((await one.post('/console/sign-in', right)).status).toBe(303);
}); // prettier-ignore

test('requests for links are also counted behind a proxy that is not trusted, and correct links still work', async () => {
  const link = await (async () => {
    await confirmed('moana', 'moana@cert.example');
    return resetLink('moana');
  })();
  const near = new FormBrowser(() => t.hub.app);
  for (let i = 0; i < 100; i++) expect((await near.get('/console/reset/wrong')).status).toBe(404);
  expect((await near.get('/console/reset/wrong')).status).toBe(429);
  expect((await near.post('/console/forgotten', { account: 'nobody' })).status).toBe(429);
  expect((await near.post(link, { password: NEXT })).status).toBe(200);
});

test('a password that somebody else set confirms no address, so none of theirs remains', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'litia', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  const maker = await signedIn('litia');
  await letters();
  expect((await maker.post('/console/email', { email: 'maker@cert.example' })).status).toBe(403);
  expect((await maker.api('post', '/email', { email: 'maker@cert.example' })).body['code']).toBe('TLN-A-409');
  expect(await letters()).toEqual([]);
  const litia = await signedIn('litia');
  expect((await litia.post('/console/password', { present: PASSWORD, next: NEXT })).status).toBe(200);
  expect((await litia.post('/console/email', { email: 'litia@cert.example' })).status).toBe(200);
});
