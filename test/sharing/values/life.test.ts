import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import supertest from 'supertest';
import type { LifeTerms } from '../../../src/access/model.ts';
import { checkDocument, loadPreset } from '../../../src/feeds/document.ts';
import { Lifetimes } from '../../../src/sharing/values/life.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const dated = (over: object = {}) =>
  ({ owner: 'hub', until: undefined, from: START, modified: START - DAY, confidence: 80, ...over }) as const;

test('a value ends when its score falls below the threshold, and not before', () => {
  const life = fc.record({
    days: fc.integer({ min: 1, max: 400 }),
    decay: fc.double({ min: 0.1, max: 20, noNaN: true }),
    threshold: fc.integer({ min: 1, max: 99 }),
  });
  fc.assert(
    fc.property(life, fc.integer({ min: 0, max: 100 }), (domain, confidence) => {
      const lifetimes = new Lifetimes({ hub: { domain }, feeds: {} });
      const one = dated({ confidence });
      const end = lifetimes.endOf('domain', one);
      expect(end - START).toBeGreaterThanOrEqual(0);
      expect(end - START).toBeLessThanOrEqual(domain.days * DAY);
      if (confidence <= domain.threshold) expect(end).toBe(START);
      else {
        // Two milliseconds around the end, because the time is a whole number.
        expect(lifetimes.scoreOf('domain', one, end)).toBeGreaterThanOrEqual(domain.threshold - 1e-6);
        if (end - START > 10)
          expect(lifetimes.scoreOf('domain', one, end + 2)).toBeLessThanOrEqual(domain.threshold + 1e-3);
      }
    }),
  );
});

test('the valid_until of the producer is law, whatever the settings are', () => {
  const lifetimes = new Lifetimes({ hub: { ip: { days: 1, threshold: 99 } }, feeds: { 'feed:a': { ip: { days: 1 } } } });
  for (const owner of ['hub', 'feed:a'])
    expect(lifetimes.endOf('ipv4', dated({ owner, until: START + 900 * DAY }))).toBe(START + 900 * DAY);
  expect(lifetimes.scoreOf('ipv4', dated({ until: START + 900 * DAY }), START + 899 * DAY)).toBeGreaterThan(0);
  expect(lifetimes.scoreOf('ipv4', dated({ until: START + DAY }), START + DAY)).toBe(0);
}); // prettier-ignore

test('a feed has the settings of the hub where it has none of its own', () => {
  const lifetimes = new Lifetimes({ hub: { url: { days: 10 } }, feeds: { 'feed:a': { url: { decay: 1 }, domain: { days: 3 } } } });
  const days = (type: 'url' | 'domain' | 'sha256', owner: string): number => (lifetimes.endOf(type, dated({ owner })) - START) / DAY;
  expect([days('url', 'feed:a'), days('domain', 'feed:a'), days('sha256', 'feed:a')]).toEqual([10, 3, 365]);
  expect([days('url', 'feed:b'), days('domain', 'tonga'), days('sha256', 'hub')]).toEqual([10, 60, 365]);
  // Half of its life has passed, and with an even decay half of its score.
  expect(lifetimes.scoreOf('url', dated({ owner: 'feed:a' }), START + 5 * DAY)).toBeCloseTo(40);
  expect(lifetimes.scoreOf('url', dated(), START + 5 * DAY)).toBeCloseTo(80 * (1 - Math.sqrt(0.5)));
}); // prettier-ignore

test('settings that mean the same have the same text', () => {
  const text = (hub: LifeTerms): string => new Lifetimes({ hub, feeds: {} }).text;
  expect(text({ ip: { days: 3, decay: 1 } })).toBe(text({ ip: { decay: 1, days: 3 } }));
  expect(text({ ip: { days: 3 } })).not.toBe(text({ ip: { days: 4 } }));
});

let t: TestHub;
let clock: TestClock;
const more: TestHub[] = [];
beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:00:00Z');
  t = await testHub(SETTINGS, { clock });
  await cycle();
});
afterEach(async () => {
  for (const hub of more.splice(0)) await hub.stop();
  await t.stop();
});

const cycle = async (of = t): Promise<void> => {
  clock.advance(1_000);
  // The rows, then the suppressions, then the values that end.
  for (let i = 0; i < 3; i++) await of.hub.valueView.followAll();
  await of.hub.listPublisher.publishAll();
};
const put = async (...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const ip = (value: string, over: Json = {}): Json =>
  anIndicator({ pattern: `[ipv4-addr:value = '${value}']`, valid_from: '2026-11-24T12:00:00Z', modified: '2026-11-24T12:00:00.000Z', created: '2026-11-24T12:00:00.000Z', ...over }); // prettier-ignore
const lines = async (path: string, of = t): Promise<string[]> => {
  const { status, text } = await supertest(of.hub.app).get(`/lists/${path}`).set('Authorization', `Bearer ${keyOf('reader')}`); // prettier-ignore
  expect([text.slice(0, 80), status]).toEqual([expect.any(String), 200]);
  return text.split('\n').filter(Boolean);
};
const removed = async (path: string, of = t): Promise<string[]> =>
  (await lines(path, of)).map((line) => {
    const { value, reason } = JSON.parse(line) as Json;
    return `${String(value)} ${String(reason)}`;
  });

/** A hub with other settings on the same database, as after a restart. */
const restarted = async (life: string): Promise<TestHub> => {
  const { store } = t.hub;
  // The database is closed once, by the first hub.
  const kept = new Proxy(store, {
    get: (target, name) =>
      name === 'close' ? () => Promise.resolve() : Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name), // prettier-ignore
  });
  const next = await testHub(
    `${SETTINGS}\n${life}\n`,
    { clock, store: kept },
    {},
    { TALANOA_MASTER_KEY_FILE: join(t.folder, 'data', 'master.key') },
  );
  more.push(next);
  return next;
};

test('other lifetimes in the settings reach the stored values of lists, saved lists and removals in one cycle', async () => {
  await put(ip('45.60.1.1'), ip('45.60.1.2', { valid_until: '2027-01-01T00:00:00Z' }), ip('45.60.1.3', { valid_from: '2026-11-28T12:00:00Z' })); // prettier-ignore
  expect((await t.api('chief', 'POST', '/lists', { name: 'guard', collections: [MAIN], format: 'plain' })).status).toBe(201); // prettier-ignore
  await cycle();
  const all = ['45.60.1.1', '45.60.1.2', '45.60.1.3'];
  expect([(await lines('indicators/plain')).toSorted(), (await lines('guard')).toSorted()]).toEqual([
    all,
    all,
  ]);
  const shorter = await restarted('life: { ip: { days: 3 } }');
  await cycle(shorter);
  const rest = all.slice(1);
  expect((await lines('indicators/plain', shorter)).toSorted()).toEqual(rest);
  expect((await lines('guard', shorter)).toSorted()).toEqual(rest);
  expect(await removed('indicators/removals', shorter)).toEqual(['45.60.1.1 expired']);
  expect(await removed('guard/removals', shorter)).toEqual(['45.60.1.1 expired']);
  expect(shorter.logged.filter((line) => line.includes('values.lifetimes_changed') && line.includes('"expired":1'))).toHaveLength(1); // prettier-ignore
  // It is examined once, not with each cycle.
  await cycle(shorter);
  expect(await removed('indicators/removals', shorter)).toHaveLength(1);
  const longer = await restarted('life: { ip: { days: 30 } }');
  await cycle(longer);
  expect((await lines('indicators/plain', longer)).toSorted()).toEqual(all);
  expect((await lines('guard', longer)).toSorted()).toEqual(all);
  expect(await removed('indicators/removals', longer)).toHaveLength(1);
  // The end by the new lifetime comes when it is due.
  clock.advance(26 * DAY);
  await cycle(longer);
  expect((await removed('indicators/removals', longer)).slice(1)).toEqual(['45.60.1.1 expired']);
});

test('other lifetimes of a feed reach its stored values, and nobody else’s', async () => {
  const list = loadPreset('plain-list');
  const document = (life?: LifeTerms) =>
    checkDocument(
      { ...list, name: 'list', enabled: false, transport: { kind: 'https', url: 'http://127.0.0.1:9/' }, ...(life === undefined ? {} : { life }) },
      'list',
    ); // prettier-ignore
  await t.hub.feeds.registry.create(document(), 'indicators', []);
  const placed = (object: Json, owner: string) => ({ collection: MAIN, object, owner });
  for (const { object, owner } of [placed(ip('45.60.2.1'), 'feed:list'), placed(ip('45.60.2.2'), 'hub')])
    await t.hub.store.commit({
      placements: [{ collection: MAIN, candidates: [aCandidate(object, { owner })] }],
    });
  await cycle();
  expect(await lines('indicators/plain')).toEqual(['45.60.2.1', '45.60.2.2']);
  await t.hub.feeds.registry.update('list', document({ ip: { days: 2 } }), 'indicators', []);
  await t.hub.directory.refresh();
  await cycle();
  expect(await lines('indicators/plain')).toEqual(['45.60.2.2']);
  expect(await removed('indicators/removals')).toEqual(['45.60.2.1 expired']);
});

test('the score of a value is what is left of its confidence', async () => {
  await put(ip('45.60.3.1', { confidence: 80 }));
  await cycle();
  const { body } = await t.api('reader', 'GET', '/values?value=45.60.3.1');
  const share = (clock.now() - Date.parse('2026-11-24T12:00:00Z')) / (14 * DAY);
  expect(body['places']).toMatchObject([{ confidence: 80, score: Math.round(80 * (1 - Math.sqrt(share))) }]);
});
