import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { declareSettings } from '../../src/config/reconcile.ts';
import { mayReconcile, rememberFile, SETTINGS } from '../../src/config/settings-record.ts';
import { canonical } from '../../src/kernel/canonical.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

/** Several processes on one database may have different settings files. One of the files applies. */

let folder = '';
let store: Store;
let lines: string[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-settings-'));
  store = await openSqliteStore({ folder, clock: new TestClock() });
  lines = [];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const log = createLog('debug', { write: (line) => lines.push(line) });
const SOURCE = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const TARGET = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';

/** The settings of a process. */
function settings(yaml: string): Config {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, yaml);
  // Several processes can only share a database. These tests need no database but the name of one.
  return { ...loadConfig({ config: file, data: folder }, {}), mongodbUri: 'mongodb://127.0.0.1' };
}

/** Returns whether a process may apply its settings file, and remembers it as applied then. */
async function applies(config: Config): Promise<boolean> {
  const may = await mayReconcile(config, store, log);
  if (may) await store.commit({ records: await rememberFile(config, store) });
  return may;
}

const WITH_COLLECTIONS = `collections:
  - { id: ${SOURCE}, api_root: main, alias: source, title: Source }
  - { id: ${TARGET}, api_root: main, alias: target, title: Target }
`;
const withRule = (name: string, revision = 1): Config =>
  settings(
    `revision: ${revision}\n${WITH_COLLECTIONS}rules: [{ name: ${name}, from: source, to: target }]\n`,
  );

test('a process applies the first file, and the same file again', async () => {
  expect(await applies(settings('groups: [{ name: a }]'))).toBe(true);
  expect(await applies(settings('groups: [{ name: a }]'))).toBe(true);
  // The order of keys and the layout of the file make no difference.
  expect(await applies(settings('groups:\n  - name: "a"\n'))).toBe(true);
  expect(lines).toEqual([]);
});

test('another file with the same or a lower revision is not applied, and the log reports it', async () => {
  await applies(settings('revision: 3\ngroups: [{ name: a }]'));
  for (const revision of [3, 2])
    expect(await applies(settings(`revision: ${revision}\ngroups: [{ name: b }]`))).toBe(false);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'settings.differ', revision: 3, reconciled_revision: 3 },
    { event: 'settings.differ', revision: 2, reconciled_revision: 3 },
  ]);
  expect((await SETTINGS.in(store).get('file'))?.document.revision).toBe(3);
});

test('a file with a higher revision replaces the one before, and processes with the old file change nothing', async () => {
  const [old, next] = ['revision: 1\ngroups: [{ name: a }]', 'revision: 2\ngroups: [{ name: b }]'];
  await applies(settings(old));
  expect(await applies(settings(next))).toBe(true);
  expect(await applies(settings(old))).toBe(false);
});

test('settings that are not declared resources may differ between processes', async () => {
  await applies(settings('listen: { port: 7001 }'));
  expect(await applies(settings('listen: { port: 7002 }'))).toBe(true);
});

test('files that differ only in their rules are different', async () => {
  expect(await applies(withRule('first'))).toBe(true);
  expect(await applies(withRule('second'))).toBe(false);
  expect(await applies(withRule('second', 2))).toBe(true);
});

test('a file that an earlier version applied, which left out the rules, is the same file', async () => {
  const config = withRule('first');
  const parts = [config.apiRoots, config.collections, config.groups, config.members, config.accounts, config.feeds]; // prettier-ignore
  const digest = createHash('sha256').update(canonical(JSON.parse(JSON.stringify(parts)))).digest('hex'); // prettier-ignore
  await store.commit({ records: [SETTINGS.put('file', undefined, { revision: 1, digest })] });
  expect(await applies(config)).toBe(true);
  expect(await applies(withRule('second'))).toBe(false);
});

test('a file that is refused does not take the place of the file of the hub', async () => {
  const clock = new TestClock();
  const declare = (revision: number, members: string): Promise<unknown> =>
    declareSettings(settings(`revision: ${revision}\nmembers: [${members}]\n`), store, clock, systemIds, log);
  const own = '{ name: tonga }, { name: samoa }, { name: fiji }';
  await declare(1, own);
  await expect(declare(5, '{ name: other }')).rejects.toMatchObject({ code: 'TLN-C-086' });
  expect((await SETTINGS.in(store).get('file'))?.document).toMatchObject({ revision: 1, has_file: true });
  await declare(1, own);
  await declare(2, `${own}, { name: niue }`);
  expect(await store.record('member', 'niue')).toBeDefined();
  expect((await SETTINGS.in(store).get('file'))?.document.revision).toBe(2);
  expect(lines.join()).not.toContain('settings.differ');
});

test('the error about many removals names only kinds of records that would be removed', async () => {
  const declare = (yaml: string): Promise<unknown> =>
    declareSettings(settings(yaml), store, new TestClock(), systemIds, log);
  await declare(`revision: 1\n${WITH_COLLECTIONS}`);
  await expect(declare('revision: 2\ngroups: [{ name: a }]\n')).rejects.toMatchObject({
    code: 'TLN-C-086',
    description: expect.not.stringContaining('members or accounts'),
  });
});
