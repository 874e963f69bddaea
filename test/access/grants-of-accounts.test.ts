import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { removal } from '../../src/store/store.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';

const ID = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const settings = (grants = '', accounts = ''): string => `
api_roots: [{ path: main, title: Main }]
collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [${grants}] }]
members: [{ name: samoa }, { name: fiji }]
accounts:
  - { name: chief, role: administrator, key_env: KEY_CHIEF }
  - { name: desk, role: officer, member: samoa, key_env: KEY_DESK }
${accounts}`;
const FILE_GRANT = '{ to: "account:samoa-wall", read: true }';
const WALL = '  - { name: samoa-wall, role: machine, member: fiji }\n';
const OF_SAMOA = { name: 'samoa-wall', role: 'machine', member: 'samoa' };

let folder: string;
let hub: Hub;

async function start(text: string): Promise<void> {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, text);
  const secrets = { KEY_CHIEF: 'c'.repeat(40), KEY_DESK: 'd'.repeat(40) };
  hub = await compose(loadConfig({ config: file, data: join(folder, 'data') }, secrets), silentLog);
}
async function restart(text: string): Promise<void> {
  await hub.stop();
  await start(text);
}
function api(
  who: 'c' | 'd',
  method: 'get' | 'post' | 'put' | 'delete',
  path: string,
  body?: object,
): Promise<BrowserAnswer> {
  return new FormBrowser(() => hub.app, { Authorization: `Bearer ${who.repeat(40)}` }).api(
    method,
    path,
    body,
  );
}
const give = (): Promise<BrowserAnswer> =>
  api('c', 'post', '/collections/shared/grants', { to: 'account:samoa-wall', read: true });
/** True when the account that is named "samoa-wall" now can read the collection. */
async function canRead(): Promise<boolean> {
  const directory = await hub.directory.refresh();
  const [principal, collection] = [directory.principalNamed('samoa-wall'), directory.find('shared')];
  if (principal === undefined || collection === undefined) throw new Error('no account or no collection');
  return directory.rights(principal, collection).read;
}
const listed = async (): Promise<unknown> =>
  ((await api('c', 'get', '/collections')).body['items'] as { grants: unknown }[])[0]?.grants;
const record = () => hub.store.record('grant', `${ID}/account:samoa-wall`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-grants-'));
});
afterEach(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a grant refers to the id of its account, and a later account of the name does not get it', async () => {
  await start(settings());
  await api('c', 'post', '/accounts', { name: 'samoa-wall', role: 'machine', member: 'fiji' });
  expect((await give()).status).toBe(200);
  expect((await record())?.document['account']).toMatch(/^acc-/);
  expect(await canRead()).toBe(true);
  // Only the account is removed, as by a process that ends between two changes.
  const account = await hub.store.record('account', 'samoa-wall');
  if (account === undefined) throw new Error('there is no account "samoa-wall"');
  await hub.store.commit({ records: [removal(account)] });
  // Nothing waits for the name, so an officer can use it.
  expect((await api('d', 'post', '/accounts', OF_SAMOA)).status).toBe(201);
  expect(await canRead()).toBe(false);
  expect(await listed()).toEqual([]);
  // A grant to the new account starts now. Removals from before it are not shown.
  const before = (await record())?.document['since'];
  expect((await give()).status).toBe(200);
  expect(await canRead()).toBe(true);
  expect(Number((await record())?.document['since'])).toBeGreaterThan(Number(before));
});

test('an account that the settings file no longer declares leaves no grant behind', async () => {
  await start(settings('', WALL));
  expect((await give()).status).toBe(200);
  expect(await canRead()).toBe(true);
  await restart(settings());
  expect(await record()).toBeUndefined();
  expect((await api('c', 'post', '/accounts', OF_SAMOA)).status).toBe(201);
  expect(await canRead()).toBe(false);
});

test('a grant in the settings file names an account that the file declares, and is stored with its id', async () => {
  await start(settings(FILE_GRANT, WALL));
  const account = (await hub.directory.current()).accountNamed('samoa-wall')?.id;
  expect((await record())?.document).toMatchObject({ to: 'account:samoa-wall', account, managed: 'file' });
  const { revision } = (await record()) ?? {};
  await restart(settings(FILE_GRANT, WALL));
  expect(await record()).toMatchObject({ revision });
  expect(await canRead()).toBe(true);
});

test('a grant of an earlier version to a name without an account waits for one that an administrator creates', async () => {
  await start(settings());
  const document = { collection: ID, to: 'account:samoa-wall', read: true, write: false, managed: 'hub' };
  await hub.store.commit({
    records: [{ kind: 'grant', id: `${ID}/account:samoa-wall`, expected: 0, document }],
  });
  expect((await api('d', 'post', '/accounts', OF_SAMOA)).status).toBe(409);
  expect((await api('c', 'post', '/accounts', OF_SAMOA)).status).toBe(201);
  expect(await canRead()).toBe(true);
  // The grant ends with the account.
  expect((await api('d', 'delete', '/accounts/samoa-wall')).status).toBe(204);
  expect(await record()).toBeUndefined();
});

test('a grant of an earlier version, which contains only a name, works and gets the id at the next start', async () => {
  await start(settings());
  await api('c', 'post', '/accounts', { name: 'samoa-wall', role: 'machine', member: 'fiji' });
  const document = { collection: ID, to: 'account:samoa-wall', read: true, write: false, managed: 'hub' };
  await hub.store.commit({
    records: [{ kind: 'grant', id: `${ID}/account:samoa-wall`, expected: 0, document }],
  });
  expect(await canRead()).toBe(true);
  await restart(settings());
  const account = (await hub.directory.current()).accountNamed('samoa-wall')?.id;
  expect((await record())?.document).toEqual({ ...document, account });
  expect(await canRead()).toBe(true);
});
