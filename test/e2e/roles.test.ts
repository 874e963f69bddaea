import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { anIndicator, type Json } from '../support/builders.ts';
import {
  MEDIA,
  folder,
  startHub,
  talanoa,
  taxii,
  type RunningHub,
  type TaxiiAnswer,
} from '../support/program.ts';

const ID = '4d30061c-e7b9-4a19-84d4-1b2c3d4e5f65';
const OF_TONGA = '5e41172d-f8ca-4b2a-95e5-2c3d4e5f6076';
const KEY = 'a-key-for-roles-0123456789abcdef0123456789ab';
const SETTINGS = `collections: [{ id: ${ID}, api_root: main, title: C, grants: [{ to: "account:a", read: true, write: true }] }]
members: [{ name: tonga, domains: [evil.example], collection: { id: ${OF_TONGA}, api_root: main } }]
accounts: [{ name: a, role: machine, key_env: ROLE_KEY }, { name: t, role: machine, member: tonga, key_env: ROLE_KEY_T }]
`;
const SECRETS = { ROLE_KEY: KEY, ROLE_KEY_T: `${KEY}-t` };

const here = folder();
const config = join(here.path, 'talanoa.yaml');
beforeAll(() => writeFileSync(config, SETTINGS));
/** Hubs to stop even when a test fails. A running process would keep jest from ending. */
const started: RunningHub[] = [];
afterAll(async () => {
  for (const hub of started) await hub.stop();
  here.remove();
});

const mongo = process.env['MONGODB_TEST_URI'] ?? '';
const onEmbedded = (): void => {
  test('after SIGTERM the hub is unready at once, answers while it drains, then stops cleanly', async () => {
    const draining = join(here.path, 'draining.yaml');
    writeFileSync(draining, `${SETTINGS}listen: { drain_s: 3 }\n`);
    const hub = await startHub(
      ['--config', draining, '--data', join(here.path, 'draining'), '--no-feeds'],
      SECRETS,
    );
    expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
    const ended = hub.stop();
    while ((await fetch(`${hub.url}/readyz`)).status === 200);
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
    expect(
      (await fetch(`${hub.url}/taxii2/`, { headers: { Accept: MEDIA, Authorization: `Bearer ${KEY}` } }))
        .status,
    ).toBe(200);
    expect(await ended).toBe(0);
  }, 30_000);

  test('a client that keeps sending requests over one connection does not prevent the stop', async () => {
    const hub = await startHub(
      ['--config', config, '--data', join(here.path, 'busy'), '--no-feeds'],
      SECRETS,
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (): Promise<string | undefined> =>
      new Promise((resolve) => {
        get(`${hub.url}/healthz`, { agent }, (response) => {
          response.resume();
          response.once('end', () => resolve(response.headers.connection));
        }).once('error', () => resolve(undefined));
      });
    expect(await ask()).toBe('keep-alive');
    const ended = hub.stop();
    let connection: string | undefined;
    while ((connection = await ask()) === 'keep-alive');
    // The hub asked to close the connection, or it is already gone.
    expect(['close', undefined]).toContain(connection);
    expect(await ended).toBe(0);
    agent.destroy();
  }, 20_000);

  test('after a killed process the next one checks the file and reports the result', async () => {
    const data = join(here.path, 'unclean');
    const killed = await startHub(['--config', config, '--data', data, '--no-feeds'], SECRETS);
    await killed.stop('SIGKILL');
    const hub = await startHub(['--config', config, '--data', data, '--no-feeds'], SECRETS);
    while (!hub.errors.join('').includes('"event":"store.checked"'))
      await new Promise((resolve) => setImmediate(resolve));
    expect(hub.errors.join('')).toContain('"unclean_stop":true,"faults":0');
    expect(await hub.stop()).toBe(0);
    const again = await startHub(['--config', config, '--data', data, '--no-feeds'], SECRETS);
    await again.stop();
    expect(again.errors.join('')).not.toContain('store.checked');
  }, 30_000);
};
// These run once, without MongoDB.
if (mongo === '') describe('the end of a process', onEmbedded);

describe('roles', () => {
  test('the embedded store supports one process, which must have all roles', async () => {
    const { code, stderr } = await talanoa(
      ['serve', '--config', config, '--data', join(here.path, 'half'), '--role', 'web'],
      SECRETS,
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('set MONGODB_URI');
    const unknown = await talanoa(['serve', '--config', config, '--role', 'wep'], SECRETS);
    expect(unknown.stderr).toContain('The roles are web and worker');
  }, 20_000);

  (mongo === '' ? test.skip : test)(
    'on MongoDB one process serves and another one routes; neither does the work of the other',
    async () => {
      const environment = {
        ...SECRETS,
        MONGODB_URI: `${mongo.replace(/\/+$/, '')}/roles_${randomUUID().slice(0, 8)}`,
      };
      const start = async (role: string): Promise<RunningHub> => {
        const hub = await startHub(
          ['--config', config, '--data', join(here.path, role), '--no-feeds', '--role', role],
          environment,
        );
        started.push(hub);
        return hub;
      };
      const web = await start('web');
      const call = (hub: RunningHub, collection: string, key: string, body?: unknown): Promise<TaxiiAnswer> =>
        taxii(`${hub.url}/main/collections/${collection}/objects/`, key, body);
      const object = anIndicator({ pattern: "[domain-name:value = 'www.evil.example']" });
      expect((await call(web, ID, KEY, { objects: [object] })).status).toBe(202);
      const worker = await start('worker');
      expect((await fetch(`${worker.url}/readyz`)).status).toBe(200);
      expect((await call(worker, ID, KEY)).status).toBe(404);
      for (;;) {
        const page = (await call(web, OF_TONGA, `${KEY}-t`)).body as { objects?: Json[] };
        if (page.objects?.some(({ id }) => id === object['id']) === true) break;
      }
      expect(await worker.stop()).toBe(0);
      expect(await web.stop()).toBe(0);
    },
    30_000,
  );
});
