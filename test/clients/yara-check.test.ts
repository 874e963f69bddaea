import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYara } from '../../src/sharing/lists/formats/yara-text.ts';
import { python, runPython } from '../support/python.ts';

const folder = mkdtempSync(join(tmpdir(), 'talanoa-yara-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const CONDITIONS = ['true','not true','$a','$a at 5','$a in (0..10)','#a > 1','@a[1] < filesize','!a == 3','any of them','all of ($a*)','2 of them','50% of them','none of them','for any i in (1..#a) : (@a[i] < 9)','for all of them : ($ at 3)','for any of ($a) : (# > 1)','uint16(0) == 0x5A4D','uint32be(4) & 0xff == 1','filesize < 1MB and $a','$a and','and $a','$a or or $a','$a $a','(  $a','$a )','1 +','"a" + 1','"a" == 1','"a" contains "b"','"a" contains 1','"a" matches /a/i','1 matches /a/','$a at','$a in 5','$a in (1 .. )','for any i in (1,2,3) : (i == #a)','for i : ($a)','any of ()','any of ($a,)','filesize == == 1','filesize = 1','-1 < filesize','~1 == 2','1.5 < filesize','defined filesize','not defined @a','pe.is_pe','pe.number_of_sections == 1','pe.sections[0].name == "x"','pe.exports("x")','pe.exports(/x/i)','for any s in pe.sections : (s.name == ".text")','for any k,v in pe.version_info : (k == "a")','math.entropy(0, filesize) > 7','hash.md5(0, filesize) == "abc"','any of them in (0..100)','#a in (0..10) > 1','any of them at 0','true true','(1 == 1) == true','1','"a"','$a == 1','#a + 1','filesize < = 1','1 . . 2','for any i in (1..2) : true','any of $a','all','them','$','all of them and for all of them : (@ > @a)','(filesize)','(1+2)*3 == 9','1 \\ 2 == 0','5 % 2 == 1','1 << 2 == 4','1 | 2 ^ 3 & 4 == 0','any of ($a) and not any of them','true == true', '(1 < 2) + 1', '#a', 'not #a','"a" and "b"','for 2 i in (1,2) : (i > 0)','for any i in ("a","b") : (i == "a")','1 of ($a)','3 % of them','string.length("a") == 1','string.to_int("1") == 1','time.now() > 1','/a/','$a matches /a/','1 in (1..2)']; // prettier-ignore
const STRINGS = ['$a = "x"','$a = "x" nocase wide ascii fullword','$a = "x" nocase nocase','$a = "x" xor','$a = "x" xor nocase','$a = "x" xor(1-255)','$a = "abcd" base64','$a = "abcd" base64 nocase','$a = "abcd" base64 fullword','$a = "abcd" base64wide xor','$a = { 61 62 }','$a = { 61 62 } wide','$a = { 61 62 } private','$a = { 61 62 } nocase','$a = /abc/i','$a = /abc/s wide','$a = /abc/ nocase','$a = /abc/ xor','$a = /abc/ base64','$a = ""','$a = ','$a "x"','a = "x"','$a = x','$a = 5','','$a = "x" global','$a = "x" private','$a = "abcd" base64("abc")','$a = "x" wide private ascii','$a = /a/is','$a = "abcdef" xor fullword', '$a = "abcd" base64 private','$a = {}','$a = { 6 }','$a = /abc(/','$a = { 61 [5-2] 62 }','$a = "\\z"','$a = "\\x4"','$a = { 61 ( 62 | 63 ) }','$a = { 61 (62 }','$a = { zz }','$a = /a{3,1}/','$a = /*/','$a = /[z-a]/','$a = { [4] 61 }','$a = { 61 [4] }','$a = { ?? 61 }', '$a = { ~61 62 }', '$a = /a**/', '$a = /\\/']; // prettier-ignore
const RULES = ['rule R : a a { condition: true }','rule R : { condition: true }','rule R : a b { condition: true }','rule R : true { condition: true }','rule R { meta: condition: true }','rule R { meta: a = 1 b = "x" c = -5 d = true condition: true }','rule R { meta: a condition: true }','rule R { meta: a = 1.5 condition: true }','rule R { meta: a = 1 a = 2 condition: true }','rule R { strings: $a = "x" meta: a = 1 condition: $a }','rule R { meta: a = 1 meta: b = 1 condition: true }','rule R { condition: }','rule R { strings: condition: true }','rule R { strings: $a = "x" strings: $b = "y" condition: $a and $b }','rule R { condition: true condition: true }','rule R { meta: rule = 1 condition: true }','rule R { a condition: true }','rule R { condition: true } ; ','rule R { meta: strings = 1 condition: true }','rule R { meta: condition = "x" condition: true}']; // prettier-ignore
const IMPORTS = ['pe', 'math', 'hash', 'string', 'time'].map((name) => `import "${name}"\n`).join('');
const TEXTS = [
  ...CONDITIONS.map((one) => `${IMPORTS}rule R { strings: $a = "abc" condition: ${/\$a|#a|@a|!a|them/.test(one) ? one : `(${one}) and $a`} }`),
  ...STRINGS.map((one) => `rule R { strings: ${one} condition: $a }`),
  ...RULES,
]; // prettier-ignore

if (python === undefined)
  test.skip('skipped: TALANOA_PYTHON names no Python with yara-python', () => undefined);
else
  test('YARA compiles every rule that the hub passes through, and the hub leaves out nearly nothing else', async () => {
    const path = join(folder, 'texts.json');
    writeFileSync(path, JSON.stringify(TEXTS));
    const { code, stdout, stderr } = await runPython('yara_check.py', [path]);
    expect([code, stderr]).toEqual([0, '']);
    const faults = JSON.parse(stdout) as readonly (string | null)[];
    const judged = TEXTS.map((text, i) => ({ text, fault: faults[i] ?? null, passes: readYara(text) !== undefined }));
    expect(judged.filter(({ fault }) => fault !== null).length).toBeGreaterThan(60);
    expect(judged.filter(({ fault, passes }) => fault !== null && passes)).toEqual([]);
    const lost = judged.filter(({ fault, passes }) => fault === null && !passes).map(({ text }) => text);
    // A regular expression that nothing is compared with never matches.
    expect(lost).toEqual([expect.stringContaining('condition: (/a/) and $a')]);
  }); // prettier-ignore
