// Makes src/schema-types.ts from the schemas of settings and feed documents: the schema is the single source of both the
// check and the type. With --check it only says whether the committed file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFromFile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'src', 'schema-types.ts');
const options = {
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  bannerComment: '',
  cwd: join(root, 'schemas'),
  declareExternallyReferenced: true,
  format: false,
};

// The settings schema refers to the schema of feed documents, so one run makes both.
const text = `// Made from schemas/ by "npm run generate". Do not edit.\n\n${await compileFromFile(join(root, 'schemas/config.json'), options)}`;
const pretty = await format(text, { ...(await resolveConfig(target)), parser: 'typescript' });

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== pretty) {
    console.error('src/schema-types.ts is not what the schemas say: run npm run generate');
    process.exit(1);
  }
} else writeFileSync(target, pretty);
