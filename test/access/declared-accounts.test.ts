import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';

const PASSWORD = 'seven green turtles swim home';
const DESK = 'd'.repeat(40);
const ID = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const settings = (accounts = ''): string => `
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [${accounts.includes('samoa-wall') ? '{ to: "account:samoa-wall", read: true }' : ''}] }
members: [{ name: samoa }, { name: fiji }]
accounts:
  - { name: desk, role: officer, member: samoa, key_env: KEY_DESK }
${accounts}`;

let folder: string;
let hub: Hub;

async function start(text: string): Promise<void> {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, text);
  const secrets = { KEY_DESK: DESK, KEY_WALL: 'w'.repeat(40) };
  hub = await compose(loadConfig({ config: file, data: join(folder, 'data') }, secrets), silentLog);
}
async function restart(text: string): Promise<void> {
  await hub.stop();
  await start(text);
}
const api = (key: string, method: 'get' | 'post', path: string, body?: object): Promise<BrowserAnswer> =>
  new FormBrowser(() => hub.app, { Authorization: `Bearer ${key}` }).api(method, path, body);
const whoami = async (key: string) => {
  const { status, body } = await api(key, 'get', '/whoami');
  return [status, body['role'], body['member']];
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-declared-'));
});
afterEach(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['a service account of another member', 'role: machine, member: fiji', 'machine', 'fiji'],
  ['an administrator of the hub', 'role: administrator', 'administrator', undefined],
])(
  'a key that an officer created for a name does not become a key of %s',
  async (_, fields, role, member) => {
    await start(settings());
    const made = await api(DESK, 'post', '/keys', { account: 'samoa-wall', member: 'samoa' });
    expect(made.status).toBe(201);
    const secret = String(made.body['secret']);
    await restart(settings(`  - { name: samoa-wall, ${fields}, key_env: KEY_WALL }`));
    expect((await whoami(secret))[0]).toBe(401);
    expect(await whoami('w'.repeat(40))).toEqual([200, role, member]);
    // The new account has a new id, and the grant in the file refers to it.
    const account = (await hub.directory.refresh()).accountNamed('samoa-wall')?.id;
    expect(account).toMatch(/^acc-/);
    expect((await hub.store.record('grant', `${ID}/account:samoa-wall`))?.document['account']).toBe(account);
    expect((await hub.store.records('key')).map(({ document }) => document['account'])).toContain(account);
    expect(await hub.store.records('key')).toHaveLength(2);
    await restart(settings(`  - { name: samoa-wall, ${fields}, key_env: KEY_WALL }`));
    expect((await hub.directory.refresh()).accountNamed('samoa-wall')?.id).toBe(account);
  },
);

test('a password that was chosen for an account of another member does not work for a declared account', async () => {
  await start(settings());
  const account = { name: 'samoa-litia', role: 'officer', member: 'samoa', person: true };
  expect((await api(DESK, 'post', '/accounts', account)).status).toBe(201);
  const { link } = (await api(DESK, 'post', '/accounts/samoa-litia/invitation')).body;
  const path = new URL(String(link), 'http://hub').pathname;
  const browser = new FormBrowser(() => hub.app);
  expect((await browser.post(path, { password: PASSWORD, again: PASSWORD })).status).toBe(200);
  await restart(settings('  - { name: samoa-litia, role: officer, member: fiji, person: true }'));
  const right = { account: 'samoa-litia', password: PASSWORD };
  expect((await new FormBrowser(() => hub.app).post('/console/sign-in', right)).status).toBe(401);
});

test('an account that the settings file declares for its own member keeps its credentials', async () => {
  await start(settings());
  const made = await api(DESK, 'post', '/keys', { account: 'samoa-wall', member: 'samoa' });
  await restart(settings('  - { name: samoa-wall, role: machine, member: samoa }'));
  expect(await whoami(String(made.body['secret']))).toEqual([200, 'machine', 'samoa']);
});
