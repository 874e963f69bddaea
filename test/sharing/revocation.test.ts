import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { OPERATOR } from '../../src/access/principal.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const C = objectsOf(MAIN);

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(async () => {
  await t.stop();
});

const put = async (object: Json, as: string) =>
  expect((await t.as(as).post(C, { objects: [object] })).body).toMatchObject({ success_count: 1 });

describe('revocation of objects that the hub created', () => {
  test('a revoked version is served by ordinary polls, and reaches the members that had the earlier one', async () => {
    const object = anIndicator({ pattern: "[ipv4-addr:value = '198.51.100.7']", confidence: 70 });
    const id = String(object['id']);
    await put(object, 'writer');
    await t.hub.routing.routeAll();
    const member = t.hub.directory;
    const own = objectsOf((await member.current()).members.get('tonga')?.collection ?? '');
    const before = await t.as('sensor').get(own);
    expect((before.body as { objects: Json[] }).objects).toEqual([object]);
    expect(await t.hub.revocation.revoke(OPERATOR, id)).toEqual([
      { collection: 'indicators', outcome: 'stored', version: expect.any(String), message: undefined },
    ]);
    const after = await t.as('reader').get(`${C}${id}/`);
    const [revoked] = (after.body as { objects: Json[] }).objects;
    expect(revoked).toEqual({ ...object, revoked: true, modified: revoked?.['modified'] });
    expect(Date.parse(String(revoked?.['modified']))).toBeGreaterThan(Date.parse(String(object['modified'])));
    await t.hub.routing.routeAll();
    const later = await t.as('sensor').get(`${own}?added_after=${before.headers['x-taxii-date-added-last']}`);
    expect((later.body as { objects: Json[] }).objects).toEqual([revoked]);
    await expect(t.hub.revocation.revoke(OPERATOR, id)).rejects.toMatchObject({ kind: 'conflict' });
    expect((await t.hub.store.audit(0, 100)).at(-1)?.fact).toMatchObject({
      actor: 'operator',
      action: 'object.revoke',
      resource: `object/${id}`,
    });
  });

  test('a change of a version that the caller has not seen is refused', async () => {
    const object = anIndicator({ pattern: "[ipv4-addr:value = '198.51.100.9']" });
    const path = `/objects/${String(object['id'])}`;
    const [seen, versions] = [String(object['modified']), `${path}/versions`];
    await put(object, 'writer');
    const revise = async (version: string, title: string) =>
      t.api('analyst', 'POST', `${versions}?version=${version}`, { title });
    expect((await revise(seen, 'first')).status).toBe(200);
    for (const version of [seen, '2001-01-01T00:00:00Z']) {
      expect((await revise(version, 'second')).body).toMatchObject({ status: 409, code: 'TLN-O-412' });
      const late = await t.api('analyst', 'POST', `${path}/revocation?version=${version}`);
      expect(late.body).toMatchObject({ status: 409, code: 'TLN-O-412' });
    }
    const { body } = await t.api('reader', 'GET', path);
    const present = body['object'] as Json;
    expect(present).toMatchObject({ name: 'first' });
    expect(present).not.toHaveProperty('revoked');
    expect((await revise(String(present['modified']), 'third')).status).toBe(200);
    expect((await revise('yesterday', 'third')).status).toBe(400);
  });

  test('objects of others, objects without versions, and missing or unreadable objects are refused, each with its reason', async () => {
    const theirs = anIndicator();
    await put(theirs, 'sensor');
    await expect(t.hub.revocation.revoke(OPERATOR, String(theirs['id']))).rejects.toMatchObject({
      kind: 'forbidden',
      description: 'It belongs to tonga.',
    });
    const observable = {
      type: 'domain-name',
      spec_version: '2.1',
      id: 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
      value: 'example.com',
    };
    await put(observable, 'writer');
    await expect(t.hub.revocation.revoke(OPERATOR, observable.id)).rejects.toMatchObject({
      kind: 'invalid-content',
    });
    await expect(t.hub.revocation.revoke(OPERATOR, `tool--${randomUUID()}`)).rejects.toMatchObject({
      kind: 'not-found',
    });
    await expect(
      t.hub.revocation.revoke({ ...OPERATOR, role: 'machine' }, String(theirs['id'])),
    ).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('an object with a time ahead of the clock is revoked by a later version', async () => {
    const object = anIndicator({ modified: '2099-01-01T00:00:00.000Z' });
    await put(object, 'writer');
    await t.hub.revocation.revoke(OPERATOR, String(object['id']));
    const { body } = await t.as('reader').get(`${C}${String(object['id'])}/`);
    expect(body).toMatchObject({ objects: [{ revoked: true, modified: '2099-01-01T00:00:00.001Z' }] });
  });
});

describe('revocation and correction of objects by their owner', () => {
  const revoke = (who: string, id: unknown) => t.api(who, 'POST', `/objects/${String(id)}/revocation`);
  const revise = (who: string, id: unknown, body: Json) =>
    t.api(who, 'POST', `/objects/${String(id)}/versions`, body);

  test('a member corrects and revokes its own object, with new versions and its name in the audit log', async () => {
    const object = anIndicator({ name: 'Fist', confidence: 10, labels: ['old'] });
    await put(object, 'sensor');
    const revised = await revise('sensor', object['id'], { title: 'First', tlp: 'amber', confidence: 80, labels: ['new'], valid_days: 3 }); // prettier-ignore
    expect([revised.status, revised.body['items']]).toEqual([
      200,
      [expect.objectContaining({ collection: 'indicators', outcome: 'stored' })],
    ]);
    const shown = await t.api('sensor', 'GET', `/objects/${String(object['id'])}`);
    expect(shown.body).toMatchObject({
      state: 'valid',
      object: {
        name: 'First',
        confidence: 80,
        labels: ['new'],
        object_marking_refs: ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421'],
        pattern: object['pattern'],
      },
    });
    expect((await revoke('sensor', object['id'])).status).toBe(200);
    const after = await t.api('sensor', 'GET', `/objects/${String(object['id'])}`);
    expect(after.body['state']).toBe('revoked');
    const [place] = after.body['places'] as { versions: { version: string }[] }[];
    expect(place?.versions).toHaveLength(3);
    const first = await t.api('sensor', 'GET', `/objects/${String(object['id'])}?version=${String(place?.versions[0]?.version)}`); // prettier-ignore
    expect(first.body).toMatchObject({ object, state: 'valid' });
    expect((await revoke('sensor', object['id'])).status).toBe(409);
    expect((await t.hub.store.audit(0, 100)).slice(-2).map(({ fact }) => [fact.action, fact.member])).toEqual(
      [
        ['object.revise', 'tonga'],
        ['object.revoke', 'tonga'],
      ],
    );
  });

  test('nobody else can: readers are refused without the name of the owner, and strangers learn nothing', async () => {
    const theirs = anIndicator();
    await put(theirs, 'sensor');
    const asReader = await revoke('reader', theirs['id']);
    expect(asReader.status).toBe(403);
    expect(JSON.stringify(asReader.body)).not.toContain('tonga');
    const missing = `indicator--${randomUUID()}`;
    for (const call of [revoke, (who: string, id: unknown) => revise(who, id, { title: 'Ours' })]) {
      const [standing, unknown] = [await call('desk', theirs['id']), await call('desk', missing)];
      expect([standing.status, unknown.status]).toEqual([404, 404]);
      const told = ({ body }: { body: Json }) => JSON.stringify({ ...body, error_id: '' }).replaceAll(String(theirs['id']), missing); // prettier-ignore
      expect(told(standing)).toBe(told(unknown));
    }
    const hubs = anIndicator();
    await put(hubs, 'writer');
    expect((await revise('sensor', hubs['id'], { title: 'Ours' })).status).toBe(403);
    expect((await revise('analyst', theirs['id'], { title: 'Ours' })).status).toBe(403);
    expect((await revise('analyst', hubs['id'], { title: 'Ours' })).status).toBe(200);
  });

  test('days of validity on an object that does not expire are refused', async () => {
    const tool = { type: 'tool', spec_version: '2.1', id: `tool--${randomUUID()}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', name: 'nmap' }; // prettier-ignore
    await put(tool, 'sensor');
    expect((await revise('sensor', tool.id, { valid_days: 3 })).body['code']).toBe('TLN-O-423');
    expect((await revise('sensor', tool.id, { title: 'Nmap' })).status).toBe(200);
  });
});
