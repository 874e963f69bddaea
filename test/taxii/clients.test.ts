import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { aCandidate, anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, MEDIA, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const MEMBERS = `
  - { name: vanuatu, countries: [VU], networks: [203.0.113.0/24], collection: true }
  - { name: bank, kind: operator, parent: vanuatu, networks: [203.0.113.64/29], brands: [Reef Bank], collection: true }
  - { name: farm, parent: vanuatu, networks: [203.0.113.128/29] }
  - { name: telco, networks: [203.0.112.0/20], copies: true, sectors: [telecommunications], collection: true }`;
const ACCOUNTS = `
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: vila, role: officer, member: vanuatu, key_env: KEY_VILA }
  - { name: teller, role: machine, member: bank, key_env: KEY_TELLER }
`;

let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(
    `${SETTINGS.replace('accounts:', `${MEMBERS.slice(1)}\naccounts:`)}${ACCOUNTS.slice(1)}`,
    {
      clock,
    },
  );
});
afterEach(async () => {
  await t.stop();
});

const at = (value: string, tlp: Tlp = 'green', more: Json = {}): Json =>
  anIndicator({
    pattern: `[ipv4-addr:value = '${value}']`,
    object_marking_refs: [tlpMarkingId(tlp)],
    ...more,
  });
const publish = async (...objects: Json[]): Promise<void> => {
  await t.as('writer').post(objectsOf(MAIN), { objects });
  await t.hub.routing.routeAll();
};
const member = async (name: string): Promise<Json> => (await t.api('boss', 'GET', `/members/${name}`)).body;
/** Ids of indicators in the own collection of a member. */
const has = async (name: string): Promise<unknown[]> => {
  const { entries } = await t.hub.store.entries({ collection: String((await member(name))['collection']), after: 0, limit: 100, types: ['indicator'], versions: { all: true, first: false, last: false, exact: [] } }, false); // prettier-ignore
  return entries.map(({ id }) => id);
};
const readable = async (account: string): Promise<string[]> =>
  ((await t.as(account).get('/main/collections/')).body as { collections?: Json[] }).collections
    ?.filter((one) => one['can_read'] === true)
    .map((one) => String(one['alias'] ?? one['id']))
    .toSorted() ?? [];

describe('clients of a member', () => {
  test('receive objects that affect them up to TLP:AMBER, and the others go to the managing member', async () => {
    const mine = at('203.0.113.66', 'amber');
    const strict = at('203.0.113.67', 'amber+strict');
    const farms = at('203.0.113.130', 'amber');
    await publish(mine, strict, farms);
    expect(await has('bank')).toEqual([mine['id']]);
    expect(await has('vanuatu')).toEqual([strict['id'], farms['id']]);
    // A parent that wants copies receives everything for its wider network.
    expect(await has('telco')).toEqual([mine['id'], strict['id'], farms['id']]);
    const why = async (object: Json, name: string) => (await t.api('boss', 'GET', `/deliveries/why?object=${String(object['id'])}&member=${name}`)).body as { answer: string; reasons: Json[] }; // prettier-ignore
    expect((await why(strict, 'bank')).reasons.map(({ code }) => code)).toContain('collection-maximum');
    expect((await why(farms, 'farm')).reasons.map(({ code }) => code)).toContain('no-own-collection');
    const { body } = await t.api('analyst', 'POST', `/collections/${MAIN}/recipients`, { objects: [at('203.0.113.68', 'amber+strict')] }); // prettier-ignore
    const by = Object.fromEntries((body['items'] as Json[]).map((item) => [item['member'], item['by']]));
    expect(by).toMatchObject({
      bank: [],
      vanuatu: ['it affects 203.0.113.64/29 of its client bank'],
      telco: ['it affects 203.0.112.0/20, of which it receives copies'],
    });
  });

  test('read the collection that their member writes for them, and none that may contain TLP:AMBER+STRICT', async () => {
    expect(await readable('teller')).toEqual(['clients-vanuatu', 'member-bank', 'open']);
    const word = anIndicator({ object_marking_refs: [tlpMarkingId('amber')] });
    const strict = anIndicator({ object_marking_refs: [tlpMarkingId('amber+strict')] });
    const clients = String((await member('vanuatu'))['clients']);
    const { body } = await t.as('vila').post(objectsOf(clients), { objects: [word, strict] });
    expect(body).toMatchObject({ success_count: 1, failure_count: 1 });
    const seen = (await t.as('teller').get(objectsOf(clients))).body as { objects: Json[] };
    expect(seen.objects.map(({ id }) => id)).toEqual([word['id']]);
    expect((await t.as('teller').post(objectsOf(clients), { objects: [anIndicator()] })).status).toBe(403);
    // A grant to a group reaches a client only in a collection that accepts nothing too strict for clients.
    await t.api('boss', 'POST', '/groups', { name: 'pacson' });
    await t.api('boss', 'PUT', '/groups/pacson/members/bank', {});
    await t.api('boss', 'POST', '/collections', { title: 'Strict', alias: 'strict' });
    await t.api('boss', 'POST', '/collections', { title: 'Amber', alias: 'amber', max_tlp: 'amber' });
    for (const name of ['strict', 'amber'])
      await t.api('boss', 'POST', `/collections/${name}/grants`, { to: 'group:pacson', read: true });
    expect(await readable('teller')).toEqual(['amber', 'clients-vanuatu', 'member-bank', 'open']);
    expect((await t.api('boss', 'POST', '/collections/strict/grants', { to: 'member:bank', read: true })).body).toMatchObject({ code: 'TLN-L-403' }); // prettier-ignore
    // A member that no longer exists has no clients.
    await t.hub.store.commit({ records: [{ kind: 'member', id: 'vanuatu', expected: (await t.hub.store.record('member', 'vanuatu'))?.revision ?? 0, document: { ...(await t.hub.store.record('member', 'vanuatu'))?.document, status: 'former' } }] }); // prettier-ignore
    await t.hub.directory.refresh();
    expect(await readable('teller')).toEqual(['amber', 'member-bank', 'open']);
  });

  test('a new client can read its collection again once objects that are too strict were removed', async () => {
    await t.api('boss', 'POST', '/members', { name: 'port', networks: ['192.0.2.0/24'] });
    await t.api('boss', 'POST', '/accounts', { name: 'crane', role: 'machine', member: 'port' });
    const secret = String((await t.api('boss', 'POST', '/keys', { account: 'crane' })).body['secret']);
    const amber = at('192.0.2.1', 'amber');
    const strict = at('192.0.2.2', 'amber+strict');
    await publish(amber, strict);
    expect(await has('port')).toEqual([amber['id'], strict['id']]);
    const own = objectsOf(String((await member('port'))['collection']));
    const sees = async (): Promise<number> =>
      (await supertest(t.hub.app).get(own).set('Authorization', `Bearer ${secret}`).set('Accept', MEDIA))
        .status;
    expect(await sees()).toBe(200);
    expect((await t.api('boss', 'PATCH', '/members/port', { parent: 'vanuatu' })).body).toMatchObject({
      parent: 'vanuatu',
    });
    expect(await sees()).toBe(404);
    await t.hub.routing.routeAll();
    expect(await has('port')).toEqual([amber['id']]);
    expect(await has('vanuatu')).toEqual([strict['id']]);
    expect(await sees()).toBe(200);
    expect((await t.api('boss', 'PATCH', '/members/port', { parent: null })).body['parent']).toBeUndefined();
    await t.hub.routing.routeAll();
    expect(await has('port')).toHaveLength(2);
  });

  test('objects that were checked against the old maximum TLP are checked again or removed', async () => {
    await t.api('boss', 'POST', '/members', { name: 'isle' });
    const id = String((await t.api('boss', 'GET', '/members/isle')).body['collection']);
    const strict = anIndicator({ object_marking_refs: [tlpMarkingId('amber+strict')] });
    const before = (await t.hub.directory.refresh()).collections.get(id);
    await t.api('boss', 'PATCH', '/members/isle', { parent: 'vanuatu' });
    await t.hub.routing.routeAll();
    const boss = t.hub.directory.current().then((snapshot) => snapshot.principalNamed('boss'));
    const principal = await boss;
    if (before === undefined || principal === undefined) throw new Error('not there');
    // The request began before the maximum TLP was lowered. Nothing is stored by the old maximum.
    const [outcome] = await t.hub.intake.submit({
      actor: { kind: 'account', principal, defaultTlp: undefined, mayRead: true },
      collection: before,
      count: 1,
      item: () => ({ text: JSON.stringify(strict), value: strict }),
    });
    expect(outcome).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('collection-maximum'),
    });
    // Another process, which does not know the change yet, writes after the first check.
    await t.hub.store.commit({
      placements: [{ collection: id, candidates: [aCandidate(strict, { level: 3 })] }],
    });
    await t.hub.routing.routeAll();
    expect(await t.hub.store.stands(id, String(strict['id']))).toBe(true);
    clock.advance(60_001);
    await t.hub.routing.routeAll();
    expect(await t.hub.store.stands(id, String(strict['id']))).toBe(false);
  });

  test.each([
    ['port', /Did you mean/, 'vanuat'],
    ['vanuatu', /a member cannot be a client of itself/, 'port'],
    ['port', /port, a client of port: a member cannot be a client of itself/, 'port'],
  ])('%s as a client of an impossible parent is refused', async (name, message, parent) => {
    await t.api('boss', 'POST', '/members', { name: 'island' });
    await t.api('boss', 'POST', '/members', { name: 'port', parent: 'island' });
    if (name === 'vanuatu') {
      // A loop over members that the hub manages.
      const { status, body } = await t.api('boss', 'PATCH', '/members/island', { parent });
      expect([status, body['title']]).toEqual([
        422,
        'island, a client of port, a client of island: a member cannot be a client of itself',
      ]);
      return;
    }
    const { status, body } = await t.api('boss', 'PATCH', `/members/${name}`, { parent });
    expect([status, `${String(body['title'])} ${String(body['hint'])}`]).toEqual([
      422,
      expect.stringMatching(message),
    ]);
  });
});

test('a brand matches only in objects about phishing, and a sector only without a closer match', async () => {
  const phishing = { labels: ['phishing'] };
  const lure = anIndicator({ pattern: "[url:value = 'http://login.reef-bank.evil.example/x']", object_marking_refs: [tlpMarkingId('green')], ...phishing }); // prettier-ignore
  const other = anIndicator({ pattern: "[url:value = 'http://reefbank.example/x']", object_marking_refs: [tlpMarkingId('green')] }); // prettier-ignore
  const sector = anIndicator({ pattern: "[file:hashes.MD5 = 'd3b07384d113edec49eaa6238ad5ff00']", labels: ['sector:Telecommunications'], object_marking_refs: [tlpMarkingId('green')] }); // prettier-ignore
  await publish(lure, other, sector);
  expect(await has('bank')).toEqual([lure['id']]);
  expect(await has('telco')).toEqual([sector['id']]);
});
