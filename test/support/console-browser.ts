import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launched, signedInPerson } from './chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from './program.ts';

/** The console of the demo in a browser, in which an administrator has signed in. */
export interface ConsoleInBrowser {
  readonly hub: RunningHub;
  /** The address of the page of an object that a member has published in the demo. */
  readonly object: string;
  /** Opens a new page in a new context. Its caller closes the context. `watch` sees the page before it loads. */
  open(path: string, options: BrowserContextOptions, watch?: (page: Page) => void): Promise<Page>;
  close(): Promise<void>;
}

/** Starts hub and browser, and signs in. */
export async function consoleInBrowser(): Promise<ConsoleInBrowser> {
  const here = folder();
  const hub = await startHub(['--demo', '--data', here.path]);
  const browser: Browser = await launched();
  const data = ['--data', join(here.path, 'demo'), '--quiet'];
  await talanoa(['account', 'create', 'sina', '--role', 'administrator', '--person', ...data]);
  await talanoa(['collection', 'grant', 'pacson', 'account:sina', '--read', '--write', ...data]);
  const { context, page } = await signedInPerson(browser, hub, 'sina', data);
  const cookies = await context.cookies();
  const link = page.locator('tbody a[href^="/console/o/"]').first();
  const object = (await link.getAttribute('href')) ?? '';
  await context.close();
  return {
    hub,
    object,
    open: async (path, options, watch) => {
      const own = await browser.newContext(options);
      await own.addCookies(cookies);
      const opened = await own.newPage();
      watch?.(opened);
      await opened.goto(`${hub.url}${path}`);
      return opened;
    },
    close: async () => {
      await browser.close();
      await hub.stop();
      here.remove();
    },
  };
}
