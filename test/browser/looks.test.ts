import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import {
  BY_DAY,
  BY_NIGHT,
  executable,
  faultsOf,
  fits,
  FORCED,
  pictured,
  resized,
  violations,
} from '../support/chromium.ts';
import { consoleInBrowser, type ConsoleInBrowser } from '../support/console-browser.ts';

/** A report with a value that is not chosen at first. */
const REPORT = 'The link hxxps://pay-lagoon[.]com/login leads to 203.0.114[.]61. Do not block 8.8.8.8.';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('the pages of the console in a real browser', () => {
  let shown: ConsoleInBrowser;
  beforeAll(async () => {
    shown = await consoleInBrowser();
  }, 60_000);
  afterAll(() => shown.close());

  const PATHS = ['/keys/create', '', '/channels', '/collections', '/collections/pacson', '/collections/pacson/connect', '/collections/pacson/readers', '/feeds/add', '/feeds/demo-urls', '/feeds/demo-urls/quarantine', '/search?q=evil', '/search?q=0.0.0.0%2F0', '/search?q=0.0.0.0%2F0&state=valid&type=indicator', '/search?q=0.0.0.0%2F0&state=revoked', '/search/many', '/extract', 'EXTRACTED', '/components', '/account', '/red', '/review', '/members', '/members/tonga', '/contacts', '/contacts/new', 'CONTACT', 'CONTACT/edit', '/exercises', 'EXERCISE', '/feeds', '/deliveries', '/keys', '/audit?verify=yes', 'OBJECT', 'OBJECT/revise', 'OBJECT/revoke', 'OBJECT/ask', 'OBJECT/why?member=tonga', '/accounts', '/accounts/sina', '/invitations/new', '/health', '/settings', '/o/none']; // prettier-ignore
  test.each(PATHS)(
    '%s: readable by day, by night and with forced colours, without sideways scroll',
    async (path) => {
      const address = path.startsWith('OBJECT')
        ? shown.object + path.slice('OBJECT'.length)
        : `/console${path
            .replace('EXTRACTED', '/extract')
            .replace('EXERCISE', '/exercises/new')
            .replace(/^CONTACT.*/, '/contacts')}`;
      let faults: readonly string[] = [];
      const page = await shown.open(address, BY_DAY, (watched) => (faults = faultsOf(watched)));
      if (path === 'EXTRACTED') {
        await page.fill(
          '#text',
          `${REPORT}\nSee ${'long'.repeat(50)}.example/x, https://evil.com/${'path'.repeat(60)}.`,
        );
        await page.getByRole('button', { name: 'Find values' }).click();
        await page.locator('mark').first().waitFor();
      }
      if (path === 'EXERCISE') {
        await page.fill('#title', 'Night exercise');
        await page.getByRole('button', { name: 'Start an exercise' }).click();
        await page.getByText('Not reached yet').first().waitFor();
      }
      if (path.startsWith('CONTACT')) {
        await page.getByRole('link', { name: 'Duty desk' }).first().click();
        if (path.endsWith('/edit')) await page.getByRole('link', { name: 'Change the contact' }).click();
        await page.getByText('Time zone').first().waitFor();
      }
      for (const look of [BY_DAY, BY_NIGHT, FORCED]) {
        await page.emulateMedia(look);
        for (const width of [1280, 390, 320]) {
          await resized(page, width);
          const name = `_console-${path.replaceAll(/[^a-z]+/gi, '-')}-${look.colorScheme}-${look.forcedColors}-${width}`;
          await pictured(page, name);
          // The layout has two forms, and the rules about colours depend on neither.
          const broken = width === 390 || look === BY_DAY ? await violations(page) : [];
          // A browser reports pages that refuse the request (403, 404) as errors.
          const found = faults.filter((text) => !/status of 40[34]/.test(text));
          expect([name, await fits(page), broken, found]).toEqual([name, true, [], []]);
        }
      }
      await page.context().close();
    },
    120_000,
  );
});
