// Measures lists for tools: the time to make a list of many values, the time until the first byte of a list that is kept,
// memory, what firewalls cost that fetch an unchanged list every minute, how long their polls take meanwhile, and the time
// until a change of 1,000 values is in lists of several formats. Usage: npm run bench:lists [-- VALUES],
// default 200,000. It prints the targets and asserts nothing. Needs Linux, because it reads /proc.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { COLLECTION, KEY, request, startHub } from './taxii.mjs';

const VALUES = Number(process.argv[2] ?? 200_000);
const FIREWALLS = 200;
const POLLS = 2_000;
const AT_ONCE = 5_000;
const CHANGED = 1_000;
/** Formats that contain domains. */
const FORMATS = ['plain', 'csv', 'hosts', 'rpz', 'suricata', 'zeek'];
const PACED_SECONDS = 30;
const TICKS_A_SECOND = 100;
const TIME = Date.parse('2026-11-01T00:00:00Z');
const module = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

/** The values, of the kinds and in the proportions of common feeds. No warning list contains them. */
function valueOf(i) {
  const hex = (n, digits) => (n >>> 0).toString(16).padStart(digits, '0');
  const mixed = Math.imul(i, 2_654_435_761) >>> 0;
  if (i % 2 === 0) return { type: 'ipv4', value: `${hex(0x2d000000 + (mixed >>> 5), 8)}/032` };
  if (i % 4 === 1) return { type: 'domain', value: `com.reef-${mixed % 50_000}.host-${i}.` };
  if (i % 8 === 3)
    return { type: 'url', value: `http://host-${i}.reef-${mixed % 50_000}.com/gate.php?id=${i}` };
  return { type: 'sha256', value: hex(mixed, 8).repeat(8) };
}

/** Fills the data folder of a hub that has not started with the values of the collection. */
async function fill(folder) {
  const { openSqliteStore } = await module('store/sqlite/sqlite-store.js');
  const { namesOfRow } = await module('sharing/values/contribution.js');
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const store = await openSqliteStore({ folder, clock });
  for (let at = 0; at < VALUES; at += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, VALUES - at) }, (_, k) => {
      const i = at + k;
      const contribution = {
        id: `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, owner: `feed:bench-${i % 5}`, level: 1,
        modified: TIME, from: TIME, until: TIME + 9e10, confidence: 50 + (i % 50), revoked: false, attributed: false,
        markings: [], labels: ['malicious-activity'],
      }; // prettier-ignore
      return namesOfRow({ ...valueOf(i), contribution }, { collection: COLLECTION, added: i + 1 });
    }).flat();
    await store.commit({ names });
  }
  // The hub then follows the collection from here, as after a start.
  const { VALUE_INDEX } = await module('sharing/values/model.js');
  const document = { added: VALUES + 1, removed: 0, whole: true };
  await store.commit({ records: [VALUE_INDEX.put(COLLECTION, undefined, document)] });
  await store.close();
}

const folder = mkdtempSync(join(tmpdir(), 'talanoa-lists-'));
await fill(join(folder, 'data'));
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const hub = await startHub(folder, agent);

/** A request for a list. Returns the milliseconds until the headers and until the end. */
function fetchList(headers = {}, format = 'plain') {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const sent = { Authorization: `Bearer ${KEY}`, 'Accept-Encoding': 'gzip', ...headers };
    http
      .get(
        { port: hub.port, host: '127.0.0.1', path: `/lists/${COLLECTION}/${format}`, headers: sent, agent },
        (response) => {
          const first = performance.now() - begun;
          let bytes = 0;
          response.on('data', (part) => (bytes += part.length));
          response.on('end', () => {
            const { statusCode: status, headers: got } = response;
            resolve({ status, etag: got.etag, bytes, first, whole: performance.now() - begun });
          });
        },
      )
      .on('error', reject);
  });
}
/** The processor time of the hub so far, in milliseconds. */
function processorTime() {
  const fields = readFileSync(`/proc/${hub.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_A_SECOND;
}
const memory = (name) =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${hub.child.pid}/status`, 'utf8'))[1]) /
  1_024;
const line = (name, value, target = '') => console.log(`${name.padEnd(58)} ${value.padEnd(30)} ${target}`);

/** After its start, a hub compiles schemas for a while. */
async function settled() {
  for (let calm = 0, seconds = 0; calm < 2 && seconds < 120; seconds++) {
    const begun = processorTime();
    await wait(1_000);
    calm = processorTime() - begun > 50 ? 0 : calm + 1;
  }
}

await settled();
const idle = memory('RssAnon');
let most = idle;
const watching = setInterval(() => (most = Math.max(most, memory('RssAnon'))), 100);
let before = processorTime();
const made = await fetchList();
clearInterval(watching);
if (made.status !== 200) throw new Error(`the list was answered with ${made.status}`);
const work = processorTime() - before;
line(
  `a list of ${VALUES.toLocaleString('en')} values is made, s (processor)`,
  `${(made.first / 1_000).toFixed(1)} (${(work / 1_000).toFixed(1)})`,
  `≤ ${((VALUES / 1_000_000) * 5).toFixed(1)}`,
);
line('   a value, µs of processor time', ((work * 1_000) / VALUES).toFixed(1), '≤ 5');
// Without the pages of the database, which the system counts for the process, too.
line('   memory before, and the most, MB', `${idle.toFixed(0)}, ${most.toFixed(0)}`);
const kept = [];
for (let i = 0; i < 20; i++) kept.push(await fetchList());
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
line(
  `a kept list of ${(made.bytes / 1_048_576).toFixed(1)} MB (gzip): first byte, end, ms`,
  `${middle(kept.map(({ first }) => first)).toFixed(1)}, ${middle(kept.map(({ whole }) => whole)).toFixed(1)}`,
);
before = processorTime();
let left = POLLS;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (left-- > 0) {
      const { status } = await fetchList({ 'If-None-Match': made.etag });
      if (status !== 304) throw new Error(`a poll was answered with ${status}`);
    }
  }),
);
const poll = (processorTime() - before) / POLLS;
line('a poll of an unchanged list, ms of processor time', poll.toFixed(2));
line(
  `   ${FIREWALLS} firewalls that poll each minute, % of a core`,
  ((FIREWALLS / 60_000) * poll * 100).toFixed(2),
  '≤ 2',
);

/** The polls of all firewalls at their real rate. Returns the times that they take, in milliseconds. */
async function paced(seconds) {
  const times = [];
  const polls = [];
  for (let i = 0; i < (FIREWALLS / 60) * seconds; i++) {
    polls.push(fetchList({ 'If-None-Match': made.etag }).then(({ whole }) => times.push(whole)));
    await wait(60_000 / FIREWALLS);
  }
  await Promise.all(polls);
  return times.toSorted((a, b) => a - b);
}
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
await settled();
before = processorTime();
const times = await paced(PACED_SECONDS);
const share = (processorTime() - before) / PACED_SECONDS / 10;
line(
  `   at their real rate for ${PACED_SECONDS} s, % of a core (with the rest of the hub)`,
  share.toFixed(2),
);
line(
  '   a poll takes, middle and p99, ms',
  `${quantile(times, 0.5).toFixed(1)}, ${quantile(times, 0.99).toFixed(1)}`,
  'p99 < 50',
);

const tags = new Map();
for (const format of FORMATS) tags.set(format, (await fetchList({}, format)).etag);
const objects = Array.from({ length: CHANGED }, (_, i) => ({
  type: 'indicator', spec_version: '2.1', id: `indicator--00000001-0000-4000-8000-${String(i).padStart(12, '0')}`,
  created: new Date(TIME).toISOString(), modified: new Date(TIME).toISOString(), valid_from: new Date(TIME).toISOString(),
  indicator_types: ['malicious-activity'], pattern_type: 'stix', pattern: `[domain-name:value = 'changed-${i}.reef-1.com']`,
})); // prettier-ignore
let begun = performance.now();
before = processorTime();
const { status } = await request(agent, hub.port, 'POST', `/main/collections/${COLLECTION}/objects/`, Buffer.from(JSON.stringify({ objects }))); // prettier-ignore
if (status !== 202) throw new Error(`the change was answered with ${status}`);
const submitted = performance.now() - begun;
begun = performance.now();
for (const format of FORMATS)
  for (let i = 0; (await fetchList({}, format)).etag === tags.get(format); i++) {
    if (i === 200) throw new Error(`the list ${format} does not contain the change`);
    await wait(50);
  }
line(
  `a change of ${CHANGED.toLocaleString('en')} values: submitted, in ${FORMATS.length} lists, s (processor)`,
  `${(submitted / 1_000).toFixed(1)}, ${((performance.now() - begun) / 1_000).toFixed(1)} (${((processorTime() - before) / 1_000).toFixed(1)})`,
  '≤ 2',
);
const stopped = new Promise((resolve) => hub.child.once('close', resolve));
hub.child.kill('SIGTERM');
await stopped;
agent.destroy();
rmSync(folder, { recursive: true, force: true });
