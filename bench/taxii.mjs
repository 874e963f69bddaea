// The hub of the benches: its one collection, a key to it, and a request.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const COLLECTION = 'f8ebb1d7-9263-44c5-90ef-6b7c8d9e0f10';
export const KEY = 'bench-key-0123456789abcdef0123456789abcdef';
export const MEDIA = 'application/taxii+json;version=2.1';

/** One request; rejects only when the connection fails. */
export function request(agent, port, method, path, body, key = KEY) {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Bearer ${key}`,
      Accept: MEDIA,
      ...(body ? { 'Content-Type': MEDIA, 'Content-Length': body.length } : {}),
    };
    const out = http.request({ port, method, path, headers, agent, host: '127.0.0.1' }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    out.on('error', reject);
    out.end(body);
  });
}

/**
 * Starts the built hub on the data folder below `folder`. Returns the process, its port, and the milliseconds until the
 * first response. A benchmark can add settings, accounts and their secrets.
 */
export async function startHub(
  folder,
  agent,
  { settings = '', accounts = '', secrets = {}, maxContentLength = 104_857_600, nodeArgs = [] } = {},
) {
  const config = join(folder, 'talanoa.yaml');
  writeFileSync(
    config,
    `api_roots: [{ path: main, max_content_length: ${maxContentLength} }]\ncollections: [{ id: ${COLLECTION}, api_root: main, title: Bench, grants: [{ to: "account:b", read: true, write: true }] }]\naccounts: [{ name: b, role: machine, key_env: BENCH }${accounts}]\n${settings}`,
  );
  const main = join(dirname(fileURLToPath(import.meta.url)), '../dist/main.js');
  const begun = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...nodeArgs,
      main,
      'serve',
      '--config',
      config,
      '--data',
      join(folder, 'data'),
      '--port',
      '0',
      '--no-feeds',
    ],
    {
      env: { ...process.env, ...secrets, BENCH: KEY, TALANOA_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) =>
      resolve(Number(/"port":(\d+)/.exec(line)?.[1])),
    ),
  );
  await request(agent, port, 'GET', `/main/collections/${COLLECTION}/objects/?limit=1`);
  return { child, port, ms: performance.now() - begun };
}
