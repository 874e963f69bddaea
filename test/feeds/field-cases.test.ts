// Cases from the field: files of sources as they are, with the right answer (test/fixtures/SOURCES.md).
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedDocument } from '../../src/config/settings.ts';
import { loadPreset } from '../../src/feeds/document.ts';
import { isPlaceholder } from '../../src/feeds/findings.ts';
import { HEALTHY, healthAfter } from '../../src/feeds/health.ts';
import { draftsOf } from '../../src/feeds/objects.ts';
import type { RunReport } from '../../src/feeds/report.ts';
import { orderOfNumbers, readTime } from '../../src/feeds/times.ts';
import { ValueFault } from '../../src/stix/values/read-value.ts';
import { readSample, type Reading } from '../support/feed-reading.ts';

const cases = join(import.meta.dirname, '..', 'fixtures', 'cases', 'feeds');
const NOW = Date.parse('2026-11-29T12:00:00Z');
const here = mkdtempSync(join(tmpdir(), 'talanoa-cases-'));
afterAll(() => rmSync(here, { recursive: true }));

const read = (document: FeedDocument, name: string, now = NOW): Promise<Reading> =>
  readSample(document, join(cases, name), now);
const readText = (document: FeedDocument, text: string | Buffer, now = NOW): Promise<Reading> => {
  const path = join(here, 'file');
  writeFileSync(path, text);
  return readSample(document, path, now);
};
const reports = (reading: Reading) =>
  reading.of('report').map(({ object }) => [object['name'], object['published']]);
const rss = loadPreset('advisories-rss');
const item = (inside: string): string =>
  `<item><title>One CVE-2026-1</title><link>https://cert.reef-shop.com/1</link>${inside}</item>`;
const channel = (inside: string, declaration = '<?xml version="1.0"?>'): string =>
  `${declaration}<rss version="2.0"><channel><title>CERT</title>${inside}</channel></rss>`;

describe('XML and RSS', () => {
  test('the charset of the declaration is used', async () => {
    expect(reports(await read(rss, 'k7-latin1.rss'))).toEqual(
      [0, 1, 2].map((i) => [`Vulnérabilité ${i} CVE-2026-610${i}`, '2026-11-20T10:00:00.000Z']),
    );
  });

  test.each([
    ['windows-1252', Buffer.from('Vuln\xe9rabilit\xe9 \x80', 'latin1'), 'Vulnérabilité €'],
    ['ISO-8859-15', Buffer.from('Vuln\xe9rabilit\xe9 \xa4', 'latin1'), 'Vulnérabilité €'],
    ['windows-1251', Buffer.from('\xd3\xff\xe7\xe2\xe8\xec\xee\xf1\xf2\xfc', 'latin1'), 'Уязвимость'],
    ['Shift_JIS', Buffer.from('\x90\xc6\x8e\xe3\x90\xab', 'latin1'), '脆弱性'],
    // Declared wrongly: the text shows what it is.
    ['ISO-8859-1', Buffer.from('Vulnérabilité €'), 'Vulnérabilité €'],
    ['UTF-8', Buffer.from('Vuln\xe9rabilit\xe9', 'latin1'), 'Vulnérabilité'],
    ['UTF-16', Buffer.from('Vulnérabilité'), 'Vulnérabilité'],
    ['x-unknown', Buffer.from('Vulnérabilité'), 'Vulnérabilité'],
  ])('%s', async (charset, title, expected) => {
    const [before = '', after = ''] = channel(
      '<item><title>|</title><link>https://cert.reef-shop.com/1</link></item>',
      `<?xml version='1.0' encoding='${charset}'?>`,
    ).split('|');
    const reading = await readText(rss, Buffer.concat([Buffer.from(before), title, Buffer.from(after)]));
    expect(reports(reading).map(([name]) => name)).toEqual([expected]);
  });

  test('a time zone is read by its name, and the next day creates no new version', async () => {
    const first = await read(rss, 'k7-nzdt-1.rss');
    expect(reports(first)).toEqual(
      [0, 1, 2].map((i) => [`Vulnérabilité ${i} CVE-2026-610${i}`, '2026-11-19T21:00:00.000Z']),
    );
    expect(newVersions(first, await read(rss, 'k7-nzdt-2.rss', NOW + 86_400_000))).toEqual([]);
  });

  test('a report without a date keeps the time at which it was first stored', async () => {
    const first = await readText(rss, channel(item('')));
    const next = await readText(rss, channel(item('<!-- one space more -->')), NOW + 86_400_000);
    expect(first.objects.find(({ type }) => type === 'report')).toMatchObject({
      published: '2026-11-29T12:00:00.000Z',
    });
    expect(newVersions(first, next)).toEqual([]);
  });

  test('a date that cannot be read never becomes the time of reading', async () => {
    for (const date of [
      'yesterday',
      'Fri, 20 Nov 2026 10:00:00 XYZT',
      'Fri, 32 Nov 2026 10:00:00 GMT',
      '03/04/2026',
    ]) {
      const reading = await readText(rss, channel(item(`<pubDate>${date}</pubDate>`)));
      expect([date, reading.of('report'), reading.quarantine]).toEqual([
        date,
        [],
        [{ row: 1, reason: 'bad-timestamp' }],
      ]);
    }
    // Another date of the same item is used.
    const other = await readText(
      rss,
      channel(item('<pubDate>yesterday</pubDate><dc:date>2026-11-20T10:00:00+13:00</dc:date>')).replace(
        '<rss ',
        '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ',
      ),
    );
    expect(reports(other)).toEqual([['One CVE-2026-1', '2026-11-19T21:00:00.000Z']]);
  });

  test('the items of RSS 1.0, which are next to the channel, are read', async () => {
    const text = `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://jvn.example.jp/"><title>JVN</title><items><rdf:Seq><rdf:li rdf:resource="https://cert.reef-shop.com/1"/></rdf:Seq></items></channel>
<item rdf:about="https://cert.reef-shop.com/1"><title>One</title><link>https://cert.reef-shop.com/1</link><dc:date>2026-11-20T10:00+09:00</dc:date></item></rdf:RDF>`;
    const reading = await readText(rss, text);
    expect(reports(reading)).toEqual([['One', '2026-11-20T01:00:00.000Z']]);
  });

  test('the preset for RSS reads Atom as well, because many addresses do not show which of both they have', async () => {
    const text = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>CERT</title><updated>2026-11-21T10:00:00Z</updated>
<entry><id>tag:cert.reef-shop.com,2026:1</id><title type="html">One &amp;amp; two CVE-2026-1234</title><link rel="alternate" href="https://cert.reef-shop.com/1"/><published>2026-11-20T10:00:00+13:00</published><updated>2026-11-21T10:00:00Z</updated><summary>Three</summary></entry></feed>`;
    const reading = await readText(rss, text);
    expect(reports(reading)).toEqual([['One & two CVE-2026-1234', '2026-11-19T21:00:00.000Z']]);
    expect(reading.of('report')[0]?.object).toMatchObject({ description: 'Three', external_references: [{ source_name: 'advisory', url: 'https://cert.reef-shop.com/1' }] }); // prettier-ignore
    expect(await readText(loadPreset('advisories-atom'), text)).toMatchObject({ quarantine: [] });
  });

  test('HTML entities are read by name, and an undefined one does not make the feed unreadable', async () => {
    const reading = await readText(
      rss,
      channel(
        '<item><title>Vuln&eacute;rabilit&eacute;&nbsp;&ndash;&hellip; &amp; &lt;b&gt; &foo;</title><link>https://cert.reef-shop.com/?a=1&amp;b=2</link></item>',
      ),
    );
    expect(reports(reading).map(([name]) => name)).toEqual(['Vulnérabilité –… & &foo;']);
    expect(reading.of('report')[0]?.object['external_references']).toEqual([
      { source_name: 'advisory', url: 'https://cert.reef-shop.com/?a=1&b=2' },
    ]);
  });

  /** Returns the objects of which a second reading would store another version. */
  function newVersions(first: Reading, next: Reading) {
    const standing = new Map(first.objects.map((object) => [String(object['id']), object]));
    return next.findings.flatMap((finding) =>
      draftsOf(rss, finding, NOW + 86_400_000).flatMap(
        (draft) => draft.against(standing.get(draft.id)) ?? [],
      ),
    );
  }
});

describe('placeholders for missing values', () => {
  test('no malware family is called unknown', async () => {
    const reading = await read(loadPreset('threatfox'), 'k12-threatfox-unknown.csv');
    expect(reading.patterns).toHaveLength(2);
    expect(reading.objects.flatMap(({ type, name }) => (type === 'malware' ? [name] : []))).toEqual([
      'win.own',
    ]);
  });

  test.each([
    ['unknown', 'Unknown', 'unknown_stealer', 'Unknown malware', 'n/a', 'N/A', 'NA', '-', '--', '?', 'none', 'None', 'NULL', '(none)', 'undefined', 'not available', 'Unspecified', ''],
  ])('%s and similar words mean no value', (...words) => {
    expect(words.filter((word) => !isPlaceholder(word))).toEqual([]);
    expect(['win.own', 'Unidentified 001', 'Nanocore', 'NanHaiShu', 'Emotet', '中文'].filter(isPlaceholder)).toEqual([]);
  }); // prettier-ignore

  test('nor are they names, labels and descriptions', async () => {
    const document: FeedDocument = {
      ...loadPreset('threatfox'),
      parser: { kind: 'csv', header: 'first' },
      map: [
        {
          value: '{ioc}',
          type: 'auto',
          name: '{name}',
          description: '{text}',
          malware: '{family}',
          labels: ['{tag}', '{kind}'],
        },
      ],
    };
    const { objects } = await readText(
      document,
      'ioc,name,text,family,tag,kind\n45.131.100.101,n/a,None,-,unknown,c2\n',
    );
    expect(objects.find(({ type }) => type === 'indicator')).toMatchObject({
      name: '45.131.100.101',
      labels: ['c2'],
    });
    expect(objects.find(({ type }) => type === 'indicator')).not.toHaveProperty('description');
    expect(objects.some(({ type }) => type === 'malware')).toBe(false);
  });
});

test('warnings about the content are an alarm, also while the source does not change', () => {
  const report = {
    feed: 'f', started: '2026-11-29T10:00:00.000Z', ended: '2026-11-29T10:00:01.000Z', status: 'ok', bytes: 1, records: 1,
    accepted: 1, duplicates: 0, filtered: 0, quarantined: 0, created: 1, updated: 0, unchanged: 0, removed: 0, held: 0, refused: 0,
  } as const; // prettier-ignore
  const odd = { ...report, oddities: ['columns-gone: tags', 'the server sends "next" as a number'] };
  const alarms = (now: RunReport, ...before: RunReport[]) =>
    healthAfter(now, before, HEALTHY, { certificate: undefined, keyFrom: undefined }, NOW).alarms.map(
      ({ code, message }) => [code, message],
    );
  expect(alarms(odd)).toEqual([['warning', 'columns-gone: tags']]);
  expect(alarms({ ...report, status: 'not-modified' }, odd)).toEqual([['warning', 'columns-gone: tags']]);
  expect(alarms(report, odd)).toEqual([]);
});

describe('times', () => {
  const rules = { zone: 'UTC', format: 'any', now: NOW } as const;
  test.each([
    ['Fri, 20 Nov 2026 10:00:00 NZDT', '2026-11-19T21:00:00.000Z'],
    ['Fri, 20 Nov 2026 10:00:00 AEST', '2026-11-20T00:00:00.000Z'],
    ['Fri, 20 Nov 2026 10:00:00 ACDT', '2026-11-19T23:30:00.000Z'],
    ['Fri, 20 Nov 2026 10:00:00 FJT', '2026-11-19T22:00:00.000Z'],
    ['Fri, 20 Nov 2026 10:00:00 EST', '2026-11-20T15:00:00.000Z'],
    ['Fri,20 Nov 2026 10:00:00 GMT', '2026-11-20T10:00:00.000Z'],
    ['Fri, 20 Nov 26 10:00:00 GMT', '2026-11-20T10:00:00.000Z'],
    ['Fri, 20 Nov 98 10:00 +0000', '1998-11-20T10:00:00.000Z'],
    ['Friday, 20-Nov-26 10:00:00 GMT', '2026-11-20T10:00:00.000Z'],
    ['20 November 2026', '2026-11-20T00:00:00.000Z'],
    ['ven., 20 nov. 2026 10:00:00 +0100', '2026-11-20T09:00:00.000Z'],
    ['20 août 2026 10:00', '2026-08-20T10:00:00.000Z'],
    ['20 de novembro de 2026', '2026-11-20T00:00:00.000Z'],
    ['November 20, 2026 10:00 pm', '2026-11-20T22:00:00.000Z'],
    ['Nov 20th, 2026, 12:30 AM', '2026-11-20T00:30:00.000Z'],
    ['Fri Nov 20 2026 10:00:00 GMT+1300 (New Zealand Daylight Time)', '2026-11-19T21:00:00.000Z'],
    ['Fri Nov 20 10:00:00 NZDT 2026', '2026-11-19T21:00:00.000Z'],
    ['Fri Nov  6 10:00:00 2026', '2026-11-06T10:00:00.000Z'],
    ['2026-11-20T10:00:00.123456+13:00', '2026-11-19T21:00:00.123Z'],
    ['2026-11-20 10:00:00 +13', '2026-11-19T21:00:00.000Z'],
    ['2026-11-20 10:00:00,5 UTC', '2026-11-20T10:00:00.500Z'],
    ['2026/11/20 9:05', '2026-11-20T09:05:00.000Z'],
    ['2026-11-20 10:00:00 PM', '2026-11-20T22:00:00.000Z'],
    ['20261120T100000Z', '2026-11-20T10:00:00.000Z'],
    ['20261120', '2026-11-20T00:00:00.000Z'],
    ['1795168800', '2026-11-20T10:00:00.000Z'],
    ['1795168800.25', '2026-11-20T10:00:00.250Z'],
    ['1795168800000', '2026-11-20T10:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(readTime(text, rules)).toISOString()).toBe(expected);
  });

  test.each(['03/04/2026', '20 Foo 2026', '20 Nov 2026 10:00 XYZT', '2026-11-20 10:00 +25', '30 Feb 2026', '12345', '13:00', 'Nov', '20 Nov 2026 13:00 pm', '-'])(
    '%s is not a time', (text) => {
      expect(() => readTime(text, rules)).toThrow(ValueFault);
    },
  ); // prettier-ignore

  test('dates of numbers are read in the order that the feed states', () => {
    const iso = (text: string, format: 'day-first' | 'month-first') =>
      new Date(readTime(text, { ...rules, format })).toISOString();
    expect(iso('03/04/2026 10:00', 'day-first')).toBe('2026-04-03T10:00:00.000Z');
    expect(iso('3/4/26, 10:00:00 PM', 'month-first')).toBe('2026-03-04T22:00:00.000Z');
    expect(iso('03.04.2026', 'day-first')).toBe('2026-04-03T00:00:00.000Z');
    expect(['20/11/2026', '11/20/2026', '03/04/2026', '2026-11-20'].map(orderOfNumbers)).toEqual([
      'day-first',
      'month-first',
      'either',
      undefined,
    ]);
  });
});
