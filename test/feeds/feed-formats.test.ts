import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import type { Json } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { MAIN, SETTINGS, objectsOf, testHub, type TestHub } from '../support/hub.ts';
import { listen, type Asked as Received } from '../support/recorder.ts';

const DAY = 86_400_000;
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'feeds');
const sample = (...path: string[]): string => readFileSync(join(fixtures, ...path), 'utf8');

/** A request, with its address read. */
type Asked = Omit<Received, 'url'> & { readonly url: URL };

let server: Awaited<ReturnType<typeof listen>>;
let base = '';
let asked: Asked[] = [];
/** The response of the source: a text, or a status. */
let source: (request: Asked) => string | number;
/** Returns what a response waits for. */
let hold: (request: Asked) => Promise<void> | undefined = () => undefined;
let t: TestHub;
let clock: TestClock;

beforeAll(async () => {
  server = await listen((request, response) => {
    const seen = { ...request, url: new URL(request.url, base) };
    asked.push(seen);
    void Promise.resolve(hold(seen)).then(() => {
      const answer = source(seen);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else response.writeHead(200).end(answer);
    });
  });
  base = server.base;
});
afterAll(async () => {
  await server.close();
});
beforeEach(async () => {
  asked = [];
  source = () => 404;
  clock = new TestClock('2026-01-15T12:00:00.000Z');
  t = await testHub(
    `${SETTINGS}
  - { name: boss, role: administrator, key_env: KEY_BOSS }
egress: { allow: ["${base.slice(7)}"] }
secrets: { env: [FEED_KEY, FEED_SECRET, NVD_KEY] }
`,
    { clock },
    {},
    { FEED_KEY: 'the-key', FEED_SECRET: 'the-secret' },
  );
});
afterEach(async () => {
  expect(readdirSync(join(t.folder, 'data')).includes('spool') ? readdirSync(join(t.folder, 'data', 'spool')) : []).toEqual([]); // prettier-ignore
  await t.stop();
});

/** Waits for an automatic change. The time limit of the test ends the wait. */
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
};

/** A preset, at the address of the test's source. */
const add = async (preset: string, over: Partial<FeedDocument> = {}, path = ''): Promise<void> => {
  const document = loadPreset(preset);
  const url = document.transport.url ?? '';
  const own = url.includes('?') ? `${base}/${path}${url.slice(url.indexOf('?'))}` : `${base}/${path}`;
  await t.hub.feeds.registry.create(
    checkDocument(
      {
        ...document,
        enabled: true,
        schedule: { cron: '0 3 1 1 *' },
        values: special,
        defaults: { ...document.defaults, tlp: 'green', redistribute: 'members' },
        ...over,
        transport: { ...document.transport, url: own, ...over.transport },
      },
      preset,
    ),
    'indicators',
    [],
  );
};
const run = (name: string) => t.hub.feeds.runner.run(name);
const standing = async (type: string): Promise<Json[]> => {
  const { body } = await t.as('reader').get(`${objectsOf(MAIN)}?match[type]=${type}&limit=1000`);
  return (body as { objects?: Json[] }).objects ?? [];
};
const https = (over: Partial<FeedDocument['transport']> = {}): FeedDocument['transport'] => ({
  kind: 'https',
  ...over,
});

describe('secrets in addresses', () => {
  test('a key in the path is filled in, and no report contains it', async () => {
    const document = loadPreset('plain-list');
    const auth = { kind: 'path', secret: 'env:FEED_KEY' } as const;
    await t.hub.feeds.registry.create(
      checkDocument(
        {
          ...document,
          name: 'keyed',
          enabled: false,
          transport: https({ url: `${base}/v1/{{key}}/list.txt`, auth }),
        },
        'keyed',
      ),
      'indicators',
      [],
    );
    source = () => 'a.reef-bank.com\n';
    const report = await run('keyed');
    expect(report).toMatchObject({ status: 'ok', created: 1 });
    expect(asked.map(({ url }) => url.pathname)).toEqual(['/v1/the-key/list.txt']);
    expect(JSON.stringify([report, await t.hub.feeds.show('keyed')]) + t.logged.join('')).not.toContain(
      'the-key',
    );
    const wrong = { ...document, name: 'wrong', transport: https({ url: `${base}/list.txt`, auth }) };
    expect(() => checkDocument(wrong, 'wrong')).toThrow(/not valid/);
  });

  test('a user name or password in a URL is refused before the source is asked', async () => {
    const url = base.replace('//', '//me:hidden@');
    const document = { ...loadPreset('plain-list'), name: 'x', transport: https({ url }) };
    const request = { name: 'x', collection: 'indicators' };
    for (const [path, body] of [
      ['/feeds', { ...request, url }],
      ['/feed-previews', { ...request, url }],
      ['/feeds', { ...request, document }],
      ['/feeds', { ...request, preset: 'plain-list', url }],
    ] as const) {
      const answer = await t.api('boss', 'POST', path, body);
      expect([answer.status, answer.body['code']]).toEqual([422, 'TLN-F-431']);
      expect(JSON.stringify(answer.body)).not.toContain('hidden');
    }
    expect(asked).toEqual([]);
    const settings = `${SETTINGS}\nfeeds:\n  - { name: x, preset: plain-list, url: "${url}" }\n`;
    const refused: unknown = await testHub(settings).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'TLN-F-431' });
    expect(String(refused)).not.toContain('hidden');
    // A feed of an earlier version continues, and its password is not shown.
    await t.hub.feeds.registry.create(document, 'indicators', []);
    const shown = await t.api('boss', 'GET', '/feeds');
    expect(JSON.stringify(shown.body)).not.toContain('hidden');
    const off = await t.api('boss', 'PUT', '/feeds/x', {
      collection: 'indicators',
      document,
      enabled: false,
    });
    expect(off.status).toBe(200);
  });
});

describe('vulnerabilities', () => {
  test('KEV: the same catalogue creates no version, removed entries are labelled, and they can return', async () => {
    const catalogue = JSON.parse(sample('cisa-kev', 'kev_60.json')) as { vulnerabilities: Json[] };
    await add('cisa-kev', { transport: https() });
    source = () => JSON.stringify(catalogue);
    expect(await run('cisa-kev')).toMatchObject({ status: 'ok', accepted: 60, created: 60 });
    source = () => JSON.stringify({ ...catalogue, note: 'other bytes' });
    expect(await run('cisa-kev')).toMatchObject({ status: 'ok', unchanged: 60, created: 0, updated: 0 });
    source = () => JSON.stringify({ ...catalogue, count: 59, vulnerabilities: catalogue.vulnerabilities.slice(1) }); // prettier-ignore
    expect(await run('cisa-kev')).toMatchObject({ removed: 1, unchanged: 59 });
    const first = String(catalogue.vulnerabilities[0]?.['cveID']);
    const labels = async () =>
      (await standing('vulnerability')).find((object) => object['name'] === first)?.['labels'];
    expect(await labels()).toContain('withdrawn');
    source = () => JSON.stringify(catalogue);
    clock.advance(DAY);
    expect(await run('cisa-kev')).toMatchObject({ updated: 1, unchanged: 59 });
    expect(await labels()).not.toContain('withdrawn');
    expect(await standing('indicator')).toEqual([]);
  });

  test('EPSS adds notes to vulnerabilities in the collection, and creates none', async () => {
    await add('cisa-kev', { transport: https() }, 'kev');
    await add('epss', { transport: https() }, 'epss');
    const scores = (score: string) =>
      `#model_version:v2025.03.14,score_date:2026-01-15T12:55:00+0000\ncve,epss,percentile\nCVE-2025-48384,${score},0.9812\nCVE-1999-0001,0.01,0.1\n`;
    let epss = scores('0.8123');
    source = ({ url }) => (url.pathname === '/kev' ? sample('cisa-kev', 'kev_60.json') : epss);
    await run('cisa-kev');
    expect(await run('epss')).toMatchObject({ status: 'ok', records: 2, accepted: 1, created: 1, filtered_by: { 'not-stored': 1 } }); // prettier-ignore
    const [note] = await standing('note');
    const held = (await standing('vulnerability')).find((object) => object['name'] === 'CVE-2025-48384');
    expect(note).toMatchObject({ abstract: 'EPSS 0.81', object_refs: [held?.['id']] });
    // A score that is equal after rounding to two digits causes no update.
    epss = scores('0.8139');
    expect(await run('epss')).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    epss = scores('0.9');
    expect(await run('epss')).toMatchObject({ updated: 1 });
  });

  test('NVD is read page by page from the end of the last run, in periods that the source accepts', async () => {
    const record = (JSON.parse(sample('nvd', 'cves_2.0_page.json')) as { vulnerabilities: { cve: Json }[] }).vulnerabilities[0]?.cve; // prettier-ignore
    const all = Array.from({ length: 5 }, (_, i) => ({ cve: { ...record, id: `CVE-2026-${1000 + i}` } }));
    source = ({ url }) => {
      const from = Number(url.searchParams.get('startIndex') ?? 0);
      return JSON.stringify({
        totalResults: 5,
        startIndex: from,
        vulnerabilities: all.slice(from, from + 2),
      });
    };
    const { paging = { kind: 'offset' as const }, ...transport } = loadPreset('nvd').transport;
    await add('nvd', { transport: { ...transport, kind: 'https', paging: { ...paging, size: 2 }, since_days: 300, url: `${base}/?lastModStartDate={{since}}&lastModEndDate={{now}}` } }); // prettier-ignore
    expect(await run('nvd')).toMatchObject({ status: 'ok', files: 3, records: 5, created: 5 });
    const times = () =>
      asked.map(({ url }) => [
        url.searchParams.get('lastModStartDate'),
        url.searchParams.get('lastModEndDate'),
        url.searchParams.get('startIndex'),
      ]);
    expect(times()).toEqual([null, '2', '4'].map((start) => ['2025-03-21T12:00:00.000Z', '2025-07-18T12:00:00.000Z', start])); // prettier-ignore
    asked = [];
    await run('nvd');
    expect(times()[0]).toEqual(['2025-07-18T12:00:00.000Z', '2025-11-14T12:00:00.000Z', null]);
    await run('nvd');
    asked = [];
    await run('nvd');
    // It has caught up. A short period is requested again.
    expect(times()[0]).toEqual(['2026-01-15T11:50:00.000Z', '2026-01-15T12:00:00.000Z', null]);
  });
});

describe('files that an index names', () => {
  test('Shadowserver requests are signed with the key in the body, and each report is read once, including late ones', async () => {
    const list: Json[] = (JSON.parse(sample('shadowserver', 'api_reports_list.json')) as Json[])
      .filter(({ type }) => type === 'device_id' || type === 'blocklist')
      .map((report) => ({ ...report, timestamp: '2026-01-14' }));
    let reports = list;
    source = ({ url }) => {
      if (url.pathname === '/reports/list') return JSON.stringify(reports);
      const found = reports.find(({ id }) => url.pathname === `/${String(id)}`);
      return found === undefined
        ? 404
        : sample('shadowserver', `2024-01-04-${String(found['type'])}-example-ip.csv`);
    };
    await add('shadowserver', {
      transport: { ...loadPreset('shadowserver').transport, url: base, auth: { kind: 'hmac', name: 'HMAC2', key: 'env:FEED_KEY', secret: 'env:FEED_SECRET' } },
      values: { ...special, special_addresses_allowed: ['private', 'documentation'] },
    }); // prettier-ignore
    expect(await run('shadowserver')).toMatchObject({ status: 'ok', files: 2, accepted: 17, created: 17 });
    const [listed, first] = asked;
    expect(JSON.parse(listed?.body ?? '')).toEqual({ apikey: 'the-key', date: '2026-01-11:2026-01-15' });
    expect(listed?.headers['hmac2']).toBe(createHmac('sha256', 'the-secret').update(listed?.body ?? '').digest('hex')); // prettier-ignore
    // Files are requested by their ids only.
    expect(JSON.stringify(first?.headers)).not.toMatch(/hmac2|the-key/i);
    asked = [];
    expect(await run('shadowserver')).toMatchObject({ status: 'not-modified' });
    expect(asked).toHaveLength(1);
    reports = [...list, { id: 'late-1', file: '2026-01-12-scan_brandnew-fiji-geo.csv', type: 'device_id', report: 'x', timestamp: '2026-01-12' }]; // prettier-ignore
    const report = await run('shadowserver');
    expect(report).toMatchObject({ accepted: 12, oddities: ['unknown-report-type:scan_brandnew'] });
    const seen = await standing('observed-data');
    expect(seen).toHaveLength(29);
    expect(seen.filter((object) => (object['labels'] as string[]).includes('report:blocklist'))).toHaveLength(
      5,
    );
    expect(await standing('indicator')).toEqual([]);
  });

  test('a MISP feed reads each changed event again, and a missing event does not stop the others', async () => {
    const manifest = JSON.parse(sample('misp-feed', 'manifest.json')) as Record<
      string,
      { timestamp: number }
    >;
    const [one = '', two = ''] = Object.keys(manifest);
    source = ({ url }) =>
      url.pathname === '/feed/manifest.json'
        ? JSON.stringify(manifest)
        : url.pathname.endsWith(`${two}.json`)
          ? 404
          : sample('misp-feed', url.pathname.split('/').at(-1) ?? '');
    await add('misp-feed', {}, 'feed/');
    expect(await run('misp-feed')).toMatchObject({ status: 'partial', created: 10, oddities: [expect.stringContaining(`not fetched: ${two}`)] }); // prettier-ignore
    // The missing file is requested again, the other is not.
    asked = [];
    source = ({ url }) =>
      url.pathname === '/feed/manifest.json' ? JSON.stringify(manifest) : sample('misp-feed', url.pathname.split('/').at(-1) ?? ''); // prettier-ignore
    expect(await run('misp-feed')).toMatchObject({ created: 2 });
    expect(asked.map(({ url }) => url.pathname)).toEqual(['/feed/manifest.json', `/feed/${two}.json`]);
    expect(await run('misp-feed')).toMatchObject({ status: 'not-modified' });
    // An event that was changed long after is fetched again, though nothing new is in it.
    manifest[one] = { ...manifest[one], timestamp: (manifest[one]?.timestamp ?? 0) + 60 };
    expect(await run('misp-feed')).toMatchObject({ created: 0, updated: 0 });
    // RED is stored nowhere, and is not shared with its event.
    expect(JSON.stringify(await standing('indicator'))).not.toContain('2001:db8::66');
    expect((await standing('report')).map((object) => object['name'])).toContain('OSINT: phishing against Pacific telecoms'); // prettier-ignore
  });

  test('CSAF is followed from provider metadata to advisories, but not to other hosts', async () => {
    const advisory = sample('csaf', 'icsa-24-004-01.json');
    source = ({ url }) => {
      switch (url.pathname) {
        case '/provider-metadata.json':
          return JSON.stringify({
            metadata_version: '2.0',
            distributions: [{ directory_url: `${base}/white` }],
          });
        case '/white/changes.csv':
          return '"2026/a.json","2026-01-14T07:00:00Z"\n"2019/old.json","2019-01-14T07:00:00Z"\n"https://elsewhere.example/b.json","2026-01-14T07:00:00Z"\n';
        case '/white/2026/a.json':
          return advisory;
        default:
          return 404;
      }
    };
    await add('cisa-csaf', {}, 'provider-metadata.json');
    expect(await run('cisa-csaf')).toMatchObject({ status: 'ok', created: 3 });
    expect(asked.map(({ url }) => url.pathname)).toEqual(['/provider-metadata.json', '/white/changes.csv', '/white/2026/a.json']); // prettier-ignore
    expect((await standing('report'))[0]).toMatchObject({
      name: 'Rockwell Automation FactoryTalk Activation',
    });
    expect(await run('cisa-csaf')).toMatchObject({ status: 'not-modified' });
  });
});

describe('answers that come in pages', () => {
  const pulses = JSON.parse(sample('otx', 'pulses_subscribed.json')) as { results: Json[] };

  test('OTX is read by the address of the next page', async () => {
    source = ({ url }) =>
      JSON.stringify({
        ...pulses,
        next: url.searchParams.get('page') === '2' ? null : `${base}/?limit=20&page=2`,
      });
    await add('otx', { transport: { ...loadPreset('otx').transport, auth: { kind: 'header', name: 'X-OTX-API-KEY', secret: 'env:FEED_KEY' }, url: `${base}/?limit=20&modified_since={{since}}` } }); // prettier-ignore
    expect(await run('otx')).toMatchObject({ files: 2, accepted: 10, filtered: 2 });
    expect(asked.map(({ headers }) => headers['x-otx-api-key'])).toEqual(['the-key', 'the-key']);
    expect(asked[0]?.url.searchParams.get('modified_since')).toBe('2025-12-16T12:00:00.000Z');
  });

  test('a next page on another host is not followed, and a repeated one ends the run', async () => {
    const transport = { ...loadPreset('otx').transport, auth: { kind: 'none' as const }, url: `${base}/` };
    await add('otx', { transport });
    source = () => JSON.stringify({ ...pulses, next: 'https://elsewhere.example/' });
    expect(await run('otx')).toMatchObject({ status: 'failed', reason: expect.stringContaining('another host') }); // prettier-ignore
    expect(await standing('indicator')).toEqual([]);
    source = () => JSON.stringify({ ...pulses, next: `${base}/` });
    expect(await run('otx')).toMatchObject({ status: 'partial', reason: expect.stringContaining('same page') }); // prettier-ignore
  });

  test('a MISP search sends the page in the body', async () => {
    const events = ['51f5655c-f5bd-5c6b-acf8-44cbc86bf771', '5b611e50-6ac3-5ee9-a294-8ea19dde2cc4'].map((uuid) => JSON.parse(sample('misp-feed', `${uuid}.json`)) as Json); // prettier-ignore
    source = ({ body }) => {
      const { page } = JSON.parse(body) as { page: string };
      return JSON.stringify({ response: events.slice(Number(page) - 1, Number(page)) });
    };
    const { transport } = loadPreset('misp-events');
    await add('misp-events', { transport: { ...transport, url: base, auth: { kind: 'header', name: 'Authorization', secret: 'env:FEED_KEY' }, paging: { kind: 'page', items: 'response', size: 1 } } }); // prettier-ignore
    expect(await run('misp-events')).toMatchObject({ files: 3, created: 12 });
    expect(asked.map(({ body }) => (JSON.parse(body) as { page: string }).page)).toEqual(['1', '2', '3']);
    expect((JSON.parse(asked[0]?.body ?? '{}') as { timestamp: string }).timestamp).toBe(String(Date.parse('2025-12-16T12:00:00Z') / 1000)); // prettier-ignore
  });

  test('TAXII 1.1: all parts of a response are read, and the next run starts at its end timestamp', async () => {
    const part = (more: boolean) =>
      sample('stix1', 'taxii11_poll_response.xml')
        .replace('more="false"', `more="${String(more)}" result_id="r&amp;1"`)
        .replaceAll('10.0.0.0', more ? '192.0.2.1' : '192.0.2.2');
    source = ({ body }) => part(body.includes('Poll_Request'));
    await add('stix1-taxii11', { transport: { ...loadPreset('stix1-taxii11').transport, url: base, auth: { kind: 'none' } } }); // prettier-ignore
    expect(await run('stix1-taxii11')).toMatchObject({ status: 'ok', files: 2, created: 2 });
    expect(asked[0]?.headers).toMatchObject({
      'x-taxii-content-type': 'urn:taxii.mitre.org:message:xml:1.1',
    });
    expect(asked[0]?.body).toContain('>2025-12-16T12:00:00.000Z<');
    expect(asked[1]?.body).toMatch(/Poll_Fulfillment.* result_id="r&#38;1" result_part_number="2"/);
    asked = [];
    await run('stix1-taxii11');
    expect(asked[0]?.body).toContain('>2026-01-15T12:00:00Z<');
    source = () =>
      '<t:Status_Message xmlns:t="http://taxii.mitre.org/messages/taxii_xml_binding-1.1" status_type="UNAUTHORIZED"><t:Message>no</t:Message></t:Status_Message>';
    expect(await run('stix1-taxii11')).toMatchObject({ status: 'failed', failure: 'needs-key' });
  });
});

describe('one partner, every format', () => {
  const csv = loadPreset('impact-grc');
  const rows = sample('impact', 'news_alert.csv')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const [columns = [], ...records] = rows;
  const objects = records.map((fields) =>
    Object.fromEntries(columns.map((name, i) => [name, fields[i] ?? ''])),
  );
  const formats: readonly [string, string, Partial<FeedDocument>, object][] = [
    ['CSV', sample('impact', 'news_alert.csv'), {}, { created: 3, quarantined: 1 }],
    ['JSON', JSON.stringify({ data: objects }), { parser: { kind: 'json', records: '$.data[*]' } }, { created: 3, quarantined: 1 }],
    ['JSON lines', objects.map((object) => JSON.stringify(object)).join('\n'), { parser: { kind: 'ndjson' } }, { created: 3, quarantined: 1 }],
    ['IODEF v1', sample('iodef', 'v1_watchlist.xml'), { parser: { kind: 'iodef' }, map: [] }, { created: 7, quarantined: 1 }],
    ['IODEF v2', sample('iodef', 'v2_campaign.xml'), { parser: { kind: 'iodef' }, map: [] }, { created: 8, quarantined: 0 }],
    ['STIX 1.x', sample('stix1', 'indicator-for-malicious-url.xml'), { parser: { kind: 'stix1' }, map: [] }, { created: 1 }],
    ['STIX 2.0', sample('taxii20', 'objects_bundle.json'), { parser: { kind: 'stix' }, map: [] }, { created: 2 }],
    ['STIX 2.1', sample('stix21', 'indicator-for-malicious-url.json'), { parser: { kind: 'stix' }, map: [] }, { created: 3 }],
    ['MISP', sample('misp-feed', '51f5655c-f5bd-5c6b-acf8-44cbc86bf771.json'), { parser: { kind: 'misp' }, map: [] }, { created: 10 }],
    ['X-ARF', sample('x-arf', 'v4_login_attack.json'), { parser: { kind: 'json', records: '$' }, map: loadPreset('x-arf').map, time: {} }, { created: 1 }],
  ]; // prettier-ignore

  test.each(formats)('the IMPACT preset with %s', async (_name, body, over, expected) => {
    source = ({ headers }) => (headers.authorization === 'Bearer the-key' ? body : 401);
    const document = { ...csv, ...over };
    await add('impact-grc', {
      ...document,
      transport: https({ auth: { kind: 'bearer', secret: 'env:FEED_KEY' } }),
    });
    expect(await run('impact-grc')).toMatchObject(expected);
    // No level is less strict than agreed.
    const indicators = await standing('indicator');
    expect(indicators.every((object) => (object['object_marking_refs'] as string[] | undefined)?.length !== 0)).toBe(true); // prettier-ignore
  });

  test('the template is disabled by default, and stays disabled without an address', async () => {
    const made = await t.api('boss', 'POST', '/feeds', { name: 'impact-grc', collection: 'indicators', preset: 'partner-cert' }); // prettier-ignore
    expect([made.status, made.body['enabled'], made.body['state']]).toEqual([201, false, 'off']);
    const own = await t.api('boss', 'POST', '/feeds', { name: 'own', collection: 'indicators', document: { ...csv, transport: { kind: 'https', url: `${base}/` } } }); // prettier-ignore
    expect(own.body['enabled']).toBe(false);
  });

  test('an email with the report can be uploaded as a file', async () => {
    await add('impact-grc', { ...csv, transport: { kind: 'upload', pattern: '*.csv', senders: ['grc@impact.example'] } }); // prettier-ignore
    const send = async (name: string, body: string) => {
      const path = `/feeds/impact-grc/content?name=${name}`;
      await t.api('boss', 'POST', path, body, { 'Content-Type': 'message/rfc822' });
      return (await t.hub.feeds.health.history('impact-grc', 1))[0];
    };
    const mail = sample('impact', 'report.eml');
    expect(await send('report.eml', mail)).toMatchObject({ records: 4, created: 3, quarantined: 1 });
    clock.advance(1_000);
    const forged = mail.replace('grc@impact.example', 'mallory@elsewhere.example');
    expect(await send('forged.eml', forged)).toMatchObject({
      records: 0,
      oddities: expect.arrayContaining([expect.stringContaining('transport.senders')]) as unknown,
    });
  });
});

test('an account cannot use a secret of the hub as the key in the body of a feed', async () => {
  const { transport } = loadPreset('shadowserver');
  const document = { ...loadPreset('shadowserver'), transport: { ...transport, url: base, auth: { kind: 'hmac', key: 'env:HOME', secret: 'secret:x' } } }; // prettier-ignore
  const answer = await t.api('boss', 'POST', '/feeds', { name: 'x', collection: 'indicators', document });
  expect([answer.status, answer.body['code']]).toEqual([403, 'TLN-F-406']);
});

test('self-describing formats are detected from the URL alone', async () => {
  const forms: [string, string, object][] = [
    ['iodef', sample('iodef', 'v2_campaign.xml'), { parser: { kind: 'iodef' } }],
    ['stix1', sample('stix1', 'indicator-for-malicious-url.xml'), { parser: { kind: 'stix1' } }],
    [
      'rss',
      sample('rss', 'advisories.rss'),
      { parser: { kind: 'xml', records: 'rss/channel/item|RDF/item|feed/entry' } },
    ],
    ['atom', sample('rss', 'alerts.atom'), { parser: { kind: 'xml', records: 'feed/entry' } }],
    ['event', sample('misp-feed', '51f5655c-f5bd-5c6b-acf8-44cbc86bf771.json'), { parser: { kind: 'misp' } }],
    ['manifest', sample('misp-feed', 'manifest.json'), { transport: { kind: 'index', index: 'misp' } }],
    ['csaf', sample('csaf', 'icsa-24-004-01.json'), { parser: { kind: 'csaf' } }],
    ['kev', sample('cisa-kev', 'kev_60.json'), { map: [{ object: 'vulnerability' }] }],
  ];
  for (const [name, body, document] of forms) {
    source = () => body;
    const made = await t.api('boss', 'POST', '/feeds', {
      name,
      collection: 'indicators',
      url: `${base}/${name}`,
    });
    expect([name, made.status]).toEqual([name, 201]);
    expect(made.body['document']).toMatchObject(document);
  }
});

test('objects whose licence forbids redistribution are routed to nobody, and the run reports other readers', async () => {
  const list = loadPreset('plain-list');
  const place = async (name: string, redistribute: 'no' | 'members', address: string): Promise<void> => {
    source = () => `${address}\n`;
    await t.hub.feeds.registry.create(
      checkDocument(
        { ...list, name, enabled: false, values: special, transport: https({ url: base }), defaults: { ...list.defaults, tlp: 'green', redistribute } },
        name,
      ),
      'indicators',
      [],
    ); // prettier-ignore
  };
  await place('kept', 'no', '198.51.100.21');
  expect(await run('kept')).toMatchObject({ created: 1, oddities: [expect.stringContaining('does not allow redistribution')] }); // prettier-ignore
  await place('shared', 'members', '198.51.100.22');
  const shared = await run('shared');
  expect(shared).toMatchObject({ created: 1 });
  expect(shared.oddities).toBeUndefined();
  await t.hub.routing.routeAll();
  const { collections } = (await t.as('sensor').get('/main/collections/')).body as { collections: Json[] };
  const own = String(collections.find(({ title }) => /tonga/i.test(String(title)))?.['id']);
  const routed = async (): Promise<unknown> => {
    const { body } = await t.as('sensor').get(`${objectsOf(own)}?match[type]=indicator`);
    return ((body as { objects?: Json[] }).objects ?? []).map((object) => object['name']);
  };
  expect(await routed()).toEqual(['198.51.100.22']);
  // The licence still applies after the feed was removed. A new member makes routing start from the beginning.
  for (const name of ['kept', 'shared']) await t.hub.feeds.registry.delete(name, []);
  const samoa = { name: 'samoa', collection: true, networks: ['203.0.113.0/24'] };
  expect((await t.api('chief', 'POST', '/members', samoa)).status).toBe(201);
  await t.hub.routing.routeAll();
  expect(await routed()).toEqual(['198.51.100.22']);
});

test('a warning list from a feed replaces the shipped list for every feed, and is fetched through the egress guard', async () => {
  const list = loadPreset('misp-warninglist');
  const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `203.0.114.${i}`);
  let entries = [...lines(40), '192.0.2.0/28'];
  source = ({ url }) =>
    url.pathname === '/list.json'
      ? JSON.stringify({ name: 'x', list: entries })
      : '8.8.8.8\n192.0.2.5\n192.0.2.200\n';
  await t.hub.feeds.registry.create(checkDocument({ ...loadPreset('plain-list'), schedule: { cron: '0 3 1 1 *' }, values: special, enabled: false, transport: https({ url: `${base}/bad.txt` }), defaults: { ...list.defaults, tlp: 'green', valid_for: 'P9D' } }, 'x'), 'indicators', []); // prettier-ignore
  // The bundled list contains 8.8.8.8.
  expect(await run('plain-list')).toMatchObject({
    created: 2,
    filtered_by: { 'warninglist:public-dns-v4': 1 },
  });
  await add('misp-warninglist', { transport: https() }, 'list.json');
  expect(await run('misp-warninglist')).toMatchObject({ status: 'ok', created: 41, unchanged: 0 });
  source = ({ url }) => (url.pathname === '/list.json' ? JSON.stringify({ list: entries }) : '8.8.8.8\n192.0.2.5\n192.0.2.201\n'); // prettier-ignore
  expect(await run('plain-list')).toMatchObject({ created: 2, unchanged: 0, filtered_by: { 'warninglist:public-dns-v4': 1 } }); // prettier-ignore
  expect((await standing('indicator')).map((object) => object['name'])).toContain('8.8.8.8');
  entries = lines(3);
  expect(await run('misp-warninglist')).toMatchObject({ status: 'suspect' });
  expect(await run('misp-warninglist')).toMatchObject({ status: 'ok', unchanged: 3, removed: 38 });
  entries = ['no network', ...lines(3)];
  expect(await run('misp-warninglist')).toMatchObject({ status: 'partial', quarantined: 1, unchanged: 3 });
  await t.hub.feeds.registry.delete('misp-warninglist', []);
  source = () => '8.8.4.4\n192.0.2.202\n';
  expect(await run('plain-list')).toMatchObject({
    created: 1,
    filtered_by: { 'warninglist:public-dns-v4': 1 },
  });
});

test('new and missing columns are reported once', async () => {
  const csv = (header: string, row: string): void => void (source = () => `${header}\n${row}\n`);
  await t.hub.feeds.registry.create(checkDocument({ ...loadPreset('plain-list'), name: 'table', schedule: { cron: '0 3 1 1 *' }, mode: 'append', enabled: false, values: special, transport: https({ url: base }), parser: { kind: 'csv', header: 'first' }, map: [{ value: '{host}', type: 'domain' }] }, 'table'), 'indicators', []); // prettier-ignore
  csv('host,port', 'a.reef.example,1');
  expect((await run('table')).oddities).toBeUndefined();
  csv('sure,host', '5,b.reef.example');
  expect((await run('table')).oddities).toEqual(['columns-added: sure', 'columns-gone: port']);
  csv('sure,host', '6,c.reef.example');
  expect((await run('table')).oddities).toBeUndefined();
});

test('two hundred feeds keep their schedules although some of their sources hang', async () => {
  const document = loadPreset('plain-list');
  const hanging: (() => void)[] = [];
  source = ({ url }) => `${url.pathname.slice(1)}.reef.example\n`;
  hold = ({ url }) =>
    url.pathname.startsWith('/hang') ? new Promise<void>((resolve) => hanging.push(resolve)) : undefined;
  const names = [
    ...Array.from({ length: 8 }, (_, i) => `hang-${i}`),
    ...Array.from({ length: 192 }, (_, i) => `feed-${i}`),
  ];
  for (const name of names)
    await t.hub.feeds.registry.create(
      checkDocument(
        { ...document, name, enabled: true, schedule: { cron: '0 3 1 1 *' }, values: special, observables: false, transport: https({ url: `${base}/${name}` }), defaults: { ...document.defaults, tlp: 'green' } },
        name,
      ),
      'indicators',
      [],
    ); // prettier-ignore
  // Feeds that have never run start immediately, because a slot is due for each of them.
  await t.hub.feeds.start();
  const runs = (name: string) => t.hub.feeds.health.history(name, 5);
  // One feed is queried at a time. Querying all of them would take longer than their runs.
  for (const name of names.slice(8)) await until(async () => (await runs(name)).length > 0);
  for (const name of names.slice(8)) expect(await runs(name)).toHaveLength(1);
  expect(hanging).toHaveLength(8);
  hold = () => undefined;
  for (const go of hanging) go();
  await until(async () => (await t.hub.feeds.health.history('hang-7', 1)).length === 1);
  await t.hub.feeds.stop();
}, 60_000);
