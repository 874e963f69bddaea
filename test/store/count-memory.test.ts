import { expect, test } from '@jest/globals';
import { CountMemory } from '../../src/store/sqlite/count-memory.ts';

/** A memory over numbers that a test changes, and the reads that it caused. */
function aMemory() {
  const state = { count: 1, usage: [{ account: 'a', items: 1, bytes: 10 }], reads: [] as string[] };
  const memory = new CountMemory({
    records: {
      count(kind, index) {
        state.reads.push(index === undefined ? kind : `${kind} ${index.name}=${index.value}`);
        return state.count;
      },
    },
    envelopeUsage() {
      state.reads.push('usage');
      return state.usage;
    },
  });
  return { memory, state };
}

const aRecord = (kind: string) => ({ kind, id: 'x', expected: 0, document: {} });

test('a number of records is read once until a batch changes records of its kind', () => {
  const { memory, state } = aMemory();
  const by = { name: 'by', value: 'm' };
  for (let time = 0; time < 3; time++)
    expect([memory.records('key'), memory.records('key', by)]).toEqual([1, 1]);
  state.count = 2;
  memory.note({ records: [aRecord('share')] });
  expect(memory.records('key')).toBe(1);
  memory.note({ records: [aRecord('key')] });
  expect([memory.records('key'), memory.records('key', by), memory.records('key')]).toEqual([2, 2, 2]);
  expect(state.reads).toEqual(['key', 'key by=m', 'key', 'key by=m']);
});

test('numbers of more than two thousand owners are not kept', () => {
  const { memory, state } = aMemory();
  for (let n = 0; n <= 2_000; n++) memory.records('key', { name: 'by', value: String(n) });
  expect(state.reads).toHaveLength(2_001);
  memory.records('key', { name: 'by', value: '2000' });
  expect(state.reads).toHaveLength(2_001);
  memory.records('key', { name: 'by', value: '1999' });
  expect(state.reads).toHaveLength(2_002);
});

test('the room of pending envelopes is read again after an envelope arrived or ended', () => {
  const { memory, state } = aMemory();
  expect([memory.envelopeUsage(), memory.envelopeUsage()]).toEqual([state.usage, state.usage]);
  memory.note({ receipts: [] });
  memory.envelopeUsage();
  expect(state.reads).toEqual(['usage']);
  const envelope = { id: 'e', account: 'a', collection: 'c', at: 1, pending: '{}', body: Buffer.from('{}') };
  memory.note({ envelopes: [envelope] });
  state.usage = [];
  expect(memory.envelopeUsage()).toEqual([]);
  memory.note({ finished: ['e'] });
  memory.envelopeUsage();
  expect(state.reads).toHaveLength(3);
});
