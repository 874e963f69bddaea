import { afterAll, beforeAll, expect, test } from '@jest/globals';
import supertest from 'supertest';
import type { FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { MAIN, keyOf, testHub, type TestHub } from '../support/hub.ts';

const clock = new TestClock();
let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const LIST = '/console/lists/tonga-border';
const until = new Date(clock.now() + 30 * 86_400_000).toISOString();
const ip = (value: string): Json =>
  anIndicator({ pattern: `[ipv4-addr:value = '${value}']`, name: value, valid_until: until });
const put = async (objects: readonly Json[]): Promise<void> => {
  const { body } = await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects });
  expect((body['items'] as Json[]).filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
  // The hub compares a list with its collections once a second.
  clock.advance(2_000);
  await t.hub.valueView.followAll();
  await t.hub.listPublisher.publishAll();
};

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS, { clock });
  as = await everybodySignedIn(t);
  await put([ip('45.10.1.1'), ip('10.1.1.1')]);
  const list = { name: 'tonga-border', title: 'Border <b>walls', member: 'tonga', collections: ['indicators'], format: 'edl-ip' }; // prettier-ignore
  expect((await t.api('chief', 'POST', '/lists', list)).status).toBe(201);
  await t.hub.listPublisher.publishAll();
  await supertest(t.hub.app)
    .get('/lists/tonga-border')
    .set({ Authorization: `Bearer ${keyOf('sensor')}`, 'User-Agent': 'wall/<1>' });
});
afterAll(() => t.stop());

test('the page of lists shows their values, what they leave out, and the last fetch', async () => {
  const page = await as('lani').get('/console/lists');
  expect(textOf(page)).toMatch(/Border <b>walls edl-ip · tonga Up to date 1 1 1 20\d\d-/);
  expect(page.text).not.toContain('<b>walls');
  // A list of a member is for this member and the hub.
  expect(textOf(await as('seru').get('/console/lists'))).toContain('No saved lists yet');
  expect(textOf(await as('sina').get('/console/lists'))).toContain('Border <b>walls');
});

test('the page of a list shows the reasons for what it leaves out, and who fetches it', async () => {
  const text = textOf(await as('lani').get(LIST));
  expect(text).toContain('1 left out: private, reserved or multicast addresses');
  expect(text).toMatch(/tonga-sensor|sensor/);
  expect(text).toContain('wall/<1>');
  expect((await as('seru').get(LIST)).status).toBe(404);
  const french = await as('lani').get(LIST, { 'Accept-Language': 'fr' });
  expect(textOf(french)).toContain('Valeurs écartées de la liste');
});

test('content on hold is published as large as the person has seen it', async () => {
  await put(Array.from({ length: 30 }, (_, i) => ip(`45.10.2.${i + 1}`)));
  expect(textOf(await as('lani').get('/console/lists'))).toContain('1 list waiting for confirmation.');
  const page = await as('lani').get(LIST);
  expect(textOf(page)).toContain('The new content would have 31 values instead of 1.');
  const question = await as('lani').get(`${LIST}/confirm`);
  expect(textOf(question)).toContain('Publish the list with 31 values?');
  expect(question.text).toContain('name="entries" value="31"');
  for (const entries of ['32', '', 'all']) {
    const refused = await as('lani').post(`${LIST}/confirm`, { entries });
    expect([entries, refused.status]).toEqual([entries, 409]);
  }
  expect((await as('seru').post(`${LIST}/confirm`, { entries: '31' })).status).toBe(404);
  const done = await as('lani').post(`${LIST}/confirm`, { entries: '31' });
  expect([done.status, done.headers['location']]).toEqual([303, `${LIST}?done=confirmed`]);
  expect((await t.api('chief', 'GET', '/lists/tonga-border')).body).toMatchObject({ state: 'current', entries: 31 });
}); // prettier-ignore
