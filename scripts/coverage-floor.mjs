// Compares how much of each room its direct tests cover with coverage-floor.json. It fails when a room is below its
// floor. With --raise it writes higher floors, never lower ones. With names of rooms it measures only those. With
// --measured FOLDER it runs only tests that are not in the main suite, and compares what a run of the main suite with
// COVERAGE_FOLDER=FOLDER has measured.
// Coverage of child processes is not measured, so the rooms here are those whose tests run in the process of the tests.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isInMainSuite, testsOf } from '../test/support/room-coverage.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'coverage-floor.json');
/** For each room, the lowest permitted percentages of lines and branches. */
const floors = JSON.parse(readFileSync(file, 'utf8'));
const { values: options, positionals } = parseArgs({
  options: { raise: { type: 'boolean', default: false }, measured: { type: 'string' } },
  allowPositionals: true,
});
const rooms = positionals.length > 0 ? positionals : Object.keys(floors);
const unknown = rooms.filter((room) => !(room in floors));
if (unknown.length > 0) {
  console.error(`No floor for ${unknown.join(', ')}. Rooms: ${Object.keys(floors).join(', ')}.`);
  process.exit(2);
}

/** Runs the direct tests of rooms. Returns the folder with the results. */
function measure(rooms) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-coverage-'));
  const patterns = [...new Set(rooms.flatMap((room) => testsOf(room)))].map((path) => `test/${path}`);
  const run = spawnSync(process.execPath, [join(root, 'test/support/run-jest.mjs'), ...patterns], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      COVERAGE_FOLDER: folder,
      COVERAGE_ROOMS: rooms.join(','),
      TALANOA_SCHEDULES: '60',
    },
  });
  if (run.status !== 0) {
    console.error('Tests failed, so their coverage is not compared.');
    process.exit(1);
  }
  return folder;
}

/** The counts of each file of a room. */
function countsOf(folder, room) {
  const summary = join(folder, room, 'coverage-summary.json');
  if (!existsSync(summary)) {
    console.error(`${room}: not measured. The run of its tests did not end.`);
    process.exit(1);
  }
  const { total: _total, ...files } = JSON.parse(readFileSync(summary, 'utf8'));
  return files;
}

/** Results below their floor. They are printed last, because a gate shows only the end of a log. */
const below = [];

/** Compares a room with its floor. Returns the floor that it could have. */
function compared(room, files) {
  const floorOf = {};
  for (const kind of ['lines', 'branches']) {
    const counts = Object.entries(files)
      .filter(([path]) => relative(root, path).startsWith(`src${sep}${room}${sep}`))
      .map(([, found]) => found[kind]);
    const sum = (name) => counts.reduce((all, one) => all + one[name], 0);
    const percent = (100 * sum('covered')) / Math.max(1, sum('total'));
    const floor = floors[room][kind];
    // Property tests take other branches in each run, so the floor stays a point below what was measured.
    const whole = Math.floor(percent - 1);
    floorOf[kind] = Math.max(floor, whole);
    const found = `${room}: ${percent.toFixed(1)} % of ${kind}, floor ${floor} %`;
    if (percent < floor) {
      below.push(`${found}: below the floor. Add tests of the new code to test/${room}/.`);
    } else if (whole > floor) console.log(`${found}: raise it with "npm run coverage -- --raise"`);
    else console.log(found);
  }
  return floorOf;
}

const raised = { ...floors };
const isMeasured = (room) => options.measured !== undefined && isInMainSuite(room);
const others = rooms.filter((room) => !isMeasured(room));
const folder = others.length === 0 ? undefined : measure(others);
for (const room of rooms)
  raised[room] = compared(room, countsOf(isMeasured(room) ? options.measured : folder, room));
if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
if (options.raise) writeFileSync(file, `${JSON.stringify(raised, undefined, 2)}\n`);
for (const line of below) console.error(line);
process.exit(below.length > 0 ? 1 : 0);
