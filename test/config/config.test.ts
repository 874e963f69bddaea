import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLECTIONS } from '../../src/access/model.ts';
import { compose } from '../../src/server/compose.ts';
import { openSealer } from '../../src/server/create-secrets.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { faultyStore } from '../support/faulty-store.ts';
import { loadConfig } from '../../src/config/load.ts';
import { masterKey } from '../../src/config/master-key.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog, silentLog } from '../../src/kernel/log.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { SETTINGS, testHub } from '../support/hub.ts';
import { oldHash } from '../support/old-hash.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, environment: Record<string, string> = {}) {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ config: file }, environment);
}
function problem(yaml: string): Problem {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('it was let pass');
}

test('a file of the settings that cannot be read is named with the reason', () => {
  const isFolder = 'It is a folder, not a file.';
  expect(() => loadConfig({ config: folder }, {})).toThrow(
    expect.objectContaining({ code: 'TLN-C-081', description: isFolder }),
  );
  expect(() => load('{}', { X_FILE: folder }).secret('X')).toThrow(
    expect.objectContaining({ code: 'TLN-C-005', description: isFolder }),
  );
  expect(() => masterKey(load('{}', { TALANOA_MASTER_KEY_FILE: folder }))).toThrow(
    expect.objectContaining({ code: 'TLN-C-082', description: isFolder }),
  );
});

describe('the settings file', () => {
  test('the example settings file is valid and declares members and accounts', () => {
    const config = loadConfig({ config: join(import.meta.dirname, '..', '..', 'talanoa.example.yaml') }, {});
    expect(config.members.map(({ name }) => name)).toEqual(['tonga', 'fiji']);
    expect(config.accounts[0]).toMatchObject({ name: 'duty', role: 'administrator' });
  });

  test.each([
    ['hub:\n  titel: x\n', /talanoa\.yaml:2: hub\.titel: .*did you mean "title"\?/],
    ['colections: []\n', /talanoa\.yaml:1: colections: .*did you mean "collections"\?/],
    [
      'accounts:\n  - name: a\n    role: adminstrator\n',
      /:3: accounts\.0\.role: must be one of .*did you mean "administrator"\?/,
    ],
    ['listen:\n  port: 99999\n', /:2: listen\.port/],
    [
      'collections:\n  - id: not-a-uuid\n    api_root: main\n    title: x\n',
      /:2: collections\.0\.id: .*UUID/,
    ],
    ['api_roots: [{ path: console }]\n', /reserved name/],
    ['members: [{ name: hub }]\n', /"hub" is reserved/],
    [
      'members: [{ name: fiji, collection: true, push: { url: "https://hub:word@taxii.fiji.example/c/" } }]\n',
      /members\.push\.url of "fiji" cannot contain a user name or password/,
    ],
    [
      'hub: { url: "https://user@hub.example" }\n',
      /The setting hub\.url cannot contain a user name or password/,
    ],
    [
      'sign_in: { oidc: { issuer: "https://user@idp.example", client_id: x } }\n',
      /The setting sign_in\.oidc\.issuer cannot contain a user name or password/,
    ],
    ['accounts: [{ name: a, role: machine }, { name: a, role: machine }]\n', /declared twice/],
    [
      'members: [{ name: a, identities: [identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b] }, { name: b, identities: [identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b] }]\n',
      /"a" and "b" have the same STIX identity/,
    ],
    ['groups: [{ name: g, members: [nobody] }]\n', /names the member "nobody"/],
    ['hub: [\n', /not valid YAML/],
    // Found by the fuzzer: an alias without its anchor caused a stack trace.
    ['hub: *nothing\n', /not valid YAML/],
    ['listen: { host: 0.0.0.0 }\n', /will not listen on 0\.0\.0\.0 without TLS/],
  ])('%j is refused with its position', (yaml, message) => {
    expect(problem(yaml).title).toMatch(message);
  });

  test('each kind of fault has its own code, cause and remedy', () => {
    const faults = [
      'listen:\n  port: 99999\n',
      'hub: [\n',
      'api_roots: [{ path: console }]\n',
      'members: [{ name: hub }]\n',
      'members: [{ name: a }, { name: a }]\n',
      'groups: [{ name: g, members: [nobody] }]\n',
      'listen: { host: 0.0.0.0 }\n',
      'mail: { server: "smtp://mail.example", from: a@hub.example, insecure: true }\n',
      'sign_in: { oidc: { issuer: "http://id.example", client_id: x } }\n',
      'secrets: { env: [TALANOA_KEY] }\n',
    ].map(problem);
    expect(new Set(faults.map(({ code }) => code)).size).toBe(faults.length);
    for (const { description = '', hint = '' } of faults) expect([description, hint]).not.toContain('');
  });

  test('flags take precedence over the environment, and the environment over the file; secrets can be in files', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, 'from-a-file\n');
    const config = load('listen: { port: 1000 }\n', { TALANOA_PORT: '2000', KEY_A_FILE: file });
    expect(config.listen.port).toBe(2000);
    expect(config.secret('KEY_A')).toBe('from-a-file');
    expect(
      loadConfig({ config: join(folder, 'talanoa.yaml'), port: 3000 }, { TALANOA_PORT: '2000' }).listen.port,
    ).toBe(3000);
  });

  test('without a settings file the hub has the API root main with one collection, and no credentials', () => {
    const config = loadConfig({ data: folder }, {});
    expect(config.apiRoots.map(({ path }) => path)).toEqual(['main']);
    expect(config.collections.map(({ alias }) => alias)).toEqual(['indicators']);
    expect(config.accounts).toEqual([]);
  });
});

describe('the master key', () => {
  test('is read from the file in the settings, wherever the data folder comes from', () => {
    const named = join(folder, 'keys', 'hub.key');
    const file = join(folder, 'talanoa.yaml');
    writeFileSync(file, `master_key_file: ${named}\n`);
    expect(loadConfig({ config: file, data: folder }, {}).masterKeyFile).toBe(named);
    expect(loadConfig({ config: file }, { TALANOA_DATA: folder }).masterKeyFile).toBe(named);
  });

  test('a key of an earlier version in the data folder is not silently replaced', () => {
    const data = join(folder, 'earlier');
    const file = join(folder, 'talanoa.yaml');
    mkdirSync(data);
    writeFileSync(join(data, 'master.key'), 'x');
    writeFileSync(file, `master_key_file: ${join(folder, 'nowhere.key')}\n`);
    expect(() => masterKey(loadConfig({ config: file, data }, {}))).toThrow('Master key file not found');
    expect(existsSync(join(folder, 'nowhere.key'))).toBe(false);
  });

  test('must match the store, or the process does not start', async () => {
    const data = join(folder, 'keyed');
    const config = load('hub: { title: Keyed }\n', { TALANOA_DATA: data });
    await (await compose(config, silentLog)).stop();
    await (await compose(config, silentLog)).stop();
    writeFileSync(config.masterKeyFile, `${Buffer.alloc(32, 7).toString('base64url')}\n`);
    await expect(compose(config, silentLog)).rejects.toMatchObject({ code: 'TLN-K-504' });
  });

  test('is not given to a hub that is created in the store of another one, which nothing changes', async () => {
    const config = load('hub: { title: First }\nmembers: [{ name: tonga }]\n', {
      TALANOA_DATA: join(folder, 'first'),
    });
    await (await compose(config, silentLog, { isOffline: true, isNew: true })).stop();
    const other = load('hub: { title: Second }\n', { TALANOA_DATA: join(folder, 'first') });
    await expect(compose(other, silentLog, { isOffline: true, isNew: true })).rejects.toMatchObject({
      code: 'TLN-C-409',
    });
    // The store of another folder stands for one in a database, of which this folder has no file.
    const store = await openSqliteStore({ folder: join(folder, 'first'), clock: systemClock });
    const elsewhere = load('hub: { title: Third }\n', { TALANOA_DATA: join(folder, 'third') });
    const creating = compose(elsewhere, silentLog, { isOffline: true, isNew: true, store });
    await expect(creating).rejects.toMatchObject({ code: 'TLN-C-409' });
    const again = await compose(config, silentLog, { isOffline: true });
    expect((await again.directory.current()).members.has('tonga')).toBe(true);
    await again.stop();
  });

  test('that was just created stays, and a fault of the store is reported as what it is', async () => {
    const data = join(folder, 'faulty');
    const config = load('hub: { title: Faulty }\n', { TALANOA_DATA: data });
    const inner = await openSqliteStore({ folder: data, clock: systemClock });
    const faulty = faultyStore(inner);
    try {
      // The store has remembered the key, but the answer is lost. Without its file, nobody could open the store again.
      faulty.arm(3, 'answer lost');
      await expect(openSealer(config, faulty.store)).rejects.toThrow('the store failed');
      await expect(openSealer(config, inner)).resolves.toBeDefined();
      rmSync(config.masterKeyFile);
      // While the store cannot be read, it is unknown whether it needs the lost key, so no new one is created.
      faulty.arm(1, 'refused');
      await expect(openSealer(config, faulty.store)).rejects.toThrow('the store failed');
      expect(existsSync(config.masterKeyFile)).toBe(false);
      await expect(openSealer(config, inner)).rejects.toMatchObject({ code: 'TLN-K-505' });
      expect(existsSync(config.masterKeyFile)).toBe(false);
    } finally {
      await inner.close();
    }
  });
});

describe('reconciliation at start', () => {
  test('resources that are no longer declared are removed, others stay, and files are private', async () => {
    const t = await testHub(SETTINGS);
    const key = await t.hub.keys.create(
      {
        kind: 'account',
        account: 'op',
        name: 'op',
        role: 'administrator',
        member: undefined,
        person: true,
        groups: [],
      },
      { account: 'extra', collections: ['indicators'] },
    );
    expect((await t.as('reader').get('/main/collections/indicators/')).status).toBe(200);
    expect(statSync(join(t.folder, 'data', 'master.key')).mode & 0o077).toBe(0);
    const { declareSettings } = await import('../../src/config/reconcile.ts');
    const { systemIds } = await import('../../src/kernel/ids.ts');
    const file = join(t.folder, 'talanoa.yaml');
    writeFileSync(
      file,
      SETTINGS.replace('      - { to: "account:reader", read: true }\n', '').replace(
        / {2}- \{ name: desk.*\n/,
        '',
      ),
    );
    const env = {
      KEY_WRITER: 'w'.repeat(40),
      PASSWORD_WRITER: 'password of writer',
      KEY_READER: 'r'.repeat(40),
      KEY_SENSOR: 's'.repeat(40),
      KEY_CHIEF: 'c'.repeat(40),
      KEY_ANALYST: 'a'.repeat(40),
      KEY_NOBODY: 'n'.repeat(40),
    };
    await declareSettings(
      loadConfig({ config: file, data: join(t.folder, 'data') }, env),
      t.hub.store,
      systemClock,
      systemIds,
      silentLog,
    );
    const after = await t.hub.directory.refresh();
    expect(after.accountNamed('desk')).toBeUndefined();
    expect(after.accountNamed('extra')).toBeDefined();
    const collection = after.find('indicators');
    const extra = after.principalNamed('extra');
    const reader = after.principalNamed('reader');
    expect(collection !== undefined && extra !== undefined && after.rights(extra, collection).read).toBe(
      true,
    );
    expect(collection !== undefined && reader !== undefined && after.rights(reader, collection).read).toBe(
      false,
    );
    // The old key of the settings is gone, the new one is known.
    expect((await t.as('writer').get('/taxii2/')).status).toBe(401);
    expect(key.secret).toMatch(/^tln_/);
    await t.stop();
  });

  describe('the reconciliation of the first settings file', () => {
    const start = async (data: string, yaml?: string) => {
      const file = join(data, '..', 'first.yaml');
      if (yaml !== undefined) writeFileSync(file, yaml);
      const lines: string[] = [];
      const log = createLog('info', { write: (line) => lines.push(line) });
      const hub = await compose(
        loadConfig({ data, ...(yaml === undefined ? {} : { config: file }) }, {}),
        log,
      );
      const { collections, feeds, apiRoots } = await hub.directory.refresh();
      await hub.stop();
      return {
        collections: [...collections.values()]
          .map(({ alias, apiRoot }) => `${apiRoot}/${alias ?? '-'}`)
          .toSorted(),
        feeds: feeds.map(({ name }) => name),
        roots: [...apiRoots.keys()],
        kept: lines.filter((line) => line.includes('settings.kept')).length,
      };
    };

    test('keeps the collection and the feeds that the hub had without one, and reports it once', async () => {
      const data = join(mkdtempSync(join(folder, 'trial-')), 'data');
      const trial = await start(data);
      expect(trial).toMatchObject({
        collections: ['main/indicators'],
        feeds: ['tor-exits', 'urlhaus'],
        kept: 0,
      });
      const title = 'hub: { title: Reef CERT }\n';
      expect(await start(data, title)).toEqual({ ...trial, kept: 1 });
      expect(await start(data, title)).toEqual(trial);
      await expect(start(data)).rejects.toMatchObject({ code: 'TLN-C-084' });
      // After an empty file, the hub works without one as before, and has each alias once.
      await start(data, '# nothing\n');
      expect(await start(data)).toEqual(trial);
    });

    test('keeps the collection in addition to one of the file with the same alias, which then means the one of the file', async () => {
      const data = join(mkdtempSync(join(folder, 'trial-')), 'data');
      await start(data);
      const own = `api_roots: [{ path: reef }]
collections: [{ id: 7063394f-1aec-4d4c-97a7-4e5f60718298, api_root: reef, alias: indicators, title: Own }]
`;
      expect(await start(data, own)).toMatchObject({ collections: ['reef/-', 'reef/indicators'], kept: 1 });
    });

    test('leaves an alias to a collection that took it, when the file is removed again', async () => {
      const data = join(mkdtempSync(join(folder, 'trial-')), 'data');
      const file = join(data, '..', 'first.yaml');
      writeFileSync(file, 'hub: { title: Reef CERT }\n');
      const hub = await compose(loadConfig({ data, config: file }, {}), silentLog);
      await hub.store.commit({
        records: [COLLECTIONS.insert('7063394f-1aec-4d4c-97a7-4e5f60718298', { api_root: 'main', alias: 'indicators', title: 'Own', managed: 'hub' })],
      }); // prettier-ignore
      await hub.stop();
      await start(data, '# nothing\n');
      expect(await start(data)).toMatchObject({ collections: ['main/-', 'main/indicators'] });
    });
  });

  test('a password of the settings file that an earlier version hashed is hashed again at start, and nothing else changes', async () => {
    const file = join(folder, 'old.yaml');
    writeFileSync(file, 'accounts: [{ name: moana, role: administrator, person: true, password_env: PW }]\n');
    const { compose } = await import('../../src/server/compose.ts');
    const { isOldHash, verifyPassword } = await import('../../src/access/accounts/passwords.ts');
    const start = (password: string) =>
      compose(loadConfig({ config: file, data: join(folder, 'old') }, { PW: password }), silentLog);
    let hub = await start('seven green turtles');
    const first = await hub.store.record('account', 'moana');
    const document = { ...first?.document, password_hash: oldHash('seven green turtles') };
    await hub.store.commit({
      records: [{ kind: 'account', id: 'moana', expected: first?.revision ?? 0, document }],
    });
    await hub.stop();
    hub = await start('seven green turtles');
    const again = await hub.store.record('account', 'moana');
    const hash = String(again?.document['password_hash']);
    expect([isOldHash(hash), await verifyPassword('seven green turtles', hash)]).toEqual([false, true]);
    expect(again?.document).toEqual({ ...document, password_hash: hash });
    await hub.stop();
    // The same password and scheme: nothing is written. Another password: sessions end by the epoch.
    hub = await start('seven green turtles');
    expect((await hub.store.record('account', 'moana'))?.revision).toBe(again?.revision);
    await hub.stop();
    hub = await start('eight green turtles');
    expect((await hub.store.record('account', 'moana'))?.document['epoch']).toBe(1);
    await hub.stop();
    // The file has no longer a password, so sessions that used it end as well.
    writeFileSync(file, 'accounts: [{ name: moana, role: administrator, person: true }]\n');
    hub = await start('');
    expect((await hub.store.record('account', 'moana'))?.document).toMatchObject({ epoch: 2 });
    expect((await hub.store.record('account', 'moana'))?.document).not.toHaveProperty('password_hash');
    await hub.stop();
  });

  test('a grant that would let an account read more than its TLP allows prevents the start', async () => {
    await expect(testHub(SETTINGS.replace('max_tlp: clear\n', 'max_tlp: green\n'))).rejects.toMatchObject({
      title: expect.stringMatching(/cannot be read by the public/),
    });
  });

  test('a short password or key prevents the start', async () => {
    const file = join(folder, 'short.yaml');
    writeFileSync(file, 'accounts: [{ name: a, role: machine, password_env: PW }]\n');
    const { compose } = await import('../../src/server/compose.ts');
    await expect(
      compose(loadConfig({ config: file, data: join(folder, 'short') }, { PW: 'password' }), silentLog),
    ).rejects.toMatchObject({ code: 'TLN-C-003' });
  });
});

test('the URL of a hub has an IPv6 address in brackets, and no path', () => {
  expect(load("listen: { host: '::1', port: 6421 }").hub.url).toBe('http://[::1]:6421');
  expect(load('{}').hub.url).toBe('http://127.0.0.1:6420');
  expect(load('hub: { url: "https://hub.example/" }').hub.url).toBe('https://hub.example');
  expect(problem('hub: { url: "https://hub.example/talanoa" }')).toMatchObject({ code: 'TLN-C-087' });
});
