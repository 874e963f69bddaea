import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { systemClock } from '../../src/kernel/clock.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { boundedStore } from '../../src/store/bounded.ts';
import {
  PART_WEIGHT,
  divided,
  joined,
  type BatchPart,
  type SentBatch,
} from '../../src/store/sqlite/parts.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { nameText, type Batch, type Envelope, type RecordChange, type Store } from '../../src/store/store.ts';
import { aCandidate, anIndicator } from '../support/builders.ts';

let folder = '';
let store: Store;
/** The numbers of records that single lists contained. */
let lists: number[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'talanoa-full-'));
  const real = await openSqliteStore({ folder, clock: systemClock });
  lists = [];
  const records: Store['records'] = async (kind, query) => {
    const found = await real.records(kind, query);
    lists.push(found.length);
    return found;
  };
  store = new Proxy(real, {
    get: (target, name): unknown => (name === 'records' ? records : Reflect.get(target, name, target)),
  });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function made(kind: string, n: number, more: Partial<RecordChange> = {}): RecordChange[] {
  return Array.from({ length: n }, (_, i) => ({
    kind,
    id: `${kind}-${String(i).padStart(5, '0')}`,
    expected: 0,
    document: { at: i },
    ...more,
  }));
}

test('a full member is refused without reading its records, with and without an index key', async () => {
  const kinds: readonly (readonly [string, Partial<RecordChange>])[] = [
    ['claim', { document: { member: 'fiji' }, index: { member: 'fiji' } }],
    ['key', { document: { account: 'a' } }],
    ['grant', { document: { collection: 'c' } }],
  ];
  for (const [kind, more] of kinds) {
    await store.commit({ records: made(kind, 700, more) });
    const limits = { [kind]: { member: 700, account: 700, collection: 700 } };
    const one = { ...made(kind, 1, more)[0], id: 'one-more' } as RecordChange;
    const full = boundedStore(store, limits);
    await expect(full.commit({ records: [one] })).rejects.toMatchObject({ kind: 'full' });
    // A record that the same batch removes makes room.
    const gone: RecordChange = { kind, id: `${kind}-00300`, expected: 1, document: undefined };
    await full.commit({ records: [gone, one] });
    expect(await store.record(kind, 'one-more')).toBeDefined();
  }
  expect(lists).toEqual([]);
});

test('the oldest records of a full member are found in pages', async () => {
  const index = { member: 'fiji' };
  await store.commit({
    records: made('answer', 1_800, { index }).map((one, i) => ({
      ...one,
      document: { at: (i * 7) % 1_800, member: 'fiji' },
    })),
  });
  const full = boundedStore(store, { answer: { member: 1_800 } });
  await full.commit({
    records: [{ kind: 'answer', id: 'new', expected: 0, document: { at: 9_999, member: 'fiji' }, index }],
  });
  expect(lists.length).toBeGreaterThan(3);
  expect(Math.max(...lists)).toBeLessThanOrEqual(500);
  const left = await store.records('answer');
  const ages = left.map(({ document }) => Number(document['at'])).toSorted((a, b) => a - b);
  expect(ages).toHaveLength(1_801 - 180);
  expect(ages[0]).toBe(180);
  expect(ages.at(-1)).toBe(9_999);
});

test('a large batch goes to the writer in parts, and other requests have their turn in between', async () => {
  const text = 'x'.repeat(20_000);
  const candidates = Array.from({ length: 300 }, () => aCandidate(anIndicator({ description: text })));
  const body = Buffer.alloc(3_500_000, 'body ');
  const envelope: Envelope = { id: 'e', account: 'a', collection: 'c', at: 1, pending: '{}', body };
  const { turns } = sliceWork;
  const { placed } = await store.commit({
    placements: [{ collection: 'c', candidates }],
    envelopes: [envelope],
  });
  expect(sliceWork.turns - turns).toBeGreaterThanOrEqual(9);
  expect(placed[0]?.map(({ kind }) => kind)).toEqual(candidates.map(() => 'stored'));
  expect(body.equals((await store.envelopeBody('e')) ?? Buffer.alloc(0))).toBe(true);
});

test('the parts of any batch make the same batch again', () => {
  const texts = fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), texts, texts, (placements, held, bodies) => {
      const candidate = (length: number) => ({ ...aCandidate(anIndicator()), text: 'x'.repeat(length) });
      const batch: Batch = {
        placements: placements.map((lengths, i) => ({
          collection: String(i),
          candidates: lengths.map(candidate),
        })),
        held: held.map((length, i) => ({
          id: String(i), collection: 'c', text: 'y'.repeat(length), objectId: 'o', version: '', reason: 'r',
          message: 'm', waitsFor: [], submitter: 's', owner: 'o', at: i,
        })),
        names: bodies.map((added) => ({ kind: 'k', value: 'v"\u00e9\ufeff\t', collection: 'c', added })),
        staleNames: bodies.map((added) => ({ kind: 'k', value: 'w', collection: 'c', added })),
        envelopes: bodies.map((length, i) => ({
          id: String(i), account: 'a', collection: 'c', at: i, pending: '', body: Buffer.alloc(length, i),
        })),
        released: ['x'],
      }; // prettier-ignore
      const { rest, parts } = divided(batch);
      const sent = [...parts] as BatchPart[];
      for (const part of sent) expect(weightOf(part)).toBeLessThanOrEqual(PART_WEIGHT + 400_000);
      expect(comparable(joined(rest, sent))).toEqual(comparable(batch));
    }),
    { numRuns: 10 },
  );
});

/** Comparing bytes one by one takes long. */
function comparable(batch: Batch | SentBatch): unknown {
  const texts = (names: Batch['names'] | SentBatch['names'] = []): readonly string[] =>
    names.flatMap((one) => (typeof one === 'string' ? (JSON.parse(one) as string[]) : [nameText(one)]));
  return {
    ...batch,
    names: texts(batch.names),
    staleNames: texts(batch.staleNames),
    envelopes: batch.envelopes?.map((one) => ({ ...one, body: hash('sha256', one.body) })),
  };
}

function weightOf(part: BatchPart): number {
  switch (part.of) {
    case 'placement':
      return part.candidates.reduce((sum, { text }) => sum + text.length, 0);
    case 'held':
      return part.held.reduce((sum, { text }) => sum + text.length, 0);
    case 'names':
      return part.names.length;
    case 'envelope':
      return part.bytes.length;
  }
}
