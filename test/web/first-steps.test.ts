import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FormBrowser } from '../support/browser.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { runOffer } from '../../src/sharing/scorecards/offers.ts';
import { MAIN, objectsOf, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const overview = async (name: PersonName, headers = {}): Promise<string> =>
  textOf(await as(name).get('/console', headers));

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
});
afterAll(() => t.stop());

test('a new hub shows its administrator three steps with their state', async () => {
  const before = await overview('sina');
  expect(before).toContain('0 of 3 done');
  expect(before).toContain('A feed exists, but none has run without problems yet.');
  expect(before).toContain('A member exists, but has not fetched anything yet.');
  expect(before).toMatch(/3 Publish an indicator .* To do/);
  expect(before).toContain('talanoa serve --demo');
  // The hub has a feed already, so its state is shown as well.
  expect(before).toContain('All feeds');
  expect(await overview('sina', { 'Accept-Language': 'fr' })).toContain('0 sur 3 étapes');
  // The others cannot take these steps.
  for (const name of ['watch', 'lani'] as const) expect(await overview(name)).not.toContain('Get started');
});

test('steps are done when a member has fetched and somebody has published', async () => {
  await t.as('sensor').get(objectsOf(MAIN));
  const body = { values: ['203.0.114.9'], tlp: 'green', valid_days: 7 };
  const { status } = await t.api('writer', 'POST', `/collections/${MAIN}/indicators`, body);
  expect(status).toBe(200);
  const after = await overview('sina');
  expect(after).toContain('2 of 3 done');
  expect(after).toContain('A member has fetched objects.');
});

test('a person hides the steps, and the other preferences stay', async () => {
  await as('sina').post('/console/preferences', { language: 'en', theme: 'night' });
  const hidden = await as('sina').post('/console', { hide: 'steps' });
  expect([hidden.status, hidden.headers['location']]).toEqual([303, '/console']);
  const page = await as('sina').get('/console');
  expect(textOf(page)).not.toContain('Get started');
  expect(page.text).toContain('data-theme="night"');
  const account = await as('sina').get('/console/account');
  expect(account.text).toMatch(/name="first_steps" value="hidden" checked/);
  // Without the tick they come back.
  await as('sina').post('/console/preferences', { language: 'en' });
  expect(await overview('sina')).toContain('Get started');
});

test('hub staff see what arrived on each day by source, as columns and as numbers', async () => {
  expect(await overview('watch')).not.toContain('Objects submitted and rows read each day');
  const { store } = t.hub;
  const now = Date.now();
  for (const [feed, accepted] of [['demo', 1_200], ['b', 300], ['c', 200], ['d', 60], ['e', 40]] as const)
    await store.commit({ records: [...(await runOffer(store, { feed, accepted, quarantined: 0, refused: 0 }, now))] });
  const page = await as('watch').get('/console');
  const text = textOf(page);
  const day = new Date(now).toISOString().slice(0, 10);
  expect(page.text).toContain(`The busiest day was ${day} with 1,800.`);
  // Two feeds by name, the others together, and their sum.
  expect(text).toMatch(new RegExp(`${day} 1,200 300 300 1,800`));
  expect(page.text.match(/<path class="k[234]" d="M[1-9][\d.]* [\d.]+h/g)).toHaveLength(3);
  expect(text).toContain('Other feeds');
  expect(await overview('watch', { 'Accept-Language': 'fr' })).toContain('Objets soumis et lignes lues chaque jour');
  expect(await overview('lani')).not.toContain('Objects submitted and rows read each day');
}); // prettier-ignore
