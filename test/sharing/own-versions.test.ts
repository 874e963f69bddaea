import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rankOf, tlpMarkingId } from '../../src/stix/markings.ts';
import { ALL_VERSIONS, LAST_VERSION, type EntryFacts } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { objectsOf, testHub, type TestHub } from '../support/hub.ts';

const [ONE, TWO] = ['6f3c0c0e-3a52-4f0e-9d0a-6a0f5f5a1c11', '8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12'];

let t: TestHub;
beforeEach(async () => {
  t = await testHub(`
hub: { title: Test hub }
limits: { objects_per_day: 4 }
api_roots: [{ path: main, title: Main }]
collections:
  - { id: ${ONE}, api_root: main, alias: one, title: One, default_tlp: green, grants: [{ to: "member:tonga", read: true, write: true }, { to: "role:analyst", read: true }] }
  - { id: ${TWO}, api_root: main, alias: two, title: Two, default_tlp: green, max_tlp: amber, grants: [{ to: "member:tonga", read: true, write: true }] }
members: [{ name: tonga }]
accounts:
  - { name: strict-box, role: machine, member: tonga, key_env: KEY_STRICT_BOX, default_tlp: amber+strict }
  - { name: lani, role: officer, member: tonga, key_env: KEY_LANI }
  - { name: analyst, role: analyst, key_env: KEY_ANALYST }
`);
});
afterEach(() => t.stop());

const put = async (collection: string, object: Json, who = 'strict-box'): Promise<void> => {
  const { body } = await t.as(who).post(objectsOf(collection), { objects: [object] });
  expect(body).toMatchObject({ failure_count: 0 });
};
const newest = async (collection: string, id: unknown): Promise<EntryFacts & { text?: string }> => {
  const query = { collection, after: 0, limit: 1, ids: [String(id)], versions: LAST_VERSION };
  const [entry] = (await t.hub.store.entries(query, true)).entries;
  if (entry === undefined) throw new Error('the object is gone');
  return entry;
};
const unmarked = (): Json => {
  const { object_marking_refs: _refs, ...object } = anIndicator();
  return object;
};
const revise = (who: string, id: unknown, body: Json) =>
  t.api(who, 'POST', `/objects/${String(id)}/versions`, body);
const revoke = (who: string, id: unknown) => t.api(who, 'POST', `/objects/${String(id)}/revocation`);

test('a correction or revocation by another account does not lower the level of an unmarked object', async () => {
  const object = unmarked();
  await put(ONE, object);
  expect((await newest(ONE, object['id'])).level).toBe(rankOf('amber+strict'));
  expect((await revise('lani', object['id'], { title: 'Second' })).status).toBe(200);
  expect(await newest(ONE, object['id'])).toMatchObject({ level: rankOf('amber+strict'), text: expect.stringContaining('Second') }); // prettier-ignore
  expect((await revoke('lani', object['id'])).status).toBe(200);
  expect((await newest(ONE, object['id'])).level).toBe(rankOf('amber+strict'));
});

test('a requested level is used', async () => {
  const object = unmarked();
  await put(ONE, object);
  expect((await revise('lani', object['id'], { tlp: 'green' })).status).toBe(200);
  expect((await newest(ONE, object['id'])).level).toBe(rankOf('green'));
});

test('an object whose labels are removed has no empty list', async () => {
  const object = anIndicator({ labels: ['early'] });
  await put(ONE, object);
  expect((await revise('lani', object['id'], { labels: [] })).status).toBe(200);
  expect(JSON.parse((await newest(ONE, object['id'])).text ?? '')).not.toHaveProperty('labels');
});

test('corrections count towards the objects that a member can submit per day, and revocations are always possible', async () => {
  const object = anIndicator();
  await put(ONE, object);
  for (const title of ['two', 'three', 'four'])
    expect((await revise('lani', object['id'], { title })).status).toBe(200);
  const refused = await revise('lani', object['id'], { title: 'five' });
  expect([refused.status, refused.body['code']]).toEqual([429, 'TLN-Q-430']);
  expect((await newest(ONE, object['id'])).text).toContain('four');
  expect((await revoke('lani', object['id'])).status).toBe(200);
});

test('texts that differ between collections get different times', async () => {
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('green')] });
  await put(ONE, object);
  await put(TWO, { ...object, description: 'only here', modified: '2026-02-02T00:00:00.000Z' });
  expect((await revise('lani', object['id'], { title: 'Second' })).status).toBe(200);
  const texts = new Map<string, string>();
  for (const collection of [ONE, TWO]) {
    const query = { collection, after: 0, limit: 9, ids: [String(object['id'])], versions: ALL_VERSIONS };
    for (const { version, text = '' } of (await t.hub.store.entries(query, true)).entries) {
      expect(texts.get(version) ?? text).toBe(text);
      texts.set(version, text);
    }
  }
  expect(texts.size).toBe(4);
  const last = [...texts.keys()].toSorted().at(-1) ?? '';
  expect(texts.get(last)).toContain('only here');
});

test('a key that is limited to collections changes objects only where it can write', async () => {
  const made = await t.api('analyst', 'POST', '/keys', { account: 'analyst', only: ['one'] });
  expect(made.status).toBe(201);
  const hubs = anIndicator();
  await t.hub.intake.submit({
    actor: { kind: 'account', principal: (await t.hub.directory.current()).principalNamed('analyst') ?? { kind: 'public' }, defaultTlp: undefined, mayRead: true },
    collection: (await t.hub.directory.current()).find('one') as never,
    count: 1,
    item: () => ({ text: JSON.stringify(hubs), value: hubs }),
  }); // prettier-ignore
  const key = String(made.body['secret']);
  expect((await t.api(key, 'POST', `/objects/${String(hubs['id'])}/versions`, { title: 'x' })).status).toBe(
    403,
  );
  expect((await revise('analyst', hubs['id'], { title: 'x' })).status).toBe(200);
});

test('a correction that is not stored is neither audited nor logged as done', async () => {
  const object: Json = { ...anIndicator(), object_marking_refs: [tlpMarkingId('green')] };
  await put(TWO, object);
  const { status, body } = await revise('lani', object['id'], { tlp: 'amber+strict' });
  expect([status, (body['items'] as Json[]).map(({ outcome }) => outcome)]).not.toEqual([200, ['stored']]);
  const changes = async (): Promise<unknown[]> =>
    (await t.hub.store.audit(0, 1_000))
      .map(({ fact }) => fact.action)
      .filter((action) => action === 'object.revise');
  expect(await changes()).toEqual([]);
  expect(t.logged.join('\n')).not.toContain('object.revised');
  await put(ONE, object);
  expect((await revise('lani', object['id'], { title: 'Second' })).status).toBe(200);
  expect(await changes()).toEqual(['object.revise']);
  expect(t.logged.join('\n')).toContain('object.revised');
});
