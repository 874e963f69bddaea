// Measures the effect of slow and silent clients. 200 connections never begin TLS. 200 send one byte per second, half
// of them in the head and half in the body. Meanwhile, a normal request is sent every 250 ms over a new connection.
// Needs openssl for a certificate. Usage: npm run bench:sockets [-- SILENT SLOW], default 200 200.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { connect } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { COLLECTION, KEY, MEDIA } from './taxii.mjs';

/** A normal request over a connection of its own. Returns its time in milliseconds. */
function ask(port) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    https
      .get(
        {
          port,
          host: '127.0.0.1',
          path: `/main/collections/${COLLECTION}/objects/`,
          headers: { Authorization: `Bearer ${KEY}`, Accept: MEDIA },
          agent: false,
          rejectUnauthorized: false,
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            if (response.statusCode === 200) resolve(performance.now() - begun);
            else reject(new Error(`answered ${response.statusCode}`));
          });
        },
      )
      .on('error', reject);
  });
}

/** Sends normal requests from a separate thread, so that the work of the other clients does not delay them. */
async function askUntilTold(port) {
  const times = [];
  const state = { isOver: false };
  parentPort.once('message', () => (state.isOver = true));
  while (!state.isOver) {
    times.push(await ask(port));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  parentPort.postMessage(times);
}

if (!isMainThread) await askUntilTold(workerData);
else await measure();

async function measure() {
  const TARGET_S = 75;
  const [silent, slow] = [Number(process.argv[2] ?? 200), Number(process.argv[3] ?? 200)];
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-sockets-'));
  const [cert, key] = [join(folder, 'hub.crt'), join(folder, 'hub.key')];
  execFileSync(
  'openssl',
  ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-out', cert, '-keyout', key],
  { stdio: 'ignore' },
); // prettier-ignore
  const config = join(folder, 'talanoa.yaml');
  writeFileSync(
    config,
    `listen: { tls: { cert_file: ${cert}, key_file: ${key} } }
collections: [{ id: ${COLLECTION}, api_root: main, title: Bench, grants: [{ to: "account:bench", read: true, write: true }] }]
accounts: [{ name: bench, role: machine, key_env: BENCH_KEY }]
`,
  );
  const main = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'main.js');
  const child = spawn(
    process.execPath,
    [main, 'serve', '--port', '0', '--config', config, '--data', join(folder, 'data'), '--no-feeds'],
    { env: { PATH: process.env.PATH, BENCH_KEY: KEY }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /"port":(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('close', () => reject(new Error('the hub did not start')));
  });
  const descriptors = () => readdirSync(`/proc/${child.pid}/fd`).length;

  const HEAD = `GET /taxii2/ HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(10_000)}`;
  const BODY = `POST /main/collections/${COLLECTION}/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: ${MEDIA}\r\nContent-Length: 100000\r\n\r\n`;

  /** Sends one byte per second until the hub closes the connection. */
  function drip(socket, at, text) {
    let next = at;
    const timer = setInterval(() => socket.write(text[next++] ?? ' '), 1_000);
    socket.once('close', () => clearInterval(timer));
  }

  // The hub prepares its validation after it has begun to listen.
  await ask(port);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const before = descriptors();
  const normal = new Worker(fileURLToPath(import.meta.url), { workerData: port });
  const begun = performance.now();
  const closed = { silent: [], slow: [] };
  const watch = (socket, list) => {
    socket.on('error', () => undefined);
    socket.resume();
    return new Promise((resolve) =>
      socket.once('close', () => {
        list.push((performance.now() - begun) / 1_000);
        resolve();
      }),
    );
  };
  const all = [];
  for (let i = 0; i < silent; i++) all.push(watch(connect(port, '127.0.0.1'), closed.silent));
  for (let i = 0; i < slow; i++) {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      if (i % 2 === 0) drip(socket, 0, HEAD);
      else {
        socket.write(BODY);
        drip(socket, 0, '{');
      }
    });
    all.push(watch(socket, closed.slow));
  }
  const state = { isOver: false };
  const deadline = setTimeout(() => (state.isOver = true), TARGET_S * 1_000 + 15_000);
  void Promise.all(all).then(() => (state.isOver = true));
  let most = 0;
  while (!state.isOver) {
    most = Math.max(most, descriptors());
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  clearTimeout(deadline);
  const after = descriptors();
  const times = await new Promise((resolve, reject) => {
    normal.once('message', resolve);
    normal.once('error', reject);
    normal.postMessage('over');
  });

  const line = (name, value, target) => console.log(`${name.padEnd(58)} ${value.padEnd(26)} ${target}`);
  const last = (list, many) => `${list.length} of ${many}, last after ${Math.max(0, ...list).toFixed(1)} s`;
  console.log(`\n${silent} silent and ${slow} slow TLS connections, Node ${process.version}, one run\n`);
  line('what', 'measured', 'target');
  line('silent connections closed', last(closed.silent, silent), `all, ≤ ${TARGET_S} s`);
  line('slow connections closed', last(closed.slow, slow), `all, ≤ ${TARGET_S} s`);
  const sorted = times.toSorted((a, b) => a - b);
  line(
    `normal requests meanwhile: slowest (median) of ${times.length}`,
    `${sorted.at(-1).toFixed(0)} ms (${sorted[sorted.length >> 1].toFixed(0)} ms)`,
    '≤ 1000 ms',
  );
  line('load average of the machine', loadavg()[0].toFixed(1), '');
  line('descriptors of the hub before / most / after', `${before} / ${most} / ${after}`, ''); // prettier-ignore
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
