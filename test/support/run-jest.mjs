// Runs a suite, or the files that match the given patterns, with jest. Ends with the line `N passed, N failed, N
// skipped`, based on jest's own counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const args = process.argv.slice(2);
const at = args.indexOf('--suite');
/** The folders of tests that need nothing but the hub. Each has the name of the room that it tests. */
const ROOMS = [
  'access',
  'api',
  'cli',
  'config',
  'feeds',
  'kernel',
  'members',
  'project',
  'server',
  'sharing',
  'stix',
  'store',
  'taxii',
  'web',
];
/** Several suites in one run, such as `--suite attack,fuzz`, keep both workers busy. */
const suites = at < 0 ? ['main'] : (args.splice(at, 2)[1] ?? '').split(',');
// The main suite needs nothing but node_modules. The browser, clients, mongo and contract suites need what only CI
// installs. No file is in two suites that run on the same store.
const paths = {
  main: `test/(architecture|contract|e2e/(?!crash|faults)|(${ROOMS.join('|')})/)`,
  model: 'test/(model|e2e/faults)',
  crash: 'test/e2e/crash',
  attack: 'test/attack',
  fuzz: 'test/fuzz',
  mongo:
    'test/(contract/mongo|e2e/(pollers|crash|roles)|sharing/(feedback|saved-lists|suppression|values|lists/collection-removals))',
  contract: 'test/contract/mongo',
  browser: 'test/browser',
  clients: 'test/clients',
};
const unknown = suites.filter((suite) => !(suite in paths));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. Suites: ${Object.keys(paths).join(', ')}.`);
  process.exit(2);
}
// Hubs of tests use SQLite, and in this suite the server in MONGODB_TEST_URI.
const env = suites.includes('mongo') ? { ...process.env, TEST_HUBS_ON: 'mongodb' } : process.env;
/** The gate gives a suite so many seconds. Jest ends a little earlier, so that it is not left behind. */
const seconds = Number(process.env.SUITE_SECONDS ?? 1800) - 100;
/** Number of test files that are listed with their times. */
const MOST_LISTED = 12;
/** The slowest test files with their seconds: the gate has a limit, and its log shows where the time goes. */
const slowest = (files) =>
  files
    .map(({ name, startTime, endTime }) => ({
      name: relative(root, name),
      seconds: (endTime - startTime) / 1000,
    }))
    .filter(({ seconds }) => seconds >= 10)
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, MOST_LISTED)
    .map(({ name, seconds }) => `slow: ${name} ${Math.round(seconds)} s`);
const folder = mkdtempSync(join(tmpdir(), 'talanoa-jest-'));
const output = join(folder, 'result.json');
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    // The workers of jest get the flags of its process.
    ...(env.COVERAGE_FOLDER ? ['--import', join(root, 'test/support/coverage-session.mjs')] : []),
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${output}`,
    // Jest leaves one processor free by default. With two processors that would be half.
    '--maxWorkers=2',
    `--testSequencer=${join(root, 'test/support/longest-first.mjs')}`,
    '--testPathPatterns',
    ...(at < 0 && args.some((argument) => !argument.startsWith('-'))
      ? []
      : suites.map((suite) => paths[suite])),
    ...args,
  ],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env, timeout: seconds * 1000 },
);
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const result = JSON.parse(readFileSync(output, 'utf8'));
  passed = result.numPassedTests;
  failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped = result.numPendingTests + result.numTodoTests;
  for (const line of slowest(result.testResults)) console.log(line);
} catch {
  failed = 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(run.status !== 0 || failed > 0 || passed === 0 ? 1 : 0);
