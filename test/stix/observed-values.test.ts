import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { observedValues, readableObserved } from '../../src/stix/values/observed-values.ts';
import { anIndicator } from '../support/builders.ts';

const valuesOf = (pattern: string, over = {}): string[] =>
  observedValues(anIndicator({ pattern, ...over })).map(
    (one) => `${one.type} ${one.type === 'pattern' ? '' : readableObserved(one)}`,
  );

test.each([
  ["[ipv4-addr:value = '198.51.100.7']", ['ipv4 198.51.100.7']],
  ["[ipv4-addr:value = '198.51.100.7/32']", ['ipv4 198.51.100.7']],
  ["[ipv4-addr:value = '198.51.100.9/24']", ['ipv4 198.51.100.0/24']],
  ["[ipv6-addr:value = '2001:DB8:0::1']", ['ipv6 2001:db8::1']],
  ["[ipv6-addr:value = '::ffff:198.51.100.7']", ['ipv4 198.51.100.7']],
  ["[network-traffic:dst_ref.value = '198.51.100.7']", ['ipv4 198.51.100.7']],
  ["[domain-name:value = 'BÜCHER.example.']", ['domain xn--bcher-kva.example']],
  ["[url:value = 'HTTP://Reef.Example:80/a#b']", ['url http://reef.example/a']],
  ["[email-addr:value = 'Bob@REEF.example']", ['email bob@reef.example']],
  ["[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427A' OR file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80701']", ['md5 d41d8cd98f00b204e9800998ecf8427a', 'sha1 da39a3ee5e6b4b0d3255bfef95601890afd80701']],
  ["[x509-certificate:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80701']", ['certificate da39a3ee5e6b4b0d3255bfef95601890afd80701']],
])('each alternative of %s is a value in its canonical form', (pattern, values) => {
  expect(valuesOf(pattern)).toEqual(values);
}); // prettier-ignore

test.each([
  "[domain-name:value = 'a.example' AND ipv4-addr:value = '198.51.100.7']",
  "[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']",
  "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']",
  "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
  "[domain-name:value != 'a.example']",
  "[domain-name:value NOT = 'a.example']",
  "[domain-name:value LIKE '%.example']",
  "[domain-name:value = 'a.example' OR domain-name:value LIKE '%.example']",
  "[domain-name:resolves_to_refs[*].value = '198.51.100.7']",
  "[domain-name:value = 'a.example\\nb.example']",
  "[domain-name:value = '198.51.100.7']",
  "[domain-name:value = 'example']",
  "[domain-name:value = '*.a.example']",
  "[ipv4-addr:value = '010.1.1.1']",
  "[ipv4-addr:value = 'a.example']",
  "[ipv6-addr:value = 'fe80::1%eth0']",
  "[url:value = 'javascript:alert(1)']",
  "[url:value = 'http://user:secret@reef.example/']",
  "[email-addr:value = 'a b@reef.example']",
  "[file:name = 'a.exe']",
])('%s has no value that stands alone', (pattern) => {
  expect(valuesOf(pattern)).toEqual(['pattern ']);
});

test('patterns that differ only in notation are one value, and patterns of other languages have no values', () => {
  const hashOf = (pattern: string, over = {}) => observedValues(anIndicator({ pattern, ...over }))[0]?.value; // prettier-ignore
  const one = hashOf("[domain-name:value='a.example'   AND  ipv4-addr:value = '198.51.100.7']");
  expect(one).toBe(hashOf("[domain-name:value = 'a.example' AND ipv4-addr:value = '198.51.100.7']"));
  expect(hashOf('rule x { condition: true }', { pattern_type: 'yara' })).not.toBe(
    hashOf('rule x { condition: true }', { pattern_type: 'sigma' }),
  );
});

test('a pattern with more values than a list can explain is one value', () => {
  const many = (count: number): string =>
    `[domain-name:value IN (${Array.from({ length: count }, (_, i) => `'d${i}.example'`).join(', ')})]`;
  expect(valuesOf(many(1_000))).toHaveLength(1_000);
  expect(valuesOf(many(1_001))).toEqual(['pattern ']);
});

test('no value contains a character that ends a line or separates fields', () => {
  const types = fc.constantFrom('domain-name', 'url', 'email-addr', 'ipv4-addr');
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((text) => `http://reef.example/${text}`),
    fc.string({ unit: 'binary' }).map((text) => `${text}@reef.example`),
    fc.string({ unit: 'binary' }).map((text) => `${text}.example`),
  );
  fc.assert(
    fc.property(types, hostile, (type, text) => {
      const quoted = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
      for (const { value } of observedValues(anIndicator({ pattern: `[${type}:value = '${quoted}']` })))
        expect(value).toMatch(/^[\u0021-\u007e]+$/);
    }),
    { numRuns: 2_000 },
  );
}); // prettier-ignore

test('a pattern with one plain value has the same value as for the parser of patterns', () => {
  const type = fc.constantFrom('ipv4-addr', 'ipv6-addr', 'domain-name', 'url', 'email-addr');
  const odd = [
    '',
    ' ',
    '010.1.1.1',
    '1.2.3',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    'a.com\\',
    "a'b",
    'xn--a.com',
  ];
  const value = fc.oneof(
    fc.ipV4(),
    fc.ipV4().map((address) => `${address}/24`),
    fc.ipV6(),
    fc.domain(),
    fc.domain().map((name) => `${name.toUpperCase()}.`),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.webUrl({ withQueryParameters: true }).map((url) => url.toUpperCase()),
    fc.webUrl().map((url) => url.replace('http', 'hXXp')),
    fc.emailAddress().map((address) => address.toUpperCase()),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(...odd),
  );
  fc.assert(
    fc.property(type, value, (kind, text) => {
      const pattern = (space: string): string => `[${space}${kind}:value = '${text}']`;
      // The parser ignores the space, and nothing else reads a pattern with it.
      expect(valuesOf(pattern(''))).toEqual(valuesOf(pattern(' ')));
    }),
    { numRuns: 3_000 },
  );
});
