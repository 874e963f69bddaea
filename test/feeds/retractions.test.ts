import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { looseTime } from '../../src/feeds/times.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

let server: Awaited<ReturnType<typeof listen>>;
let files: Record<string, unknown> = {};
let t: TestHub;
let clock: TestClock;
beforeAll(async () => {
  server = await listen(({ url }, response) => {
    const body = files[url];
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  files = {};
  clock = new TestClock('2026-11-28T12:00:00.000Z');
  t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\n`, { clock });
});
afterEach(() => t.stop());

const add = async (name: string, transport: Partial<FeedDocument['transport']>): Promise<void> => {
  const document = loadPreset(name);
  await t.hub.feeds.registry.create(
    checkDocument(
      {
        ...document,
        enabled: true,
        schedule: { cron: '0 3 1 1 *' },
        values: special,
        defaults: { ...document.defaults, tlp: 'green', redistribute: 'members' },
        transport: { kind: 'https', ...transport },
      },
      name,
    ),
    'indicators',
    [],
  );
};
const run = async (name: string, confirmed = false) => {
  clock.advance(3_600_000);
  return t.hub.feeds.runner.run(name, undefined, { confirmed });
};
const stored = async (type: string): Promise<readonly Json[]> => {
  const { entries } = await t.hub.store.entries(
    { collection: MAIN, after: 0, limit: 1000, types: [type], versions: LAST_VERSION },
    true,
  );
  return entries.map(({ text }) => JSON.parse(text ?? '{}') as Json);
};
const isLive = (object: Json): boolean => object['revoked'] !== true && Date.parse(String(object['valid_until'])) > clock.now(); // prettier-ignore
/** Values of the indicators that are valid now. */
const live = async (): Promise<readonly string[]> =>
  (await stored('indicator'))
    .filter(isLive)
    .map((object) => /'([^']+)'/.exec(String(object['pattern']))?.[1] ?? '')
    .toSorted();

const uuid = (n: number): string => `11111111-2222-4333-8444-${String(n).padStart(12, '0')}`;
const attribute = (value: string, over: Json = {}): Json => ({ uuid: crypto.randomUUID(), type: 'ip-dst', value, to_ids: true, timestamp: '1795700000', ...over }); // prettier-ignore
const event = (n: number, attributes: readonly Json[] | undefined, over: Json = {}): Json => ({
  Event: {
    uuid: uuid(n),
    info: `event ${n}`,
    timestamp: '1795800000',
    publish_timestamp: '1795800000',
    ...(attributes === undefined ? {} : { Attribute: attributes }),
    ...over,
  },
});

describe('a MISP feed ends entries that it no longer lists', () => {
  let stamp = 1_795_800_000;
  /** Publishes events by their numbers. Each has a new timestamp. */
  const publish = (events: Readonly<Record<number, Json>>): void => {
    stamp += 100;
    files = Object.fromEntries(Object.entries(events).map(([n, body]) => [`/${uuid(Number(n))}.json`, body]));
    files['/manifest.json'] = Object.fromEntries(Object.keys(events).map((n) => [uuid(Number(n)), { timestamp: String(stamp) }])); // prettier-ignore
  };
  beforeEach(() =>
    add('misp-feed', { kind: 'index', index: 'misp', url: `${server.base}/`, since_days: 90 }),
  );

  test('attributes that are switched off, deleted or missing, and those of a missing event', async () => {
    publish({ 3: event(3, ['1', '2', '3', '4'].map((i) => attribute(`45.131.1.${i}`))), 4: event(4, [attribute('45.131.1.9')]) }); // prettier-ignore
    expect(await run('misp-feed')).toMatchObject({ status: 'ok', created: 5 });
    publish({ 3: event(3, [attribute('45.131.1.1'), attribute('45.131.1.2', { to_ids: false }), attribute('45.131.1.3', { deleted: true })]) }); // prettier-ignore
    expect(await run('misp-feed')).toMatchObject({
      removed: 5,
      filtered_by: { 'to_ids=false': 1, deleted: 1 },
    });
    expect(await live()).toEqual(['45.131.1.1']);
    expect((await stored('report')).filter(({ labels }) => labels !== undefined)).toMatchObject([{ name: 'event 4', labels: ['withdrawn'] }]); // prettier-ignore
    // An attribute that is switched on again is valid again.
    publish({ 3: event(3, [attribute('45.131.1.1'), attribute('45.131.1.2', { timestamp: '1795900000' })]) });
    await run('misp-feed');
    expect(await live()).toEqual(['45.131.1.1', '45.131.1.2']);
  });

  test('a value that another event lists stays', async () => {
    const both = attribute('45.131.1.7');
    publish({ 1: event(1, [both, attribute('45.131.1.1')]), 2: event(2, [both]), 3: event(3, []) });
    await run('misp-feed');
    publish({ 1: event(1, [attribute('45.131.1.1'), { ...both, deleted: true }]), 2: event(2, [both]), 3: event(3, []) }); // prettier-ignore
    await run('misp-feed');
    expect(await live()).toEqual(['45.131.1.1', '45.131.1.7']);
    // It moves to another event in the same run.
    publish({ 1: event(1, [attribute('45.131.1.1')]), 2: event(2, []), 3: event(3, [both]) });
    await run('misp-feed');
    expect(await live()).toEqual(['45.131.1.1', '45.131.1.7']);
    publish({ 1: event(1, [attribute('45.131.1.1')]), 3: event(3, []) });
    await run('misp-feed');
    expect(await live()).toEqual(['45.131.1.1']);
  });

  test('objects of an event: a file whose hash is switched off, and an object that is deleted', async () => {
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    const object = (over: Json, hash: Json): Json => ({ name: 'file', ...over, Attribute: [attribute('a.exe', { type: 'filename' }), attribute(sha256, { type: 'sha256', ...hash })] }); // prettier-ignore
    const other = (over: Json): Json => ({ name: 'x', ...over, Attribute: [attribute('45.131.1.5')] });
    publish({ 1: event(1, [], { Object: [object({}, {}), other({})] }) });
    await run('misp-feed');
    expect(await live()).toHaveLength(2);
    publish({ 1: event(1, [], { Object: [object({}, { to_ids: '0' }), other({ deleted: '1' })] }) });
    await run('misp-feed');
    expect(await live()).toEqual([]);
  });

  test('an entry that cannot be read, an event without content and a lost index end nothing', async () => {
    publish({ 1: event(1, [attribute('45.131.1.1'), attribute('45.131.1.2')]), 2: event(2, [attribute('45.131.1.3')]) }); // prettier-ignore
    await run('misp-feed');
    publish({ 1: event(1, [attribute('45.131.1.1'), attribute('45.131.1.2x')]), 2: event(2, undefined) });
    expect(await run('misp-feed')).toMatchObject({ status: 'partial', quarantined: 1, removed: 0 });
    expect(await live()).toHaveLength(3);
    files = { '/manifest.json': {} };
    expect(await run('misp-feed')).toMatchObject({ status: 'suspect', removed: 0, reason: expect.stringContaining('2 of 2 files') }); // prettier-ignore
    expect(await live()).toHaveLength(3);
    // The same index again is believed.
    expect(await run('misp-feed')).toMatchObject({ removed: 5 });
    expect(await live()).toEqual([]);
  });
});

test('a MISP search: a later version of an event ends entries that it no longer lists', async () => {
  await add('misp-events', { url: `${server.base}/e` });
  files['/e'] = { response: [event(1, [attribute('45.131.1.1'), attribute('45.131.1.2')])] };
  await run('misp-events');
  files['/e'] = { response: [event(1, [attribute('45.131.1.1')])] };
  expect(await run('misp-events')).toMatchObject({ removed: 1 });
  expect(await live()).toEqual(['45.131.1.1']);
});

test('booleans and times of a MISP event may be text or numbers, and a time in the future is reported', async () => {
  await add('misp-events', { url: `${server.base}/e` });
  const of = (i: number, over: Json) => attribute(`45.131.2.${i}`, over);
  files['/e'] = event(1, [
    of(1, { to_ids: '1' }),
    of(2, { to_ids: 1 }),
    of(3, { to_ids: 'true' }),
    of(4, { deleted: '1' }),
    of(5, { deleted: 1 }),
    of(6, { to_ids: '0' }),
    of(7, { to_ids: 'False' }),
    of(8, { deleted: '0' }),
    of(9, { timestamp: '4102444800' }),
    of(10, { timestamp: 1_795_700_000 }),
    of(11, { timestamp: '2026-11-26 13:33:20' }),
    of(12, { timestamp: '1795700000000' }),
    of(13, { first_seen: '1795700000000000' }),
  ], { timestamp: '4102444800', publish_timestamp: 4_102_444_800 }); // prettier-ignore
  const report = await run('misp-events');
  expect(report.oddities).toEqual(['time-in-future: 3 times are in the future and ignored']);
  expect((await live()).map((value) => Number(value.split('.')[3])).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 8, 9, 10, 11, 12, 13]); // prettier-ignore
  const now = new Date(clock.now()).toISOString();
  for (const object of await stored('indicator'))
    expect([object['name'], object['valid_from']]).toEqual([object['name'], object['name'] === '45.131.2.9' ? now : '2026-11-26T13:33:20.000Z']); // prettier-ignore
  expect(await stored('report')).toMatchObject([{ published: now, modified: now }]);
  expect(report.newest).toBe('2026-11-26T13:33:20.000Z');
});

test('a column that withdraws a row may be a boolean', async () => {
  await add('plain-list', { url: `${server.base}/l` });
  const document = await t.hub.feeds.registry.find('plain-list');
  await t.hub.feeds.registry.delete('plain-list', []);
  await t.hub.feeds.registry.create(checkDocument({ ...document.document, name: 'rows', mode: 'append', parser: { kind: 'json', records: '$[*]' }, map: [{ value: '{host}', type: 'domain', gone: '{deleted}' }] }, 'rows'), 'indicators', []); // prettier-ignore
  files['/l'] = [false, 0, '0', 'false', 'no', null].map((deleted, i) => ({
    host: `a${i}.reef.example`,
    deleted,
  }));
  expect(await run('rows')).toMatchObject({ created: 6 });
  files['/l'] = [true, 1, '1', 'true', 'yes', '2026-11-20'].map((deleted, i) => ({ host: `a${i}.reef.example`, deleted })); // prettier-ignore
  expect(await run('rows')).toMatchObject({ removed: 6 });
});

test.each([
  ['1795700000', '2026-11-26T13:33:20.000Z'],
  ['1795700000.25', '2026-11-26T13:33:20.250Z'],
  ['1795700000123', '2026-11-26T13:33:20.123Z'],
  ['1795700000123456', '2026-11-26T13:33:20.123Z'],
  ['2026-11-26', '2026-11-26T00:00:00.000Z'],
  ['2026-11-26 13:33:20', '2026-11-26T13:33:20.000Z'],
  ['2026-11-26T13:33:20.123456+12:00', '2026-11-26T01:33:20.123Z'],
  ['Thu, 26 Nov 2026 13:33:20 GMT', '2026-11-26T13:33:20.000Z'],
  ['12', undefined],
  ['2026-13-26', undefined],
  ['soon', undefined],
  ['', undefined],
])('a time that a program wrote: %s', (text, expected) => {
  const ms = looseTime(text);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(expected);
});

test('CSAF: an advisory that is new in the list is read, whatever its date', async () => {
  await add('cisa-csaf', { kind: 'index', index: 'csaf', url: `${server.base}/changes.csv`, since_days: 30 });
  const advisory = (id: string, released: string): Json => ({
    document: {
      title: id,
      publisher: { name: 'x' },
      tracking: { id, initial_release_date: released, current_release_date: released },
    },
  });
  files = {
    '/changes.csv': '"2026/a.json","2026-11-20T07:00:00Z"\n"2019/old.json","2019-01-14T07:00:00Z"\n',
    '/2026/a.json': advisory('a', '2099-01-01T00:00:00Z'),
    '/2019/old.json': advisory('old', '2019-01-14T07:00:00Z'),
    '/2018/late.json': advisory('late', '2018-01-14T07:00:00Z'),
  };
  expect(await run('cisa-csaf')).toMatchObject({ created: 1, oddities: ['time-in-future: 2 times are in the future and ignored'] }); // prettier-ignore
  files['/changes.csv'] = `${String(files['/changes.csv'])}"2018/late.json","2018-01-14T07:00:00Z"\n`;
  expect(await run('cisa-csaf')).toMatchObject({ created: 1 });
  expect((await stored('report')).map(({ name }) => name)).toEqual(['a', 'late']);
  expect(await run('cisa-csaf')).toMatchObject({ status: 'not-modified' });
});

describe('distribution of MISP', () => {
  test('entries for the own organisation or a sharing group wait for a person, and the others are processed', async () => {
    await add('misp-events', { url: `${server.base}/e` });
    const of = (i: number, over: Json = {}) => attribute(`45.151.1.${i}`, over);
    const link = (url: string, over: Json) => attribute(url, { type: 'link', to_ids: false, ...over });
    files['/e'] = { response: [
      event(1, [
        of(1, { distribution: '0' }),
        of(2, { distribution: '4', sharing_group_id: '7' }),
        of(3, { distribution: '5' }),
        of(4, { distribution: 3 }),
        of(5),
        of(6, { distribution: '9' }),
        link('https://open.example/', {}),
        link('https://own.example/', { distribution: 0 }),
      ], {
        distribution: '3',
        Object: [{ name: 'x', distribution: '4', Attribute: [of(7, { distribution: '5' }), of(8, { distribution: '3' })] }, { name: 'x', distribution: '5', Attribute: [of(9, { distribution: '5' })] }],
      }),
      event(2, [of(11, { distribution: '5' }), of(12, { distribution: '3' })], { distribution: 0 }),
      event(3, [of(13, { distribution: '5' })], { distribution: '4' }),
    ] }; // prettier-ignore
    const report = await run('misp-events');
    expect(report.held).toBeGreaterThan(0);
    expect((await live()).map((value) => Number(value.split('.')[3]))).toEqual([3, 4, 5, 9]);
    const all = JSON.stringify(
      await Promise.all(['indicator', 'ipv4-addr', 'report', 'relationship'].map(stored)),
    );
    for (const kept of [1, 2, 6, 7, 8, 11, 12, 13]) expect(all).not.toContain(`45.151.1.${kept}'`);
    expect(all).not.toContain('https://own.example/');
    expect(all).toContain('https://open.example/');
    expect((await stored('report')).map(({ name }) => name)).toEqual(['event 1']);
  });
});
