// Patterns that are valid without being parsed.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quote } from '../../src/stix/pattern/build.ts';
import { PATTERN_LIMITS, parsePattern } from '../../src/stix/pattern/parser.ts';
import { isPlainValuePattern } from '../../src/stix/pattern/plain-value.ts';

const TYPES = ['domain-name', 'email-addr', 'ipv4-addr', 'ipv6-addr', 'url'] as const;
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[a-z'\\\n\][ /*=:.]{0,12}$/),
  fc.constantFrom("'", '\\', "a'] OR [url:value = 'b", '\u0000', '\u2028', '\ud800', ''),
);

test('a plain pattern is valid and compares one value with the written string', () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), odd, fc.boolean(), (type, value, isQuoted) => {
      const text = `[${type}:value = ${isQuoted ? quote(value) : `'${value}'`}]`;
      if (!isPlainValuePattern(text)) return;
      plain++;
      const { root, faults } = parsePattern(text);
      expect(faults).toEqual([]);
      expect(root).toMatchObject({
        kind: 'observation',
        comparison: { kind: 'test', path: { type }, operator: '=', constants: [{ kind: 'string', value }] },
      });
    }),
    { numRuns: 3_000 },
  );
  // Otherwise the property would prove nothing.
  expect(plain).toBeGreaterThan(500);
});

test('other patterns are parsed', () => {
  const long = `[url:value = '${'x'.repeat(PATTERN_LIMITS.length)}']`;
  for (const text of [
    long, "[url:value = 'a\\'b']", "[url:value = 'a'] OR [url:value = 'b']", "[mutex:name = 'a']",
    "[url:value  = 'a']", "[url:value != 'a']", "[file:hashes.MD5 = 'a']", "[url:value = 'a']\n", '',
  ]) expect([text.slice(0, 60), isPlainValuePattern(text)]).toEqual([text.slice(0, 60), false]);
}); // prettier-ignore
