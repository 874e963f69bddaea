import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/kernel/clock.ts';
import { ENVELOPE_NUMBERS, type EnvelopeNumbers } from '../../src/sharing/intake/envelope-bounds.ts';
import { tlpMarkingId } from '../../src/stix/markings.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { slowStore } from '../support/slow-store.ts';

const NONE = { items: 1_000_000, bytes: Number.MAX_SAFE_INTEGER };
const statusOf = (body: unknown): string => `/main/status/${String((body as Json)['id'])}/`;
/** One more account of tonga. */
const TWO_OF_TONGA = `${SETTINGS}  - { name: second, role: machine, member: tonga, key_env: KEY_SECOND }\n`;

async function withHub(
  pending: Partial<EnvelopeNumbers['pending']>,
  run: (t: TestHub, open: () => void, inner: Store) => Promise<void>,
  settings = TWO_OF_TONGA,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'talanoa-envelopes-'));
  const inner = await openSqliteStore({ folder, clock: systemClock });
  const { store, open } = slowStore(inner);
  const numbers = { ...ENVELOPE_NUMBERS, pending: { account: NONE, member: NONE, hub: NONE, ...pending } };
  const t = await testHub(settings, { store, patienceMs: 1, envelopeNumbers: numbers });
  try {
    await run(t, open, inner);
  } finally {
    open();
    await t.hub.envelopes.stop();
    await t.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const post = (t: TestHub, who: string) =>
  t.as(who).post(objectsOf(MAIN), { objects: [anIndicator({ object_marking_refs: ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9'] })] }); // prettier-ignore

test('an account with too many pending envelopes is refused until they have their outcome; others are not', async () => {
  await withHub({ account: { ...NONE, items: 2 } }, async (t, open, inner) => {
    for (const who of ['sensor', 'sensor', 'writer']) expect((await post(t, who)).status).toBe(202);
    const refused = await post(t, 'sensor');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('10');
    expect(refused.body).toMatchObject({ error_code: 'TLN-E-429' });
    expect((await inner.envelopeHeads(10)).length).toBe(3);
    open();
    await t.hub.envelopes.stop();
    expect((await post(t, 'sensor')).status).toBe(202);
  });
});

test('envelopes in progress count towards the objects of the day until they have been processed', async () => {
  const run = async (t: TestHub, open: () => void): Promise<void> => {
    expect([(await post(t, 'sensor')).status, (await post(t, 'writer')).status]).toEqual([202, 202]);
    const early = await post(t, 'second');
    expect([early.status, early.headers['retry-after']]).toEqual([429, '10']);
    expect(early.body).toMatchObject({ error_code: 'TLN-Q-432' });
    open();
    await t.hub.envelopes.stop();
    expect((await post(t, 'second')).body).toMatchObject({ error_code: 'TLN-Q-430' });
  };
  await withHub({}, run, `${TWO_OF_TONGA}\nlimits: { objects_per_day: 1 }\n`);
});

test('the size of pending envelopes is limited as well, and so are all accounts of a member and all of the hub', async () => {
  await withHub({ account: { ...NONE, bytes: 10 } }, async (t) => {
    expect([(await post(t, 'sensor')).status, (await post(t, 'sensor')).status]).toEqual([202, 429]);
  });
  await withHub({ member: { ...NONE, items: 1 } }, async (t) => {
    const got = [await post(t, 'sensor'), await post(t, 'second'), await post(t, 'writer')];
    expect(got.map(({ status }) => status)).toEqual([202, 429, 202]);
  });
  await withHub({ hub: { ...NONE, items: 1 } }, async (t) => {
    const got = [await post(t, 'sensor'), await post(t, 'writer')];
    expect(got.map(({ status }) => status)).toEqual([202, 503]);
    expect(got[1]?.headers['retry-after']).toBe('10');
  });
});

test('pending envelopes of a disabled account still count for its member', async () => {
  await withHub({ member: { ...NONE, items: 1 } }, async (t) => {
    const made = await t.api('chief', 'POST', '/keys', { account: 'third', member: 'tonga' });
    const path = '/collections/indicators/objects';
    const objects = [anIndicator({ object_marking_refs: [tlpMarkingId('green')] })];
    const sent = await t.api(String(made.body['secret']), 'POST', path, { objects });
    expect(sent.body['items']).toEqual([expect.objectContaining({ outcome: 'pending' })]);
    expect((await t.api('chief', 'PATCH', '/accounts/third', { disabled: true })).status).toBe(200);
    expect((await post(t, 'sensor')).status).toBe(429);
  });
});

test('pending envelopes of a removed account still count for the member that they were submitted for', async () => {
  await withHub({ member: { ...NONE, items: 1 } }, async (t, open) => {
    const made = await t.api('chief', 'POST', '/keys', { account: 'third', member: 'tonga' });
    const path = '/collections/indicators/objects';
    const objects = [anIndicator({ object_marking_refs: [tlpMarkingId('green')] })];
    await t.api(String(made.body['secret']), 'POST', path, { objects });
    expect((await t.api('chief', 'DELETE', '/accounts/third')).status).toBe(204);
    expect([(await post(t, 'sensor')).status, (await post(t, 'writer')).status]).toEqual([429, 202]);
    open();
    await t.hub.envelopes.stop();
    expect((await post(t, 'sensor')).status).toBe(202);
  });
});

test('simultaneous requests cannot use the same room', async () => {
  await withHub({ account: { ...NONE, items: 3 } }, async (t, _open, inner) => {
    const all = await Promise.all(Array.from({ length: 12 }, () => post(t, 'sensor')));
    expect(all.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(9);
    expect((await inner.envelopeHeads(20)).length).toBeLessThanOrEqual(3);
  });
});

test('the oldest statuses of an account are removed above its limit, and those of others stay', async () => {
  const numbers = { ...ENVELOPE_NUMBERS, receipts: { account: { ...NONE, items: 10 }, hub: NONE } };
  const clock = new TestClock();
  const t = await testHub(SETTINGS, { clock, envelopeNumbers: numbers });
  const send = async (who: string): Promise<string> => {
    clock.advance(1);
    return statusOf((await post(t, who)).body);
  };
  try {
    const other = await send('writer');
    const own: string[] = [];
    for (let i = 0; i < 12; i++) own.push(await send('sensor'));
    const found = await Promise.all(own.map(async (path) => (await t.as('sensor').get(path)).status));
    expect(found).toEqual([404, 404, ...Array.from({ length: 10 }, () => 200)]);
    expect((await t.as('writer').get(other)).status).toBe(200);
  } finally {
    await t.stop();
  }
});

test('above the limit of the hub, a member with several accounts displaces its own statuses and not those of others', async () => {
  const hub = { ...NONE, items: 20 };
  const numbers = { ...ENVELOPE_NUMBERS, receipts: { account: { ...NONE, items: 15 }, hub } };
  const clock = new TestClock();
  const t = await testHub(TWO_OF_TONGA, { clock, envelopeNumbers: numbers });
  const send = async (who: string): Promise<string> => {
    clock.advance(1);
    return statusOf((await post(t, who)).body);
  };
  try {
    const other = await send('writer');
    const [first, last] = [await send('sensor'), []] as [string, string[]];
    for (const who of ['sensor', 'second']) for (let i = 0; i < 14; i++) last.unshift(await send(who));
    expect((await t.as('writer').get(other)).status).toBe(200);
    expect((await t.as('sensor').get(first)).status).toBe(404);
    expect((await t.as('second').get(last[0] ?? '')).status).toBe(200);
    const usage = await t.hub.store.receiptUsage();
    expect(usage.reduce((sum, { items }) => sum + items, 0)).toBeLessThanOrEqual(hub.items + 2);
  } finally {
    await t.stop();
  }
});
