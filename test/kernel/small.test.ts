// Small building blocks: positions in JSON, errors of a table, ids, and near words.
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { entriesOf, errorTable, fromThread, reworded } from '../../src/kernel/error-table.ts';
import { isUuid, systemIds, uuidV5 } from '../../src/kernel/ids.ts';
import { lineAndColumn, offsetOf } from '../../src/kernel/json-position.ts';
import { editDistance, nearest } from '../../src/kernel/nearest.ts';
import { codeOf, Problem, reasonOf } from '../../src/kernel/problem.ts';
import { escapePointer } from '../../src/kernel/schema-faults.ts';

describe('a position in JSON', () => {
  const text = '{\n  "a": [1, {"b\\"c": "x,}]"}, [ ]],\n "d/e~f": null , "": {"": true}}';
  test.each([
    ['', '{\n'],
    ['/a', '[1, {'],
    ['/a/0', '1, {'],
    ['/a/1', '{"b'],
    ['/a/1/b"c', '"x,}]"'],
    ['/a/2', '[ ]'],
    ['/a/2/0', '[ ]'],
    ['/a/7', '[1, {'],
    ['/d~1e~0f', 'null'],
    ['/', '{"": true'],
    ['//', 'true'],
    ['/none', '{\n'],
    ['/a/x/y', '[1, {'],
    ['/d~1e~0f/x', 'null'],
  ])('%j is where %j begins', (pointer, beginning) => {
    expect(text.slice(offsetOf(text, pointer))).toMatch(new RegExp(`^${beginning.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)); // prettier-ignore
  });

  test('is found for every value of any document, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.integer({ min: 0, max: 3 }), (value, indent) => {
        const source = JSON.stringify(value, null, indent);
        const look = (part: unknown, pointer: string): void => {
          const at = offsetOf(source, pointer);
          const written = JSON.stringify(part);
          // The first character tells a text, a list, an object and a number apart.
          expect([pointer, source.charAt(at)]).toEqual([pointer, written.charAt(0)]);
          if (typeof part === 'object' && part !== null)
            for (const [name, inner] of Object.entries(part))
              look(inner, `${pointer}/${escapePointer(name)}`);
        };
        look(value, '');
      }),
    );
  });

  test.each([
    [0, 1, 1],
    [1, 1, 2],
    [2, 2, 1],
    [4, 2, 3],
    [5, 3, 1],
    [6, 4, 1],
  ])('the offset %d is line %d, column %d', (offset, line, column) => {
    expect(lineAndColumn('a\nbc\n\nd', offset)).toEqual({ line, column });
  });
});

describe('errors of a table', () => {
  const errors = errorTable({
    plain: {
      code: 'TLN-X-001',
      kind: 'conflict',
      title: 'It failed',
      description: 'Because.',
      hint: 'Wait.',
    },
    named: {
      code: 'TLN-X-002',
      kind: 'not-found',
      title: '{thing} not found in {place}',
      description: 'The {thing} {"objects": []} is gone.',
      hint: 'Look in {place}.',
    },
  });
  test('have their texts, their code and their kind', () => {
    const made = errors.plain();
    expect(made).toBeInstanceOf(Problem);
    expect(made).toMatchObject({ kind: 'conflict', code: 'TLN-X-001', title: 'It failed', message: 'It failed', description: 'Because.', hint: 'Wait.', headers: {} }); // prettier-ignore
  });

  test('fill their parameters, and leave JSON as it is', () => {
    expect(errors.named({ thing: 'Key "{place}"', place: 5 })).toMatchObject({
      title: 'Key "{place}" not found in 5',
      description: 'The Key "{place}" {"objects": []} is gone.',
      hint: 'Look in 5.',
    });
  });

  test('take other texts, headers and a cause for one occurrence', () => {
    const cause = new Error('deep');
    const made = errors.named({ thing: 'a', place: 'b' }, { description: 'So.', headers: { 'Retry-After': '5' }, cause });
    expect(made).toMatchObject({ description: 'So.', hint: 'Look in b.', headers: { 'Retry-After': '5' } });
    expect(made.cause).toBe(cause);
    expect(errors.plain().cause).toBeUndefined();
  }); // prettier-ignore

  test('are listed for the documentation', () => {
    expect(Object.entries(entriesOf(errors)).map(([key, { code }]) => `${key} ${code}`)).toEqual(['plain TLN-X-001', 'named TLN-X-002']); // prettier-ignore
  });

  test('can be repeated with another kind or title, and cross threads', () => {
    const first = errors.plain();
    const again = reworded(first, { title: 'File a: it failed' });
    expect(again).toMatchObject({ kind: 'conflict', code: 'TLN-X-001', title: 'File a: it failed', description: 'Because.', hint: 'Wait.' }); // prettier-ignore
    expect([again.cause, reworded(first, { kind: 'peer' }).kind, reworded(first, {}).title]).toEqual([first, 'peer', 'It failed']); // prettier-ignore
    expect(fromThread('full', 'T', { code: 'TLN-X-003' })).toMatchObject({ kind: 'full', title: 'T', code: 'TLN-X-003', hint: undefined }); // prettier-ignore
  });

  test('a thrown value of any type has a reason and, if it contains one, a code', () => {
    expect([new Error('a'), 'b', { c: 1 }, 5, null].map(reasonOf)).toEqual([
      'a',
      'b',
      '{"c":1}',
      '5',
      'null',
    ]);
    expect([{ code: 'ENOENT' }, { code: 5 }, { code: {} }, {}, null, 'x'].map(codeOf)).toEqual(['ENOENT', '5', undefined, undefined, undefined, undefined]); // prettier-ignore
    expect(new Problem('full', 'T').code).toBe('TLN-full');
  });
});

describe('ids', () => {
  test('are random UUIDs, and secrets have the requested number of bytes', () => {
    const [a, b] = [systemIds.uuid(), systemIds.uuid()];
    expect([isUuid(a), a.charAt(14), a === b]).toEqual([true, '4', false]);
    expect(Buffer.from(systemIds.secret(32), 'base64url')).toHaveLength(32);
    expect(systemIds.secret(32)).toMatch(/^[\w-]{43}$/);
  });

  test.each([
    ['www.example.com', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    ['', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '4ebd0208-8328-5d69-8c44-ec50939c0967'],
  ])('the ids of the name %j are those of RFC 9562', (name, namespace, expected) => {
    expect(uuidV5(name, namespace)).toBe(expected);
    expect(uuidV5(name, namespace)).toBe(expected);
    expect(isUuid(expected)).toBe(true);
  });

  test.each([1, 341, 342, 1_024, 5_000])(
    'a name of %i characters has its id, whatever its characters are',
    (length) => {
      const namespace = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
      for (const character of ['a', 'ß', '€', '\ud83d\ude00', '\ud800']) {
        const name = character.repeat(length);
        const bytes = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]);
        const digest = createHash('sha1').update(bytes).digest();
        digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
        digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
        expect(uuidV5(name, namespace).replaceAll('-', '')).toBe(digest.toString('hex', 0, 16));
      }
    },
  );

  test.each(['', 'x', '2ED6657D-E927-568B-95E1-2665A8AEA6A2', '2ed6657d-e927-968b-95e1-2665a8aea6a2', '2ed6657d-e927-568b-c5e1-2665a8aea6a2', '2ed6657de927568b95e12665a8aea6a2', '{2ed6657d-e927-568b-95e1-2665a8aea6a2}', '2ed6657d-e927-568b-95e1-2665a8aea6a2\n'])(
    '%j is not one',
    (text) => {
      expect(isUuid(text)).toBe(false);
    },
  ); // prettier-ignore
});

describe('the nearest word', () => {
  test.each([
    ['tonqa', ['tonga', 'fiji'], 'tonga'],
    ['TONGA', ['tonga'], 'tonga'],
    ['fij', ['fiji', 'figi'], 'fiji'],
    ['ab', ['cd', 'ad'], 'ad'],
    ['abcd', ['abxy'], undefined],
    ['abcde', ['abxye'], 'abxye'],
    ['abcdefghi', ['abcxyzghi'], 'abcxyzghi'],
    ['abcdefghi', ['abwxyzghi'], undefined],
    ['same', ['sane', 'same'], 'same'],
    ['', ['a'], 'a'],
    ['x', [], undefined],
  ])('to %j of %j is %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  test('the distance counts letters to change, insert or delete, up to 64 letters', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('a'.repeat(64), 'b'.repeat(64))).toBe(64);
    expect(editDistance('a'.repeat(65), 'a'.repeat(65))).toBe(Number.POSITIVE_INFINITY);
  });
});
