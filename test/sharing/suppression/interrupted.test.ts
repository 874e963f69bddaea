import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import type { Batch } from '../../../src/store/store.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../../support/interleaved-store.ts';

let interleaved: InterleavedStore;
let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  interleaved = await interleavedStore();
  t = await testHub(SETTINGS, { clock, store: interleaved.store });
});
afterAll(async () => {
  await t.stop();
  interleaved.remove();
});

const put = async (...values: string[]): Promise<void> => {
  const objects = values.map((value) =>
    anIndicator({
      pattern: `[ipv4-addr:value = '${value}']`,
      name: value,
      valid_until: '2027-06-01T00:00:00Z',
    }),
  );
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const lines = async (): Promise<string[]> => {
  const { status, text } = await supertest(t.hub.app)
    .get('/lists/indicators/plain?types=ip')
    .set('Authorization', `Bearer ${keyOf('reader')}`);
  expect(status).toBe(200);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};
/** Does something before the next commit that writes suppressions. */
const interfere = (act: (batch: Batch) => Promise<void>): void => {
  interleaved.before = async (batch) => {
    if (batch.records?.some(({ kind }) => kind === 'suppression') !== true) return;
    interleaved.before = undefined;
    await act(batch);
  };
};

test('values are suppressed although another process suppressed one of them in between', async () => {
  await put('45.9.20.1', '45.9.20.2');
  interfere(async ({ records = [] }) => {
    await interleaved.store.commit({ records: records.slice(0, 1) });
  });
  const request = { values: ['45.9.20.1', '45.9.20.2'], reason: 'It is the resolver of a bank' };
  expect((await t.api('analyst', 'POST', '/suppressions', request)).status).toBe(201);
  expect(await lines()).toEqual([]);
});

test('a process that ends while it confirms a false positive leaves the value suppressed and the case open', async () => {
  await put('45.9.20.3');
  await t.api('sensor', 'POST', '/feedback', { items: [{ value: '45.9.20.3', kind: 'false-positive' }] });
  const open = async (): Promise<Json[]> =>
    (await t.api('analyst', 'GET', '/false-positives')).body['items'] as Json[];
  const path = `/false-positives/${String((await open())[0]?.['id'])}/decision`;
  const decision = { verdict: 'confirmed', note: 'It is the portal of a bank' };
  // MongoDB writes the records of a batch one after the other.
  interfere(async ({ records = [] }) => {
    await interleaved.store.commit({ records: records.slice(0, 1) });
    throw new Error('the process ended');
  });
  expect((await t.api('analyst', 'POST', path, decision)).status).toBe(500);
  expect(await lines()).toEqual([]);
  expect(await open()).toHaveLength(1);
  expect((await t.api('analyst', 'POST', path, decision)).status).toBe(200);
  expect(await open()).toEqual([]);
});
