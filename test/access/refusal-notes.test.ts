import { expect, test } from '@jest/globals';
import { Directory } from '../../src/access/directory.ts';
import { Ledger } from '../../src/access/ledger.ts';
import { createLog } from '../../src/kernel/log.ts';
import type { RefusalNote } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, testHub } from '../support/hub.ts';

test('the ledger of refusals keeps no id that is derived from a value', async () => {
  const t = await testHub(SETTINGS);
  const clock = new TestClock();
  const written: RefusalNote[] = [];
  const ledger = new Ledger(
    {
      note: ({ refusals = [] }) => {
        written.push(...refusals);
        return Promise.resolve();
      },
    },
    new Directory(t.hub.store, clock),
    clock,
    createLog('error', { write: () => undefined }),
  );
  const id = 'ipv4-addr--efcd5e80-570d-4131-b213-62cb18eaa6a8';
  ledger.refuse({ account: 'acc', place: 'main', code: 'TLN-S-404', reason: `${id} is not here`, agent: '' });
  await ledger.flush();
  await ledger.stop();
  await t.stop();
  expect(written.map(({ reason }) => reason)).toEqual(['ipv4-addr is not here']);
});
