import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { compose } from '../../src/server/compose.ts';
import type { Hub, Ports } from '../../src/server/hub.ts';
import type { Flags } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLog, type Log } from '../../src/kernel/log.ts';
import { apiBreach, breach } from './conformance.ts';

type Json = Record<string, unknown>;

export const MEDIA = 'application/taxii+json;version=2.1';

/** A hub for a test, with real adapters and its own folder, but without open ports. */
export interface TestHub {
  readonly hub: Hub;
  readonly folder: string;
  readonly logged: string[];
  /** A request as an account (its name is also its secret's name), or without credentials. */
  as(account: string | undefined): Client;
  /**
   * Sends a request to the admin API, with a key (or an account that has one). The response is checked against the
   * hub's own document.
   */
  api(
    who: string | undefined,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<ApiAnswer>;
  stop(): Promise<void>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

export interface Client {
  get(path: string, headers?: Record<string, string>): supertest.Test;
  post(path: string, body: unknown, headers?: Record<string, string>): supertest.Test;
  delete(path: string): supertest.Test;
}

/** Secrets of accounts in test settings: `key_env: KEY_NAME` gives the account this key. */
export function keyOf(account: string): string {
  return `test-key-of-${account}-0123456789abcdef0123456789`;
}

/** The master key file for hubs of one test process that share a given store. */
const SHARED_KEY = join(mkdtempSync(join(tmpdir(), 'talanoa-key-')), 'master.key');

/** The suite `mongo` runs the tests of whole features on the MongoDB server in MONGODB_TEST_URI. */
function storeOfSuite(): Readonly<Record<string, string>> {
  const uri = process.env['MONGODB_TEST_URI'];
  if (uri === undefined || process.env['TEST_HUBS_ON'] !== 'mongodb') return {};
  return { MONGODB_URI: `${uri.replace(/\/+$/, '')}/hub_${randomUUID().slice(0, 8)}` };
}

export async function testHub(
  settings: string,
  ports: Ports = {},
  flags: Flags = {},
  secrets: Readonly<Record<string, string>> = {},
): Promise<TestHub> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-hub-'));
  const file = join(folder, 'talanoa.yaml');
  writeFileSync(file, settings);
  const environment: Record<string, string> = {
    TALANOA_TEST: '1',
    // A hub on a store that another hub has opened needs the same key.
    ...(ports.store === undefined ? {} : { TALANOA_MASTER_KEY_FILE: SHARED_KEY }),
    ...(ports.store === undefined ? storeOfSuite() : {}),
    ...secrets,
  };
  for (const [, name = ''] of settings.matchAll(/key_env: KEY_([A-Z0-9_]+)/g))
    environment[`KEY_${name}`] = keyOf(name.toLowerCase().replaceAll('_', '-'));
  for (const [, name = ''] of settings.matchAll(/password_env: PASSWORD_([A-Z0-9_]+)/g))
    environment[`PASSWORD_${name}`] = `password of ${name.toLowerCase()}`;
  const config = loadConfig({ ...flags, config: file, data: join(folder, 'data') }, environment);
  const logged: string[] = [];
  const log: Log = createLog('debug', { write: (line) => logged.push(line) });
  // Failed sources are requested again immediately.
  const hub = await compose(config, log, { pause: () => Promise.resolve(), ...ports });
  const as = (account: string | undefined): Client => {
    const sign = (path: string, test: supertest.Test, headers: Record<string, string>): supertest.Test => {
      if (account !== undefined) void test.set('Authorization', `Bearer ${keyOf(account)}`);
      if (headers['Accept'] === undefined) void test.set('Accept', MEDIA);
      for (const [name, value] of Object.entries(headers)) void test.set(name, value);
      return test
        .buffer(true)
        .parse((response, done) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.on('end', () => done(null, text === '' ? undefined : (JSON.parse(text) as unknown)));
        })
        .expect(({ status, headers: { 'content-type': type = '' }, body: answer }) => {
          const found = breach(test.method, path, { status, type, body: answer as unknown });
          if (found !== undefined) throw new Error(found);
        });
    };
    return {
      get: (path, headers = {}) => sign(path, supertest(hub.app).get(path), headers),
      post: (path, body, headers = {}) =>
        sign(path, supertest(hub.app).post(path), { 'Content-Type': MEDIA, ...headers })
          .serialize((raw: unknown) => raw as string)
          .send((typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)) as string),
      delete: (path) => sign(path, supertest(hub.app).delete(path), {}),
    };
  };
  const document = (await supertest(hub.app).get('/api/openapi.json')).body as object;
  return {
    async api(who, method, path, body, headers = {}) {
      const request = supertest(hub.app)[method.toLowerCase() as 'get'](`/api/v1${path}`);
      if (who !== undefined)
        void request.set('Authorization', `Bearer ${who.startsWith('tln_') ? who : keyOf(who)}`);
      for (const [name, value] of Object.entries(headers)) void request.set(name, value);
      const answer = await (body === undefined ? request : request.send(body as object));
      const { 'content-type': type = '' } = answer.headers as { 'content-type'?: string };
      const found = apiBreach(document, method, `/api/v1${path}`, {
        status: answer.status,
        type,
        body: answer.body as unknown,
      });
      if (found !== undefined) throw new Error(found);
      return {
        status: answer.status,
        headers: answer.headers,
        body: answer.body as Json,
      };
    },
    hub,
    folder,
    logged,
    as,
    async stop() {
      await noSecrets(hub, logged);
      await hub.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Matches every secret that a test uses, and every key that a hub creates. */
const SECRET = /test-key-of-|password of |hunter2|tln_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}/;

/** Checks that no secret of a test is in the log, the audit log, the ledger or the metrics of its hub. */
async function noSecrets(hub: Hub, logged: readonly string[]): Promise<void> {
  const { text: metrics } = await supertest(hub.app)
    .get('/metrics')
    .set('Authorization', `Bearer ${keyOf('chief')}`);
  const outputs = {
    log: logged.join(''),
    metrics,
    audit: JSON.stringify(await hub.store.audit(0, 10_000)),
    readers: JSON.stringify(await hub.store.readers()),
    'uses of keys': JSON.stringify(
      await hub.store.keyUses([...(await hub.directory.current()).accounts.keys()]),
    ),
    refusals: JSON.stringify(await hub.store.refusals(10_000)),
    documents: (await supertest(hub.app).get('/api/openapi.json')).text,
  };
  for (const [name, text] of Object.entries(outputs))
    if (SECRET.test(text)) throw new Error(`a secret stands in the ${name}: ${SECRET.exec(text)?.[0] ?? ''}`);
}

export const MAIN = '6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11';
export const OPEN = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';
export const HIDDEN = '7d1e4c2a-91b3-4e6f-8a70-5b6c7d8e9f01';
export const WRITE_ONLY = '8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12';

/** Settings with one collection of each kind of access. */
export const SETTINGS = `
hub: { title: Test hub }
api_roots:
  - { path: main, title: Main, page_limit: 1000, max_content_length: 1048576 }
  - { path: second, title: Second }
collections:
  - id: ${MAIN}
    api_root: main
    alias: indicators
    title: Indicators
    grants:
      - { to: "account:writer", read: true, write: true }
      - { to: "member:tonga", read: true, write: true }
      - { to: "account:reader", read: true }
      - { to: "role:analyst", read: true, write: true }
  - id: ${OPEN}
    api_root: main
    alias: open
    title: Open
    unmarked: refuse
    max_tlp: clear
    grants: [{ to: public, read: true }, { to: "account:writer", read: true, write: true }]
  - id: ${HIDDEN}
    api_root: main
    title: Hidden
    grants: [{ to: "role:administrator", read: true }]
  - id: ${WRITE_ONLY}
    api_root: main
    title: Drop box
    grants: [{ to: "account:writer", write: true }, { to: "member:tonga", write: true }]
members:
  - { name: tonga, identities: ["identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b"], countries: [TO], asns: [10131], networks: [198.51.100.0/24, "2001:db8:10::/48"], domains: [gov.to], collection: true }
  - { name: fiji, countries: [FJ], networks: [198.51.100.64/26], collection: true, identities: ["identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c"] }
accounts:
  - { name: writer, role: machine, key_env: KEY_WRITER, password_env: PASSWORD_WRITER }
  - { name: reader, role: machine, key_env: KEY_READER }
  - { name: sensor, role: machine, member: tonga, key_env: KEY_SENSOR, default_tlp: green }
  - { name: desk, role: officer, member: fiji, key_env: KEY_DESK }
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: analyst, role: analyst, person: true, key_env: KEY_ANALYST }
  - { name: nobody, role: machine, key_env: KEY_NOBODY }
`;

export const objectsOf = (collection: string, root = 'main'): string =>
  `/${root}/collections/${collection}/objects/`;

/** Marks passwords of test accounts as chosen by their people, who can read TLP:RED then. */
export async function choosePasswords(
  hub: Pick<Hub, 'store' | 'directory'>,
  ...names: string[]
): Promise<void> {
  for (const name of names) {
    const record = await hub.store.record('account', name);
    const document = { ...record?.document, password_by: 'link' };
    await hub.store.commit({
      records: [{ kind: 'account', id: name, expected: record?.revision ?? 0, document }],
    });
  }
  await hub.directory.refresh();
}

/** Marks keys of test accounts as created by their people, who can take part in decisions of two people then. */
export async function ownKeys(hub: Pick<Hub, 'store' | 'directory'>, ...names: string[]): Promise<void> {
  for (const name of names) {
    const id = hash('sha256', keyOf(name));
    const { revision = 0, document = {}, index = {} } = (await hub.store.record('key', id)) ?? {};
    await hub.store.commit({
      records: [{ kind: 'key', id, expected: revision, document: { ...document, own: true }, index }],
    });
  }
  await hub.directory.refresh();
}
