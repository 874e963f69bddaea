import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub } from '../support/hub.ts';
import { mortalClock, slowStore } from '../support/slow-store.ts';

/**
 * Creates an envelope of a process whose gate never opens. It hangs, then it is killed, and the test closes its store.
 */
async function leftBehind(objects: readonly Json[]) {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-pending-'));
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const first = await testHub(SETTINGS, { store: slowStore(inner).store, patienceMs: 1, clock: mortalClock });
  return { folder, inner, answer: await first.as('writer').post(objectsOf(MAIN), { objects }) };
}

const statusOf = (body: unknown): string => `/main/status/${String((body as Json)['id'])}/`;

describe('an envelope with a late outcome (TAXII 2.1 sections 4.3 and 5.5)', () => {
  test('is answered as pending once it is durable, and completed later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'talanoa-pending-'));
    const inner = await openSqliteStore({ folder, clock: systemClock });
    const { store, open } = slowStore(inner);
    const t = await testHub(SETTINGS, { store, patienceMs: 1 });
    const objects = [anIndicator(), anIndicator(), 'no object'];
    const answer = await t.as('writer').post(objectsOf(MAIN), { objects });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      status: 'pending',
      total_count: 3,
      success_count: 0,
      failure_count: 0,
      pending_count: 3,
      pendings: [{ id: (objects[0] as Json)['id'], version: '2026-01-01T00:00:00.000Z' }, {}, {}],
    });
    expect(answer.headers['location']).toBe(statusOf(answer.body));
    expect((await t.as('writer').get(statusOf(answer.body))).body).toEqual(answer.body);
    // Only the sender can see it.
    expect((await t.as('reader').get(statusOf(answer.body))).status).toBe(404);
    open();
    await t.hub.envelopes.stop();
    const done = await t.as('writer').get(statusOf(answer.body));
    expect(done.body).toMatchObject({
      id: (answer.body as Json)['id'],
      status: 'complete',
      request_timestamp: (answer.body as Json)['request_timestamp'],
      total_count: 3,
      success_count: 2,
      failure_count: 1,
      pending_count: 0,
    });
    expect(done.body).not.toHaveProperty('pendings');
    expect(await inner.envelopeHeads(10)).toEqual([]);
    expect(
      await inner.standing(
        MAIN,
        objects.slice(0, 2).map((object) => String((object as Json)['id'])),
      ),
    ).toHaveProperty('size', 2);
    await t.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is completed by another process when the first has ended, and the first outcome stays', async () => {
    const objects = [anIndicator(), anIndicator({ pattern: 'no pattern' })];
    const { folder, inner, answer } = await leftBehind(objects);
    expect(answer.body).toMatchObject({ status: 'pending' });
    const [head] = await inner.envelopeHeads(10);
    const body = head === undefined ? undefined : await inner.envelopeBody(head.id);
    await inner.close();

    const store = await openSqliteStore({ folder, clock: systemClock });
    const second = await testHub(SETTINGS, { store });
    expect(await second.hub.envelopes.resume()).toBe(1);
    const done = await second.as('writer').get(statusOf(answer.body));
    expect(done.body).toMatchObject({ status: 'complete', success_count: 1, failure_count: 1 });
    expect(await store.envelopeHeads(10)).toEqual([]);
    // Killed between the outcome and the end of the envelope, so the envelope is processed again.
    if (head === undefined || body === undefined) throw new Error('the envelope was not durable');
    await store.commit({ envelopes: [{ ...head, body }] });
    expect(await second.hub.envelopes.resume()).toBe(1);
    expect((await second.as('writer').get(statusOf(answer.body))).body).toEqual(done.body);
    expect(await store.envelopeHeads(10)).toEqual([]);
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has no effect for an account that can no longer write', async () => {
    const object = anIndicator();
    const { folder, inner, answer } = await leftBehind([object]);
    await inner.close();
    const store = await openSqliteStore({ folder, clock: systemClock });
    const second = await testHub(
      SETTINGS.replaceAll(
        '{ to: "account:writer", read: true, write: true }',
        '{ to: "account:writer", read: true }',
      ),
      { store },
    );
    await second.hub.envelopes.resume();
    expect((await second.as('writer').get(statusOf(answer.body))).body).toMatchObject({
      status: 'complete',
      failures: [{ id: object['id'], message: 'not-allowed: the account may no longer write here' }],
    });
    expect((await store.standing(MAIN, [String(object['id'])])).size).toBe(0);
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
