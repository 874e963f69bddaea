import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Problem } from '../../src/kernel/problem.ts';
import { boundedStore } from '../../src/store/bounded.ts';
import { FactsPerMinute } from '../../src/store/fact-gate.ts';
import type { AuditFact, Batch, Store } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';

const LIMITS = { told: 3, acts: 5 };

function bench() {
  const written: AuditFact[] = [];
  const clock = new TestClock();
  const gate = new FactsPerMinute(clock, randomUUID, LIMITS);
  let isBroken = false;
  const raw = {
    commit: (batch: Batch) => {
      if (isBroken) return Promise.reject(new Error('the disk is full'));
      written.push(...(batch.facts ?? []));
      return Promise.resolve({ placed: [] });
    },
  } as unknown as Store;
  const store = boundedStore(raw, {}, gate);
  const fact = (action: string, over: Partial<AuditFact> = {}): AuditFact => ({
    id: randomUUID(),
    at: clock.now(),
    actor: 'moana',
    actor_id: 'acc-1',
    action,
    resource: 'hub',
    result: 'done',
    ...over,
  });
  const act = (action: string, over: Partial<AuditFact> = {}): Promise<unknown> =>
    store.commit({ facts: [fact(action, over)] });
  /** Commits a batch whose fact is written only if the batch stores something. */
  const actIfStored = (action: string): Promise<unknown> =>
    store.commit({ stored: { fact: fact(action), listsObjects: false, first: 1 } });
  const setBroken = (value: boolean): void => void (isBroken = value);
  return { written, clock, gate, raw, act, actIfStored, setBroken };
}

const times = async (n: number, work: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < n; i++) await work();
};

test('sign-ins above the limit of a minute are written as one entry with their number', async () => {
  const { written, clock, act } = bench();
  await times(50, () => act('session.begin'));
  expect(written).toHaveLength(3);
  await act('session.begin', { actor: 'litia', actor_id: 'acc-2' });
  expect(written).toHaveLength(4);
  clock.advance(60_000);
  await act('key.create');
  expect(written.slice(4)).toMatchObject([
    { action: 'key.create' },
    { action: 'session.begin', actor_id: 'acc-1', details: { further: 47, within_s: 60 } },
  ]);
  expect(new Set(written.map(({ id }) => id)).size).toBe(written.length);
});

test('facts that the store may write count as other changes, except those of envelopes', async () => {
  const { clock, act, actIfStored } = bench();
  await times(10, () => actIfStored('object.publish'));
  await times(4, () => act('key.rotate'));
  await actIfStored('object.revoke');
  await expect(actIfStored('object.revoke')).rejects.toMatchObject({ code: 'TLN-B-429' });
  clock.advance(60_000);
  await actIfStored('object.revoke');
});

test('other changes above the limit of a minute are refused, and nothing of them is written', async () => {
  const { written, clock, act } = bench();
  await times(5, () => act('key.rotate'));
  const refused = (await act('key.create').catch((error: unknown) => error)) as Problem;
  expect(refused).toMatchObject({
    kind: 'rate-limited',
    code: 'TLN-B-429',
    headers: { 'Retry-After': '60' },
  });
  expect(written).toHaveLength(5);
  await act('key.create', { actor_id: 'acc-2' });
  clock.advance(60_000);
  await act('key.create');
  expect(written).toHaveLength(7);
});

test('the operator, the hub, refusals, requests without an account and envelopes are not limited', async () => {
  const { written, act } = bench();
  for (const over of [
    { actor: 'operator', actor_id: 'operator' },
    { actor: 'settings', actor_id: 'settings' },
    { actor: 'hub:routing', actor_id: 'public' },
    { actor: 'public', actor_id: 'public' },
    { result: 'refused' },
  ] as const)
    await times(10, () => act('member.update', over));
  await times(10, () => act('object.tighten'));
  expect(written).toHaveLength(60);
  // Acknowledgement links are the exception: they can be opened again and again without an account.
  const link = { actor: 'public', actor_id: 'public' };
  await times(10, () => act('answer.give', { ...link, member: 'tonga' }));
  await times(2, () => act('answer.give', { ...link, member: 'fiji' }));
  expect(written).toHaveLength(65);
});

test('counts are written when the hub stops, and are kept while they cannot be written', async () => {
  const { written, clock, gate, raw, act, setBroken } = bench();
  await times(10, () => act('session.end'));
  clock.advance(60_000);
  setBroken(true);
  await expect(gate.tell(raw)).rejects.toThrow('the disk is full');
  await expect(act('key.create')).rejects.toThrow('the disk is full');
  setBroken(false);
  await times(4, () => act('answer.give'));
  await gate.tell(raw, { whole: true });
  await gate.tell(raw, { whole: true });
  expect(written.filter(({ details }) => details !== undefined)).toMatchObject([
    { action: 'session.end', details: { further: 7 } },
    { action: 'answer.give', details: { further: 1 } },
  ]);
});
