import { expect, test } from '@jest/globals';
import type { Directory } from '../../src/access/directory.ts';
import type { Ledger } from '../../src/access/ledger.ts';
import type { AccountPrincipal } from '../../src/access/principal.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { Deliveries } from '../../src/sharing/deliveries/lag.ts';
import type { ReaderNote, Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { accessRecordsOf, aRecord } from '../support/records.ts';

/** A clock of a slow machine: each look at it takes some milliseconds. */
class SlowClock extends TestClock {
  override monotonic(): number {
    this.advance(4);
    return super.monotonic();
  }
}

test('the progress of all readers is ordered by its text, and other requests run meanwhile', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `siem-${String(i).padStart(2, '0')}`);
  const snapshot = Snapshot.of(
    accessRecordsOf(
      ...['b', 'a'].map((id) => aRecord('collection', id, { api_root: 'main', title: id.toUpperCase() })),
      ...['b', 'a'].map((id) => aRecord('grant', `${id}/role:machine`, { collection: id, to: 'role:machine', read: true })),
      ...names.map((name) => aRecord('account', name, { role: 'machine' })),
    ),
    0,
  ); // prettier-ignore
  const note: ReaderNote = { account: 'siem-07', collection: 'b', kind: 'objects', filters: '', seen: 0, cursor: 0, agent: 'x', requests: 1, objects: 0 }; // prettier-ignore
  const notes = [note, { ...note, kind: 'manifest' }, { ...note, account: 'siem-03', kind: 'lookup' }]; // prettier-ignore
  const store = {
    readers: () => Promise.resolve(notes),
    entries: () => Promise.resolve({ entries: [], more: false }),
  } as unknown as Store;
  const deliveries = new Deliveries(
    store,
    { refresh: () => Promise.resolve(snapshot) } as unknown as Directory,
    { flush: () => Promise.resolve() } as unknown as Ledger,
    new SlowClock(),
  );
  const boss: AccountPrincipal = { kind: 'account', account: 'boss', name: 'boss', role: 'administrator', member: undefined, person: true, groups: [] }; // prettier-ignore
  const { turns } = sliceWork;
  const found = await deliveries.lag(boss);
  expect(sliceWork.turns - turns).toBeGreaterThanOrEqual(10);
  expect(found.map(({ account, collection, kind }) => `${account} ${collection} ${kind}`)).toEqual(
    names.flatMap((name) => [
      `${name} a objects`,
      ...(name === 'siem-07' ? [`${name} b manifest`] : []),
      `${name} b objects`,
    ]),
  );
  expect(found.filter(({ state }) => state !== 'never')).toHaveLength(2);
});
