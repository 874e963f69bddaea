// Generates everything that is derived from schemas and code: types, and the pages of docs/reference/. With --check it
// only reports files that are not up to date. The pages are made from the build, so the build runs in between.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (script, args) =>
  spawnSync(process.execPath, [join(root, script), ...args], { cwd: root, stdio: 'inherit' }).status ?? 1;

const flags = process.argv.slice(2);
const failed =
  run('scripts/generate-types.mjs', flags) ||
  run('scripts/generate-script.mjs', flags) ||
  run('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']) ||
  run('scripts/bundle.mjs', []) ||
  run('scripts/generate-docs.mjs', flags);
process.exit(failed === 0 ? 0 : 1);
