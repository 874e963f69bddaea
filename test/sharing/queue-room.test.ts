import { expect, test } from '@jest/globals';
import { QueueRoom } from '../../src/sharing/review/queue-limits.ts';
import type { HeldObject } from '../../src/store/store.ts';

const item = (id: string, owner: string): HeldObject => ({
  id, owner, text: 'x'.repeat(10), submitter: 'a', at: 0, objectId: id, version: '', collection: 'c',
  reason: 'marking-unknown', message: '', waitsFor: [],
}); // prettier-ignore

/** A queue with a limit of 3 objects and 1,000 bytes for each owner. */
function queue() {
  const stored = new Map<string, HeldObject>();
  const store = {
    heldUsage: (owner: string) => {
      const own = [...stored.values()].filter((one) => one.owner === owner);
      return Promise.resolve({ objects: own.length, bytes: own.length * 10 });
    },
    heldObject: (id: string) => Promise.resolve(stored.get(id)),
  };
  return { stored, room: new QueueRoom(store, { objects: 3, bytes: 1_000 }) };
}

test('simultaneous submissions cannot use the same room in the review queue', async () => {
  const { stored, room } = queue();
  const submit = async (prefix: string, owner: string): Promise<number> => {
    const items = [1, 2].map((i) => item(`${prefix}${i}`, owner));
    const { ids, release } = await room.reserve(items);
    for (const one of items) if (ids.has(one.id)) stored.set(one.id, one);
    release();
    return ids.size;
  };
  const all = await Promise.all([submit('a', 'tonga'), submit('b', 'tonga'), submit('c', 'fiji')]);
  expect(all).toEqual([2, 1, 2]);
  expect(stored.size).toBe(5);
});

test('room that was not used is free again, and an object on hold stays in a full queue', async () => {
  const { stored, room } = queue();
  const three = ['a', 'b', 'c'].map((id) => item(id, 'tonga'));
  const first = await room.reserve(three);
  expect((await room.reserve([item('d', 'tonga')])).ids.size).toBe(0);
  first.release();
  const second = await room.reserve(three);
  expect(second.ids.size).toBe(3);
  for (const one of three) stored.set(one.id, one);
  second.release();
  expect([...(await room.reserve([item('b', 'tonga'), item('e', 'tonga')])).ids]).toEqual(['b']);
});
