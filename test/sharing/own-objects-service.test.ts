import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PUBLIC, type AccountPrincipal } from '../../src/access/principal.ts';
import type { RevisionRequest } from '../../src/api/schema-types.ts';
import { observableId } from '../../src/stix/identifiers.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import { marked, objectId, type Json } from '../support/builders.ts';
import { COMMUNITY, sharingServices, withKey, type SharingServices } from '../support/sharing-services.ts';
import { refusal } from '../support/refusal.ts';

const DAY = 86_400_000;
let t: SharingServices;
beforeAll(async () => {
  t = await sharingServices(COMMUNITY);
});
afterAll(() => t.stop());

describe('a correction', () => {
  test('changes what it names and nothing else, in every collection of the owner', async () => {
    const object = marked('green', { labels: ['a'], description: 'Old', confidence: 10 });
    const id = await t.stored('sensor', object);
    await t.stored('sensor', object, 'side');
    t.clock.advance(5_000);
    const revised = await t.revocation.revise(await t.as('moana'), id, {
      title: 'New',
      labels: [],
      confidence: 0,
      valid_days: 2,
      tlp: 'amber',
    });
    const modified = new Date(t.clock.now()).toISOString();
    expect(
      revised.map(({ collection, outcome, version }) => `${collection} ${outcome} ${version}`).toSorted(),
    ).toEqual([`main stored ${modified}`, `side stored ${modified}`]);
    const { labels: _labels, ...kept } = object;
    for (const collection of ['main', 'side'])
      expect(await t.newest(id, collection)).toEqual({
        ...kept,
        name: 'New',
        confidence: 0,
        modified,
        valid_until: new Date(t.clock.now() + 2 * DAY).toISOString(),
        object_marking_refs: [tlpMarkingId('amber')],
      });
    expect(await t.lastFact()).toMatchObject({
      action: 'object.revise',
      member: 'tonga',
      resource: `object/${id}`,
    });
  });

  test.each<[string, RevisionRequest, Json]>([
    ['other labels', { labels: ['x', 'y'] }, { labels: ['x', 'y'] }],
    ['a description', { description: 'Text' }, { description: 'Text' }],
    ['an end now', { valid_days: 0 }, {}],
  ])('with %s keeps the rest', async (_what, request, over) => {
    const object = marked('green', { labels: ['a'] });
    const id = await t.stored('sensor', object);
    t.clock.advance(1_000);
    await t.revocation.revise(await t.as('moana'), id, request);
    const { modified: _m, valid_until: until, ...after } = await t.newest(id);
    const { modified: _before, ...kept } = object;
    expect(after).toEqual({ ...kept, ...over });
    if (request.valid_days === 0) expect(Date.parse(String(until))).toBe(t.clock.now());
  });

  test('a corrected object that becomes valid later ends after it begins', async () => {
    const from = new Date(t.clock.now() + 5 * DAY).toISOString();
    const id = await t.stored('sensor', marked('green', { valid_from: from }));
    const [outcome] = await t.revocation.revise(await t.as('moana'), id, { valid_days: 1 });
    expect(outcome).toMatchObject({ outcome: 'stored' });
    expect(Date.parse(String((await t.newest(id))['valid_until']))).toBeGreaterThan(Date.parse(from));
  });

  test.each<[string, () => Promise<AccountPrincipal>, string]>([
    ['a reader of another member', () => t.as('desk'), 'TLN-A-403'],
    ['a service account of another member', () => t.as('probe'), 'TLN-A-403'],
    ['hub staff', () => t.as('ana'), 'TLN-O-403'],
    [
      'a key that cannot submit',
      async () => withKey(await t.as('moana'), { scopes: ['taxii:read', 'api:read', 'api:write'] }),
      'TLN-K-406',
    ],
    [
      'a key for other collections',
      async () => withKey(await t.as('moana'), { collections: ['side'] }),
      'TLN-O-404',
    ],
  ])('by %s is refused, as is a revocation', async (_who, actor, code) => {
    const id = await t.stored('sensor', marked('green'));
    const before = await t.actions();
    await expect(t.revocation.revise(await actor(), id, { title: 'Forged' })).rejects.toEqual(refusal(code));
    await expect(t.revocation.revoke(await actor(), id)).rejects.toEqual(refusal(code));
    expect(await t.revocation.actions(await actor(), id)).toEqual([]);
    expect(await t.actions()).toEqual(before);
    expect((await t.newest(id))['name']).toBe('Look-alike bank');
  });

  test('an unknown object and one that the caller cannot read get the same response', async () => {
    const hidden = await t.stored('sensor', marked('green'), 'side');
    for (const id of [hidden, objectId(marked('green'))]) {
      await expect(t.revocation.revoke(await t.as('desk'), id)).rejects.toEqual(refusal('TLN-O-404'));
      await expect(t.revocation.revise(await t.as('desk'), id, { title: 'x' })).rejects.toEqual(
        refusal('TLN-O-404'),
      );
      await expect(t.revocation.revoke(PUBLIC, id)).rejects.toEqual(refusal('TLN-O-404'));
    }
  });

  test('is not made in the collections of members, whose objects follow by routing', async () => {
    const id = await t.stored('ana', marked('green'));
    await t.shares.share(await t.as('ana'), id, { members: ['fiji'] });
    t.clock.advance(1_000);
    const changed = await t.revocation.revise(await t.as('ana'), id, { title: 'Corrected' });
    expect(changed.map(({ collection }) => collection)).toEqual(['main']);
    await t.routing.routeAll();
    expect((await t.newest(id, 'own-fiji'))['name']).toBe('Corrected');
  });

  test('is possible until the object is revoked, and a revocation is final', async () => {
    const id = await t.stored('sensor', marked('green'));
    expect(await t.revocation.actions(await t.as('moana'), id)).toEqual(['revise', 'revoke']);
    t.clock.advance(1_000);
    expect(await t.revocation.revoke(await t.as('moana'), id)).toMatchObject([
      { collection: 'main', outcome: 'stored' },
    ]);
    expect(await t.newest(id)).toMatchObject({
      revoked: true,
      modified: new Date(t.clock.now()).toISOString(),
    });
    expect(await t.lastFact()).toMatchObject({ action: 'object.revoke' });
    for (const again of [() => t.as('moana'), () => t.as('sensor')]) {
      await expect(t.revocation.revoke(await again(), id)).rejects.toEqual(refusal('TLN-O-409'));
      await expect(t.revocation.revise(await again(), id, { title: 'x' })).rejects.toEqual(
        refusal('TLN-O-409'),
      );
    }
    expect(await t.revocation.actions(await t.as('moana'), id)).toEqual([]);
  });

  test.each<[string, Json, RevisionRequest, string]>([
    [
      'a type without versions',
      {
        type: 'ipv4-addr',
        spec_version: '2.1',
        id: String(observableId({ type: 'ipv4-addr', value: '203.0.113.5' })),
        value: '203.0.113.5',
        object_marking_refs: [tlpMarkingId('green')],
      },
      { title: 'x' },
      'TLN-O-422',
    ],
    [
      'the validity of what has none',
      {
        type: 'tool',
        spec_version: '2.1',
        id: 'tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f',
        created: '2026-01-01T00:00:00.000Z',
        modified: '2026-01-01T00:00:00.000Z',
        name: 'Tool',
        object_marking_refs: [tlpMarkingId('green')],
      },
      { valid_days: 1 },
      'TLN-O-423',
    ],
  ])('of %s is refused', async (_what, object, request, code) => {
    const id = await t.stored('sensor', object);
    await expect(t.revocation.revise(await t.as('moana'), id, request)).rejects.toEqual(refusal(code));
  });

  test('or revocation that is sent twice at once is in the audit log once', async () => {
    const id = await t.stored('sensor', marked('green'));
    const revoked = await Promise.all([
      t.revocation.revoke(await t.as('moana'), id),
      t.revocation.revoke(await t.as('moana'), id),
    ]);
    expect(revoked.flat().map(({ outcome }) => outcome)).toEqual(['stored', 'known']);
    const facts = (await t.store.audit(0, 10_000)).filter(({ fact }) => fact.resource === `object/${id}`);
    expect(facts).toMatchObject([{ fact: { action: 'object.revoke', details: { collection: 'main' } } }]);
  });

  test('that is stricter than a collection can contain leaves no earlier version there', async () => {
    const id = await t.stored('sensor', marked('green'));
    t.clock.advance(1_000);
    const [outcome] = await t.revocation.revise(await t.as('moana'), id, { tlp: 'red' });
    expect(outcome).toMatchObject({ outcome: 'held', message: expect.stringContaining('tlp-red') });
    expect(await t.store.stands('main', id)).toBe(false);
  });
});

describe('an object on hold', () => {
  const hold = async (who = 'sensor', object = marked('red')): Promise<string> => {
    const before = new Set((await t.waiting.list(await t.as('ana'), 100)).map(({ id }) => id));
    expect(await t.put(who, 'main', object)).toMatchObject([{ outcome: 'held' }]);
    const fresh = (await t.waiting.list(await t.as('ana'), 100)).find(({ id }) => !before.has(id));
    return fresh?.id ?? '';
  };

  test('is seen by analysts and by the account that submitted it, and by nobody else', async () => {
    const id = await hold();
    const sees = async (who: string) =>
      (await t.waiting.list(await t.as(who), 100)).some((one) => one.id === id);
    expect([
      await sees('ana'),
      await sees('chief'),
      await sees('sensor'),
      await sees('moana'),
      await sees('probe'),
    ]).toEqual([true, true, true, false, false]);
    for (const who of ['moana', 'probe']) {
      await expect(t.waiting.show(await t.as(who), id)).rejects.toEqual(refusal('TLN-H-404'));
      await expect(t.waiting.discard(await t.as(who), id, 'x')).rejects.toEqual(refusal('TLN-H-404'));
    }
    await expect(t.waiting.list(PUBLIC, 100)).rejects.toEqual(refusal('TLN-A-403'));
    await expect(t.waiting.show(PUBLIC, id)).rejects.toEqual(refusal('TLN-H-404'));
  });

  test('is decided by analysts, not by its submitter', async () => {
    const id = await hold();
    for (const refused of [
      async () => t.waiting.discard(await t.as('sensor'), id, 'x'),
      async () => t.waiting.release(await t.as('sensor'), id),
      async () => t.waiting.give(await t.as('sensor'), id, ['moana']),
    ])
      await expect(refused()).rejects.toEqual(refusal('TLN-A-403'));
    expect((await t.waiting.show(await t.as('sensor'), id)).text).toContain('"indicator"');
    await t.waiting.discard(await t.as('ana'), id, 'not for us');
    await expect(t.waiting.show(await t.as('ana'), id)).rejects.toEqual(refusal('TLN-H-404'));
    await expect(t.waiting.discard(await t.as('ana'), id, 'again')).rejects.toEqual(refusal('TLN-H-404'));
    expect(await t.lastFact()).toMatchObject({
      action: 'held.discard',
      details: { because: 'tlp-red', reason: 'not for us' },
    });
  });

  test('marked TLP:RED is read only with a record in the audit log, and stays on hold when it is released', async () => {
    const id = await hold();
    await t.waiting.show(await t.as('ana'), id);
    expect(await t.lastFact()).toMatchObject({
      action: 'held.read',
      resource: `held/${id}`,
      member: 'tonga',
      details: { reason: 'tlp-red' },
    });
    expect(await t.waiting.release(await t.as('ana'), id)).toMatchObject({
      outcome: 'held',
      message: expect.stringContaining('tlp-red'),
    });
    expect((await t.waiting.list(await t.as('ana'), 100)).map((one) => one.id)).toContain(id);
    await t.waiting.discard(await t.as('ana'), id, 'done');
  });

  test('an object of another owner is released only in the name of the owner, by hub staff, for an active member', async () => {
    const object = marked('green');
    await t.stored('sensor', object);
    const later = { ...object, modified: '2026-01-09T00:00:00.000Z', name: 'By fiji' };
    const id = await hold('probe', later);
    const [shown] = (await t.waiting.list(await t.as('probe'), 100)).filter((one) => one.id === id);
    // The submitter does not learn whose id it is.
    expect(shown).toMatchObject({
      reason: 'other-owner',
      owner: 'fiji',
      message: 'the id belongs to another owner in this collection',
    });
    expect(JSON.stringify(shown)).not.toContain('tonga');
    expect(await t.waiting.release(await t.as('ana'), id)).toMatchObject({ outcome: 'held' });
    for (const member of ['hub', 'atlantis'])
      await expect(t.waiting.release(await t.as('ana'), id, member)).rejects.toEqual(refusal('TLN-B-423'));
    expect(await t.waiting.release(await t.as('ana'), id, 'tonga')).toMatchObject({ outcome: 'stored' });
    expect((await t.newest(objectId(object)))['name']).toBe('By fiji');
    const { entries } = await t.store.entries(
      { collection: 'main', after: 0, limit: 9, ids: [objectId(object)], versions: ALL_VERSIONS },
      false,
    );
    expect(new Set(entries.map(({ owner }) => owner))).toEqual(new Set(['tonga']));
    const released = (await t.store.audit(0, 10_000))
      .map(({ fact }) => fact)
      .findLast(({ action }) => action === 'held.release');
    expect(released).toMatchObject({ member: 'tonga', details: { on_behalf_of: 'tonga' } });
  });

  test('is not released by a key that cannot submit, or that is for other collections', async () => {
    const id = await hold();
    const ana = await t.as('ana');
    await expect(
      t.waiting.release(withKey(ana, { scopes: ['taxii:read', 'api:read', 'api:write'] }), id),
    ).rejects.toEqual(refusal('TLN-K-406'));
    await expect(t.waiting.release(withKey(ana, { collections: ['side'] }), id)).rejects.toEqual(
      refusal('TLN-H-404'),
    );
    await expect(t.waiting.give(withKey(ana, { collections: ['main'] }), id, ['moana'])).rejects.toEqual(
      refusal('TLN-A-403'),
    );
    await t.waiting.discard(ana, id, 'done');
  });

  test('is listed oldest first, up to the requested number', async () => {
    for (const { id } of await t.waiting.list(await t.as('ana'), 100))
      await t.waiting.discard(await t.as('ana'), id, 'done');
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      t.clock.advance(1_000);
      ids.push(await hold());
    }
    const list = async (limit: number) =>
      (await t.waiting.list(await t.as('ana'), limit)).map(({ id }) => id);
    expect(await list(100)).toEqual(ids);
    expect(await list(2)).toEqual(ids.slice(0, 2));
    expect(await t.waiting.list(withKey(await t.as('ana'), { collections: ['side'] }), 100)).toEqual([]);
    for (const id of ids) await t.waiting.discard(await t.as('ana'), id, 'done');
  });

  test('that is given to people leaves the queue, and only they see it', async () => {
    const id = await hold();
    await expect(t.waiting.give(await t.as('ana'), id, ['sensor'])).rejects.toEqual(refusal('TLN-R-405'));
    expect((await t.waiting.list(await t.as('ana'), 100)).map((one) => one.id)).toContain(id);
    const given = await t.waiting.give(await t.as('ana'), id, ['moana'], 'for you');
    expect((await t.waiting.list(await t.as('ana'), 100)).map((one) => one.id)).not.toContain(id);
    expect((await t.red.list(await t.as('moana'))).map((one) => one.id)).toContain(given.id);
    expect(await t.red.list(await t.as('desk'))).toEqual([]);
    await t.red.withdraw(await t.as('ana'), given.id);
  });

  test('for another reason cannot be given to people', async () => {
    const object = marked('green');
    await t.stored('sensor', object);
    const id = await hold('probe', { ...object, modified: '2026-01-10T00:00:00.000Z' });
    await expect(t.waiting.give(await t.as('ana'), id, ['moana'])).rejects.toEqual(refusal('TLN-H-409'));
    await t.waiting.discard(await t.as('ana'), id, 'done');
  });
});
