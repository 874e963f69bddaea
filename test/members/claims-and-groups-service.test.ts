import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { CLAIMS, GROUPS, MEMBERS } from '../../src/access/member-model.ts';
import { PUBLIC } from '../../src/access/principal.ts';
import type { ClaimRequest } from '../../src/api/schema-types.ts';
import { MEMBER_REQUESTS } from '../../src/members/model.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { aCollection, anAccount, MAIN_ROOT, withKey } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const DAY = 86_400_000;
let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MAIN_ROOT,
    MEMBERS.insert('tonga', {
      title: 'CERT Tonga',
      countries: ['TO'],
      networks: ['192.0.2.0/24'],
    }),
    MEMBERS.insert('fiji', {
      title: 'CERT Fiji',
      countries: ['FJ'],
    }),
    GROUPS.insert('circle', { title: 'Circle', members: ['fiji'], listed: false }),
    GROUPS.insert('open-circle', { title: 'Open circle', members: ['fiji'], listed: true }),
    GROUPS.insert('filed-group', { members: [], managed: 'file' }),
    anAccount('chief', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('gauge', 'machine', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
    ...aCollection('main', { alias: 'main' }, 'group:circle'),
    ...aCollection('side', { alias: 'side' }, 'group:circle', 'member:tonga'),
  ]);
});
afterAll(() => t.stop());

describe('claims', () => {
  const claim = async (who: string, member: string, request: Partial<ClaimRequest> = {}) =>
    t.claims.create(await t.as(who), member, { type: 'network', value: '198.51.100.0/24', ...request });
  const networksOf = async (member: string) => (await t.directory.refresh()).members.get(member)?.networks;

  test.each([
    ['gauge', 'tonga', 'TLN-A-403'],
    ['ana', 'tonga', 'TLN-A-403'],
    ['moana', 'fiji', 'TLN-M-404'],
    ['moana', 'atlantis', 'TLN-M-404'],
    ['chief', 'atlantis', 'TLN-M-404'],
    ['chief', 'hub', 'TLN-M-404'],
  ])('%s cannot claim anything for %s', async (who, member, code) => {
    await expect(claim(who, member)).rejects.toEqual(refusal(code));
    expect(await CLAIMS.all(t.store)).toEqual([]);
  });

  test('a claim of an officer affects nothing until an administrator verifies it, and nothing after it is rejected', async () => {
    const made = await claim('moana', 'tonga', { evidence: 'whois' });
    expect(made).toMatchObject({
      member: 'tonga',
      state: 'claimed',
      by: 'moana',
      evidence: 'whois',
      overlaps: [],
    });
    expect(made.decided_by).toBeUndefined();
    expect(await networksOf('tonga')).toEqual(['192.0.2.0/24']);
    for (const who of ['moana', 'ana', 'gauge'])
      await expect(t.claims.decide(await t.as(who), made.id, 'verified')).rejects.toEqual(
        refusal('TLN-A-403'),
      );
    expect(await t.claims.decide(await t.as('chief'), made.id, 'verified', 'letter')).toMatchObject({
      state: 'verified',
      decided_by: 'chief',
      note: 'letter',
    });
    expect(await networksOf('tonga')).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    // The member sees that the hub decided, not which person.
    expect((await t.claims.list(await t.as('moana'))).find(({ id }) => id === made.id)).toMatchObject({
      decided_by: 'hub',
    });
    expect(await t.claims.decide(await t.as('chief'), made.id, 'rejected')).toMatchObject({
      state: 'rejected',
    });
    expect(await networksOf('tonga')).toEqual(['192.0.2.0/24']);
    expect(await t.lastFact()).toMatchObject({
      action: 'claim.reject',
      member: 'tonga',
      details: { type: 'network', value: '198.51.100.0/24' },
    });
    await expect(t.claims.decide(await t.as('chief'), 'no-such-claim', 'verified')).rejects.toEqual(
      refusal('TLN-M-406'),
    );
  });

  test('a claim of an administrator is verified at once, and a limited key verifies none', async () => {
    expect(await claim('chief', 'fiji', { type: 'domain', value: 'GOV.FJ' })).toMatchObject({
      state: 'verified',
      decided_by: 'chief',
      value: 'gov.fj',
    });
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    await expect(t.claims.create(actor, 'fiji', { type: 'asn', value: '4638' })).rejects.toEqual(
      refusal('TLN-K-405'),
    );
    const { id } = await claim('moana', 'tonga', { type: 'asn', value: '4638' });
    await expect(t.claims.decide(actor, id, 'verified')).rejects.toEqual(refusal('TLN-K-405'));
    expect(await t.claims.decide(actor, id, 'rejected')).toMatchObject({ state: 'rejected' });
  });

  test('end at their time, and are listed as expired', async () => {
    const until = new Date(t.clock.now() + DAY).toISOString();
    const { id } = await claim('chief', 'tonga', { type: 'country', value: 'nu', until });
    const countries = async () => (await t.directory.refresh()).members.get('tonga')?.countries;
    const state = async () =>
      (await t.claims.list(await t.as('chief'), 'tonga')).find((one) => one.id === id)?.state;
    expect([await countries(), await state()]).toEqual([['TO', 'NU'], 'verified']);
    t.clock.advance(DAY - 1);
    expect(await state()).toBe('verified');
    t.clock.advance(1);
    expect([await countries(), await state()]).toEqual([['TO'], 'expired']);
  });

  test('are listed newest first, to hub staff all and to a member its own', async () => {
    const members = async (who: string, of?: string) =>
      [...new Set((await t.claims.list(await t.as(who), of)).map(({ member }) => member))].toSorted();
    expect(await members('chief')).toEqual(['fiji', 'tonga']);
    expect(await members('chief', 'fiji')).toEqual(['fiji']);
    expect(await members('moana')).toEqual(['tonga']);
    expect(await members('moana', 'fiji')).toEqual([]);
    expect(await t.claims.list(PUBLIC)).toEqual([]);
  });

  test('name overlaps with members that the caller can list, and no others', async () => {
    const theirs = await claim('moana', 'tonga', { type: 'domain', value: 'mail.gov.fj' });
    expect(theirs.overlaps).toEqual([]);
    const [seen] = (await t.claims.list(await t.as('chief'), 'tonga')).filter(({ id }) => id === theirs.id);
    expect(seen?.overlaps).toEqual([{ member: 'fiji', claim: 'gov.fj' }]);
  });
});

describe('groups', () => {
  test('exist for their members and, when listed, for everybody with an account', async () => {
    const names = async (who: string) => (await t.groups.list(await t.as(who))).map(({ name }) => name);
    expect(await names('chief')).toEqual(['circle', 'filed-group', 'open-circle']);
    expect(await names('desk')).toEqual(['circle', 'open-circle']);
    expect(await names('moana')).toEqual(['open-circle']);
    expect(await t.groups.list(PUBLIC)).toEqual([]);
    for (const name of ['circle', 'nothing'])
      await expect(t.groups.get(await t.as('moana'), name)).rejects.toEqual(refusal('TLN-G-404'));
    // Members of the group see its collections as far as they can read them.
    expect((await t.groups.get(await t.as('desk'), 'circle')).collections).toEqual(['main', 'side']);
  });

  test('are created, joined and left by administrators only', async () => {
    for (const who of ['ana', 'moana', 'gauge']) {
      const actor = await t.as(who);
      await expect(t.groups.create(actor, { name: 'new' })).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.groups.join(actor, 'circle', 'tonga')).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.groups.leave(actor, 'circle', 'fiji')).rejects.toEqual(refusal('TLN-A-403'));
    }
    await expect(t.groups.create(await t.as('chief'), { name: 'circle' })).rejects.toEqual(
      refusal('TLN-G-409'),
    );
    expect(await t.groups.create(await t.as('chief'), { name: 'new' })).toMatchObject({
      title: 'new',
      members: [],
      listed: false,
      managed: 'hub',
    });
    expect(await t.lastFact()).toMatchObject({ action: 'group.create', resource: 'group/new' });
  });

  test.each<[string, string, string, Parameters<AccessServices['groups']['join']>[3], string]>([
    ['an unknown group', 'nothing', 'tonga', {}, 'TLN-G-404'],
    ['a group of the settings file', 'filed-group', 'tonga', {}, 'TLN-L-410'],
    ['an unknown member', 'circle', 'atlantis', {}, 'TLN-M-405'],
    ['the hub', 'circle', 'hub', {}, 'TLN-M-405'],
    [
      'an end before the beginning',
      'circle',
      'tonga',
      { since: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' },
      'TLN-G-422',
    ],
    [
      'an end at the beginning',
      'circle',
      'tonga',
      { since: '2026-02-01T00:00:00Z', until: '2026-02-01T00:00:00.000Z' },
      'TLN-G-422',
    ],
  ])('a membership with %s is refused', async (_what, group, member, dates, code) => {
    await expect(t.groups.join(await t.as('chief'), group, member, dates)).rejects.toEqual(refusal(code));
  });

  test('a member that joins reads the collections, and joining again changes nothing', async () => {
    const chief = await t.as('chief');
    expect((await t.groups.join(chief, 'circle', 'tonga')).members).toEqual(['fiji', 'tonga']);
    const record = await GROUPS.in(t.store).get('circle');
    t.clock.advance(1_000);
    expect((await t.groups.join(chief, 'circle', 'tonga')).members).toEqual(['fiji', 'tonga']);
    expect((await GROUPS.in(t.store).get('circle'))?.revision).toBe(record?.revision);
    const until = new Date(t.clock.now() + DAY).toISOString();
    expect((await t.groups.join(chief, 'circle', 'tonga', { until })).dates).toEqual({ tonga: { until } });
    // Its time of joining stays, because it was a member all the time.
    expect((await GROUPS.in(t.store).get('circle'))?.document.joined).toEqual(record?.document.joined);
    expect((await t.directory.refresh()).groupsOf('tonga')).toEqual(['circle']);
    t.clock.advance(DAY);
    expect((await t.directory.refresh()).groupsOf('tonga')).toEqual([]);
    expect((await t.groups.join(chief, 'circle', 'tonga')).dates).toEqual({});
  });

  test('a member that leaves loses what it had only by the group, and the hub learns what it has read', async () => {
    const gauge = await t.as('gauge');
    t.ledger.read({
      account: gauge.account,
      collection: 'main',
      kind: 'objects',
      filters: '',
      cursor: 5,
      objects: 7,
      agent: 'x',
    });
    t.ledger.read({
      account: gauge.account,
      collection: 'side',
      kind: 'objects',
      filters: '',
      cursor: 5,
      objects: 9,
      agent: 'x',
    });
    const { group, recall } = await t.groups.leave(await t.as('chief'), 'circle', 'tonga');
    expect(group.members).toEqual(['fiji']);
    // It still reads the other collection by a grant of its own.
    expect(recall).toMatchObject([{ collection: 'main', account: 'gauge', objects: 7 }]);
    expect(await t.lastFact()).toMatchObject({ action: 'group.leave', member: 'tonga' });
    await expect(t.groups.leave(await t.as('chief'), 'circle', 'tonga')).rejects.toEqual(
      refusal('TLN-G-405'),
    );
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    await expect(t.groups.join(actor, 'circle', 'tonga')).rejects.toEqual(refusal('TLN-K-405'));
  });
});

describe('requests', () => {
  const register = (name: string, address: string) =>
    t.requests.register(PUBLIC, { name, title: `CERT ${name}`, contact: `cert@${name}.example` }, address);
  const clear = async (): Promise<void> => {
    for (const { id, state } of await t.requests.list(await t.as('chief')))
      if (state === 'pending') await t.requests.decide(await t.as('chief'), id, 'refused');
  };

  test('public requests get the same response for a new name and for that of a member', async () => {
    const [free, taken] = [await register('tuvalu', '192.0.2.1'), await register('fiji', '198.51.100.1')];
    expect(Object.keys(free)).toEqual(Object.keys(taken));
    expect([free.state, taken.state]).toEqual(['pending', 'pending']);
    expect(JSON.stringify([free, taken, await t.requests.list(await t.as('chief'))])).not.toContain(
      '192.0.2.1',
    );
    await clear();
  });

  test('requests from one network and one site are limited, and those of others still arrive', async () => {
    for (let i = 0; ; i++) {
      const made = await register(`one-${i}`, '192.0.2.1').catch((error: unknown) => error);
      if (made instanceof Error) {
        expect(made).toEqual(refusal('TLN-Q-429'));
        expect(i).toBeGreaterThan(0);
        break;
      }
      expect(i).toBeLessThan(100);
    }
    await expect(register('other', '203.0.113.9')).resolves.toMatchObject({ state: 'pending' });
    await clear();
    await expect(register('again', '192.0.2.1')).resolves.toMatchObject({ state: 'pending' });
    await clear();
  });

  test('are decided once, by administrators', async () => {
    const { id } = await register('tuvalu', '192.0.2.1');
    for (const who of ['ana', 'moana'])
      await expect(t.requests.decide(await t.as(who), id, 'approved')).rejects.toEqual(refusal('TLN-A-403'));
    await expect(t.requests.decide(await t.as('chief'), 'nothing', 'approved')).rejects.toEqual(
      refusal('TLN-Q-404'),
    );
    const approved = await t.requests.decide(await t.as('chief'), id, 'approved', 'welcome');
    expect(approved).toMatchObject({
      state: 'approved',
      decided_by: 'chief',
      note: 'welcome',
      link: expect.stringMatching(/^\/first\//),
    });
    expect(await t.account('tuvalu-officer')).toMatchObject({
      role: 'officer',
      member: 'tuvalu',
      person: true,
    });
    expect((await t.directory.refresh()).members.has('tuvalu')).toBe(true);
    for (const verdict of ['approved', 'refused'] as const)
      await expect(t.requests.decide(await t.as('chief'), id, verdict)).rejects.toEqual(refusal('TLN-Q-409'));
  });

  test('for a name that a member has cannot be approved and stay open', async () => {
    const { id } = await register('fiji', '192.0.2.1');
    await expect(t.requests.decide(await t.as('chief'), id, 'approved')).rejects.toEqual(
      refusal('TLN-M-409'),
    );
    expect((await MEMBER_REQUESTS.in(t.store).get(id))?.document.state).toBe('pending');
    expect((await t.directory.refresh()).accountNamed('fiji-officer')).toBeUndefined();
    await clear();
  });

  test('requests of a member come from its officers, apply when approved, and are seen by nobody else', async () => {
    for (const [who, member, code] of [
      ['gauge', 'tonga', 'TLN-A-403'],
      ['desk', 'tonga', 'TLN-M-404'],
      ['moana', 'atlantis', 'TLN-M-404'],
    ] as const)
      // prettier-ignore
      await expect(t.requests.ask(await t.as(who), member, { title: 'x' })).rejects.toEqual(refusal(code));
    await expect(t.requests.ask(await t.as('moana'), 'tonga', {})).rejects.toEqual(refusal('TLN-M-423'));
    const { id } = await t.requests.ask(await t.as('moana'), 'tonga', { title: 'CERT of Tonga' });
    const seen = async (who: string) => (await t.requests.list(await t.as(who))).some((one) => one.id === id);
    expect([
      await seen('moana'),
      await seen('chief'),
      await seen('ana'),
      await seen('desk'),
      await seen('gauge'),
    ]).toEqual([true, true, false, false, false]);
    await t.requests.decide(await t.as('chief'), id, 'approved');
    expect((await t.members.get(await t.as('moana'), 'tonga')).title).toBe('CERT of Tonga');
    expect((await t.requests.list(await t.as('moana'))).find((one) => one.id === id)).toMatchObject({
      decided_by: 'hub',
    });
  });

  test('waiting requests of a member are limited', async () => {
    let made = 0;
    for (; made < 100; made++) {
      const error: unknown = await t.requests.ask(await t.as('moana'), 'tonga', { title: `T${made}` }).then(() => undefined, (fault: unknown) => fault); // prettier-ignore
      if (error !== undefined) {
        expect(error).toEqual(refusal('TLN-Q-431'));
        break;
      }
    }
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(100);
    await expect(t.requests.ask(await t.as('desk'), 'fiji', { title: 'x' })).resolves.toMatchObject({
      state: 'pending',
    });
  });
});

describe('delegations', () => {
  const file = (...lines: readonly string[]): Readable =>
    Readable.from([Buffer.from(['2|apnic|20260101|2|19830613|20260101|+1000', ...lines, ''].join('\n'))]);
  const TONGA = 'apnic|TO|ipv4|203.0.112.0|256|20200101|allocated';

  test('are read by administrators, and change nothing until they are applied', async () => {
    for (const who of ['ana', 'moana'])
      await expect(t.delegations.read(await t.as(who), file(TONGA), false)).rejects.toEqual(
        refusal('TLN-A-403'),
      );
    const read = await t.delegations.read(
      await t.as('chief'),
      file(TONGA, 'apnic|US|ipv4|198.18.0.0|256|20200101|allocated'),
      false,
    );
    expect(read).toMatchObject({ registry: 'apnic', applied: false });
    expect(read.changes.find(({ country }) => country === 'TO')).toMatchObject({
      members: ['tonga'],
      networks: 1,
      added: ['203.0.112.0/24'],
      removed: [],
    });
    expect(read.changes.map(({ country }) => country)).not.toContain('US');
    const again = await t.delegations.read(await t.as('chief'), file(TONGA), true);
    expect(again.changes.find(({ country }) => country === 'TO')).toMatchObject({
      added: ['203.0.112.0/24'],
    });
    expect(await t.lastFact()).toMatchObject({ action: 'delegations.import', resource: 'registry/apnic' });
    const third = await t.delegations.read(await t.as('chief'), file(TONGA), true);
    expect(third.changes.find(({ country }) => country === 'TO')).toMatchObject({ added: [], removed: [] });
  });

  test('that a later file lacks are removed, and a limited key applies none', async () => {
    const other = 'apnic|TO|ipv4|203.0.113.0|256|20200101|allocated';
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    await expect(t.delegations.read(actor, file(other), true)).rejects.toEqual(refusal('TLN-K-405'));
    await expect(t.delegations.read(actor, file(other), false)).resolves.toMatchObject({ applied: false });
    const read = await t.delegations.read(await t.as('chief'), file(other), true);
    expect(read.changes.find(({ country }) => country === 'TO')).toMatchObject({
      added: ['203.0.113.0/24'],
      removed: ['203.0.112.0/24'],
    });
  });

  test('a text without a header is refused', async () => {
    await expect(
      t.delegations.read(await t.as('chief'), Readable.from([Buffer.from('hello\n')]), true),
    ).rejects.toEqual(refusal('TLN-M-424'));
  });
});
