// Objects that need no full check, because they differ from a valid one only in values that are checked one by one.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hash } from 'node:crypto';
import type { StixObject } from '../../src/stix/types.ts';
import { ValidShapes } from '../../src/stix/validation/valid-shapes.ts';
import { validateObject, type ValidationOptions } from '../../src/stix/validation/validate.ts';

const LEVELS = ['strict', 'standard', 'tolerant'] as const;
const UUID = '5e1ef8b6-3a3c-5f0c-9a3e-6ad6d1c9f4a0';
const TIME = '2026-01-15T00:00:00.000Z';

const digits = fc.nat().map((n) => hash('sha256', String(n)));
const uuid = fc.oneof(
  { weight: 9, arbitrary: digits.map((d) => `${d.slice(0, 8)}-${d.slice(8, 12)}-5${d.slice(13, 16)}-a${d.slice(17, 20)}-${d.slice(20, 32)}`) },
  fc.uuid(),
  fc.constantFrom(UUID, UUID.toUpperCase(), UUID.replace('-5', '-7'), UUID.replace('-9', '-c'), UUID.slice(1), ''),
); // prettier-ignore
const id = (type: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.oneof({ weight: 30, arbitrary: fc.constant(type) }, fc.constantFrom('indicator', 'x', 'Url')), uuid)
    .map(([name, rest]) => `${name}--${rest}`); // prettier-ignore
const time = fc.oneof(
  { weight: 9, arbitrary: fc.constant(TIME) },
  fc
    .date({ min: new Date('2025-06-01'), max: new Date('2027-06-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-01-15T00:00:00Z', '2026-02-30T00:00:00.000Z', '2026-01-15 00:00:00.000Z', '2026-01-15T00:00:60.000Z',
    '2026-01-15T00:00:00.0Z', '2016-12-31T23:59:60.000Z', '0000-01-01T00:00:00.000Z', '2026-01-15T24:00:00.000Z', '',
  ),
); // prettier-ignore
const odd: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(null, '', ' ', 0, [], {}, ['x'], true, 'x'.repeat(70_000), '\u0000'); // prettier-ignore
const rarely = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: usual }, odd);
const freeText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constant('a name'));
const value = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.webUrl({ withQueryParameters: true }),
  fc.emailAddress(),
  fc.stringMatching(/^[a-z0-9.:/@_[\]%-]{1,20}$/),
  fc.constantFrom('192.0.2.1', '192.0.2.0/33', '01.2.3.4', '2001:db8::/32', 'xn--a.example', '-a.example', 'hxxp://a.example', 'http://a.example:99999/'),
); // prettier-ignore
const pattern = fc.oneof(
  value.map((one) => `[url:value = '${one}']`),
  value.map((one) => `[domain-name:value = '${one}' OR ipv4-addr:value ISSUBSET '${one}']`),
  fc.constantFrom(
    "[file:hashes.'SHA-256' = 'aa']", '[x', "[a:b = 'c'] AND [d:e = 1]", "[domain-name:value = 'a' AND url:value = 'b']",
    "[x:y = 'a'] REPEATS 0 TIMES", "[windows-registry-key:key = 'HKLM\\x']", "[x:X_y = 'a']",
  ),
); // prettier-ignore

/** Property values that are part of the shape. */
const fixed = {
  spec_version: rarely(fc.constant('2.1')),
  object_marking_refs: rarely(fc.constant([`marking-definition--${UUID}`])),
};
const shared = {
  ...fixed,
  created_by_ref: rarely(fc.constant(`identity--${UUID}`)),
  created: rarely(time),
  modified: rarely(time),
};
const indicator = {
  type: fc.constant('indicator'),
  id: rarely(id('indicator')),
  ...shared,
  name: rarely(freeText),
  pattern: rarely(pattern),
  pattern_type: fc.constantFrom('stix', 'stix', 'stix', 'yara'),
  pattern_version: fc.constantFrom('2.1', '2.1', '2.1', '2.0', '1'),
  valid_from: rarely(time),
};
const OBJECTS: readonly fc.Arbitrary<StixObject>[] = [
  fc.record(
    {
      ...indicator,
      description: rarely(freeText),
      valid_until: rarely(time),
      confidence: rarely(fc.constantFrom(50, 101)),
      labels: rarely(fc.constant(['a'])),
      X_odd: fc.constant(1),
    },
    { requiredKeys: Object.keys(indicator) as (keyof typeof indicator)[] },
  ),
  fc.record({
    type: fc.constant('relationship'), id: rarely(id('relationship')), ...shared,
    relationship_type: fc.constantFrom('based-on', 'Based on'),
    source_ref: rarely(id('indicator')), target_ref: rarely(fc.oneof(id('url'), id('relationship'))),
  }),
  ...['ipv4-addr', 'ipv6-addr', 'domain-name', 'email-addr', 'url', 'mutex'].map((type) =>
    fc.record({ type: fc.constant(type), id: rarely(id(type)), ...fixed, value: rarely(value) })),
]; // prettier-ignore

/** Objects as the hub makes them: all of them are valid. */
const usual = (i: number): StixObject => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${hash('sha256', `${i}`).slice(0, 8)}-3a3c-5f0c-9a3e-6ad6d1c9f4a0`,
  created_by_ref: `identity--${UUID}`,
  name: `name ${i}`,
  pattern: `[domain-name:value = 'host${i}.example']`,
  pattern_type: 'stix',
  pattern_version: '2.1',
  valid_from: TIME,
  created: TIME,
  modified: TIME,
});

describe('shapes of valid objects', () => {
  test.each(LEVELS)('no object is known in which the full check of level %s finds a fault', (level) => {
    const options: ValidationOptions = { accept: ['2.1'], advice: false, level };
    const shapes = new ValidShapes();
    const seen = { known: 0, faulty: 0 };
    fc.assert(
      fc.property(fc.oneof(...OBJECTS), (object) => {
        const faults = validateObject(object, options);
        if (faults.length > 0) seen.faulty++;
        if (shapes.has(object)) {
          seen.known++;
          expect([object, faults]).toEqual([object, []]);
        } else if (faults.length === 0) shapes.add(object);
      }),
      { numRuns: 10_000 },
    );
    // Otherwise the property would prove nothing.
    expect(seen.known).toBeGreaterThan(500);
    expect(seen.faulty).toBeGreaterThan(500);
  });

  test('one full check is enough for objects that differ only in their values', () => {
    const shapes = new ValidShapes();
    expect(shapes.has(usual(0))).toBe(false);
    expect(validateObject(usual(0), { advice: false })).toEqual([]);
    shapes.add(usual(0));
    expect(Array.from({ length: 10 }, (_, i) => shapes.has(usual(i)))).toEqual(Array(10).fill(true));
  });

  test('another order, another property and another fixed value are other shapes', () => {
    const shapes = new ValidShapes();
    shapes.add(usual(0));
    // From now on, objects are compared with a recent shape.
    expect(shapes.has(usual(1))).toBe(true);
    const { name, ...rest } = usual(1);
    expect([{ ...rest, name }, { ...rest, name, lang: 'en' }, { ...rest }, { ...usual(1), created_by_ref: `identity--${UUID.replace('5e', '5f')}` }].map((one) => shapes.has(one))).toEqual([false, false, false, false]); // prettier-ignore
  });

  test('shapes in turn are all known, also those that were not seen for long', () => {
    const shapes = new ValidShapes();
    const at = (confidence: number, i: number): StixObject => ({
      ...usual(i),
      confidence,
      object_marking_refs: [`marking-definition--${UUID}`],
    });
    for (let confidence = 0; confidence < 10; confidence++) shapes.add(at(confidence, 0));
    for (let i = 0; i < 50; i++) expect([i, shapes.has(at(i % 10, i))]).toEqual([i, true]);
    expect(shapes.has(at(10, 1))).toBe(false);
    expect(shapes.has({ ...at(9, 1), object_marking_refs: [] })).toBe(false);
    expect(shapes.has({ ...at(9, 1), object_marking_refs: null })).toBe(false);
  });

  test('times that contradict each other need the full check', () => {
    const shapes = new ValidShapes();
    const until = (time: string, modified = TIME): StixObject => ({
      ...usual(0),
      modified,
      valid_until: time,
    });
    shapes.add(until('2026-02-01T00:00:00.000Z'));
    expect(shapes.has(until('2026-01-15T00:00:00.001Z'))).toBe(true);
    expect(shapes.has(until(TIME))).toBe(false);
    expect(shapes.has(until('2026-02-01T00:00:00.000Z', '2026-01-14T00:00:00.000Z'))).toBe(false);
  });

  test('the number of shapes that are remembered is limited', () => {
    const shapes = new ValidShapes();
    const at = (confidence: number): StixObject => ({ ...usual(0), confidence });
    for (let i = 0; i < 1_500; i++) shapes.add(at(i));
    expect([shapes.has(at(0)), shapes.has(at(999)), shapes.has(at(1_000))]).toEqual([true, true, false]);
  });
});
