import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Audit } from '../../src/access/audit/audit.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { giveTurn, sliceWork } from '../../src/kernel/slices.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { LAST_VERSION, type Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

/** A clock of a slow machine: each look at it takes some milliseconds. */
class SlowClock extends TestClock {
  step = 0;

  override monotonic(): number {
    this.advance(this.step);
    return super.monotonic();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'talanoa-fair-'));
const clock = new SlowClock();
let store: Store;

beforeAll(async () => {
  store = await openSqliteStore({ folder, clock });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Returns how often other requests have had their turn during some work. */
async function turnsOf(step: number, work: () => Promise<void>): Promise<number> {
  await giveTurn();
  clock.step = step;
  const { turns } = sliceWork;
  await work();
  clock.step = 0;
  return sliceWork.turns - turns;
}

test('other requests run while a caller awaits one read after the other', async () => {
  const reads: readonly (() => Promise<unknown>)[] = [
    () => store.record('member', 'tonga'),
    () => store.records('member', { limit: 1 }),
    () => store.countRecords('member'),
    () => store.entries({ collection: 'c', after: 0, limit: 1, versions: LAST_VERSION }, false),
    () => store.audit(0, 1),
    () => store.held({ limit: 1 }),
    () => store.readers(),
    () => store.keyUses([]),
    () => store.listings({ feed: 'f', unit: '', limit: 1 }),
    () => store.firstFinds({ limit: 1 }),
  ];
  for (const read of reads) {
    const loop = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) await read();
    };
    // Thirty reads of 5 ms are 150 ms, which is ten slices.
    expect(await turnsOf(5, loop)).toBeGreaterThanOrEqual(5);
    expect(await turnsOf(0, loop)).toBe(0);
  }
});

test('many callers at once all get their responses', async () => {
  await store.commit({ records: [{ kind: 'group', id: 'g', expected: 0, document: { members: [] } }] });
  clock.step = 20;
  const answers = await Promise.all(Array.from({ length: 20 }, () => store.record('group', 'g')));
  clock.step = 0;
  expect(answers.map((record) => record?.id)).toEqual(Array.from({ length: 20 }, () => 'g'));
});

test('other requests run while a long audit log is verified', async () => {
  const facts = Array.from({ length: 2_500 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`, at: i, actor: 'a', action: 'x', resource: 'y', result: 'done' as const,
  })); // prettier-ignore
  await store.commit({ facts });
  const audit = new Audit(store, clock, systemIds, silentLog);
  const verify = async (): Promise<void> => {
    expect(await audit.verify()).toMatchObject({ entries: 2_500, broken: undefined });
  };
  expect(await turnsOf(10, verify)).toBeGreaterThanOrEqual(1);
});
