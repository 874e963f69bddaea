import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { systemClock } from '../../src/kernel/clock.ts';
import { Slices, sliceWork } from '../../src/kernel/slices.ts';
import { readDelegations } from '../../src/members/delegations.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const DAY = 86_400_000;
let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: moana, role: officer, member: tonga, key_env: KEY_MOANA }
`,
    { clock },
  );
});
afterEach(async () => {
  await t.stop();
});

const boss = (method: string, path: string, body?: Json) => t.api('boss', method, path, body);
const at = (days: number): string => new Date(clock.now() + days * DAY).toISOString();
const concerned = async (member: string): Promise<number> => {
  const id = (await t.hub.directory.refresh()).members.get(member)?.collection ?? '';
  const { entries } = await t.hub.store.entries({ collection: id, after: 0, limit: 100, types: ['indicator'], versions: { all: true, first: false, last: false, exact: [] } }, false); // prettier-ignore
  return entries.length;
};
const publish = async (pattern: string): Promise<void> => {
  await t.as('writer').post(objectsOf(MAIN), { objects: [anIndicator({ pattern })] });
  await t.hub.routing.routeAll();
};

describe('groups', () => {
  test('a membership begins and ends on its dates, to the second, without further action', async () => {
    const id = String((await boss('POST', '/collections', { title: 'Shared', alias: 'shared' })).body['id']);
    await boss('POST', '/groups', { name: 'pacson' });
    await boss('POST', `/collections/${id}/grants`, { to: 'group:pacson', read: true });
    const joined = await boss('PUT', '/groups/pacson/members/fiji', { since: at(1), until: at(3) });
    expect(joined.body).toMatchObject({ members: ['fiji'], dates: { fiji: { since: at(1), until: at(3) } } });
    const read = async (): Promise<number> => (await t.as('desk').get(objectsOf(id))).status;
    expect(await read()).toBe(404);
    clock.advance(DAY - 1);
    expect(await read()).toBe(404);
    clock.advance(1);
    expect(await read()).toBe(200);
    clock.advance(2 * DAY - 1);
    expect(await read()).toBe(200);
    clock.advance(1);
    expect(await read()).toBe(404);
    expect((await boss('PUT', '/groups/pacson/members/fiji', { since: at(2), until: at(1) })).status).toBe(
      422,
    );
    // A member that is added again without dates stays permanently.
    await boss('PUT', '/groups/pacson/members/fiji', {});
    clock.advance(1_000 * DAY);
    expect(await read()).toBe(200);
  });

  test('a member outside an unlisted group cannot detect it in lists, errors or permissions', async () => {
    await boss('POST', '/groups', { name: 'secret-circle', title: 'Circle' });
    await boss('POST', '/groups', { name: 'open-circle', listed: true });
    await boss('PUT', '/groups/secret-circle/members/fiji', {});
    await boss('PUT', '/groups/open-circle/members/fiji', {});
    const id = String((await boss('POST', '/collections', { title: 'Circle', alias: 'circle' })).body['id']);
    await boss('POST', `/collections/${id}/grants`, { to: 'group:secret-circle', read: true, write: true });
    expect((await t.api('moana', 'GET', '/groups')).body['items']).toMatchObject([{ name: 'open-circle', members: ['fiji'], collections: [] }]); // prettier-ignore
    // The response repeats what was asked for, and nothing else reveals that the group exists.
    const missing = async (name: string): Promise<Json> => {
      const { error_id: _id, title, ...rest } = (await t.api('moana', 'GET', `/groups/${name}`)).body;
      return { ...rest, title: String(title).replace(name, 'NAME') };
    };
    expect(await missing('secret-circle')).toEqual(await missing('no-such-circle'));
    for (const path of ['/groups', '/members', '/whoami', '/deliveries/readers', '/shares', '/audit'])
      expect(JSON.stringify((await t.api('moana', 'GET', path)).body)).not.toMatch(/secret-circle|Circle/); // prettier-ignore
    const asked = { objects: [anIndicator()] };
    const answer = async (path: string): Promise<Json> => {
      const { error_id: _id, ...rest } = (await t.api('moana', 'POST', path, asked)).body;
      return rest;
    };
    for (const what of ['objects', 'recipients'])
      expect(
        JSON.stringify(await answer(`/collections/circle/${what}`)).replaceAll('circle', 'nothing'),
      ).toBe(JSON.stringify(await answer(`/collections/nothing/${what}`)));
    const polled = async (collection: string): Promise<Json> => {
      const { error_id: _id, ...rest } = (await t.as('sensor').get(objectsOf(collection))).body as Json;
      return rest;
    };
    expect(await polled(id)).toEqual(await polled('00000000-0000-4000-8000-000000000000'));
  });
});

test('an expired claim no longer affects routing', async () => {
  const claim = await boss('POST', '/members/fiji/claims', { type: 'network', value: '203.0.113.0/24', until: at(2) }); // prettier-ignore
  expect(claim.body).toMatchObject({ state: 'verified', until: at(2) });
  await publish("[ipv4-addr:value = '203.0.113.5']");
  expect(await concerned('fiji')).toBe(1);
  clock.advance(2 * DAY);
  await publish("[ipv4-addr:value = '203.0.113.6']");
  expect(await concerned('fiji')).toBe(1);
  expect((await boss('GET', '/claims')).body['items']).toMatchObject([{ state: 'expired' }]);
});

describe('delegation statistics of a registry', () => {
  const FILE = `2|apnic|20261124|5|19830613|20261123|+1000
apnic|*|ipv4|*|3|summary
apnic|FJ|ipv4|203.0.112.0|768|20020801|allocated|A1
apnic|FJ|asn|64500|2|20020801|allocated|A1
apnic|TO|ipv6|2001:db8:77::|48|20020801|assigned|A2
apnic|TO|ipv4|203.0.113.5|x|20020801|assigned|A2
apnic|ZZ|ipv4|192.0.2.0|256|20020801|available|A3
`;
  const read = (text: string, countries: readonly string[] = ['FJ', 'TO']) =>
    readDelegations(text, new Set(countries), new Slices(systemClock));
  const send = (query = '', who = 'boss') =>
    supertest(t.hub.app)
      .post(`/api/v1/delegations${query}`)
      .set({ Authorization: `Bearer ${keyOf(who)}`, 'Content-Type': 'application/octet-stream' })
      .send(FILE);

  test('are read line by line; a count that is not a power of two becomes several networks', async () => {
    const { byCountry, faults, registry, date } = await read(FILE);
    expect([registry, date]).toEqual(['apnic', '20261123']);
    expect(Object.fromEntries(byCountry)).toEqual({
      FJ: { networks: ['203.0.112.0/23', '203.0.114.0/24'], asns: [64_500, 64_501] },
      TO: { networks: ['2001:db8:77::/48'], asns: [] },
    });
    expect(faults).toEqual([{ line: 6, message: expect.stringContaining('not a count') }]);
    expect([...(await read(FILE, ['TO'])).byCountry.keys()]).toEqual(['TO']);
    await expect(read('<html>')).rejects.toThrow(/does not contain delegation statistics/);
  });

  test('a file that delegates more than a registry has is refused, and a long one is read in slices', async () => {
    const [head = ''] = FILE.split('\n');
    const wide = Array.from(
      { length: 8 },
      (_, i) => `apnic|FJ|asn|${1 + i * 65_536}|65536|20020801|allocated|A`,
    );
    await expect(read([head, ...wide].join('\n'))).rejects.toThrow(/more than 500000|more than 500,000/);
    const turns = sliceWork.turns;
    const long = Array.from(
      { length: 60_000 },
      (_, i) => `apnic|TO|ipv4|27.${i >> 8}.${i & 255}.0|256|20020801|allocated|A`,
    );
    await read([head, ...long].join('\n'), ['FJ']);
    expect(sliceWork.turns).toBeGreaterThan(turns + 1);
  });

  test('count once a person has confirmed the changes, with less priority than claims and more than countries', async () => {
    expect((await send('', 'moana')).status).toBe(403);
    const seen = (await send()).body as Json;
    expect(seen).toMatchObject({ applied: false, changes: [{ country: 'FJ', members: ['fiji'], added: ['203.0.112.0/23', '203.0.114.0/24', 'AS64500', 'AS64501'], removed: [] }, { country: 'TO' }] }); // prettier-ignore
    await publish("[ipv4-addr:value = '203.0.112.9']");
    expect(await concerned('fiji')).toBe(0);
    expect((await send('?apply=yes')).body).toMatchObject({ applied: true });
    await t.hub.routing.routeAll();
    expect(await concerned('fiji')).toBe(1);
    // Tonga claims a part of it, which then belongs to Tonga alone.
    await boss('POST', '/members/tonga/claims', { type: 'network', value: '203.0.114.0/25' });
    await publish("[ipv4-addr:value = '203.0.114.9']");
    await publish("[ipv4-addr:value = '203.0.114.200']");
    expect([await concerned('fiji'), await concerned('tonga')]).toEqual([2, 1]);
    // Sending the same file again changes nothing and affects no claims.
    expect((await send('?apply=yes')).body).toMatchObject({ changes: [{ added: [], removed: [] }, { added: [], removed: [] }] }); // prettier-ignore
    expect((await boss('GET', '/claims')).body['items']).toHaveLength(1);
    const preview = await t.api('analyst', 'POST', `/collections/${MAIN}/recipients`, { objects: [anIndicator({ pattern: "[autonomous-system:number = 64501]" })] }); // prettier-ignore
    expect((preview.body['items'] as Json[]).find(({ member }) => member === 'fiji')).toMatchObject({ objects: 1, by: ['it affects AS64501, delegated to FJ'] }); // prettier-ignore
  });
});

describe('registrations and change requests', () => {
  test('an organisation registers, and after the approval its officer signs in with a link', async () => {
    const asked = await t.api(undefined, 'POST', '/registrations', { name: 'nauru', title: 'Nauru CERT', kind: 'national-cert', countries: ['NR'], contact: 'Ben, ben@nauru.example' }); // prettier-ignore
    expect([asked.status, asked.body['state']]).toEqual([201, 'pending']);
    expect(JSON.stringify(asked.body)).not.toContain('127.0.0.1');
    expect((await boss('GET', '/members/nauru')).status).toBe(404);
    expect((await t.api('moana', 'GET', '/requests')).body['items']).toEqual([]);
    const path = `/requests/${String(asked.body['id'])}/decision`;
    expect((await t.api('moana', 'POST', path, { verdict: 'approved' })).status).toBe(403);
    const done = await boss('POST', path, { verdict: 'approved' });
    expect(done.body).toMatchObject({ state: 'approved', link: expect.stringContaining('/first/') });
    expect((await boss('GET', '/members/nauru')).body).toMatchObject({ countries: ['NR'], status: 'active' });
    expect((await boss('GET', '/accounts/nauru-officer')).body).toMatchObject({ role: 'officer', member: 'nauru' }); // prettier-ignore
    expect((await boss('POST', path, { verdict: 'refused' })).status).toBe(409);
    expect(JSON.stringify((await boss('GET', '/requests')).body)).not.toContain('/first/');
    // A request with the name of an existing member gets the same response.
    expect((await t.api(undefined, 'POST', '/registrations', { name: 'fiji', title: 'Fiji', contact: 'a@b' })).status).toBe(201); // prettier-ignore
    for (let i = 0; i < 9; i++) await t.api(undefined, 'POST', '/registrations', { name: 'x', title: 'X', contact: 'a@b' }); // prettier-ignore
    expect((await t.api(undefined, 'POST', '/registrations', { name: 'x', title: 'X', contact: 'a@b' })).status).toBe(429); // prettier-ignore
  });

  test('a change that a member requests takes effect when it is approved', async () => {
    await boss('POST', '/members', { name: 'samoa', title: 'Samoa', countries: ['WS'] });
    await boss('POST', '/accounts', { name: 'apia', role: 'officer', member: 'samoa' });
    const secret = String((await boss('POST', '/keys', { account: 'apia' })).body['secret']);
    const ask = (title: string) => t.api(secret, 'POST', '/members/samoa/requests', { title });
    const [first, second] = [(await ask('CERT Samoa')).body, (await ask('Something else')).body];
    const title = async (): Promise<unknown> => (await boss('GET', '/members/samoa')).body['title'];
    expect(await title()).toBe('Samoa');
    await boss('POST', `/requests/${String(second['id'])}/decision`, { verdict: 'refused', note: 'why?' });
    await boss('POST', `/requests/${String(first['id'])}/decision`, { verdict: 'approved' });
    expect(await title()).toBe('CERT Samoa');
    expect((await t.api(secret, 'GET', '/requests')).body['items']).toHaveLength(2);
    expect((await t.api('moana', 'POST', '/members/samoa/requests', { title: 'Mine' })).status).toBe(404);
  });
});
