import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPERATOR } from '../../src/access/principal.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Batch, HubRecord } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { byBytes } from '../../src/store/store.ts';
import { TestClock } from '../support/clock.ts';
import { SETTINGS, choosePasswords, testHub, type TestHub } from '../support/hub.ts';

/** A credential that somebody else creates for a person opens nothing that was meant for the person. */

const PASSWORD = 'seven green turtles swim';
let t: TestHub;
let key: { id: string; secret: string };
let cookie: string;
let red: string;

beforeEach(async () => {
  t = await testHub(`${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: lead, role: officer, member: tonga, person: true, key_env: KEY_LEAD }
`);
  await t.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
  await choosePasswords(t.hub, 'moana');
  cookie = await signIn(PASSWORD);
  const own = await bySession('POST', '/keys', { account: 'moana' });
  key = { id: String(own.body['id']), secret: String(own.body['secret']) };
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  red = String((await t.api('sensor', 'POST', '/red', { object, to: ['moana', 'lead'] })).body['id']);
});
afterEach(async () => {
  await t.stop();
});

async function signIn(password: string): Promise<string> {
  const answer = await t.api(undefined, 'POST', '/sessions', { account: 'moana', password });
  expect(answer.status).toBe(201);
  return ([answer.headers['set-cookie'] ?? []].flat()[0] ?? '').split(';')[0] ?? '';
}

function bySession(method: string, path: string, body?: Json): ReturnType<TestHub['api']> {
  return t.api(undefined, method, path, body, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' });
}

async function eventsOf(who: string): Promise<unknown[]> {
  const { body } = await t.api(who, 'GET', '/account/notifications');
  return (body['items'] as Json[]).map(({ event }) => event);
}

async function labels() {
  const snapshot = await t.hub.directory.current();
  return {
    accountLabel: (id: string) => snapshot.accountLabel(id),
    idOf: (name: string) => snapshot.accountNamed(name)?.id ?? '',
  };
}

const OTHERS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a key by an administrator': () => t.api('boss', 'POST', '/keys', { account: 'moana' }),
  'a key by an officer of the same member': () => t.api('lead', 'POST', '/keys', { account: 'moana' }),
  'a key by the operator of the hub': () => t.hub.keys.create(OPERATOR, { account: 'moana' }),
  'a rotation by an administrator': () => t.api('boss', 'POST', `/keys/${key.id}/rotation`, {}),
  'a password by an administrator': () =>
    t.api('boss', 'PATCH', '/accounts/moana', { password: 'other turtles swim here' }),
  'a link by an officer of the same member': () => t.api('lead', 'POST', '/accounts/moana/invitation'),
  'a link by a key of the account itself': async () => t.hub.invitations.invite(
    { kind: 'account', name: 'moana', account: (await t.hub.directory.current()).accountNamed('moana')?.id ?? '', role: 'administrator', member: undefined, person: true, groups: [],
      key: { id: key.id, scopes: undefined, collections: undefined, networks: undefined, expires: undefined } }, 'moana'),
}; // prettier-ignore

test.each(Object.entries(OTHERS))(
  '%s ends the credentials and sessions of the person, withdraws TLP:RED, and notifies the person and the giver',
  async (_way, act) => {
    expect((await bySession('GET', `/red/${red}`)).status).toBe(200);
    const before = await t.hub.store.records('red');
    await act();

    expect((await bySession('GET', '/whoami')).status).toBe(401);
    expect((await t.api(key.secret, 'GET', '/whoami')).status).toBe(401);
    const old = await t.api(undefined, 'POST', '/sessions', { account: 'moana', password: PASSWORD });
    expect(old.status).toBe(401);
    const [record] = await t.hub.store.records('red');
    const { accountLabel, idOf } = await labels();
    const namesIn = (record: HubRecord | undefined) => {
      const to = record?.document['to'];
      return Array.isArray(to) ? to.map((id) => accountLabel(String(id))) : [];
    };
    expect([namesIn(before[0]), namesIn(record)]).toEqual([['moana', 'lead'], ['lead']]);
    expect(await eventsOf('sensor')).toContain('red.withdrawn');
    const events = (await t.hub.store.records('notification', { index: { name: 'account', value: idOf('moana') } })).map(({ document }) => document['event']); // prettier-ignore
    expect(events).toContain('account.reset');
    const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact: { action } }) => action);
    expect(facts.filter((action) => action === 'account.reset')).toHaveLength(1);
  },
);

test('TLP:RED that was given while a link was open is withdrawn when the link is used', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'sione', role: 'officer', member: 'tonga', person: true });
  const made = await t.api('lead', 'POST', '/accounts/sione/invitation');
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  const id = String((await t.api('sensor', 'POST', '/red', { object, to: ['sione'] })).body['id']);
  const token = new URL(String(made.body['link'])).pathname.split('/').at(-1) ?? '';
  await t.hub.invitations.accept(token, 'the boat of my uncle', { address: '', agent: '' });
  expect(await t.hub.store.record('red', id)).toBeUndefined();
  expect(await eventsOf('sensor')).toContain('red.withdrawn');
});

test('a person who uses a first sign-in link, or gets a second one, is not told that the account was reset', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'mele', role: 'officer', member: 'tonga', person: true });
  const link = async (): Promise<string> => {
    const { body } = await t.api('lead', 'POST', '/accounts/mele/invitation');
    return new URL(String(body['link'])).pathname.split('/').at(-1) ?? '';
  };
  const first = await link();
  const second = await link();
  const origin = { address: '', agent: '' };
  await expect(t.hub.invitations.accept(first, 'the boat of my uncle', origin)).rejects.toThrow();
  await t.hub.invitations.accept(second, 'the boat of my uncle', origin);
  const { idOf } = await labels();
  const told = await t.hub.store.records('notification', {
    index: { name: 'account', value: idOf('mele') ?? '' },
  });
  const events = told.map(({ document }) => document['event']);
  expect(events).toContain('link.created');
  expect(events).not.toContain('account.reset');
});

test('people keep everything when they create a key with their own session or key, or set a new password', async () => {
  expect((await t.api(key.secret, 'POST', '/keys', { account: 'moana' })).status).toBe(201);
  expect((await bySession('POST', `/keys/${key.id}/rotation`, {})).status).toBe(201);
  expect((await t.api(key.secret, 'GET', '/whoami')).status).toBe(200);
  expect((await bySession('GET', `/red/${red}`)).status).toBe(200);
  expect(await eventsOf(key.secret)).toEqual(['key.rotated', 'key.created', 'red.given', 'key.created']);
});

test('TLP:RED can be read only in a session of its recipient, not with a key or by the operator', async () => {
  expect((await t.api(key.secret, 'GET', `/red/${red}`)).status).toBe(403);
  expect((await t.api('lead', 'GET', `/red/${red}`)).status).toBe(403);
  expect((await bySession('GET', `/red/${red}`)).status).toBe(200);
});

test('officers are notified of access that others give in their member, and not of what their own people do', async () => {
  const given = async (): Promise<string[]> =>
    ((await t.api(key.secret, 'GET', '/account/notifications')).body['items'] as Json[]).filter(({ event }) => event === 'access.given').map(({ text }) => String(text));
  expect(await given()).toEqual([]);
  await t.api('lead', 'POST', '/accounts', { name: 'tonga-own', role: 'machine', member: 'tonga' });
  await t.api('lead', 'POST', '/keys', { account: 'tonga-own' });
  expect(await given()).toEqual([]);
  await t.api('boss', 'POST', '/accounts', { name: 'tonga-new', role: 'officer', member: 'tonga', person: true });
  await t.api('boss', 'POST', '/accounts/tonga-new/invitation');
  await t.api('boss', 'POST', '/keys', { account: 'tonga-own' });
  await t.api('boss', 'POST', '/keys', { account: 'tonga-other', member: 'tonga' });
  const texts = await given();
  expect(texts.map((text) => /^Hub staff gave access to the account (\S+) of your member/.exec(text)?.[1] ?? '').toSorted(byBytes)).toEqual(['tonga-new', 'tonga-new', 'tonga-other', 'tonga-own']);
}); // prettier-ignore

test('officers are notified also while the hub has blocked them or taken their role', async () => {
  const about = async (): Promise<string[]> =>
    ((await t.api('lead', 'GET', '/account/notifications')).body['items'] as Json[])
      .filter(({ event }) => event === 'access.given')
      .map(({ text }) => /account (\S+)/.exec(String(text))?.[1] ?? '')
      .toSorted();
  const before = await about();
  const change = (name: string, by: Json) => t.api('boss', 'PATCH', `/accounts/${name}`, by);
  expect((await change('moana', { role: 'analyst' })).status).toBe(200);
  expect(await about()).toEqual([...before, 'moana'].toSorted());
  const record = (await t.hub.store.record('account', 'lead')) ?? { revision: 0, document: {}, index: {} };
  const put = async (role: string, disabled: boolean): Promise<void> => {
    const { revision = 0 } = (await t.hub.store.record('account', 'lead')) ?? {};
    await t.hub.store.commit({ records: [{ kind: 'account', id: 'lead', expected: revision, index: record.index, document: { ...record.document, role, disabled } }] });
    await t.hub.directory.refresh();
  };
  for (const [name, role, disabled] of [['spy-1', 'officer', true], ['spy-2', 'analyst', false]] as const) {
    await put(role, disabled);
    await t.api('boss', 'POST', '/accounts', { name, role: 'analyst', member: 'tonga', person: true });
    await put('officer', false);
  }
  expect(await about()).toEqual([...before, 'moana', 'spy-1', 'spy-2'].toSorted());
}); // prettier-ignore

test('officers learn of access also if the same change ends a person', async () => {
  await t.api('lead', 'POST', '/accounts', { name: 'tonga-plain', role: 'officer', member: 'tonga', person: true });
  const given = async (): Promise<string> => JSON.stringify((await t.api('lead', 'GET', '/account/notifications')).body['items']);
  expect(await given()).not.toContain('tonga-plain');
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  await t.api('sensor', 'POST', '/red', { object, to: ['tonga-plain'] });
  const changed = await t.api('boss', 'PATCH', '/accounts/tonga-plain', { password: 'nine white herons wade', role: 'machine' });
  expect(changed.status).toBe(200);
  expect(await given()).toContain('tonga-plain');
}); // prettier-ignore

test('notifications to members name people of the member, but no hub staff', async () => {
  await t.api('boss', 'POST', '/keys', { account: 'lead' });
  await t.api('boss', 'POST', '/accounts/moana/invitation');
  const { notifications, directory } = t.hub;
  const { idOf } = await labels();
  const told = async (name: string): Promise<string> => {
    const account = { account: idOf(name), name, role: 'officer', member: 'tonga', person: true } as const;
    return JSON.stringify(await notifications.list({ kind: 'account', groups: [], ...account }));
  };
  expect(await told('lead')).toContain('created for your account by the hub');
  expect(await told('moana')).toContain('reset by the hub');
  expect((await told('lead')) + (await told('moana'))).not.toContain('boss');
  await t.api('boss', 'POST', '/accounts', { name: 'night-desk', role: 'analyst', person: true });
  await t.api('boss', 'POST', '/keys', { account: 'night-desk' });
  const desk = (await directory.current()).accountNamed('night-desk')?.id ?? '';
  const own = { kind: 'account', account: desk, name: 'night-desk', role: 'analyst', member: undefined, person: true, groups: [] } as const;
  expect(JSON.stringify(await notifications.list(own))).toContain('by boss');
}); // prettier-ignore

test('service accounts keep their keys when somebody creates another one for them', async () => {
  const first = await t.api('lead', 'POST', '/keys', { account: 'tonga-gauge', member: 'tonga' });
  await t.api('lead', 'POST', '/keys', { account: 'tonga-gauge' });
  expect((await t.api(String(first.body['secret']), 'GET', '/whoami')).status).toBe(200);
});

test('an account keeps its latest hundred notifications and does not see those of others', async () => {
  const { notifications } = t.hub;
  const { idOf } = await labels();
  for (let i = 0; i < 104; i++) await notifications.notify(idOf('moana'), 'key.created', { by: `n${i}` });
  const { body } = await t.api(key.secret, 'GET', '/account/notifications');
  const texts = (body['items'] as Json[]).map(({ text }) => text);
  expect([texts.length, texts[0]]).toEqual([100, 'An API key was created for your account by n103.']);
  // The notices are about the TLP:RED that this account was given, and about the new account of its member.
  expect(await eventsOf('lead')).toEqual(['red.given', 'access.given']);
});

test('three hundred notifications by others do not push out the one that matters', async () => {
  const { notifications } = t.hub;
  const { idOf } = await labels();
  const id = idOf('moana');
  await notifications.notify(id, 'password.changed', { by: 'boss' });
  await notifications.notify(id, 'key.rotated', { by: 'boss' });
  const events = ['key.created', 'key.rotated', 'link.created'] as const;
  for (let i = 0; i < 300; i++)
    await notifications.notify(id, events[i % events.length] ?? 'key.created', { by: 'lead' });
  const { body } = await t.api(key.secret, 'GET', '/account/notifications');
  const texts = (body['items'] as Json[]).map(({ text }) => text);
  expect(texts).toHaveLength(100);
  expect(texts).toContain('The password of your account was changed by boss.');
  expect(texts).toContain('An API key of your account was rotated by boss.');
});

test('notifications are stored in the same commit as the change that they report', async () => {
  const commits: Batch[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-resets-'));
  const clock = new TestClock();
  const store = await openSqliteStore({ folder, clock });
  const watched = new Proxy(store, {
    get: (target, name): unknown =>
      name === 'commit'
        ? (batch: Batch) => {
            commits.push(batch);
            return store.commit(batch);
          }
        : Reflect.get(target, name, target),
  });
  const other = await testHub(`${SETTINGS}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\n`, { clock, store: watched }); // prettier-ignore
  try {
    await other.api('boss', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
    for (const [action, event, change] of [
      ['account.reset', 'account.reset', () => other.api('boss', 'POST', '/keys', { account: 'moana' })],
      [
        'account.update',
        'password.changed',
        () => other.api('boss', 'PATCH', '/accounts/moana', { password: 'other turtles swim here' }),
      ],
      ['account.invite', 'link.created', () => other.api('boss', 'POST', '/accounts/moana/invitation')],
    ] as const) {
      commits.length = 0;
      expect((await change()).status).toBeLessThan(300);
      const batch = commits.find(({ facts = [] }) => facts.some((fact) => fact.action === action));
      expect([event, (batch?.records ?? []).map(({ document }) => document?.['event'])]).toEqual([event, expect.arrayContaining([event])]); // prettier-ignore
    }
  } finally {
    await other.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.each<readonly [string, Json]>([
  ["it is no longer a person's account", { person: false }],
  ['it becomes a service account', { role: 'machine' }],
])(
  'TLP:RED is withdrawn from an account when %s, and the person and the giver are notified',
  async (_what, change) => {
    const { idOf } = await labels();
    expect((await t.api('lead', 'PATCH', '/accounts/moana', change)).status).toBe(200);
    expect((await t.hub.store.record('red', red))?.document['to']).toEqual([idOf('lead')]);
    expect(await eventsOf('sensor')).toContain('red.unreadable');
    expect(await eventsOf(key.secret)).toContain('red.lost');
    await t.api('boss', 'PATCH', '/accounts/moana', { person: true, role: 'officer' });
    cookie = '';
    await t.api('boss', 'PATCH', '/accounts/moana', { password: 'other turtles swim here' });
    cookie = await signIn('other turtles swim here');
    expect((await bySession('GET', `/red/${red}`)).status).toBe(404);
  },
);

test('TLP:RED that was given to an account is withdrawn when the account is removed, and the giver is notified', async () => {
  expect((await t.api('lead', 'DELETE', '/accounts/moana')).status).toBe(204);
  expect(await eventsOf('sensor')).toContain('red.unreadable');
});

test('housekeeping withdraws TLP:RED from an account that the settings file no longer marks as a person', async () => {
  const { idOf } = await labels();
  const record = await t.hub.store.record('account', 'lead');
  await t.hub.store.commit({ records: [{ kind: 'account', id: 'lead', expected: record?.revision ?? 0, document: { ...record?.document, person: false } }] }); // prettier-ignore
  await t.hub.housekeeping.tidy();
  expect((await t.hub.store.record('red', red))?.document['to']).toEqual([idOf('moana')]);
  expect(await eventsOf('sensor')).toContain('red.unreadable');
});

test('TLP:RED cannot be given to a service account, even one that is marked as a person', async () => {
  await t.api('boss', 'POST', '/accounts', { name: 'robot', role: 'machine', member: 'tonga', person: true });
  const object = anIndicator({ object_marking_refs: [tlpMarkingId('red')] });
  expect((await t.api('sensor', 'POST', '/red', { object, to: ['robot'] })).status).toBe(422);
});
