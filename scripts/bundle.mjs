// Bundles the compiled program for a fast start. Loading some four hundred modules one by one takes longer than
// everything else that happens before the first response. Tests, benchmarks and generators import the modules in dist/
// themselves; `dist/main.js` runs the bundle.
import { build } from 'esbuild';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { writeChecks } from './checks.mjs';

/**
 * Packages that are included in the bundle, with everything that they import. They consist of many small modules. To load
 * these one by one makes each start slow, and a request that loads them would keep other requests waiting for more than
 * 100 ms. Packages with native code or with threads of their own cannot be included.
 */
const BUNDLED = new Set([
  '@simplewebauthn/server',
  '@streamparser/json',
  'commander',
  'express',
  'fastest-levenshtein',
  'helmet',
  'htmlparser2',
  'ipaddr.js',
  'luxon',
  'node-cron',
  'otpauth',
  'p-limit',
  'pino',
  'preact',
  'preact-render-to-string',
  'preact/hooks',
  'preact/jsx-runtime',
  'prom-client',
  're2js',
  'string-width',
  'tldts',
  'uqr',
  'yaml',
  'yauzl',
]);
const PACKAGES = `${sep}node_modules${sep}`;

/** All other packages are loaded from node_modules. */
const otherPackages = {
  name: 'other packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) =>
      kind === 'entry-point' || BUNDLED.has(path) || `${resolveDir}${sep}`.includes(PACKAGES)
        ? undefined
        : { path, external: true },
    );
  },
};

/**
 * Express exports the parsers of bodies of this package, which bring half a megabyte of tables of character encodings. The
 * hub reads bodies itself (`kernel/http-bodies.ts`), so the bundle has functions in their place that name themselves.
 */
const noBodyParsers = {
  name: 'no body parsers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^body-parser$/ }, () => ({ path: 'body-parser', namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
      contents: ['json', 'raw', 'text', 'urlencoded']
        .map(
          (name) => `exports.${name} = () => { throw new Error('express.${name} is not in the bundle'); };`,
        )
        .join('\n'),
    }));
  },
};

/**
 * Escapes the characters beyond Latin-1 of messages. The bundler does that in strings, but not in tagged templates, and V8
 * keeps a text with one such character in twice the memory.
 */
const escapedMessages = {
  name: 'escaped messages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]shared[\\/]messages[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        /[\u{100}-\u{10ffff}]/gu,
        (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
      ),
    }));
  },
};

const dist = join(import.meta.dirname, '..', 'dist');
// Two levels below the root of the package like the modules, because `kernel/paths.ts` finds files from there.
const outdir = join(dist, 'program');
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  // Threads are loaded by their names, next to the module that starts them.
  entryPoints: [
    'main.js',
    'store/sqlite/writer.js',
    'store/sqlite/checker.js',
    'feeds/staging-thread.js',
    'sharing/extraction/document-process.js',
  ].map((path) => join(dist, path)),
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  plugins: [noBodyParsers, escapedMessages, otherPackages],
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  // CommonJS packages in the bundle call `require` for modules of Node.js.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  // Less text is parsed faster. The names of functions stay as they are.
  minifyWhitespace: true,
  lineLimit: 120,
  // The licences are in licences.txt.
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
});
const checked = writeChecks(join(dist, 'checks'));
writeFileSync(join(outdir, 'licences.txt'), licences([...Object.keys(metafile.inputs), ...checked]));
writeFileSync(join(dist, 'main.js'), "#!/usr/bin/env node\nimport './program/main.js';\n");
chmodSync(join(dist, 'main.js'), 0o755);

/** Returns the licences of the packages whose files are in the bundle. Their terms require that the texts are included. */
function licences(files) {
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0]);
  return [...new Set(folders)]
    .filter((folder) => folder !== undefined)
    .toSorted()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
      if (texts.length === 0) throw new Error(`${name} has no licence text`);
      return [`${name} ${version}`, ...texts.map((file) => readFileSync(join(folder, file), 'utf8'))].join(
        '\n\n',
      );
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}
