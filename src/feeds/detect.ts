import type { Clock } from '../kernel/clock.ts';
import { Problem } from '../kernel/problem.ts';
import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { checkDocument, loadPreset } from './document.ts';
import { decoded } from './decode.ts';
import { parseFeed } from './parsers/parse.ts';
import { inSpool } from './spool.ts';
import type { Row } from './template.ts';
import { readTime } from './times.ts';
import { fetchFeed } from './transports/fetch.ts';
import type { FetchOptions } from './transports/transport.ts';
import { ValueFault, readValue, type ValueRules } from '../stix/values/read-value.ts';
import { feedErrors } from './errors.ts';

/** Number of rows on which a guess is based. */
const SAMPLE = 200;
/** Share of the rows in which a column must have a usable value. */
const ENOUGH = 0.6;
const HEAD = 65_536;
const RULES: ValueRules = { specialAddresses: new Set(), specialDomains: new Set(), range: true };

/** The description of a feed whose format is to be detected. */
export interface DetectRequest {
  readonly name: string;
  readonly url: string;
  readonly title?: string | undefined;
  readonly tlp?: FeedDocument['defaults']['tlp'] | undefined;
}

/**
 * Fetches a feed and returns a feed document for it: the format, the column with the values and the column with the
 * time.
 */
export async function detectFeed(
  request: DetectRequest,
  options: Omit<FetchOptions, 'cursor' | 'name'> & { readonly clock: Clock },
): Promise<FeedDocument> {
  const base = documentOf(request, { kind: 'delimited' }, [{ value: '{value}', type: 'auto' }]);
  return inSpool(options.spool, request.name, async (spool) => {
    const fetched = await fetchFeed(base.transport, {
      ...options,
      spool,
      name: request.name,
      cursor: {},
      tries: 1,
    });
    const [file] = fetched.files;
    if (file === undefined) throw unknown('The answer is empty.');
    const open = () => decoded(file);
    const head = await headOf(await open());
    const known = knownForm(head, request.url);
    if (known !== undefined) return { ...documentOf(request, { kind: 'stix' }, []), ...known };
    const now = options.clock.now();
    for (const parser of candidatesOf(head)) {
      const rows = await sampleOf(parseFeed(await open(), parser));
      const map = mappingOf(rows, now);
      if (map !== undefined) return documentOf(request, parser, [map]);
    }
    throw unknown('No column holds addresses, names, URLs or hashes.');
  });
}

function unknown(description: string): Problem {
  return feedErrors.formatUnknown({ description });
}

async function headOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    parts.push(chunk);
    if ((size += chunk.length) >= HEAD) break;
  }
  return Buffer.concat(parts).toString('utf8').slice(0, HEAD).trimStart();
}

/** Recognises formats that identify themselves. Includes the transport that fetches their files. */
function knownForm(head: string, url: string): Partial<FeedDocument> | undefined {
  const as = (kind: ParserSpec['kind'], more: Partial<FeedDocument> = {}): Partial<FeedDocument> => ({
    parser: { kind },
    map: [],
    ...more,
  });
  if (head.startsWith('<')) {
    const root = /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s>]/.exec(head.replaceAll(/<[?!][^>]*>/g, ''))?.[1];
    if (root === 'IODEF-Document') return as('iodef');
    if (root === 'STIX_Package') return as('stix1');
    if (root === 'rss' || root === 'feed' || root === 'RDF') {
      const { parser, map, time } = loadPreset(root === 'feed' ? 'advisories-atom' : 'advisories-rss');
      return { parser, map, ...(time === undefined ? {} : { time }) };
    }
    return undefined;
  }
  const listed = (index: 'misp' | 'csaf', kind: ParserSpec['kind']): Partial<FeedDocument> =>
    as(kind, { transport: { kind: 'index', index, url } });
  if (/^"?[^",\n]+\.json"?\s*,\s*"?\d{4}-\d\d-\d\dT/.test(head)) return listed('csaf', 'csaf');
  if (!/^[{[]/.test(head)) return undefined;
  if (/^\{[^[]{0,2000}"type"\s*:\s*"bundle"/.test(head)) return as('stix');
  if (/^\{\s*"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"\s*:\s*\{/i.test(head))
    return listed('misp', 'misp');
  if (/^\{\s*(?:"Event"|"response")\s*:/.test(head)) return as('misp');
  if (/"csaf_version"\s*:/.test(head)) return as('csaf');
  if (/"(?:metadata_version|canonical_url)"\s*:/.test(head) && /"distributions"/.test(head))
    return listed('csaf', 'csaf');
  if (/^\{\s*"feed"\s*:/.test(head) && /csaf/i.test(head)) return listed('csaf', 'csaf');
  if (/"vulnerabilities"\s*:/.test(head) && /"cveID"\s*:/.test(head)) {
    const { parser, map } = loadPreset('cisa-kev');
    return { parser, map };
  }
  return undefined;
}

/** Returns the formats that a text may have, most likely first. */
function candidatesOf(head: string): readonly ParserSpec[] {
  const lines = head
    .split(/\r?\n/)
    .slice(0, -1)
    .filter((line) => line !== '');
  if (/^\{/.test(head)) {
    if (lines.length > 1 && lines.slice(0, 20).every((line) => isJson(line))) return [{ kind: 'ndjson' }];
    const list = /"([A-Za-z0-9_-]+)"\s*:\s*\[\s*\{/.exec(head)?.[1];
    return [
      ...(list === undefined ? [] : [{ kind: 'json', records: `$.${list}[*]` } as const]),
      { kind: 'json', records: '$.*[*]' },
      { kind: 'json', records: '$.*' },
    ];
  }
  if (head.startsWith('[')) return [{ kind: 'json', records: '$[*]' }];
  if (head.startsWith('<')) return [];
  const comment = ['#', ';', '//'];
  const data = lines.filter((line) => !comment.some((mark) => line.startsWith(mark)));
  const found: ParserSpec[] = [];
  for (const separator of [',', '\t', ';', '|']) {
    const counts = data.slice(0, 20).map((line) => line.split(separator).length);
    if ((counts[0] ?? 1) > 1 && counts.every((count) => count >= (counts[0] ?? 1)))
      found.push(
        { kind: 'csv', separator, comment: ['#'], header: 'auto', null: ['', 'None', 'N/A', 'n/a'] },
        { kind: 'csv', separator, comment: ['#'], header: 'none', null: ['', 'None', 'N/A', 'n/a'] },
      );
  }
  return [...found, { kind: 'delimited', comment, range: true }];
}

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

async function sampleOf(parsed: ReturnType<typeof parseFeed>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  try {
    for await (const record of parsed) {
      if (record.kind === 'row') rows.push(record.row);
      if (rows.length === SAMPLE) break;
    }
  } catch (error) {
    // The text has another format.
    if (!(error instanceof Problem)) throw error;
    return [];
  }
  return rows;
}

/** Finds the column with the values for indicators, and the column with the time from which they are valid. */
function mappingOf(rows: readonly Row[], now: number): FeedDocument['map'][number] | undefined {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const share = (column: string, good: (value: string) => boolean): number =>
    rows.filter((row) => row[column] !== undefined && good(row[column])).length / Math.max(1, rows.length);
  const values = columns
    .map((column) => ({ column, share: share(column, isValue) }))
    // Among several good columns, the most specific one wins: a URL says more than its host.
    .toSorted((a, b) => b.share - a.share || rank(a.column) - rank(b.column));
  const [best] = values;
  if (best === undefined || best.share < ENOUGH) return undefined;
  const time = columns.find((column) => share(column, (value) => isTime(value, now)) >= ENOUGH);
  return {
    value: `{${best.column}}`,
    type: 'auto',
    ...(time === undefined ? {} : { valid_from: `{${time}}` }),
  };
}

function rank(column: string): number {
  const order = ['url', 'ioc', 'indicator', 'value', 'domain', 'host', 'ip'];
  const at = order.findIndex((word) => column.toLowerCase().includes(word));
  return at < 0 ? order.length : at;
}

function isValue(value: string): boolean {
  try {
    // A bare word with a dot may be a file name or a sentence. It counts only with a real top-level domain.
    return readValue(value, 'auto', RULES).length > 0;
  } catch (error) {
    if (error instanceof ValueFault) return false;
    throw error;
  }
}

function isTime(value: string, now: number): boolean {
  try {
    readTime(value, { zone: 'UTC', format: 'iso', now });
    return true;
  } catch (error) {
    if (error instanceof ValueFault) return false;
    throw error;
  }
}

function documentOf(
  { name, url, title, tlp }: DetectRequest,
  parser: ParserSpec,
  map: FeedDocument['map'],
): FeedDocument {
  return checkDocument(
    {
      name,
      title: title ?? name,
      mode: parser.kind === 'delimited' ? 'snapshot' : 'append',
      transport: { kind: 'https', url },
      schedule: { cron: '37 */6 * * *', jitter_s: 300, min_interval_s: 300 },
      parser,
      map,
      defaults: { tlp: tlp ?? 'amber', confidence: 50, valid_for: 'P7D', redistribute: 'members' },
    },
    name,
  );
}
