import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { HIDDEN, MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';
import { interleavedStore, type InterleavedStore } from '../../support/interleaved-store.ts';

const DAY = 86_400_000;
const SPARE = '9f3e6a4c-13d5-4a81-8c92-7d8e9f0a1b23';
let interleaved: InterleavedStore;
let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  interleaved = await interleavedStore();
  const settings = SETTINGS.replace(
    'grants: [{ to: "role:administrator", read: true }]',
    'grants: [{ to: "role:administrator", read: true, write: true }]',
  )
    .replace(
      'members:',
      `  - id: ${SPARE}
    api_root: main
    title: Spare
    grants: [{ to: "role:administrator", read: true, write: true }]
members:`,
    )
    .replace(
      '  - { name: reader,',
      '  - { name: officer, role: officer, person: true, member: tonga, key_env: KEY_OFFICER }\n  - { name: reader,',
    );
  t = await testHub(settings, { clock, store: interleaved.store });
});
afterAll(async () => {
  await t.stop();
  interleaved.remove();
});

const ip = (value: string): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: value,
    valid_until: '2027-12-01T00:00:00Z',
  });
const many = (net: string): Json[] => Array.from({ length: 20 }, (_, i) => ip(`${net}.${i + 1}`));
const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as('chief').post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const publish = async (): Promise<void> => {
  await t.hub.valueView.followAll();
  await t.hub.listPublisher.publishAll();
};
const fetched = async (path: string, who = 'reader'): Promise<{ status: number; text: string }> =>
  supertest(t.hub.app)
    .get(`/lists/${path}`)
    .set('Authorization', `Bearer ${keyOf(who)}`);
const change = async (name: string, collections: string[]): Promise<void> => {
  expect((await t.api('chief', 'PATCH', `/lists/${name}`, { collections })).status).toBe(200);
};
const create = async (name: string, collections: string[], over: Json = {}): Promise<void> => {
  const request = { name, collections, format: 'edl-ip', ...over };
  expect((await t.api('chief', 'POST', '/lists', request)).status).toBe(201);
};

test('while a list still contains values of a collection that it lost, only readers of that collection read it', async () => {
  await t.as('writer').post(objectsOf(MAIN), { objects: [ip('45.10.1.1')] });
  await put(HIDDEN, ...many('45.20.1'));
  await create('joined', [HIDDEN, 'indicators']);
  await publish();
  await change('joined', ['indicators']);
  expect((await t.api('chief', 'GET', '/lists/joined')).body).toMatchObject({
    state: 'held',
    entries: 21,
  });
  // Nobody confirms the smaller list.
  clock.advance(40 * DAY);
  await publish();
  expect((await fetched('joined', 'reader')).status).toBe(404);
  expect((await fetched('joined/removals', 'reader')).status).toBe(404);
  expect((await t.api('reader', 'GET', '/lists/joined')).status).toBe(404);
  expect((await t.api('chief', 'POST', '/lists/joined/confirmation', {})).status).toBe(200);
  // The removals contain the values for 30 days.
  clock.advance(29 * DAY);
  await publish();
  expect((await fetched('joined', 'reader')).status).toBe(404);
  clock.advance(2 * DAY);
  await publish();
  expect(await fetched('joined', 'reader')).toMatchObject({ status: 200, text: '45.10.1.1\n' });
  expect(await fetched('joined/removals', 'reader')).toMatchObject({ status: 200, text: '' });
});

test('values of a deleted collection are not for readers of the other collections of a list', async () => {
  await put(SPARE, ...many('45.30.1'));
  await create('orphaned', [SPARE, 'indicators']);
  await publish();
  const record = await t.hub.store.record('collection', SPARE);
  const { revision: expected = 0 } = record ?? {};
  await t.hub.store.commit({ records: [{ kind: 'collection', id: SPARE, expected, document: undefined }] });
  await t.hub.directory.refresh();
  await change('orphaned', ['indicators']);
  expect((await fetched('orphaned', 'reader')).status).toBe(404);
  expect((await t.api('chief', 'POST', '/lists/orphaned/confirmation', {})).status).toBe(200);
  expect(await fetched('orphaned', 'reader')).toMatchObject({ status: 200, text: '45.10.1.1\n' });
  expect(await fetched('orphaned/removals', 'reader')).toMatchObject({ status: 200, text: '' });
  const before = new Date(clock.now() - DAY).toISOString();
  expect((await fetched(`orphaned/removals?since=${before}`, 'reader')).status).toBe(400);
});

test('a process that ends after it published a list leaves its former collections for the next round', async () => {
  await create('killed', ['indicators', HIDDEN], { max_shrink: 99 });
  await publish();
  let settled = 0;
  interleaved.before = async (batch) => {
    const isSettling = batch.records?.some(
      ({ kind, id, document }) =>
        kind === 'list' && id === 'killed' && JSON.stringify(document?.['former'] ?? '').includes('until'),
    );
    if (isSettling !== true) return;
    settled += 1;
    if (settled === 1) throw new Error('the process ends here');
  };
  await change('killed', ['indicators']);
  clock.advance(60_000);
  await publish();
  interleaved.before = undefined;
  expect(settled).toBe(2);
});

test('a list that gets another collection during a request does not answer with its values', async () => {
  await create('growing', ['indicators'], { max_growth: 10_000 });
  await publish();
  // The request has found that its account may read the list, and reads the state of the list next.
  interleaved.beforeReading = async (kind, id) => {
    if (kind !== 'list-state' || id !== 'growing') return;
    interleaved.beforeReading = undefined;
    await change('growing', ['indicators', HIDDEN]);
    await publish();
  };
  expect((await fetched('growing', 'reader')).status).toBe(404);
  expect(interleaved.beforeReading).toBeUndefined();
  await change('growing', ['indicators']);
});

test('officers get no numbers of a list of collections that they cannot read, by notices or confirmations', async () => {
  await put(HIDDEN, ...many('45.40.1'));
  await create('ours', ['indicators'], { member: 'tonga', stale_hours: 5 });
  await create('theirs', [HIDDEN], { member: 'tonga', stale_hours: 5 });
  await publish();
  await put(HIDDEN, ...many('45.41.1'), ...many('45.42.1'), ...many('45.43.1'));
  await publish();
  expect((await t.api('chief', 'GET', '/lists/theirs')).body).toMatchObject({ state: 'held' });
  clock.advance(6 * 3_600_000);
  await publish();
  const notices = async (who: string): Promise<string[]> =>
    ((await t.api(who, 'GET', '/account/notifications')).body['items'] as Json[]).map(
      ({ event, text }) => `${String(event)} ${/(ours|theirs)/.exec(String(text))?.[1] ?? ''}`,
    );
  expect(await notices('officer')).toEqual(['list.stale ours']);
  expect(await notices('chief')).toEqual(
    expect.arrayContaining(['list.stale ours', 'list.stale theirs', 'list.on_hold theirs']),
  );
  for (const entries of [1, 100])
    expect((await t.api('officer', 'POST', '/lists/theirs/confirmation', { entries })).status).toBe(403);
  expect((await t.api('chief', 'POST', '/lists/theirs/confirmation', {})).status).toBe(200);
});

test('members do not learn from the removals when a value came under the protection of another member', async () => {
  await t.as('writer').post(objectsOf(MAIN), { objects: [ip('45.50.1.1')] });
  await create('watched', ['indicators'], { member: 'tonga' });
  await publish();
  const claim = await t.api('chief', 'POST', '/members/fiji/claims', {
    type: 'network',
    value: '45.50.1.0/24',
  });
  await t.api('chief', 'POST', `/claims/${String(claim.body['id'])}/decision`, { verdict: 'verified' });
  await t.hub.directory.refresh();
  await publish();
  const seen = async (who: string): Promise<unknown[]> => {
    const line = JSON.parse((await fetched('watched/removals', who)).text) as Json;
    const [item] = (await t.api(who, 'GET', '/lists/watched/removals')).body['items'] as Json[];
    return [line, item].map((one) => [one?.['value'], one?.['reason'], one?.['detail']]);
  };
  expect(await seen('officer')).toEqual(Array(2).fill(['45.50.1.1', 'not-permitted', undefined]));
  expect(await seen('analyst')).toEqual(Array(2).fill(['45.50.1.1', 'not-permitted', 'protected']));
});
