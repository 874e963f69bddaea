import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { holdLease } from '../../../src/store/held-lease.ts';
import { HIDDEN, MAIN, OPEN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
const clock = new TestClock('2026-11-29T12:00:00Z');
beforeAll(async () => {
  const settings = SETTINGS.replace(
    'grants: [{ to: "role:administrator", read: true }]',
    'grants: [{ to: "role:administrator", read: true, write: true }]',
  ).replace(
    '  - { name: reader,',
    '  - { name: officer, role: officer, member: tonga, key_env: KEY_OFFICER }\n  - { name: reader,',
  );
  t = await testHub(settings, { clock });
});
afterAll(async () => {
  await t.stop();
});

const CLEAR = ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487'];
const ip = (value: string, over: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: value,
    valid_until: '2027-06-01T00:00:00Z',
    ...over,
  });
const many = (net: string, count: number): Json[] =>
  Array.from({ length: count }, (_, i) => ip(`${net}.${i + 1}`));
const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const who = collection === HIDDEN ? 'chief' : 'writer';
  const { body } = await t.as(who).post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const revoke = (object: Json): Json => ({ ...object, modified: '2026-11-29T12:00:00.000Z', revoked: true });
const publish = async (): Promise<void> => {
  await t.hub.valueView.followAll();
  await t.hub.listPublisher.publishAll();
};
const get = (path: string, who: string | undefined = 'reader'): supertest.Test => {
  const request = supertest(t.hub.app).get(`/lists/${path}`).set('Accept-Encoding', 'identity');
  return who === '' ? request : request.set('Authorization', `Bearer ${keyOf(who)}`);
};
const lines = async (path: string): Promise<string[]> => {
  const { status, text } = await get(path);
  expect([path, status]).toEqual([path, 200]);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};
const create = (name: string, over: Json = {}, who = 'chief') =>
  t.api(who, 'POST', '/lists', { name, collections: ['indicators'], format: 'edl-ip', ...over });
const show = async (name: string): Promise<Json> => (await t.api('chief', 'GET', `/lists/${name}`)).body;
const removals = async (name: string, query = ''): Promise<Json[]> =>
  (await get(`${name}/removals${query}`)).text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json);

test('a list of the hub is not for members, who could find the networks of others in what it leaves out', async () => {
  await create('for-hub');
  await create('for-tonga', { member: 'tonga' });
  await publish();
  // Both accounts may read the collection of the lists.
  expect((await get('indicators/plain', 'sensor')).status).toBe(200);
  const [hub, none] = [await get('for-hub', 'sensor'), await get('nothing', 'sensor')];
  expect([hub.status, hub.text.slice(0, 40)]).toEqual([
    404,
    none.text.replace('nothing', 'for-hub').slice(0, 40),
  ]);
  expect((await t.api('officer', 'GET', '/lists/for-hub')).status).toBe(404);
  expect((await get('for-tonga', 'sensor')).status).toBe(200);
  expect((await get('for-hub', 'reader')).status).toBe(200);
  // Hub staff see a list that they cannot read, so that it does not exist would be untrue.
  const staff = await get('for-tonga', 'chief');
  expect([staff.status, staff.text]).toEqual([
    403,
    expect.stringContaining('if they can read all of its collections'),
  ]);
});

test('a saved list joins its collections at a stable address, for callers that may read all of them', async () => {
  await put(MAIN, ip('45.10.1.1', { confidence: 90 }), ip('45.10.1.2'));
  await put(OPEN, ip('45.10.1.2', { object_marking_refs: CLEAR }), ip('45.10.1.3', { object_marking_refs: CLEAR }));
  const made = await create('border', { collections: ['indicators', 'open'], title: 'Border firewalls' });
  expect(made).toMatchObject({ status: 201, body: { state: 'current', entries: 3, owner: 'hub', collections: ['indicators', 'open'] } });
  await publish();
  expect(await lines('border')).toEqual(['45.10.1.1', '45.10.1.2', '45.10.1.3']);
  expect(await show('border')).toMatchObject({ state: 'current', entries: 3, url: expect.stringMatching(/\/lists\/border$/) });
  // The value that both collections have is there once, with both sources.
  const csv = (await get('border/csv')).text.split('\n').filter((line) => line.includes('45.10.1.2'));
  expect(csv).toHaveLength(1);
  // Another format needs no list of its own if it does not act more strongly.
  expect((await get('border/nftables')).text).toContain('45.10.1.3');
  const plain = await get('border/zeek');
  expect(plain.text).toContain('Intel::ADDR');
  await create('watching', { format: 'zeek' });
  await publish();
  expect((await get('watching/edl-ip')).status).toBe(400);
  // An account that cannot read one of the collections does not learn that the list exists.
  const none = await get('nothing', 'nobody');
  const other = await get('border', 'nobody');
  expect([other.status, other.text.slice(0, 40)]).toEqual([404, none.text.replace('nothing', 'border').slice(0, 40)]);
  expect((await get('border', '')).status).toBe(401);
  expect((await t.api('nobody', 'GET', '/lists/border')).status).toBe(404);
  const tag = String((await get('border')).headers['etag']);
  expect((await get('border').set('If-None-Match', tag)).status).toBe(304);
  expect((await get('border?limit=1')).status).toBe(400);
}); // prettier-ignore

test('a list keeps the best values that its device can hold, and counts what it leaves out', async () => {
  await put(MAIN, ip('45.10.2.1', { confidence: 50 }), ip('10.1.1.1'));
  await create('small', { max_entries: 2, collections: [MAIN] });
  await publish();
  expect(await lines('small')).toEqual(['45.10.1.1', '45.10.2.1']);
  const { omitted, entries } = await show('small');
  expect([entries, omitted]).toEqual([2, expect.arrayContaining([{ reason: 'limit', count: 1 }, { reason: 'special-range', count: 1 }])]);
  expect((await get('small')).headers['x-talanoa-omitted']).toBe('special-range=1, limit=1');
  expect((await get('small')).headers['x-talanoa-entries']).toBe('2');
}); // prettier-ignore

test('every value that leaves a list is in its removals, with its reason', async () => {
  const [revoked, deleted, expiring, claimed] = [ip('45.20.1.1'), ip('45.20.1.2'), ip('45.20.1.3', { valid_until: '2026-11-29T12:30:00Z' }), ip('45.20.1.4')];
  await put(MAIN, revoked, deleted, expiring, claimed, ip('45.20.1.5'));
  await create('leaving', { collections: [MAIN], min_confidence: 0 });
  await publish();
  expect(await removals('leaving')).toEqual([]);
  const before = clock.now();
  await put(MAIN, revoke(revoked));
  await t.as('writer').delete(`${objectsOf(MAIN)}${String(deleted['id'])}/`);
  await publish();
  clock.advance(31 * 60_000);
  const claim = await t.api('chief', 'POST', '/members/tonga/claims', { type: 'network', value: '45.20.1.4/32' });
  await t.api('chief', 'POST', `/claims/${String(claim.body['id'])}/decision`, { verdict: 'verified' });
  await t.hub.directory.refresh();
  await publish();
  const found = await removals('leaving');
  expect(found.map(({ value, reason, detail }) => [value, reason, detail]).toSorted((one, other) => (String(one) < String(other) ? -1 : 1))).toEqual([
    ['45.20.1.1', 'revoked', undefined],
    ['45.20.1.2', 'withdrawn', undefined],
    ['45.20.1.3', 'expired', undefined],
    ['45.20.1.4', 'not-permitted', 'protected'],
  ]);
  expect(await lines('leaving')).not.toContain('45.20.1.4');
  // The time of the last removal that a tool has leads to the next ones.
  const at = String(found[1]?.['at']);
  expect((await removals('leaving', `?since=${at}`)).map(({ value }) => value)).toEqual(found.slice(2).map(({ value }) => value));
  expect(await removals('leaving', `?since=${String(found.at(-1)?.['at'])}`)).toEqual([]);
  const byApi = await t.api('reader', 'GET', `/lists/leaving/removals?since=${new Date(before - 1).toISOString()}`);
  expect(byApi.body['items']).toEqual(found);
  expect((await get('leaving/removals?since=2020-01-01T00:00:00Z')).status).toBe(400);
  expect((await get('leaving/removals?since=soon')).status).toBe(400);
  // A time that does not exist is not the same as none.
  const never = 'since=2026-13-45T00:00:00Z';
  expect((await get(`leaving/removals?${never}`)).status).toBe(400);
  expect((await t.api('reader', 'GET', `/lists/leaving/removals?${never}`)).body).toMatchObject({ status: 400, code: 'TLN-X-413' });
  expect((await get('leaving/removals', 'nobody')).status).toBe(404);
}); // prettier-ignore

test('content that would double a list waits for a person, and values that must be removed are still removed', async () => {
  const first = many('45.30.1', 20);
  await put(HIDDEN, ...first);
  await create('brake', { collections: [HIDDEN] });
  await publish();
  const admin = async (): Promise<string[]> => (await get('brake', 'chief')).text.split('\n').filter(Boolean);
  expect(await admin()).toHaveLength(20);
  await put(HIDDEN, ...many('45.30.2', 25), revoke(first[0] ?? {}));
  await publish();
  await publish();
  const now = await admin();
  expect([now.length, now.includes('45.30.1.1'), now.some((line) => line.startsWith('45.30.2'))]).toEqual([19, false, false]);
  expect(await show('brake')).toMatchObject({ state: 'held', entries: 19, held: { reason: 'growth', entries: 44 } });
  expect((await get('brake', 'chief')).headers['warning']).toContain('110');
  const alarms = async (): Promise<number> =>
    ((await t.api('chief', 'GET', '/account/notifications')).body['items'] as Json[]).filter(({ event }) => event === 'list.on_hold').length;
  expect(await alarms()).toBe(1);
  expect(t.logged.filter((line) => line.includes('"list.on_hold"'))).toHaveLength(1);
  // A confirmation counts for the number that the person saw.
  expect((await t.api('chief', 'POST', '/lists/brake/confirmation', { entries: 43 })).status).toBe(409);
  expect((await t.api('reader', 'POST', '/lists/brake/confirmation', {})).status).toBe(404);
  const confirmed = await t.api('chief', 'POST', '/lists/brake/confirmation', { entries: 44 });
  expect(confirmed).toMatchObject({ status: 200, body: { state: 'current', entries: 44 } });
  expect(await admin()).toHaveLength(44);
  expect((await t.api('chief', 'POST', '/lists/brake/confirmation', {})).status).toBe(409);
  // The confirmation counted once.
  await put(HIDDEN, ...many('45.30.3', 60));
  await publish();
  expect(await show('brake')).toMatchObject({ state: 'held', held: { reason: 'growth', entries: 104 } });
  expect(await alarms()).toBe(2);
}); // prettier-ignore

test('a list that would empty keeps its values until a person confirms', async () => {
  const first = many('45.40.1', 12);
  await put(MAIN, ...first.map((one) => ({ ...one, labels: ['only-these'] })));
  await create('emptying', { collections: [MAIN], labels: ['only-these'] });
  await publish();
  await put(MAIN, ...first.map(revoke));
  await publish();
  expect(await lines('emptying')).toHaveLength(12);
  expect(await show('emptying')).toMatchObject({ state: 'held', entries: 12, held: { reason: 'empty', entries: 0 } });
  await t.api('chief', 'POST', '/lists/emptying/confirmation', {});
  expect(await lines('emptying')).toEqual([]);
  expect((await removals('emptying')).map(({ reason }) => reason)).toEqual(Array(12).fill('revoked'));
}); // prettier-ignore

test('a list that does not change for too long causes one alarm', async () => {
  await create('quiet', { collections: [OPEN], stale_hours: 5 });
  await publish();
  const alarms = (): number => t.logged.filter((line) => line.includes('"list.stale_alarm"') && line.includes('"quiet"')).length;
  clock.advance(4 * 3_600_000);
  await publish();
  expect([alarms(), (await show('quiet'))['state']]).toEqual([0, 'current']);
  clock.advance(2 * 3_600_000);
  await publish();
  await publish();
  expect([alarms(), (await show('quiet'))['state']]).toEqual([1, 'stale']);
  await put(OPEN, ip('45.50.1.1', { object_marking_refs: CLEAR }));
  await publish();
  expect((await show('quiet'))['state']).toBe('current');
}); // prettier-ignore

test('officers manage lists of their own member, and nobody sees the lists of another member', async () => {
  expect((await create('tonga-list', {}, 'officer')).body).toMatchObject({ owner: 'tonga' });
  expect((await create('for-fiji', { member: 'fiji' }, 'officer')).status).toBe(404);
  expect((await create('of-hub', { member: 'hub' }, 'officer')).status).toBe(403);
  expect((await create('hidden-one', { collections: [HIDDEN] }, 'officer')).status).toBe(404);
  await publish();
  expect((await get('tonga-list', 'sensor')).status).toBe(200);
  expect((await get('tonga-list', 'analyst')).status).toBe(200);
  const names = async (who: string): Promise<string[]> => ((await t.api(who, 'GET', '/lists')).body['items'] as Json[]).map(({ name }) => String(name));
  expect(await names('officer')).toContain('tonga-list');
  expect(await names('desk')).not.toContain('tonga-list');
  expect((await get('tonga-list', 'desk')).status).toBe(404);
  expect((await t.api('officer', 'PATCH', '/lists/tonga-list', { title: 'Ours', types: ['ipv4'] })).body).toMatchObject({ title: 'Ours', types: ['ipv4'] });
  expect((await t.api('officer', 'PATCH', '/lists/tonga-list', { title: null })).body).not.toHaveProperty('title');
  expect((await t.api('officer', 'PATCH', '/lists/border', { title: 'Ours' })).status).toBe(404);
  expect((await t.api('officer', 'DELETE', '/lists/tonga-list')).status).toBe(204);
  expect((await get('tonga-list', 'officer')).status).toBe(404);
  // Its values are removed before the name is free.
  expect((await create('tonga-list', {}, 'officer')).status).toBe(409);
  await publish();
  expect((await t.hub.store.names({ ranges: [{ kind: 'list/tonga-list/ipv4', from: '', to: '~' }], limit: 1 }))).toEqual([]);
  expect((await create('tonga-list', {}, 'officer')).status).toBe(201);
  // The name of a list, of a collection or of nothing that others have: the response is the same.
  for (const name of ['border', HIDDEN, 'indicators', 'nowhere', 'tonga', 'fiji-list']) {
    const { status, body } = await create(name, {}, 'officer');
    expect([name, status, body['code']]).toEqual([name, 422, 'TLN-X-424']);
    expect(String(body['title'])).toBe(`The member tonga cannot choose the name "${name}"`);
  }
  // The proposal is a name that can be chosen, also for the longest name.
  const { body: refused } = await create('w'.repeat(63), {}, 'officer');
  expect(refused['hint']).toBe(`Choose another name, such as tonga-${'w'.repeat(57)}.`);
  // A name has one meaning.
  expect((await create('indicators')).status).toBe(409);
  expect((await create('border')).status).toBe(409);
  expect(await create('odd', { format: 'fortigat' })).toMatchObject({ status: 404, body: { hint: expect.stringContaining('fortigate') } });
  expect((await create('odd', { types: ['domain'] })).status).toBe(400);
}); // prettier-ignore

test('connecting a tool works for a saved list as for a collection, and shows whether the list has changed since', async () => {
  await create('branch', { collections: ['indicators', 'open'] });
  await publish();
  const ask = async (tool: string, name: string, who = 'chief'): Promise<Json> =>
    (await t.api(who, 'GET', `/list-tools/${tool}?collection=${name}`)).body;
  const { entries } = await show('branch');
  expect(await ask('paloalto', 'branch')).toMatchObject({ format: 'edl-ip', entries, pulls: [] });
  expect((await ask('paloalto', 'branch'))['url']).toBe((await show('branch'))['url']);
  expect((await ask('nftables', 'branch'))['url']).toMatch(/\/lists\/branch\/nftables$/);
  expect((await ask('paloalto', 'branch'))['key_command']).toContain('--only indicators,open');
  expect(await ask('unbound', 'branch')).toMatchObject({ status: 400, code: 'TLN-X-423' });
  expect(await ask('paloalto', 'branch', 'nobody')).toMatchObject({ status: 404 });
  await get('branch').set('User-Agent', 'PAN-OS/11');
  await get('branch/nftables').set('User-Agent', 'curl');
  const pulls = async (): Promise<unknown> => (await ask('paloalto', 'branch'))['pulls'];
  expect(await pulls()).toMatchObject([{ account: 'reader', agent: 'PAN-OS/11', unchanged: true }]);
  await put(OPEN, ip('45.70.1.1', { object_marking_refs: CLEAR }));
  expect(await pulls()).toMatchObject([{ account: 'reader', unchanged: false }]);
});

test('a suppressed value is gone with the next fetch, also while the list waits for a person', async () => {
  await put(HIDDEN, ip('45.60.1.1'), ip('45.60.1.2'));
  await create('panic', { collections: [HIDDEN], max_growth: 10 });
  await publish();
  await put(HIDDEN, ...many('45.60.2', 200));
  await publish();
  expect(await show('panic')).toMatchObject({ state: 'held', held: { reason: 'growth' } });
  await t.api('chief', 'POST', '/suppressions', {
    values: ['45.60.1.1'],
    reason: 'It is the address of a bank.',
  });
  // Nothing but the request of the tool publishes the list.
  const { text } = await get('panic', 'chief');
  expect([text.includes('45.60.1.1\n'), text.includes('45.60.1.2\n')]).toEqual([false, true]);
  const found = await t.api('chief', 'GET', '/lists/panic/removals');
  expect(found.body['items']).toMatchObject([{ value: '45.60.1.1', reason: 'suppressed' }]);
});

test('a suppressed value is gone with the next fetch, also while the list cannot be published', async () => {
  await put(HIDDEN, ip('45.61.1.1'), ip('45.61.1.2'));
  await create('rebuilt', { collections: [HIDDEN] });
  await publish();
  const before = (await get('rebuilt', 'chief')).headers['last-modified'];
  await t.hub.valueView.rebuild(HIDDEN);
  const held = await holdLease(t.hub.store, clock, 'values', 30_000);
  clock.advance(5_000);
  const values = ['45.61.1.1'];
  await t.api('chief', 'POST', '/suppressions', { values, reason: 'It is a bank' });
  const { text, headers } = await get('rebuilt', 'chief');
  expect([text.includes('45.61.1.1\n'), text.includes('45.61.1.2\n')]).toEqual([false, true]);
  expect(Date.parse(String(headers['last-modified']))).toBeGreaterThan(Date.parse(String(before)));
  await held?.release();
  for (let i = 0; i < 20; i++) await t.hub.valueView.followAll();
  await publish();
  expect(await show('rebuilt')).toMatchObject({ state: 'current' });
});

test('a list never answers with the files of a deleted list of the same name', async () => {
  await put(HIDDEN, ip('45.81.1.1'));
  await create('tonga-reused', { collections: [HIDDEN], member: 'hub' });
  await publish();
  expect((await get('tonga-reused', 'chief')).text).toContain('45.81.1.1');
  expect((await t.api('chief', 'DELETE', '/lists/tonga-reused')).status).toBe(204);
  await publish();
  // Another process builds the view of the collection again, so the new list cannot be published yet.
  const held = await holdLease(t.hub.store, clock, 'values', 30_000);
  await t.hub.valueView.rebuild(MAIN);
  expect((await create('tonga-reused', {}, 'officer')).body).toMatchObject({ state: 'unpublished' });
  const answer = await get('tonga-reused', 'sensor');
  expect([answer.status, answer.text.includes('45.81.1.1')]).toEqual([503, false]);
  await held?.release();
  for (let i = 0; i < 20; i++) await t.hub.valueView.followAll();
}); // prettier-ignore

test('an officer learns no numbers from a list of a collection that the member can no longer read', async () => {
  await create('lost', { member: 'tonga', collections: ['indicators'] });
  await publish();
  expect((await t.api('officer', 'GET', '/lists/lost')).body).toMatchObject({ state: 'current' });
  await t.api('chief', 'PATCH', '/lists/lost', { collections: [HIDDEN, 'indicators'] });
  await publish();
  expect((await t.api('officer', 'GET', '/lists/lost')).body).toMatchObject({ state: 'unpublished', entries: 0, omitted: [] });
  expect((await t.api('officer', 'PATCH', '/lists/lost', { min_confidence: 90 })).status).toBe(403);
  expect((await t.api('officer', 'PATCH', '/lists/lost', { collections: ['indicators'] })).status).toBe(200);
  expect((await t.api('chief', 'GET', '/lists/lost')).body).toMatchObject({ state: 'current' });
}); // prettier-ignore

test('while a view is built again, a saved list stays as it is', async () => {
  const before = await lines('border');
  await t.hub.valueView.rebuild(MAIN);
  clock.advance(600_000);
  await t.hub.listPublisher.publishAll();
  expect(await lines('border')).toEqual(before);
  expect(await show('border')).toMatchObject({ state: 'current' });
  for (let i = 0; i < 20; i++) await t.hub.valueView.followAll();
});

test('a reader of the collections that a list joins now gets no values from those that it joined before', async () => {
  await put(OPEN, ip('45.80.1.1', { object_marking_refs: CLEAR }));
  const only = (collection: string) => t.api('chief', 'POST', '/keys', { account: 'sensor', expiresDays: 60, scopes: ['lists:read'], only: [collection] });
  const key = String((await only('open')).body['secret']);
  const limited = async (path: string) => supertest(t.hub.app).get(`/lists/${path}`).set('Authorization', `Bearer ${key}`);
  expect((await create('tonga-narrow', { collections: ['indicators', 'open'] }, 'officer')).status).toBe(201);
  await publish();
  expect((await limited('tonga-narrow')).status).toBe(404);
  const whole = async (path = ''): Promise<string> => (await get(`tonga-narrow${path}`, 'officer')).text;
  expect(await whole()).toContain('45.10.1.1');
  // The brake keeps the values of the other collection in the list.
  expect((await t.api('officer', 'PATCH', '/lists/tonga-narrow', { collections: ['open'], max_shrink: 10 })).body).toMatchObject({ state: 'held', collections: ['open'] });
  expect(await whole()).toContain('45.10.1.1');
  expect((await limited('tonga-narrow')).status).toBe(404);
  expect((await t.api('chief', 'POST', '/lists/tonga-narrow/confirmation', {})).body).toMatchObject({ state: 'current' });
  expect(await whole()).not.toContain('45.10.1.1');
  expect(await whole('/removals')).toContain('45.10.1.1');
  for (const path of ['tonga-narrow', 'tonga-narrow/plain', 'tonga-narrow/removals']) expect([path, (await limited(path)).status]).toEqual([path, 404]);
  // Removals are kept for 30 days.
  clock.advance(30 * 86_400_000 + 1_000);
  await publish();
  await t.hub.listPublisher.sweep();
  expect((await limited('tonga-narrow')).text).toContain('45.80.1.1');
  expect((await limited('tonga-narrow/removals')).text).not.toContain('45.10.1.1');
}); // prettier-ignore

test('a list that nothing changed is not made again for each request that waits for it', async () => {
  const { valueView: view, listPublisher } = t.hub;
  await put(MAIN, ip('45.83.1.1', { labels: ['waiting'] }));
  await create('waiting', { labels: ['waiting'] });
  const rows = view.rows.bind(view);
  let reads = 0;
  view.rows = (...asked) => {
    reads += 1;
    return rows(...asked);
  };
  await listPublisher.publish('waiting');
  expect(reads).toBe(0);
  await t.api('chief', 'POST', '/suppressions', { values: ['45.83.1.1'], reason: 'It is a mirror.' });
  await listPublisher.publish('waiting');
  expect(reads).toBeGreaterThan(0);
  view.rows = rows;
});

test('a tool gets the saved list before when the new one cannot be written', async () => {
  await create('writing', { collections: [OPEN] });
  await publish();
  const before = await lines('writing');
  const folder = join(t.folder, 'data', 'lists-saved');
  const last = Math.max(...readdirSync(folder).map((name) => Number(/-(\d+)/.exec(name)?.[1])));
  // The next file cannot be created where a folder is.
  mkdirSync(join(folder, `${process.pid}-${last + 1}`));
  await put(OPEN, ip('45.75.1.1', { object_marking_refs: CLEAR }));
  await publish();
  expect(await lines('writing')).toEqual(before);
  expect(t.logged.filter((line) => line.includes('"list.stale"'))).toHaveLength(1);
  expect(await lines('writing')).toEqual([...before, '45.75.1.1'].toSorted());
});
