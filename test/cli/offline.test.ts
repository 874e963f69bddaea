// Commands that need no hub: patterns and files of STIX.
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../src/cli/program.ts';
import { testIo } from '../support/io.ts';
import { idOf, smallest } from '../support/stix-objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-offline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function talanoa(...args: readonly string[]) {
  const printed = testIo();
  const code = await run(args, printed.io);
  return { code, out: printed.out(), err: printed.err() };
}
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('talanoa pattern', () => {
  test('check prints the canonical form and the level, and one line for each advice', async () => {
    expect(await talanoa('pattern', 'check', "[file : nam='a'] AND [url:value='b']")).toEqual({
      code: 0,
      out: 'valid, level 2: [file:nam = \'a\'] AND [url:value = \'b\']\n  P-020 warning: file has no property "nam"; did you mean name?\n  W-pattern warning: no URL matches: "b" has no scheme, so it is not an absolute URL\n',
      err: '',
    });
  });

  test('check shows the place of a fault with a mark, and ends with 3', async () => {
    const { code, out } = await talanoa('pattern', 'check', "[file:name = 'a' AND]", "[mutex:name = 'b']");
    expect(code).toBe(3);
    expect(out).toBe(
      "P-001 (section 9.4, 9.5): an object path such as file:name is missing; found \"]\"\n  [file:name = 'a' AND]\n                      ^\nvalid, level 1: [mutex:name = 'b']\n",
    );
  });

  test('check shows only the part of a long pattern around the fault', async () => {
    const { out } = await talanoa(
      'pattern',
      'check',
      `[file:name = '${'a'.repeat(200)}' AND url:value = 'b']`,
    );
    const [, line = '', mark = ''] = out.split('\n');
    expect([
      line.startsWith('  …aaa'),
      line.length < 2 + 1 + 2 * 60 + 1,
      line.charAt(mark.length - 1),
    ]).toEqual([true, true, 'A']);
  });

  test.each([
    [
      "[file:name = 'a']",
      {
        valid: true,
        normal: "[file:name = 'a']",
        level: 1,
        keys: [{ type: 'file', property: 'name', value: 'a' }],
        advice: [],
      },
    ],
    [
      '[file:name = a]',
      { valid: false, rule: 'P-003', section: '9.2', offset: 13, message: "write text in apostrophes: 'a'" },
    ],
    [
      "[file:hashes.SHA-1 = 'a']",
      {
        valid: false,
        rule: 'P-018',
        section: '9.7',
        offset: 16,
        message: "write a name with a hyphen in apostrophes; did you mean 'SHA-1'?",
        suggestion: "'SHA-1'",
      },
    ],
  ])('check %s as JSON is one document', async (pattern, expected) => {
    const { code, out } = await talanoa('pattern', 'check', pattern, '--json');
    expect([code, JSON.parse(out)]).toEqual([expected.valid ? 0 : 3, expected]);
  });

  test('explain prints a sentence and the values', async () => {
    expect(await talanoa('pattern', 'explain', "[domain-name:value IN ('A.example', 'b.example')]")).toEqual({
      code: 0,
      out: 'It matches when a domain name is seen, and its value is one of "A.example", "b.example".\nValues:\n  domain-name value a.example\n  domain-name value b.example\n',
      err: '',
    });
    expect((await talanoa('pattern', 'explain', '[file:size > 5]')).out).toBe(
      'It matches when a file is seen, and its size is more than 5.\n',
    );
    expect(JSON.parse((await talanoa('pattern', 'explain', '[file:size > 5]', '--json')).out)).toEqual({
      valid: true,
      explanation: 'It matches when a file is seen, and its size is more than 5.',
      level: 1,
      keys: [],
    });
  });

  test('reads the grammar of STIX 2.0 on request', async () => {
    const old = "[file:name = 'a'] START '2026-01-01T00:00:00Z' STOP '2026-02-01T00:00:00Z'";
    expect((await talanoa('pattern', 'check', old)).code).toBe(3);
    expect(await talanoa('pattern', 'check', old, '--pattern-version', '2.0')).toMatchObject({
      code: 0,
      out: "valid, level 3: [file:name = 'a'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'\n",
    });
    expect((await talanoa('pattern', 'check', old, '--pattern-version', '1.0')).code).toBe(2);
  });

  test('does not let a value control the terminal', async () => {
    const { out } = await talanoa('pattern', 'explain', "[file:name = '\u001b[31m\u202e']");
    expect(out).toContain('its name is "?[31m?"');
  });
});

describe('talanoa validate', () => {
  const good = smallest('tool');
  const bad = { ...smallest('malware'), confidence: 101 };
  const id = { type: 'bundle', id: idOf('bundle') };
  const lines = (object: object): string => JSON.stringify(object, null, 1);
  test.each([
    ['one object', lines(bad), /^:\d+:\d+ S-035 \/confidence/],
    ['a list', `[\n${JSON.stringify(good)},\n${JSON.stringify(bad)}]`, /^:3:\d+ S-035 \/confidence/],
    [
      'a bundle',
      `{"type":"bundle","id":"${id.id}","objects":[${JSON.stringify(good)},\n  ${JSON.stringify(bad)}]}`,
      /^:2:\d+ S-035 \/confidence/,
    ],
    ['an envelope', `{"more":false,\n"objects":[${JSON.stringify(bad)}]}`, /^:2:\d+ S-035 \/confidence/],
    [
      'one object per line',
      `${JSON.stringify(good)}\n${JSON.stringify(bad)}\n`,
      /^:2:\d+ S-035 \/confidence/,
    ],
  ])('names the line and column of a fault in %s', async (_, text, place) => {
    const file = write('form.json', text);
    const { code, out } = await talanoa('validate', file);
    expect(code).toBe(3);
    const line = out.split('\n').find((one) => one.includes('/confidence')) ?? '';
    expect(line.slice(file.length)).toMatch(place);
    const [row = 0, column = 0] =
      line
        .slice(file.length + 1)
        .split(' ', 1)[0]
        ?.split(':')
        .map(Number) ?? [];
    expect(text.split('\n')[row - 1]?.slice(column - 1)).toMatch(/^101/);
  });

  test('prints one line for each fault, and counts them on stderr unless it is quiet', async () => {
    const other = smallest('incident', {
      id: idOf('incident').replace('1e00', '1e01'),
      severity: 'x',
      odd_name: 1,
    });
    const file = write(
      'mixed.json',
      JSON.stringify([good, { ...bad, id: idOf('malware').replace('1e00', '1e02') }, other]),
    );
    const { code, out, err } = await talanoa('validate', file);
    expect([code, err]).toEqual([3, '3 objects, 1 error, 1 finding, 1 warning\n']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(file.length).replace(/^:\d+:\d+ /, '')),
    ).toEqual([
      'S-035 /confidence: must be at most 100, found 101',
      expect.stringMatching(/^S-029 finding: \/severity: not allowed here/),
      expect.stringMatching(/^W-custom warning: \/odd_name: incident has no property "odd_name"/),
    ]);
    expect(await talanoa('validate', file, '--quiet')).toEqual({ code, out, err: '' });
  });

  test.each([
    ['tolerant', 0, { errors: 0, findings: 1 }],
    ['standard', 3, { errors: 1, findings: 0 }],
    ['strict', 3, { errors: 1, findings: 0 }],
  ])('at the level %s ends with %d', async (level, exit, expected) => {
    const file = write('level.json', JSON.stringify({ ...smallest('incident'), severity: 'x' }));
    const { code, out } = await talanoa('validate', file, '--level', level, '--json');
    expect([code, JSON.parse(out)]).toMatchObject([exit, { objects: 1, ...expected }]);
  });

  test('describes each fault in JSON with its section, its file and its place', async () => {
    const file = write('json.json', JSON.stringify(bad));
    const { out } = await talanoa('validate', file, '--json');
    expect(JSON.parse(out)).toEqual({
      items: [
        {
          level: 'error',
          rule: 'S-035',
          section: '3.2',
          pointer: '/confidence',
          message: 'must be at most 100, found 101',
          file,
          object: bad['id' as keyof typeof bad],
          line: 1,
          column: expect.any(Number),
        },
      ],
      objects: 1,
      errors: 1,
      findings: 0,
      warnings: 0,
    });
  });

  test('compares versions, extensions and translations within a file', async () => {
    const translation = smallest('language-content', {
      id: idOf('language-content').replace('1e00', '1e02'),
      object_ref: good['id'],
      contents: { fr: { name: 5 } },
    });
    const file = write('together.json', JSON.stringify([good, { ...good, name: 'Y' }, translation]));
    const { out } = await talanoa('validate', file);
    expect(out).toContain('S-046 /modified');
    expect(out).toContain('S-142 /contents/fr/name');
  });

  test('checks a bundle itself', async () => {
    for (const [text, rule] of [
      ['{"type":"bundle"}', 'S-002 /id'],
      [`{"type":"bundle","id":"${idOf('tool')}"}`, 'S-012 /id'],
      [`{"type":"bundle","id":"${id.id}","objects":[]}`, 'S-004 /objects'],
    ] as const)
      expect((await talanoa('validate', write('bundle.json', text))).out).toContain(rule);
    expect(
      await talanoa('validate', write('bundle.json', `{"type":"bundle","id":"${id.id}"}`)),
    ).toMatchObject({ code: 0, out: '' });
  });

  test.each([
    ['{"type":"tool",}', 3],
    ['{"objects":[{},]}', 3],
    ['[{"a":1}', 3],
  ])('%s is not JSON, and the error names the file', async (text, exit) => {
    const file = write('broken.json', text);
    const { code, out, err } = await talanoa('validate', file);
    expect([code, `${out}${err}`.includes(file)]).toEqual([exit, true]);
  });

  test('reads several files, and cannot read a folder', async () => {
    const first = write('first.json', JSON.stringify(bad));
    const second = write('second.json', JSON.stringify(good));
    expect(await talanoa('validate', first, second)).toMatchObject({
      code: 3,
      err: '2 objects, 1 error, 0 findings, 0 warnings\n',
    });
    expect(await talanoa('validate', second)).toMatchObject({
      code: 0,
      out: '',
      err: '1 object, 0 errors, 0 findings, 0 warnings\n',
    });
    expect((await talanoa('validate', folder)).err).toBe(
      `error: Cannot read the file ${folder}   [TLN-V-404]\n  It is a folder, not a file.\n  Try: Check the path and the permissions of the file.\n`,
    );
  });
});
