// Measures the cost of the guarantees to pollers: ingest with 16 pollers compared with ingest alone, the waiting time
// of a poller meanwhile, and the time until the hub responds again after kill -9. Usage: npm run bench:promises [--
// OBJECTS], default 100000.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { COLLECTION, request, startHub } from './taxii.mjs';

const PATH = `/main/collections/${COLLECTION}/objects/`;

/** Sixteen pollers that follow the collection without rest, in a thread of their own. */
async function pollers({ port, from }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const times = [];
  const state = { over: false, seen: 0 };
  parentPort.once('message', () => (state.over = true));
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      let after = from;
      while (!state.over) {
        const t = performance.now();
        const { headers, status } = await request(
          agent,
          port,
          'GET',
          `${PATH}?limit=100&added_after=${after}`,
        );
        times.push(performance.now() - t);
        if (status !== 200) throw new Error(`a poll was answered ${status}`);
        after = headers['x-taxii-date-added-last'] ?? after;
      }
    }),
  );
  agent.destroy();
  parentPort.postMessage(times);
}

async function main() {
  const total = Number(process.argv[2] ?? 100_000);
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const start = () => startHub(folder, agent);
  const stamp = '2026-01-01T00:00:00.000Z';
  const envelope = (n) =>
    Buffer.from(
      JSON.stringify({
        objects: Array.from({ length: n }, (_, i) => ({
          type: 'indicator', spec_version: '2.1', id: `indicator--${randomUUID()}`, created: stamp, modified: stamp, name: `Host ${i}`,
          description: 'beacon traffic toward a staging host seen during the campaign against regional ministries and banks '.repeat(5),
          indicator_types: ['malicious-activity'], pattern: `[url:value = 'http://${randomUUID()}.example/${i}']`, pattern_type: 'stix', valid_from: stamp,
          object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
        })), // prettier-ignore
      }),
    );
  /** Objects per second. Envelopes of 100 and of 1,000 objects alternate, four at a time. */
  const ingest = async (port, objects) => {
    let left = objects;
    const begun = performance.now();
    let made = 0;
    await Promise.all(
      Array.from({ length: 4 }, async (_, n) => {
        for (let i = 0; left > 0; i++) {
          const size = (i + n) % 5 === 0 ? 1000 : 100;
          left -= size;
          const body = envelope(size);
          const answer = JSON.parse((await request(agent, port, 'POST', PATH, body)).body);
          if (answer.success_count !== size) throw new Error('not stored');
          made += size;
        }
      }),
    );
    return (made / (performance.now() - begun)) * 1000;
  };
  let hub = await start();
  await ingest(hub.port, total / 5);
  const alone = [];
  const beside = [];
  const waits = [];
  for (let round = 0; round < 3; round++) {
    alone.push(await ingest(hub.port, total / 10));
    const { headers } = await request(agent, hub.port, 'GET', `${PATH}?limit=1`);
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { port: hub.port, from: headers['x-taxii-date-added-last'] },
    });
    beside.push(await ingest(hub.port, total / 10));
    const told = new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    worker.postMessage('over');
    waits.push(...(await told));
  }
  await ingest(hub.port, total / 5);
  const ended = new Promise((resolve) => hub.child.once('close', resolve));
  const last = ingest(hub.port, total).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 300));
  hub.child.kill('SIGKILL');
  await ended;
  await last;
  const wal = statSync(join(folder, 'data', 'hub.db-wal')).size;
  hub = await start();
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))].toFixed(1);
  const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
  const line = (name, value, target) => console.log(`${name.padEnd(64)} ${value.padEnd(22)} ${target}`);
  console.log(`\nabout ${total} objects, Node ${process.version}, one run\n`);
  line('what', 'measured', 'target');
  line('ingest with 16 pollers / ingest alone', (middle(beside) / middle(alone)).toFixed(2), '≥ 0.5');
  line('   objects a second', `${Math.round(middle(beside))} / ${Math.round(middle(alone))}`, '');
  line(
    `polls meanwhile (${sorted.length}), ms: median, p99, longest`,
    `${at(0.5)}, ${at(0.99)}, ${at(1)}`,
    'p99 ≤ 100',
  );
  line(
    `start after kill -9 (log of ${Math.round(wal / 1_048_576)} MB), ms`,
    String(Math.round(hub.ms)),
    '≤ 2000',
  );
  const stopped = new Promise((resolve) => hub.child.once('close', resolve));
  hub.child.kill('SIGTERM');
  await stopped;
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}

await (isMainThread ? main() : pollers(workerData));
