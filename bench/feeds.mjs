// Measures a run of a large feed during polls: rows per second compared with bare inserts of the same objects and with
// publishing them over TAXII, the processor time of each thread, the waiting time of empty polls and the blocks of the
// main thread meanwhile, the growth of memory, and a second run of the same file with one new row. Usage:
// npm run bench:feeds [-- --rows N] [--idle SECONDS] [--csv] [--profile FOLDER]. Default: 20,000 rows, and 60 seconds
// before each measurement of memory. The script asserts nothing. It prints the target next to each result. Processor
// time depends less on other work of the machine than milliseconds do.
import { hash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DatabaseSync } from '@photostructure/sqlite';
import { systemClock } from '../dist/kernel/clock.js';
import { candidateFrom } from '../dist/sharing/intake/candidate.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { COLLECTION, request, startHub } from './taxii.mjs';

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    idle: { type: 'string', default: '60' },
    csv: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const rows = Number(flags.rows);
/** Objects of one insert of the comparison. */
const BATCH = 1_000;
const POLL_EVERY_MS = 10;
const NAME = 'bench';

/** Returns row `i` of the list: addresses, domains and URLs in turn. */
function valueOf(i) {
  const digits = hash('sha256', `row ${i}`);
  if (i % 3 === 0)
    return `${((i >> 16) & 63) | 64}.${(i >> 8) & 255}.${i & 255}.${Number.parseInt(digits.slice(0, 2), 16)}`;
  const host = `${digits.slice(0, 12)}.some-bench-name.com`;
  return i % 3 === 1 ? host : `http://${host}/${digits.slice(12, 24)}/index.php`;
}

const lineOf = (i) =>
  flags.csv ? `${valueOf(i)},2026-01-01T00:00:00Z,botnet,listed ${i}\n` : `${valueOf(i)}\n`;
const HEAD = flags.csv ? 'value,first_seen,kind,note\n' : '';
let file = Buffer.from(HEAD + Array.from({ length: rows }, (_, i) => lineOf(i)).join(''));

const folder = mkdtempSync(join(tmpdir(), 'talanoa-feeds-'));
const meter = join(folder, 'block');
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const source = http.createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': file.length });
  response.end(file);
});
await new Promise((resolve) => source.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${source.address().port}/list`;

const document = {
  name: NAME, title: 'Bench', mode: 'snapshot', enabled: true, transport: { kind: 'https', url }, schedule: { cron: '0 0 1 1 *' },
  parser: { kind: 'csv', header: 'first' },
  map: [{ value: '{value}', type: 'auto', valid_from: '{first_seen}', labels: ['{kind}'], description: '{note}' }],
  defaults: { tlp: 'amber', confidence: 50, valid_for: 'P30D', redistribute: 'members' },
}; // prettier-ignore
const feed = flags.csv
  ? { name: NAME, document, collection: COLLECTION }
  : { name: NAME, preset: 'plain-list', url, collection: COLLECTION, enabled: true };

const options = process.env.NODE_OPTIONS ?? '';
process.env.BLOCK_METER = meter;
process.env.NODE_OPTIONS = `${options} --import=${join(dirname(fileURLToPath(import.meta.url)), 'block-meter.mjs')}`;
const hub = await startHub(folder, agent, {
  // Writes a profile of each thread into the folder.
  nodeArgs: flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`],
  settings: `feeds: [${JSON.stringify(feed)}]\negress: { allow: ["127.0.0.1:${source.address().port}"] }\n`,
});
process.env.NODE_OPTIONS = options;

/** Runs the feed. Returns its report and the milliseconds that it took. */
function run() {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const socketPath = join(folder, 'data/hub.sock');
    const out = http.request({ socketPath, method: 'POST', path: `/api/v1/feeds/${NAME}/runs` }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const lines = Buffer.concat(parts).toString().trim().split('\n');
        resolve({ report: JSON.parse(lines.at(-1)).report, ms: performance.now() - begun });
      });
    }); // prettier-ignore
    out.on('error', reject);
    out.end();
  });
}

/** Returns the blocks of the main thread since the last call. */
async function blocks() {
  rmSync(meter, { force: true });
  hub.child.kill('SIGUSR2');
  for (;;) {
    await wait(20);
    try {
      const numbers = readFileSync(meter, 'utf8').split(' ').map(Number);
      if (numbers.length === 4) return numbers;
    } catch {
      // Not written yet.
    }
  }
}

/** Megabytes of memory of the hub, without the pages of the database file. */
function memory() {
  const status = readFileSync(`/proc/${hub.child.pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

/** Milliseconds of processor time that all threads of a process have used. */
function processorTime(pid = hub.child.pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Milliseconds of processor time of each thread of the hub so far, by its number. A thread that ended keeps its last. */
const threads = new Map();
function lookAtThreads() {
  const tasks = `/proc/${hub.child.pid}/task`;
  for (const id of readdirSync(tasks))
    try {
      threads.set(id, Number(readFileSync(join(tasks, id, 'schedstat'), 'utf8').split(' ')[0]) / 1e6);
    } catch {
      // The thread has just ended.
    }
}

/** Does work during empty polls. Returns its result, the waiting times of the polls, and the highest memory. */
async function beside(work) {
  const state = { over: false, most: 0 };
  const times = [];
  const polling = (async () => {
    const path = `/main/collections/${COLLECTION}/objects/?added_after=2099-01-01T00:00:00Z`;
    while (!state.over) {
      const t = performance.now();
      const { status } = await request(agent, hub.port, 'GET', path);
      times.push(performance.now() - t);
      if (status !== 200) throw new Error(`a poll was answered ${status}`);
      state.most = Math.max(state.most, memory());
      lookAtThreads();
      await wait(POLL_EVERY_MS);
    }
  })();
  const result = await work();
  state.over = true;
  await polling;
  return { result, times: times.toSorted((a, b) => a - b), most: state.most };
}

// The hub compiles schemas after its start. Its memory is compared with that of an idle hub.
await wait(Number(flags.idle) * 1_000);
const idle = await beside(() => wait(5_000));
await blocks();
const before = memory();
const usedBefore = processorTime();
lookAtThreads();
const threadsBefore = new Map(threads);
const first = await beside(run);
const [longest, processor, p99, total] = await blocks();
const used = processorTime() - usedBefore;
// Threads that began during the run read and prepare the feed. The writer works more than the threads of V8.
const grown = [...threads].map(([id, ms]) => ({
  id,
  isNew: !threadsBefore.has(id),
  ms: ms - (threadsBefore.get(id) ?? 0),
}));
const [reading = 0, preparing = 0] = grown.filter(({ isNew, ms }) => isNew && ms > 50).map(({ ms }) => ms);
const [writing = 0, ...helping] = grown
  .filter(({ id, isNew }) => !isNew && Number(id) !== hub.child.pid)
  .map(({ ms }) => ms)
  .toSorted((a, b) => b - a);
const helped = helping.reduce((sum, ms) => sum + ms, 0);
await wait(Number(flags.idle) * 1_000);
const after = memory();
file = Buffer.concat([file, Buffer.from(lineOf(rows))]);
const usedBeforeSecond = processorTime();
const second = await beside(run);
const again = await blocks();
const usedAgain = processorTime() - usedBeforeSecond;
const stopped = new Promise((resolve) => hub.child.once('close', resolve));
hub.child.kill('SIGTERM');
await stopped;
source.close();
agent.destroy();

// The same objects, as the hub has stored them.
const stored = new DatabaseSync(join(folder, 'data/hub.db'), { readOnly: true });
const bare = new DatabaseSync(join(folder, 'bare.db'));
bare.exec(
  'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY',
);
bare.exec(
  'CREATE TABLE obj(seq INTEGER PRIMARY KEY, sid TEXT NOT NULL, type TEXT NOT NULL, modified TEXT NOT NULL, added INTEGER NOT NULL, latest INTEGER NOT NULL, body TEXT NOT NULL); CREATE UNIQUE INDEX u ON obj(sid, modified); CREATE INDEX l ON obj(seq) WHERE latest=1; CREATE INDEX t ON obj(type, seq) WHERE latest=1; CREATE INDEX a ON obj(added, seq)',
);
const has = bare.prepare('SELECT modified FROM obj WHERE sid=?');
const insert = bare.prepare('INSERT INTO obj(sid, type, modified, added, latest, body) VALUES(?,?,?,?,1,?)');
const store = await openSqliteStore({ folder: join(folder, 'same'), clock: systemClock });
let [bareUsed, bareMs, sameUsed, sameMs, objects] = [0, 0, 0, 0, 0];
const collection = randomUUID();
const page = stored.prepare('SELECT oid AS id, text FROM object WHERE oid > ? ORDER BY oid LIMIT ?');
for (let last = 0; ;) {
  const batch = page.all(last, BATCH);
  if (batch.length === 0) break;
  last = batch.at(-1).id;
  objects += batch.length;
  const parsed = batch.map(({ text }) => JSON.parse(text));
  let t = performance.now();
  const cpu = process.cpuUsage();
  bare.exec('BEGIN IMMEDIATE');
  for (const [i, { id, type, modified = '' }] of parsed.entries()) {
    has.get(id);
    insert.run(id, type, modified, objects, batch[i].text);
  }
  bare.exec('COMMIT');
  bareMs += performance.now() - t;
  const { user, system } = process.cpuUsage(cpu);
  bareUsed += (user + system) / 1_000;
  const candidates = parsed.map((object, i) =>
    candidateFrom(object, {
      text: batch[i].text, id: object.id, type: object.type, version: object.modified ?? object.created ?? '1970-01-01T00:00:00Z',
      spec: '2.1', level: 2, owner: 'hub', relayed: false,
    }),
  ); // prettier-ignore
  t = performance.now();
  const before = process.cpuUsage();
  await store.commit({ placements: [{ collection, candidates }] });
  sameMs += performance.now() - t;
  const same = process.cpuUsage(before);
  sameUsed += (same.user + same.system) / 1_000;
}
await store.close();
bare.close();

// The same objects, published to the same collection of a new hub, which routes and indexes them as well.
const publishedFolder = join(folder, 'published');
mkdirSync(publishedFolder);
const publisher = new http.Agent({ keepAlive: true, maxSockets: 4 });
const other = await startHub(publishedFolder, publisher);
const otherBefore = processorTime(other.child.pid);
let publishedMs = 0;
for (let last = 0; ;) {
  const batch = page.all(last, BATCH);
  if (batch.length === 0) break;
  last = batch.at(-1).id;
  const body = Buffer.from(`{"objects":[${batch.map(({ text }) => text).join(',')}]}`);
  const t = performance.now();
  const answer = await request(
    publisher,
    other.port,
    'POST',
    `/main/collections/${COLLECTION}/objects/`,
    body,
  );
  publishedMs += performance.now() - t;
  const outcome = JSON.parse(answer.body.toString());
  if (outcome.status !== 'complete' || outcome.failure_count > 0)
    throw new Error(`publishing failed: ${answer.body.toString().slice(0, 500)}`);
}
const publishedUsed = processorTime(other.child.pid) - otherBefore;
const otherStopped = new Promise((resolve) => other.child.once('close', resolve));
other.child.kill('SIGTERM');
await otherStopped;
publisher.destroy();
stored.close();
rmSync(folder, { recursive: true, force: true });

const at = (times, p) => times[Math.min(times.length - 1, Math.floor(times.length * p))].toFixed(1);
const line = (name, value, target = '') =>
  console.log(`${name.padEnd(66)} ${String(value).padEnd(24)} ${target}`);
const { report } = first.result;
console.log(`\n${rows} rows, ${objects} objects, Node ${process.version}, one run: ${report.status}\n`);
line('what', 'measured', 'target');
line('bare inserts of the same objects / run', (bareMs / first.result.ms).toFixed(2), '≥ 0.5');
line('inserts into the same store / run', (sameMs / first.result.ms).toFixed(2), '≥ 0.5');
line('publishing the same objects over TAXII / run', (publishedMs / first.result.ms).toFixed(2), '≥ 0.5');
line(
  '   the three ratios by processor time',
  [bareUsed, sameUsed, publishedUsed].map((ms) => (ms / used).toFixed(2)).join(', '),
);
line(
  '   rows a second; objects a second',
  `${Math.round((rows / first.result.ms) * 1000)}; ${Math.round((objects / first.result.ms) * 1000)}`,
);
line(
  '   milliseconds: fetch, read, store',
  `${report.took.fetch}, ${report.took.read}, ${report.took.store}`,
);
line(
  `empty polls during the run (${first.times.length}), ms: median, p99, longest`,
  `${at(first.times, 0.5)}, ${at(first.times, 0.99)}, ${at(first.times, 1)}`,
  'p99 ≤ 50',
);
line(
  `   before the run, with the other work of the machine (${idle.times.length})`,
  `${at(idle.times, 0.5)}, ${at(idle.times, 0.99)}, ${at(idle.times, 1)}`,
);
line(
  'blocks of the main thread, ms: p99, longest, longest (processor)',
  `${p99.toFixed(1)}, ${longest.toFixed(0)}, ${processor.toFixed(0)}`,
);
line('   of the main thread / time of the run', (total / first.result.ms).toFixed(2));
line(
  'processor time, ms: main thread, all threads, bare inserts',
  `${Math.round(total)}, ${used}, ${Math.round(bareUsed)}`,
);
line(
  '   reading, preparing, writing, V8 beside them',
  [reading, preparing, writing, helped].map(Math.round).join(', '),
);
line('memory before the run, MB: ', before.toFixed(0));
line('   growth during the run', (first.most - before).toFixed(0), '≤ 128');
line(`   growth ${flags.idle} s after the run`, (after - before).toFixed(0), '≈ 0');
line(
  'the same file with a new row / the first run',
  (second.result.ms / first.result.ms).toFixed(3),
  '≤ 0.1',
);
line('   by processor time, with that of the polls', (usedAgain / used).toFixed(3));
line(
  '   milliseconds: all, read, store',
  `${Math.round(second.result.ms)}, ${second.result.report.took.read}, ${second.result.report.took.store}`,
);
line(
  `   empty polls (${second.times.length}), ms: median, p99, longest`,
  `${at(second.times, 0.5)}, ${at(second.times, 0.99)}, ${at(second.times, 1)}`,
  'p99 ≤ 50',
);
line(
  '   blocks, ms: p99, longest, longest (processor)',
  `${again[2].toFixed(1)}, ${again[0].toFixed(0)}, ${again[1].toFixed(0)}`,
);
line(
  '   created, unchanged, removed',
  `${second.result.report.created}, ${second.result.report.unchanged}, ${second.result.report.removed}`,
);
