// Measures how much of some rooms their direct tests cover, and compares it with coverage-floor.json. It fails when a room
// is below its floor. With --raise it writes higher floors, never lower ones. With names of rooms it measures only those.
// Coverage of child processes is not measured, so the rooms here are those whose tests run in the process of the tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'coverage-floor.json');
/** For each room, the lowest permitted percentages of lines and branches. */
const floors = JSON.parse(readFileSync(file, 'utf8'));
/** Rooms that are measured together, because the tests of one of them use the other. */
const TOGETHER = [['kernel', 'stix']];
/** Tests outside the folder of a room that call it directly: the contract of the store and its simulation, and every command. */
const ALSO = { store: ['test/contract/', 'test/model/turns'], cli: ['test/e2e/every-command'] };
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const runs = [
  ...TOGETHER,
  ...Object.keys(floors)
    .filter((room) => !TOGETHER.flat().includes(room))
    .map((room) => [room]),
].filter((rooms) => wanted.length === 0 || rooms.some((room) => wanted.includes(room)));

/** Runs the direct tests of rooms. Returns the counts of each file. */
function measure(rooms) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-coverage-'));
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'test/support/run-jest.mjs'),
      ...rooms.flatMap((room) => [`test/${room}/`, ...(ALSO[room] ?? [])]),
      '--coverage',
      '--coverageReporters=json-summary',
      `--coverageDirectory=${folder}`,
      ...rooms.map((room) => `--collectCoverageFrom=src/${room}/**/*.{ts,tsx}`),
      // Generated from schemas.
      '--collectCoverageFrom=!src/**/schema-types.ts',
    ],
    { cwd: root, stdio: 'inherit', env: { TALANOA_SCHEDULES: '60', ...process.env } },
  );
  if (run.status !== 0) {
    console.error(`The tests of ${rooms.join(' and ')} failed, so their coverage is not compared.`);
    process.exit(1);
  }
  const { total: _total, ...files } = JSON.parse(readFileSync(join(folder, 'coverage-summary.json'), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
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
for (const rooms of runs) {
  const files = measure(rooms);
  for (const room of rooms) raised[room] = compared(room, files);
}
if (process.argv.includes('--raise')) writeFileSync(file, `${JSON.stringify(raised, undefined, 2)}\n`);
for (const line of below) console.error(line);
process.exit(below.length > 0 ? 1 : 0);
