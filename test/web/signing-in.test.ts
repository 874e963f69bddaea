import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import supertest from 'supertest';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { textOf } from '../support/console.ts';
import { choosePasswords, SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { mailServer } from '../support/mail-servers.ts';
import { SoftPasskey } from '../support/passkey.ts';

/** The pages of a person's own account, as a browser without scripts sees them. */

const HUB = 'https://hub.example';
const PASSWORD = 'seven green turtles swim';
const MINUTE = 60_000;

let t: TestHub;
let clock: TestClock;
let mail: Awaited<ReturnType<typeof mailServer>>;
beforeAll(async () => {
  clock = new TestClock();
  mail = await mailServer();
  t = await testHub(
    `${SETTINGS.replace('{ title: Test hub }', `{ title: Test hub, url: "${HUB}" }`)}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
mail: { server: "smtp://127.0.0.1:${mail.port}", from: hub@hub.example, insecure: true }
limits: { trusted_proxies: [127.0.0.1] }
`,
    { clock },
  );
  for (const [name, role] of [
    ['moana', 'officer'],
    ['sefo', 'officer'],
    ['vika', 'officer'],
    ['lani', 'analyst'],
  ] as const)
    await t.api('boss', 'POST', '/accounts', {
      name,
      role,
      person: true,
      password: PASSWORD,
      ...(role === 'officer' ? { member: 'tonga' } : {}),
    });
  await choosePasswords(t.hub, 'moana', 'sefo', 'vika', 'lani');
});
afterAll(async () => {
  await t.stop();
  await mail.close();
});

let addresses = 0;
/** A browser at an address of its own, so that the wrong attempts of one test do not slow down another. */
const browser = (): FormBrowser =>
  new FormBrowser(() => t.hub.app, { 'X-Forwarded-For': `203.0.113.${++addresses}` });

async function signedIn(account: string, password = PASSWORD): Promise<FormBrowser> {
  const one = browser();
  expect((await one.post('/console/sign-in', { account, password })).status).toBe(303);
  return one;
}

async function letters(): Promise<readonly string[]> {
  await t.hub.email.idle();
  return mail.mails.splice(0).map((text) => text.replaceAll('=\r\n', '').replaceAll('=3D', '='));
}
const linkIn = (letter = ''): string => /\/console\/(?:email|reset)\/[\w-]+/.exec(letter)?.[0] ?? '';
const placeOf = ({ headers }: { headers: Readonly<Record<string, string>> }): string | undefined =>
  headers['location'];

describe('signing in', () => {
  test('the page keeps the account that was typed, and never the password', async () => {
    const { status, text } = await browser().post('/console/sign-in', {
      account: 'moana" autofocus="',
      password: 'not my password',
    });
    expect(status).toBe(401);
    expect(text).toContain('Incorrect account name or password.');
    expect(text).toContain('value="moana&quot; autofocus=&quot;"');
    expect(text).not.toContain('not my password');
  });

  test('an unknown account gets the same page as a wrong password', async () => {
    const pages = await Promise.all(
      ['moana', 'nobody'].map((account) =>
        browser().post('/console/sign-in', { account, password: 'wrong' }),
      ),
    );
    const [known, unknown] = pages.map(({ status, text }) => [status, text.replaceAll(/nobody|moana/g, 'x')]);
    expect(unknown).toEqual(known);
  });

  test('a form of another site is refused before anything is read', async () => {
    const answer = await supertest(t.hub.app)
      .post('/console/sign-in')
      .set({ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' })
      .type('form')
      .send({ account: 'moana', password: PASSWORD });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('signing out ends the session, and works without one', async () => {
    const one = await signedIn('moana');
    const cookies = one.cookies;
    expect(placeOf(await one.post('/console/sign-out'))).toBe('/console/sign-in');
    const again = browser();
    again.takeCookies(cookies);
    expect(placeOf(await again.get('/console/account'))).toBe('/console/sign-in');
    expect(placeOf(await browser().post('/console/sign-out'))).toBe('/console/sign-in');
  });
});

describe('the account page', () => {
  test('shows the account, its sessions and its sign-ins', async () => {
    const one = await signedIn('moana');
    await browser().post('/console/sign-in', { account: 'moana', password: 'a wrong guess' });
    const page = await one.get('/console/account');
    const text = textOf(page);
    for (const part of ['moana', 'officer', 'tonga', 'Recent sign-ins', 'Firefox'])
      expect(text).toContain(part);
    expect(page.text).not.toContain(PASSWORD);
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('ends another session, and shows nothing about one that has already ended', async () => {
    const [one, other] = [await signedIn('moana'), await signedIn('moana')];
    const { body } = await other.api('get', '/whoami');
    const session = String((body['session'] as { id?: string } | undefined)?.id ?? '');
    const [, path = ''] =
      new RegExp(`action="(/console/sessions/${session === '' ? '[^/"]+' : session}/end)"`).exec(
        (await one.get('/console/account')).text,
      ) ?? [];
    expect(path).not.toBe('');
    for (const _attempt of [1, 2])
      expect([(await one.post(path)).status, placeOf(await one.post(path))]).toEqual([
        303,
        '/console/account',
      ]);
  });

  test('changes the password with the current one only', async () => {
    const one = await signedIn('sefo');
    const other = await signedIn('sefo');
    const change = (present: string, next: string) => one.post('/console/password', { present, next });
    const wrong = await change('not the password', 'a password of twelve letters');
    expect([wrong.status, wrong.text.includes('The current password is incorrect.')]).toEqual([403, true]);
    const short = await change(PASSWORD, 'short');
    expect([short.status, textOf(short)]).toEqual([422, expect.stringMatching(/at least 12|too short/)]);
    const done = await change(PASSWORD, 'a password of twelve letters');
    expect([done.status, done.text.includes('Your password was changed.')]).toEqual([200, true]);
    // This session continues with a new cookie, and all others end.
    expect((await one.get('/console/account')).status).toBe(200);
    expect(placeOf(await other.get('/console/account'))).toBe('/console/sign-in');
    await signedIn('sefo', 'a password of twelve letters');
  });
});

describe('the second factor', () => {
  let secret = '';
  let codes: readonly string[] = [];
  const code = (): string => {
    clock.advance(MINUTE);
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now() });
  };
  const codesIn = (text: string): readonly string[] =>
    text.match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/g) ?? [];
  let one: FormBrowser;

  test('is set up by people of the hub before they can open any other page', async () => {
    one = browser();
    const first = await one.post('/console/sign-in', { account: 'lani', password: PASSWORD });
    expect(placeOf(first)).toBe('/console/second-factor/set-up');
    expect(placeOf(await one.get('/console/search'))).toBe('/console/second-factor/set-up');
    expect(placeOf(await one.post('/console/second-factor/offer'))).toBe('/console/second-factor/set-up');
    const page = await one.get('/console/second-factor/set-up');
    secret = (/Secret: <code>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    const wrong = await one.post('/console/second-factor/verify', { code: '000000' });
    expect([wrong.status, wrong.text.includes('This code is incorrect or was already used.')]).toEqual([
      403,
      true,
    ]);
    const done = await one.post('/console/second-factor/verify', { code: code() });
    codes = codesIn(done.text);
    expect([done.status, codes.length, textOf(done).includes('Your second factor is turned on')]).toEqual([
      200,
      10,
      true,
    ]);
    expect((await one.get('/console/account')).text).toContain('10 of 10 recovery codes left');
  });

  test('is the second step of each sign-in, with a code or a recovery code that works once', async () => {
    const two = await signedIn('lani');
    expect(placeOf(await two.get('/console/account'))).toBe('/console/second-factor');
    expect(textOf(await two.get('/console/second-factor'))).toContain('lani');
    const wrong = await two.post('/console/second-factor', { code: '000000' });
    expect([wrong.status, wrong.text.includes('This code is incorrect or was already used.')]).toEqual([
      403,
      true,
    ]);
    expect(placeOf(await two.post('/console/second-factor', { code: codes[0] ?? '' }))).toBe('/console');
    const three = await signedIn('lani');
    expect((await three.post('/console/second-factor', { code: codes[0] ?? '' })).status).toBe(403);
    expect(placeOf(await three.post('/console/second-factor', { code: code() }))).toBe('/console');
    // A person who has completed the sign-in is not asked again.
    expect(placeOf(await three.get('/console/second-factor'))).toBe('/console');
  });

  test('is confirmed again before it is changed', async () => {
    clock.advance(20 * MINUTE);
    expect(placeOf(await one.post('/console/second-factor/codes'))).toBe('/console/confirm');
    expect(textOf(await one.get('/console/confirm'))).toContain('lani');
    const wrong = await one.post('/console/confirm', { code: '000000' });
    expect([wrong.status, wrong.text.includes('The password or code is incorrect.')]).toEqual([403, true]);
    expect(placeOf(await one.post('/console/confirm', { code: code() }))).toBe(
      '/console/account#second-factor',
    );
    const renewed = await one.post('/console/second-factor/codes');
    expect([renewed.status, codesIn(renewed.text).length]).toEqual([200, 10]);
    expect(codesIn(renewed.text)).not.toContain(codes[1]);
  });

  test('can be a passkey, which the form of the page takes', async () => {
    const key = new SoftPasskey(HUB);
    const broken = await one.post('/console/second-factor/passkeys', { passkey: 'not JSON' });
    expect([broken.status >= 400, broken.text.includes('The hub did not accept the passkey.')]).toEqual([
      true,
      true,
    ]);
    const { body } = await one.api('post', '/second-factor/passkeys/options');
    const { challenge } = body['options'] as { challenge: string };
    const added = await one.post('/console/second-factor/passkeys', {
      passkey: JSON.stringify(key.create(challenge)),
    });
    expect([added.status, textOf(added).includes('Your passkey was added')]).toEqual([200, true]);
    const account = await one.get('/console/account');
    expect(account.text).toContain('Passkey of Firefox');
    const [, remove = ''] =
      /action="(\/console\/second-factor\/passkeys\/[^"]+\/remove)"/.exec(account.text) ?? [];
    expect(placeOf(await one.post(remove))).toBe('/console/account#second-factor');
    expect((await one.get('/console/account')).text).not.toContain('Passkey of Firefox');
  });

  test('can be removed by people who need none, and its pages then lead to the account', async () => {
    const officer = await signedIn('vika');
    await officer.post('/console/second-factor/offer');
    const page = await officer.get('/console/second-factor/set-up');
    secret = (/Secret: <code>([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '').replaceAll(' ', '');
    expect((await officer.post('/console/second-factor/verify', { code: code() })).status).toBe(200);
    expect(placeOf(await officer.post('/console/second-factor/remove'))).toBe(
      '/console/account#second-factor',
    );
    expect(placeOf(await officer.get('/console/second-factor'))).toBe('/console');
    const again = await signedIn('vika');
    expect((await again.get('/console/account')).status).toBe(200);
  });

  test.each(['offer', 'verify', 'remove', 'codes', 'passkeys', 'passkeys/x/remove'])(
    'cannot be changed without a session: %s',
    async (path) => {
      expect(placeOf(await browser().post(`/console/second-factor/${path}`))).toBe('/console/sign-in');
    },
  );
});

describe('the email address', () => {
  test('is confirmed by the link in an email, which leads back to the account', async () => {
    const one = await signedIn('moana');
    await letters();
    const sent = await one.post('/console/email', { email: 'moana@cert.example' });
    expect(textOf(sent)).toContain('A confirmation link is on its way');
    const link = linkIn((await letters())[0]);
    expect(textOf(await one.get(link))).toContain('moana@cert.example');
    expect(placeOf(await one.post(link))).toBe('/console/account#email');
    expect((await one.get('/console/account')).text).toContain('moana@cert.example (confirmed)');
    for (const used of [await one.get(link), await one.post(link)])
      expect([used.status, textOf(used)]).toEqual([404, expect.stringContaining('This link does not work')]);
  });

  test('resets a forgotten password, once', async () => {
    const one = browser();
    expect(textOf(await one.get('/console/forgotten'))).toContain('Reset');
    await letters();
    expect(textOf(await one.post('/console/forgotten', { account: 'moana' }))).toContain('Check your inbox');
    const link = linkIn((await letters())[0]);
    expect(textOf(await one.get(link))).toContain('Choose a new password for moana');
    const short = await one.post(link, { password: 'short' });
    expect([short.status, textOf(short)]).toEqual([
      422,
      expect.stringContaining('Choose a new password for moana'),
    ]);
    const done = await one.post(link, { password: 'eleven blue whales dive' });
    expect([done.status, textOf(done).includes('Your password was changed')]).toEqual([200, true]);
    expect((await one.get(link)).status).toBe(404);
    expect((await one.post(link, { password: 'twelve blue whales dive' })).status).toBe(404);
    await signedIn('moana', 'eleven blue whales dive');
  });

  test('an unknown account gets the same response as a known one', async () => {
    const answers = await Promise.all(
      ['moana', 'nobody-here', ''].map((account) => browser().post('/console/forgotten', { account })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });
});

describe('TLP:RED for a person', () => {
  test('is listed without its content, and opened by the recipient alone', async () => {
    const object = anIndicator({ name: 'Quiet harbour', object_marking_refs: [tlpMarkingId('red')] });
    const { body } = await t.api('sensor', 'POST', '/red', { object, to: ['vika'], note: 'Call me first' });
    const red = `/console/red/${String(body['id'])}`;
    const one = await signedIn('vika');
    const list = await one.get('/console/red');
    expect(list.text).toContain(`href="${red}"`);
    expect([list.text.includes('Call me first'), list.text.includes('Quiet harbour')]).toEqual([true, false]);
    expect(textOf(await one.get(red))).toContain('Quiet harbour');
    expect((await (await signedIn('sefo', 'a password of twelve letters')).get(red)).status).toBe(404);
    expect(placeOf(await browser().get(red))).toBe('/console/sign-in');
  });
});
