import { expect, test } from '@jest/globals';
import { pastedValues } from '../../src/stix/values/pasted-values.ts';

const texts = (text: string): unknown[] => pastedValues(text).map(({ line, text: value }) => [line, value]);

test('a pasted text has a value in each line, in CSV, or between words', () => {
  expect(texts('\uFEFF203.0.113[.]45\r\n\r\n# a comment\nhxxps://reef.example/a,b\n')).toEqual([
    [1, '203.0.113[.]45'],
    [4, 'hxxps://reef.example/a,b'],
  ]);
  expect(texts('ip,seen\n"203.0.113.7",2026-11-01\n')).toEqual([
    [1, 'ip,seen'],
    [2, '203.0.113.7'],
  ]);
  expect(texts('reef.example; atoll[.]example and <a@lagoon.example>')).toEqual([
    [1, 'reef.example'],
    [1, 'atoll[.]example'],
    [1, 'a@lagoon.example'],
  ]);
});

test('a line without a value is returned as it is, so that it gets an answer', () => {
  expect(texts('not-a-value,,\n')).toEqual([[1, 'not-a-value,,']]);
  expect(texts(' \n#x\n')).toEqual([]);
});

test('a list may contain values that a search in sentences leaves out', () => {
  expect(texts('setup.sh,evil.zip; see https://a.example/x,y "203.0.113.7" 203.0.113.7')).toEqual([
    [1, 'setup.sh'],
    [1, 'evil.zip'],
    [1, 'https://a.example/x,y'],
    [1, '203.0.113.7'],
  ]);
});

test('a URL ends before another one, and before the punctuation of a sentence', () => {
  expect(texts('http://evil.com/a,https://bad.org/b')).toEqual([
    [1, 'http://evil.com/a'],
    [1, 'https://bad.org/b'],
  ]);
  expect(texts('hxxps://evil[.]com/a(b).php).')).toEqual([[1, 'hxxps://evil[.]com/a(b).php']]);
  expect(texts('hxxps://reef.example/a,b')).toEqual([[1, 'hxxps://reef.example/a,b']]);
});

test('a line without an end is read as a list, and quotes without an end are removed', () => {
  const line = `${'203.0.113.7,'.repeat(10_000)}evil.com/x,evil.org`;
  expect(texts(line)).toEqual([
    [1, '203.0.113.7'],
    [1, 'evil.org'],
  ]);
  expect(texts(`x${'"'.repeat(100_000)}`)).toEqual([[1, 'x']]);
});
