import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { executable, faultsOf, fits, launched, pictured, resized, violations } from '../support/chromium.ts';
import { folder, startHub, talanoa, type RunningHub } from '../support/program.ts';

const PASSWORD = 'outrigger lagoon breadfruit';

// pages.test.ts fails when a browser is required but missing.
(existsSync(executable) ? describe : describe.skip)('passkeys in a real browser', () => {
  const here = folder();
  let hub: RunningHub;
  let browser: Browser;
  /** The address of the hub. Browsers bind passkeys to host names, not to IP addresses. */
  let address: string;
  let people = 0;
  beforeAll(async () => {
    hub = await startHub(['--demo', '--data', here.path], { TALANOA_URL: 'http://localhost:0' });
    address = `http://localhost:${hub.port}`;
    // Another port of the same host is another origin with the same relying party.
    browser = await launched([`--host-resolver-rules=MAP localhost:8443 127.0.0.1:${hub.port}`]);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await hub.stop();
    here.remove();
  });

  let context: BrowserContext;
  let page: Page;
  let faults: string[];
  let device: CDPSession;
  let authenticator: string;
  let name: string;
  /** A new person with a password, in a browser with an authenticator of its own. */
  beforeEach(async () => {
    name = `sina-${++people}`;
    const data = ['--data', join(here.path, 'demo'), '--quiet'];
    await talanoa(['account', 'create', name, '--role', 'analyst', '--person', ...data]);
    const link = (await talanoa(['account', 'invite', name, ...data])).stdout.trim();
    expect(link).toContain(`${address}/first/`);
    context = await browser.newContext();
    page = await context.newPage();
    faults = faultsOf(page);
    device = await context.newCDPSession(page);
    await device.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const; // prettier-ignore
    authenticator = (await device.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
    await page.goto(link);
    await page.fill('#password', PASSWORD);
    await page.click('button');
  }, 60_000);
  afterEach(() => context.close());

  const heading = (): Promise<string | null> => page.locator('h1').textContent();
  const press = (button: string): Promise<void> => page.getByRole('button', { name: button }).click();
  const credentials = async () =>
    (await device.send('WebAuthn.getCredentials', { authenticatorId: authenticator })).credentials;
  async function signIn(at = address): Promise<void> {
    await page.goto(`${at}/console/sign-in`);
    await page.fill('#account', name);
    await page.fill('#password', PASSWORD);
    await press('Sign in');
    await page.getByRole('heading', { name: /Overview|Confirm your identity/ }).waitFor();
    if ((await heading()) === 'Overview') await page.goto(`${at}/console/account`);
  }
  async function createPasskey(): Promise<void> {
    await signIn();
    await page.getByRole('link', { name: 'Set up a passkey' }).click();
    await press('Add a passkey');
    await page.getByRole('heading', { name: 'Your passkey was added' }).waitFor();
  }
  /** Checks the current page in both themes on a desktop and on a phone, and takes pictures if they are wanted. */
  async function look(picture: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 390]) {
        await resized(page, width);
        const shown = `passkey-${picture}-${colorScheme}-${width}`;
        await pictured(page, shown);
        const seen = { shown, fits: await fits(page), violations: await violations(page) };
        expect(seen).toEqual({ shown, fits: true, violations: [] });
      }
    }
    await resized(page, 320);
    expect([picture, await fits(page)]).toEqual([picture, true]);
  }

  test('a person adds a passkey, signs in with password and passkey, and removes it', async () => {
    await signIn();
    expect(await heading()).toBe(name);
    await page.getByRole('link', { name: 'Set up a passkey' }).click();
    await look('set-up');
    await press('Add a passkey');
    await page.getByRole('heading', { name: 'Your passkey was added' }).waitFor();
    expect(await page.locator('li code').count()).toBe(10);
    await look('codes');
    expect(await credentials()).toMatchObject([{ rpId: 'localhost' }]);
    await page.getByRole('link', { name: 'Continue to your account' }).click();
    expect(await page.locator('#second-factor').textContent()).toContain('Passkey of Chrome');
    await look('account');
    await press('Sign out');

    await signIn();
    expect(await heading()).toBe('Confirm your identity');
    await look('second-step');
    await press('Use a passkey');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.goto(`${address}/console/account`);
    expect(await page.locator('table').first().textContent()).toContain('password and passkey');
    await press('Remove the passkey');
    await page.getByText('Passkey of Chrome').waitFor({ state: 'detached' });
    await press('Sign out');

    await signIn();
    expect(await heading()).toBe(name);
    expect(faults).toEqual([]);
  }, 120_000);

  test('a passkey does not work at another origin, whether the browser or the hub has to refuse it', async () => {
    await createPasskey();
    const [before] = await credentials();
    // The host name is another one. The browser does not sign.
    await signIn(`http://other.localhost:${hub.port}`);
    await press('Use a passkey');
    await page.getByText('The passkey was not used').waitFor();
    expect((await credentials())[0]?.signCount).toBe(before?.signCount);
    // The host name is the same, and the port is another one. The browser signs, and the hub refuses.
    await signIn('http://localhost:8443');
    await press('Use a passkey');
    await page.getByText('The hub did not accept the passkey').waitFor();
    expect((await credentials())[0]?.signCount).toBeGreaterThan(before?.signCount ?? 0);
    expect(await heading()).toBe('Confirm your identity');
    await look('refused');
    await page.goto('http://localhost:8443/console');
    expect(await heading()).toBe('Confirm your identity');
    // At the address of the hub it works.
    await signIn();
    await press('Use a passkey');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  }, 120_000);

  test('a passkey is not added from another origin, and the page reports it', async () => {
    await signIn('http://localhost:8443');
    await page.getByRole('link', { name: 'Set up a passkey' }).click();
    await press('Add a passkey');
    await page.getByText('The hub did not accept the passkey').waitFor();
    expect(await heading()).toBe('Set up a second factor');
    await page.goto('http://localhost:8443/console/account');
    expect(await page.locator('#second-factor').textContent()).not.toContain('Passkey of');
  }, 60_000);

  test('a device without the passkey gets the advice to use a code', async () => {
    await createPasskey();
    await device.send('WebAuthn.clearCredentials', { authenticatorId: authenticator });
    await signIn();
    await press('Use a passkey');
    await page.getByText('The passkey was not used').waitFor();
    expect(await heading()).toBe('Confirm your identity');
  }, 60_000);
});
