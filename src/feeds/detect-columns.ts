import { urlOf } from '../kernel/url.ts';
import { contains, parseNetwork, type Network } from '../kernel/address.ts';
import {
  ENOUGH,
  has,
  kindOfValue,
  wordsOf,
  type Chosen,
  type ChosenColumns,
  type Column,
  type DetectContext,
  type Kind,
} from './detect-column.ts';
import {
  describesHosts,
  filtersOf,
  isNoValue,
  namesDefaced,
  namesLists,
  otherOf,
} from './detect-meanings.ts';
import { rangeOf } from './detect-ranges.ts';
import { timesOf } from './detect-times.ts';
import { readTlp, tlpOfRow } from './stated-tlp.ts';
import { SEVERAL, type Row } from './template.ts';

/** Maximum number of characters of a comment that are looked at. */
const LONGEST_COMMENT = 500;
/** Maximum number of columns that a note names. */
const MOST_NAMED = 20;

/** Finds the columns with values and times. Undefined when no column has values. */
export function chooseColumns(rows: readonly Row[], context: DetectContext): ChosenColumns | undefined {
  if (rows.length === 0) return undefined;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) =>
    columnOf(name, rows, context),
  );
  const notes: string[] = [];
  const chosen = rangeOf(columns, rows) ?? valueOf(columns, notes, context) ?? otherOf(columns, rows.length);
  if (chosen === undefined) return undefined;
  const times = timesOf(columns, rows, context.now, notes);
  const filters = filtersOf(columns, chosen.used, notes);
  const family = malwareOf(columns);
  const tlp = tlpOf(columns.filter(({ name }) => !chosen.used.includes(name)));
  const used = [...new Set([...chosen.used, ...times.used, ...(tlp === undefined ? [] : [tlp])])];
  const read = new Set([
    ...used,
    ...(family === undefined ? [] : [family]),
    ...(tlp === undefined ? [] : [tlp]),
    ...filters.map(({ column }) => column),
  ]);
  // A run reads the TLP labels of all columns.
  const isLabelled = (name: string): boolean =>
    rows.some((row) => tlpOfRow({ [name]: row[name] ?? '' }) !== undefined);
  const unused = columns.map(({ name }) => name).filter((name) => !read.has(name) && !isLabelled(name));
  const described = unused.slice(0, MOST_NAMED).join(', ');
  if (unused.length > 0)
    notes.push(`Columns that are not used: ${described}${unused.length > MOST_NAMED ? ' …' : ''}.`);
  return {
    map: {
      ...chosen.map,
      ...times.map,
      ...(family === undefined ? {} : { malware: `{${family}}` }),
      ...(tlp === undefined ? {} : { tlp: `{${tlp}}` }),
    },
    filter: filters.map(({ filter }) => filter),
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

/** Column words for the sides of a connection: victims, reporters and infrastructure. */
const SOURCES = new Set([
  'victims', 'targets', 'target', 'sources', 'clients', 'src', 'source', 'saddr', 'victim', 'infected', 'client', 'local', 'internal', 'private', 'reporter', 'submitter', 'sensor',
  'honeypot', 'our', 'customer', 'member', 'user', 'agent', 'nameserver', 'ns', 'ns1', 'ns2', 'mx', 'resolver', 'bot', 'scanned',
]); // prettier-ignore
const DESTINATIONS = new Set([
  'dst', 'dest', 'destination', 'daddr', 'remote', 'server', 'c2', 'cc', 'cnc', 'malicious', 'sinkhole',
]); // prettier-ignore
/** True for a name of the side of a connection that is usually no infrastructure. */
export function namesSource(name: string): boolean {
  return has(name, SOURCES) && !has(name, DESTINATIONS);
}

/** Columns with links to details of a row, usually on the site of the source. */
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

/** Column words for names that an address resolves to. */
const RESOLVED = new Set(['host', 'hostname', 'hosts', 'hostnames', 'rdns', 'ptr', 'reverse', 'rev', 'dns']);

/** True for a column with the names of the addresses in a column before it. The source lists the addresses. */
function isResolved({ name, kinds }: Column, columns: readonly Column[]): boolean {
  if (!kinds.every((kind) => kind === 'domain-name')) return false;
  if (!has(name, RESOLVED) && !/^column\d+$/.test(name)) return false;
  const at = columns.findIndex((column) => column.name === name);
  return columns.slice(0, at).some((column) => column.kinds.every((kind) => kind === 'ipv4-addr' || kind === 'ipv6-addr')); // prettier-ignore
}

/** Words in column names that mark the port as one of the infrastructure, not one that was attacked. */
const CONTROL = new Set([
  ...DESTINATIONS,
  'c2s',
  'cncs',
  'botnet',
  'malware',
  'family',
  'malwarefamily',
  'implant',
  'proxy',
  'exit',
]);

/** Returns the map for addresses with their ports, where these are in two columns of a table of servers. */
function endpointOf(best: Column, columns: readonly Column[]): Pick<Chosen, 'map' | 'used'> | undefined {
  if (!best.kinds.every((kind) => kind === 'ipv4-addr') || has(best.name, SOURCES)) return undefined;
  const ports = columns.filter(
    ({ name, texts }) =>
      wordsOf(name).some((word) => /^(?:port|dport|dstport|destport)$/.test(word)) &&
      has(name, DESTINATIONS) === has(best.name, DESTINATIONS) &&
      !has(name, SOURCES) &&
      texts.length === best.texts.length &&
      texts.every((text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535),
  );
  const [port] = ports;
  if (port === undefined || ports.length > 1) return undefined;
  // With both sides of a connection, the port may have been chosen by chance.
  if (columns.some((column) => column.name !== port.name && has(column.name, SOURCES))) return undefined;
  if (!columns.some(({ name }) => has(name, CONTROL))) return undefined;
  return { map: { value: `{${best.name}}:{${port.name}}`, type: 'endpoint' }, used: [best.name, port.name] };
}

function valueOf(columns: readonly Column[], notes: string[], { head }: DetectContext): Chosen | undefined {
  const good = columns.filter(
    (column) =>
      column.share >= ENOUGH &&
      !isNoValue(column) &&
      !(column.kinds.every((kind) => kind === 'autonomous-system') && describesHosts(column, columns)),
  );
  const foreign = good.filter(({ own }) => !own);
  for (const { name, own } of good)
    if (own) notes.push(`Column ${name} has addresses of members, so it is not used for indicators.`);
  const isSource = ({ name }: Column): boolean => namesSource(name);
  const isReference = (column: Column): boolean =>
    has(column.name, REFERENCES) || (columns.length > 1 && isOneHost(column));
  const [best, second] = foreign.toSorted(
    (a, b) =>
      Number(isReference(a)) - Number(isReference(b)) ||
      Number(isSource(a)) - Number(isSource(b)) ||
      Number(has(b.name, DESTINATIONS)) - Number(has(a.name, DESTINATIONS)) ||
      Number(isResolved(a, foreign)) - Number(isResolved(b, foreign)) ||
      rank(a) - rank(b) ||
      b.share - a.share,
  );
  if (best === undefined || isReference(best)) return undefined;
  const isFile = best.kinds.every((kind) => kind === 'file');
  if (namesLists(best) || (!isFile && namesDefaced(columns, commentsOf(head)))) return undefined;
  if (isSource(best))
    notes.push(`Column ${best.name} may name victims and not attackers. Check what the source lists.`);
  else if (second !== undefined && isSource(second))
    notes.push(`Column ${second.name} is the other side of the connection and is not used.`);
  const distinct = new Set(best.texts).size;
  if (best.kinds.every((kind) => kind === 'email-addr'))
    notes.push(
      `Column ${best.name} has email addresses, which may be those of victims. Check what the source lists.`,
    );
  if (
    best.texts.some((text) => /^[^/:\s]+:\d{1,5}$/.test(text.trim()) && kindOfValue(text) === 'domain-name')
  )
    notes.push(
      `Column ${best.name} has ports after domain names, which are left out: the indicator means the name on every port.`,
    );
  const endpoint = endpointOf(best, columns);
  if (endpoint !== undefined) return { ...endpoint, range: false, share: best.share, distinct: distinct };
  const hashes = foreign.filter((column) => column.kinds.every((kind) => kind === 'file'));
  if (isFile) return fileOf(best, hashes, distinct, head);
  return {
    map: { value: `{${best.name}}`, type: 'auto' },
    used: [best.name],
    range: false,
    share: best.share,
    distinct,
  };
}

/** Returns the comments of a text. */
function commentsOf(head: string): string {
  return head
    .split('\n')
    .filter((line) => /^(?:#|;|!|\/\/)/.test(line))
    .map((line) => line.slice(0, LONGEST_COMMENT))
    .join('\n');
}

/** Returns the map for hashes: of certificates if the source states it, and all hashes of a file together. */
function fileOf(best: Column, hashes: readonly Column[], distinct: number, head: string): Chosen {
  const comments = commentsOf(head);
  const isCertificate = has(best.name, new Set(['certificate', 'cert', 'ssl', 'tls', 'fingerprint']));
  const named = hashes.filter(({ name }) => /md5|sha-?1|sha-?256|sha-?512/i.test(name));
  const sides = named.length > 1 ? named : hashesOfOneFile(hashes);
  const share = best.share;
  if (isCertificate || (/\bSSL\b.*(?:certificate|fingerprint)|\bcertificates?\b/i.test(comments) && best.texts.every((text) => text.length === 40)))
    return { map: { value: `{${best.name}}`, type: 'certificate' }, used: [best.name], range: false, share, distinct }; // prettier-ignore
  const used = sides.length > 1 ? sides.map(({ name }) => name) : [best.name];
  return {
    map: {
      value: used.map((name) => `{${name}}`).join(','),
      // A column that is not named after hashes may have other values further down.
      type: used.length > 1 ? 'file' : /md5|sha|hash/i.test(best.name) ? 'hash' : 'auto',
    },
    used,
    range: false,
    share,
    distinct,
  };
}

/** Returns columns whose hashes have one length each, which differs from that of the other columns. */
function hashesOfOneFile(hashes: readonly Column[]): readonly Column[] {
  const lengths = hashes.map(({ texts }) => new Set(texts.map((text) => text.length)));
  const all = new Set(lengths.flatMap((one) => [...one]));
  return lengths.every(({ size }) => size === 1) && all.size === hashes.length ? hashes : [];
}

const FAMILY = ['malware_printable', 'malware_family', 'malwarefamily', 'malware', 'family'];

/** Returns the column with the malware family, if one has exactly such a name. */
function malwareOf(columns: readonly Column[]): string | undefined {
  return FAMILY.flatMap((word) => columns.find((column) => column.name.toLowerCase() === word) ?? [])[0]
    ?.name;
}

/**
 * Returns the column with the TLP level of each row, by its name or because every text is a label. A stricter level than
 * that of the feed must not get lost. A row with an unknown level goes to the quarantine.
 */
function tlpOf(columns: readonly Column[]): string | undefined {
  const isLabel = (text: string): boolean => readTlp(text) !== undefined;
  const filled = columns.filter(({ texts }) => texts.length > 0);
  const named = filled.filter(({ name }) => wordsOf(name).some((word) => word.startsWith('tlp')));
  const found =
    named.find(({ texts }) => texts.some(isLabel)) ??
    filled.find(({ texts }) => texts.every((text) => isLabel(text) && /tlp/i.test(text))) ??
    named.find(({ name }) => wordsOf(name).join('') === 'tlp');
  return found?.name;
}
