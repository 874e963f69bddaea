// Records that are read page by page.
import { describe, expect, test } from '@jest/globals';
import { allOf, eachOf, groupedBy, pagesOf } from '../../src/store/pages.ts';
import { removal, type HubRecord, type RecordQuery } from '../../src/store/store.ts';

describe('records in pages', () => {
  const records = (count: number): readonly HubRecord[] =>
    Array.from({ length: count }, (_, i) => ({
      kind: 'k',
      id: String(i).padStart(4, '0'),
      revision: 1,
      document: {},
      index: {},
    }));
  const bench = (count: number) => {
    const queries: RecordQuery[] = [];
    const store = {
      records: (_kind: string, query: RecordQuery = {}) => {
        queries.push(query);
        return Promise.resolve(
          records(count)
            .filter(({ id }) => id > (query.after ?? ''))
            .slice(0, query.limit),
        );
      },
    };
    return { store, queries };
  };
  test.each([
    [0, [0]],
    [2, [2]],
    [3, [3, 0]],
    [4, [3, 1]],
    [7, [3, 3, 1]],
  ])('%d records are read as pages of %j', async (count, sizes) => {
    const { store, queries } = bench(count);
    const read: number[] = [];
    for await (const page of pagesOf(store, 'k', { limit: 3, index: { name: 'a', value: 'b' } }))
      read.push(page.length);
    expect(read).toEqual(sizes);
    expect(queries.every(({ index, limit }) => index?.name === 'a' && limit === 3)).toBe(true);
    const ids: string[] = [];
    for await (const { id } of eachOf(store, 'k', { limit: 3 })) ids.push(id);
    expect(ids).toEqual(records(count).map(({ id }) => id));
  });

  test('a kind that no view has is empty', async () => {
    const none = await allOf({ view: () => Promise.resolve({ records: new Map() }) }, 'k');
    expect([...none.values()]).toEqual([]);
  });

  test('items are grouped in their order of arrival', () => {
    expect([...groupedBy(['ab', 'b', 'ac', 'a'], (text) => text.slice(0, 1))]).toEqual([
      ['a', ['ab', 'ac', 'a']],
      ['b', ['b']],
    ]);
    expect([...groupedBy([], String)]).toEqual([]);
  });

  test('a removal expects the revision that was read', () => {
    expect(removal({ kind: 'k', id: 'a', revision: 7 })).toEqual({
      kind: 'k',
      id: 'a',
      expected: 7,
      document: undefined,
    });
  });
});
