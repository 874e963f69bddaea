import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wantedRecords } from '../../src/config/declare/wanted.ts';
import type { Present, Wanted } from '../../src/config/declared-records.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { Problem } from '../../src/kernel/problem.ts';

/** The records that a settings file declares. */

const folder = mkdtempSync(join(tmpdir(), 'talanoa-declare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const A = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
const B = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';
const PASSWORD = 'seven green turtles swim';
const KEY = 'a-key-of-at-least-thirty-two-characters';

let lines: string[] = [];
beforeEach(() => {
  lines = [];
});
const log = createLog('debug', { write: (line) => lines.push(line) });
const events = (): readonly unknown[] => lines.map((line) => (JSON.parse(line) as { event: string }).event);

const NOTHING: Present = {
  'api-root': new Map(),
  collection: new Map(),
  grant: new Map(),
  group: new Map(),
  member: new Map(),
  account: new Map(),
  key: new Map(),
  feed: new Map(),
  channel: new Map(),
  rule: new Map(),
};

/** Returns the records that a file declares, for a store with the records `present`. */
function wanted(
  yaml: string,
  present: Partial<Present> = {},
  environment: Record<string, string> = {},
): Promise<Wanted> {
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, yaml);
  const config = loadConfig({ config: file, data: folder }, environment);
  return wantedRecords(config, { ...NOTHING, ...present }, systemIds, log);
}

/** The records of a store that has applied a file. */
function stored(records: Wanted): Present {
  const kinds = Object.entries(records).map(([kind, map]) => [
    kind,
    new Map([...map].map(([id, document]) => [id, { kind, id, revision: 1, document }])),
  ]);
  return Object.fromEntries(kinds) as Present;
}

async function faultOf(yaml: string, environment: Record<string, string> = {}): Promise<Problem> {
  try {
    await wanted(yaml, {}, environment);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

const COLLECTIONS = `collections:
  - { id: ${A}, api_root: main, alias: source, title: Source, max_tlp: green }
  - { id: ${B}, api_root: main, alias: target, title: Target }
`;

describe('a collection', () => {
  test('is declared with a grant for each recipient', async () => {
    const { collection, grant } = await wanted(
      `collections:
  - id: ${A}
    api_root: main
    title: Source
    max_tlp: clear
    grants: [{ to: public, read: true }, { to: "role:analyst", read: true, write: true }, { to: "role:officer" }]
`,
    );
    expect(collection.get(A)).toEqual({ api_root: 'main', title: 'Source', max_tlp: 'clear' });
    expect([...grant.values()]).toEqual([
      { collection: A, to: 'public', read: true, write: false },
      { collection: A, to: 'role:analyst', read: true, write: true },
      { collection: A, to: 'role:officer', read: false, write: false },
    ]);
  });

  test.each([
    ['that may contain TLP:RED', 'max_tlp: red', 'TLN-'],
    [
      'that the public may read up to TLP:GREEN',
      'max_tlp: green, grants: [{ to: public, read: true }]',
      'TLN-',
    ],
    ['that the public may write to', 'max_tlp: clear, grants: [{ to: public, write: true }]', 'TLN-'],
  ])('%s stops the start with a remedy', async (_what, settings, code) => {
    const problem = await faultOf(`collections: [{ id: ${A}, api_root: main, title: Source, ${settings} }]`);
    expect([problem.code.startsWith(code), problem.title.includes('Source')]).toEqual([true, true]);
    expect(`${problem.description ?? ''}${problem.hint ?? ''}`).not.toBe('');
  });
});

describe('a member', () => {
  test('with a collection has the same one at each start', async () => {
    const yaml = 'members: [{ name: tonga, title: CERT Tonga, collection: true }]';
    const first = await wanted(yaml);
    const id = first.member.get('tonga')?.collection;
    expect(first.collection.get(id ?? '')).toMatchObject({
      own_of: 'tonga',
      title: expect.stringContaining('CERT Tonga'),
    });
    expect([...first.grant.values()].filter((grant) => grant.collection === id)).not.toEqual([]);
    const second = await wanted(yaml, stored(first));
    expect(second.member.get('tonga')?.collection).toBe(id);
    expect([...second.collection.keys()]).toEqual([...first.collection.keys()]);
  });

  test('keeps an id that the file gives its collection', async () => {
    const { member } = await wanted(`members: [{ name: tonga, collection: { id: ${A}, api_root: main } }]`);
    expect(member.get('tonga')?.collection).toBe(A);
  });

  test('with clients has a collection for them', async () => {
    const { member, collection } = await wanted(
      'members: [{ name: tonga }, { name: bank, parent: tonga }, { name: harbour, parent: tonga }]',
    );
    const id = member.get('tonga')?.clients ?? '';
    expect(collection.get(id)).toMatchObject({ clients_of: 'tonga', max_tlp: 'amber' });
    expect(member.get('bank')?.clients).toBeUndefined();
  });

  test('that is pushed to has a channel with its secret by reference only', async () => {
    const { channel, member } = await wanted(
      'members: [{ name: fiji, collection: true, push: { url: "https://taxii.example/x/", username: hub, password_env: PUSH } }]',
      {},
      { PUSH: 'the password' },
    );
    expect(channel.get('push-fiji')).toEqual({
      name: 'push-fiji',
      member: 'fiji',
      kind: 'taxii',
      url: 'https://taxii.example/x/',
      collection: member.get('fiji')?.collection,
      username: 'hub',
      secret: 'env:PUSH',
    });
  });

  test.each([
    ['an address that is not one', '{ name: a, networks: [198.51.100.300] }', /198\.51\.100\.300/],
    ['an unknown parent, with the nearest name', '{ name: bank, parent: tongo }, { name: tonga }', /tongo.*tonga/s],
    ['itself as its parent', '{ name: a, parent: a }', /a is a client of a/],
    ['parents in a circle', '{ name: a, parent: b }, { name: b, parent: c }, { name: c, parent: a }', /a is a client of b is a client of c is a client of a/],
    ['a push but no collection', '{ name: a, push: { url: "https://x.example/", key_env: K } }', /collection/],
  ])('with %s stops the start', async (_what, members, message) => {
    const { title, description = '', hint = '' } = await faultOf(`members: [${members}]`, { K: KEY });
    expect(`${title} ${description} ${hint}`).toMatch(message);
  }); // prettier-ignore
});

describe('a rule', () => {
  test('refers to collections by id, whatever the file calls them', async () => {
    const { rule } = await wanted(`${COLLECTIONS}rules: [{ name: up, from: source, to: ${B} }]`);
    expect(rule.get('up')).toMatchObject({ from: A, to: B });
  });

  test.each([
    [
      'an unknown collection, with the nearest name',
      '{ name: up, from: sourse, to: target }',
      /sourse.*source/s,
    ],
    ['one collection at both ends', '{ name: up, from: source, to: source }', /up/],
    [
      'a circle',
      '{ name: up, from: source, to: target }, { name: down, from: target, to: source }',
      /up|down/,
    ],
  ])('with %s stops the start', async (_what, rules, message) => {
    const { title, description = '', hint = '' } = await faultOf(`${COLLECTIONS}rules: [${rules}]`);
    expect(`${title} ${description} ${hint}`).toMatch(message);
  });
});

describe('an account', () => {
  const ACCOUNT = 'accounts: [{ name: lani, role: administrator, person: true, password_env: PASSWORD, key_env: KEY }]'; // prettier-ignore

  test('has its password as a hash and its key as a digest', async () => {
    const { account, key } = await wanted(ACCOUNT, {}, { PASSWORD, KEY });
    const text = JSON.stringify([[...account], [...key]]);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(KEY);
    expect(account.get('lani')).toMatchObject({
      role: 'administrator',
      person: true,
      password_hash: expect.stringMatching(/argon2id/),
    });
    expect([...key.values()]).toMatchObject([{ account: account.get('lani')?.uid, prefix: 'settings' }]);
  });

  test('keeps its id, its hash and its epoch as long as its entry in the file stays the same', async () => {
    const first = await wanted(ACCOUNT, {}, { PASSWORD, KEY });
    const second = await wanted(ACCOUNT, stored(first), { PASSWORD, KEY });
    expect(second.account.get('lani')).toEqual(first.account.get('lani'));
    const other = await wanted(ACCOUNT, stored(first), { PASSWORD: `${PASSWORD} far`, KEY });
    expect(other.account.get('lani')?.uid).toBe(first.account.get('lani')?.uid);
    // Its sessions end.
    expect(other.account.get('lani')?.epoch ?? 0).toBeGreaterThan(first.account.get('lani')?.epoch ?? 0);
  });

  test('keeps the time at which somebody else gave it its access, and gets none from the file', async () => {
    const first = await wanted(ACCOUNT, {}, { PASSWORD, KEY });
    const before = stored(first).account.get('lani');
    if (before === undefined) throw new Error('the account was declared');
    expect(before.document.access_at).toBeUndefined();
    const given = new Map([['lani', { ...before, document: { ...before.document, access_at: 7 } }]]);
    const again = await wanted(ACCOUNT, { ...stored(first), account: given }, { PASSWORD: `${PASSWORD} far`, KEY });
    expect(again.account.get('lani')?.access_at).toBe(7);
  }); // prettier-ignore

  test('keeps a password that the person chose, until the file has another one', async () => {
    const first = await wanted(ACCOUNT, {}, { PASSWORD, KEY });
    const present = stored(first);
    const before = present.account.get('lani');
    if (before === undefined) throw new Error('the account was declared');
    const chosen = {
      ...before,
      document: { ...before.document, password_hash: 'own hash', password_by: 'link' as const },
    };
    const own = { ...present, account: new Map([['lani', chosen]]) };
    expect((await wanted(ACCOUNT, own, { PASSWORD, KEY })).account.get('lani')).toMatchObject({
      password_hash: 'own hash',
      password_by: 'link',
    });
    const again = (await wanted(ACCOUNT, own, { PASSWORD: `${PASSWORD} far`, KEY })).account.get('lani');
    expect([again?.password_hash === 'own hash', again?.password_by]).toEqual([false, undefined]);
  });

  test('that moves to another member is a new account, and nothing from the old one applies', async () => {
    const members = 'members: [{ name: tonga }, { name: fiji }]\n';
    const officer = (member: string): string =>
      `${members}accounts: [{ name: sefo, role: officer, member: ${member}, key_env: KEY }]`;
    const first = await wanted(officer('tonga'), {}, { KEY });
    const second = await wanted(officer('fiji'), stored(first), { KEY });
    expect(second.account.get('sefo')?.uid).not.toBe(first.account.get('sefo')?.uid);
    expect(events()).toContain('account.replaced');
  });

  test('is declared without a secret that is missing, and the log reports it', async () => {
    const { account, key } = await wanted(ACCOUNT);
    expect([account.get('lani')?.password_hash, key.size]).toEqual([undefined, 0]);
    expect(events()).toEqual(expect.arrayContaining(['account.no_password', 'account.no_key']));
  });

  test('with a common password starts, with a warning', async () => {
    await wanted(ACCOUNT, {}, { PASSWORD: 'passwordpassword', KEY });
    expect(events()).toContain('account.weak_password');
  });

  test.each([
    ['a short password', ACCOUNT, { PASSWORD: 'mynah-bird', KEY }, /PASSWORD/],
    ['a long password', ACCOUNT, { PASSWORD: 'x'.repeat(257), KEY }, /257/],
    ['a short key', ACCOUNT, { PASSWORD, KEY: 'mynah-bird' }, /KEY/],
    ['certificates, although it is a person', `accounts: [{ name: lani, role: analyst, client_certificates: ["${'ab'.repeat(32)}"] }]`, {}, /lani/],
    ['single sign-on without a provider', 'accounts: [{ name: lani, role: analyst, single_sign_on: { subject: x } }]', {}, /lani/],
  ])('with %s stops the start, and the error contains no secret', async (_what, yaml, environment, message) => {
    const { title, description = '', hint = '' } = await faultOf(yaml, environment);
    const text = `${title} ${description} ${hint}`;
    expect(text).toMatch(message);
    for (const secret of Object.values(environment)) expect(text).not.toContain(secret);
  }); // prettier-ignore

  const SIGN_ON = `sign_in: { oidc: { issuer: "https://id.example", client_id: hub } }
accounts: [{ name: lani, role: analyst, person: true, single_sign_on: `;

  test('is matched once by its email address at the provider, and by its subject from then on', async () => {
    const yaml = `${SIGN_ON}{ email: Lani@CERT.example } }]`;
    const first = await wanted(yaml);
    expect(first.account.get('lani')?.single_sign_on).toEqual({ issuer: 'https://id.example', email: 'lani@cert.example', declared: 'Lani@CERT.example' }); // prettier-ignore
    const present = stored(first);
    const before = present.account.get('lani');
    if (before === undefined) throw new Error('the account was declared');
    const found = { issuer: 'https://id.example', subject: 's-1', declared: 'Lani@CERT.example' };
    const matched = { ...present, account: new Map([['lani', { ...before, document: { ...before.document, single_sign_on: found } }]]) }; // prettier-ignore
    expect((await wanted(yaml, matched)).account.get('lani')?.single_sign_on).toEqual(found);
    // Another address is matched again.
    const other = await wanted(`${SIGN_ON}{ email: other@cert.example } }]`, matched);
    expect(other.account.get('lani')?.single_sign_on).toMatchObject({ email: 'other@cert.example' });
    expect(other.account.get('lani')?.single_sign_on).not.toHaveProperty('subject');
  });
});

describe('a grant to an account', () => {
  test('refers to the account that has the name, so a later account of the same name gets nothing', async () => {
    const yaml = `collections: [{ id: ${A}, api_root: main, title: S, grants: [{ to: "account:sensor", write: true }] }]
accounts: [{ name: sensor, role: machine }]`;
    const first = await wanted(yaml);
    const [grant] = [...first.grant.values()];
    expect(grant?.account).toBe(first.account.get('sensor')?.uid);
    expect(grant?.account).toBeDefined();
  });

  test('that the file does not declare stops the start', async () => {
    const { title } = await faultOf(
      `collections: [{ id: ${A}, api_root: main, title: S, grants: [{ to: "account:later", write: true }] }]`,
    );
    expect(title).toContain('"later"');
  });
});
