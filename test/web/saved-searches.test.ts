import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FormBrowser } from '../support/browser.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const VIEW = 'q=reef%5B.%5Dexample&state=valid&label=%3Cb%3E';
const SAVE = `/console/search/saved?${VIEW}`;

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
});
afterAll(() => t.stop());

test('a search is saved with its filters, and its link opens the same view', async () => {
  const results = await as('lani').get(`/console/search?${VIEW}`);
  expect(results.text).toContain('href="/console/search/saved?');
  expect((await as('lani').get(SAVE)).status).toBe(200);
  const refused = await as('lani').post(SAVE, { name: 'Not A Name' });
  expect([refused.status, refused.text.includes('value="Not A Name"')]).toEqual([422, true]);
  const saved = await as('lani').post(SAVE, { name: 'reef' });
  expect([saved.status, saved.headers['location']]).toEqual([303, '/console/search']);
  const page = await as('lani').get('/console/search');
  const [, href = ''] = /<a href="([^"]*)">reef<\/a>/.exec(page.text) ?? [];
  const address = new URL(href.replaceAll('&amp;', '&'), 'http://hub');
  expect(Object.fromEntries(address.searchParams)).toEqual({ q: 'reef[.]example', state: 'valid', label: '<b>' });
  const again = await as('lani').post(SAVE, { name: 'reef' });
  expect([again.status, textOf(again).includes('already exists')]).toEqual([409, true]);
}); // prettier-ignore

test('nobody else sees or deletes a saved search', async () => {
  const DELETE = '/console/search/saved/reef/delete';
  expect((await as('sina').get('/console/search')).text).not.toContain('>reef<');
  for (const name of ['sina', 'seru'] as const) {
    expect((await as(name).get(DELETE)).status).toBe(404);
    expect((await as(name).post(DELETE, {})).status).toBe(404);
  }
  expect((await as('lani').get(DELETE)).status).toBe(200);
  expect((await as('lani').post(DELETE, {})).status).toBe(303);
  expect((await as('lani').get('/console/search')).text).not.toContain('>reef<');
});

test('a search can be shared with hub staff, who open its view but cannot delete it', async () => {
  expect((await as('sina').get(SAVE)).text).toContain('Share it with other hub staff');
  expect((await as('lani').get(SAVE)).text).toContain('other people of your organisation');
  expect((await as('sina').post(SAVE, { name: 'harbour', shared: 'yes' })).status).toBe(303);
  expect(textOf(await as('sina').get('/console/search'))).toContain('You, shared');
  const page = await as('watch').get('/console/search');
  expect([page.text.includes('>harbour</a>'), page.text.includes('saved/harbour/delete')]).toEqual([true, false]);
  expect((await as('watch').get('/console/search/saved/harbour/delete')).status).toBe(404);
  expect((await as('lani').get('/console/search')).text).not.toContain('harbour');
}); // prettier-ignore
