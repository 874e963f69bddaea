// Measures the cost of TAXII filters in a large collection, and whether pollers delay each other. Usage: npm run
// bench:filters [-- OBJECTS], default 100000. The script asserts nothing. It prints the target next to each result.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLECTION, request, startHub } from './taxii.mjs';

const total = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
const agent = new http.Agent({ keepAlive: true, maxSockets: 200 });
const base = `/main/collections/${COLLECTION}/`;
const ENVELOPE = 1000;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
const line = (name, value, target = '') => console.log(`${name.padEnd(66)} ${value.padEnd(20)} ${target}`);

/** Object number i: one in a hundred is malware, one in fifty a new version of an earlier indicator. */
function object(i) {
  const origin = i % 50 === 33 ? i - 20 : i;
  const hex = createHash('sha256').update(String(origin)).digest('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const created = new Date(Date.UTC(2025, 0, 1) + origin * 1000).toISOString();
  const modified = new Date(
    Date.UTC(2025, 0, 1) + origin * 1000 + (origin === i ? 0 : 3_600_000),
  ).toISOString();
  const common = { spec_version: '2.1', created, modified, object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'] }; // prettier-ignore
  const description = 'beacon traffic toward a staging host seen during the campaign against regional ministries '.repeat(4); // prettier-ignore
  return origin % 100 === 7
    ? { type: 'malware', id: `malware--${uuid}`, ...common, name: `Family ${origin}`, description, is_family: true }
    : { type: 'indicator', id: `indicator--${uuid}`, ...common, name: `Host ${origin}`, description, indicator_types: ['malicious-activity'], pattern: `[domain-name:value = '${hex.slice(0, 12)}.example']`, pattern_type: 'stix', valid_from: created }; // prettier-ignore
}

const { child, port, ms: startMs } = await startHub(folder, agent);
const get = async (path) => {
  const begun = performance.now();
  const answer = await request(agent, port, 'GET', path);
  return { ...answer, ms: performance.now() - begun };
};

let at = 0;
const loading = performance.now();
await Promise.all(
  Array.from({ length: 3 }, async () => {
    while (at < total) {
      const from = at;
      at += ENVELOPE;
      const objects = Array.from({ length: Math.min(ENVELOPE, total - from) }, (_, i) => object(from + i));
      const { body } = await request(agent, port, 'POST', `${base}objects/`, Buffer.from(JSON.stringify({ objects }))); // prettier-ignore
      if (JSON.parse(body).success_count !== objects.length)
        throw new Error(body.subarray(0, 300).toString());
    }
  }),
);
console.log(`\n${total.toLocaleString('en')} objects, Node ${process.version}, one run (loaded in ${Math.round((performance.now() - loading) / 1000)} s)\n`); // prettier-ignore

/** Median time of 200 different requests. */
async function middle(path, times = 200) {
  const found = [];
  for (let i = 0; i < times; i++) found.push((await get(path(i))).ms);
  return median(found);
}
/** Ids spread over the collection. */
const id = (i) => object(((i * 7919) % Math.floor(total / 50)) * 50 + 1).id;
await middle((i) => `${base}objects/${id(i)}/`);
const one = await middle((i) => `${base}objects/${id(i)}/`);
line('one object by its id', `${one.toFixed(2)} ms`);
const against = async (name, path, target, times) => {
  const ms = await middle(path, times);
  line(name, `${ms.toFixed(2)} ms = ${(ms / one).toFixed(2)} x`, target);
};
await against('match[id] = one', (i) => `${base}objects/?match[id]=${id(i)}`, '≤ 4 x');
await against('match[id] = 20', (i) => `${base}objects/?match[id]=${Array.from({ length: 20 }, (_, n) => id(i * 20 + n)).join(',')}`, '≤ 4 x'); // prettier-ignore
for (const limit of [1, 20])
  await against(`match[type]=malware, limit ${limit}`, () => `${base}objects/?match[type]=malware&limit=${limit}`, '≤ 4 x'); // prettier-ignore
await against('match[type]=tool (none)', () => `${base}objects/?match[type]=tool`, '≤ 4 x');
await against('match[spec_version]=2.0 (none)', () => `${base}objects/?match[spec_version]=2.0`, '', 9);
await against(
  'match[version]=an instant',
  () => `${base}objects/?match[version]=${object(1).modified}`,
  '',
  9,
);
await against('match[version]=an instant that is none', () => `${base}objects/?match[version]=2001-01-01T00:00:00.000Z`, '', 9); // prettier-ignore

/**
 * Walks through all pages with `next`, then reads first and last pages alternately, so that both run under the same
 * conditions.
 */
async function walk(path) {
  const times = [];
  const paths = [];
  let seen = 0;
  for (let next = ''; ;) {
    paths.push(`${path}${next === '' ? '' : `&next=${next}`}`);
    const { ms, body } = await get(paths.at(-1));
    times.push(ms);
    const page = JSON.parse(body);
    seen += (page.objects ?? []).length;
    if (page.more !== true) break;
    next = page.next;
  }
  const edge = Math.min(20, Math.floor((paths.length - 1) / 2));
  const firsts = [];
  const lasts = [];
  for (let round = 0; round < 5; round++)
    for (let i = 0; i < edge; i++) {
      firsts.push((await get(paths[i])).ms);
      lasts.push((await get(paths[paths.length - 2 - i])).ms);
    }
  return { times, seen, ratio: median(lasts) / median(firsts) };
}
const plain = await walk(`${base}objects/?limit=1000`);
const middlePage = median(plain.times);
const tell = (name, { times, seen, ratio }, target = '') => {
  line(name, `${(median(times) / middlePage).toFixed(2)} x, last/first ${ratio.toFixed(2)}`, target);
  line('', `${times.length} pages, ${seen.toLocaleString('en')} items, longest ${Math.max(...times).toFixed(0)} ms`); // prettier-ignore
};
const WHOLE = 'last/first 0.8-1.25';
line('a page of 1,000', `${middlePage.toFixed(2)} ms`);
tell('full poll, objects', plain, WHOLE);
for (const [name, query] of [
  ['match[version]=all', 'match[version]=all'],
  ['match[version]=first', 'match[version]=first'],
  ['match[version]=first,last', 'match[version]=first,last'],
  ['match[type]=indicator', 'match[type]=indicator'],
  ['match[type]=indicator,malware', 'match[type]=indicator,malware'],
  ['match[type]=malware', 'match[type]=malware'],
  ['match[spec_version]=2.1', 'match[spec_version]=2.1'],
  ['match[type]=malware&match[version]=first', 'match[type]=malware&match[version]=first'],
])
  tell(
    `full poll, ${name}`,
    await walk(`${base}objects/?limit=1000&${query}`),
    name.endsWith('=all') ? '≤ 1 x' : '',
  );
tell('full poll, manifest', await walk(`${base}manifest/?limit=1000`), WHOLE);

// 200 pollers at once, each on its own walk. All of them must make progress.
const done = Array.from({ length: 200 }, () => 0);
const waits = [];
const until = performance.now() + 10_000;
await Promise.all(
  done.map(async (_, poller) => {
    const kind = ['', '&match[type]=malware', '&match[version]=all', '&match[type]=indicator'][poller % 4];
    for (let next = ''; performance.now() < until;) {
      const { ms, body } = await get(`${base}objects/?limit=100${kind}${next === '' ? '' : `&next=${next}`}`);
      waits.push(ms);
      done[poller]++;
      next = /^\{"more":true,"next":"([^"]+)"/.exec(body.subarray(0, 200).toString())?.[1] ?? '';
    }
  }),
);
waits.sort((a, b) => a - b);
line('200 pollers at once: pages of the slowest / of the middle poller', (Math.min(...done) / median(done)).toFixed(2), 'none starved'); // prettier-ignore
line('', `p50 ${waits[waits.length >> 1].toFixed(0)} ms, p99 ${waits[Math.floor(waits.length * 0.99)].toFixed(0)} ms, longest ${waits.at(-1).toFixed(0)} ms`); // prettier-ignore
child.kill('SIGTERM');
await new Promise((resolve) => child.once('close', resolve));
const again = await startHub(folder, agent);
line('start to first response, empty', `${Math.round(startMs)} ms`, '≤ 1000 ms');
line(
  `start to first response, ${total.toLocaleString('en')} objects`,
  `${Math.round(again.ms)} ms`,
  '≤ 2000 ms',
);
again.child.kill('SIGTERM');
await new Promise((resolve) => again.child.once('close', resolve));
agent.destroy();
rmSync(folder, { recursive: true, force: true });
