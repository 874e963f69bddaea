import { describe, expect, test } from '@jest/globals';
import { RECORD_STORES } from '../../src/store/bounded-stores.ts';
import {
  flag,
  list,
  mapOf,
  maybe,
  nullable,
  number,
  oneOf,
  RecordKind,
  shape,
  text,
  type Fields,
} from '../../src/store/records.ts';
import { RECORD_KINDS } from '../../src/server/record-kinds.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { FEED_HEALTH, FEED_RUNS, FEED_STATES, QUARANTINES, WARNING_LISTS } from '../../src/feeds/model.ts';
import type { HubRecord } from '../../src/store/store.ts';

interface Sample {
  readonly name: string;
  readonly size?: number;
  readonly state: 'open' | 'closed';
  readonly on?: boolean;
  readonly gone?: number | null;
  readonly tags?: readonly string[];
  readonly by?: Readonly<Record<string, number>>;
  readonly inner?: { readonly deep: string };
}

const FIELDS: Fields<Sample> = {
  name: text,
  size: maybe(number),
  state: oneOf('open', 'closed'),
  on: maybe(flag),
  gone: maybe(nullable(number)),
  tags: maybe(list(text)),
  by: maybe(mapOf(number)),
  inner: maybe(shape<NonNullable<Sample['inner']>>({ deep: text })),
};

const SAMPLES = new RecordKind<Sample>({
  kind: 'sample',
  fields: FIELDS,
  keys: ({ state }, { owner }) => ({ state, ...(owner === undefined ? {} : { owner }) }),
  idOf: ({ name }) => `id-of-${name}`,
});

function stored(
  document: Readonly<Record<string, unknown>>,
  index: Readonly<Record<string, string>> = {},
): Parameters<typeof SAMPLES.decode>[0] {
  return { kind: 'sample', id: 'id-of-a', revision: 3, document, index };
}

describe('the codec of a kind of record', () => {
  test('reads what it wrote, and keeps fields that it does not know', () => {
    const document = {
      name: 'a',
      size: 2,
      state: 'open',
      on: false,
      gone: null,
      tags: ['x'],
      by: { x: 1 },
      inner: { deep: 'd', of_later: 1 },
      of_later: [1],
    };
    const record = SAMPLES.decode(stored(document));
    expect(record.document).toEqual(document);
    expect(SAMPLES.encode(record.document)).toEqual(document);
  });

  test.each([
    [{ state: 'open' }, '"name" must be a text'],
    [{ name: 'a', state: 'ajar' }, '"state" must be one of: open, closed'],
    [{ name: 'a', state: 'open', size: '2' }, '"size" must be a number'],
    [{ name: 'a', state: 'open', size: null }, '"size" must be a number'],
    [{ name: 'a', state: 'open', on: 1 }, '"on" must be true or false'],
    [{ name: 'a', state: 'open', tags: 'x' }, '"tags" must be a list'],
    [{ name: 'a', state: 'open', tags: ['x', 1] }, '"tags[1]" must be a text'],
    [{ name: 'a', state: 'open', by: { x: 'y' } }, '"by.x" must be a number'],
    [{ name: 'a', state: 'open', inner: {} }, '"inner.deep" must be a text'],
    [{ name: 'a', state: 'open', inner: [] }, '"inner" must be an object'],
  ])('a damaged document %j is reported with its record and field', (document, message) => {
    const read = (): unknown => SAMPLES.decode(stored(document));
    expect(read).toThrow(Problem);
    expect(read).toThrow('The record sample/id-of-a cannot be read');
    try {
      read();
    } catch (error) {
      expect(error).toMatchObject({ code: 'TLN-S-500', description: `The field ${message}.` });
    }
  });

  test('a document of a later format is refused, and an earlier one is read', () => {
    const later = new RecordKind<Sample>({
      kind: 'sample',
      version: 2,
      fields: FIELDS,
    });
    const document = later.encode({ name: 'a', state: 'open' });
    expect(document).toEqual({ name: 'a', state: 'open', record_version: 2 });
    expect(later.decode(stored(document)).document).toEqual({ name: 'a', state: 'open' });
    expect(later.decode(stored({ name: 'a', state: 'open' })).document).toEqual({ name: 'a', state: 'open' });
    expect(() => SAMPLES.decode(stored(document))).toThrow('The record sample/id-of-a cannot be read');
  });

  test('changes carry the revision that was read, the index keys, and no undefined field', () => {
    const document: Sample = { name: 'a', state: 'open' };
    expect(SAMPLES.insert('id-of-a', document, { owner: 'o' })).toEqual({
      kind: 'sample',
      id: 'id-of-a',
      expected: 0,
      document,
      index: { state: 'open', owner: 'o' },
    });
    const record = SAMPLES.decode(stored({ ...document }, { state: 'open', owner: 'o' }));
    expect(SAMPLES.change(record, { ...document, state: 'closed' })).toEqual({
      kind: 'sample',
      id: 'id-of-a',
      expected: 3,
      document: { name: 'a', state: 'closed' },
      index: { state: 'closed', owner: 'o' },
    });
    expect(SAMPLES.put('id-of-a', undefined, document)).toMatchObject({ expected: 0 });
    expect(SAMPLES.put('id-of-a', record, document)).toMatchObject({ expected: 3 });
    expect(SAMPLES.encode({ ...document, size: undefined } as unknown as Sample)).toEqual({
      name: 'a',
      state: 'open',
    });
  });

  test('a new record has the id that its document determines', () => {
    expect(() => SAMPLES.insert('another', { name: 'a', state: 'open' })).toThrow('must have the id id-of-a');
  });
});

describe('the list of all kinds', () => {
  /** Rows of bounded-stores.ts that are not records. */
  const NO_RECORDS = new Set(['found', 'unit']);

  test('names a codec for every kind that the hub can write', () => {
    const kinds = RECORD_KINDS.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    const written = RECORD_STORES.map(({ name }) => name).filter((name) => !NO_RECORDS.has(name));
    expect(kinds.toSorted()).toEqual(written.toSorted());
  });
});

describe('the records of feeds', () => {
  const record = (kind: string, document: Readonly<Record<string, unknown>>): HubRecord => ({
    kind,
    id: 'a',
    revision: 1,
    document,
    index: {},
  });

  test('rows that an earlier version stored unencrypted are read', () => {
    const rows = [{ line: 1, code: 'x', message: 'y', raw: 'z' }];
    expect(QUARANTINES.decode(record('feed-quarantine', { rows })).document).toEqual({ rows });
  });

  test.each([
    [FEED_STATES, { cursor: {}, sha256: '', mapping: '', read_at: 'never' }, 'feed-state/a'],
    [FEED_HEALTH, { failures: 0, alarms: [{ code: 'unknown', message: '', since: '' }] }, 'feed-health/a'],
    [FEED_RUNS, { feed: 'a', started: '', ended: '', status: 'fine' }, 'feed-run/a'],
    [QUARANTINES, { at: '0', sealed: '' }, 'feed-quarantine/a'],
    [WARNING_LISTS, { type: 'string', list: ['a', 1], action: 'drop' }, 'warning-list/a'],
  ])('a damaged one is named: %#', (codec, document, name) => {
    expect(() => codec.decode(record(codec.kind, document))).toThrow(`The record ${name} cannot be read`);
  });
});
