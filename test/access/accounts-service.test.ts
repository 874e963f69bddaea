import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNTS } from '../../src/access/accounts/model.ts';
import { KEYS } from '../../src/access/keys/model.ts';
import { MEMBERS } from '../../src/access/member-model.ts';
import { GRANTS } from '../../src/access/model.ts';
import { PUBLIC } from '../../src/access/principal.ts';
import type { AccountChange, AccountRequest } from '../../src/api/schema-types.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { aCollection, anAccount, MAIN_ROOT, withKey } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const PASSWORD = 'seven turtles swim north';
let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MAIN_ROOT,
    MEMBERS.insert('tonga', { title: 'CERT Tonga' }),
    MEMBERS.insert('tonga-gov', { title: 'Government of Tonga' }),
    MEMBERS.insert('fiji', { title: 'CERT Fiji' }),
    anAccount('chief', 'administrator'),
    anAccount('deputy', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('probe', 'machine'),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('sina', 'officer', 'tonga'),
    anAccount('tonga-box', 'machine', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
    anAccount('filed', 'machine', undefined, { managed: 'file' }),
    ...aCollection('main', { alias: 'main' }, 'account:tonga-waits', '+account:probe'),
  ]);
});
afterAll(() => t.stop());

const machine = (name: string, over: Partial<AccountRequest> = {}): AccountRequest => ({
  name,
  role: 'machine',
  ...over,
});
const facts = async (action: string) =>
  (await t.store.audit(0, 10_000)).map(({ fact }) => fact).filter((fact) => fact.action === action);

describe('a caller', () => {
  test.each<[string, readonly string[]]>([
    ['chief', ['ana', 'chief', 'deputy', 'desk', 'filed', 'moana', 'probe', 'sina', 'tonga-box']],
    ['ana', ['ana']],
    ['moana', ['moana', 'sina', 'tonga-box']],
    ['tonga-box', ['tonga-box']],
    ['desk', ['desk']],
    ['probe', ['probe']],
  ])('%s lists exactly the accounts %j', async (who, names) => {
    expect((await t.accounts.list(await t.as(who))).map(({ name }) => name)).toEqual(names);
  });

  test('without an account lists none, and gets the response to an unknown name', async () => {
    expect(await t.accounts.list(PUBLIC)).toEqual([]);
    await expect(t.accounts.get(PUBLIC, 'moana')).rejects.toEqual(refusal('TLN-U-404'));
  });

  test.each([
    ['desk', 'moana'],
    ['desk', 'nobody'],
    ['tonga-box', 'moana'],
    ['probe', 'chief'],
  ])('%s can neither read, change nor delete %s, which does not exist for it', async (who, name) => {
    const actor = await t.as(who);
    for (const refused of [
      () => t.accounts.get(actor, name),
      () => t.accounts.update(actor, name, { disabled: true }),
      () => t.accounts.delete(actor, name),
      () => t.invitations.invite(actor, name),
    ])
      await expect(refused()).rejects.toEqual(refusal('TLN-U-404'));
  });

  test.each([
    ['ana', 'ana'],
    ['moana', 'moana'],
    ['probe', 'probe'],
  ])('%s may read %s, but not give it another role', async (who, name) => {
    await expect(t.accounts.update(await t.as(who), name, { role: 'administrator' })).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    await expect(t.accounts.get(await t.as(who), name)).resolves.toMatchObject({ name });
  });

  test('learns the nearest name among those that it may list, and no other', async () => {
    const hint = async (who: string, name: string): Promise<unknown> =>
      t.accounts.get(await t.as(who), name).catch((error: { hint?: string }) => error.hint);
    expect(await hint('moana', 'sinaa')).toBe('Did you mean "sina"?');
    expect(await hint('desk', 'sinaa')).not.toContain('sina"');
    expect(await hint('chief', 'deskk')).toBe('Did you mean "desk"?');
  });
});

describe('a new account', () => {
  test.each<[string, string, AccountRequest, string]>([
    ['an officer, for another member', 'moana', machine('tonga-x', { member: 'fiji' }), 'TLN-A-403'],
    ['an officer, for the hub', 'moana', machine('tonga-x'), 'TLN-A-403'],
    [
      'an officer, as an analyst',
      'moana',
      machine('tonga-x', { role: 'analyst', member: 'tonga' }),
      'TLN-A-403',
    ],
    [
      'an officer, as an administrator',
      'moana',
      machine('tonga-x', { role: 'administrator', member: 'tonga' }),
      'TLN-A-403',
    ],
    ['an officer, with the name of nobody', 'moana', machine('box', { member: 'tonga' }), 'TLN-U-430'],
    ['an officer, with the name of the member', 'moana', machine('tonga', { member: 'tonga' }), 'TLN-U-430'],
    [
      'an officer, with the name of another member',
      'moana',
      machine('tonga-gov', { member: 'tonga' }),
      'TLN-U-430',
    ],
    [
      'an officer, with a name that grants wait for',
      'moana',
      machine('tonga-waits', { member: 'tonga' }),
      'TLN-U-411',
    ],
    [
      'an officer, with the name of an account of its member',
      'moana',
      machine('tonga-box', { member: 'tonga' }),
      'TLN-U-409',
    ],
    ['an analyst', 'ana', machine('box'), 'TLN-A-403'],
    ['a service account', 'probe', machine('box'), 'TLN-A-403'],
    ['an administrator, for an unknown member', 'chief', machine('box', { member: 'atlantis' }), 'TLN-M-405'],
    ['an administrator, as an officer of nobody', 'chief', machine('box', { role: 'officer' }), 'TLN-U-429'],
    [
      'an administrator, as an officer of the hub',
      'chief',
      machine('box', { role: 'officer', member: 'hub' }),
      'TLN-U-429',
    ],
    ['an administrator, with a name in use', 'chief', machine('desk'), 'TLN-U-409'],
    ['an administrator, with capital letters', 'chief', machine('Box'), 'TLN-U-423'],
    ['an administrator, with a name that begins with a hyphen', 'chief', machine('-box'), 'TLN-U-423'],
    ['an administrator, with a look-alike name', 'chief', machine('bоx'), 'TLN-U-423'],
    ['an administrator, with a long name', 'chief', machine('b'.repeat(64)), 'TLN-U-423'],
    ['an administrator, with a line break', 'chief', machine('box\n'), 'TLN-U-423'],
    ['an administrator, with a short password', 'chief', machine('box', { password: 'short' }), 'TLN-U-422'],
    [
      'an administrator, with its name as password',
      'chief',
      machine('longboxname', { password: 'longboxname1' }),
      'TLN-U-422',
    ],
  ])('is refused to %s', async (_what, who, request, code) => {
    const before = await t.store.audit(0, 10_000);
    await expect(t.accounts.create(await t.as(who), request)).rejects.toEqual(refusal(code));
    expect(await t.store.audit(0, 10_000)).toHaveLength(before.length);
    if (code !== 'TLN-U-409') expect(await ACCOUNTS.in(t.store).get(request.name)).toBeUndefined();
  });

  test('has what was requested, and the audit log records it without the password', async () => {
    const made = await t.accounts.create(await t.as('chief'), {
      name: 'lupe', role: 'officer', member: 'fiji', person: true, email: 'lupe@fiji.example', default_tlp: 'amber', password: PASSWORD,
    }); // prettier-ignore
    expect(made).toMatchObject({
      name: 'lupe',
      role: 'officer',
      member: 'fiji',
      person: true,
      disabled: false,
      email: 'lupe@fiji.example',
      default_tlp: 'amber',
      has_password: true,
      managed: 'hub',
    });
    expect(JSON.stringify(made)).not.toContain('hash');
    const [fact] = (await facts('account.create')).slice(-1);
    expect(fact).toMatchObject({
      resource: 'account/lupe',
      member: 'fiji',
      details: { role: 'officer', password: true },
    });
    const { document } = (await ACCOUNTS.in(t.store).get('lupe')) ?? {};
    expect(JSON.stringify(document)).not.toContain(PASSWORD);
    // An address that somebody else enters counts only after the person has confirmed it.
    expect((await t.account('lupe')).emailVerified).not.toBe(true);
    expect(document?.password_by).toBeUndefined();
  });

  test('an account of the hub can be named so, and has no member', async () => {
    expect(
      (await t.accounts.create(await t.as('chief'), machine('hub-box', { member: 'hub' }))).member,
    ).toBeUndefined();
  });

  test('has another id than an earlier account of the same name, and none of its grants', async () => {
    const chief = await t.as('chief');
    await t.accounts.create(chief, machine('reused'));
    await t.collections.grant(chief, 'main', { to: 'account:reused', read: true });
    const first = await t.account('reused');
    await t.accounts.delete(chief, 'reused');
    expect(await GRANTS.in(t.store).get('main/account:reused')).toBeUndefined();
    await t.accounts.create(chief, machine('reused'));
    const second = await t.account('reused');
    expect(second.id).not.toBe(first.id);
    const { collections } = await t.directory.refresh();
    const main = collections.get('main');
    expect(main && (await t.directory.refresh()).rights(await t.as('reused'), main)).toEqual({
      read: false,
      write: false,
    });
    await t.accounts.delete(chief, 'reused');
  });

  test('an account that an officer creates begins with the name of the member and belongs to it', async () => {
    const made = await t.accounts.create(await t.as('moana'), machine('tonga-fire', { member: 'tonga' }));
    expect(made).toMatchObject({ member: 'tonga', role: 'machine' });
    await t.accounts.delete(await t.as('moana'), 'tonga-fire');
    await expect(t.accounts.get(await t.as('moana'), 'tonga-fire')).rejects.toEqual(refusal('TLN-U-404'));
  });
});

describe('a change', () => {
  test('needs the revision that the caller has seen, if it names one', async () => {
    const chief = await t.as('chief');
    const { revision } = await t.accounts.get(chief, 'probe');
    await expect(t.accounts.update(chief, 'probe', { disabled: false }, revision + 1)).rejects.toEqual(
      refusal('TLN-S-412'),
    );
    await expect(t.accounts.delete(chief, 'probe', revision + 1)).rejects.toEqual(refusal('TLN-S-412'));
    const changed = await t.accounts.update(chief, 'probe', { default_tlp: 'green' }, revision);
    expect(changed).toMatchObject({ default_tlp: 'green', revision: revision + 1 });
    await expect(t.accounts.update(chief, 'probe', { default_tlp: 'amber' }, revision)).rejects.toEqual(
      refusal('TLN-S-412'),
    );
  });

  test.each<[string, AccountChange, boolean]>([
    ['a password', { password: PASSWORD }, true],
    ['another role', { role: 'analyst' }, true],
    ['the end of its activity', { disabled: true }, true],
    ['a default TLP', { default_tlp: 'green' }, false],
    ['an address', { email: 'deputy@hub.example' }, false],
    ['the same role', { role: 'administrator' }, false],
    ['the same state', { disabled: false }, false],
  ])('to %s ends the sessions of the account: %j %p', async (_what, change, ends) => {
    const chief = await t.as('chief');
    const epoch = async (): Promise<number> =>
      (await ACCOUNTS.in(t.store).get('deputy'))?.document.epoch ?? 0;
    const before = await epoch();
    await t.accounts.update(chief, 'deputy', change);
    expect((await epoch()) > before).toBe(ends);
    await t.accounts.update(chief, 'deputy', { role: 'administrator', disabled: false });
  });

  test('a changed address is unconfirmed, and the same address stays confirmed', async () => {
    const chief = await t.as('chief');
    const record = await ACCOUNTS.in(t.store).get('sina');
    if (record === undefined) throw new Error('the account is missing');
    await t.store.commit({
      records: [
        ACCOUNTS.change(record, { ...record.document, email: 'sina@tonga.example', email_verified: 5 }),
      ],
    });
    await t.accounts.update(chief, 'sina', { email: 'sina@tonga.example' });
    expect((await ACCOUNTS.in(t.store).get('sina'))?.document.email_verified).toBe(5);
    await t.accounts.update(chief, 'sina', { email: 'other@tonga.example' });
    expect((await ACCOUNTS.in(t.store).get('sina'))?.document.email_verified).toBeNull();
    expect((await facts('account.update')).at(-1)?.details).toMatchObject({ email: true });
  });

  test('an account cannot disable or delete itself', async () => {
    const chief = await t.as('chief');
    await expect(t.accounts.update(chief, 'chief', { disabled: true })).rejects.toEqual(refusal('TLN-U-426'));
    await expect(t.accounts.delete(chief, 'chief')).rejects.toEqual(refusal('TLN-U-426'));
    await expect(t.accounts.update(chief, 'chief', { disabled: false })).resolves.toMatchObject({
      disabled: false,
    });
  });

  test('an account that the settings file declares is changed only there', async () => {
    const chief = await t.as('chief');
    await expect(t.accounts.update(chief, 'filed', { disabled: true })).rejects.toEqual(refusal('TLN-L-410'));
    await expect(t.accounts.delete(chief, 'filed')).rejects.toEqual(refusal('TLN-L-410'));
    expect(await t.accounts.get(chief, 'filed')).toMatchObject({ managed: 'file', disabled: false });
  });

  test('cannot give an officer a role that its manager could not create', async () => {
    const moana = await t.as('moana');
    for (const role of ['analyst', 'administrator'] as const)
      await expect(t.accounts.update(moana, 'tonga-box', { role })).rejects.toEqual(refusal('TLN-A-403'));
    // An officer without a member has no rights at all.
    await expect(t.accounts.update(await t.as('chief'), 'probe', { role: 'officer' })).rejects.toEqual(
      refusal('TLN-U-429'),
    );
  });

  test('with a limited key sets no password and enables nobody for longer than the key', async () => {
    const actor = withKey(await t.as('chief'), { expires: t.clock.now() + 60_000 });
    await expect(t.accounts.update(actor, 'probe', { password: PASSWORD })).rejects.toEqual(
      refusal('TLN-K-403'),
    );
    await expect(t.accounts.create(actor, machine('by-key', { password: PASSWORD }))).rejects.toEqual(
      refusal('TLN-K-403'),
    );
    await expect(t.invitations.invite(actor, 'ana')).rejects.toEqual(refusal('TLN-K-403'));
    await expect(t.accounts.update(actor, 'probe', { default_tlp: 'clear' })).resolves.toMatchObject({
      default_tlp: 'clear',
    });
    const scoped = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    for (const change of [{ role: 'analyst' }, { disabled: false }] as const)
      await expect(t.accounts.update(scoped, 'probe', change)).rejects.toEqual(refusal('TLN-K-403'));
    await expect(t.accounts.update(scoped, 'probe', { disabled: true })).resolves.toMatchObject({
      disabled: true,
    });
    await t.accounts.update(await t.as('chief'), 'probe', { disabled: false });
  });
});

describe('a deleted account', () => {
  test('loses its keys and grants in the same commit, and those of others stay', async () => {
    const chief = await t.as('chief');
    const key = await t.keys.create(chief, {
      account: 'short-lived',
      member: 'fiji',
      role: 'machine',
      collections: ['main'],
    });
    await t.keys.create(chief, { account: 'short-lived' });
    const others = (await KEYS.all(t.store)).length - 2;
    expect(key).toMatchObject({ account_created: true, member: 'fiji' });
    await t.accounts.delete(chief, 'short-lived');
    expect(await KEYS.all(t.store)).toHaveLength(others);
    expect((await GRANTS.all(t.store)).map(({ document }) => document.to)).not.toContain(
      'account:short-lived',
    );
    expect((await GRANTS.all(t.store)).map(({ document }) => document.to)).toContain('account:probe');
    expect((await facts('account.delete')).at(-1)).toMatchObject({
      resource: 'account/short-lived',
      member: 'fiji',
      details: { keys: 2 },
    });
    await expect(t.accounts.delete(chief, 'short-lived')).rejects.toEqual(refusal('TLN-U-404'));
  });
});
