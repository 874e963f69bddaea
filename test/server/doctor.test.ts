import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/load.ts';
import {
  auditSize,
  diagnoseChannels,
  diagnoseFeeds,
  diagnoseKeys,
  diagnoseNetwork,
  diagnoseWarningLists,
  type FeedFacts,
} from '../../src/server/diagnostics.ts';
import { anIndicator, type Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';

const base = loadConfig({ data: 'unused' }, {});
const PUBLIC_URL = 'https://hub.example';

test.each<[string, { host?: string; behindProxy?: boolean; proxies?: string[]; url?: string }, string[]]>([
  ['loopback, no proxy', {}, ['network ok']],
  ['a public address without TLS and without a proxy', { host: '0.0.0.0' }, ['network failed']],
  [
    'a proxy that is trusted',
    { host: '0.0.0.0', behindProxy: true, proxies: ['10.0.0.2'], url: PUBLIC_URL },
    ['network ok', 'proxies ok'],
  ],
  [
    'a trusted proxy, but no proxy is configured',
    { proxies: ['127.0.0.1'] },
    ['network ok', 'proxies warning'],
  ],
  ['a proxy that is not trusted', { behindProxy: true, url: PUBLIC_URL }, ['network ok', 'proxies warning']],
  [
    'everybody is trusted',
    { behindProxy: true, proxies: ['0.0.0.0/0'], url: PUBLIC_URL },
    ['network ok', 'proxies warning'],
  ],
  [
    'every IPv6 address is trusted',
    { behindProxy: true, proxies: ['10.0.0.2', '::/0'], url: PUBLIC_URL },
    ['network ok', 'proxies warning'],
  ],
  [
    'a proxy, but hub.url is not https',
    { behindProxy: true, proxies: ['10.0.0.2'], url: 'http://hub.example' },
    ['network warning', 'proxies ok'],
  ],
])(
  'doctor on the network: %s',
  (_, { host = '127.0.0.1', behindProxy = false, proxies = [], url = 'http://127.0.0.1:8080' }, expected) => {
    const config = {
      hub: { ...base.hub, url },
      listen: { ...base.listen, host, behindProxy, tls: undefined },
      trustedProxies: proxies,
    };
    const found = diagnoseNetwork(config);
    expect(found.map(({ check, status }) => `${check} ${status}`)).toEqual(expected);
    // Every problem comes with advice.
    expect(found.filter(({ status, hint }) => status !== 'ok' && hint === undefined)).toEqual([]);
  },
);

test('doctor names the channels that deliver nothing until a person acts', () => {
  expect(diagnoseChannels([])).toEqual([]);
  const channels = ['current', 'behind', 'paused'].map((state) => ({ name: state, state }));
  expect(diagnoseChannels(channels)).toMatchObject([{ status: 'ok', found: '3 without problems' }]);
  // Its secret is missing, which the hub knows before it has anything to deliver.
  expect(diagnoseChannels([{ name: 'hook', state: 'current', problem: 'no secret' }])).toMatchObject([
    { status: 'warning', found: 'need attention: hook' },
  ]);
  const stopped = ['failing', 'broken', 'closed', 'no grant'].map((state, i) => ({ name: `c${i}`, state }));
  expect(diagnoseChannels([...channels, ...stopped])).toMatchObject([
    {
      status: 'warning',
      found: 'need attention: c0, c1, c2, c3',
      hint: expect.stringContaining('channel show'),
    },
  ]);
});

test('doctor reports warning lists that cannot be read, because nobody can publish values without them', async () => {
  expect(await diagnoseWarningLists(() => Promise.resolve(17))).toEqual({
    check: 'warning lists',
    status: 'ok',
    found: '17 can be read',
  });
  expect(await diagnoseWarningLists(() => Promise.reject(new Error('the record is damaged')))).toMatchObject({
    status: 'failed',
    found: 'cannot be read: the record is damaged',
    hint: expect.stringContaining('nobody can publish values'),
  });
});

test('doctor names the keys that end soon, with their accounts and dates', () => {
  expect(diagnoseKeys([])).toEqual([]);
  expect(
    diagnoseKeys([{ id: '0123456789abcdef', account: 'sensor', expires: Date.UTC(2026, 11, 5) }]),
  ).toMatchObject([
    { check: 'keys', status: 'warning', found: 'end soon: 0123456789abcdef (account sensor, 2026-12-05)' },
  ]);
});

test('doctor shows the number of audit entries and warns when there are many', async () => {
  const fact = { id: '1', at: 1, actor: 'a', action: 'b', resource: 'c', result: 'done' } as const;
  const store = {
    auditHead: () => Promise.resolve({ seq: 9, fact, hash: '' }),
    auditStart: () => Promise.resolve({ seq: 2, hash: '' }),
  };
  expect(await auditSize(store)).toEqual({ check: 'audit log', status: 'ok', found: '7 entries' });
  expect(await auditSize(store, 7)).toMatchObject({ status: 'warning', found: '7 entries' });
  const one = { ...store, auditStart: () => Promise.resolve({ seq: 8, hash: '' }) };
  expect(await auditSize(one)).toMatchObject({ found: '1 entry' });
});

describe('doctor on feeds', () => {
  const alarm = { code: 'few', message: 'few', since: '' } as const;
  const feed = (name: string, more: Partial<FeedFacts> = {}): FeedFacts => ({
    name, state: 'ready', url: 'https://feeds.example', alarms: [], last_run: undefined, ...more,
  }); // prettier-ignore
  const run = { last_run: {} };

  test('names the feeds that need a person, and those that never ran with the reason', () => {
    const feeds = [feed('new'), feed('bad', { ...run, state: 'failing' }), feed('few', { ...run, alarms: [alarm] }), feed('good', run)]; // prettier-ignore
    expect(diagnoseFeeds(feeds, true)).toMatchObject([
      { status: 'warning', found: 'need attention: bad, few; have never run: new', hint: expect.stringMatching(/feed show NAME.*talanoa serve/) },
    ]); // prettier-ignore
    expect(diagnoseFeeds([feed('new')], false)).toMatchObject([
      { status: 'warning', found: 'have never run: new; 1 switched off in this process', hint: expect.stringMatching(/^This process runs no feeds by schedule \(--no-feeds/) },
    ]); // prettier-ignore
    // All of them ran before this process was started without them.
    expect(diagnoseFeeds([feed('good', run)], false)).toMatchObject([
      { status: 'warning', found: '1 switched off in this process', hint: expect.stringMatching(/^This process/) },
    ]); // prettier-ignore
    expect(diagnoseFeeds([feed('good', run)], true)).toEqual([
      { check: 'feeds', status: 'ok', found: '1 without problems' },
    ]);
  });

  test('expects no run of a feed that is off or paused, or waits for uploads', () => {
    expect(diagnoseFeeds([feed('a', { state: 'off' }), feed('b', { state: 'paused' }), feed('c', { url: '(upload)' })], true)).toEqual([]); // prettier-ignore
  });
});

describe('doctor on a hub', () => {
  let t: TestHub;
  const clock = new TestClock();
  beforeAll(async () => {
    t = await testHub(
      `${SETTINGS}feeds:\n  - { name: list, preset: plain-list, url: "http://127.0.0.1:9/", collection: indicators, enabled: true }\n`,
      { clock },
    );
  });
  afterAll(() => t.stop());
  const checks = async (): Promise<Readonly<Record<string, Json>>> => {
    const { status, body } = await t.api('chief', 'GET', '/doctor');
    expect(status).toBe(200);
    return Object.fromEntries((body['items'] as Json[]).map((item) => [item['check'] as string, item]));
  };

  test('names each check, and gives advice wherever a person is needed', async () => {
    const found = await checks();
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(['Node', 'network', 'dates added', 'audit log', 'damage', 'access records', 'feeds', 'warning lists']),
    );
    for (const { check, status, hint } of Object.values(found))
      expect([check, status === 'ok' || typeof hint === 'string']).toEqual([check, true]);
    expect(found['Node']).toMatchObject({ status: 'ok', found: process.version });
    expect(found['feeds']).toMatchObject({ status: 'warning', found: 'have never run: list' });
  }); // prettier-ignore

  test('looks at channels and at keys that end within two weeks', async () => {
    expect(await checks()).not.toHaveProperty('channels');
    const channel = { name: 'hook', member: 'tonga', kind: 'webhook', url: 'https://hook.example/x', secret: 'secret:x' }; // prettier-ignore
    expect((await t.api('chief', 'POST', '/channels', channel)).status).toBe(201);
    for (const days of [13, 15])
      expect((await t.api('chief', 'POST', '/keys', { account: 'sensor', expiresDays: days })).status).toBe(
        201,
      );
    const found = await checks();
    // The hub has no secret for this channel.
    expect(found['channels']).toMatchObject({ status: 'warning', found: 'need attention: hook' });
    expect(String(found['keys']?.['found']).match(/account sensor/g)).toHaveLength(1);
  });

  test('warns of dates that are more than two seconds ahead of the clock, and not of less', async () => {
    expect((await checks())['dates added']).toMatchObject({ status: 'ok' });
    await t.as('sensor').post(objectsOf(MAIN), { objects: [anIndicator()] });
    clock.ms -= 1_900;
    expect((await checks())['dates added']).toMatchObject({
      status: 'ok',
      found: 'no date is in the future',
    });
    clock.ms -= 8_100;
    expect((await checks())['dates added']).toMatchObject({
      status: 'warning',
      found: 'they are 10 s ahead of this clock',
      hint: expect.stringContaining('NTP'),
    });
    clock.ms += 10_000;
    expect((await checks())['dates added']).toMatchObject({ status: 'ok' });
  });

  test('names a feed that failed, and expects nothing of it while it is paused', async () => {
    await t.api('chief', 'POST', '/feeds/list/runs');
    expect((await checks())['feeds']).toMatchObject({ status: 'warning', found: 'need attention: list' });
    await t.api('chief', 'POST', '/feeds/list/pause', {});
    expect(await checks()).not.toHaveProperty('feeds');
  });
});

test('doctor names at most fifty feeds, and counts the others', () => {
  const feeds = Array.from({ length: 53 }, (_, i) => ({
    name: `f${i}`,
    state: 'failing',
    url: 'https://feeds.example',
    alarms: [],
    last_run: {},
  }));
  const [check] = diagnoseFeeds(feeds, true);
  expect(check?.found).toMatch(/f49 and 3 more$/);
  expect(check?.found).not.toContain('f50');
  expect(diagnoseFeeds(feeds.slice(0, 50), true)[0]?.found).toMatch(/f49$/);
});
