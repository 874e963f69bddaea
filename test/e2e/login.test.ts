import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { folder, startHub, talanoa, type Ended, type RunningHub } from '../support/program.ts';

const PASSWORD = 'Tamarind-Ferry-93-Lagoon';
const ID = '6f52283e-09db-4c3b-86f6-3d4e5f607187';
const here = folder();
const file = join(here.path, 'home', '.config', 'talanoa', 'logins.json');
let hub: RunningHub;

beforeAll(async () => {
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `members: [{ name: tonga, title: Tonga }]
api_roots: [{ path: main }]
collections: [{ id: ${ID}, api_root: main, alias: intel, title: Intel, grants: [{ to: "member:tonga", read: true }] }]
accounts:
  - { name: mele, role: officer, member: tonga, person: true, password_env: PW }
  - { name: sione, role: officer, member: tonga, person: true, password_env: PW }
`,
  );
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], {
    PW: PASSWORD,
  });
}, 30_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

/** Runs a command of a person on another machine. */
function person(args: readonly string[], input = ''): Promise<Ended> {
  return talanoa(args, { HOME: join(here.path, 'home') }, here.path, input);
}

/** Sets up an authenticator app for an account, and returns its recovery codes. */
async function recoveryCodes(account: string): Promise<readonly string[]> {
  let cookie = '';
  const post = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${hub.url}/api/v1/${path}`, {
      method: 'POST',
      headers: { Origin: hub.url, 'Content-Type': 'application/json', Cookie: cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    cookie = (response.headers.getSetCookie()[0] ?? cookie).split(';')[0] ?? '';
    return (await response.json()) as T;
  };
  await post('sessions', { account, password: PASSWORD });
  const { secret } = await post<{ secret: string }>('second-factor/authenticator');
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  return (await post<{ codes: readonly string[] }>('second-factor/authenticator/verification', { code }))
    .codes;
}

test('a person signs in with a password, uses commands with --hub and signs out', async () => {
  const made = await person(['login', hub.url], `mele\n${PASSWORD}\n`);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining(`Signed in to ${hub.url} as mele`) });
  expect(made.stdout + made.stderr).not.toContain(PASSWORD);
  // Only the owner may read the key.
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(PASSWORD);

  const me = await person(['whoami', '--hub', hub.url, '--json']);
  expect(JSON.parse(me.stdout)).toMatchObject({ account: 'mele', role: 'officer', member: 'tonga' });
  expect(await person(['whoami', '--hub', hub.url])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Account +mele$[^]*^intel +read$/m),
  });

  // The session of the sign-in has ended, and a second login replaces the key of the first.
  expect((await person(['session', 'list', '--hub', hub.url])).stdout).toBe('No sessions.\n');
  await person(['login', hub.url, '--account', 'mele'], `${PASSWORD}\n`);
  const keys = await person(['key', 'list', '--hub', hub.url, '--json']);
  expect((JSON.parse(keys.stdout) as { items: readonly unknown[] }).items).toHaveLength(1);
  const { key } = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, { key: string }>)[hub.url] ?? {};

  expect(await person(['logout'])).toMatchObject({ code: 0, stdout: expect.stringContaining('was revoked') });
  expect(existsSync(file)).toBe(false);
  const headers = { Authorization: `Bearer ${key ?? ''}` };
  expect((await fetch(`${hub.url}/api/v1/whoami`, { headers })).status).toBe(401);
  expect(await person(['whoami', '--hub', hub.url])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining(`talanoa login ${hub.url}`),
  });
}, 30_000);

test('a person with a second factor is asked for it, and a wrong password stores no key', async () => {
  const [code = ''] = await recoveryCodes('sione');
  const wrong = await person(['login', hub.url, '--account', 'sione'], 'Another-Password-11\n');
  expect(wrong).toMatchObject({ code: 5, stderr: expect.stringContaining('TLN-C-093') });
  const missing = await person(['login', hub.url, '--account', 'sione'], `${PASSWORD}\n`);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('TLN-C-068') });
  expect(existsSync(file)).toBe(false);
  expect(await person(['login', hub.url, '--account', 'sione'], `${PASSWORD}\n${code}\n`)).toMatchObject({
    code: 0,
  });
  expect((await person(['whoami', '--hub', hub.url])).stdout).toMatch(/^Account +sione$/m);
}, 30_000);

test('a password is not sent to another machine without encryption', async () => {
  const refused = await person(['login', 'http://hub.example.org', '--account', 'mele'], `${PASSWORD}\n`);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('TLN-C-070') });
});

test('session list shows the sessions of an account, and session end ends them', async () => {
  const begun = await fetch(`${hub.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ account: 'mele', password: PASSWORD }),
  });
  const { id } = (await begun.json()) as { id: string };
  const local = (...args: string[]) => talanoa([...args, '--data', join(here.path, 'data')]);
  expect((await local('session', 'list', '--account', 'mele')).stdout).toContain(id);
  expect(await local('session', 'list', '--account', 'nobody')).toMatchObject({ code: 4 });
  expect(await local('session', 'end', id)).toMatchObject({ code: 0, stderr: `Session ${id} ended.\n` });
  expect((await local('session', 'list', '--account', 'mele')).stdout).toBe('No sessions.\n');
  expect(await local('session', 'end', id)).toMatchObject({ code: 4 });
});

test('poll and push send the stored key to its hub, and TALANOA_KEY only to the hub in TALANOA_HUB', async () => {
  const poll = (environment: Record<string, string>) =>
    talanoa(['poll', `${hub.url}/taxii2/`, '--collection', 'intel'], environment);
  const home = { HOME: join(here.path, 'poller') };
  expect(await poll(home)).toMatchObject({ code: 5, stderr: expect.stringContaining('talanoa login') });
  await talanoa(['login', hub.url, '--account', 'mele'], home, here.path, `${PASSWORD}\n`);
  expect(await poll(home)).toMatchObject({ code: 0, stderr: expect.stringContaining('0 objects') });
  const stored = JSON.parse(readFileSync(join(home.HOME, '.config', 'talanoa', 'logins.json'), 'utf8')) as Record<string, { key: string }>; // prettier-ignore
  const TALANOA_KEY = stored[hub.url]?.key ?? '';
  const elsewhere = { HOME: join(here.path, 'nobody'), TALANOA_KEY };
  expect(await poll({ ...elsewhere, TALANOA_HUB: 'https://hub.example.org' })).toMatchObject({ code: 5 });
  expect(await poll({ ...elsewhere, TALANOA_HUB: hub.url })).toMatchObject({ code: 0 });
}, 30_000);

test('a wrong password and a wrong code are errors about what was typed', async () => {
  const wrong = await person(['login', hub.url], 'mele\nTamarind-Ferry-93-Lagoom\n');
  expect(wrong.stderr).toContain('Account "mele" and password do not match');
  expect(wrong.stderr).not.toContain('API key');
  const none = await person(['login', hub.url], `nobody\n${PASSWORD}\n`);
  expect(none.stderr).toContain('Account "nobody" and password do not match');
  await recoveryCodes('sione').catch(() => undefined);
  const code = await person(['login', hub.url], `sione\n${PASSWORD}\n000000\n`);
  expect(code.stderr).toContain('The code is not valid');
});
