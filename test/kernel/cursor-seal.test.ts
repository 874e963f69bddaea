import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CursorSeal } from '../../src/kernel/cursor-seal.ts';

const secret = Buffer.alloc(32, 7);
const seal = new CursorSeal(secret, 1);
const place = Buffer.from('{"added":1764000000000000}');
const reader = ['account:reader', 'GET /main/collections/x/objects/', 'limit=100'];

describe('a sealed position', () => {
  test('opens for the caller and the request that it was made for, in every process with the same secret', () => {
    const text = seal.seal(place, reader);
    expect(seal.open(text, reader)?.equals(place)).toBe(true);
    expect(new CursorSeal(Buffer.from(secret), 1).open(text, reader)?.equals(place)).toBe(true);
    expect(text).toMatch(/^[\w-]+$/);
  });

  test('is the same text each time, so a page that is cached keeps its link', () => {
    expect(seal.seal(place, reader)).toBe(seal.seal(Buffer.from(place), [...reader]));
  });

  test.each([
    ['another caller', ['account:other', ...reader.slice(1)]],
    ['another path', [reader[0] ?? '', 'GET /main/collections/y/objects/', 'limit=100']],
    ['another filter', [...reader.slice(0, 2), 'limit=99']],
    ['a part more', [...reader, '']],
    // The parts must not be joined.
    ['the same letters in other parts', ['account:reader GET /main/collections/x/objects/', 'limit=100']],
    ['nothing', []],
  ])('does not open for %s', (_what, binding) => {
    expect(seal.open(seal.seal(place, reader), binding)).toBeUndefined();
  });

  test('does not open after a restore, or with another secret', () => {
    const text = seal.seal(place, reader);
    expect(new CursorSeal(secret, 2).open(text, reader)).toBeUndefined();
    expect(new CursorSeal(Buffer.alloc(32, 8), 1).open(text, reader)).toBeUndefined();
  });

  test.each(['', 'a', '????', 'A'.repeat(400), 'null', '../../etc/passwd'])('is not %j', (text) => {
    expect(seal.open(text, reader)).toBeUndefined();
  });

  test('reveals little about its content by its length', () => {
    const lengths = [0, 1, 30, 60].map((size) => seal.seal(Buffer.alloc(size, 1), reader).length);
    expect(new Set(lengths).size).toBe(1);
  });

  test('opens as any position that was sealed, and not once a character has changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.string(), { maxLength: 4 }),
        fc.nat(),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_'),
        (bytes, binding, at, letter) => {
          const text = seal.seal(Buffer.from(bytes), binding);
          expect(seal.open(text, binding)).toEqual(Buffer.from(bytes));
          const i = at % text.length;
          const changed = text.slice(0, i) + letter + text.slice(i + 1);
          if (changed !== text) expect(seal.open(changed, binding)).toBeUndefined();
        },
      ),
    );
  });
});
