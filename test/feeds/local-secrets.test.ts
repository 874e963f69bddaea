import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { linkSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { loadConfig } from '../../src/config/load.ts';
import { checkDocument } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen, type Asked } from '../support/recorder.ts';

let t: TestHub;
let server: Awaited<ReturnType<typeof listen>>;
let asked: Asked[];
let folder: string;
let master: string;

beforeEach(async () => {
  asked = [];
  server = await listen((request, response) => {
    asked.push(request);
    response.end('192.0.2.1\n');
  });
  folder = mkdtempSync(join(tmpdir(), 'talanoa-secrets-'));
  mkdirSync(join(folder, 'keys'));
  for (const name of ['keys/partner.key', 'single.key', 'other.key'])
    writeFileSync(join(folder, name), `value of ${name}`);
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
feeds:
  - name: declared
    enabled: false
    collection: indicators
    document: { name: declared, title: Declared, mode: append, transport: { kind: https, url: "${server.base}/declared", auth: { kind: bearer, secret: "env:DECLARED" } }, schedule: { cron: "0 3 1 1 *" }, parser: { kind: delimited }, map: [{ value: "{value}", type: auto }], defaults: { tlp: green, confidence: 50, valid_for: P10D } }
egress: { allow: ["${server.base.slice(7)}"] }
secrets: { env: [LISTED, COPY], files: ["${folder}/keys", "${folder}/single.key"] }
`,
    {},
    {},
    {
      LISTED: 'value of LISTED, long enough',
      DECLARED: 'value of DECLARED',
      OTHER: 'value of OTHER',
      OTX_KEY: 'value of OTX_KEY',
      COPY_FILE: join(folder, 'copy'),
    },
  );
  const file = join(t.folder, 'data', 'master.key');
  master = readFileSync(file, 'utf8').trim();
  symlinkSync(file, join(folder, 'keys', 'symbolic'));
  symlinkSync(join(folder, 'other.key'), join(folder, 'keys', 'outside'));
  linkSync(file, join(folder, 'keys', 'hard'));
  writeFileSync(join(folder, 'copy'), `copied: ${master}\n`);
});
afterEach(async () => {
  await t.stop();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const documentOf = (over: Partial<FeedDocument['transport']>): FeedDocument =>
  checkDocument(
    {
      name: 'spy',
      title: 'A list',
      mode: 'append',
      transport: { kind: 'https', url: `${server.base}/list`, ...over },
      schedule: { cron: '0 3 1 1 *' },
      parser: { kind: 'delimited' },
      map: [{ value: '{value}', type: 'auto' }],
      defaults: { tlp: 'green', confidence: 50, valid_for: 'P10D' },
      observables: false,
    },
    'the feed of the test',
  );
const operator = async (path: string, body: object) => {
  const answer = await supertest(t.hub.admin).post(`/api/v1${path}`).send(body);
  return [answer.status, (answer.body as Json)['code']];
};
const bearer = (secret: string): FeedDocument => documentOf({ auth: { kind: 'bearer', secret } });
const channel = (secret: string): Json => ({ name: 'spy', member: 'tonga', kind: 'webhook', url: `${server.base}/hook`, collection: 'indicators', secret }); // prettier-ignore
const at = (reference: string): string =>
  reference.replace('KEYS', folder).replace('DATA', join(t.folder, 'data'));

/** Creates a feed and a channel as if they were already in the store, and runs both. */
async function use(document: FeedDocument, secret: string): Promise<void> {
  await t.hub.feeds.registry.create(document, 'indicators', []);
  const report = await t.hub.feeds.runner.run('spy');
  const records = [{ kind: 'channel' as const, id: 'spy', expected: 0, document: { ...channel(secret), collection: MAIN, managed: 'hub' } }]; // prettier-ignore
  await t.hub.store.commit({ records, facts: [] });
  const object = anIndicator({ pattern: "[ipv4-addr:value = '192.0.2.9']" });
  expect((await t.as('writer').post(objectsOf(MAIN), { objects: [object] })).status).toBe(202);
  await t.hub.channels.deliverAll();
  const state = (await t.api('boss', 'GET', '/channels/spy')).body;
  expect([report.status, state['delivered'], state['state']]).toEqual(['failed', 0, 'closed']);
}

describe('a feed or channel cannot use as a secret', () => {
  test.each([
    ['a variable', 'env:OTHER', true],
    ['a variable of the hub', 'env:TALANOA_TEST', true],
    ['the address of the store', 'env:MONGODB_URI', true],
    ['the variable that names a file with it', 'env:MONGODB_URI_FILE', true],
    ['a file', 'file:KEYS/other.key', true],
    ['a file next to an allowed folder', 'file:KEYS/keys/../other.key', true],
    ['a link out of an allowed folder', 'file:KEYS/keys/outside', true],
    ['the master key', 'file:DATA/master.key', true],
    ['the master key by another path', 'file:DATA/../data/./master.key', true],
    ['a link to the master key in an allowed folder', 'file:KEYS/keys/symbolic', true],
    ['the environment of the process', 'file:/proc/self/environ', true],
    ['the key of a preset, for another host', 'env:OTX_KEY', true],
    // The names of these references hide their targets.
    ['a hard link to the master key in an allowed folder', 'file:KEYS/keys/hard', false],
    ['an allowed variable whose file contains the master key', 'env:COPY', false],
  ])('%s', async (_what, named, refusedAtOnce) => {
    const reference = at(named);
    const document = bearer(reference);
    if (refusedAtOnce) {
      const body = { name: 'spy', collection: 'indicators', document };
      const refused = [403, expect.stringMatching(/^TLN-F-40[67]$/)];
      expect(await operator('/feeds', body)).toEqual(refused);
      expect(await operator('/feed-previews', body)).toEqual(refused);
      expect(await operator('/channels', channel(reference))).toEqual(refused);
      const { status, body: answer } = await t.api('boss', 'POST', '/feeds', body);
      expect([status, answer['code']]).toEqual(refused);
    }
    await use(document, reference);
    expect(asked).toEqual([]);
    const said = JSON.stringify([
      await t.hub.feeds.health.history('spy', 10),
      (await t.api('boss', 'GET', '/channels/spy')).body,
      t.logged,
    ]);
    expect(said).not.toContain(master);
    expect(said).toMatch(/does not allow|can never be used/);
  });

  test('a feed cannot read a folder that contains the master key, whoever adds it', async () => {
    const document = documentOf({ kind: 'folder', path: join(t.folder, 'data') });
    expect(await operator('/feeds', { name: 'spy', collection: 'indicators', document })).toEqual([403, 'TLN-F-407']); // prettier-ignore
    await t.hub.feeds.registry.create(document, 'indicators', []);
    expect(await t.hub.feeds.runner.run('spy')).toMatchObject({ status: 'failed', reason: expect.stringContaining('can never be used') }); // prettier-ignore
  });

  test('the settings file can neither allow nor use the secrets of the hub itself', async () => {
    const load = (yaml: string) => {
      const file = join(folder, 'talanoa.yaml');
      writeFileSync(file, yaml);
      return loadConfig({ config: file }, {});
    };
    for (const name of ['TALANOA_DATA', 'MONGODB_URI', 'MONGODB_URI_FILE'])
      expect(() => load(`secrets: { env: [${name}] }\n`)).toThrow(/belongs to the hub itself/);
    const push = `{ url: "${server.base}/", username: hub, password_env: MONGODB_URI }`;
    const named = SETTINGS.replace('collection: true, identities', `collection: true, push: ${push}, identities`); // prettier-ignore
    expect(named).not.toBe(SETTINGS);
    await expect(testHub(named)).rejects.toThrow(/can never be used/);
  });
});

describe('a feed or channel can use as a secret', () => {
  test.each([
    ['a variable that it lists', 'env:LISTED', 'value of LISTED, long enough'],
    ['a variable that it names in a feed', 'env:DECLARED', 'value of DECLARED'],
    ['a file in a folder that it lists', 'file:KEYS/keys/partner.key', 'value of keys/partner.key'],
    ['a file that it lists', 'file:KEYS/single.key', 'value of single.key'],
  ])('%s', async (_what, named, value) => {
    const document = bearer(at(named));
    expect(await operator('/feeds', { name: 'spy', collection: 'indicators', document })).toEqual([201, undefined]); // prettier-ignore
    await t.hub.feeds.runner.run('spy');
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${value}`]);
    expect(await operator('/channels', channel(at(named)))).toEqual([201, undefined]);
  });
});
