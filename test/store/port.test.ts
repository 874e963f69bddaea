// The pure parts of the port of the store: names and places, removals, and facts of the audit log.
import { describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import fc from 'fast-check';
import {
  auditHash,
  auditKeysOf,
  byBytes,
  coveredBefore,
  distinctPlaces,
  nameBounds,
  nameOf,
  namePages,
  nameText,
  placedPages,
  placeKey,
  removalRanks,
  type AuditFact,
  type Name,
  type NameQuery,
  type PlacedEntry,
  type PlaceOutcome,
} from '../../src/store/store.ts';
import {
  changesByOwner,
  isOfHub,
  MOST_NAMED,
  replacedBy,
  batchFacts,
} from '../../src/store/port/replacing.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';

const name = (value: string, added = 1, kind = 'domain', collection = 'c'): Name => ({
  kind,
  value,
  collection,
  added,
});

describe('names', () => {
  test('are written and read without loss, also values of several lines', () => {
    const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(word, fc.string(), word, fc.nat(), (kind, value, collection, added) => {
        expect(nameOf(nameText({ kind, value, collection, added }))).toEqual({
          kind,
          value,
          collection,
          added,
        });
      }),
    );
    expect(nameText(name('a', 7))).toBe('domain\na\nc\n0000000000000007');
  });

  test('names of one value are sorted by collection and date, whatever the number of digits', () => {
    const sorted = [
      name('a', 9),
      name('a', 10),
      name('a', 1_000_000),
      name('a', 1, 'domain', 'd'),
      name('ab', 1),
    ].map(nameText);
    expect(sorted.toSorted(byBytes)).toEqual(sorted);
  });

  test('are compared by their bytes, not by their UTF-16 units', () => {
    const [wide, narrow] = ['\u{1F600}', '\uffee'];
    expect([byBytes(wide, narrow), wide < narrow]).toEqual([1, true]);
    expect([byBytes('a', 'a'), byBytes('a', 'b'), byBytes('', 'a')]).toEqual([0, -1, -1]);
  });

  /** Returns which of the values a query finds. */
  const found = (query: Partial<NameQuery>, values: readonly Name[]): readonly string[] =>
    values
      .filter((one) =>
        nameBounds({ limit: 1, ranges: [], ...query }).some(
          ({ low, high }) => byBytes(nameText(one), low) > 0 && byBytes(nameText(one), high) < 0,
        ),
      )
      .map(({ value, added }) => `${value} ${added}`);
  const VALUES = [
    name('a', 1),
    name('a', 2),
    name('a b', 1),
    name('ab', 1),
    name('b', 1),
    name('a', 1, 'name'),
  ];
  test.each<[string, Partial<NameQuery>, readonly string[]]>([
    ['a single value', { ranges: [{ kind: 'domain', from: 'a' }] }, ['a 1', 'a 2']],
    [
      'a range without its end',
      { ranges: [{ kind: 'domain', from: 'a', to: 'b' }] },
      ['a 1', 'a 2', 'a b 1', 'ab 1'],
    ],
    ['a range that begins inside', { ranges: [{ kind: 'domain', from: 'ab', to: 'c' }] }, ['ab 1', 'b 1']],
    [
      'two ranges',
      {
        ranges: [
          { kind: 'domain', from: 'b' },
          { kind: 'domain', from: 'a' },
        ],
      },
      ['a 1', 'a 2', 'b 1'],
    ],
    ['another kind', { ranges: [{ kind: 'name', from: 'a' }] }, ['a 1']],
    ['no range', { ranges: [] }, []],
    [
      'names after one of them',
      { ranges: [{ kind: 'domain', from: 'a', to: 'b' }], after: name('a', 1) },
      ['a 2', 'a b 1', 'ab 1'],
    ],
    [
      'names after the end of the range',
      { ranges: [{ kind: 'domain', from: 'a' }], after: name('b', 1) },
      [],
    ],
    [
      'names after one in front of the range',
      { ranges: [{ kind: 'domain', from: 'b' }], after: name('a', 1) },
      ['b 1'],
    ],
  ])('%s', (_, query, expected) => {
    expect(found(query, VALUES)).toEqual(expected);
  });

  test('are read in the order of the bounds', () => {
    const bounds = nameBounds({
      ranges: [
        { kind: 'b', from: 'x' },
        { kind: 'a', from: 'x' },
      ],
      limit: 1,
    });
    expect(bounds.map(({ low }) => low)).toEqual(['a\nx\n', 'b\nx\n']);
  });

  test('come in pages of at most the limit, none of which is empty', async () => {
    const all = [name('a', 1), name('b', 1), name('c', 1), name('d', 1)];
    const queries: NameQuery[] = [];
    const store = {
      names: (query: NameQuery) => {
        queries.push(query);
        const from =
          query.after === undefined ? 0 : all.findIndex(({ value }) => value === query.after?.value) + 1;
        return Promise.resolve(all.slice(from, from + query.limit));
      },
    };
    const pages = async (limit: number) => {
      const read: string[][] = [];
      for await (const page of namePages(store, [], limit)) read.push(page.map(({ value }) => value));
      return read;
    };
    expect(await pages(3)).toEqual([['a', 'b', 'c'], ['d']]);
    expect(await pages(2)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(queries.map(({ after }) => after?.value)).toEqual([undefined, 'c', undefined, 'b', 'd']);
  });
});

describe('places', () => {
  const place = (collection: string, added: number) => ({ collection, added });
  test('are compared by collection and date', () => {
    expect(placeKey(place('c', 1))).not.toBe(placeKey(place('c', 11)));
    expect(distinctPlaces([place('c', 1), place('d', 1), place('c', 1), place('c', 2)])).toEqual([
      place('c', 1),
      place('d', 1),
      place('c', 2),
    ]);
    const all = [place('a', 1), place('a', 2), place('b', 2)];
    expect([undefined, place('a', 1), place('b', 2)].map((end) => coveredBefore(all, end))).toEqual([
      3, 0, 2,
    ]);
  });

  test('are read page by page until all are covered', async () => {
    const asked: number[] = [];
    const store = {
      placed: (places: readonly { added: number }[]) => {
        asked.push(places.length);
        const page = places.slice(0, 2);
        return Promise.resolve({
          entries: page.filter(({ added }) => added !== 3) as unknown as PlacedEntry[],
          covered: page.length,
        });
      },
    };
    const pages: number[][] = [];
    for await (const page of placedPages(
      store,
      [1, 2, 3, 4, 5].map((added) => place('c', added)),
    ))
      pages.push(page.map(({ added }) => added));
    expect([pages, asked]).toEqual([
      [[1, 2], [4], [5]],
      [5, 3, 1],
    ]);
    for await (const page of placedPages(store, [])) throw new Error(`a page ${page.length}`);
  });
});

describe('removals', () => {
  test.each([
    [{ upTo: 3 }, { within: [0, 1, 2, 3], beyond: [], unranked: true }],
    [{ upTo: 2 }, { within: [0, 1, 2], beyond: [], unranked: false }],
    [{ upTo: 0 }, { within: [0], beyond: [], unranked: false }],
    [{ upTo: -1 }, { within: [], beyond: [], unranked: false }],
    [
      { upTo: 1, beyond: { upTo: 2, since: 5 } },
      { within: [0, 1], beyond: [2], unranked: false },
    ],
    [
      { upTo: 1, beyond: { upTo: 3, since: 5 } },
      { within: [0, 1], beyond: [2, 3], unranked: false },
    ],
    [
      { upTo: 2, beyond: { upTo: 1, since: 5 } },
      { within: [0, 1, 2], beyond: [], unranked: false },
    ],
    [{ upTo: 4 }, { within: [0, 1, 2, 3], beyond: [], unranked: true }],
  ])('%j covers %j', (query, ranks) => {
    expect(removalRanks(query)).toEqual(ranks);
  });
});

describe('facts about stored and replaced entries', () => {
  const FORM: AuditFact = {
    id: 'random',
    at: 5,
    actor: 'moana',
    action: 'object.replace',
    resource: 'x',
    result: 'done',
    details: { why: 'y' },
  };
  const id = (n: number, version = 4): string =>
    `tool--0b5a1e00-0000-${version}000-8000-${String(n).padStart(12, '0')}`;
  const stored = (owner?: string): PlaceOutcome =>
    ({ kind: 'stored', added: 1, ...(owner === undefined ? {} : { replaced: { owner } }) }) as PlaceOutcome;
  const placement = (collection: string, ids: readonly string[]) => ({
    collection,
    candidates: ids.map((one) => aCandidate(anIndicator({ id: one }))),
  });

  test('count the versions of each owner, and name at most twenty ids', () => {
    const entries = Array.from({ length: 30 }, (_, i) => ({ id: id(i), owner: 'fiji' }));
    const [own] = changesByOwner(entries);
    expect([own?.versions, own?.ids.length, MOST_NAMED]).toEqual([30, 20, 20]);
    expect(
      changesByOwner([
        { id: id(1), owner: 'a' },
        { id: id(2), owner: 'b' },
        { id: id(1), owner: 'a' },
      ]),
    ).toEqual([
      { owner: 'a', versions: 2, ids: [id(1)] },
      { owner: 'b', versions: 1, ids: [id(2)] },
    ]);
    expect(changesByOwner([])).toEqual([]);
  });

  test('count objects whose id reveals a value, without naming them', () => {
    expect(
      changesByOwner([
        { id: id(1, 5), owner: 'a' },
        { id: id(2), owner: 'a' },
      ]),
    ).toEqual([{ owner: 'a', versions: 2, ids: [id(2)] }]);
  });

  test('are one for each collection and owner, each with an id of its own', () => {
    const batch = {
      placements: [placement('c', [id(1), id(2), id(3)]), placement('d', [id(1)]), placement('e', [id(4)])],
      replaced: FORM,
    };
    const placed = [[stored('fiji'), stored(), stored('hub')], [stored('fiji')], [stored()]];
    const facts = batchFacts(batch, placed);
    expect(facts.map(({ resource, member, details }) => [resource, member, details])).toEqual([
      ['collection/c', 'fiji', { why: 'y', versions: 1, ids: [id(1)] }],
      ['collection/c', undefined, { why: 'y', versions: 1, ids: [id(3)] }],
      ['collection/d', 'fiji', { why: 'y', versions: 1, ids: [id(1)] }],
    ]);
    expect(new Set(facts.map((fact) => fact.id)).size).toBe(3);
    for (const fact of facts)
      expect(fact.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    // A repeated batch writes the same facts.
    expect(batchFacts(batch, placed)).toEqual(facts);
    expect(batchFacts({ placements: batch.placements }, placed)).toEqual([]);
    expect(replacedBy(FORM, placement('c', [id(1)]), [])).toEqual([]);
  });

  test('count and name the stored ones among the first candidates, once for each placement', () => {
    const batch = {
      placements: [placement('c', [id(1), id(2), id(3, 5), id(4)]), placement('d', [id(1)])],
      stored: {
        fact: { ...FORM, action: 'object.publish', resource: 'collection/c' },
        listsObjects: true,
        first: 3,
      },
    };
    const known = { kind: 'known', added: 1, other: false } as PlaceOutcome;
    const facts = batchFacts(batch, [[stored('fiji'), known, stored(), stored()], [known]]);
    expect(facts).toMatchObject([
      { action: 'object.publish', resource: 'collection/c', details: { why: 'y', objects: 2, ids: [id(1)] } },
    ]);
    expect(facts[0]?.id).not.toBe(FORM.id);
    expect(batchFacts(batch, [])).toEqual([]);
    const unlisted = { ...batch, stored: { ...batch.stored, listsObjects: false } };
    expect(batchFacts(unlisted, [[stored()], [known]]).map(({ details }) => details)).toEqual([FORM.details]);
  });

  test('name no member for entries of the hub and its feeds', () => {
    expect(['hub', 'feed:urlhaus', 'feed', 'hub-2', 'fiji'].map(isOfHub)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('facts of the audit log', () => {
  const fact: AuditFact = {
    id: '1',
    at: 5,
    actor: 'moana',
    action: 'key.create',
    resource: 'key/1',
    result: 'done',
  };
  test('are found by actor and member', () => {
    expect(auditKeysOf(fact)).toEqual(['actor/moana']);
    expect(auditKeysOf({ ...fact, actor_id: 'acc-1', member: 'fiji' })).toEqual([
      'actor/acc-1',
      'member/fiji',
    ]);
  });

  test('are chained by a hash of the previous hash and the canonical fact', () => {
    const canonical =
      '{"action":"key.create","actor":"moana","at":5,"id":"1","resource":"key/1","result":"done"}';
    expect(auditHash('', fact)).toBe(hash('sha256', `\n${canonical}`));
    expect(auditHash('before', fact)).toBe(hash('sha256', `before\n${canonical}`));
    expect(
      auditHash('', {
        result: 'done',
        resource: 'key/1',
        action: 'key.create',
        actor: 'moana',
        at: 5,
        id: '1',
      }),
    ).toBe(auditHash('', fact));
  });
});
