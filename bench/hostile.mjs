// Sends all hostile requests to a hub of its own and measures how much its resident memory grows.
// Usage: npm run bench:hostile [-- ROUNDS], default 1. The target is growth of less than 128 MB.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange, faultOf, hostileRequests } from './hostile-corpus.mjs';
import { COLLECTION, KEY, request, startHub } from './taxii.mjs';

const BOSS = 'bench-boss-0123456789abcdef0123456789abcdef';
const AT_ONCE = 8;
/** Memory has settled when it has not fallen by more than this for some seconds. */
const SETTLED_KB = 2_048;

function memoryOf(pid, field = 'VmRSS') {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

/** The resident memory after the hub has been idle for a while: at least 30 s, at most a minute. */
async function settled(pid) {
  let last = memoryOf(pid);
  let calm = 0;
  for (let second = 0; second < 60 && calm < 30; second++) {
    await pause(1_000);
    const now = memoryOf(pid);
    calm = last - now > SETTLED_KB ? 0 : calm + 1;
    last = now;
  }
  return last;
}

async function main() {
  const rounds = Number(process.argv[2] ?? 1);
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-bench-'));
  const agent = new http.Agent({ keepAlive: true });
  const hub = await startHub(folder, agent, {
    secrets: { BOSS },
    accounts: ', { name: boss, role: administrator, key_env: BOSS }',
    maxContentLength: 10_485_760,
  });
  try {
    const stamp = '2026-01-01T00:00:00.000Z';
    const indicator = () => ({ type: 'indicator', spec_version: '2.1', id: `indicator--${randomUUID()}`, created: stamp, modified: stamp, pattern: "[ipv4-addr:value = '192.0.2.1']", pattern_type: 'stix', valid_from: stamp }); // prettier-ignore
    const path = `/main/collections/${COLLECTION}/objects/`;
    // Warms up the hub. The code that it loads and compiles for the first objects is not growth.
    for (let i = 0; i < 20; i++)
      await request(agent, hub.port, 'POST', path, Buffer.from(JSON.stringify({ objects: Array.from({ length: 50 }, indicator) }))); // prettier-ignore
    const { next } = JSON.parse((await request(agent, hub.port, 'GET', `${path}?limit=1`)).body);
    const api = JSON.parse((await request(agent, hub.port, 'GET', '/api/openapi.json')).body);
    const origin = `http://127.0.0.1:${hub.port}`;
    const cases = hostileRequests({
      collection: COLLECTION,
      peer: KEY,
      account: 'b',
      boss: BOSS,
      origin,
      next,
      api,
    });
    const before = await settled(hub.child.pid);
    let right = 0;
    const begun = performance.now();
    for (let round = 0; round < rounds; round++) {
      const waiting = cases.values();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const one of waiting) {
            const answer = await exchange(hub.port, one.bytes);
            const fault = faultOf(one, answer);
            if (fault === undefined) right++;
            else
              console.log(
                `  ${one.kind}: ${one.name.slice(0, 100)}: ${fault}: ${(answer ?? '').slice(0, 200)}`,
              );
          }
        }),
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    const directly = memoryOf(hub.child.pid);
    const after = await settled(hub.child.pid);
    const mb = (kb) => `${(kb / 1024).toFixed(0)} MB`;
    console.log(
      `hostile requests answered as they should be: ${right} of ${cases.length * rounds} (${seconds.toFixed(0)} s, ${AT_ONCE} at once)`,
    );
    console.log(
      `resident memory: ${mb(before)} before, ${mb(directly)} directly after, ${mb(after)} settled, ${mb(memoryOf(hub.child.pid, 'VmHWM'))} at its highest`,
    );
    console.log(`growth: ${mb(after - before)} (target: less than 128 MB)`);
    process.exitCode = right === cases.length * rounds && after - before < 128 * 1024 ? 0 : 1;
  } finally {
    const ended = new Promise((resolve) => hub.child.once('close', resolve));
    hub.child.kill('SIGTERM');
    await ended;
    agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
