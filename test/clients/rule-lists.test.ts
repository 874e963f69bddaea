import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sigma } from '../../src/sharing/lists/formats/sigma.ts';
import type { ObjectFormat } from '../../src/sharing/lists/formats/object-format.ts';
import { yara } from '../../src/sharing/lists/formats/yara.ts';
import type { StixObject } from '../../src/stix/types.ts';
import { anIndicator } from '../support/builders.ts';
import { python, runPython } from '../support/python.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-rules-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const fileOf = (format: ObjectFormat, patterns: readonly string[]): string => {
  const writer = format.writer();
  const texts = patterns.map((pattern) => {
    const object = anIndicator({ pattern, pattern_type: format.name }) as StixObject;
    return writer.take({ object, text: JSON.stringify(object) }) ?? '';
  });
  const path = join(folder, format.name);
  writeFileSync(path, format.head({ name: 'rules', lines: 1, changed: 0 }) + texts.join('') + writer.end());
  return path;
};

const EEL =
  'rule Eel { strings: $a = "eel" $h = { 65 65 6C [1-4] 69 } $r = /ee[l\\/]/ condition: any of them }';
const YARA = [
  EEL,
  'include "/etc/passwd"\nrule Bad1 { condition: true }',
  'import "pe"\nimport "math"\nprivate rule Own { condition: not pe.is_pe }\nrule Eel { strings: $x = "reef" condition: Own and for any i in (1..#x) : (@x[i] < filesize) and math.entropy(0, filesize) > 0.1 }',
  'rule Bad2 { condition: filename matches /a/ }',
  'rule Bad3 { condition: true } /*',
  'rule Bad4 { strings: $a = "*/ open',
  'rule Bad5 { condition: Elsewhere }',
  'rule Last : tag1 tag2 { meta: a = "}" b = 5 c = true condition: uint16be(0) == 0x616E and filesize < 1MB and not defined pe.number_of_sections }',
  'import "pe" rule Last { condition: uint16be(0) == 0x616E and not defined pe.number_of_sections }',
];
const SIGMA = `title: Eel
id: 5f1abf38-5ad3-4b36-9a33-3d0c4d5a3b6e
status: test
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    Image|endswith: '\\eel.exe'
  condition: selection`;
const SIGMAS = [
  SIGMA,
  `%YAML 1.1\n---\n${SIGMA}`,
  `${SIGMA}\nextra: "open`,
  'title: no rule',
  `---\n${SIGMA.replace('title: Eel', 'title: Ray').replace('5f1abf38', '6f1abf38')}\ndescription: |\n  open\n`,
  `${SIGMA.replace('title: Eel', 'title: Whale').replace('5f1abf38', '7f1abf38')}\n...\n`,
];

if (python === undefined)
  test.skip('skipped: TALANOA_PYTHON names no Python with yara-python and pysigma', () => undefined);
else
  test('YARA compiles and pySigma reads the files that the hub makes of good and hostile rules', async () => {
    const { code, stdout, stderr } = await runPython('rules.py', [fileOf(yara, YARA), fileOf(sigma, SIGMAS)]);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      rules: ['Eel', 'Own', 'Eel_2', 'Last'],
      matches: ['Eel', 'Eel_2', 'Last'],
      titles: ['Eel', 'Ray', 'Whale'],
    });
  });
