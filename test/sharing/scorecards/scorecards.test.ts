import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { OPERATOR } from '../../../src/access/principal.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { ScoreFollower } from '../../../src/sharing/scorecards/follower.ts';
import { runOffer } from '../../../src/sharing/scorecards/offers.ts';
import { SCORE_DAYS } from '../../../src/sharing/scorecards/model.ts';
import { Suppressions } from '../../../src/sharing/suppression/suppressed-values.ts';
import type { Batch, Store } from '../../../src/store/store.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { HIDDEN, MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-29T12:00:00Z');
let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:00:00Z');
  t = await testHub(
    `${SETTINGS.replace(
      '      - { to: "account:reader", read: true }',
      '      - { to: "member:fiji", read: true, write: true }\n      - { to: "member:samoa", read: true, write: true }\n      - { to: "account:reader", read: true }',
    ).replace('accounts:', '  - { name: samoa, countries: [WS] }\naccounts:')}
  - { name: tongan, role: officer, member: tonga, key_env: KEY_TONGAN }
  - { name: samoan, role: officer, member: samoa, key_env: KEY_SAMOAN }
  - { name: buoy, role: machine, member: fiji, key_env: KEY_BUOY }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
});

/** Stores an indicator of each domain `nFROM.reef.net` to `nTO.reef.net`, 3 hours old by its own dates. */
async function report(source: string, from: number, to: number, collection = MAIN): Promise<void> {
  const candidates = [];
  for (let i = from; i <= to; i++)
    candidates.push(
      aCandidate(
        anIndicator({
          pattern: `[domain-name:value = 'n${i}.reef.net']`,
          valid_from: new Date(clock.now() - 3 * HOUR).toISOString(),
        }),
        { owner: source },
      ),
    );
  await t.hub.store.commit({ placements: [{ collection, candidates }] });
}
const cards = async (who: string, query = ''): Promise<Record<string, Json>> => {
  await t.hub.scoreFollower.follow();
  const { status, body } = await t.api(who, 'GET', `/scorecards${query}`);
  expect(status).toBe(200);
  const items = body['items'] as Json[];
  return Object.fromEntries(items.map((card) => [String(card['source']), card]));
};

test('a scorecard states how original, fast and reliable a feed is, and of how many values', async () => {
  await report('feed:one', 1, 40);
  clock.advance(8 * HOUR);
  await report('feed:two', 21, 60);
  await t.hub.suppressionService.suppress(
    OPERATOR,
    [{ type: 'domain', value: 'net.reef.n1.' }],
    'false-positive',
    'a bank',
  );
  const found = await cards('analyst');
  expect(Object.keys(found)).toEqual(['feed:one', 'feed:two']);
  expect(found['feed:one']).toMatchObject({
    values: 40,
    unique: { of: 40, share: 0.5 },
    first: { of: 40, share: 1 },
    corroborated: { of: 40, share: 0.5 },
    false_positives: { of: 40, share: 0.025 },
    sighted: { of: 40 },
    overlap: [{ source: 'feed:two', share: 0.5 }],
  });
  const { lead, age } = found['feed:one'] as { lead: { of: number; hours: number }; age: { hours: number } };
  expect(lead.of).toBe(20);
  expect(Math.abs(lead.hours / 8 - 1)).toBeLessThan(0.2);
  expect(Math.abs(age.hours / 3 - 1)).toBeLessThan(0.2);
  expect(found['feed:two']).toMatchObject({ first: { of: 40, share: 0.5 }, corroborated: { of: 20, share: 0 }, lead: { of: 0 } }); // prettier-ignore
});

test('too few values give no share, no median and no overlap', async () => {
  await report('feed:one', 1, 19);
  await report('feed:two', 1, 19);
  const { 'feed:one': card } = await cards('analyst');
  expect(card).toMatchObject({ values: 19, unique: { of: 19 }, age: { of: 19 }, overlap: [] });
  expect(JSON.stringify(card)).not.toMatch(/share|hours/);
});

test('only values of the period count, and a later report changes the day of the first', async () => {
  await report('feed:one', 1, 30);
  clock.advance(10 * 24 * HOUR);
  await report('feed:two', 1, 30);
  expect(Object.keys(await cards('analyst', '?days=7'))).toEqual(['feed:two']);
  expect((await cards('analyst', '?days=11'))['feed:one']).toMatchObject({ unique: { of: 30, share: 0 } });
});

test('members have scorecards only where three of them report values', async () => {
  await report('tonga', 1, 30);
  await report('fiji', 1, 30);
  await report('hub', 1, 30);
  expect(Object.keys(await cards('chief'))).toEqual(['hub']);
  await report('samoa', 99, 99);
  expect(Object.keys(await cards('chief'))).toEqual(['hub', 'member:fiji', 'member:samoa', 'member:tonga']);
  // The other members are not named in the overlap.
  expect((await cards('chief'))['member:fiji']).toMatchObject({ unique: { of: 30, share: 0 }, overlap: [] });
});

test('an officer sees the own member and the feeds of collections that it reads, compared with nothing else', async () => {
  for (const member of ['tonga', 'fiji', 'samoa']) await report(member, 1, 30);
  await report('feed:one', 1, 30);
  await report('feed:one', 31, 60, HIDDEN);
  await report('feed:two', 1, 60, HIDDEN);
  const found = await cards('desk');
  expect(Object.keys(found)).toEqual(['feed:one', 'member:fiji']);
  expect(found['feed:one']).toMatchObject({ collection: 'indicators', values: 30, unique: { of: 30, share: 0 }, overlap: [] }); // prettier-ignore
  expect((await cards('analyst'))['feed:one']).toMatchObject({ values: 60, overlap: [{ source: 'feed:two', share: 1 }] }); // prettier-ignore
  expect((await t.api('desk', 'GET', `/scorecards?collection=${HIDDEN}`)).status).toBe(404);
  expect((await t.api('desk', 'GET', '/scorecards?source=member:tonga')).body['code']).toBe('TLN-Y-416');
  expect((await t.api('desk', 'GET', '/scorecards?source=feed:two')).body['code']).toBe('TLN-Y-416');
  expect(await cards('buoy')).toEqual({});
});

test('sightings count only if three members together reported them', async () => {
  await report('feed:one', 1, 20);
  for (let i = 0; i < 100 && !(await t.hub.valueView.catchUp(MAIN)).complete; i++);
  const sight = async (who: string, value: string): Promise<void> => {
    const { body } = await t.api(who, 'POST', '/feedback', { items: [{ value, kind: 'sighting' }] });
    expect(body['items']).toMatchObject([{ outcome: 'stored' }]);
  };
  await sight('tongan', 'n1.reef.net');
  await sight('desk', 'n2.reef.net');
  clock.advance(HOUR);
  expect((await cards('chief'))['feed:one']).toMatchObject({ sighted: { of: 20 } });
  expect((await cards('chief'))['feed:one']?.['sighted']).not.toHaveProperty('share');
  // Somebody else could use a key that was just given, so its report is none of a third member.
  const { body } = await t.api('chief', 'POST', '/keys', { account: 'samoan' });
  const sent = { items: [{ value: 'n2.reef.net', kind: 'sighting' }] };
  const given = { Authorization: `Bearer ${String(body['secret'])}` };
  await supertest(t.hub.app).post('/api/v1/feedback').set(given).send(sent).expect(200);
  clock.advance(HOUR);
  expect((await cards('chief'))['feed:one']?.['sighted']).not.toHaveProperty('share');
  await sight('samoan', 'n2.reef.net');
  clock.advance(HOUR);
  expect((await cards('chief'))['feed:one']).toMatchObject({ sighted: { of: 20, share: 0.1 } });
  expect((await cards('desk'))['feed:one']).toMatchObject({ sighted: { of: 20, share: 0.1 } });
});

test('objects that the hub rejects are counted for their member', async () => {
  for (const member of ['tonga', 'fiji', 'samoa']) await report(member, 1, 30);
  const objects = Array.from({ length: 20 }, (_, i) =>
    i < 5 ? { ...anIndicator(), pattern: '[' } : anIndicator(),
  );
  await t.as('buoy').post(objectsOf(MAIN), { objects });
  await t.hub.offers.flush();
  // Within a day, the numbers would show minute by minute when a member submits something.
  expect((await cards('chief'))['member:fiji']).toMatchObject({ rejected: { of: 0 } });
  clock.advance(12 * HOUR);
  expect((await cards('chief'))['member:fiji']).toMatchObject({ rejected: { of: 20, share: 0.25 } });
});

test('objects that a member submits under seal are not counted as its offer', async () => {
  for (const member of ['tonga', 'fiji', 'samoa']) await report(member, 1, 30);
  const [mine, bad, named] = [anIndicator(), anIndicator(), anIndicator()];
  const sent = { objects: [mine, bad], attribution: 'anonymous-to-members' };
  const { body } = await t.api('buoy', 'POST', `/collections/${MAIN}/anonymous-objects`, sent);
  expect(body['items']).toMatchObject([{ outcome: 'waiting' }, { outcome: 'waiting' }]);
  const later = { modified: '2026-11-29T12:30:00.000Z' };
  const sighting = {
    type: 'sighting', spec_version: '2.1', id: 'sighting--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
    created: later.modified, modified: later.modified, sighting_of_ref: named['id'], count: 1,
  };
  clock.advance(HOUR);
  await t.as('writer').post(objectsOf(MAIN), { objects: [named] });
  // A version that cannot be released anonymously is refused, and stays under seal too.
  const refused = { ...bad, ...later, pattern: "[domain-name:value = 'fiji.gov.fj' OR ipv4-addr:value = '192.0.2.1']" };
  const versions = await t.as('buoy').post(objectsOf(MAIN), { objects: [{ ...mine, ...later }, refused, sighting] });
  expect(versions.body).toMatchObject({ success_count: 2, failure_count: 1 });
  await t.hub.offers.flush();
  const counted = (await t.hub.store.records('score-intake')).filter(({ id }) => id.startsWith('fiji/'));
  expect(counted).toEqual([]);
}); // prettier-ignore

test('hub staff see how much each source offered on each day, and members only when the day is over', async () => {
  const run = (accepted: number, quarantined: number) =>
    runOffer(t.hub.store, { feed: 'one', accepted, quarantined, refused: 0 }, clock.now());
  await t.hub.store.commit({ records: [...(await run(90, 10))] });
  await t.as('buoy').post(objectsOf(MAIN), { objects: [anIndicator(), { ...anIndicator(), pattern: '[' }] });
  await t.hub.offers.flush();
  const arrivals = async (who: string, query = ''): Promise<Json> => (await t.api(who, 'GET', `/arrivals${query}`)).body;
  const today = { dates: ['2026-11-28', '2026-11-29'], items: [{ source: 'feed:one', offered: [0, 100], rejected: 10, total: 100 }] };
  expect(await arrivals('analyst', '?days=2')).toEqual(today);
  clock.advance(24 * HOUR);
  await t.hub.store.commit({ records: [...(await run(5, 0))] });
  expect(await arrivals('chief', '?days=2')).toEqual({
    dates: ['2026-11-29', '2026-11-30'],
    items: [
      { source: 'feed:one', offered: [100, 5], rejected: 10, total: 105 },
      { source: 'member:fiji', offered: [2, 0], rejected: 1, total: 2 },
    ],
  });
  expect((await arrivals('chief'))['dates']).toHaveLength(14);
  clock.advance(40 * 24 * HOUR);
  expect((await arrivals('chief'))['items']).toEqual([]);
  expect(((await arrivals('chief', '?days=60'))['items'] as Json[]).map(({ total }) => total)).toEqual([105, 2]);
  for (const who of ['desk', 'buoy']) expect((await t.api(who, 'GET', '/arrivals')).status).toBe(403);
}); // prettier-ignore

test('one collection says nothing about what a feed offered in all of them', async () => {
  await report('feed:one', 1, 30);
  const run = { feed: 'one', accepted: 90, quarantined: 10, refused: 0 };
  await t.hub.store.commit({ records: [...(await runOffer(t.hub.store, run, clock.now()))] });
  expect((await cards('chief'))['feed:one']).toMatchObject({ rejected: { of: 100, share: 0.1 } });
  for (const [who, query] of [['desk', ''], ['analyst', `?collection=${MAIN}`]] as const) {
    const card = (await cards(who, query))['feed:one'];
    expect([who, card?.['values']]).toEqual([who, 30]);
    expect(card).not.toHaveProperty('rejected');
  }
}); // prettier-ignore

test('a process that is killed while it writes leaves no wrong count', async () => {
  await report('feed:one', 1, 30);
  await t.hub.scoreFollower.follow();
  await report('feed:two', 1, 30);
  // A database server can write the names of a step without its counts.
  const failing = new Proxy(t.hub.store, {
    get: (target, name: keyof Store) =>
      name === 'commit'
        ? async (batch: Batch) => {
            if ((batch.names ?? []).length === 0) return target.commit(batch);
            await target.commit({ names: batch.names ?? [], staleNames: batch.staleNames ?? [] });
            throw new Error('killed');
          }
        : target[name],
  });
  const killed = new ScoreFollower({
    store: failing,
    directory: t.hub.directory,
    clock,
    log: silentLog,
    suppressions: new Suppressions(failing),
    sighted: { count: () => Promise.resolve(false) },
  });
  await expect(killed.follow()).rejects.toThrow('killed');
  const found = await cards('analyst');
  expect(found['feed:one']).toMatchObject({ values: 30, unique: { of: 30, share: 0 } });
  expect(found['feed:two']).toMatchObject({ values: 30, first: { of: 30, share: 0 } });
});

test('counts end after 400 days, and a value that comes again is new', async () => {
  await report('feed:one', 1, 30);
  await t.hub.scoreFollower.follow();
  clock.advance(450 * 24 * HOUR);
  await t.hub.scoreFollower.sweep();
  expect(await SCORE_DAYS.in(t.hub.store).list()).toEqual([]);
  await report('feed:two', 1, 30);
  expect((await cards('analyst'))['feed:two']).toMatchObject({ first: { of: 30, share: 1 } });
});

test('an administrator has everything counted again, and nothing changes', async () => {
  await report('feed:one', 1, 40);
  clock.advance(NOW - clock.now() + 5 * HOUR);
  await report('feed:two', 11, 60);
  const before = await cards('chief');
  expect((await t.api('analyst', 'POST', '/scorecards/rebuild')).status).toBe(403);
  expect((await t.api('chief', 'POST', '/scorecards/rebuild')).status).toBe(204);
  expect(await cards('chief')).toEqual(before);
});
