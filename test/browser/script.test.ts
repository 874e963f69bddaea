import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { executable, faultsOf, launched, signedInPerson } from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('the script of the console', () => {
  const here = folder();
  const data = ['--data', `${here.path}/demo`, '--quiet'];
  let hub: RunningHub;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];
  beforeAll(async () => {
    hub = await startHub(['--demo', '--data', here.path]);
    browser = await launched();
    await talanoa(['account', 'create', 'sina', '--role', 'administrator', '--person', ...data]);
    await talanoa(['collection', 'grant', 'pacson', 'account:sina', '--read', '--write', ...data]);
    ({ context, page } = await signedInPerson(browser, hub, 'sina', data));
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: hub.url });
    faults = faultsOf(page);
  }, 60_000);
  afterAll(async () => {
    expect(faults).toEqual([]);
    await browser.close();
    await hub.stop();
    here.remove();
  });

  test('moves by keys, but not while a person types', async () => {
    await page.goto(`${hub.url}/console`);
    await page.keyboard.press('g');
    await page.keyboard.press('f');
    await page.getByRole('heading', { name: 'Feeds', exact: true }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const second = await page.locator('main tbody tr').nth(1).locator('a').first().getAttribute('href');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe(second);
    await page.keyboard.press('/');
    await page.keyboard.type('n?gf');
    expect(await page.inputValue('#find')).toBe('n?gf');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
  }, 60_000);

  test('copies a text', async () => {
    await page.goto(`${hub.url}/console/collections/pacson`);
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const id = await page.locator('[data-copy]').first().textContent();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(id);
  }, 60_000);

  test('keeps what was typed until it is published, and offers it to the same account only', async () => {
    await page.goto(`${hub.url}/console/publish`);
    await page.selectOption('#collection', 'pacson');
    await page.fill('#values', '203.0.114.81');
    // The tab is closed as soon as the text is kept.
    await page.locator('form[data-kept]').waitFor();
    await page.goto(`${hub.url}/console`);
    await page.goto(`${hub.url}/console/publish`);
    expect(await page.inputValue('#values')).toBe('');
    await page.getByRole('button', { name: 'Restore it' }).click();
    expect(await page.inputValue('#values')).toBe('203.0.114.81');
    await page.locator('.dock').getByRole('button', { name: /Check/ }).click();
    await page.getByRole('button', { name: /^Publish to / }).click();
    await page.getByRole('heading', { name: '1 of 1 indicator published' }).waitFor();
    await page.goto(`${hub.url}/console/publish`);
    expect(await page.getByRole('button', { name: 'Restore it' }).count()).toBe(0);

    await page.fill('#values', 'kept.reef-draft.example');
    await page.locator('form[data-kept]').waitFor();
    await page.evaluate('localStorage.setItem("talanoa-draft:lani:publish", JSON.stringify({ at: Date.now(), fields: {} }))'); // prettier-ignore
    await page.goto(`${hub.url}/console`);
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['talanoa-draft:sina:publish']);
  }, 60_000);

  test('refreshes a page that is open', async () => {
    await page.goto(`${hub.url}/console/feeds`);
    const state = page.locator('main tbody tr:has(a[href="/console/feeds/demo-urls"])');
    await state.waitFor();
    await talanoa(['feed', 'pause', 'demo-urls', ...data]);
    // A tab that becomes visible is refreshed at once.
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await page.locator('main tbody tr', { hasText: /Paused/ }).waitFor();
  }, 60_000);

  test('signing out removes drafts', async () => {
    await page.goto(`${hub.url}/console/account`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/sign-in/);
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual([]);
  }, 60_000);
});
