import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MEDIA } from '../support/hub.ts';
import { TONGAN, attackedHub, indicator, items, type Site } from './site.ts';
import { THINGS } from './things.ts';

let s: Site;
beforeAll(async () => {
  s = await attackedHub();
}, 60_000);
afterAll(async () => {
  await s.stop();
});

test('a key for one collection reaches no other collection through any interface', async () => {
  const { body } = await s.api('chief', 'POST', '/keys', { account: 'moana', only: ['shared'] });
  const key = String(body['secret']);
  const id = await THINGS.object(s, 'tonga');
  const objects = { objects: [indicator('green')] };
  const doors: readonly (readonly [string, string, unknown?])[] = [
    ['GET', `/main/collections/${TONGAN}/`],
    ['GET', `/main/collections/${TONGAN}/objects/`],
    ['GET', `/main/collections/${TONGAN}/objects/${id}/`],
    ['GET', `/main/collections/${TONGAN}/manifest/`],
    ['GET', `/main/collections/${TONGAN}/removals/`],
    ['POST', `/main/collections/${TONGAN}/objects/`, objects],
    ['DELETE', `/main/collections/${TONGAN}/objects/${id}/`],
    ['GET', `/api/v1/objects/${id}`],
    ['POST', '/api/v1/collections/tongan/objects', objects],
    ['POST', '/api/v1/collections/tongan/recipients', objects],
    ['POST', `/api/v1/objects/${id}/shares`, { members: ['samoa'] }],
    ['POST', `/api/v1/objects/${id}/answer`, { answer: 'acknowledged' }],
    ['PUT', `/api/v1/objects/${id}/deadline`, { until: new Date(Date.now() + 86_400_000).toISOString() }],
    ['GET', `/api/v1/objects/${id}/deliveries`],
  ];
  const found: unknown[] = [];
  for (const [method, path, sent] of doors) {
    const type = path.startsWith('/api') ? 'application/json' : MEDIA;
    const headers = { Accept: type, ...(sent === undefined ? {} : { 'Content-Type': type }) };
    found.push([method, path, (await s.ask(key, method, path, sent, headers)).status]);
  }
  expect(found).toEqual(doors.map(([method, path]) => [method, path, 404]));
  const listed = await s.ask(key, 'GET', '/main/collections/', undefined, { Accept: MEDIA });
  expect((listed.body['collections'] as { title: string }[]).map(({ title }) => title)).toEqual(['Shared']);
  expect(items(await s.api(key, 'GET', `/objects?q=login.reef-bank.example`))).toEqual([]);
}); // prettier-ignore
