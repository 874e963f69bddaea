import { expect, test } from '@jest/globals';
import type { Audit } from '../../src/access/audit/audit.ts';
import type { Directory } from '../../src/access/directory.ts';
import type { AccountPrincipal } from '../../src/access/principal.ts';
import { Snapshot } from '../../src/access/snapshot.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { sliceWork } from '../../src/kernel/slices.ts';
import { ClaimService } from '../../src/members/claim-service.ts';
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

test('other requests run while many claims are compared with those of all members', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const claims = Array.from({ length: 40 }, (_, i) =>
    aRecord('claim', `c${i}`, { member: i % 2 === 0 ? 'fiji' : 'tonga', type: 'domain', value: `d${i}.example`, state: 'verified', by: 'boss', at }),
  ); // prettier-ignore
  const snapshot = Snapshot.of(
    accessRecordsOf(...claims, aRecord('member', 'fiji', { domains: ['d1.example'] }), aRecord('member', 'tonga', {})),
    0,
  ); // prettier-ignore
  const store = { records: () => Promise.resolve(claims) } as unknown as Store;
  const directory = { current: () => Promise.resolve(snapshot) } as unknown as Directory;
  const service = new ClaimService(store, directory, systemIds, new SlowClock(), {} as Audit);
  const boss: AccountPrincipal = { kind: 'account', account: 'boss', name: 'boss', role: 'administrator', member: undefined, person: true, groups: [] }; // prettier-ignore
  const { turns } = sliceWork;
  const found = await service.list(boss);
  expect(sliceWork.turns - turns).toBeGreaterThanOrEqual(10);
  expect(found.map(({ id }) => id)).toEqual(claims.map(({ id }) => id));
  expect(found[1]?.overlaps).toEqual([{ member: 'fiji', claim: 'd1.example' }]);
  expect((await service.list(boss, 'tonga')).map(({ member }) => member)).toEqual(
    Array.from({ length: 20 }, () => 'tonga'),
  );
});
