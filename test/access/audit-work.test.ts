import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { AuditFact, Store } from '../../src/store/store.ts';
import { SETTINGS, testHub } from '../support/hub.ts';

type Json = Record<string, unknown>;

/** Counts the audit entries that the store hands out. */
function counting(inner: Store): { store: Store; taken: () => number } {
  let read = 0;
  const store: Store = {
    ...inner,
    async audit(from, limit, order) {
      const entries = await inner.audit(from, limit, order);
      read += entries.length;
      return entries;
    },
    async auditBy(keys, from, limit, order) {
      const part = await inner.auditBy(keys, from, limit, order);
      read += part.entries.length;
      return part;
    },
  };
  const taken = (): number => {
    const now = read;
    read = 0;
    return now;
  };
  return { store, taken };
}

const entry = (actor: string, member: string, n: number): AuditFact => ({
  id: randomUUID(), at: 1_000_000 + n, actor, actor_id: actor, action: 'test.act', resource: 'hub', member, result: 'done', details: { times: n },
}); // prettier-ignore

test('a reading of the audit log takes only entries that the caller may see from the store, whatever others do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-audit-'));
  const { store, taken } = counting(await openSqliteStore({ folder, clock: systemClock }));
  const t = await testHub(SETTINGS, { store });
  try {
    const list = async (
      who: string,
      query = '?order=oldest',
    ): Promise<{ times: unknown[]; next: unknown }> => {
      const { body } = await t.api(who, 'GET', `/audit${query}`);
      const items = (body['items'] as { fact: { details?: Json } }[]).map(({ fact }) => fact.details);
      return { times: items.map((details) => details?.['times']), next: body['next'] };
    };
    await store.commit({ facts: [1, 2, 3].map((n) => entry('x', 'fiji', n)) });
    taken();
    expect((await list('desk')).times).toEqual([1, 2, 3]);
    const before = taken();
    // Others do much: another member, and accounts of the caller's own member, whom a service account cannot see.
    await store.commit({ facts: Array.from({ length: 3_000 }, (_, n) => entry('y', 'tonga', n)) });
    await store.commit({ facts: [entry('x', 'fiji', 4)] });
    const first = await list('desk', '?limit=2&order=oldest');
    expect(first.times).toEqual([1, 2]);
    expect(taken()).toBe(3);
    const second = await list('desk', `?limit=2&after=${String(first.next)}`);
    expect(second).toEqual({ times: [3, 4], next: undefined });
    expect(taken()).toBe(2);
    expect((await list('desk')).times).toEqual([1, 2, 3, 4]);
    expect(taken()).toBe(before + 1);
    // The newest entries first, after 3,000 entries of others.
    expect(await list('desk', '?limit=1')).toMatchObject({ times: [4] });
    expect(taken()).toBe(2);
    // `sensor` is a service account of tonga: it sees only its own entries.
    expect((await list('sensor')).times).toEqual([]);
    expect(taken()).toBe(0);
  } finally {
    await t.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
