import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anIndicator } from '../support/builders.ts';
import { makeCertificate } from '../support/certificate.ts';
import { folder, startHub, startTalanoa, talanoa, type RunningHub } from '../support/program.ts';

const ID = '6f52283e-09db-4c3b-86f6-3d4e5f607187';
const KEY = 'a-key-for-remote-0123456789abcdef0123456789a';
const BOSS = 'a-key-for-the-boss-0123456789abcdef0123456789';
const here = folder();
const hubs: RunningHub[] = [];

beforeAll(async () => {
  const config = join(here.path, 'talanoa.yaml');
  writeFileSync(
    config,
    `api_roots: [{ path: main, max_content_length: 20000 }]
collections: [{ id: ${ID}, api_root: main, alias: intel, title: Intel, grants: [{ to: "account:a", read: true, write: true }] }]
accounts: [{ name: a, role: machine, key_env: REMOTE_KEY }, { name: boss, role: administrator, key_env: BOSS_KEY }]
`,
  );
  for (const name of ['one', 'two'])
    hubs.push(
      await startHub(['--config', config, '--data', join(here.path, name), '--no-feeds'], {
        REMOTE_KEY: KEY,
        BOSS_KEY: BOSS,
      }),
    );
}, 30_000);
afterAll(async () => {
  for (const hub of hubs) await hub.stop();
  here.remove();
});

test('objects are pushed and polled between two hubs byte for byte, and --follow continues from the saved state until stopped', async () => {
  const [one, two] = hubs as [RunningHub, RunningHub];
  const environment = { KEY };
  const texts = Array.from(
    { length: 60 },
    (_, i) => `{ "x_n":${i}.50, ${JSON.stringify(anIndicator()).slice(1)}`,
  );
  const bundle = join(here.path, 'bundle.json');
  const write = (list: readonly string[]): void =>
    writeFileSync(
      bundle,
      `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[${list.join(',\n')}]}`,
    );
  write(texts);
  // More than one envelope is needed, because the API root accepts 20,000 bytes.
  expect(
    await talanoa(['push', `${one.url}/taxii2/`, bundle, '--key-env', 'KEY'], environment),
  ).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '60 objects sent to "Intel", 0 rejected\n',
  });
  const state = join(here.path, 'state.json');
  const poll = (url: string, ...flags: string[]) =>
    talanoa(['poll', url, '--key-env', 'KEY', '--limit', '7', ...flags], environment);
  const first = await poll(`${one.url}/taxii2/`, '--state', state);
  expect(first.stdout).toBe(texts.map((text) => `${text}\n`).join(''));
  expect((await poll(`${one.url}/main/`, '--state', state)).stdout).toBe('');

  const lines = join(here.path, 'lines.json');
  writeFileSync(lines, `[${first.stdout.trimEnd().split('\n').join(',')}]`);
  await talanoa(['push', two.url + `/main/collections/${ID}/`, lines, '--key-env', 'KEY'], environment);
  expect((await poll(`${two.url}/taxii2/`, '--collection', 'intel')).stdout).toBe(first.stdout);

  // A rejected part is reported, and the rest is stored.
  write([JSON.stringify(anIndicator({ pattern: '[' })), JSON.stringify(anIndicator())]);
  const part = await talanoa(['push', `${one.url}/taxii2/`, bundle, '--key-env', 'KEY'], environment);
  expect(part).toMatchObject({ code: 8, stdout: expect.stringMatching(/^indicator--.*: P-\d+ \/pattern: /) });

  const following = startTalanoa(
    ['poll', `${one.url}/taxii2/`, '--key-env', 'KEY', '--state', state, '--follow', '--every', '1'],
    environment,
  );
  await following.line(1);
  const more = JSON.stringify(anIndicator());
  write([more]);
  await talanoa(['push', `${one.url}/taxii2/`, bundle, '--key-env', 'KEY'], environment);
  expect(await following.line(2)).toBe(more);
  expect(await following.stop()).toBe(0);
  expect(existsSync(`${state}.new`)).toBe(false);
  expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ addedAfter: expect.any(String) });
}, 60_000);

test('a certificate is registered at a remote hub only with its private key', async () => {
  const { url } = hubs[0] as RunningHub;
  const [sensor, other] = [makeCertificate('sensor', 10), makeCertificate('other', 10)];
  const file = (name: string, text: string): string => {
    writeFileSync(join(here.path, name), text);
    return join(here.path, name);
  };
  const certificate = file('sensor.crt', sensor.cert);
  const register = (...flags: string[]) =>
    talanoa(['key', 'register-certificate', certificate, '--account', 'a', '--hub', url, ...flags], { TALANOA_KEY: BOSS }); // prettier-ignore
  for (const flags of [[], ['--key', file('other.key', other.key)]]) {
    const refused = await register(...flags);
    expect([refused.code, refused.stderr]).toEqual([expect.any(Number), expect.stringContaining('private key')]); // prettier-ignore
    expect(refused.code).not.toBe(0);
  }
  expect(await register('--key', file('sensor.key', sensor.key))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Certificate \w+ signs in a until /),
  });
});
