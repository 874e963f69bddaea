import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { GATE_LIMITS, gate, isGated, readObject } from '../../src/kernel/json-gate.ts';
import { MOST_SCHEMA_FAULTS } from '../../src/kernel/schema-faults.ts';
import { schemaDocument } from '../../src/kernel/schema-files.ts';
import { checkWork } from '../../src/kernel/validate.ts';
import { PatternError } from '../../src/stix/pattern/lexer.ts';
import { PATTERN_LIMITS, parsePattern } from '../../src/stix/pattern/parser.ts';
import { parseTaxiiTimestamp } from '../../src/stix/timestamps.ts';
import { MOST_FAULTS } from '../../src/stix/validation/fault.ts';
import { gateFault, validateObject } from '../../src/stix/validation/validate.ts';
import { anIndicator } from '../support/builders.ts';
import { worstObjects } from '../support/worst-objects.ts';

const id = (type: string): string => `${type}--00000000-0000-4000-8000-000000000001`;

/** An object that counts every access to its parts. */
function counted(value: object): { readonly object: Record<string, unknown>; readonly looks: () => number } {
  let looks = 0;
  const made = new WeakMap<object, object>();
  const wrap = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    let proxy = made.get(part);
    if (proxy === undefined)
      made.set(
        part,
        (proxy = new Proxy(part, {
          get: (target, name, receiver) => {
            looks++;
            return wrap(Reflect.get(target, name, receiver));
          },
          getOwnPropertyDescriptor: (target, name) => {
            looks++;
            return Reflect.getOwnPropertyDescriptor(target, name);
          },
        })),
      );
    return proxy;
  };
  return { object: wrap(value) as Record<string, unknown>, looks: () => looks };
}

describe('the cost of checking one object', () => {
  test('grows linearly with the size of the worst object of every property', () => {
    const costs = (n: number): Map<string, number> => {
      const found = new Map<string, number>();
      for (const { name, object } of worstObjects(n)) {
        const { object: watched, looks } = counted(object);
        const before = checkWork.errors;
        const faults = validateObject(watched, { advice: true, level: 'strict' });
        // Errors, advice, and the line that reports more faults.
        expect(faults.length).toBeLessThanOrEqual(2 * MOST_FAULTS + 1);
        // A loop ends at the first item after twenty errors. Loops are nested, and one item can have several
        // errors.
        const errors = checkWork.errors - before;
        if (errors > 10 * MOST_SCHEMA_FAULTS) throw new Error(`${name}: ${errors} errors were computed`);
        found.set(name, looks());
      }
      return found;
    };
    const [small, large] = [costs(30), costs(60)];
    const steep = [...large].filter(([name, looks]) => looks > 2.2 * (small.get(name) ?? 0) + 200);
    expect(small.size).toBeGreaterThan(2_000);
    expect(steep).toEqual([]);
  });

  test('is the same for an object with a hundred thousand bad references as for one with fifty', () => {
    const report = (n: number): Record<string, unknown> => ({
      ...anIndicator(),
      type: 'report',
      id: id('report'),
      published: '2026-01-01T00:00:00Z',
      object_refs: Array.from({ length: n }, (_, i) => `indicator--${i}`),
    });
    const cost = (n: number): [number, number] => {
      const before = checkWork.errors;
      const faults = validateObject(report(n));
      return [checkWork.errors - before, faults.length];
    };
    expect(cost(100_000)).toEqual(cost(50));
  });

  test('does not include writing a whole large value for a message that shows eighty characters', () => {
    const { object, looks } = counted({
      ...anIndicator(),
      labels: { a: Array.from({ length: 10_000 }, (_, i) => i) },
    });
    const [fault] = validateObject(object, { advice: false });
    expect(fault?.message).toMatch(/^must be of type array, found \{"a":\[0,1,2,.{60,}…$/);
    expect(looks()).toBeLessThan(40_000);
  });

  test('a text with a required format is limited by a rule of the hub, and a long payload is accepted', () => {
    const rules = (over: Record<string, unknown>): string[] =>
      validateObject(anIndicator(over), { advice: false }).map(({ rule }) => rule);
    expect(rules({ created_by_ref: `identity--${'a'.repeat(70_000)}` })).toContain('L-007');
    expect(
      rules({ object_marking_refs: Array.from({ length: 201 }, () => id('marking-definition')) }),
    ).toEqual(['L-009']);
    const artifact = {
      type: 'artifact',
      spec_version: '2.1',
      id: id('artifact'),
      payload_bin: 'QUJD'.repeat(200_000),
    };
    expect(validateObject(artifact, { advice: false }).map(({ rule }) => rule)).not.toContain('L-007');
  });

  test('a timestamp has at most nine fraction digits, wherever one is read', () => {
    const stamp = (digits: number): string => `2026-01-01T00:00:00.${'1'.repeat(digits)}Z`;
    const rules = (digits: number): string[] =>
      validateObject(anIndicator({ modified: stamp(digits) }), { advice: false }).map(({ rule }) => rule);
    expect(rules(9)).toEqual([]);
    expect(rules(10)).toEqual(['L-010']);
    expect(rules(50_000)).toEqual(['L-010']);
    expect(rules(1_000_000)).toContain('L-010');
    for (const property of ['created', 'valid_from', 'valid_until'])
      expect(
        validateObject(anIndicator({ [property]: stamp(10) }), { advice: false }).map(({ rule }) => rule),
      ).toContain('L-010');
    const nested = validateObject(
      {
        type: 'file',
        spec_version: '2.1',
        id: 'file--f79fb8cb-c4e1-50bb-bcf5-14b1dc3b3a1c',
        name: 'a.exe',
        extensions: { 'windows-pebinary-ext': { pe_type: 'exe', time_date_stamp: stamp(10) } },
      },
      { advice: false },
    );
    expect(nested.map(({ rule, pointer }) => [rule, pointer])).toContainEqual([
      'L-010',
      '/extensions/windows-pebinary-ext/time_date_stamp',
    ]);
    const pattern = (digits: number): string => `[file:ctime = t'${stamp(digits)}']`;
    expect(() => parsePattern(pattern(9))).not.toThrow();
    expect(() => parsePattern(pattern(10))).toThrow(expect.objectContaining({ rule: 'L-010' }));
    for (const digits of [10, 1_000_000]) expect(parseTaxiiTimestamp(stamp(digits))).toBeUndefined();
    expect(parseTaxiiTimestamp(stamp(9))).toBeDefined();
  });

  test('limits of patterns are rules of the hub', () => {
    const rule = (pattern: string): string => {
      try {
        parsePattern(pattern);
        return '';
      } catch (error) {
        return error instanceof PatternError ? error.rule : 'threw';
      }
    };
    expect(rule(`[file:name = '${'a'.repeat(PATTERN_LIMITS.length)}']`)).toBe('L-008');
    expect(rule(`${'('.repeat(65)}[file:name = 'a']${')'.repeat(65)}`)).toBe('L-008');
    expect(rule(`[${'file:size=1 OR '.repeat(4_000)}file:size=1]`)).toBe('');
  });

  test('the limits of the JSON gate for one object are rules of the hub, and the rest of the document is processed', () => {
    const first = (object: unknown): string => {
      const document = gate(Buffer.from(JSON.stringify({ objects: [object, {}] })));
      const [one, two] = document.objects;
      if (one === undefined || two === undefined) throw new Error('objects are missing');
      expect(isGated(readObject(document, two))).toBe(true);
      const read = readObject(document, one);
      return isGated(read) ? '' : gateFault(read).rule;
    };
    let deep: unknown = 1;
    for (let i = 0; i < 70; i++) deep = [deep];
    expect(first({ deep })).toBe('L-001');
    expect(first(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`a${i}`, 1])))).toBe('L-002');
    expect(first({ a: Array.from({ length: GATE_LIMITS.items + 1 }, () => 1) })).toBe('L-003');
    expect(first({ ['a'.repeat(300)]: 1 })).toBe('L-004');
    expect(first({ a: 'x'.repeat(GATE_LIMITS.stringBytes + 1) })).toBe('L-005');
    expect(first({ a: Array.from({ length: 30_000 }, () => [1, 2, 3, 4, 5, 6, 7]) })).toBe('L-006');
    expect(first({ a: Array.from({ length: 9 }, () => 'x'.repeat(1_000_000)) })).toBe('L-011');
    const named = (different: boolean): object => Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, Object.fromEntries(Array.from({ length: 1_000 }, (_, j) => [different ? `n${i}_${j}` : `n${j}`, 1]))])); // prettier-ignore
    expect(first({ a: named(true) })).toBe('L-012');
    expect(first({ a: named(false) })).not.toBe('L-012');
    expect(first({ a: '\0' })).toBe('L-015');
  });
});

test('every text and list in a request to the admin API has a maximum length', () => {
  const unbounded: string[] = [];
  const look = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const part = value as Readonly<Record<string, unknown>>;
    const isOf = (type: string): boolean => [part['type']].flat().includes(type);
    // A pattern is a bound when nothing in it repeats without one.
    const isShort = typeof part['pattern'] === 'string' && !/[+*]|,\}/.test(part['pattern']);
    const isText = isOf('string') && part['enum'] === undefined && part['const'] === undefined;
    if (isText && part['maxLength'] === undefined && !isShort) unbounded.push(`text ${path}`);
    if (isOf('array') && part['maxItems'] === undefined) unbounded.push(`list ${path}`);
    for (const [name, inner] of Object.entries(part)) look(inner, `${path}/${name}`);
  };
  const folder = join(import.meta.dirname, '..', '..', 'schemas', 'api');
  // The schemas of responses describe what the hub itself writes.
  const files = readdirSync(folder).filter((name) => name !== 'resources.json');
  for (const name of files) look(schemaDocument(`api/${name}`), name);
  expect(files.length).toBeGreaterThan(30);
  expect(unbounded).toEqual([]);
});
