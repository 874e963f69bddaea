import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import {
  folder,
  startHub,
  talanoa,
  taxii,
  type Ended,
  type RunningHub,
  type TaxiiAnswer,
} from '../support/program.ts';

const here = folder();
const config = join(here.path, 'talanoa.yaml');
let hub: RunningHub;

beforeAll(async () => {
  writeFileSync(
    config,
    `collections: [{ id: 7063394f-1aec-4d4c-97a7-4e5f60718298, api_root: main, alias: fixed, title: Fixed, grants: [{ to: "role:analyst", read: true }] }]
api_roots: [{ path: main }]
members: [{ name: tonga }]
`,
  );
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds']);
}, 30_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

const run = (...args: string[]): Promise<Ended> =>
  talanoa([...args, '--config', config, '--data', join(here.path, 'data')]);

test('a collection is created, granted, used and deleted while the hub runs, and declared ones stay managed by the file', async () => {
  const made = await run(
    'collection',
    'create',
    'Phishing kits',
    '--alias',
    'kits',
    '--max-tlp',
    'green',
    '--quiet',
  );
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
  const id = made.stdout.trim();
  const key = (await run('key', 'create', '--account', 'bob', '--member', 'tonga', '--quiet')).stdout.trim();
  const objects = (body?: unknown): Promise<TaxiiAnswer> =>
    taxii(`${hub.url}/main/collections/${id}/objects/`, key, body);
  expect((await objects()).status).toBe(404);
  expect(await run('collection', 'grant', 'kits', 'member:tonga', '--read', '--write')).toMatchObject({
    code: 0,
    stdout: 'member:tonga may read and write "Phishing kits"\n',
  });
  const green = anIndicator({
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
  });
  expect((await objects({ objects: [green] })).body).toMatchObject({ success_count: 1 });
  expect((await objects()).body['objects']).toEqual([green]);
  // Granting again adds rights. Only --replace takes some away, and lists them.
  expect(await run('grant', 'create', 'kits', 'member:tonga', '--read')).toMatchObject({
    stdout: 'member:tonga may read and write "Phishing kits"\n',
  });
  expect((await objects({ objects: [anIndicator()] })).status).not.toBe(403);
  expect(await run('grant', 'create', 'kits', 'member:tonga', '--read', '--replace')).toMatchObject({
    stdout: 'member:tonga may read "Phishing kits". It may no longer write there.\n',
  });
  expect((await objects({ objects: [anIndicator()] })).status).toBe(403);

  expect(await run('collection', 'grant', 'kits', 'public')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('the public may read at most TLP:CLEAR'),
  });
  expect(await run('collection', 'grant', 'kits', 'member:tonge')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('Did you mean "tonga"?'),
  });
  expect(await run('collection', 'revoke', 'fixed', 'role:analyst')).toMatchObject({
    code: 7,
    stderr: expect.stringContaining('is managed by the settings of the hub'),
  });
  const { items } = JSON.parse((await run('collection', 'list', '--json')).stdout) as { items: Json[] };
  expect(items).toMatchObject([
    { alias: 'fixed', managed: 'file', grants: [{ to: 'role:analyst', managed: 'file' }] },
    {
      alias: 'kits',
      managed: 'hub',
      max_tlp: 'green',
      grants: [{ to: 'member:tonga', read: true, write: false }],
    },
  ]);

  expect((await run('collection', 'revoke', 'kits', 'member:tonga')).code).toBe(0);
  expect((await objects()).status).toBe(404);
  // A restart with the same file does not change what commands have created.
  await hub.stop();
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds']);
  expect((await run('collection', 'list')).stdout).toMatch(/kits +TLP:GREEN +nobody/);
}, 60_000);

test('a key for a collection keeps the rights that its account had, and the audit log has its grant', async () => {
  await run('collection', 'create', 'Shared work', '--alias', 'work');
  await run('key', 'create', '--account', 'amy', '--collections', 'work', '--read', '--write', '--quiet');
  const second = await run('key', 'create', '--account', 'amy', '--collections', 'work');
  expect(second.stderr).toContain('Shared work: read and write');
  const { items } = JSON.parse((await run('audit', 'list', '--json')).stdout) as { items: { fact: Json }[] };
  const given = items.find(({ fact: { action } }) => action === 'grant.create');
  expect(given?.fact['details']).toEqual({ to: 'account:amy', read: true, write: true });
});

test('a change of a member adds to its lists, and reports what --replace removes', async () => {
  await run('member', 'create', 'niue', '--network', '192.0.2.0/25');
  const networks = async (...flags: string[]): Promise<readonly [unknown, string]> => {
    const { stdout, stderr } = await run('member', 'update', 'niue', ...flags);
    return [/Networks +(.*)/.exec(stdout)?.[1]?.trim(), stderr];
  };
  expect(await networks('--network', '192.0.2.128/25')).toEqual(['192.0.2.0/25, 192.0.2.128/25', '']);
  expect(await networks('--network', '192.0.2.128/25', '--replace')).toEqual([
    '192.0.2.128/25',
    'Removed from niue: 192.0.2.0/25\n',
  ]);
});
