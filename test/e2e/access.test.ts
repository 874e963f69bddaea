import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../support/builders.ts';
import { folder, startHub, talanoa, taxii, type Ended, type RunningHub } from '../support/program.ts';

const here = folder();
const config = join(here.path, 'talanoa.yaml');
const ID = '7063394f-1aec-4d4c-97a7-4e5f60718298';
const IDENTITY = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
const BOSS = 'a-key-of-the-boss-0123456789abcdef0123456789';
let hub: RunningHub;

beforeAll(async () => {
  writeFileSync(
    config,
    `collections: [{ id: ${ID}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:tonga", read: true }] }]
api_roots: [{ path: main }]
members: [{ name: tonga, identities: [${IDENTITY}] }]
accounts: [{ name: boss, role: administrator, key_env: BOSS }]
`,
  );
  hub = await startHub(['--config', config, '--data', join(here.path, 'data'), '--no-feeds'], { BOSS });
}, 30_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

/** A command on the same machine as the hub, through its socket. */
const local = (...args: string[]): Promise<Ended> =>
  talanoa([...args, '--config', config, '--data', join(here.path, 'data')], { PW: 'a dozen letters' });
/** A command on another machine, through the network. */
const remote = (key: string, ...args: string[]): Promise<Ended> =>
  talanoa([...args, '--hub', hub.url], { TALANOA_KEY: key });
const polled = async (key: string): Promise<number> =>
  (await taxii(`${hub.url}/main/collections/${ID}/objects/`, key)).status;

describe('accounts, keys and the audit log on the command line', () => {
  test('an account is created and gets a limited key, which is rotated and revoked, and the audit log records every step', async () => {
    expect(
      await local('account', 'create', 'wall', '--member', 'tonga', '--password-env', 'PW'),
    ).toMatchObject({
      code: 0,
      stderr: 'Account wall created: machine of tonga.\n',
    });
    const first = (await local('key', 'create', '--account', 'wall', '--scopes', 'taxii:read', '--label', 'firewall', '--quiet')).stdout.trim(); // prettier-ignore
    expect(await polled(first)).toBe(200);
    const listed = JSON.parse((await local('key', 'list', '--account', 'wall', '--json')).stdout) as { items: Json[] }; // prettier-ignore
    const id = String(listed.items[0]?.['id']);
    expect(listed.items).toMatchObject([{ label: 'firewall', scopes: ['taxii:read'], state: 'active' }]);
    const unused = JSON.parse((await local('key', 'unused', '--days', '1', '--json')).stdout) as {
      items: Json[];
    };
    expect(unused.items.map(({ label }) => label)).not.toContain('firewall');
    const second = (await local('key', 'rotate', id, '--overlap', '1d', '--quiet')).stdout.trim();
    expect([await polled(first), await polled(second)]).toEqual([200, 200]);
    expect(await local('key', 'revoke', id)).toMatchObject({ code: 0, stderr: `Key ${id} revoked.\n` });
    expect([await polled(first), await polled(second)]).toEqual([401, 200]);
    expect((await local('account', 'update', 'wall', '--disable')).code).toBe(0);
    expect(await polled(second)).toBe(401);
    expect((await local('account', 'update', 'wall', '--enable')).code).toBe(0);
    expect(await polled(second)).toBe(200);
    expect((await local('account', 'delete', 'wall')).code).toBe(0);
    expect(await polled(second)).toBe(401);
    const audit = JSON.parse((await local('audit', 'list', '--json')).stdout) as {
      items: { fact: Json }[];
    };
    expect(
      audit.items
        .toReversed()
        .slice(1)
        .map(({ fact }) => [fact['actor'], fact['action']]),
    ).toEqual(
      ['account.create', 'key.create', 'key.rotate', 'key.revoke', 'account.update', 'account.update', 'account.delete'].map((action) => ['operator', action]), // prettier-ignore
    );
    expect(JSON.stringify(audit)).not.toContain(first);
    expect((await local('audit', 'verify')).stdout).toMatch(/^8 audit log entries verified: none was changed\.\nHash of the last entry: [0-9a-f]{64}\n$/); // prettier-ignore
    expect((await local('audit', 'list')).stdout).toContain('key.rotate');
    const lines = (await local('audit', 'export')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const events = (await local('audit', 'export', '--format', 'cef', '--after', '6')).stdout
      .trim()
      .split('\n');
    expect(events).toHaveLength(2);
    for (const event of events)
      expect(event).toMatch(/^CEF:0\|Talanoa\|Talanoa\|[^|]+\|[a-z.]+\|[a-z.]+\|3\|rt=\d+ externalId=[78] suser=operator duser=\S+ outcome=success cs1Label=hash cs1=[0-9a-f]{64}/); // prettier-ignore
  }, 180_000);

  test('the same commands work with a remote hub, with the permissions of the key', async () => {
    const officer = (await local('key', 'create', '--account', 'moana', '--member', 'tonga', '--role', 'officer', '--quiet')).stdout.trim(); // prettier-ignore
    expect((await remote(BOSS, 'status')).stdout).toMatch(/Accounts +2$/m);
    const made = await remote(officer, 'key', 'create', '--member', 'tonga', '--quiet');
    // The commands ask for nothing that the officer cannot read, which the audit log would hold against them.
    expect((await local('audit', 'list', '--who', 'moana', '--json')).stdout).not.toContain('"refused"');
    expect(await polled(made.stdout.trim())).toBe(200);
    expect((await remote(officer, 'account', 'list')).stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['ACCOUNT', 'moana', 'tonga-key', '']); // prettier-ignore
    expect(await remote(officer, 'collection', 'create', 'Mine')).toMatchObject({ code: 5, stderr: expect.stringContaining('TLN-A-403') }); // prettier-ignore
    expect(await remote(officer, 'status')).toMatchObject({ code: 5 });
    expect(await remote('tln_wrong', 'account', 'list')).toMatchObject({ code: 5, stderr: expect.stringContaining('TLN-C-075') }); // prettier-ignore
    expect(await talanoa(['account', 'list', '--hub', hub.url])).toMatchObject({ code: 5, stderr: expect.stringContaining('TALANOA_KEY') }); // prettier-ignore
    expect(await talanoa(['account', 'list', '--hub', 'nowhere'], { TALANOA_KEY: BOSS })).toMatchObject({ code: 2 }); // prettier-ignore
  }, 180_000);

  test('values are published as indicators under the identity of the member, each with its outcome', async () => {
    const officer = (await local('key', 'create', '--account', 'moana', '--quiet')).stdout.trim();
    expect((await local('collection', 'grant', 'shared', 'account:moana', '--read', '--write')).code).toBe(0);
    const list = join(here.path, 'list.txt');
    writeFileSync(list, '# from the mail of Monday\nhxxp://bad[.]reef-bank[.]com/login\n\n9.9.9.0/24\n');
    const sent = await remote(officer, 'publish', 'evil[.]reef-bank[.]com', '44d88612fea8a8f36de82e1278abb02f', '--file', list, '--collection', 'shared', '--tlp', 'green', '--title', 'Phishing of banks'); // prettier-ignore
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    expect(sent.stdout.split('\n').filter((line) => line.includes(' stored '))).toHaveLength(4);
    const { body } = await taxii(`${hub.url}/main/collections/${ID}/objects/`, officer);
    expect((body['objects'] as Json[]).map(({ pattern, created_by_ref: creator, name }) => [pattern, creator, name])).toEqual([
      ["[domain-name:value = 'evil.reef-bank.com']", IDENTITY, 'Phishing of banks'],
      ["[file:hashes.MD5 = '44d88612fea8a8f36de82e1278abb02f']", IDENTITY, 'Phishing of banks'],
      ["[url:value = 'http://bad.reef-bank.com/login']", IDENTITY, 'Phishing of banks'],
      ["[ipv4-addr:value ISSUBSET '9.9.9.0/24']", IDENTITY, 'Phishing of banks'],
    ]); // prettier-ignore
    const dry = await remote(officer, 'publish', '9.9.9.9', '--collection', 'shared', '--dry-run');
    expect(JSON.parse(dry.stdout)).toMatchObject({ pattern: "[ipv4-addr:value = '9.9.9.9']" });
    expect(await remote(officer, 'publish', '192.168.1.1', '--collection', 'shared')).toMatchObject({ code: 3, stderr: expect.stringContaining('private address') }); // prettier-ignore
    expect(await remote(officer, 'publish', 'x.reef-bank.com', '--collection', 'shard')).toMatchObject({ code: 4, stderr: expect.stringContaining('Did you mean "shared"?') }); // prettier-ignore
    expect(await remote(BOSS, 'publish', 'x.reef-bank.com', '--collection', 'shared')).toMatchObject({ code: 5 }); // prettier-ignore
    expect((await remote(officer, 'publish', '--collection', 'shared')).code).toBe(2);
  }, 180_000);
});
