import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const ACT = '/console/search/act';
const identity = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
const host = (name: string, over: Json = {}): Json =>
  anIndicator({ name, pattern: `[domain-name:value = '${name}.lagoon-bank.com']`, ...over });
const own = ['one', 'two', 'three'].map((name) => host(name, { created_by_ref: identity }));
const foreign = host('foreign');
const VIEW = 'q=lagoon-bank.com';

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
  await t.api('sensor', 'POST', `/collections/${MAIN}/objects`, { objects: own });
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [foreign] });
});
afterAll(() => t.stop());

const hidden = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')],
    ),
  );
const ticked = (...objects: Json[]): Record<string, string> =>
  Object.fromEntries(objects.map(({ id }) => [`o.${String(id)}`, '1']));
const stateOf = async (object: Json): Promise<unknown> =>
  (await t.api('writer', 'GET', `/objects/${String(object['id'])}`)).body['state'];
const versionsOf = async (object: Json): Promise<number> =>
  ((await t.api('writer', 'GET', `/objects/${String(object['id'])}`)).body['places'] as Json[]).flatMap(
    ({ versions }) => versions as Json[],
  ).length;

test('the results can be selected, with the actions that the person can use', async () => {
  const lani = await as('lani').get(`/console/search?${VIEW}`);
  expect(lani.text).toContain(`name="o.${String(foreign['id'])}"`);
  expect(textOf(lani)).toContain('Select all 4 that match');
  expect(lani.text).toContain('value="seen"');
  // Hub staff cannot report what they have seen.
  expect((await as('watch').get(`/console/search?${VIEW}`)).text).not.toContain('value="seen"');
});

test('a question comes before the action, and each object is decided like a single one', async () => {
  const [one] = own;
  const question = await as('lani').post(ACT, { do: 'label', view: VIEW, ...ticked(one ?? {}, foreign) });
  expect(question.status).toBe(200);
  expect(textOf(question)).toContain('Add a label to 2 objects');
  const form = hidden(question.text);
  const empty = await as('lani').post(ACT, { ...form, label: ' ' });
  expect([empty.status, textOf(empty).includes('Enter a label')]).toEqual([422, true]);
  const done = await as('lani').post(ACT, { ...form, label: 'seen-in-bank' });
  const text = textOf(done);
  expect(text).toContain('1 of 2 objects done.');
  expect(text).toMatch(/Not done You don.t have permission to change objects of others\./);
  const { body } = await t.api('writer', 'GET', `/objects/${String(one?.['id'])}`);
  expect((body['object'] as Json)['labels']).toEqual(['seen-in-bank']);
  expect(await versionsOf(foreign)).toBe(1);
});

test('a form that is submitted twice has an effect once', async () => {
  const [, two] = own;
  const form = hidden((await as('lani').post(ACT, { do: 'label', view: VIEW, ...ticked(two ?? {}) })).text);
  await as('lani').post(ACT, { ...form, label: 'twice' });
  const before = await versionsOf(two ?? {});
  const again = await as('lani').post(ACT, { ...form, label: 'twice' });
  expect(textOf(again)).toContain('1 of 1 object done. This form was sent before.');
  expect(await versionsOf(two ?? {})).toBe(before);
  // The token of a form belongs to what the form asked for.
  expect((await as('lani').post(ACT, { ...form, label: 'other' })).status).toBe(422);
});

test('all that match means all that the person has seen', async () => {
  const view = `${VIEW}&state=valid&type=indicator`;
  const question = await as('lani').post(ACT, { do: 'revoke', view, all: '1' });
  expect(textOf(question)).toContain('Revoke 4 objects?');
  const form = hidden(question.text);
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [host('new')] });
  const changed = await as('lani').post(ACT, form);
  expect(changed.status).toBe(422);
  expect(textOf(changed)).toContain('It had 4 objects, and now has 5.');
  for (const object of own) expect(await stateOf(object)).toBe('valid');
  const done = await as('lani').post(ACT, hidden(changed.text));
  expect(textOf(done)).toContain('3 of 5 objects done.');
  for (const object of own) expect(await stateOf(object)).toBe('revoked');
  expect(await stateOf(foreign)).toBe('valid');
  // The view is empty now, and the same form still shows its result.
  expect(textOf(await as('lani').post(ACT, hidden(changed.text)))).toContain('3 of 5 objects done.');
});

test('an officer reports sightings, and objects that the person cannot read are not done', async () => {
  const form = hidden((await as('lani').post(ACT, { do: 'seen', view: VIEW, ...ticked(foreign) })).text);
  expect(textOf(await as('lani').post(ACT, form))).toContain('1 of 1 object done.');
  const seru = hidden((await as('seru').post(ACT, { do: 'seen', view: VIEW, ...ticked(foreign) })).text);
  expect(textOf(await as('seru').post(ACT, seru))).toContain('0 of 1 object done.');
});

test('a form without a selection, with too many objects or without an action is refused', async () => {
  const none = await as('lani').post(ACT, { do: 'revoke', view: VIEW });
  expect([none.status, textOf(none).includes('Select at least one object.')]).toEqual([422, true]);
  const ids = Array.from({ length: 501 }, (_, i) => `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`); // prettier-ignore
  expect((await as('lani').post(ACT, { do: 'revoke', view: VIEW, ids: ids.join(' ') })).status).toBe(422);
  expect((await as('watch').post(ACT, { do: 'seen', view: VIEW, ...ticked(foreign) })).status).toBe(403);
  expect((await as('lani').post(ACT, { do: 'nothing', view: VIEW, ...ticked(foreign) })).status).toBe(403);
});

test('a form to revise one object is refused when somebody else has revised it meanwhile', async () => {
  const object = host('edited', { created_by_ref: identity });
  await t.api('sensor', 'POST', `/collections/${MAIN}/objects`, { objects: [object] });
  const path = `/console/o/${String(object['id'])}`;
  const forms = await Promise.all(['revise', 'revoke'].map(async (one) => ({ one, form: hidden((await as('lani').get(`${path}/${one}`)).text) }))); // prettier-ignore
  await t.api('sensor', 'POST', `/objects/${String(object['id'])}/versions`, { title: 'by another person' });
  for (const { one, form } of forms) {
    const late = await as('lani').post(`${path}/${one}`, { ...form, title: 'edited', labels: 'late' });
    expect([one, late.status]).toEqual([one, 409]);
    expect(textOf(late)).toContain('The object has a newer version than the one that you have seen.');
  }
  const { body } = await t.api('writer', 'GET', `/objects/${String(object['id'])}`);
  expect([body['state'], (body['object'] as Json)['name']]).toEqual(['valid', 'by another person']);
});

test('nothing is done with an object that was revised after the question', async () => {
  const [first, second] = ['early', 'late'].map((name) => host(name));
  if (first === undefined || second === undefined) throw new Error('no objects');
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [first, second] });
  const view = 'q=late.lagoon-bank.com';
  const questions = [
    { do: 'seen', view: VIEW, ...ticked(first, second) },
    { do: 'seen', view, all: '1' },
  ];
  for (const [i, question] of questions.entries()) {
    const form = hidden((await as('lani').post(ACT, question)).text);
    const modified = `2026-02-0${i + 1}T00:00:00.000Z`;
    const next = { ...second, modified, name: `revised ${i}` };
    await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [next] });
    const refused = await as('lani').post(ACT, form);
    expect(refused.status).toBe(422);
    const text = textOf(refused);
    expect(text).toContain(`1 object is new or revised since then, such as ${String(second['id'])}.`);
    expect(text).not.toContain('It had');
    const done = await as('lani').post(ACT, hidden(refused.text));
    expect([done.status, textOf(done).includes('objects done.') || textOf(done).includes('object done.')]).toEqual([200, true]);
  }
}); // prettier-ignore
