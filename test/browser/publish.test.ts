import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import {
  executable,
  faultsOf,
  fits,
  launched,
  pictured,
  signedInPerson,
  violations,
} from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('publishing in a real browser', () => {
  const here = folder();
  let hub: RunningHub;
  let browser: Browser;
  /** The session of a person who signed in once. */
  let cookies: Parameters<Awaited<ReturnType<Browser['newContext']>>['addCookies']>[0];
  beforeAll(async () => {
    hub = await startHub(['--demo', '--data', here.path]);
    browser = await launched();
    const data = ['--data', join(here.path, 'demo'), '--quiet'];
    await talanoa(['account', 'create', 'sina', '--role', 'analyst', '--person', ...data]);
    await talanoa(['collection', 'create', 'Sightings of the day', '--alias', 'sightings', ...data]);
    await talanoa(['collection', 'grant', 'sightings', 'account:sina', '--read', '--write', ...data]);
    await talanoa(['collection', 'grant', 'sightings', 'member:tonga', '--read', ...data]);
    const { context } = await signedInPerson(browser, hub, 'sina', data);
    cookies = await context.cookies();
    await context.close();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await hub.stop();
    here.remove();
  });

  async function opened(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    await context.addCookies(cookies);
    const page = await context.newPage();
    await page.goto(`${hub.url}/console/account`);
    await page.getByRole('link', { name: 'Publish indicators' }).click();
    return page;
  }

  test.each(
    (['light', 'dark'] as const).flatMap((scheme) =>
      // A value that is published once is known afterwards.
      [1280, 360].map((width) => [scheme, width, `203.0.114.${(width % 250) + (scheme === 'dark' ? 1 : 0)}`] as const),
    ),
  )('%s, %i px: form, faults, check, receipt and undo are readable', async (scheme, width, address) => {
    const page = await opened({ colorScheme: scheme, viewport: { width, height: 800 } });
    const faults = faultsOf(page);
    const look = async (name: string): Promise<void> => {
      await pictured(page, `_publish-${name}-${scheme}-${width}`);
      expect([name, await fits(page), await violations(page)]).toEqual([name, true, []]);
    };
    await page.selectOption('#collection', 'sightings');
    await look('form');
    // A checkbox as wide as a text field pushes its label away.
    expect((await page.locator('input[name=accept]').boundingBox())?.width).toBeLessThan(40);
    await page.fill('#values', `10.0.0.5\n${address}\n9.9.9.9\nhxxps://pay-harbour[.]com/a/long/path/of/a/page/that/asks/for/a/password?${scheme}=${width}`);
    const check = page.locator('.dock').getByRole('button', { name: /Check/ });
    await check.click();
    expect(await page.locator('[role=alert] h2').textContent()).toBe('There is a problem');
    await look('faults');
    await page.locator('[role=alert] a').click();
    expect(await page.evaluate('location.hash')).toBe('#values');
    const values = await page.inputValue('#values');
    await page.fill('#values', values.replace('10.0.0.5', address));
    await page.fill('#title', 'Harbour-themed phishing against port agents');
    await page.fill('#malware', 'Lagoon loader');
    await page.fill('#confidence', '70');
    await check.click();
    await page.getByText('2 indicators in valid STIX 2.1').waitFor();
    await page.getByText('1 value would not be published.').waitFor();
    await look('check');
    // Enter in a field checks again. It never publishes.
    await page.locator('#title').press('Enter');
    await page.getByText('2 indicators in valid STIX 2.1').waitFor();
    await page.getByRole('button', { name: /^Publish to \d+ members?$/ }).click();
    await page.getByRole('heading', { name: '2 of 3 indicators published' }).waitFor();
    await look('receipt');
    // A browser reports the response to the form with faults (422) as an error.
    expect(faults.filter((text) => !text.includes('422'))).toEqual([]);
    await page.locator('tbody a').first().click();
    await page.getByText('Active: malicious activity, confidence 70.').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('were revoked.').waitFor();
    await look('undone');
    await page.getByRole('link', { name: 'Publish another like this' }).click();
    expect(await page.inputValue('#title')).toBe('Harbour-themed phishing against port agents');
    expect(await page.inputValue('#values')).toBe('');
    await page.context().close();
  }, 60_000); // prettier-ignore

  test('everything works with the keyboard alone and without scripts', async () => {
    const page = await opened({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    // The first stop leads to the content: values, kind, known values, warning lists, then what is known about them.
    await press('Tab', 'Enter');
    await page.waitForURL(/#/);
    await press('Tab');
    await page.locator('#values:focus').waitFor();
    await page.keyboard.type('evil[.]reef-bank[.]com');
    await press('Tab', 'Tab', 'Tab', 'Tab');
    await page.locator('#title:focus').waitFor();
    await page.keyboard.type('A name');
    await press('Enter');
    await page.getByText("[domain-name:value = 'evil.reef-bank.com']").waitFor();
    await page.selectOption('#collection', 'sightings');
    await page.locator('.dock').getByRole('button', { name: 'Check again' }).focus();
    await press('Enter');
    await page
      .locator('.dock')
      .getByRole('button', { name: /^Publish/ })
      .focus();
    await press('Enter');
    await page.getByRole('heading', { name: '1 of 1 indicator published' }).waitFor();
    await page.context().close();
  }, 60_000);
});
