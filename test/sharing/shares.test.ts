import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { observableId } from '../../src/stix/identifiers.ts';
import { tlpMarkingId, type Tlp } from '../../src/stix/markings.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, OPEN, SETTINGS, WRITE_ONLY, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeEach(async () => {
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
  - { name: moana, role: officer, person: true, member: tonga, key_env: KEY_MOANA }
  - { name: port, role: machine, member: vanuatu, key_env: KEY_PORT }
`.replace('accounts:', '  - { name: vanuatu, collection: true }\naccounts:'),
  );
});
afterEach(async () => {
  await t.stop();
});

const indicator = (tlp: Tlp, more: Json = {}): Json =>
  anIndicator({ object_marking_refs: [tlpMarkingId(tlp)], ...more });
const send = async (who: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as(who).post(objectsOf(MAIN), { objects });
  expect(body).toMatchObject({ failure_count: 0 });
  await t.hub.routing.routeAll();
};
const read = async (who: string, collection: string): Promise<string[]> =>
  (((await t.as(who).get(`${objectsOf(collection)}?match[version]=all`)).body as { objects?: Json[] }).objects ?? []).map(({ id, modified }) => `${String(id)} ${String(modified)}`); // prettier-ignore
const own = async (who: string): Promise<string> => {
  const { collections } = (await t.as(who).get('/main/collections/')).body as { collections: Json[] };
  return String(collections.find(({ title }) => String(title).startsWith('For '))?.['id']);
};
const has = async (who: string, object: Json): Promise<boolean> =>
  (await read(who, await own(who))).includes(`${String(object['id'])} ${String(object['modified'])}`);
const share = (who: string, object: Json, body: Json) =>
  t.api(who, 'POST', `/objects/${String(object['id'])}/shares`, body);

describe('sharing with selected members', () => {
  test('the owner can share with selected members only, and later versions follow', async () => {
    const first = indicator('amber+strict');
    await send('sensor', first);
    const { status, body } = await share('moana', first, { members: ['fiji'], reason: 'yours, I think' });
    expect([status, body['state'], body['outcomes']]).toEqual([201, 'done', [{ to: 'member-fiji', outcome: 'placed' }]]); // prettier-ignore
    expect([await has('desk', first), await has('port', first)]).toEqual([true, false]);
    const second = { ...first, modified: '2026-02-02T00:00:00.000Z', revoked: true };
    await send('sensor', second);
    expect([await has('desk', second), await has('port', second)]).toEqual([true, false]);
    const why = await t.api('boss', 'GET', `/deliveries/why?object=${String(first['id'])}&member=fiji`);
    expect(why.body['answer']).toBe('available');
  });

  test('TLP:GREEN is shared in the community without consent, and TLP:AMBER requires the consent of the owner', async () => {
    const [green, amber, strict] = [indicator('green'), indicator('amber'), indicator('amber+strict')];
    await send('sensor', green, amber, strict);
    expect((await share('analyst', green, { members: ['vanuatu'] })).body).toMatchObject({ state: 'done' });
    const asked = (await share('analyst', amber, { members: ['vanuatu', 'fiji'] })).body;
    expect(asked).toMatchObject({ state: 'asked', owner: 'tonga', outcomes: [] });
    expect([await has('port', green), await has('port', amber)]).toEqual([true, false]);
    // Only the owner is asked. The recipients do not see the request.
    const ids = async (who: string): Promise<unknown[]> => ((await t.api(who, 'GET', '/shares')).body['items'] as Json[]).map(({ id }) => id); // prettier-ignore
    expect(await ids('moana')).toContain(asked['id']);
    expect([await ids('desk'), await ids('sensor')]).toEqual([[], []]);
    const answer = (who: string, id: unknown, body: Json) => t.api(who, 'POST', `/shares/${String(id)}/answer`, body); // prettier-ignore
    expect((await answer('desk', asked['id'], { verdict: 'granted' })).status).toBe(404);
    expect((await answer('analyst', asked['id'], { verdict: 'granted' })).status).toBe(403);
    expect((await answer('moana', asked['id'], { verdict: 'granted' })).body).toMatchObject({ state: 'done', answer: { by: 'moana' } }); // prettier-ignore
    expect([await has('port', amber), await has('desk', amber)]).toEqual([true, true]);
    expect((await answer('moana', asked['id'], { verdict: 'refused' })).status).toBe(409);
    // The hub records statements that were made by other means, with their author.
    const other = (await share('analyst', strict, { members: ['vanuatu'] })).body;
    expect((await answer('boss', other['id'], { verdict: 'granted' })).status).toBe(422);
    expect((await answer('boss', other['id'], { verdict: 'granted', note: 'Moana by telephone' })).status).toBe(200); // prettier-ignore
    expect(await has('port', strict)).toBe(true);
    const facts = (await t.hub.store.audit(0, 1_000)).map(({ fact }) => `${fact.actor} ${fact.action}`);
    expect(facts.filter((line) => line.includes('share.'))).toEqual(['analyst share.create', 'analyst share.ask', 'moana share.grant', 'analyst share.ask', 'boss share.grant']); // prettier-ignore
  });

  test('consent never overrides a marking, and a member that cannot read an object cannot share it', async () => {
    const amber = indicator('amber');
    await send('sensor', amber);
    const { body } = await share('moana', amber, { collection: 'open' });
    expect(body).toMatchObject({ state: 'done', outcomes: [{ to: 'open', outcome: 'withheld', message: expect.stringMatching(/^collection-maximum: TLP:AMBER/) }] }); // prettier-ignore
    expect(await read('writer', OPEN)).toEqual([]);
    expect((await share('desk', amber, { members: ['vanuatu'] })).status).toBe(404);
    expect((await share('reader', amber, { members: ['vanuatu'] })).status).toBe(403);
    expect((await share('moana', amber, {})).status).toBe(422);
    // A suggestion is shown only to callers who can list the name.
    expect((await share('moana', amber, { members: ['fidji'] })).body['hint']).not.toContain('fiji');
    expect((await share('analyst', amber, { members: ['fidji'] })).body['hint']).toContain('"fiji"');
    // A collection that the caller is not allowed to know about counts as missing.
    expect((await share('moana', amber, { collection: 'hidden' })).status).toBe(404);
  });
});

test('an observation reaches the members that it affects, with the objects that it refers to', async () => {
  const at = {
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    spec_version: '2.1',
  };
  const address = { type: 'ipv4-addr', spec_version: '2.1', value: '198.51.100.70' };
  const mac = { type: 'mac-addr', spec_version: '2.1', value: 'd2:fb:49:24:37:18' };
  const [seen, other] = [address, mac].map((object) => ({ ...object, id: observableId(object) }));
  const malware = { type: 'malware', ...at, id: `malware--${crypto.randomUUID()}`, name: 'Reef', is_family: true }; // prettier-ignore
  const observed = { type: 'observed-data', ...at, id: `observed-data--${crypto.randomUUID()}`, first_observed: at.created, last_observed: at.created, number_observed: 1, object_refs: [seen?.id, other?.id] }; // prettier-ignore
  const sighting = { type: 'sighting', ...at, id: `sighting--${crypto.randomUUID()}`, sighting_of_ref: malware.id, observed_data_refs: [observed.id] }; // prettier-ignore
  await send('analyst', seen as Json, other as Json, malware, observed, sighting);
  const stand = (await read('desk', await own('desk'))).map((line) => line.replace(/--.*/, '')).toSorted();
  expect(stand).toEqual(['ipv4-addr', 'mac-addr', 'malware', 'observed-data', 'sighting']);
  expect(await read('port', await own('port'))).toEqual([]);
  const why = await t.api('boss', 'GET', `/deliveries/why?object=${observed.id}&member=vanuatu`);
  expect(why.body['reasons']).toContainEqual(expect.objectContaining({ code: 'not-affected' }));
});

test('nobody receives an object by naming it in a sighting', async () => {
  // Tonga writes into the drop box, and reads nothing there.
  const at = {
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    spec_version: '2.1',
  };
  const secret = indicator('amber+strict', { name: 'of the hub' });
  await t.as('writer').post(objectsOf(WRITE_ONLY), { objects: [secret] });
  const seen = { type: 'ipv4-addr', spec_version: '2.1', value: '198.51.100.9' };
  const observed = { type: 'observed-data', ...at, id: `observed-data--${crypto.randomUUID()}`, first_observed: at.created, last_observed: at.created, number_observed: 1, object_refs: [observableId(seen)] }; // prettier-ignore
  const sighting = { type: 'sighting', ...at, id: `sighting--${crypto.randomUUID()}`, sighting_of_ref: secret['id'], observed_data_refs: [observed.id] }; // prettier-ignore
  await t.as('sensor').post(objectsOf(WRITE_ONLY), { objects: [{ ...seen, id: observableId(seen) }, observed, sighting] }); // prettier-ignore
  await t.hub.routing.routeAll();
  const mine = (await read('sensor', await own('sensor'))).join(' ');
  expect([mine.includes(sighting.id), mine.includes(String(secret['id']))]).toEqual([true, false]);
});

describe('rules between collections', () => {
  const rule = (body: Json) => t.api('boss', 'POST', '/rules', { name: 'out', from: 'indicators', to: 'open', ...body }); // prettier-ignore

  test('permitted objects are forwarded to the public, including existing ones, and others are not', async () => {
    const clear = indicator('clear');
    const [green, unmarked, other] = [
      indicator('green'),
      anIndicator({ object_marking_refs: undefined }),
      indicator('clear', { labels: ['internal'] }),
    ];
    await send('sensor', clear, green, unmarked, other);
    expect((await rule({ types: ['indicator'], labels: ['open', 'phishing'] })).status).toBe(201);
    await t.hub.routing.routeAll();
    expect(await read('nobody', OPEN)).toEqual([]);
    expect((await t.api('boss', 'DELETE', '/rules/out')).status).toBe(204);
    expect((await rule({ owners: ['tonga'] })).status).toBe(201);
    await t.hub.routing.routeAll();
    const ids = [clear, other].map((one) => `${String(one['id'])} ${String(one['modified'])}`);
    expect((await read('nobody', OPEN)).toSorted()).toEqual(ids.toSorted());
    // Its revocation follows, whatever its marking is by then.
    const ended = { ...clear, modified: '2026-02-02T00:00:00.000Z', revoked: true };
    await send('sensor', ended);
    expect(await read('nobody', OPEN)).toHaveLength(3);
    const why = await t.api('boss', 'GET', `/deliveries/why?object=${String(green['id'])}&member=fiji`);
    expect(why.body['reasons']).toContainEqual(
      expect.objectContaining({
        code: 'rule',
        message: expect.stringMatching(/^the rule out forwards to open, .*TLP:GREEN is stricter/),
      }),
    );
    // The preview gives the same result as the submission.
    const preview = await t.api('analyst', 'POST', `/collections/${MAIN}/recipients`, {
      objects: [indicator('clear', { created_by_ref: undefined })],
    });
    expect(preview.body).toMatchObject({ public: false });
  });

  test('an object that names an observable of a stricter collection by its id is not forwarded', async () => {
    const secret = { type: 'domain-name', spec_version: '2.1', value: 'reef.example', object_marking_refs: [tlpMarkingId('amber')] }; // prettier-ignore
    const id = observableId(secret);
    const naming = (ref: unknown): Json => ({ type: 'observed-data', spec_version: '2.1', id: `observed-data--${crypto.randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 1, object_refs: [ref], object_marking_refs: [tlpMarkingId('clear')] }); // prettier-ignore
    const open = { type: 'domain-name', spec_version: '2.1', value: 'open.example', object_marking_refs: [tlpMarkingId('clear')] }; // prettier-ignore
    const [bad, good] = [naming(id), naming(observableId(open))];
    await send('sensor', { ...secret, id }, { ...open, id: observableId(open) }, bad, good);
    await rule({});
    await t.hub.routing.routeAll();
    const stand = (await read('nobody', OPEN)).join(' ');
    expect([stand.includes(String(bad['id'])), stand.includes(String(good['id']))]).toEqual([false, true]);
  });

  test('rules cannot form chains or loops, or fill the collection of a member', async () => {
    expect((await rule({})).status).toBe(201);
    const fault = async (from: string, to: string): Promise<unknown> => (await t.api('boss', 'POST', '/rules', { name: 'next', from, to })).body['detail']; // prettier-ignore
    expect(await fault('open', 'indicators')).toMatch(/not forwarded again/);
    expect(await fault('indicators', 'indicators')).toMatch(/to itself/);
    expect(await fault('indicators', 'member-fiji')).toMatch(/collection of fiji/);
    expect(await fault('member-fiji', 'open')).toMatch(/collection of fiji/);
    expect((await rule({})).status).toBe(409);
  });

  test('can be declared in the settings file, with the position of faults', async () => {
    const hub = await testHub(`${SETTINGS}rules:\n  - { name: out, from: indicators, to: open }\n`);
    await hub.as('sensor').post(objectsOf(MAIN), { objects: [indicator('clear')] });
    await hub.hub.routing.routeAll();
    expect((await hub.as(undefined).get(objectsOf(OPEN))).body).toMatchObject({ objects: [{}] });
    expect((await hub.api('chief', 'DELETE', '/rules/out')).body).toMatchObject({ status: 409, code: 'TLN-L-410' });
    await hub.stop();
    await expect(testHub(`${SETTINGS}rules:\n  - { name: out, from: indicators, to: open, max_tlp: amber }\n`)).rejects.toThrow(/rule "out" is not valid/);
    await expect(testHub(`${SETTINGS}rules:\n  - { name: out, from: indicators, to: open }\n  - { name: back, from: open, to: indicators }\n`)).rejects.toThrow(/rule "out" is not valid/);
    await expect(testHub(SETTINGS.replace('alias: open', 'alias: member-fiji'))).rejects.toThrow(/alias/i);
    await expect(testHub(`${SETTINGS}rules:\n  - { name: out, from: indicator, to: open }\n`)).rejects.toThrow(/names a collection that is not declared/);
  });
}); // prettier-ignore
