import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { splitJson } from '../../src/kernel/json-stream.ts';
import { patternAdvice } from '../../src/stix/pattern/advice.ts';
import type { Comparison, Constant, Observation, Qualifier } from '../../src/stix/pattern/ast.ts';
import { explainPattern, levelOf } from '../../src/stix/pattern/explain.ts';
import { patternKeys } from '../../src/stix/pattern/keys.ts';
import { PatternError } from '../../src/stix/pattern/lexer.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { printPattern } from '../../src/stix/pattern/print.ts';
import { upgradeObject } from '../../src/stix/upgrade.ts';
import { sectionOf } from '../../src/stix/validation/sections.ts';
import { ObjectSet } from '../../src/stix/validation/set.ts';
import { MOST_FAULTS } from '../../src/stix/validation/fault.ts';
import { errorsOf, validateObject } from '../../src/stix/validation/validate.ts';
import { anIndicator, type Json } from '../support/builders.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'stix');
const vectors = (
  JSON.parse(readFileSync(join(fixtures, 'patterns.json'), 'utf8')) as { pattern: string; valid: boolean }[]
).filter(({ valid }) => valid);

/**
 * Trees as the parser builds them: every list of operands has at least two, without unnecessary nesting of the same
 * kind.
 */
const name = fc.constantFrom('name', 'size', 'SHA-256', "it's", 'a.b', 'x_1', 'Bar', 'ab');
const constant: fc.Arbitrary<Constant> = fc.oneof(
  fc.string().map((value): Constant => ({ kind: 'string', value })),
  fc.integer().map((value): Constant => ({ kind: 'integer', value, text: String(value) })),
  fc.boolean().map((value): Constant => ({ kind: 'boolean', value })),
  fc.constantFrom('', '00ff', 'abcdef').map((value): Constant => ({ kind: 'hex', value })),
  fc
    .constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z')
    .map((value): Constant => ({ kind: 'timestamp', value })),
);
const isProperty = (text: string): boolean => /^(?:id|[a-z][a-z0-9_]{2,249})$/.test(text);
const isPlain = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
const path = fc
  .tuple(name, fc.array(fc.oneof(name, fc.nat(9), fc.constant('*' as const)), { maxLength: 2 }))
  .map(([first, rest]) => ({
    type: 'x-thing',
    steps: [first, ...rest].map((step, i) =>
      typeof step === 'number' || step === '*'
        ? { index: step }
        : { name: step, quoted: !(i === 0 ? isProperty(step) : isPlain(step)) },
    ),
  }));
const testOf: fc.Arbitrary<Comparison> = fc.oneof(
  fc.tuple(path, fc.boolean(), fc.constantFrom('=' as const, '!=' as const), constant).map(([p, negated, operator, c]) => ({
    kind: 'test' as const, path: p, negated, operator, constants: [c],
  })), // prettier-ignore
  fc.tuple(path, fc.boolean(), fc.array(fc.string(), { minLength: 1, maxLength: 3 })).map(([p, negated, values]) => ({
    kind: 'test' as const, path: p, negated, operator: 'IN' as const, constants: values.map((value): Constant => ({ kind: 'string', value })),
  })), // prettier-ignore
  fc.tuple(path, fc.boolean()).map(([p, negated]) => ({ kind: 'exists' as const, path: p, negated })),
);
const comparison: fc.Arbitrary<Comparison> = fc
  .letrec<{ any: Comparison }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      testOf,
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const),
          fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
        )
        .map(([kind, operands]) => ({
          kind,
          operands: operands
            .map((one) => ('operands' in one && one.kind === kind ? (one.operands[0] as Comparison) : one))
            .map((one) => ('operands' in one && one.kind === kind ? (one.operands[0] as Comparison) : one)),
        })),
    ),
  }))
  .any.filter((tree) => wellFormed(tree));
function wellFormed(tree: Comparison): boolean {
  return (
    !('operands' in tree) ||
    tree.operands.every((one) => wellFormed(one) && !('operands' in one && one.kind === tree.kind))
  );
}
const qualifiers: fc.Arbitrary<Qualifier[]> = fc.subarray<Qualifier>([
  { kind: 'WITHIN', seconds: 5, text: '5' },
  { kind: 'REPEATS', times: 3 },
  { kind: 'START', start: '2026-01-01T00:00:00Z', stop: '2026-01-02T00:00:00Z' },
]);
const single = fc
  .tuple(comparison, qualifiers)
  .map(([tree, q]): Observation => ({ kind: 'observation', comparison: tree, qualifiers: q }));
const observation: fc.Arbitrary<Observation> = fc.oneof(
  single,
  fc
    .tuple(
      fc.constantFrom('AND' as const, 'OR' as const, 'FOLLOWEDBY' as const),
      fc.array(single, { minLength: 2, maxLength: 3 }),
      qualifiers,
    )
    .map(([kind, operands, q]): Observation => ({ kind, operands, qualifiers: q })),
);

describe('printing and parsing patterns', () => {
  test('a printed pattern is parsed to the same tree', () => {
    fc.assert(
      fc.property(observation, (root) => {
        const printed = printPattern({ root, warnings: [], faults: [] });
        expect(parsePattern(printed).root).toEqual(root);
      }),
      { numRuns: 1500 },
    );
  });

  test.each(vectors.map(({ pattern }) => [pattern]))(
    'the canonical form of %s is its own canonical form',
    (pattern) => {
      const version = /START '/.test(pattern) ? ('2.0' as const) : ('2.1' as const);
      const normal = printPattern(parsePattern(pattern, { version }));
      expect(printPattern(parsePattern(normal))).toBe(normal);
      expect(explainPattern(parsePattern(normal))).toMatch(/^It matches when .+\.$/s);
      expect([1, 2, 3]).toContain(levelOf(parsePattern(normal)));
    },
  );

  test('white space, comments, quotes and notation make no difference', () => {
    const forms = [
      "[file:name='a'AND file:size!=5]",
      "[ file:'name' = 'a'\n  AND /* why */ file:size <> 5 ]",
      "[(file:name == 'a') AND (file:size != 5)] // what",
    ];
    expect(new Set(forms.map((form) => printPattern(parsePattern(form))))).toEqual(
      new Set(["[file:name = 'a' AND file:size != 5]"]),
    );
  });

  test('a pattern is explained in plain English', () => {
    const said = (pattern: string): string => explainPattern(parsePattern(pattern));
    expect(
      said("[file:hashes.'SHA-256' = 'aa00000000000000000000000000000000000000000000000000000000000000']"),
    ).toBe(
      'It matches when a file is seen, and its SHA-256 hash is "aa00000000000000000000000000000000000000000000000000000000000000".',
    );
    expect(said("[ipv4-addr:value ISSUBSET '198.51.100.0/24'] REPEATS 5 TIMES")).toBe(
      'It matches when an IPv4 address is seen, and its value lies within "198.51.100.0/24", seen 5 times.',
    );
    expect(
      said("[network-traffic:dst_ref.value = 'evil.example' AND network-traffic:dst_port NOT = 443]"),
    ).toBe(
      'It matches when network traffic is seen, and the value of its destination is "evil.example" and its destination port is not 443.',
    );
  });

  test('the keys are the values that the pattern affirms, in one notation', () => {
    const keys = (pattern: string): string[] =>
      patternKeys(parsePattern(pattern)).map(({ type, property, value }) => `${type} ${property} ${value}`);
    expect(keys("[domain-name:value = 'Evil.Example.' OR domain-name:value NOT = 'good.example']")).toEqual([
      'domain-name value evil.example',
    ]);
    expect(
      keys(
        "[ipv4-addr:value IN ('198.51.100.1', '198.51.100.2')] AND [file:hashes.MD5 = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA']",
      ),
    ).toEqual([
      'network value 198.51.100.1',
      'network value 198.51.100.2',
      'file hashes.MD5 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    ]);
    expect(keys("[url:value LIKE '%x%' AND url:value != 'y']")).toEqual([]);
  });

  test('a path can lead only to existing kinds of properties (P-020, P-022)', () => {
    const rule = (pattern: string): string => {
      try {
        parsePattern(pattern);
        return 'valid';
      } catch (error) {
        return error instanceof PatternError ? error.rule : 'crash';
      }
    };
    expect(
      [
        "[file:Name = 'a']", "[x-foo:Bar = 'a']", "[x-foo:'Bar' = 'a']", "[file:name[0] = 'a']", "[file:name.x = 'a']", "[file:hashes[0] = 'a']",
        "[network-traffic:src_ref.value = 'a']", "[network-traffic:protocols[*] = 'a']", "[email-message:to_refs[*].value = 'a']",
        "[file:extensions.'pdf-ext'.pdfid0 = 'a']", "[x-foo:anything[3].at.all = 'a']",
      ].map(rule), // prettier-ignore
    ).toEqual([
      'P-020',
      'P-020',
      'valid',
      'P-022',
      'P-022',
      'P-022',
      'valid',
      'valid',
      'valid',
      'valid',
      'valid',
    ]);
    expect(printPattern(parsePattern("[x-foo:'Bar'.'Baz' = 'a']"))).toBe("[x-foo:'Bar'.Baz = 'a']");
  });

  test('common mistakes get a suggestion', () => {
    const fault = (pattern: string): PatternError => {
      try {
        parsePattern(pattern);
      } catch (error) {
        return error as PatternError;
      }
      throw new Error('it is valid');
    };
    expect(fault("[file:hashes.SHA-256 = 'a']")).toMatchObject({
      rule: 'P-018',
      offset: 16,
      suggestion: "'SHA-256'",
    });
    expect(patternAdvice(parsePattern("[file:hashes.SHA1 = 'a' AND file:nam = 'b']"))).toMatchObject([
      { rule: 'W-hash', suggestion: "'SHA-1'" },
      { rule: 'P-020', suggestion: 'name' },
    ]);
  });
});

describe('the text of a fault', () => {
  test('contains the found and expected values, and a suggestion', () => {
    const object = {
      type: 'network-traffic',
      spec_version: '2.1',
      id: 'network-traffic--00000000-0000-4000-8000-000000000000',
      protocols: ['tcp'],
      src_ref: 'ipv4-addr--00000000-0000-4000-8000-000000000000',
      src_port: 70000,
      extensions: { 'socket-ext': { address_family: 'AF_INET', socket_type: 'SOCK_STEAM' } },
    };
    expect(errorsOf(validateObject(object))).toEqual([
      { level: 'error', rule: 'S-115', pointer: '/src_port', message: 'must be at most 65535, found 70000' },
      {
        level: 'error',
        rule: 'S-026',
        pointer: '/extensions/socket-ext/socket_type',
        message: expect.stringContaining('found "SOCK_STEAM"; did you mean "SOCK_STREAM"?'),
        suggestion: 'SOCK_STREAM',
      },
    ]);
    expect(sectionOf('S-115')).toBe('6.12.1');
  });

  test('vocabularies, relationships, hash names and custom names only cause warnings', () => {
    const rules = (object: Json): string[] =>
      validateObject(object).map(({ rule, level }) => `${level} ${rule}`);
    expect(rules(anIndicator({ indicator_types: ['malicious'] }))).toEqual(['warning W-vocabulary']);
    expect(rules(anIndicator({ confidance: 5 }))).toEqual(['warning W-custom']);
    expect(rules(anIndicator({ x_mitre_is_subtechnique: true }))).toEqual([]);
    const relationship = {
      type: 'relationship', spec_version: '2.1', id: 'relationship--00000000-0000-4000-8000-000000000000',
      created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', relationship_type: 'detects',
      source_ref: 'indicator--00000000-0000-4000-8000-000000000000', target_ref: 'malware--00000000-0000-4000-8000-000000000000',
    }; // prettier-ignore
    expect(validateObject(relationship)).toMatchObject([{ rule: 'W-relationship', suggestion: 'indicates' }]);
    expect(rules({ ...relationship, relationship_type: 'indicates' })).toEqual([]);
  });

  test('a strict check refuses a name that is one letter off, and no other custom name', () => {
    const refused = (over: Json): string[] =>
      errorsOf(validateObject(anIndicator(over), { level: 'strict' })).map(({ pointer }) => pointer);
    expect(refused({ confidance: 5 })).toEqual(['/confidance']);
    expect(refused({ severity_score: 5, x_confidance: 5, name2: 'a' })).toEqual([]);
  });

  test('at most twenty faults of an object are reported, with a note that there are more', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`Bad-${i}`, 1]));
    const faults = validateObject({ ...anIndicator(), ...many });
    expect(faults).toHaveLength(MOST_FAULTS + 1);
    expect(faults.at(-1)?.message).toBe('the object has more than 20 errors; the rest was not checked');
  });

  test('languages of the Pacific are known, and other words are not', () => {
    const refused = (lang: string): boolean => errorsOf(validateObject(anIndicator({ lang }))).length > 0;
    for (const lang of [
      'to',
      'sm',
      'fj',
      'fr-NC',
      'en-FJ',
      'bi',
      'mi',
      'na',
      'tpi',
      'gil',
      'tvl',
      'niu',
      'rar',
      'pau',
      'ch',
      'tkl',
      'ty',
      'tet',
      'zh-Hant-TW',
      'x-clan',
    ])
      expect([lang, refused(lang)]).toEqual([lang, false]);
    for (const lang of ['', 'english', 'en_US', 'qq', 'en-QQ', 'e', 'en-'.repeat(50)])
      expect([lang, refused(lang)]).toEqual([lang, true]);
  });
});

test('no mutation of a valid object makes the check throw or take long', () => {
  const manifest = JSON.parse(readFileSync(join(fixtures, 'manifest.json'), 'utf8')) as {
    valid: { file: string; type: string; raw?: boolean }[];
  };
  const objects = manifest.valid
    .filter(({ type, raw }) => type !== 'bundle' && raw !== true)
    .map(({ file }) => readFileSync(join(fixtures, file), 'utf8'));
  /** Returns every position in a value: the container and the name. */
  const places = (
    value: unknown,
    found: [Record<string, unknown>, string][] = [],
  ): [Record<string, unknown>, string][] => {
    if (typeof value !== 'object' || value === null) return found;
    for (const key of Object.keys(value)) {
      found.push([value as Record<string, unknown>, key]);
      places((value as Record<string, unknown>)[key], found);
    }
    return found;
  };
  fc.assert(
    fc.property(
      fc.nat(objects.length - 1),
      fc.array(
        fc.tuple(fc.nat(), fc.constantFrom('set', 'drop', 'rename', 'wrap'), fc.jsonValue({ maxDepth: 3 })),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      (which, changes) => {
        const object = JSON.parse(objects[which] ?? '{}') as Json;
        for (const [where, how, value] of changes) {
          const all = places(object);
          const [holder, key] = all[where % Math.max(1, all.length)] ?? [object, 'x'];
          if (how === 'set') holder[key] = value;
          else if (how === 'drop') delete holder[key];
          else if (how === 'wrap') holder[key] = [{ [key]: holder[key] }];
          else {
            holder[`${key}_ref`] = holder[key];
            delete holder[key];
          }
        }
        for (const fault of validateObject(object)) {
          expect(fault.message.length).toBeLessThan(2_000);
          expect(fault.pointer === '' || fault.pointer.startsWith('/')).toBe(true);
        }
        upgradeObject(object);
        new ObjectSet().add(object, undefined);
      },
    ),
    { numRuns: 3_000 },
  );
}, 60_000);

describe('several objects together', () => {
  const v = (over: Json): Json =>
    anIndicator({ id: 'indicator--00000000-0000-4000-8000-000000000001', ...over });
  const rulesOf = (...objects: Json[]): string[] => {
    const set = new ObjectSet();
    return objects.flatMap((object) => set.add(object, undefined).map(({ rule }) => rule));
  };
  test('versions are compared at full precision, defaults do not count, and revocation is final', () => {
    expect(rulesOf(v({}), v({ modified: '2026-01-01T00:00:00.000000Z', revoked: false }))).toEqual([]);
    expect(rulesOf(v({}), v({ name: 'Other' }))).toEqual(['S-046']);
    expect(rulesOf(v({}), v({ modified: '2026-01-01T00:00:00.000000001Z', name: 'Other' }))).toEqual([]);
    expect(rulesOf(v({ revoked: true }), v({ modified: '2026-01-02T00:00:00.000Z' }))).toEqual(['S-044']);
    expect(rulesOf(v({ modified: '2026-01-02T00:00:00.000Z' }), v({ revoked: true }))).toEqual(['S-044']);
    expect(
      rulesOf(v({}), v({ created: '2025-01-01T00:00:00.000Z', modified: '2026-01-02T00:00:00.000Z' })),
    ).toEqual(['S-045']);
  });
});

test('an extension is compared with its definition, wherever that is in the set', () => {
  const id = 'extension-definition--00000000-0000-4000-8000-000000000000';
  const set = new ObjectSet<string>();
  const uses = (kind: string, over: Json): Json =>
    anIndicator({ extensions: { [id]: { extension_type: kind } }, ...over });
  set.add(uses('toplevel-property-extension', { toxicity: 5, rank: 1 }), 'good');
  set.add(uses('toplevel-property-extension', { toxicty: 5 }), 'slip');
  set.add(uses('property-extension', {}), 'kind');
  set.add(
    {
      type: 'extension-definition', id, spec_version: '2.1', created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z',
      created_by_ref: 'identity--00000000-0000-4000-8000-000000000000', name: 'Toxicity', schema: 'https://example.com/s', version: '1.0.0',
      extension_types: ['toplevel-property-extension'], extension_properties: ['toxicity', 'rank'],
    }, // prettier-ignore
    'definition',
  );
  expect(set.end().map(({ place, fault }) => [place, fault.level, fault.pointer, fault.suggestion])).toEqual([
    ['slip', 'warning', '/toxicty', 'toxicity'],
    ['kind', 'warning', `/extensions/${id}/extension_type`, undefined],
  ]);
});

describe('conversion of STIX 2.0 to 2.1', () => {
  const up = (object: Json) => upgradeObject(object);
  const base = { created: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z' };
  test('an indicator gets its types, pattern and times', () => {
    expect(
      up({
        type: 'indicator', id: 'indicator--00000000-0000-4000-8000-000000000000', ...base, labels: ['malicious-activity', 'team-7'],
        pattern: "[file:name = 'a'] START '2020-01-01T00:00:00Z' STOP '2020-01-02T00:00:00Z'", valid_from: '2020-01-01T00:00:00Z',
      }), // prettier-ignore
    ).toMatchObject({
      kind: 'upgraded',
      object: {
        spec_version: '2.1',
        indicator_types: ['malicious-activity'],
        labels: ['team-7'],
        pattern_type: 'stix',
        pattern: "[file:name = 'a'] START t'2020-01-01T00:00:00Z' STOP t'2020-01-02T00:00:00Z'",
      },
    });
  });
  test('observables in a container become objects', () => {
    expect(
      up({
        type: 'observed-data', id: 'observed-data--00000000-0000-4000-8000-000000000000', ...base,
        first_observed: '2020-01-01T00:00:00Z', last_observed: '2020-01-01T00:00:00Z', number_observed: 1,
        objects: {
          0: { type: 'file', hashes: { ssdeep: '3:a:b', sha256: 'a'.repeat(64) }, created: '2020-01-01T00:00:00Z', is_encrypted: false },
          1: { type: 'process', pid: 4, name: 'sh', arguments: ['-c', 'id'], binary_ref: '0', created: '2020-01-01T00:00:00Z' },
          2: { type: 'network-traffic', protocols: ['tcp'], src_ref: '3', extensions: { 'http-request-ext': { request_method: 'get', request_value: '/', request_header: { Host: 'a.example' } } } },
          3: { type: 'ipv4-addr', value: '198.51.100.1' },
        },
      }), // prettier-ignore
    ).toMatchObject({
      kind: 'upgraded',
      object: {
        objects: {
          0: { hashes: { SSDEEP: '3:a:b', 'SHA-256': 'a'.repeat(64) }, ctime: '2020-01-01T00:00:00Z' },
          1: { command_line: 'sh -c id', image_ref: '0', created_time: '2020-01-01T00:00:00Z' },
          2: { extensions: { 'http-request-ext': { request_header: { Host: ['a.example'] } } } },
        },
      },
      notes: expect.arrayContaining(['file.is_encrypted does not exist in STIX 2.1']),
    });
  });
  test('malware notes guessed values, STIX 2.1 is returned unchanged, and objects that stay invalid are not returned', () => {
    expect(
      up({
        type: 'malware',
        id: 'malware--00000000-0000-4000-8000-000000000000',
        ...base,
        name: 'X',
        labels: ['trojan'],
      }),
    ).toMatchObject({
      object: { is_family: true, malware_types: ['trojan'] },
      notes: ['is_family was set to true, because STIX 2.0 does not specify it'],
    });
    const already = anIndicator();
    expect(up(already)).toEqual({ kind: 'upgraded', object: already, notes: [] });
    expect(
      up({
        type: 'indicator',
        id: 'indicator--00000000-0000-4000-8000-000000000000',
        ...base,
        labels: ['benign'],
        pattern: '[no',
        valid_from: '2020-01-01T00:00:00Z',
      }),
    ).toMatchObject({
      kind: 'refused',
      faults: [{ pointer: '/pattern' }],
    });
  });
});

describe('documents that are parsed as streams', () => {
  const split = async (text: string, size: number) => {
    const bytes = Buffer.from(text);
    async function* chunks(): AsyncGenerator<Buffer> {
      for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
    }
    const pieces: string[] = [];
    const shells: string[] = [];
    for await (const part of splitJson(chunks()))
      if (part.kind === 'piece') pieces.push(`${part.line}:${part.column} ${part.bytes.toString()}`);
      else shells.push(`${part.pieces ?? '-'} ${part.text.replaceAll(/\s+/g, ' ')}`);
    return { pieces, shells };
  };
  test.each([1, 2, 3, 7, 1000])('in chunks of %d bytes', async (size) => {
    expect(
      await split(
        '{"type":"bundle",\n "objects": [ {"a":"]}\\""},\n{"b":[{}]} , 7], "x":{"objects":[1]}}',
        size,
      ),
    ).toEqual({
      pieces: ['2:15 {"a":"]}\\""}', '3:1 {"b":[{}]}', '3:14 7'],
      shells: ['3 {"type":"bundle", "objects": [ ], "x":{"objects":[1]}}'],
    });
    expect(await split('\ufeff[{"é":1},{}]', size)).toEqual({
      pieces: ['1:2 {"é":1}', '1:10 {}'],
      shells: ['2 []'],
    });
    expect(await split('{"a":1}\n{"b":2}\n', size)).toEqual({
      pieces: [],
      shells: ['- {"a":1}', '- {"b":2}'],
    });
    expect(await split('{"objects":[]}', size)).toEqual({ pieces: [], shells: ['0 {"objects":[]}'] });
  });
  test('malformed documents are reported with the position', async () => {
    for (const text of [
      '{"objects":[{} {}]}',
      '{"objects":[{},]}',
      '{"objects":[{}',
      '{"a":"b',
      'x',
      '[{}]]',
      '{"objects":[,{}]}',
    ])
      await expect(split(text, 3)).rejects.toThrow(/line 1, column \d+/);
  });
  test('the parts equal those of JSON.parse on the whole document', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        async (objects, size) => {
          const { pieces } = await split(JSON.stringify({ type: 'bundle', objects }, null, 1), size);
          expect(pieces.map((piece) => JSON.parse(piece.slice(piece.indexOf(' ') + 1)) as unknown)).toEqual(
            JSON.parse(JSON.stringify(objects)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the schemas themselves', () => {
  const folder = join(import.meta.dirname, '..', '..', 'schemas');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  const patternsIn = (value: unknown, found: string[] = []): string[] => {
    if (typeof value !== 'object' || value === null) return found;
    for (const [key, part] of Object.entries(value)) {
      if (key === 'pattern' && typeof part === 'string') found.push(part);
      if (key === 'patternProperties') found.push(...Object.keys(part as object));
      patternsIn(part, found);
    }
    return found;
  };
  test('no regular expression has nested repetitions, so none takes long on any text', () => {
    const all = files.flatMap((file) =>
      patternsIn(JSON.parse(readFileSync(join(folder, file), 'utf8'))).map((pattern) => ({ file, pattern })),
    );
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter(({ pattern }) => nested(pattern))).toEqual([]);
    expect([nested('^(?:a+)*$'), nested('^(a|b*)+$'), nested('^(?:[a-z]{2})+$')]).toEqual([
      true,
      true,
      false,
    ]);
  });
  test('every schema names the rule that it checks', () => {
    const rules = (value: unknown, found: string[] = []): string[] => {
      if (typeof value !== 'object' || value === null) return found;
      for (const [key, part] of Object.entries(value)) {
        if (key === 'x-rules') found.push(...Object.values(part as Record<string, string>));
        rules(part, found);
      }
      return found;
    };
    const named = new Set(
      files
        .filter((file) => file.startsWith('stix'))
        .flatMap((file) => rules(JSON.parse(readFileSync(join(folder, file), 'utf8')))),
    );
    expect(named.size).toBeGreaterThan(70);
    // A rule of the standard has a section; a limit of the hub (L-…) has none.
    for (const rule of named)
      expect([rule, sectionOf(rule)]).toEqual([rule, rule.startsWith('L-') ? undefined : expect.any(String)]);
  });
});

/** True when a group that repeats without bound has something in it that repeats without bound. */
function nested(pattern: string): boolean {
  const open: boolean[] = [];
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') inClass = true;
    else if (c === '(') open.push(false);
    else if (c === ')') {
      const repeatsInside = open.pop() ?? false;
      const after = pattern.slice(i + 1);
      const repeats = /^(?:[*+]|\{\d+,\})/.test(after);
      if (repeats && repeatsInside) return true;
      if ((repeats || repeatsInside) && open.length > 0) open[open.length - 1] = true;
    } else if ((c === '*' || c === '+' || /^\{\d+,\}/.test(pattern.slice(i))) && open.length > 0)
      open[open.length - 1] = true;
  }
  return false;
}
