import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ALL_VERSIONS } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { HIDDEN, MAIN, SETTINGS, WRITE_ONLY, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/*
 * Two members with service accounts that can write. Whatever one of them sends under the identity of the
 * other stays its own.
 */

const TONGA = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
const FIJI = 'identity--6e1d4f7a-2a1b-4c74-8b6f-1d2e3f4a5b6c';
const tlp = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
};
const PUBLIC_BY_RULE = 'a5b1f0de-5d1e-4d0b-9d52-3b0c1d2e3f40';

const settings = SETTINGS.replace(
  '- { to: "member:tonga", read: true, write: true }',
  '- { to: "member:tonga", read: true, write: true }\n      - { to: "member:fiji", read: true, write: true }',
)
  .replace(
    'grants: [{ to: "role:administrator", read: true }]',
    'grants: [{ to: "role:administrator", read: true }, { to: "member:tonga", write: true }, { to: "member:fiji", write: true }]',
  )
  .replace(
    'members:\n',
    `  - { id: ${PUBLIC_BY_RULE}, api_root: main, alias: passed, title: Passed, max_tlp: green, grants: [{ to: "role:machine", read: true }] }\nmembers:\n`,
  )
  .replace('accounts:\n', 'accounts:\n  - { name: probe, role: machine, member: fiji, key_env: KEY_PROBE }\n')
  .concat(`rules:\n  - { name: of-fiji, from: indicators, to: passed, owners: [fiji] }\n`);

describe('the owner of an object', () => {
  let t: TestHub;
  beforeAll(async () => {
    t = await testHub(settings);
  });
  afterAll(() => t.stop());

  /**
   * Returns the outcome of each object as text. It is the same for stored and known objects if the submitter cannot
   * know the difference.
   */
  const post = async (as: string, where: string, ...list: Json[]): Promise<string[]> => {
    const { body } = await t.as(as).post(objectsOf(where), { objects: list });
    const { successes = [], failures = [] } = body as Record<string, { id: string; message?: string }[]>;
    return list.map(({ id }) => {
      const failed = failures.find((one) => one.id === id);
      return failed === undefined
        ? successes.some((one) => one.id === id)
          ? 'ok'
          : 'lost'
        : (failed.message ?? '');
    });
  };
  const entries = async (where: string, ...ids: unknown[]) =>
    (
      await t.hub.store.entries(
        {
          collection: where,
          after: 0,
          limit: 100,
          ids: ids.map(String),
          versions: ALL_VERSIONS,
          specs: ['2.0', '2.1'],
        },
        true,
      )
    ).entries;
  const owners = async (where: string, id: unknown): Promise<string[]> =>
    (await entries(where, id)).map(({ owner, version }) => `${owner} ${version.slice(0, 10)}`);
  const later = (object: Json, day: string, over: Json = {}): Json => ({
    ...object,
    modified: `2026-01-${day}T00:00:00.000Z`,
    ...over,
  });
  const audit = async (as: string): Promise<Json[]> =>
    ((await t.api(as, 'GET', '/audit?order=oldest&limit=1000')).body['items'] as Json[]).map(
      (item) => (item['fact'] ?? item) as Json,
    );

  test('keeps the object when another member sends a stricter version under its identity, through any interface', async () => {
    const object = anIndicator({ created_by_ref: FIJI, object_marking_refs: [tlp.green] });
    expect(await post('probe', MAIN, object)).toEqual(['ok']);
    expect(await post('probe', HIDDEN, object)).toEqual(['ok']);
    const forged = later(object, '09', { object_marking_refs: [tlp.red] });
    await post('sensor', WRITE_ONLY, forged);
    await post('sensor', MAIN, forged);
    await t.api('sensor', 'POST', `/collections/${HIDDEN}/objects`, { objects: [forged] });
    for (const where of [MAIN, HIDDEN])
      expect(await owners(where, object['id'])).toEqual(['fiji 2026-01-01']);
    // A stricter version from the owner removes all of them, and the audit log shows that to the officer as
    // well.
    expect(await post('probe', MAIN, later(object, '02', { object_marking_refs: [tlp.red] }))).toEqual([
      expect.stringMatching(/^held: tlp-red/),
    ]);
    for (const where of [MAIN, HIDDEN]) expect(await owners(where, object['id'])).toEqual([]);
    const told = (await audit('desk')).filter(
      ({ action, details }) =>
        action === 'object.tighten' && JSON.stringify(details).includes(String(object['id'])),
    );
    expect(new Set(told.map(({ resource }) => resource))).toEqual(
      new Set([`collection/${MAIN}`, `collection/${HIDDEN}`]),
    );
    expect((await audit('sensor')).filter(({ action }) => action === 'object.tighten')).toEqual([]);
  });

  test('is the relaying member until its creator submits the same or another version', async () => {
    for (const over of [{}, { name: 'Other content' }, { modified: '2026-01-03T00:00:00.000Z' }]) {
      const object = anIndicator({ created_by_ref: FIJI });
      expect(await post('sensor', MAIN, object)).toEqual(['ok']);
      expect(await owners(MAIN, object['id'])).toEqual(['tonga 2026-01-01']);
      expect((await t.api('desk', 'GET', `/objects/${String(object['id'])}`)).body).toMatchObject({
        places: [{ versions: [{ relayed: true }] }],
      });
      const own = { ...object, ...over };
      expect(await post('probe', MAIN, own)).toEqual(['ok']);
      expect(await owners(MAIN, object['id'])).toEqual([
        `fiji ${own['modified'] === object['modified'] ? '2026-01-01' : '2026-01-03'}`,
      ]);
      const { body } = await t.api('desk', 'GET', `/objects/${String(object['id'])}`);
      expect(JSON.stringify(body)).not.toContain('relayed');
      expect(body['object']).toMatchObject({ name: own['name'] });
      // A later version that is relayed again hides nothing.
      expect(await post('sensor', MAIN, later(object, '20', { revoked: true }))).toEqual([
        expect.stringMatching(/^held: other-owner/),
      ]);
      expect(await owners(MAIN, object['id'])).toHaveLength(1);
    }
    expect(
      (await audit('chief')).filter(
        ({ action, actor }) => action === 'object.replace' && actor === 'hub:placing',
      ),
    ).toHaveLength(3);
  });

  test('is the member itself for its own identity object: what others send under its id is held, and no reader sees it', async () => {
    const identity = (name: string): Json => ({
      type: 'identity',
      spec_version: '2.1',
      id: FIJI,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      name,
      identity_class: 'organization',
      object_marking_refs: [tlp.green],
    });
    const contact = 'call +676 000 0000, not the number of Fiji';
    const forged = { ...identity('Not Fiji'), contact_information: contact };
    const held = expect.stringMatching(/^held: other-identity: /);
    // Before the member has published its identity, by every interface, also as a later version and marked otherwise.
    expect(await post('sensor', MAIN, forged)).toEqual([held]);
    expect(await post('sensor', MAIN, later(forged, '05'))).toEqual([held]);
    expect(await post('sensor', MAIN, { ...forged, created_by_ref: TONGA })).toEqual([held]);
    const published = await t.api('sensor', 'POST', '/objects', {
      collection: 'indicators',
      objects: [forged],
    });
    expect(JSON.stringify(published.body)).not.toContain('"stored"');
    const seen = async (who: string): Promise<string> =>
      JSON.stringify(
        (await t.as(who).get(`${objectsOf(MAIN)}?match[type]=identity&match[version]=all`)).body,
      );
    for (const who of ['reader', 'writer', 'desk', 'analyst']) expect(await seen(who)).not.toContain(contact);
    expect(await post('probe', MAIN, identity('Fiji'))).toEqual(['ok']);
    // Afterwards, too.
    expect(await post('sensor', MAIN, later(forged, '06'))).toEqual([held]);
    for (const who of ['reader', 'writer', 'desk', 'analyst']) expect(await seen(who)).not.toContain(contact);
    expect((await entries(MAIN, FIJI)).map(({ owner, text }) => [owner, JSON.parse(text ?? '{}').name])).toEqual([['fiji', 'Fiji']]); // prettier-ignore
  });

  test('decides which rules by owner match: only objects that a member submits in its own name', async () => {
    const [own, forged] = [anIndicator({ created_by_ref: FIJI }), anIndicator({ created_by_ref: FIJI })];
    expect(await post('probe', MAIN, own)).toEqual(['ok']);
    expect(await post('sensor', MAIN, forged)).toEqual(['ok']);
    await t.hub.routing.routeAll();
    expect(await owners(PUBLIC_BY_RULE, own['id'])).toEqual(['fiji 2026-01-01']);
    expect(await owners(PUBLIC_BY_RULE, forged['id'])).toEqual([]);
  });

  test('is protected: another member cannot have the object routed to itself by a sighting, an identity or the same id', async () => {
    const own = (await t.hub.directory.current()).members.get('tonga')?.collection ?? '';
    const secret = anIndicator({ created_by_ref: FIJI, pattern: "[domain-name:value = 'secret.example']", object_marking_refs: [tlp.amber] }); // prettier-ignore
    const identity: Json = {
      type: 'identity',
      spec_version: '2.1',
      id: FIJI,
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-02-01T00:00:00.000Z',
      name: 'Fiji, with telephone numbers',
      identity_class: 'organization',
      object_marking_refs: [tlp.amber],
    };
    expect(await post('probe', HIDDEN, secret, later(secret, '05'), identity)).toEqual(['ok', 'ok', 'ok']);
    // Forged objects that concern Tonga: a sighting under Fiji's identity, and an object of the same id in
    // another collection.
    const sighting: Json = { type: 'sighting', spec_version: '2.1', id: `sighting--${randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', created_by_ref: FIJI, sighting_of_ref: secret['id'], where_sighted_refs: [TONGA], labels: ['country:TO'], object_marking_refs: [tlp.green] }; // prettier-ignore
    await post('sensor', HIDDEN, sighting);
    await post('sensor', MAIN, {
      ...secret,
      pattern: "[ipv4-addr:value = '198.51.100.9']",
      created_by_ref: FIJI,
      object_marking_refs: [tlp.green],
    });
    await t.hub.routing.routeAll();
    await post('probe', HIDDEN, later(secret, '06'));
    await t.hub.routing.routeAll();
    expect((await entries(own, sighting['id'])).map(({ owner }) => owner)).toEqual(['tonga']);
    expect((await entries(own, secret['id'], FIJI)).map(({ owner }) => owner)).toEqual(['tonga']);
  });

  test('determines the meaning of a marking: its own or the hub\'s definition counts, an equal one is shared, a different one is on hold', async () => {
    const definition = (over: Json = {}): Json => ({ type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${randomUUID()}`, created: '2026-01-01T00:00:00.000Z', definition_type: 'statement', definition: { statement: 'Copyright' }, ...over }); // prettier-ignore
    const third = definition();
    const marked = (id: unknown): Json => anIndicator({ object_marking_refs: [tlp.green, id] });
    // Two members submit the same definition of a third party.
    expect(await post('sensor', MAIN, third, marked(third['id']))).toEqual(['ok', 'ok']);
    const waiting = marked(third['id']);
    expect(await post('probe', MAIN, waiting)).toEqual([expect.stringMatching(/^held: marking-unknown/)]);
    expect(await post('probe', MAIN, { ...third, created: '2026-01-01T00:00:00.000000Z', created_by_ref: TONGA }, marked(third['id']))).toEqual(['ok', 'ok']);
    expect(await owners(MAIN, waiting['id'])).toEqual(['fiji 2026-01-01']);
    expect((await audit('desk')).some(({ action, actor, details }) => action === 'held.release' && String(actor).startsWith('hub') && JSON.stringify(details).includes(String(waiting['id'])))).toBe(true);
    // Neither of them can delete it for the other.
    expect((await t.as('sensor').delete(`${objectsOf(MAIN)}${String(third['id'])}/`)).status).toBe(403);
    // A different definition under the same id is put on hold, together with the objects of the same
    // submission that use it. Nothing of the first definition changes.
    const [first, lax] = [marked(third['id']), { ...third, definition: { statement: 'TLP:CLEAR' } }];
    expect(await post('probe', MAIN, lax, marked(third['id']), marked(tlp.green))).toEqual([
      expect.stringMatching(/^held: marking-conflict/), expect.stringMatching(/^held: marking-conflict/), 'ok',
    ]);
    expect(await post('sensor', MAIN, first)).toEqual(['ok']);
    // The definition of the hub counts for everybody, and releases the objects on hold.
    const held = async (): Promise<number> => (await t.hub.store.held({ submitter: (await t.hub.directory.current()).accountNamed('probe')?.id ?? '', waitsFor: String(third['id']), limit: 9 })).length;
    expect(await held()).toBe(1);
    await t.as('analyst').post(objectsOf(MAIN), { objects: [{ ...third, definition: { statement: 'Copyright, said by the hub' } }] });
    expect(await held()).toBe(0);
  }); // prettier-ignore

  test('can be a member that hub staff submit on behalf of, which is recorded, and nobody else can do that', async () => {
    const object = anIndicator({ created_by_ref: FIJI });
    const send = (as: string, member: string) => t.api(as, 'POST', '/collections/indicators/objects', { objects: [object], on_behalf_of: member }); // prettier-ignore
    expect((await send('sensor', 'fiji')).status).toBe(403);
    expect((await send('writer', 'fiji')).status).toBe(403);
    expect((await send('analyst', 'nauru')).status).toBe(422);
    expect((await send('analyst', 'fiji')).body).toMatchObject({ items: [{ outcome: 'stored' }] });
    expect(await owners(MAIN, object['id'])).toEqual(['fiji 2026-01-01']);
    const told = (await audit('desk')).filter(({ action }) => action === 'object.represent');
    expect(told).toMatchObject([
      { actor: 'hub', details: { on_behalf_of: 'fiji', objects: 1, ids: [object['id']] } },
    ]);
    // Without on_behalf_of, the object belongs to the hub and is relayed.
    const relayed = anIndicator({ created_by_ref: FIJI });
    await t.as('analyst').post(objectsOf(MAIN), { objects: [relayed] });
    expect(await owners(MAIN, relayed['id'])).toEqual(['hub 2026-01-01']);
    expect((await t.api('analyst', 'POST', `/objects/${String(relayed['id'])}/revocation`, {})).status).toBe(
      403,
    );
  });

  test('removes earlier versions with a stricter one even if the collection refuses that as too strict, also by its labels', async () => {
    const object = anIndicator({ object_marking_refs: [tlp.clear] });
    const where = '0c9b2f5e-8a7d-4c52-8c0e-1f2d3c4b5a60';
    expect(await post('writer', where, object)).toEqual(['ok']);
    expect(
      await post(
        'writer',
        where,
        later(object, '02', { object_marking_refs: undefined, labels: ['tlp:amber+strict'] }),
      ),
    ).toEqual([expect.stringMatching(/^collection-maximum: TLP:AMBER\+STRICT/)]);
    expect(await owners(where, object['id'])).toEqual([]);
    // The same applies to a version that is invalid STIX, if the hub can read how strict its owner considers
    // it.
    const other = anIndicator({ object_marking_refs: [tlp.clear] });
    expect(await post('writer', where, other)).toEqual(['ok']);
    const broken = later(other, '02', { object_marking_refs: [tlp.red], pattern: 'no pattern' });
    expect(await post('sensor', WRITE_ONLY, broken)).not.toEqual(['ok']);
    expect(await owners(where, other['id'])).toHaveLength(1);
    expect(await post('writer', where, broken)).toEqual([expect.stringMatching(/^[SP]-/)]);
    expect(await owners(where, other['id'])).toEqual([]);
  });
});
