import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(() => t.stop());

test('no response of the API invents a version for an observable, and TAXII names one that does not change', async () => {
  const observable = {
    type: 'domain-name',
    spec_version: '2.1',
    id: 'domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7',
    value: 'evil.example',
  };
  await t.as('writer').post(objectsOf(MAIN), { objects: [observable] });
  const { body: found } = await t.api('analyst', 'GET', `/objects/${observable.id}`);
  expect(found).toMatchObject({ object: observable, places: [{ versions: [{ spec_version: '2.1' }] }] });
  for (const path of [`/objects/${observable.id}`, '/objects?q=evil.example', '/overview', `/objects/${observable.id}/deliveries`]) {
    const { status, body } = await t.api('analyst', 'GET', path);
    expect([path, status]).toEqual([path, 200]);
    expect(JSON.stringify(body)).toMatch(/domain-name|available/);
    expect(JSON.stringify(body)).not.toContain('1970');
  }
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}${observable.id}/versions/`);
  expect(body).toMatchObject({ versions: ['1970-01-01T00:00:00.000Z'] });
}); // prettier-ignore
