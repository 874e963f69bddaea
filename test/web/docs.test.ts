import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDocs } from '../../src/web/public/docs.ts';
import { docsSearch, SEARCH_LIMITS } from '../../src/web/public/docs-search.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';

const COLD = 15 * 1024;
const LATER = 8 * 1024;

let t: TestHub;
beforeAll(async () => {
  t = await testHub(SETTINGS);
});
afterAll(() => t.stop());

const get = (path: string) => supertest(t.hub.app).get(path);
const docs = openDocs();

/** Returns the addresses that a page names, with the element and attribute. */
function addresses(html: string): { readonly where: string; readonly url: string }[] {
  return [...html.matchAll(/<(\w+)\b[^>]*?\s(href|src|action)="([^"]*)"/g)].map(
    ([, element = '', attribute = '', url = '']) => ({ where: `${element} ${attribute}`, url }),
  );
}

describe('the documentation at /docs', () => {
  test('every page is served without credentials, with one heading, within its weight', async () => {
    expect(docs.paths.length).toBeGreaterThan(80);
    for (const path of docs.paths) {
      const { status, headers, text } = await get(`/docs${path}`);
      expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
      expect([path, text.match(/<h1\b/g)?.length]).toEqual([path, 1]);
      expect([path, gzipSync(text).length <= LATER]).toEqual([path, true]);
    }
  });

  test('every link leads to a page of the hub and to a heading that exists', async () => {
    const ids = new Map<string, ReadonlySet<string>>();
    for (const path of docs.paths) {
      const { text } = await get(`/docs${path}`);
      ids.set(`/docs${path}`, new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)));
    }
    const broken: string[] = [];
    let links = 0;
    for (const path of docs.paths)
      for (const { where, url } of addresses(docs.page(path)?.html ?? '')) {
        links++;
        const [target = '', anchor = ''] = url.split('#');
        const page = ids.get(target === '' ? `/docs${path}` : target);
        const isFound = page !== undefined && (anchor === '' || page.has(decodeURIComponent(anchor)));
        if (!isFound && !(where === 'a href' && url.startsWith('https://'))) broken.push(`${path}: ${url}`);
      }
    expect(links).toBeGreaterThan(200);
    expect(broken).toEqual([]);
  });

  test('a page loads nothing from an outside host, and runs no script', async () => {
    for (const path of docs.paths) {
      const { text, headers } = await get(`/docs${path}`);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('script-src');
      expect([path, /<(?:script|iframe|object|embed|style)\b/i.test(text)]).toEqual([path, false]);
      const loaded = addresses(text).filter(({ where, url }) => where !== 'a href' && !/^\/(?!\/)/.test(url));
      expect([path, loaded]).toEqual([path, []]);
    }
  });

  test('a first visit needs at most 15 KB, compressed', async () => {
    const { text } = await get('/docs');
    const parts = addresses(text).filter(({ where }) => where === 'link href');
    expect(parts.length).toBeGreaterThan(0);
    let total = gzipSync(text).length;
    for (const { url } of parts) {
      const part = await get(url).buffer(true);
      expect([url, part.status]).toEqual([url, 200]);
      total += gzipSync(part.text ?? (part.body as Buffer)).length;
    }
    expect(total).toBeLessThanOrEqual(COLD);
  });

  test('the navigation names the four kinds, and marks that of the page', async () => {
    const { text } = await get('/docs/how-to/install');
    for (const kind of ['Tutorials', 'How-to guides', 'Reference', 'Explanation'])
      expect(text).toContain(`>${kind}</a>`);
    expect(text).toMatch(/<a href="\/docs#how-to-guides" aria-current="true">How-to guides<\/a>/);
    expect(text.match(/aria-current/g)).toHaveLength(1);
  });

  test('search works without scripts: a form with GET, and results with matches in titles first', async () => {
    const start = await get('/docs');
    expect(start.text).toMatch(/<form action="\/docs\/search" method="get" role="search">/);
    const { status, text } = await get('/docs/search?q=review+queue');
    expect(status).toBe(200);
    const results = addresses(text.slice(text.indexOf('</nav>'))).map(({ url }) => url);
    expect(results[0]).toBe('/docs/how-to/review');
    expect(results.length).toBeGreaterThan(1);
    for (const url of results.filter((result) => result.startsWith('/docs/')))
      expect([url, (await get(url.split('#')[0] ?? '')).status]).toEqual([url, 200]);
  });

  test.each([
    ['no words', '', 'Enter one or more words.'],
    ['words that no page contains', 'zyzzyva', 'No page contains all words of &quot;zyzzyva&quot;'],
    ['HTML', '<script>alert(1)</script>', '&lt;script>alert(1)&lt;/script>'],
    ['a very long query', 'a'.repeat(5_000), 'a'.repeat(SEARCH_LIMITS.query)],
  ])('a search for %s gets an ordinary page', async (_what, query, message) => {
    const { status, text } = await get(`/docs/search?q=${encodeURIComponent(query)}`);
    expect(status).toBe(200);
    expect(text).toContain(message);
    expect(text).not.toContain('<script');
    expect(text).not.toContain('a'.repeat(SEARCH_LIMITS.query + 1));
  });

  test('pages are compressed for clients that accept it, and answer HEAD', async () => {
    const packed = await get('/docs').set('Accept-Encoding', 'gzip');
    expect([packed.headers['content-encoding'], packed.headers['vary']]).toEqual(['gzip', 'Accept-Encoding']);
    const plain = await get('/docs').set('Accept-Encoding', 'identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.text).toBe(packed.text);
    const head = await supertest(t.hub.app).head('/docs');
    expect([head.status, head.text ?? '']).toEqual([200, '']);
  });

  test.each([
    '/docs/nothing',
    '/docs/how-to',
    '/docs/../package',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/__proto__',
  ])('%s is not found', async (path) => {
    const { status, text } = await get(path);
    expect([404, 401]).toContain(status);
    expect(text).not.toContain('"dependencies"');
  });

  test('other methods are refused with the list of allowed methods', async () => {
    for (const method of ['post', 'put', 'patch', 'delete'] as const) {
      const { status, headers } = await supertest(t.hub.app)[method]('/docs');
      expect([method, status, headers['allow']]).toEqual([method, 405, 'GET, HEAD']);
    }
  });
});

describe('rendering of a page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-docs-'));
  mkdirSync(join(folder, 'how-to'));
  writeFileSync(
    join(folder, 'README.md'),
    [
      '# Start',
      '',
      '<!-- a note -->',
      '',
      '[a guide](how-to/a.md#twice-1), [outside](https://example.org/), [the code](../src/main.ts), <b>bold</b>',
      '',
      '[dangerous](javascript:alert(1))',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'how-to', 'a.md'),
    '# A `guide`\n\n## Twice\n\none\n\n## Twice\n\n[start](../README.md)\n\n| Key | Meaning |\n| --- | --- |\n| `a` | the first |\n',
  );
  const own = openDocs(folder);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('links lead to pages, raw HTML is text, and a link to a file that is not served is text', () => {
    const html = own.page('')?.html ?? '';
    expect(html).toContain('<a href="/docs/how-to/a#twice-1">a guide</a>');
    expect(html).toContain('<a href="https://example.org/">outside</a>');
    expect(html).toContain('the code');
    expect(html).not.toContain('main.ts');
    expect(html).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(html).not.toMatch(/href="javascript:/i);
    expect(html).not.toContain('a note');
  });

  test('headings have anchors of their own, and cells have the label of their column', () => {
    const page = own.page('/how-to/a');
    expect([page?.title, page?.kind]).toEqual(['A guide', 'how-to']);
    expect(page?.html).toContain('<h2 id="twice">');
    expect(page?.html).toContain('<h2 id="twice-1">');
    expect(page?.html).toContain('<a href="/docs">start</a>');
    expect(page?.html).toContain('<td data-label="Meaning">the first</td>');
  });

  test('the search finds words by their beginning, in all words of the query, and has a maximum', async () => {
    const search = docsSearch(await own.sections());
    expect(search('guid').map(({ path, anchor }) => [path, anchor])).toEqual([
      ['/how-to/a', ''],
      ['', ''],
    ]);
    expect(search('guide nothing')).toEqual([]);
    expect(search('uide')).toEqual([]);
    const many = Array.from({ length: 100 }, (_, i) => ({
      path: `/${i}`,
      anchor: '',
      page: `Page ${i}`,
      heading: `Page ${i}`,
      text: 'word '.repeat(100),
    }));
    const found = docsSearch(many)('word');
    expect(found).toHaveLength(SEARCH_LIMITS.results);
    for (const { excerpt } of found) expect(excerpt.length).toBeLessThanOrEqual(SEARCH_LIMITS.excerpt + 4);
  });
});
