import { afterAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { testIo } from '../support/io.ts';
import { folder, talanoa } from '../support/program.ts';

const here = folder();
const data = join(here.path, 'data');
const file = join(here.path, 'talanoa.yaml');
afterAll(here.remove);

/** Prints the names of schemas that the process reads. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const read = fs.readFileSync;
  fs.readFileSync = (file, ...more) => {
    if (/schemas.*\\.json$/.test(String(file))) process.stderr.write('read ' + file + '\\n');
    return read(file, ...more);
  };
  syncBuiltinESMExports();
`)}`;

function watched(...args: readonly string[]): string {
  const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
  const env = { PATH: process.env['PATH'] ?? '', TALANOA_DATA: data, TALANOA_CONFIG: file };
  return spawnSync(process.execPath, ['--import', WATCH, main, ...args], { env, encoding: 'utf8' }).stderr;
}

test('a command checks the settings file without reading a schema', () => {
  writeFileSync(file, 'hub: { title: Reef CERT }\n');
  expect(watched('init')).not.toContain('read ');
  expect(watched('status')).not.toContain('read ');
  // The watch sees the reads of a command that needs the names of properties.
  const objects = join(here.path, 'objects.json');
  writeFileSync(objects, '{"type":"identity"}');
  expect(watched('validate', objects)).toMatch(/read .*stix/);
});

test.each(
  [
    'hub: { titel: x }',
    'rules: [{}]',
    `members: [{ name: tonga, title: x, countries: ["${'T'.repeat(70_000)}"] }]`,
    'listen: { port: 99999 }',
    'members: [{ name: "a b", title: x }]',
    'members: [{ name: tonga, title: x, countries: [TON] }]',
    'accounts: [{ name: a, role: adminstrator }]',
    'collections: [{ id: 1 }]',
    'feeds: [{ name: x, preset: urlhaus, collection: indicators, tlp: purple }]',
    'feeds: [{ name: x, collection: indicators, document: {} }]',
    'life: { ip: forever }',
    '[]',
  ].map((text) => [text.slice(0, 80), text] as const),
)('the built program and the sources find the same fault in %s', async (_name, text) => {
  writeFileSync(file, `${text}\n`);
  const { io, err } = testIo({ environment: { TALANOA_CONFIG: file, TALANOA_DATA: data } });
  const code = await run(['status'], io);
  expect(code).toBe(2);
  expect(await talanoa(['status'], { TALANOA_CONFIG: file, TALANOA_DATA: data })).toMatchObject({
    code,
    stderr: err(),
  });
});
