// Measures the hub in comparison with the capacity of this machine, in one run, and prints ratios. Absolute numbers
// depend on the load of the machine. Usage: npm run bench [-- OBJECTS], default 100000. The script asserts nothing. It
// prints the target next to each result.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import express from 'express';
import { COLLECTION, KEY, MEDIA, request as anyRequest, startHub } from './taxii.mjs';

const total = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
const ENVELOPE = 1000;
const PAGE = 1000;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** A made-up indicator of about a kilobyte. */
function indicator(i) {
  const stamp = new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString();
  const host = `${createHash('md5').update(String(i)).digest('hex').slice(0, 12)}.example`;
  return {
    type: 'indicator', spec_version: '2.1', id: `indicator--${randomUUID()}`, created: stamp, modified: stamp, name: `Host ${host}`,
    description: 'beacon traffic toward a staging host seen during the campaign against regional ministries and banks '.repeat(5),
    indicator_types: ['malicious-activity'], pattern: `[url:value = 'http://${host}/${i}/index.php']`, pattern_type: 'stix', valid_from: stamp,
    confidence: 60, labels: ['bench', `group-${i % 400}`], object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'],
  }; // prettier-ignore
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const request = (...args) => anyRequest(agent, ...args);

/** Requests per second with 16 connections, for `ms` milliseconds. */
async function load(port, path, ms) {
  let done = 0;
  const until = performance.now() + ms;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (performance.now() < until) {
        await request(port, 'GET', path);
        done++;
      }
    }),
  );
  return (done / (performance.now() - start)) * 1000;
}

const { child, port, ms: startMs } = await startHub(folder, agent);
const base = `/main/collections/${COLLECTION}/`;

// W1: envelopes of 1,000 objects, validated and durable, compared with a bare insert of the same texts with the same
// durability.
const db = new DatabaseSync(join(folder, 'bare.db'));
db.exec(
  'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY',
);
db.exec(
  'CREATE TABLE obj(seq INTEGER PRIMARY KEY, sid TEXT NOT NULL, type TEXT NOT NULL, modified TEXT NOT NULL, added INTEGER NOT NULL, latest INTEGER NOT NULL, body TEXT NOT NULL); CREATE UNIQUE INDEX u ON obj(sid, modified); CREATE INDEX l ON obj(seq) WHERE latest=1; CREATE INDEX t ON obj(type, seq) WHERE latest=1; CREATE INDEX a ON obj(added, seq)',
);
const has = db.prepare('SELECT modified FROM obj WHERE sid=?');
const insert = db.prepare('INSERT INTO obj(sid, type, modified, added, latest, body) VALUES(?,?,?,?,1,?)');
const hubTimes = [];
const bareTimes = [];
for (let from = 0; from < total; from += ENVELOPE) {
  const objects = Array.from({ length: ENVELOPE }, (_, i) => indicator(from + i));
  const body = Buffer.from(JSON.stringify({ objects }));
  const rows = objects.map((o) => [o.id, o.type, o.modified, from, JSON.stringify(o)]);
  let t = performance.now();
  const answer = await request(port, 'POST', `${base}objects/`, body);
  hubTimes.push(performance.now() - t);
  if (JSON.parse(answer.body).success_count !== ENVELOPE)
    throw new Error(`not stored: ${answer.body.subarray(0, 300)}`);
  t = performance.now();
  db.exec('BEGIN IMMEDIATE');
  for (const row of rows) {
    has.get(row[0]);
    insert.run(...row);
  }
  db.exec('COMMIT');
  bareTimes.push(performance.now() - t);
}
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

// W2: a full poll, compared with reading the same number of texts by key and joining them.
const pages = [];
/** Reads one page like a lightweight client. Only the beginning with the cursor is kept. */
function readPage(path) {
  return new Promise((resolve, reject) => {
    const t = performance.now();
    http
      .get(
        { port, path, agent, host: '127.0.0.1', headers: { Authorization: `Bearer ${KEY}` } },
        (response) => {
          let head;
          response.on('data', (part) => {
            head ??= part.subarray(0, 200).toString();
          });
          response.on('end', () =>
            resolve({
              ms: performance.now() - t,
              next: /^\{"more":true,"next":"([^"]+)"/.exec(head ?? '')?.[1],
            }),
          );
        },
      )
      .on('error', reject);
  });
}
for (let path = `${base}objects/?limit=${PAGE}`; ;) {
  const { ms, next } = await readPage(path);
  pages.push(ms);
  if (next === undefined) break;
  path = `${base}objects/?limit=${PAGE}&next=${next}`;
}
const read = db.prepare('SELECT seq, body FROM obj WHERE latest=1 AND seq>? ORDER BY seq LIMIT ?');
const joins = [];
for (let after = 0; ;) {
  const t = performance.now();
  const rows = read.all(after, PAGE);
  let text = '{"objects":[';
  for (let i = 0; i < rows.length; i++) text += (i ? ',' : '') + rows[i].body;
  Buffer.from(`${text}]}`);
  joins.push(performance.now() - t);
  if (rows.length < PAGE) break;
  after = rows.at(-1).seq;
}
const edge = Math.min(10, Math.floor(pages.length / 2));

// W3: 16 pollers request the last 100 objects, compared with a static response of Express with the same bytes.
let query = `${base}objects/?limit=100`;
{
  let path = `${base}manifest/?limit=${PAGE}`;
  let records = [];
  for (;;) {
    const page = JSON.parse((await request(port, 'GET', path)).body);
    records = page.objects;
    if (!page.more) break;
    path = `${base}manifest/?limit=${PAGE}&next=${page.next}`;
  }
  query = `${base}objects/?limit=100&added_after=${records.at(-101)?.date_added ?? '1970-01-01T00:00:00Z'}`;
}
const sample = (await request(port, 'GET', query)).body;
const app = express();
app.disable('x-powered-by');
app.get('/', (_request, response) => {
  response.writeHead(200, { 'Content-Type': MEDIA, 'Content-Length': sample.length });
  response.end(sample);
});
const control = app.listen(0, '127.0.0.1');
await new Promise((resolve) => control.once('listening', resolve));
const ours = [];
const theirs = [];
for (let round = 0; round < 3; round++) {
  ours.push(await load(port, query, 2000));
  theirs.push(await load(control.address().port, '/', 2000));
}
control.close();

const line = (name, value, target) => console.log(`${name.padEnd(64)} ${value.padEnd(22)} ${target}`);
const ratio = (n) => n.toFixed(2);
console.log(`\n${total} objects, Node ${process.version}, one run\n`);
line('what', 'measured', 'target');
line(
  'W1 ingest, 1,000 an envelope / bare insert, same durability',
  ratio(sum(bareTimes) / sum(hubTimes)),
  '≥ 0.35',
);
line('   objects a second', Math.round((total / sum(hubTimes)) * 1000).toLocaleString('en'), '');
line(
  'W2 full poll, pages of 1,000 / read 1,000 texts and join',
  ratio(median(joins) / median(pages)),
  '≥ 0.4',
);
line(
  '   last pages / first pages',
  ratio(median(pages.slice(-edge - 1, -1)) / median(pages.slice(1, edge + 1))),
  '≤ 1.25',
);
line(
  'W3 last 100 by 16 connections / static Express, same bytes',
  ratio(median(ours) / median(theirs)),
  '≥ 0.15',
);
line('   requests a second', Math.round(median(ours)).toLocaleString('en'), '');
line('start to first response, ms', String(Math.round(startMs)), '≤ 1000');
child.kill('SIGTERM');
await new Promise((resolve) => child.once('close', resolve));
agent.destroy();
db.close();
rmSync(folder, { recursive: true, force: true });
