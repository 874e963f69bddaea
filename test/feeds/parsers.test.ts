import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadPreset, presetNames } from '../../src/feeds/document.ts';
import { parseFeed } from '../../src/feeds/parsers/parse.ts';
import type { Parsed } from '../../src/feeds/parsers/record.ts';
import { fill } from '../../src/feeds/template.ts';
import { readTime } from '../../src/feeds/times.ts';
import { ValueFault, readValue, type ValueType } from '../../src/stix/values/read-value.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { readSample, special } from '../support/feed-reading.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'feeds');

interface Expected {
  readonly file: string;
  readonly clock: string;
  readonly results: {
    readonly accepted?: number;
    readonly duplicates?: number;
    readonly filtered?: number;
    readonly quarantined: number;
  };
  readonly quarantine: { row: number; reason: string }[];
  readonly filtered?: { row: number; reason: string }[];
  readonly patterns: string[];
  readonly patterns_sha256?: string;
  readonly details?: Record<
    string,
    {
      valid_from?: string;
      labels_include?: string[];
      external_reference_url?: string;
      external_id?: string;
      confidence?: number;
      malware?: string;
      revoked?: boolean;
    }
  >;
}

function expectation(name: string, file: string): Expected {
  const all = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as { files: Expected[] };
  const found = all.files.find((item) => item.file === file);
  if (found === undefined) throw new Error(`no expectation for ${file}`);
  return found;
}

const list = (type: ValueType, over: Partial<FeedDocument['parser']> = {}): FeedDocument => ({
  ...loadPreset('plain-list'),
  values: special,
  parser: { kind: 'delimited', comment: ['#', ';', '//'], range: true, ...over },
  map: [{ value: '{value}', type }],
});

/** A preset that accepts the values of the samples. */
const preset = (name: string): FeedDocument => ({ ...loadPreset(name), values: special });
/** The same source as JSON. */
const asJson = (name: string, records: string, over: Partial<FeedDocument['map'][number]>): FeedDocument => {
  const document = preset(name);
  return {
    ...document,
    parser: { kind: 'json', records },
    map: document.map.map((mapping) => ({
      ...mapping,
      labels: [...(mapping.labels ?? []), '{tags}'],
      ...over,
      ...(over.value !== undefined && mapping.value.startsWith('SHA3')
        ? { value: `SHA3-384:${over.value}` }
        : {}),
    })),
  };
};

describe('feed samples produce the expected rows', () => {
  test.each([
    ['urlhaus', 'csv_recent.csv', { ...loadPreset('urlhaus'), values: special }],
    ['plain-ip-list', 'mixed_style.txt', list('ip')],
    ['plain-ip-list', 'ipsum_level5.txt', list('ip')],
    ['plain-ip-list', 'ipsum_counts_600.txt', { ...loadPreset('ipsum') }],
    ['domain-list', 'domains.txt', list('domain')],
    ['domain-list', 'maltrail_alphav.txt', list('auto')],
    ['threatfox', 'csv_recent.csv', preset('threatfox')],
    [
      'threatfox',
      'json_recent.json',
      asJson('threatfox', '$.*[*]', {
        malware: '{malware}',
        references: [{ source_name: 'threatfox', url: 'https://threatfox.abuse.ch/ioc/{_key}/' }],
      }),
    ],
    [
      'threatfox',
      'api_get_iocs.json',
      asJson('threatfox', '$.data[*]', {
        value: '{ioc}',
        valid_from: '{first_seen}',
        malware: '{malware}',
        references: [{ source_name: 'threatfox', url: 'https://threatfox.abuse.ch/ioc/{id}/' }],
      }),
    ],
    ['threatfox', 'api_no_result.json', asJson('threatfox', '$.data[*]', {})],
    ['urlhaus', 'json_recent.json', asJson('urlhaus', '$.*[*]', {})],
    ['feodo', 'ipblocklist.csv', preset('feodo')],
    ['feodo', 'ipblocklist_commented_header.csv', preset('feodo')],
    ['feodo', 'ipblocklist_empty.csv', preset('feodo')],
    [
      'feodo',
      'ipblocklist.json',
      asJson('feodo', '$[*]', { value: '{ip_address}:{port}', valid_from: '{first_seen}' }),
    ],
    ['sslbl', 'sslblacklist.csv', preset('sslbl')],
    ['malwarebazaar', 'csv_recent.csv', preset('malwarebazaar')],
    ['spamhaus-drop', 'drop_v4.json', preset('spamhaus-drop-v4')],
    ['spamhaus-drop', 'drop_v6.json', preset('spamhaus-drop-v6')],
    ['spamhaus-drop', 'asndrop.json', preset('spamhaus-asndrop')],
    ['spamhaus-drop', 'drop_legacy.txt', list('cidr')],
    ['dshield', 'block.txt', preset('dshield')],
    ['cert-pl', 'domains.json', preset('cert-pl')],
    [
      'cert-pl',
      'domains.tsv',
      {
        ...preset('cert-pl'),
        parser: {
          kind: 'csv',
          separator: '\t',
          columns: ['id', 'DomainAddress', 'InsertDate', 'DeleteDate'],
          null: [''],
        },
        time: { zone: 'Europe/Warsaw' },
      },
    ],
    ['phishtank', 'online-valid.csv', preset('phishtank')],
    ['phishtank', 'online-valid.json', { ...preset('phishtank'), parser: { kind: 'json', records: '$[*]' } }],
    ['openphish', 'feed.txt', preset('openphish')],
    ['tor-exits', 'torbulkexitlist.txt', preset('tor-exits')],
    [
      'tor-exits',
      'exit-addresses.txt',
      {
        ...preset('tor-exits'),
        parser: { kind: 'lines', pattern: '^ExitAddress (?<ip>\\S+) (?<time>.+)$' },
        map: [{ value: '{ip}', type: 'ip', valid_from: '{time}', labels: ['tor', 'anonymization'] }],
      },
    ],
    ['turris-greylist', 'greylist-latest.csv', preset('turris-greylist')],
    ['dataplane', 'sshpwauth.txt', preset('dataplane-sshpwauth')],
    ['domain-list', 'hosts.txt', list('domain', { kind: 'hosts' })],
    [
      'domain-list',
      'rpz.zone',
      {
        ...list('auto', { kind: 'rpz' }),
        filter: [{ when: { action: ['passthru'] }, reason: 'rpz-passthru' }],
      },
    ],
    ['impact', 'news_alert.csv', { ...loadPreset('impact-grc'), values: special }],
  ] as [string, string, FeedDocument][])('%s/%s', async (name, file, document) => {
    const expected = expectation(name, file);
    const run = await readSample(document, join(folder, name, file), Date.parse(expected.clock));
    const patterns = [...run.indicators.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    expect(run.quarantine).toEqual(expected.quarantine);
    if (expected.results.accepted !== undefined) expect(patterns).toHaveLength(expected.results.accepted);
    if (expected.results.filtered !== undefined && expected.filtered !== undefined)
      expect(run.filtered.filter(({ reason }) => reason !== 'metadata')).toEqual(expected.filtered);
    if (expected.results.duplicates !== undefined) expect(run.duplicates).toBe(expected.results.duplicates);
    if (expected.patterns_sha256 !== undefined)
      expect(createHash('sha256').update(patterns.join('\n')).digest('hex')).toBe(expected.patterns_sha256);
    for (const pattern of expected.patterns) expect(patterns).toContain(pattern);
    for (const [pattern, detail] of Object.entries(expected.details ?? {})) {
      const finding = run.indicators.get(pattern);
      if (detail.valid_from !== undefined)
        expect(new Date(finding?.validFrom ?? 0).toISOString()).toBe(detail.valid_from);
      for (const label of detail.labels_include ?? []) expect(finding?.labels).toContain(label);
      if (detail.external_id !== undefined)
        expect(finding?.references[0]?.external_id).toBe(detail.external_id);
      if (detail.confidence !== undefined) expect(finding?.confidence).toBe(detail.confidence);
      if (detail.malware !== undefined) expect(finding?.malware).toBe(detail.malware);
      if (detail.revoked !== undefined) expect(finding?.gone).toBe(detail.revoked);
      if (detail.external_reference_url !== undefined)
        expect(finding?.references[0]?.url).toBe(detail.external_reference_url);
    }
  });

  test('the IMPACT template maps by category, with times in its zone and the stricter marking', async () => {
    const document = { ...loadPreset('impact-grc'), values: special };
    const { indicators, of } = await readSample(
      document,
      join(folder, 'impact', 'news_alert.csv'),
      Date.parse('2026-01-15T12:00:00Z'),
    );
    expect(of('observed-data')).toHaveLength(1);
    expect(of('observed-data')[0]).toMatchObject({ tlp: 'amber' });
    const first = [...indicators.values()][0];
    expect(new Date(first?.validFrom ?? 0).toISOString()).toBe('2026-01-15T00:00:00.000Z');
    expect(first).toMatchObject({
      confidence: 80,
      tlp: 'green',
      labels: ['botnet-c2', 'qakbot', 'country:FJ'],
    });
    expect(document.enabled).toBe(false);
  });

  test('every preset is a valid document', () => {
    expect(presetNames()).toEqual(
      expect.arrayContaining(['impact-grc', 'plain-list', 'tor-exits', 'urlhaus']),
    );
    for (const name of presetNames()) expect(loadPreset(name).name).toBe(name);
    expect(() => loadPreset('urlhouse')).toThrow(
      expect.objectContaining({ hint: 'Did you mean "urlhaus"?' }),
    );
  });
});

async function collect(parsed: AsyncIterable<Parsed>): Promise<Parsed[]> {
  const found: Parsed[] = [];
  for await (const item of parsed) found.push(item);
  return found;
}

describe('parsing of files', () => {
  const rows = async (text: string | string[], parser: FeedDocument['parser']): Promise<Parsed[]> =>
    collect(
      parseFeed(
        Readable.from((Array.isArray(text) ? text : [text]).map((part) => Buffer.from(part))),
        parser,
      ),
    );

  test('CSV with quoted line breaks, doubled quotes, comments, BOM and CRLF has correct line numbers', async () => {
    const text =
      '\ufeff# a comment\r\n# id,value,note\r\n1,"a ""quoted"" one","two\r\nlines"\r\n# between\r\n2,b,c\r\n3,short\r\n';
    const found = await rows(text, { kind: 'csv', comment: ['#'], header: 'last-comment' });
    expect(found.map(({ line, kind }) => [line, kind])).toEqual([
      [3, 'row'],
      [6, 'row'],
      [7, 'bad'],
    ]);
    expect(found[0]).toMatchObject({ row: { id: '1', value: 'a "quoted" one', note: 'two\nlines' } });
  });

  test('a missing required column fails the file with its name', async () => {
    await expect(
      rows('a,b\n1,2\n', { kind: 'csv', header: 'first', required: ['url'] }),
    ).rejects.toMatchObject({
      code: 'TLN-F-011',
      title: 'The feed has no column url',
      description: expect.stringContaining('a, b'),
    });
  });

  test('a text that is split anywhere between chunks gives the same rows', async () => {
    const text = 'id,value\n1,"é\n日"\n2,x\n';
    const bytes = Buffer.from(text);
    const whole = await rows(text, { kind: 'csv', header: 'first' });
    for (let i = 1; i < bytes.length; i++) {
      const parts = [bytes.subarray(0, i), bytes.subarray(i)];
      const found = await collect(parseFeed(Readable.from(parts), { kind: 'csv', header: 'first' }));
      expect(found).toEqual(whole);
    }
  });

  test.each([
    ['a fault before a nesting that is too deep', `[{"a":1},x${'['.repeat(70)}`, 'TLN-F-015'],
    ['a nesting that is too deep before a fault', `[{"a":1},${'['.repeat(70)}x`, 'TLN-F-017'],
  ])('JSON with %s is refused for the first of them, wherever it is cut', async (_what, text, code) => {
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i++) {
      const parts = [bytes.subarray(0, i), bytes.subarray(i)].filter(({ length }) => length > 0);
      const records: Parsed[] = [];
      const read = async (): Promise<void> => {
        for await (const record of parseFeed(Readable.from(parts), { kind: 'json' })) records.push(record);
      };
      await expect(read()).rejects.toMatchObject({ code });
      expect(records).toHaveLength(1);
    }
  });
});

describe('values', () => {
  const rules = { specialAddresses: new Set<string>(), specialDomains: new Set<string>(), range: true };
  const code = (raw: string, type: ValueType): string => {
    try {
      return JSON.stringify(
        readValue(raw, type, rules).map(({ observable }) =>
          'value' in observable ? observable.value : observable,
        ),
      );
    } catch (error) {
      return error instanceof ValueFault ? error.code : 'crash';
    }
  };

  test.each([
    ['10.0.0.1', 'ip', 'special-address:private'], ['127.0.0.1', 'ip', 'special-address:loopback'], ['169.254.169.254', 'ip', 'special-address:linklocal'], ['192.0.2.1', 'ip', 'special-address:documentation'],
    ['100.64.0.1', 'ip', 'special-address:cgnat'], ['::1', 'ip', 'special-address:loopback'], ['::ffff:10.0.0.1', 'ip', 'special-address:private'], ['224.0.0.1', 'ip', 'special-address:multicast'],
    ['8.8.8.8/32', 'ip', '["8.8.8.8"]'], ['8.8.8.9/24', 'cidr', '["8.8.8.0/24"]'], ['8.0.0.0/7', 'cidr', 'prefix-too-wide'], ['198.51.100.7/2', 'cidr', 'prefix-too-wide'], ['2001:db8::/15', 'cidr', 'prefix-too-wide'],
    ['192.128.0.0/9', 'cidr', 'special-address:private'], ['172.0.0.0/8', 'ip', 'special-address:private'], ['169.0.0.0-169.255.255.255', 'ip', 'special-address:linklocal'], ['2001:db0::/28', 'cidr', 'special-address:documentation'],
    ['192.168.0.0/16', 'cidr', 'special-address:private'], ['::ffff:8.8.8.9/120', 'cidr', '["8.8.8.0/24"]'], ['::ffff:172.0.0.0/104', 'cidr', 'special-address:private'], ['::ffff:8.0.0.0/97', 'cidr', 'prefix-too-wide'],
    ['2001:4860:4860:0:0:0:0:8888', 'ip', '["2001:4860:4860::8888"]'], ['fe80::1%eth0', 'ip', 'bad-ipv6'],
    ['0x7f.1', 'ip', 'bad-ip'], ['1.2.3.4.5', 'ip', 'bad-ipv4'], ['8.8.8.10-8.8.8.13', 'ip', '["8.8.8.10/31","8.8.8.12/31"]'], ['8.8.8.13-8.8.8.10', 'ip', 'bad-range'],
    ['Evil.COM.', 'domain', '["evil.com"]'], ['co.uk', 'domain', 'public-suffix'], ['a..b.com', 'domain', 'bad-domain'], ['evil.com/x', 'domain', 'bad-domain'], ['x.localhost', 'domain', 'special-domain'],
    ['hxxps://evil[.]com/a[.]b', 'url', '["https://evil.com/a.b"]'], ['javascript:alert(1)', 'url', 'url-scheme'], ['http://10.0.0.1/', 'url', 'special-address:private'], ['http://2130706433/', 'url', 'special-address:loopback'], ['//evil.com', 'url', 'bad-url'],
    ['bad(at)evil[.]com', 'email', '["bad@evil.com"]'], ['d41d8cd98f00b204e9800998ecf8427e', 'hash', 'empty-file-hash'], ['xyz', 'hash', 'bad-hash'], ['8.8.8.8:443', 'endpoint', '["8.8.8.8"]'], ['8.8.8.8:0', 'endpoint', 'bad-port'], ['AS64500', 'asn', '[{"type":"autonomous-system","number":64500}]'], ['0', 'asn', 'bad-asn'],
    ['evil\u0000.com', 'domain', 'control-character'], ['', 'ip', 'empty-value'],
  ] as const)('%j as %s: %s', (raw, type, expected) => {
    expect(code(raw, type)).toBe(expected);
  }); // prettier-ignore

  test('templates and times', () => {
    expect(fill('{tags|split:,|lower}', { tags: 'A, b' })).toEqual(['a', 'b']);
    expect(fill('{a}:{b}', { a: '1', b: '' })).toEqual([]);
    const rules_ = { zone: 'UTC', format: 'iso', now: Date.parse('2026-01-15T12:00:00Z') } as const;
    expect(readTime('2026-01-15 11:58:00 UTC', rules_)).toBe(Date.parse('2026-01-15T11:58:00Z'));
    expect(readTime('2026-01-15 11:58:00', { ...rules_, zone: 'Pacific/Fiji' })).toBe(
      Date.parse('2026-01-14T23:58:00Z'),
    );
    expect(readTime('2026-01-15T11:58:00+13:00', rules_)).toBe(Date.parse('2026-01-14T22:58:00Z'));
    for (const wrong of ['2026-01-15 25:00:04', '2026-02-30', '1985-01-01', '2026-01-17', 'now', ''])
      expect(() => readTime(wrong, rules_)).toThrow(ValueFault);
  });
});

test.each([
  [undefined, ['row', 'row']],
  [['#'], ['row', 'no-match', 'row']],
])(
  'a line that does not match the pattern is skipped, or is a bad row if comments are declared: %j',
  async (comment, kinds) => {
    const text = '# a list\nblock a\nallow b\n\nblock c\n';
    const parser = { kind: 'lines' as const, pattern: '^block (?P<value>\\w+)', ...(comment && { comment }) };
    const found: string[] = [];
    for await (const parsed of parseFeed(Readable.from([Buffer.from(text)], { objectMode: false }), parser))
      found.push(parsed.kind === 'bad' ? parsed.code : parsed.kind);
    expect(found).toEqual(kinds);
  },
);

test('text after a JSON document is a fault, wherever the parts of the file end', async () => {
  for (const parts of [['[{"a":"1"}]', '\n[{"a":"2"}]'], ['[{"a":"1"}]\n[{"a":"2"}]']]) {
    const rows = parseFeed(Readable.from(parts.map((part) => Buffer.from(part))), { kind: 'json' });
    await expect(collect(rows)).rejects.toThrow('not valid JSON');
  }
  const blank = parseFeed(Readable.from([Buffer.from('[{"a":"1"}]'), Buffer.from(' \r\n')]), {
    kind: 'json',
  });
  expect(await collect(blank)).toHaveLength(1);
});

test('a table in JSON without the names of its columns is a fault, and no row takes their place', async () => {
  const read = (value: unknown, parser: object) =>
    collect(parseFeed(Readable.from([Buffer.from(JSON.stringify(value))]), { kind: 'json', ...parser }));
  const data = [['45.130.1.2', 'x'], ['45.130.1.3', 'y']]; // prettier-ignore
  for (const first of [['ip', null], ['ip', 7], ['ip', ['x']], []])
    // prettier-ignore
    for (const required of [[], ['ip']])
      await expect(read([first, ...data], { header: 'first', required })).rejects.toMatchObject({
        code: 'TLN-F-051',
      });
  await expect(read({ data }, { records: '$.data[*]', columns_at: 'names' })).rejects.toMatchObject({ code: 'TLN-F-051' }); // prettier-ignore
  for (const records of [
    await read([['IP', 'Note'], ...data], { header: 'first', required: ['Ip'] }),
    await read({ names: ['IP', 'Note'], data }, { records: '$.data[*]', columns_at: 'names' }),
  ])
    expect(records.map((row) => (row.kind === 'row' ? row.row : row.kind))).toEqual([
      { ip: '45.130.1.2', note: 'x' },
      { ip: '45.130.1.3', note: 'y' },
    ]);
  const twice = await read([['IP', 'ip', 'Ip'], ['a', 'b', 'c']], { header: 'first' }); // prettier-ignore
  expect(twice).toMatchObject([{ row: { ip: 'a', ip_2: 'b', ip_3: 'c' } }]);
});

test.each<[FeedDocument['parser'], string]>([
  [{ kind: 'csv', header: 'none' }, '45.130.1.2,a\0b\n'],
  [{ kind: 'delimited' }, '45.130.1.2\0 x\n'],
  [{ kind: 'lines' }, '45.130\0.1.2\n'],
  [{ kind: 'hosts' }, '0.0.0.0 evil\0.reef-bank.com\n'],
  [{ kind: 'json' }, '[{"ip":"45.130.1.2","note":"a\\u0000"}]'],
  [{ kind: 'ndjson' }, '{"ip":"45.130.1.2\\u0000"}\n'],
])('a NUL character in a field makes a row of %j bad', async (parser, text) => {
  const rows = await collect(parseFeed(Readable.from([Buffer.from(text)]), parser));
  expect(rows.map((row) => (row.kind === 'bad' ? row.code : row.kind))).toEqual(['nul-character']);
});

test('a zone of rules: other records are not rows, other triggers are left out, and other lines are bad', async () => {
  const zone = [
    '$TTL 60',
    '@ IN SOA ns.reef.example. admin.reef.example. 1 2 3 4 5',
    '  IN NS ns.reef.example.',
    'a.reef-bank.com CNAME .',
    'ns.evil.com.rpz-nsdname CNAME .',
    'b.reef-bank.com',
  ];
  const rows = await collect(parseFeed(Readable.from([Buffer.from(zone.join('\n'))]), { kind: 'rpz' }));
  expect(rows.map(({ kind, line }) => [kind, line])).toEqual([['row', 4], ['left', 5], ['bad', 6]]); // prettier-ignore
});

test('a plain list does not cut URLs at commas, and still separates what follows them', async () => {
  const urls = ['http://a.reef-bank.com/x,y;z', 'hxxps[:]//b.reef-bank.com/?a=1,2'];
  const lines = [urls[0], `${urls[1]},2026-11-20`, `${urls[0]}, note`, `${urls[1]} # note`, `${urls[0]},http://c.reef-bank.com/`, '45.130.1.1,443'];
  const rows = await collect(parseFeed(Readable.from([Buffer.from(lines.join('\n'))]), { kind: 'delimited' }));
  const values = rows.map((row) => (row.kind === 'row' ? row.row['value'] : row.kind));
  expect(values).toEqual([urls[0], urls[1], urls[0], urls[1], urls[0], '45.130.1.1']);
}); // prettier-ignore
