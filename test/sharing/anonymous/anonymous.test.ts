import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { scrubbed } from '../../../src/sharing/anonymous/scrub.ts';
import { tlpMarkingId } from '../../../src/stix/markings.ts';
import type { Network } from '../../../src/kernel/address.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { CONSOLE_SETTINGS, signedInAs } from '../../support/console.ts';
import { keyOf, objectsOf, ownKeys, testHub, type TestHub } from '../../support/hub.ts';

/*
 * A member submits indicators without its name, full of texts that identify it. Everybody else then reads everything that
 * the hub offers. The check does not use the code of the hub: it searches every response for the forbidden texts.
 */

const SHARED = '11110000-3a52-4f0e-9d0a-6a0f5f5a1c11';
const IDENTITY = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
const SETTINGS = `
hub: { title: Test hub }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${SHARED}, api_root: main, alias: shared, title: Shared, grants: [{ to: "member:qzxmemberq", read: true, write: true }, { to: "member:fiji", read: true, write: true }, { to: "role:analyst", read: true, write: true }, { to: "role:administrator", read: true, write: true }] }
members:
  - { name: qzxmemberq, title: Qzxtitleq Ministry, identities: ["${IDENTITY}"], networks: [45.9.8.0/22], domains: [qzxdomainq.to], collection: true }
  - { name: fiji, networks: [192.0.2.0/25], collection: true }
accounts:
  - { name: qzxofficerq, role: officer, member: qzxmemberq, person: true, key_env: KEY_QZXOFFICERQ }
  - { name: qzxsensorq, role: machine, member: qzxmemberq, key_env: KEY_QZXSENSORQ }
  - { name: desk, role: officer, member: fiji, person: true, key_env: KEY_DESK }
  - { name: buoy, role: machine, member: fiji, key_env: KEY_BUOY }
  - { name: chief, role: administrator, person: true, key_env: KEY_CHIEF }
  - { name: watch, role: analyst, person: true, key_env: KEY_WATCH }
  - { name: second, role: administrator, person: true, key_env: KEY_SECOND }
  - { name: third, role: administrator, person: true, key_env: KEY_THIRD }
`;
/** Texts that identify the member, in lower case. The original ids and exact times are added by each test. */
const CANARIES = ['qzx', IDENTITY.slice(10), '10.7.7.7', 'secret-ref', 'x_tonga', 'jane.doe'];
const START = '2026-11-29T12:05:00.000Z';
const HOUR = 3_600_000;

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock(START);
  t = await testHub(SETTINGS, { clock });
  await ownKeys(t.hub, 'qzxofficerq', 'desk');
});
afterEach(async () => {
  await t.stop();
});

const telling = (value: string, over: Json = {}): Json =>
  anIndicator({
    created: '2026-11-29T12:16:01.777Z',
    modified: '2026-11-29T12:16:01.777Z',
    name: `${value} seen at QZXmemberq`,
    description:
      'Found by jane.doe@other.example on mail.qzxdomainq.to (qzxdomainq[.]to, 10.7.7.7) of the Qzxtitleq  ministry',
    pattern: `[domain-name:value = '${value}']`,
    valid_from: '2026-11-29T12:16:01.777Z',
    valid_until: '2027-01-29T12:16:01.777Z',
    created_by_ref: IDENTITY,
    labels: ['qzxlabelq'],
    indicator_types: ['malicious-activity', 'qzxtypeq'],
    external_references: [{ source_name: 'secret-ref', url: 'https://qzxdomainq.to/1' }],
    object_marking_refs: [tlpMarkingId('green')],
    lang: 'to',
    x_tonga: 'qzx',
    ...over,
  });
const submit = async (objects: Json[], more: Json = {}, who = 'qzxofficerq'): Promise<Json[]> => {
  const { status, body } = await t.api(who, 'POST', '/collections/shared/anonymous-objects', {
    objects,
    attribution: 'anonymous-to-members',
    ...more,
  });
  expect([status, body['code']]).toEqual([200, undefined]);
  return body['items'] as Json[];
};
/** Lets time pass and releases everything that is due. */
const later = async (ms: number): Promise<void> => {
  clock.advance(ms);
  await t.hub.anonymousReleases.releaseDue();
  await t.hub.routing.routeAll();
};
const objects = async (who: string): Promise<Json[]> =>
  ((await t.as(who).get(objectsOf(SHARED))).body as { objects?: Json[] }).objects ?? [];

/** Pages that list all members with access for hub staff, whoever submitted an object. */
const OF_RECIPIENTS = /\/deliveries/;

/** Everything that an account can read, in one text. */
async function everything(who: string, ids: readonly string[]): Promise<string> {
  const root = `/main/collections/${SHARED}`;
  const paths = [
    `${root}/objects/`,
    `${root}/manifest/`,
    ...ids.flatMap((id) => [`${root}/objects/${id}/`, `${root}/objects/${id}/versions/`, `/api/v1/objects/${id}`, `/api/v1/objects/${id}/deliveries`, `/api/v1/deliveries/why?object=${id}&member=fiji`, `/console/o/${id}`]),
    '/lists/shared/csv', '/lists/shared/jsonl', '/lists/shared/plain', '/lists/shared/removals',
    '/api/v1/values?value=evil.reef-bank.com', '/api/v1/objects?q=evil.reef-bank.com', '/api/v1/overview', '/api/v1/audit?limit=1000',
    '/api/v1/deliveries/readers', '/api/v1/feedback', '/api/v1/false-positives', '/api/v1/account/notifications', '/api/v1/anonymous-objects', '/api/v1/held', '/api/v1/shares',
    '/api/v1/findings',
  ]; // prettier-ignore
  const texts = [];
  for (const path of paths) {
    if (who === 'watch' && OF_RECIPIENTS.test(path)) continue;
    const { text, headers } = await supertest(t.hub.app)
      .get(path)
      .set('Authorization', `Bearer ${keyOf(who)}`)
      .set('Accept', path.startsWith('/main') ? 'application/taxii+json;version=2.1' : '*/*');
    texts.push(`${path}\n${JSON.stringify(headers)}\n${text}`);
  }
  return texts.join('\n').toLowerCase();
}

test('nothing that other members and analysts can read identifies who submitted an object', async () => {
  // The time of the submission differs from that of the start.
  clock.advance(Date.parse('2026-11-29T12:17:43.123Z') - Date.parse(START));
  const original = telling('evil.reef-bank.com');
  const [item] = await submit([original]);
  expect(item).toMatchObject({ outcome: 'waiting' });
  const released = String(item?.['released_id']);
  const forbidden = [...CANARIES, String(original['id']).slice(11), '12:16:01', '12:17:43'];
  // The others read at another time, because the hub shows when somebody last read.
  clock.advance(5 * 60_000);
  for (const who of ['desk', 'buoy', 'watch']) {
    // Before the release nobody learns that something waits.
    const before = await everything(who, [String(original['id'])]);
    expect([who, before.includes(released)]).toEqual([who, false]);
  }
  expect(await objects('buoy')).toEqual([]);
  await later(2 * HOUR);
  const [object, ...others] = await objects('buoy');
  expect(others).toEqual([]);
  expect(object).toMatchObject({
    id: released,
    created: '2026-11-29T13:00:00.000Z',
    modified: '2026-11-29T13:00:00.000Z',
    pattern: "[domain-name:value = 'evil.reef-bank.com']",
    valid_from: '2026-11-29T12:00:00.000Z',
    valid_until: '2027-01-29T13:00:00.000Z',
    indicator_types: ['malicious-activity'],
  });
  expect(await objects('qzxsensorq')).toEqual([object]);
  await t.api('desk', 'POST', '/feedback', { items: [{ value: 'evil.reef-bank.com', kind: 'false-positive' }] });
  // A later version and a revocation arrive over TAXII, like any other object.
  const version = { ...original, modified: '2026-11-29T14:30:11.000Z', confidence: 77 };
  const posted = await t.as('qzxsensorq').post(objectsOf(SHARED), { objects: [version] });
  expect(posted.body).toMatchObject({ success_count: 1 });
  await later(2 * HOUR);
  expect((await t.api('qzxofficerq', 'POST', `/anonymous-objects/${released}/revocation`)).status).toBe(204);
  await later(2 * HOUR);
  for (const who of ['desk', 'buoy', 'watch']) {
    const all = await everything(who, [released]);
    expect(all).toContain(released);
    expect([who, forbidden.filter((text) => all.includes(text))]).toEqual([who, []]);
  }
  // For hub staff the member is a recipient like all others. Its absence would identify it.
  const { items } = (await t.api('watch', 'GET', `/objects/${released}/deliveries`)).body as { items: Json[] };
  expect(new Set(items.map(({ member }) => member))).toEqual(new Set(['fiji', 'qzxmemberq']));
}); // prettier-ignore

test('later versions and revocations of the original follow, with the same id and rising hours', async () => {
  const original = telling('evil.reef-bank.com', { confidence: 20 });
  const [item] = await submit([original]);
  const released = item?.['released_id'];
  // Two versions before the release become one.
  await submit([{ ...original, modified: '2026-11-29T12:17:00.000Z', confidence: 40 }]);
  await later(2 * HOUR);
  expect(await objects('buoy')).toMatchObject([{ id: released, confidence: 40 }]);
  // An older or equal version is refused, and so is another collection's version of somebody else.
  expect(await submit([original])).toMatchObject([{ outcome: 'refused' }]);
  expect((await t.as('qzxsensorq').post(objectsOf(SHARED), { objects: [{ ...original, modified: '2026-11-29T14:20:00.000Z', confidence: 60 }] })).body).toMatchObject({ success_count: 1 });
  expect((await objects('buoy'))[0]).toMatchObject({ confidence: 40 });
  await later(2 * HOUR);
  expect((await objects('buoy')).filter((one) => one['type'] === 'indicator')).toMatchObject([{ id: released, created: '2026-11-29T13:00:00.000Z', modified: '2026-11-29T15:00:00.000Z', confidence: 60 }]);
  await t.as('qzxsensorq').post(objectsOf(SHARED), { objects: [{ ...original, modified: '2026-11-29T16:25:00.000Z', revoked: true }] });
  await later(2 * HOUR);
  expect((await objects('buoy'))[0]).toMatchObject({ id: released, revoked: true });
  expect(await submit([{ ...original, modified: '2026-11-29T18:30:00.000Z' }])).toMatchObject([{ outcome: 'refused', message: expect.stringContaining('revoked') as unknown }]);
  expect((await t.api('qzxofficerq', 'GET', '/anonymous-objects')).body['items']).toMatchObject([{ id: original['id'], released_id: released, state: 'revoked' }]);
}); // prettier-ignore

test('a version that arrives when the release of the one before is due follows in another hour', async () => {
  const original = telling('evil.reef-bank.com', { confidence: 20 });
  const [first] = await submit([original]);
  clock.advance(Date.parse(String(first?.['due'])) + 1 - clock.now());
  const [next] = await submit([{ ...original, modified: '2026-11-29T12:59:00.000Z', confidence: 40 }]);
  expect(Date.parse(String(next?.['due']))).toBeGreaterThanOrEqual(Date.parse('2026-11-29T14:00:00Z'));
  await later(2 * HOUR);
  expect(await objects('buoy')).toMatchObject([
    { id: first?.['released_id'], modified: '2026-11-29T14:00:00.000Z', confidence: 40 },
  ]);
});

test('a revocation that the collection refused can be sent again', async () => {
  const original = telling('evil.reef-bank.com');
  const [item] = await submit([original]);
  const released = String(item?.['released_id']);
  await later(2 * HOUR);
  const [object] = await objects('buoy');
  const revoke = async () =>
    (await t.api('qzxofficerq', 'POST', `/anonymous-objects/${released}/revocation`)).status;
  // Another version of the hub takes the hour of the revocation.
  const taken = { ...object, modified: '2026-11-29T15:00:00.000Z', confidence: 5 };
  const put = await t.api('chief', 'POST', '/collections/shared/objects', { objects: [taken] });
  expect(put.body['items']).toMatchObject([{ outcome: 'stored' }]);
  expect(await revoke()).toBe(204);
  expect(await revoke()).toBe(409);
  await later(1.25 * HOUR);
  const state = async () => (await t.api('qzxofficerq', 'GET', '/anonymous-objects')).body['items'];
  expect(await state()).toMatchObject([{ state: 'refused' }]);
  expect(await revoke()).toBe(204);
  await later(2 * HOUR);
  expect((await objects('buoy'))[0]).toMatchObject({ id: released, revoked: true });
  expect(await state()).toMatchObject([{ state: 'revoked' }]);
  expect(await revoke()).toBe(409);
});

test('a preview shows each change and stores nothing', async () => {
  const [item] = await submit([telling('evil.reef-bank.com')], { preview: true });
  const changed = Object.fromEntries(((item?.['changes'] ?? []) as Json[]).map(({ property, after }) => [property, after]));
  expect(changed).toEqual({
    name: 'evil.reef-bank.com seen at [removed]',
    // A second spelling of a name is left, so the whole text goes.
    description: '[removed]',
    valid_from: '2026-11-29T12:00:00.000Z',
    valid_until: '2027-01-29T13:00:00.000Z',
    created_by_ref: undefined,
    labels: undefined,
    indicator_types: '["malicious-activity"]',
    external_references: undefined,
    lang: undefined,
    x_tonga: undefined,
  });
  expect((await t.api('qzxofficerq', 'GET', '/anonymous-objects')).body['items']).toEqual([]);
  await later(2 * HOUR);
  expect(await objects('buoy')).toEqual([]);
}); // prettier-ignore

test('objects that identify their member by what they state are refused', async () => {
  const items = await submit([
    telling('mail.qzxdomainq.to'),
    telling('x.reef-bank.com', { pattern: "[ipv4-addr:value = '45.9.8.7']" }),
    telling('x.reef-bank.com', { pattern: "[domain-name:value LIKE 'qzxmemberq.%']" }),
    telling('x.reef-bank.com', { object_marking_refs: [tlpMarkingId('green'), 'marking-definition--11111111-2222-4333-8444-555555555555'] }),
    telling('x.reef-bank.com', { object_marking_refs: [tlpMarkingId('red')] }),
    anIndicator({ type: 'malware', id: 'malware--11111111-2222-4333-8444-555555555555', is_family: false }),
    { type: 'indicator' },
  ]);
  expect(items.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'refused'));
  await later(2 * HOUR);
  expect(await objects('buoy')).toEqual([]);
}); // prettier-ignore

test('all objects of an hour are released together, in an order that does not follow their submission', async () => {
  const released: unknown[] = [];
  for (let i = 0; i < 6; i++) {
    const [item] = await submit([telling(`evil-${i}.reef-bank.com`)]);
    released.push(item?.['released_id']);
    expect(item?.['due']).toBe(
      (await submit([telling(`y-${i}.reef-bank.com`)], { preview: true }))[0]?.['due'],
    );
    clock.advance(60_000);
  }
  const ids = (await objects('buoy')).map(({ id }) => id);
  expect(ids).toEqual([]);
  await later(2 * HOUR);
  expect((await objects('buoy')).map(({ id }) => id)).toEqual(released.map(String).toSorted());
});

test('two administrators open a seal together, and the officers of the member see it', async () => {
  const original = telling('evil.reef-bank.com');
  const [item] = await submit([original]);
  await later(2 * HOUR);
  const id = String(item?.['released_id']);
  const open = (who: string, reason = 'an order of a court') =>
    t.api(who, 'POST', `/anonymous-objects/${id}/opening`, { reason });
  for (const who of ['watch', 'desk', 'buoy', 'qzxofficerq', 'chief'])
    expect([who, (await open(who)).status]).toEqual([who, 403]);
  await ownKeys(t.hub, 'chief', 'second', 'third', 'watch');
  expect((await open('watch')).status).toBe(403);
  const seen = async (who: string): Promise<Json[]> =>
    ((await t.api(who, 'GET', '/audit?limit=1000')).body['items'] as { fact: Json }[])
      .map(({ fact }) => fact)
      .filter(({ action }) => String(action).startsWith('seal.'));
  const emailed: string[] = [];
  t.hub.notifications.addOutlet(async (_account, { event, text }) => {
    if (event === 'seal.asked') emailed.push(text);
  });
  const asked = await open('chief');
  expect(emailed).toHaveLength(2);
  for (const text of emailed) expect(text).not.toContain('an order of a court');
  expect(asked.body).toEqual({ id, state: 'asked', until: expect.any(String) });
  // Nothing tells the first person who the member is.
  expect(JSON.stringify(await seen('chief'))).not.toContain('qzx');
  expect((await open('chief')).body['code']).toBe('TLN-Z-405');
  const told = (await t.api('second', 'GET', '/account/notifications')).body['items'] as Json[];
  expect(told.map(({ event, text }) => [event, text])).toContainEqual(['seal.asked', expect.stringContaining(`talanoa anonymous open ${id}`)]);
  const opened = await open('second', 'the order is valid');
  expect(opened.body).toMatchObject({ state: 'open', member: 'qzxmemberq', account: 'qzxofficerq', original: original['id'] });
  expect((await open('chief')).body).toMatchObject({ state: 'open', member: 'qzxmemberq' });
  expect((await open('third')).body['code']).toBe('TLN-Z-405');
  expect(await seen('qzxofficerq')).toMatchObject([{ action: 'seal.open', actor: 'hub', details: { reason: 'an order of a court / the order is valid' } }]);
  expect(await seen('qzxofficerq')).toMatchObject([{ member: 'qzxmemberq' }]);
  expect(await seen('desk')).toEqual([]);
  // Nobody else learns it from the audit log, not even those who opened it, who could read it for a day.
  for (const who of ['chief', 'second', 'third']) {
    const entries = await seen(who);
    expect(entries.map(({ action }) => action)).toContain('seal.open');
    expect([who, JSON.stringify(entries)]).toEqual([who, expect.not.stringMatching(/qzx/)]);
    expect(JSON.stringify(entries)).not.toContain(original['id']);
  }
  await later(24 * HOUR);
  expect((await open('third')).body).toMatchObject({ state: 'asked' });
}); // prettier-ignore

test('the request of an administrator who was removed does not count, and who took over an account reads no opened seal', async () => {
  await t.api('third', 'POST', '/accounts', { name: 'fourth', role: 'administrator', person: true });
  clock.advance(7 * 24 * HOUR);
  const [item] = await submit([telling('evil.reef-bank.com')]);
  await later(2 * HOUR);
  await ownKeys(t.hub, 'chief', 'second', 'third');
  const directory = await t.hub.directory.refresh();
  const fourth = directory.principal(directory.accountNamed('fourth')?.id ?? '');
  if (fourth === undefined) throw new Error('fourth has an account');
  const mine = await t.hub.keys.create({ ...fourth, session: { id: 's', confirmed: 0, isPersonal: true } }, { account: 'fourth' });
  const open = (who: string) =>
    t.api(who, 'POST', `/anonymous-objects/${String(item?.['released_id'])}/opening`, { reason: 'an order' });
  expect((await open(mine.secret)).body).toMatchObject({ state: 'asked' });
  await t.api('second', 'DELETE', '/accounts/fourth');
  expect((await open('second')).body).toMatchObject({ state: 'asked' });
  expect((await open('chief')).body).toMatchObject({ state: 'open' });
  await t.api('third', 'POST', '/accounts/second/invitation');
  const taken = (await t.hub.directory.refresh()).accountNamed('second');
  expect(taken?.accessAt).toBe(clock.now());
  const again = directory.principal(taken?.id ?? '');
  if (again === undefined) throw new Error('second has an account');
  const other = await t.hub.keys.create({ ...again, session: { id: 's', confirmed: 0, isPersonal: true } }, { account: 'second' });
  expect((await open(other.secret)).body['code']).toBe('TLN-Z-405');
}); // prettier-ignore

test('a session opens a seal only within five minutes after the person confirmed it', async () => {
  const other = await testHub(CONSOLE_SETTINGS, { clock });
  try {
    const sina = await signedInAs(other, 'sina');
    const path = '/anonymous-objects/indicator--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b/opening';
    const open = async () => (await sina.api('post', path, { reason: 'an order' })).body['code'];
    // The settings file gave the password, so the session is not personal.
    expect(await open()).toBe('TLN-A-403');
    clock.advance(300_000);
    expect(await open()).toBe('TLN-A-408');
  } finally {
    await other.stop();
  }
});

test('a request to open a seal ends after seven days, and is removed', async () => {
  const [item] = await submit([telling('evil.reef-bank.com')]);
  await later(2 * HOUR);
  await ownKeys(t.hub, 'chief', 'second');
  const open = (who: string) =>
    t.api(who, 'POST', `/anonymous-objects/${String(item?.['released_id'])}/opening`, { reason: 'an order' });
  await open('chief');
  expect(await t.hub.store.records('seal-opening')).toHaveLength(1);
  await later(7 * 24 * HOUR);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.records('seal-opening')).toEqual([]);
  expect((await open('second')).body).toMatchObject({ state: 'asked' });
});

test('the store contains neither the member nor the original id of an anonymous object in the clear', async () => {
  const original = telling('evil.reef-bank.com');
  await submit([original]);
  const records = await t.hub.store.records('anonymous-object');
  const text = JSON.stringify(records);
  expect(text).toContain('v1.');
  for (const secret of ['qzx', String(original['id']).slice(11), 'evil.reef-bank'])
    expect(text).not.toContain(secret);
});

test('hub staff who create keys and accounts of a member do not learn what it submitted without its name', async () => {
  const original = telling('evil.reef-bank.com');
  const [item] = await submit([original]);
  await later(2 * HOUR);
  const released = String(item?.['released_id']);
  const listed = async (who: string): Promise<unknown> => {
    const { status, body } = await t.api(who, 'GET', '/anonymous-objects');
    return status === 200 ? (body['items'] as Json[]).map(({ id }) => id) : body['code'];
  };
  const revoked = async (who: string): Promise<unknown> => (await t.api(who, 'POST', `/anonymous-objects/${released}/revocation`)).status;
  const seals = async (who: string): Promise<number> =>
    ((await t.api(who, 'GET', '/audit?limit=1000')).body['items'] as { fact: Json }[]).filter(({ fact }) => fact['action'] === 'seal.open').length;
  await ownKeys(t.hub, 'chief', 'second');
  for (const who of ['chief', 'second']) await t.api(who, 'POST', `/anonymous-objects/${released}/opening`, { reason: 'an order' });
  expect([await listed('qzxofficerq'), await seals('qzxofficerq')]).toEqual([[original['id']], 1]);
  // A key that somebody else created for an account of the member.
  const key = await t.api('chief', 'POST', '/keys', { account: 'qzxsensorq' });
  const secret = String(key.body['secret']);
  expect([await listed(secret), await seals(secret), await revoked(secret)]).toEqual(['TLN-A-403', 0, 404]);
  // A new officer, who signs in personally.
  await t.api('chief', 'POST', '/accounts', { name: 'qzxmemberq-spy', role: 'officer', member: 'qzxmemberq', person: true });
  const directory = await t.hub.directory.refresh();
  const principal = directory.principal(directory.accountNamed('qzxmemberq-spy')?.id ?? '');
  if (principal === undefined) throw new Error('the account exists');
  const own = (await t.hub.keys.create({ ...principal, session: { id: 's', confirmed: 0, isPersonal: true } }, { account: 'qzxmemberq-spy' })).secret;
  expect([await listed(own), await seals(own), await revoked(own)]).toEqual([[], 0, 404]);
  const mine = telling('other.reef-bank.com');
  await submit([mine], {}, own);
  expect([await listed(own), await listed('qzxofficerq')]).toEqual([[mine['id']], expect.arrayContaining([original['id'], mine['id']])]);
  // The officers of the member had a week to notice the account.
  clock.advance(7 * 24 * HOUR);
  expect(await listed(own)).toHaveLength(2);
  expect([await seals(own), await revoked(own)]).toEqual([1, 204]);
}); // prettier-ignore

test('a version that is sent twice has been taken, and is released once', async () => {
  const original = telling('evil.reef-bank.com');
  const [first] = await submit([original]);
  expect(await submit([original])).toMatchObject([{ outcome: 'known', released_id: first?.['released_id'], due: first?.['due'] }]);
  const next = { ...original, modified: '2026-11-29T12:17:00.000Z', confidence: 40 };
  const put = async () => ((await t.as('qzxsensorq').post(objectsOf(SHARED), { objects: [next] })).body as Json)['success_count'];
  expect([await put(), await put()]).toEqual([1, 1]);
  await later(2 * HOUR);
  expect(await put()).toBe(1);
  expect(await submit([next])).toMatchObject([{ outcome: 'known', message: 'the hub has released this version' }]);
  await later(2 * HOUR);
  expect((await objects('buoy')).map(({ id, modified }) => [id, modified])).toEqual([[first?.['released_id'], '2026-11-29T13:00:00.000Z']]);
}); // prettier-ignore

test('the record of an object is removed 90 days after its revocation', async () => {
  const [item] = await submit([telling('evil.reef-bank.com'), telling('other.reef-bank.com')]);
  await later(2 * HOUR);
  await t.api('qzxofficerq', 'POST', `/anonymous-objects/${String(item?.['released_id'])}/revocation`);
  await later(2 * HOUR);
  await later(89 * 24 * HOUR);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.records('anonymous-object')).toHaveLength(2);
  await later(24 * HOUR);
  await t.hub.housekeeping.tidy();
  expect(await t.hub.store.records('anonymous-object')).toHaveLength(1);
});

test.each([
  ['a comment in a STIX pattern', "[domain-name:value = 'x.reef-bank.com'] /* by us */", 'stix', 'refused'],
  ['no comment, but its characters in a value', "[url:value = 'http://x.reef-bank.com/*']", 'stix', 'waiting'],
  ['an address of the member in a range', "[ipv4-addr:value IN ('45.9.8.9', '203.0.113.7')]", 'stix', 'refused'],
  ['an address of the member in a rule', 'alert ip 45.9.8.9 any -> 203.0.113.7 any (sid:1;)', 'snort', 'refused'],
  ['a comment in a Snort rule', '# of the night shift\nalert ip any any -> 203.0.113.7 any (sid:1;)', 'snort', 'refused'],
  ['a comment in a YARA rule', 'rule Eel { condition: true } // night shift', 'yara', 'refused'],
  ['a comment in a Sigma rule', 'title: Eel # night shift', 'sigma', 'refused'],
  ['an unknown type of pattern', 'anything', 'eql', 'refused'],
])('an indicator with %s has the right outcome', async (_what, pattern, type, outcome) => {
  const [item] = await submit([telling('', { pattern, pattern_type: type })], { preview: true });
  expect([item?.['outcome'], item?.['message']]).toEqual([outcome, outcome === 'refused' ? expect.any(String) : undefined]);
}); // prettier-ignore

test('a version of a pattern language is released only if it is a number', async () => {
  const versions = async (pattern_version: string): Promise<unknown> =>
    ((await submit([telling('x.reef-bank.com', { pattern_version })], { preview: true }))[0]?.['object'] as Json | undefined)?.['pattern_version'];
  expect([await versions('2.1'), await versions('4.5.2'), await versions('2.1 night shift')]).toEqual(['2.1', '4.5.2', undefined]);
}); // prettier-ignore

test('accounts of the hub and readers cannot submit anonymously, and another member cannot revoke', async () => {
  const [item] = await submit([telling('evil.reef-bank.com')]);
  for (const who of ['chief', 'watch'])
    expect([who, (await t.api(who, 'POST', '/collections/shared/anonymous-objects', { objects: [telling('x.reef-bank.com')], attribution: 'anonymous-to-members' })).status]).toEqual([who, 403]);
  expect((await t.api('chief', 'GET', '/anonymous-objects')).body).toMatchObject({ title: "You don't have permission to list anonymous objects", hint: expect.stringContaining('Sign in with an account of your member and a password that you chose yourself') });
  expect((await t.api('desk', 'POST', `/anonymous-objects/${String(item?.['released_id'])}/revocation`)).status).toBe(404);
  expect((await t.api('desk', 'GET', '/anonymous-objects')).body['items']).toEqual([]);
}); // prettier-ignore

test('times that cannot be rounded are refused, and no text takes long to be searched for names', async () => {
  const items = await submit([
    telling('a.reef-bank.com', { valid_from: 'yesterday' }),
    telling('b.reef-bank.com', { valid_until: 5 }),
    telling('c.reef-bank.com', { valid_until: '2026-12-31T23:59:60Z' }),
    telling('d.reef-bank.com', { modified: 'x' }),
  ]);
  expect(items).toMatchObject(
    items.map(() => ({ outcome: 'refused', message: expect.stringContaining('timestamps') as unknown })),
  );
  const identifying = { words: ['ws'], domains: ['ws.to'], holds: () => false };
  const named = (description: string): unknown =>
    scrubbed({ type: 'indicator', description }, identifying).object['description'];
  expect(named('WS '.repeat(200_000))).toBe('[removed] '.repeat(200_000));
  expect(named('aws'.repeat(300_000))).toBe('aws'.repeat(300_000));
  expect(named('see \u{1D400}ws and a.ws.to, ws')).toBe('see \u{1D400}ws and [removed], [removed]');
});

test('a rule that states its author is refused, and the same rule without the author is released', async () => {
  const rule = (meta: string): Json =>
    telling('', { pattern_type: 'yara', pattern: `rule Eel { meta: ${meta} condition: true }` });
  const rules = [rule('author = "Jane"'), rule('by = "jane@reef.example"'), rule('date = "2026"')];
  const sigma = telling('', { pattern_type: 'sigma', pattern: 'title: Eel\nauthor: Jane' });
  expect((await submit([...rules, sigma])).map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'waiting', 'refused']);
}); // prettier-ignore

test('values on warning lists cannot be submitted anonymously, because nobody can accept the warning', async () => {
  const [listed, other] = await submit([telling('google.com'), telling('evil.reef-bank.com')]);
  expect([listed?.['outcome'], listed?.['message'], other?.['outcome']]).toEqual([
    'refused',
    expect.stringMatching(
      /^warning-list: it is on the warning list ".+" of values that should not be blocked; publish/,
    ),
    'waiting',
  ]);
});

test.each([
  ['seen by tonga_cert, tonga-soc and xTonga', 'seen by [removed], [removed] and xTonga'],
  ['seen in t.o.n.g.a', '[removed]'],
  ['seen in To nga', '[removed]'],
  ['ask jane.doe about it', '[removed]'],
  ['ask jane_doe2 about it', 'ask jane_doe2 about it'],
  ['from fd00::12, 100.64.1.1 and 169.254.1.1/16', 'from [removed], [removed] and [removed]'],
  ['from 100.128.1.1 and 2001:db8::1, not to Ngata', 'from 100.128.1.1 and 2001:db8::1, not to Ngata'],
  ['seen from 45.9.8.7, 45.9.8.0/24 and 45[.]9[.]8.7.', 'seen from [removed], [removed] and [removed].'],
  ['seen from 45.9.9.7 and version 45.9.8.7.1', 'seen from 45.9.9.7 and version 45.9.8.7.1'],
  ['seen from 2001:db8:aa::1 and 2001:DB8:AA:0::/64:', 'seen from [removed] and [removed]:'],
])('the description "%s" is released as "%s"', (description, released) => {
  const identifying = {
    words: ['tonga', 'Tonga CERT', 'Jane Doe'],
    domains: ['cert.to'],
    holds: ({ base, prefix }: Network) =>
      prefix >= 22 &&
      [0x2d09_08n, 0x2001_0db8_00aan].some(
        (own) => base >> (prefix > 32 || base > 0xffff_ffffn ? 80n : 8n) === own,
      ),
  };
  expect(scrubbed({ type: 'indicator', description }, identifying).object['description']).toBe(released);
});
