import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { executable, fits, pictured, violations } from '../support/chromium.ts';
import { consoleInBrowser, type ConsoleInBrowser } from '../support/console-browser.ts';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('the console in a real browser', () => {
  let shown: ConsoleInBrowser;
  beforeAll(async () => {
    shown = await consoleInBrowser();
  }, 60_000);
  afterAll(() => shown.close());

  test.each([true, false])(
    'the values of a report are extracted, chosen and published (scripts: %s)',
    async (javaScriptEnabled) => {
      const value = javaScriptEnabled ? '203.0.114.81' : '203.0.114.82';
      const page = await shown.open('/console/extract', {
        javaScriptEnabled,
        viewport: { width: 390, height: 800 },
      });
      const report = Buffer.from(
        `It connects to ${value.replace('.114', '[.]114')} and www.lagoon-bank.com.`,
      );
      await page.setInputFiles('#file', { name: 'notice.txt', mimeType: 'text/plain', buffer: report });
      await page.getByRole('button', { name: 'Find values' }).click();
      await page.getByLabel('www.lagoon-bank.com').uncheck();
      await page.getByRole('button', { name: 'Check selected values' }).click();
      expect(await page.inputValue('#values')).toBe(value);
      await page.getByRole('button', { name: /^Publish to / }).click();
      await page.getByText(value).first().waitFor();
      expect(page.url()).toContain('/console/publish/receipt/');
      await page.context().close();
    },
    60_000,
  );

  test.each([true, false])(
    'an object is found, revised and revoked (scripts: %s)',
    async (javaScriptEnabled) => {
      const value = javaScriptEnabled ? '203.0.114.71' : '203.0.114.72';
      const page = await shown.open('/console/publish', {
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
      const page = await shown.open('/console/search/many', {
        javaScriptEnabled,
        viewport: { width, height: 800 },
      });
      const looks = async (name: string): Promise<void> => {
        // The checks of the page are scripts themselves.
        if (!javaScriptEnabled) return;
        await pictured(page, `_console-${name}-${width}`);
        expect([name, await fits(page), await violations(page)]).toEqual([name, true, []]);
      };
      await page.fill('#values', '203.0.114[.]77\nnothing.lagoon-bank.com\nnot-a-value,,\n8.8.8.8');
      await page.getByRole('button', { name: 'Check values' }).click();
      await page.getByText('Not a value', { exact: true }).waitFor();
      await looks('search-verdicts');
      await page.goto(`${shown.hub.url}/console/search?q=0.0.0.0%2F0&type=indicator`);
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
    const page = await shown.open('/console', {
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
