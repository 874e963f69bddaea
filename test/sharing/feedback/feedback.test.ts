import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { tlpMarkingId, type Tlp } from '../../../src/stix/markings.ts';
import { aCandidate, anIndicator, type Json } from '../../support/builders.ts';
import { Sealer } from '../../../src/access/sealing.ts';
import { removal } from '../../../src/store/store.ts';
import { TestClock } from '../../support/clock.ts';
import {
  HIDDEN,
  MAIN,
  SETTINGS,
  keyOf,
  objectsOf,
  ownKeys,
  testHub,
  type TestHub,
} from '../../support/hub.ts';

const MEMBERS = ['samoa', 'niue', 'palau', 'nauru'];
const WIDE = '1a2b3c4d-0000-4000-8000-000000000001';
const PAIR = '1a2b3c4d-0000-4000-8000-000000000002';

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:00:00Z');
  const grants = (names: string[]): string =>
    ['tonga', 'fiji', ...names].map((name) => `{ to: "member:${name}", read: true, write: true }`).join(', ');
  const both =
    '{ to: "account:writer", read: true, write: true }, { to: "role:analyst", read: true, write: true }';
  t = await testHub(
    `${SETTINGS.replace(
      '\nmembers:',
      `
  - { id: ${WIDE}, api_root: main, alias: wide, title: Wide, grants: [${grants(MEMBERS)}, ${both}] }
  - { id: ${PAIR}, api_root: main, alias: pair, title: Pair, grants: [${grants([])}, ${both}] }
members:
${MEMBERS.map((name) => `  - { name: ${name}, countries: [WS] }`).join('\n')}`,
    )}
  - { name: tele, role: officer, member: tonga, person: true, key_env: KEY_TELE }
  - { name: fele, role: officer, member: fiji, person: true, key_env: KEY_FELE }
${MEMBERS.map((name) => `  - { name: at-${name}, role: machine, member: ${name}, key_env: KEY_AT_${name.toUpperCase()} }`).join('\n')}
`,
    { clock },
  );
  await ownKeys(t.hub, 'tele', 'fele');
});
afterEach(async () => {
  await t.stop();
});

const ip = (value: string, over: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    name: value,
    valid_until: '2027-06-01T00:00:00Z',
    ...over,
  });
const put = async (who: string, collection: string, ...objects: Json[]): Promise<Json> => {
  const { body } = await t.as(who).post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
  return body as Json;
};
const send = async (who: string, ...items: Json[]): Promise<unknown[]> => {
  const { status, body } = await t.api(who, 'POST', '/feedback', { items });
  return status === 200 ? (body['items'] as Json[]).map(({ outcome }) => outcome) : [status];
};
const value = async (who: string, text: string): Promise<Json> =>
  (await t.api(who, 'GET', `/values?value=${text}`)).body;
const listed = async (collection: string, who = 'writer'): Promise<string> =>
  (
    await supertest(t.hub.app)
      .get(`/lists/${collection}/plain`)
      .set('Authorization', `Bearer ${keyOf(who)}`)
  ).text;
const cases = async (): Promise<Json[]> =>
  (await t.api('analyst', 'GET', '/false-positives')).body['items'] as Json[];
const stixOf = (type: string, of: Json, over: Json = {}): Json => ({
  type, spec_version: '2.1', id: `${type}--${randomUUID()}`, created: '2026-11-29T11:00:00.000Z', modified: '2026-11-29T11:00:00.000Z',
  ...(type === 'sighting' ? { sighting_of_ref: of['id'] } : { object_refs: [of['id']] }), ...over,
}); // prettier-ignore

test('a value that one member reports as a false positive leaves the list of another once hub staff confirm it, and nobody learns who reported it', async () => {
  await put('writer', WIDE, ip('45.9.20.1'), ip('45.9.20.2'));
  expect(await send('sensor', { value: '45[.]9.20.1', kind: 'false-positive', note: 'our resolver' })).toEqual(['stored']);
  expect(await listed('wide', 'desk')).toContain('45.9.20.1\n');
  const [first] = await cases();
  expect(first).toMatchObject({ value: '45.9.20.1', state: 'open', members: 1, collections: ['wide'], notes: ['our resolver'] });
  expect(JSON.stringify(first)).not.toMatch(/tonga|sensor/);
  const decided = await t.api('analyst', 'POST', `/false-positives/${String(first?.['id'])}/decision`, { verdict: 'confirmed', note: 'it is a resolver' });
  expect([decided.status, decided.body['state']]).toEqual([200, 'confirmed']);
  expect(await listed('wide', 'desk')).toBe('45.9.20.2\n');
  expect(await cases()).toEqual([]);
  expect(await value('desk', '45.9.20.1')).toMatchObject({ suppressed: { cause: 'false-positive', reason: 'it is a resolver' } });
  const own = (await t.api('tele', 'GET', '/feedback')).body['items'];
  expect(own).toMatchObject([{ kind: 'false-positive', value: '45.9.20.1', state: 'confirmed', decision: 'it is a resolver' }]);
  expect((await t.api('fele', 'GET', '/feedback')).body['items']).toEqual([]);
  // Hub staff could have created this key of the member.
  expect((await t.api('sensor', 'GET', '/feedback')).body['code']).toBe('TLN-A-403');
  // The reporter is a tool, whose key hub staff could have created.
  expect((await t.api('sensor', 'GET', '/account/notifications')).body['items']).toEqual([]);
  // The indicator was made by the hub, which revokes it after a confirmed false positive.
  const { body } = await t.as('desk').get(objectsOf(WIDE));
  const objects = (body as { objects: Json[] }).objects;
  expect(objects.filter(({ revoked }) => revoked === true).map(({ name }) => name)).toEqual(['45.9.20.1']);
  expect(JSON.stringify(objects)).not.toMatch(/our resolver/);
  // Nothing in the store reveals the reporter or the note.
  const stored = JSON.stringify(await t.hub.store.records('feedback'));
  expect(stored).not.toMatch(/tonga|our resolver|45\.9|2d091401/);
  await t.hub.store.numberFacts();
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => fact).filter(({ action }) => action.startsWith('f'));
  expect(facts.map(({ action }) => action)).toEqual(['false_positive.decide']);
}); // prettier-ignore

test('nothing that hub staff see about a case depends on who reported it, or reveals when', async () => {
  await put('writer', WIDE, ip('45.9.20.1'), ip('45.9.20.2'));
  await put('writer', PAIR, ip('45.9.20.1'), ip('45.9.20.2'));
  const seq = (await t.hub.store.audit(0, 10_000)).length;
  // Tonga reads both collections, and Samoa only one of them.
  expect(await send('sensor', { value: '45.9.20.1', kind: 'false-positive' })).toEqual(['stored']);
  clock.advance(3_600_000);
  expect(await send('at-samoa', { value: '45.9.20.2', kind: 'false-positive' })).toEqual(['stored']);
  const both = (await cases()).map(({ id: _id, value: _value, ...rest }) => rest);
  expect(both[0]).toEqual(both[1]);
  expect(both[0]).toMatchObject({ at: '2026-11-29T00:00:00.000Z', collections: expect.arrayContaining(['wide', 'pair']) });
  // An audit entry would name the account, at the time of the new case.
  const facts = (await t.hub.store.audit(0, 10_000)).slice(seq).map(({ fact }) => fact);
  expect(facts.filter(({ actor }) => ['sensor', 'at-samoa'].includes(actor))).toEqual([]);
  // A case contains its value, so its id must not lead to the sealed reports about it.
  const [opened] = await t.hub.store.records('false-positive');
  expect(opened?.document['value']).toBeDefined();
  const keys = (await t.hub.store.records('feedback')).flatMap(({ id, index }) => [id, ...Object.values(index)]);
  expect(keys).not.toContain(opened?.id);
}); // prettier-ignore

test('a refused report is explained to its reporter, and the value stays', async () => {
  await put('writer', WIDE, ip('45.9.20.1'));
  await send('tele', { value: '45.9.20.1', kind: 'false-positive' });
  const [first] = await cases();
  const refuse = () => t.api('analyst', 'POST', `/false-positives/${String(first?.['id'])}/decision`, { verdict: 'refused', note: 'it is a scanner' });
  expect((await refuse()).body['state']).toBe('refused');
  expect((await refuse()).body['code']).toBe('TLN-Y-414');
  expect(await listed('wide', 'desk')).toBe('45.9.20.1\n');
  expect((await t.api('tele', 'GET', '/feedback')).body['items']).toMatchObject([{ state: 'refused', decision: 'it is a scanner' }]);
  expect(JSON.stringify((await t.api('tele', 'GET', '/account/notifications')).body)).toContain('it is a scanner');
  // Another report opens it again.
  await send('desk', { value: '45.9.20.1', kind: 'false-positive' });
  expect(await cases()).toMatchObject([{ members: 2 }]);
}); // prettier-ignore

test('somebody who is given the account of a reporter does not learn of its reports from the decisions about them', async () => {
  await put('writer', WIDE, ip('45.9.20.1'), ip('45.9.20.2'));
  await send('tele', { value: '45.9.20.1', kind: 'false-positive' });
  clock.advance(1_000);
  expect((await t.api('chief', 'POST', '/accounts/tele/invitation')).status).toBe(201);
  await ownKeys(t.hub, 'tele');
  clock.advance(1_000);
  await send('tele', { value: '45.9.20.2', kind: 'false-positive' });
  const sent: string[] = [];
  t.hub.notifications.addOutlet(async (_account, { event, text }) => {
    if (event.startsWith('feedback.')) sent.push(text);
  });
  for (const { id, value } of await cases())
    await t.api('analyst', 'POST', `/false-positives/${String(id)}/decision`, { verdict: 'refused', note: `about ${String(value)}` });
  const told = async (): Promise<string> =>
    ((await t.api('tele', 'GET', '/account/notifications')).body['items'] as Json[]).map(({ text }) => text).join();
  expect([(await told()).includes('45.9.20.1'), (await told()).includes('45.9.20.2')]).toEqual([false, true]);
  // The email is about this report only, too. It contains no note, because a note can contain values.
  expect(sent).toEqual(['The hub did not confirm a false positive that you reported. To read its note, sign in to the console of the hub.']);
  clock.advance(8 * 86_400_000);
  expect(await told()).toContain('about 45.9.20.1');
}); // prettier-ignore

test('others see how many members saw a value only in steps, and only where a count names nobody', async () => {
  await put('writer', WIDE, ip('45.9.20.1'));
  await put('writer', PAIR, ip('45.9.20.2'));
  const counts = async (who: string, text = '45.9.20.1'): Promise<unknown> => (await value(who, text))['sightings'];
  expect(await counts('desk')).toBeUndefined();
  const steps: unknown[] = [];
  for (const who of ['sensor', 'at-samoa', 'at-niue', 'at-palau', 'at-nauru']) {
    await send(who, { value: '45.9.20.1', kind: 'sighting', count: 7, last_seen: '2026-11-28T10:11:12Z' });
    await send(who, { value: '45.9.20.1', kind: 'sighting', count: 9, last_seen: '2026-11-28T10:11:12Z' });
    steps.push(await counts('desk'));
  }
  expect(steps).toEqual([{ members: '1' }, { members: '2-4' }, { members: '2-4' }, { members: '2-4' }, { members: '5+', last_day: '2026-11-28' }]);
  // Two members read the other collection, so a count would name the other one.
  await send('sensor', { value: '45.9.20.2', kind: 'sighting' });
  expect(await value('desk', '45.9.20.2')).toMatchObject({ places: [{ collection: 'pair' }] });
  expect(await counts('desk', '45.9.20.2')).toBeUndefined();
}); // prettier-ignore

test('a report counts only for those who read a collection that its reporter reads', async () => {
  await put('writer', MAIN, ip('45.9.20.1'));
  await put('writer', PAIR, ip('45.9.20.1'));
  await t.api('chief', 'POST', '/collections/pair/grants', { to: 'member:samoa', read: true });
  // Tonga reads both, Fiji and Samoa only one of them.
  await send('desk', { value: '45.9.20.1', kind: 'sighting' });
  await send('sensor', { value: '45.9.20.1', kind: 'sighting' });
  expect((await value('at-samoa', '45.9.20.1'))['sightings']).toEqual({ members: '2-4' });
  expect((await value('reader', '45.9.20.1'))['sightings']).toBeUndefined();
}); // prettier-ignore

test('a report about a value that the reporter cannot read gets the same response as one about an unknown value', async () => {
  await t.hub.store.commit({ placements: [{ collection: HIDDEN, candidates: [aCandidate(ip('45.9.20.1'))] }] });
  const hidden = (await t.hub.store.entries({ collection: HIDDEN, after: 0, limit: 1, versions: { all: true, first: false, last: false, exact: [] } }, false)).entries[0]?.id;
  const answers: unknown[] = [];
  for (const about of [{ value: '45.9.20.1' }, { value: '45.9.20.9' }, { value: 'no value' }, { object: hidden }, { object: `indicator--${randomUUID()}` }])
    answers.push((await t.api('sensor', 'POST', '/feedback', { items: [{ ...about, kind: 'false-positive' }] })).body['items']);
  expect(new Set(answers.map((one) => /"outcome".*/.exec(JSON.stringify(one))?.[0])).size).toBe(1);
  expect(answers[0]).toMatchObject([{ outcome: 'refused' }]);
  expect(await cases()).toEqual([]);
  expect((await value('sensor', '45.9.20.1'))['code']).toBe('TLN-Y-415');
  expect((await value('sensor', '45.9.20.9'))['code']).toBe('TLN-Y-415');
  for (const who of ['chief', 'analyst', 'writer']) expect(await send(who, { value: '45.9.20.1', kind: 'note' })).toEqual([403]);
}); // prettier-ignore

test('sightings, opinions and notes that machines submit about objects of others are kept under seal', async () => {
  const foreign = ip('45.9.20.1');
  const own = ip('45.9.20.2');
  await put('writer', WIDE, foreign);
  await put('sensor', WIDE, own);
  const level = (tlp: Tlp): Json => ({ object_marking_refs: [tlpMarkingId(tlp)] });
  const seen = stixOf('sighting', foreign, { count: 3, ...level('green') });
  const wrong = stixOf('opinion', foreign, { opinion: 'disagree', explanation: 'a resolver', ...level('green') });
  const note = stixOf('note', foreign, { content: 'see our ticket', ...level('green') });
  const mine = stixOf('sighting', own, level('green'));
  await put('sensor', WIDE, seen, wrong, note, mine);
  await put('sensor', WIDE, seen, wrong, note, mine);
  const { body } = await t.as('desk').get(objectsOf(WIDE));
  const ids = (body as { objects: Json[] }).objects.map(({ id }) => id);
  expect([seen, wrong, note, mine].map(({ id }) => ids.includes(id))).toEqual([false, false, false, true]);
  const reported = async () => ((await t.api('tele', 'GET', '/feedback')).body['items'] as Json[]).map((one) => [one['kind'], one['count'], one['note'], one['state']].join(' ')).toSorted((a, b) => (a < b ? -1 : 1));
  expect(await reported()).toEqual(['false-positive  a resolver open', 'note  see our ticket recorded', 'sighting 3  recorded']);
  expect((await value('desk', '45.9.20.1'))['false_positives']).toEqual({ members: '1' });
  expect(await cases()).toMatchObject([{ value: '45.9.20.1', notes: ['a resolver'] }]);
  await put('sensor', WIDE, { ...wrong, modified: '2026-11-29T11:30:00.000Z', revoked: true });
  expect(await reported()).toEqual(['note  see our ticket recorded', 'sighting 3  recorded']);
  // A report without an object takes the place of one with an object, and is no longer withdrawn with it.
  await send('sensor', { value: '45.9.20.1', kind: 'sighting', count: 8 });
  await put('sensor', WIDE, { ...seen, modified: '2026-11-29T11:30:00.000Z', revoked: true });
  expect(await reported()).toEqual(['note  see our ticket recorded', 'sighting 8  recorded']);
  // Objects of hub staff are stored: they speak for the hub.
  const ofHub = stixOf('opinion', foreign, { opinion: 'agree', ...level('green') });
  await put('writer', WIDE, ofHub);
  expect(((await t.as('desk').get(objectsOf(WIDE))).body as { objects: Json[] }).objects.map(({ id }) => id)).toContain(ofHub['id']);
}); // prettier-ignore

test('hub staff with an account of a member cannot find out whether the member reported a value, or delete its report', async () => {
  await put('writer', WIDE, ip('45.9.20.1'), ip('45.9.20.2'));
  const wrong = { kind: 'false-positive', note: 'our resolver' };
  // Tonga reported one of these values itself, with another account. Fiji reported both.
  await send('sensor', { ...wrong, value: '45.9.20.1' });
  for (const one of ['45.9.20.1', '45.9.20.2']) await send('desk', { kind: 'false-positive', value: one });
  const counted = async (): Promise<unknown> => Object.fromEntries((await cases()).map((one) => [one['value'], one['members']]));
  expect(await counted()).toEqual({ '45.9.20.1': 2, '45.9.20.2': 1 });
  clock.advance(1_000);
  await t.api('chief', 'POST', '/accounts/tele/invitation');
  await ownKeys(t.hub, 'tele');
  clock.advance(1_000);
  for (const note of ['first', 'last']) {
    const answers = [];
    for (const one of ['45.9.20.1', '45.9.20.2'])
      answers.push(await send('tele', { kind: 'false-positive', value: one, note }));
    expect(answers).toEqual([['stored'], ['stored']]);
  }
  // Neither count changes, whatever Tonga reported before, and no report of another account is replaced.
  expect(await counted()).toEqual({ '45.9.20.1': 2, '45.9.20.2': 1 });
  expect((await cases()).map(({ notes }) => notes)).toEqual(expect.arrayContaining([['our resolver'], []]));
  const listedBy = async (who: string): Promise<Json[]> => (await t.api(who, 'GET', '/feedback')).body['items'] as Json[];
  expect((await listedBy('tele')).map(({ note }) => note)).toEqual(['last', 'last']);
  // Nor do they change later, when nobody reports anything. The account then speaks for its member, which counts once.
  clock.advance(8 * 86_400_000);
  expect(await counted()).toEqual({ '45.9.20.1': 2, '45.9.20.2': 1 });
  expect(await listedBy('tele')).toHaveLength(3);
  for (const one of ['45.9.20.1', '45.9.20.2']) await send('tele', { kind: 'false-positive', value: one, note: 'proven' });
  expect(await counted()).toEqual({ '45.9.20.1': 2, '45.9.20.2': 2 });
  // The report takes the place of the one from the first days.
  expect(await listedBy('tele')).toHaveLength(3);
  expect(new Set((await listedBy('tele')).map(({ note }) => note))).toEqual(new Set(['our resolver', 'proven']));
}); // prettier-ignore

test('a key that hub staff create for a machine and delete again tells them nothing, neither at once nor later', async () => {
  await put('writer', WIDE, ip('45.9.20.1'), ip('45.9.20.2'));
  const values = ['45.9.20.1', '45.9.20.2'];
  for (const kind of ['false-positive', 'sighting']) {
    await send('sensor', { kind, value: '45.9.20.1' });
    await send('desk', { kind, value: '45.9.20.2' });
  }
  const seen = async (): Promise<unknown> => {
    const facts = [];
    for (const one of values) {
      const { sightings, false_positives: wrong } = await value('at-samoa', one);
      facts.push([sightings, wrong]);
    }
    return [(await cases()).map(({ members, notes }) => [members, notes]), facts];
  };
  const before = await seen();
  expect(before).toEqual([[[1, []], [1, []]], [[{ members: '1' }, { members: '1' }], [{ members: '1' }, { members: '1' }]]]);
  clock.advance(1_000);
  const { body } = await t.api('chief', 'POST', '/keys', { account: 'sensor' });
  for (const kind of ['false-positive', 'sighting'])
    for (const one of values)
      await supertest(t.hub.app).post('/api/v1/feedback').set('Authorization', `Bearer ${String(body['secret'])}`).send({ items: [{ value: one, kind, note: 'a probe' }] }).expect(200);
  expect(await seen()).toEqual(before);
  expect((await t.api('chief', 'DELETE', `/keys/${String(body['id'])}`)).status).toBeLessThan(300);
  clock.advance(8 * 86_400_000);
  expect(await seen()).toEqual(before);
}); // prettier-ignore

test('an account that gets one key after another has one report apart, and three members never appear as five', async () => {
  await put('writer', WIDE, ip('45.9.20.1'));
  for (const who of ['sensor', 'desk', 'at-samoa']) await send(who, { kind: 'sighting', value: '45.9.20.1' });
  const before = (await t.hub.store.records('feedback')).length;
  for (const account of ['sensor', 'desk', 'at-samoa', 'sensor', 'sensor']) {
    clock.advance(1_000);
    const { body } = await t.api('chief', 'POST', '/keys', { account });
    await supertest(t.hub.app).post('/api/v1/feedback').set('Authorization', `Bearer ${String(body['secret'])}`).send({ items: [{ value: '45.9.20.1', kind: 'sighting' }] }).expect(200);
  }
  expect((await value('at-niue', '45.9.20.1'))['sightings']).toEqual({ members: '2-4' });
  expect(await t.hub.store.records('feedback')).toHaveLength(before + 3);
  // They have an index key of their own, so they cannot push other reports out of the count.
  const counts = new Map<unknown, number>();
  for (const { index } of await t.hub.store.records('feedback')) counts.set(index['value'], (counts.get(index['value']) ?? 0) + 1);
  expect([...counts.values()]).toEqual([3, 3]);
}); // prettier-ignore

test('a second new key of an account does not replace what it reported with the first', async () => {
  await put('writer', WIDE, ip('45.9.20.1'));
  const keyed = async (): Promise<(note: string, kind?: string) => Promise<unknown>> => {
    clock.advance(1_000);
    const { body } = await t.api('chief', 'POST', '/keys', { account: 'sensor' });
    return async (note, kind = 'sighting') => {
      clock.advance(1_000);
      const { body: sent } = await supertest(t.hub.app).post('/api/v1/feedback').set('Authorization', `Bearer ${String(body['secret'])}`).send({ items: [{ value: '45.9.20.1', kind, note }] }).expect(200);
      return sent;
    };
  };
  const stored = async (): Promise<string> => JSON.stringify(await t.hub.store.records('feedback'));
  const [first, second] = [await keyed(), await keyed()];
  const answer = await first('seen by the tool');
  const before = await stored();
  expect(await second('a probe')).toEqual(answer);
  expect(await stored()).toBe(before);
  await first('seen again');
  expect(await stored()).not.toBe(before);
  // A false positive opens its case nevertheless.
  await second('a probe', 'false-positive');
  expect(await cases()).toMatchObject([{ members: 0, notes: [] }]);
}); // prettier-ignore

test('a new key of an account does not replace or withdraw what the account reported before', async () => {
  const foreign = ip('45.9.20.1');
  await put('writer', WIDE, foreign);
  const wrong = stixOf('opinion', foreign, { opinion: 'disagree', explanation: 'a resolver', object_marking_refs: [tlpMarkingId('green')] });
  await put('sensor', WIDE, wrong);
  clock.advance(1_000);
  const { status, body } = await t.api('chief', 'POST', '/keys', { account: 'sensor' });
  expect(status).toBe(201);
  const withKey = (key: string) => (path: string, sent: Json) =>
    supertest(t.hub.app).post(path).set('Authorization', `Bearer ${key}`).set('Content-Type', 'application/taxii+json;version=2.1').send(sent);
  const given = withKey(String(body['secret']));
  const withdraw = () => put('sensor', WIDE, { ...wrong, modified: new Date(clock.now()).toISOString(), revoked: true });
  clock.advance(1_000);
  expect((await given(objectsOf(WIDE), { objects: [{ ...wrong, modified: new Date(clock.now()).toISOString(), revoked: true }] })).body).toMatchObject({ success_count: 1 });
  for (const note of ['another', 'the last'])
    await given('/api/v1/feedback', { items: [{ value: '45.9.20.1', kind: 'false-positive', note }] }).set('Content-Type', 'application/json');
  // Others neither count nor read what somebody else could have said.
  expect(await cases()).toMatchObject([{ members: 1, notes: ['a resolver'] }]);
  expect((await t.api('tele', 'GET', '/feedback')).body['items']).toEqual(expect.arrayContaining([expect.objectContaining({ note: 'a resolver' }), expect.objectContaining({ note: 'the last' })]));
  await withdraw();
  expect(await cases()).toMatchObject([{ members: 0, notes: [] }]);
}); // prettier-ignore

test('a report from the time when members had one of each kind counts, and its account replaces it', async () => {
  await put('writer', WIDE, ip('45.9.20.1'));
  await send('sensor', { value: '45.9.20.1', kind: 'false-positive', note: 'former' });
  const { store } = t.hub;
  const sealer = new Sealer(Buffer.from(readFileSync(join(t.folder, 'data', 'master.key'), 'utf8').trim(), 'base64url'));
  const [record] = await store.records('feedback');
  const opened = JSON.parse(sealer.open(String(record?.document['sealed']), `feedback/${String(record?.id)}`)) as Json;
  const id = sealer.fingerprint(`feedback ${String(opened['member'])} false-positive ${String(opened['type'])} ${String(opened['value'])}`).slice(0, 22);
  const sealed = sealer.seal(JSON.stringify(opened), `feedback/${id}`);
  if (record === undefined) throw new Error('no report');
  await store.commit({ records: [{ ...record, id, expected: 0, document: { ...record.document, sealed } }, removal(record)] });
  expect(await cases()).toMatchObject([{ members: 1, notes: ['former'] }]);
  await send('tele', { value: '45.9.20.1', kind: 'false-positive', note: 'of another account' });
  expect(await cases()).toMatchObject([{ members: 1, notes: expect.arrayContaining(['former', 'of another account']) }]);
  await send('sensor', { value: '45.9.20.1', kind: 'false-positive', note: 'present' });
  const notes = (await cases()).flatMap((one) => one['notes'] as string[]);
  expect(notes.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['of another account', 'present']);
}); // prettier-ignore
