import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import supertest from 'supertest';
import { PAGES } from '../../src/web/console/pages.ts';
import { mark, styleSheet } from '../../src/web/shared/assets.ts';
import type { BrowserAnswer, FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import {
  CONSOLE_SETTINGS,
  everybodySignedIn,
  navOf,
  PEOPLE,
  textOf,
  type PersonName,
} from '../support/console.ts';
import { HIDDEN, MAIN, testHub, type TestHub } from '../support/hub.ts';

let t: TestHub;
let as: (name: PersonName) => FormBrowser;

/** Markup, formulas, escapes and text without spaces, in every field that a submitter chooses. */
const HOSTILE = `=1+1"><script>alert(1)</script>&amp;'\u202e${'w'.repeat(300)}`;
const identity = 'identity--5d0c3f6e-1f0a-4b63-9a5e-0c1d2e3f4a5b';
const own = anIndicator({
  created_by_ref: identity,
  name: 'Berth fees',
  pattern: "[ipv4-addr:value = '203.0.114.61']",
  description: 'First text',
});
const hostile = anIndicator({
  name: HOSTILE,
  description: HOSTILE,
  labels: [HOSTILE],
  pattern: "[url:value = 'https://x.example/<script>alert(2)</script>']",
  kill_chain_phases: [{ kill_chain_name: HOSTILE, phase_name: HOSTILE }],
  external_references: [{ source_name: HOSTILE, url: 'https://evil.example/"><script>alert(3)</script>' }],
}); // prettier-ignore
/** In a collection that only administrators read. */
const secret = anIndicator({ name: 'Quiet watch', pattern: "[ipv4-addr:value = '203.0.114.62']" });

async function stored(account: string, collection: string, object: Json): Promise<void> {
  const { body } = await t.api(account, 'POST', `/collections/${collection}/objects`, { objects: [object] });
  expect(body['items']).toMatchObject([{ outcome: 'stored' }]);
}

beforeAll(async () => {
  t = await testHub(
    CONSOLE_SETTINGS.replace(
      '{ to: "role:administrator", read: true }',
      '{ to: "role:administrator", read: true }, { to: "account:writer", write: true }',
    ),
  );
  as = await everybodySignedIn(t);
  await stored('sensor', MAIN, own);
  await stored('writer', MAIN, hostile);
  await stored('writer', HIDDEN, secret);
  // The hub holds an object until it knows what its marking means.
  const unclear = anIndicator({
    name: HOSTILE,
    object_marking_refs: [`marking-definition--${randomUUID()}`],
  });
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [unclear] });
  const { body } = await t.api('chief', 'GET', '/held');
  held = String((body['items'] as Json[])[0]?.['id']);
  const made = async (account: string, path: string, request: Json): Promise<Json> => {
    const answer = await t.api(account, 'POST', path, request);
    expect([path, answer.status]).toEqual([path, 201]);
    return answer.body;
  };
  key = String(
    (await made('chief', '/keys', { account: 'tongan-wall', member: 'tonga', label: HOSTILE.slice(0, 100) }))[
      'id'
    ],
  );
  claim = String(
    (await made('chief', '/members/tonga/claims', { type: 'domain', value: 'reef.to', evidence: HOSTILE }))[
      'id'
    ],
  );
  asked = String((await made('chief', '/members/tonga/requests', { title: 'Tonga <script>' }))['id']);
  const fields = {
    label: HOSTILE.replace('\u202e', '').slice(0, 100),
    name: HOSTILE.replace('\u202e', '').slice(0, 100),
    purposes: ['24x7'],
    time_zone: 'Pacific/Tongatapu',
    hours: 'Mon-Fri 08:30-16:30',
    phones: [{ number: '+676 23 142', kind: 'duty', visibility: 'hub' }],
  };
  contact = String(
    (await made('chief', '/members/tonga/contact-changes', { fields, method: 'call' }))['contact'],
  );
  // prettier-ignore
  await as('lani').post('/console/contacts/new', { label: 'Night desk', zone: 'Pacific/Tongatapu', 'purpose-24x7': 'yes', phone0: '+676 23 143', 'phone0-for': 'hub' });
  const waiting = (await t.api('chief', 'GET', '/contact-changes?state=pending')).body['items'] as Json[];
  change = String(waiting[0]?.['id']);
  exercise = String(
    (
      await made('chief', '/exercises', {
        title: HOSTILE.replace('\u202e', '').slice(0, 120),
        members: ['tonga'],
      })
    )['id'],
  );
  await made('chief', '/lists', { name: 'tonga-border', member: 'tonga', collections: ['indicators'], format: 'edl-ip' }); // prettier-ignore
  await made('chief', '/channels', {
    name: 'tonga-hook',
    member: 'tonga',
    kind: 'webhook',
    url: 'https://hook.example/x',
    secret: 'secret:x',
  });
});
afterAll(() => t.stop());

/** A key of a service account of Tonga, a claim of Tonga, and a request of Tonga for a change. */
let [key, claim, asked] = ['', '', ''];
/** A contact of Tonga that only the hub sees, and a change that waits. */
let [contact, change] = ['', ''];
/** An exercise with Tonga. */
let exercise = '';
/** An object on hold, which the hub has submitted. */
let held = '';

/** Returns the address of a page, with the values that its path needs. */
const addressOf = (path: string): string =>
  `/console${path === '/' ? '' : path}`
    .replace(':id', String(own['id']))
    .replace(':held', held)
    .replace(':item', '0123456789abcdef')
    .replace(':member', 'tonga')
    .replace(':account', 'lani')
    .replace(':session', '0123456789abcdef')
    .replace(':feed', 'list')
    .replace(':key', key)
    .replace(':contact', contact)
    .replace(':exercise', exercise)
    .replace(':change', change)
    .replace(':claim', claim)
    .replace(':request', asked)
    .replace(':channel', 'tonga-hook')
    .replace(':list', 'tonga-border')
    .replace(':collection', 'indicators');

const pathOf = (object: Json): string => `/console/o/${String(object['id'])}`;

/**
 * The status of every page for an administrator, an analyst, an officer who owns the object, and an officer who cannot
 * read it.
 */
const EXPECTED: Readonly<Record<string, string>> = {
  '/': '200 200 200 200',
  '/search': '200 200 200 200',
  '/search/export': '200 200 200 200',
  '/search/many': '200 200 200 200',
  '/search/act': '200 200 200 200',
  '/search/saved': '404 404 404 404',
  '/search/saved/:search/delete': '404 404 404 404',
  '/o/:id': '404 200 200 404',
  '/o/:id/revise': '404 403 200 404',
  '/o/:id/revoke': '404 403 200 404',
  '/o/:id/ask': '404 200 200 404',
  '/o/:id/answer': '404 200 200 404',
  '/o/:id/why': '200 200 200 403',
  '/review': '200 200 200 200',
  '/review/:held': '200 200 404 404',
  '/review/:held/release': '200 200 404 404',
  '/review/:held/discard': '200 200 404 404',
  '/triage/:item/assign': '404 404 403 403',
  '/triage/:item/dismiss': '404 404 403 403',
  '/members': '200 200 200 200',
  '/members/:member': '200 200 200 404',
  '/contacts': '200 200 200 200',
  '/contacts/export': '200 200 200 200',
  '/contacts/new': '200 404 200 200',
  '/contacts/:contact': '200 200 200 404',
  '/contacts/:contact/edit': '200 404 200 404',
  '/contacts/:contact/delete': '200 404 200 404',
  '/contacts/:contact/verify': '200 200 403 403',
  '/exercises': '200 200 200 200',
  '/exercises/new': '200 200 403 403',
  '/exercises/:exercise': '200 200 200 404',
  '/exercises/:exercise/calls/:contact': '200 200 403 403',
  '/exercises/:exercise/end': '200 200 403 403',
  '/review/contacts/:change': '200 403 403 403',
  '/feeds': '200 200 403 403',
  '/feeds/:feed': '200 200 403 403',
  '/feeds/:feed/pause': '200 200 403 403',
  '/feeds/:feed/resume': '200 200 403 403',
  '/feeds/add': '200 403 403 403',
  '/feeds/:feed/quarantine': '200 200 403 403',
  '/feeds/:feed/quarantine/retry': '200 200 403 403',
  '/review/claims/:claim': '200 403 403 403',
  '/review/requests/:request': '200 403 403 403',
  '/collections': '200 200 200 200',
  '/collections/:collection': '200 200 200 404',
  '/collections/:collection/connect': '404 200 200 404',
  '/collections/:collection/readers': '200 200 200 404',
  '/collections/:collection/rules': '200 200 403 403',
  '/channels': '200 200 200 200',
  '/channels/:channel': '200 200 200 404',
  '/channels/:channel/pause': '200 403 403 403',
  '/channels/:channel/resume': '200 403 403 403',
  '/channels/:channel/replay': '200 403 403 403',
  '/channels/:channel/dead-letters': '200 403 403 403',
  '/keys/create': '200 200 200 200',
  '/keys/:key/rotate': '200 404 200 404',
  '/keys/:key/revoke': '200 404 200 404',
  '/lists': '200 200 200 200',
  '/lists/:list': '200 200 200 404',
  '/lists/:list/confirm': '409 409 409 404',
  '/deliveries': '200 200 200 200',
  '/keys': '200 200 200 200',
  '/accounts': '200 200 200 200',
  '/accounts/:account': '200 404 200 404',
  '/accounts/:account/invite': '200 404 200 404',
  '/accounts/:account/role': '200 404 200 404',
  '/accounts/:account/reset': '200 404 200 404',
  '/accounts/:account/disable': '200 404 200 404',
  '/accounts/:account/enable': '200 404 200 404',
  '/accounts/:account/remove': '200 404 200 404',
  '/invitations/new': '200 200 200 200',
  '/sessions/:session': '404 404 404 404',
  '/audit': '200 200 200 200',
  '/settings': '200 403 403 403',
  '/health': '200 403 403 403',
  '/components': '200 200 200 200',
};

describe('the table of pages', () => {
  test('is complete here', () => {
    expect(PAGES.map(({ path }) => path).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(Object.entries(EXPECTED))('%s answers each role as it should', async (path, wanted) => {
    const address = `${addressOf(path)}${path.endsWith('/why') ? '?member=tonga' : ''}`;
    const answers = [];
    // One after the other: a list that is being made for one of them is not there yet for the next.
    for (const name of PEOPLE) answers.push(await as(name).get(address));
    expect([path, answers.map(({ status }) => status).join(' ')]).toEqual([path, wanted]);
    for (const answer of answers) {
      if (!String(answer.headers['content-type']).startsWith('text/html')) continue;
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      // The budget of later pages.
      expect(gzipSync(answer.text).length).toBeLessThanOrEqual(path === '/o/:id' ? 12_288 : 8_192);
      expect(answer.text.match(/<h1>/g)).toHaveLength(1);
      // Times are written for the reader. Only texts for machines, such as the JSON of an object, keep their own.
      const prose = textOf({ ...answer, text: answer.text.replaceAll(/<(pre|code)[^>]*>.*?<\/\1>/gs, '') });
      expect(prose).not.toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d/);
      const ids = [...answer.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
      expect(ids).toHaveLength(new Set(ids).size);
      for (const [, used = ''] of answer.text.matchAll(/<use href="#([^"]+)"/g)) expect(ids).toContain(used);
    }
  });

  test('sends people without a session to the sign-in, from every page', async () => {
    for (const { path } of PAGES) {
      const { status, headers } = await supertest(t.hub.app).get(addressOf(path));
      expect([path, status, headers['location']]).toEqual([path, 303, '/console/sign-in']);
    }
  });

  test('accepts a form only from a page of the hub', async () => {
    for (const { path, act } of PAGES) {
      if (act === undefined) continue;
      const { status } = await supertest(t.hub.app)
        .post(addressOf(path))
        .set({ Cookie: as('lani').cookies, 'Sec-Fetch-Site': 'cross-site' });
      expect([path, status]).toEqual([path, 403]);
    }
  });

  test('the navigation contains exactly the pages that the person can open', async () => {
    const listed: Record<string, readonly string[]> = {};
    for (const name of PEOPLE) {
      listed[name] = navOf(await as(name).get('/console'));
      for (const href of listed[name])
        expect([name, href, (await as(name).get(href)).status]).toEqual([name, href, 200]);
    }
    const open = PAGES.filter(({ nav }) => nav !== undefined).map(
      ({ path }) => `/console${path === '/' ? '' : path}`,
    );
    expect(new Set(listed['sina'])).toEqual(new Set(open));
    // Only people who can write to a collection can publish.
    expect(listed['lani']?.filter((href) => !/^\/console\/(?:publish|extract)$/.test(href))).toEqual(
      listed['seru'],
    );
    expect(listed['lani']).toContain('/console/publish');
  });

  test('the first page with everything that it loads fits 15 KB', async () => {
    const { text } = await as('sina').get('/console');
    const whole = [text, styleSheet.text, mark.text].reduce((sum, part) => sum + gzipSync(part).length, 0);
    // Three responses with about 600 bytes of headers each.
    expect(whole + 1_800).toBeLessThanOrEqual(15_360);
  });
});

describe('a reader', () => {
  test('an object that one cannot read has the page of an object that does not exist', async () => {
    for (const end of ['', '/revise', '/revoke', '/ask', '/answer']) {
      const real = await as('lani').get(`${pathOf(secret)}${end}`);
      const none = await as('lani').get(`/console/o/indicator--00000000-0000-4000-8000-000000000000${end}`);
      expect([end, real.status, none.status]).toEqual([end, 404, 404]);
      expect(real.text).toBe(none.text);
      expect(textOf(real)).toContain('We can’t find that');
    }
  });

  test('counts and lists of the overview contain only what the person may read', async () => {
    const seen = async (name: PersonName) => textOf(await as(name).get('/console'));
    expect(await seen('sina')).toContain('New in 24 hours 1 ');
    expect(await seen('sina')).toContain('Quiet watch');
    expect(await seen('lani')).toContain('New in 24 hours 2 ');
    expect(await seen('lani')).not.toContain('Quiet watch');
    expect(await seen('seru')).toContain('New in 24 hours 0 ');
    expect(await seen('seru')).toContain('Nothing has arrived yet');
  });

  test('a search finds only what the person may read, and shows how it was understood', async () => {
    const lani = textOf(await as('lani').get('/console/search?q=203.0.114%5B.%5D62'));
    expect(lani).toContain('No results for 203.0.114[.]62');
    const sina = textOf(await as('sina').get('/console/search?q=203.0.114%5B.%5D62'));
    expect(sina).toContain('Understood as');
    expect(sina).toContain('The value was defanged.');
    expect(sina).toContain('Quiet watch');
    const byId = await as('lani').get(`/console/search?q=${String(secret['id'])}`);
    expect(textOf(byId)).toContain('No results');
    expect(textOf(await as('sina').get(`/console/search?q=${String(secret['id'])}`))).toContain(
      'Quiet watch',
    );
  });

  test('a search that cannot be read keeps what was typed, and shows the reason', async () => {
    const answer = await as('lani').get(`/console/search?q=${'a'.repeat(2_001)}`);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`value="${'a'.repeat(2_001)}"`);
    expect(answer.text).toMatch(/<input[^>]*aria-invalid="true"/);
  });

  test('an export contains exactly the results of the page, and no formula', async () => {
    const csv = await as('lani').get('/console/search/export?q=%3D1%2B1&format=csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(csv.headers['content-disposition']).toBe('attachment; filename="search.csv"');
    expect(csv.text.split('\r\n')).toHaveLength(3);
    expect(csv.text).toContain(`"'=1+1""><script>`);
    const json = await as('lani').get('/console/search/export?q=203.0.114.0%2F24&format=json');
    expect(JSON.parse(json.text)).toMatchObject([{ id: own['id'], state: 'valid' }]);
  });

  test('filters are links, their counts concern what the person may read, and the exports contain the filtered view', async () => {
    const page = await as('lani').get('/console/search?q=203.0.114.0%2F24');
    expect(page.text).toContain('href="/console/search?q=203.0.114.0%2F24&amp;state=valid"');
    expect(textOf(page)).toMatch(/State Active 1 /);
    // The administrator reads another collection than the officer, with one object of the network.
    expect(textOf(await as('sina').get('/console/search?q=203.0.114.0%2F24'))).toMatch(/State Active 1 /);
    const none = await as('lani').get('/console/search?q=203.0.114.0%2F24&state=expired');
    expect(textOf(none)).toContain('Filters: State: Expired remove');
    expect(textOf(none)).toContain('No results match these filters');
    const bundle = await as('lani').get('/console/search/export?q=203.0.114.0%2F24&format=stix');
    expect(JSON.parse(bundle.text)).toMatchObject({ type: 'bundle', objects: [{ id: own['id'] }] });
    const csv = await as('lani').get('/console/search/export?q=203.0.114.0%2F24&state=expired&format=csv');
    expect(csv.text.split('\r\n')).toHaveLength(2);
  });

  test('hostile text stays text, on every page that shows it', async () => {
    for (const path of [
      pathOf(hostile),
      '/console',
      '/console/search?q=https%3A%2F%2Fx.example',
      `/console/search?q=${encodeURIComponent(HOSTILE)}`,
    ]) {
      const { status, text } = await as('lani').get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toMatch(/<script(?! src="\/assets\/)/i);
      expect(text).not.toMatch(/href="https?:/);
    }
    const page = await as('lani').get(pathOf(hostile));
    expect(textOf(page)).toContain('=1+1"><script>alert(1)</script>');
  });

  test('shows the verdict, the pattern in words, and the actions that the hub would accept', async () => {
    const owner = await as('lani').get(pathOf(own));
    expect(textOf(owner)).toContain('Active: malicious activity.');
    expect(textOf(owner)).toContain('203.0.114.61');
    const actions = (text: string) =>
      [...text.matchAll(/href="\/console\/o\/[^"/]+\/(\w+)"/g)].map(([, name]) => name);
    expect(actions(owner.text)).toEqual(['answer', 'revise', 'ask', 'revoke']);
    // Hub staff may ask for an answer, and cannot change what a member owns.
    expect(actions((await as('watch').get(pathOf(own))).text)).toEqual(['ask']);
  });
});

describe('the page of an object', () => {
  const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
  const page = async (object: Json): Promise<string> => {
    await stored('writer', MAIN, object);
    const answer = await as('lani').get(pathOf(object));
    expect(answer.status).toBe(200);
    return textOf(answer);
  };

  test('explains in words whether tools use an indicator', async () => {
    const confident = anIndicator({ confidence: 85, valid_until: at(30) });
    expect(await page(confident)).toMatch(/Active: .*confidence 85\. Use it until /);
    const { indicator_types: _types, ...plain } = anIndicator({ valid_from: at(-30), valid_until: at(-1) });
    expect(await page(plain)).toMatch(/Expired\. It was valid until .* Tools no longer use it\./);
    expect(await page(anIndicator({ valid_from: at(3), valid_until: at(9) }))).toMatch(
      /Not valid yet\. It is valid from /,
    );
    expect(await page(anIndicator({ indicator_types: ['benign'] }))).toContain('Active: benign.');
    const { indicator_types: _none, ...untyped } = anIndicator();
    expect(await page(untyped)).toContain('Active indicator.');
    const other = anIndicator({ pattern_type: 'yara', pattern: 'rule r { condition: true }' });
    expect(await page(other)).toContain('rule r { condition: true }');
  });

  test('shows what other types are, with their references', async () => {
    const stamp = '2026-01-15T12:00:00.000Z';
    const base = (type: string, more: Json): Json => ({
      type,
      spec_version: '2.1',
      id: `${type}--${randomUUID()}`,
      created: stamp,
      modified: stamp,
      ...more,
    });
    const malware = base('malware', {
      name: 'Lagoon loader',
      is_family: true,
      description: 'Loads others',
      malware_types: ['dropper'],
      aliases: ['Reef loader'],
    });
    expect(await page(malware)).toMatch(/Lagoon loader.*Malware\. It only describes/s);
    const flaw = base('vulnerability', {
      name: 'CVE-2026-1234',
      external_references: [{ source_name: 'cve', external_id: 'CVE-2026-1234' }],
      labels: ['gateway'],
      confidence: 40,
    });
    expect(await page(flaw)).toContain('CVE-2026-1234');
    const link = base('relationship', {
      relationship_type: 'targets',
      source_ref: malware['id'],
      target_ref: flaw['id'],
    });
    expect(await page(link)).toContain('Relationship. It only describes');
    const address = {
      type: 'ipv4-addr',
      spec_version: '2.1',
      id: 'ipv4-addr--1e3e2b8a-3f0f-5c6c-8d5e-0f5a8f9d1c22',
      value: '203.0.114.77',
    };
    expect(await page(address)).toContain('203.0.114.77');
    const gone = anIndicator({ name: 'Taken back', revoked: true });
    expect(await page(gone)).toMatch(/Revoked by its owner/);
  });

  test('is found by the STIX ID, by those who may read the object', async () => {
    const known = await as('lani').get(`/console/search?q=${String(own['id'])}`);
    expect(textOf(known)).toMatch(/STIX ID .*1 result/s);
    const foreign = await as('lani').get(`/console/search?q=${String(secret['id'])}`);
    expect(textOf(foreign)).toMatch(/STIX ID .*0 results/s);
    const none = await as('lani').get(`/console/search?q=indicator--${randomUUID()}`);
    // An id that the person cannot see has the results of one that does not exist.
    const results = (text: string): string =>
      text.slice(text.indexOf('Understood')).replaceAll(/indicator--[0-9a-f-]{36}/g, 'ID');
    expect(results(textOf(none))).toBe(results(textOf(foreign)));
    expect(textOf(await as('lani').get('/console/search?q=203%5B.%5D0.114.61'))).toContain('was defanged');
  });
});

describe('actions on an object', () => {
  test('a revision stores only what was changed, and its page shows the difference', async () => {
    const form = {
      title: 'Berth fees',
      description: 'Second <b>text</b>',
      tlp: 'green',
      confidence: '80',
      labels: 'phishing, ports',
      valid_days: '',
    };
    const answer = await as('lani').post(`${pathOf(own)}/revise`, form);
    expect([answer.status, answer.headers['location']]).toEqual([303, `${pathOf(own)}?done=revised`]);
    const page = textOf(await as('lani').get(`${pathOf(own)}?done=revised`));
    expect(page).toContain('The new version is stored.');
    expect(page).toContain('confidence 80.');
    expect(page).toContain('description First text Second <b>text</b>');
    expect(page).not.toContain('valid_until');
    const unchanged = await as('lani').post(`${pathOf(own)}/revise`, form);
    expect([unchanged.status, textOf(unchanged)]).toEqual([
      422,
      expect.stringContaining('You have changed nothing yet.'),
    ]);
    const wrong = await as('lani').post(`${pathOf(own)}/revise`, { ...form, confidence: 'high' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('value="high"');
  });

  test('a request for acknowledgement and the answer to it are stored', async () => {
    const late = await as('lani').post(`${pathOf(own)}/ask`, { days: '900' });
    expect([late.status, textOf(late)]).toEqual([
      422,
      expect.stringContaining('Enter a number of days from 1 to 90.'),
    ]);
    expect((await as('lani').post(`${pathOf(own)}/ask`, { days: '2' })).headers['location']).toContain(
      'done=asked',
    );
    const answer = await as('lani').post(`${pathOf(own)}/answer`, {
      answer: 'not-ours',
      note: '<i>none</i>',
    });
    expect(answer.headers['location']).toContain('done=answered');
    expect(textOf(await as('watch').get(pathOf(own)))).toContain('Not ours');
  });

  test('a person without the right gets a page that reports it, and nothing changes', async () => {
    const answer = await as('watch').post(`${pathOf(own)}/revoke`);
    expect([answer.status, textOf(answer)]).toEqual([
      403,
      expect.stringContaining('You can’t open this page'),
    ]);
    expect(textOf(await as('lani').get(pathOf(own)))).toContain('Active');
  });

  test('revoking asks first, and then cannot be repeated', async () => {
    const question = textOf(await as('lani').get(`${pathOf(own)}/revoke`));
    expect(question).toContain('Revoke this object?');
    expect(question).toContain('You can’t undo this.');
    const answer = await as('lani').post(`${pathOf(own)}/revoke`);
    expect(answer.headers['location']).toBe(`${pathOf(own)}?done=revoked`);
    const page = await as('lani').get(pathOf(own));
    expect(textOf(page)).toContain('Revoked by its owner. Do not use it.');
    expect(page.text).not.toContain('/revoke"');
    expect((await as('lani').post(`${pathOf(own)}/revoke`)).status).toBe(409);
  });

  test('the explanation of a delivery names its reasons', async () => {
    const page = textOf(await as('watch').get(`${pathOf(hostile)}/why?member=fiji`));
    expect(page).toContain('fiji does not have it.');
    // An officer asks about their own member only.
    expect((await as('lani').get(`${pathOf(hostile)}/why?member=fiji`)).status).toBe(403);
  });
});

describe('lists and decisions', () => {
  test('an id that the person cannot see gets the same page as an id that does not exist', async () => {
    for (const [real, none] of [
      [`/console/review/${held}`, '/console/review/0123456789abcdef0123456789abcdef'],
      ['/console/members/tonga', '/console/members/nowhere'],
    ] as const) {
      const [one, other] = [await as('seru').get(real), await as('seru').get(none)];
      expect([real, one.status, one.text === other.text]).toEqual([real, 404, true]);
    }
    expect(textOf(await as('seru').get('/console/members'))).not.toContain('tonga');
    expect(textOf(await as('seru').get('/console/review'))).toContain('Nothing is on hold');
  });

  test('parts that a role cannot use are absent, and what is shown is text', async () => {
    const officer = textOf(await as('lani').get('/console'));
    for (const part of ['Feeds', 'Triage']) expect(officer).not.toContain(part);
    const page = await as('watch').get(`/console/review/${held}`);
    expect(page.text).not.toMatch(/<script(?! src="\/assets\/)/i);
    expect(textOf(page)).toContain('Check it again and release');
    expect((await as('watch').get('/console/audit')).text).not.toContain('verify=yes');
    const chain = textOf(await as('sina').get('/console/audit?verify=yes'));
    expect(chain).toContain('The hash chain is complete.');
  });

  test('a command breaks between words only, also on a narrow screen', async () => {
    const { text } = await as('lani').get('/console/collections/indicators/connect?tool=fortigate');
    const [, command = ''] = /<pre class="code"[^>]*>(talanoa key create.*?)<\/pre>/s.exec(text) ?? [];
    expect(command).toContain('<span class="word">--scopes</span> lists:read');
    expect(command.replaceAll(/<[^>]+>/g, '')).toBe(
      'talanoa key create --member tonga --scopes lists:read --only indicators --label fortigate',
    );
  });

  test('a feed is paused with a reason and resumed', async () => {
    const paused = await as('watch').post('/console/feeds/list/pause', { reason: 'The <b>source</b> moves' });
    expect(paused.headers['location']).toBe('/console/feeds/list?done=paused');
    const page = textOf(await as('watch').get('/console/feeds/list?done=paused'));
    expect(page).toContain('The feed is paused.');
    expect(page).toContain('Resume the feed');
    await as('watch').post('/console/feeds/list/resume');
    expect(textOf(await as('watch').get('/console/feeds/list'))).toContain('Pause the feed');
    expect((await as('lani').post('/console/feeds/list/pause')).status).toBe(403);
  });

  test('an object on hold that still does not fit stays on hold, and is discarded with a reason', async () => {
    const release = await as('watch').post(`/console/review/${held}/release`);
    expect([release.status, textOf(release)]).toEqual([
      422,
      expect.stringContaining('The object was not released'),
    ]);
    const without = await as('watch').post(`/console/review/${held}/discard`, { reason: '' });
    expect([without.status, textOf(without)]).toEqual([422, expect.stringContaining('Enter a reason.')]);
    const done = await as('watch').post(`/console/review/${held}/discard`, { reason: 'Not for everybody' });
    expect(done.headers['location']).toBe('/console/review?done=discarded');
    expect(textOf(await as('watch').get('/console/review'))).toContain('Nothing is on hold');
    const entries: string[] = [];
    for (let next: string | undefined = '/console/audit'; next !== undefined;) {
      const page: BrowserAnswer = await as('sina').get(next);
      entries.push(textOf(page));
      next = /href="(\/console\/audit\?after=[^"]+)"/.exec(page.text)?.[1];
    }
    // The newest entry comes first, unless the reader asks for the oldest.
    const order = (text: string): boolean =>
      text.indexOf('held.discard') < text.indexOf('settings.reconcile') && text.includes('held.discard');
    expect(order(entries.join(' '))).toBe(true);
    const oldest = await as('sina').get('/console/audit?order=oldest');
    expect(textOf(oldest)).toMatch(/settings\.reconcile/);
    expect(textOf(oldest).indexOf('settings.reconcile')).toBeLessThan(
      (textOf(oldest) + 'held.discard').indexOf('held.discard'),
    );
  });
});

test('the page of an observable shows neither versions nor the time of one', async () => {
  const id = 'ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd';
  const answer = await t.api('writer', 'POST', `/collections/${MAIN}/objects`, {
    objects: [{ type: 'ipv4-addr', spec_version: '2.1', id, value: '198.51.100.3' }],
  });
  expect(answer.body).toMatchObject({ items: [{ outcome: 'stored' }] });
  const page = textOf(await as('lani').get(`/console/o/${id}`));
  expect(page).toContain('198.51.100.3');
  expect(page).not.toMatch(/version of|Versions|1970/);
});
