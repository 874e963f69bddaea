import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const program = join('dist', 'program');
const chunks = readdirSync(program)
  .filter((file) => file.endsWith('.js'))
  .map((file) => ({ file, text: readFileSync(join(program, file), 'utf8') }));

test('the library for passkeys is one module of the bundle, so that its first use blocks no other request', () => {
  expect(chunks.filter(({ text }) => /['"]@simplewebauthn\/server['"]/.test(text))).toEqual([]);
  const own = chunks.filter(({ text }) => /^export \{[^}]*\bgenerateRegistrationOptions\b/m.test(text));
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

test('the bundle contains the licence of each package whose code is in it', () => {
  const licences = readFileSync(join(program, 'licences.txt'), 'utf8');
  const named = new Set(
    chunks.flatMap(({ text }) =>
      [...text.matchAll(/^\/\/ (?:\.\.\/)*node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm)].map(
        ([, name = '']) => name,
      ),
    ),
  );
  expect(named).toContain('@simplewebauthn/server');
  for (const name of named) expect(licences).toContain(`\n${name} `.trimStart());
});
