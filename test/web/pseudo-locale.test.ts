import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { PAGES } from '../../src/web/console/pages.ts';
import { en } from '../../src/web/shared/messages/en.ts';
import { fr } from '../../src/web/shared/messages/fr.ts';
import { pagesWorld, type PagesWorld } from '../support/pages-world.ts';

/**
 * A language for tests: English with marks around every text, and 35 % longer. Text outside the marks is a text that
 * nobody could translate.
 */
type Part = unknown;

function marked(text: string): string {
  return text === '' ? '' : `⟦${text}${'~'.repeat(Math.ceil(text.length * 0.35))}⟧`;
}

function pseudo(value: Part): Part {
  if (typeof value === 'string') return marked(value);
  // A sentence with elements in it: its texts, and the parts that the page has made.
  if (Array.isArray(value)) return value.map((one: Part) => (typeof one === 'string' ? marked(one) : one));
  if (typeof value === 'function')
    return (...args: readonly Part[]) =>
      pseudo(
        (value as (...given: readonly Part[]) => Part)(
          ...args.map((arg) =>
            typeof arg === 'function' ? (text: string) => (arg as (text: string) => Part)(marked(text)) : arg,
          ),
        ),
      );
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pseudo(one)]));
  return value;
}

let world: PagesWorld;
beforeAll(async () => {
  // The pseudo-language takes the place of French in this process.
  Object.assign(fr, pseudo(en), { words: { ...(pseudo(en.words) as object), language: 'fr' } });
  world = await pagesWorld();
});
afterAll(() => world.t.stop());

/** Names, ids, addresses and times that the test has put into the hub, and names of products and standards. */
const DATA: readonly RegExp[] = [
  /^(?:.* )?– Test hub$|^Test hub$|^Talanoa$/,
  /^(?:Name|Description|Title|Evidence|Label)-\d$/,
  /^(?:sina|watch|lani|seru|chief|writer|sensor|reader|desk|tonga|fiji|member-\w+|tongan?-\w+|analyst|hub|main|FJ|TO)$/,
  /^(?:indicators|Indicators|Open|Hidden|Drop box|For \w+|settings|open|nobody|Firefox|UTC|en|info|optional|title|password)$/,
  /^(?:English|Français)$|^TLP:[A-Z+]+$|^A plain list of addresses, networks, domains or URLs$/,
  /^[0-9a-f-]{36}$|^\/\w+$|--[0-9a-f-]{36}|^[\w:./-]+\/[\w:./-]*$|^[a-z]+\.[a-z]+$/,
  /^(?:account|member|role):/,
];

/** Pages with texts of the API or of the catalogue of feeds and tools, which are in English only. */
const TEXTS_OF_THE_API: Readonly<Record<string, RegExp>> = {
  '/': /marking has not been submitted|^(?:Channels|Feeds|Network|Node): |: talanoa \w+/,
  '/o/:id': /^It matches when/,
  '/review': /marking has not been submitted/,
  '/review/:held': /marking has not been submitted|^The hub continues when/,
  '/feeds/add': /./,
  '/channels/:channel': /^the hub has no secret/,
  '/collections/:collection/connect': /./,
  '/settings': /talanoa-hub|^web, worker$/,
  '/health': /./,
};

/** Returns the texts of a page outside the marks: between elements, and in attributes that people read or hear. */
function unmarked(html: string, api = /^$/): readonly string[] {
  const body = html
    .replaceAll(/<(svg|code|pre|script|style|textarea)\b[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<use [^>]*>/g, '');
  const attributes = [
    ...body.matchAll(/\s(?:title|aria-label|placeholder|data-l|data-label|alt)="([^"]*)"/g),
  ].map(([, text = '']) => text);
  const texts = body.replaceAll(/<[^>]*>/g, '\n').split('\n');
  return [...texts, ...attributes]
    .map((text) => {
      // Marks can be inside each other.
      let rest = text;
      while (/⟦[^⟦⟧]*⟧/.test(rest)) rest = rest.replaceAll(/⟦[^⟦⟧]*⟧/g, '');
      return rest.trim();
    })
    .filter((text) => /\p{L}/u.test(text) && ![...DATA, api].some((data) => data.test(text)));
}

const get = async (cookies: string, path: string) =>
  supertest(world.t.hub.app)
    .get(path)
    .set({ Accept: 'text/html', 'Accept-Language': 'fr', ...(cookies === '' ? {} : { Cookie: cookies }) });

/** The fixture of components has texts of its own, and the exports are files. */
const WITHOUT_TEXTS = new Set(['/components', '/search/export', '/contacts/export']);

describe('in the pseudo-language', () => {
  test.each(PAGES.map(({ path }) => path).filter((path) => !WITHOUT_TEXTS.has(path)))('the page %s shows no text outside the messages', async (path) => {
    for (const name of ['sina', 'watch', 'lani'] as const) {
      const { text } = await get(world.as(name).cookies, world.addressOf(path));
      expect([name, unmarked(text, TEXTS_OF_THE_API[path])]).toEqual([name, []]);
      expect(text).toContain('⟦');
    }
  }); // prettier-ignore

  test.each(['/account', '/publish', '/second-factor/set-up', '/red', '/confirm'])('the page %s, which has a route of its own, shows none either', async (path) => {
    const { text } = await get(world.as('sina').cookies, `/console${path}`);
    expect(text).toContain('⟦');
    expect(unmarked(text)).toEqual([]);
  }); // prettier-ignore

  test.each(['/', '/assets/none', '/console/sign-in', '/console/forgotten', '/console/reset/x', '/console/email/x', '/first/x', '/answer/x'])('the public page %s shows none either', async (path) => {
    const { text } = await get('', path);
    expect(text).toContain('⟦');
    expect(unmarked(text)).toEqual([]);
  }); // prettier-ignore

  test('text without marks is found, also in attributes and next to marked text', () => {
    expect(unmarked('<p title="Close">⟦Open⟧ now <b>⟦a⟦b⟧c⟧</b></p>')).toEqual(['now', 'Close']);
  });
});
