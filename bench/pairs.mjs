// Compares the processor time of this build with that of another checkout, over HTTP. Usage:
//   npm run bench:pairs -- FOLDER_OF_ANOTHER_CHECKOUT [OBJECTS]    by default 20,000 objects
// The other checkout must be built. Both hubs get the same requests in turn, one at a time, so that other work of the
// machine affects both alike. Prints the median processor time of a request in milliseconds for both, and three ratios
// of the other build to this one: of the medians, of the medians of the main thread alone, and of the sums of all
// requests, which contain the collection of garbage and work in the background. Above 1, this build needs less. Needs
// Linux, because it reads /proc.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { COLLECTION, request } from './taxii.mjs';

const [other = '', total = '20000'] = process.argv.slice(2);
const envelopes = Math.ceil(Number(total) / 1_000);
const ENVELOPE = 1_000;
const base = `/main/collections/${COLLECTION}/`;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Object number i: one in a hundred is malware, one in fifty a new version of an earlier indicator. */
function object(i) {
  const origin = i % 50 === 33 ? i - 20 : i;
  const hex = createHash('sha256').update(String(origin)).digest('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const created = new Date(Date.UTC(2025, 0, 1) + origin * 1000).toISOString();
  const modified = new Date(Date.UTC(2025, 0, 1) + origin * 1000 + (origin === i ? 0 : 3_600_000)).toISOString();
  const common = { spec_version: '2.1', created, modified, object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'] };
  const description = 'beacon traffic toward a staging host seen during the campaign against regional ministries '.repeat(5);
  return origin % 100 === 7
    ? { type: 'malware', id: `malware--${uuid}`, ...common, name: `Family ${origin}`, description, is_family: true }
    : { type: 'indicator', id: `indicator--${uuid}`, ...common, name: `Host ${origin}`, description, indicator_types: ['malicious-activity'], pattern: `[domain-name:value = '${hex.slice(0, 12)}.example']`, pattern_type: 'stix', valid_from: created, confidence: 60, labels: [`group-${origin % 400}`] };
} // prettier-ignore

/** The processor time of a thread so far, in milliseconds. */
function timeOfThread(pid, thread) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    // The thread has ended meanwhile.
    return 0;
  }
}

/** The processor time of all threads of a process so far, and of its main thread, in milliseconds. */
function processorTime(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  return {
    all: threads.reduce((sum, thread) => sum + timeOfThread(pid, thread), 0),
    main: timeOfThread(pid, pid),
  };
}

/** The processor time between two moments. */
function since(before, now) {
  return { all: now.all - before.all, main: now.main - before.main };
}

/** A hub of a checkout, with a data folder of its own. */
async function hubOf(checkout) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const { startHub } = await import(pathToFileURL(join(checkout, 'bench/taxii.mjs')).href);
  const { child, port } = await startHub(folder, agent);
  return {
    folder,
    child,
    used: () => processorTime(child.pid),
    async get(path, method = 'GET', body) {
      const answer = await request(agent, port, method, path, body);
      if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.body.subarray(0, 300)}`);
      return answer.body;
    },
    async stop() {
      child.kill('SIGTERM');
      await new Promise((done) => child.once('close', done));
      agent.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Waits until a hub has used nearly no processor time for 15 seconds, but at most 3 minutes. A shorter silence can be a
 * pause of the work in the background.
 */
async function settled(hub) {
  let quiet = 0;
  for (let turn = 0; turn < 60 && quiet < 5; turn++) {
    const before = hub.used();
    await wait(3_000);
    quiet = since(before, hub.used()).all <= 60 ? quiet + 1 : 0;
  }
  if (quiet < 5) throw new Error('the hub is still busy after 3 minutes');
}

const envelopeOf = (from) =>
  Buffer.from(JSON.stringify({ objects: Array.from({ length: ENVELOPE }, (_, i) => object(from + i)) }));

async function post(hub, body) {
  const answer = JSON.parse(await hub.get(`${base}objects/`, 'POST', body));
  if (answer.success_count !== ENVELOPE) throw new Error(JSON.stringify(answer).slice(0, 300));
}

/** Returns the dates added of all newest versions of a hub. */
async function datesOf(hub) {
  const dates = [];
  for (let next = ''; ;) {
    const page = JSON.parse(await hub.get(`${base}manifest/?limit=1000${next}`));
    dates.push(...page.objects.map((one) => one.date_added));
    if (!page.more) return dates;
    next = `&next=${page.next}`;
  }
}

const hubs = [await hubOf(resolve(other)), await hubOf(resolve('.'))];

/** Measures requests to both hubs, in turn. The first tenth is not counted. */
async function compare(name, count, send) {
  const used = [[], []];
  for (let n = -Math.ceil(count / 10); n < count; n++)
    for (const i of n % 2 === 0 ? [0, 1] : [1, 0]) {
      const before = hubs[i].used();
      await send(hubs[i], n + Math.ceil(count / 10));
      if (n >= 0) used[i].push(since(before, hubs[i].used()));
    }
  line(name, used);
}

function line(name, used) {
  const ratio = (of) => of(used[0]) / of(used[1]);
  const all = (list) => median(list.map((one) => one.all));
  const main = (list) => median(list.map((one) => one.main));
  const sum = (list) => list.reduce((total, one) => total + one.all, 0);
  const numbers = [...used.map(all), ratio(all), ratio(main), ratio(sum)].map((n) =>
    n.toFixed(2).padStart(9),
  );
  console.log(`${name.padEnd(48)} ${numbers.join('')}`);
}

try {
  console.log(
    `${'processor time of a request in ms'.padEnd(48)}    before      now   median     main      sum`,
  );
  const begun = hubs.map((hub) => hub.used());
  await compare('POST 1,000 objects to a new hub', envelopes, (hub, n) =>
    post(hub, envelopeOf(n * ENVELOPE)),
  );
  const derived = [];
  for (const hub of hubs) {
    const before = hub.used();
    await settled(hub);
    derived.push([since(before, hub.used())]);
  }
  line('derived data after these requests, in total', derived);
  const whole = hubs.map((hub, i) => [since(begun[i], hub.used())]);
  line('these objects and their derived data, in total', whole);
  for (const hub of hubs) hub.dates = await datesOf(hub);
  const objects =
    (query, more = () => '') =>
    (hub, n) =>
      hub.get(`${base}objects/?${query}${more(hub, n)}`);
  const page = (hub, n) => `&added_after=${hub.dates[(n * ENVELOPE) % hub.dates.length]}`;
  const after = (count) => (hub) => `&added_after=${hub.dates.at(-1 - count) ?? '1970-01-01T00:00:00Z'}`;
  await compare('GET 1,000 objects, all pages', 300, objects('limit=1000', page));
  await compare('GET 1,000 objects of a type', 200, objects('limit=1000&match[type]=indicator', page));
  await compare('GET 100 objects of a type', 300, objects('limit=100&match[type]=malware'));
  await compare('GET 100 objects of two types', 300, objects('limit=100&match[type]=malware,indicator'));
  await compare('GET the last 100 objects', 500, objects('limit=100', after(100)));
  await compare('GET without new objects', 500, objects('limit=100', after(0)));
  await compare('GET 1,000 objects of all versions', 200, objects('limit=1000&match[version]=all'));
  const ids = Array.from({ length: 50 }, (_, i) => object(i * 7).id).join(',');
  await compare('GET 50 ids', 200, objects(`match[id]=${ids}`));
  await compare('GET one object', 500, (hub, n) => hub.get(`${base}objects/${object((n % 400) * 2).id}/`));
  await compare('GET 1,000 entries of the manifest', 200, (hub) => hub.get(`${base}manifest/?limit=1000`));
  await compare('POST 1,000 objects to the settled hub', 20, (hub, n) =>
    post(hub, envelopeOf(10_000_000 + n * ENVELOPE)),
  );
  await compare('POST one object', 150, (hub, n) =>
    hub.get(`${base}objects/`, 'POST', Buffer.from(JSON.stringify({ objects: [object(20_000_000 + n)] }))),
  );
} finally {
  for (const hub of hubs) await hub.stop();
}
