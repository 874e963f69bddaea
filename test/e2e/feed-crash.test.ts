import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { folder, startHub, talanoa, taxii, type RunningHub } from '../support/program.ts';
import type { Json } from '../support/builders.ts';

const ID = 'e7daa0c6-8152-43b4-8fde-5a6b7c8d9e0f';
const KEY = 'key-of-the-reader-0123456789abcdef0123456789';
const ROWS = 4_000;

let server: Server;
/** The response of the source. `hold` delays its end. */
let body = '';
let hold = false;
const open: ServerResponse[] = [];
const here = folder();
const config = join(here.path, 'talanoa.yaml');
const data = join(here.path, 'data');
let hub: RunningHub;

const start = () => startHub(['--config', config, '--data', data, '--no-feeds'], { KEY });
const cli = (...args: string[]) => talanoa([...args, '--config', config, '--data', data], { KEY });
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `n${from + i}.reef-bank.com`).join('\n'); // prettier-ignore

beforeAll(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    if (!hold) response.end(body);
    else {
      response.write(body.slice(0, body.length / 2));
      open.push(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    config,
    `collections: [{ id: ${ID}, api_root: main, alias: main, title: Main, grants: [{ to: "account:reader", read: true }] }]
accounts: [{ name: reader, role: machine, key_env: KEY }]
feeds: [{ name: list, preset: plain-list, url: "http://127.0.0.1:${port}/list.txt", collection: main, tlp: green, enabled: true }]
egress: { allow: ["127.0.0.1:${port}"] }
`,
  );
  hub = await start();
}, 30_000);
afterAll(async () => {
  await hub.stop();
  for (const response of open) response.destroy();
  await new Promise((resolve) => server.close(resolve));
  here.remove();
});

/** Indicators by their pattern, with the number of versions of each, and those that are valid now. */
async function standing(): Promise<{ versions: Map<string, number>; valid: number }> {
  const versions = new Map<string, number>();
  const newest = new Map<string, Json>();
  for (let after = '1970-01-01T00:00:00Z'; ;) {
    const { body: page, headers } = await taxii(`${hub.url}/main/collections/${ID}/objects/?match[type]=indicator&match[version]=all&limit=1000&added_after=${after}`, KEY); // prettier-ignore
    const objects = (page['objects'] as Json[] | undefined) ?? [];
    for (const object of objects) {
      const pattern = String(object['pattern']);
      versions.set(pattern, (versions.get(pattern) ?? 0) + 1);
      newest.set(pattern, object);
    }
    if (page['more'] !== true) break;
    after = headers.get('x-taxii-date-added-last') ?? after;
  }
  const now = Date.now();
  const valid = [...newest.values()].filter(
    (object) => Date.parse(String(object['valid_until'])) > now,
  ).length;
  return { versions, valid };
}

/** Runs the feed and kills the hub as soon as a line of its progress matches. */
async function killedAt(wanted: (line: string) => boolean): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve) => {
    const out = request({ socketPath: join(data, 'hub.sock'), method: 'POST', path: '/api/v1/feeds/list/runs' }, (response) => {
      response.on('data', (part: Buffer) => {
        if (part.toString().split('\n').some(wanted)) hub.child.kill('SIGKILL');
      });
      response.on('close', resolve);
      response.on('error', () => undefined);
    }); // prettier-ignore
    out.on('error', () => resolve());
    out.end();
  });
  await hub.stop('SIGKILL');
  hub = await start();
}

const stored = (records: number) => (line: string) => line.includes('"stage":"store"') && records-- <= 0;

test('a feed that is killed in any stage of a run reaches the same result, and nothing is duplicated or lost', async () => {
  body = names(0, ROWS);
  // During the fetch, with half of the body received.
  hold = true;
  await killedAt((line) => line.includes('"stage":"fetch"'));
  hold = false;
  expect((await standing()).versions.size).toBe(0);
  // After the first commit, in the middle of them, and near the end.
  for (const commits of [0, 2, 5]) await killedAt(stored(commits));
  const whole = JSON.parse((await cli('feed', 'run', 'list', '--json')).stdout) as Json;
  expect(['ok', 'unchanged']).toContain(whole['status']);
  let { versions, valid } = await standing();
  expect([versions.size, valid, Math.max(...versions.values())]).toEqual([ROWS, ROWS, 1]);

  // Entries that vanish are ended once, however often the run that ends them is killed.
  body = names(1_500, ROWS + 500);
  for (const commits of [0, 3, 8, 9, 10]) await killedAt(stored(commits));
  const last = JSON.parse((await cli('feed', 'run', 'list', '--json')).stdout) as Json;
  expect(['ok', 'unchanged']).toContain(last['status']);
  ({ versions, valid } = await standing());
  expect([versions.size, valid]).toEqual([ROWS + 500, ROWS - 1_000]);
  expect([...versions.values()].filter((n) => n === 2)).toHaveLength(1_500);
  expect(Math.max(...versions.values())).toBe(2);
  expect((await cli('audit', 'verify')).stdout).toContain('none was changed');
}, 240_000);

test('spool files of a killed process are removed when a hub that runs feeds starts', async () => {
  const left = join(data, 'spool', 'list.preview-1.0.part');
  writeFileSync(left, 'half of a file');
  await hub.stop();
  expect(existsSync(left)).toBe(true);
  hub = await startHub(['--config', config, '--data', data], { KEY });
  expect(existsSync(left)).toBe(false);
}, 60_000);
