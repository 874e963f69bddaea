// Measures how long 20 people with the right passwords wait while others guess 50 times a second, and how much
// processor time authentication and policy need for a poll with a key. Usage: npm run bench:sign-in. It prints the
// targets and asserts nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PEOPLE = 20;
const GUESSES_A_SECOND = 50;
const SECONDS = 20;
const COLLECTION = 'f8ebb1d7-9263-44c5-90ef-6b7c8d9e0f10';
const KEY = 'bench-key-0123456789abcdef0123456789abcdef';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'talanoa-sign-in-'));
const config = join(folder, 'talanoa.yaml');
const people = Array.from({ length: PEOPLE }, (_, i) => ({
  name: `person-${i}`,
  password: `seven green turtles swim ${i}`,
  home: `198.51.${100 + i}.7`,
}));
const environment = {
  BENCH: KEY,
  ...Object.fromEntries(people.map(({ password }, i) => [`PASSWORD_${i}`, password])),
};
writeFileSync(
  config,
  `api_roots: [{ path: main }]
collections: [{ id: ${COLLECTION}, api_root: main, title: Bench, grants: [{ to: "account:b", read: true }] }]
limits: { trusted_proxies: [127.0.0.1] }
sign_in: { second_factor: optional }
members: [{ name: tonga }]
accounts:
  - { name: b, role: machine, key_env: BENCH }
${people.map(({ name }, i) => `  - { name: ${name}, role: officer, member: tonga, person: true, password_env: PASSWORD_${i} }`).join('\n')}
`,
);

const agent = new http.Agent({ keepAlive: true, maxSockets: 400 });
let port = 0;

/** Sends a request from an address, as a proxy passes it on. Returns the status and the milliseconds. */
function send(method, path, from, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const out = http.request(
      {
        host: '127.0.0.1', port, method, path, agent,
        headers: { 'X-Forwarded-For': from, 'Content-Length': Buffer.byteLength(body), ...headers },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode, ms: performance.now() - begun }));
      },
    ); // prettier-ignore
    out.on('error', reject);
    out.end(body);
  });
}

const ways = {
  console: (name, password, from) =>
    send(
      'POST', '/console/sign-in', from,
      { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' },
      new URLSearchParams({ account: name, password }).toString(),
    ),
  API: (name, password, from) =>
    send(
      'POST', '/api/v1/sessions', from,
      { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
      JSON.stringify({ account: name, password }),
    ),
  Basic: (name, password, from) =>
    send('GET', '/api/v1/whoami', from, { Authorization: `Basic ${btoa(`${name}:${password}`)}` }),
}; // prettier-ignore

async function start() {
  const child = spawn(
    process.execPath,
    [join(root, 'dist/main.js'), 'serve', '--config', config, '--data', join(folder, 'data'), '--port', '0', '--no-feeds'],
    { env: { ...process.env, ...environment, TALANOA_LOG_LEVEL: 'error' }, stdio: ['ignore', 'pipe', 'inherit'] },
  ); // prettier-ignore
  port = await new Promise((resolve) =>
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = Number(/"port":(\d+)/.exec(line)?.[1]);
      if (found > 0) resolve(found);
    }),
  );
  return child;
}

async function stop(child) {
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await over;
}

/** Counts equal words. */
function tally(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} × ${word}`).join(', ');
}

let number = 0;
/** Guesses evenly for some seconds, each time from another address, at the accounts that `names` returns. */
async function guess(seconds, names, way) {
  const open = [];
  const begun = performance.now();
  for (let i = 0; i < seconds * GUESSES_A_SECOND; i++) {
    await wait(Math.max(0, begun + (i * 1_000) / GUESSES_A_SECOND - performance.now()));
    number++;
    const from = `10.${number % 250}.${Math.floor(number / 250) % 250}.${Math.floor(number / 62_500) + 1}`;
    open.push(ways[way](names(i), `wrong turtles swim ${number}`, from));
  }
  return Promise.all(open);
}

async function measure(way, what, names, homeOf) {
  // A hub that has just started has verified no password yet.
  const child = await start();
  const guessed = guess(SECONDS, names, way);
  await wait((SECONDS * 1_000) / 2);
  const answers = await Promise.all(people.map((one) => ways[way](one.name, one.password, homeOf(one))));
  const ok = answers.filter(({ status }) => status < 400).length;
  const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const guesses = await guessed;
  await stop(child);
  console.log(
    `${`${way}, ${what}`.padEnd(34)}${`${ok} of ${PEOPLE}`.padEnd(11)}${String(Math.round(times[Math.floor(PEOPLE / 2)])).padStart(8)}${String(Math.round(times.at(-1))).padStart(9)}   ${tally(guesses.map(({ status }) => status))}`,
  );
}

try {
  const first = await start();
  for (const { name, password, home } of people)
    for (const way of ['console']) {
      const { status } = await ways[way](name, password, home);
      if (status >= 400) throw new Error(`${name} was answered ${status}`);
    }
  await stop(first);

  console.log(
    `${PEOPLE} people at once, amid ${GUESSES_A_SECOND} guesses a second; target: ${PEOPLE} of ${PEOPLE}, slowest under 2000 ms\n`,
  );
  console.log(`${'way'.padEnd(34)}${'signed in'.padEnd(11)}median ms  slowest   guesses by status`);
  const both = (i) => (i % 2 === 0 ? people[(i / 2) % PEOPLE].name : `name-${number}`);
  // Guesses at an account slow down later sign-ins from new places, even after a restart. This measurement therefore
  // runs first, and its guesses use other names.
  await measure('console', 'from new places', () => `name-${number}`, ({ home }) => home.replace('198.51', '203.0')); // prettier-ignore
  for (const way of Object.keys(ways)) await measure(way, 'from known places', both, ({ home }) => home);
} finally {
  agent.destroy();
}

// In this process, without HTTP: the work of the hub for a poll with a key, before it queries the store.
const dist = (path) => import(join(root, 'dist', path));
const [{ loadConfig }, { compose }, { createLog }, { systemClock }, { Authenticator }, { Ledger }, { Rates }] =
  await Promise.all([
    dist('config/load.js'), dist('server/compose.js'), dist('kernel/log.js'), dist('kernel/clock.js'), dist('access/authenticate.js'),
    dist('access/ledger.js'), dist('access/rates.js'),
  ]); // prettier-ignore
const log = createLog('error');
const settings = loadConfig({ config, data: join(folder, 'data') }, environment);
const hub = await compose(settings, log);
const ledger = new Ledger(hub.store, hub.directory, systemClock, log);
// All credentials are right, so nothing is throttled.
const authenticator = new Authenticator(hub.directory, systemClock, ledger, undefined, undefined);
const rates = new Rates(settings.rates, systemClock);
const from = { address: '203.0.113.5', agent: 'bench' };
async function poll() {
  const principal = await authenticator.authenticate(`Bearer ${KEY}`, from);
  rates.take(principal.account, 'reads');
  await hub.outlet.find(principal, 'main', COLLECTION);
}
const POLLS = 100_000;
for (let i = 0; i < POLLS / 10; i++) await poll();
const before = process.cpuUsage();
for (let i = 0; i < POLLS; i++) await poll();
const { user, system } = process.cpuUsage(before);
console.log(
  `\nAuthentication and policy of a poll by key: ${((user + system) / POLLS).toFixed(1)} µs of processor time; target: under 100 µs`,
);
await hub.stop();
rmSync(folder, { recursive: true, force: true });
