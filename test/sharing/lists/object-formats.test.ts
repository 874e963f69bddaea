import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import supertest from 'supertest';
import { parseAllDocuments } from 'yaml';
import { sigma } from '../../../src/sharing/lists/formats/sigma.ts';
import { stix } from '../../../src/sharing/lists/formats/stix.ts';
import { readYara } from '../../../src/sharing/lists/formats/yara-text.ts';
import { yara } from '../../../src/sharing/lists/formats/yara.ts';
import type { ObjectFormat } from '../../../src/sharing/lists/formats/object-format.ts';
import type { StixObject } from '../../../src/stix/types.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

const FACTS = { name: 'indicators', lines: 2, changed: 0 };
const made = (patterns: readonly string[], format: ObjectFormat): readonly (string | undefined)[] => {
  const writer = format.writer();
  return patterns.map((pattern) => {
    const object = anIndicator({ pattern, pattern_type: format.patterns }) as StixObject;
    return writer.take({ object, text: JSON.stringify(object) });
  });
};

const RULE =
  'rule Eel : worm { meta: a = "x } /*" strings: $a = "eel" nocase $h = { E2 34 [4-6] (62 | 63) } $r = /a\\/b{2}/i condition: any of them }';
const GOOD = [
  RULE,
  'import "pe"\nprivate rule A { condition: pe.is_dll() }\nrule B { strings: $x = "a" condition: A and for any i in (1..#x) : (@x[i] < filesize) }',
  '/* a comment with " and rule X { */ rule C { condition: uint16(0) == 0x5A4D // the end\n}',
  'rule D { strings: $ = "anonymous" condition: for all of them : ($) }',
  'rule E { strings: $a1 = "one" $a2 = "two" $b = "three" $_c = "four" condition: any of ($a*) or #b > 1 }',
];
const SETS = Array.from({ length: 101 }, (_each, i) => i);
const BAD = [
  '', 'rule', 'rule X { condition: true', 'rule X { condition: true } }', 'include "/etc/passwd"\nrule X { condition: true }', 'import "cuckoo" rule X { condition: true }',
  'rule X { condition: true } /* open', 'rule X { strings: $a = "open condition: true }', 'rule X { condition: filename matches /a/ }', 'rule X { condition: Other }', 'rule X { condition: $a }',
  'rule X { strings: $a = "a" }', 'rule for { condition: true }', 'rule X { condition: true } rule X { condition: true }', 'text } rule X { condition: true }', `rule ${'x'.repeat(101)} { condition: true }`,
  'rule X { condition: true } \\', 'global rule X { condition: false }', 'private global rule X { condition: false }', 'rule pe { condition: true }', 'rule A { condition: true } rule B { condition: any of (A*) }', `rule X { condition: true } //${'x'.repeat(262_144)}`,
  'rule X { strings: $a = /open\n/ condition: $a }',
  'rule X { strings: $a = "a" condition: true }', 'rule X { strings: $ = "a" condition: true }', 'rule X { strings: $a = "a" $a = "b" condition: $a }', 'rule X { condition: any of them }', 'rule X { strings: $a = "a" condition: $a and any of ($b*) }',
  'rule X : a a { condition: true }', 'rule X : { condition: true }', 'rule X { strings: condition: true }', 'rule X { meta: condition: true }', 'rule X { condition: }', 'rule X { condition: 1 + }', 'rule X { condition: "a" == 1 }', 'rule X { condition: true true }',
  'rule X { strings: $a = "a" condition: $a or or $a }', 'rule X { strings: $a = "a" xor nocase condition: $a }', 'rule X { strings: $a = { 6 } condition: $a }', 'rule X { strings: $a = /a(/ condition: $a }', 'rule X { strings: $a = "\\z" condition: $a }', 'rule X { condition: filesize = 1 }', 'rule X { condition: filesize < = 1 }',
  `rule X { condition: ${'('.repeat(100)}true${')'.repeat(100)} }`,
  `rule X { strings: ${SETS.map((i) => `$s${i} = "a"`).join(' ')} condition: any of (${SETS.map((i) => `$s${i}*`).join(', ')}) }`,
]; // prettier-ignore

test('YARA rules that need nothing else are passed through, and all others are left out', () => {
  for (const pattern of GOOD) expect([pattern, readYara(pattern)?.names.length]).toEqual([pattern, [...pattern.matchAll(/\brule [ABCDE]/g)].length]); // prettier-ignore
  expect(BAD.map((pattern) => [pattern, readYara(pattern)?.names])).toEqual(BAD.map((pattern) => [pattern, undefined])); // prettier-ignore
  expect(GOOD.map((pattern) => readYara(pattern)?.renamed(new Map()))).toEqual(GOOD);
});

test('rules of the same name get a number, also where other rules of the indicator refer to them', () => {
  const uses = 'rule Eel { strings: $Eel = "Eel" condition: $Eel }\nrule Big { condition: Eel and filesize > 9 }';
  const [first, second = '', third] = made([RULE, uses, 'rule Eel_2 { condition: true }'], yara);
  expect(first).toContain('rule Eel : worm');
  expect(second).toContain('rule Eel_2 { strings: $Eel = "Eel" condition: $Eel }\nrule Big { condition: Eel_2 and filesize > 9 }');
  expect(third).toContain('rule Eel_2_2 {');
}); // prettier-ignore

test('a rule with the name of a field of a module gets another name, and the field keeps its own', () => {
  const rule =
    'import "pe" rule number_of_sections { condition: pe.number_of_sections > 3 and pe . machine == 1 }';
  const [, second = ''] = made([rule, rule], yara);
  expect(second).toContain('rule number_of_sections_2 { condition: pe.number_of_sections > 3 and');
});

test('rules with very many words or equal names take time in proportion to their length', () => {
  // Each of these took minutes when every word was compared with all others. A test does not end then.
  expect(readYara(`rule A { condition: ${'for '.repeat(60_000)}in true }`)).toBeUndefined();
  expect(readYara(`rule A { strings: $a = "a" condition: ${'$a or '.repeat(40_000)}$a }`)?.names).toEqual(['A']);
  const strings = Array.from({ length: 7_000 }, (_each, i) => `$_${i} = { 61 62 } private`).join(' ');
  expect(readYara(`rule A { strings: ${strings} condition: true }`)?.names).toEqual(['A']);
  const rules = Array.from({ length: 7_000 }, (_each, i) => `rule A${i} { condition: true }`).join('\n');
  expect(readYara(rules)?.names).toHaveLength(7_000);
  const same = made(Array.from({ length: 30_000 }, () => 'rule A { condition: true }'), yara);
  expect(same.at(-1)).toContain('rule A_30000 {');
  const keys = Array.from({ length: 5_000 }, (_each, i) => `  k${i}: a`).join('\n');
  expect(made([`${SIGMA}\nmore:\n${keys}`, `${SIGMA}\nmore:\n${keys}\n  k1: a`, `${SIGMA}\n# ${'x'.repeat(65_536)}`], sigma).map((text) => text !== undefined)).toEqual([true, false, false]);
}); // prettier-ignore

const piece = fc.constantFrom('global ', 'rule ', 'X', ' { ', '} ', 'condition: ', 'true ', '"', '/*', '*/', '//', '\n', '$a ', '= ', 'strings: ', 'include ', 'import "pe" ', '/a/ ', '\\', 'for ', 'in ', ': ', '(', ')'); // prettier-ignore

test('no text changes how the rules of others are read', () => {
  const noise = fc.array(piece, { maxLength: 14 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      const texts = made([`${before} rule Q { condition: true } ${after}`, RULE], yara);
      expect(texts[1]).toBeDefined();
      const whole = readYara(texts.join(''));
      expect(whole?.names.at(-1)).toBe('Eel');
      expect(whole?.names).toEqual(texts.flatMap((text) => readYara(text ?? '')?.names ?? []));
    }),
    { numRuns: 2_000 },
  );
});

const SIGMA =
  "title: Eel\nid: 1\nlogsource:\n  product: windows\ndetection:\n  selection:\n    Image|endswith: '\\eel.exe'\n  condition: selection";

test('Sigma rules are passed through as documents of their own, and everything else is left out', () => {
  const several = `---\n${SIGMA}\n---\ntitle: Many eels\ncorrelation:\n  type: event_count\n`;
  const good = [SIGMA, `${SIGMA}\n...\n`, several, `# a comment\r\n${SIGMA.replaceAll('\n', '\r\n')}`, `${SIGMA}\ndescription: |\n  open\n  text`];
  const bad = ['', '# nothing', 'title: x', 'title: 5\nlogsource: {}\ndetection: { condition: a }', `%YAML 1.1\n---\n${SIGMA}`, `${SIGMA}\nextra: "open`, `${SIGMA}\n---\nevil: true`, `${SIGMA}\ntitle: twice`, '[1, 2]', `${SIGMA}\na: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]`, `${SIGMA}\u0085evil: true`, `${SIGMA}\nx: !!binary [`];
  const texts = made(good, sigma);
  expect(texts.every((text) => text !== undefined)).toBe(true);
  expect(made(bad, sigma).map((text, i) => [bad[i], text])).toEqual(bad.map((pattern) => [pattern, undefined]));
  const documents = parseAllDocuments(sigma.head(FACTS) + texts.join(''));
  if ('empty' in documents) throw new Error('the file has no documents');
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  expect(documents.map((one) => (one.toJS() as Json | null)?.['title']).filter(Boolean)).toEqual(['Eel', 'Eel', 'Eel', 'Many eels', 'Eel', 'Eel']);
}); // prettier-ignore

test('an empty bundle has no list of objects, and its id depends on its content', () => {
  const empty = (facts = FACTS): Json => JSON.parse(stix.head(facts) + stix.writer().end()) as Json;
  expect(Object.keys(empty())).toEqual(['type', 'id']);
  expect(empty()['id']).not.toBe(empty({ ...FACTS, changed: 1 })['id']);
});

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  t = await testHub(SETTINGS, { clock });
});
afterAll(async () => {
  await t.stop();
});
const get = (path: string, who = 'reader', headers: Record<string, string> = {}): supertest.Test =>
  supertest(t.hub.app).get(`/lists/${path}`).set('Authorization', `Bearer ${keyOf(who)}`).set(headers).buffer(true).parse((response, done) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += part.toString()));
    response.on('end', () => done(null, text));
  }); // prettier-ignore
const read = async (path: string): Promise<string> => {
  const { status, body } = (await get(path)) as unknown as { status: number; body: string };
  expect([path, status]).toEqual([path, 200]);
  return body;
};

const GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';

test('a collection is read as a bundle and as files of rules, by the rights, the policy and the filters of lists', async () => {
  const over = { valid_until: '2027-01-01T00:00:00Z', object_marking_refs: [GREEN] };
  const identity = { type: 'identity', spec_version: '2.1', id: 'identity--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: 'Reef' };
  const papRed = { type: 'marking-definition', spec_version: '2.1', id: 'marking-definition--2d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b', created: '2026-01-01T00:00:00.000Z', definition_type: 'statement', definition: { statement: 'PAP:RED' } };
  const secret = anIndicator({ pattern: 'rule Secret { condition: true }', pattern_type: 'yara', ...over, object_marking_refs: [GREEN, papRed.id] });
  const address = anIndicator({ pattern: "[ipv4-addr:value = '45.60.1.1']", confidence: 90, labels: ['botnet'], ...over });
  const worm = anIndicator({ pattern: RULE, pattern_type: 'yara', ...over });
  const rule = anIndicator({ pattern: SIGMA, pattern_type: 'sigma', ...over });
  const broken = anIndicator({ pattern: 'rule X {', pattern_type: 'yara', ...over });
  const ended = anIndicator({ pattern: 'rule Old { condition: true }', pattern_type: 'yara', ...over, valid_until: '2026-11-30T00:00:00Z' });
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects: [identity, address, worm, rule, broken, ended, papRed, secret] });
  expect(body).toMatchObject({ success_count: 8 });
  await t.hub.valueView.followAll();
  const bundle = JSON.parse(await read('indicators/stix')) as { type: string; objects: Json[] };
  expect(bundle.objects.slice(0, 8)).toEqual([identity, address, worm, rule, broken, ended, papRed, secret]);
  // The markings that the objects refer to are in the bundle.
  expect(bundle.objects.slice(8).map(({ id }) => id)).toEqual([GREEN]);
  const rules = (await get('indicators/yara')) as unknown as { body: string; headers: Record<string, string> };
  expect([...rules.body.matchAll(/^rule (\w+)/gm)].map(([, name]) => name)).toEqual(['Eel', 'Old']);
  expect([rules.headers['x-talanoa-entries'], rules.headers['x-talanoa-omitted']]).toEqual(['2', expect.stringMatching(/^(?:format=1, ?policy=1|policy=1, ?format=1)$/)]);
  expect(await read('indicators/sigma')).toContain(SIGMA);
  // Filters of objects apply, and filters of values are refused.
  const filtered = JSON.parse(await read('indicators/stix?labels=botnet&min_confidence=80')) as { objects: Json[] };
  expect(filtered.objects.filter(({ type }) => type === 'indicator')).toEqual([address]);
  expect((await get('indicators/yara?limit=5')).status).toBe(400);
  expect((await get('indicators/yarra')).body).toContain('Did you mean "yara"?');
  // Nothing is sent again while nothing changes, and time and suppressions reach the files.
  const tag = String(rules.headers['etag']);
  expect((await get('indicators/yara', 'reader', { 'If-None-Match': tag })).status).toBe(304);
  await t.api('chief', 'POST', '/suppressions', { values: ['45.60.1.1'], reason: 'the bank of a member' });
  expect(await read('indicators/stix')).not.toContain('45.60.1.1');
  clock.advance(86_400_000);
  expect([...(await read('indicators/yara')).matchAll(/^rule (\w+)/gm)].map(([, name]) => name)).toEqual(['Eel']);
  for (const format of ['stix', 'yara', 'sigma']) {
    expect([format, (await get(`indicators/${format}`, 'desk')).status]).toEqual([format, 404]);
    expect([format, (await supertest(t.hub.app).get(`/lists/indicators/${format}`)).status]).toEqual([format, 401]);
  }
}); // prettier-ignore
