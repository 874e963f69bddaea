import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MEMBERS } from '../../src/access/member-model.ts';
import { COLLECTIONS } from '../../src/access/model.ts';
import { PUBLIC } from '../../src/access/principal.ts';
import type { ClaimRequest, MemberChange, MemberRequest } from '../../src/api/schema-types.ts';
import { claimValue, overlapsOf } from '../../src/members/claim-values.ts';
import { accessServices, type AccessServices } from '../support/access-services.ts';
import { anAccount, MAIN_ROOT, withKey } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

let t: AccessServices;
beforeAll(async () => {
  t = await accessServices([
    MAIN_ROOT,
    MEMBERS.insert('tonga', {
      title: 'CERT Tonga',
      countries: ['TO'],
      networks: ['192.0.2.0/24'],
      domains: ['gov.to'],
      asns: [10131],
    }),
    MEMBERS.insert('fiji', {
      title: 'CERT Fiji',
      countries: ['FJ'],
      identities: ['identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c'],
    }),
    MEMBERS.insert('filed', { title: 'From the file', managed: 'file' }),
    anAccount('chief', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('gauge', 'machine', 'tonga'),
    anAccount('desk', 'officer', 'fiji'),
  ]);
});
afterAll(() => t.stop());

const create = async (request: MemberRequest, who = 'chief') => t.members.create(await t.as(who), request);
const update = async (name: string, change: MemberChange, revision?: number) =>
  t.members.update(await t.as('chief'), name, change, revision);

describe('members', () => {
  test('are listed by name: all for hub staff, the own one for a member, none for others', async () => {
    const names = async (who: string) => (await t.members.list(await t.as(who))).map(({ name }) => name);
    expect(await names('ana')).toEqual(['fiji', 'filed', 'tonga']);
    expect(await names('moana')).toEqual(['tonga']);
    expect(await names('gauge')).toEqual(['tonga']);
    expect(await t.members.list(PUBLIC)).toEqual([]);
    for (const name of ['fiji', 'atlantis'])
      await expect(t.members.get(await t.as('moana'), name)).rejects.toEqual(refusal('TLN-M-404'));
  });

  test.each<[string, MemberRequest, string]>([
    ['the name of the hub', { name: 'hub' }, 'TLN-M-425'],
    ['the name of everybody', { name: 'public' }, 'TLN-M-425'],
    ['the name of the operator', { name: 'operator' }, 'TLN-M-425'],
    ['the name of the settings file', { name: 'settings' }, 'TLN-M-425'],
    ['the name of another', { name: 'fiji' }, 'TLN-M-409'],
    [
      'the identity of another',
      { name: 'samoa', identities: ['identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c'] },
      'TLN-M-411',
    ],
    ['an unknown parent', { name: 'samoa', parent: 'atlantis' }, 'TLN-M-426'],
    ['the hub as parent', { name: 'samoa', parent: 'hub' }, 'TLN-M-426'],
    ['itself as parent', { name: 'samoa', parent: 'samoa' }, 'TLN-M-426'],
    ['a network that is none', { name: 'samoa', networks: ['192.0.2.0/33'] }, 'TLN-M-428'],
    ['the whole internet', { name: 'samoa', networks: ['0.0.0.0/0'] }, 'TLN-M-429'],
    ['a top-level domain', { name: 'samoa', domains: ['ws'] }, 'TLN-M-430'],
    ['a brand that every text contains', { name: 'samoa', brands: ['ws'] }, 'TLN-M-434'],
  ])(
    'a member with %s is refused, without a collection that is left behind',
    async (_what, request, code) => {
      const [members, collections] = [await MEMBERS.all(t.store), await COLLECTIONS.all(t.store)];
      await expect(create(request)).rejects.toEqual(refusal(code));
      expect(await MEMBERS.all(t.store)).toEqual(members);
      expect(await COLLECTIONS.all(t.store)).toEqual(collections);
    },
  );

  test('only administrators create and change members', async () => {
    for (const who of ['ana', 'moana', 'gauge']) {
      await expect(create({ name: 'samoa' }, who)).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.members.update(await t.as(who), 'tonga', { title: 'x' })).rejects.toEqual(
        refusal('TLN-A-403'),
      );
    }
    await expect(t.members.create(PUBLIC, { name: 'samoa' })).rejects.toEqual(refusal('TLN-A-403'));
  });

  test('a member has its values in canonical form, and a collection of its own that it can read', async () => {
    const made = await create({
      name: 'samoa', title: 'CERT Samoa', kind: 'national-cert', countries: ['WS'], networks: ['203.0.113.77/24'], domains: ['GOV.WS.'], sectors: ['Energy'], brands: ['Bank  of   Samoa'], asns: [38800],
    }); // prettier-ignore
    expect(made).toMatchObject({
      name: 'samoa',
      status: 'active',
      kind: 'national-cert',
      countries: ['WS'],
      networks: ['203.0.113.0/24'],
      domains: ['gov.ws'],
      sectors: ['energy'],
      brands: ['bank of samoa'],
      asns: [38800],
      managed: 'hub',
    });
    const directory = await t.directory.refresh();
    const own = directory.collections.get(made.collection ?? '');
    expect(own).toMatchObject({ ownOf: 'samoa', alias: 'member-samoa' });
    expect(own && directory.grantFor('samoa', own)).toBeDefined();
    expect(own && directory.grantFor('tonga', own)).toBeUndefined();
    expect(await t.lastFact()).toMatchObject({
      action: 'member.create',
      resource: 'member/samoa',
      member: 'samoa',
    });
    expect((await create({ name: 'niue', collection: false })).collection).toBeUndefined();
  });

  test('a client has a collection up to TLP:AMBER, and its parent gets one for its clients once', async () => {
    await create({ name: 'bank', parent: 'samoa' });
    await create({ name: 'power', parent: 'samoa' });
    const directory = await t.directory.refresh();
    const [bank, samoa] = [directory.members.get('bank'), directory.members.get('samoa')];
    expect(bank).toMatchObject({ parent: 'samoa' });
    expect(directory.collections.get(bank?.collection ?? '')?.max_tlp).toBe('amber');
    expect(
      [...directory.collections.values()]
        .filter(({ alias }) => alias === 'clients-samoa')
        .map(({ id }) => id),
    ).toEqual([samoa?.clients]);
    // Nobody is a client of itself, however long the chain is.
    await expect(update('samoa', { parent: 'bank' })).rejects.toEqual(refusal('TLN-M-427'));
    await expect(update('samoa', { parent: 'samoa' })).rejects.toEqual(refusal('TLN-M-427'));
    await update('power', { parent: 'bank' });
    await expect(update('samoa', { parent: 'power' })).rejects.toEqual(refusal('TLN-M-427'));
    await update('bank', { parent: null });
    const after = await t.directory.refresh();
    expect(after.members.get('bank')?.parent).toBeUndefined();
    expect(after.collections.get(bank?.collection ?? '')?.max_tlp).toBe('amber+strict');
  });

  test('a change needs the revision that the caller has seen, and keeps everything that it does not name', async () => {
    const { revision } = await t.members.get(await t.as('chief'), 'samoa');
    await expect(update('samoa', { title: 'Other' }, revision - 1)).rejects.toEqual(refusal('TLN-M-412'));
    const changed = await update('samoa', { title: 'Other' }, revision);
    expect(changed).toMatchObject({ title: 'Other', countries: ['WS'], networks: ['203.0.113.0/24'] });
    expect(await t.lastFact()).toMatchObject({ action: 'member.update', details: { changed: ['title'] } });
    await expect(update('atlantis', { title: 'x' })).rejects.toEqual(refusal('TLN-M-404'));
    await expect(update('filed', { title: 'x' })).rejects.toEqual(refusal('TLN-L-410'));
    await expect(
      update('samoa', { identities: ['identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c'] }),
    ).rejects.toEqual(refusal('TLN-M-411'));
  });

  test('another status ends the sessions of its accounts, and the same status does not', async () => {
    const epoch = async () => (await MEMBERS.in(t.store).get('samoa'))?.document.epoch ?? 0;
    const before = await epoch();
    await update('samoa', { status: 'active', title: 'Samoa' });
    expect(await epoch()).toBe(before);
    await update('samoa', { status: 'paused' });
    const paused = await epoch();
    expect(paused).toBeGreaterThan(before);
    await update('samoa', { status: 'active' });
    expect(await epoch()).toBeGreaterThan(paused);
  });

  test('a limited key changes only what gives a member nothing more', async () => {
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    const change = (request: MemberChange) => t.members.update(actor, 'samoa', request);
    for (const request of [
      { networks: ['192.0.2.0/25'] },
      { status: 'active' },
      { identities: [] },
      { parent: 'tonga' },
      { copies: true },
    ] satisfies MemberChange[])
      await expect(change(request)).rejects.toEqual(refusal('TLN-K-405'));
    await expect(change({ title: 'By key', kind: 'government', status: 'paused' })).resolves.toMatchObject({
      title: 'By key',
    });
    await expect(t.members.create(actor, { name: 'kiribati' })).rejects.toEqual(refusal('TLN-K-405'));
    await update('samoa', { status: 'active' });
  });

  test('two members that are created at the same moment cannot have the same name or identity', async () => {
    const identities = ['identity--11111111-2a1b-4c74-8b6f-1d2e3f4a5b6c'];
    const outcomes = await Promise.allSettled([
      create({ name: 'palau', identities }),
      create({ name: 'yap', identities }),
      create({ name: 'palau' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

describe('the value of a claim', () => {
  test.each<[ClaimRequest['type'], string, string]>([
    ['network', ' 192.0.2.77/24 ', '192.0.2.0/24'],
    ['network', '192.0.2.1/32', '192.0.2.1'],
    ['network', '::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['network', '2001:DB8:0:0::1/32', '2001:db8::/32'],
    ['network', '10.0.0.0/8', '10.0.0.0/8'],
    ['domain', 'GOV.to.', 'gov.to'],
    ['domain', 'xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['domain', '_dmarc.gov.to', '_dmarc.gov.to'],
    ['asn', 'AS10131', '10131'],
    ['asn', '4294967294', '4294967294'],
    ['country', 'to', 'TO'],
    ['sector', 'Energy-Grid', 'energy-grid'],
    ['brand', ' Reef   Bank ', 'reef bank'],
  ])('of type %s %j is stored as %j', (type, value, stored) => {
    expect(claimValue({ type, value })).toBe(stored);
  });

  test.each<[ClaimRequest['type'], string, string]>([
    ['network', '', 'TLN-M-428'],
    ['network', '192.0.2.0/33', 'TLN-M-428'],
    ['network', '192.0.2.0/24/1', 'TLN-M-428'],
    ['network', '192.0.2', 'TLN-M-428'],
    ['network', '0.0.0.0/7', 'TLN-M-429'],
    ['network', '2000::/15', 'TLN-M-429'],
    ['domain', 'to', 'TLN-M-430'],
    ['domain', '', 'TLN-M-430'],
    ['domain', 'gov..to', 'TLN-M-430'],
    ['domain', '-gov.to', 'TLN-M-430'],
    ['domain', 'gov.to/path', 'TLN-M-430'],
    ['domain', 'gov.t', 'TLN-M-430'],
    ['domain', 'gоv.to', 'TLN-M-430'],
    ['domain', `${'a'.repeat(64)}.to`, 'TLN-M-430'],
    ['domain', `${'a.'.repeat(130)}to`, 'TLN-M-430'],
    ['asn', '0', 'TLN-M-431'],
    ['asn', '4294967295', 'TLN-M-431'],
    ['asn', 'AS-10131', 'TLN-M-431'],
    ['asn', '1e3', 'TLN-M-431'],
    ['country', 'TON', 'TLN-M-432'],
    ['country', 'T1', 'TLN-M-432'],
    ['country', 'ΤΟ', 'TLN-M-432'],
    ['sector', 'e', 'TLN-M-433'],
    ['sector', '1energy', 'TLN-M-433'],
    ['sector', 'energy grid', 'TLN-M-433'],
    ['sector', `e${'x'.repeat(80)}`, 'TLN-M-433'],
    ['brand', 'ab', 'TLN-M-434'],
    ['brand', '!!!!!!', 'TLN-M-434'],
    ['brand', 'x'.repeat(81), 'TLN-M-434'],
  ])('of type %s %j is refused', (type, value, code) => {
    expect(() => claimValue({ type, value })).toThrow(refusal(code));
  });

  test.each<[ClaimRequest['type'], string, readonly string[]]>([
    ['network', '192.0.2.0/24', ['192.0.2.0/24']],
    ['network', '192.0.2.128/25', ['192.0.2.0/24']],
    ['network', '192.0.0.0/16', ['192.0.2.0/24']],
    ['network', '192.0.3.0/24', []],
    ['network', '2001:db8::/32', []],
    ['domain', 'gov.to', ['gov.to']],
    ['domain', 'mail.gov.to', ['gov.to']],
    ['domain', 'to', ['gov.to']],
    ['domain', 'notgov.to', []],
    ['asn', '10131', ['AS10131']],
    ['asn', '1013', []],
    ['country', 'TO', ['TO']],
    ['country', 'FJ', []],
    ['sector', 'energy', ['energy']],
    ['brand', 'reef bank', ['reef bank']],
    ['brand', 'reef', []],
  ])('of type %s %j overlaps with %j of another member', async (type, value, overlaps) => {
    const tonga = (await t.directory.refresh()).members.get('tonga');
    if (tonga === undefined) throw new Error('the member is missing');
    const other = { ...tonga, networks: ['192.0.2.0/24'], sectors: ['energy'], brands: ['reef bank'] };
    expect(overlapsOf(type, value, other)).toEqual(overlaps);
  });
});
