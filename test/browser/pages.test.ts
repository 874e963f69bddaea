import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import type { Browser } from 'playwright-core';
import {
  BY_DAY,
  BY_NIGHT,
  executable,
  faultsOf,
  fits,
  launched,
  pictured,
  resized,
  violations,
} from '../support/chromium.ts';
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

    test.each([
      '/',
      '/taxii2/',
      '/main/collections/public/',
      '/api/docs',
      '/docs/reference/permissions',
      '/docs/search?q=feed',
      '/console/sign-in',
      FIRST,
    ])(
      '%s: readable by day and by night, nothing blocked by its policy, nothing wider than the screen',
      async (path) => {
        const context = await browser.newContext({ bypassCSP: false });
        const page = await context.newPage();
        const faults = faultsOf(page);
        const answer = await page.goto(path === FIRST ? await firstLink() : `${hub.url}${path}`);
        expect(answer?.status()).toBe(200);
        expect(await page.locator('h1').count()).toBe(1);
        for (const look of [BY_DAY, BY_NIGHT]) {
          await page.emulateMedia(look);
          for (const width of [1280, 390, 320]) {
            await resized(page, width);
            const name = `${path.replaceAll('/', '_')}-${look.colorScheme}-${width}`;
            await pictured(page, name);
            const seen = [name, await fits(page), await violations(page), faults];
            expect(seen).toEqual([name, true, [], []]);
          }
        }
        await context.close();
      },
      120_000,
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
      await pictured(page, '_set-up-light-390');
      const secret = ((await page.locator('main code').first().textContent()) ?? '').replaceAll(' ', '');
      await page.fill('#code', new TOTP({ secret: Secret.fromBase32(secret) }).generate());
      await page.getByRole('button', { name: 'Turn on second factor' }).click();
      expect(await page.locator('li code').count()).toBe(10);
      await page.getByRole('link', { name: 'Continue to your account' }).click();
      expect(await heading()).toBe('sina');
      expect(await page.locator('table').first().locator('tbody tr').count()).toBe(1);
      await pictured(page, '_console-light-390');
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
