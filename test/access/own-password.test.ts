import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';

const OF_MAKER = 'seven green turtles swim home';
const OF_PERSON = 'nine blue parrots fly away now';
const OF_FILE = 'four yellow crabs walk sideways';
const SETTINGS = `
members: [{ name: tonga }]
accounts:
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: giver, role: officer, member: tonga, person: true, key_env: KEY_GIVER }
`;
const FILE_ACCOUNT =
  '  - { name: sina, role: officer, member: tonga, person: true, password_env: PW_SINA }\n';
const WITH_KEY = FILE_ACCOUNT.replace(' }', ', key_env: KEY_SINA }');

let folder: string;
let hub: Hub;

/** Starts the hub, or starts it again with other settings on the same data. */
async function start(settings: string, secrets: Readonly<Record<string, string>> = {}): Promise<void> {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, settings);
  const keys = { KEY_CHIEF: 'c'.repeat(40), KEY_GIVER: 'g'.repeat(40), KEY_SINA: 's'.repeat(40) };
  hub = await compose(
    loadConfig({ config: file, data: join(folder, 'data') }, { ...keys, ...secrets }),
    silentLog,
  );
}
async function restart(settings: string, secrets: Readonly<Record<string, string>> = {}): Promise<void> {
  await hub.stop();
  await start(settings, secrets);
}
const principal = async (name: string) => {
  const found = (await hub.directory.refresh()).principalNamed(name);
  if (found?.kind !== 'account') throw new Error(`there is no account "${name}"`);
  return found;
};
const withKey = (key: string): FormBrowser =>
  new FormBrowser(() => hub.app, { Authorization: `Bearer ${key.repeat(40)}` });
async function signedIn(account: string, password: string): Promise<FormBrowser> {
  const browser = new FormBrowser(() => hub.app);
  expect((await browser.post('/console/sign-in', { account, password })).status).toBe(303);
  return browser;
}
async function giveRed(to: string): Promise<string> {
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  const given = await withKey('g').api('post', '/red', { object, to: [to] });
  expect(given.status).toBe(201);
  return String(given.body['id']);
}
const read = (browser: FormBrowser, id: string): Promise<BrowserAnswer> => browser.api('get', `/red/${id}`);
async function acceptInvitation(name: string, password: string): Promise<void> {
  const invited = await withKey('c').api('post', `/accounts/${name}/invitation`);
  const token = new URL(String(invited.body['link']), 'http://hub').pathname.split('/').at(-1) ?? '';
  const browser = new FormBrowser(() => hub.app);
  expect((await browser.post(`/first/${token}`, { password, again: password })).status).toBe(200);
}
async function eventsOf(name: string): Promise<string[]> {
  return (await hub.notifications.list(await principal(name))).map(({ event }) => event);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-own-'));
});
afterEach(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('TLP:RED cannot be read with a password that somebody else set', () => {
  test('by the creator of the account, until the person has changed it in a session', async () => {
    await start(SETTINGS);
    const account = { name: 'moana', role: 'officer', member: 'tonga', person: true, password: OF_MAKER };
    expect((await withKey('c').api('post', '/accounts', account)).status).toBe(201);
    const id = await giveRed('moana');
    const first = await signedIn('moana', OF_MAKER);
    expect(await read(first, id)).toMatchObject({ status: 403, body: { code: 'TLN-R-406' } });
    expect((await first.get(`/console/red/${id}`)).text).toContain('Choose your own password');
    // The creator of the account still knows this password.
    const same = await first.post('/console/password', { present: OF_MAKER, next: OF_MAKER });
    expect(same.status).toBe(422);
    expect((await read(first, id)).status).toBe(403);
    const changed = await first.post('/console/password', { present: OF_MAKER, next: OF_PERSON });
    expect(changed.status).toBe(200);
    expect((await read(first, id)).status).toBe(200);
    expect((await read(await signedIn('moana', OF_PERSON), id)).status).toBe(200);
  });

  test('by an administrator who gives the account another password later', async () => {
    await start(SETTINGS);
    const account = { name: 'moana', role: 'officer', member: 'tonga', person: true };
    await withKey('c').api('post', '/accounts', account);
    await acceptInvitation('moana', OF_PERSON);
    expect((await read(await signedIn('moana', OF_PERSON), await giveRed('moana'))).status).toBe(200);
    expect((await withKey('c').api('patch', '/accounts/moana', { password: OF_MAKER })).status).toBe(200);
    const id = await giveRed('moana');
    expect((await read(await signedIn('moana', OF_MAKER), id)).body).toMatchObject({ code: 'TLN-R-406' });
  });

  test('in the settings file, until the person has accepted an invitation, also after a restart', async () => {
    await start(SETTINGS + FILE_ACCOUNT, { PW_SINA: OF_FILE });
    const refused = await read(await signedIn('sina', OF_FILE), await giveRed('sina'));
    expect(refused).toMatchObject({ status: 403, body: { code: 'TLN-R-406' } });
    await acceptInvitation('sina', OF_PERSON);
    const id = await giveRed('sina');
    expect((await read(await signedIn('sina', OF_PERSON), id)).status).toBe(200);
    await restart(SETTINGS + FILE_ACCOUNT, { PW_SINA: OF_FILE });
    expect((await read(await signedIn('sina', OF_PERSON), id)).status).toBe(200);
  });
});

test('keys that were made with a password of somebody else end when the person chooses a password', async () => {
  await start(SETTINGS);
  const account = { name: 'moana', role: 'officer', member: 'tonga', person: true, password: OF_MAKER };
  await withKey('c').api('post', '/accounts', account);
  const first = await signedIn('moana', OF_MAKER);
  const made = await first.api('post', '/keys', { account: 'moana' });
  expect(made.status).toBe(201);
  const whoami = async (): Promise<number> =>
    (
      await new FormBrowser(() => hub.app, { Authorization: `Bearer ${String(made.body['secret'])}` }).api(
        'get',
        '/whoami',
      )
    ).status;
  expect(await whoami()).toBe(200);
  expect((await first.post('/console/password', { present: OF_MAKER, next: OF_PERSON })).status).toBe(200);
  expect(await whoami()).toBe(401);
  // The person chose this password, so keys made with it stay when it changes.
  const own = await signedIn('moana', OF_PERSON);
  expect((await own.api('post', '/keys', { account: 'moana' })).status).toBe(201);
  expect(
    (await own.post('/console/password', { present: OF_PERSON, next: `${OF_PERSON} again` })).status,
  ).toBe(200);
  expect(await hub.store.records('key')).toHaveLength(3);
});

describe('a new credential in the settings file withdraws TLP:RED and notifies the person and the giver', () => {
  const secrets = { PW_SINA: OF_FILE };
  test.each([
    ['another password', FILE_ACCOUNT, { PW_SINA: OF_MAKER }, true],
    ['a key', WITH_KEY, secrets, true],
    ['nothing new', FILE_ACCOUNT, secrets, false],
    ['no longer a password', FILE_ACCOUNT.replace(', password_env: PW_SINA', ''), {}, false],
  ])('%s', async (_, after, changed, isWithdrawn) => {
    await start(SETTINGS + FILE_ACCOUNT, secrets);
    await acceptInvitation('sina', OF_PERSON);
    await giveRed('sina');
    await restart(SETTINGS + after, changed);
    expect(await hub.store.records('red')).toHaveLength(isWithdrawn ? 0 : 1);
    expect((await eventsOf('sina')).includes('settings.credential')).toBe(isWithdrawn);
    expect((await eventsOf('giver')).includes('red.withdrawn')).toBe(isWithdrawn);
    await hub.store.numberFacts();
    const facts = (await hub.store.audit(0, 1_000)).map(({ fact }) => `${fact.actor} ${fact.action}`);
    expect(facts.includes('settings account.red_withdrawn')).toBe(isWithdrawn);
  });
});
