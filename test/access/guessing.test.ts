import { afterEach, beforeEach, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { TestClock } from '../support/clock.ts';
import { oldHash } from '../support/old-hash.ts';
import { keyOf, SETTINGS, testHub, type TestHub } from '../support/hub.ts';

/** Password guessing as a hub sees it: who is throttled, who is not, and where it is reported. */

const PASSWORD = 'a long sentence with blue parrots';
let clock: TestClock;
let t: TestHub;

beforeEach(async () => {
  clock = new TestClock();
  t = await testHub(`${SETTINGS}\nlimits: { trusted_proxies: [127.0.0.1] }\n`, { clock });
  await t.api('chief', 'POST', '/accounts', { name: 'moana', role: 'officer', member: 'tonga', person: true, password: PASSWORD }); // prettier-ignore
});
afterEach(async () => {
  await t.stop();
});

/** Returns the audit entries about failed sign-ins. */
async function failures(): Promise<readonly { resource: string; details: unknown }[]> {
  await t.hub.housekeeping.tidy();
  const { items } = (await t.api('chief', 'GET', '/audit?order=oldest')).body as {
    items: { fact: { action: string; resource: string; details: unknown } }[];
  };
  return items
    .filter(({ fact: { action } }) => action === 'account.sign_in_failed')
    .map(({ fact: { resource, details } }) => ({ resource, details }));
}

interface Answer {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly retryAfter: string | undefined;
}

async function signIn(address: string, password: string, cookie = ''): Promise<Answer> {
  const answer = await supertest(t.hub.app)
    .post('/console/sign-in')
    .set({ 'Sec-Fetch-Site': 'same-origin', 'X-Forwarded-For': address, Cookie: cookie })
    .type('form')
    .redirects(0)
    .send({ account: 'moana', password });
  const headers = answer.headers as unknown as Record<string, string | string[] | undefined>;
  return {
    status: answer.status,
    cookies: [headers['set-cookie'] ?? []].flat().map((one) => one.split(';')[0] ?? ''),
    retryAfter: headers['retry-after'] as string | undefined,
  };
}

async function basic(address: string, password: string): Promise<number> {
  const answer = await supertest(t.hub.app)
    .get('/api/v1/whoami')
    .set({ Authorization: `Basic ${btoa(`moana:${password}`)}`, 'X-Forwarded-For': address });
  return answer.status;
}

test('guesses from many addresses block new places, but never a network or device that has signed in before', async () => {
  const home = await signIn('203.0.113.1', PASSWORD);
  const device = home.cookies.find((one) => one.startsWith('__Host-talanoa-device='));
  expect([home.status, typeof device]).toEqual([303, 'string']);
  for (let i = 0; i < 10; i++) expect((await signIn(`198.51.100.${i}`, 'no')).status).toBe(401);

  const elsewhere = await signIn('192.0.2.7', PASSWORD);
  expect([elsewhere.status, elsewhere.retryAfter]).toEqual([429, '1']);
  // All interfaces that accept the password share the counters of the account.
  expect(await basic('192.0.2.8', PASSWORD)).toBe(429);
  expect((await signIn('203.0.113.1', PASSWORD)).status).toBe(303);
  expect((await signIn('192.0.2.9', PASSWORD, device)).status).toBe(303);
  expect((await signIn('192.0.2.10', PASSWORD, `${device ?? ''}x`)).status).toBe(429);
});

test('a device stays known when the password, which an earlier version hashed, is hashed anew', async () => {
  const { cookies } = await signIn('203.0.113.1', PASSWORD);
  const device = cookies.find((one) => one.startsWith('__Host-talanoa-device='));
  const record = await t.hub.store.record('account', 'moana');
  const document = { ...record?.document, password_hash: oldHash(PASSWORD) };
  await t.hub.store.commit({
    records: [{ kind: 'account', id: 'moana', expected: record?.revision ?? 0, document }],
  });
  await t.hub.directory.refresh();
  clock.advance(60_001);
  expect((await signIn('203.0.113.1', PASSWORD)).status).toBe(303);
  expect((await t.hub.store.record('account', 'moana'))?.document['password_hash']).toMatch(/^\$argon2id/);
  for (let i = 0; i < 10; i++) expect((await signIn(`198.51.100.${i}`, 'no')).status).toBe(401);
  expect((await signIn('192.0.2.9', PASSWORD, device)).status).toBe(303);
});

test('a valid key keeps working while its account is guessed at, and from an address that guesses', async () => {
  const key = await t.api('chief', 'POST', '/keys', { account: 'reader' });
  const wrong = (): Promise<{ status: number }> =>
    supertest(t.hub.app)
      .get('/api/v1/whoami')
      .set({ Authorization: `Basic ${btoa('reader:no')}`, 'X-Forwarded-For': '198.51.100.1' });
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push((await wrong()).status);
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  for (const header of [
    `Bearer ${String(key.body['secret'])}`,
    `Basic ${btoa(`reader:${String(key.body['secret'])}`)}`,
  ]) {
    const right = await supertest(t.hub.app)
      .get('/api/v1/whoami')
      .set({ Authorization: header, 'X-Forwarded-For': '198.51.100.1' });
    expect(right.status).toBe(200);
  }
});

test('failures are in the log, in the metrics and, by account, network and minute, in the audit log, and the account is alerted', async () => {
  for (let i = 0; i < 12; i++) await signIn('198.51.100.4', 'no');
  await basic('198.51.100.5', 'no');
  const audit = await failures();
  const logged = t.logged.join('');
  expect(logged).toMatch(
    /"account":"moana","address":"198.51.100.4","way":"console","event":"sign_in.failed"/,
  );
  expect(logged).toMatch(/"account":"moana".*"event":"sign_in.throttled"/);
  const metrics = await supertest(t.hub.app)
    .get('/metrics')
    .set('Authorization', `Bearer ${keyOf('chief')}`);
  expect(metrics.text).toContain('talanoa_sign_in_failures_total{way="console",reason="wrong"} 10');
  expect(metrics.text).toContain('talanoa_sign_in_failures_total{way="console",reason="throttled"} 2');
  expect(audit).toEqual([
    {
      resource: 'account/moana',
      details: { network: '198.51.100.4', way: 'console', wrong: 10, throttled: 2 },
    },
    { resource: 'account/moana', details: { network: '198.51.100.5', way: 'basic', wrong: 0, throttled: 1 } },
  ]);
});

test('a flood of invented names causes a limited number of audit entries', async () => {
  for (let i = 0; i < 40; i++)
    await supertest(t.hub.app)
      .get('/api/v1/whoami')
      .set({ Authorization: 'Bearer tln_wrong', 'X-Forwarded-For': `198.51.${i}.1` });
  const failed = await failures();
  expect(failed).toHaveLength(21);
  expect(failed.at(-1)).toMatchObject({ resource: 'account/several', details: { wrong: 20 } });
});
