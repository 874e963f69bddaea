import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { validateObject } from '../../src/stix/validation/validate.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeEach(async () => {
  t = await testHub(`${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: moana, role: officer, member: tonga, key_env: KEY_MOANA }
`);
});
afterEach(async () => {
  await t.stop();
});

const objects = (body: unknown): Json[] => (body as { objects?: Json[] }).objects ?? [];
const boss = (method: string, path: string, body?: Json) => t.api('boss', method, path, body);
const indicator = (value: string): Json => anIndicator({ pattern: `[ipv4-addr:value = '${value}']` });
const publish = async (...list: Json[]): Promise<void> => {
  await t.as('writer').post(objectsOf(MAIN), { objects: list });
  await t.hub.routing.routeAll();
};
/** Names of indicators in a member's own collection. */
const routedTo = async (member: string): Promise<unknown[]> => {
  const id = String((await boss('GET', `/members/${member}`)).body['collection']);
  const { entries } = await t.hub.store.entries({ collection: id, after: 0, limit: 100, types: ['indicator'], versions: { all: true, first: false, last: false, exact: [] } }, true); // prettier-ignore
  return entries.map(({ text }) => (JSON.parse(text ?? '{}') as Json)['pattern']);
};

describe('members', () => {
  test('a member is created with its own collection, reads it, and loses access when it is paused', async () => {
    const made = await boss('POST', '/members', { name: 'samoa', title: 'Samoa', kind: 'national-cert', countries: ['WS'], networks: ['203.0.113.77/24'], domains: ['GOV.WS.'] }); // prettier-ignore
    expect(made.body).toMatchObject({ name: 'samoa', kind: 'national-cert', status: 'active', managed: 'hub', networks: ['203.0.113.0/24'], domains: ['gov.ws'], groups: [] }); // prettier-ignore
    await publish(indicator('203.0.113.9'), indicator('192.0.2.9'));
    expect(await routedTo('samoa')).toEqual(["[ipv4-addr:value = '203.0.113.9']"]);
    await boss('POST', '/accounts', { name: 'apia', role: 'machine', member: 'samoa' });
    const secret = String((await boss('POST', '/keys', { account: 'apia' })).body['secret']);
    const path = objectsOf(String(made.body['collection']));
    const read = async () => (await t.api(secret, 'GET', '/whoami')).status;
    expect(await read()).toBe(200);
    const etag = String((await boss('GET', '/members/samoa')).headers['etag']);
    expect((await t.api('boss', 'PATCH', '/members/samoa', { status: 'paused' }, { 'If-Match': etag })).body).toMatchObject({ status: 'paused', active: false }); // prettier-ignore
    expect(await read()).toBe(401);
    expect((await t.api('boss', 'PATCH', '/members/samoa', { status: 'active' }, { 'If-Match': etag })).status).toBe(412); // prettier-ignore
    await publish(indicator('203.0.113.10'));
    expect(await routedTo('samoa')).toHaveLength(1);
    // Objects that arrived in the meantime are there when the member returns.
    await boss('PATCH', '/members/samoa', { status: 'active' });
    await t.hub.routing.routeAll();
    expect(await routedTo('samoa')).toHaveLength(2);
    expect(await read()).toBe(200);
    expect(path).toContain('/main/');
  });

  test('each member has one STIX identity, its own or one from the hub, which is delivered with the objects that name it', async () => {
    const made = await boss('POST', '/members', {
      name: 'samoa',
      title: 'Samoa',
      networks: ['203.0.113.0/24'],
    });
    const [identity] = made.body['identities'] as string[];
    const standing = async (id: string): Promise<Json[]> => {
      const { entries } = await t.hub.store.entries({ collection: id, after: 0, limit: 100, types: ['identity'], versions: { all: true, first: false, last: false, exact: [] } }, true); // prettier-ignore
      return entries.map(({ text }) => JSON.parse(text ?? '{}') as Json);
    };
    const mine = (value: string): Json => ({ ...indicator(value), created_by_ref: identity });
    const own = String(made.body['collection']);
    expect(await standing(own)).toEqual([]);
    await publish(mine('203.0.113.9'));
    for (const id of [MAIN, own]) {
      const [object, ...others] = await standing(id);
      expect(others).toEqual([]);
      expect(object).toMatchObject({ id: identity, name: 'Samoa', identity_class: 'organization' });
      expect(validateObject(object ?? {}, { accept: ['2.1'], advice: false, level: 'strict' })).toEqual([]);
    }
    // Another title creates another version. The same title again changes nothing.
    await boss('PATCH', '/members/samoa', { title: 'CERT Samoa' });
    await publish(mine('203.0.113.10'), mine('203.0.113.11'));
    await publish(mine('203.0.113.12'));
    expect((await standing(own)).map(({ name }) => name)).toEqual(['Samoa', 'CERT Samoa']);
    // A member with an identity of its own publishes it itself. Each identity leads to its member.
    const snapshot = await t.hub.directory.refresh();
    expect(snapshot.members.get('tonga')?.identities).toEqual([
      'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
    ]);
    expect(snapshot.memberByIdentity.get(String(identity))).toBe('samoa');
  });

  test.each([
    [{ name: 'x', networks: ['0.0.0.0/0'] }, /wider than any registered/],
    [{ name: 'x', networks: ['300.1.1.1/24'] }, /Invalid network/],
    [{ name: 'x', domains: ['to'] }, /domain "to" cannot be claimed/],
    [{ name: 'hub' }, /name "hub" is reserved/],
  ])('%j is refused with a readable error', async (body, message) => {
    const { status, body: answer } = await boss('POST', '/members', body);
    expect([status, answer['title']]).toEqual([422, expect.stringMatching(message)]);
  });
});

describe('claims', () => {
  test('a claim affects routing while it is verified, not after it is rejected, and overlaps are shown', async () => {
    const claim = (who: string, value: string) => t.api(who, 'POST', '/members/tonga/claims', { type: 'network', value, evidence: 'APNIC, whois of today' }); // prettier-ignore
    const made = await claim('moana', '203.0.113.0/24');
    expect(made.body).toMatchObject({ state: 'claimed', by: 'moana', overlaps: [] });
    await publish(indicator('203.0.113.9'));
    expect(await routedTo('tonga')).toEqual([]);
    const decide = (id: unknown, verdict: string) => boss('POST', `/claims/${String(id)}/decision`, { verdict, note: 'seen' }); // prettier-ignore
    expect((await t.api('moana', 'POST', `/claims/${String(made.body['id'])}/decision`, { verdict: 'verified' })).status).toBe(403); // prettier-ignore
    expect((await decide(made.body['id'], 'verified')).body).toMatchObject({ state: 'verified', decided_by: 'boss', note: 'seen' }); // prettier-ignore
    await t.hub.routing.routeAll();
    expect(await routedTo('tonga')).toEqual(["[ipv4-addr:value = '203.0.113.9']"]);
    // A claim on another member's network. The person who decides sees its owner.
    const foreign = await claim('moana', '198.51.100.64/27');
    expect(foreign.body['overlaps']).toEqual([]);
    expect((await decide(foreign.body['id'], 'rejected')).body).toMatchObject({
      state: 'rejected',
      overlaps: [{ member: 'fiji', claim: '198.51.100.64/26' }],
    });
    await decide(made.body['id'], 'rejected');
    await publish(indicator('203.0.113.10'), indicator('198.51.100.70'));
    expect(await routedTo('tonga')).toEqual(["[ipv4-addr:value = '203.0.113.9']"]);
    expect(((await t.api('desk', 'GET', '/claims')).body['items'] as Json[]).length).toBe(0);
    expect(((await t.api('moana', 'GET', '/claims')).body['items'] as Json[]).map(({ state }) => state)).toEqual(['rejected', 'rejected']); // prettier-ignore
  });
});

describe('groups', () => {
  test('a member that is removed during a walk reads nothing more, and its read objects are listed', async () => {
    await boss('POST', '/groups', { name: 'pacson', title: 'PaCSON' });
    const { id } = (await boss('POST', '/collections', { title: 'PaCSON shares' })).body as { id: string };
    await boss('POST', `/collections/${id}/grants`, { to: 'group:pacson' });
    await boss('POST', `/collections/${id}/grants`, { to: 'account:writer', write: true });
    await t.as('writer').post(objectsOf(id), { objects: Array.from({ length: 5 }, () => anIndicator()) });
    // Accounts outside the group do not learn that it exists.
    expect((await t.as('desk').get(objectsOf(id))).status).toBe(404);
    expect((await t.api('desk', 'GET', '/groups')).body).toEqual({ items: [] });
    for (const member of ['fiji', 'tonga']) await boss('PUT', `/groups/pacson/members/${member}`, {});
    expect((await t.api('desk', 'GET', '/groups')).body['items']).toMatchObject([{ name: 'pacson', members: ['fiji', 'tonga'] }]); // prettier-ignore
    const page = (await t.as('desk').get(`${objectsOf(id)}?limit=2`)).body as { next: string };
    expect(objects(page)).toHaveLength(2);
    const left = await boss('DELETE', '/groups/pacson/members/fiji');
    expect(left.body).toMatchObject({
      group: { members: ['tonga'] },
      recall: [{ account: 'desk', objects: 2, collection: id }],
    });
    expect((await t.as('desk').get(`${objectsOf(id)}?limit=2&next=${page.next}`)).status).toBe(404);
    expect((await t.api('desk', 'GET', '/groups/pacson')).status).toBe(404);
    expect((await t.as('sensor').get(objectsOf(id))).status).toBe(200);
    expect((await boss('PUT', '/groups/pacson/members/nauru', {})).status).toBe(404);
  });
});
