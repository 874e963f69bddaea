import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { settingSources } from '../../src/config/setting-sources.ts';
import { confirmationFor, nextOf } from '../../src/web/console/next-page.ts';
import { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { CONSOLE_SETTINGS, PEOPLE, signedInAs, textOf, type PersonName } from '../support/console.ts';
import { testHub, type TestHub } from '../support/hub.ts';

const MINUTE = 60_000;
const clock = new TestClock();
let t: TestHub;
let sina: FormBrowser;
beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS, { clock });
  sina = await signedInAs(t, 'sina');
});
afterAll(() => t.stop());

const locationOf = ({ headers }: { readonly headers: Readonly<Record<string, string>> }): string =>
  headers['location'] ?? '';
/** Invites an officer of Tonga with the form, and returns the response. */
const invited = (account: string) =>
  sina.post('/console/invitations/new', { account, role: 'officer', member: 'tonga' });
const accountOf = async (name: string) => (await t.api('chief', 'GET', `/accounts/${name}`)).body;

describe('the pages of accounts', () => {
  test('an invitation shows a link once, with which the person chooses a password and signs in', async () => {
    const answer = await invited('moana');
    expect(answer.status).toBe(200);
    const [, link = ''] = /(https?:\/\/[^<\s"]+\/first\/[^<\s"]+)/.exec(answer.text) ?? [];
    const path = new URL(link).pathname;
    const person = new FormBrowser(() => t.hub.app);
    const password = 'outrigger lagoon breadfruit';
    expect((await person.post(path, { password, again: password })).status).toBeLessThan(400);
    const signedIn = await person.post('/console/sign-in', { account: 'moana', password });
    expect(locationOf(signedIn)).toBe('/console');
    const page = await sina.get('/console/accounts/moana');
    expect(textOf(page)).toMatch(/Signed in: password.*officer.*tonga/s);
    expect(page.text).not.toContain(path);
  });

  test('the form of an invitation offers only what the person may choose, and preselects nothing that fails', async () => {
    const options = (text: string, name: string): readonly string[] => {
      const [select = ''] = new RegExp(`<select[^>]*name="${name}".*?</select>`, 's').exec(text) ?? [];
      return [...select.matchAll(/<option([^>]*)>/g)].map(([, attributes = '']) => attributes.trim());
    };
    const { text: ofStaff } = await sina.get('/console/invitations/new');
    expect(options(ofStaff, 'role')[0]).toBe('value selected');
    expect(options(ofStaff, 'member')[0]).toBe('value selected');
    const lani = await signedInAs(t, 'lani');
    const { text } = await lani.get('/console/invitations/new');
    expect([options(text, 'role'), options(text, 'member')]).toEqual([['value="officer"'], ['value="tonga"']]);
    expect(text).toContain('It begins with tonga-, such as tonga-sina.');
    expect((await lani.get('/console/keys/create')).text).toContain('which begins with tonga-');
    const sent = await lani.post('/console/invitations/new', { account: 'tonga-mele', role: 'officer', member: 'tonga' });
    expect(sent.status).toBe(200);
    await lani.post('/console/sign-out');
  }); // prettier-ignore

  test('a refused invitation names the fault and keeps the input', async () => {
    for (const [fields, told] of [
      [{ account: 'moana', role: 'officer', member: 'tonga' }, 'moana'],
      [{ account: 'Not a name', role: 'officer', member: 'tonga' }, 'name'],
      [{ account: 'vai', role: 'officer' }, 'member'],
      [{ account: 'vai', role: 'owner', member: 'tonga' }, 'Choose a role'],
    ] as const) {
      const answer = await sina.post('/console/invitations/new', fields);
      expect([fields, answer.status >= 400]).toEqual([fields, true]);
      expect(answer.text).toContain('role="alert"');
      expect(textOf(answer)).toContain(told);
      expect(answer.text).toContain(`value="${fields.account}"`);
    }
    expect((await t.api('chief', 'GET', '/accounts/vai')).status).toBe(404);
  });

  test('disabling ends the sessions of an account, and enabling does not bring them back', async () => {
    await invited('tavita');
    await t.api('chief', 'PATCH', '/accounts/tavita', { password: 'password of tavita' });
    const person = new FormBrowser(() => t.hub.app);
    await person.post('/console/sign-in', { account: 'tavita', password: 'password of tavita' });
    expect((await person.get('/console/account')).status).toBe(200);
    expect(locationOf(await sina.post('/console/accounts/tavita/disable'))).toBe(
      '/console/accounts/tavita?done=disabled',
    );
    expect(await accountOf('tavita')).toMatchObject({ disabled: true });
    expect(locationOf(await person.get('/console/account'))).toBe('/console/sign-in');
    await sina.post('/console/accounts/tavita/enable');
    expect(await accountOf('tavita')).toMatchObject({ disabled: false });
    expect(locationOf(await person.get('/console/account'))).toBe('/console/sign-in');
  });

  test('a session of somebody else can be ended', async () => {
    const lani = await signedInAs(t, 'lani');
    const page = await sina.get('/console/accounts/lani');
    const [, path = ''] = /href="(\/console\/sessions\/[^"]+)"/.exec(page.text) ?? [];
    expect(textOf(await sina.get(path))).toContain('End this session of lani?');
    expect(locationOf(await sina.post(path))).toBe('/console/accounts/lani?done=ended');
    expect(locationOf(await lani.get('/console/account'))).toBe('/console/sign-in');
    // It no longer exists.
    expect((await sina.get(path)).status).toBe(404);
  });

  test('an account is removed only if its name is entered', async () => {
    await invited('litia');
    expect((await sina.post('/console/accounts/litia/remove', { name: 'lita' })).status).toBe(422);
    expect((await t.api('chief', 'GET', '/accounts/litia')).status).toBe(200);
    const done = await sina.post('/console/accounts/litia/remove', { name: 'litia' });
    expect(locationOf(done)).toBe('/console/accounts?done=removed');
    expect((await t.api('chief', 'GET', '/accounts/litia')).status).toBe(404);
  });

  test('an account of the settings offers no change, and refuses one', async () => {
    const page = await sina.get('/console/accounts/watch');
    expect(textOf(page)).toContain('the settings of the hub');
    expect(page.text).not.toContain('/disable');
    const refused = await sina.post('/console/accounts/watch/disable');
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await accountOf('watch')).toMatchObject({ disabled: false });
  });

  test('officers see the accounts of their member only', async () => {
    const [lani, seru] = [await signedInAs(t, 'lani'), await signedInAs(t, 'seru')];
    expect(textOf(await lani.get('/console/accounts'))).not.toContain('seru');
    expect(textOf(await seru.get('/console/accounts'))).toContain('seru');
    expect((await lani.get('/console/accounts/seru')).status).toBe(404);
    expect((await lani.get('/console/accounts/nobody')).text).toBe(
      (await lani.get('/console/accounts/seru')).text,
    );
  });
});

describe('a page that changes access rights', () => {
  test('asks for the password before the form is filled in, and then leads to it', async () => {
    const person = await signedInAs(t, 'sina');
    clock.advance(6 * MINUTE);
    const asked = await person.get('/console/invitations/new');
    expect(locationOf(asked)).toBe(confirmationFor('/console/invitations/new'));
    const page = await person.get(locationOf(asked));
    const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(page.text) ?? [];
    const confirmed = await person.post(action, { password: 'password of sina' });
    expect(locationOf(confirmed)).toBe('/console/invitations/new');
    expect((await person.get('/console/invitations/new')).status).toBe(200);
    clock.advance(6 * MINUTE);
    const late = await person.post('/console/invitations/new', { account: 'late', role: 'analyst' });
    // Nothing that was typed is lost.
    expect([late.status, late.text]).toEqual([403, expect.stringContaining('value="late"')]);
    expect((await t.api('chief', 'GET', '/accounts/late')).status).toBe(404);
  });

  test.each([
    ['https://evil.example/console/', undefined],
    ['//evil.example/console/', undefined],
    ['/console/../api/v1/keys', undefined],
    ['/console/..%2f', '/console/..%2f'],
    ['/console\\evil.example', undefined],
    ['/', undefined],
    [['/console/keys', '/console/keys'], undefined],
    [`/console/${'a'.repeat(2_000)}`, undefined],
    ['/console/keys?after=x', '/console/keys?after=x'],
  ])('a confirmation for %j leads to %j', (next, wanted) => {
    expect(nextOf({ query: { next } })).toBe(wanted);
  });
});

describe('settings and health', () => {
  test('show what set each value, to administrators only', async () => {
    const page = await sina.get('/console/settings');
    expect(textOf(page)).toMatch(/sign_in\.second_factor optional file/);
    expect(textOf(page)).toMatch(/listen\.drain_s 0 default/);
    for (const name of ['reads', 'writes'])
      expect(textOf(page)).toContain(`limits.${name} unlimited default`);
    const health = textOf(await sina.get('/console/health'));
    expect(health).toMatch(/Checks.*Node: v/s);
    expect(health).not.toMatch(/\bAll 1\b|\b1 checks? pass\b/);
    expect(textOf(await sina.get('/console'))).toContain('All feeds');
    const answers: Record<string, readonly number[]> = {};
    for (const name of PEOPLE satisfies readonly PersonName[]) {
      const person = await signedInAs(t, name);
      answers[name] = await Promise.all(
        ['/console/settings', '/console/health'].map(async (path) => (await person.get(path)).status),
      );
    }
    expect(answers).toEqual({ sina: [200, 200], watch: [403, 403], lani: [403, 403], seru: [403, 403] });
  });

  test('a flag is stronger than the environment, and the environment than the file', () => {
    const settings = { listen: { port: 1, behind_proxy: true }, hub: { title: 'Reef' }, revision: 3 };
    const environment = {
      TALANOA_PORT: '2',
      TALANOA_BEHIND_PROXY: 'true',
      MONGODB_URI_FILE: '/run/secrets/mongodb',
      TALANOA_DATA: '',
    };
    expect(settingSources({ port: 3 }, environment, settings)).toEqual({
      'listen.port': 'command line',
      'listen.behind_proxy': 'file',
      'hub.title': 'file',
      revision: 'file',
      store: 'environment',
    });
    expect(settingSources({}, environment, {})).toMatchObject({ 'listen.port': 'environment' });
  });
});
