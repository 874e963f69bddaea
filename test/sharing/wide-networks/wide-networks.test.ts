import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { ACCOUNTS } from '../../../src/access/accounts/model.ts';
import { OPERATOR } from '../../../src/access/principal.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { MAIN, SETTINGS, keyOf, objectsOf, ownKeys, testHub, type TestHub } from '../../support/hub.ts';

const DAY = 86_400_000;
let t: TestHub;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock('2026-11-29T12:00:00Z');
  t = await testHub(
    `${SETTINGS.replace('networks: [198.51.100.0/24,', 'networks: [77.9.8.0/22, 198.51.100.0/24,')}
  - { name: ana, role: analyst, person: true, key_env: KEY_ANA }
  - { name: bela, role: analyst, person: true, key_env: KEY_BELA }
  - { name: dora, role: analyst, person: true, key_env: KEY_DORA }
  - { name: carl, role: administrator, person: true, key_env: KEY_CARL }
`,
    { clock },
  );
  await ownKeys(t.hub, 'ana', 'bela', 'carl');
});
afterEach(async () => {
  await t.stop();
});

const network = (value: string): Json =>
  anIndicator({
    pattern: `[${value.includes(':') ? 'ipv6' : 'ipv4'}-addr:value ISSUBSET '${value}']`,
    valid_until: '2027-11-01T00:00:00Z',
  });
const put = async (...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const list = async (): Promise<[string[], string | undefined]> => {
  const { text, headers } = await supertest(t.hub.app)
    .get('/lists/indicators/plain?types=ip')
    .set('Authorization', `Bearer ${keyOf('reader')}`);
  return [text.split('\n').filter((line) => line !== ''), headers['x-talanoa-omitted']];
};
const ask = (who: string, path: string, body: Json) => t.api(who, 'POST', `/wide-networks${path}`, body);
const propose = async (who: string, value: string, days = 7): Promise<string> => {
  const { status, body } = await ask(who, '', { network: value, reason: 'a hijacked range', days });
  expect(body).toMatchObject({ state: 'proposed' });
  expect(status).toBe(201);
  return String(body['id']);
};
const approve = (who: string, id: string) =>
  ask(who, `/${id}/approval`, { reason: 'checked with the registry' });
/** Returns the account in a session, which began with a password of its own choice or not. */
const sessionsOf = async (name: string) => {
  const directory = await t.hub.directory.refresh();
  const principal = directory.principal(directory.accountNamed(name)?.id ?? '');
  if (principal === undefined) throw new Error(`${name} has an account`);
  return (isPersonal: boolean) => ({ ...principal, session: { id: 's', confirmed: 0, isPersonal } });
};
const omitted = 'prefix-too-short=1';

test('a wide network is in lists only between the second of two approvals and their end', async () => {
  await put(network('45.0.0.0/9'), network('45.200.4.0/24'));
  expect(await list()).toEqual([['45.200.4.0/24'], omitted]);
  const id = await propose('ana', '45.0.0.0/9');
  expect(await list()).toEqual([['45.200.4.0/24'], omitted]);
  clock.advance(1_000);
  const { status, body } = await approve('bela', id);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    network: '45.0.0.0/9',
    state: 'approved',
    until: '2026-12-06T12:00:00.000Z',
    // People who cannot list accounts see the names of others as "hub".
    approvals: [{ by: 'hub' }, { by: 'bela', reason: 'checked with the registry' }],
  });
  expect(await list()).toEqual([['45.0.0.0/9', '45.200.4.0/24'], undefined]);
  const { items } = (await t.api('chief', 'GET', '/wide-networks')).body as { items: Json[] };
  expect(items).toMatchObject([{ id, approvals: [{ by: 'ana' }, { by: 'bela' }] }]);
  clock.advance(7 * DAY - 2_000);
  expect((await list())[0]).toContain('45.0.0.0/9');
  clock.advance(1_000);
  expect(await list()).toEqual([['45.200.4.0/24'], omitted]);
  expect((await t.api('ana', 'GET', '/wide-networks')).body['items']).toMatchObject([{ id, state: 'ended' }]);
});

test('one person alone revokes an approval, and it can be proposed again', async () => {
  await put(network('45.0.0.0/9'));
  const id = await propose('ana', '45.0.0.0/9');
  await approve('bela', id);
  expect((await list())[0]).toEqual(['45.0.0.0/9']);
  clock.advance(1_000);
  const revoked = await ask('ana', `/${id}/revocation`, { reason: 'the range is clean' });
  expect(revoked.body).toMatchObject({
    state: 'revoked',
    revoked: { by: 'ana', reason: 'the range is clean' },
  });
  const told = async (who: string): Promise<unknown> =>
    ((await t.api(who, 'GET', '/account/notifications')).body['items'] as Json[]).map(({ text }) => text);
  const notice =
    'An approval of a wide network in which you took part was revoked by ana. To see it, run: talanoa wide-network list';
  expect([await told('ana'), await told('bela'), await told('carl')]).toEqual([[], [notice], []]);
  expect(await list()).toEqual([[], omitted]);
  expect((await ask('ana', `/${id}/revocation`, { reason: 'again' })).body['code']).toBe('TLN-Z-409');
  expect((await approve('carl', id)).body['code']).toBe('TLN-Z-409');
  expect(await propose('bela', '45.0.0.0/9')).toBe(id);
  expect(await list()).toEqual([[], omitted]);
});

test('a notice of a revocation is true for a proposal, names no network, and leaves out people who approve no more', async () => {
  const told: string[] = [];
  t.hub.notifications.addOutlet(async (account, { text }) => {
    const { accounts } = await t.hub.directory.current();
    told.push(`${accounts.get(account)?.name ?? ''}: ${text}`);
  });
  const first = await propose('ana', '45.0.0.0/9');
  await ask('bela', `/${first}/revocation`, { reason: 'not 45.0.0.0/9' });
  expect(told).toEqual([
    'ana: Your proposal to approve a wide network was revoked by bela. To see it, run: talanoa wide-network list',
  ]);
  const second = await propose('ana', '46.0.0.0/9');
  await approve('bela', second);
  // One of the two people leaves the staff of the hub.
  const record = await ACCOUNTS.in(t.hub.store).get('bela');
  if (record === undefined) throw new Error('bela has an account');
  await t.hub.store.commit({ records: [ACCOUNTS.change(record, { ...record.document, member: 'tonga', role: 'officer' })] });
  told.length = 0;
  await ask('carl', `/${second}/revocation`, { reason: 'the range is clean' });
  expect(told).toEqual([expect.stringMatching(/^ana: An approval of a wide network/)]);
}); // prettier-ignore

test('the same person, a publisher, a member and a service account are not the second pair of eyes', async () => {
  const published = await t.api('bela', 'POST', `/collections/${MAIN}/objects`, {
    objects: [network('45.0.0.0/9')],
  });
  expect(published.body['items']).toMatchObject([{ outcome: 'stored' }]);
  await list();
  const id = await propose('ana', '45.0.0.0/9');
  for (const [who, code] of [
    ['ana', 'TLN-Z-403'],
    ['bela', 'TLN-Z-403'],
    ['desk', 'TLN-A-403'],
    ['writer', 'TLN-A-403'],
  ] as const)
    expect([who, (await approve(who, id)).body['code']]).toEqual([who, code]);
  expect((await approve('desk', id)).body['hint']).toMatch(/^Sign in with your own account: talanoa login/);
  expect((await ask('bela', '', { network: '45.0.0.0/9', reason: 'mine', days: 1 })).body['code']).toBe(
    'TLN-Z-403',
  );
  expect(await list()).toEqual([[], omitted]);
  await approve('carl', id);
  expect((await list())[0]).toEqual(['45.0.0.0/9']);
});

test('approvals protect neither from reserved ranges, nor from the networks of members, nor from mistakes of scale', async () => {
  for (const value of [
    '45.0.0.0/16',
    '45.0.0.0/7',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '2a0c::/32',
    '2000::/3',
    'x.example',
    '45.1.1.1',
  ])
    expect([
      value,
      (await ask('ana', '', { network: value, reason: 'all of it', days: 1 })).body['code'],
    ]).toEqual([value, 'TLN-Z-422']);
  await put(network('77.0.0.0/9'), network('2a0c::/29'));
  for (const value of ['77.0.0.0/9', '2a0c::/29']) await approve('bela', await propose('ana', value));
  expect(await list()).toEqual([['2a0c::/29'], 'protected=1']);
});

test('the audit log names the people who approved, but not the network', async () => {
  const id = await propose('ana', '45.0.0.0/9');
  await approve('bela', id);
  await ask('carl', `/${id}/revocation`, { reason: 'the range is clean' });
  const facts = (await t.hub.store.audit(0, 1_000))
    .map(({ fact }) => fact)
    .filter(({ action }) => action.startsWith('network.'));
  expect(facts.map(({ actor, action, resource }) => [actor, action, resource])).toEqual([
    ['ana', 'network.propose', `wide-network/${id}`],
    ['bela', 'network.approve', `wide-network/${id}`],
    ['carl', 'network.revoke', `wide-network/${id}`],
  ]);
  expect(JSON.stringify(facts)).not.toContain('45.0');
});

test('approvals are removed 90 days after their end', async () => {
  await propose('ana', '45.0.0.0/9', 10);
  const count = async () => ((await t.api('ana', 'GET', '/wide-networks')).body['items'] as unknown[]).length;
  clock.advance(100 * DAY - 1_000);
  await t.hub.housekeeping.tidy();
  expect(await count()).toBe(1);
  clock.advance(2_000);
  await t.hub.housekeeping.tidy();
  expect(await count()).toBe(0);
});

test('a key that somebody else could know approves nothing', async () => {
  const id = await propose('ana', '45.0.0.0/9');
  expect((await approve('dora', id)).body['code']).toBe('TLN-A-403');
  const signedIn = await sessionsOf('dora');
  const given = await t.hub.keys.create(OPERATOR, { account: 'dora' });
  const early = await t.hub.keys.create(signedIn(false), { account: 'dora' });
  for (const { secret } of [given, early]) expect((await approve(secret, id)).body['code']).toBe('TLN-A-403');
  const own = await t.hub.keys.create(signedIn(true), { account: 'dora' });
  expect((await approve(own.secret, id)).body).toMatchObject({ state: 'approved' });
});

test('two accounts of one person are not two people', async () => {
  const id = await propose('ana', '45.0.0.0/9');
  for (const [name, email] of [
    ['ana', 'ana@cert.example'],
    ['bela', 'Ana@cert.example'],
  ] as const) {
    const { revision = 0, document = {}, index = {} } = (await t.hub.store.record('account', name)) ?? {};
    const changed = {
      kind: 'account',
      id: name,
      expected: revision,
      document: { ...document, email },
      index,
    };
    await t.hub.store.commit({ records: [changed] });
  }
  await t.hub.directory.refresh();
  expect((await approve('bela', id)).body['code']).toBe('TLN-Z-403');
  expect((await approve('carl', id)).body).toMatchObject({ state: 'approved' });
});

test('an account of the settings file that somebody invited takes no part for seven days', async () => {
  const id = await propose('carl', '45.0.0.0/9', 30);
  expect((await t.api('carl', 'POST', '/accounts/bela/invitation')).status).toBe(201);
  clock.advance(1_000);
  // The invitation ended the key of the account, so bela has a new one.
  const signedIn = await sessionsOf('bela');
  const { secret } = await t.hub.keys.create(signedIn(true), { account: 'bela' });
  clock.advance(7 * DAY - 5_000);
  expect((await approve(secret, id)).body['code']).toBe('TLN-Z-403');
  clock.advance(6_000);
  expect((await approve(secret, id)).body).toMatchObject({ state: 'approved' });
});

/** Creates an account of a person and returns its own key. */
const created = async (by: string, name: string, role = 'administrator'): Promise<string> => {
  expect((await t.api(by, 'POST', '/accounts', { name, role, person: true })).status).toBe(201);
  const signedIn = await sessionsOf(name);
  return (await t.hub.keys.create(signedIn(true), { account: name })).secret;
};

test('nobody makes a second person through another account, and a new account is not the first person either', async () => {
  const id = await propose('carl', '45.0.0.0/9', 30);
  const middle = await created('carl', 'middle');
  const made = await created(middle, 'made', 'analyst');
  for (const who of [middle, made]) expect((await approve(who, id)).body['code']).toBe('TLN-Z-403');
  const first = await ask(made, '', { network: '46.0.0.0/9', reason: 'mine', days: 1 });
  expect(first.body['code']).toBe('TLN-Z-403');
  clock.advance(7 * DAY + 1);
  expect((await approve(made, id)).body).toMatchObject({ state: 'approved' });
});

test('the approval of a first person who was removed, disabled, demoted or given to somebody else does not count', async () => {
  const ended: Record<string, (name: string) => Promise<{ status: number }>> = {
    removed: (name) => t.api('carl', 'DELETE', `/accounts/${name}`),
    disabled: (name) => t.api('carl', 'PATCH', `/accounts/${name}`, { disabled: true }),
    demoted: (name) => t.api('carl', 'PATCH', `/accounts/${name}`, { role: 'machine' }),
    given: (name) => t.api('carl', 'POST', `/accounts/${name}/invitation`),
  };
  const keys: Record<string, string> = {};
  for (const name of Object.keys(ended)) keys[name] = await created('carl', name);
  clock.advance(7 * DAY + 1);
  for (const [at, [name, end]] of Object.entries(ended).entries()) {
    const id = await propose(keys[name] ?? '', `${45 + at}.0.0.0/9`);
    const { status } = await end(name);
    expect([name, status < 300]).toEqual([name, true]);
    expect([name, (await approve('bela', id)).body['code']]).toEqual([name, 'TLN-Z-403']);
    await ask('bela', `/${id}/revocation`, { reason: 'again' });
    const again = await propose('ana', `${45 + at}.0.0.0/9`);
    expect((await approve('bela', again)).body).toMatchObject({ state: 'approved' });
  }
});

test('a person who published the network over TAXII does not approve it', async () => {
  const { body } = await t.as('bela').post(objectsOf(MAIN), { objects: [network('45.0.0.0/9')] });
  expect(body).toMatchObject({ success_count: 1 });
  await list();
  const id = await propose('ana', '45.0.0.0/9');
  expect((await approve('bela', id)).body['code']).toBe('TLN-Z-403');
});

test('a person who published the network among many objects, or long ago, does not approve it', async () => {
  const others = Array.from({ length: 21 }, (_, i) => network(`45.200.${i}.0/24`));
  const published = await t.api('bela', 'POST', `/collections/${MAIN}/objects`, {
    objects: [...others, network('45.0.0.0/9')],
  });
  expect(published.body['items']).toHaveLength(22);
  await list();
  const first = await propose('ana', '45.0.0.0/9');
  expect((await approve('bela', first)).body['code']).toBe('TLN-Z-403');
  const other = await t.api('bela', 'POST', `/collections/${MAIN}/objects`, {
    objects: [network('46.0.0.0/9')],
  });
  expect(other.body['items']).toMatchObject([{ outcome: 'stored' }]);
  const { id = '' } = (await t.hub.directory.refresh()).accountNamed('bela') ?? {};
  const facts = Array.from({ length: 1_100 }, (_, i) => ({
    id: randomUUID(), at: clock.now(), actor: 'bela', actor_id: id, action: 'list.update', resource: `list/${i}`, result: 'done' as const,
  })); // prettier-ignore
  await t.hub.store.commit({ facts });
  await list();
  const second = await propose('ana', '46.0.0.0/9');
  expect((await approve('bela', second)).body['code']).toBe('TLN-Z-403');
  // The others of the many objects do not keep somebody from other networks.
  clock.advance(3_600_000);
  await put(network('47.0.0.0/9'));
  await list();
  const third = await propose('ana', '47.0.0.0/9');
  expect((await approve('bela', third)).body).toMatchObject({ state: 'approved' });
});

test('a person who submitted a network that was on hold is its publisher, also if somebody else released it', async () => {
  const marking = {
    type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${randomUUID()}`, created: '2026-11-29T11:00:00.000Z',
    definition_type: 'statement', definition: { statement: 'x' },
  }; // prettier-ignore
  const wide = { ...network('45.0.0.0/9'), object_marking_refs: [marking.id] };
  const { body } = await t.api('bela', 'POST', `/collections/${MAIN}/objects`, { objects: [wide] });
  expect(body['items']).toMatchObject([{ outcome: 'held' }]);
  await put(marking);
  await list();
  const id = await propose('ana', '45.0.0.0/9');
  expect((await approve('bela', id)).body['code']).toBe('TLN-Z-403');
  await approve('carl', id);
  expect((await list())[0]).toEqual(['45.0.0.0/9']);
});
