import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GROUPS } from '../../src/access/member-model.ts';
import { PUBLIC, type Principal } from '../../src/access/principal.ts';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import { aCandidate, marked, objectId, type Json } from '../support/builders.ts';
import {
  aCollection,
  aMember,
  anAccount,
  sharingServices,
  withKey,
  type SharingServices,
} from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const [MAIN, SIDE, OPEN, HIDDEN] = ['main', 'side', 'open', 'hidden'];
const [TONGA, FIJI, SAMOA] = ['own-tonga', 'own-fiji', 'own-samoa'];
const RECORDS = [
  ...aMember('tonga', TONGA),
  ...aMember('fiji', FIJI),
  ...aMember('samoa', SAMOA),
  GROUPS.insert('circle', { members: ['tonga', 'fiji'] }),
  anAccount('moana', 'officer', 'tonga'),
  anAccount('sensor', 'machine', 'tonga'),
  anAccount('desk', 'officer', 'fiji'),
  anAccount('guest', 'officer', 'samoa'),
  anAccount('chief', 'administrator'),
  anAccount('ana', 'analyst'),
  ...aCollection(
    MAIN,
    { alias: 'main' },
    '+member:tonga',
    'member:fiji',
    '+role:analyst',
    'role:administrator',
  ),
  ...aCollection(SIDE, { alias: 'side' }, '+member:fiji', 'member:tonga'),
  ...aCollection(OPEN, { alias: 'open', max_tlp: 'clear' }, 'public', '+member:tonga', '+member:fiji'),
  ...aCollection(HIDDEN, { alias: 'hidden' }, '+account:sensor'),
];

let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices(RECORDS);
});
afterAll(() => t.stop());

/** True if an object is in a collection. */
const isIn = (collection: string, id: string): Promise<boolean> => t.store.stands(collection, id);

describe('sharing', () => {
  test.each([
    ['clear', 'done'],
    ['green', 'done'],
    ['amber', 'asked'],
    ['amber+strict', 'asked'],
  ] as const)(
    'a reader who may write shares TLP:%s of another member at once or asks: %s',
    async (tlp, state) => {
      const id = await t.stored('desk', marked(tlp), 'side');
      const share = await t.shares
        .share(await t.as('moana'), id, { members: ['samoa'] })
        .catch((error: unknown) => error);
      // A reader without the right to write cannot share what belongs to another member.
      expect(share).toMatchObject({ code: 'TLN-A-403' });
      const main = await t.stored('sensor', marked(tlp));
      const asked = await t.shares.share(await t.as('ana'), main, { members: ['samoa'], reason: 'affected' });
      expect(asked).toMatchObject({
        state,
        object: main,
        owner: 'tonga',
        by: 'ana',
        members: ['samoa'],
        reason: 'affected',
      });
      expect(await isIn(SAMOA, main)).toBe(state === 'done');
    },
  );

  test('the owner shares what it owns without asking itself, up to what the targets can contain', async () => {
    const strict = await t.stored('sensor', marked('amber+strict'));
    const share = await t.shares.share(await t.as('moana'), strict, {
      members: ['fiji'],
      collection: 'open',
    });
    expect(share).toMatchObject({
      state: 'done',
      outcomes: [
        { to: 'member-fiji', outcome: 'placed' },
        { to: 'open', outcome: 'withheld', message: expect.stringMatching(/^\S+: /) },
      ],
    });
    expect([await isIn(FIJI, strict), await isIn(SAMOA, strict), await isIn(OPEN, strict)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('green objects need the consent of the owner before the public can read them, and clear ones do not', async () => {
    const [green, clear] = [
      await t.stored('sensor', marked('green')),
      await t.stored('sensor', marked('clear')),
    ];
    expect(await t.shares.share(await t.as('ana'), clear, { members: ['samoa'] })).toMatchObject({
      state: 'done',
    });
    const actor = await t.as('desk');
    const side = marked('green');
    await t.put('desk', 'side', side);
    // The owner decides itself, and the marking still binds.
    expect(await t.shares.share(actor, objectId(side), { collection: 'open' })).toMatchObject({
      state: 'done',
      outcomes: [{ to: 'open', outcome: 'withheld' }],
    });
    await t.collections.grant(await t.as('chief'), 'open', { to: 'role:analyst', read: true });
    expect(await t.shares.share(await t.as('ana'), green, { collection: 'open' })).toMatchObject({
      state: 'asked',
      outcomes: [],
    });
    expect([await isIn(OPEN, green), await isIn(OPEN, objectId(side))]).toEqual([false, false]);
  });

  test.each<[string, string, Json, string]>([
    ['an unknown member', 'moana', { members: ['nauru'] }, 'TLN-M-405'],
    ['a member that the caller cannot list', 'moana', { members: ['nobody-knows'] }, 'TLN-M-405'],
    ['nobody', 'moana', {}, 'TLN-S-424'],
    ['no members', 'moana', { members: [] }, 'TLN-S-424'],
    ['an unknown collection', 'moana', { collection: 'elsewhere' }, 'TLN-L-408'],
    ['a collection that the caller cannot list', 'moana', { collection: 'hidden' }, 'TLN-L-408'],
    ['the id of such a collection', 'moana', { collection: HIDDEN }, 'TLN-L-408'],
  ])('a share with %s is refused and leaves nothing behind', async (_what, who, request, code) => {
    const id = await t.stored('sensor', marked('green'));
    const before = await t.actions();
    await expect(t.shares.share(await t.as(who), id, request)).rejects.toEqual(refusal(code));
    expect((await t.shares.list(await t.as(who))).filter(({ object }) => object === id)).toEqual([]);
    expect(await t.actions()).toEqual(before);
  });

  test('an object that the caller cannot read does not exist for the caller, wherever it is', async () => {
    const id = await t.stored('sensor', marked('green'), 'hidden');
    const unknown = objectId(marked('green'));
    const answers = await Promise.all(
      [id, unknown].map(async (one) => {
        const error: unknown = await t.shares
          .share(await t.as('desk'), one, { members: ['samoa'] })
          .catch((fault: unknown) => fault);
        return JSON.stringify({
          ...(error as object),
          title: (error as Error).message.replace(one, 'ID'),
        }).replaceAll(one, 'ID');
      }),
    );
    expect(answers[0]).toBe(answers[1]);
    // Hub staff learn which grant they need.
    await expect(t.shares.share(await t.as('chief'), id, { members: ['samoa'] })).rejects.toMatchObject({
      code: 'TLN-S-405',
      hint: expect.stringContaining('role:administrator'),
    });
    await expect(t.shares.share(PUBLIC, id, { members: ['samoa'] })).rejects.toEqual(refusal('TLN-T-410'));
  });

  test.each<[string, NonNullable<Parameters<typeof withKey>[1]>, string]>([
    ['may not submit', { scopes: ['taxii:read', 'api:read', 'api:write'] }, 'TLN-K-406'],
    ['may not read', { scopes: ['taxii:write', 'api:write'] }, 'TLN-K-406'],
    ['is limited to the source', { collections: [MAIN] }, 'TLN-S-403'],
  ])('a key that %s places nothing in collections of others', async (_what, limits, code) => {
    const id = await t.stored('sensor', marked('green'));
    const actor = withKey(await t.as('moana'), limits);
    await expect(t.shares.share(actor, id, { members: ['fiji'] })).rejects.toEqual(refusal(code));
    expect(await isIn(FIJI, id)).toBe(false);
  });

  test('members do not learn whether the target had the object before, and hub staff do', async () => {
    const id = await t.stored('sensor', marked('green'));
    const share = async (who: string) =>
      (await t.shares.share(await t.as(who), id, { members: ['samoa'] })).outcomes[0]?.outcome;
    expect([await share('moana'), await share('moana'), await share('ana')]).toEqual([
      'placed',
      'placed',
      'known',
    ]);
  });

  test('a share names each target once, in the order of the request', async () => {
    const id = await t.stored('sensor', marked('green'));
    const { outcomes } = await t.shares.share(await t.as('moana'), id, {
      members: ['samoa', 'fiji', 'samoa'],
      collection: 'side',
    });
    expect(outcomes.map(({ to }) => to)).toEqual(['member-samoa', 'member-fiji', 'side']);
  });

  test('the newest version is shared, even when an older one is looser', async () => {
    const object = marked('green');
    await t.put('sensor', 'main', object, { ...object, modified: '2026-01-05T00:00:00.000Z', name: 'Newer' });
    await t.shares.share(await t.as('moana'), objectId(object), { members: ['samoa'] });
    const query = { collection: SAMOA, after: 0, limit: 9, ids: [objectId(object)], versions: ALL_VERSIONS };
    const { entries } = await t.store.entries(query, true);
    expect(entries.map(({ text }) => text)).toEqual([expect.stringContaining('"Newer"')]);
  });
});

describe('consent', () => {
  const ask = async (): Promise<{ id: string; object: string }> => {
    const object = await t.stored('sensor', marked('amber'));
    const { id } = await t.shares.share(await t.as('ana'), object, { members: ['samoa'], reason: 'please' });
    return { id, object };
  };
  const answer = async (who: Principal, id: string, verdict: 'granted' | 'refused', note?: string) =>
    t.shares.answer(who, id, verdict, note);

  test('an officer of the owner grants it, and only then is the object placed', async () => {
    const { id, object } = await ask();
    expect(await isIn(SAMOA, object)).toBe(false);
    t.clock.advance(60_000);
    expect(await answer(await t.as('moana'), id, 'granted', 'fine')).toMatchObject({
      state: 'done',
      answer: { by: 'moana', note: 'fine', at: new Date(t.clock.now()).toISOString() },
      outcomes: [{ to: 'member-samoa', outcome: 'placed' }],
    });
    expect(await isIn(SAMOA, object)).toBe(true);
    expect((await t.actions()).slice(-2)).toEqual(['share.ask', 'share.grant']);
  });

  test('a refusal places nothing, is in the audit log, and is final', async () => {
    const { id, object } = await ask();
    expect(await answer(await t.as('moana'), id, 'refused', 'too early')).toMatchObject({
      state: 'refused',
      answer: { note: 'too early' },
    });
    expect((await t.actions()).at(-1)).toBe('share.refuse');
    for (const verdict of ['granted', 'refused'] as const)
      await expect(answer(await t.as('moana'), id, verdict)).rejects.toEqual(refusal('TLN-S-413'));
    expect(await isIn(SAMOA, object)).toBe(false);
  });

  test.each([
    ['desk', 'TLN-S-404'],
    ['guest', 'TLN-S-404'],
    ['sensor', 'TLN-S-404'],
    ['ana', 'TLN-A-403'],
  ])('%s, who does not decide for the owner, gets %s', async (who, code) => {
    const { id, object } = await ask();
    await expect(answer(await t.as(who), id, 'granted', 'yes')).rejects.toEqual(refusal(code));
    await expect(answer(await t.as(who), 'no-such-id', 'granted', 'yes')).rejects.toEqual(
      refusal('TLN-S-404'),
    );
    expect(await isIn(SAMOA, object)).toBe(false);
  });

  test('an administrator records a consent of the owner only with a note, and a refusal without', async () => {
    const { id, object } = await ask();
    const chief = await t.as('chief');
    await expect(answer(chief, id, 'granted')).rejects.toEqual(refusal('TLN-S-422'));
    expect(await isIn(SAMOA, object)).toBe(false);
    expect(await answer(chief, id, 'granted', 'by phone, 10:00')).toMatchObject({ state: 'done' });
    expect(await answer(chief, (await ask()).id, 'refused')).toMatchObject({ state: 'refused' });
  });

  test('a key that cannot submit can refuse, but not grant', async () => {
    const { id } = await ask();
    const actor = withKey(await t.as('moana'), { scopes: ['api:read', 'api:write'] });
    await expect(answer(actor, id, 'granted')).rejects.toEqual(refusal('TLN-K-406'));
    expect(await answer(actor, id, 'refused')).toMatchObject({ state: 'refused' });
  });

  test('an object that is gone when the owner answers is not placed, and the request stays open', async () => {
    const { id, object } = await ask();
    await t.store.remove({ collection: MAIN, id: object, versions: ALL_VERSIONS });
    await expect(answer(await t.as('moana'), id, 'granted')).rejects.toEqual(refusal('TLN-T-410'));
    expect((await t.shares.list(await t.as('moana'))).find((share) => share.id === id)).toMatchObject({
      state: 'asked',
    });
  });

  test('a consent does not cover the object of another owner that took the place of the first', async () => {
    const { id, object } = await ask();
    await t.store.remove({ collection: MAIN, id: object, versions: ALL_VERSIONS });
    const later = marked('amber', { id: object, modified: '2026-01-08T00:00:00.000Z' });
    const candidate = aCandidate(later, { owner: 'fiji', level: 2 });
    await t.store.commit({ placements: [{ collection: MAIN, candidates: [candidate] }] });
    // The tombstone keeps the id for its owner.
    expect(await isIn(MAIN, object)).toBe(false);
    await expect(answer(await t.as('moana'), id, 'granted')).rejects.toEqual(refusal('TLN-T-410'));
  });

  test('the list shows each caller its own requests and those it can answer, the newest first, and hub staff all', async () => {
    t.clock.advance(1_000);
    const first = await ask();
    t.clock.advance(1_000);
    const second = await ask();
    const ids = async (who: string): Promise<readonly string[]> =>
      (await t.shares.list(await t.as(who))).map(({ id }) => id);
    for (const who of ['ana', 'chief', 'moana'])
      expect((await ids(who)).slice(0, 2)).toEqual([second.id, first.id]);
    // Other members, and service accounts, which do not answer for their member.
    for (const who of ['desk', 'guest', 'sensor'])
      expect((await ids(who)).filter((id) => [first.id, second.id].includes(id))).toEqual([]);
    expect(await t.shares.list(PUBLIC)).toEqual([]);
    // A member sees that the hub asked, not which person.
    const [shown] = await t.shares.list(await t.as('moana'));
    expect(shown).toMatchObject({ by: 'hub', reason: 'please' });
  });

  test('an account has at most 100 open requests, and answered ones make room', async () => {
    const object = await t.stored('sensor', marked('amber'));
    const actor = await t.as('ana');
    const before = (await t.shares.list(actor)).filter(
      ({ state, by }) => state === 'asked' && by === 'ana',
    ).length;
    for (let i = before; i < 100; i++) await t.shares.share(actor, object, { members: ['samoa'] });
    await expect(t.shares.share(actor, object, { members: ['samoa'] })).rejects.toEqual(refusal('TLN-S-415'));
    // Others have a number of their own, and what needs no consent is not limited.
    expect(await t.shares.share(await t.as('chief'), object, { members: ['samoa'] })).toMatchObject({
      state: 'asked',
    });
    expect(
      await t.shares.share(actor, await t.stored('sensor', marked('green')), { members: ['samoa'] }),
    ).toMatchObject({
      state: 'done',
    });
    const [open] = (await t.shares.list(actor)).filter(({ state, by }) => state === 'asked' && by === 'ana');
    await answer(await t.as('moana'), open?.id ?? '', 'refused');
    expect(await t.shares.share(actor, object, { members: ['samoa'] })).toMatchObject({ state: 'asked' });
  });
});
