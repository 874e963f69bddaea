// Bundles the compiled program for a fast start. Loading some four hundred modules one by one takes longer than
// everything else that happens before the first response. Tests, benchmarks and generators import the modules in dist/
// themselves; `dist/main.js` runs the bundle.
import { build } from 'esbuild';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = join(import.meta.dirname, '..', 'dist');
// Two levels below the root of the package like the modules, because `kernel/paths.ts` finds files from there.
const outdir = join(dist, 'program');
rmSync(outdir, { recursive: true, force: true });
await build({
  // Threads are loaded by their names, beside the module that starts them.
  entryPoints: [
    'main.js',
    'store/sqlite/writer.js',
    'store/sqlite/checker.js',
    'feeds/staging-thread.js',
  ].map((path) => join(dist, path)),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  logLevel: 'warning',
});
writeFileSync(join(dist, 'main.js'), "#!/usr/bin/env node\nimport './program/main.js';\n");
chmodSync(join(dist, 'main.js'), 0o755);
