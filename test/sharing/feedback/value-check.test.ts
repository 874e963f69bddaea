import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anIndicator, type Json } from '../../support/builders.ts';
import { TestClock } from '../../support/clock.ts';
import { HIDDEN, MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../../support/hub.ts';

let t: TestHub;
beforeAll(async () => {
  const secret = '{ to: "account:writer", read: true, write: true }';
  const settings = SETTINGS.replace(
    '[{ to: "role:administrator", read: true }]',
    `[{ to: "role:administrator", read: true }, ${secret}]`,
  );
  t = await testHub(settings, { clock: new TestClock('2026-11-29T12:00:00Z') });
});
afterAll(async () => {
  await t.stop();
});

const about = (pattern: string, over: Json = {}): Json =>
  anIndicator({ pattern, valid_from: '2026-11-01T00:00:00Z', valid_until: '2027-06-01T00:00:00Z', ...over });
const put = async (collection: string, ...objects: Json[]): Promise<void> => {
  const { body } = await t.as('writer').post(objectsOf(collection), { objects });
  expect(body).toMatchObject({ success_count: objects.length });
};
const check = async (who: string, ...values: string[]): Promise<Json[]> => {
  const { status, body } = await t.api(who, 'POST', '/values/check', { values });
  expect(status).toBe(200);
  return body['items'] as Json[];
};
const verdicts = async (who: string, ...values: string[]): Promise<unknown[]> =>
  (await check(who, ...values)).map(({ verdict }) => verdict);

test('each pasted value has a verdict of its own, in the order of the values', async () => {
  const known = about("[ipv4-addr:value = '45.9.20.1']", { confidence: 70 });
  await put(
    MAIN,
    known,
    about("[domain-name:value = 'old.reef-bank.com']", { valid_until: '2026-11-02T00:00:00Z' }),
    about("[url:value = 'http://gone.reef-bank.com/a']", { revoked: true }),
    about("[ipv4-addr:value = '45.9.21.0/24']"),
    about("[domain-name:value = 'atoll-bank.com']"),
  );
  const [first, ...rest] = await check(
    'reader',
    '45[.]9.20.1',
    'old.reef-bank.com',
    'hxxp://gone.reef-bank[.]com/a',
    'nothing.lagoon-bank.com',
    'not-a-value,,',
  );
  expect(first).toMatchObject({
    input: '45[.]9.20.1',
    type: 'ipv4',
    value: '45.9.20.1',
    verdict: 'active',
    found: { object: known['id'], state: 'active', confidence: 70, sources: 1 },
  });
  expect(first?.['found']).not.toHaveProperty('through');
  expect(rest.map(({ verdict }) => verdict)).toEqual(['expired', 'withdrawn', 'unknown', 'invalid']);
  expect(rest.at(-1)).toEqual({ input: 'not-a-value,,', verdict: 'invalid' });
});

test('a value is known through the network, the domain or the host around it', async () => {
  const through = (await check('reader', '45.9.21.7', 'login.atoll-bank.com', 'https://www.atoll-bank.com/x', 'a@atoll-bank.com', '45.9.22.7', 'not-atoll-bank.com')).map(
    ({ verdict, found }) => [verdict, (found as Json | undefined)?.['through']],
  ); // prettier-ignore
  expect(through).toEqual([
    ['active', '45.9.21.0/24'],
    ['active', 'atoll-bank.com'],
    ['active', 'atoll-bank.com'],
    ['active', 'atoll-bank.com'],
    ['unknown', undefined],
    ['unknown', undefined],
  ]);
});

test('a value in a collection that the caller cannot read is not known to them', async () => {
  const secret = about("[ipv4-addr:value = '45.9.23.9']");
  await put(HIDDEN, secret);
  expect(await verdicts('writer', '45.9.23.9')).toEqual(['active']);
  const there = await check('reader', '45.9.23.9');
  const nowhere = await check('reader', '45.9.23.10');
  expect(there[0]).toEqual({ input: '45.9.23.9', type: 'ipv4', value: '45.9.23.9', verdict: 'unknown' });
  expect(Object.keys(there[0] ?? {})).toEqual(Object.keys(nowhere[0] ?? {}));
});

test('only readers of a value learn that it is suppressed', async () => {
  await put(HIDDEN, about("[ipv4-addr:value = '45.9.24.1']"));
  const made = await t.api('analyst', 'POST', '/suppressions', { values: ['45.9.20.1', '45.9.24.1'], reason: 'a resolver' }); // prettier-ignore
  expect(made.status).toBe(201);
  expect(await verdicts('reader', '45.9.20.1', '45.9.24.1')).toEqual(['suppressed', 'unknown']);
});

test('a member learns of its own networks and domains, and not of those of a member that it cannot see', async () => {
  const [own] = await check('sensor', '198.51.100.9');
  expect(own).toMatchObject({ verdict: 'own-network', owners: [{ member: 'tonga' }] });
  const [foreign] = await check('reader', '198.51.100.9');
  expect(foreign).toMatchObject({ verdict: 'unknown' });
  expect(foreign).not.toHaveProperty('owners');
});

test('the ledger records in which collections a caller looked, and a request has a bounded number of values', async () => {
  const many = Array.from({ length: 1_001 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  expect((await t.api('reader', 'POST', '/values/check', { values: many })).status).toBe(422);
  expect((await t.api('reader', 'POST', '/values/check', { values: many.slice(1) })).status).toBe(200);
  expect((await t.api('reader', 'POST', '/values/check', { values: [] })).status).toBe(422);
});

test('a thousand addresses and domains are checked, and values with too many networks around them are refused', async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `www.n${i}.lagoon-bank.com`);
  const addresses = Array.from({ length: 1_000 }, (_, i) => `${11 + (i % 110)}.${i % 251}.${(i * 7) % 253}.${i % 100}`);
  for (const values of [names, addresses]) expect(await check('reader', ...values)).toHaveLength(1_000);
  const wide = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `2a0${i % 10}:${(i + 4096).toString(16)}:${i}:1::${(i * 31).toString(16)}`);
  expect(await check('reader', ...wide(200))).toHaveLength(200);
  const { status, body } = await t.api('reader', 'POST', '/values/check', { values: wide(1_000) });
  expect([status, body['code']]).toEqual([422, 'TLN-X-427']);
  expect(String(body['hint'])).toContain('200 are always possible');
}); // prettier-ignore
