import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { withHub } from '../../src/cli/local-client.ts';
import { run } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { HubStatus } from '../../src/server/status.ts';
import { stoppedStatus } from '../../src/server/stopped-status.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

const here = folder();
const data = join(here.path, 'data');
const file = join(here.path, 'talanoa.yaml');
const environment = { TALANOA_DATA: data, TALANOA_CONFIG: file, SENSOR_KEY: 'k'.repeat(40) };

const SETTINGS = `
hub: { title: Reef CERT, url: 'https://hub.example.org/' }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: 6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: indicators, title: Indicators, grants: [{ to: 'role:administrator', read: true, write: true }, { to: 'account:sensor', write: true }] }
  - { id: 7f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11, api_root: main, alias: public, title: Public, unmarked: refuse, max_tlp: clear, grants: [{ to: public, read: true }] }
members: [{ name: tonga, title: CERT Tonga, countries: [TO], collection: true }]
groups: [{ name: pacson, members: [tonga] }]
accounts: [{ name: sensor, role: machine, member: tonga, key_env: SENSOR_KEY }]
feeds: [{ name: urlhaus, preset: urlhaus, collection: indicators }]
rules: [{ name: copy, from: indicators, to: public }]
`;

async function done(...args: readonly string[]): Promise<string> {
  const { io, out, err } = testIo({ environment });
  const code = await run(args, io);
  expect([args.join(' '), code, code === 0 ? '' : err()]).toEqual([args.join(' '), 0, '']);
  return out();
}

/** The status without what describes the process that returns it. */
function comparable({ pid: _pid, uptime_s: _uptime, memory_mb: _memory, ...status }: HubStatus): object {
  return JSON.parse(JSON.stringify(status)) as object;
}

/** The status that a hub returns that was started for this question. */
async function fromHub(): Promise<object> {
  const { io } = testIo({ environment });
  return comparable(await withHub({}, io, (client) => client.get<HubStatus>('/api/v1/status')));
}

function stopped(): Promise<HubStatus | undefined> {
  return stoppedStatus(loadConfig({}, environment));
}

/** The files of the data folder, without the index of the log, which every reader may write. */
function filesOf(): readonly (readonly [string, string])[] {
  return readdirSync(data, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(?:shm|wal)$/.test(entry.name))
    .map(({ name }) => [name, readFileSync(join(data, name)).toString('base64')]);
}

beforeAll(async () => {
  writeFileSync(file, SETTINGS);
  await done('init');
  await done('member', 'create', 'fiji', '--title', 'CERT Fiji');
  await done('publish', 'evil.reef-bank.com', '--collection', 'indicators', '--tlp', 'green');
  const rows = join(here.path, 'rows.txt');
  writeFileSync(rows, '203.0.114.9\n');
  await done('feed', 'create', 'plain-list', '--name', 'harbour', '--url', 'https://lists.example/a.txt', '--collection', 'indicators', '--tlp', 'green', '--yes'); // prettier-ignore
  await done('feed', 'upload', 'harbour', rows);
  await done('feed', 'pause', 'harbour');
}, 60_000);
afterAll(here.remove);

describe('the status of a stopped hub', () => {
  test('is the one that the hub would return, with its members, objects and feeds', async () => {
    const hub = await fromHub();
    const found = await stopped();
    if (found === undefined) throw new Error('the store could not be read without a hub');
    expect(comparable(found)).toEqual(hub);
    expect(hub).toMatchObject({
      title: 'Reef CERT',
      members: 2,
      accounts: 1,
      url: 'https://hub.example.org',
    });
    expect(found.collections.map(({ name, objects }) => [name, objects])).toContainEqual(['indicators', 6]);
    expect(found.feeds.map(({ name, state }) => [name, state])).toEqual([
      ['harbour', 'paused'],
      ['urlhaus', 'ready'],
    ]);
  });

  test('is read by the command without a hub, which changes no file', async () => {
    const before = filesOf();
    expect(JSON.parse(await done('status', '--json'))).toMatchObject({ running: false, members: 2 });
    expect(filesOf()).toEqual(before);
  });

  test('is read without a hub while the settings file has changes, which it names and does not apply', async () => {
    writeFileSync(file, SETTINGS.replace('CERT Tonga', 'National CERT of Tonga'));
    const { io, out, err } = testIo({ environment });
    expect(await run(['status'], io)).toBe(0);
    expect(out()).toContain('The hub is not running.');
    expect(err()).toContain('member tonga');
    expect(await stopped()).toBeDefined();
    writeFileSync(file, SETTINGS);
    expect(await done('member', 'show', 'tonga')).toMatch(/Title +CERT Tonga/);
  });

  test('is left to a hub after an unclean stop', async () => {
    writeFileSync(join(data, 'hub.open'), '1\n');
    expect(await stopped()).toBeUndefined();
    rmSync(join(data, 'hub.open'));
  });

  test('is left to a hub if the schema of the store is an earlier one', async () => {
    const database = new DatabaseSync(join(data, 'hub.db'));
    const { user_version: now } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    database.exec(`PRAGMA user_version = ${now - 1}`);
    expect(await stopped()).toBeUndefined();
    database.exec(`PRAGMA user_version = ${now}`);
    database.close();
    expect(await stopped()).toBeDefined();
  });

  test('is left to a hub, which explains it, if the master key is missing or another one', async () => {
    const key = join(data, 'master.key');
    const away = join(here.path, 'away.key');
    renameSync(key, away);
    expect(await stopped()).toBeUndefined();
    writeFileSync(key, `${Buffer.alloc(32).toString('base64url')}\n`);
    expect(await stopped()).toBeUndefined();
    const { io, err } = testIo({ environment });
    expect(await run(['status'], io)).not.toBe(0);
    expect(err()).toContain('master key');
    renameSync(away, key);
  });
});
