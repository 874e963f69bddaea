import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from '../../src/kernel/problem.ts';
import { FULL, RECORD_STORES, type BoundedStore, type RecordBound } from '../../src/store/bounded-stores.ts';
import { boundedStore } from '../../src/store/bounded.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { RecordChange, Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

const SMALL = 3;

/** Rows whose limit is not a number of records, and the test that shows the limit. */
const BY_OTHER_MEANS: Readonly<Record<string, string>> = {
  tally: 'test/access/guessing.test.ts',
  'misp-event': 'test/sharing/misp/memory.test.ts',
  'misp-feed': 'test/sharing/misp/memory.test.ts',
};

interface Row {
  readonly row: BoundedStore;
  readonly bound: RecordBound;
  readonly title: string;
}

const ROWS: readonly Row[] = RECORD_STORES.flatMap((row) =>
  (row.bounds ?? []).map((bound) => ({
    row,
    bound,
    title: `${row.name}: ${bound.most} ${bound.of === 'hub' ? 'in total' : `for each ${bound.of}`}`,
  })),
);

/** A new record with everything that the limits of its kind look at. `age` gives the order. */
function created({ row, bound }: Row, id: string, age: number, owner: string): RecordChange {
  const document: Record<string, unknown> = { n: id };
  const index: Record<string, string> = {};
  for (const { of, index: key, field = of, age: time } of row.bounds ?? []) {
    // Other limits of the same kind must not be reached first.
    const whose = of === bound.of ? owner : `other-${id}`;
    if (key !== undefined) index[key] = whose;
    else if (of !== 'hub') document[field] = whose;
    if (time !== undefined) document[time] = new Date(age).toISOString();
  }
  return { kind: row.name, id, expected: 0, document, index };
}

describe('the maximum number of records', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-bounds-'));
    store = await openSqliteStore({ folder, clock: new TestClock() });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const idsOf = async (kind: string): Promise<string[]> => (await store.records(kind)).map(({ id }) => id);

  test('every kind of record has a limit that the code enforces', () => {
    const limitless = RECORD_STORES.filter(
      ({ name, bounds = [], onePer }) =>
        bounds.length === 0 && onePer === undefined && BY_OTHER_MEANS[name] === undefined,
    );
    expect(limitless.map(({ name }) => name)).toEqual([]);
    // One record for each account is a limit only because accounts have one.
    for (const { name, onePer } of RECORD_STORES) {
      if (onePer === undefined || onePer === 'hub') continue;
      const parent = RECORD_STORES.find((row) => row.name === onePer);
      const inTotal = (parent?.bounds ?? []).filter(
        ({ of, whenFull }) => of === 'hub' && whenFull === 'refuse',
      );
      expect({ name, limitsOfParent: inTotal.length }).toEqual({ name, limitsOfParent: 1 });
    }
    for (const file of Object.values(BY_OTHER_MEANS))
      expect(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')).toContain('test(');
    expect(ROWS.length).toBeGreaterThan(30);
  });

  test('simultaneous requests cannot both use the last room', async () => {
    const bounded = boundedStore(store, { channel: { member: SMALL } });
    const add = (n: number): Promise<unknown> =>
      bounded.commit({
        records: [{ kind: 'channel', id: `c${n}`, expected: 0, document: { member: 'tonga' }, index: {} }],
      });
    const done = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => add(n)));
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(SMALL);
    expect(await store.records('channel')).toHaveLength(SMALL);
    // A refusal does not hold up the next request.
    await bounded.commit({ records: [{ kind: 'channel', id: 'c0', expected: 1, document: undefined }] });
    await expect(add(20)).resolves.toBeDefined();
  });

  test.each(ROWS)('$title', async (each) => {
    const { row, bound } = each;
    const bounded = boundedStore(store, { [row.name]: { [bound.of]: SMALL } });
    const add = (id: string, age: number, owner: string): Promise<unknown> =>
      bounded.commit({ records: [created(each, id, age, owner)] });
    // Neither the order of the ids nor the order of creation is the order of age.
    await add('b', 2_000, 'tonga');
    await add('c', 1_000, 'tonga');
    await add('a', 3_000, 'tonga');
    expect(await idsOf(row.name)).toEqual(['a', 'b', 'c']);
    if (bound.whenFull === 'refuse') {
      const refused = await add('d', 4_000, 'tonga').then(
        () => undefined,
        (error: unknown) => error as Problem,
      );
      expect(refused).toMatchObject({ kind: 'full', code: row.code ?? FULL });
      expect(refused?.title).toContain(`maximum of ${SMALL} ${row.holds}`);
      expect(await idsOf(row.name)).toEqual(['a', 'b', 'c']);
      // A removed record leaves room, in the same batch and later.
      await bounded.commit({
        records: [
          created(each, 'd', 4_000, 'tonga'),
          { kind: row.name, id: 'c', expected: 1, document: undefined },
        ],
      });
      expect(await idsOf(row.name)).toEqual(['a', 'b', 'd']);
    } else {
      await add('d', 4_000, 'tonga');
      expect(await idsOf(row.name)).toEqual(['a', 'b', 'd']);
    }
    // A record that exists can be changed, and other owners have their own limit.
    const [present] = await store.records(row.name);
    if (present !== undefined)
      await bounded.commit({ records: [{ ...present, expected: present.revision }] });
    if (bound.of !== 'hub') {
      await add('e', 5_000, 'fiji');
      expect(await idsOf(row.name)).toEqual(['a', 'b', 'd', 'e']);
    }
  });

  const limited = ROWS.filter(({ bound }) => bound.isDone !== undefined);
  const OPEN: Readonly<Record<string, string>> = {
    'contact-change': 'pending',
    'member-request': 'pending',
    share: 'asked',
  };
  test.each(limited)('$title: completed records are removed first', async (each) => {
    const { row, bound } = each;
    const bounded = boundedStore(store, { [row.name]: { [bound.of]: SMALL } });
    const add = async (id: string, age: number, state: string): Promise<void> => {
      const change = created(each, id, age, 'tonga');
      const document = { ...change.document, state };
      await bounded.commit({ records: [{ ...change, document, index: { ...change.index, state } }] });
    };
    const open = OPEN[row.name] ?? 'open';
    await add('a', 1_000, open);
    await add('b', 2_000, open);
    await add('c', 3_000, 'done');
    await add('d', 4_000, open);
    expect(await idsOf(row.name)).toEqual(['a', 'b', 'd']);
  });

  test('a data folder with more records than the limit opens, keeps them, and takes no further ones', async () => {
    const key = (id: string): RecordChange => ({
      kind: 'key',
      id,
      expected: 0,
      document: { account: 'acc-1' },
    });
    await store.commit({ records: ['a', 'b', 'c', 'd', 'e'].map(key) });
    const bounded = boundedStore(store, { key: { account: SMALL } });
    await expect(bounded.commit({ records: [key('f')] })).rejects.toMatchObject({ code: 'TLN-K-409' });
    expect(await idsOf('key')).toEqual(['a', 'b', 'c', 'd', 'e']);
    const document = { account: 'acc-1', used: 1 };
    await bounded.commit({ records: [{ kind: 'key', id: 'a', expected: 1, document }] });
    expect((await store.record('key', 'a'))?.document).toEqual(document);
  });

  test('records without a limit, without their owner or without their time are not created', async () => {
    const bounded = boundedStore(store);
    const add = (kind: string, document: object, index = {}): Promise<unknown> =>
      bounded.commit({ records: [{ kind, id: 'x', expected: 0, document: { ...document }, index }] });
    await expect(add('novelty', {})).rejects.toThrow('no limit');
    await expect(add('session', { seen: 1 })).rejects.toThrow('lacks its index key "account"');
    await expect(add('session', {}, { account: 'acc-1' })).rejects.toThrow('lacks its time "seen"');
    expect(await store.countRecords('session')).toBe(0);
  });
});

test('objects, entries, receipts and changes of records are not counted', async () => {
  const asked: string[] = [];
  const store = new Proxy({} as Store, {
    get: (_, name) => () => {
      asked.push(String(name));
      return Promise.resolve({ placed: [] });
    },
  });
  const bounded = boundedStore(store);
  await bounded.commit({ placements: [], receipts: [], envelopes: [], facts: [] });
  await bounded.commit({ records: [{ kind: 'session', id: 'x', expected: 1, document: {} }] });
  await bounded.commit({ records: [{ kind: 'tally', id: 'x', expected: 0, document: {} }] });
  expect(asked).toEqual(['commit', 'commit', 'commit']);
});
