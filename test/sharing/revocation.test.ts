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
      { collection: 'indicators', outcome: 'stored', message: undefined },
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

  test('objects of others, objects without versions and missing objects are refused, each with its reason', async () => {
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
    ).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('an object with a time ahead of the clock is revoked by a later version', async () => {
    const object = anIndicator({ modified: '2099-01-01T00:00:00.000Z' });
    await put(object, 'writer');
    await t.hub.revocation.revoke(OPERATOR, String(object['id']));
    const { body } = await t.as('reader').get(`${C}${String(object['id'])}/`);
    expect(body).toMatchObject({ objects: [{ revoked: true, modified: '2099-01-01T00:00:00.001Z' }] });
  });
});
