import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClock } from '../../support/clock.ts';
import { OPEN, SETTINGS, testHub, type TestHub } from '../../support/hub.ts';
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

test('a list that somebody changes while its alarm is noted does not keep the others waiting', async () => {
  for (const name of ['first', 'second']) {
    const request = { name, collections: [OPEN], format: 'edl-ip', stale_hours: 5 };
    expect((await t.api('chief', 'POST', '/lists', request)).status).toBe(201);
  }
  await t.hub.listPublisher.publishAll();
  clock.advance(6 * 3_600_000);
  // Another process notes the alarm of the first list at the same time.
  let others = 0;
  interleaved.before = async (batch) => {
    const isAlarm = batch.records?.some(
      ({ kind, id, document }) =>
        kind === 'list-state' && id === 'first' && document?.['alarmed'] !== undefined,
    );
    if (isAlarm !== true) return;
    interleaved.before = undefined;
    others += 1;
    await interleaved.store.commit(batch);
  };
  await t.hub.listPublisher.publishAll();
  const alarms = t.logged.filter((line) => line.includes('"list.stale_alarm"'));
  expect([others, alarms.map((line) => (JSON.parse(line) as { list: string }).list)]).toEqual([
    1,
    ['second'],
  ]);
});
