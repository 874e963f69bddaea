import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isOfRfc4122, isStixId, observableId } from '../../src/stix/identifiers.ts';
import { buildPattern, quote } from '../../src/stix/pattern/build.ts';
import { eachTest } from '../../src/stix/pattern/ast.ts';
import { PatternError } from '../../src/stix/pattern/lexer.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import {
  compareTimestamps,
  instantOf,
  parseTaxiiTimestamp,
  taxiiTimestamp,
  timestampFault,
} from '../../src/stix/timestamps.ts';
import { gate, isGated, readObject } from '../../src/kernel/json-gate.ts';
import type { StixId } from '../../src/stix/types.ts';
import type { StixFault } from '../../src/stix/validation/fault.ts';
import { ObjectSet, translationFaults } from '../../src/stix/validation/set.ts';
import { errorsOf, gateFault, validateBundle, validateObject } from '../../src/stix/validation/validate.ts';
import { anIndicator, type Json } from '../support/builders.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'stix');
const load = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown;

interface Vector {
  readonly file: string;
  readonly type: string;
  readonly rules: readonly string[];
  readonly pointer?: string;
  readonly raw?: boolean;
}
const manifest = load('manifest.json') as { valid: Vector[]; invalid: Vector[] };
describe('STIX patterns (section 9)', () => {
  const patterns = load('patterns.json') as { pattern: string; valid: boolean; rule?: string }[];
  test.each(patterns.map((p) => [p.valid ? 'valid' : String(p.rule), p.pattern] as const))(
    '%s: %s',
    (verdict, pattern) => {
      let rule = 'valid';
      try {
        parsePattern(pattern);
      } catch (error) {
        rule = error instanceof PatternError ? error.rule : 'crash';
      }
      expect(rule).toBe(verdict);
    },
  );

  test('the parser returns a tree or throws a PatternError for any text', () => {
    const word = fc.constantFrom(
      '[',
      ']',
      '(',
      ')',
      "'a'",
      "'",
      '\\',
      'file',
      ':',
      '.',
      'name',
      '=',
      'AND',
      'OR',
      'NOT',
      'IN',
      ',',
      'FOLLOWEDBY',
      'WITHIN',
      '5',
      'SECONDS',
      '[*]',
      "t'2026-01-01T00:00:00Z'",
      '-',
      ' ',
      'MATCHES',
      '/*',
      '//',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            parsePattern(text);
          } catch (error) {
            expect(error).toBeInstanceOf(PatternError);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('deep nesting and endless input are refused quickly', () => {
    for (const text of [
      '('.repeat(100_000),
      `[${'('.repeat(60_000)}`,
      `[file:name = '${'\\\\'.repeat(30_000)}`,
      `[${"file:name = 'a' OR ".repeat(3_000)}`,
      `[file:name MATCHES '${'(a+)+'.repeat(5_000)}$']`,
    ]) {
      try {
        parsePattern(text);
      } catch (error) {
        expect(error).toBeInstanceOf(PatternError);
      }
    }
  });

  test('a value in a built pattern is read back unchanged, so nothing can be injected', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const values: unknown[] = [];
        eachTest(parsePattern(buildPattern({ type: 'url', value })).root, (found) => {
          if (found.kind === 'test') values.push(...found.constants.map((constant) => constant.value));
        });
        expect(values).toEqual([value]);
      }),
    );
    expect(quote("it's \\ here")).toBe("'it\\'s \\\\ here'");
  });
});

/** Pattern rules count as the rule that an indicator needs a valid pattern. */
const named = (rule: string, rules: readonly string[]): boolean =>
  rules.includes(rule) || (rules.includes('S-076') && rule.startsWith('P-'));
/** True for a consequence of the same fault at, above or below its position. */
const related = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

describe('validation (rules of STIX 2.1)', () => {
  const manifestOf = new Map([...manifest.valid, ...manifest.invalid].map((vector) => [vector.file, vector]));
  /** Returns every fault of a file, in the order of the command: the JSON, each object, then all objects together. */
  const judge = (file: string): { faults: StixFault[]; objects: Json[] } => {
    const bytes = readFileSync(join(folder, file));
    const faults: StixFault[] = [];
    const objects: Json[] = [];
    const isBundle =
      manifestOf.get(file)?.type === 'bundle' || /"type"\s*:\s*"bundle"/.test(bytes.toString('latin1'));
    try {
      const document = gate(
        isBundle ? bytes : Buffer.concat([Buffer.from('{"objects":['), bytes, Buffer.from(']}')]),
      );
      if (isBundle)
        faults.push(
          ...validateBundle(
            Object.fromEntries(document.members),
            document.hasObjects ? document.objects.length : undefined,
          ),
        );
      const set = new ObjectSet();
      for (const span of document.objects) {
        const item = readObject(document, span);
        if (!isGated(item)) {
          faults.push(gateFault(item));
          continue;
        }
        objects.push(item.value);
        faults.push(...validateObject(item.value), ...set.add(item.value, undefined));
      }
      for (const content of objects.filter(({ type }) => type === 'language-content')) {
        const target = objects.find(({ id }) => id === content['object_ref']);
        if (target !== undefined) faults.push(...translationFaults(content, target));
      }
    } catch (error) {
      faults.push({ level: 'error', rule: 'S-001', pointer: '', message: String(error) });
    }
    return { faults, objects };
  };

  test.each(manifest.valid.map(({ file }) => [file]))('%s is accepted', (file) => {
    expect(errorsOf(judge(file).faults)).toEqual([]);
  });

  // A UUID that objects of several types have is a warning, because MISP numbers its objects like this.
  test('one UUID in several types is a warning', () => {
    const faults = judge('invalid/s049-01-bundle.json').faults.filter(({ rule }) => rule === 'S-049');
    expect(faults.map(({ level }) => level)).toEqual(['warning']);
  });

  test.each(
    manifest.invalid
      .filter(({ file }) => !file.includes('/s049-'))
      .map((vector) => [vector.file, vector] as const),
  )('%s is refused by its rule', (_file, vector) => {
    const found = errorsOf(judge(vector.file).faults);
    const rules = found.map((fault) => fault.rule);
    expect({ rules, named: rules.some((rule) => named(rule, vector.rules)) }).toEqual({
      rules,
      named: true,
    });
    // No other fault is found in the object.
    const others = found.filter((fault) => !named(fault.rule, vector.rules));
    expect(
      others.filter((fault) => fault.rule !== 'S-014' && !related(fault.pointer, vector.pointer ?? '')),
    ).toEqual([]);
  });

  test('no JSON value makes it throw', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(...Object.keys(anIndicator()), 'granular_markings', 'external_references', 'lang'),
        (value, name) => {
          validateObject(anIndicator({ [name]: value ?? undefined }));
          if (typeof value === 'object' && value !== null && !Array.isArray(value)) validateObject(value);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('names of JavaScript properties and values without a text form are treated as unknown types', () => {
  const id = (type: string) => `${type}--0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f`;
  for (const type of ['constructor', '__proto__', 'tostring', { toString: 1 }, null, ['file']])
    expect(() => validateObject({ type, id: id(String(typeof type)), spec_version: '2.1' })).not.toThrow();
  expect(observableId({ type: 'constructor', id: id('constructor') })).toBeUndefined();
});

describe('identifiers and timestamps', () => {
  test('worked examples of deterministic ids (section 2.9)', () => {
    expect(observableId({ type: 'domain-name', value: 'example.com' })).toBe(
      'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
    );
    expect(observableId({ type: 'ipv4-addr', value: '198.51.100.3' })).toBe(
      'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4',
    );
    expect(observableId({ type: 'process', pid: 1 })).toBeUndefined();
    expect(isStixId('indicator--9c8b6744-421b-4bee-b234-2d694aa6a67a')).toBe(true);
    expect(isOfRfc4122('indicator--9c8b6744-421b-4bee-b234-2d694aa6a67a' as StixId)).toBe(true);
    expect(isOfRfc4122('indicator--9c8b6744-421b-0bee-b234-2d694aa6a67a' as StixId)).toBe(false);
    expect(isStixId('indicator--9c8b6744-421b-4bee-b234-2d694aa6a67g')).toBe(false);
  });

  test.each([
    ['2024-02-29T23:59:59.999999999Z', undefined], ['2026-12-31T23:59:60Z', undefined], ['2025-02-29T00:00:00Z', 'date'], ['2026-01-01T24:00:00Z', 'date'], ['2026-06-15T23:59:60Z', 'date'],
    ['2026-01-01T00:00:00.Z', 'form'], ['2026-01-01T00:00:00+00:00', 'form'], ['2026-01-01t00:00:00z', 'form'], ['2026-01-01', 'form'], ['', 'form'], ['2026-01-01T00:00:00.12aZ', 'form'],
  ] as const)('%s: %s', (text, fault) => {
    expect(timestampFault(text)).toBe(fault);
  }); // prettier-ignore

  test('versions are ordered by instant, whatever the precision', () => {
    expect(compareTimestamps('2026-01-01T00:00:00.12Z', '2026-01-01T00:00:00.120000Z')).toBe(0);
    expect(compareTimestamps('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.0005Z')).toBe(-1);
    expect(instantOf('2026-01-01T00:00:00.000Z')).toBe('2026-01-01T00:00:00');
  });

  test('TAXII timestamps have six digits and lose nothing between 1970 and 2200', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_258_118_400_000_000 }), (micros) => {
        const text = taxiiTimestamp(micros);
        expect(text).toMatch(/\.\d{6}Z$/);
        expect(parseTaxiiTimestamp(text)).toBe(micros);
      }),
    );
    expect(parseTaxiiTimestamp('2026-01-01T00:00:00.1234569Z')).toBe(
      (parseTaxiiTimestamp('2026-01-01T00:00:00Z') ?? 0) + 123_456,
    );
  });
});
