import { afterAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDocument, loadPreset, presetNames } from '../../src/feeds/document.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { readFile } from '../../src/feeds/read.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import type { Finding } from '../../src/feeds/findings.ts';
import type { StixObject } from '../../src/stix/types.ts';
import { errorsOf, validateObject } from '../../src/stix/validation/validate.ts';
import { readSample, special, type Reading } from '../support/feed-reading.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'feeds');
const NOW = Date.parse('2026-01-15T12:00:00Z');
const read = (document: FeedDocument, path: string): Promise<Reading> => readSample(document, path, NOW);
const preset = (name: string, more: Partial<FeedDocument> = {}): FeedDocument => ({
  ...loadPreset(name),
  values: special,
  ...more,
});

interface Expected {
  readonly file: string;
  readonly run_status?: string;
  readonly results?: Readonly<Record<string, unknown>>;
  readonly quarantine?: readonly { row: number; reason: string; value?: string }[];
  readonly patterns?: readonly string[];
  readonly patterns_sha256?: string;
  readonly options?: {
    readonly report_type?: string;
    readonly special_addresses_allowed?: readonly string[];
  };
  readonly warnings?: readonly string[];
}

function expectations(name: string): readonly Expected[] {
  return (
    JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as { files: readonly Expected[] }
  ).files;
}

function expectation(name: string, file: string): Expected {
  const found = expectations(name).find((item) => item.file === file);
  if (found === undefined) throw new Error(`no expectation for ${file}`);
  return found;
}

const sha = (items: readonly string[]): string =>
  createHash('sha256')
    .update(items.toSorted((a, b) => (a < b ? -1 : 1)).join('\n'))
    .digest('hex');

/** Every reading must give valid STIX objects, and patterns that the parser accepts. */
function demandValid({ objects, findings }: Reading): void {
  for (const object of objects) {
    const errors = errorsOf(validateObject(object, { accept: ['2.1'], advice: false, level: 'strict' }));
    expect({ object, errors }).toEqual({ object, errors: [] });
  }
  for (const finding of findings)
    if (finding.kind === 'indicator' && finding.patternType === 'stix')
      expect(() => parsePattern(finding.pattern)).not.toThrow();
}

describe('vulnerabilities', () => {
  test.each([
    ['kev_60.json', preset('cisa-kev')],
    ['kev_full.json.gz', preset('cisa-kev')],
    [
      'kev_40.csv',
      preset('cisa-kev', {
        parser: { kind: 'csv', header: 'first' },
        map: [
          {
            object: 'vulnerability',
            value: '{cveid}',
            references: [{ source_name: 'cwe', external_id: '{cwes|split:,}' }],
          },
        ],
      }),
    ],
  ])('CISA KEV, %s', async (file, document) => {
    const expected = JSON.parse(readFileSync(join(folder, 'cisa-kev', 'expected.json'), 'utf8')) as {
      files: { file: string; results: Record<string, number>; names_sha256: string }[];
    };
    const wanted = expected.files.find((item) => item.file === file);
    const reading = await read(document, join(folder, 'cisa-kev', file));
    const vulnerabilities = reading.of('vulnerability');
    expect(vulnerabilities).toHaveLength(wanted?.results['vulnerabilities'] ?? -1);
    expect(sha(vulnerabilities.map(({ object }) => String(object['name'])))).toBe(wanted?.names_sha256);
    expect(reading.patterns).toEqual([]);
    expect(reading.quarantine).toEqual([]);
    if (wanted?.results['ransomware_known'] !== undefined)
      expect(
        vulnerabilities.filter(({ object }) => (object['labels'] as string[]).includes('ransomware')),
      ).toHaveLength(wanted.results['ransomware_known']);
    if (file !== 'kev_full.json.gz') demandValid(reading);
  });

  test('a CISA KEV entry has its due date, weaknesses and links', async () => {
    const { of } = await read(preset('cisa-kev'), join(folder, 'cisa-kev', 'kev_60.json'));
    expect(of('vulnerability')[0]?.object).toMatchObject({
      name: 'CVE-2025-48384',
      labels: expect.arrayContaining(['kev', 'kev-due:2025-09-15']) as unknown,
      external_references: expect.arrayContaining([
        { source_name: 'cve', external_id: 'CVE-2025-48384' },
        { source_name: 'cwe', external_id: 'CWE-59' },
        { source_name: 'cwe', external_id: 'CWE-436' },
        { source_name: 'cisa-kev', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-48384' },
      ]) as unknown,
    });
  });

  test('an NVD entry has the English text, the score of NVD, the times of the source, and each reference once', async () => {
    const reading = await read(preset('nvd'), join(folder, 'nvd', 'cves_2.0_page.json'));
    const object: StixObject = reading.of('vulnerability')[0]?.object ?? {};
    expect(object).toMatchObject({
      name: 'CVE-2024-3094',
      description: expect.stringMatching(/^Malicious code/) as unknown,
    });
    const references = object['external_references'] as Record<string, string>[];
    expect(references).toContainEqual({
      source_name: 'cvss-v3.1',
      external_id: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
      description: 'base score 10',
    });
    expect(references).toContainEqual({ source_name: 'cwe', external_id: 'CWE-506' });
    expect(references.filter((one) => one['source_name'] === 'reference')).toHaveLength(3);
    expect(object['labels']).toEqual(['severity:critical']);
    expect(reading.objects[0]).toMatchObject({
      created: '2024-03-29T17:15:21.150Z',
      modified: '2025-02-06T09:15:10.820Z',
    });
    demandValid(reading);
  });

  test('EPSS adds notes to vulnerabilities, and creates none', async () => {
    const expected = expectation('epss', 'epss_scores-2026-01-15.csv.gz');
    const reading = await read(preset('epss'), join(folder, 'epss', expected.file));
    expect(reading.of('note')).toHaveLength(50);
    expect(reading.quarantine).toEqual(expected.quarantine);
    expect(reading.of('vulnerability')).toEqual([]);
    expect(reading.of('note')[0]?.object).toMatchObject({
      abstract: 'EPSS 0.9',
      content: expect.stringContaining('more than of 34 %') as unknown,
    });
    demandValid(reading);
  });

  test('a CSAF advisory becomes a report with its vulnerabilities and the highest score', async () => {
    const reading = await read(preset('cisa-csaf'), join(folder, 'csaf', 'icsa-24-004-01.json'));
    expect(reading.of('vulnerability').map(({ object }) => object['name'])).toEqual(
      expect.arrayContaining(['CVE-2023-38545', 'CVE-2023-3935']),
    );
    expect(reading.of('report')).toHaveLength(1);
    expect(reading.of('report')[0]).toMatchObject({
      tlp: 'clear',
      object: {
        name: 'Rockwell Automation FactoryTalk Activation',
        published: '2024-01-04T07:00:00.000Z',
        labels: expect.arrayContaining(['severity:critical']) as unknown,
      },
    });
    expect(reading.of('report')[0]?.object['object_refs']).toEqual(
      reading.of('vulnerability').map(({ id }) => id),
    );
    expect(JSON.stringify(reading.of('report')[0]?.object)).toContain('"CISA"');
    expect(JSON.stringify(reading.of('vulnerability'))).toContain('base score 9.8 (critical)');
    demandValid(reading);
  });

  test('a CSAF advisory with an unknown TLP label publishes nothing, and every entry has the reason', async () => {
    const path = join(folder, 'csaf', 'icsa-24-004-01.json');
    const known = await read(preset('cisa-csaf'), path);
    const here = mkdtempSync(join(tmpdir(), 'talanoa-csaf-'));
    const changed = join(here, 'unknown-tlp.json');
    writeFileSync(changed, readFileSync(path, 'utf8').replace('"WHITE"', '"\u00dfWHITE"'));
    const reading = await read(preset('cisa-csaf'), changed).finally(() =>
      rmSync(here, { recursive: true, force: true }),
    );
    expect(reading.findings).toEqual([]);
    expect(reading.quarantine).toEqual(
      Array.from({ length: known.findings.length }, (_, n) => ({ row: n + 1, reason: 'bad-tlp' })),
    );
  });
});

describe('Shadowserver', () => {
  test.each(expectations('shadowserver').filter(({ file }) => file.endsWith('.csv')))(
    '$file',
    async (expected) => {
      const document = preset('shadowserver', {
        values: {
          ...special,
          special_addresses_allowed: expected.options?.special_addresses_allowed ?? [
            'documentation',
            'benchmark',
          ],
        },
      });
      const reading = await read(document, join(folder, 'shadowserver', expected.file));
      const results = expected.results as Record<string, number> & { vulnerabilities?: string[] };
      const observations = reading.of('observed-data');
      expect(observations).toHaveLength(results['observations'] ?? -1);
      expect(reading.patterns).toHaveLength(results['indicators'] ?? -1);
      expect(reading.quarantine).toHaveLength(results['quarantined'] ?? -1);
      if (results['duplicates'] !== undefined) expect(reading.duplicates).toBe(results['duplicates']);
      expect(reading.quarantine.map(({ reason }) => reason)).toEqual(
        (expected.quarantine ?? []).map(({ reason }) => reason),
      );
      for (const pattern of expected.patterns ?? []) expect(reading.patterns).toContain(pattern);
      for (const cve of results.vulnerabilities ?? [])
        expect(reading.objects).toContainEqual(expect.objectContaining({ type: 'vulnerability', name: cve }));
      // The file name determines the kind of report for each observation.
      for (const { object } of observations)
        expect(object['labels']).toContain(`report:${expected.options?.report_type ?? ''}`);
      demandValid(reading);
      // No password is stored.
      expect(JSON.stringify(reading)).not.toContain('pa"ss');
      expect(JSON.stringify(reading)).not.toContain('pa\\"ss');
    },
  );

  test('an observation has its address, AS, connection and class, and the malware as a sighting', async () => {
    const { of, objects } = await read(
      preset('shadowserver'),
      join(folder, 'shadowserver', '2026-01-14-event4_sinkhole-fiji-geo.csv'),
    );
    expect(of('observed-data')[0]?.object['labels']).toEqual(
      expect.arrayContaining(['class:infection', 'country:FJ', 'severity:critical', 'infection:andromeda']),
    );
    expect(objects).toContainEqual(expect.objectContaining({ type: 'autonomous-system', number: 64500 }));
    expect(objects).toContainEqual(
      expect.objectContaining({ type: 'network-traffic', src_port: 40000, dst_port: 443 }),
    );
    expect(objects).toContainEqual(
      expect.objectContaining({ type: 'malware', name: 'andromeda', is_family: true }),
    );
    expect(objects).toContainEqual(expect.objectContaining({ type: 'sighting' }));
  });
});

describe('events and incidents', () => {
  test.each(['51f5655c-f5bd-5c6b-acf8-44cbc86bf771.json', '5b611e50-6ac3-5ee9-a294-8ea19dde2cc4.json'])(
    'MISP event %s',
    async (file) => {
      const expected = expectation('misp-feed', file) as Expected & {
        event: { report: { name: string; published: string } };
      };
      const reading = await read(preset('misp-feed'), join(folder, 'misp-feed', file));
      expect(sha(reading.patterns)).toBe(expected.patterns_sha256);
      expect(reading.quarantine).toEqual(expected.quarantine);
      expect(reading.filtered).toEqual((expected as unknown as { filtered: unknown }).filtered);
      expect(reading.of('report')[0]?.object).toMatchObject(expected.event.report);
      demandValid(reading);
    },
  );

  test('MISP: an attribute that is stricter than its event is not sent with it', async () => {
    const file = join(folder, 'misp-feed', '5b611e50-6ac3-5ee9-a294-8ea19dde2cc4.json');
    const { findings, of } = await read(preset('misp-feed'), file);
    const red = findings.find((finding) => finding.tlp === 'red');
    expect(red).toMatchObject({ pattern: "[ipv6-addr:value = '2001:db8::66']" });
    const refs = of('report')[0]?.object['object_refs'] as string[];
    expect(refs).toHaveLength(3);
    expect(refs).not.toContain(red?.id);
  });

  test('MISP: actors and vulnerabilities of an event are stored next to its report', async () => {
    const file = join(folder, 'misp-feed', '51f5655c-f5bd-5c6b-acf8-44cbc86bf771.json');
    const { objects } = await read(preset('misp-feed'), file);
    expect(objects).toContainEqual(expect.objectContaining({ type: 'threat-actor', name: 'Example Group' }));
    expect(objects).toContainEqual(expect.objectContaining({ type: 'vulnerability', name: 'CVE-2024-3094' }));
  });

  test.each([
    ['misp_stix_event_1.json', ["[domain-name:value = 'circl.lu']"]],
    [
      'misp_stix_event_2.json',
      [
        "[domain-name:value = 'circl.lu' AND domain-name:resolves_to_refs[*].value = '149.13.33.14']",
        "[file:name = 'test_file_name']",
      ],
    ],
  ])('MISP %s: the response of a search', async (file, patterns) => {
    // The expectation of the sample has the event at the position used in a feed. A search wraps it in "response".
    const reading = await read(preset('misp-events'), join(folder, 'misp-event', file));
    expect(reading.patterns).toEqual(patterns);
    expect(reading.quarantine).toEqual([]);
    demandValid(reading);
  });

  test.each(['pymisp_misp_event.json'])('MISP %s, from other sources', async (file) => {
    const results = expectation('misp-event', file).results as Record<string, number>;
    const reading = await read(preset('misp-events'), join(folder, 'misp-event', file));
    expect(reading.patterns).toHaveLength(results['indicators'] ?? results['to_ids_true'] ?? 0);
    expect(reading.filtered).toHaveLength(results['filtered'] ?? 0);
    expect(reading.quarantine).toEqual([]);
    demandValid(reading);
  });

  test('OTX pulses', async () => {
    const expected = expectation('otx', 'pulses_subscribed.json');
    const reading = await read(preset('otx'), join(folder, 'otx', 'pulses_subscribed.json'));
    expect(sha(reading.patterns)).toBe(expected.patterns_sha256);
    expect(reading.filtered).toEqual([{ row: 9, reason: 'inactive' }]);
    expect(reading.of('vulnerability')).toHaveLength(1);
    expect(reading.of('report')[0]?.object['object_refs']).toHaveLength(12);
    demandValid(reading);
  });

  test.each([
    ['intelmq', 'events.jsonl', 'intelmq-events'],
    ['n6', 'search_events.json', 'n6-events'],
  ])('%s', async (name, file, of) => {
    const expected = expectation(name, file);
    const reading = await read(preset(of), join(folder, name, file));
    const isGone = (finding: Finding): boolean => finding.kind === 'indicator' && finding.gone === true;
    const gone = reading.findings.filter(isGone);
    const patterns = reading.findings.flatMap((finding) =>
      finding.kind === 'indicator' && !isGone(finding) ? [finding.pattern] : [],
    );
    expect(patterns.toSorted()).toEqual(expected.patterns);
    expect(sha(patterns)).toBe(expected.patterns_sha256);
    expect(reading.of('observed-data')).toHaveLength(1);
    expect(reading.quarantine).toEqual(expected.quarantine);
    // Delisted values are revoked where they are stored, and ignored elsewhere.
    expect(gone).toHaveLength(Number(expected.results?.['filtered']));
    demandValid(reading);
  });

  test('X-ARF v4: an attack becomes an observation', async () => {
    const reading = await read(preset('x-arf'), join(folder, 'x-arf', 'v4_login_attack.json'));
    expect(reading.of('observed-data')).toHaveLength(1);
    expect(reading.patterns).toEqual([]);
    expect(reading.objects).toContainEqual(
      expect.objectContaining({ type: 'network-traffic', src_port: 45000, dst_port: 22, protocols: ['tcp'] }),
    );
    demandValid(reading);
  });

  test('Team Cymru: the category determines the kind of a row', async () => {
    const reading = await read(preset('team-cymru-cap'), join(folder, 'team-cymru', 'cap_report.txt'));
    expect(reading.patterns).toEqual(expectation('team-cymru', 'cap_report.txt').patterns);
    expect(reading.of('observed-data')).toHaveLength(2);
    expect(reading.quarantine).toEqual([]);
    demandValid(reading);
  });

  test('Team Cymru full bogons: entries of a warning list, and no indicators', async () => {
    const reading = await read(
      preset('team-cymru-fullbogons'),
      join(folder, 'team-cymru', 'fullbogons-ipv4.txt'),
    );
    expect(reading.findings.map((finding) => finding.kind)).toEqual(['entry', 'entry', 'entry', 'entry']);
    expect(reading.objects).toEqual([]);
  });

  test('IMPACT template: indicators, an observation, a bad time', async () => {
    const reading = await read(preset('impact-grc'), join(folder, 'impact', 'news_alert.csv'));
    expect(reading.patterns).toEqual(expectation('impact', 'news_alert.csv').patterns);
    expect(reading.of('observed-data')).toHaveLength(1);
    expect(reading.quarantine).toEqual([{ row: 5, reason: 'bad-timestamp' }]);
    demandValid(reading);
  });
});

describe('IODEF', () => {
  const document = preset('iodef');

  test('v1, a report: incidents become observations, not indicators', async () => {
    const reading = await read(document, join(folder, 'iodef', 'v1_report.xml'));
    expect(reading.patterns).toEqual([]);
    const [seen] = reading.of('observed-data');
    expect(seen).toMatchObject({
      tlp: 'amber',
      object: {
        number_observed: 57,
        labels: ['source:198.51.100.23', 'target:203.0.113.66'],
      },
    });
    expect(reading.objects).toContainEqual(
      expect.objectContaining({ type: 'domain-name', value: 'c2.alpha.example' }),
    );
    expect(reading.objects).toContainEqual(
      expect.objectContaining({ type: 'network-traffic', dst_port: 6667, protocols: ['tcp'] }),
    );
    expect(reading.of('report')[0]?.object).toMatchObject({ published: '2026-01-14T13:19:24.000Z' });
    expect(reading.objects).toContainEqual(
      expect.objectContaining({ type: 'vulnerability', name: 'CVE-2024-3094' }),
    );
    demandValid(reading);
  });

  test('v1, a watch list', async () => {
    const expected = expectation('iodef', 'v1_watchlist.xml');
    const reading = await read(document, join(folder, 'iodef', 'v1_watchlist.xml'));
    expect(reading.quarantine).toEqual(expected.quarantine);
    expect(sha(reading.patterns)).toBe(expected.patterns_sha256);
    demandValid(reading);
  });

  test('v2, a campaign', async () => {
    const expected = expectation('iodef', 'v2_campaign.xml');
    const reading = await read(document, join(folder, 'iodef', 'v2_campaign.xml'));
    // A domain and an email message are two objects, so they cannot be within one pair of brackets (STIX 2.1 §9.5).
    const wanted = (expected.patterns ?? []).map((pattern) =>
      pattern.includes('email-message')
        ? "[domain-name:value = 'mail.echo.example'] AND [email-message:from_ref.value = 'boss@echo.example']"
        : pattern,
    );
    expect(reading.patterns).toEqual(wanted.toSorted((a, b) => (a < b ? -1 : 1)));
    const bulk = reading.findings.find(
      (finding) => finding.kind === 'indicator' && finding.pattern.includes('kj290023'),
    );
    expect(bulk).toMatchObject({
      validFrom: Date.parse('2026-01-10T11:00:00Z'),
      validUntil: Date.parse('2026-03-10T11:00:00Z'),
      confidence: 85,
      tlp: 'green',
    });
    const endpoint = reading.findings.find(
      (finding) => finding.kind === 'indicator' && finding.pattern.includes('192.0.2.99'),
    );
    expect(endpoint).toMatchObject({
      confidence: 65,
      references: expect.arrayContaining([
        { source_name: 'grc.impact.example', external_id: 'G83345941' },
      ]) as unknown,
    });
    for (const type of ['threat-actor', 'campaign', 'report'])
      expect(reading.objects.filter((object) => object['type'] === type)).toHaveLength(1);
    expect(reading.quarantine).toEqual([]);
    demandValid(reading);
  });

  test('a document type declaration fails the file, and nothing is fetched', async () => {
    await expect(read(document, join(folder, 'iodef', 'v2_xxe.xml'))).rejects.toMatchObject({
      code: 'TLN-F-019',
    });
  });
});

describe('times of formats with a meaning of their own', () => {
  const times = async (kind: 'iodef' | 'stix1', name: string, from: string, to: string) => {
    const path = join(written, name);
    writeFileSync(path, readFileSync(join(folder, kind, name), 'utf8').replaceAll(from, to));
    const document = preset(kind === 'iodef' ? 'iodef' : 'stix1-taxii11', {
      time: { zone: 'Pacific/Auckland' },
    });
    const { findings } = await read(document, path);
    return findings.flatMap((one) => (one.kind === 'indicator' ? [one.validFrom] : []));
  };
  const written = mkdtempSync(join(tmpdir(), 'talanoa-times-'));
  afterAll(() => rmSync(written, { recursive: true }));

  test.each([
    ['iodef', 'v2_campaign.xml', '2026-01-10T11:00:00+00:00', '2026-01-10T11:00:00'],
    ['stix1', '141-TLP-marking-structures.xml', '2014-05-08T09:00:00.000000Z', '2014-05-08T09:00:00.000000'],
  ] as const)('%s: a time without a zone is in the zone of the feed', async (kind, name, from, to) => {
    const utc = Date.parse(from);
    expect(await times(kind, name, from, from)).toContain(utc);
    // Daylight saving time in January, and standard time in May.
    expect(await times(kind, name, from, to)).toContain(utc - (kind === 'iodef' ? 13 : 12) * 3_600_000);
  });
});

describe('STIX 1.x', () => {
  const document = preset('stix1-taxii11');

  test('an indicator for a URL', async () => {
    const reading = await read(document, join(folder, 'stix1', 'indicator-for-malicious-url.xml'));
    expect(reading.patterns).toEqual(["[url:value = 'http://x4z9arb.cn/4712']"]);
    demandValid(reading);
  });

  test('observables without an indicator become observations', async () => {
    const reading = await read(document, join(folder, 'stix1', 'command-and-control-ip-list.xml'));
    expect(reading.patterns).toEqual([]);
    expect(reading.of('observed-data')).toHaveLength(1);
    for (const [type, count] of [
      ['ipv4-addr', 3],
      ['autonomous-system', 1],
    ] as const)
      expect(reading.objects.filter((object) => object['type'] === type)).toHaveLength(count);
    demandValid(reading);
  });

  test('each indicator has its marking, and values that no feed may block go to the quarantine', async () => {
    const reading = await read(document, join(folder, 'stix1', '141-TLP-marking-structures.xml'));
    const tlps = reading.findings.map((finding) => [
      finding.kind === 'indicator' ? finding.pattern : '',
      finding.tlp,
    ]);
    expect(tlps).toEqual([
      ["[url:value = 'http://x4z9arb.cn/4712']", 'clear'],
      // The stix-elevator of OASIS does not escape the brackets.
      ["[email-message:subject MATCHES '^\\\\[IMPORTANT\\\\] Please Review Before']", 'red'],
    ]);
    expect(reading.quarantine.map(({ reason }) => reason)).toEqual([
      'special-address:private',
      'empty-file-hash',
    ]);
    demandValid(reading);
  });

  test('a response of TAXII 1.1', async () => {
    const reading = await read(
      { ...document, values: { ...special, special_addresses_allowed: ['documentation', 'private'] } },
      join(folder, 'stix1', 'taxii11_poll_response.xml'),
    );
    // The expectation of the sample names another address than the file holds.
    expect(reading.patterns).toEqual(["[ipv4-addr:value = '10.0.0.0']"]);
    demandValid(reading);
  });
});

describe('advisories', () => {
  test('RSS', async () => {
    const reading = await read(preset('advisories-rss'), join(folder, 'rss', 'advisories.rss'));
    expect(reading.of('report')).toHaveLength(2);
    // A date that cannot be read never becomes the time of reading.
    expect(reading.quarantine).toEqual([{ row: 3, reason: 'bad-timestamp' }]);
    const [first, second] = reading.of('report').map(({ object }) => object);
    expect(first).toMatchObject({
      name: 'CVE-2024-3094: backdoor in xz & liblzma',
      published: '2026-01-14T20:00:00.000Z',
      external_references: [{ source_name: 'advisory', url: 'https://cert.alpha.example/a/1?x=1&y=2' }],
    });
    expect(String(first?.['description'])).not.toMatch(/<|alert/);
    expect(second).toMatchObject({ published: '2026-01-14T09:00:00.000Z' });
    expect(
      reading.objects.filter((object) => object['type'] === 'vulnerability').map((object) => object['name']),
    ).toEqual(['CVE-2024-3094', 'CVE-2025-0001']);
    demandValid(reading);
  });

  test('values in the text are used only if enabled, and only if defanged', async () => {
    const document = preset('advisories-rss');
    const reading = await read(
      {
        ...document,
        map: [
          ...document.map.map((mapping) => ({ ...mapping, also: true })),
          { value: '{description|html|defanged}', type: 'auto', optional: true },
        ],
      },
      join(folder, 'rss', 'advisories.rss'),
    );
    expect(reading.patterns).toEqual(
      (expectations('rss')[0] as unknown as { with_extraction: string[] }).with_extraction,
    );
  });

  test('Atom', async () => {
    const reading = await read(preset('advisories-atom'), join(folder, 'rss', 'alerts.atom'));
    expect(reading.of('report')).toHaveLength(1);
    expect(reading.objects[0]).toMatchObject({
      published: '2026-01-14T00:00:00.000Z',
      modified: '2026-01-15T00:00:00.000Z',
      external_references: [{ source_name: 'advisory', url: 'https://cert.alpha.example/1' }],
    });
    demandValid(reading);
  });
});

describe('the counts and columns that a file states', () => {
  const here = mkdtempSync(join(tmpdir(), 'talanoa-counts-'));
  afterAll(() => rmSync(here, { recursive: true }));
  const told = async (document: FeedDocument, text: string) => {
    const path = join(here, 'file');
    writeFileSync(path, text);
    const warnings: string[] = [];
    let columns: readonly string[] | undefined;
    const make = new FindingMaker({ ...document, values: special }, NOW);
    for await (const _step of readFile({ name: 'file', path, bytes: text.length }, make, {
      onDoubt: (doubt) => warnings.push(doubt),
      onColumns: (found) => (columns = found),
    }));
    return { warnings, columns };
  };

  test.each([
    ['cisa-kev', '{"count":2,"vulnerabilities":[{"cveID":"CVE-2024-3094"}]}', 2, 1],
    ['spamhaus-drop-v4', '{"cidr":"192.0.2.0/28","sblid":"SBL1"}\n{"type":"metadata","records":3}\n', 4, 2],
    ['sslbl', '# Listingdate,SHA1,Listingreason\n2026-01-14 10:00:00,a9993e364706816aba3e25717850c26c9cd0d89d,x\n# END (16) entries\n', 16, 1],
  ])('%s: a different count is reported', async (name, text, said, came) => {
    const { warnings } = await told(loadPreset(name), text);
    expect(warnings).toEqual([`count-mismatch: the source states ${said} records, but ${came} were received`]);
  }); // prettier-ignore

  test('a correct count is not reported, and the columns are read', async () => {
    const { warnings, columns } = await told(loadPreset('sslbl'), '# Listingdate,SHA1,Listingreason\n2026-01-14 10:00:00,a9993e364706816aba3e25717850c26c9cd0d89d,x\n# END (1) entries\n'); // prettier-ignore
    expect(warnings).toEqual([]);
    expect(columns).toEqual(['listingdate', 'sha1', 'listingreason']);
  });
});

describe('presets', () => {
  test('every preset is a valid document with known templates and filters', async () => {
    const here = mkdtempSync(join(tmpdir(), 'talanoa-presets-'));
    try {
      for (const name of presetNames()) {
        const document = loadPreset(name);
        expect(checkDocument(document, name).name).toBe(name);
        expect(document.defaults.redistribute).toMatch(/^(?:yes|members|no)$/);
        // An empty row matches every mapping without a condition.
        const row = join(here, 'row.json');
        writeFileSync(row, '{"a":1}');
        const probe: FeedDocument = {
          ...document,
          parser: { kind: 'ndjson' },
          map: document.map.map(({ when: _when, ...mapping }) => ({ ...mapping, also: true })),
        };
        if (document.map.length > 0) await expect(read(probe, row)).resolves.toBeDefined();
      }
    } finally {
      rmSync(here, { recursive: true });
    }
  });

  test('the default feeds are those of the reference, and none runs without its key', () => {
    const defaults = presetNames().filter((name) => loadPreset(name).default === true);
    expect(defaults).toEqual([
      'cert-pl', 'circl-osint', 'cisa-csaf', 'cisa-kev', 'epss', 'feodo', 'shadowserver', 'spamhaus-asndrop',
      'spamhaus-drop-v4', 'spamhaus-drop-v6', 'sslbl', 'threatfox', 'tor-exits', 'urlhaus',
    ]); // prettier-ignore
    expect(loadPreset('shadowserver').enabled).toBe(false);
    expect(loadPreset('impact-grc')).toMatchObject({
      enabled: false,
      defaults: { tlp: 'amber', redistribute: 'no' },
    });
  });

  test('every sample is read by a test', () => {
    const tests = ['parsers', 'formats']
      .map((name) => readFileSync(join(import.meta.dirname, `${name}.test.ts`), 'utf8'))
      .join('');
    const others = new Set(['stix21', 'taxii20', 'taxii21', 'warninglists']);
    for (const name of readdirSync(folder, { withFileTypes: true }))
      if (name.isDirectory() && !others.has(name.name)) expect(tests).toContain(`'${name.name}'`);
  });
});
