import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KEYS } from '../../src/access/keys/model.ts';
import { GROUPS, MEMBERS } from '../../src/access/member-model.ts';
import { GRANTS } from '../../src/access/model.ts';
import { PUBLIC, type AccountPrincipal } from '../../src/access/principal.ts';
import { secretDigest } from '../../src/access/keys/api-key.ts';
import type { KeyRequest } from '../../src/api/schema-types.ts';
import { parseNetwork } from '../../src/kernel/address.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { aCollection, anAccount, MAIN_ROOT, withKey } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const DAY = 86_400_000;
let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MAIN_ROOT,
    MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
    MEMBERS.insert('fiji', { title: 'CERT Fiji' }),
    GROUPS.insert('circle', { members: ['tonga', 'fiji'] }),
    anAccount('chief', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('probe', 'machine'),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('gauge', 'machine', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
    anAccount('fiji-box', 'machine', 'fiji'),
    ...aCollection('main', { alias: 'main' }, 'member:tonga', '+account:gauge', 'role:administrator'),
    ...aCollection('side', { alias: 'side' }, 'role:administrator'),
    ...aCollection('open', { alias: 'open', max_tlp: 'clear' }, 'public'),
    KEYS.insert(secretDigest('declared'), {
      account: 'acc-gauge',
      prefix: 'tln_decl',
      created: 0,
      managed: 'file',
    }),
  ]);
});
afterAll(() => t.stop());

const create = async (who: string, request: KeyRequest) => t.keys.create(await t.as(who), request);
/** The stored record of a key. */
const recordOf = async (id: string) => {
  const digest = (await t.directory.refresh()).keyDigest(id);
  return digest === undefined ? undefined : await KEYS.in(t.store).get(digest);
};

describe('a new key', () => {
  test('is for the named account, lasts a year, and only its digest is stored', async () => {
    const key = await create('chief', { account: 'gauge', label: 'wall' });
    expect(key).toMatchObject({
      account: 'gauge',
      member: 'tonga',
      account_created: false,
      expires: new Date(t.clock.now() + 365 * DAY).toISOString(),
    });
    expect(key.collections.map(({ id, read, write }) => [id, read, write])).toEqual([['main', true, true], ['open', true, false]]); // prettier-ignore
    const record = await recordOf(key.id);
    expect(record?.document).toMatchObject({
      label: 'wall',
      account: 'acc-gauge',
      managed: 'hub',
      created: t.clock.now(),
    });
    expect(JSON.stringify(await KEYS.all(t.store))).not.toContain(key.secret);
    const entry = (await t.store.audit(0, 10_000)).at(-1)?.fact;
    expect(entry).toMatchObject({
      action: 'key.create',
      resource: `key/${key.id}`,
      member: 'tonga',
      details: { account: 'gauge', grants: 0 },
    });
    expect(JSON.stringify(entry)).not.toContain(key.secret);
  });

  test.each<[string, string, KeyRequest, string]>([
    ['without an account', 'chief', {}, 'TLN-K-427'],
    [
      'of an account of a member other than the named one',
      'chief',
      { account: 'gauge', member: 'fiji' },
      'TLN-K-428',
    ],
    [
      'of an account of a member that it calls one of the hub',
      'chief',
      { account: 'gauge', member: 'hub' },
      'TLN-K-428',
    ],
    ['that is valid for no day', 'chief', { account: 'gauge', expiresDays: 0 }, 'TLN-K-429'],
    ['that is valid for half a day', 'chief', { account: 'gauge', expiresDays: 0.5 }, 'TLN-K-429'],
    ['that is valid for more than two years', 'chief', { account: 'gauge', expiresDays: 732 }, 'TLN-K-429'],
    ['that is valid forever', 'chief', { account: 'gauge', expiresDays: Infinity }, 'TLN-K-429'],
    [
      'for a name that is not a network',
      'chief',
      { account: 'gauge', addresses: ['192.0.2.0/24', 'tonga'] },
      'TLN-K-430',
    ],
    ['for an unknown collection', 'chief', { account: 'gauge', only: ['nowhere'] }, 'TLN-L-404'],
    [
      'with grants on an unknown collection',
      'chief',
      { account: 'gauge', collections: ['nowhere'] },
      'TLN-L-404',
    ],
    ['for a new account of an unknown member', 'chief', { account: 'new', member: 'atlantis' }, 'TLN-M-405'],
    ['for a new officer without a member', 'chief', { account: 'new', role: 'officer' }, 'TLN-U-429'],
    ['for an invalid name', 'chief', { account: 'New Account' }, 'TLN-U-423'],
    ['for the account of another member', 'moana', { account: 'fiji-box' }, 'TLN-A-403'],
    ['for a name of another member', 'moana', { account: 'fiji-box', member: 'tonga' }, 'TLN-U-430'],
    ['for a free name of nobody', 'moana', { account: 'free', member: 'tonga' }, 'TLN-U-430'],
    ['for a new account of the hub', 'moana', { account: 'free' }, 'TLN-A-403'],
    [
      'for an administrator of the same member',
      'moana',
      { account: 'tonga-x', member: 'tonga', role: 'administrator' },
      'TLN-A-403',
    ],
    ['with grants by an officer', 'moana', { account: 'gauge', collections: ['main'] }, 'TLN-A-403'],
    [
      'limited to a collection that the caller cannot list',
      'moana',
      { account: 'gauge', only: ['side'] },
      'TLN-L-404',
    ],
    ['for another account, by a service account', 'gauge', { account: 'moana' }, 'TLN-A-403'],
    ['for another account, by an analyst', 'ana', { account: 'probe' }, 'TLN-A-403'],
  ])('%s is refused, and nothing is stored', async (_what, who, request, code) => {
    const [keys, accounts] = [await KEYS.all(t.store), await t.accounts.list(await t.as('chief'))];
    await expect(create(who, request)).rejects.toEqual(refusal(code));
    expect(await KEYS.all(t.store)).toHaveLength(keys.length);
    expect(await t.accounts.list(await t.as('chief'))).toHaveLength(accounts.length);
  });

  test('a key for the public cannot be created', async () => {
    await expect(t.keys.create(PUBLIC, { account: 'gauge' })).rejects.toEqual(refusal('TLN-A-403'));
  });

  test('for a member creates its service account once', async () => {
    const first = await create('moana', { member: 'tonga' });
    expect(first).toMatchObject({ account: 'tonga-key', account_created: true });
    expect(await create('moana', { member: 'tonga' })).toMatchObject({
      account: 'tonga-key',
      account_created: false,
    });
    expect(await t.account('tonga-key')).toMatchObject({ role: 'machine', member: 'tonga', person: false });
  });

  test('creates grants only where the account may have them, and adds to existing ones', async () => {
    const made = await create('chief', { account: 'giver', member: 'fiji', collections: ['main', 'open'] });
    expect(made.collections.map(({ id, read, write }) => [id, read, write])).toEqual([['main', true, false], ['open', true, false]]); // prettier-ignore
    await create('chief', { account: 'giver', collections: ['main'], read: false, write: true });
    expect((await GRANTS.in(t.store).get('main/account:giver'))?.document).toMatchObject({
      read: true,
      write: true,
    });
    const actions = (await t.store.audit(0, 10_000)).slice(-2).map(({ fact }) => fact.action);
    expect(actions).toEqual(['key.create', 'grant.create']);
  });

  test('limits what it lists by its scopes', async () => {
    const rights = async (...scopes: NonNullable<KeyRequest['scopes']>): Promise<unknown> =>
      (await create('chief', { account: 'gauge', scopes })).collections.map(
        ({ id, read, write }) => `${id} ${read} ${write}`,
      );
    expect(await rights('lists:read')).toEqual(['main true false', 'open true false']);
    expect(await rights('taxii:write')).toEqual(['main false true']);
    expect(await rights('metrics:read')).toEqual([]);
  });
});

describe('the key in use', () => {
  const limited = async (limits: Parameters<typeof withKey>[1]): Promise<AccountPrincipal> =>
    withKey(await t.as('moana'), limits);
  const network = (text: string) => [parseNetwork(text)].flatMap((one) => one ?? []);

  test.each<[string, () => Parameters<typeof withKey>[1], KeyRequest, boolean]>([
    [
      'has scopes, and the new one has fewer',
      () => ({ scopes: ['api:read', 'api:write', 'lists:read'] }),
      { scopes: ['lists:read'] },
      true,
    ],
    [
      'has scopes, and the new one has another',
      () => ({ scopes: ['api:read', 'api:write'] }),
      { scopes: ['lists:read'] },
      false,
    ],
    ['has scopes, and the new one has none', () => ({ scopes: ['api:read', 'api:write'] }), {}, false],
    [
      'is for addresses, and the new one for some of them',
      () => ({ networks: network('192.0.2.0/24') }),
      { addresses: ['192.0.2.7'] },
      true,
    ],
    [
      'is for addresses, and the new one for others',
      () => ({ networks: network('192.0.2.0/24') }),
      { addresses: ['192.0.2.7', '198.51.100.1'] },
      false,
    ],
    [
      'is for addresses, and the new one for a wider network',
      () => ({ networks: network('192.0.2.0/24') }),
      { addresses: ['192.0.0.0/16'] },
      false,
    ],
    ['is for addresses, and the new one for any', () => ({ networks: network('192.0.2.0/24') }), {}, false],
    [
      'ends, and the new one ends earlier',
      () => ({ expires: t.clock.now() + 5 * DAY }),
      { expiresDays: 4 },
      true,
    ],
    ['ends, and the new one names no end', () => ({ expires: t.clock.now() + 5 * DAY }), {}, true],
    [
      'ends, and the new one ends later',
      () => ({ expires: t.clock.now() + 5 * DAY }),
      { expiresDays: 6 },
      false,
    ],
  ])('%s: allowed %p', async (...[, limits, request, isAllowed]) => {
    const made = t.keys.create(await limited(limits()), { account: 'gauge', ...request });
    if (!isAllowed) return expect(made).rejects.toEqual(refusal('TLN-K-403'));
    const { expires } = await made;
    const most = limits().expires;
    if (most !== undefined) expect(Date.parse(expires)).toBeLessThanOrEqual(most);
  });

  test('cannot be exchanged for one without its limits by rotation', async () => {
    const { id } = await create('moana', { account: 'gauge' });
    const actor = await limited({ scopes: ['api:read', 'api:write'] });
    await expect(t.keys.rotate(actor, id, {})).rejects.toEqual(refusal('TLN-K-403'));
    const narrow = await create('moana', { account: 'gauge', scopes: ['api:read'] });
    await expect(t.keys.rotate(actor, narrow.id, {})).resolves.toMatchObject({ account: 'gauge' });
  });
});

describe('a rotated key', () => {
  test('keeps its limits and its label, and the old one ends after a week', async () => {
    const old = await create('moana', {
      account: 'gauge',
      scopes: ['lists:read'],
      only: ['main'],
      addresses: ['192.0.2.0/24'],
      label: 'wall',
    });
    t.clock.advance(DAY);
    const fresh = await t.keys.rotate(await t.as('moana'), old.id, {});
    expect(fresh.secret).not.toBe(old.secret);
    expect((await recordOf(fresh.id))?.document).toMatchObject({
      scopes: ['lists:read'],
      collections: ['main'],
      addresses: ['192.0.2.0/24'],
      label: 'wall',
      created: t.clock.now(),
      expires: t.clock.now() + 365 * DAY,
    });
    expect((await recordOf(old.id))?.document.expires).toBe(t.clock.now() + 7 * DAY);
    expect((await t.store.audit(0, 10_000)).at(-1)?.fact).toMatchObject({
      action: 'key.rotate',
      details: { by: fresh.id, ends: t.clock.now() + 7 * DAY },
    });
  });

  test.each([
    [0, 0],
    [90, 90],
  ])('overlaps with the old one for %d days', async (overlapDays, days) => {
    const old = await create('moana', { account: 'gauge' });
    await t.keys.rotate(await t.as('moana'), old.id, { overlapDays, expiresDays: 10 });
    expect((await recordOf(old.id))?.document.expires).toBe(t.clock.now() + days * DAY);
  });

  test('never makes the old one last longer than it did', async () => {
    const old = await create('moana', { account: 'gauge', expiresDays: 2 });
    const ends = (await recordOf(old.id))?.document.expires;
    await t.keys.rotate(await t.as('moana'), old.id, { overlapDays: 30 });
    expect((await recordOf(old.id))?.document.expires).toBe(ends);
  });

  test.each<[string, Parameters<AccessServices['keys']['rotate']>[2], string]>([
    ['a negative overlap', { overlapDays: -1 }, 'TLN-K-433'],
    ['an overlap of more than 90 days', { overlapDays: 91 }, 'TLN-K-433'],
    ['an overlap that is not a number', { overlapDays: Number.NaN }, 'TLN-K-433'],
    ['no validity', { expiresDays: 0 }, 'TLN-K-429'],
    ['a validity of more than two years', { expiresDays: 732 }, 'TLN-K-429'],
  ])('is refused with %s, and the old one stays as it is', async (_what, request, code) => {
    const old = await create('moana', { account: 'gauge' });
    const before = await recordOf(old.id);
    await expect(t.keys.rotate(await t.as('moana'), old.id, request)).rejects.toEqual(refusal(code));
    expect(await recordOf(old.id)).toEqual(before);
  });
});

describe('a key that exists', () => {
  test('can be rotated and revoked by those who manage its account, and does not exist for others', async () => {
    const { id } = await create('moana', { account: 'gauge' });
    for (const [who, code] of [
      ['desk', 'TLN-K-404'],
      ['fiji-box', 'TLN-K-404'],
      ['ana', 'TLN-K-404'],
    ] as const) {
      // prettier-ignore
      await expect(t.keys.rotate(await t.as(who), id, {})).rejects.toEqual(refusal(code));
      await expect(t.keys.revoke(await t.as(who), id)).rejects.toEqual(refusal(code));
    }
    await expect(t.keys.revoke(await t.as('desk'), 'unknown')).rejects.toEqual(refusal('TLN-K-404'));
    expect(await recordOf(id)).toBeDefined();
    await t.keys.revoke(await t.as('moana'), id);
    expect(await recordOf(id)).toBeUndefined();
    await expect(t.keys.revoke(await t.as('moana'), id)).rejects.toEqual(refusal('TLN-K-404'));
    expect((await t.store.audit(0, 10_000)).at(-1)?.fact).toMatchObject({
      action: 'key.revoke',
      resource: `key/${id}`,
    });
  });

  test('is not managed by a service account, not even its own', async () => {
    const { id } = await create('moana', { account: 'gauge' });
    await expect(t.keys.create(await t.as('gauge'), { account: 'gauge' })).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    await expect(t.keys.revoke(await t.as('gauge'), id)).rejects.toEqual(refusal('TLN-A-403'));
    const person = await create('chief', { account: 'moana' });
    await expect(t.keys.revoke(await t.as('gauge'), person.id)).rejects.toEqual(refusal('TLN-K-404'));
    // A person manages their own keys.
    await t.keys.revoke(await t.as('moana'), person.id);
  });

  test('a key that the settings file declares is changed only there', async () => {
    const { items } = await t.keyList.page(await t.as('chief'), { limit: 100 });
    const id = items.find(({ managed }) => managed === 'file')?.id ?? '';
    await expect(t.keys.revoke(await t.as('chief'), id)).rejects.toEqual(refusal('TLN-L-410'));
    await expect(t.keys.rotate(await t.as('chief'), id, {})).rejects.toEqual(refusal('TLN-L-410'));
    expect(await recordOf(id)).toBeDefined();
  });
});

describe('secrets', () => {
  test('are for administrators, who cannot read them back', async () => {
    const chief = await t.as('chief');
    for (const who of ['ana', 'moana', 'gauge']) {
      await expect(t.secrets.list(await t.as(who))).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.secrets.set(await t.as(who), 'hook', 'value', ['a.example'])).rejects.toEqual(
        refusal('TLN-A-403'),
      );
      await expect(t.secrets.delete(await t.as(who), 'hook')).rejects.toEqual(refusal('TLN-A-403'));
    }
    await t.secrets.set(chief, 'hook', 'a very secret value', ['A.example', 'b.example']);
    const list = await t.secrets.list(chief);
    expect(list).toEqual([
      { name: 'hook', hosts: ['a.example', 'b.example'], changed: new Date(t.clock.now()).toISOString() },
    ]);
    expect(JSON.stringify([list, await t.store.audit(0, 10_000)])).not.toContain('a very secret value');
  });

  test('are given to their hosts only, whatever the case of the name', () => {
    expect(t.secrets.value('hook', 'a.example')).toBe('a very secret value');
    expect(t.secrets.value('hook', 'A.EXAMPLE')).toBe('a very secret value');
    for (const host of ['evil.example', 'a.example.evil.example', 'sub.a.example', ''])
      expect(t.secrets.value('hook', host)).toBeUndefined();
    expect(t.secrets.value('other', 'a.example')).toBeUndefined();
  });

  test('are replaced with their hosts, and gone when they are deleted', async () => {
    const chief = await t.as('chief');
    await t.secrets.set(chief, 'hook', 'second', ['c.example']);
    expect([t.secrets.value('hook', 'a.example'), t.secrets.value('hook', 'c.example')]).toEqual([
      undefined,
      'second',
    ]);
    await t.secrets.delete(chief, 'hook');
    expect(t.secrets.value('hook', 'c.example')).toBeUndefined();
    await expect(t.secrets.delete(chief, 'hook')).rejects.toEqual(refusal('TLN-U-414'));
  });

  test.each<[string, string, string, readonly string[]]>([
    ['an invalid name', 'Hook!', 'value', ['a.example']],
    ['no value', 'hook', '', ['a.example']],
    ['a long value', 'hook', 'v'.repeat(16_385), ['a.example']],
    ['no host', 'hook', 'value', []],
  ])('with %s are refused', async (_what, name, value, hosts) => {
    await expect(t.secrets.set(await t.as('chief'), name, value, hosts)).rejects.toEqual(
      refusal('TLN-U-425'),
    );
    expect(await t.secrets.list(await t.as('chief'))).toEqual([]);
  });

  test('a secret of 16,384 characters is stored, and a limited key stores none', async () => {
    await t.secrets.set(await t.as('chief'), 'long', 'v'.repeat(16_384), ['a.example']);
    expect(t.secrets.value('long', 'a.example')).toHaveLength(16_384);
    const actor = withKey(await t.as('chief'), { scopes: ['api:write'] });
    await expect(t.secrets.set(actor, 'x', 'v', ['a.example'])).rejects.toEqual(refusal('TLN-K-405'));
  });
});
