import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BrowserAnswer, FormBrowser } from '../support/browser.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { CONSOLE_SETTINGS, signedInAs, textOf } from '../support/console.ts';
import { MAIN, objectsOf, testHub, type TestHub } from '../support/hub.ts';

/** Lists of the console that are longer than one page. */

const numbered = (many: number, line: (n: string) => string): string =>
  Array.from({ length: many }, (_, i) => line(String(i).padStart(3, '0'))).join('');
/** Tonga has 60 programs, and Fiji 50. Each has a key. */
const PROGRAMS = `${numbered(60, (n) => `  - { name: tonga-probe-${n}, role: machine, member: tonga, key_env: KEY_TONGA_PROBE_${n} }\n`)}${numbered(50, (n) => `  - { name: fiji-probe-${n}, role: machine, member: fiji, key_env: KEY_FIJI_PROBE_${n} }\n`)}`;
/** 105 more members, after which Tonga comes in the order of names. */
const MEMBERS = numbered(105, (n) => `  - { name: isle-${n}, countries: [KI] }\n`);
/** 110 feeds. The source of the last one does not answer. */
const FEEDS = numbered(
  110,
  (n) =>
    `  - { name: source-${n}, preset: plain-list, url: "http://127.0.0.1:9/${n}", collection: indicators, enabled: true }\n`,
);

let t: TestHub;
let sina: FormBrowser;
let lani: FormBrowser;
beforeAll(async () => {
  t = await testHub(
    CONSOLE_SETTINGS.replace('sign_in:', `${PROGRAMS}sign_in:`).replace(
      '\naccounts:',
      `\n${MEMBERS}accounts:`,
    ) + FEEDS,
  );
  for (let i = 0; i < 55; i++)
    await t.api('chief', 'POST', '/channels', {
      name: `hook-${String(i).padStart(3, '0')}`,
      member: i < 52 ? 'tonga' : 'fiji',
      kind: 'webhook',
      url: `https://hook.example/${i}`,
      secret: 'secret:x',
    });
  await t.api('chief', 'POST', '/feeds/source-109/runs');
  sina = await signedInAs(t, 'sina');
  lani = await signedInAs(t, 'lani');
});
afterAll(() => t.stop());

interface Walk {
  /** The headings of the rows on each page. */
  readonly pages: readonly (readonly string[])[];
  readonly answers: readonly BrowserAnswer[];
}

/** Follows the links to the next page until there is none. */
async function walk(browser: FormBrowser, start: string): Promise<Walk> {
  const pages: string[][] = [];
  const answers: BrowserAnswer[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = start; next !== undefined;) {
    if (seen.has(next)) throw new Error(`${next} leads to itself`);
    seen.add(next);
    const answer: BrowserAnswer = await browser.get(next);
    expect([next, answer.status]).toEqual([next, 200]);
    answers.push(answer);
    pages.push(
      [...answer.text.matchAll(/<th scope="row"[^>]*>(?:<a [^>]*>|<code>)?([^<]*)/g)].map(
        ([, heading = '']) => heading,
      ),
    );
    next = /<a class="btn s" href="([^"]+)">Next page/.exec(answer.text)?.[1]?.replaceAll('&amp;', '&');
  }
  return { pages, answers };
}

/** Returns all items of a list of the API. */
async function all(browser: FormBrowser, path: string): Promise<readonly Json[]> {
  const { status, body } = await browser.api('get', `${path}${path.includes('?') ? '&' : '?'}limit=1000`);
  expect(status).toBe(200);
  return body['items'] as Json[];
}

describe.each([
  ['accounts', '/console/accounts', '/accounts', 100, 'name'],
  ['keys', '/console/keys', '/keys', 50, 'prefix'],
  ['channels', '/console/channels', '/channels', 50, 'name'],
] as const)('the list of %s', (_what, page, path, most, property) => {
  test.each(['sina', 'lani'] as const)(
    'shows %s everything that the API lists to this person, once',
    async (name) => {
      const browser = name === 'sina' ? sina : lani;
      const wanted = (await all(browser, path)).map((item) => String(item[property]));
      const { pages, answers } = await walk(browser, page);
      expect(pages.flat()).toEqual(wanted);
      // Every page is full, except for the last one, which is not empty.
      expect(pages.slice(0, -1).map((rows) => rows.length)).toEqual(pages.slice(0, -1).map(() => most));
      expect(pages.at(-1)?.length).toBeGreaterThan(0);
      for (const [i, answer] of answers.entries())
        expect(textOf(answer)).toContain(`${pages[i]?.length ?? 0} row`);
      if (name === 'sina') expect(pages.length).toBeGreaterThan(1);
      else expect(answers.map(({ text }) => text).join('')).not.toMatch(/fiji-probe|hook-05[2-9]/);
    },
  );

  test.each(['%21%21', 'abc.def', ''])('with the cursor %j is a page and not a failure', async (after) => {
    const { status, headers, text } = await sina.get(`${page}?after=${after}`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    if (after === '') expect(status).toBe(200);
    else {
      expect(status).toBe(422);
      expect(text).toContain('role="alert"');
      expect(text).toContain('href="/console"');
    }
  }); // prettier-ignore

  test('begins at its start when the address names two cursors', async () => {
    const [first, twice] = [await sina.get(page), await sina.get(`${page}?after=YQ&after=Yg`)];
    expect(textOf(twice)).toBe(textOf(first));
  });

  test('is empty, without a link, behind its last row', async () => {
    const behind = await sina.get(`${page}?after=${Buffer.from('~~~~').toString('base64url')}`);
    expect(behind.status).toBe(200);
    expect(behind.text).not.toContain('Next page');
    expect(behind.text).not.toContain('scope="row"');
  });
});

describe('the audit log', () => {
  test('has each entry once, over all of its pages', async () => {
    for (let i = 0; i < 30; i++) {
      expect((await sina.api('post', '/feeds/source-000/pause', {})).status).toBe(200);
      expect((await sina.api('post', '/feeds/source-000/resumption')).status).toBe(200);
    }
    const entries = await all(sina, '/audit');
    const { pages } = await walk(sina, '/console/audit');
    // The walk itself adds no entry.
    expect(pages.flat()).toEqual(entries.map(({ fact }) => (fact as Json)['action']));
  });
});

describe('the overview', () => {
  test('counts every feed, and leads to one that needs attention however many come before it', async () => {
    const feeds = await all(sina, '/feeds');
    const failing = feeds.filter(({ state }) => state !== 'ready');
    expect([feeds.length, failing.map(({ name }) => name)]).toEqual([111, ['source-109']]);
    const page = await sina.get('/console');
    expect(textOf(page)).toContain('All 111 feeds');
    expect(page.text).toContain('href="/console/feeds/source-109"');
  });

  test('lists at most six feeds, those that need attention first', async () => {
    const { text } = await sina.get('/console');
    const [, block = ''] = /<caption class="vh">Feeds<\/caption>(.*?)<\/table>/s.exec(text) ?? [];
    const named = [...block.matchAll(/href="\/console\/feeds\/([^"]+)"/g)].map(([, name]) => name);
    expect(named).toHaveLength(6);
    expect(named[0]).toBe('source-109');
  });

  test('the list of feeds shows how many need attention, and begins with them', async () => {
    const page = await sina.get('/console/feeds');
    expect(textOf(page)).toContain('1 feed of 111 needs attention.');
    expect(/href="\/console\/feeds\/(source-[^"]+)"/.exec(page.text)?.[1]).toBe('source-109');
  });
});

test('the page of an object explains its delivery to every member, however many there are', async () => {
  const object = anIndicator();
  await t.api('writer', 'POST', `/collections/${MAIN}/objects`, { objects: [object] });
  const { text } = await (await signedInAs(t, 'watch')).get(`/console/o/${String(object['id'])}`);
  const [select = ''] = /<select[^>]*name="member".*?<\/select>/s.exec(text) ?? [];
  expect([...select.matchAll(/<option/g)]).toHaveLength(107);
  expect(select).toContain('value="tonga"');
});

describe('the results of a search', () => {
  const NAME = 'Harbour & <fees>';
  beforeAll(async () => {
    const objects = Array.from({ length: 60 }, (_, i) =>
      anIndicator({ name: `${NAME} ${i}`, pattern: `[ipv4-addr:value = '203.0.114.${i + 1}']` }),
    );
    const { body } = await t.api('sensor', 'POST', `/collections/${MAIN}/objects`, { objects });
    expect((body['items'] as Json[]).filter(({ outcome }) => outcome === 'stored')).toHaveLength(60);
  });
  const q = encodeURIComponent(NAME);

  test('continue on the next page with the same query, and contain each object once', async () => {
    const found = await all(lani, `/objects?q=${q}`);
    const { pages, answers } = await walk(lani, `/console/search?q=${q}`);
    expect(pages.map((rows) => rows.length)).toEqual([50, 10]);
    expect(new Set(pages.flat()).size).toBe(60);
    expect(found).toHaveLength(60);
    for (const answer of answers) {
      expect(answer.text).toContain('value="Harbour &amp; &lt;fees>"');
      expect(answer.text).not.toMatch(/<fees/);
    }
    // The number of all results stands on each page.
    for (const answer of answers) expect(textOf(answer)).toMatch(/60 results(?! or more)/);
  }); // prettier-ignore

  test('are exported as all pages together show them, from each page', async () => {
    const { answers } = await walk(lani, `/console/search?q=${q}`);
    const shown = answers.flatMap(({ text }) =>
      [...text.matchAll(/href="\/console\/o\/(indicator--[^"]+)"/g)].map(([, id]) => id),
    );
    expect(new Set(shown).size).toBe(60);
    for (const { text } of answers) {
      const [csv = '', json = ''] = [...text.matchAll(/href="(\/console\/search\/export[^"]+)"/g)].map(
        ([, href = '']) => href.replaceAll('&amp;', '&'),
      );
      const list = JSON.parse((await lani.get(json)).text) as Json[];
      expect(list.map(({ id }) => id)).toEqual(shown);
      const rows = (await lani.get(csv)).text.trimEnd().split('\r\n').slice(1);
      expect(rows.map((row) => row.slice(1, row.indexOf('"', 1)))).toEqual(shown);
    }
  });

  test('an export without a query is empty, and names its columns', async () => {
    const csv = await lani.get('/console/search/export?format=csv');
    expect([csv.status, csv.text]).toEqual([
      200,
      `${['id', 'type', 'title', 'value', 'state', 'valid_until', 'tlp', 'source', 'version', 'collection_name', 'date_added', 'labels'].map((name) => `"${name}"`).join(',')}\r\n`,
    ]);
    expect((await lani.get('/console/search/export?format=json')).text).toBe('[]\n');
  });
});

test('readers and their progress are listed in pages, and an officer sees only those of their member', async () => {
  for (let i = 0; i < 52; i++)
    await t
      .as(`tonga-probe-${String(i).padStart(3, '0')}`)
      .get(objectsOf(MAIN))
      .expect(200);
  await t.as('reader').get(objectsOf(MAIN)).expect(200);
  const whole = await walk(sina, '/console/deliveries');
  const wanted = (await all(sina, '/deliveries/readers')).map(({ account }) => account);
  expect(whole.pages.flat()).toEqual(wanted);
  expect(whole.pages[0]).toHaveLength(50);
  const own = await walk(lani, '/console/deliveries');
  expect(own.pages.flat()).toContain('tonga-probe-000');
  expect(own.pages.flat()).not.toContain('reader');
});
