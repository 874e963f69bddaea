import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LAST_VERSION } from '../../src/store/store.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, choosePasswords, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeEach(async () => {
  t = await testHub(`${SETTINGS}
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA, password_env: PASSWORD_MOANA }
  - { name: sefo, role: officer, person: true, member: fiji, key_env: KEY_SEFO, password_env: PASSWORD_SEFO }
`);
  await choosePasswords(t.hub, 'moana', 'sefo');
});
afterEach(async () => {
  await t.stop();
});

const RED_PATTERN = "[ipv4-addr:value = '198.51.100.77']";
const red = (): Json => anIndicator({ pattern: RED_PATTERN, object_marking_refs: [tlpMarkingId('red')] });
const items = async (who: string): Promise<Json[]> =>
  (await t.api(who, 'GET', '/red')).body['items'] as Json[];
/** Reads TLP:RED as a person does, in a console session. */
async function readBy(
  who: string,
  id: string,
  password = `password of ${who}`,
): Promise<{ status: number; body: Json }> {
  const signedIn = await t.api(undefined, 'POST', '/sessions', { account: who, password });
  const [cookie = ''] = [signedIn.headers['set-cookie'] ?? []].flat();
  return t.api(undefined, 'GET', `/red/${id}`, undefined, { Cookie: cookie.split(';')[0] ?? '' });
}

const give = async (to: string[], who = 'sensor'): Promise<string> =>
  String((await t.api(who, 'POST', '/red', { object: red(), to, note: 'call me' })).body['id']);

test('TLP:RED is read only by its recipients, in person, and each reading is recorded', async () => {
  const id = await give(['moana', 'sefo']);
  expect(await items('sensor')).toMatchObject([
    { id, by: 'sensor', to: [{ account: 'moana' }, { account: 'sefo' }] },
  ]);
  // One reader does not see who the others are.
  expect(await items('moana')).toMatchObject([{ id, to: [{ account: 'moana' }], note: 'call me' }]);
  for (const who of ['chief', 'analyst', 'desk', 'reader', 'writer']) {
    expect([who, await items(who)]).toEqual([who, []]);
    expect([who, (await t.api(who, 'GET', `/red/${id}`)).status]).toEqual([who, 404]);
  }
  // The service account that sent it cannot read it, because it is not a person.
  expect((await t.api('sensor', 'GET', `/red/${id}`)).status).toBe(403);
  // A key may be in the hands of other people.
  expect((await t.api('moana', 'GET', `/red/${id}`)).body).toMatchObject({ status: 403, code: 'TLN-R-403' });
  const { status, body } = await readBy('moana', id);
  expect([status, (body['content'] as Json)['pattern']]).toEqual([200, RED_PATTERN]);
  const [seen] = await items('sensor');
  expect(seen).toMatchObject({ to: [{ account: 'moana', read: expect.any(String) }, { account: 'sefo' }] });
  expect(JSON.stringify(seen?.['to']).match(/"read"/g)).toHaveLength(1);
  const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact: { actor, action, result } }) => [actor, action, result].join(' ')); // prettier-ignore
  expect(facts.filter((line) => line.includes('red.'))).toEqual([
    'sensor red.give done',
    'moana red.read done',
  ]);
});

test('TLP:RED does not appear in counts, searches, statuses, store files or the log', async () => {
  const object = red();
  await t.api('sensor', 'POST', '/red', { object, to: ['moana'] });
  for (const who of ['chief', 'analyst', 'moana', 'sensor']) {
    expect((await t.api(who, 'GET', '/objects?q=198.51.100.77')).body['items']).toEqual([]);
    expect((await t.api(who, 'GET', `/objects/${String(object['id'])}`)).status).toBe(404);
  }
  expect((await t.hub.store.entries({ collection: MAIN, after: 0, limit: 9, versions: LAST_VERSION }, false)).entries).toEqual([]);
  expect(await t.hub.store.held({ limit: 9 })).toEqual([]);
  expect(JSON.stringify(await t.hub.store.records('red'))).not.toContain('198.51.100.77');
  expect(t.logged.join('')).not.toContain('198.51.100.77');
  const preview = await t.api('analyst', 'POST', `/collections/${MAIN}/recipients`, { objects: [object] });
  expect(preview.body['objects']).toMatchObject([{ outcome: 'held' }]);
}); // prettier-ignore

test('TLP:RED on hold is given to its recipients by an analyst, and leaves the review queue', async () => {
  await t.as('sensor').post(objectsOf(MAIN), { objects: [red(), anIndicator({ object_marking_refs: ['marking-definition--9a5b2a1e-1111-4222-8333-444455556666'] })] }); // prettier-ignore
  const waits = (await t.api('analyst', 'GET', '/held')).body['items'] as Json[];
  const held = waits.find(({ reason }) => reason === 'tlp-red');
  const other = waits.find(({ reason }) => reason !== 'tlp-red');
  const path = `/held/${String(held?.['id'])}/give`;
  expect((await t.api('sensor', 'POST', path, { to: ['moana'] })).status).toBe(403);
  expect((await t.api('analyst', 'POST', path, { to: ['sensor'] })).body).toMatchObject({ status: 422, code: 'TLN-R-405' });
  expect((await t.api('analyst', 'POST', `/held/${String(other?.['id'])}/give`, { to: ['moana'] })).status).toBe(409);
  expect((await t.api('analyst', 'POST', path, { to: ['moana'] })).status).toBe(201);
  expect((await t.api('analyst', 'GET', '/held')).body['items']).toHaveLength(1);
  const [mine] = await items('moana');
  expect((await readBy('moana', String(mine?.['id']))).status).toBe(200);
}); // prettier-ignore

test('TLP:RED can be read by two recipients at the same moment', async () => {
  const id = await give(['moana', 'sefo']);
  const read = await Promise.all(['moana', 'sefo'].map((who) => readBy(who, id)));
  expect(read.map(({ status }) => status)).toEqual([200, 200]);
  const [seen] = await items('sensor');
  expect(JSON.stringify(seen?.['to']).match(/"read"/g)).toHaveLength(2);
});

test('TLP:RED cannot be read by a disabled person or a person of a paused member, and by nobody after it was withdrawn', async () => {
  const id = await give(['moana', 'sefo']);
  const account = await t.hub.store.record('account', 'moana');
  await t.hub.store.commit({ records: [{ kind: 'account', id: 'moana', expected: account?.revision ?? 0, document: { ...account?.document, disabled: true } }] });
  await t.hub.directory.refresh();
  expect((await t.api('moana', 'GET', `/red/${id}`)).status).toBe(401);
  expect((await t.api('sefo', 'DELETE', `/red/${id}`)).status).toBe(403);
  expect((await t.api('sensor', 'DELETE', `/red/${id}`)).status).toBe(204);
  expect((await t.api('sefo', 'GET', `/red/${id}`)).status).toBe(404);
}); // prettier-ignore

test('TLP:RED is limited in total size per giver, and lists are read in pages', async () => {
  const large = (): Json => ({ ...red(), description: 'x'.repeat(1_000_000) });
  const given = async (): Promise<number> =>
    (await t.api('sensor', 'POST', '/red', { object: large(), to: ['moana'] })).status;
  for (let i = 0; i < 33; i++) expect([i, await given()]).toEqual([i, 201]);
  const refused = await t.api('sensor', 'POST', '/red', { object: large(), to: ['moana'] });
  expect(refused).toMatchObject({ status: 409, body: { code: 'TLN-R-409' } });
  expect(await items('moana')).toHaveLength(33);
  const [{ id }] = (await items('sensor')) as [Json];
  expect((await t.api('sensor', 'DELETE', `/red/${String(id)}`)).status).toBe(204);
  expect(await given()).toBe(201);
});

test.each([
  ['its role', (document: Json): Json => ({ ...document, role: 7 })],
  ['its id', (document: Json): Json => ({ ...document, uid: 7, role: 7 })],
])('nobody loses TLP:RED while an account is damaged in %s', async (_what, damage) => {
  const ids = [await give(['moana']), await give(['sefo'], 'moana')];
  const record = await t.hub.store.record('account', 'moana');
  if (record === undefined) throw new Error('the account is gone');
  const change = async (expected: number, document: Json): Promise<void> => {
    await t.hub.store.commit({ records: [{ kind: 'account', id: 'moana', expected, document }] });
    await t.hub.directory.refresh();
  };
  await change(record.revision, damage(record.document));
  expect((await t.hub.directory.current()).damage.names).toEqual(['account/moana']);
  const before = await t.hub.store.records('red');
  expect(await t.hub.housekeeping.tidy()).toBe(true);
  expect(await t.hub.store.records('red')).toEqual(before);
  await change((await t.hub.store.record('account', 'moana'))?.revision ?? 0, record.document);
  expect(await t.hub.housekeeping.tidy()).toBe(true);
  expect((await readBy('moana', ids[0] ?? '')).status).toBe(200);
  expect((await readBy('sefo', ids[1] ?? '')).status).toBe(200);
});

test('each recipient of TLP:RED is notified, without the content of the object, its id or its giver', async () => {
  const id = await give(['moana', 'sefo']);
  for (const who of ['moana', 'sefo']) {
    const notices = (await t.api(who, 'GET', '/account/notifications')).body['items'] as Json[];
    const given = notices.filter(({ event }) => event === 'red.given');
    expect(given.map(({ text }) => text)).toEqual([
      'A TLP:RED object was given to you. To read it, sign in to the console of the hub.',
    ]);
    expect(JSON.stringify(given)).not.toMatch(/198\.51|indicator--|sensor|call me/);
    expect(JSON.stringify(given)).not.toContain(id);
  }
  expect((await t.api('desk', 'GET', '/account/notifications')).body['items']).toEqual([]);
});
