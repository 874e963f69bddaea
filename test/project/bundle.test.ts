import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const program = join('dist', 'program');
const chunks = readdirSync(program)
  .filter((file) => file.endsWith('.js'))
  // The bundler breaks long lines, also within texts.
  .map((file) => ({ file, text: readFileSync(join(program, file), 'utf8').replaceAll('\\\n', '') }));

test('the library for passkeys is one module of the bundle, so that its first use blocks no other request', () => {
  expect(chunks.filter(({ text }) => /['"]@simplewebauthn\/server['"]/.test(text))).toEqual([]);
  const own = chunks.filter(({ text }) => /\bexport\s*\{[^}]*\bgenerateRegistrationOptions\b/.test(text));
  expect(own).toHaveLength(1);
  const script = `
    const { generateRegistrationOptions } = await import(process.argv[1]);
    const { challenge, rp } = await generateRegistrationOptions({ rpName: 'Hub', rpID: 'hub.example', userName: 'moana' });
    console.log(challenge.length > 20, rp.id);
  `;
  const path = join(process.cwd(), program, own[0]?.file ?? '');
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, path], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('true hub.example\n');
});

test('the bundle contains the licences of packages, and of the packages that these import', () => {
  const licences = readFileSync(join(program, 'licences.txt'), 'utf8');
  const names = [...licences.matchAll(/^(\S+) \d+\.\d+\.\d+\S*$/gm)].map(([, name]) => name);
  expect(names).toEqual(
    expect.arrayContaining(['@simplewebauthn/server', 'ajv', 'entities', 'express', 'qs']),
  );
});

/** Returns the parts of the bundle that are loaded together with the part of this name. */
function loadedWith(name: string): readonly string[] {
  const seen = new Set<string>();
  const load = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const { text = '' } = chunks.find((one) => one.file === file) ?? {};
    for (const [, next = ''] of text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+)"/g)) load(next);
  };
  load(chunks.find(({ file }) => file.startsWith(`${name}-`))?.file ?? '');
  expect(seen.size).toBeGreaterThan(3);
  return chunks.filter(({ file }) => seen.has(file)).map(({ text }) => text);
}

test('a command that asks a running hub loads no part of a hub', () => {
  expect(loadedWith('status').filter((text) => text.includes('settings.reconciled'))).toEqual([]);
});

test('a command without a running hub loads no pages, no TAXII server and no parsers of bodies', () => {
  const parts = loadedWith('compose');
  expect(parts.filter((text) => text.includes('settings.reconciled'))).toHaveLength(1);
  for (const name of ['taxiiRouter', 'consoleRouter', 'iconv-lite'])
    expect([name, parts.filter((text) => text.includes(name)).length]).toEqual([name, 0]);
});

test('the program contains no compiler of schemas, because the build compiles them', () => {
  const files = readdirSync(join('dist', 'checks')).filter((file) => file.endsWith('.cjs'));
  expect(files).toEqual(expect.arrayContaining(['api.cjs', 'config.cjs', 'feeds.cjs', 'stix.cjs']));
  const checks = files.map((file) => ({ file, text: readFileSync(join('dist', 'checks', file), 'utf8') }));
  for (const { file, text } of [...chunks, ...checks])
    expect([file, /json-schema-traverse/.test(text)]).toEqual([file, false]);
});

// V8 stores a text with one character beyond Latin-1 in twice the memory. Write such characters of regular expressions
// as escapes: the bundler escapes those of strings, but not these.
test('each part of the bundle needs one byte for each character', () => {
  const wide = chunks.flatMap(
    ({ file, text }) => /.{0,40}[\u0100-\uffff].{0,40}/.exec(text)?.map((found) => [file, found]) ?? [],
  );
  expect(wide).toEqual([]);
});

test('libraries of many small files are in the bundle', () => {
  for (const name of ['commander', 'express', 'pino', 'prom-client'])
    expect(chunks.filter(({ text }) => new RegExp(`\\bfrom\\s*['"]${name}['"]`).test(text))).toEqual([]);
});
