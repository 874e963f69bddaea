// Bundles src/web/browser into src/web/shared/enhance-text.ts, which holds the script of the console as a text. With
// --check it only reports whether the committed file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'src/web/shared/enhance-text.ts');
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/web/browser/enhance.ts')],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2020',
  charset: 'ascii',
});
const text = await format(
  `/** Made from src/web/browser by scripts/generate-script.mjs: the script of the console. */\nexport const ENHANCE = ${JSON.stringify(outputFiles[0].text)};\n`,
  { ...(await resolveConfig(target)), parser: 'typescript' },
);
const present = (() => {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return '';
  }
})();
if (present !== text) {
  if (process.argv.includes('--check')) {
    console.error('src/web/shared/enhance-text.ts is not up to date. Run: npm run generate');
    process.exit(1);
  }
  writeFileSync(target, text);
}
