import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { HIDDEN, MAIN, SETTINGS, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    `${SETTINGS.replace('{ to: public, read: true }', '{ to: public, read: true }, { to: "member:tonga", write: true }')}  - { name: lani, role: officer, member: tonga, person: true, password_env: PASSWORD_LANI }\n`,
  );
});
afterAll(() => t.stop());

const FORM = {
  values: 'hxxps://pay-harbour[.]com/login\r\n\r\n# seen today\r\n203.0.114[.]9',
  kind: 'auto',
  tlp: 'green',
  days: '30',
  title: '',
  description: 'A berth fee <b>is due</b>',
  collection: 'indicators',
};

async function signedIn(): Promise<FormBrowser> {
  const browser = new FormBrowser(() => t.hub.app);
  const answer = await browser.post('/console/sign-in', { account: 'lani', password: 'password of lani' });
  expect(answer.status).toBe(303);
  return browser;
}

/** Returns the text of a page, without its markup. */
function textOf({ text }: BrowserAnswer): string {
  return text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ');
}

/** Returns the hidden fields of the preview. */
function hiddenOf({ text }: BrowserAnswer): Record<string, string> {
  const found = [...text.matchAll(/<input type="hidden" name="(\w+)" value(?:="([^"]*)")?/g)];
  return Object.fromEntries(
    found.map(([, name = '', value = '']) => [name, value.replaceAll('&lt;', '<').replaceAll('&amp;', '&')]),
  );
}

const send = (browser: FormBrowser, form: Readonly<Record<string, string>>, action: string) =>
  browser.post('/console/publish', { ...form, do: action });
const found = async (value: string): Promise<Json[]> => {
  const { body } = await t.api('chief', 'GET', `/objects?q=${encodeURIComponent(value)}`);
  const own = await t.api('writer', 'GET', `/objects?q=${encodeURIComponent(value)}`);
  return [...(body['items'] as Json[]), ...(own.body['items'] as Json[])];
};

test('a person without a session is sent to the sign-in', async () => {
  const browser = new FormBrowser(() => t.hub.app);
  for (const answer of [await browser.get('/console/publish'), await send(browser, FORM, 'publish')])
    expect([answer.status, answer.headers['location']]).toEqual([303, '/console/sign-in']);
});

describe('the form', () => {
  test('offers the collections that the person can write to, and only these', async () => {
    const browser = await signedIn();
    expect((await browser.get('/console')).text).toContain('href="/console/publish">');
    const { status, text } = await browser.get('/console/publish');
    expect(status).toBe(200);
    const [, select = ''] = /<select id="collection"[^>]*>(.*?)<\/select>/s.exec(text) ?? [];
    expect([...select.matchAll(/<option[^>]*>([^<]*)</g)].map(([, option]) => option)).toEqual([
      'Drop box (8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12, up to TLP:AMBER+STRICT)',
      'Indicators (indicators, up to TLP:AMBER+STRICT)',
      'Open (open, up to TLP:CLEAR)',
    ]);
    for (const name of ['values', 'kind', 'collection', 'tlp', 'days', 'title', 'description'])
      expect(text).toMatch(new RegExp(`<label for="${name}">`));
  });

  test('lists every fault at its head and at its field, keeps the input, and publishes nothing', async () => {
    const browser = await signedIn();
    const values = '192.168.1.1\r\n203.0.114.77\r\n<script>no</script>';
    const answer = await send(browser, { ...FORM, values, days: 'soon' }, 'publish');
    expect(answer.status).toBe(422);
    expect(textOf(answer)).toContain('There are 3 problems');
    expect(answer.text).toContain('<a href="#values">Line 1: &quot;192.168.1.1&quot; cannot be published: ');
    expect(answer.text).toContain('<a href="#days">Enter the number of days, such as 30.</a>');
    expect(answer.text).toMatch(/<input id="days"[^>]*aria-invalid="true"/);
    expect(answer.text).toContain('192.168.1.1\r\n203.0.114.77\r\n&lt;script>no&lt;/script>');
    expect(answer.text).toContain('A berth fee &lt;b>is due&lt;/b>');
    expect(await found('203.0.114.77')).toEqual([]);
  });

  test.each([
    ['no value', { values: ' \r\n# none' }, 'Enter at least one value.'],
    ['too many values', { values: Array.from({ length: 101 }, (_, i) => `203.0.114.${i}`).join('\n') }, 'at most 100 values, and these are 101'],
    ['TLP:RED', { tlp: 'red' }, 'Choose a TLP level from the list.'],
    ['another kind', { kind: 'mutex' }, 'Choose a kind from the list.'],
    ['more days than the API takes', { days: '200000' }, '100000'],
  ])('refuses %s', async (_title, change, message) => {
    const answer = await send(await signedIn(), { ...FORM, ...change }, 'preview');
    expect([answer.status, textOf(answer)]).toEqual([422, expect.stringContaining(message)]);
  }); // prettier-ignore

  test('treats a collection that the person cannot see like one that is not there', async () => {
    const browser = await signedIn();
    const answers = [];
    for (const collection of [HIDDEN, 'nothing']) {
      const answer = await send(browser, { ...FORM, collection }, 'publish');
      answers.push([answer.status, answer.text.replaceAll(collection, 'X')]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[0]).toBe(422);
  });

  test('accepts only forms of the hub itself', async () => {
    const browser = await signedIn();
    const other = new FormBrowser(() => t.hub.app, { 'Sec-Fetch-Site': 'cross-site' });
    other.takeCookies(browser.cookies);
    expect((await send(other, FORM, 'publish')).status).toBe(403);
  });
});

describe('preview and publishing', () => {
  test('shows what would be made and who would receive it, as the API does, and stores nothing', async () => {
    const browser = await signedIn();
    const answer = await send(browser, { ...FORM, values: `${FORM.values}\r\n<203.0.114.9>` }, 'preview');
    expect(answer.status).toBe(200);
    const said = textOf(answer);
    expect(said).toContain('2 indicators for Indicators, TLP:GREEN , valid until ');
    expect(said).toContain("[url:value = 'https://pay-harbour.com/login']");
    expect(said).toContain('IPv4 address 203.0.114.9');
    expect(said).toContain('Line 5 is the same value as line 4. It is published once.');
    const request = {
      values: ['https://pay-harbour.com/login', '203.0.114.9'],
      tlp: 'green',
      valid_days: 30,
    };
    const { body } = await browser.api('post', `/collections/${MAIN}/indicators/recipients`, request);
    const members = (body['items'] as Json[]).map(({ title, objects }) => [title, `${String(objects)} of 2`]);
    const [, table = ''] = /<h2>Recipients<\/h2>(.*)<\/table>/s.exec(answer.text) ?? [];
    const rows = [
      ...table.matchAll(/<td data-label="Member">([^<]*)<\/td><td data-label="Indicators">([^<]*)</g),
    ];
    expect(rows.map(([, title, objects]) => [title, objects])).toEqual(members);
    expect(members.length).toBeGreaterThan(0);
    expect(said).not.toContain('fiji');
    expect(await found('203.0.114.9')).toEqual([]);
  });

  test('publishes once, however often the form is sent, and links to what it has stored', async () => {
    const browser = await signedIn();
    const hidden = hiddenOf(await send(browser, FORM, 'preview'));
    expect(Object.keys(hidden).toSorted()).toEqual([...Object.keys(FORM), 'accept', 'token'].toSorted());
    const first = await send(browser, hidden, 'publish');
    expect([first.status, textOf(first)]).toEqual([
      200,
      expect.stringContaining('2 of 2 indicators published'),
    ]);
    const again = await send(browser, hidden, 'publish');
    expect(again.text).toBe(first.text);
    const [, id = ''] = /href="\/api\/v1\/objects\/(indicator--[^"]+)"/.exec(first.text) ?? [];
    const { status, body } = await browser.api('get', `/objects/${id}`);
    expect(status).toBe(200);
    expect(body['object']).toMatchObject({
      name: 'https://pay-harbour.com/login',
      description: FORM.description,
      created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
      object_marking_refs: [tlpMarkingId('green')],
    });
    expect(await found('203.0.114.9')).toHaveLength(1);
    const later = await send(browser, FORM, 'preview');
    expect(later.text).toContain(`<a href="/api/v1/objects/${id}">`);
  });

  test('never says that nothing was published while it publishes', async () => {
    const browser = await signedIn();
    const hidden = hiddenOf(await send(browser, { ...FORM, values: '203.0.114.40' }, 'preview'));
    const answers = await Promise.all([1, 2, 3].map(() => send(browser, hidden, 'publish')));
    expect(answers.map(textOf).join(' ')).not.toContain('Nothing was published');
    expect(await found('203.0.114.40')).toHaveLength(1);
    const changed = async (change: (document: Json) => Json): Promise<BrowserAnswer> => {
      for (const { kind, id, revision, document } of await t.hub.store.records('idempotency'))
        await t.hub.store.commit({ records: [{ kind, id, expected: revision, document: change(document) }] });
      return send(browser, hidden, 'publish');
    };
    const running = await changed(({ digest, at }) => ({ digest, at }));
    expect([running.status, textOf(running)]).toEqual([
      409,
      expect.stringContaining('The indicators are being published'),
    ]);
    const long = await changed(({ digest, at }) => ({ digest, at, tooLong: 200 }));
    expect([long.status, textOf(long)]).toEqual([
      409,
      expect.stringContaining('The form was already processed'),
    ]);
    for (const answer of [running, long]) expect(textOf(answer)).not.toContain('Nothing was published');
  });

  test('needs the preview: a form without its token is not published', async () => {
    const answer = await send(await signedIn(), { ...FORM, values: '203.0.114.55', token: '' }, 'publish');
    expect(answer.status).toBe(400);
    expect(await found('203.0.114.55')).toEqual([]);
  });

  test('the input can be changed after the preview', async () => {
    const browser = await signedIn();
    const hidden = hiddenOf(await send(browser, { ...FORM, tlp: 'amber' }, 'preview'));
    const answer = await send(browser, hidden, 'change');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<option value="amber" selected>');
    expect(answer.text).toContain('203.0.114[.]9</textarea>');
  });

  test('a kind settles what the form of a value leaves open', async () => {
    const browser = await signedIn();
    const values = 'a'.repeat(64);
    expect(textOf(await send(browser, { ...FORM, values }, 'preview'))).toContain('[file:hashes.');
    expect(textOf(await send(browser, { ...FORM, values, kind: 'certificate' }, 'preview'))).toContain(
      '[x509-certificate:hashes.',
    );
  });

  test('writes an outcome and its warnings as sentences', async () => {
    const browser = await signedIn();
    const form = { ...FORM, values: '9.9.9.9', accept: 'yes' };
    const preview = await send(browser, form, 'preview');
    expect(textOf(preview)).toContain('New indicator. It is on the warning list');
    const result = await send(browser, hiddenOf(preview), 'publish');
    expect(textOf(result)).toContain('Published. It is on the warning list');
  });

  test('names the kind of each value in words', async () => {
    const kinds: readonly (readonly [value: string, kind: string])[] = [
      ['203.0.114.31', 'IPv4 address'],
      ['2620:0:1d0::31', 'IPv6 address'],
      ['203.0.114.0/28', 'Network'],
      ['203.0.114.31:8443', 'Address with a port'],
      ['berth-fees.example.net', 'Domain name'],
      ['https://berth-fees.example.net/pay', 'URL'],
      ['clerk@berth-fees.example.net', 'Email address'],
      ['c'.repeat(32), 'MD5'],
    ];
    const values = kinds.map(([value]) => value).join('\n');
    const { status, text } = await send(await signedIn(), { ...FORM, values }, 'preview');
    expect(status).toBe(200);
    for (const [, kind] of kinds) expect(text).toContain(`class="long">${kind} `);
    const certificate = { ...FORM, values: 'd'.repeat(40), kind: 'certificate' };
    expect(textOf(await send(await signedIn(), certificate, 'preview'))).toContain('SHA-1 of a certificate');
  });

  test('names nothing from collections that the person cannot read', async () => {
    const secret = anIndicator({ pattern: "[ipv4-addr:value = '203.0.114.200']", name: 'Quiet watch' });
    const given = await t.api('writer', 'POST', '/collections/8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12/objects', {
      objects: [secret],
    });
    expect(given.body['items']).toMatchObject([{ outcome: 'stored' }]);
    const answer = await send(await signedIn(), { ...FORM, values: '203.0.114.200' }, 'preview');
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('Quiet watch');
    expect(answer.text).toMatch(/<td data-label="Related here"[^>]*>none</);
  });

  test('tells the outcome of each value when the collection refuses it', async () => {
    const browser = await signedIn();
    const form = { ...FORM, values: '203.0.114.66', tlp: 'amber', collection: 'open' };
    const preview = await send(browser, form, 'preview');
    expect(textOf(preview)).toMatch(/On hold for review: |Refused: /);
    const answer = await send(browser, hiddenOf(preview), 'publish');
    expect(textOf(answer)).toContain('0 of 1 indicator published');
    expect(textOf(answer)).toMatch(/On hold for review: |Refused: /);
  });
});
