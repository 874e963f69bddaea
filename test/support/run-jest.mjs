// Runs a suite, or the files that match the patterns given, with jest and closes with one line `N passed, N failed, N skipped`, made from jest's own counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const args = process.argv.slice(2);
const at = args.indexOf('--suite');
const suite = at < 0 ? 'main' : args.splice(at, 2)[1];
// The browser and real-client suites need what only CI installs; the main suite needs nothing but node_modules.
const paths = {
  main: ['test/(unit|contract|http|e2e|model|architecture)'],
  mongo: ['test/(contract|e2e/(pollers|crash|roles))'],
  attack: ['test/attack'],
  fuzz: ['test/fuzz'],
  crash: ['test/e2e/crash'],
  contract: ['test/contract/mongo'],
  model: ['test/model'],
  browser: ['test/browser'],
  clients: ['test/clients'],
};
const folder = mkdtempSync(join(tmpdir(), 'talanoa-jest-'));
const output = join(folder, 'result.json');
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${output}`,
    // Jest leaves one processor free by default. With two processors that would be half.
    '--maxWorkers=2',
    '--testPathPatterns',
    ...(args.some((argument) => !argument.startsWith('-')) ? [] : paths[suite]),
    ...args,
  ],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: process.env, timeout: 1_700_000 },
);
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const result = JSON.parse(readFileSync(output, 'utf8'));
  passed = result.numPassedTests;
  failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped = result.numPendingTests + result.numTodoTests;
} catch {
  failed = 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(run.status !== 0 || failed > 0 || passed === 0 ? 1 : 0);
