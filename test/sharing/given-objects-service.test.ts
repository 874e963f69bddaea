import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PUBLIC, type AccountPrincipal } from '../../src/access/principal.ts';
import type { Answer } from '../../src/sharing/channels/email/answer-links.ts';
import { ACKNOWLEDGEMENT_REQUESTS } from '../../src/sharing/deliveries/model.ts';
import { TRIAGE } from '../../src/sharing/shares/model.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import { anIndicator, marked, objectId, type Json } from '../support/builders.ts';
import { COMMUNITY, sharingServices, withKey, type SharingServices } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const DAY = 86_400_000;
let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices(COMMUNITY, ['NU']);
});
afterAll(() => t.stop());

describe('TLP:RED', () => {
  const give = async (who: string, to: readonly string[], object: Json = marked('red'), note?: string) =>
    t.red.give(await t.as(who), { object, to: [...to], ...(note === undefined ? {} : { note }) });
  /** The person at the console, who chose the password. */
  const inPerson = async (name: string, isPersonal = true): Promise<AccountPrincipal> => ({
    ...(await t.as(name)),
    session: { id: 's', confirmed: t.clock.now(), isPersonal },
  });

  test.each<[string, string, readonly string[], Json, string]>([
    ['to a service account', 'moana', ['sensor'], marked('red'), 'TLN-R-405'],
    ['to nobody who exists', 'moana', ['desk', 'atlantis'], marked('red'), 'TLN-R-405'],
    ['that is amber', 'moana', ['desk'], marked('amber'), 'TLN-R-422'],
    ['without a marking', 'moana', ['desk'], anIndicator({ object_marking_refs: undefined }), 'TLN-R-422'],
    ['that is no STIX', 'moana', ['desk'], { type: 'indicator' }, 'TLN-R-423'],
  ])('%s is refused and stored nowhere', async (_what, who, to, object, code) => {
    await expect(give(who, to, object)).rejects.toEqual(refusal(code));
    for (const name of ['moana', 'desk']) expect(await t.red.list(await t.as(name))).toEqual([]);
  });

  test('is seen by its giver and its recipients, who do not see each other', async () => {
    const { id } = await give('moana', ['desk', 'ana', 'desk'], marked('red'), 'careful');
    const shown = async (who: string) => (await t.red.list(await t.as(who))).find((one) => one.id === id);
    expect((await shown('moana'))?.to.map(({ account }) => account)).toEqual(['desk', 'ana']);
    expect((await shown('desk'))?.to.map(({ account }) => account)).toEqual(['desk']);
    expect(await shown('desk')).toMatchObject({ note: 'careful' });
    for (const who of ['chief', 'sensor', 'probe']) expect(await shown(who)).toBeUndefined();
    await t.red.withdraw(await t.as('moana'), id);
  });

  test('is read in person only, and each reading is in the audit log', async () => {
    const { id } = await give('moana', ['desk']);
    await expect(t.red.read(await t.as('desk'), id)).rejects.toEqual(refusal('TLN-R-403'));
    await expect(t.red.read(await inPerson('desk', false), id)).rejects.toEqual(refusal('TLN-R-406'));
    await expect(t.red.read(withKey(await inPerson('desk'), {}), id)).rejects.toEqual(refusal('TLN-R-403'));
    await expect(t.red.read(await inPerson('moana'), id)).rejects.toEqual(refusal('TLN-R-403'));
    for (const who of ['chief', 'ana'])
      await expect(t.red.read(await inPerson(who), id)).rejects.toEqual(refusal('TLN-R-404'));
    const read = await t.red.read(await inPerson('desk'), id);
    expect(read.content).toMatchObject({ type: 'indicator' });
    expect(await t.lastFact()).toMatchObject({ action: 'red.read', resource: `red/${id}` });
    const [seen] = await t.red.list(await t.as('moana'));
    expect(seen?.to).toEqual([{ account: 'desk', read: new Date(t.clock.now()).toISOString() }]);
    // The first reading counts.
    t.clock.advance(60_000);
    await t.red.read(await inPerson('desk'), id);
    expect((await t.red.list(await t.as('moana')))[0]?.to).toEqual(seen?.to);
    await t.red.withdraw(await t.as('moana'), id);
  });

  test('is withdrawn by its giver and by administrators, and nobody can read it afterwards', async () => {
    const { id } = await give('moana', ['desk']);
    await expect(t.red.withdraw(await t.as('desk'), id)).rejects.toEqual(refusal('TLN-A-403'));
    for (const who of ['ana', 'sensor'])
      await expect(t.red.withdraw(await t.as(who), id)).rejects.toEqual(refusal('TLN-R-404'));
    await t.red.withdraw(await t.as('chief'), id);
    await expect(t.red.read(await inPerson('desk'), id)).rejects.toEqual(refusal('TLN-R-404'));
    await expect(t.red.withdraw(await t.as('moana'), id)).rejects.toEqual(refusal('TLN-R-404'));
  });

  test('is not readable while its recipient is disabled', async () => {
    const { id } = await give('moana', ['desk']);
    const desk = await inPerson('desk');
    await t.accounts.update(await t.as('chief'), 'desk', { disabled: true });
    expect((await t.directory.refresh()).principalNamed('desk')).toBeUndefined();
    await expect(give('moana', ['desk'])).rejects.toEqual(refusal('TLN-R-405'));
    await t.accounts.update(await t.as('chief'), 'desk', { disabled: false });
    await expect(t.red.read(desk, id)).resolves.toMatchObject({ id });
    await t.red.withdraw(await t.as('moana'), id);
  });
});

describe('triage', () => {
  /** Stores a sighting of a country without a member, and routes it. */
  const report = async (): Promise<{ id: string; object: string }> => {
    const object = marked('green', { indicator_types: ['malicious-activity'] });
    const identity = { type: 'location', spec_version: '2.1', id: `location--${objectId(object).slice(11)}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', country: 'NU', object_marking_refs: [tlpMarkingId('green')] }; // prettier-ignore
    await t.put('feeder', 'main', object, identity);
    await t.routing.routeAll();
    const found = (await t.triage.list(await t.as('ana'))).find(
      ({ object: about }) => about === identity.id || about === objectId(object),
    );
    return { id: found?.id ?? '', object: found?.object ?? '' };
  };

  test('is for analysts of the hub', async () => {
    for (const who of ['moana', 'sensor', 'feeder']) {
      await expect(t.triage.list(await t.as(who))).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.triage.dismiss(await t.as(who), 'x', 'y')).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.triage.assign(await t.as(who), 'x', ['tonga'])).rejects.toEqual(refusal('TLN-A-403'));
    }
    await expect(t.triage.list(PUBLIC)).rejects.toEqual(refusal('TLN-A-403'));
    await expect(t.triage.dismiss(await t.as('ana'), 'unknown', 'y')).rejects.toEqual(refusal('TLN-I-404'));
  });

  test('contains objects about a country of the region without a member, once', async () => {
    const { id, object } = await report();
    expect(id).not.toBe('');
    await t.routing.routeAll();
    const items = (await t.triage.list(await t.as('ana'))).filter((item) => item.object === object);
    expect(items).toMatchObject([{ reason: 'no-member', country: 'NU', collection: 'main', state: 'open' }]);
    await t.triage.dismiss(await t.as('ana'), id, 'known');
    expect((await t.triage.list(await t.as('ana'))).map((item) => item.id)).not.toContain(id);
    await expect(t.triage.dismiss(await t.as('ana'), id, 'again')).rejects.toEqual(refusal('TLN-I-404'));
    expect(await t.lastFact()).toMatchObject({
      action: 'triage.decide',
      resource: `object/${object}`,
      details: { what: 'dismissed', note: 'known' },
    });
  });

  test('assigns a report to members, and closes the item', async () => {
    const { id, object } = await report();
    await expect(t.triage.assign(await t.as('ana'), id, ['atlantis'])).rejects.toEqual(refusal('TLN-M-405'));
    await expect(
      t.triage.assign(withKey(await t.as('ana'), { scopes: ['api:read', 'api:write'] }), id, ['fiji']),
    ).rejects.toMatchObject({
      code: 'TLN-K-406',
      description: expect.stringMatching(/^Assigning a report /),
    });
    expect((await t.triage.list(await t.as('ana'))).map((item) => item.id)).toContain(id);
    expect(await t.triage.assign(await t.as('ana'), id, ['fiji', 'tonga'], 'please look')).toMatchObject({
      state: 'done',
      reason: 'please look',
    });
    expect([await t.store.stands('own-fiji', object), await t.store.stands('own-tonga', object)]).toEqual([
      true,
      true,
    ]);
    expect((await t.triage.list(await t.as('ana'))).map((item) => item.id)).not.toContain(id);
    const decided = (await TRIAGE.all(t.store)).find(({ document }) => document.object === object)?.document;
    expect(decided).toMatchObject({
      state: 'done',
      decided: { by: 'ana', what: 'given to fiji, tonga', note: 'please look' },
    });
  });
});

describe('an answer', () => {
  test('is given by members that can read the object, and the last one counts', async () => {
    const id = await t.stored('feeder', marked('green'));
    await expect(t.answers.answer(await t.as('ana'), id, 'acknowledged')).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    await expect(t.answers.answer(PUBLIC, id, 'acknowledged')).rejects.toEqual(refusal('TLN-T-410'));
    const hidden = await t.stored('sensor', marked('green'), 'side');
    await expect(t.answers.answer(await t.as('desk'), hidden, 'acknowledged')).rejects.toEqual(
      refusal('TLN-T-410'),
    );
    await t.answers.answer(await t.as('desk'), id, 'acknowledged');
    await t.answers.answer(await t.as('desk'), id, 'not-ours', 'we have no such bank');
    const step = (await t.answers.log(await t.as('ana'), id)).find(({ member }) => member === 'fiji');
    expect(step).toMatchObject({ state: 'not-ours' });
    expect(await t.lastFact()).toMatchObject({
      action: 'answer.give',
      member: 'fiji',
      details: { answer: 'not-ours', by: 'desk' },
    });
  });

  test('"not ours" opens one item for hub staff, which a repeated answer does not open again', async () => {
    const id = await t.stored('feeder', marked('green'));
    const items = async () => (await t.triage.list(await t.as('ana'))).filter(({ object }) => object === id);
    await t.answers.answer(await t.as('desk'), id, 'acknowledged');
    expect(await items()).toEqual([]);
    for (let i = 0; i < 2; i++) await t.answers.answer(await t.as('desk'), id, 'not-ours');
    expect(await items()).toMatchObject([{ reason: 'not-ours', member: 'fiji' }]);
    await t.triage.dismiss(await t.as('ana'), (await items())[0]?.id ?? '', 'seen');
    await t.answers.answer(await t.as('desk'), id, 'not-ours');
    expect(await items()).toEqual([]);
    // Another member, another reason and a newer version are other matters.
    await t.answers.answer(await t.as('moana'), id, 'false-positive');
    expect(await items()).toMatchObject([{ reason: 'false-positive', member: 'tonga' }]);
    t.clock.advance(1_000);
    await t.put('feeder', 'main', {
      ...(await t.newest(id)),
      modified: '2026-06-01T00:00:00.000Z',
      name: 'Newer',
    });
    await t.answers.answer(await t.as('desk'), id, 'not-ours');
    expect((await items()).map(({ member = '' }) => member).toSorted()).toEqual(['fiji', 'tonga']);
  });

  test('opens its item again only for a newer version than the one that hub staff decided on', async () => {
    const id = await t.stored('feeder', marked('green'));
    const items = async () => (await t.triage.list(await t.as('ana'))).filter(({ object }) => object === id);
    const decide = async () => t.triage.dismiss(await t.as('ana'), (await items())[0]?.id ?? '', 'seen');
    const say = async (answer: Answer) => t.answers.answer(await t.as('desk'), id, answer);
    const revise = async (day: number) => {
      t.clock.advance(1_000);
      const modified = `2026-06-0${day}T00:00:00.000Z`;
      await t.put('feeder', 'main', { ...(await t.newest(id)), modified, name: `Day ${day}` });
    };
    await say('not-ours');
    await decide();
    await revise(1);
    // An answer without an item lies between the version that was decided and the next one of the item.
    await say('acknowledged');
    await say('not-ours');
    expect(await items()).toHaveLength(1);
    await revise(2);
    await say('not-ours');
    await decide();
    // The item was open for the second version too, so the decision counts for both.
    await say('acknowledged');
    await say('not-ours');
    expect(await items()).toEqual([]);
  });

  /** The requests for an acknowledgement of an object: by whom, until when, and how often the deadline was set. */
  const requests = async (id: string) =>
    (await ACKNOWLEDGEMENT_REQUESTS.all(t.store))
      .map(({ document }) => document)
      .filter(({ object }) => object === id)
      .map(({ owner, due, times }) => [owner, due, times]);

  test('is requested by hub staff and the owner, until a time in the next 90 days', async () => {
    const id = await t.stored('sensor', marked('green'));
    const until = (ms: number): string => new Date(t.clock.now() + ms).toISOString();
    for (const bad of ['soon', until(0), until(-1), until(90 * DAY + 1)])
      await expect(t.answers.request(await t.as('ana'), id, bad)).rejects.toEqual(refusal('TLN-D-422'));
    for (const [who, code] of [
      ['desk', 'TLN-A-403'],
      ['probe', 'TLN-A-403'],
    ] as const)
      // prettier-ignore
      await expect(t.answers.request(await t.as(who), id, until(DAY))).rejects.toEqual(refusal(code));
    await expect(
      t.answers.request(await t.as('desk'), objectId(marked('green')), until(DAY)),
    ).rejects.toEqual(refusal('TLN-T-410'));
    expect(await requests(id)).toEqual([]);
    const steps = await t.answers.request(await t.as('moana'), id, until(90 * DAY));
    expect(steps).toEqual(await t.answers.log(await t.as('moana'), id));
    expect(await requests(id)).toEqual([['tonga', t.clock.now() + 90 * DAY, 1]]);
    expect(await t.lastFact()).toMatchObject({ action: 'answer.request', resource: `object/${id}` });
  });

  test('has a deadline that is changed at most three times a day', async () => {
    const id = await t.stored('sensor', marked('green'));
    const actor = await t.as('moana');
    const request = (days: number) =>
      t.answers.request(actor, id, new Date(t.clock.now() + days * DAY).toISOString());
    for (const days of [1, 2, 3]) await request(days);
    await expect(request(4)).rejects.toEqual(refusal('TLN-D-429'));
    const of = (owner: string | undefined, days: number, times: number) => [
      owner,
      t.clock.now() + days * DAY,
      times,
    ];
    expect(await requests(id)).toEqual([of('tonga', 3, 3)]);
    // The same deadline is not a change, and hub staff have a limit of their own.
    await request(3);
    await t.answers.request(await t.as('ana'), id, new Date(t.clock.now() + DAY).toISOString());
    expect(await requests(id)).toEqual([of(undefined, 1, 1), of('tonga', 3, 3)]);
    t.clock.advance(DAY);
    await request(5);
    expect(await requests(id)).toEqual([of(undefined, 0, 1), of('tonga', 5, 1)]);
  });

  test('and those of others are shown to the owner and hub staff, and every other member sees its own', async () => {
    const id = await t.stored('sensor', marked('green'));
    const members = async (who: string) =>
      (await t.answers.log(await t.as(who), id)).map(({ member }) => member).toSorted();
    expect(await members('desk')).toEqual(['fiji']);
    await expect(t.answers.log(await t.as('probe'), id)).rejects.toEqual(refusal('TLN-A-403'));
    expect(await members('ana')).toEqual(['fiji', 'tonga']);
    await expect(t.answers.log(PUBLIC, id)).rejects.toEqual(refusal('TLN-T-410'));
    expect((await t.answers.log(await t.as('moana'), id)).map(({ member }) => member).toSorted()).toEqual([
      'fiji',
      'tonga',
    ]);
  });
});

describe('the outlet', () => {
  const view = async (who: string, collection = 'main') => t.outlet.find(await t.as(who), 'main', collection);

  test.each<[string, string, string]>([
    ['probe', 'side', 'TLN-T-404'],
    ['probe', 'nowhere', 'TLN-T-404'],
    ['feeder', 'side', 'TLN-T-404'],
  ])('%s does not find the collection %s', async (who, collection, code) => {
    await expect(view(who, collection)).rejects.toEqual(refusal(code));
    await expect(t.outlet.findWritable(await t.as(who), 'main', collection)).rejects.toEqual(refusal(code));
    await expect(t.outlet.find(PUBLIC, 'main', collection)).rejects.toEqual(refusal('TLN-A-401'));
  });

  test('lists the collections of an API root by title, with the rights of the caller', async () => {
    const shown = async (who: string) =>
      (await t.outlet.visible(await t.as(who), 'main')).map(
        ({ collection, rights }) => `${collection.id} ${rights.read} ${rights.write}`,
      );
    expect(await shown('sensor')).toEqual([
      'main true true',
      'own-tonga true false',
      'read true false',
      'side true true',
    ]);
    expect(await shown('feeder')).toEqual(['main true true', 'read true true']);
    expect(await t.outlet.visible(PUBLIC, 'main')).toEqual([]);
    expect(await t.outlet.visible(await t.as('sensor'), 'other')).toEqual([]);
    await expect(t.outlet.findWritable(await t.as('moana'), 'main', 'read')).rejects.toEqual(
      refusal('TLN-A-403'),
    );
  });

  test('removes only objects of the caller, and hub staff remove any, with a record of who did', async () => {
    const id = await t.stored('sensor', marked('green'));
    const remove = async (who: string, object = id) =>
      t.outlet.remove(await t.as(who), await view(who), { id: object, versions: ALL_VERSIONS });
    await expect(remove('probe')).rejects.toEqual(refusal('TLN-A-403'));
    await expect(remove('sensor', objectId(marked('green')))).rejects.toEqual(refusal('TLN-T-410'));
    expect(await remove('sensor')).toBe(1);
    expect(await t.lastFact()).toMatchObject({
      action: 'object.delete',
      member: 'tonga',
      details: { collection: 'main', versions: 1 },
    });
    const other = await t.stored('probe', marked('green'));
    expect(await remove('ana', other)).toBe(1);
    await expect(
      t.outlet.remove(await t.as('moana'), await view('moana', 'read'), { id, versions: ALL_VERSIONS }),
    ).rejects.toEqual(refusal('TLN-A-403'));
  });

  test('shows the newest version of the rightful owner, or the requested one', async () => {
    const object = marked('green');
    const id = await t.stored('sensor', object);
    const second = { ...object, modified: '2026-01-05T00:00:00.000Z', name: 'Second' };
    await t.stored('sensor', second, 'side');
    const name = async (who: string, version?: string) =>
      (await t.outlet.places(await t.as(who), id, 'test', version)).shown?.object['name'];
    expect(await name('moana')).toBe('Second');
    // Others see the collections that they read.
    expect(await name('desk')).toBe('Look-alike bank');
    expect(await name('moana', '2026-01-01T00:00:00Z')).toBe('Look-alike bank');
    expect(await name('moana', '2025-01-01T00:00:00Z')).toBeUndefined();
    expect(
      (await t.outlet.places(await t.as('moana'), id, 'test')).places.map((place) => place.name),
    ).toEqual(['main', 'side']);
    expect(await t.outlet.places(PUBLIC, id, 'test')).toEqual({ places: [], shown: undefined });
  });

  test('never shows a later object that somebody else stored under the same id', async () => {
    const object = marked('green');
    const id = await t.stored('sensor', object, 'side');
    t.clock.advance(1_000);
    await t.stored('probe', { ...object, modified: '2026-01-09T00:00:00.000Z', name: 'Of another owner' });
    const { places, shown } = await t.outlet.places(await t.as('moana'), id, 'test');
    expect(places).toHaveLength(2);
    expect(shown?.object['name']).toBe('Look-alike bank');
    // A reader who cannot read the first one sees the other.
    expect((await t.outlet.places(await t.as('desk'), id, 'test')).shown?.object['name']).toBe(
      'Of another owner',
    );
  });
});

describe('saved searches', () => {
  test('belong to one account, have one value for each name, and are sorted', async () => {
    const [moana, desk] = [await t.as('moana'), await t.as('desk')];
    await t.search.saved.create(moana, 'zebra', { query: '192.0.2.1' });
    await t.search.saved.create(moana, 'bank', { query: 'reef-bank.example' });
    await t.search.saved.create(desk, 'bank', { query: 'other.example' });
    expect((await t.search.saved.list(moana)).map(({ name, query }) => [name, query])).toEqual([['bank', 'reef-bank.example'], ['zebra', '192.0.2.1']]); // prettier-ignore
    await expect(t.search.saved.create(moana, 'bank', { query: 'x' })).rejects.toEqual(refusal('TLN-L-429'));
    await expect(t.search.saved.update(moana, 'unknown', { query: 'x' })).rejects.toEqual(
      refusal('TLN-L-427'),
    );
    expect(await t.search.saved.update(moana, 'bank', { query: 'new.example' })).toMatchObject({
      name: 'bank',
      query: 'new.example',
    });
    expect((await t.search.saved.list(desk)).map(({ query }) => query)).toEqual(['other.example']);
    await expect(t.search.saved.list(PUBLIC)).rejects.toEqual(refusal('TLN-A-403'));
  });
});
