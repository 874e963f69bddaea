import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { gzipSync } from 'node:zlib';
import { enhanceScript } from '../../src/web/shared/assets.ts';
import { fragmentOf, Live } from '../../src/web/shared/live.tsx';
import type { FormBrowser } from '../support/browser.ts';
import { TestClock } from '../support/clock.ts';
import { CONSOLE_SETTINGS, everybodySignedIn, type PersonName } from '../support/console.ts';
import { testHub, type TestHub } from '../support/hub.ts';

describe('a part of a page', () => {
  const page = (text: string): string =>
    `<main>${renderToString(h(Live, { children: h('p', null, text) }))}<p>rest</p></main>`;

  test('is cut out, and its digest changes with its content', () => {
    const first = fragmentOf(page('4 feeds'));
    expect(first?.html).toBe('<live-part id="content" data-live="true"><p>4 feeds</p></live-part>');
    expect(fragmentOf(page('4 feeds'))?.digest).toBe(first?.digest);
    expect(fragmentOf(page('5 feeds'))?.digest).not.toBe(first?.digest);
  });

  test('ends where the page says, whatever a text in it contains', () => {
    const text = '</live-part><live-part id="content">';
    expect(fragmentOf(page(text))?.html).toContain('&lt;/live-part>&lt;live-part id=&quot;content&quot;');
  }); // prettier-ignore

  test('is absent on a page without one', () => {
    expect(fragmentOf('<main><p>rest</p></main>')).toBeUndefined();
  });
});

describe('the pages that refresh', () => {
  const clock = new TestClock();
  let t: TestHub;
  let as: (name: PersonName) => FormBrowser;
  beforeAll(async () => {
    t = await testHub(CONSOLE_SETTINGS, { clock });
    as = await everybodySignedIn(t);
  });
  afterAll(() => t.stop());

  const part = (headers: Readonly<Record<string, string>>) => as('sina').get('/console/feeds', headers);

  test('send one part of themselves, and nothing when the part is the same', async () => {
    const whole = await part({});
    expect(whole.text).toMatch(/^<!doctype html>/);
    const first = await part({ 'X-Fragment': 'content' });
    expect(first.status).toBe(200);
    expect(first.text).toMatch(/^<live-part id="content"/);
    expect(first.text).not.toContain('<nav');
    const seen = String(first.headers['x-fragment-digest']);
    const again = await part({ 'X-Fragment': 'content', 'X-Fragment-Seen': seen });
    expect([again.status, again.text]).toEqual([204, '']);
    const other = await part({ 'X-Fragment': 'nothing' });
    expect(other.text).toMatch(/^<!doctype html>/);
  });

  test('show a part only to people who may open the page', async () => {
    const page = await as('sina').get('/console/accounts', { 'X-Fragment': 'content' });
    expect(page.status).toBe(200);
    for (const headers of [{}, { 'X-Fragment': 'content' }]) {
      const refused = await as('lani').get('/console/health', headers);
      expect([refused.status, refused.text.includes('live-part')]).toEqual([403, false]);
    }
  });

  test('do not keep a session alive that nobody uses', async () => {
    const minutes = (count: number): void => clock.advance(count * 60_000);
    const browser = as('lani');
    for (let i = 0; i < 4; i++) {
      minutes(6);
      expect((await browser.get('/console', { 'X-Fragment': 'content' })).status).toBe(200);
      // No script sends this value.
      expect((await as('sina').get('/console', { 'X-Fragment': 'other' })).status).toBe(200);
    }
    minutes(7);
    const late = await browser.get('/console', { 'X-Fragment': 'content' });
    expect([late.status, late.headers['location']]).toEqual([303, '/console/sign-in']);
    expect((await as('sina').get('/console')).status).toBe(200);
  });

  test('signing out removes what the script has kept in the browser', async () => {
    const answer = await as('watch').post('/console/sign-out', {});
    expect(answer.headers['clear-site-data']).toBe('"storage"');
  });
});

test('the script of the console has at most 6 KB in gzip', () => {
  expect(gzipSync(enhanceScript.text).length).toBeLessThanOrEqual(6_000);
});
