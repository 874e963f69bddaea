import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { FormBrowser, type BrowserAnswer } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { CONSOLE_SETTINGS } from '../support/console.ts';
import { HIDDEN, MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  t = await testHub(
    CONSOLE_SETTINGS.replace(
      '{ to: public, read: true }',
      '{ to: public, read: true }, { to: "member:tonga", write: true }, { to: "role:analyst", write: true }',
    ),
  );
});
afterAll(() => t.stop());

const FORM = {
  known: 'skip',
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

/** Returns a form with what its check has added to it. */
function checkedForm(
  form: Readonly<Record<string, string>>,
  { text }: BrowserAnswer,
): Record<string, string> {
  const found = [...text.matchAll(/<input type="hidden" name="(\w+)" value(?:="([^"]*)")?/g)];
  return { ...form, ...Object.fromEntries(found.map(([, name = '', value = '']) => [name, value])) };
}

/** Checks a form, publishes it, and returns the receipt. */
async function publishedBy(
  browser: FormBrowser,
  form: Readonly<Record<string, string>>,
): Promise<{ readonly path: string; readonly page: BrowserAnswer }> {
  const done = await send(browser, checkedForm(form, await send(browser, form, 'check')), 'publish');
  const path = done.headers['location'] ?? '';
  expect([done.status, path]).toEqual([
    303,
    expect.stringMatching(/^\/console\/publish\/receipt\/[0-9a-f-]{36}$/),
  ]);
  return { path, page: await browser.get(path) };
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
      'Drop box, up to TLP:AMBER+STRICT',
      'Indicators, up to TLP:AMBER+STRICT',
      'Open, up to TLP:CLEAR',
    ]);
    for (const name of [
      'values',
      'kind',
      'known',
      'collection',
      'days',
      'title',
      'description',
      'malware',
      'labels',
      'confidence',
      'references',
      'from',
    ])
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
    ['too many values', { values: Array.from({ length: 101 }, (_, i) => `203.0.114.${i}`).join('\n') }, 'at most 100 values, and you entered 101'],
    ['TLP:RED', { tlp: 'red' }, 'Choose a TLP level from the list.'],
    ['another kind', { kind: 'mutex' }, 'Choose a kind from the list.'],
    ['another way with known values', { known: 'forget' }, 'Choose what happens to known values.'],
    ['confidence in words', { confidence: 'high' }, 'Enter a whole number from 0 to 100.'],
    ['more confidence than there is', { confidence: '101' }, '100'],
    ['a start that is not a day', { from: 'soon' }, 'Enter a day, such as 2026-11-23.'],
    ['a day that does not exist', { from: '2026-02-31' }, '2026'],
    ['references that are not links', { references: 'the news' }, 'https'],
    ['more days than the API takes', { days: '200000' }, '100000'],
  ])('refuses %s', async (_title, change, message) => {
    const answer = await send(await signedIn(), { ...FORM, ...change }, 'check');
    expect([answer.status, textOf(answer)]).toEqual([422, expect.stringContaining(message)]);
  }); // prettier-ignore

  test('treats a collection that the person cannot see like one that is not there', async () => {
    const browser = await signedIn();
    const answers = [];
    for (const collection of [HIDDEN, 'no-such-collection']) {
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

describe('the check', () => {
  test('shows what would be created and who would receive it, as the API does, and stores nothing', async () => {
    const browser = await signedIn();
    const answer = await send(browser, { ...FORM, values: `${FORM.values}\r\n<203.0.114.9>` }, 'check');
    expect(answer.status).toBe(200);
    const said = textOf(answer);
    expect(said).toContain('2 indicators in valid STIX 2.1');
    expect(said).toContain('203.0.114.9 IPv4 address New here');
    expect(said).toContain('Line 5 is the same value as line 4. It is published once.');
    expect(said).toContain("[url:value = 'https://pay-harbour.com/login']");
    const request = {
      values: ['https://pay-harbour.com/login', '203.0.114.9'],
      tlp: 'green',
      valid_days: 30,
    };
    const { body } = await browser.api('post', `/collections/${MAIN}/indicators/recipients`, request);
    const members = body['items'] as Json[];
    const [, block = ''] = /Recipients<\/h2>(.*?)<\/section>/s.exec(answer.text) ?? [];
    const rows = [...block.matchAll(/<th scope="row">([^<]*).*?<td class="num nw"[^>]*>([^<]*)</gs)];
    expect(rows.map(([, title, objects]) => [title, objects])).toEqual(
      members.map(({ title, objects }) => [title, `${String(objects)} of 2`]),
    );
    const reached = members.filter(({ objects }) => Number(objects) > 0).length;
    expect(reached).toBeGreaterThan(0);
    expect(said).toContain(body['public'] === true ? 'Publish to everybody' : `Publish to ${reached} member`);
    expect(said).not.toContain('fiji');
    expect(await found('203.0.114.9')).toEqual([]);
  });

  test('sends a form that was changed after it back to the check, and publishes nothing', async () => {
    const browser = await signedIn();
    const values = '203.0.114.55';
    const form = checkedForm({ ...FORM, values }, await send(browser, { ...FORM, values }, 'check'));
    for (const change of [{ tlp: 'clear' }, { checked: '' }, { values: '203.0.114.56' }]) {
      const answer = await send(browser, { ...form, ...change }, 'publish');
      expect([answer.status, textOf(answer)]).toEqual([
        200,
        expect.stringContaining('You changed the form after the check.'),
      ]);
    }
    expect(await found('203.0.114.55')).toEqual([]);
    expect(await found('203.0.114.56')).toEqual([]);
  });

  test('a form without a token is not published', async () => {
    const browser = await signedIn();
    const form = { ...FORM, values: '203.0.114.55' };
    const checked = checkedForm(form, await send(browser, form, 'check'));
    const answer = await send(browser, { ...checked, token: '' }, 'publish');
    expect(answer.status).toBe(400);
    expect(await found('203.0.114.55')).toEqual([]);
  });

  test('the chosen kind decides when a value is ambiguous', async () => {
    const browser = await signedIn();
    const values = 'a'.repeat(64);
    expect(textOf(await send(browser, { ...FORM, values }, 'check'))).toContain('[file:hashes.');
    expect(textOf(await send(browser, { ...FORM, values, kind: 'certificate' }, 'check'))).toContain(
      '[x509-certificate:hashes.',
    );
  });

  test('lists what would not be published and why', async () => {
    const browser = await signedIn();
    const answer = await send(browser, { ...FORM, values: '9.9.9.9' }, 'check');
    expect(textOf(answer)).toMatch(/Nothing to publish .*1 value would not be published/s);
    expect(textOf(answer)).toMatch(/9\.9\.9\.9 IPv4 address .*warning list.* Not published/s);
    expect(answer.text).not.toContain('value="publish"');
    const accepted = await send(browser, { ...FORM, values: '9.9.9.9', accept: 'yes' }, 'check');
    expect(textOf(accepted)).toContain('1 value with a warning');
    expect(accepted.text).toContain('value="publish"');
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
    const { status, text } = await send(await signedIn(), { ...FORM, values }, 'check');
    expect(status).toBe(200);
    for (const [, kind] of kinds) expect(text).toContain(`<span class="sub">${kind}</span>`);
    const certificate = { ...FORM, values: 'd'.repeat(40), kind: 'certificate' };
    expect(textOf(await send(await signedIn(), certificate, 'check'))).toContain('SHA-1 of a certificate');
  });

  test('names nothing from collections that the person cannot read', async () => {
    const secret = anIndicator({ pattern: "[ipv4-addr:value = '203.0.114.200']", name: 'Quiet watch' });
    const given = await t.api('writer', 'POST', '/collections/8e2f5d3b-02c4-4f70-9b81-6c7d8e9f0a12/objects', {
      objects: [secret],
    });
    expect(given.body['items']).toMatchObject([{ outcome: 'stored' }]);
    const answer = await send(await signedIn(), { ...FORM, values: '203.0.114.200' }, 'check');
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('Quiet watch');
    expect(answer.text).not.toContain('Known:<span');
  });
});

describe('publishing', () => {
  test('publishes once, however often the form is sent, and links to what it has stored', async () => {
    const browser = await signedIn();
    const form = checkedForm(FORM, await send(browser, FORM, 'check'));
    const first = await send(browser, form, 'publish');
    const again = await send(browser, form, 'publish');
    expect([first.status, again.status]).toEqual([303, 303]);
    expect(again.headers['location']).toBe(first.headers['location']);
    const receipt = await browser.get(first.headers['location'] ?? '');
    expect(textOf(receipt)).toContain('2 of 2 indicators published');
    const [, id = ''] = /href="\/console\/o\/(indicator--[^"]+)"/.exec(receipt.text) ?? [];
    const { status, body } = await browser.api('get', `/objects/${id}`);
    expect(status).toBe(200);
    expect(body['object']).toMatchObject({
      name: 'https://pay-harbour.com/login',
      description: FORM.description,
      created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b',
      object_marking_refs: [tlpMarkingId('green')],
    });
    expect(await found('203.0.114.9')).toHaveLength(1);
    const later = await send(browser, FORM, 'check');
    expect(textOf(later)).toContain('Already known');
    expect(later.text).toContain(`<a href="/console/o/${id}">`);
  });

  test('stores every field of the form, and a sighting of what is known', async () => {
    const browser = await signedIn();
    const form = {
      ...FORM,
      values: '203.0.114.41',
      title: 'Berth fees',
      malware: 'Lagoon loader',
      labels: 'phishing, ports',
      confidence: '70',
      references: 'https://reef.example/report\r\nhttps://reef.example/update',
      from: new Date().toISOString().slice(0, 10),
    };
    const { page } = await publishedBy(browser, form);
    const [, id = ''] = /href="\/console\/o\/(indicator--[^"]+)"/.exec(page.text) ?? [];
    const { body } = await browser.api('get', `/objects/${id}`);
    expect(body['object']).toMatchObject({
      name: 'Berth fees',
      labels: ['phishing', 'ports'],
      confidence: 70,
      valid_from: `${form.from}T00:00:00.000Z`,
    });
    expect(JSON.stringify(body['object'])).toContain('https://reef.example/update');
    const again = { ...form, known: 'sighting' };
    const check = await send(browser, again, 'check');
    expect(textOf(check)).toMatch(/1 sighting of known indicators.*Publish 1 sighting/s);
    expect(textOf((await publishedBy(browser, again)).page)).toContain('0 of 1 indicator published');
    const seen = await t.api('writer', 'GET', `/objects?q=${encodeURIComponent('Lagoon loader')}`);
    expect(seen.body['items']).toMatchObject([{ type: 'malware' }]);
  });

  test('a hundred values with long sentences have a receipt', async () => {
    const values = Array.from(
      { length: 100 },
      (_, i) => `https://berth-${i}.example.net/${'pay/'.repeat(20)}${i}`,
    );
    const { page } = await publishedBy(await signedIn(), {
      ...FORM,
      values: values.join('\n'),
      malware: 'Reef',
    });
    expect([page.status, textOf(page)]).toEqual([
      200,
      expect.stringContaining('100 of 100 indicators published'),
    ]);
  });

  test('never reports that nothing was published while it publishes', async () => {
    const browser = await signedIn();
    const form = { ...FORM, values: '203.0.114.40' };
    const checked = checkedForm(form, await send(browser, form, 'check'));
    const answers = await Promise.all([1, 2, 3].map(() => send(browser, checked, 'publish')));
    expect(answers.map(textOf).join(' ')).not.toContain('Nothing was published');
    expect(await found('203.0.114.40')).toHaveLength(1);
    const changed = async (change: (document: Json) => Json): Promise<BrowserAnswer> => {
      for (const { kind, id, revision, document } of await t.hub.store.records('idempotency'))
        await t.hub.store.commit({ records: [{ kind, id, expected: revision, document: change(document) }] });
      return send(browser, checked, 'publish');
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

  test('shows the outcome of each value when the collection refuses it', async () => {
    const browser = await signedIn();
    const form = { ...FORM, values: '203.0.114.66', tlp: 'amber', collection: 'open' };
    const check = await send(browser, form, 'check');
    expect(textOf(check)).toMatch(/On hold for review|Not published/);
    if (check.text.includes('value="publish"')) {
      const { page } = await publishedBy(browser, form);
      expect(textOf(page)).toMatch(/0 of 1 indicator published.*Nothing was published.*On hold for review/s);
    }
  });
});

describe('the receipt', () => {
  test('undoes everything within ten minutes, and reports what was done', async () => {
    const browser = await signedIn();
    const { path, page } = await publishedBy(browser, {
      ...FORM,
      values: '203.0.114.81\n203.0.114.82',
      malware: 'Reef two',
    });
    expect(textOf(page)).toContain('You can undo until');
    const undone = await browser.post(path, { do: 'undo' });
    // Two indicators, the malware, and a relationship from each indicator.
    expect([undone.status, textOf(undone)]).toEqual([
      200,
      expect.stringContaining('5 objects were revoked.'),
    ]);
    for (const value of ['203.0.114.81', '203.0.114.82'])
      expect(await found(value)).toMatchObject([{ state: 'revoked' }]);
    const later = await browser.get(path);
    expect(later.text).not.toContain('value="undo"');
    const twice = textOf(await browser.post(path, { do: 'undo' }));
    expect(twice).toContain('0 objects were revoked.');
    expect(twice).toContain('5 objects could not be revoked:');
  });

  test('undoes nothing after ten minutes', async () => {
    const browser = await signedIn();
    const { path } = await publishedBy(browser, { ...FORM, values: '203.0.114.83' });
    for (const { kind, id, revision, document } of await t.hub.store.records('idempotency'))
      await t.hub.store.commit({
        records: [
          { kind, id, expected: revision, document: { ...document, at: Number(document['at']) - 600_001 } },
        ],
      });
    const late = await browser.post(path, { do: 'undo' });
    expect(textOf(late)).toContain('The time for undo is over.');
    expect(late.text).not.toContain('value="undo"');
    expect(await found('203.0.114.83')).toMatchObject([{ state: 'valid' }]);
  });

  test('is visible only to the account that published', async () => {
    const { path } = await publishedBy(await signedIn(), { ...FORM, values: '203.0.114.84' });
    const other = new FormBrowser(() => t.hub.app);
    await other.post('/console/sign-in', { account: 'seru', password: 'password of seru' });
    const [foreign, none] = [await other.get(path), await other.get('/console/publish/receipt/none')];
    expect([foreign.status, none.status]).toEqual([404, 404]);
    expect(foreign.text).toBe(none.text);
    expect((await other.post(path, { do: 'undo' })).status).toBe(404);
    expect(await found('203.0.114.84')).toMatchObject([{ state: 'valid' }]);
    const outside = await new FormBrowser(() => t.hub.app).get(path);
    expect(outside.headers['location']).toBe('/console/sign-in');
  });

  test('offers the same form without its values', async () => {
    const browser = await signedIn();
    const { path } = await publishedBy(browser, {
      ...FORM,
      values: '203.0.114.85',
      title: 'Berth <b>fees</b>',
      tlp: 'clear',
      days: '7',
    });
    const like = await browser.get(`/console/publish?like=${path.split('/').at(-1) ?? ''}`);
    expect(like.text).toContain('value="Berth &lt;b>fees&lt;/b>"');
    expect(like.text).toMatch(/<input type="radio" name="tlp" value="clear" checked/);
    expect(like.text).toMatch(/<textarea id="values"[^>]*><\/textarea>/);
    expect((await browser.get('/console/publish?like=none')).text).toContain('value="30"');
  });

  test('shows the recipients to people who may know them', async () => {
    const browser = await signedIn();
    const { page } = await publishedBy(browser, { ...FORM, values: '203.0.114.86' });
    expect(textOf(page)).toMatch(/Deliveries Member State tonga/);
    expect(textOf(page)).not.toContain('fiji');
  });
});

test('hub staff publish on behalf of a member, and nobody else can', async () => {
  const watch = new FormBrowser(() => t.hub.app);
  await watch.post('/console/sign-in', { account: 'watch', password: 'password of watch' });
  const page = await watch.get('/console/publish');
  expect(page.text).toMatch(/<select id="behalf".*<option value="tonga">/s);
  const { page: receipt } = await publishedBy(watch, { ...FORM, values: '203.0.114.91', behalf: 'tonga' });
  const [, id = ''] = /href="\/console\/o\/(indicator--[^"]+)"/.exec(receipt.text) ?? [];
  const { body } = await watch.api('get', `/objects/${id}`);
  expect(body['object']).toMatchObject({ created_by_ref: 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b' });
  const lani = await signedIn();
  expect((await lani.get('/console/publish')).text).not.toContain('id="behalf"');
  const refused = await send(lani, { ...FORM, values: '203.0.114.92', behalf: 'fiji' }, 'check');
  expect(refused.status).toBe(403);
});
