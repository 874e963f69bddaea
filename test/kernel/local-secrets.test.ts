import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnVariable, LocalSecrets, type NamedSecret } from '../../src/kernel/local-secrets.ts';

const MASTER_KEY = 'the-master-key-of-this-hub';
const DATABASE = 'mongodb://hub:password@127.0.0.1/talanoa';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-secrets-'));
  mkdirSync(join(folder, 'keys'));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'master.key'), MASTER_KEY);
  writeFileSync(join(folder, 'keys', 'feed'), 'feed-key');
  writeFileSync(join(folder, 'other'), 'other-key');
  symlinkSync(join(folder, 'data', 'master.key'), join(folder, 'keys', 'link'));
  symlinkSync(join(folder, 'other'), join(folder, 'keys', 'way-out'));
  linkSync(join(folder, 'data', 'master.key'), join(folder, 'keys', 'hard-link'));
  writeFileSync(join(folder, 'keys', 'copy'), `# a copy\n${MASTER_KEY}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment: Readonly<Record<string, string>> = {
  FEED_KEY: 'value-of-feed-key',
  PRESET_KEY: 'value-of-preset-key',
  UNLISTED: 'value-of-unlisted',
  COPY_OF_URI: DATABASE,
  TALANOA_ADMIN_PASSWORD: 'hunter2',
};

/** The secrets of a hub whose settings file lists a variable and a folder, and one preset with a key. */
function secrets(named: readonly NamedSecret[] = []): LocalSecrets {
  return new LocalSecrets({
    allowed: { env: ['FEED_KEY', 'COPY_OF_URI', 'TALANOA_ADMIN_PASSWORD'], files: [join(folder, 'keys')] },
    named: () => named,
    masterKeyFile: join(folder, 'data', 'master.key'),
    mongodbUri: DATABASE,
    env: (name) => environment[name],
    file: (path) => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
  });
}

const file = (...parts: string[]): string => `file:${join(folder, ...parts)}`;

describe('a secret on the machine of the hub', () => {
  test('is read if the settings file lists its name, its path or its folder', () => {
    expect(secrets().value('env:FEED_KEY', 'feed.example')).toBe('value-of-feed-key');
    expect(secrets().value(file('keys', 'feed'), 'feed.example')).toBe('feed-key');
    expect(secrets().value(file('keys', 'missing'), 'feed.example')).toBeUndefined();
  });

  test.each([
    ['a variable that is not listed', () => 'env:UNLISTED'],
    ['a file outside the listed folder', () => file('other')],
    ['a path that leaves the listed folder', () => file('keys', '..', 'other')],
    ['a link out of the listed folder', () => file('keys', 'way-out')],
    ['a folder whose name begins like a listed one', () => file('keys-of-others', 'feed')],
  ])('is refused with a remedy: %s', (_what, reference) => {
    expect(() => secrets().value(reference(), 'feed.example')).toThrow(
      expect.objectContaining({ kind: 'forbidden', hint: expect.stringMatching(/talanoa secret set NAME/) }),
    );
  });

  test.each([
    ['a variable that configures the hub, although it is listed', () => 'env:TALANOA_ADMIN_PASSWORD'],
    ['the variable of the database', () => 'env:MONGODB_URI_FILE'],
    ['a variable without a name', () => 'env:'],
    ['a reference of another kind', () => 'http://feed.example/key'],
    ['the master key', () => file('data', 'master.key')],
    ['a link to the master key in a listed folder', () => file('keys', 'link')],
    ['the environment of a process', () => 'file:/proc/self/environ'],
  ])('can never be %s', (_what, reference) => {
    expect(() => secrets().demandNotOwn(reference())).toThrow(/never/);
    expect(() => secrets().value(reference(), 'feed.example')).toThrow(/never/);
  });

  test.each([
    ['a hard link to the master key', () => file('keys', 'hard-link')],
    ['a file that contains the master key', () => file('keys', 'copy')],
    ['a variable with the address of the database', () => 'env:COPY_OF_URI'],
  ])('is not sent anywhere if it is %s', (_what, reference) => {
    expect(() => secrets().demand(reference(), ['feed.example'])).not.toThrow();
    expect(() => secrets().value(reference(), 'feed.example')).toThrow(/never/);
  });

  test('a secret of a preset is sent to the hosts of the preset only', () => {
    const preset = secrets([{ reference: 'env:PRESET_KEY', hosts: ['feed.example'] }]);
    expect(preset.value('env:PRESET_KEY', 'feed.example')).toBe('value-of-preset-key');
    expect(preset.value('env:PRESET_KEY', 'FEED.example')).toBe('value-of-preset-key');
    expect(() => preset.value('env:PRESET_KEY', 'evil.example')).toThrow();
    expect(() => preset.demand('env:PRESET_KEY', ['feed.example', 'evil.example'])).toThrow();
    expect(() => preset.demand('env:PRESET_KEY', [])).toThrow();
  });

  test('that the settings file names without hosts goes wherever the settings file says', () => {
    const named = secrets([{ reference: 'env:PRESET_KEY', hosts: undefined }]);
    expect(() => named.demand('env:PRESET_KEY', [])).not.toThrow();
    expect(() => named.demand('env:PRESET_KEY', ['any.example'])).not.toThrow();
  });

  test('that the hub keeps has a list of hosts of its own, which is checked elsewhere', () => {
    expect(() => secrets().demand('secret:misp', ['any.example'])).not.toThrow();
  });
});

describe('a folder that a feed reads', () => {
  test('is any folder but that of the master key, and those of processes', () => {
    expect(() => secrets().demandFolder(join(folder, 'keys'))).not.toThrow();
    for (const path of [join(folder, 'data'), join(folder, 'data', 'master.key'), '/proc/self/fd', '/proc'])
      expect(() => secrets().demandFolder(path)).toThrow(/never/);
  });
});

test('variables of the hub are recognised in any case', () => {
  for (const name of ['TALANOA_X', 'talanoa_x', 'MONGODB_URI', 'MONGODB_URI_FILE'])
    expect(isOwnVariable(name)).toBe(true);
  for (const name of ['MY_TALANOA_X', 'MONGO', 'FEED_KEY', '']) expect(isOwnVariable(name)).toBe(false);
});
