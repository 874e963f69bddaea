import { expect, test } from '@jest/globals';
import { fitted, withFittedOutput } from '../../src/cli/prose.ts';
import { testIo } from '../support/io.ts';

const SENTENCE = 'Feed urlhaus: the server urlhaus.abuse.ch has refused the key that this hub has sent';

test('a long sentence is wrapped between words, and keeps its indentation', () => {
  const lines = fitted(`  ${SENTENCE}`, 50).split('\n');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/^ {2}\S.{0,47}$/);
  expect(lines.map((line) => line.trim()).join(' ')).toBe(SENTENCE);
});

test('the further lines of an item of a list begin below its text', () => {
  expect(fitted('- one two three', 9)).toBe('- one two\n  three');
});

test('a sentence that begins with a quoted value or in brackets is wrapped', () => {
  for (const sentence of [`"tonga" is not valid. ${SENTENCE}`, `(${SENTENCE})`])
    expect(fitted(`  ${sentence}`, 60).split('\n').length).toBeGreaterThan(1);
});

test('a command stays on one line, so that it can be copied', () => {
  expect(fitted(`${SENTENCE}. See: talanoa feed show urlhaus`, 90)).toBe(
    `${SENTENCE}. See:\ntalanoa feed show urlhaus`,
  );
  expect(
    fitted('No feeds. Create one: talanoa feed create PRESET (talanoa feed catalogue lists presets)', 50),
  ).toBe('No feeds. Create one: talanoa feed create PRESET\n(talanoa feed catalogue lists presets)');
  const long = 'talanoa key create --account firewall --scopes lists:read --expires 180';
  expect(fitted(`Create a key: ${long}`, 50)).toBe(`Create a key:\n${long}`);
});

test('a sentence that only mentions a command is wrapped like any other', () => {
  const lines = fitted(
    'Then talanoa delivery lag shows after some minutes what its tools have read. Wait.',
    40,
  ).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
});

test.each([
  ['JSON', `{"title":"${SENTENCE}"}`],
  ['a document', `  "title": "${SENTENCE}",`],
  ['a text of a document', `  "${SENTENCE}, and \\"more\\"",`],
  [
    'a pattern in brackets',
    "([ipv4-addr:value = '203.0.113.7'] AND [domain-name:value = 'reef.example.org'])",
  ],
  ['a pattern', "[ipv4-addr:value = '203.0.113.7'] AND [domain-name:value = 'reef.example.org']"],
  ['a request', `curl -H 'Accept: application/taxii+json;version=2.1' 'http://127.0.0.1:6420/taxii2/'`],
  ['columns', `one   ${SENTENCE}`],
  ['one word', 'x'.repeat(90)],
])('%s is not changed', (_what, line) => {
  expect(fitted(line, 60)).toBe(line);
});

test('the line of an error is wrapped although its code has a distance', () => {
  expect(
    fitted(`error: ${SENTENCE}   [TLN-F-401]`, 60)
      .split('\n')
      .map((line) => line.length > 60),
  ).toEqual([false, false]);
});

test('a terminal gets wrapped lines on both outputs, and a file gets the lines as they are', () => {
  for (const [columns, expected] of [
    [40, 3],
    [undefined, 1],
  ] as const) {
    const { io, out, err } = testIo(columns === undefined ? {} : { columns });
    const { stdout, stderr } = withFittedOutput(io);
    stdout.write(`${SENTENCE}\n`);
    stderr.write(`${SENTENCE}\n`);
    expect([out().trim().split('\n').length, err().trim().split('\n').length]).toEqual([expected, expected]);
    expect(stdout.isTTY).toBe(io.stdout.isTTY);
  }
});
