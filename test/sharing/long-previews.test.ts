import { expect, test } from '@jest/globals';
import type { Directory } from '../../src/access/directory.ts';
import type { AccountPrincipal } from '../../src/access/principal.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import type { GatedDocument } from '../../src/kernel/json-gate.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { Recipients } from '../../src/sharing/deliveries/recipients.ts';
import type { Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { accessRecordsOf, aRecord } from '../support/records.ts';

/** A clock of a slow machine: each look at it takes some milliseconds. */
class SlowClock extends TestClock {
  override monotonic(): number {
    this.advance(5);
    return super.monotonic();
  }
}

test('other requests run while a preview examines all members', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `m${String(i).padStart(2, '0')}`);
  const snapshot = Snapshot.of(
    accessRecordsOf(
      ...names.map((name) => aRecord('member', name, {})),
      aRecord('collection', 'c', { api_root: 'main', title: 'C' }),
      aRecord('grant', 'c/role:administrator', { collection: 'c', to: 'role:administrator', write: true }),
    ),
    0,
  );
  const recipients = new Recipients(
    {} as Store,
    { foresee: () => Promise.resolve([]) },
    { current: () => Promise.resolve(snapshot) } as unknown as Directory,
    new SlowClock(),
  );
  const boss: AccountPrincipal = { kind: 'account', account: 'boss', name: 'boss', role: 'administrator', member: undefined, person: true, groups: [] }; // prettier-ignore
  const { turns } = sliceWork;
  const { items } = await recipients.preview(boss, 'c', { objects: [] } as unknown as GatedDocument);
  expect(sliceWork.turns - turns).toBeGreaterThanOrEqual(10);
  expect(items.map(({ member }) => member)).toEqual(names);
});
