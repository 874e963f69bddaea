import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FormBrowser } from '../support/browser.ts';
import { anIndicator } from '../support/builders.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, textOf, type PersonName } from '../support/console.ts';
import { docx } from '../support/documents.ts';
import { MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;
const PAGE = '/console/extract';
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

const REPORT =
  'The link hxxps://pay-lagoon[.]com/login <b>leads</b> to 203.0.114[.]61.\n\nAffected: 198.51.100.9. Ends.';
const boxes = (html: string): string[] =>
  [
    ...html.matchAll(
      /<input type="checkbox" name="(v\d+)" value="1"( checked)?.*?<span class="mono">([^<]*)</g,
    ),
  ].map(([, name, isChecked, value]) => `${name} ${value}${isChecked ?? ''}`);

test('the values of a pasted report are marked and offered, and those without doubt are chosen', async () => {
  const answer = await as('lani').upload(PAGE, { text: REPORT });
  expect(answer.status).toBe(200);
  expect(boxes(answer.text)).toEqual([
    'v0 https://pay-lagoon.com/login checked',
    'v1 203.0.114.61 checked',
    'v2 198.51.100.9',
  ]);
  expect(textOf(answer)).toContain('3 values found, 2 selected. 1 value is not selected');
  expect(textOf(answer)).toContain('In 198.51.100.0/24 of tonga.');
  expect(answer.text).toContain(
    '<mark><a href="#e0">hxxps://pay-lagoon[.]com/login</a></mark> &lt;b>leads&lt;/b>',
  );
  expect(answer.text).toContain('<mark class="no"><a href="#e2">198.51.100.9</a></mark>');
  expect(answer.text).toContain(`href="/console/o/${String(known['id'])}"`);
  // The officer of Fiji cannot read the collection, and does not learn whose network an address is in.
  const seru = await as('seru').upload(PAGE, { text: REPORT });
  expect(boxes(seru.text)).toHaveLength(3);
  expect(seru.text).not.toContain(String(known['id']));
  expect(textOf(seru)).not.toContain('tonga');
});

test('the chosen values go to the check of the page that publishes', async () => {
  const answer = await as('lani').post(PAGE, {
    offered: 'https://pay-lagoon.com/login\r\nleft.out.com\r\n203.0.114.77',
    v0: '1',
    v2: '1',
  });
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('action="/console/publish"');
  expect(answer.text).toMatch(
    /<textarea[^>]*name="values"[^>]*>https:\/\/pay-lagoon\.com\/login\n203\.0\.114\.77<\/textarea>/,
  );
  expect(answer.text).toContain('name="checked"');
});

test('a file is read, and its name is shown as text', async () => {
  const file = { name: '<i>notice.docx', bytes: docx(['See evil[.]com']) };
  const answer = await as('lani').upload(PAGE, { file, text: 'ignored.com' });
  expect(boxes(answer.text)).toEqual(['v0 evil.com checked']);
  expect(answer.text).toContain('&lt;i>notice.docx (Word), read on this hub.');
  const nothing = await as('lani').upload(PAGE, { text: 'Nothing to see' });
  expect(textOf(nothing)).toContain('No value found');
});

test('a document that cannot be read is refused with a reason at the field', async () => {
  const damaged = await as('lani').upload(PAGE, {
    file: { name: 'a.pdf', bytes: Buffer.from('%PDF-1.7 x') },
  });
  expect([damaged.status, textOf(damaged).includes('damaged')]).toEqual([422, true]);
  const empty = await as('lani').upload(PAGE, {});
  expect([empty.status, textOf(empty).includes('Choose a file, or paste a text.')]).toEqual([422, true]);
});

test('a visitor is sent to sign in before the document is read, and a long report shows the lines with values', async () => {
  const visitor = await new FormBrowser(() => t.hub.app).upload(PAGE, { text: REPORT });
  expect(visitor.headers['location']).toContain('/console/sign-in');
  const long = `${'word '.repeat(6_000)}\n${REPORT}\n${'x'.repeat(2_000)} evil.com ${'y'.repeat(2_000)}`;
  const answer = await as('lani').upload(PAGE, { text: long });
  expect(textOf(answer)).toContain('Lines with values');
  expect(answer.text).not.toContain('word word');
  expect(answer.text.length).toBeLessThan(20_000);
});

test('a form without a chosen value shows its values again, also those that count only because they were defanged', async () => {
  const offered = 'https://pay-lagoon.com/login\r\nevil.zip\r\n198.51.100.9';
  const none = await as('lani').post(PAGE, { offered, name: 'notice.docx' });
  expect([none.status, textOf(none).includes('Tick at least one value.')]).toEqual([422, true]);
  expect(textOf(none)).toContain('notice.docx');
  expect(boxes(none.text)).toEqual([
    'v0 https://pay-lagoon.com/login checked',
    'v1 evil.zip checked',
    'v2 198.51.100.9',
  ]);
  const empty = await as('lani').post(PAGE, { offered: '' });
  expect([empty.status, textOf(empty).includes('Choose a file, or paste a text.')]).toEqual([422, true]);
});

test('values that cannot be published are not chosen, and the reason is shown', async () => {
  const answer = await as('lani').upload(PAGE, { text: 'From 192.168.1.10 to evil.com, IP 203.0.114.61.' });
  expect(boxes(answer.text)).toEqual(['v0 192.168.1.10', 'v1 evil.com checked', 'v2 203.0.114.61 checked']);
  expect(textOf(answer)).toContain('It cannot be published:');
});

test('a document with many IPv6 addresses is read whole', async () => {
  const text = Array.from({ length: 400 }, (_, i) => `2a00:1450:4001:${(i + 1).toString(16)}::1`).join('\n');
  const answer = await as('lani').upload(PAGE, { text });
  expect([answer.status, boxes(answer.text).length]).toEqual([200, 400]);
});

test('a form with many parts, or with long headers, is refused before it is parsed', async () => {
  const part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n';
  const long = `--b\r\nX: ${'y'.repeat(100_000)}\r\n\r\n\r\n--b--\r\n`;
  for (const body of [`${part.repeat(9)}--b--\r\n`, long]) {
    const answer = await as('lani').multipart(PAGE, 'b', body);
    expect([answer.status, textOf(answer).includes('too many parts')]).toEqual([400, true]);
  }
});

test('an empty file, and a bad file with a pasted text, say what to do and keep the text', async () => {
  const empty = await as('lani').upload(PAGE, { file: { name: 'a.txt', bytes: Buffer.alloc(0) } });
  expect(textOf(empty)).toContain('The file is empty.');
  const file = { name: 'a.bin', bytes: Buffer.from([1, 0, 2, 0]) };
  const bad = await as('lani').upload(PAGE, { file, text: 'kept text' });
  expect(bad.text).toContain('>kept text</textarea>');
});

test('more values than can be published at once are checked in parts', async () => {
  const values = Array.from({ length: 230 }, (_none, i) => `45.66.${Math.floor(i / 200)}.${(i % 200) + 1}`);
  const found = await as('lani').upload(PAGE, { text: values.join('\n') });
  expect(boxes(found.text).filter((box) => box.endsWith(' checked'))).toHaveLength(230);
  expect(textOf(found)).toContain('Check selected values 1 to 100');
  expect(textOf(found)).toContain('Check selected values 201 to 230');
  const chosen = Object.fromEntries(values.map((_value, i) => [`v${i}`, '1']));
  const inPart = async (part: number, ticked: Readonly<Record<string, string>>): Promise<string> => {
    const { text } = await as('lani').post(PAGE, { offered: values.join('\r\n'), parts: '3', part: String(part), ...ticked });
    return /<textarea[^>]*name="values"[^>]*>([^<]*)</.exec(text)?.[1]?.trim() ?? text;
  }; // prettier-ignore
  expect((await inPart(0, chosen)).split('\n')).toEqual(values.slice(0, 100));
  expect((await inPart(1, chosen)).split('\n')).toEqual(values.slice(100, 200));
  expect((await inPart(2, chosen)).split('\n')).toEqual(values.slice(200));
  // A part that is empty after values were unticked becomes the last part that is left.
  expect(await inPart(2, { v7: '1' })).toBe(values[7]);
});
