import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { escapePointer, faultOf, LONGEST_FORMED, isMeaningful } from '../../src/kernel/schema-faults.ts';
import { addFormatReasons } from '../../src/kernel/schema-sentences.ts';

/** Returns the sentences about a value that a schema refuses. */
function sentences(schema: object, value: unknown): readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false });
  ajv.addFormat('day', /^\d{4}-\d\d-\d\d$/);
  const check = ajv.compile(schema);
  check(value);
  return (check.errors ?? [])
    .filter(isMeaningful)
    .map(faultOf)
    .map(({ pointer, message }) => `${pointer}: ${message}`);
}

describe('a fault of a document in words', () => {
  test.each<[string, object, unknown, string]>([
    ['a missing property', { required: ['name'] }, {}, '/name: the property "name" is missing'],
    [
      'a property that another one needs',
      { dependentRequired: { user: ['key'] } },
      { user: 'a' },
      '/key: the property "key" is missing, which "user" needs',
    ],
    ['a wrong type', { type: 'integer' }, '5', ': must be of type integer, found "5"'],
    ['two possible types', { type: ['string', 'null'] }, 5, ': must be string or null, found 5'],
    [
      'a word that is nearly right',
      { enum: ['clear', 'green', 'amber'] },
      'gren',
      ': must be one of "clear", "green", "amber", found "gren"; did you mean "green"?',
    ],
    ['another word', { enum: ['clear'] }, 'xyz', ': must be one of "clear", found "xyz"'],
    ['another constant', { const: '2.1' }, '2.0', ': must be "2.1", found "2.0"'],
    [
      'an unknown key',
      { properties: { title: {}, name: {} }, additionalProperties: false },
      { titel: 1 },
      '/titel: the key "titel" is not allowed here; did you mean "title"?',
    ],
    ['too few items', { minItems: 1 }, [], ': must have at least 1 item'],
    ['too many items', { maxItems: 2 }, [1, 2, 3], ': must have at most 2 items'],
    ['no property', { minProperties: 1 }, {}, ': must have at least 1 property'],
    ['an empty text', { minLength: 1 }, '', ': must not be empty'],
    ['a short text', { minLength: 12 }, 'short', ': the text has 5 characters; at least 12 are needed'],
    ['a long text', { maxLength: 2 }, 'long', ': the text has 4 characters; at most 2 are accepted here'],
    [
      'a long text with a description',
      { maxLength: 2, description: 'a country code' },
      'long',
      ': the text has 4 characters; at most 2 are accepted here for a country code',
    ],
    ['a small number', { minimum: 1 }, 0, ': must be at least 1, found 0'],
    ['a large number', { maximum: 90 }, 91, ': must be at most 90, found 91'],
    ['a format', { format: 'day', description: 'a day' }, 'today', ': "today" is not a day'],
    [
      'a pattern with a sentence',
      { pattern: '^a$', description: 'The letter a.' },
      'b',
      ': "b" is not valid; expected: The letter a',
    ],
    ...(
      [
        ['^[a-z0-9][a-z0-9-]{0,62}$', 'a name of lowercase letters, digits and hyphens, such as cert-tonga'],
        ['^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z$', 'a time in UTC, such as 2026-11-29T08:00:00Z'],
        ['^[^\\s@<>,;:"()\\[\\]\\\\]{1,64}@[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})+$', 'an email address, such as soc@cert.example'],
        ['^https?://', 'a URL that begins with https:// or http://'],
      ] as const
    ).map(
      ([pattern, form]): [string, object, unknown, string] => [
        `the pattern ${pattern} with a sentence about its purpose`,
        { pattern, description: 'What the value is for. It takes effect later.' },
        'No~',
        `: "No~" is not ${form}`,
      ],
    ), // prettier-ignore
    ['a pattern without a description', { pattern: '^a$' }, 'b', ': "b" is not in the format ^a$'],
    [
      'a pattern whose form has a name',
      { pattern: '^[A-Z]{2}$' },
      'Tonga',
      ': "Tonga" is not a country code of two capital letters, such as TO',
    ],
    [
      'neither of two properties',
      { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      ': at least one of "a", "b" must be present',
    ],
    [
      'both of two properties',
      { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      { a: 1, b: 1 },
      ': exactly one of "a", "b" must be present',
    ],
    [
      'neither of two types',
      {
        description: 'The collection: true, or with an id.',
        anyOf: [{ type: 'boolean' }, { type: 'object', required: ['id'] }],
      },
      'A',
      ': "A" is not valid; expected: The collection: true, or with an id',
    ],
    [
      'neither of two types without a description',
      { anyOf: [{ type: 'boolean' }, { type: 'object', required: ['id'] }] },
      'A',
      ': must match a schema in anyOf, found "A"',
    ],
  ])('%s', (_what, schema, value, text) => {
    expect(sentences(schema, value)).toEqual([text]);
  });

  test('shows the beginning of a value only, however large it is', () => {
    const [text = ''] = sentences(
      { type: 'integer' },
      { list: Array.from({ length: 100_000 }, () => 'word') },
    );
    expect(text).toMatch(/^: must be of type integer, found \{"list":\["word",/);
    expect(text.length).toBeLessThan(150);
    expect(text.endsWith('…')).toBe(true);
  });

  test('names what a format expects of this text, where the format can tell', () => {
    addFormatReasons({ day: (value) => ({ message: `${value} is a word`, suggestion: '2026-11-28' }) });
    expect(sentences({ format: 'day' }, 'today')).toEqual([': today is a word']);
  });

  test('is a limit of this hub for a text that is too long to be matched', () => {
    const [text = ''] = sentences(
      { pattern: '^a$', description: 'an identifier' },
      'a'.repeat(LONGEST_FORMED + 1),
    );
    expect(text).toBe(': the text has 65537 characters; on this hub an identifier can have at most 65536');
  });

  test('inside alternatives is not listed in addition to that of the alternatives', () => {
    const either = { anyOf: [{ type: 'integer' }, { type: 'boolean' }] };
    expect(sentences({ properties: { a: either } }, { a: 'x' })).toHaveLength(1);
  });
});

test('names in a JSON pointer are escaped (RFC 6901 §3)', () => {
  expect(['a', 'a/b', 'm~n', '~1', ''].map(escapePointer)).toEqual(['a', 'a~1b', 'm~0n', '~01', '']);
  expect(sentences({ required: ['a/b'] }, {})).toEqual(['/a~1b: the property "a/b" is missing']);
});
