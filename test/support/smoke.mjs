// A short check of a build: start, write, read, stop. The folder of an installed package can be given.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'talanoa-smoke-'));
const config = join(folder, 'talanoa.yaml');
const id = 'd6c9fbf5-7041-42a3-9ecd-4f5a6b7c8d9e';
const key = 'smoke-key-0123456789abcdef0123456789abcdef';
writeFileSync(
  config,
  `collections: [{ id: ${id}, api_root: main, title: Smoke, grants: [{ to: "account:a", read: true, write: true }] }]\naccounts: [{ name: a, role: machine, key_env: SMOKE }]\n`,
);
const child = spawn(
  process.execPath,
  [
    join(root, 'dist/main.js'),
    'serve',
    '--config',
    config,
    '--data',
    join(folder, 'data'),
    '--port',
    '0',
    '--no-feeds',
  ],
  { env: { ...process.env, SMOKE: key }, stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((resolve) => child.once('close', resolve));
const port = await new Promise((resolve, reject) => {
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = /"port":(\d+)/.exec(line);
    if (found) resolve(Number(found[1]));
  });
  child.once('close', (code) => reject(new Error(`ended with ${code}`)));
});
const media = 'application/taxii+json;version=2.1';
const headers = { Authorization: `Bearer ${key}`, Accept: media, 'Content-Type': media };
const object = {
  type: 'indicator',
  spec_version: '2.1',
  id: 'indicator--9c8b6744-421b-4bee-b234-2d694aa6a67a',
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  pattern: "[url:value = 'http://a.example/']",
  pattern_type: 'stix',
  valid_from: '2026-01-01T00:00:00Z',
};
const url = `http://127.0.0.1:${port}/main/collections/${id}/objects/`;
const posted = await (
  await fetch(url, { method: 'POST', headers, body: JSON.stringify({ objects: [object] }) })
).json();
const read = await (await fetch(url, { headers })).json();
child.kill('SIGTERM');
const code = await ended;
rmSync(folder, { recursive: true, force: true });
if (posted.success_count !== 1 || JSON.stringify(read.objects) !== JSON.stringify([object]) || code !== 0)
  throw new Error(`Node ${process.version}: ${JSON.stringify({ posted, read, code })}`);
console.log(`Node ${process.version}: start, write, read and stop work`);
