import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { executable, faultsOf, fits, launched, pictures, violations } from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

const PASSWORD = 'outrigger lagoon breadfruit';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('publishing in a real browser', () => {
  const here = folder();
  let hub: RunningHub;
  let browser: Browser;
  /** The session of a person who signed in once. */
  let cookies: Parameters<Awaited<ReturnType<Browser['newContext']>>['addCookies']>[0];
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    hub = await startHub(['--demo', '--data', here.path]);
    browser = await launched();
    const data = ['--data', join(here.path, 'demo'), '--quiet'];
    await talanoa(['account', 'add', 'sina', '--role', 'analyst', '--person', ...data]);
    await talanoa(['collection', 'add', 'Sightings of the day', '--alias', 'sightings', ...data]);
    await talanoa(['collection', 'grant', 'sightings', 'account:sina', '--read', '--write', ...data]);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto((await talanoa(['account', 'invite', 'sina', ...data])).stdout.trim());
    await page.fill('#password', PASSWORD);
    await page.click('button');
    await page.goto(`${hub.url}/console/sign-in`);
    await page.fill('#account', 'sina');
    await page.fill('#password', PASSWORD);
    await page.click('button');
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
  const heading = (page: Page): Promise<string | null> => page.locator('h1').textContent();

  test.each(
    (['light', 'dark'] as const).flatMap((scheme) =>
      // A value that is published once is known afterwards.
      [1280, 360].map((width) => [scheme, width, `203.0.114.${(width % 250) + (scheme === 'dark' ? 1 : 0)}`] as const),
    ),
  )('%s, %i px: form, faults, preview and result are readable', async (scheme, width, address) => {
    const page = await opened({ colorScheme: scheme, viewport: { width, height: 800 } });
    const faults = faultsOf(page);
    const look = async (name: string): Promise<void> => {
      await page.screenshot({ path: join(pictures, `_publish-${name}-${scheme}-${width}.png`), fullPage: true });
      expect([name, await fits(page), await violations(page)]).toEqual([name, true, []]);
    };
    await page.selectOption('#collection', 'sightings');
    await look('form');
    // A checkbox as wide as a text field pushes its label away.
    expect((await page.locator('input[name=accept]').boundingBox())?.width).toBeLessThan(40);
    await page.fill('#values', `10.0.0.5\n${address}\nhxxps://pay-harbour[.]com/a/long/path/of/a/page/that/asks/for/a/password?${scheme}=${width}`);
    await page.getByRole('button', { name: 'Preview' }).click();
    expect(await page.locator('[role=alert] h2').textContent()).toBe('There is a problem');
    await look('faults');
    await page.locator('[role=alert] a').click();
    expect(await page.evaluate('location.hash')).toBe('#values');
    const values = await page.inputValue('#values');
    await page.fill('#values', values.replace('10.0.0.5', address));
    await page.getByRole('button', { name: 'Preview' }).click();
    expect(await heading(page)).toBe('Check before you publish');
    await look('preview');
    await page.getByRole('button', { name: 'Publish 2 indicators' }).click();
    expect(await heading(page)).toBe('2 of 2 indicators published');
    await look('result');
    // A browser reports the answer to the form with faults (422) as an error.
    expect(faults.filter((text) => !text.includes('422'))).toEqual([]);
    const link = page.locator('td a').first();
    const href = await link.getAttribute('href');
    const answer = await page.goto(`${hub.url}${href}`);
    expect([answer?.status(), (await answer?.json()) as object]).toMatchObject([200, { object: { type: 'indicator' } }]);
    await page.context().close();
  }, 60_000); // prettier-ignore

  test('everything works with the keyboard alone and without scripts', async () => {
    const page = await opened({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    // The first stop leads to the content: values, kind, collection, level, days, name, description, button.
    await press('Tab', 'Enter', 'Tab');
    await page.keyboard.type('evil[.]reef-bank[.]com');
    await press('Tab', 'Tab');
    await page.keyboard.type('Sightings');
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Enter');
    await page.getByRole('heading', { name: 'Check before you publish' }).waitFor();
    await page.getByText("[domain-name:value = 'evil.reef-bank.com']").waitFor();
    // The members that would receive nothing can be opened, then comes the button.
    await press('Tab', 'Enter', 'Tab', 'Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '1 of 1 indicator published' }).waitFor();
    await page.context().close();
  }, 60_000);
});
