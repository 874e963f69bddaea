import type { FeedDocument } from '../config/settings.ts';
import { ENOUGH, has, kindOfValue, wordsOf, type Chosen, type Column } from './detect-column.ts';

/** Column words for texts that look like hashes of files, but are not. */
const NO_VALUES = new Set([
  'imphash', 'gimphash', 'ja3', 'ja3s', 'ja4', 'jarm', 'telfhash', 'ssdeep', 'tlsh', 'pehash', 'dhash', 'phash', 'vhash', 'icon',
  'favicon', 'rich', 'etag', 'id', 'uuid', 'guid', 'token', 'session', 'signature', 'nonce', 'salt', 'serial',
]); // prettier-ignore

/** Column names for hashes of files, and for values of any kind. */
const HASHES =
  /md5|sha|hash|digest|sum$|file|sample|malware|ioc|indicator|observable|value|data|cert|print|^column\d|attribute|artifact|atom|entity|^_key$|^#$/i;

/** True for a column of hashes that do not identify files, such as the hash of the imports of a program. */
export function isNoValue({ name, kinds }: Column): boolean {
  return kinds.every((kind) => kind === 'file') && (has(name, NO_VALUES) || !HASHES.test(name));
}

/** True for a text that has the format of an address, a URL or a host, also of one that no feed may block. */
function namesHost(text: string): boolean {
  return /^(?:[\d.]{7,15}|[\da-f]*:[\da-f:.]+|[a-z]+:\/\/\S+|(?:[\w-]+\.)+[a-z][\w-]+)(?::\d+|\/\d+)?$/i.test(
    text.trim(),
  );
}

/**
 * True for columns with AS numbers next to hosts. The number only describes the host that the source lists, so the whole
 * network must not be blocked instead of the host.
 */
export function describesHosts({ name }: Column, columns: readonly Column[]): boolean {
  return columns.some(
    (column) =>
      column.name !== name &&
      column.texts.length > 0 &&
      column.texts.filter(namesHost).length >= column.texts.length * ENOUGH,
  );
}

/** Endings of the addresses of lists, feeds and rules. */
const LIST =
  /(?:\.(?:txt|csv|tsv|jsonl?|ndjson|xml|rss|atom|netset|ipset|li?st|rules|yara?|stix2?|conf)(?:\.(?:gz|bz2|xz|zip))?|\/(?:feeds?|rss|atom|taxii2?|hosts|blocklists?|blacklists?))\/?$/i;
/** Number of URLs from which their endings are meaningful. */
const FEWEST_URLS = 3;

/** True for a column with the addresses of other lists. Nobody has to block their publishers. */
export function namesLists({ texts, kinds }: Column): boolean {
  if (texts.length < FEWEST_URLS || !kinds.every((kind) => kind === 'url')) return false;
  const lists = texts.filter((text) => LIST.test(text.trim().replace(/[?#].*$/, '')));
  return lists.length >= texts.length * ENOUGH;
}

const DEFACERS = new Set(['defacer', 'defacers', 'defaced', 'defacement', 'defacements', 'notifier']);

/** Columns with the copy of a defaced page, and with who defaced it. Each alone also occurs in other lists. */
const COPIES = new Set(['mirror', 'mirrors']);
const GROUPS = new Set(['attacker', 'attackers', 'hacker', 'hackers', 'team', 'crew']);

/** True for a table of defaced sites, or a list whose comments state it. Its hosts are victims. */
export function namesDefaced(columns: readonly Column[], comments: string): boolean {
  const some = (words: ReadonlySet<string>): boolean => columns.some(({ name }) => has(name, words));
  return some(DEFACERS) || (some(COPIES) && some(GROUPS)) || /\bdeface(?:d|ments?)\b/i.test(comments);
}

const CVE = /^CVE-\d{4}-\d{4,}$/i;
const AS_NUMBER = new Set(['asn', 'as', 'asnumber', 'autonomous']);

/** Finds columns with vulnerabilities, or with AS numbers. They count when no column has other values. */
export function otherOf(columns: readonly Column[], rows: number): Chosen | undefined {
  const share = ({ texts }: Column, good: (text: string) => boolean): number =>
    texts.filter(good).length / Math.max(1, rows);
  const made = (column: Column, map: Omit<FeedDocument['map'][number], 'value'>, of: number): Chosen => ({
    map: { value: `{${column.name}}`, ...map },
    used: [column.name],
    range: false,
    share: of,
    distinct: new Set(column.texts).size,
  });
  for (const column of columns) {
    const vulnerabilities = share(column, (text) => CVE.test(text.trim()));
    if (vulnerabilities >= ENOUGH) return made(column, { object: 'vulnerability' }, vulnerabilities);
    const numbers = share(column, (text) => kindOfValue(text, 'asn') !== undefined);
    if (
      numbers >= ENOUGH &&
      !describesHosts(column, columns) &&
      wordsOf(column.name).some((word) => AS_NUMBER.has(word))
    )
      return made(column, { type: 'asn' }, numbers);
  }
  return undefined;
}

const VERDICTS = new Set([
  'status', 'verdict', 'classification', 'category', 'disposition', 'assessment', 'result', 'label', 'reputation', 'type', 'action',
  'whitelist', 'whitelisted', 'allowlist', 'allowlisted',
]); // prettier-ignore
const HARMLESS =
  /^(?:benign|clean|harmless|safe|legit(?:imate)?|good|allow(?:ed|list|listed)?|white_?list(?:ed)?|false[ _-]?positive|trusted|known[ _-]?good)$/i;
const FLAGS = new Set([
  'whitelisted',
  'allowlisted',
  'false_positive',
  'falsepositive',
  'benign',
  'harmless',
]);
/** Flags with which a source withdraws a row, or marks it as not meant for detection. */
const WITHDRAWN = new Set([
  'deleted',
  'revoked',
  'expired',
  'removed',
  'retracted',
  'withdrawn',
  'disabled',
  'inactive',
]);
const FOR_DETECTION = new Set(['to_ids', 'toids']);
const NO = ['false', 'False', 'FALSE', '0', 'no', 'No', 'NO'];
const YES = ['true', 'True', 'TRUE', '1', 'yes', 'Yes', 'YES'];
const TYPES = new Set(['type', 'kind']);
/** Types whose values may have the format of a domain name or of a hash, but are something else. */
const OTHER_TYPES = [
  'filename', 'file_name', 'file-name', 'filepath', 'file_path', 'file-path', 'path', 'mutex', 'regkey', 'registry', 'registry_key',
  'user-agent', 'user_agent', 'useragent', 'imphash', 'ssdeep', 'tlsh', 'ja3', 'ja3_fp', 'ja3s', 'jarm', 'yara', 'sigma', 'snort', 'pdb',
  'btc', 'bitcoin', 'comment', 'text', 'process', 'service', 'hostname-internal', 'malware-family', 'threat-actor', 'port', 'cve',
]; // prettier-ignore

/** Words for the types of values that a hub can look for. */
const KNOWN_TYPES =
  /^(?:ip|ipv4|ipv6|domain|hostname|host|url|uri|md5|sha-?1|sha-?256|hash|email|cidr|network)(?:[ _-]?addr(?:ess)?)?$/i;

/** True for the texts of a column without a name that are all types of values, some of them of those to look for. */
function areTypes(seen: readonly string[]): boolean {
  const known = (text: string): boolean => KNOWN_TYPES.test(text.trim());
  return (
    seen.some(known) && seen.every((text) => known(text) || OTHER_TYPES.includes(text.trim().toLowerCase()))
  );
}

/** Types of the intelligence files of Zeek whose values only look like those of others. */
const ZEEK = 'Intel::';
const ZEEK_OTHERS = ['SOFTWARE', 'USER_NAME', 'CERT_HASH', 'PUBKEY_HASH', 'FILE_NAME'].map(
  (type) => `${ZEEK}${type}`,
);

const NOT_THREATS = new Set([
  'whitelist', 'whitelists', 'whitelisted', 'allowlist', 'allowlists', 'allowlisted', 'allowed', 'allow', 'benign', 'clean', 'safe',
  'harmless', 'legitimate', 'trusted', 'excluded', 'exclude', 'exclusions', 'exceptions', 'ignored', 'ignore', 'falsepositives',
]); // prettier-ignore

/** True for the name of a list of harmless values. */
export function namesHarmless(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some((word) => NOT_THREATS.has(word) || NOT_THREATS.has(`${word}s`)) ||
    /false[ _-]?positives?/i.test(name) ||
    /(?:white|allow|safe)[ _-]list/i.test(name)
  );
}

interface ColumnFilter {
  readonly column: string;
  readonly filter: NonNullable<FeedDocument['filter']>[number];
}

/**
 * Finds rows that, according to the source, are not a threat: entries that it calls harmless, and types whose values
 * only look like those of others.
 */
export function filtersOf(
  columns: readonly Column[],
  used: readonly string[],
  notes: string[],
): readonly ColumnFilter[] {
  return columns
    .filter(({ name }) => !used.includes(name))
    .flatMap(({ name, texts }) => {
      const seen = [...new Set(texts)];
      const found: ColumnFilter[] = [];
      const add = (values: readonly string[], reason: string): void => {
        found.push({ column: name, filter: { when: { [name]: [...values] }, reason } });
      };
      const harmless = has(name, VERDICTS) ? seen.filter((text) => HARMLESS.test(text.trim())) : [];
      if (harmless.length > 0) add(harmless.slice(0, 20), 'harmless');
      const flag = wordsOf(name.replace(/^is[_-]/i, '')).join('_');
      if (FLAGS.has(flag) && seen.every((text) => /^(?:true|false|0|1|yes|no)$/i.test(text)))
        add(YES, 'harmless');
      const isFlag = seen.length > 0 && seen.every((text) => /^(?:true|false|0|1|yes|no)$/i.test(text));
      if (WITHDRAWN.has(flag) && isFlag) add(YES, 'withdrawn');
      if (FOR_DETECTION.has(flag) && isFlag) add(NO, 'not for detection');
      const others = seen.filter((text) => OTHER_TYPES.includes(text.trim().toLowerCase()));
      if (seen.length > 0 && seen.every((text) => text.startsWith(ZEEK))) add(ZEEK_OTHERS, 'another type');
      else if ((wordsOf(name).some((word) => TYPES.has(word)) || areTypes(seen)) && others.length > 0)
        add([...new Set([...others, ...OTHER_TYPES])], 'another type');
      const isLeft = found.some(({ filter }) =>
        seen.some((text) => filter.when?.[name]?.includes(text) === true),
      );
      if (isLeft)
        notes.push(`Rows are left out by the column ${name}: ${[...new Set(found.map(({ filter }) => filter.reason))].join(', ')}.`); // prettier-ignore
      return found;
    });
}
