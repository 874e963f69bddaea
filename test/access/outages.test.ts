import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { EmailService, type EmailServices } from '../../src/access/accounts/email-service.ts';
import type { Letter } from '../../src/access/accounts/email-texts.ts';
import { Notifications, type NotificationOutlet } from '../../src/access/accounts/notifications.ts';
import { Provider } from '../../src/access/oidc/provider.ts';
import type { HttpClient } from '../../src/kernel/http-client.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { TestClock } from '../support/clock.ts';

/** The cost of anonymous visitors while something that sign-ins depend on is slow or down. */

function resolvable<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return {
    promise,
    resolve: (value) => {
      settle(value);
    },
  };
}

describe('the sign-in provider', () => {
  const ISSUER = 'https://id.example';
  const METADATA = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    jwks_uri: `${ISSUER}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  /** A provider whose responses the test controls. */
  function provider(answer: () => Promise<Readable>) {
    const clock = new TestClock();
    let asked = 0;
    const http = {
      fetch: async ({ url }: { url: string }) => {
        asked++;
        return { status: 200, headers: { 'content-type': 'application/json' }, body: await answer(), url };
      },
    } as unknown as HttpClient;
    const setting = { issuer: ISSUER, clientId: 'hub', clientSecret: undefined, title: 'ID', secondFactor: { acr: [], amr: [] } }; // prettier-ignore
    const one = new Provider(setting, http, clock);
    return { clock, begin: () => one.begin('https://hub.example/callback', false), asked: () => asked };
  }
  const metadata = () => Readable.from([Buffer.from(JSON.stringify(METADATA))]);
  const DOWN = { kind: 'unavailable' };

  test('is asked once by all visitors who wait for it', async () => {
    const { promise, resolve } = resolvable<Readable>();
    const { begin, asked } = provider(() => promise);
    const visits = Array.from({ length: 50 }, () => begin());
    resolve(metadata());
    for (const { url } of await Promise.all(visits)) expect(url).toContain(`${ISSUER}/authorize?`);
    expect(asked()).toBe(1);
  });

  test('is not asked again for five seconds after a failure', async () => {
    let isUp = false;
    const { begin, asked, clock } = provider(() =>
      isUp ? Promise.resolve(metadata()) : Promise.reject(new Error('no connection')),
    );
    const visits = await Promise.allSettled(Array.from({ length: 50 }, () => begin()));
    expect(visits.filter(({ status }) => status === 'rejected')).toHaveLength(50);
    isUp = true;
    clock.advance(4_999);
    await expect(begin()).rejects.toMatchObject(DOWN);
    expect(asked()).toBe(1);
    clock.advance(1);
    await expect(begin()).resolves.toBeDefined();
    expect(asked()).toBe(2);
  });

  test('has ten seconds for its whole response', async () => {
    const { promise, resolve } = resolvable<undefined>();
    const { begin, clock } = provider(() => {
      resolve(undefined);
      return Promise.resolve(
        new Readable({
          read() {
            // It never ends.
          },
        }),
      );
    });
    const visit = expect(begin()).rejects.toMatchObject({ ...DOWN, description: 'it answers too slowly' });
    await promise;
    await new Promise((turn) => setImmediate(turn));
    clock.advance(10_000);
    await visit;
  });
});

test('requests to reset passwords do not take the place of security notices, and are bounded', async () => {
  const outlets: NotificationOutlet[] = [];
  const sent: Letter[] = [];
  const logged: string[] = [];
  const email = new EmailService({
    // The lookups of these requests never end.
    directory: { current: () => new Promise(() => undefined) },
    notifications: { addOutlet: (outlet: NotificationOutlet) => outlets.push(outlet) },
    throttle: { wrong: () => ({ kind: 'not-found' }) },
    log: createLog('debug', { write: (line) => logged.push(line) }),
    send: (letter: Letter) => Promise.resolve(void sent.push(letter)),
    hub: { title: 'Hub', url: () => 'https://hub.example' },
  } as unknown as EmailServices);
  for (let i = 0; i < 300; i++) email.requestReset('nobody', { address: '203.0.113.1', agent: '' });
  const notice = { id: 'n', at: '2026-01-15T12:00:00.000Z', event: 'account.reset', text: 'It was reset.' } as const; // prettier-ignore
  for (const outlet of outlets) void outlet('acc-1', notice, 'moana@cert.example');
  // The queue starts its work in a later turn.
  await new Promise((turn) => setImmediate(turn));
  expect(sent.map(({ to }) => to)).toEqual([['moana@cert.example']]);
  expect(logged.filter((line) => line.includes('email.dropped'))).toHaveLength(199);
});

test('notices that others cause do not take the place of security notices, and are sent once an hour', async () => {
  const sent: Letter[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-notices-'));
  const clock = new TestClock();
  const store = await openSqliteStore({ folder, clock });
  const log = createLog('debug', { write: () => undefined });
  const notifications = new Notifications(store, clock, systemIds, log, {
    readBy: async () => () => true,
    isKeptFrom: async () => false,
  });
  const { promise: opened, resolve: open } = resolvable<undefined>();
  const email = new EmailService({
    directory: { current: () => opened.then(() => ({ accounts: new Map([['acc-1', { email: 'moana@cert.example', emailVerified: true }]]) })) }, // prettier-ignore
    notifications,
    clock,
    log,
    send: (letter: Letter) => Promise.resolve(void sent.push(letter)),
    hub: { title: 'Hub', url: () => 'https://hub.example' },
  } as unknown as EmailServices);
  try {
    for (let i = 0; i < 300; i++) await notifications.notify('acc-1', 'red.given');
    await notifications.prepare('acc-1', 'account.reset', { by: 'chief' }, 'former@cert.example').send();
    await new Promise((turn) => setImmediate(turn));
    expect(sent.map(({ to }) => to)).toEqual([['former@cert.example']]);
    open(undefined);
    await email.idle();
    const notices = sent.filter(({ to }) => to[0] === 'moana@cert.example');
    expect(notices.map(({ subject }) => subject)).toEqual(['[Hub] Notice for your account']);
    expect(notices[0]?.text).not.toMatch(/If this was not you|password/);
    clock.advance(3_600_000);
    await notifications.notify('acc-1', 'red.given');
    await email.idle();
    expect(sent.filter(({ to }) => to[0] === 'moana@cert.example')).toHaveLength(2);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
