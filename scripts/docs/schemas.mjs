import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cell, code, sentence, table } from './markdown.mjs';

/** Returns the page of the settings file, with a section for each top-level key. */
export function settings(root) {
  const schema = JSON.parse(readFileSync(join(root, 'schemas/config.json'), 'utf8'));
  const single = Object.entries(schema.properties).filter(([, part]) => nested(part).length === 0);
  const grouped = Object.entries(schema.properties).filter(([, part]) => nested(part).length > 0);
  return [
    '# Settings',
    'Every key of the settings file. [Use the settings file](../how-to/use-the-settings-file.md) explains how the hub applies it, and `talanoa.example.yaml` in the root of the repository is a commented example. All keys are optional unless the table says otherwise. `[]` marks the items of a list.',
    '## Keys without a group',
    rows(single.map(([name, part]) => ({ path: name, part, isRequired: false }))),
    ...grouped.flatMap(([name, part]) => [
      `## ${name}`,
      ...(part.description === undefined ? [] : [sentence(part.description)]),
      rows(walk(part, name)),
    ]),
    '## Environment variables',
    table(['Variable', 'Meaning'], environment(root)),
  ].join('\n\n');
}

/** Environment variables that override the settings file. */
const VARIABLES = {
  TALANOA_CONFIG: 'Path of the settings file. Also `--config`.',
  TALANOA_DATA: 'Data folder. Also `--data`.',
  TALANOA_HOST: 'Address to listen on. Also `--host`.',
  TALANOA_PORT: 'Port to listen on. Also `--port`.',
  TALANOA_URL: 'Public address of the hub, as `hub.url`.',
  TALANOA_BEHIND_PROXY: '`true`: your proxy ends TLS, as `listen.behind_proxy`.',
  TALANOA_ROLE: 'Work of this process: `web`, `worker`, or both. Also `--role`.',
  TALANOA_MASTER_KEY_FILE: 'Path of the master key file.',
  TALANOA_LOG_LEVEL: 'Minimum level of log entries, as `log.level`.',
  TALANOA_FEEDS: '`false`: feeds run only on request. Also `--no-feeds`.',
  MONGODB_URI: 'Address of MongoDB. Without it the hub uses the embedded database.',
};

/** Returns the rows of the environment variables. A variable that the code reads and no row describes is an error. */
function environment(root) {
  const source = readFileSync(join(root, 'src/config/load.ts'), 'utf8');
  for (const [name] of source.matchAll(/\b(?:TALANOA_[A-Z_]*[A-Z]|MONGODB_URI)\b/g))
    if (!(name in VARIABLES)) throw new Error(`scripts/docs/schemas.mjs does not describe ${name}`);
  return [
    ...Object.entries(VARIABLES).map(([name, text]) => [code(name), text]),
    [
      'a name in `*_env`, and `MONGODB_URI`',
      'A secret. The variable with the suffix `_FILE` names a file that contains it instead.',
    ],
    ['`TALANOA_HUB`, `TALANOA_KEY`', 'For commands: the address of a remote hub, and your API key there.'],
  ];
}

/** Returns the page of feed documents. */
export function feedDocuments(root) {
  const schema = JSON.parse(readFileSync(join(root, 'schemas/feeds/feed.json'), 'utf8'));
  const named = Object.entries(schema.properties);
  const isGroup = ([, part]) => nested(part).length > 0 || part.$ref !== undefined;
  const resolve = (part) => (part.$ref === undefined ? part : schema.$defs[part.$ref.split('/').at(-1)]);
  const used = new Set(named.map(([, part]) => part.$ref).filter((ref) => ref !== undefined));
  return [
    '# Feed documents',
    'Every property of a feed document (`schemas/feeds/feed.json`). [How feeds are read and run](feeds.md) explains how the parts work together, and [Write a feed](../tutorials/write-a-feed.md) shows how to write one.',
    '## Properties',
    rows(named.filter((entry) => !isGroup(entry)).map(([name, part]) => ({ path: name, part, isRequired: schema.required.includes(name) }))), // prettier-ignore
    ...named.filter(isGroup).flatMap(([name, part]) => section(name, resolve(part), part.description)),
    ...Object.entries(schema.$defs)
      .filter(([name]) => !used.has(`#/$defs/${name}`))
      .flatMap(([name, part]) => section(name, part)),
  ].join('\n\n');
}

function section(name, part, description = part.description) {
  const list = walk(part, '');
  return [
    `## ${name}`,
    ...(description === undefined ? [] : [sentence(description)]),
    ...(list.length === 0 ? [] : [rows(list)]),
  ];
}

/** Returns the properties of a schema, of its items and of its variants. */
function nested(part) {
  return [part, part.items, part.additionalProperties, ...(part.oneOf ?? []), ...(part.anyOf ?? [])].flatMap(
    (one) =>
      one?.properties === undefined
        ? []
        : Object.entries(one.properties).map(([name, child]) => [name, child, one]),
  );
}

function walk(part, path) {
  const found = new Map();
  const isList = part.items?.properties !== undefined;
  const base = isList ? `${path}[]` : path;
  for (const [name, child, parent] of nested(part)) {
    const full = base === '' ? name : `${base}.${name}`;
    if (!found.has(full))
      found.set(full, { path: full, part: child, isRequired: (parent.required ?? []).includes(name) });
    for (const inner of walk(child, full)) if (!found.has(inner.path)) found.set(inner.path, inner);
  }
  return [...found.values()];
}

function rows(list) {
  return table(
    ['Key', 'Type', 'Default', 'Meaning'],
    list
      // A group without a text of its own adds nothing to its keys.
      .filter(({ part }) => part.description !== undefined || nested(part).length === 0)
      .map(({ path, part, isRequired }) => [
        code(path),
        cell(typeOf(part)),
        part.default === undefined ? (isRequired ? 'required' : '') : code(JSON.stringify(part.default)),
        cell(meaning(part)),
      ]),
  );
}

function meaning(part) {
  const { minimum, maximum, description = part.items?.description ?? '' } = part;
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `From ${minimum} to ${maximum}.`
      : minimum !== undefined
        ? `At least ${minimum}.`
        : maximum !== undefined
          ? `At most ${maximum}.`
          : '';
  return `${sentence(description)} ${bounds}`.trim();
}

function typeOf(part) {
  if (part.enum !== undefined) return part.enum.map((value) => `\`${value}\``).join(', ');
  if (part.const !== undefined) return `\`${part.const}\``;
  if (part.$ref !== undefined) return part.$ref.split('/').at(-1).replace('.json', '');
  if (part.type === 'array') return `list of ${typeOf(part.items ?? {}).replace(/^(?:text|object)$/, '$&s')}`;
  const variants = part.oneOf ?? part.anyOf;
  if (variants !== undefined) return [...new Set(variants.map(typeOf))].join(' or ');
  const names = {
    string: 'text',
    integer: 'integer',
    number: 'number',
    boolean: 'true or false',
    object: 'object',
  };
  return [part.type].flat().map((type) => names[type] ?? 'any').join(' or '); // prettier-ignore
}
