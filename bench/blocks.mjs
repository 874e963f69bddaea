// Measures the longest time for which one request of each kind blocks the main thread of a hub. Usage: npm
// run bench:blocks. The script asserts nothing. It prints the target next to each result.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { COLLECTION, request, startHub } from './taxii.mjs';

const PATH = `/main/collections/${COLLECTION}/objects/`;
const TIME = '2026-01-01T00:00:00.000Z';
let number = 0;
const id = (type) => `${type}--00000000-0000-4000-8000-${String(++number).padStart(12, '0')}`;
const list = (n, item) => Array.from({ length: n }, (_, i) => item(i));
const indicator = (over = {}) => ({
  type: 'indicator', spec_version: '2.1', id: id('indicator'), created: TIME, modified: TIME, name: 'x', pattern: "[file:name = 'a']",
  pattern_type: 'stix', valid_from: TIME, ...over,
}); // prettier-ignore
const report = (refs) => ({
  type: 'report', spec_version: '2.1', id: id('report'), created: TIME, modified: TIME, name: 'x', published: TIME, object_refs: refs,
}); // prettier-ignore
const envelope = (...objects) => Buffer.from(JSON.stringify({ objects }));
const bodies = {
  'one indicator': () => envelope(indicator()),
  '5,000 indicators': () => envelope(...list(5_000, () => indicator())),
  '90,000 tiny objects': () => envelope(...list(90_000, () => ({ a: 1 }))),
  'one object of 190,000 values': () => envelope(indicator({ x_list: list(19_000, () => list(9, (i) => i)) })),
  '10 objects of 190,000 values': () =>
    envelope(...list(10, () => indicator({ x_list: list(19_000, () => list(9, (i) => i)) }))),
  'a report of 50,000 references': () => envelope(report(list(50_000, () => id('indicator')))),
  'a report of 50,000 bad references': () => envelope(report(list(50_000, (i) => `indicator--${i}`))),
  '40 reports of 40,000 bad references': () =>
    envelope(...list(40, () => report(list(40_000, (i) => `indicator--${i}`)))),
  '10,000 bad names': () => envelope(indicator(Object.fromEntries(list(9_900, (i) => [`Bad-${i}`, i])))),
  '10,000 names one letter away': () =>
    envelope(indicator(Object.fromEntries(list(9_900, (i) => [`descriptio${i}`, i])))),
  '9 texts of 1 MB': () =>
    envelope(indicator(Object.fromEntries(list(9, (i) => [`x_text_${i}`, 'x'.repeat(1_000_000)])))),
  'a pattern of 64 KiB': () =>
    envelope(indicator({ pattern: `[${"file:name = 'a' OR ".repeat(3_400)}file:name = 'a']` })),
  '40,000 selectors': () =>
    envelope(
      indicator({
        granular_markings: [
          { marking_ref: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', selectors: list(40_000, () => 'name') },
        ],
      }),
    ),
  'an identifier of 1 MB': () => envelope(indicator({ created_by_ref: `identity--${'-'.repeat(1_000_000)}\n` })),
  'a body that is not JSON, of 100 MB': () => Buffer.from(`{"objects":[${'1,'.repeat(50_000_000)}`),
}; // prettier-ignore

const folder = mkdtempSync(join(tmpdir(), 'talanoa-blocks-'));
const file = join(folder, 'block');
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
process.env.BLOCK_METER = file;
process.env.NODE_OPTIONS = `--import=${join(dirname(fileURLToPath(import.meta.url)), 'block-meter.mjs')}`;
const hub = await startHub(folder, agent);
delete process.env.NODE_OPTIONS;

/** Returns the longest block since the last call. */
async function block() {
  rmSync(file, { force: true });
  hub.child.kill('SIGUSR2');
  for (;;) {
    await wait(20);
    try {
      const text = readFileSync(file, 'utf8');
      if (text !== '') return Number(text);
    } catch {
      // Not written yet.
    }
  }
}

console.log(`${'request'.padEnd(44)}${'status'.padEnd(9)}${'longest block, ms'.padEnd(20)}target`);
async function measure(name, send) {
  await block();
  const { status } = await send();
  await wait(50);
  console.log(`${name.padEnd(44)}${String(status).padEnd(9)}${(await block()).toFixed(0).padEnd(20)}≤ 100`);
}
for (const [name, body] of Object.entries(bodies)) {
  // The first request of a kind compiles the schemas that it needs. The second one shows the normal cost.
  await request(agent, hub.port, 'POST', PATH, body());
  await measure(`POST ${name}`, () => request(agent, hub.port, 'POST', PATH, body()));
}
await measure('GET a page of objects', () => request(agent, hub.port, 'GET', `${PATH}?limit=1000`));
await measure('GET with 200 ids', () =>
  request(agent, hub.port, 'GET', `${PATH}?match[id]=${list(200, () => id('indicator')).join(',')}`),
);
const stopped = new Promise((resolve) => hub.child.once('close', resolve));
hub.child.kill('SIGTERM');
await stopped;
agent.destroy();
rmSync(folder, { recursive: true, force: true });
