import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { SECRET, SHARED, attackedHub, indicator, items, type Answer, type Site } from '../attack/site.ts';
import { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { MEDIA } from '../support/hub.ts';

const PASSWORD = 'a long enough passphrase, 12 words';
const IDEMPOTENT = { 'Idempotency-Key': 'the-same-key-of-both' };

interface Somebody {
  readonly key: string;
  readonly browser: FormBrowser;
}

let s: Site;
let clock: TestClock;
/** The first account "lani" of Fiji, and what it left behind. */
let first: Somebody & { readonly link: string; readonly receipt: string; readonly red: string };
/** The second account "lani", of Tonga. */
let second: Somebody;
/** An account of Tonga that is equally new, with a name that was never used. */
let control: Somebody;

function good(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}
async function signIn(name: string): Promise<FormBrowser> {
  const browser = new FormBrowser(() => s.t.hub.app);
  expect((await browser.post('/console/sign-in', { account: name, password: PASSWORD })).status).toBe(303);
  return browser;
}
async function someone(name: string, member: string): Promise<Somebody> {
  good(await s.api('chief', 'POST', '/accounts', { name, role: 'officer', member, person: true, password: PASSWORD })); // prettier-ignore
  const browser = await signIn(name);
  const made = await browser.api('post', '/keys', { account: name });
  expect([made.status, made.body['title']]).toEqual([201, undefined]);
  return { browser, key: String(made.body['secret']) };
}

beforeAll(async () => {
  clock = new TestClock();
  s = await attackedHub({ clock });
  const { browser, key } = await someone('lani', 'fiji');
  // Everything that leaves a record behind.
  const offer = await browser.api('post', '/second-factor/authenticator');
  const code = new TOTP({ secret: Secret.fromBase32(String(offer.body['secret'])) });
  const codes = await browser.api('post', '/second-factor/authenticator/verification', {
    code: code.generate({ timestamp: clock.now() }),
  });
  expect(codes.status).toBe(200);
  good(await s.post(key, SHARED, indicator('red')));
  expect(items(await s.api(key, 'GET', '/held'))).toHaveLength(1);
  const object = indicator('green');
  const receipt = String(good(await s.post(key, SHARED, object)).body['id']);
  expect(await s.read(key, SHARED)).toHaveLength(1);
  const given = good(await s.api('desk', 'POST', '/red', { object: indicator('red'), to: ['lani'] }));
  good(await s.api(key, 'POST', '/red', { object: indicator('red'), to: ['desk'] }));
  expect(items(await s.api(key, 'GET', '/red'))).toHaveLength(2);
  good(await s.api('chief', 'POST', '/collections/secret/grants', { to: 'account:lani', read: true }));
  good(await s.post('chief', SECRET, indicator('green')));
  expect(await s.read(key, SECRET)).toHaveLength(1);
  good(await s.api(key, 'POST', `/objects/${String(object['id'])}/shares`, { members: ['samoa'] }));
  good(await s.api(key, 'POST', '/keys', { account: 'fiji-machine', role: 'machine', member: 'fiji' }, IDEMPOTENT)); // prettier-ignore
  const invited = good(await s.api('desk', 'POST', '/accounts/lani/invitation'));
  expect((await browser.api('get', '/account/notifications')).body['items']).not.toEqual([]);
  first = { browser, key, receipt, link: String(invited.body['link']), red: String(given.body['id']) };

  good(await s.api('desk', 'DELETE', '/accounts/lani'));
  second = await someone('lani', 'tonga');
  control = await someone('vaka', 'tonga');
}, 120_000);
afterAll(async () => {
  await s.stop();
});

describe('the credentials of the first account no longer work', () => {
  test.each<[string, () => Promise<number>]>([
    ['its key', async () => (await s.api(first.key, 'GET', '/whoami')).status],
    ['its session', async () => (await first.browser.api('get', '/whoami')).status],
  ])('%s', async (_what, use) => {
    expect(await use()).toBe(401);
  });

  test('its one-time link', async () => {
    const accept = (link: string) =>
      s.t.hub.invitations.accept(link.slice(link.lastIndexOf('/') + 1), 'the boat of my uncle', { address: '', agent: '' }); // prettier-ignore
    await expect(accept(first.link)).rejects.toMatchObject({ name: 'Problem' });
    expect((await s.api(second.key, 'GET', '/whoami')).status).toBe(200);
    expect((await second.browser.api('get', '/whoami')).status).toBe(200);
  });
});

describe('the second account of the name gets the same as an account with a new name', () => {
  const list = (path: string) => async (who: Somebody) => items(await s.api(who.key, 'GET', path)).length;
  test.each<[string, (who: Somebody) => Promise<unknown>, unknown]>([
    ['TLP:RED to it and by it', list('/red'), 0],
    ['one item of TLP:RED', async ({ key }) => (await s.api(key, 'GET', `/red/${first.red}`)).status, 404],
    ['held submissions', list('/held'), 0],
    ['shares', list('/shares'), 0],
    ['a receipt', async ({ key }) => (await s.ask(key, 'GET', `/main/status/${first.receipt}/`, undefined, { Accept: MEDIA })).status, 404],
    ['a grant', async ({ key }) => (await s.read(key, SECRET)).length, 0],
    // Officers also learn that somebody outside their member created the other account.
    ['notifications', async ({ browser }) => ((await browser.api('get', '/account/notifications')).body['items'] as { event: string }[]).map(({ event }) => event).filter((event) => event !== 'access.given'), ['key.created']],
    ['a second factor', async ({ browser }) => { const { authenticator, recovery_codes_left: left } = (await browser.api('get', '/second-factor')).body; return [authenticator ?? 'none', left]; }, ['none', 0]],
    // An officer sees the entries of both accounts, because both belong to its member.
    ['sessions', async ({ browser }) => ((await browser.api('get', '/sessions')).body['items'] as unknown[]).length, 2],
    ['keys', async ({ key }) => items(await s.api(key, 'GET', '/keys')).filter((one) => one['member'] === 'fiji').length, 0],
    ['audit entries', async ({ key }) => (await s.api(key, 'GET', '/audit')).text.includes('fiji'), false],
  ])('%s', async (_what, look, expected) => {
    expect([await look(second), await look(control)]).toEqual([expected, expected]);
  }); // prettier-ignore

  test('sign-ins', async () => {
    const count = async (name: string) => items(await s.api('moana', 'GET', `/accounts/${name}/sign-ins`)).length; // prettier-ignore
    expect(await count('lani')).toBe(await count('vaka'));
  });

  test('no response to a request of the first account', async () => {
    const body = { account: 'fiji-machine', role: 'machine', member: 'fiji' };
    const { status, headers } = await s.api(second.key, 'POST', '/keys', body, IDEMPOTENT);
    expect([status, headers['idempotency-replayed']]).toEqual([403, undefined]);
  });

  test('it is notified of a new password', async () => {
    good(await s.api('chief', 'PATCH', '/accounts/lani', { password: `${PASSWORD} and more` }));
    const browser = new FormBrowser(() => s.t.hub.app);
    await browser.post('/console/sign-in', { account: 'lani', password: `${PASSWORD} and more` });
    const told = (await browser.api('get', '/account/notifications')).body['items'] as { event: string }[];
    expect(told.map(({ event }) => event)).toContain('password.changed');
  });
});
