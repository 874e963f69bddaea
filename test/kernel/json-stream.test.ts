import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitJson, type Piece, type Shell } from '../../src/kernel/json-stream.ts';
import { Problem } from '../../src/kernel/problem.ts';

/** Splits a text that arrives in chunks of the given number of bytes. */
async function split(text: string | Buffer, size = Infinity): Promise<(Piece | Shell)[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += Math.min(size, bytes.length))
      yield bytes.subarray(at, Math.min(bytes.length, at + size));
  }
  const found: (Piece | Shell)[] = [];
  for await (const part of splitJson(chunks())) found.push(part);
  return found;
}

const isPiece = (part: Piece | Shell): part is Piece => part.kind === 'piece';
const textsOf = (parts: readonly (Piece | Shell)[]): readonly string[] =>
  parts.map((part) => (isPiece(part) ? part.bytes.toString() : part.text));

describe('a document with a list of objects', () => {
  test('is split into the members of the list, and the document around them', async () => {
    const parts = await split('{"type": "bundle", "objects": [{"a": 1}, {"b": [2, {}]}], "more": true}');
    expect(textsOf(parts)).toEqual([
      '{"a": 1}',
      '{"b": [2, {}]}',
      '{"type": "bundle", "objects": [ ], "more": true}',
    ]);
    expect(parts.at(-1)).toMatchObject({ kind: 'shell', pieces: 2 });
  });

  test('gives each member the line and the column at which it begins, in characters', async () => {
    const parts = await split('{"naïve": "ü",\n  "objects": [\n    {"é": 1},{"b": 2}\n]}');
    expect(parts.map(({ line, column }) => [line, column])).toEqual([
      [3, 5],
      [3, 14],
      [1, 1],
    ]);
  });

  test('has a list of no members, and a document without a list has no pieces', async () => {
    expect(await split('{"objects": []}')).toMatchObject([
      { kind: 'shell', text: '{"objects": []}', pieces: 0 },
    ]);
    expect(await split('{"id": "x"}')).toMatchObject([
      { kind: 'shell', text: '{"id": "x"}', pieces: undefined },
    ]);
  });

  test.each([
    ['a list further down', '{"extra": {"objects": [1, 2]}}'],
    ['a text that says objects', '{"name": "objects", "list": [1]}'],
    ['a member that is not a list', '{"objects": {"a": [1]}}'],
  ])('is whole if it has only %s', async (_what, text) => {
    expect(await split(text)).toMatchObject([{ kind: 'shell', text, pieces: undefined }]);
  });

  test('may be the list itself, with members of every type', async () => {
    const parts = await split('[1, "a]b", null, [2], {"c": "\\"}"}]');
    expect(textsOf(parts)).toEqual(['1', '"a]b"', 'null', '[2]', '{"c": "\\"}"}', '[    ]']);
  });

  test('may follow another one, also after a byte order mark', async () => {
    const parts = await split('\ufeff{"id": "a"}\n{"objects": [1]}\n');
    expect(textsOf(parts)).toEqual(['{"id": "a"}', '1', '{"objects": []}']);
    expect(parts.map(({ line }) => line)).toEqual([1, 2, 2]);
  });
});

describe('a broken document', () => {
  test.each([
    ['text before it', 'x{}', 'A document begins with { or [.'],
    ['no comma between members', '[{} {}]', 'A comma is missing.'],
    ['two commas', '[1,,2]', 'A value is missing before the comma.'],
    ['a comma at the end of its list', '{"objects": [1,]}', 'The list ends with a comma.'],
    ['a list that ends with the wrong bracket', '{"objects": [1}}', 'A ] is missing.'],
    ['a string that never ends', '{"a": "b', 'It ends in the middle of a string.'],
    ['a bracket that never closes', '{"objects": [1', 'It ends before its last bracket is closed.'],
  ])('with %s is refused with the reason', async (_what, text, reason) => {
    const error: unknown = await split(text).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).description).toBe(reason);
  });

  test('is refused at its line and column', async () => {
    await expect(split('[{},\n  {} {}]')).rejects.toThrow(/line 2/);
  });

  test('with a member of more than 16 MiB is refused before it is in memory', async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('["');
      const chunk = Buffer.alloc(1_048_576, 0x61);
      for (;;) {
        taken++;
        yield chunk;
      }
    }
    const read = async (): Promise<void> => {
      for await (const _part of splitJson(endless())) throw new Error('a part was complete');
    };
    await expect(read()).rejects.toMatchObject({ code: expect.stringMatching(/^TLN-/) });
    expect(taken).toBe(16);
  });
});

test('the size of the chunks in which a document arrives makes no difference', async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const document = fc.oneof(
    fc.array(value).map((list) => JSON.stringify(list)),
    fc
      .record({ objects: fc.array(value), name: fc.string() })
      .map((one) => JSON.stringify(one, undefined, 1)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { maxLength: 3 }),
      fc.integer({ min: 1, max: 9 }),
      async (texts, size) => {
        const whole = texts.join('\n');
        expect(await split(whole, size)).toEqual(await split(whole));
      },
    ),
    { numRuns: 60 },
  );
});

test('the members of a list have the values that JSON.parse finds in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 3 })), async (objects) => {
      const parts = await split(JSON.stringify({ objects }), 5);
      const values = parts.filter(isPiece).map(({ bytes }) => JSON.parse(bytes.toString()) as unknown);
      expect(values).toEqual(JSON.parse(JSON.stringify(objects)));
    }),
    { numRuns: 60 },
  );
});
