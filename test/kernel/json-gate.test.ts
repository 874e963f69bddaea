import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Problem } from '../../src/kernel/problem.ts';
import {
  GATE_LIMITS,
  gate,
  gateSliced,
  isGated,
  readObject,
  textOf,
  type GateFault,
} from '../../src/kernel/json-gate.ts';
import { differentNames } from '../../src/kernel/json-shape.ts';

const read = (text: string) => {
  const document = gate(Buffer.from(text));
  return document.objects.map((span) => readObject(document, span));
};
const fault = (member: string): string => {
  const [item] = read(`{"objects":[{${member}}]}`);
  return item === undefined || isGated(item) ? '' : item.message;
};

describe('the shape of a JSON text', () => {
  const count = (text: string, many: number) => differentNames(Buffer.from(text), many);

  test('only different names after the first members are counted, and only as far as needed', () => {
    expect(count('{"a":1,"b":1}', 2)).toBe(0);
    expect(count('{"a":1,"b":1,"c":1}', 2)).toBe(1);
    expect(count('[{"a":1,"b":1},{"a":1,"b":1},{"a":1,"b":1},{"a":1,"b":1}]', 2)).toBe(2);
    expect(count('{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}', 2)).toBe(3);
  });

  test('string values do not count as names, whatever they contain', () => {
    expect(count('["a:b","{\\"c\\":1,\\"d\\":1}","\\\\",":",":"]', 0)).toBe(0);
    expect(count('{"a\\":":"b" , "c" : ":"}', 0)).toBe(1);
    expect(count('{"open', 0)).toBe(0);
  });
});

describe('the JSON gate', () => {
  test('yields the exact text of each object, whatever is between them', () => {
    const document = gate(
      Buffer.from('\ufeff { "more" : false ,"objects": [ {"a" : 1.50} ,\n{"b":"é\\"}{"}] } '),
    );
    expect(document.objects.map((span) => textOf(document, span))).toEqual([
      '{"a" : 1.50}',
      '{"b":"é\\"}{"}',
    ]);
    expect(document.members.get('more')).toBe(false);
  });

  test('reads what JSON.parse reads, and the text of an object parses to the object', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc
              .string()
              .filter(
                (s) =>
                  !['__proto__', 'constructor', 'prototype', ''].includes(s) &&
                  !s.startsWith('$') &&
                  s.isWellFormed() &&
                  !s.includes('\0'),
              ),
            fc.jsonValue({ maxDepth: 4 }),
          ),
          { maxLength: 6 },
        ),
        (objects) => {
          const document = gate(Buffer.from(JSON.stringify({ objects })));
          expect(document.objects.map((span) => JSON.parse(textOf(document, span)) as unknown)).toEqual(
            JSON.parse(JSON.stringify(objects)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('returns spans or throws a Problem for any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc
            .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'objects', '1', ' ', 'e', '-'))
            .map((parts) => Buffer.from(parts.join(''))),
        ),
        (bytes) => {
          try {
            const document = gate(Buffer.from(bytes));
            document.objects.forEach((span) => readObject(document, span));
          } catch (error) {
            expect((error as Error).name).toBe('Problem');
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['"a":1,"a":2', /repeated/],
    ['"a":1,"\\u0061":2', /repeated/],
    ['"o":{"x":1,"x":1}', /repeated/],
    ['"__proto__":1', /__proto__/],
    ['"o":{"constructor":1}', /constructor/],
    ['"":1', /empty name/],
    ['"$where":1', /\$/],
    ['"a":"\\ud800"', /surrogate/],
    ['"a":"\\u0000"', /NUL/],
    ['"a":1e400', /too large/],
    ['"a":9007199254740993', /2\^53/],
    [`"a":${'1'.repeat(65)}`, /longer than 64/],
    [`"${'k'.repeat(257)}":1`, /longer than 256/],
    [`"a":${'['.repeat(64)}${']'.repeat(64)}`, /deeper than 64/],
  ])('refuses one object for %s', (member, message) => {
    expect(fault(member)).toMatch(message);
    const [, second] = read(`{"objects":[{${member}},{"good":true}]}`);
    expect(second !== undefined && isGated(second)).toBe(true);
  });

  test.each([
    ['{'],
    ['{"objects":[{]}'],
    ['{"objects":[{}}'],
    ['{"objects":[1 2]}'],
    ['{"objects":[,]}'],
    ['{"objects":[]} x'],
    ['{"a":1,"a":2}'],
    ['{"objects":"x"}'],
    ['nothing'],
    ['{"objects":[{"a":tru}]}'],
  ])('refuses the document %s', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'Problem' }));
  });

  test.each([
    ['"payload":"LONG","id":"artifact--1"', 'L-005', 'artifact--1'],
    ['"id":"artifact--1","payload":"LONG"', 'L-005', 'artifact--1'],
    [
      '"o":{"id":"inner"},"a":["id","x"],"b":"id","payload":"LONG","id" : "artifact--1"',
      'L-005',
      'artifact--1',
    ],
    ['"payload":"LONG","o":{"id":"inner"}', 'L-005', undefined],
    ['"payload":"LONG","id":"\\u0061"', 'L-005', undefined],
    ['"payload":"LONG","id":5', 'L-005', undefined],
    ['"a":1,"a":2,"id":"artifact--1"', undefined, 'artifact--1'],
    ['"$where":1,"id":"artifact--1"', 'L-014', 'artifact--1'],
    ['"a":"\\u0000","id":"artifact--1"', 'L-015', 'artifact--1'],
    [`"a":${'1'.repeat(65)},"id":"artifact--1"`, 'L-013', 'artifact--1'],
    [`"a":${'['.repeat(64)}${']'.repeat(64)},"id":"artifact--1"`, 'L-001', 'artifact--1'],
  ])('names the object of a fault: %s', (members, kind, id) => {
    const text = members.replace('LONG', `${'x'.repeat(GATE_LIMITS.stringBytes)}\\"`);
    const [item] = read(`{"objects":[{${text}}]}`);
    expect(item).toMatchObject({ message: expect.any(String) });
    expect([(item as GateFault).kind, (item as GateFault).id]).toEqual([kind, id]);
  });

  test('a member of the document beyond a limit is not called invalid JSON', () => {
    expect(() => read(`{"payload_bin":"${'x'.repeat(1_200_000)}"}`)).toThrow(
      expect.objectContaining({ title: expect.stringContaining('L-005'), kind: 'too-large' }),
    );
  });

  test('bounds the parts of a document', () => {
    const many = `{"objects":[{"a":[${'1,'.repeat(2_000_001)}1]}]}`;
    expect(() => gate(Buffer.from(many))).toThrow(/parts/);
    expect(() => gate(Buffer.from(`{"objects":[${'{},'.repeat(GATE_LIMITS.objects)}{}]}`))).toThrow(
      /objects/,
    );
  });
});

describe('the JSON gate in slices', () => {
  const MB = 1_048_576;
  const limits = { ...GATE_LIMITS, stringBytes: 64 * MB };
  /** Counts how often other tasks get their turn while a document is read. */
  const turns = async (text: string): Promise<number> => {
    let count = 0;
    const turn = (): Promise<void> => {
      count++;
      return Promise.resolve();
    };
    await gateSliced(Buffer.from(text), limits, turn).catch(() => undefined);
    return count;
  };

  test.each([
    ['objects', (mb: number) => `{"objects":[${Array(mb * 16).fill(`{"a":"${'x'.repeat(65_536)}"}`).join(',')}]}`],
    ['tiny objects', (mb: number) => `{"objects":[${Array(mb * 10_000).fill('{}').join(',')}]}`],
    ['one object of many values', (mb: number) => `{"objects":[{"a":[${Array(mb * 2_000).fill(`"${'x'.repeat(524)}"`).join(',')}]}]}`],
    ['one text', (mb: number) => `{"objects":[{"a":"${'x'.repeat(mb * MB)}"}]}`],
    ['one text without an end', (mb: number) => `{"objects":[{"a":"${'\\n'.repeat((mb * MB) / 2)}`],
    ['one number', (mb: number) => `{"objects":[${'1'.repeat(mb * MB)}]}`],
    ['white space', (mb: number) => `{"objects":${' '.repeat(mb * MB)}[]}`],
    ['another member', (mb: number) => `{"x":"${'x'.repeat(mb * MB)}","objects":[]}`],
  ])('gives other tasks more turns for a larger document: %s', async (_name, text) => {
    expect(await turns(text(0))).toBe(0);
    const some = await turns(text(4));
    expect(some).toBeGreaterThanOrEqual(3);
    expect(await turns(text(8))).toBeGreaterThanOrEqual(some + 3);
  }); // prettier-ignore

  test('finds the end of a long string, however many escapes are near it or near the end of a slice', () => {
    for (const length of [
      ...Array.from({ length: 90 }, (_, n) => n),
      MB - 40,
      MB - 20,
      MB - 18,
      MB - 17,
      MB - 16,
    ])
      for (let escapes = 0; escapes < 4; escapes++) {
        const value = `${'x'.repeat(length)}${'\\'.repeat(escapes)}"${'y'.repeat(80)}\\"`;
        const objects = [{ a: value }, { b: 1 }];
        const document = gate(Buffer.from(JSON.stringify({ objects })));
        expect(document.objects.map((span) => JSON.parse(textOf(document, span)) as unknown)).toEqual(
          objects,
        );
      }
  });

  test('returns the same result as the gate without slices, whatever is wrong and wherever a slice ends', async () => {
    const wide = 'é€😀'.repeat(1_200_000);
    const bytes = (text: string, ...more: number[]): Buffer =>
      Buffer.concat([Buffer.from(text), Buffer.from(more)]);
    const documents = [
      bytes(`{"objects":[{"a":"${wide}"},{"b":1}],"more":false}`),
      ...[0, 1, 2, 3].map((n) => bytes(`${' '.repeat(8 * MB - n)}é€😀`)),
      ...[0, 1, 2, 3].map((n) => bytes(' '.repeat(8 * MB - n), 0xf0, 0x9f, 0x98)),
      bytes(' '.repeat(8 * MB - 2), ...Array<number>(9).fill(0x80)),
      bytes(`{"objects":[{"a":"${'x'.repeat(2 * MB)}"}],"objects":[]}`),
      bytes(`{"objects":[${'{},'.repeat(100_001)}{}]}`),
      bytes(`{"objects":[{"a":"${'x'.repeat(3 * MB)}`),
      bytes(`{"objects":[{"a":[${'1,'.repeat(1_100_000)}1]}]} x`),
    ];
    const outcome = (read: () => unknown): Promise<unknown> =>
      Promise.resolve().then(read).then(
        (document) => document,
        (error: unknown) => error,
      ); // prettier-ignore
    for (const document of documents) {
      const sliced = await outcome(() => gateSliced(document));
      const whole = await outcome(() => gate(document));
      const plain = (value: unknown): unknown =>
        value instanceof Problem ? [value.title, value.description, value.code] : value;
      expect(plain(sliced)).toEqual(plain(whole));
    }
  });
});
