import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { talanoa, type RunningHub } from './program.ts';

/** Path of the Chromium that the browser suite runs. */
export const executable = process.env['TALANOA_CHROMIUM'] ?? '/usr/bin/chromium';
/** Folder for screenshots of pages. Without it none are taken: no test looks at them, and a long page takes seconds. */
const pictures = process.env['TALANOA_PICTURES'] ?? '';

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

/** How a person sets up the screen, apart from its width. */
export type Look = Required<Pick<BrowserContextOptions, 'colorScheme' | 'forcedColors'>>;
export const BY_DAY = { colorScheme: 'light', forcedColors: 'none' } as const satisfies Look;
export const BY_NIGHT = { colorScheme: 'dark', forcedColors: 'none' } as const satisfies Look;
export const FORCED = { colorScheme: 'dark', forcedColors: 'active' } as const satisfies Look;

/** Takes a screenshot of the whole page, for people who want to see what the tests see. */
export async function pictured(page: Page, name: string): Promise<void> {
  if (pictures === '') return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/**
 * Changes the width of the screen of an open page, and waits until the page is drawn. The styles of the hub ask for
 * width and colours, its scripts do not, so the page does not have to be loaded again.
 */
export async function resized(page: Page, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  // The first frame after the change may still be the one before it.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** True when nothing on the page is wider than the screen. */
export async function fits(page: Page): Promise<boolean> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
  )) as boolean;
}

/**
 * Returns the rules of WCAG 2.2 AA that the page breaks. The debugger runs axe, so the page's content security policy
 * does not apply to it. Only the names of the rules leave the browser: the report about all elements of a page is large.
 */
export async function violations(page: Page): Promise<readonly string[]> {
  // A document keeps axe until the page is left.
  if (!(await page.evaluate('typeof globalThis.axe?.run === "function"')))
    await page.evaluate(`(() => { ${axe} })()`);
  return (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })
      .then(({ violations }) => violations.map(({ id }) => id))`,
  )) as string[];
}

/**
 * Signs a person in with the first-time sign-in link. The password is chosen on the way.
 *
 * @param flags Flags of the commands, such as the data folder of the hub.
 * @returns The open page after signing in, and its context, which the caller closes.
 */
export async function signedInPerson(
  browser: Browser,
  hub: Pick<RunningHub, 'url'>,
  account: string,
  flags: readonly string[],
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const password = 'seven green turtles swim';
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto((await talanoa(['account', 'invite', account, ...flags])).stdout.trim());
  await page.fill('#password', password);
  await page.click('button');
  await page.goto(`${hub.url}/console/sign-in`);
  await page.fill('#account', account);
  await page.fill('#password', password);
  await page.click('button');
  return { context, page };
}
