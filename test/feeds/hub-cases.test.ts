// The files of test/fixtures/cases through a whole hub: fetched from a server, stored, and read back (SOURCES.md).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { LAST_VERSION } from '../../src/store/store.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { MAIN, SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'cases', 'feeds');
const bytes = (name: string): Buffer => readFileSync(join(folder, name));
let server: Awaited<ReturnType<typeof listen>>;
let files: Readonly<Record<string, Buffer | string>> = {};
let t: TestHub;
let clock: TestClock;
beforeAll(async () => {
  server = await listen(({ url }, response) => {
    const body = files[url];
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200).end(body);
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  files = {};
  clock = new TestClock('2026-11-29T12:00:00.000Z');
  t = await testHub(
    `${SETTINGS.replace('members:', 'members:\n  - { name: kiribati, networks: [203.0.112.0/24], domains: [gov.to] }')}\n  - { name: boss, role: administrator, key_env: KEY_BOSS }\nsecrets: { env: [SHADOWSERVER_KEY, SHADOWSERVER_SECRET] }\negress: { allow: ["${server.base.slice(7)}"] }\n`,
    { clock },
    {},
    { SHADOWSERVER_KEY: 'the-key', SHADOWSERVER_SECRET: 'the-secret' },
  );
});
afterEach(() => t.stop());

const add = async (document: FeedDocument, transport: FeedDocument['transport']): Promise<void> => {
  await t.hub.feeds.registry.create(
    checkDocument(
      {
        ...document,
        enabled: true,
        schedule: { cron: '0 3 1 1 *' },
        defaults: { ...document.defaults, tlp: 'green', redistribute: 'members' },
        transport,
      },
      document.name,
    ),
    'indicators',
    [],
  );
};
/** Runs a feed of one file, which is served at an address of its own. */
const run = async (name: string, file?: string) => {
  clock.advance(3_600_000);
  if (file !== undefined) files = { '/': bytes(file) };
  return t.hub.feeds.runner.run(name);
};
const from = (path = '/'): FeedDocument['transport'] => ({ kind: 'https', url: `${server.base}${path}` });
/** Runs a preset for one file. */
const runPreset = async (name: string, file: string) => {
  await add(loadPreset(name), from());
  return run(name, file);
};
/** Serves all files of a folder. */
const serve = (name: string): void => {
  files = Object.fromEntries(
    readdirSync(join(folder, name)).map((one) => [`/${one}`, bytes(join(name, one))]),
  );
};
const stored = async (...types: string[]): Promise<readonly Json[]> => {
  const { entries } = await t.hub.store.entries(
    { collection: MAIN, after: 0, limit: 1000, types, versions: LAST_VERSION },
    true,
  );
  return entries.map(({ text }) => JSON.parse(text ?? '{}') as Json);
};
const isLive = (object: Json): boolean =>
  object['revoked'] !== true && Date.parse(String(object['valid_until'])) > clock.now();
const valueOf = ({ pattern }: Json): string =>
  /(?:=|ISSUBSET) '([^']+)'/.exec(String(pattern))?.[1] ?? String(pattern);
const live = async (): Promise<readonly Json[]> => (await stored('indicator')).filter(isLive);
const values = async (): Promise<readonly string[]> => (await live()).map(valueOf).toSorted();

describe('files of presets', () => {
  test('k1-feodo: a stray quote is one bad row, and no entry is ended', async () => {
    expect(await runPreset('feodo', 'k1-feodo-1.csv')).toMatchObject({ status: 'ok', created: 30 });
    expect(await run('feodo', 'k1-feodo-stray-quote.csv')).toMatchObject({ records: 30, accepted: 29, quarantined: 1, removed: 0 }); // prettier-ignore
    expect(await t.hub.feeds.quarantine.of('feodo')).toMatchObject([{ line: 19, code: 'stray-quote' }]);
    expect(await live()).toHaveLength(30);
  });

  test('k1-drop: 20 rows of 30 are suspect, and nothing is stored or ended', async () => {
    expect(await runPreset('spamhaus-drop-v4', 'k1-drop-1.json')).toMatchObject({
      status: 'ok',
      created: 30,
    });
    const report = await run('spamhaus-drop-v4', 'k1-drop-20-of-30.json');
    expect(report).toMatchObject({ status: 'suspect', created: 0, updated: 0, unchanged: 0, removed: 0 });
    expect(report.reason).toMatch(/states 3[01] records, but 2[01] were received/);
    expect(await live()).toHaveLength(30);
  });

  test('k2-shadowserver: both reports become observations, and the cursor moves', async () => {
    const names = readdirSync(join(folder, 'k2-shadowserver'));
    files = {
      '/reports/list': JSON.stringify(names.map((file, i) => ({ id: `r${i}`, file, timestamp: '2026-11-28', type: file.split('-')[3] }))), // prettier-ignore
      ...Object.fromEntries(names.map((name, i) => [`/r${i}`, bytes(join('k2-shadowserver', name))])),
    };
    const preset = loadPreset('shadowserver');
    await add(preset, { ...preset.transport, url: `${server.base}/` });
    const report = await run('shadowserver');
    expect([report.status, report.reason]).toEqual(['ok', undefined]);
    expect(report).toMatchObject({ files: 2, quarantined: 0, refused: 0 });
    expect((await stored('observed-data')).length).toBe(report.records);
    expect((await stored('email-addr')).map(({ value }) => value)).toContain('user0@reef-shop.com');
    expect(await run('shadowserver')).toMatchObject({ status: 'not-modified' });
  });

  test('k3-misp: attributes that are switched off, deleted or gone are no longer valid', async () => {
    serve('k3-misp-v1');
    await add(loadPreset('misp-feed'), {
      kind: 'index',
      index: 'misp',
      url: `${server.base}/`,
      since_days: 90,
    });
    expect(await run('misp-feed')).toMatchObject({ status: 'ok' });
    const before = await values();
    serve('k3-misp-v2');
    await run('misp-feed');
    expect([before.length, await values()]).toEqual([5, ['45.131.1.1']]);
  });

  test('k4-misp-words: "1" and 1 are true, and a time of 2100 is bounded and reported', async () => {
    const report = await runPreset('misp-events', 'k4-misp-words.json');
    expect(await values()).toEqual(['45.131.2.1', '45.131.2.2', '45.131.2.5']);
    for (const { valid_from: at } of await live())
      expect(Date.parse(String(at))).toBeLessThanOrEqual(clock.now());
    expect(report.oddities?.join()).toMatch(/time-in-future: 1 time/);
  });

  test('k7: accents and time zones by name are read, and the next day creates no new versions', async () => {
    await add(loadPreset('advisories-rss'), from());
    expect(await run('advisories-rss', 'k7-latin1.rss')).toMatchObject({ status: 'ok', created: 3 });
    expect((await stored('report')).map(({ name }) => name)).toEqual([0, 1, 2].map((i) => `Vulnérabilité ${i} CVE-2026-610${i}`)); // prettier-ignore
    await add({ ...loadPreset('advisories-rss'), name: 'nzdt' }, from());
    expect(await run('nzdt', 'k7-nzdt-1.rss')).toMatchObject({ status: 'ok', created: 3 });
    clock.advance(86_400_000);
    expect(await run('nzdt', 'k7-nzdt-2.rss')).toMatchObject({ created: 0, updated: 0, unchanged: 3 });
    expect((await stored('report')).slice(3).map(({ published }) => published)).toEqual(Array<string>(3).fill('2026-11-19T21:00:00.000Z')); // prettier-ignore
  });

  test('k8-warning: every line is left out or has a label', async () => {
    const report = await runPreset('plain-list', 'k8-warning.txt');
    expect(report.records).toBe(11);
    expect(report.filtered + report.quarantined + (await live()).length).toBe(11);
    for (const object of await live())
      expect([object['pattern'], object['labels']]).toEqual([
        object['pattern'],
        expect.arrayContaining([expect.stringMatching(/^warninglist:/)]),
      ]);
  });

  test('k9-misp-distribution: objects for one organisation or a sharing group are on hold', async () => {
    const report = await runPreset('misp-events', 'k9-misp-distribution.json');
    expect(await values()).toEqual(['45.151.1.3']);
    expect(report.held).toBeGreaterThanOrEqual(3);
  });

  test('k12-threatfox-unknown: no malware family is called unknown', async () => {
    await runPreset('threatfox', 'k12-threatfox-unknown.csv');
    expect((await stored('malware')).map(({ name }) => name)).toEqual(['win.own']);
    expect(await live()).toHaveLength(2);
  });
});

describe('files without a preset', () => {
  /** Adds a feed by its URL, as an operator does, and runs it. */
  const adopt = async (file: string) => {
    files = { '/feed': bytes(file) };
    const { status, body } = await t.api('boss', 'POST', '/feed-previews', {
      name: 'found',
      collection: 'indicators',
      url: `${server.base}/feed`,
    });
    expect([status, body['title']]).toEqual([200, undefined]);
    const { document, notes } = body as unknown as { document: FeedDocument; notes: readonly string[] };
    await add({ ...document, name: 'found' }, document.transport);
    clock.advance(3_600_000);
    return { report: await t.hub.feeds.runner.run('found'), notes };
  };
  const next = async (file: string) => {
    files = { '/feed': bytes(file) };
    clock.advance(86_400_000);
    return t.hub.feeds.runner.run('found');
  };

  test('k5-headerless: all ten rows are read, and on the next day all rows again', async () => {
    const { report } = await adopt('k5-headerless-day1.csv');
    expect(report).toMatchObject({ status: 'ok', records: 10, created: 10 });
    const after = await next('k5-headerless-day2.csv');
    expect(after).toMatchObject({ status: 'ok', records: 32, quarantined: 0, filtered: 0 });
    expect(after.created + after.updated + after.unchanged).toBe(32);
  });

  test.each<[string, readonly string[]]>([
    ['k5-nested.json', Array.from({ length: 10 }, (_, i) => `45.130.${i * 7}.${i + 1}`)],
    ['k5-source-and-destination.csv', [101, 102, 103, 104, 105].map((n, i) => `45.131.${100 + 7 * i}.${n}`)],
    ['k5-start-end-prefix.txt', Array.from({ length: 5 }, (_, i) => `45.13${i}.${i}.0/24`)],
    ['k6-defanged.txt', ['45.153.0.0/24', 'd.reef-bank.com', 'http://b.reef-bank.com/y.exe', 'https://a.reef-bank.com/x', 'https://c.reef-bank.com/p.php']],
  ])('%s', async (file, expected) => {
    const { report } = await adopt(file);
    expect(report).toMatchObject({ status: 'ok', records: expected.length, created: expected.length });
    expect((await stored('indicator')).map(valueOf).toSorted()).toEqual(expected.toSorted());
  }); // prettier-ignore

  test('k6-defanged: defanged values can be published', async () => {
    const lines = bytes('k6-defanged.txt').toString('utf8').split(/\r?\n/).filter((line) => line.trim() !== '');
    const { status, body } = await t.api('writer', 'POST', '/collections/indicators/indicators', { values: lines, tlp: 'clear', valid_days: 30 });
    expect(status).toBe(200);
    expect((body['items'] as Json[]).map(({ outcome }) => outcome)).toEqual(Array<string>(5).fill('stored'));
    expect(await values()).toEqual(['45.153.0.0/24', 'd.reef-bank.com', 'http://b.reef-bank.com/y.exe', 'https://a.reef-bank.com/x', 'https://c.reef-bank.com/p.php']);
  }); // prettier-ignore
});
