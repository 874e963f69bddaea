// Makes src/config/schema-types.ts (settings, feed documents) and src/stix/schema-types.ts from schemas/: the schema is the single source of both the
// check and the type. With --check it only says whether the committed file is up to date.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, compileFromFile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const options = {
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  bannerComment: '',
  cwd: join(root, 'schemas'),
  declareExternallyReferenced: true,
  format: false,
};

/** Where each file comes from. */
const made = [
  // The settings schema refers to the schema of feed documents, so one run makes both.
  {
    target: join(root, 'src', 'config', 'schema-types.ts'),
    text: await compileFromFile(join(root, 'schemas/config.json'), options),
  },
  { target: join(root, 'src', 'stix', 'schema-types.ts'), text: await stixTypes() },
];

/** One interface for each type of STIX, and one that names them all. */
async function stixTypes() {
  const folder = join(root, 'schemas', 'stix');
  const types = readdirSync(folder)
    .map((file) => file.replace('.json', ''))
    .filter((type) => !['common', 'extensions', 'vocabularies'].includes(type));
  const all = {
    title: 'StixTypes',
    description: 'The types of STIX 2.1 by their names.',
    type: 'object',
    properties: Object.fromEntries(types.map((type) => [type, { $ref: `stix/${type}.json` }])),
    required: types,
  };
  // A reference that is narrowed beside it (a pattern, a bound) is of the type that it refers to; the tool makes another.
  const copy = mkdtempSync(join(tmpdir(), 'talanoa-types-'));
  mkdirSync(join(copy, 'stix'));
  for (const file of readdirSync(folder))
    writeFileSync(
      join(copy, 'stix', file),
      JSON.stringify(referring(JSON.parse(readFileSync(join(folder, file), 'utf8')))),
    );
  try {
    // Custom properties are legal everywhere, so nothing is closed.
    return await compile(all, 'StixTypes', { ...options, additionalProperties: true, cwd: copy });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function referring(value) {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ref === 'string') return { $ref: value.$ref };
  if (value.type === 'string' && value.allOf !== undefined) return { type: 'string' };
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, referring(part)]));
}

let stale = false;
for (const { target, text } of made) {
  const whole = `// Made from schemas/ by "npm run generate". Do not edit.\n\n${text}`;
  const pretty = await format(whole, { ...(await resolveConfig(target)), parser: 'typescript' });
  if (!process.argv.includes('--check')) writeFileSync(target, pretty);
  else if (readFileSync(target, 'utf8') !== pretty) {
    console.error(`${relative(root, target)} is not what the schemas say: run npm run generate`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);
