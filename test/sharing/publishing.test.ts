import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { anIndicator, type Json } from '../support/builders.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import { MAIN, SETTINGS, WRITE_ONLY, keyOf, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(() => t.stop());

const send = async (path: string, objects: readonly string[], collection = MAIN): Promise<Json> => {
  const { body } = await supertest(t.hub.app)
    .post(`/api/v1/collections/${collection}/${path}`)
    .set({ Authorization: `Bearer ${keyOf('writer')}`, 'Content-Type': 'application/json' })
    .send(`{"objects":[${objects.join(',')}]}`);
  return body as Json;
};

test('objects that are published through the API are stored exactly as they were sent', async () => {
  const object = anIndicator();
  const text = JSON.stringify(object).replace('{', '{ "x_ratio" : 1.50, "x_word":"\\u00e9",  ');
  expect(await send('objects', [text])).toMatchObject({ items: [{ outcome: 'stored' }] });
  const query = { collection: MAIN, after: 0, limit: 1, ids: [String(object['id'])], versions: LAST_VERSION };
  const { entries } = await t.hub.store.entries(query, true);
  expect(entries[0]?.text).toBe(text);
});

test('objects that the parser would change are refused, also in the preview', async () => {
  const text = (more: string): string => JSON.stringify(anIndicator()).replace('{', `{${more},`);
  const bad = [text('"name":"one"'), text('"x_count":9007199254740993'), text('"x_large":1e999')];
  expect(await send('objects', [...bad, text('"x_fine":1')])).toMatchObject({
    items: [
      { outcome: 'refused', message: expect.stringContaining('repeated') },
      { outcome: 'refused', message: expect.stringContaining('S-015') },
      { outcome: 'refused', message: expect.stringContaining('S-016') },
      { outcome: 'stored' },
    ],
  });
  const preview = await send('recipients', bad);
  expect((preview['objects'] as Json[]).map(({ outcome }) => outcome)).toEqual([
    'refused',
    'refused',
    'refused',
  ]);
});

const published = async (): Promise<readonly Json[]> => {
  while ((await t.hub.store.numberFacts()) > 0);
  return (await t.hub.store.audit(0, 1_000))
    .filter(({ fact: { action } }) => action === 'object.publish')
    .map(({ fact: { actor, resource, member, details } }) => ({ actor, resource, member, details }));
};

test('the audit log records what an account publishes, without values, and nothing that is refused or known', async () => {
  const before = (await published()).length;
  const [kept, refused] = [anIndicator(), anIndicator({ pattern: 'no pattern' })];
  const address = {
    type: 'ipv4-addr',
    spec_version: '2.1',
    id: 'ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd',
    value: '198.51.100.3',
  };
  await send(
    'objects',
    [kept, refused, address].map((object) => JSON.stringify(object)),
  );
  await send('objects', [JSON.stringify(refused)]);
  // Nothing of these is stored: the first two are known, and the same version with other content is refused.
  const contradicting = { ...kept, name: 'Other' };
  await send(
    'objects',
    [kept, address, contradicting].map((object) => JSON.stringify(object)),
  );
  const entries = (await published()).slice(before);
  expect(entries).toEqual([
    {
      actor: 'writer',
      resource: `collection/${MAIN}`,
      member: undefined,
      details: { objects: 2, ids: [kept['id']] },
    },
  ]);
  // Machines submit over TAXII at any rate, so those envelopes are not in the audit log.
  await t.as('writer').post(objectsOf(MAIN), { objects: [anIndicator()] });
  expect(await published()).toHaveLength(before + 1);
});

test('the audit log does not reveal the content of a collection to a submitter without read access', async () => {
  const before = (await published()).length;
  const object = anIndicator();
  await send('objects', [JSON.stringify(object)], WRITE_ONLY);
  await send('objects', [JSON.stringify(object)], WRITE_ONLY);
  const [first, second] = (await published()).slice(before);
  expect(first).toMatchObject({
    resource: `collection/${WRITE_ONLY}`,
    details: { objects: 1, ids: [object['id']] },
  });
  expect(second).toEqual(first);
});
