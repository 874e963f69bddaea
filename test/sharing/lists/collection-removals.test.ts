import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import supertest from 'supertest';
import { tlpMarkingId, type Tlp } from '../../../src/stix/markings.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  t = await testHub(SETTINGS, { clock });
  await t.hub.valueView.followAll();
  await t.hub.valueView.followAll();
});
afterAll(async () => {
  await t.stop();
});

const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const valid = { valid_until: '2027-06-01T00:00:00Z' };
const ip = (value: string, over: Json = {}): Json =>
  anIndicator({ pattern: `[ipv4-addr:value = '${value}']`, name: value, ...valid, ...over });
const next = (object: Json, over: Json): Json => ({ ...object, modified: new Date(clock.now()).toISOString(), ...over }); // prettier-ignore
const get = (path: string, who: string | undefined): supertest.Test => {
  const request = supertest(t.hub.app).get(`/lists/${path}`);
  return who === undefined ? request : request.set('Authorization', `Bearer ${keyOf(who)}`);
};
const removals = async (collection: string, who = 'reader', query = ''): Promise<Json[]> => {
  const { status, text } = await get(`${collection}/removals${query}`, who === 'public' ? undefined : who);
  expect([text.slice(0, 80), status]).toEqual([expect.any(String), 200]);
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Json);
}; // prettier-ignore
const values = (some: readonly Json[]): string[] => some.map(({ value, reason }) => `${String(value)} ${String(reason)}`); // prettier-ignore
/** One round of the hub. */
const cycle = async (): Promise<void> => {
  clock.advance(1_000);
  await t.hub.valueView.followAll();
  await t.hub.valueView.followAll();
};
const newCollection = async (alias: string): Promise<string> => {
  const { body } = await t.api('chief', 'POST', '/collections', { title: alias, alias });
  for (const [who, write] of [['writer', true], ['reader', false]] as const)
    await t.api('chief', 'POST', `/collections/${alias}/grants`, { to: `account:${who}`, read: true, write });
  await t.hub.directory.refresh();
  return String(body['id']);
}; // prettier-ignore

test('every value that leaves a collection is in its removals after one cycle, with its reason', async () => {
  const [revoked, deleted, changed, other, twice] = [ip('45.60.1.1'), ip('45.60.1.2'), ip('45.60.1.3'), ip('45.60.1.6'), ip('45.60.1.6')];
  await put(MAIN, revoked, deleted, changed, other, twice, ip('45.60.1.4', { valid_until: '2026-11-29T12:30:00Z' }), ip('45.60.1.5'));
  // One that was never in a list does not leave one.
  await put(MAIN, ip('45.60.1.7', { valid_until: '2026-11-29T11:00:00Z' }), ip('45.60.1.8', { valid_from: '2026-11-30T11:00:00Z' }));
  await cycle();
  expect(await removals('indicators')).toEqual([]);
  const before = clock.now();
  clock.advance(1_000);
  await put(MAIN, next(revoked, { revoked: true }), next(changed, { pattern: "[ipv4-addr:value = '45.60.9.3']" }), next(other, { revoked: true }));
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(deleted['id'])}/`);
  await cycle();
  clock.advance(31 * 60_000);
  await cycle();
  await t.api('chief', 'POST', '/suppressions', { values: ['45.60.1.5'], reason: 'the bank of a member' });
  await cycle();
  await cycle();
  const found = await removals('indicators');
  expect(values(found).toSorted()).toEqual(['45.60.1.1 revoked', '45.60.1.2 withdrawn', '45.60.1.3 withdrawn', '45.60.1.4 expired', '45.60.1.5 suppressed']);
  const times = found.map(({ at }) => String(at));
  expect(times).toEqual(times.toSorted());
  // The time of the last removal that a tool has leads to the next ones.
  expect(await removals('indicators', 'reader', `?since=${String(found[1]?.['at'])}`)).toEqual(found.slice(2));
  expect((await t.api('reader', 'GET', `/lists/indicators/removals?since=${new Date(before).toISOString()}`)).body).toEqual({ items: found });
  // The other indicator of the value ends too.
  await put(MAIN, next(twice, { revoked: true }));
  await cycle();
  expect(values(await removals('indicators')).slice(5)).toEqual(['45.60.1.6 revoked']);
  expect((await get('indicators/removals?since=soon', 'reader')).status).toBe(400);
  expect((await get('indicators/removals?since=2026-10-01T00:00:00Z', 'reader')).status).toBe(400);
}); // prettier-ignore

test('removals are read by the rights on the collection, and nobody learns of other collections', async () => {
  const hidden = await newCollection('closed-to-all');
  const strangers = await Promise.all(['closed-to-all', hidden, 'no-such-list'].map((name) => get(`${name}/removals`, 'nobody'))); // prettier-ignore
  const words = strangers.map(({ status, text }) => [
    status,
    text.replace(/List "[^"]*"/, 'List').replace(/, [^,]*\)\s*$/, ''),
  ]);
  expect(words).toEqual([words[2], words[2], words[2]]);
  expect(words[2]?.[0]).toBe(404);
  expect((await get('closed-to-all/removals', undefined)).status).toBe(401);
});

test('a reader sees only removals of values that it could have had', async () => {
  const id = await newCollection('lowered');
  const marked = (value: string, tlp: Tlp): Json => ip(value, { object_marking_refs: [tlpMarkingId(tlp)] });
  const gone = marked('45.61.1.2', 'clear');
  await put(
    id,
    marked('45.61.1.1', 'amber'),
    gone,
    marked('45.61.1.3', 'amber'),
    marked('45.61.1.3', 'clear'),
  );
  await cycle();
  const record = await t.hub.store.record('collection', id);
  await t.hub.store.commit({
    records: [{ kind: 'collection', id, expected: record?.revision ?? 0, document: { ...record?.document, max_tlp: 'clear', tallest: 'amber+strict' } }],
  }); // prettier-ignore
  await t.hub.directory.refresh();
  clock.advance(1_000);
  await t.hub.routing.routeAll();
  await t.as('writer').delete(`${objectsOf(id)}${String(gone['id'])}/`);
  await cycle();
  clock.advance(1_000);
  await t.api('chief', 'POST', '/collections/lowered/grants', { to: 'account:nobody', read: true });
  await t.api('chief', 'POST', '/collections/lowered/grants', { to: 'public', read: true });
  await t.hub.directory.refresh();
  expect(values(await removals('lowered')).toSorted()).toEqual([
    '45.61.1.1 withdrawn',
    '45.61.1.2 withdrawn',
  ]);
  expect(values(await removals('lowered', 'nobody'))).toEqual(['45.61.1.2 withdrawn']);
  expect(values(await removals('lowered', 'public'))).toEqual(['45.61.1.2 withdrawn']);
});

test('removals from before the kept ones are refused, so that no tool believes that nothing left', async () => {
  const id = await newCollection('rebuilt');
  const gone = ip('45.62.1.1');
  await put(id, gone);
  await cycle();
  await cycle();
  const since = `?since=${new Date(clock.now()).toISOString()}`;
  expect(await removals('rebuilt', 'reader', since)).toEqual([]);
  await t.hub.valueView.rebuild(id);
  await t.as('writer').delete(`${objectsOf(id)}${String(gone['id'])}/`);
  for (let i = 0; i < 4; i++) await cycle();
  const refused = await get(`rebuilt/removals${since}`, 'reader');
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('known since')]);
  expect(await removals('rebuilt', 'reader', `?since=${new Date(clock.now()).toISOString()}`)).toEqual([]);
});

test('a request does not wait until all values were looked at for those that expired', async () => {
  const id = await newCollection('looked-at');
  const gone = ip('45.65.1.1');
  await put(id, gone, ip('45.65.1.2', { valid_until: new Date(clock.now() + 60_000).toISOString() }));
  await cycle();
  await cycle();
  clock.advance(120_000);
  await t.as('writer').delete(`${objectsOf(id)}${String(gone['id'])}/`);
  expect((await get('looked-at/plain', 'reader')).text).toBe('');
  expect(values(await removals('looked-at'))).toEqual(['45.65.1.1 withdrawn']);
  await cycle();
  expect(values(await removals('looked-at'))).toEqual(['45.65.1.1 withdrawn', '45.65.1.2 expired']);
});

test('removals are kept for 30 days', async () => {
  const id = await newCollection('swept');
  const gone = ip('45.63.1.1');
  await put(id, gone);
  await cycle();
  await put(id, next(gone, { revoked: true }));
  await cycle();
  await cycle();
  expect(values(await removals('swept'))).toEqual(['45.63.1.1 revoked']);
  clock.advance(29 * 86_400_000);
  await t.hub.valueView.sweep();
  expect(values(await removals('swept'))).toEqual(['45.63.1.1 revoked']);
  clock.advance(2 * 86_400_000);
  await t.hub.valueView.sweep();
  expect(await removals('swept')).toEqual([]);
});

test('a tool that applies the removals and adds the values of a list has exactly the values of the list', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('put' as const),
        id: fc.integer({ min: 0, max: 2 }),
        value: fc.integer({ min: 0, max: 2 }),
        revoked: fc.boolean(),
        from: fc.integer({ min: -2, max: 2 }),
        lasts: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({ kind: fc.constant('delete' as const), id: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('poll' as const) }),
    ),
    { minLength: 4, maxLength: 16 },
  );
  let made = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const alias = `history-${++made}`;
      const id = await newCollection(alias);
      await cycle();
      await cycle();
      const held = new Set<string>();
      let last = new Date(clock.now()).toISOString();
      const poll = async (): Promise<string[]> => {
        await cycle();
        await cycle();
        for (const { at, value } of await removals(alias, 'reader', `?since=${last}`)) {
          last = String(at);
          held.delete(String(value));
        }
        const list = (await get(`${alias}/plain`, 'reader')).text.split('\n').filter(Boolean);
        for (const value of list) held.add(value);
        return list;
      };
      const iso = (hours: number): string => new Date(clock.now() + hours * 3_600_000).toISOString();
      const ids = [0, 1, 2].map(() => String(anIndicator()['id']));
      for (const step of history) {
        clock.advance(1_000);
        const one = ids[step.kind === 'put' || step.kind === 'delete' ? step.id : 0] ?? '';
        if (step.kind === 'wait') clock.advance(step.hours * 3_600_000);
        else if (step.kind === 'poll') await poll();
        else if (step.kind === 'delete') await t.as('writer').delete(`${objectsOf(id)}${one}/`);
        else {
          const { value, revoked, from, lasts } = step;
          const life = { valid_from: iso(from), valid_until: iso(from + lasts) };
          const object = ip(`45.64.1.${value}`, { id: one, created: '2026-11-01T00:00:00.000Z', modified: iso(0), ...life, revoked: revoked ? true : undefined }); // prettier-ignore
          await t.as('writer').post(objectsOf(id), { objects: [object] });
        }
      }
      const list = await poll();
      expect([...held].toSorted()).toEqual(list.toSorted());
    }),
    // Each history takes several seconds on a test server for MongoDB.
    { numRuns: process.env['TEST_HUBS_ON'] === 'mongodb' ? 4 : 20 },
  );
});
