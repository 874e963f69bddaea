import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNTS } from '../../src/access/accounts/model.ts';
import { GROUPS, MEMBERS } from '../../src/access/member-model.ts';
import { COLLECTIONS, GRANTS, grantId } from '../../src/access/model.ts';
import { OPERATOR, PUBLIC, type Principal } from '../../src/access/principal.ts';
import type { CollectionRequest, GrantRequest } from '../../src/api/schema-types.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { aCollection, aMember, anAccount, MAIN_ROOT, withKey } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MAIN_ROOT,
    ...aMember('tonga', 'own-tonga'),
    MEMBERS.insert('fiji', { title: 'CERT Fiji' }),
    MEMBERS.insert('bank', { title: 'Bank of Tonga', parent: 'tonga' }),
    GROUPS.insert('circle', { members: ['tonga', 'fiji'] }),
    anAccount('chief', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('gauge', 'machine', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
    anAccount('probe', 'machine'),
    ...aCollection('strict', { alias: 'strict' }),
    ...aCollection('amber', { alias: 'amber', max_tlp: 'amber' }),
    ...aCollection('green', { alias: 'green', max_tlp: 'green' }),
    ...aCollection('clear', { alias: 'clear', max_tlp: 'clear' }),
    ...aCollection('lowered', { alias: 'lowered', max_tlp: 'clear', tallest: 'amber+strict' }),
    GRANTS.insert('strict/member:fiji', {
      collection: 'strict',
      to: 'member:fiji',
      read: true,
      write: false,
      managed: 'file',
    }),
  ]);
});
afterAll(() => t.stop());

const grant = async (collection: string, request: GrantRequest, who = 'chief') =>
  t.collections.grant(await t.as(who), collection, request);
const grantOf = async (collection: string, to: string) =>
  (await GRANTS.in(t.store).get(grantId({ collection, to })))?.document;
const rights = async (who: Principal, id: string) => {
  const directory = await t.directory.refresh();
  const collection = directory.collections.get(id);
  return collection === undefined ? undefined : directory.rights(who, collection);
};
const NONE = { read: false, write: false };

describe('collections', () => {
  test.each(['ana', 'moana', 'gauge'])(
    '%s, without the role of an administrator, cannot create a collection or grant access to one',
    async (who) => {
      const actor = await t.as(who);
      for (const refused of [
        () => t.collections.create(actor, { title: 'New' }),
        () => t.collections.grant(actor, 'clear', { to: 'public', read: true }),
        () => t.collections.revoke(actor, 'strict', 'member:fiji'),
      ])
        await expect(refused()).rejects.toEqual(refusal('TLN-A-403'));
    },
  );

  test('are listed by title for administrators, and refused to others', async () => {
    const titles = (await t.collections.list(await t.as('chief'))).map(({ title }) => title);
    expect(titles).toEqual(titles.toSorted((a, b) => a.localeCompare(b, 'en')));
    expect(titles).toContain('Collection strict');
    for (const actor of [await t.as('moana'), await t.as('gauge'), PUBLIC])
      await expect(t.collections.list(actor)).rejects.toEqual(refusal('TLN-A-403'));
  });

  test.each<[string, CollectionRequest, string]>([
    ['in an unknown API root', { title: 'New', api_root: 'other' }, 'TLN-L-405'],
    ['with the alias of another', { title: 'New', alias: 'green' }, 'TLN-L-409'],
    ["with the alias of a member's own collection", { title: 'New', alias: 'member-samoa' }, 'TLN-L-423'],
    [
      "with the alias of the collection of a member's clients",
      { title: 'New', alias: 'clients-samoa' },
      'TLN-L-423',
    ],
    [
      'whose minimum is stricter than its maximum',
      { title: 'New', min_tlp: 'amber', max_tlp: 'green' },
      'TLN-L-424',
    ],
  ])('a collection %s is refused and not stored', async (_what, request, code) => {
    const before = (await COLLECTIONS.all(t.store)).length;
    await expect(t.collections.create(await t.as('chief'), request)).rejects.toEqual(refusal(code));
    expect(await COLLECTIONS.all(t.store)).toHaveLength(before);
  });

  test('a collection with one possible TLP is created, without any reader', async () => {
    const made = await t.collections.create(await t.as('chief'), {
      title: 'Only amber',
      alias: 'only-amber',
      min_tlp: 'amber',
      max_tlp: 'amber',
    });
    expect(made).toMatchObject({
      title: 'Only amber',
      alias: 'only-amber',
      api_root: 'main',
      max_tlp: 'amber',
      managed: 'hub',
      grants: [],
    });
    expect(await rights(OPERATOR, made.id)).toEqual(NONE);
    expect((await t.store.audit(0, 10_000)).at(-1)?.fact).toMatchObject({
      action: 'collection.create',
      resource: `collection/${made.id}`,
      details: { title: 'Only amber', max_tlp: 'amber' },
    });
  });

  test('a key that only writes sees what it created', async () => {
    const actor = withKey(await t.as('chief'), { scopes: ['api:write'] });
    expect(await t.collections.create(actor, { title: 'By key' })).toMatchObject({
      title: 'By key',
      max_tlp: 'amber+strict',
    });
    await expect(t.collections.list(actor)).rejects.toEqual(refusal('TLN-A-403'));
  });
});

describe('grants', () => {
  test.each<[string, string, GrantRequest, string]>([
    ['neither reading nor writing', 'green', { to: 'member:tonga', read: false }, 'TLN-L-425'],
    ['the public to write', 'clear', { to: 'public', write: true }, 'TLN-L-426'],
    ['an unknown account', 'green', { to: 'account:nobody' }, 'TLN-L-427'],
    ['an unknown member', 'green', { to: 'member:nobody' }, 'TLN-L-427'],
    ['clients of an unknown member', 'green', { to: 'clients:nobody' }, 'TLN-L-427'],
    ['an unknown group', 'green', { to: 'group:nobody' }, 'TLN-L-427'],
    ['an unknown role', 'green', { to: 'role:boss' }, 'TLN-L-406'],
    ['a receiver of a collection that does not exist', 'nowhere', { to: 'member:tonga' }, 'TLN-L-404'],
    ['the public what only the community may read', 'green', { to: 'public' }, 'TLN-L-403'],
    ['the public what was stricter a moment ago', 'lowered', { to: 'public' }, 'TLN-L-403'],
    ['clients what is only for the organisation itself', 'strict', { to: 'clients:tonga' }, 'TLN-L-403'],
    ['a client what is only for the organisation itself', 'strict', { to: 'member:bank' }, 'TLN-L-403'],
    ['a receiver that the settings file grants', 'strict', { to: 'member:fiji', write: true }, 'TLN-L-410'],
  ])('a grant that lets %s is refused and not stored', async (_what, collection, request, code) => {
    const before = await GRANTS.all(t.store);
    await expect(grant(collection, request)).rejects.toEqual(refusal(code));
    expect(await GRANTS.all(t.store)).toEqual(before);
  });

  test.each<[string, string, string, string]>([
    ['public', 'clear', 'moana', 'desk'],
    ['member:tonga', 'green', 'gauge', 'desk'],
    ['account:gauge', 'green', 'gauge', 'desk'],
    ['group:circle', 'amber', 'desk', 'probe'],
    ['role:analyst', 'amber', 'ana', 'probe'],
    ['clients:tonga', 'amber', '', 'desk'],
  ])('a grant to %s on %s is for its receivers only', async (to, collection, receiver, other) => {
    const listed = await grant(collection, { to });
    expect(listed.grants).toContainEqual({ to, read: true, write: false, managed: 'hub' });
    if (receiver !== '')
      expect(await rights(await t.as(receiver), collection)).toEqual({ read: true, write: false });
    if (to !== 'public') {
      expect(await rights(PUBLIC, collection)).toEqual(NONE);
      expect(await rights(await t.as(other), collection)).toEqual(NONE);
    }
    const revoked = await t.collections.revoke(await t.as('chief'), collection, to);
    expect(revoked.grants.map((one) => one.to)).not.toContain(to);
    if (receiver !== '') expect(await rights(await t.as(receiver), collection)).toEqual(NONE);
  });

  test('a second grant adds rights, and replaces them only on request', async () => {
    const to = 'member:tonga';
    const of = async (request: Partial<GrantRequest>) =>
      (await grant('green', { to, ...request })).grants.find((one) => one.to === to);
    expect(await of({ read: true })).toMatchObject({ read: true, write: false });
    expect(await of({ read: false, write: true })).toMatchObject({ read: true, write: true });
    expect(await of({ read: true, replace: true })).toMatchObject({ read: true, write: false });
    expect((await t.store.audit(0, 10_000)).at(-1)?.fact.details).toMatchObject({
      to,
      read: true,
      write: false,
      taken: ['write'],
    });
    expect(await of({ read: false, write: true, replace: true })).toMatchObject({ read: false, write: true });
    expect((await t.store.audit(0, 10_000)).at(-1)?.fact).toMatchObject({
      member: 'tonga',
      details: { taken: ['read'] },
    });
    await t.collections.revoke(await t.as('chief'), 'green', to);
  });

  test('the start of reading stays when a reader gets more rights, and begins again after a revocation', async () => {
    const to = 'member:tonga';
    const since = async () => (await grantOf('amber', to))?.since;
    await grant('amber', { to });
    const first = t.clock.now() * 1_000;
    expect(await since()).toBe(first);
    t.clock.advance(5_000);
    await grant('amber', { to, write: true });
    expect(await since()).toBe(first);
    await grant('amber', { to, read: false, write: true, replace: true });
    expect(await since()).toBeUndefined();
    await grant('amber', { to });
    expect(await since()).toBe(first + 5_000_000);
    await t.collections.revoke(await t.as('chief'), 'amber', to);
  });

  test('a grant of an earlier account of the same name gives a later one nothing, and is replaced by a grant to it', async () => {
    const chief = await t.as('chief');
    await grant('green', { to: 'account:probe', write: true });
    const record = await ACCOUNTS.in(t.store).get('probe');
    if (record === undefined) throw new Error('the account is missing');
    await t.store.commit({ records: [ACCOUNTS.change(record, { ...record.document, uid: 'acc-second' })] });
    await t.directory.refresh();
    expect(await rights(await t.as('probe'), 'green')).toEqual(NONE);
    expect((await t.collections.list(chief)).find(({ id }) => id === 'green')?.grants).toEqual([]);
    const listed = await grant('green', { to: 'account:probe', read: true });
    expect(listed.grants).toEqual([{ to: 'account:probe', read: true, write: false, managed: 'hub' }]);
    expect(await grantOf('green', 'account:probe')).toMatchObject({ account: 'acc-second', write: false });
    await t.collections.revoke(chief, 'green', 'account:probe');
  });

  test('a grant that does not exist, or that the settings file declares, cannot be revoked', async () => {
    const chief = await t.as('chief');
    await expect(t.collections.revoke(chief, 'green', 'member:tonga')).rejects.toEqual(refusal('TLN-L-407'));
    await expect(t.collections.revoke(chief, 'nowhere', 'member:tonga')).rejects.toEqual(
      refusal('TLN-L-404'),
    );
    await expect(t.collections.revoke(chief, 'strict', 'member:fiji')).rejects.toEqual(refusal('TLN-L-410'));
    expect(await rights(await t.as('desk'), 'strict')).toEqual({ read: true, write: false });
  });

  test('a limited key grants nothing, and can revoke', async () => {
    await grant('green', { to: 'member:tonga' });
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    await expect(t.collections.grant(actor, 'green', { to: 'member:fiji' })).rejects.toEqual(
      refusal('TLN-K-405'),
    );
    expect((await t.collections.revoke(actor, 'green', 'member:tonga')).grants).toEqual([]);
  });

  test.each(['paused', 'former'] as const)(
    'the accounts of a %s member have no rights until it is active again',
    async (status) => {
      await grant('green', { to: 'member:tonga' });
      const set = async (word: 'active' | 'paused' | 'former') =>
        t.members.update(await t.as('chief'), 'tonga', { status: word });
      await set(status);
      const snapshot = await t.directory.refresh();
      const green = snapshot.collections.get('green');
      expect(snapshot.principalNamed('moana')).toBeUndefined();
      expect(snapshot.principalNamed('gauge')).toBeUndefined();
      expect(green && snapshot.grantFor('tonga', green)).toBeUndefined();
      await set('active');
      expect(await rights(await t.as('moana'), 'green')).toEqual({ read: true, write: false });
      await t.collections.revoke(await t.as('chief'), 'green', 'member:tonga');
    },
  );
});
