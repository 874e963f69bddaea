// Makes src/config/schema-types.ts (settings, feed documents), src/stix/schema-types.ts and src/api/schema-types.ts (bodies
// of the admin API) from schemas/: the schema is the single source of both the check and the type. With --check it only
// reports whether the committed files are up to date.
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
  { target: join(root, 'src', 'api', 'schema-types.ts'), text: await apiTypes() },
];

/** The bodies of requests by their schemas, and the bodies of responses by their names in resources.json. */
async function apiTypes() {
  const folder = join(root, 'schemas', 'api');
  const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { $defs: answers } = read('resources.json');
  const requests = readdirSync(folder).filter((file) => file !== 'resources.json');
  const interfaceOf = (name) => name.replaceAll(/(?:^|[-_])([a-z])/g, (_all, letter) => letter.toUpperCase());
  const map = (title, description, entries) => {
    const properties = Object.fromEntries(entries);
    return { title, description, type: 'object', properties, required: Object.keys(properties) };
  };
  const text = await compile(
    {
      title: 'ApiTypes',
      type: 'object',
      required: ['requests', 'answers'],
      properties: {
        requests: map(
          'ApiRequests',
          'Bodies of requests by the files of their schemas.',
          requests.map((file) => [
            `api/${file}`,
            { ...open(read(file)), title: interfaceOf(file.replace('.json', '')) },
          ]),
        ),
        answers: map(
          'ApiAnswers',
          'Bodies of responses by their names in schemas/api/resources.json.',
          Object.keys(answers).map((name) => [name, { $ref: `#/$defs/${name}` }]),
        ),
      },
      $defs: Object.fromEntries(
        Object.entries(answers).map(([name, schema]) => [
          name,
          { ...open(schema), title: interfaceOf(name) },
        ]),
      ),
    },
    'ApiTypes',
    options,
  );
  const sent = new Set(Object.keys(answers).map(interfaceOf));
  const comment = /\/\*\*[\s\S]*?\*\//g;
  const comments = text.match(comment) ?? [];
  return text
    .replaceAll(comment, '/**/')
    .split(/^(?=export interface )/m)
    .map((one) => (sent.has(/^export interface (\w+)/.exec(one)?.[1]) ? sparing(one) : one))
    .map(readonly)
    .join('')
    .replaceAll('/**/', () => comments.shift());
}

/** Objects that a schema leaves open are plain objects. Others are known by their properties. */
function open(value) {
  if (Array.isArray(value)) return value.map(open);
  if (typeof value !== 'object' || value === null) return value;
  if (
    value.type === 'object' &&
    value.properties === undefined &&
    typeof value.additionalProperties !== 'object'
  )
    return { description: value.description, tsType: 'object' };
  const { additionalProperties, ...rest } = value;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, open(part)])),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: open(additionalProperties) } : {}),
  };
}

/** Marks every property and list as readonly, which the library has no option for. */
function readonly(text) {
  let made = text.replaceAll(/^(\s*)((?:[\w$]+|"[^"]+")\??:|\[k: string\]:)/gm, '$1readonly $2');
  // From the end, so that an insertion moves only what is done, and the lists inside this one by its length.
  const word = 'readonly ';
  for (let end = made.lastIndexOf('[]'); end > 0; end = made.lastIndexOf('[]', end + word.length - 1)) {
    let start = end;
    let depth = 0;
    do {
      start -= 1;
      depth += ')}'.includes(made[start]) ? 1 : '({'.includes(made[start]) ? -1 : 0;
    } while (depth > 0 || /\w/.test(made[start - 1]));
    made = `${made.slice(0, start)}${word}${made.slice(start)}`;
  }
  return made;
}

/** Optional properties of a response may be undefined, because JSON leaves them out. */
function sparing(text) {
  let made = text;
  for (let at = made.lastIndexOf('?:'); at > 0; at = made.lastIndexOf('?:', at - 1)) {
    let end = at;
    for (let depth = 0; depth > 0 || !(made[end] === '\n' || made[end] === ';'); end += 1)
      depth += made[end] === '{' ? 1 : made[end] === '}' ? -1 : 0;
    if (made.slice(at + 2, end).trim() === 'unknown') continue;
    made = `${made.slice(0, end)} | undefined${made.slice(end)}`;
  }
  return made;
}

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
  // A reference that is narrowed next to it (a pattern, a bound) is of the type that it refers to; the tool makes another.
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

/**
 * Gives each shared definition one type. The tool makes a numbered copy where a reference has a description of its own
 * next to it. A type that stands for several of them has no comment, unless all have the same.
 */
function withoutCopies(text) {
  const definition = /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?export interface (\w+) (\{\n[^]*?\n\})\n/g;
  const kept = new Map();
  const names = new Map();
  for (const [, comment = '', name, body] of text.matchAll(definition)) {
    const key = `${name.replace(/\d+$/, '')} ${body}`;
    const same = kept.get(key);
    if (same === undefined) kept.set(key, { name, comment });
    else {
      names.set(name, same.name);
      if (same.comment !== comment) same.comment = '';
    }
  }
  const comments = new Map([...kept.values()].map(({ name, comment }) => [name, comment]));
  return text
    .replaceAll(definition, (_whole, _comment, name, body) =>
      names.has(name) ? '' : `${comments.get(name)}export interface ${name} ${body}\n`,
    )
    .replaceAll(/\b[A-Z]\w*\d\b/g, (name) => names.get(name) ?? name);
}

let stale = false;
for (const { target, text } of made) {
  const whole = `// Made from schemas/ by "npm run generate". Do not edit.\n\n${text}`;
  const style = { ...(await resolveConfig(target)), parser: 'typescript' };
  const pretty = await format(withoutCopies(await format(whole, style)), style);
  if (!process.argv.includes('--check')) writeFileSync(target, pretty);
  else if (readFileSync(target, 'utf8') !== pretty) {
    console.error(`${relative(root, target)} is not what the schemas say: run npm run generate`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);
