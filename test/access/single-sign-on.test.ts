import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { identityProvider, type IdentityProvider } from '../support/identity-provider.ts';
import { interleavedStore } from '../support/interleaved-store.ts';

const HUB = 'http://127.0.0.1:6420';
const PASSWORD = 'password of moana';

let provider: IdentityProvider;
let t: TestHub;
let clock: TestClock;
const settings = (more = ''): string => `${SETTINGS.replace('{ title: Test hub }', `{ title: Test hub, url: "${HUB}" }`)}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: filed, role: officer, member: tonga, person: true, single_sign_on: { subject: s-filed } }
egress: { allow: ["127.0.0.1:${provider.port}"] }
sign_in:
  oidc: { issuer: "${provider.issuer}", client_id: talanoa, client_secret_env: SSO_SECRET, title: Pacific ID, second_factor: { acr: [two-factor], amr: [mfa] } }
limits: { trusted_proxies: [127.0.0.1] }
${more}`; // prettier-ignore
beforeAll(() => {
  // The package warns about in-memory keys and sessions, which are fine in a test.
  for (const way of ['warn', 'info'] as const) jest.spyOn(console, way).mockImplementation(() => undefined);
});
afterAll(() => {
  jest.restoreAllMocks();
});
beforeEach(async () => {
  provider = await identityProvider(HUB);
  // The provider and the library use the time of the machine.
  clock = new TestClock(new Date().toISOString());
  t = await testHub(settings(), { clock }, {}, { SSO_SECRET: provider.secret });
  await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true });
});
afterEach(async () => {
  await t.stop();
  await provider.close();
});

const browser = () => new FormBrowser(() => t.hub.app);
const link = (account: string, body: object) =>
  t.api('boss', 'PUT', `/accounts/${account}/single-sign-on`, body);

/** Returns the address at the provider, and the browser that was sent there. */
async function begun(path = '/console/sso'): Promise<{ one: FormBrowser; url: string }> {
  const one = browser();
  const sent = await one.get(path);
  expect(sent.status).toBe(303);
  return { one, url: sent.headers['location'] ?? '' };
}
const back = (one: FormBrowser, url: string): Promise<BrowserAnswer> => one.get(url.slice(HUB.length));
async function signIn(path?: string): Promise<{ one: FormBrowser; answer: BrowserAnswer }> {
  const { one, url } = await begun(path);
  return { one, answer: await back(one, await provider.visit(url)) };
}
const account = async (one: FormBrowser) => (await one.api('get', '/whoami')).body['account'];

describe('signing in at a provider', () => {
  test('signs in the account that is linked to the subject, and also signs out at the provider', async () => {
    expect((await link('moana', { subject: 's-moana' })).status).toBe(204);
    provider.person = { subject: 's-moana' };
    expect((await browser().get('/console/sign-in')).text).toContain('Sign in with Pacific ID');
    const { one, answer } = await signIn();
    expect([answer.status, answer.headers['refresh']]).toEqual([200, '0; url=/console']);
    expect(await account(one)).toBe('moana');
    expect((await one.get('/console/account')).text).toContain('single sign-on');
    const out = await one.post('/console/sign-out');
    const elsewhere = new URL((out.headers['refresh'] ?? '').replace('0; url=', ''));
    expect(elsewhere.origin).toBe(provider.issuer);
    expect(Object.fromEntries(elsewhere.searchParams)).toMatchObject({
      client_id: 'talanoa',
      id_token_hint: expect.stringMatching(/^ey/),
      post_logout_redirect_uri: `${HUB}/console/sign-in`,
    });
    expect((await fetch(elsewhere)).status).toBe(200);
    expect((await one.api('get', '/whoami')).status).toBe(401);
    expect(JSON.stringify(await t.hub.store.records('session'))).not.toContain('eyJ');
  });

  test('matches an account once by a verified address that an administrator set, and then by the subject', async () => {
    expect((await link('moana', { email: 'Moana@cert.example' })).status).toBe(204);
    expect((await t.api('boss', 'GET', '/accounts/moana')).body['single_sign_on']).toBe('waiting');
    provider.person = { subject: 's-thief', email: 'moana@cert.example', verified: false };
    expect((await signIn()).answer.status).toBe(401);
    provider.person = { subject: 's-moana', email: 'moana@cert.example' };
    expect(await account((await signIn()).one)).toBe('moana');
    expect((await t.api('boss', 'GET', '/accounts/moana')).body['single_sign_on']).toBe('linked');
    // The provider has given the address to somebody else.
    provider.person = { subject: 's-other', email: 'moana@cert.example' };
    expect((await signIn()).answer.status).toBe(401);
    provider.person = { subject: 's-moana' };
    expect(await account((await signIn()).one)).toBe('moana');
  });

  test('an address that only looks the same in lower case does not match', async () => {
    await t.api('boss', 'POST', '/accounts', {
      name: 'kava',
      role: 'officer',
      member: 'tonga',
      person: true,
    });
    await link('kava', { email: 'kava@cert.example' });
    // The lower case of the Kelvin sign is an ordinary k.
    provider.person = { subject: 's-thief', email: '\u212Aava@cert.example' };
    expect((await signIn()).answer.status).toBe(401);
    provider.person = { subject: 's-kava', email: 'KAVA@cert.example' };
    expect(await account((await signIn()).one)).toBe('kava');
  });

  test('gives unknown people, disabled accounts and service accounts the same response, and creates no account', async () => {
    await link('moana', { subject: 's-moana' });
    const accounts = (await t.hub.store.records('account')).length;
    const answers = new Set<string>();
    for (const [subject, change] of [
      ['s-nobody', undefined],
      ['s-moana', { disabled: true }],
      ['s-moana', { disabled: false, role: 'machine' }],
    ] as const) {
      if (change !== undefined) await t.api('boss', 'PATCH', '/accounts/moana', change);
      provider.person = { subject, email: 'admin@hub.example' };
      const { one, answer } = await signIn();
      answers.add(`${answer.status} ${answer.text}`);
      expect((await one.api('get', '/whoami')).status).toBe(401);
    }
    expect(answers.size).toBe(1);
    expect(await t.hub.store.records('account')).toHaveLength(accounts);
  });

  test('accepts links from the settings file, which nobody else can change', async () => {
    provider.person = { subject: 's-filed' };
    expect(await account((await signIn()).one)).toBe('filed');
    expect((await link('filed', { subject: 's-other' })).status).toBe(409);
  });
});

describe('a response from the provider is refused', () => {
  beforeEach(async () => {
    await link('moana', { subject: 's-moana' });
    provider.person = { subject: 's-moana' };
  });
  const refused = async (one: FormBrowser, url: string) => {
    expect((await back(one, url)).status).toBe(401);
    expect((await one.api('get', '/whoami')).status).toBe(401);
  };
  const changed = (url: string, name: string, value: string): string => {
    const other = new URL(url);
    other.searchParams.set(name, value);
    return other.href;
  };

  test('with another nonce', async () => {
    const { one, url } = await begun();
    await refused(one, await provider.visit(changed(url, 'nonce', 'another-nonce')));
  });

  test('with another state, or another issuer', async () => {
    for (const [name, value] of [
      ['state', 'another-state'],
      ['iss', 'https://elsewhere.example'],
      ['code', 'a-code-of-nobody'],
    ] as const) {
      const { one, url } = await begun();
      await refused(one, changed(await provider.visit(url), name, value));
    }
  });

  test('from another provider', async () => {
    const other = await identityProvider(HUB);
    try {
      other.person = { subject: 's-moana' };
      const { one, url } = await begun();
      const there = await other.visit(url.replace(provider.issuer, other.issuer));
      await refused(one, there);
      const again = await begun();
      const { searchParams } = new URL(await other.visit(again.url.replace(provider.issuer, other.issuer)));
      // The provider's code, with the other parameters of the correct response.
      searchParams.set('iss', provider.issuer);
      await refused(again.one, `${HUB}/console/sso/callback?${searchParams.toString()}`);
    } finally {
      await other.close();
    }
  });

  test('for a code challenge of another browser', async () => {
    const { one, url } = await begun();
    await refused(one, await provider.visit(changed(url, 'code_challenge', 'x'.repeat(43))));
  });

  test('in another browser, a second time, and with a new code for the same state', async () => {
    const { one, url } = await begun();
    const cookies = one.cookies;
    const there = await provider.visit(url);
    await refused(browser(), there);
    const stolen = (await begun()).one;
    await refused(stolen, there);
    expect((await back(one, there)).status).toBe(200);
    const again = browser();
    again.takeCookies(cookies);
    await refused(again, there);
    again.takeCookies(cookies);
    await refused(again, await provider.visit(url));
  });

  test('when the person refused', async () => {
    const { one, url } = await begun();
    const state = new URL(url).searchParams.get('state') ?? '';
    await refused(
      one,
      `${HUB}/console/sso/callback?error=access_denied&state=${state}&iss=${encodeURIComponent(provider.issuer)}`,
    );
  });
});

describe('the second factor', () => {
  beforeEach(async () => {
    await t.api('boss', 'POST', '/accounts', { name: 'lani', role: 'analyst', person: true });
    await link('lani', { subject: 's-lani' });
  });

  test('is required after single sign-on as after a password', async () => {
    provider.person = { subject: 's-lani' };
    const { one, answer } = await signIn();
    expect(answer.headers['refresh']).toBe('0; url=/console/second-factor/set-up');
    expect((await one.api('get', '/whoami')).status).toBe(401);
  });

  test('can be given at the provider if the settings list the values for it', async () => {
    for (const said of [{ acr: 'two-factor' }, { amr: ['pwd', 'mfa'] }]) {
      provider.person = { subject: 's-lani', ...said };
      expect(await account((await signIn()).one)).toBe('lani');
    }
    provider.person = { subject: 's-lani', amr: ['pwd'] };
    expect((await (await signIn()).one.api('get', '/whoami')).status).toBe(401);
  });
});

test('a sensitive change requires a person from the provider to sign in there again', async () => {
  await link('moana', { subject: 's-moana' });
  provider.person = { subject: 's-moana' };
  const { one } = await signIn('/console/sso?confirm');
  expect((await one.api('post', '/keys', { account: 'moana' })).status).toBe(201);
  const { url } = await begun('/console/sso?confirm');
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ prompt: 'login', max_age: '0' });
});

/** Creates an officer of a member, who chooses a password with a one-time link, and signs them in with it. */
async function person(name: string, member = 'tonga'): Promise<FormBrowser> {
  await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member, person: true });
  const { link } = (await t.api('boss', 'POST', `/accounts/${name}/invitation`)).body as { link: string };
  const path = new URL(link, 'http://hub').pathname;
  expect((await browser().post(path, { password: PASSWORD, again: PASSWORD })).status).toBe(200);
  const one = browser();
  expect((await one.post('/console/sign-in', { account: name, password: PASSWORD })).status).toBe(303);
  return one;
}
/** Links the account of a browser to the person at the provider. */
async function linkOwn(one: FormBrowser): Promise<BrowserAnswer> {
  const sent = await one.get('/console/sso?link');
  expect(sent.status).toBe(303);
  return back(one, await provider.visit(sent.headers['location'] ?? ''));
}
const giveRed = (to: string) =>
  t.api('boss', 'POST', '/red', { object: anIndicator({ object_marking_refs: [tlpMarkingId('red')] }), to: [to] }); // prettier-ignore

test('a link by somebody else counts as giving an account its access, and a link by its own person does not', async () => {
  const given = async (name: string) => (await t.hub.directory.refresh()).accountNamed(name)?.accessAt ?? 0;
  const one = await person('sina');
  const before = await given('sina');
  clock.advance(1_000);
  provider.person = { subject: 's-sina' };
  expect((await linkOwn(one)).status).toBe(200);
  expect(await given('sina')).toBe(before);
  expect((await link('moana', { subject: 's-moana' })).status).toBe(204);
  expect(await given('moana')).toBe(clock.now());
  // The officers of the member learn of it.
  const { body } = await one.api('get', '/account/notifications');
  expect(JSON.stringify(body)).toContain('Hub staff gave access to the account moana');
});

test('only its person can link an account that is in use, not those who manage it', async () => {
  const one = await person('sina');
  expect((await link('sina', { subject: 's-boss' })).status).toBe(409);
  await giveRed('moana');
  expect((await link('moana', { subject: 's-boss' })).status).toBe(409);
  provider.person = { subject: 's-sina' };
  expect((await linkOwn(one)).status).toBe(200);
  const two = (await signIn()).one;
  expect(await account(two)).toBe('sina');
  provider.person = { subject: 's-filed' };
  expect((await linkOwn(one)).status).toBe(409);
  expect((await t.api('boss', 'DELETE', '/accounts/sina/single-sign-on')).status).toBe(204);
  expect((await two.api('get', '/whoami')).status).toBe(401);
  provider.person = { subject: 's-sina' };
  expect((await signIn()).answer.status).toBe(401);
});

test('nobody but an administrator of the hub can name the identity of an account', async () => {
  const one = await person('lead');
  const key = String((await one.api('post', '/keys', { account: 'lead' })).body['secret']);
  for (const name of ['moana', 'lead'])
    for (const body of [{ subject: 's-litia' }, { email: 'litia@fiji.example' }])
      for (const tried of [
        one.api('put', `/accounts/${name}/single-sign-on`, body),
        t.api(key, 'PUT', `/accounts/${name}/single-sign-on`, body),
      ])
        expect([name, body, (await tried).status]).toEqual([name, body, 403]);
  provider.person = { subject: 's-litia', email: 'litia@fiji.example' };
  expect((await signIn()).answer.status).toBe(401);
  expect((await link('moana', { email: 'litia@fiji.example' })).status).toBe(204);
  expect(await account((await signIn()).one)).toBe('moana');
});

test('a person links their own account in a confirmed session, which must last until the end', async () => {
  expect((await browser().get('/console/sso?link')).headers['location']).toBe('/console/sign-in');
  const one = await person('sina');
  expect((await one.get('/console/account')).text).toContain('Link this account to you at Pacific ID');
  provider.person = { subject: 's-sina' };
  const sent = await one.get('/console/sso?link');
  expect(Object.fromEntries(new URL(sent.headers['location'] ?? '').searchParams)).toMatchObject({ prompt: 'login' }); // prettier-ignore
  const there = await provider.visit(sent.headers['location'] ?? '');
  const [session] = (await one.api('get', '/sessions')).body['items'] as { id: string }[];
  expect((await one.api('delete', `/sessions/${session?.id ?? ''}`)).status).toBe(204);
  expect((await back(one, there)).status).toBe(401);
  expect((await signIn()).answer.status).toBe(401);
  const two = await person('sina');
  clock.advance(6 * 60_000);
  expect((await two.get('/console/sso?link')).headers['location']).toBe('/console/confirm');
});

test('a password that somebody else set links nobody', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'litia', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  const maker = browser();
  expect((await maker.post('/console/sign-in', { account: 'litia', password: PASSWORD })).status).toBe(303);
  provider.person = { subject: 's-maker' };
  expect((await maker.get('/console/sso?link')).status).toBe(403);
  expect((await signIn()).answer.status).toBe(401);
});

const actions = async () => (await t.hub.store.audit(0, 1_000)).map(({ fact: { action } }) => action);

test('an account that a person uses with single sign-on only counts as in use', async () => {
  await link('moana', { subject: 's-moana' });
  expect((await link('moana', { subject: 's-boss' })).status).toBe(409);
  expect((await link('moana', { email: 'boss@cert.example' })).status).toBe(409);
  expect((await t.hub.firstLinks()).made.map(({ account: name }) => name)).not.toContain('moana');
  provider.person = { subject: 's-moana' };
  const { one } = await signIn();
  expect(await account(one)).toBe('moana');
  expect((await giveRed('moana')).status).toBe(201);
  expect((await t.api('boss', 'DELETE', '/accounts/moana/single-sign-on')).status).toBe(204);
  expect(await t.hub.store.records('red')).toEqual([]);
  expect((await one.api('get', '/whoami')).status).toBe(401);
  expect(await actions()).toEqual(expect.arrayContaining(['account.unlink', 'account.reset'])); // prettier-ignore
  const events = (await t.api('boss', 'GET', '/account/notifications')).body['items'] as { event: string }[];
  expect(events.map(({ event }) => event)).toContain('red.withdrawn');
});

test('a key for an account from the settings file that is linked there is a reset', async () => {
  expect((await t.api('boss', 'POST', '/keys', { account: 'filed' })).status).toBe(201);
  expect(await actions()).toContain('account.reset');
});

test.each([
  ['a key', () => t.api('boss', 'POST', '/keys', { account: 'moana' })],
  ['an invitation', () => t.api('boss', 'POST', '/accounts/moana/invitation')],
  ['a password', () => t.api('boss', 'PATCH', '/accounts/moana', { password: PASSWORD })],
])('%s that somebody else creates ends the link of a person to the provider', async (_what, act) => {
  await link('moana', { subject: 's-moana' });
  expect((await act()).status).toBeLessThan(300);
  provider.person = { subject: 's-moana' };
  expect((await signIn()).answer.status).toBe(401);
  expect((await t.api('boss', 'GET', '/accounts/moana')).body['single_sign_on']).toBeUndefined();
});

test('a link to the provider that was made while an invitation was open ends when the invitation is accepted', async () => {
  const made = await t.api('boss', 'POST', '/accounts/moana/invitation');
  expect((await link('moana', { subject: 's-boss' })).status).toBe(204);
  const token = new URL(String(made.body['link'])).pathname.split('/').at(-1) ?? '';
  await t.hub.invitations.accept(token, 'the boat of my uncle', { address: '', agent: '' });
  provider.person = { subject: 's-boss' };
  expect((await signIn()).answer.status).toBe(401);
});

test('wrong responses from the provider are throttled by address, before the provider is asked', async () => {
  const from = (address: string) => new FormBrowser(() => t.hub.app, { 'X-Forwarded-For': address });
  const wrong = '/console/sso/callback?code=a-code-of-nobody&state=x';
  for (let i = 0; i < 10; i++) expect((await from('203.0.113.7').get(wrong)).status).toBe(401);
  expect((await from('203.0.113.7').get(wrong)).status).toBe(429);
  expect((await from('203.0.113.8').get(wrong)).status).toBe(401);
});

test('while the provider is down, a password still signs in', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'break-glass', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  await provider.close();
  const one = browser();
  const answer = await one.get('/console/sso');
  expect([answer.status, answer.text.includes('cannot be reached')]).toEqual([503, true]);
  expect((await one.post('/console/sign-in', { account: 'break-glass', password: PASSWORD })).status).toBe(
    303,
  );
  expect(await account(one)).toBe('break-glass');
  provider = await identityProvider(HUB);
});

test('a link that is removed while somebody signs in with it stays removed', async () => {
  await t.stop();
  const interleaved = await interleavedStore();
  t = await testHub(settings(), { clock, store: interleaved.store }, {}, { SSO_SECRET: provider.secret });
  const links: unknown[] = [];
  // At each reading of the account that the sign-in makes.
  for (let moment = 1; ; moment++) {
    const name = `person-${moment}`;
    await t.api('boss', 'POST', '/accounts', { name, role: 'officer', member: 'tonga', person: true });
    await link(name, { email: `${name}@cert.example` });
    provider.person = { subject: `s-${name}`, email: `${name}@cert.example` };
    const { one, url } = await begun();
    const returned = await provider.visit(url);
    let left = moment;
    interleaved.beforeReading = async (kind, id) => {
      if (kind !== 'account' || id !== name || --left !== 0) return;
      interleaved.beforeReading = undefined;
      expect((await t.api('boss', 'DELETE', `/accounts/${name}/single-sign-on`)).status).toBe(204);
    };
    await back(one, returned);
    interleaved.beforeReading = undefined;
    if (left > 0) break;
    links.push((await t.api('boss', 'GET', `/accounts/${name}`)).body['single_sign_on']);
  }
  interleaved.remove();
  expect(links.length).toBeGreaterThan(0);
  expect(links).toEqual(links.map(() => undefined));
});

test('a provider whose clock is ahead does not make a confirmation last longer', async () => {
  await link('moana', { subject: 's-moana' });
  provider.person = { subject: 's-moana' };
  clock.advance(-1_800_000);
  const { one } = await signIn('/console/sso?confirm');
  expect((await one.api('post', '/keys', { account: 'moana' })).status).toBe(201);
  clock.advance(360_000);
  expect((await one.api('post', '/keys', { account: 'moana' })).status).toBe(403);
});
