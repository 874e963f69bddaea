import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PUBLIC } from '../../../src/access/principal.ts';
import { SUPPRESSIONS } from '../../../src/sharing/suppression/model.ts';
import {
  aCollection,
  aMember,
  anAccount,
  COMMUNITY,
  sharingServices,
  type SharingServices,
} from '../../support/sharing-services.ts';
import { refusal } from '../../support/refusal.ts';

const DAY = 86_400_000;
let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices([
    ...COMMUNITY,
    ...aMember('samoa', 'own-samoa'),
    anAccount('of-samoa', 'officer', 'samoa'),
    ...aCollection(
      'pair',
      { alias: 'pair' },
      '+account:feeder',
      'role:analyst',
      'member:tonga',
      'member:fiji',
    ),
  ]);
});
afterAll(() => t.stop());

describe('a suppression', () => {
  test.each<[string, string, readonly string[], string]>([
    ['a text that is not a value', 'ana', ['not a value'], 'TLN-Y-422'],
    ['one wrong text among values', 'ana', ['good.example', ''], 'TLN-Y-422'],
    ['a value that the member does not hold', 'moana', ['203.0.113.1'], 'TLN-Y-403'],
    ['a network that is wider than that of the member', 'moana', ['198.51.0.0/16'], 'TLN-Y-403'],
    ['one value of others among its own', 'moana', ['198.51.100.7', '203.0.113.1'], 'TLN-Y-403'],
    ['a value of its own member, by a service account', 'sensor', ['198.51.100.7'], 'TLN-A-403'],
    ['any value, by a member without claims', 'of-samoa', ['198.51.100.7'], 'TLN-Y-403'],
  ])('of %s is refused as a whole', async (_what, who, values, code) => {
    const before = await t.actions();
    await expect(t.suppressionService.create(await t.as(who), values, 'x')).rejects.toEqual(refusal(code));
    expect(await SUPPRESSIONS.all(t.store)).toEqual([]);
    expect(await t.actions()).toEqual(before);
  });

  test('a suppression by the public is refused', async () => {
    await expect(t.suppressionService.create(PUBLIC, ['good.example'], 'x')).rejects.toEqual(
      refusal('TLN-A-403'),
    );
  });

  test('covers every spelling of a value once, and its audit entry does not contain the value', async () => {
    const made = await t.suppressionService.create(
      await t.as('ana'),
      ['Good.example', 'good[.]example', 'good.example.'],
      'ours',
    );
    expect(made).toMatchObject([
      {
        type: 'domain',
        value: 'good.example',
        state: 'suppressed',
        cause: 'panic',
        reason: 'ours',
        by: 'ana',
      },
    ]);
    const fact = (await t.store.audit(0, 10_000))
      .map((entry) => entry.fact)
      .findLast(({ action }) => action === 'value.suppress');
    expect(fact).toMatchObject({
      resource: `suppression/${made[0]?.id ?? ''}`,
      details: { cause: 'panic', reason: 'ours' },
    });
    expect(JSON.stringify(fact)).not.toContain('good.example');
    // A second one changes nothing, also not its reason.
    const [again] = await t.suppressionService.create(await t.as('chief'), ['good.example'], 'other');
    expect(again).toEqual(made[0]);
  });

  test('a member lifts the suppression of its own value, but not that of the hub', async () => {
    const [own] = await t.suppressionService.create(await t.as('moana'), ['198.51.100.7'], 'our server');
    const [hub] = await t.suppressionService.create(await t.as('ana'), ['198.51.100.8'], 'checked');
    const ids = async (who: string) => (await t.suppressionService.list(await t.as(who))).map(({ id }) => id);
    expect((await ids('moana')).toSorted()).toEqual([own?.id ?? '', hub?.id ?? ''].toSorted());
    expect(await ids('desk')).toEqual([]);
    for (const id of [own?.id ?? '', 'unknown']) {
      await expect(t.suppressionService.get(await t.as('desk'), id)).rejects.toEqual(refusal('TLN-Y-404'));
      await expect(t.suppressionService.lift(await t.as('desk'), id, 'x')).rejects.toEqual(
        refusal('TLN-Y-404'),
      );
    }
    await expect(t.suppressionService.lift(await t.as('moana'), hub?.id ?? '', 'x')).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    expect(await t.suppressionService.lift(await t.as('moana'), own?.id ?? '', 'moved')).toMatchObject({
      state: 'lifted',
      lifted: { by: 'moana', reason: 'moved' },
    });
    expect(await t.lastFact()).toMatchObject({
      action: 'value.lift',
      member: 'tonga',
      details: { reason: 'moved' },
    });
    await expect(t.suppressionService.lift(await t.as('moana'), own?.id ?? '', 'x')).rejects.toEqual(
      refusal('TLN-Y-409'),
    );
    // A value that was lifted can be suppressed again, with a later time.
    const [again] = await t.suppressionService.create(await t.as('moana'), ['198.51.100.7'], 'again');
    expect(again).toMatchObject({ id: own?.id, state: 'suppressed', reason: 'again' });
    expect(String(again?.at) > String(own?.at)).toBe(true);
  });

  test('is shown newest first, with everybody who had the value, until they have fetched the list again', async () => {
    const value = await t.aDomain('pair');
    const sensor = await t.as('sensor');
    const reading = {
      kind: 'list',
      filters: JSON.stringify(['plain', ['domain'], 'pair']),
      objects: 1,
      agent: 'wall',
    };
    t.clock.advance(1_000);
    const cursor = t.clock.now() * 1_000;
    t.ledger.read({ account: sensor.account, collection: 'pair', cursor, ...reading });
    t.ledger.read({ account: (await t.as('probe')).account, collection: 'pair', cursor, ...reading });
    t.clock.advance(1_000);
    const [made] = await t.suppressionService.create(await t.as('ana'), [value], 'wrong');
    const shown = await t.suppressionService.get(await t.as('ana'), made?.id ?? '');
    expect(shown).toMatchObject({ announced: true, confirmed: 0, notified: 0, holding: 2 });
    const words = shown.recipients.map(({ member = '', state, way }) => `${member} ${state} ${way}`);
    expect(words.toSorted()).toEqual(['fiji holding list', 'tonga holding list']);
    // One of them fetches the list again.
    t.clock.advance(1_000);
    t.ledger.read({ account: sensor.account, collection: 'pair', cursor, ...reading });
    const after = await t.suppressionService.get(await t.as('ana'), made?.id ?? '');
    expect(after).toMatchObject({ confirmed: 1, holding: 1 });
    expect(after.recipients.map(({ state }) => state)).toEqual(['holding', 'confirmed']);
    expect((await t.suppressionService.list(await t.as('ana')))[0]?.id).toBe(made?.id);
  });

  test('that was lifted is forgotten after 90 days, except the last one', async () => {
    const made = await t.suppressionService.create(
      await t.as('ana'),
      ['old-1.example', 'old-2.example'],
      'x',
    );
    for (const { id } of made) {
      t.clock.advance(1_000);
      await t.suppressionService.lift(await t.as('ana'), id, 'y');
    }
    const kept = async () => (await SUPPRESSIONS.all(t.store)).map(({ id }) => id);
    t.clock.advance(90 * DAY - 1_000);
    await t.suppressionService.sweep();
    expect(await kept()).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    t.clock.advance(2_000);
    await t.suppressionService.sweep();
    // Serial numbers of lists follow the last change.
    expect((await kept()).filter((id) => made.some((one) => one.id === id))).toEqual([made[1]?.id]);
  });
});
