import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOTIFICATIONS } from '../../src/access/accounts/notifications.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { ACKNOWLEDGEMENT_REQUESTS } from '../../src/sharing/deliveries/model.ts';
import { moveFormerKinds } from '../../src/store/former-kinds.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { testHub, type TestHub } from '../support/hub.ts';

const SETTINGS = `
api_roots: [{ path: main, title: Main }]
collections:
  - { id: 11111111-1111-4111-8111-111111111111, api_root: main, alias: indicators, title: Indicators, max_tlp: green }
accounts:
  - { name: chief, role: analyst, key_env: KEY_CHIEF }
`;
const FORMER = 'answer-demand';
const folder = mkdtempSync(join(tmpdir(), 'talanoa-former-'));
let store: Store;
let t: TestHub;

const id = (i: number): string => `indicator--00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
const document = (i: number) => ({ object: id(i), due: 1_000 + i, by: 'chief', at: '2026-11-28T00:00:00Z' });

beforeAll(async () => {
  store = await openSqliteStore({ folder, clock: systemClock });
  // More than one page of records.
  for (let i = 0; i < 250; i++)
    await store.commit({
      records: [
        {
          kind: FORMER,
          id: id(i),
          expected: 0,
          document: document(i),
          index: { object: id(i), state: i === 7 ? 'reminded' : 'open' },
        },
      ],
    });
  await store.commit({
    held: [
      {
        id: '22222222-2222-4222-8222-222222222222',
        collection: '11111111-1111-4111-8111-111111111111',
        text: '{}',
        objectId: id(1),
        version: '2026-11-28T00:00:00Z',
        reason: 'foreign-owner',
        message: 'the id belongs to another owner in this collection',
        waitsFor: [],
        submitter: 'feed:reef',
        owner: 'hub',
        at: 1,
      },
    ],
  });
  t = await testHub(SETTINGS, { store });
});
afterAll(async () => {
  await t.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a hub finds the acknowledgement requests that earlier versions stored under another kind', async () => {
  const requests = ACKNOWLEDGEMENT_REQUESTS.in(store);
  expect((await requests.get(id(3)))?.document).toEqual(document(3));
  expect(await requests.by('state', 'open', { limit: 1_000 })).toHaveLength(249);
  expect(await requests.by('object', id(7))).toHaveLength(1);
  expect(await store.records(FORMER, { limit: 10 })).toEqual([]);
});

test('a record that another process moves at the same time is moved once', async () => {
  const change = { id: 'x', expected: 0, document: document(999), index: {} };
  await store.commit({ records: [{ kind: FORMER, ...change }] });
  const kinds = [ACKNOWLEDGEMENT_REQUESTS];
  let others = 0;
  const slow = {
    records: store.records.bind(store),
    commit: store.commit.bind(store),
    record: async (...of: Parameters<Store['record']>) => {
      const found = await store.record(...of);
      others += await moveFormerKinds(store, kinds);
      return found;
    },
  };
  expect(await moveFormerKinds(slow, kinds)).toBe(0);
  expect(others).toBe(1);
  expect((await ACKNOWLEDGEMENT_REQUESTS.in(store).get('x'))?.document).toEqual(document(999));
});

test('a record that exists under its present name is kept, and the old one is removed', async () => {
  const requests = ACKNOWLEDGEMENT_REQUESTS.in(store);
  const before = await requests.get(id(5));
  await store.commit({
    records: [{ kind: FORMER, id: id(5), expected: 0, document: document(900), index: {} }],
  });
  expect(await moveFormerKinds(store, [ACKNOWLEDGEMENT_REQUESTS])).toBe(1);
  expect(await requests.get(id(5))).toEqual(before);
  expect(await store.record(FORMER, id(5))).toBeUndefined();
});

test('an object on hold of an earlier version has the present reason and its next step', async () => {
  const { body } = await t.api('chief', 'GET', '/held');
  expect(body['items']).toEqual([
    expect.objectContaining({
      reason: 'other-owner',
      next_step: expect.stringContaining('--on-behalf-of') as unknown,
    }),
  ]);
});

test('a notification of an earlier version has the present event', () => {
  const stored = {
    kind: 'notification',
    id: 'n',
    revision: 1,
    index: {},
    document: { account: 'a', at: 1, event: 'list.held', details: { list: 'reef' } },
  };
  expect(NOTIFICATIONS.decode(stored).document.event).toBe('list.on_hold');
});
