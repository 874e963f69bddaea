import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FormBrowser } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const PAGE = '/console/search/many';
const known = anIndicator({
  pattern: "[ipv4-addr:value = '203.0.114.61']",
  valid_until: '2099-01-01T00:00:00Z',
});

beforeAll(async () => {
  t = await testHub(CONSOLE_SETTINGS);
  as = await everybodySignedIn(t);
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [known] });
});
afterAll(() => t.stop());

const PASTED = '203.0.114[.]61,seen\nnothing.reef-bank.com\n198.51.100.9\nnot-a-value,,\n=1+1';

test('pasted values have a verdict each, and the text stays in the form', async () => {
  const answer = await as('lani').post(PAGE, { values: PASTED });
  expect(answer.status).toBe(200);
  const text = textOf(answer);
  expect(text).toContain('1 of 5 values is an active indicator.');
  expect(text).toContain('1 in networks of members, 1 not known, 2 not understood.');
  expect(text).toContain('Line 4. Not an address');
  expect(text).toContain('In 198.51.100.0/24 of tonga.');
  expect(answer.text).toContain(`href="/console/o/${String(known['id'])}"`);
  expect(answer.text).toMatch(/<textarea[^>]*>203\.0\.114\[\.\]61,seen\n/);
  // The officer of Fiji cannot read the collection, and does not learn whose network an address is in.
  const seru = textOf(await as('seru').post(PAGE, { values: PASTED }));
  expect(seru).toContain('None of the 5 values is an active indicator. 3 not known, 2 not understood.');
  expect(seru).not.toContain('tonga');
});

test('the verdicts can be exported for spreadsheets, without formulas', async () => {
  const csv = await as('lani').post(PAGE, { values: PASTED, do: 'csv' });
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
  const lines = csv.text.split('\r\n');
  expect(lines).toHaveLength(7);
  expect(lines[1]).toMatch(/^"1","203\.0\.114\[\.\]61","ipv4","203\.0\.114\.61","active"/);
  expect(lines[5]).toMatch(/^"5","'=1\+1",/);
});

test('a form without values, or with too many, is shown again with the reason and the input', async () => {
  const none = await as('lani').post(PAGE, { values: '# only a comment' });
  expect(none.status).toBe(422);
  expect(none.text).toContain('aria-invalid="true"');
  expect(none.text).toContain('># only a comment</textarea>');
  const most = Array.from({ length: 1_000 }, (_, i) => `host${i}.reef-bank.com`).join('\n');
  expect((await as('lani').post(PAGE, { values: most })).status).toBe(200);
  const many = await as('lani').post(PAGE, { values: `${most}\nlagoon-bank.com` });
  expect([many.status, textOf(many).includes('at most 1,000 values, and you entered 1,001')]).toEqual([
    422,
    true,
  ]);
});
