import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OPERATOR, PUBLIC } from '../../src/access/principal.ts';
import { MEMBERS } from '../../src/access/member-model.ts';
import { RULES } from '../../src/access/model.ts';
import type { ChannelRequest, RuleRequest } from '../../src/api/schema-types.ts';
import { CHANNELS, CHANNEL_STATES, stateOf } from '../../src/sharing/channels/model.ts';
import { withoutFields } from '../../src/store/records.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import {
  aCollection,
  aMember,
  anAccount,
  sharingServices,
  withKey,
  type SharingServices,
} from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const SECRET = 'secret:hook';
type Limited = Parameters<typeof withKey>[1];
let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices([
    ...aMember('tonga', 'own-tonga'),
    ...aMember('fiji', 'own-fiji'),
    MEMBERS.insert('nauru', {}),
    anAccount('moana', 'officer', 'tonga'),
    anAccount('chief', 'administrator'),
    anAccount('ana', 'analyst'),
    anAccount('probe', 'machine'),
    ...aCollection('main', { alias: 'main' }, '+account:probe', 'member:tonga', 'role:administrator'),
    ...aCollection('open', { alias: 'open', max_tlp: 'clear' }, 'public'),
    ...aCollection('green', { alias: 'green', max_tlp: 'green' }, 'member:fiji'),
    ...aCollection('third', { alias: 'third' }),
    ...aCollection('fourth', { alias: 'fourth' }),
    RULES.insert('declared', { from: 'third', to: 'fourth', managed: 'file' }),
    CHANNELS.insert('filed', {
      member: 'tonga',
      kind: 'webhook',
      url: 'https://filed.example/',
      collection: 'main',
      secret: SECRET,
      managed: 'file',
    }),
  ]);
});
afterAll(() => t.stop());

const outsiders = ['moana', 'ana', 'probe'];

describe('rules', () => {
  const made: RuleRequest = {
    name: 'to-open',
    from: 'main',
    to: 'open',
    types: ['indicator'],
    labels: ['a'],
    owners: ['tonga'],
    max_tlp: 'clear',
  };

  test('only administrators of the hub create and delete rules, and analysts list them', async () => {
    for (const who of outsiders) {
      await expect(t.rules.create(await t.as(who), made)).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.rules.delete(await t.as(who), 'declared')).rejects.toEqual(refusal('TLN-A-403'));
    }
    await expect(t.rules.create(PUBLIC, made)).rejects.toEqual(refusal('TLN-A-403'));
    for (const who of ['moana', 'probe'])
      await expect(t.rules.list(await t.as(who))).rejects.toEqual(refusal('TLN-A-403'));
    expect((await t.rules.list(await t.as('ana'))).map(({ name }) => name)).toEqual(['declared']);
    expect(await RULES.in(t.store).get('to-open')).toBeUndefined();
  });

  test('a rule keeps all its filters, shows aliases, and is in the audit log', async () => {
    expect(await t.rules.create(await t.as('chief'), made)).toEqual({ ...made, managed: 'hub' });
    expect(await t.rules.list(await t.as('chief'))).toContainEqual({ ...made, managed: 'hub' });
    expect((await RULES.in(t.store).get('to-open'))?.document).toMatchObject({ from: 'main', to: 'open' });
    expect((await t.store.audit(0, 1_000)).at(-1)?.fact).toMatchObject({
      action: 'rule.create',
      resource: 'rule/to-open',
      details: { from: 'main', to: 'open' },
    });
    await expect(t.rules.create(await t.as('chief'), { ...made, from: 'main', to: 'green' })).rejects.toEqual(
      refusal('TLN-L-420'),
    );
    await t.rules.delete(await t.as('chief'), 'to-open');
    expect((await t.rules.list(await t.as('chief'))).map(({ name }) => name)).toEqual(['declared']);
    expect((await t.actions()).at(-1)).toBe('rule.delete');
    await expect(t.rules.delete(await t.as('chief'), 'to-open')).rejects.toEqual(refusal('TLN-L-421'));
  });

  test.each<[string, Partial<RuleRequest>, string, RegExp]>([
    ['from an unknown collection', { from: 'nowhere' }, 'TLN-L-404', /nowhere/],
    ['to an unknown collection', { to: 'nowhere' }, 'TLN-L-404', /nowhere/],
    ['to itself', { from: 'main', to: 'main' }, 'TLN-L-422', /itself/],
    ['by two names of one collection', { from: 'main', to: 'main/main' }, 'TLN-L-422', /itself/],
    ['to the collection of a member', { to: 'member-tonga' }, 'TLN-L-422', /collection of tonga/],
    ['from the collection of a member', { from: 'member-tonga' }, 'TLN-L-422', /collection of tonga/],
    ['with a maximum above that of its target', { max_tlp: 'green' }, 'TLN-L-422', /TLP:CLEAR/],
    [
      'from where another rule ends',
      { from: 'fourth', to: 'open' },
      'TLN-L-422',
      /declared forwards to fourth/,
    ],
    [
      'to where another rule begins',
      { from: 'main', to: 'third' },
      'TLN-L-422',
      /declared forwards from third/,
    ],
  ])('a rule %s is refused with the reason', async (_what, over, code, words) => {
    const request = { name: 'refused', from: 'main', to: 'open', ...over };
    const error: unknown = await t.rules
      .create(await t.as('chief'), request)
      .catch((fault: unknown) => fault);
    expect(error).toEqual(refusal(code));
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).toMatch(words);
    expect(await RULES.in(t.store).get('refused')).toBeUndefined();
  });

  test('two rules may begin or end at the same collection', async () => {
    const chief = await t.as('chief');
    await t.rules.create(chief, { name: 'one', from: 'main', to: 'open' });
    await t.rules.create(chief, { name: 'two', from: 'main', to: 'green', max_tlp: 'green' });
    await t.rules.create(chief, { name: 'three', from: 'third', to: 'open' });
    expect(
      (await t.rules.list(chief)).map(({ name, from, to }) => `${name} ${from} ${to}`).toSorted(),
    ).toEqual(['declared third fourth', 'one main open', 'three third open', 'two main green']);
    for (const name of ['one', 'two', 'three']) await t.rules.delete(chief, name);
  });

  test('a rule of the settings file can be changed only there', async () => {
    await expect(t.rules.delete(await t.as('chief'), 'declared')).rejects.toEqual(refusal('TLN-L-410'));
    expect(await t.rules.list(await t.as('chief'))).toMatchObject([{ name: 'declared', managed: 'file' }]);
  });

  test('a limited key creates no rule, which would outlive it', async () => {
    const limited: Limited[] = [{ scopes: ['api:write'] }, { expires: 1 }, { networks: [] }];
    for (const limits of limited)
      await expect(t.rules.create(withKey(await t.as('chief'), limits), made)).rejects.toEqual(
        refusal('TLN-K-405'),
      );
    await expect(
      t.rules.create(withKey(await t.as('chief'), { collections: ['main', 'open'] }), made),
    ).rejects.toEqual(refusal('TLN-A-403'));
    await expect(
      t.rules.create(withKey(await t.as('chief'), { scopes: ['api:read'] }), made),
    ).rejects.toEqual(refusal('TLN-A-403'));
  });
});

describe('channels', () => {
  const hook: ChannelRequest = {
    name: 'hook',
    member: 'tonga',
    kind: 'webhook',
    url: 'https://hook.example/stix',
    secret: SECRET,
    collection: 'main',
  };
  const create = async (over: Partial<ChannelRequest>, absent?: 'collection' | 'secret') =>
    t.channelAdmin.create(
      await t.as('chief'),
      withoutFields({ ...hook, ...over }, absent === undefined ? [] : [absent]),
    );
  const stateOfChannel = async (name: string) => stateOf(await CHANNEL_STATES.in(t.store).get(name));
  /** Stores what a worker would have noted about a channel. */
  const note = async (name: string, over: Json): Promise<void> => {
    const before = await CHANNEL_STATES.in(t.store).get(name);
    await t.store.commit({ records: [CHANNEL_STATES.put(name, before, { ...stateOf(before), ...over })] });
  };

  test('only administrators of the hub manage channels', async () => {
    for (const who of outsiders) {
      const actor = await t.as(who);
      for (const refused of [
        () => t.channelAdmin.create(actor, hook),
        () => t.channelAdmin.pause(actor, 'filed', true),
        () => t.channelAdmin.replay(actor, 'filed', '2026-01-01T00:00:00Z'),
        () => t.channelAdmin.settle(actor, 'filed', 'clear'),
        () => t.channelAdmin.delete(actor, 'filed'),
      ])
        await expect(refused()).rejects.toEqual(refusal('TLN-A-403'));
    }
    expect((await CHANNELS.all(t.store)).map(({ id }) => id)).toEqual(['filed']);
  });

  test.each<[string, Partial<ChannelRequest>, string, ('collection' | 'secret')?]>([
    ['for an unknown member', { member: 'atlantis' }, 'TLN-M-405'],
    ['for the hub', { member: 'hub' }, 'TLN-M-405'],
    ['of an unknown collection', { collection: 'nowhere' }, 'TLN-L-404'],
    ['of a collection that the member cannot read', { collection: 'third' }, 'TLN-V-403'],
    ['of its own collection for a member without one', { member: 'nauru' }, 'TLN-V-406', 'collection'],
    ['without a secret', {}, 'TLN-V-423', 'secret'],
    ['with a secret in a file of the hub', { secret: 'file:/etc/passwd' }, 'TLN-V-407'],
    ['with a secret in a variable of the hub', { secret: 'env:HOME' }, 'TLN-V-407'],
    ['to a file', { url: 'file:///etc/passwd' }, 'TLN-V-425'],
    ['to no address', { url: 'hook.example' }, 'TLN-V-425'],
    ['to an email address', { url: 'mailto:cert@tonga.example' }, 'TLN-V-425'],
    ['with a password in its address', { url: 'https://a:hunter2@hook.example/' }, 'TLN-V-428'],
    ['with a user name in its address', { url: 'https://a@hook.example/' }, 'TLN-V-428'],
    ['with an unknown time zone', { zone: 'Pacific/Atlantis' }, 'TLN-V-426'],
    [
      'by email on a hub without a mail server',
      { kind: 'mail', url: 'mailto:cert@tonga.example' },
      'TLN-V-411',
    ],
    ['by email to a website', { kind: 'mail', url: 'https://tonga.example' }, 'TLN-V-425'],
    ['with the name of another', { name: 'filed' }, 'TLN-V-409'],
  ])('a channel %s is refused, and its error repeats no secret', async (...[, over, code, absent]) => {
    const before = await t.actions();
    const error: unknown = await create({ name: 'refused', ...over }, absent).catch(
      (fault: unknown) => fault,
    );
    expect(error).toEqual(refusal(code));
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toContain('hunter2');
    expect(await CHANNELS.in(t.store).get('refused')).toBeUndefined();
    expect(await t.actions()).toEqual(before);
  });

  test('the operator may use files of the machine, and a push needs no secret', async () => {
    const local = await t.channelAdmin.create(OPERATOR, { ...hook, name: 'local', secret: 'file:/run/hook' });
    expect(local).toMatchObject({ name: 'local', state: 'current', managed: 'hub' });
    const { secret: _none, ...push } = { ...hook, name: 'push', kind: 'taxii' as const };
    expect(await t.channelAdmin.create(OPERATOR, push)).toMatchObject({ kind: 'taxii' });
    for (const name of ['local', 'push']) await t.channelAdmin.delete(OPERATOR, name);
  });

  test('a channel begins at the beginning, also under a name that was used before', async () => {
    const object = anIndicator({ object_marking_refs: [tlpMarkingId('green')] });
    await t.put('probe', 'main', object);
    expect(await create({ name: 'again' })).toMatchObject({
      state: 'behind',
      waiting: 1,
      more: false,
      delivered: 0,
      collection: 'main',
    });
    await note('again', { cursor: Number.MAX_SAFE_INTEGER, delivered: 7 });
    expect(await t.channelAdmin.get(await t.as('chief'), 'again')).toMatchObject({
      state: 'current',
      waiting: 0,
      delivered: 7,
    });
    await t.channelAdmin.delete(await t.as('chief'), 'again');
    expect(await CHANNEL_STATES.in(t.store).get('again')).toBeUndefined();
    await note('again', { cursor: Number.MAX_SAFE_INTEGER, delivered: 7 });
    expect(await create({ name: 'again' })).toMatchObject({ waiting: 1, delivered: 0 });
    await t.channelAdmin.delete(await t.as('chief'), 'again');
    await expect(t.channelAdmin.get(await t.as('chief'), 'again')).rejects.toEqual(refusal('TLN-V-405'));
  });

  test('members see their own channels only, and others do not exist for them', async () => {
    const names = async (who: string) => (await t.channelAdmin.list(await t.as(who))).map(({ name }) => name);
    expect(await names('moana')).toEqual(['filed']);
    await t.channelAdmin.create(await t.as('chief'), {
      ...hook,
      name: 'of-fiji',
      member: 'fiji',
      collection: 'green',
    });
    expect(await names('moana')).toEqual(['filed']);
    expect(await names('ana')).toEqual(['filed', 'of-fiji']);
    await expect(t.channelAdmin.get(await t.as('moana'), 'of-fiji')).rejects.toEqual(refusal('TLN-V-405'));
    await t.channelAdmin.delete(await t.as('chief'), 'of-fiji');
  });

  test('a paused channel shows who paused it and why, and a resumed one tries again at once', async () => {
    await create({ name: 'paused' });
    await note('paused', {
      failures: 3,
      next_at: t.clock.now() + 60_000,
      closed: true,
      failing_since: t.clock.now(),
    });
    expect(await t.channelAdmin.get(await t.as('chief'), 'paused')).toMatchObject({
      state: 'closed',
      next_try: new Date(t.clock.now() + 60_000).toISOString(),
    });
    const paused = await t.channelAdmin.pause(await t.as('chief'), 'paused', true, 'maintenance');
    expect(paused).toMatchObject({
      state: 'paused',
      paused: { by: 'chief', reason: 'maintenance', at: new Date(t.clock.now()).toISOString() },
    });
    const resumed = await t.channelAdmin.pause(await t.as('chief'), 'paused', false);
    expect(resumed.paused).toBeUndefined();
    expect(resumed.next_try).toBeUndefined();
    expect(resumed.state).toBe('failing');
    expect((await t.actions()).slice(-2)).toEqual(['channel.pause', 'channel.resume']);
    t.clock.advance(86_400_000);
    expect(await t.channelAdmin.get(await t.as('chief'), 'paused')).toMatchObject({ state: 'broken' });
    // A declared channel can be paused here, but not deleted.
    expect(await t.channelAdmin.pause(await t.as('chief'), 'filed', true)).toMatchObject({ state: 'paused' });
    await expect(t.channelAdmin.delete(await t.as('chief'), 'filed')).rejects.toEqual(refusal('TLN-L-410'));
    await t.channelAdmin.pause(await t.as('chief'), 'filed', false);
    await t.channelAdmin.delete(await t.as('chief'), 'paused');
  });

  test('a channel whose member lost its grant shows neither a backlog nor the name of the collection to the member', async () => {
    await create({ name: 'lost' });
    await t.collections.revoke(await t.as('chief'), 'main', 'member:tonga');
    const shown = await t.channelAdmin.get(await t.as('moana'), 'lost');
    expect(shown).toMatchObject({ state: 'no grant', waiting: 0, collection: '' });
    expect(shown.waiting_since).toBeUndefined();
    // Administrators can read the collection.
    expect(await t.channelAdmin.get(await t.as('chief'), 'lost')).toMatchObject({
      state: 'no grant',
      collection: 'main',
      waiting: 1,
    });
    await t.collections.grant(await t.as('chief'), 'main', { to: 'member:tonga', read: true });
    expect(await t.channelAdmin.get(await t.as('moana'), 'lost')).toMatchObject({
      state: 'behind',
      waiting: 1,
      collection: 'main',
    });
    await t.channelAdmin.delete(await t.as('chief'), 'lost');
  });

  test('a replay moves a channel back and never forward, and takes its dead letters along', async () => {
    const object = anIndicator({ object_marking_refs: [tlpMarkingId('green')] });
    t.clock.advance(1_000);
    await t.put('probe', 'main', object);
    await create({ name: 'replayed' });
    const letter = {
      id: String(object['id']),
      version: '2026-01-01T00:00:00.000Z',
      at: '2026-01-01T00:00:00Z',
      message: 'no',
    };
    const other = { ...letter, id: 'indicator--gone' };
    await note('replayed', { cursor: 5_000, dead: [letter, other] });
    const chief = await t.as('chief');
    await t.channelAdmin.replay(chief, 'replayed', '2026-12-01T00:00:00Z');
    expect(await stateOfChannel('replayed')).toMatchObject({ cursor: 5_000 });
    await t.channelAdmin.replay(chief, 'replayed', '1970-01-01T00:00:00.002Z');
    const state = await stateOfChannel('replayed');
    expect(state.cursor).toBe(2_000);
    expect(state.dead).toEqual([other]);
    await expect(t.channelAdmin.replay(chief, 'replayed', 'yesterday')).rejects.toEqual(refusal('TLN-V-424'));
    await expect(t.channelAdmin.replay(chief, 'unknown', '2026-01-01T00:00:00Z')).rejects.toEqual(
      refusal('TLN-V-405'),
    );
    await t.channelAdmin.delete(chief, 'replayed');
  });

  test('dead letters are sent again or cleared, all or some, and an empty choice is an error', async () => {
    await create({ name: 'dead' });
    const chief = await t.as('chief');
    const letters = ['a', 'b', 'c'].map((id) => ({
      id,
      version: '2026-01-01T00:00:00Z',
      at: '2026-01-01T00:00:00Z',
      message: 'no',
    }));
    await note('dead', { dead: letters });
    await expect(t.channelAdmin.settle(chief, 'dead', 'send', ['z'])).rejects.toEqual(refusal('TLN-V-427'));
    expect((await t.channelAdmin.settle(chief, 'dead', 'send', ['a', 'z'])).dead_letters).toHaveLength(2);
    expect(await stateOfChannel('dead')).toMatchObject({ again: [letters[0]] });
    expect((await t.channelAdmin.settle(chief, 'dead', 'clear', ['b'])).dead_letters).toHaveLength(1);
    expect((await t.channelAdmin.settle(chief, 'dead', 'clear')).dead_letters).toEqual([]);
    // Cleared dead letters are not sent again.
    expect((await stateOfChannel('dead')).again).toEqual([letters[0]]);
    await expect(t.channelAdmin.settle(chief, 'dead', 'clear')).rejects.toEqual(refusal('TLN-V-427'));
    const facts = (await t.store.audit(0, 10_000)).slice(-3).map(({ fact }) => [fact.action, fact.details]);
    expect(facts).toEqual([
      ['channel.resend', { objects: 1 }],
      ['channel.clear', { objects: 1 }],
      ['channel.clear', { objects: 1 }],
    ]);
    await t.channelAdmin.delete(chief, 'dead');
  });

  test('a limited key starts nothing that sends after the key has ended, and may stop it', async () => {
    await create({ name: 'limited' });
    await note('limited', { dead: [{ id: 'a', version: 'v', at: 'x', message: 'no' }] });
    const actor = withKey(await t.as('chief'), { scopes: ['api:read', 'api:write'] });
    for (const refused of [
      () => t.channelAdmin.create(actor, { ...hook, name: 'other' }),
      () => t.channelAdmin.pause(actor, 'limited', false),
      () => t.channelAdmin.replay(actor, 'limited', '2026-01-01T00:00:00Z'),
      () => t.channelAdmin.settle(actor, 'limited', 'send'),
    ])
      await expect(refused()).rejects.toEqual(refusal('TLN-K-405'));
    expect(await t.channelAdmin.pause(actor, 'limited', true)).toMatchObject({ state: 'paused' });
    await t.channelAdmin.settle(actor, 'limited', 'clear');
    await t.channelAdmin.delete(actor, 'limited');
  });
});
