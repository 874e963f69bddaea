// Measures the longest time for which one request of each kind blocks the main thread of a large hub. Usage: npm run
// bench:blocks [-- PART...], with the parts envelopes, contents, operations and refusals (all by default). Ends with 1
// when a request needed more processor time at once than the target, or had another status than expected. By the clock, a
// block also contains the time in which the machine did something else.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { fillLargeHub } from './large-hub.mjs';
import { ACCOUNTS, apiRows, SECRETS, TAXII_ROWS } from './operations.mjs';
import { HUB_URL, peopleSite, SAME_PAGE, testModule } from './people.mjs';
import { COLLECTION, KEY, MEDIA, request, startHub } from './taxii.mjs';

const wanted = process.argv.slice(2);
const isWanted = (part) => wanted.length === 0 || wanted.includes(part);

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
const AMBER = 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82';
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
  '8 texts of 1 MB': () =>
    envelope(indicator(Object.fromEntries(list(8, (i) => [`x_text_${i}`, 'x'.repeat(1_000_000)])))),
  '11 objects of 8 texts of 1 MB': () =>
    envelope(...list(11, () => indicator(Object.fromEntries(list(8, (i) => [`x_text_${i}`, 'x'.repeat(1_000_000)]))))),
  'an object of 90 texts of 1 MB': () =>
    envelope(indicator(Object.fromEntries(list(90, (i) => [`x_text_${i}`, 'x'.repeat(1_000_000)])))),
  '100,000 members in dictionaries': () =>
    envelope(
      indicator(Object.fromEntries(list(11, (k) => [`x_part_${k}`, Object.fromEntries(list(8_900, (i) => [`name_${i}`, 'x']))]))),
    ),
  '180,000 selectors': () =>
    envelope(
      indicator({ granular_markings: list(199, () => ({ marking_ref: AMBER, selectors: list(900, () => 'name') })) }),
    ),
  '39,000 external references': () =>
    envelope(indicator({ external_references: list(39_000, (i) => ({ source_name: 'x', url: `http://x/${i}` })) })),
  '9,900 extensions': () =>
    envelope({
      type: 'file', spec_version: '2.1', id: id('file'), name: 'x',
      extensions: Object.fromEntries(list(9_900, () => [id('extension-definition'), { extension_type: 'property-extension', x: 1 }])),
    }),
  '3,000 values nested 60 deep': () => envelope(indicator({ x_list: list(3_000, () => list(60, () => 0).reduce((value) => [value], 1)) })),
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

/** Statuses of envelopes that are refused as a whole. */
const STATUSES = { 'a body that is not JSON, of 100 MB': 413 };

const BOSS = 'bench-boss-0123456789abcdef0123456789abcdef';
const MACHINE = 'bench-machine-0123456789abcdef0123456789ab';
const folder = mkdtempSync(join(tmpdir(), 'talanoa-blocks-'));
const file = join(folder, 'block');
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
process.env.BLOCK_METER = file;
process.env.NODE_OPTIONS = `--import=${join(dirname(fileURLToPath(import.meta.url)), 'block-meter.mjs')}`;
const source = http.createServer(({ url }, response) => {
  response.setHeader('Content-Type', 'text/plain');
  const lines = url === '/short.txt' ? 1_000 : 100_000;
  response.end(list(lines, (i) => `198.51.${(i >> 8) & 255}.${i & 255}\n`).join(''));
});
await new Promise((resolve) => source.listen(0, '127.0.0.1', resolve));
const mail = await (await testModule('mail-servers.ts')).mailServer();
await fillLargeHub(join(folder, 'data'));
const hub = await startHub(folder, agent, {
  accounts:
    ', { name: boss, role: administrator, person: true, key_env: BOSS }, { name: p, role: machine, member: fiji, key_env: MACHINE }' +
    ACCOUNTS,
  secrets: { BOSS, MACHINE, ...SECRETS },
  settings: `members: [{ name: fiji, countries: [FJ], collection: true }, { name: samoa, countries: [WS], collection: true }]\negress: { allow: ["127.0.0.1:${source.address().port}"] }
hub: { url: "${HUB_URL}" }
mail: { server: "smtp://127.0.0.1:${mail.port}", from: hub@hub.example, insecure: true }
sign_in: { second_factor: optional, oidc: { issuer: "http://127.0.0.1:${source.address().port}/provider", client_id: bench } }
`,
});
delete process.env.NODE_OPTIONS;

/** Returns the longest block since the last call, by the clock and by the processor time of the main thread. */
async function block() {
  rmSync(file, { force: true });
  hub.child.kill('SIGUSR2');
  for (;;) {
    await wait(20);
    try {
      const text = readFileSync(file, 'utf8');
      const [clock, processor] = text.split(' ').map(Number);
      if (processor !== undefined) return { clock, processor };
    } catch {
      // Not written yet.
    }
  }
}

const TARGET_MS = 100;
let faults = 0;
const line = (name, status, { clock, processor }, more = '') => {
  if (processor > TARGET_MS) faults++;
  const mark = processor > TARGET_MS ? '   TOO LONG' : '';
  console.log(
    `${name.padEnd(54)}${String(status).padEnd(9)}${clock.toFixed(0).padEnd(10)}${processor.toFixed(0).padEnd(16)}≤ ${TARGET_MS}${mark}${more}`,
  );
};
console.log(`${''.padEnd(63)}longest block, ms`);
console.log(
  `${'request'.padEnd(54)}${'status'.padEnd(9)}${'clock'.padEnd(10)}${'processor'.padEnd(16)}target`,
);
/** Measures a request, which must have the given status. Otherwise it would measure something unintended. */
async function measure(name, expected, send, holds = () => true) {
  await block();
  const answer = await send();
  await wait(50);
  const isExpected = answer.status === expected && holds(answer);
  if (!isExpected) faults++;
  const text = isExpected ? '' : `   EXPECTED ${expected}: ${String(answer.body ?? '').slice(0, 300)}`;
  line(name, answer.status, await block(), text);
  return answer;
}
/** A request. */
function send(method, path, bytes, headers) {
  return new Promise((resolve, reject) => {
    const length = bytes === undefined ? {} : { 'Content-Length': bytes.length };
    const out = http.request({ port: hub.port, method, path, headers: { ...headers, ...length }, agent, host: '127.0.0.1' }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }); // prettier-ignore
    out.on('error', reject);
    out.end(bytes);
  });
}
/** A request to the API. */
function api(method, path, body, key = BOSS, type = 'application/json', more = {}) {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  return send(method, `/api/v1${path}`, bytes, {
    ...(key === '' ? {} : { Authorization: `Bearer ${key}` }),
    ...(bytes === undefined ? {} : { 'Content-Type': type }),
    ...more,
  });
}

/** Sends a gzip body to the collection. */
function zipped(body) {
  return new Promise((resolve, reject) => {
    const bytes = gzipSync(body);
    const headers = {
      Authorization: `Bearer ${KEY}`, Accept: MEDIA, 'Content-Type': MEDIA, 'Content-Encoding': 'gzip', 'Content-Length': bytes.length,
    }; // prettier-ignore
    const out = http.request({ port: hub.port, method: 'POST', path: PATH, headers, agent, host: '127.0.0.1' }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode }));
    }); // prettier-ignore
    out.on('error', reject);
    out.end(bytes);
  });
}

const envelopes = async () => {
  // The first object of a type compiles its schema, and is measured like everything else.
  await measure('POST the first certificate after the start', 202, () =>
  request(agent, hub.port, 'POST', PATH, envelope({ type: 'x509-certificate', spec_version: '2.1', id: id('x509-certificate') })),
); // prettier-ignore
  await measure('POST the first file after the start', 202, () =>
    request(
      agent,
      hub.port,
      'POST',
      PATH,
      envelope({ type: 'file', spec_version: '2.1', id: id('file'), name: 'x' }),
    ),
  );
  let statusPath = '';
  for (const [name, body] of Object.entries(bodies)) {
    const bytes = body();
    await measure(`POST ${name}`, STATUSES[name] ?? 202, async () => {
      const answer = await request(agent, hub.port, 'POST', PATH, bytes);
      if (name === '90,000 tiny objects') statusPath = `/main/status/${JSON.parse(answer.body).id}/`;
      return answer;
    });
  }
  await measure('POST 5,000 indicators in gzip', 202, () => zipped(bodies['5,000 indicators']()));
  const dense = envelope(
    ...list(11, () => indicator({ x_list: list(50_000, () => Math.random().toString(36)) })),
  );
  await measure('POST 10 MB in gzip', 202, () => zipped(dense));
  await measure('GET a page of objects', 200, () => request(agent, hub.port, 'GET', `${PATH}?limit=1000`));
  await measure('GET a manifest', 200, () =>
    request(agent, hub.port, 'GET', `${PATH.replace('/objects/', '/manifest/')}?limit=1000`),
  );
  await measure('GET with 200 ids', 200, () =>
    request(agent, hub.port, 'GET', `${PATH}?match[id]=${list(200, () => id('indicator')).join(',')}`),
  );
  await measure('GET the status of 90,000 objects', 200, () => request(agent, hub.port, 'GET', statusPath));
};

const contents = async () => {
  const RED = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';
  const redReport = (refs) => ({ ...report(refs), object_marking_refs: [RED] });
  await measure('POST /red with 19,000 references', 201, () =>
    api('POST', '/red', { object: redReport(list(19_000, () => id('indicator'))), to: ['boss'] }, MACHINE),
  );
  await measure('POST /red with 45,000 bad references', 422, () =>
    api('POST', '/red', { object: redReport(list(45_000, (i) => `indicator--${i}`)), to: ['boss'] }, MACHINE),
  );
  await measure('POST /red with 90,000 values', 201, () =>
    api(
      'POST',
      '/red',
      {
        object: {
          ...indicator({ x_list: list(9_000, () => list(9, (i) => i)) }),
          object_marking_refs: [RED],
        },
        to: ['boss'],
      },
      MACHINE,
    ),
  );
  await measure('GET /red', 200, () => api('GET', '/red?limit=1000', undefined, MACHINE));
  await api('POST', `/collections/${COLLECTION}/grants`, { to: 'member:fiji', read: true, write: true });
  await measure('POST 500 objects to the API', 200, () =>
    api(
      'POST',
      `/collections/${COLLECTION}/objects`,
      {
        objects: list(500, () => indicator({ description: 'x'.repeat(1_500) })),
      },
      KEY,
    ),
  );
  await measure('POST a preview of 500 recipients', 200, () =>
    api(
      'POST',
      `/collections/${COLLECTION}/recipients`,
      {
        objects: list(500, () => indicator({ description: 'x'.repeat(1_500) })),
      },
      KEY,
    ),
  );
  await measure('POST indicators for 500 values', 200, () =>
    api(
      'POST',
      `/collections/${COLLECTION}/indicators`,
      { values: list(500, (i) => `host-${i}.some-bench-name.com`), tlp: 'green', valid_days: 30 },
      KEY,
    ),
  );
  await measure('POST a feed preview of 100,000 addresses', 200, () =>
    api('POST', '/feed-previews', {
      name: 'bench',
      collection: COLLECTION,
      url: `http://127.0.0.1:${source.address().port}/list.txt`,
      tlp: 'green',
    }),
  );
  await measure('POST 5 MB of delegations', 200, () =>
    api(
      'POST',
      '/delegations',
      Buffer.from(
        `2|apnic|20260101|1|19830613|20260101|+1000\n${list(100_000, (i) => `apnic|FJ|ipv4|27.${(i >> 8) & 255}.${i & 255}.0|256|20110101|allocated\n`).join('')}`,
      ),
      BOSS,
      'text/plain',
    ),
  );
  for (const query of ['198.51.100.1', '198.51.0.0/16', 'x', 'a.example'])
    await measure(`GET a search for ${query}`, 200, () =>
      api('GET', `/objects?q=${encodeURIComponent(query)}&limit=1000`),
    );
  await measure('GET 1,000 entries of the audit log', 200, () => api('GET', '/audit?limit=1000'));
  await measure('GET the verification of the audit log', 200, () => api('GET', '/audit/verification'));
};

// Every operation of the API and every endpoint of TAXII, with requests that name things that exist.
const operations = async () => {
  const ids = new Map();
  const filled = (value) =>
    JSON.parse(JSON.stringify(value).replaceAll(/:([a-z]+)\b/g, (text, name) => ids.get(name) ?? text));
  const rows = apiRows(
    `http://127.0.0.1:${source.address().port}`,
    await peopleSite({ mails: mail.mails, send, api, folder }),
  );
  for (const { operation, method, path, status, body, as, cookie, type, before, keep, holds } of rows) {
    await before?.(ids);
    const made = typeof body === 'function' ? await body(ids) : body;
    const sent = made === undefined || Buffer.isBuffer(made) ? made : filled(made);
    const answer = await measure(
      `${operation}: ${method} ${path.split('?')[0].slice(0, 30)}`,
      status,
      () =>
        cookie === undefined
          ? api(method, filled(path), sent, as === undefined ? '' : SECRETS[as], type)
          : api(method, filled(path), sent, '', type, { Cookie: ids.get(cookie), ...SAME_PAGE }),
      holds === undefined ? undefined : (found) => holds(JSON.parse(found.body)),
    );
    if (keep !== undefined && answer.status === status) {
      const kept = keep(answer.body.length === 0 ? undefined : JSON.parse(answer.body), answer.headers);
      for (const [name, value] of typeof kept[0] === 'string' ? [kept] : kept) ids.set(name, value);
    }
  }
  for (const { method, path, status, body, as } of TAXII_ROWS) {
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const answer = await measure(`${method} ${path.replace(COLLECTION, '…').slice(0, 48)}`, status, () =>
      request(agent, hub.port, method, filled(path), bytes, as === undefined ? KEY : SECRETS[as]),
    );
    if (method === 'POST') ids.set('status', JSON.parse(answer.body).id);
  }
};

const refusals = async () => {
  // Every operation of the API, with the largest bodies that are read. They are refused.
  const { paths } = JSON.parse((await request(agent, hub.port, 'GET', '/api/openapi.json')).body);
  const large = { numbers: list(300_000, (i) => i % 10), text: 'x'.repeat(300_000) };
  const names = Object.fromEntries(list(60_000, (i) => [`name_${i}`, 1]));
  let slowest = { clock: 0, processor: 0, name: '' };
  let count = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      if (!['get', 'post', 'put', 'patch', 'delete'].includes(method)) continue;
      const at = path.replace(/^\/api\/v1/, '').replaceAll(/\{[^}]*\}/g, 'x');
      for (const body of method === 'get' || method === 'delete' ? [undefined] : [large, names]) {
        await block();
        const { status } = await api(method.toUpperCase(), at, body);
        if (status >= 500) faults++;
        const found = await block();
        count++;
        if (found.processor > slowest.processor)
          slowest = { ...found, name: `${method.toUpperCase()} ${at}` };
      }
    }
  line(`the slowest of ${count} refused requests to the API`, '', slowest, `   ${slowest.name}`);
};

for (const [name, part] of Object.entries({ envelopes, contents, operations, refusals }))
  if (isWanted(name)) await part();
source.close();
const stopped = new Promise((resolve) => hub.child.once('close', resolve));
hub.child.kill('SIGTERM');
await stopped;
await mail.close();
agent.destroy();
rmSync(folder, { recursive: true, force: true });
process.exitCode = faults > 0 ? 1 : 0;
