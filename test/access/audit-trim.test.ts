import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { Audit } from '../../src/access/audit/audit.ts';
import { PUBLIC } from '../../src/access/principal.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

const DAY = 86_400_000;

/** Runs `work` with an audit log that has an entry for each of ten days. */
async function withLog(
  work: (audit: Audit, store: Store, clock: TestClock, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-audit-'));
  const clock = new TestClock();
  const store = await openSqliteStore({ folder, clock });
  const audit = new Audit(store, clock, systemIds, silentLog);
  try {
    for (let day = 1; day <= 10; day++) {
      await store.commit({ facts: [audit.fact(PUBLIC, `day.${day}`, 'hub')] });
      clock.advance(DAY);
    }
    await store.numberFacts();
    await work(audit, store, clock, folder);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

test('entries older than the setting are removed, the removal is recorded, and the rest is verified', () =>
  withLog(async (audit, store) => {
    const whole = await audit.verify();
    expect(whole).toMatchObject({ entries: 10, removed: 0, broken: undefined });
    await audit.trim(0);
    expect(await audit.verify()).toEqual(whole);
    await audit.trim(4);
    const left = await store.audit(0, 100);
    expect(left.map(({ fact }) => fact.action)).toEqual(['day.7', 'day.8', 'day.9', 'day.10', 'audit.trim']);
    expect(left.at(-1)?.fact.details).toMatchObject({ from: 1, to: 6 });
    expect(await audit.verify()).toMatchObject({ entries: 11, removed: 6, broken: undefined });
    // Nothing is old enough, so nothing is recorded.
    await audit.trim(4);
    expect((await audit.verify()).entries).toBe(11);
  }));

test('the last entry stays, however old it is', () =>
  withLog(async (audit, store, clock) => {
    clock.advance(100 * DAY);
    await audit.trim(1);
    expect((await store.audit(0, 100)).map(({ fact }) => fact.action)).toEqual(['audit.trim']);
    expect(await audit.verify()).toMatchObject({ entries: 11, removed: 10, broken: undefined });
  }));

test('an entry after the removed ones cannot be changed or removed in the file, and a wrong beginning is found', () =>
  withLog(async (audit, _store, _clock, folder) => {
    await audit.trim(4);
    const file = new DatabaseSync(join(folder, 'hub.db'));
    try {
      expect(() => file.exec('DELETE FROM audit WHERE seq = 7')).toThrow(/never changed/);
      expect(() => file.exec("UPDATE audit SET fact = '{}' WHERE seq = 8")).toThrow(/never changed/);
      expect(() => file.exec('UPDATE audit_start SET seq = 3')).toThrow(/never begins earlier/);
      expect(() => file.exec('DELETE FROM audit_start')).toThrow(/never begins earlier/);
      file.exec("UPDATE audit_start SET seq = 7, hash = 'x'");
    } finally {
      file.close();
    }
    expect((await audit.verify()).broken).toMatchObject({ seq: 8 });
  }));
