import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cell, code, sentence, table } from './markdown.mjs';

/** Starts an empty hub in a temporary folder, and returns its OpenAPI document and its metrics. */
export async function atRunningHub(root) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-docs-'));
  const data = ['--data', folder];
  const main = join(root, 'dist/main.js');
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd: folder, env: { PATH, HOME } };
  const hub = spawn(process.execPath, [main, 'serve', '--port', '0', '--no-feeds', ...data], options);
  hub.stderr.resume();
  const ended = new Promise((resolve) => hub.once('exit', resolve));
  try {
    const url = await addressOf(hub);
    const document = await (await fetch(`${url}/api/openapi.json`)).json();
    const made = spawnSync(process.execPath, [main, 'key', 'create', '--account', 'docs', '--scopes', 'metrics:read', '--json', ...data], { ...options, encoding: 'utf8' }); // prettier-ignore
    const key = JSON.parse(made.stdout).secret ?? JSON.parse(made.stdout).key;
    const answer = await fetch(`${url}/metrics`, { headers: { Authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
    return { document, metrics: await answer.text() };
  } finally {
    hub.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function addressOf(hub) {
  for await (const line of createInterface({ input: hub.stdout })) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error('the hub ended before it listened');
}

/** Returns the page of metrics. */
export function metricsPage(text) {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  const own = [...text.matchAll(/^# HELP (talanoa_\S+) (.*)$/gm)];
  return [
    '# Metrics',
    '`GET /metrics` returns the metrics in the format of Prometheus, for administrators and for keys with the scope `metrics:read`. [Monitor a hub](../how-to/monitor.md) shows how to set it up. No label contains a member, an account or an address. The hub also returns the usual metrics of a Node.js process (`process_*`, `nodejs_*`).',
    table(
      ['Metric', 'Type', 'Meaning'],
      own
        .toSorted(([, a], [, b]) => (a < b ? -1 : 1))
        .map(([, name, help]) => [code(name), types.get(name) ?? '', cell(help)]),
    ),
  ].join('\n\n');
}

/** Returns the pages of the REST API: an overview, and a page for each tag. */
export function restApi(document) {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, operation]) => operation.operationId !== undefined)
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0]))];
  const fileOf = (tag) => tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return {
    'rest-api.md': [
      '# REST API',
      'All operations of the API at `/api/v1`. [Use the REST API](../how-to/use-the-api.md) explains authentication, errors, lists and repeated requests. A running hub describes the API at `/api/docs`, and as an OpenAPI 3.1 document at `/api/openapi.json`.',
      ...tags.flatMap((tag) => [
        `## ${tag}`,
        table(
          ['Request', 'What it does'],
          operations
            .filter(({ operation }) => operation.tags[0] === tag)
            .map(({ path, method, operation }) => [
              `[${code(`${method} ${path.replace('/api/v1', '')}`)}](rest-api/${fileOf(tag)}.md#${anchorOf(operation.operationId)})`,
              cell(sentence(operation.summary)),
            ]),
        ),
      ]),
    ].join('\n\n'),
    ...Object.fromEntries(
      tags.map((tag) => [
        `rest-api/${fileOf(tag)}.md`,
        [
          `# REST API: ${tag}`,
          ...operations
            .filter(({ operation }) => operation.tags[0] === tag)
            .flatMap((one) => operationSection(one, document)),
          '[All operations](../rest-api.md)',
        ].join('\n\n'),
      ]),
    ),
  };
}

function anchorOf(text) {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function operationSection({ path, method, operation }, document) {
  const schemas = document.components.schemas;
  const parameters = [...(document.paths[path].parameters ?? []), ...(operation.parameters ?? [])];
  const body = Object.values(operation.requestBody?.content ?? {})[0]
    ?.schema.$ref?.split('/')
    .at(-1);
  const [status, success] = Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? [];
  const answer = Object.values(success?.content ?? {})[0]
    ?.schema.$ref?.split('/')
    .at(-1);
  return [
    `## ${operation.operationId}`,
    sentence(operation.summary),
    `\`\`\`\n${method} ${path}\n\`\`\``,
    ...(parameters.length === 0
      ? []
      : [table(['Parameter', 'In', 'Meaning'], parameters.map(({ name, in: place, description }) => [code(name), place, cell(sentence(description ?? ''))]))]), // prettier-ignore
    ...(body === undefined ? [] : ['Request body:', properties(schemas[body])]),
    answer === undefined
      ? `Success: ${status}, without a body.`
      : `Success: ${status}, ${code(answer)} (${fieldsOf(schemas[answer])}).`,
  ];
}

function fieldsOf(schema) {
  const names = Object.keys(schema?.properties ?? {});
  return names.length === 0 ? 'see the OpenAPI document' : names.map(code).join(', ');
}

function properties(schema) {
  const required = new Set(schema?.required ?? []);
  const rows = Object.entries(schema?.properties ?? {}).map(([name, part]) => [
    code(name),
    required.has(name) ? 'yes' : '',
    cell(sentence(part.description ?? (part.enum === undefined ? '' : `one of ${part.enum.join(', ')}`))),
  ]);
  return rows.length === 0 ? 'See the OpenAPI document.' : table(['Property', 'Required', 'Meaning'], rows);
}
