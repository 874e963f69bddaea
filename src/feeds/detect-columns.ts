import { urlOf } from '../kernel/url.ts';
import { contains, parseNetwork, type Network } from '../kernel/address.ts';
import type { FeedDocument } from '../config/settings.ts';
import type { Observable } from '../stix/pattern/build.ts';
import {
  ValueFault,
  hasKnownSuffix,
  readValue,
  type ValueRules,
  type ValueType,
} from '../stix/values/read-value.ts';
import { SEVERAL, type Row } from './template.ts';
import { timesOf } from './detect-times.ts';
import type { TimeRules } from './times.ts';

/** Share of the rows in which a column must have a usable value. */
const ENOUGH = 0.6;
const RULES: ValueRules = { specialAddresses: new Set(), specialDomains: new Set(), range: true };
/** Maximum number of characters of a comment that are looked at. */
const LONGEST_COMMENT = 500;
/** Maximum number of columns that a note names. */
const MOST_NAMED = 20;

/** The context for the choice of columns, besides the rows. */
export interface DetectContext {
  readonly now: number;
  /** Networks of the members, which never become indicators. */
  readonly own: readonly Network[];
  /** The beginning of the file, whose comments may say what it lists. */
  readonly head: string;
}

/** The columns that were chosen. */
export interface ChosenColumns {
  readonly map: FeedDocument['map'][number];
  readonly time: TimeRules['format'] | undefined;
  /** `first-last` has to be read as a range. */
  readonly range: boolean;
  /** Columns that the map uses. */
  readonly used: readonly string[];
  /** Share of the rows with a value, from 0 to 1. */
  readonly share: number;
  /** Number of different values in the sample. */
  readonly distinct: number;
  /** Notes on parts that were not understood, or understood in one of several possible ways. */
  readonly notes: readonly string[];
}

type Kind = Observable['type'];

interface Column {
  readonly name: string;
  readonly texts: readonly string[];
  /** Kinds of the usable values. */
  readonly kinds: readonly Kind[];
  readonly share: number;
  readonly own: boolean;
}

/** Returns the kind of thing that a text can be an indicator of. Undefined for other texts. */
export function kindOfValue(text: string, type: ValueType = 'auto'): Kind | undefined {
  try {
    const [first] = readValue(text, type, RULES);
    const kind = first?.observable.type;
    // A bare word with a dot may be a file name or a sentence. It counts only with a real top-level domain.
    if (first?.observable.type === 'domain-name' && !hasKnownSuffix(first.observable.value)) return undefined;
    return kind;
  } catch (error) {
    if (error instanceof ValueFault) return undefined;
    throw error;
  }
}

/** Finds the columns with values and times. Undefined when no column has values. */
export function chooseColumns(rows: readonly Row[], context: DetectContext): ChosenColumns | undefined {
  if (rows.length === 0) return undefined;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) =>
    columnOf(name, rows, context),
  );
  const notes: string[] = [];
  const chosen = rangeOf(columns, rows) ?? valueOf(columns, notes, context);
  if (chosen === undefined) return undefined;
  const times = timesOf(columns, rows, context.now, notes);
  const used = [...new Set([...chosen.used, ...times.used])];
  const unused = columns.map(({ name }) => name).filter((name) => !used.includes(name));
  const described = unused.slice(0, MOST_NAMED).join(', ');
  if (unused.length > 0)
    notes.push(`Columns that are not used: ${described}${unused.length > MOST_NAMED ? ' …' : ''}.`);
  return {
    map: { ...chosen.map, ...times.map, ...malwareOf(columns) },
    time: times.format,
    range: chosen.range,
    used,
    share: chosen.share,
    distinct: chosen.distinct,
    notes,
  };
}

function columnOf(name: string, rows: readonly Row[], { own }: DetectContext): Column {
  const texts = rows.flatMap((row) => (row[name] === undefined ? [] : row[name].split(SEVERAL)));
  const filled = rows.flatMap((row) => row[name] ?? []);
  const good = filled.filter((text) => text.split(SEVERAL).every((part) => kindOfValue(part) !== undefined));
  const kinds = texts.flatMap((text) => kindOfValue(text) ?? []);
  return {
    name,
    texts,
    kinds,
    share: good.length / rows.length,
    own: texts.some((text) => own.some((network) => isIn(network, text))),
  };
}

function isIn(network: Network, text: string): boolean {
  const read = parseNetwork(text.trim());
  return read !== undefined && contains(network, text.split('/', 1)[0]?.trim() ?? '');
}

/** Returns the words of a column name: `dstIp`, `dst_ip` and `flow.dst-ip` contain `dst`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

const has = (name: string, words: ReadonlySet<string>): boolean =>
  wordsOf(name).some(
    (word) => words.has(word) || words.has(word.replace(/(?:ip|addr|address|host|url)$/, '')),
  );

/** Column words for the sides of a connection: victims, reporters and infrastructure. */
const SOURCES = new Set([
  'src', 'source', 'saddr', 'victim', 'infected', 'client', 'local', 'internal', 'private', 'reporter', 'submitter', 'sensor',
  'honeypot', 'our', 'customer', 'member', 'user', 'agent', 'nameserver', 'ns', 'ns1', 'ns2', 'mx', 'resolver', 'bot', 'scanned',
]); // prettier-ignore
const DESTINATIONS = new Set([
  'dst', 'dest', 'destination', 'daddr', 'remote', 'server', 'c2', 'cc', 'cnc', 'malicious', 'sinkhole',
]); // prettier-ignore
/** Columns that tell more about a row, usually at the site of the source. */
const REFERENCES = new Set([
  'ref', 'refs', 'reference', 'references', 'link', 'links', 'permalink', 'report', 'info', 'detail', 'details', 'screenshot',
  'image', 'manual', 'documentation', 'doc', 'homepage', 'website', 'more', 'credit', 'avatar', 'referrer', 'referer', 'author',
  'provider', 'registrar', 'organization', 'organisation', 'org', 'isp', 'creator', 'owner', 'contact', 'abuse', 'email',
]); // prettier-ignore
const SPECIFIC = [
  'url',
  'uri',
  'ioc',
  'indicator',
  'observable',
  'value',
  'domain',
  'fqdn',
  'hostname',
  'host',
  'ip',
  'address',
];
const BY_KIND: readonly Kind[] = [
  'url',
  'domain-name',
  'endpoint',
  'network',
  'ipv4-addr',
  'ipv6-addr',
  'file',
  'email-addr',
];

function rank({ name, kinds }: Column): number {
  const words = wordsOf(name);
  const named = SPECIFIC.findIndex((word) => words.some((one) => one === word || one.startsWith(word)));
  if (named >= 0) return named;
  const [first] = kinds;
  const kind = first === undefined ? -1 : BY_KIND.indexOf(first);
  return SPECIFIC.length + (kind < 0 ? BY_KIND.length : kind);
}

/** True for a column of URLs of one and the same host, which is that of the source. */
function isOneHost({ texts, kinds }: Column): boolean {
  if (!kinds.every((kind) => kind === 'url') || texts.length < 3) return false;
  const hosts = new Set(texts.map((text) => urlOf(text)?.host ?? text));
  return hosts.size === 1;
}

interface Chosen {
  readonly map: FeedDocument['map'][number];
  readonly used: readonly string[];
  readonly range: boolean;
  readonly share: number;
  readonly distinct: number;
}

function valueOf(columns: readonly Column[], notes: string[], { head }: DetectContext): Chosen | undefined {
  const good = columns.filter(({ share }) => share >= ENOUGH);
  const foreign = good.filter(({ own }) => !own);
  for (const { name, own } of good)
    if (own) notes.push(`Column ${name} has addresses of members, so it is not used for indicators.`);
  const isSource = ({ name }: Column): boolean => has(name, SOURCES) && !has(name, DESTINATIONS);
  const isReference = (column: Column): boolean =>
    has(column.name, REFERENCES) || (foreign.length > 1 && isOneHost(column));
  const [best, second] = foreign.toSorted(
    (a, b) =>
      Number(isReference(a)) - Number(isReference(b)) ||
      Number(isSource(a)) - Number(isSource(b)) ||
      Number(has(b.name, DESTINATIONS)) - Number(has(a.name, DESTINATIONS)) ||
      rank(a) - rank(b) ||
      b.share - a.share,
  );
  if (best === undefined || isReference(best)) return undefined;
  if (isSource(best))
    notes.push(`Column ${best.name} may name victims and not attackers. Check what the source lists.`);
  else if (second !== undefined && isSource(second))
    notes.push(`Column ${second.name} is the other side of the connection and is not used.`);
  const distinct = new Set(best.texts).size;
  const hashes = foreign.filter((column) => column.kinds.every((kind) => kind === 'file'));
  if (best.kinds.every((kind) => kind === 'file')) return fileOf(best, hashes, distinct, head);
  return {
    map: { value: `{${best.name}}`, type: 'auto' },
    used: [best.name],
    range: false,
    share: best.share,
    distinct,
  };
}

/** Returns the map for hashes: of certificates where the source says so, and all hashes of a file together. */
function fileOf(best: Column, hashes: readonly Column[], distinct: number, head: string): Chosen {
  const comments = head
    .split('\n')
    .filter((line) => /^(?:#|;|\/\/)/.test(line))
    .map((line) => line.slice(0, LONGEST_COMMENT))
    .join('\n');
  const isCertificate = has(best.name, new Set(['certificate', 'cert', 'ssl', 'tls', 'fingerprint']));
  const sides = hashes.filter(({ name }) => /md5|sha-?1|sha-?256|sha-?512/i.test(name));
  const share = best.share;
  if (isCertificate || (/\bSSL\b.*(?:certificate|fingerprint)|\bcertificates?\b/i.test(comments) && best.texts.every((text) => text.length === 40)))
    return { map: { value: `{${best.name}}`, type: 'certificate' }, used: [best.name], range: false, share, distinct }; // prettier-ignore
  const used = sides.length > 1 ? sides.map(({ name }) => name) : [best.name];
  return {
    map: { value: used.map((name) => `{${name}}`).join(','), type: used.length > 1 ? 'file' : 'hash' },
    used,
    range: false,
    share,
    distinct,
  };
}

const FIRST = new Set(['start', 'first', 'from', 'begin', 'low', 'startip', 'ipstart', 'min']);
const LAST = new Set(['end', 'last', 'to', 'stop', 'high', 'endip', 'ipend', 'max']);
const PREFIX = new Set([
  'prefix',
  'netblock',
  'cidr',
  'bits',
  'mask',
  'prefixlen',
  'prefixlength',
  'masklen',
]);

/** Finds networks that are written in two columns: first and last address, or address and length of the prefix. */
function rangeOf(columns: readonly Column[], rows: readonly Row[]): Chosen | undefined {
  const addresses = columns.filter(
    ({ kinds, share, own }) =>
      share >= ENOUGH && !own && kinds.every((kind) => kind === 'ipv4-addr' || kind === 'ipv6-addr'),
  );
  const [first, last] = [FIRST, LAST].map((words) => addresses.find(({ name }) => exactly(name, words)));
  const pair =
    first !== undefined && last !== undefined && first !== last
      ? ([first, last] as const)
      : addresses.flatMap((one, i) => {
          const next = addresses[i + 1];
          return next === undefined ? [] : [[one, next] as const];
        })[0];
  const holds = (value: (row: Row) => string, type: ValueType): number =>
    rows.filter((row) => ['network', 'ipv4-addr', 'ipv6-addr'].includes(kindOfValue(value(row), type) ?? ''))
      .length / rows.length;
  const made = (value: string, used: readonly string[], range: boolean, share: number): Chosen => ({
    map: { value, type: 'cidr' },
    used,
    range,
    share,
    distinct: rows.length,
  });
  if (pair !== undefined) {
    const [a, b] = pair;
    const share = holds((row) => `${row[a.name] ?? ''}-${row[b.name] ?? ''}`, 'cidr');
    const isNamed = pair[0] === first && pair[1] === last;
    const ends = b.texts.filter((text) => /\.(?:127|255|63|191|31)$/.test(text)).length / b.texts.length;
    if (share >= ENOUGH && (isNamed || ends >= 0.9))
      return made(`{${a.name}}-{${b.name}}`, [a.name, b.name], true, share);
  }
  const prefix = columns.find(
    ({ name, texts }) =>
      exactly(name, PREFIX) && texts.length > 0 && texts.every((text) => /^\/?\d{1,3}$/.test(text)),
  );
  const [base] = addresses.filter(({ texts }) => texts.every((text) => !text.includes('/')));
  if (prefix === undefined || base === undefined) return undefined;
  const slash = prefix.texts.every((text) => text.startsWith('/')) ? '' : '/';
  const share = holds((row) => `${row[base.name] ?? ''}${slash}${row[prefix.name] ?? ''}`, 'cidr');
  return share >= ENOUGH
    ? made(`{${base.name}}${slash}{${prefix.name}}`, [base.name, prefix.name], false, share)
    : undefined;
}

function exactly(name: string, words: ReadonlySet<string>): boolean {
  return (
    wordsOf(name).some((word) => words.has(word)) || words.has(name.toLowerCase().replaceAll(/[^a-z]/g, ''))
  );
}

const FAMILY = ['malware_printable', 'malware_family', 'malwarefamily', 'malware', 'family'];

/** Returns the column with the malware family, if one has exactly such a name. */
function malwareOf(columns: readonly Column[]): Partial<FeedDocument['map'][number]> {
  const name = FAMILY.flatMap((word) => columns.find((column) => column.name.toLowerCase() === word) ?? [])[0]
    ?.name;
  return name === undefined ? {} : { malware: `{${name}}` };
}
