// No row is lost without a trace: each record of a file is used, left out with a reason, or in quarantine, and each
// value that was read has a result in the store.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { FeedDocument, ParserSpec } from '../../src/config/settings.ts';
import { checkDocument, loadPreset } from '../../src/feeds/document.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { needsMap } from '../../src/feeds/own-meaning.ts';
import { readFile } from '../../src/feeds/read.ts';
import type { RunReport } from '../../src/feeds/report.ts';
import { nothingStaged, type Staged } from '../../src/feeds/stage.ts';
import { readFiles } from '../../src/feeds/staging.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { TestClock } from '../support/clock.ts';
import { special } from '../support/feed-reading.ts';
import { SETTINGS, testHub, type TestHub } from '../support/hub.ts';
import { listen } from '../support/recorder.ts';
import { Random } from '../support/simulation.ts';

const NOW = Date.parse('2026-01-15T12:00:00Z');
const here = mkdtempSync(join(tmpdir(), 'talanoa-counts-'));
afterAll(() => rmSync(here, { recursive: true }));
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'feeds');

type Sample = readonly [preset: string, file: string, over: Partial<FeedDocument>];

const FILES: readonly (readonly [preset: string, file: string, over?: Partial<FeedDocument>])[] = [
  ['advisories-atom', 'rss/alerts.atom'],
  ['advisories-rss', 'rss/advisories.rss'],
  ['cert-pl', 'cert-pl/domains.json'],
  ['cisa-csaf', 'csaf/icsa-24-004-01.json'],
  ['cisa-kev', 'cisa-kev/kev_60.json'],
  ['dataplane-sshpwauth', 'dataplane/sshpwauth.txt'],
  ['dshield', 'dshield/block.txt'],
  ['epss', 'epss/epss_scores-2026-01-15.csv.gz'],
  ['feodo', 'feodo/ipblocklist.csv'],
  ['impact-grc', 'impact/news_alert.csv'],
  ['intelmq-events', 'intelmq/events.jsonl'],
  ['iodef', 'iodef/v1_watchlist.xml'],
  ['iodef', 'iodef/v1_report.xml'],
  ['iodef', 'iodef/v2_campaign.xml'],
  ['ipsum', 'plain-ip-list/ipsum_counts_600.txt'],
  ['malwarebazaar', 'malwarebazaar/csv_recent.csv'],
  ['misp-events', 'misp-event/pymisp_misp_event.json'],
  ['misp-feed', 'misp-feed/51f5655c-f5bd-5c6b-acf8-44cbc86bf771.json'],
  ['n6-events', 'n6/search_events.json'],
  ['nvd', 'nvd/cves_2.0_page.json'],
  ['openphish', 'openphish/feed.txt'],
  ['otx', 'otx/pulses_subscribed.json'],
  ['phishtank', 'phishtank/online-valid.csv', { decode: {} }],
  ['plain-list', 'plain-ip-list/mixed_style.txt'],
  ['plain-list', 'domain-list/hosts.txt', { parser: { kind: 'hosts' } }],
  ['plain-list', 'domain-list/rpz.zone', { parser: { kind: 'rpz' } }],
  ['plain-list', 'plain-ip-list/mixed_style.txt', { parser: { kind: 'delimited', each: true } }],
  ['plain-list', 'plain-ip-list/mixed_style.txt', { parser: { kind: 'lines', pattern: '^(?P<value>[0-9.]+)', comment: ['#', ';', '//', '!'] } }],
  ['shadowserver', 'shadowserver/2026-01-14-scan_ssh-fiji-geo.csv'],
  ['spamhaus-asndrop', 'spamhaus-drop/asndrop.json'],
  ['spamhaus-drop-v4', 'spamhaus-drop/drop_v4.json'],
  ['sslbl', 'sslbl/sslblacklist.csv'],
  ['stix1-taxii11', 'stix1/command-and-control-ip-list.xml'],
  ['partner-cert', 'stix21/poisonivy.json', { parser: { kind: 'stix' } }],
  ['team-cymru-cap', 'team-cymru/cap_report.txt'],
  ['threatfox', 'threatfox/csv_recent.csv'],
  ['tor-exits', 'tor-exits/torbulkexitlist.txt'],
  ['turris-greylist', 'turris-greylist/greylist-latest.csv'],
  ['urlhaus', 'urlhaus/csv_recent.csv'],
  ['x-arf', 'x-arf/v4_login_attack.json'],
]; // prettier-ignore
/** A file of each preset and of each reader. Jest waits for a callback where a row has fewer values than its test. */
const SAMPLES = FILES.map(([preset, file, over = {}]): Sample => [preset, file, over]);

/** Texts that damage a line or a field. */
const DIRT = [
  '"', '""', ',', ';', '\t', '|', '#', '//', '\u0000', '\u001f', 'n/a', 'None', '-', ' ', '\r', '\u00fc', '\ufeff', '10.0.0.1',
  '999.1.1.1', '1.2.3.4:99999', '1.2.3.4 - 1.2.3.9', 'hxxp://a[.]b', 'localhost', 'x'.repeat(70_000), '{', '}', '[', '<', '&', '\\', '2099-01-01',
]; // prettier-ignore

const FIRST_SEED = 17;
const VARIANTS = 5;
const LINES = 60;

/** Damages some places of a text: a character, a piece, a line. */
function dirty(text: string, random: Random, isText: boolean): string {
  let result = text;
  for (let i = random.below(6) + 1; i > 0; i--) {
    const lines = result.split('\n');
    const at = random.below(lines.length);
    const line = lines[at] ?? '';
    const from = random.below(line.length + 1);
    const dirt = random.pick(DIRT);
    const changes: readonly (() => string)[] = [
      () => line.slice(0, from) + dirt + line.slice(from),
      () => line.slice(0, from) + line.slice(from + 1 + random.below(4)),
      () => `${line}\n${line}`,
      () => `${line}\n${dirt}`,
      () => line.replace(/[\w.]+/, dirt),
    ];
    // After such changes, a document of one value usually cannot be read at all.
    if (isText || i % 2 === 0) lines[at] = random.pick(changes)();
    else
      lines[at] = line.replace(/"[\w .:/-]+"/, () =>
        JSON.stringify(random.pick([...DIRT.slice(10), '', '0'])),
      );
    result = lines.join('\n');
  }
  return result;
}

const textOf = (file: string): string => {
  const bytes = readFileSync(join(fixtures, file));
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};

const beginning = (file: string): string => textOf(file).split('\n').slice(0, LINES).join('\n');

const documentOf = (preset: string, over: Partial<FeedDocument> = {}): FeedDocument => {
  const document = loadPreset(preset);
  return { ...document, values: special, ...over };
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);

/** Reads a text like a run does. Undefined when it cannot be read at all, which fails the run. */
async function staged(document: FeedDocument, text: string): Promise<Staged | undefined> {
  const path = join(here, 'file');
  writeFileSync(path, text);
  const files = [{ name: '2026-01-14-scan_ssh-fiji-geo.csv', path, bytes: Buffer.byteLength(text), sha256: '' }];
  const result = nothingStaged();
  const request = { files, staging: join(here, 'findings'), document, members: [], kept: new Map(), now: NOW };
  try {
    await readFiles(request, result, () => undefined);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return undefined;
  }
  return result;
} // prettier-ignore

/** Numbers of the lines that hold a record, where each record is a line: neither blank nor a comment. */
function dataLines(text: string, { kind, comment, each }: ParserSpec): readonly number[] {
  const isLocal = (line: string): boolean =>
    kind === 'hosts' &&
    /^\S+\s+(?:(?:localhost|ip6-|broadcasthost|local|0\.0\.0\.0)\S*\s*)+(?:#|$)/.test(line.trim());
  const marks = comment ?? (kind === 'hosts' || kind === 'delimited' ? ['#'] : []);
  return text.split('\n').flatMap((line, i) => {
    const isData =
      line.trim() !== '' && !isLocal(line) && !marks.some((mark) => line.trim().startsWith(mark));
    return isData && each !== true ? [i + 1] : [];
  });
}

describe('each record of a dirty file is used, left out with a reason, or in quarantine', () => {
  test.each(SAMPLES)('%s: %s', async (preset, file, over) => {
    const document = documentOf(preset, over);
    const { kind } = document.parser;
    const isText = ['csv', 'delimited', 'lines', 'hosts', 'rpz', 'ndjson'].includes(kind);
    const text = isText ? beginning(file) : textOf(file);
    let read = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + VARIANTS; seed++) {
      const body = seed === FIRST_SEED ? text : dirty(text, new Random(seed * 7_919), isText);
      const result = await staged(document, body);
      if (result === undefined) continue;
      read++;
      const { counts, filteredBy, quarantinedBy, ids } = result;
      expect([seed, counts.used + counts.filtered + counts.quarantined]).toEqual([seed, counts.records]);
      expect([seed, sum(filteredBy), sum(quarantinedBy)]).toEqual([
        seed,
        counts.filtered,
        counts.quarantined,
      ]);
      if (needsMap(document.parser)) expect(ids.size).toBe(counts.accepted);
    }
    expect(read).toBeGreaterThan(0);
  });

  test.each(SAMPLES.filter(([preset, , over]) => ['delimited', 'lines', 'hosts', 'ndjson'].includes(documentOf(preset, over).parser.kind)))('no line of %s is skipped without a trace: %s', async (preset, file, over) => {
    const document = documentOf(preset, over);
    for (let seed = FIRST_SEED; seed < FIRST_SEED + VARIANTS; seed++) {
      const body = dirty(beginning(file), new Random(seed * 104_729), true);
      const path = join(here, 'lines');
      writeFileSync(path, body);
      const lines = new Set<number>();
      for await (const { line } of readFile({ name: 'lines', path, bytes: body.length }, new FindingMaker(document, NOW))) lines.add(line);
      expect([seed, dataLines(body.replaceAll('\r', ' '), document.parser).filter((line) => !lines.has(line))]).toEqual([seed, []]);
    }
  }); // prettier-ignore
});

describe('nothing in a document is skipped without a trace', () => {
  const outcomes = async (parser: ParserSpec, text: string): Promise<readonly (string | undefined)[]> => {
    const path = join(here, 'document');
    writeFileSync(path, text);
    const make = new FindingMaker({ ...documentOf('misp-events'), parser }, NOW);
    const found: (string | undefined)[] = [];
    for await (const { mapped } of readFile({ name: 'document', path, bytes: text.length }, make))
      found.push(mapped.fault?.code ?? mapped.filtered ?? mapped.findings[0]?.kind);
    return found;
  };

  test('attributes of a file object that do not identify the file are entries of their own', async () => {
    const attribute = (type: string, value: string) => ({ type, value, to_ids: true });
    const of = (...attributes: object[]) => ({ Event: { Object: [{ name: 'file', Attribute: attributes }] } });
    const file = of(attribute('filename', 'a.exe'), attribute('md5', '5d41402abc4b2a76b9719d911017c592'), attribute('url', 'http://a.reef-bank.com/'), attribute('ssdeep', '3:x'), attribute('odd', 'x'));
    expect(await outcomes({ kind: 'misp' }, JSON.stringify(file))).toEqual(['indicator', 'indicator', 'not-for-detection:ssdeep', 'unknown-type:odd']);
    expect(await outcomes({ kind: 'misp' }, JSON.stringify(of(attribute('filename', 'a.exe'))))).toEqual(['file-without-hash']);
  }); // prettier-ignore

  test('systems in another role and addresses of unknown categories are left out with a reason', async () => {
    const system = (role: string, category: string, value: string) => `<System category="${role}"><Node><Address category="${category}">${value}</Address></Node></System>`;
    const flow = system('source', 'ipv4-addr', '45.130.1.1') + system('target', 'ipv4-addr', '45.130.1.2') + system('source', 'atm', '47');
    const text = `<IODEF-Document xmlns="urn:ietf:params:xml:ns:iodef-1.0"><Incident purpose="watch"><IncidentID name="x">1</IncidentID><EventData><Flow>${flow}</Flow></EventData></Incident></IODEF-Document>`;
    expect(await outcomes({ kind: 'iodef' }, text)).toEqual(['indicator', 'role:target', 'unknown-type:atm', 'object']);
  }); // prettier-ignore
});

describe('a run', () => {
  let server: Awaited<ReturnType<typeof listen>>;
  let body = '';
  let t: TestHub;
  let clock: TestClock;
  beforeAll(async () => {
    server = await listen((_request, response) => response.writeHead(200).end(body));
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    clock = new TestClock('2026-01-15T12:00:00.000Z');
    t = await testHub(`${SETTINGS}\negress: { allow: ["${server.base.slice(7)}"] }\n`, { clock });
  });
  afterEach(() => t.stop());

  const add = async (preset: string, over: Partial<FeedDocument> = {}): Promise<void> => {
    const document = {
      ...documentOf(preset, over),
      enabled: true,
      transport: { kind: 'https', url: `${server.base}/list` },
      schedule: { cron: '0 3 1 1 *' },
    };
    await t.hub.feeds.registry.create(checkDocument(document, preset), 'indicators', []);
  };
  const run = async (name: string): Promise<RunReport> => {
    const report = await t.hub.feeds.runner.run(name, undefined, { confirmed: true });
    if (report === undefined) throw new Error('the feed did not run');
    clock.advance(60_000);
    return report;
  };

  /** Presets whose rows become objects in all ways: indicators, observations, vulnerabilities, reports, texts. */
  const STORED = ['feodo', 'urlhaus', 'threatfox', 'malwarebazaar', 'cert-pl', 'cisa-kev', 'otx', 'misp-events', 'iodef', 'partner-cert', 'plain-list', 'n6-events']; // prettier-ignore

  test.each(SAMPLES.filter(([preset, , over]) => STORED.includes(preset) && (over.parser === undefined || preset === 'partner-cert')))('a run of %s gives each value a result, and is not ok with a bad row: %s', async (preset, file, over) => {
    await add(preset, over);
    const isText = ['csv', 'delimited', 'ndjson'].includes(documentOf(preset, over).parser.kind);
    const text = isText ? beginning(file) : textOf(file);
    for (let seed = 0; seed < 4; seed++) {
      body = seed === 0 ? text : dirty(text, new Random(seed * 7_919), isText);
      const report = await run(preset);
      if (report.status === 'failed' || report.status === 'unchanged') continue;
      const { records, used, filtered, quarantined, accepted, created, updated, unchanged, held, refused, removed, oddities = [] } = report;
      expect((used ?? 0) + filtered + quarantined).toBe(records);
      expect(oddities.filter((text) => text.startsWith('not-counted'))).toEqual([]);
      // Values that left the list end as well, and objects that accompany a value may be refused.
      expect(created + updated + unchanged).toBeLessThanOrEqual(accepted);
      expect(created + updated + unchanged + held + refused + removed).toBeGreaterThanOrEqual(accepted);
      expect([seed, ['ok', 'ok-empty'].includes(report.status) && quarantined + held + refused > 0]).toEqual([seed, false]);
    }
  }, 60_000); // prettier-ignore
});
