import { expect, test } from '@jest/globals';
import { instantOf } from '../../src/stix/timestamps.ts';
import { PageMemory, questionOf } from '../../src/store/sqlite/page-memory.ts';
import { ALL_VERSIONS, LAST_VERSION, type TextPage } from '../../src/store/store.ts';

const MIB = 1_048_576;

function aPage(size = 1): TextPage {
  return { joined: Buffer.alloc(size), count: 1, first: 1, last: 1, more: false };
}

/** Requests a page twice, as a store does that finds nothing in the memory. */
function keptTwice(memory: PageMemory, coll: number, head: number, question: string, page: TextPage): void {
  for (let time = 0; time < 2; time++) {
    memory.find(coll, head, question);
    memory.keep(coll, head, question, page);
  }
}

test('a page is kept when it is requested for a second time', () => {
  const memory = new PageMemory();
  const page = aPage();
  expect(memory.find(1, 10, 'a')).toBeUndefined();
  memory.keep(1, 10, 'a', page);
  expect(memory.find(1, 10, 'a')).toBeUndefined();
  memory.keep(1, 10, 'a', page);
  expect(memory.find(1, 10, 'a')).toBe(page);
});

test('a change of a collection drops its pages and no others', () => {
  const memory = new PageMemory();
  const [one, other] = [aPage(), aPage()];
  keptTwice(memory, 1, 10, 'a', one);
  keptTwice(memory, 2, 10, 'b', other);
  expect(memory.find(1, 11, 'a')).toBeUndefined();
  expect(memory.find(1, 10, 'a')).toBeUndefined();
  expect(memory.find(2, 10, 'b')).toBe(other);
});

test('a page that was read while the collection changed is not kept', () => {
  const memory = new PageMemory();
  memory.find(1, 10, 'a');
  memory.find(1, 11, 'b');
  for (let time = 0; time < 3; time++) memory.keep(1, 10, 'a', aPage());
  expect(memory.find(1, 11, 'a')).toBeUndefined();
});

test('the pages that were used least recently make room, by number and by size', () => {
  const few = new PageMemory();
  for (let n = 0; n <= 1_000; n++) {
    keptTwice(few, 1, 10, `q${n}`, aPage());
    few.find(1, 10, 'q0');
  }
  expect([few.find(1, 10, 'q0'), few.find(1, 10, 'q1'), few.find(1, 10, 'q2')].map(Boolean)).toEqual([
    true,
    false,
    true,
  ]);
  const large = new PageMemory();
  for (let n = 0; n < 5; n++) keptTwice(large, 1, 10, `q${n}`, aPage(4 * MIB));
  expect([large.find(1, 10, 'q0'), large.find(1, 10, 'q1')].map(Boolean)).toEqual([false, true]);
  keptTwice(large, 1, 10, 'larger', aPage(4 * MIB + 1));
  expect(large.find(1, 10, 'larger')).toBeUndefined();
});

test('different questions are different texts', () => {
  const query = { after: 0, limit: 10, versions: LAST_VERSION };
  const texts = [
    questionOf(1, query),
    questionOf(2, query),
    questionOf(1, { ...query, after: 1 }),
    questionOf(1, { ...query, limit: 11 }),
    questionOf(1, { ...query, versions: ALL_VERSIONS }),
    questionOf(1, {
      ...query,
      versions: { ...LAST_VERSION, exact: [instantOf('2026-01-01T00:00:00.000Z')] },
    }),
    questionOf(1, { ...query, types: ['indicator'] }),
    questionOf(1, { ...query, specs: ['2.0'] }),
  ];
  expect(new Set(texts).size).toBe(texts.length);
});
