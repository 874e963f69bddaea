import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

const here = folder();
const inbox = join(here.path, 'inbox');
const file = join(here.path, 'inbox.json');
/** The code of the error about a port that is in use. */
const IN_USE = 'TLN-N-001';
afterAll(here.remove);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function talanoa(...args: readonly string[]): Promise<Ended> {
  const { io, out, err } = testIo({ environment: { TALANOA_DATA: join(here.path, 'data'), TZ: 'UTC' } });
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

beforeAll(async () => {
  expect((await talanoa('init')).code).toBe(0);
  mkdirSync(inbox);
  writeFileSync(file, JSON.stringify({
    name: 'inbox', title: 'Inbox', transport: { kind: 'folder', path: inbox, pattern: '*.csv' }, parser: { kind: 'csv', header: 'first' },
    map: [{ value: '{Source IP}', type: 'ip' }], schedule: { cron: '0 3 * * *' }, defaults: { tlp: 'green', confidence: 50, valid_for: 'P30D' },
  })); // prettier-ignore
}, 60_000);

test('a command that does not find the settings file of a hub removes nothing that the file declares', async () => {
  const settings = join(here.path, 'reef.yaml');
  writeFileSync(
    settings,
    'hub: { title: Reef }\nmembers: [{ name: tonga, title: CERT Tonga, collection: true }]\n',
  );
  const at = ['--data', join(here.path, 'reef')];
  expect((await talanoa('init', ...at, '--config', settings)).code).toBe(0);
  const members = async (...flags: readonly string[]): Promise<string> =>
    (await talanoa('member', 'list', ...at, ...flags)).out;
  expect(await members('--config', settings)).toContain('tonga');
  // The working directory has no talanoa.yaml.
  for (const words of [['member', 'list'], ['status'], ['doctor'], ['serve', '--port', '0']])
    expect([words, await talanoa(...words, ...at)]).toMatchObject([
      words,
      { code: 2, err: expect.stringMatching(/TLN-C-084[\s\S]*member tonga[\s\S]*--config FILE/) },
    ]);
  expect(await members('--config', settings)).toContain('tonga');
  const { out } = await talanoa('audit', 'list', '--what', 'settings.reconcile', ...at, '--config', settings);
  expect(out).not.toMatch(/gone:[^;]*member/);
  // An empty file could be a mistake as well, so no command applies it.
  const empty = join(here.path, 'empty.yaml');
  writeFileSync(empty, '');
  for (const [words, shown] of [
    [['member', 'list'], 'tonga'],
    [['status'], 'not running'],
  ] as const) {
    const { code, out: text, err } = await talanoa(...words, ...at, '--config', empty);
    expect([words, code, text]).toEqual([words, 0, expect.stringContaining(shown)]);
    expect(err).toMatch(/empty\.yaml differs from what this hub has applied: member tonga/);
    expect(err).toContain('The next start applies the changes: talanoa serve');
  }
  expect(await members('--config', settings)).toContain('tonga');
}, 60_000);

test('a hub that is started with the settings file of another hub removes nothing without consent', async () => {
  const at = ['--data', join(here.path, 'atoll')];
  const fileOf = (name: string, members: readonly string[]): string => {
    const path = join(here.path, `${name}.yaml`);
    const declared = members.map((member) => `{ name: ${member}, collection: true }`).join(', ');
    writeFileSync(path, `hub: { title: ${name} }\nmembers: [${declared}]\n`);
    return path;
  };
  const own = fileOf('own', ['tonga', 'fiji', 'samoa', 'niue', 'palau']);
  const other = fileOf('other', ['kiribati', 'nauru']);
  expect((await talanoa('init', ...at, '--config', own)).code).toBe(0);
  // A port that is in use ends the start after the settings were applied.
  const start = async (...args: readonly string[]): Promise<Ended> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    try {
      return await talanoa('serve', '--port', String(port), ...at, ...args);
    } finally {
      server.close();
    }
  };
  const members = async (config: string): Promise<string> =>
    (await talanoa('member', 'list', ...at, '--config', config)).out;
  const refused = await start('--config', other);
  expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/TLN-C-086/) });
  expect(refused.err.replaceAll(/\s+/g, ' ')).toMatch(/tonga.*other\.yaml.*talanoa serve --accept-removals/);
  expect(await members(own)).toContain('palau');
  // One member less is an ordinary change.
  const smaller = fileOf('own', ['tonga', 'fiji', 'samoa', 'niue']);
  expect((await start('--config', smaller)).err).toContain(IN_USE);
  expect(await members(smaller)).not.toContain('palau');
  // Three of four are most of them.
  const one = fileOf('own', ['tonga']);
  expect((await start('--config', one)).err).toContain('TLN-C-086');
  expect((await start('--config', one, '--accept-removals')).err).toContain(IN_USE);
  expect(await members(one)).not.toContain('fiji');
}, 120_000);

test('a command with another settings file changes no grants, and lowers no maximum', async () => {
  const at = ['--data', join(here.path, 'lagoon')];
  const id = (last: number): string => `1a2b3c4d-0000-4000-8000-00000000000${last}`;
  const fileOf = (name: string, max: string, to: string, rights = 'read: true'): string => {
    const path = join(here.path, `${name}.yaml`);
    const declared = [1, 2, 3].map((last) => `{ id: ${id(last)}, api_root: main, title: C${last}, alias: c${last}, max_tlp: ${max}, grants: [{ to: "${to}", ${rights} }] }`);
    writeFileSync(path, `hub: { title: ${name} }\napi_roots: [{ path: main, title: Main }]\nmembers: [{ name: tonga }]\ncollections: [${declared.join(', ')}]\n`);
    return path;
  };
  const first = fileOf('first', 'amber', 'member:tonga');
  expect((await talanoa('init', ...at, '--config', first)).code).toBe(0);
  const list = (config: string) => talanoa('collection', 'list', '--json', ...at, '--config', config);
  expect((await list(first)).out).toContain('"amber"');
  const before = (await list(first)).out;
  for (const [other, differing] of [
    [fileOf('lower', 'clear', 'member:tonga'), 'collection c1'],
    [fileOf('grants', 'amber', 'role:analyst'), 'grant to role:analyst'],
    [fileOf('narrower', 'amber', 'member:tonga', 'write: true'), 'grant to member:tonga'],
    [fileOf('wider', 'amber', 'member:tonga', 'read: true, write: true'), 'grant to member:tonga'],
  ] as const) {
    // The line about the differences would not be JSON.
    expect(await list(other)).toEqual({ code: 0, out: before, err: '' });
    const { code, err } = await talanoa('collection', 'list', ...at, '--config', other);
    expect([code, err]).toEqual([0, expect.stringContaining(differing)]);
  }
  expect(await list(first)).toEqual({ code: 0, out: before, err: '' });
  // A start lowers one maximum, and asks for consent before it lowers most of them.
  expect((await talanoa('serve', '--port', '0', ...at, '--config', fileOf('lower', 'clear', 'member:tonga'))).err).toContain('TLN-C-086');
  expect((await list(first)).out).toContain('"amber"');
}, 60_000); // prettier-ignore

test('a start that lowers the maximum of most declared collections asks for consent, whatever else the hub has', async () => {
  const at = ['--data', join(here.path, 'cay')];
  const members = ['tonga', 'fiji', 'samoa', 'niue', 'palau', 'nauru'];
  const fileOf = (name: string, maxima: readonly string[], clients = 0): string => {
    const path = join(here.path, `cay-${name}.yaml`);
    const collections = maxima.map((max, n) => `{ id: 1a2b3c4d-0000-4000-8000-10000000000${n}, api_root: main, title: C${n}, alias: c${n}, max_tlp: ${max} }`);
    const declared = members.map((member, n) => `{ name: ${member}, collection: true${n > 0 && n <= clients ? ', parent: tonga' : ''} }`);
    writeFileSync(path, `hub: { title: Cay }\napi_roots: [{ path: main, title: Main }]\nmembers: [${declared.join(', ')}]\ncollections: [${collections.join(', ')}]\n`);
    return path;
  };
  const [amber, clear] = ['amber', 'clear'];
  const first = fileOf('first', [amber, amber, amber, amber, amber]);
  expect((await talanoa('init', ...at, '--config', first)).code).toBe(0);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const start = async (file: string): Promise<string> => (await talanoa('serve', '--port', String(port), ...at, '--config', file)).err;
  try {
    // The members' own collections, which the file does not lower, make this no smaller change.
    expect(await start(fileOf('all', [clear, clear, clear, clear, clear]))).toContain('TLN-C-086');
    expect(await start(fileOf('most', [clear, clear, clear, amber, amber]))).toContain('TLN-C-086');
    // Clients receive at most AMBER, so this lowers the members' own collections.
    expect(await start(fileOf('clients', [amber, amber, amber, amber, amber], 5))).toContain('TLN-C-086');
    // Collections that the file removes do not hide that it lowers all others.
    expect(await start(fileOf('rest', [clear, clear]))).toContain('TLN-C-086');
    expect(await start(fileOf('some', [clear, clear, amber, amber, amber], 2))).toContain(IN_USE);
  } finally {
    server.close();
  }
}, 120_000); // prettier-ignore

test('a start that lowers the maximum of both collections of a hub asks for consent, and of its only one does not', async () => {
  const fileOf = (name: string, maxima: readonly string[]): string => {
    const path = join(here.path, `key-${name}.yaml`);
    const collections = maxima.map((max, n) => `{ id: 1a2b3c4d-0000-4000-8000-20000000000${n}, api_root: main, title: C${n}, alias: c${n}, max_tlp: ${max} }`);
    writeFileSync(path, `hub: { title: Key }\napi_roots: [{ path: main, title: Main }]\ncollections: [${collections.join(', ')}]\n`);
    return path;
  };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  try {
    for (const [name, before, after, expected] of [
      ['two', ['amber', 'amber'], ['clear', 'clear'], 'TLN-C-086'],
      ['one', ['amber'], ['clear'], IN_USE],
    ] as const) {
      const at = ['--data', join(here.path, `key-${name}`)];
      expect((await talanoa('init', ...at, '--config', fileOf(`${name}-before`, before))).code).toBe(0);
      const { err } = await talanoa('serve', '--port', String(port), ...at, '--config', fileOf(`${name}-after`, after));
      expect([name, err]).toEqual([name, expect.stringContaining(expected)]);
    }
  } finally {
    server.close();
  }
}, 120_000); // prettier-ignore

test('a command without the secrets of the service takes no password and no key away', async () => {
  const settings = join(here.path, 'secrets.yaml');
  const id = '1a2b3c4d-0000-4000-8000-00000000000a';
  writeFileSync(settings, `hub: { title: Secrets }
api_roots: [{ path: main, title: Main }]
collections: [{ id: ${id}, api_root: main, title: C, alias: c, grants: [{ to: "account:sensor", read: true }] }]
accounts: [{ name: sensor, role: machine, key_env: SENSOR_KEY, password_env: SENSOR_PASSWORD }]
`);
  const service = { SENSOR_KEY: 'k'.repeat(40), SENSOR_PASSWORD: 'lagoon-harbour-quilt-31' };
  const at = ['--data', join(here.path, 'secrets'), '--config', settings];
  const as = async (environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> => {
    const { io, out, err } = testIo({ environment: { TZ: 'UTC', ...environment } });
    return { code: await run([...args, ...at], io), out: out(), err: err() };
  };
  expect((await as(service, 'init')).code).toBe(0);
  const keys = async (): Promise<string> => (await as(service, 'key', 'list', '--json')).out;
  const before = await keys();
  expect(before).toContain('sensor');
  for (const words of [['status'], ['member', 'list'], ['account', 'list']])
    expect(await as({}, ...words)).toMatchObject({ code: 0, err: '' });
  expect(await keys()).toBe(before);
  // Another secret is a difference, which only a start applies.
  expect((await as({ ...service, SENSOR_KEY: 'n'.repeat(40) }, 'status')).err).toContain('secrets.yaml differs');
  expect(await keys()).toBe(before);
  expect((await as(service, 'status')).err).toBe('');
}, 60_000); // prettier-ignore

test('a hub whose settings file declares no records does not work without the file either', async () => {
  const settings = join(here.path, 'plain.yaml');
  writeFileSync(settings, 'hub: { title: Plain }\n');
  const at = ['--data', join(here.path, 'plain')];
  expect((await talanoa('init', ...at, '--config', settings)).code).toBe(0);
  expect(await talanoa('collection', 'list', ...at)).toMatchObject({ code: 2, err: expect.stringMatching(/TLN-C-084[\s\S]*its settings/) });
  // A hub that was never given a file needs none.
  const none = ['--data', join(here.path, 'none')];
  expect((await talanoa('init', ...none)).code).toBe(0);
  expect((await talanoa('collection', 'list', ...none)).code).toBe(0);
}, 60_000); // prettier-ignore

test('a folder instead of a feed document is an error that leads to a feed document', async () => {
  for (const command of [
    ['feed', 'try'],
    ['feed', 'create', '--yes'],
  ]) {
    const { code, err } = await talanoa(...command, inbox, '--collection', 'indicators');
    expect([code, err]).toEqual([3, expect.stringContaining('is a folder, not a feed document')]);
    expect(err).toContain('manage-feeds.md has an example');
  }
});

test('a preview shows the level of each row, and how many objects a run puts on hold', async () => {
  const table = join(inbox, 'levels.csv');
  writeFileSync(table, 'Source IP,tlp\n203.0.116.1,red\n203.0.116.2,amber\n');
  utimesSync(table, new Date('2026-01-01'), new Date('2026-01-01'));
  const { out } = await talanoa('feed', 'try', file, '--collection', 'indicators');
  expect(out).toMatch(/becomes indicator \S+ = '203\.0\.116\.1'\].*, TLP:RED, on hold\n/);
  expect(out).toMatch(/becomes indicator \S+ = '203\.0\.116\.2'\].*, TLP:AMBER\n/);
  expect(out).toContain('On hold: 1 object is TLP:RED or stricter than the collection permits.');
  rmSync(table);
});

test('a folder without anything to read is reported with the reason, before and after the feed exists', async () => {
  const tried = async (): Promise<string> => (await talanoa('feed', 'try', file, '--collection', 'indicators')).out; // prettier-ignore
  writeFileSync(join(inbox, 'readme.txt'), 'x\n');
  expect(await tried()).toContain('No row was read. The folder');
  expect(await tried()).toContain('has no file that matches the pattern *.csv.');
  const table = join(inbox, 'a.csv');
  writeFileSync(table, 'Source IP\n203.0.116.7\n');
  expect(await tried()).toContain('They might not be complete yet');
  utimesSync(table, new Date('2026-01-01'), new Date('2026-01-01'));
  const full = await tried();
  expect(full).toContain('203.0.116.7');
  expect(full).not.toContain('No row was read');
  expect(await talanoa('feed', 'create', file, '--collection', 'indicators', '--yes')).toMatchObject({
    code: 0,
  });
  expect(await talanoa('feed', 'run', 'inbox')).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 new'),
  });
  expect((await talanoa('feed', 'run', 'inbox')).out).toContain('has only files that were read before');
  writeFileSync(table, 'Source IP\n');
  utimesSync(table, new Date('2026-01-02'), new Date('2026-01-02'));
  expect((await talanoa('feed', 'test', 'inbox')).out).toContain('No row was read. The source has no rows.');
}, 60_000);

test('a hub whose master key is missing gets no new one, and a file as the data folder is an error', async () => {
  const data = join(here.path, 'keyless');
  expect((await talanoa('init', '--data', data)).code).toBe(0);
  const key = join(data, 'master.key');
  rmSync(key);
  for (const words of [['status'], ['key', 'list'], ['serve', '--port', '0']])
    expect([words, await talanoa(...words, '--data', data)]).toMatchObject([
      words,
      { code: 7, err: expect.stringContaining('TLN-K-505') },
    ]);
  expect(existsSync(key)).toBe(false);
  const asFile = await talanoa('init', '--data', file);
  expect([asFile.code, asFile.err.replaceAll(/\s+/g, ' ')]).toEqual([
    2,
    expect.stringMatching(/TLN-C-088.*It is a file, not a folder\..*--data FOLDER/),
  ]);
}, 60_000);
