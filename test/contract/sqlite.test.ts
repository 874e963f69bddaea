import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { storeContract } from './store-contract.ts';

let folder = '';
storeContract('SQLite', {
  open: (clock) => {
    folder = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
    return openSqliteStore({ folder, clock });
  },
  reopen: (clock) => openSqliteStore({ folder, clock }),
  clean: () => {
    rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  },
});

test('a second store on the same folder is refused, and files are for their owner only', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  const store = await openSqliteStore({ folder: own, clock: systemClock });
  await expect(openSqliteStore({ folder: own, clock: systemClock })).rejects.toMatchObject({
    code: 'TLN-S-002',
  });
  expect(statSync(join(own, 'hub.db')).mode & 0o077).toBe(0);
  await store.close();
  const again = await openSqliteStore({ folder: own, clock: systemClock });
  await again.close();
  rmSync(own, { recursive: true, force: true });
});

test('a file of a newer program is refused', async () => {
  const own = mkdtempSync(join(tmpdir(), 'talanoa-store-'));
  await (await openSqliteStore({ folder: own, clock: systemClock })).close();
  const db = new DatabaseSync(join(own, 'hub.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(openSqliteStore({ folder: own, clock: systemClock })).rejects.toMatchObject({
    code: 'TLN-S-001',
  });
  rmSync(own, { recursive: true, force: true });
});
