import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { compose } from '../../src/server/compose.ts';
import type { Hub } from '../../src/server/hub.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { testIo } from '../support/io.ts';
import { folder } from '../support/program.ts';

/*
 * The work of a duty officer with the commands, at one hub whose folder they open. Each command is read twice: as the
 * lines that a person sees, and as the document that a script reads.
 */

const here = folder();
const data = join(here.path, 'data');
let hub: Hub;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function talanoa(...args: readonly string[]): Promise<Ended> {
  const { io, out, err } = testIo({
    environment: { TALANOA_DATA: data, TZ: 'UTC', NEW_PASSWORD: 'seven green turtles swim' },
  });
  const code = await run(args, io);
  return { code, out: out(), err: err() };
}

/** Runs a command that must succeed, and returns its lines. */
async function done(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await talanoa(...args);
  expect([args.join(' '), code, code === 0 ? '' : err]).toEqual([args.join(' '), 0, '']);
  return out;
}

/** Runs a command that must succeed, and returns its document. */
async function json(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  return JSON.parse(await done(...args, '--json')) as Record<string, unknown>;
}

/** Returns the items of a document. */
async function items(...args: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const document: unknown = await json(...args);
  const list = Array.isArray(document) ? document : (document as { items: unknown }).items;
  return list as readonly Readonly<Record<string, unknown>>[];
}

/** Returns the code of the error with which a command ends, and its exit code. */
async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await talanoa(...args);
  expect([args.join(' '), out]).toEqual([args.join(' '), '']);
  return `${code} ${/\[(TLN-[A-Z]-\d{3})\]/.exec(err)?.[1] ?? err}`;
}

beforeAll(async () => {
  await done('init');
  hub = await compose(loadConfig({ data }, {}), silentLog);
  await hub.startOffline();
  await done(
    'member',
    'create',
    'tonga',
    '--title',
    'CERT Tonga',
    '--country',
    'TO',
    '--network',
    '203.0.114.0/25',
  );
  await done('member', 'create', 'fiji', '--country', 'FJ');
  await done('account', 'create', 'moana', '--role', 'officer', '--member', 'tonga', '--person');
}, 90_000);
afterAll(async () => {
  await hub.stop();
  here.remove();
});

describe('members', () => {
  test('are listed, shown and changed, with values of lists added or replaced', async () => {
    expect(await done('member', 'list')).toMatch(/tonga +.*CERT Tonga/);
    await done('member', 'update', 'tonga', '--domain', 'gov.to', '--sector', 'government-national');
    await done('member', 'update', 'tonga', '--domain', 'edu.to');
    expect(await json('member', 'show', 'tonga')).toMatchObject({
      name: 'tonga',
      domains: expect.arrayContaining(['gov.to', 'edu.to']),
    });
    await done('member', 'update', 'tonga', '--domain', 'gov.to', '--replace');
    expect(await json('member', 'show', 'tonga')).toMatchObject({ domains: ['gov.to'] });
    expect(await done('member', 'show', 'tonga')).toContain('203.0.114.0/25');
    expect(await refused('member', 'show', 'tongo')).toMatch(/^4 TLN-/);
    expect(await refused('member', 'update', 'tonga', '--network', '198.51.100.300')).toMatch(/^[23] TLN-/);
  });

  test('claim networks, which an administrator verifies or rejects', async () => {
    await done('member', 'claim', 'fiji', 'network', '203.0.115.0/24');
    await done('member', 'claim', 'fiji', 'domain', 'gov.fj');
    const claims = await items('member', 'claims', 'fiji');
    const idOf = (value: string): string =>
      claims.flatMap((claim) => (claim['value'] === value ? String(claim['id']) : []))[0] ?? '';
    expect(await done('member', 'claims')).toContain('203.0.115.0/24');
    await done('member', 'decide', idOf('203.0.115.0/24'), 'verified');
    await done('member', 'decide', idOf('gov.fj'), 'rejected');
    const states = (await items('member', 'claims', 'fiji')).map(
      ({ value, state }) => `${String(value)} ${String(state)}`,
    );
    expect(states).toContain('203.0.115.0/24 verified');
    expect(states).not.toContain('gov.fj verified');
    expect(await refused('member', 'decide', 'no-such-claim', 'verified')).toMatch(/^4 TLN-/);
  });

  test('form groups, and leave them', async () => {
    await done('group', 'create', 'pacson', '--title', 'Pacific network');
    await done('group', 'join', 'pacson', 'tonga');
    expect(await done('group', 'join', 'pacson', 'fiji', '--since', '2099-12-15T00:00:00Z')).toMatch(
      /^pacson: tonga, fiji \(from 2099-12-15\)$/m,
    );
    expect(await done('group', 'list')).toMatch(/pacson/);
    await done('group', 'leave', 'pacson', 'fiji');
    expect(await items('group', 'list')).toMatchObject([{ name: 'pacson', members: ['tonga'] }]);
    expect(await refused('group', 'leave', 'pacson', 'fiji')).toMatch(/^\d TLN-/);
    expect(await refused('group', 'join', 'pacific', 'fiji')).toMatch(/^4 TLN-/);
  });
});

describe('accounts and keys', () => {
  test('are created, changed and removed', async () => {
    await done(
      'account',
      'create',
      'lani',
      '--role',
      'analyst',
      '--person',
      '--password-env',
      'NEW_PASSWORD',
    );
    expect(await done('account', 'list')).toMatch(/lani +.*analyst/);
    await done('account', 'update', 'lani', '--disable');
    expect(await items('account', 'list')).toContainEqual(
      expect.objectContaining({ name: 'lani', disabled: true }),
    );
    await done('account', 'update', 'lani', '--enable');
    expect(await done('account', 'invite', 'moana')).toMatch(/http:\/\/127\.0\.0\.1\S*\/first\//);
    expect(await done('account', 'sign-ins', 'lani')).toEqual(expect.any(String));
    expect(await done('session', 'list')).toEqual(expect.any(String));
    await done('account', 'delete', 'lani');
    expect(await refused('account', 'update', 'lani', '--enable')).toMatch(/^4 TLN-/);
    expect(await refused('account', 'create', 'moana', '--role', 'analyst')).toMatch(/^7 TLN-/);
  });

  test('have keys, which are shown once, limited, rotated and revoked', async () => {
    const made = await done(
      'key',
      'create',
      '--account',
      'sensor',
      '--collections',
      'indicators',
      '--write',
      '--label',
      'harbour sensor',
    );
    const [secret = ''] = /tln_\w{8}_[\w-]{43}/.exec(made) ?? [];
    expect(secret).not.toBe('');
    const listed = await done('key', 'list');
    expect([listed.includes('sensor'), listed.includes(secret)]).toEqual([true, false]);
    const [key] = (await items('key', 'list')).filter(({ account }) => account === 'sensor');
    const id = String(key?.['id']);
    expect(await done('key', 'unused', '--days', '1')).toEqual(expect.any(String));
    const rotated = await done('key', 'rotate', id, '--overlap', '2d');
    expect(/tln_\w{8}_[\w-]{43}/.exec(rotated)?.[0]).not.toBe(secret);
    await done('key', 'revoke', id);
    expect(await refused('key', 'revoke', 'no-such-key')).toMatch(/^4 TLN-/);
    expect(await refused('key', 'create', '--account', 'sensor', '--collections', 'indicatros')).toMatch(
      /^4 TLN-/,
    );
    expect(
      await refused(
        'key',
        'create',
        '--account',
        'sensor',
        '--collections',
        'indicators',
        '--expires',
        'soon',
      ),
    ).toMatch(/^2 TLN-/);
  });
});

describe('collections', () => {
  test('are created, granted and shown with their readers', async () => {
    const id = (
      await done('collection', 'create', 'Harbour reports', '--max-tlp', 'green', '--alias', 'harbour')
    ).trim();
    expect(id).toMatch(/[0-9a-f-]{36}/);
    await done('collection', 'grant', 'harbour', 'member:tonga', '--read');
    await done('grant', 'create', 'harbour', 'member:fiji', '--read');
    expect(await done('collection', 'list')).toContain('member:tonga');
    expect(await done('grant', 'list')).toContain('member:fiji');
    await done('collection', 'revoke', 'harbour', 'member:tonga');
    await done('grant', 'revoke', 'harbour', 'member:fiji');
    expect(await refused('collection', 'grant', 'harbour', 'public', '--read')).toMatch(/^\d TLN-/);
    expect(await refused('collection', 'grant', 'harbor', 'member:tonga', '--read')).toMatch(/^4 TLN-/);
  });

  test('forward to each other by rules', async () => {
    await done('rule', 'create', 'up', '--from', 'indicators', '--to', 'harbour', '--labels', 'harbour');
    expect(await done('rule', 'list')).toMatch(/up/);
    expect(await refused('rule', 'create', 'round', '--from', 'harbour', '--to', 'indicators')).toMatch(
      /^\d TLN-/,
    );
    await done('rule', 'delete', 'up');
    expect(await items('rule', 'list')).toEqual([]);
  });
});

describe('an indicator', () => {
  let id = '';

  test('is previewed and published from a value', async () => {
    const preview = await done(
      'publish',
      '203.0.114[.]77',
      '--collection',
      'indicators',
      '--tlp',
      'green',
      '--preview',
    );
    expect(preview).toContain('tonga');
    const dry = await done('publish', '203.0.114.77', '--collection', 'indicators', '--dry-run');
    expect(dry).toContain("ipv4-addr:value = '203.0.114.77'");
    // Exit code 4: nothing was found, because nothing was stored.
    expect((await talanoa('search', '203.0.114.77')).code).toBe(4);
    await done(
      'publish',
      '203.0.114[.]77',
      '--collection',
      'indicators',
      '--tlp',
      'green',
      '--malware',
      'Reef',
      '--confidence',
      '80',
      '--labels',
      'harbour,phishing',
    );
    const [found] = await items('search', '203.0.114.77');
    id = String(found?.['id']);
    expect(id).toMatch(/^indicator--/);
    expect(await refused('publish', 'not a value at all', '--collection', 'indicators')).toMatch(/^3 TLN-/);
    expect(
      await refused('publish', '203.0.114.78', '--collection', 'indicators', '--confidence', '101'),
    ).toMatch(/^2 TLN-/);
  });

  test('is read from a file of values, with the lines that cannot be used', async () => {
    const file = join(here.path, 'values.txt');
    writeFileSync(file, '# from the harbour\nevil.reef-bank.com\n\nhxxps://pay-harbour[.]com/login\n');
    const out = await done('publish', '--file', file, '--collection', 'indicators', '--tlp', 'green');
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^indicator--\S+ stored evil\.reef-bank\.com$/),
      expect.stringMatching(/^indicator--\S+ stored https:\/\/pay-harbour\.com\/login$/),
    ]);
    writeFileSync(file, 'evil.reef-bank.com\n?? nothing ??\n');
    const { code, err } = await talanoa('publish', '--file', file, '--collection', 'indicators');
    expect([code, err]).toEqual([3, expect.stringContaining('?? nothing ??')]);
  });

  test('is found by the beginning of its name, and shown with its state and versions', async () => {
    expect(await done('search', '203.0.114.0/25')).toContain(id);
    const shown = await done('show', id);
    for (const part of [id, '203.0.114.77', 'TLP:GREEN', '80']) expect(shown).toContain(part);
    expect(await json('show', id)).toMatchObject({ object: { id } });
    expect(await refused('show', 'indicator--0b2f6a3e-8d5c-4e7a-9b1c-2d3e4f5a6b7c')).toMatch(/^4 TLN-/);
  });

  test('is corrected and then revoked, with a new version each time', async () => {
    await done('revise', id, '--confidence', '90', '--description', 'Seen again');
    expect(await done('show', id)).toContain('Seen again');
    await done('revoke', id);
    expect(await done('show', id)).toMatch(/revoked/i);
    expect(await refused('revoke', id)).toMatch(/^\d TLN-/);
    expect(await refused('revise', id, '--confidence', '10')).toMatch(/^\d TLN-/);
  });

  test('has deliveries, which are explained and acknowledged', async () => {
    const [found] = await items('search', 'evil.reef-bank.com');
    const object = String(found?.['id']);
    expect(await done('delivery', 'why', object, 'tonga')).toContain('tonga');
    expect(await json('delivery', 'why', object, 'fiji')).toMatchObject({ member: 'fiji' });
    expect(await done('delivery', 'log', object)).toEqual(expect.any(String));
    expect(await done('delivery', 'lag')).toEqual(expect.any(String));
    await done('delivery', 'ask', object, '--until', new Date(Date.now() + 86_400_000).toISOString());
    expect(await refused('delivery', 'why', object, 'tongo')).toMatch(/^4 TLN-/);
  });

  test('an indicator of one member is shared with another by hand', async () => {
    const [found] = await items('search', 'evil.reef-bank.com');
    const object = String(found?.['id']);
    await done('share', 'with', object, 'fiji', '--reason', 'It is aimed at their banks');
    expect(await done('share', 'list')).toContain('fiji');
    await done('share', 'into', object, 'harbour');
    expect(await refused('share', 'with', object, 'tongo')).toMatch(/^4 TLN-/);
  });
});

describe('objects that wait for a person', () => {
  test('are listed, and an unknown one is refused', async () => {
    expect(await done('held', 'list')).toEqual(expect.any(String));
    expect(await done('triage', 'list')).toEqual(expect.any(String));
    expect(await refused('held', 'show', 'no-such-id')).toMatch(/^4 TLN-/);
    expect(await refused('held', 'release', 'no-such-id')).toMatch(/^\d TLN-/);
    expect(await refused('held', 'discard', 'no-such-id')).toMatch(/^\d TLN-/);
  });

  test('are given to people by name if they are TLP:RED', async () => {
    const file = join(here.path, 'red.json');
    writeFileSync(
      file,
      JSON.stringify(anIndicator({ name: 'For your eyes', object_marking_refs: [tlpMarkingId('red')] })),
    );
    expect(await done('red', 'give', file, '--to', 'moana', '--note', 'Call me')).toContain('moana');
    const [given] = await items('red', 'list');
    const id = String(given?.['id']);
    expect(await done('red', 'list')).toContain('Call me');
    await done('red', 'withdraw', id);
    expect(await refused('red', 'show', id)).toMatch(/^[45] TLN-/);
    expect(await refused('red', 'give', file, '--to', 'nobody')).toMatch(/^\d TLN-/);
  });
});

describe('channels', () => {
  test('send to a receiver, pause, replay and end', async () => {
    expect(
      await refused(
        'channel',
        'create',
        'x',
        '--member',
        'tonga',
        '--kind',
        'webhook',
        '--url',
        'https://x.example/',
      ),
    ).toMatch(/^3 TLN-/);
    await done(
      'channel',
      'create',
      'tonga-siem',
      '--member',
      'tonga',
      '--kind',
      'taxii',
      '--url',
      'https://siem.example/api/collections/0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60/',
    );
    expect(await done('channel', 'list')).toContain('tonga-siem');
    await done('channel', 'pause', 'tonga-siem');
    expect(await json('channel', 'show', 'tonga-siem')).toMatchObject({
      name: 'tonga-siem',
      paused: { by: 'operator' },
    });
    await done('channel', 'replay', 'tonga-siem', '--since', '2026-01-01T00:00:00Z');
    await done('channel', 'resume', 'tonga-siem');
    expect(await done('channel', 'show', 'tonga-siem')).toContain('member-tonga');
    await done('channel', 'delete', 'tonga-siem');
    expect(await refused('channel', 'show', 'tonga-siem')).toMatch(/^4 TLN-/);
    expect(
      await refused(
        'channel',
        'create',
        'x',
        '--member',
        'tonga',
        '--kind',
        'fax',
        '--url',
        'https://x.example',
      ),
    ).toMatch(/^[23] TLN-/);
  });
});

describe('feeds', () => {
  test('read a folder of files: added, tried, run, listed and removed', async () => {
    const inbox = join(here.path, 'inbox');
    mkdirSync(inbox);
    expect(await done('feed', 'catalogue')).toContain('urlhaus');
    await done(
      'feed',
      'create',
      'plain-list',
      '--name',
      'harbour-list',
      '--url',
      'https://lists.example/a.txt',
      '--collection',
      'indicators',
      '--tlp',
      'green',
      '--disabled',
    );
    const file = join(inbox, 'list.txt');
    writeFileSync(file, '203.0.116.7\nnot an address\n203.0.116.8\n');
    // Exit code 8: a part of the file could not be used.
    expect(await talanoa('feed', 'upload', 'harbour-list', file)).toMatchObject({
      code: 8,
      out: expect.stringContaining('1 in quarantine'),
    });
    expect((await items('search', '203.0.116.7')).map(({ type }) => type)).toContain('indicator');
    expect(await done('feed', 'quarantine', 'harbour-list')).toContain('not an address');
    expect(await done('feed', 'history', 'harbour-list')).toMatch(/3|2/);
    expect(await done('feed', 'list')).toContain('harbour-list');
    expect(await done('feed', 'show', 'harbour-list')).toContain('lists.example');
    expect(await done('feed', 'export', 'harbour-list')).toContain('lists.example');
    await done('feed', 'update', 'harbour-list', '--title', 'List of the harbour');
    await done('feed', 'pause', 'harbour-list');
    await done('feed', 'resume', 'harbour-list');
    expect(await done('feed', 'usefulness')).toEqual(expect.any(String));
    await done('feed', 'delete', 'harbour-list');
    expect(await refused('feed', 'show', 'harbour-list')).toMatch(/^4 TLN-/);
    expect(await refused('feed', 'create', 'no-such-preset', '--collection', 'indicators')).toMatch(
      /^\d TLN-/,
    );
  }, 60_000);
});

describe('the hub', () => {
  test('shows its status, its values and its settings for tools', async () => {
    expect(await done('status')).toMatch(/running/i);
    expect(await json('status')).toMatchObject({ running: true });
    expect(await done('values', 'list')).toEqual(expect.any(String));
    await done('values', 'rebuild');
    expect(await done('connect', 'paloalto', '--collection', 'indicators')).toContain(
      'External Dynamic Lists',
    );
    expect(await refused('connect', 'paloato', '--collection', 'indicators')).toMatch(/^\d TLN-/);
    expect(await done('secret', 'list')).toEqual(expect.any(String));
  });

  test('keeps saved searches', async () => {
    await done('saved-search', 'create', 'harbour', '203.0.114.0/25');
    expect(await done('saved-search', 'list')).toContain('203.0.114.0/25');
    expect(await refused('saved-search', 'create', 'harbour', '203.0.114.7')).toMatch(/^7 TLN-L-429/);
    await done('saved-search', 'update', 'harbour', '203.0.114.0/24');
    expect(await done('saved-search', 'list')).toContain('203.0.114.0/24');
    expect(await done('saved-search', 'run', 'harbour')).toEqual(expect.any(String));
    expect(
      await done('saved-search', 'update', 'harbour', '--filters', 'type=indicator', '--shared'),
    ).toContain('and shared with your colleagues');
    const [kept] = JSON.parse(await done('saved-search', 'list', '--json')).items as Json[];
    expect(kept).toMatchObject({ query: '203.0.114.0/24', filters: 'type=indicator', shared: true });
    const found = async (...filters: string[]): Promise<Json> =>
      JSON.parse(await done('search', '203.0.114.0/24', ...filters, '--json')) as Json;
    const all = (await found('--filters', 'type=indicator'))['items'] as Json[];
    expect(all.length).toBeGreaterThan(0);
    expect((JSON.parse(await done('saved-search', 'run', 'harbour', '--json')) as Json)['items']).toEqual(
      all,
    );
    // No object of another type has the value.
    await done('saved-search', 'update', 'harbour', '--filters', 'type=malware');
    expect(await refused('saved-search', 'run', 'harbour')).toMatch(/^4 /);
    expect(await refused('saved-search', 'update', 'harbour', '--filters', 'typ=malware')).toContain(
      'TLN-L-430',
    );
    expect(await refused('saved-search', 'update', 'harbour')).toMatch(/^2 /);
    await done('saved-search', 'delete', 'harbour');
    expect(await refused('saved-search', 'run', 'harbour')).toMatch(/^4 TLN-/);
  });

  test('has an audit log of all of this, which is complete', async () => {
    const actions = (await items('audit', 'list', '--last', '1000')).map(
      (entry) => (entry['fact'] as { action: string }).action,
    );
    for (const action of ['member.create', 'claim.verify', 'key.create', 'object.revoke', 'feed.create'])
      expect([action, actions.some((one) => one === action)]).toEqual([action, true]);
    expect(await done('audit', 'verify')).toMatch(/\d/);
    expect((await done('audit', 'export')).split('\n').length).toBeGreaterThan(20);
  });
});
