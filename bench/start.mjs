// Measures the start of the hub until its first response, its memory while idle, and short commands. With a second build
// it measures both in turn, so that other work of the machine disturbs both alike. Usage:
//   npm run bench:start [-- RUNS [FOLDER_OF_ANOTHER_CHECKOUT]]
// Prints the median and the lowest of each row. Times are by the clock, and in brackets the processor time of all
// threads. Memory is what the system counts for the process (VmRSS), and how much of it no other process shares, a minute
// after the first response, with the data folder and the feeds of `talanoa init`. Needs Linux, because it reads /proc.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const runs = Number(process.argv[2] ?? 5);
const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const builds = [here, ...process.argv.slice(3)].map((folder) => join(folder, 'dist/main.js'));
/** Time after the first response at which memory is measured. The hub has returned the memory of its start by then. */
const IDLE_MS = 60_000;
const TICKS = 100;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a hub with the data folder of `init`, asks it once, and measures it while it is idle. */
async function measure(main) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-start-'));
  const data = join(folder, 'data');
  const result = { init: command(main, folder, ['init', '--data', data]) };
  const begun = performance.now();
  const child = spawn(process.execPath, [main, 'serve', '--data', data, '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise((resolve) =>
    lines.on('line', (line) => {
      const found = /"event":"hub\.started".*?"port":(\d+)|:(\d{4,5})\b/.exec(line);
      if (found !== null) resolve(Number(found[1] ?? found[2]));
    }),
  );
  await answer(port);
  result.start = performance.now() - begun;
  result['start (processor)'] = processorTime(child.pid);
  result.status = command(main, folder, ['status', '--data', data]);
  await wait(IDLE_MS);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const rollup = readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8');
  const kilobytes = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  result['idle VmRSS'] = kilobytes(status, 'VmRSS') / 1024;
  result['idle private'] = (kilobytes(rollup, 'Private_Dirty') + kilobytes(rollup, 'Private_Clean')) / 1024;
  result['idle Rss_Anon'] = kilobytes(status, 'RssAnon') / 1024;
  result.threads = kilobytes(status, 'Threads');
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('exit', resolve));
  result.version = command(main, folder, ['--version']);
  rmSync(folder, { recursive: true, force: true });
  return result;
}

function answer(port) {
  return new Promise((resolve, reject) => {
    http
      .get({ port, host: '127.0.0.1', path: '/healthz' }, (response) => {
        response.resume();
        response.on('end', resolve);
      })
      .on('error', reject);
  });
}

/** The time of a command in milliseconds. */
function command(main, cwd, args) {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd });
  if (status !== 0) throw new Error(`talanoa ${args.join(' ')} ended with ${status}: ${String(stderr)}`);
  return performance.now() - begun;
}

/** The processor time of a process so far, in milliseconds. */
function processorTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

const results = builds.map(() => []);
for (let run = 0; run < runs; run++)
  for (const [i, main] of builds.entries()) results[i].push(await measure(main));

const TARGETS = { start: 1_000, status: 400, version: 250, 'idle VmRSS': 100 };
for (const name of Object.keys(results[0][0])) {
  const unit = name.startsWith('idle') ? 'MB' : name === 'threads' ? '' : 'ms';
  const texts = results.map((of) => {
    const sorted = of.map((one) => one[name]).toSorted((a, b) => a - b);
    return `${sorted[sorted.length >> 1].toFixed(0)} ${unit} (lowest ${sorted[0].toFixed(0)})`;
  });
  const target = TARGETS[name] === undefined ? '' : `  target: below ${TARGETS[name]} ${unit}`;
  console.log(`${name.padEnd(20)} ${texts.join('  |  ')}${target}`);
}
