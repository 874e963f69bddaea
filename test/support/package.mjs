// Packs the program, installs the package into an empty folder without scripts, and runs it there. The folder gets the
// locked versions, so what `npm ci` has downloaded is enough and no network is needed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'talanoa-package-'));
/** @type {(command: string, args: readonly string[], cwd?: string) => string} */
const run = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const packed = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  const [{ filename, files }] = packed;
  const paths = files.map(({ path }) => path);
  // `npm start` runs this script, also in an unpacked package.
  const strange = paths.filter(
    (path) =>
      path !== 'scripts/start.mjs' &&
      /^(?:src|test|bench|scripts)\/|\.(?:test|tsbuildinfo)\b|\.env/.test(path),
  );
  if (strange.length > 0) throw new Error(`the package contains ${strange.join(', ')}`);

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const dependencies = { talanoa: `file:${filename}` };
  const { version, license, bin, engines } = manifest;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      lockfileVersion: lock.lockfileVersion,
      requires: true,
      packages: {
        '': { dependencies },
        'node_modules/talanoa': {
          version, license, bin, engines, resolved: dependencies.talanoa, dependencies: manifest.dependencies,
        },
        ...Object.fromEntries(shipped),
      },
    }),
  ); // prettier-ignore
  run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']);

  const installed = join(folder, 'node_modules', 'talanoa');
  const program = join(folder, 'node_modules', '.bin', 'talanoa');
  const told = run(program, ['--version']).trim();
  if (told !== version) throw new Error(`--version says ${told}, not ${version}`);
  const bundle = join(folder, 'bundle.json');
  writeFileSync(
    bundle,
    JSON.stringify({
      type: 'indicator',
      spec_version: '2.1',
      id: 'indicator--9c8b6744-421b-4bee-b234-2d694aa6a67a',
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      pattern: "[url:value = 'http://a.example/']",
      pattern_type: 'stix',
      valid_from: '2026-01-01T00:00:00Z',
    }),
  );
  run(program, ['validate', bundle]);
  // `serve`, with one object written and read.
  run(process.execPath, [join(root, 'test/support/smoke.mjs'), installed]);
  process.stdout.write(`${filename}: ${paths.length} files, installed and run\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
