import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NOTIFICATIONS } from '../../../src/access/accounts/notifications.ts';
import { OPERATOR, PUBLIC } from '../../../src/access/principal.ts';
import { CASES } from '../../../src/sharing/feedback/model.ts';
import { tlpMarkingId } from '../../../src/stix/markings.ts';
import { anIndicator, type Json } from '../../support/builders.ts';
import {
  aCollection,
  aMember,
  anAccount,
  COMMUNITY,
  sharingServices,
  withKey,
  type SharingServices,
} from '../../support/sharing-services.ts';
import { ACCOUNTS } from '../../../src/access/accounts/model.ts';
import { GRANTS, grantId } from '../../../src/access/model.ts';
import { removal } from '../../../src/store/store.ts';
import { refusal } from '../../support/refusal.ts';

const DAY = 86_400_000;
let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices([
    ...COMMUNITY,
    ...aMember('samoa', 'own-samoa'),
    ...aMember('niue', 'own-niue'),
    ...aMember('tuvalu', 'own-tuvalu'),
    ...aMember('nauru', 'own-nauru'),
    ...['samoa', 'niue', 'tuvalu', 'nauru'].map((name) => anAccount(`of-${name}`, 'officer', name)),
    ...aCollection(
      'wide',
      { alias: 'wide' },
      '+account:feeder',
      'role:analyst',
      ...['tonga', 'fiji', 'samoa', 'niue', 'tuvalu', 'nauru'].map((name) => `member:${name}`),
    ),
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

/** Returns an account that its person uses in a session of their own. */
const personally = async (who: string) => {
  const account = await t.as(who);
  const session = { id: 's', confirmed: 0, isPersonal: true };
  return account.kind === 'account' ? { ...account, person: true, session } : account;
};
const report = async (
  who: string,
  value: string,
  kind: 'sighting' | 'false-positive' | 'note' = 'false-positive',
  over: Json = {},
) => (await t.reporting.send(await t.as(who), [{ kind, value, ...over }]))[0];

describe('feedback', () => {
  test('comes from accounts of members only, with a key that is not limited to collections', async () => {
    const value = await t.aDomain('wide');
    for (const who of ['ana', 'chief', 'feeder'])
      await expect(report(who, value)).rejects.toEqual(refusal('TLN-A-403'));
    await expect(t.reporting.send(PUBLIC, [{ kind: 'sighting', value }])).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    const limited = withKey(await t.as('moana'), { collections: ['wide'] });
    await expect(t.reporting.send(limited, [{ kind: 'sighting', value }])).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    expect(await CASES.all(t.store)).toEqual([]);
  });

  test('about a value that nobody has, that the reporter cannot read, or that is not a value, always gets the same outcome', async () => {
    const hidden = await t.aDomain('pair');
    const answers = [];
    for (const value of [hidden, 'unknown.example', 'no value at all'])
      answers.push(await report('of-samoa', value));
    expect(new Set(answers.map((one) => `${one?.outcome} ${one?.message}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ outcome: 'refused' });
    expect(await t.reporting.list(await personally('of-samoa'))).toEqual([]);
    expect(await CASES.all(t.store)).toEqual([]);
  });

  test('has an outcome for each item, and leaves no entry in the audit log', async () => {
    const value = await t.aDomain('wide');
    const before = await t.actions();
    const outcomes = await t.reporting.send(await t.as('moana'), [
      {
        kind: 'sighting',
        value,
        count: 3,
        first_seen: '2026-01-01T00:00:00Z',
        last_seen: '2026-01-02T00:00:00Z',
      },
      { kind: 'note', value: 'unknown.example', note: 'x' },
      { kind: 'sighting', object: 'malware--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b' },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['stored', 'refused', 'refused']);
    expect(await t.reporting.list(await personally('moana'))).toMatchObject([
      {
        kind: 'sighting',
        value,
        count: 3,
        first_seen: '2026-01-01T00:00:00.000Z',
        last_seen: '2026-01-02T00:00:00.000Z',
        state: 'recorded',
      },
    ]);
    expect(await t.actions()).toEqual(before);
    // The list is of the member, whichever account reported.
    expect(await t.reporting.list(await personally('sensor'))).toHaveLength(1);
    expect(await t.reporting.list(await personally('desk'))).toEqual([]);
    await expect(t.reporting.list(await personally('ana'))).rejects.toEqual(refusal('TLN-A-403'));
  });

  test('about an indicator is about each of its values', async () => {
    const object = anIndicator({
      pattern: "[domain-name:value = 'one.example' OR domain-name:value = 'two.example']",
      object_marking_refs: [tlpMarkingId('green')],
    });
    await t.put('feeder', 'wide', object);
    expect(
      await t.reporting.send(await t.as('desk'), [{ kind: 'sighting', object: String(object['id']) }]),
    ).toMatchObject([{ outcome: 'stored' }]);
    expect((await t.reporting.list(await personally('desk'))).map(({ value }) => value).toSorted()).toEqual([
      'one.example',
      'two.example',
    ]);
  });

  test('about indicators is taken up to the maximum number of values of a request', async () => {
    const terms = Array.from({ length: 100 }, (_, i) => `domain-name:value = 'many-${i}.example'`);
    const object = anIndicator({
      pattern: `[${terms.join(' OR ')}]`,
      object_marking_refs: [tlpMarkingId('green')],
    });
    await t.put('feeder', 'wide', object);
    const item = { kind: 'note', object: String(object['id']), note: 'x' } as const;
    const outcomes = await t.reporting.send(await t.as('of-niue'), [
      ...Array.from({ length: 9 }, () => item),
      { kind: 'note', value: 'many-1.example', note: 'x' },
      item,
      { kind: 'note', value: 'many-2.example', note: 'x' },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 10 }, () => 'stored'),
      'refused',
      'stored',
    ]);
    expect(outcomes[10]?.message).toContain('at most 1000 values');
  });

  test('about an indicator is kept while another process follows its collection', async () => {
    const object = anIndicator({
      pattern: "[domain-name:value = 'three.example']",
      object_marking_refs: [tlpMarkingId('green')],
    });
    const lease = await t.store.takeLease('values', 60_000);
    expect(lease).toBeDefined();
    await t.put('feeder', 'wide', object);
    const send = async () =>
      t.reporting.send(await t.as('of-nauru'), [{ kind: 'sighting', object: String(object['id']) }]);
    expect(await send()).toMatchObject([{ outcome: 'stored' }]);
    expect(await t.reporting.list(await personally('of-nauru'))).toMatchObject([{ value: 'three.example' }]);
    if (lease !== undefined) await t.store.releaseLease(lease);
    // Later reports about it find the value in the view, and there is still one report.
    expect(await send()).toMatchObject([{ outcome: 'stored' }]);
    expect(await t.reporting.list(await personally('of-nauru'))).toHaveLength(1);
  });

  test('about a value is not refused for good while another process follows a collection of the reporter', async () => {
    const NOT_READ = expect.stringContaining('still reading new objects in your collections');
    await report('desk', await t.aDomain('pair'));
    const lease = await t.store.takeLease('values', 60_000);
    const value = await t.aDomain('pair');
    const facts = async (who: string) => t.valueLookup.get(await t.as(who), value);
    const others = { outcome: 'refused', message: 'no collection that you can read contains it' };
    try {
      expect(await report('desk', value)).toMatchObject({ outcome: 'refused', message: NOT_READ });
      await expect(facts('desk')).rejects.toMatchObject({ code: 'TLN-Y-415', hint: NOT_READ });
      // It depends on the collections of the reporter only, so others learn nothing of the object.
      expect(await report('of-samoa', value)).toMatchObject(others);
      await expect(facts('of-samoa')).rejects.toMatchObject({ code: 'TLN-Y-415', hint: undefined });
    } finally {
      if (lease !== undefined) await t.store.releaseLease(lease);
    }
    expect(await report('desk', value)).toMatchObject({ outcome: 'stored' });
    expect(await report('desk', 'unknown.example')).toMatchObject(others);
  });
});

describe('a case', () => {
  test('is seen and decided by hub staff, who do not see the reporters', async () => {
    const value = await t.aDomain('wide');
    await report('moana', value, 'false-positive', { note: 'our mail server' });
    await report('desk', value);
    for (const who of ['moana', 'sensor', 'feeder']) {
      await expect(t.cases.list(await t.as(who))).rejects.toEqual(refusal('TLN-A-403'));
      await expect(t.cases.decide(await t.as(who), 'x', 'confirmed', 'y')).rejects.toEqual(
        refusal('TLN-A-403'),
      );
    }
    const shown = (await t.cases.list(await t.as('ana'))).find((one) => one.value === value);
    expect(shown).toMatchObject({
      type: 'domain',
      state: 'open',
      members: 2,
      collections: ['wide'],
      notes: ['our mail server'],
    });
    // It has the day of the first report, not the time.
    expect(shown?.at).toMatch(/T00:00:00.000Z$/);
    expect(JSON.stringify(shown)).not.toMatch(/tonga|fiji|moana|desk/);
    await t.cases.decide(await t.as('ana'), shown?.id ?? '', 'refused', 'x');
  });

  test('that is refused leaves the value, notifies the reporters, and is opened again by another report', async () => {
    const value = await t.aDomain('wide');
    const open = async () => (await t.cases.list(await t.as('ana'))).find((one) => one.value === value);
    await report('moana', value);
    const id = (await open())?.id ?? '';
    expect(await t.cases.decide(await t.as('ana'), id, 'refused', 'it is bad')).toMatchObject({
      state: 'refused',
    });
    expect(await t.lastFact()).toMatchObject({
      action: 'false_positive.decide',
      details: { verdict: 'refused', note: 'it is bad' },
    });
    await expect(t.cases.decide(await t.as('ana'), id, 'confirmed', 'x')).rejects.toEqual(
      refusal('TLN-Y-414'),
    );
    const notices = (await NOTIFICATIONS.in(t.store).by('account', 'acc-moana')).filter(
      ({ document }) => document.event === 'feedback.refused' && document.details['note'] === 'it is bad',
    );
    expect(notices).toHaveLength(1);
    expect(await t.reporting.list(await personally('moana'))).toContainEqual(
      expect.objectContaining({ value, state: 'refused', decision: 'it is bad' }),
    );
    expect(await open()).toBeUndefined();
    await report('desk', value);
    expect((await open())?.id).toBe(id);
    await t.cases.decide(await t.as('ana'), id, 'refused', 'still bad');
  });

  test('that is confirmed suppresses the value, and no later panic replaces the decision', async () => {
    const value = await t.aDomain('wide');
    await report('moana', value);
    const id = (await t.cases.list(await t.as('ana'))).find((one) => one.value === value)?.id ?? '';
    expect(await t.cases.decide(await t.as('ana'), id, 'confirmed', 'checked')).toMatchObject({
      state: 'confirmed',
    });
    const found = (await t.suppressionService.list(await t.as('ana'))).find((one) => one.value === value);
    expect(found).toMatchObject({ cause: 'false-positive', reason: 'checked', state: 'suppressed' });
    expect(await t.reporting.list(await personally('moana'))).toContainEqual(
      expect.objectContaining({ value, state: 'confirmed' }),
    );
    // Reports about a suppressed value open no case.
    await report('desk', value);
    expect((await t.cases.list(await t.as('ana'))).map((one) => one.value)).not.toContain(value);
    // A panic does not replace it.
    const [again] = await t.suppressionService.create(OPERATOR, [value], 'panic');
    expect(again).toMatchObject({ cause: 'false-positive', reason: 'checked' });
  });
});

describe('the facts about a value', () => {
  const lookup = async (who: string, value: string) => t.valueLookup.get(await t.as(who), value);

  test('are those of the collections that the caller reads, and others do not exist', async () => {
    const value = await t.aDomain('pair', 'green', { confidence: 80, valid_until: '2027-01-01T00:00:00Z' });
    expect(await lookup('moana', value.replace('.', '[.]'))).toMatchObject({
      type: 'domain',
      value,
      places: [
        {
          collection: 'pair',
          state: 'active',
          confidence: 80,
          sources: 1,
          valid_until: '2027-01-01T00:00:00.000Z',
        },
      ],
    });
    for (const one of [value, 'unknown.example'])
      await expect(lookup('of-samoa', one)).rejects.toEqual(refusal('TLN-Y-415'));
    await expect(lookup('moana', 'no value at all')).rejects.toEqual(refusal('TLN-Y-423'));
    await expect(t.valueLookup.get(PUBLIC, value)).rejects.toEqual(refusal('TLN-Y-415'));
  });

  test('count reports in steps, without a day for fewer than five members', async () => {
    const value = await t.aDomain('wide');
    const seen = async (who = 'ana') => (await lookup(who, value)).sightings;
    expect(await seen()).toBeUndefined();
    await report('moana', value, 'sighting');
    await report('sensor', value, 'sighting');
    expect(await seen()).toEqual({ members: '1' });
    for (const who of ['desk', 'of-samoa', 'of-niue']) await report(who, value, 'sighting');
    expect(await seen()).toEqual({ members: '2-4' });
    await report('of-tuvalu', value, 'sighting');
    expect(await seen()).toEqual({
      members: '5+',
      last_day: new Date(t.clock.now()).toISOString().slice(0, 10),
    });
    // Reports of one kind do not count as another.
    expect((await lookup('ana', value)).false_positives).toBeUndefined();
    t.clock.advance(366 * DAY);
    await t.put(
      'feeder',
      'wide',
      anIndicator({
        pattern: `[domain-name:value = '${value}']`,
        object_marking_refs: [tlpMarkingId('green')],
      }),
    );
    expect(await seen()).toBeUndefined();
  });

  test('count the first person of a new member at once, once, and nobody who is given access later', async () => {
    const [value, other] = [await t.aDomain('wide'), await t.aDomain('wide')];
    const days = (count: number) => t.clock.now() + count * DAY;
    const given = (name: string, at: number, role: 'officer' | 'machine' = 'officer') =>
      anAccount(name, role, 'palau', { access_at: at });
    await t.store.commit({
      records: [
        ...aMember('palau', 'own-palau'),
        GRANTS.insert(grantId({ collection: 'wide', to: 'member:palau' }), {
          collection: 'wide', to: 'member:palau', read: true, write: false, managed: 'hub',
        }), // prettier-ignore
        given('first-palau', days(0)),
        given('tool-palau', t.clock.now() + 1_000, 'machine'),
      ],
    });
    t.clock.advance(2_000);
    const send = async (who: string, one: string) =>
      t.reporting.send(await personally(who), [{ kind: 'false-positive', value: one }]);
    const counts = async () => {
      const listed = await t.cases.list(await t.as('ana'));
      return [value, other].map((one) => listed.find((each) => each.value === one)?.members);
    };
    await report('desk', value);
    await report('desk', other);
    await report('first-palau', other);
    await report('tool-palau', other);
    // A password that somebody else set, and the key of a tool, prove nothing.
    expect(await counts()).toEqual([1, 1]);
    await send('first-palau', value);
    expect(await counts()).toEqual([2, 1]);
    await send('first-palau', value);
    expect(await counts()).toEqual([2, 1]);
    // Hub staff with the second account learn nothing from what it reports.
    await t.store.commit({ records: [given('second-palau', t.clock.now())] });
    for (const one of [value, other]) await send('second-palau', one);
    expect(await counts()).toEqual([2, 1]);
    // The only account of the member, given to somebody else, counts for both values.
    const replaced = ['first-palau', 'tool-palau', 'second-palau'];
    for (const record of await ACCOUNTS.in(t.store).list())
      if (replaced.includes(record.id)) await t.store.commit({ records: [removal(record)] });
    t.clock.advance(1_000);
    await t.store.commit({ records: [given('third-palau', t.clock.now())] });
    for (const one of [value, other]) await send('third-palau', one);
    expect(await counts()).toEqual([3, 2]);
    // Once an account is proven, its member counts once.
    t.clock.advance(8 * DAY);
    expect(await counts()).toEqual([3, 2]);
    for (const one of [value, other]) await send('third-palau', one);
    expect(await counts()).toEqual([2, 2]);
  });

  test('have no counts where too few members read to hide who reported', async () => {
    const value = await t.aDomain('pair');
    for (const who of ['moana', 'desk']) await report(who, value, 'sighting');
    expect((await lookup('ana', value)).sightings).toBeUndefined();
    expect((await lookup('moana', value)).sightings).toBeUndefined();
  });

  test('count a report only for those who may have its TLP', async () => {
    const value = await t.aDomain('wide');
    await report('desk', value, 'sighting', { tlp: 'amber+strict' });
    expect((await lookup('of-samoa', value)).sightings).toEqual({
      members: expect.stringMatching(/^(1|2-4)$/),
    });
  });

  test('show that the value is suppressed, since when and why', async () => {
    const value = await t.aDomain('wide');
    await t.suppressionService.create(await t.as('ana'), [value], 'a mistake');
    expect((await lookup('of-samoa', value)).suppressed).toEqual({
      cause: 'panic',
      reason: 'a mistake',
      at: new Date(t.clock.now()).toISOString(),
    });
  });
});
