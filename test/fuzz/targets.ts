import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inspect, isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { loadConfig } from '../../src/config/load.ts';
import { decoded } from '../../src/feeds/decode.ts';
import { checkDocument, loadPreset, presetNames } from '../../src/feeds/document.ts';
import { FindingMaker } from '../../src/feeds/maker.ts';
import { parseFeed } from '../../src/feeds/parsers/parse.ts';
import { readFile } from '../../src/feeds/read.ts';
import { readTime } from '../../src/feeds/times.ts';
import { parseMail } from '../../src/feeds/transports/mail.ts';
import { ValueFault, readValue } from '../../src/stix/values/read-value.ts';
import { clientAddress, contains, networkText, parseNetwork } from '../../src/kernel/address.ts';
import { CursorSeal } from '../../src/kernel/cursor-seal.ts';
import { gate, isGated, readObject, textOf } from '../../src/kernel/json-gate.ts';
import { differentNames, nesting } from '../../src/kernel/json-shape.ts';
import { splitJson } from '../../src/kernel/json-stream.ts';
import { Problem } from '../../src/kernel/problem.ts';
import { explainPattern, levelOf } from '../../src/stix/pattern/explain.ts';
import { patternKeys } from '../../src/stix/pattern/keys.ts';
import { PatternError } from '../../src/stix/pattern/lexer.ts';
import { parsePattern } from '../../src/stix/pattern/parser.ts';
import { printPattern } from '../../src/stix/pattern/print.ts';
import { readSearch, searchKeys } from '../../src/stix/search-keys.ts';
import {
  compareTimestamps,
  instantOf,
  parseTaxiiTimestamp,
  taxiiTimestamp,
  timestampFault,
} from '../../src/stix/timestamps.ts';
import type { StixObject } from '../../src/stix/types.ts';
import { upgradeObject } from '../../src/stix/upgrade.ts';
import { validateBundle, validateObject } from '../../src/stix/validation/validate.ts';
import { Cursors } from '../../src/taxii/server/cursor.ts';
import {
  acceptsTaxii,
  demandAccept,
  demandContentType,
  isBrowser,
} from '../../src/taxii/server/media-type.ts';
import { ALL_PARAMETERS, readQuery } from '../../src/taxii/server/query.ts';
import type { FeedDocument } from '../../src/config/settings.ts';
import type { Random, Target } from './engine.ts'; // prettier-ignore

const root = join(import.meta.dirname, '..', 'fixtures');
const NOW = Date.UTC(2026, 0, 15, 12);
const feed = (path: string): Buffer => readFileSync(join(root, 'feeds', path));
const texts = (...all: string[]): Buffer[] => all.map((text) => Buffer.from(text));
/** Property names of a prototype that must not change. */
const clean = Reflect.ownKeys(Object.prototype).length;

/** Runs code that may throw one kind of error. Any other error, and a changed prototype, is a fault. */
function lets<T>(kind: new (...args: never[]) => Error, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    return undefined;
  } finally {
    untouched();
  }
}
function untouched(): void {
  if (Reflect.ownKeys(Object.prototype).length !== clean) throw new Error('a prototype was polluted');
}
function same(what: string, a: unknown, b: unknown): void {
  if (!isDeepStrictEqual(a, b))
    throw new Error(`${what}: ${inspect(a).slice(0, 300)} is not ${inspect(b).slice(0, 300)}`);
}

async function all<T>(steps: AsyncIterable<T>): Promise<T[] | string> {
  const found: T[] = [];
  try {
    for await (const step of steps) found.push(step);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.title;
  } finally {
    untouched();
  }
  return found;
}

/** Returns the same bytes in pieces of any size. */
function pieces(input: Buffer, random: Random): Readable {
  const parts: Buffer[] = [];
  for (let at = 0; at < input.length;) {
    const size = 1 + random.below(random.below(3) === 0 ? 3 : 400);
    parts.push(input.subarray(at, at + size));
    at += size;
  }
  return Readable.from(parts, { objectMode: false });
}
const whole = (input: Buffer): Readable =>
  Readable.from(input.length === 0 ? [] : [input], { objectMode: false });

function json(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
const isObject = (value: unknown): value is StixObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stixSeeds = ['valid', 'invalid']
  .flatMap((folder) => {
    const walk = (path: string): string[] =>
      readdirSync(path, { withFileTypes: true }).flatMap((item) =>
        item.isDirectory()
          ? walk(join(path, item.name))
          : item.name.endsWith('.json')
            ? [join(path, item.name)]
            : [],
      );
    return walk(join(root, 'stix', folder)).map((file) => readFileSync(file));
  })
  .filter(({ length }) => length < 8_192);
const patterns = JSON.parse(readFileSync(join(root, 'stix', 'patterns.json'), 'utf8')) as unknown;
const patternSeeds = [...JSON.stringify(patterns).matchAll(/"(\[(?:[^"\\]|\\.)*)"/g)]
  .map(([, text = '']) => Buffer.from(JSON.parse(`"${text}"`) as string))
  .slice(0, 300);

const folder = mkdtempSync(join(tmpdir(), 'talanoa-fuzz-'));
export const removeFuzzFolder = (): void => rmSync(folder, { recursive: true, force: true });
const scratch = (name: string, input: Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, input);
  return path;
};

/** The feed documents, each with a sample of the data of its source. */
const FEEDS: Readonly<Record<string, readonly string[]>> = {
  'advisories-rss': ['rss/advisories.rss'],
  'advisories-atom': ['rss/alerts.atom'],
  'cert-pl': ['cert-pl/domains.json'],
  'cisa-csaf': ['csaf/icsa-24-004-01.json'],
  'dataplane-sshpwauth': ['dataplane/sshpwauth.txt'],
  feodo: ['feodo/ipblocklist.csv'],
  'intelmq-events': ['intelmq/events.jsonl'],
  iodef: ['iodef/v1_report.xml', 'iodef/v2_campaign.xml', 'iodef/v2_xxe.xml'],
  'misp-events': ['misp-event/misp_stix_event_1.json'],
  'n6-events': ['n6/search_events.json'],
  otx: ['otx/pulses_subscribed.json'],
  'plain-list': ['domain-list/domains.txt'],
  'spamhaus-drop-v4': ['spamhaus-drop/drop_v4.json'],
  'stix1-taxii11': ['stix1/indicator-for-malicious-url.xml', 'stix1/taxii11_poll_response.xml'],
  'team-cymru-cap': ['team-cymru/cap_report.txt'],
  'x-arf': ['x-arf/v4_login_attack.json'],
  urlhaus: ['urlhaus/csv_recent.csv'],
};
const WORDS_OF_JSON = [
  '{"',
  '":',
  '[',
  ']',
  '{}',
  'null',
  'true',
  '1e5',
  '\\u0000',
  '\\ud800',
  ',',
  '"objects":[',
];

function feedTarget(preset: string, samples: readonly string[]): Target {
  const document: FeedDocument = loadPreset(preset);
  return {
    name: `feed-${preset}`,
    seeds: samples
      .map(feed)
      .filter(({ length }) => length < 200_000)
      .map((one) => one.subarray(0, 16_384)),
    words: [
      '<',
      '</',
      '/>',
      '<![CDATA[',
      ']]>',
      '<!DOCTYPE x [<!ENTITY a "b">]>',
      '&a;',
      'xmlns=""',
      '"',
      '""',
      ',',
      ';',
      '\n',
      '#',
      ...WORDS_OF_JSON,
    ],
    async run(input, random) {
      const path = scratch(preset, input);
      const first = await all(
        readFile({ name: preset, path, bytes: input.length }, new FindingMaker(document, NOW)),
      );
      same(
        'reading it again',
        await all(readFile({ name: preset, path, bytes: input.length }, new FindingMaker(document, NOW))),
        first,
      );
      if (['csaf', 'iodef', 'misp', 'otx', 'stix1'].includes(document.parser.kind)) return;
      same(
        'reading it in pieces',
        await all(parseFeed(pieces(input, random), document.parser)),
        await all(parseFeed(whole(input), document.parser)),
      );
    },
    counted: false,
  };
}

const cursors = new Cursors(new CursorSeal(Buffer.alloc(32, 7), 0), Buffer.alloc(32, 9));
const BINDING = { collection: 'a1000000-0000-4000-8000-000000000001', filters: 'f', account: 'acc-x' };

/** All code that reads bytes from outside. */
export const TARGETS: readonly Target[] = [
  {
    name: 'json-gate',
    seeds: [...texts('{"objects":[]}', '{"objects":[{"type":"indicator","id":"indicator--1","n":1.5}],"more":false}', '{"a":{"b":[1,2,{"c":null}]},"objects":[{}]}', '\ufeff{"objects":[{"a":"\\u00e9"}]}'), ...stixSeeds.slice(0, 20).map((one) => Buffer.concat([Buffer.from('{"objects":['), one, Buffer.from(']}')]))],
    words: WORDS_OF_JSON,
    run(input) {
      nesting(input, 200);
      differentNames(input, 10);
      const document = lets(Problem, () => gate(input));
      if (document === undefined) return;
      const read = document.objects.map((span) => lets(Problem, () => readObject(document, span)));
      // Documents that the gate accepts must also be valid JSON for other parsers, with the same content.
      if (!read.every((one) => one !== undefined && isGated(one))) return;
      const plain = JSON.parse(input.toString('utf8').replace(/^\ufeff/, '')) as { objects?: unknown[] };
      same(
        'the objects',
        document.objects.map((span) => JSON.parse(textOf(document, span)) as unknown),
        plain.objects ?? [],
      );
    },
  },
  {
    name: 'json-stream',
    seeds: [...texts('{"type":"bundle","objects":[{"a":1},{"b":[2]}]}', '[{"a":1},{"b":2}]', '{"a":1}\n{"b":2}\n'), feed('stix21/poisonivy.json').subarray(0, 8_192)],
    words: WORDS_OF_JSON,
    counted: false,
    async run(input, random) {
      same('split in pieces', await all(splitJson(pieces(input, random))), await all(splitJson(whole(input))));
    },
  },
  {
    name: 'stix',
    seeds: stixSeeds,
    words: [...WORDS_OF_JSON, '"spec_version":"2.1"', '"extensions":{', '"object_marking_refs":["', '"granular_markings":[{', '"pattern":"[', '"2026-01-01T00:00:00Z"', '"indicator--', '"hashes":{"SHA-256":"'],
    run(input) {
      const object = json(input);
      if (!isObject(object)) return;
      const faults = validateObject(object);
      same('the same verdict again', validateObject(object).map((fault) => JSON.stringify(fault)), faults.map((fault) => JSON.stringify(fault)));
      if (faults.length > 200) throw new Error(`${faults.length} faults are told`);
      validateBundle(object);
      upgradeObject(object);
      searchKeys(object);
      untouched();
    },
  },
  {
    name: 'pattern',
    seeds: [...texts("[ipv4-addr:value = '198.51.100.1']", "[a:b = 1 AND a:c IN (1, 2.5, 'x')] FOLLOWEDBY ([d:e MATCHES '^x+$'] REPEATS 5 TIMES) WITHIN 5.5 SECONDS", "[file:hashes.'SHA-256' = h'ff' OR file:x[*].y LIKE 'a%']"), ...patternSeeds],
    words: ['[', ']', '(', ')', ' AND ', ' OR ', ' NOT ', ' FOLLOWEDBY ', ' REPEATS 5 TIMES', ' WITHIN 5 SECONDS', " START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", ' MATCHES ', ' LIKE ', ' ISSUBSET ', " IN ('a', 'b')", "b'AA=='", "h'ff'", '[*]', "\\'", "'", '.', ':', ' != ', 'EXISTS '],
    run(input) {
      const pattern = lets(PatternError, () => parsePattern(input.toString('utf8')));
      if (pattern === undefined) return;
      explainPattern(pattern);
      levelOf(pattern);
      patternKeys(pattern);
      const printed = printPattern(pattern);
      same('printed and parsed', printPattern(parsePattern(printed)), printed);
    },
  },
  {
    name: 'timestamp',
    seeds: texts('2026-01-15T12:00:00Z', '2026-01-15T12:00:00.123456Z', '2024-02-29T23:59:60Z', '0000-01-01T00:00:00.0Z', '2026-01-15 12:00:00 +1300', '15/01/2026 12:00', '1768478400', 'Thu, 15 Jan 2026 12:00:00 GMT'),
    words: ['T', 'Z', ':', '-', '.000', '+00:00', '60', '24', '02-29', '9999'],
    run(input) {
      const text = input.toString('utf8');
      const fault = timestampFault(text);
      if (fault === undefined) {
        instantOf(text);
        if (compareTimestamps(text, text) !== 0) throw new Error('not equal to itself');
      }
      const micros = parseTaxiiTimestamp(text);
      if (micros !== undefined) same('written and read', parseTaxiiTimestamp(taxiiTimestamp(micros)), micros);
      for (const format of ['iso', 'day-first', 'epoch', 'epoch-ms', 'rfc2822'] as const)
        lets(ValueFault, () => readTime(text, { zone: 'Pacific/Fiji', format, now: NOW }));
    },
  },
  {
    name: 'query',
    seeds: texts('/x/?limit=10&next=abc', '/x/?match[id]=indicator--01234567-89ab-4def-8123-456789abcdef&match[type]=indicator,tool', '/x/?added_after=2026-01-15T00:00:00.000Z&match[version]=first,last,all', '/x/?match%5Bspec_version%5D=2.1&x=%E2%82%AC'),
    words: ['match[', ']=', '&', '?', 'match[version]=', 'all', 'first', 'last', '2026-01-15T00:00:00Z', '%5B', '%5D', '%00', '%ff', '+', ',', '=', 'added_after=', 'limit=', 'next='],
    run(input) {
      const url = input.toString('latin1');
      const query = lets(Problem, () => readQuery(url, ALL_PARAMETERS));
      if (query?.limit !== undefined && !(Number.isSafeInteger(query.limit) && query.limit > 0)) throw new Error(`limit ${query.limit}`);
    },
  },
  {
    name: 'cursor',
    seeds: [Buffer.from(cursors.write(1_768_478_400_000_000, BINDING)), ...texts('AAAA', '', '-_')],
    words: ['A', '_', '-', '=', '/', '+'],
    run(input) {
      const text = input.toString('latin1');
      const place = lets(Problem, () => cursors.read(text, BINDING));
      if (place === undefined) return;
      same('a value that was never made', cursors.write(place, BINDING), text);
      if (lets(Problem, () => cursors.read(text, { ...BINDING, account: 'acc-y' })) !== undefined) throw new Error('another account may use it');
    },
  },
  {
    name: 'headers',
    seeds: texts('application/taxii+json;version=2.1', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'application/taxii+json; version="2.1"; q=0.5, */*', '198.51.100.1, [2001:db8::1]:443, 10.0.0.1'),
    words: [';', ',', 'q=', '"', '*/*', 'version=2.1', '/', '::ffff:', '127.0.0.1'],
    run(input) {
      const value = input.toString('latin1');
      acceptsTaxii(value);
      isBrowser(value);
      lets(Problem, () => demandAccept(value));
      lets(Problem, () => demandContentType(value));
      clientAddress('127.0.0.1', value, [parseNetwork('127.0.0.0/8')].filter((one) => one !== undefined));
    },
  },
  {
    name: 'value',
    seeds: texts('198.51.100.0/24', '198.51.100.7/2', '192.128.0.0/9', '::ffff:198.51.100.0/120', '2001:db8::/32', 'hxxps://evil[.]example/x', 'a@b.example', 'AS64500', '44d88612fea8a8f36de82e1278abb02f', 'xn--bcher-kva.example', '198.51.100.1-198.51.100.9', 'evil.example:443'),
    words: ['[.]', 'hxxp', '://', '/', ':', '::', '@', '.', '-', 'xn--', '%', '/33', '0x7f', 'ß', '。'],
    run(input) {
      const text = input.toString('utf8');
      const rules = { specialAddresses: new Set(['documentation']), specialDomains: new Set(['example']), range: true };
      for (const type of ['ip', 'cidr', 'domain', 'url', 'email', 'hash', 'file', 'certificate', 'endpoint', 'asn'] as const) {
        const values = lets(ValueFault, () => readValue(text, type, rules)) ?? [];
        for (const { observable } of values) {
          if (!('value' in observable) || typeof observable.value !== 'string') continue;
          const again = readValue(observable.value, type === 'endpoint' ? 'ip' : type, rules);
          if (type !== 'endpoint') same(`canonical ${type}`, again[0]?.observable, observable);
        }
      }
      const network = parseNetwork(text);
      if (network !== undefined) {
        // Host bits are cleared when a network is read. Its written form has none.
        same('written and read', parseNetwork(networkText(network)), { ...network, cleared: false });
        if (!contains(network, networkText(network).split('/')[0] ?? '')) throw new Error('a network without its own base');
      }
      lets(Problem, () => readSearch(text));
    },
  },
  {
    name: 'mail',
    seeds: [feed('impact/report.eml'), ...texts('From: a@b.example\r\nSubject: =?utf-8?B?w6k=?=\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/csv; name="a.csv"\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxi\r\n--x--\r\n')],
    words: ['\r\n', '\r\n\r\n', '--x', '--x--', 'Content-Type: multipart/mixed; boundary="x"', 'Content-Type: message/rfc822', '=?utf-8?Q?', '?=', 'filename*0*=', 'boundary=', '; ', '<', '>', ','],
    counted: false,
    async run(input) {
      const mail = await parseMail(input).catch((error: unknown) => {
        // The library refuses invalid input with a plain error and a reason. A feed run reports it as a
        // damaged email.
        if (error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError)) return undefined;
        throw error;
      });
      untouched();
      for (const { content } of mail?.attachments ?? []) if (content === undefined) throw new Error('an attachment without content');
    },
  },
  {
    name: 'decode',
    seeds: [feed('epss/epss_scores-2026-01-15.csv.gz').subarray(0, 8_192), gzipSync('a,b\n1,2\n'), Buffer.from('UEsDBBQAAAAAAAAAIQC/3LsDBQAAAAUAAAAFAAAAYS5jc3ZhLGIKMVBLAQIUABQAAAAAAAAAIQC/3LsDBQAAAAUAAAAFAAAAAAAAAAAAAAAAAAAAAABhLmNzdlBLBQYAAAAAAQABADMAAAAoAAAAAAA=', 'base64'), Buffer.from('\ufeffa,b\n', 'utf16le'), ...texts('plain\n', '<!doctype html><html>', '\xff\xfe')],
    words: ['PK\u0003\u0004', 'PK\u0001\u0002', 'PK\u0005\u0006', '\u001f\u008b\u0008', '../', '\0\0\0\0'],
    counted: false,
    async run(input) {
      const path = scratch('packed', input);
      for (const spec of [{}, { charset: 'windows-1252' }] as const) {
        const stream = await decoded({ path, bytes: input.length }, spec).catch((error: unknown) => {
          if (error instanceof Problem) return undefined;
          throw error;
        });
        if (stream !== undefined) await all(stream);
      }
    },
  },
  {
    name: 'feed-document',
    seeds: presetNames().slice(0, 12).map((name) => Buffer.from(JSON.stringify(loadPreset(name)))),
    words: [...WORDS_OF_JSON, '"kind":"', '"map":[', '"template":"', '{', '}', '"P30D"', '"* * * * *"', '"$[*]"'],
    run(input) {
      const value = json(input);
      if (value !== undefined) lets(Problem, () => checkDocument(value, 'fuzz'));
    },
  },
  {
    name: 'settings',
    seeds: [readFileSync(join(root, '..', '..', 'talanoa.example.yaml')).subarray(0, 6_000), ...texts('hub: { title: x }\n', 'accounts:\n  - { name: a, role: machine }\n', 'a: &a [1]\nb: *a\n')],
    words: ['&a', '*a', '<<: *a', '? ', ': ', '- ', '!!binary ', '!!js/function ', '|\n', '>-\n', '---\n', '...\n', '%YAML 1.1\n', '{', '}', '[', ']', '"\\x00"', '#', '~'],
    counted: false,
    run(input) {
      const file = scratch('talanoa.yaml', input);
      lets(Problem, () => loadConfig({ config: file, data: join(folder, 'data') }, {}));
    },
  },
  ...Object.entries(FEEDS).map(([preset, samples]) => feedTarget(preset, samples)),
]; // prettier-ignore

// A missing sample would leave a target without input.
for (const samples of Object.values(FEEDS))
  for (const sample of samples) statSync(join(root, 'feeds', sample));
