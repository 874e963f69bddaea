import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Path of the Chromium that the browser suite runs. */
export const executable = process.env['TALANOA_CHROMIUM'] ?? '/usr/bin/chromium';
/** Folder for screenshots of pages. */
export const pictures = join(import.meta.dirname, '../../test-results');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts Chromium without any connection of its own. */
export function launched(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

/** Collects errors of a page: of its scripts, its console and its content security policy. */
export function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  return faults;
}

/** True when nothing on the page is wider than the screen. */
export async function fits(page: Page): Promise<boolean> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
  )) as boolean;
}

/**
 * Returns the rules of WCAG 2.2 AA that the page breaks. The debugger runs axe, so the page's content security policy
 * does not apply to it.
 */
export async function violations(page: Page): Promise<readonly string[]> {
  const result = (await page.evaluate(
    `(() => { ${axe}; return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }); })()`,
  )) as { violations: { id: string }[] };
  return result.violations.map(({ id }) => id);
}
