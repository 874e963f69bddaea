import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import type { Browser } from 'playwright-core';
import { executable, faultsOf, fits, launched, pictures, violations } from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

if (!existsSync(executable)) {
  test.skip(`skipped: there is no browser at ${executable}`, () => undefined);
  if (process.env['REQUIRE_CHROMIUM'] === '1') throw new Error('REQUIRE_CHROMIUM=1, but there is no browser');
} else {
  describe('pages in a real browser', () => {
    const here = folder();
    let hub: RunningHub;
    let browser: Browser;
    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true });
      hub = await startHub(['--demo', '--data', here.path]);
      browser = await launched();
    }, 60_000);
    afterAll(async () => {
      await browser.close();
      await hub.stop();
      here.remove();
    });

    /** The page behind a one-time link. Its address is different each time. */
    const FIRST = '/first/';
    const firstLink = async (): Promise<string> => {
      const data = ['--data', join(here.path, 'demo'), '--quiet'];
      await talanoa(['account', 'create', 'sina', '--role', 'analyst', '--person', ...data]);
      return (await talanoa(['account', 'invite', 'sina', ...data])).stdout.trim();
    };

    const cases = [
      '/',
      '/taxii2/',
      '/main/collections/public/',
      '/api/docs',
      '/docs/reference/permissions',
      '/docs/search?q=feed',
      '/console/sign-in',
      FIRST,
    ].flatMap((path) =>
      (['light', 'dark'] as const).flatMap((scheme) =>
        [1280, 390, 320].map((width) => [path, scheme, width] as const),
      ),
    );
    test.each(cases)(
      '%s, %s, %i px: readable, nothing blocked by its policy, nothing wider than the screen',
      async (path, scheme, width) => {
        const context = await browser.newContext({
          colorScheme: scheme,
          viewport: { width, height: 800 },
          bypassCSP: false,
        });
        const page = await context.newPage();
        const faults = faultsOf(page);
        const answer = await page.goto(path === FIRST ? await firstLink() : `${hub.url}${path}`);
        expect(answer?.status()).toBe(200);
        expect(await page.locator('h1').count()).toBe(1);
        expect(await fits(page)).toBe(true);
        await page.screenshot({
          path: join(pictures, `${path.replaceAll('/', '_')}-${scheme}-${width}.png`),
          fullPage: true,
        });
        expect(faults).toEqual([]);
        expect(await violations(page)).toEqual([]);
        await context.close();
      },
    );

    test('on a phone, the cells of a row have names and begin at the same place', async () => {
      const context = await browser.newContext({ viewport: { width: 320, height: 800 } });
      const page = await context.newPage();
      await page.goto(`${hub.url}/taxii2/`);
      const cells = await page.locator('td').evaluateAll((all) =>
        all.map((cell) => ({
          inner: getComputedStyle(cell).paddingInlineStart,
          name: getComputedStyle(cell, '::before').content,
        })),
      );
      expect(cells.map(({ name }) => name)).toEqual(['"Collection: "', '"Address: "', '"You may: "']);
      expect(new Set(cells.map(({ inner }) => inner)).size).toBe(1);
      await context.close();
    });

    test('a person sets a password and a second factor, signs in, sees their sessions, and signs out', async () => {
      const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
      const page = await context.newPage();
      const faults = faultsOf(page);
      const heading = () => page.locator('h1').textContent();
      await page.goto(await firstLink());
      await page.fill('#password', 'outrigger lagoon breadfruit');
      await page.click('button');
      await page.getByRole('link', { name: 'Sign in' }).click();
      await page.fill('#account', 'Sina');
      await page.fill('#password', 'outrigger lagoon breadfruit');
      await page.click('button');
      // The demo requires no second factor from its staff.
      expect(await heading()).toBe('Overview');
      await page.getByRole('link', { name: 'Account' }).click();
      expect(await heading()).toBe('sina');
      await page.getByRole('link', { name: 'Set up an authenticator app' }).click();
      expect(await heading()).toBe('Set up a second factor');
      await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
      await page.screenshot({ path: join(pictures, '_set-up-light-390.png'), fullPage: true });
      const secret = ((await page.locator('main code').first().textContent()) ?? '').replaceAll(' ', '');
      await page.fill('#code', new TOTP({ secret: Secret.fromBase32(secret) }).generate());
      await page.getByRole('button', { name: 'Turn on second factor' }).click();
      expect(await page.locator('li code').count()).toBe(10);
      await page.getByRole('link', { name: 'Continue to your account' }).click();
      expect(await heading()).toBe('sina');
      expect(await page.locator('table').first().locator('tbody tr').count()).toBe(1);
      await page.screenshot({ path: join(pictures, '_console-light-390.png'), fullPage: true });
      expect(await violations(page)).toEqual([]);
      expect(await fits(page)).toBe(true);
      await page.fill('#present', 'outrigger lagoon breadfruit');
      await page.fill('#next', 'another outrigger lagoon');
      await page.getByRole('button', { name: 'Change the password' }).click();
      expect(await page.locator('[role=status]').textContent()).toBe('Your password was changed.');
      await page.getByRole('button', { name: 'Sign out' }).click();
      expect(await heading()).toBe('Sign in');
      await page.goto(`${hub.url}/console`);
      expect([await heading(), faults]).toEqual(['Sign in', []]);
      await context.close();
    });
  });
}
