import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  executable,
  faultsOf,
  fits,
  launched,
  pictures,
  signedInPerson,
  violations,
} from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('the console in a real browser', () => {
  const here = folder();
  let hub: RunningHub;
  let browser: Browser;
  let cookies: Parameters<Awaited<ReturnType<Browser['newContext']>>['addCookies']>[0];
  /** The page of an object that a member has published in the demo. */
  let object = '';
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    hub = await startHub(['--demo', '--data', here.path]);
    browser = await launched();
    const data = ['--data', join(here.path, 'demo'), '--quiet'];
    await talanoa(['account', 'create', 'sina', '--role', 'administrator', '--person', ...data]);
    await talanoa(['collection', 'grant', 'pacson', 'account:sina', '--read', '--write', ...data]);
    const { context, page } = await signedInPerson(browser, hub, 'sina', data);
    cookies = await context.cookies();
    object = (await page.locator('tbody a[href^="/console/o/"]').first().getAttribute('href')) ?? '';
    await context.close();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await hub.stop();
    here.remove();
  });

  async function opened(path: string, options: BrowserContextOptions, faults: string[] = []): Promise<Page> {
    const context = await browser.newContext(options);
    await context.addCookies(cookies);
    const page = await context.newPage();
    const found = faultsOf(page);
    await page.goto(`${hub.url}${path}`);
    // A browser reports pages that refuse the request (403, 404) as errors.
    faults.push(...found.filter((text) => !/status of 40[34]/.test(text)));
    return page;
  }

  const PATHS = ['/keys/create', '', '/channels', '/collections', '/collections/pacson', '/collections/pacson/connect', '/collections/pacson/readers', '/feeds/add', '/feeds/demo-urls', '/feeds/demo-urls/quarantine', '/search?q=evil', '/search?q=0.0.0.0%2F0', '/search?q=0.0.0.0%2F0&state=valid&type=indicator', '/search?q=0.0.0.0%2F0&state=revoked', '/search/many', '/components', '/account', '/red', '/review', '/members', '/members/tonga', '/feeds', '/deliveries', '/keys', '/audit?verify=yes', 'OBJECT', 'OBJECT/revise', 'OBJECT/revoke', 'OBJECT/ask', 'OBJECT/why?member=tonga', '/accounts', '/accounts/sina', '/invitations/new', '/health', '/settings', '/o/none']; // prettier-ignore
  const LOOKS = [
    { colorScheme: 'light', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'active' },
  ] as const;
  test.each(PATHS)(
    '%s: readable by day, by night and with forced colours, without sideways scroll',
    async (path) => {
      const address = path.startsWith('OBJECT') ? object + path.slice('OBJECT'.length) : `/console${path}`;
      for (const look of LOOKS) {
        const faults: string[] = [];
        const page = await opened(address, { ...look, viewport: { width: 1280, height: 800 } }, faults);
        for (const width of [1280, 390, 320]) {
          await page.setViewportSize({ width, height: 800 });
          const name = `_console-${path.replaceAll(/[^a-z]+/gi, '-')}-${look.colorScheme}-${look.forcedColors}-${width}`;
          await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
          // The layout has two forms, and the rules about colours depend on neither.
          const broken = width === 390 || look === LOOKS[0] ? await violations(page) : [];
          expect([name, await fits(page), broken, faults]).toEqual([name, true, [], []]);
        }
        await page.context().close();
      }
    },
    120_000,
  );

  test.each([true, false])(
    'an object is found, revised and revoked (scripts: %s)',
    async (javaScriptEnabled) => {
      const value = javaScriptEnabled ? '203.0.114.71' : '203.0.114.72';
      const page = await opened('/console/publish', {
        javaScriptEnabled,
        viewport: { width: 390, height: 800 },
      });
      await page.selectOption('#collection', 'pacson');
      await page.fill('#values', value);
      await page.locator('.dock').getByRole('button', { name: /Check/ }).click();
      await page.getByRole('button', { name: /^Publish to / }).click();
      await page.fill('#find', value.replace('.114', '[.]114'));
      await page.keyboard.press('Enter');
      await page.getByText('Understood as').waitFor();
      await page.locator('tbody a').first().click();
      await page.getByRole('link', { name: 'Revise' }).click();
      await page.fill('#confidence', '75');
      await page.getByRole('button', { name: 'Store the new version' }).click();
      await page.getByText('confidence 75.').waitFor();
      await page.getByRole('link', { name: 'Revoke' }).click();
      await page.getByRole('button', { name: 'Revoke the object' }).click();
      await page.getByText('The object is revoked.').waitFor();
      await page.context().close();
    },
    60_000,
  );

  test.each([
    [true, 1280],
    [true, 390],
    [false, 390],
  ])(
    'pasted values are checked, and several results are changed at once (scripts: %s, %i px)',
    async (javaScriptEnabled, width) => {
      const page = await opened('/console/search/many', {
        javaScriptEnabled,
        viewport: { width, height: 800 },
      });
      const looks = async (name: string): Promise<void> => {
        // The checks of the page are scripts themselves.
        if (!javaScriptEnabled) return;
        await page.screenshot({ path: join(pictures, `_console-${name}-${width}.png`), fullPage: true });
        expect([name, await fits(page), await violations(page)]).toEqual([name, true, []]);
      };
      await page.fill('#values', '203.0.114[.]77\nnothing.lagoon-bank.com\nnot-a-value,,\n8.8.8.8');
      await page.getByRole('button', { name: 'Check values' }).click();
      await page.getByText('Not a value', { exact: true }).waitFor();
      await looks('search-verdicts');
      await page.goto(`${hub.url}/console/search?q=0.0.0.0%2F0&type=indicator`);
      await page.locator('tbody input[type=checkbox]').first().check();
      await page.getByRole('button', { name: 'Add a label' }).click();
      await page.fill('#label', `seen-${width}-${String(javaScriptEnabled)}`);
      await looks('search-question');
      await page.getByRole('button', { name: /^Label 1 object/ }).click();
      await page.getByText(/of 1 object done/).waitFor();
      await looks('search-results');
      await page.context().close();
    },
    60_000,
  );

  test('the keyboard reaches the content first, and the menu of a phone opens without scripts', async () => {
    const page = await opened('/console', {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 800 },
    });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('location.hash')).toBe('#main');
    await page.locator('.menu summary').click();
    await page.locator('.menu').getByRole('link', { name: 'Search' }).click();
    await page.getByRole('heading', { name: 'Search', exact: true }).waitFor();
    await page.context().close();
  }, 60_000);
});
