import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { systemClock } from '../../src/kernel/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { PAGES } from '../../src/web/console/pages.ts';
import { en, type Messages } from '../../src/web/shared/messages/en.ts';
import { fr } from '../../src/web/shared/messages/fr.ts';
import { preferredLanguage } from '../../src/web/shared/messages/languages.ts';
import type { FormBrowser } from '../support/browser.ts';
import { CONSOLE_SETTINGS, signedInAs } from '../support/console.ts';
import { testHub } from '../support/hub.ts';
import { pagesWorld, type PagesWorld } from '../support/pages-world.ts';

/** Returns all texts of a language with their paths. Functions are called with numbers, names and both truth values. */
function textsOf(value: unknown, path = ''): readonly (readonly [path: string, text: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return [[path, value.map(String).join('')]];
  if (typeof value === 'function')
    return [0, 1, 2, 1_000_000].flatMap((number) =>
      [true, false].flatMap((truth) => textsOf(called(value as Called, number, truth), path)),
    );
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, one]) => textsOf(one, `${path}.${key}`));
  return [];
}

type Called = (...args: readonly unknown[]) => unknown;

/** An argument that serves as a number, a name, a truth value, and as a function that makes a link. */
function called(message: Called, number: number, truth: boolean): unknown {
  const parameters = /^\(?([^)=]*)\)?\s*=>|^[^(]*\(([^)]*)\)/.exec(message.toString());
  const names = (parameters?.[1] ?? parameters?.[2] ?? '').split(',').map((name) => name.trim());
  const link = (text: unknown): unknown => text;
  return message(
    ...names.map((name) =>
      /^(?:is|has)[A-Z]/.test(name) ? truth : /^(?:link|strong|csv|json|stix)/.test(name) ? link : number,
    ),
  );
}

/** The texts of a language. Of the words that all pages share, only those that are texts. */
function allOf(messages: Messages): ReturnType<typeof textsOf> {
  const { roles, claims } = messages.words;
  return textsOf({ ...messages, words: { roles, claims } });
}

const french = allOf(fr);
const english = new Map(allOf(en));

describe('French', () => {
  test('has a text of its own wherever English has one', () => {
    expect(french.length).toBeGreaterThan(700);
    const same = french.filter(
      ([path, text]) => english.get(path) === text && / \p{Ll}{2,} \p{Ll}/u.test(text),
    );
    expect(same).toEqual([]);
  });

  test.each([
    ['a space before ? ! ; or » that breaks', / [?!;»]/],
    ['a colon after a space that breaks', / :/],
    ['a mark without the space before it', /[\p{L}\d)»][?!;](?!\p{L})|[\p{L})»]:(?=\s|$)/u],
    ['an opening quotation mark without its space', /«[^\u00a0]/],
    ['a straight apostrophe or quotation mark', /\p{L}'\p{L}|"/u],
    ['two spaces', / {2}/],
  ])('contains nowhere %s', (_what, fault) => {
    expect(french.filter(([, text]) => fault.test(text))).toEqual([]);
  });

  test('uses the singular for 0 and 1, and separates thousands with a space that does not break', () => {
    expect([0, 1, 2, 48_213].map((number) => fr.review.objectCount(number))).toEqual([
      '0 objet',
      '1 objet',
      '2 objets',
      '48\u202f213 objets',
    ]);
    expect(en.review.objectCount(48_213)).toBe('48,213 objects');
  });
});

describe('the language of a browser', () => {
  test.each([
    ['fr', 'fr'],
    ['fr-CA,en;q=0.5', 'fr'],
    ['to, fr;q=0.4, en;q=0.8', 'en'],
    ['en;q=0, fr;q=0.1', 'fr'],
    ['FR', 'fr'],
    ['de', 'en'],
    ['french', 'en'],
    [undefined, 'en'],
    ['*', 'en'],
    ['fr;q=x', 'en'],
    ['fr;q=2', 'en'],
  ])('%p means %s', (header, language) => {
    expect(preferredLanguage(header, 'en')).toBe(language);
  });
});

describe('a French browser', () => {
  let world: PagesWorld;
  beforeAll(async () => {
    world = await pagesWorld();
  });
  afterAll(() => world.t.stop());
  const get = (path: string, cookies = '', language = 'fr') =>
    supertest(world.t.hub.app)
      .get(path)
      .set({
        Accept: 'text/html',
        'Accept-Language': language,
        ...(cookies === '' ? {} : { Cookie: cookies }),
      });

  test.each(PAGES.map(({ path }) => path).filter((path) => !path.endsWith('/export')))('receives %s in French', async (path) => {
    const answer = await get(world.addressOf(path), world.as('sina').cookies);
    expect(answer.text).toContain('<html lang="fr"');
    expect(answer.headers).toMatchObject({ 'content-language': 'fr', 'cache-control': 'no-store' });
    expect(answer.headers['vary']).toContain('Accept-Language');
    expect(answer.text).toContain('Vue d’ensemble');
  }); // prettier-ignore

  test.each([
    ['/', 'Partage d’informations sur les menaces'],
    ['/assets/none', 'Page introuvable'],
    ['/console/sign-in', 'Se connecter'],
    ['/first/x', 'Ce lien ne fonctionne pas'],
    ['/answer/x', 'Ce lien ne fonctionne pas'],
  ])('receives the public page %s in French, and others receive it in English', async (path, title) => {
    const answer = await get(path);
    expect([answer.text.includes('<html lang="fr"'), answer.text.includes(title)]).toEqual([true, true]);
    expect(answer.headers['vary']).toContain('Accept-Language');
    const english = await get(path, '', 'de');
    expect(english.text).toContain('<html lang="en"');
    expect(english.headers['content-language']).toBe('en');
  }); // prettier-ignore

  test('receives the error next to a form in French', async () => {
    const answer = await supertest(world.t.hub.app)
      .post('/console/sign-in')
      .set({ 'Accept-Language': 'fr', 'Sec-Fetch-Site': 'same-origin' })
      .type('form')
      .send({ account: 'sina', password: 'wrong password' });
    expect(answer.text).toContain('Nom de compte ou mot de passe incorrect.');
  });
});

describe('a person who has chosen French', () => {
  let world: PagesWorld;
  let lani: FormBrowser;
  beforeAll(async () => {
    world = await pagesWorld();
    lani = world.as('lani');
    const chosen = { language: 'fr', time_zone: 'Pacific/Noumea', theme: 'night', contrast: 'more' };
    const { status, headers } = await lani.post('/console/preferences', chosen);
    expect([status, headers['location']]).toEqual([303, '/console/account#preferences']);
  });
  afterAll(() => world.t.stop());

  test.each(['/console', '/console/account', '/console/confirm', '/console/second-factor/set-up', '/console/settings', '/console/o/none', '/console/red'])('reads %s in French, in that time zone and those colours, whatever the browser asks for', async (path) => {
    const { text } = await lani.get(path);
    expect(text).toContain('<html lang="fr" data-theme="night" data-contrast="more">');
    if (path === '/console/account') expect(text).toContain('+11:00');
  }); // prettier-ignore

  test('gets errors of forms in French', async () => {
    const { text } = await lani.post('/console/password', { present: 'wrong password', next: 'another password of mine' });
    expect(text).toContain('Le mot de passe actuel est incorrect.');
  }); // prettier-ignore

  test('sees an unknown time zone at its field, with everything that was chosen', async () => {
    const { status, text } = await lani.post('/console/preferences', { language: 'fr', time_zone: 'Atlantis/Main' });
    expect(status).toBe(422);
    expect(text).toContain('value="Atlantis/Main"');
    expect(text).toContain('aria-invalid="true"');
    expect((await lani.get('/console/account')).text).toContain('value="Pacific/Noumea"');
  }); // prettier-ignore

  test('changes nothing for others, and can leave the choice to the browser again', async () => {
    expect((await world.as('seru').get('/console')).text).toContain('<html lang="en">');
    expect((await lani.api('get', '/account/preferences')).body).toEqual({
      language: 'fr',
      time_zone: 'Pacific/Noumea',
      theme: 'night',
      contrast: 'more',
    });
    const facts = async () =>
      (await world.t.hub.store.audit(0, 10_000)).filter(({ fact }) => fact.action === 'account.preferences')
        .length;
    const before = await facts();
    await lani.post('/console/preferences', {});
    expect(await facts()).toBe(before + 1);
    // The same choice again is not an entry of the audit log.
    await lani.post('/console/preferences', {});
    expect(await facts()).toBe(before + 1);
    expect((await lani.api('get', '/account/preferences')).body).toEqual({});
    expect((await lani.get('/console')).text).toContain('<html lang="en">');
  });
});

test('a hub whose language is French is French for browsers that ask for nothing', async () => {
  const { t } = await pagesWorld(CONSOLE_SETTINGS.replace('hub: { title: Test hub', 'hub: { title: Test hub, language: fr'));
  try {
    const { text } = await supertest(t.hub.app).get('/console/sign-in');
    expect(text).toContain('<html lang="fr"');
  } finally {
    await t.stop();
  }
}); // prettier-ignore

test('a choice lasts when a hub that declares the account in its settings starts again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-choice-'));
  const store = await openSqliteStore({ folder, clock: systemClock });
  // The hub closes its store when it stops.
  const kept = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'close') return () => Promise.resolve();
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  try {
    const first = await testHub(CONSOLE_SETTINGS, { store: kept });
    await (await signedInAs(first, 'lani')).post('/console/preferences', { language: 'fr' });
    await first.stop();
    const second = await testHub(CONSOLE_SETTINGS, { store: kept });
    expect((await (await signedInAs(second, 'lani')).get('/console')).text).toContain('<html lang="fr">');
    await second.stop();
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
