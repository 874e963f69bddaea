import type { Readable } from 'node:stream';
import { RE2JS } from 're2js';
import type { ParserSpec } from '../../config/settings.ts';
import { commentOf } from './delimited.ts';
import { linesOf } from './lines.ts';
import type { Row } from '../template.ts';
import { bad, good, left, type Parsed } from './record.ts';
import { feedErrors } from '../errors.ts';

/**
 * Reads lines with a regular expression. Its named groups are the columns. The running time is linear for any
 * expression and any line. Other lines are skipped. Where the document defines which lines are comments, other lines are bad
 * rows.
 */
export async function* parseLines(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  const source = parser.pattern ?? '^(?P<value>\\S+)';
  let pattern;
  try {
    pattern = RE2JS.compile(source.replaceAll(/\(\?<([A-Za-z_]\w*)>/g, '(?P<$1>'));
  } catch (error) {
    throw feedErrors.invalidLinePattern({ description: String(error).slice(0, 200) });
  }
  const names = [...source.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)].map(([, name = '']) => name);
  const nulls = new Set(parser.null ?? []);
  const { comment } = parser;
  for await (const { number, text, cut } of linesOf(stream)) {
    if (comment !== undefined && (text.trim() === '' || commentOf(text.trimStart(), comment) !== undefined))
      continue;
    if (cut) {
      yield tooLong(number, text);
      continue;
    }
    const matcher = pattern.matcher(text);
    if (!matcher.find()) {
      if (comment !== undefined) yield bad(number, text, 'no-match', 'the line does not match the pattern');
      continue;
    }
    const row: Record<string, string> = {};
    for (const name of names) {
      const value = matcher.group(name)?.trim();
      if (value !== undefined && value !== '' && !nulls.has(value)) row[name] = value;
    }
    yield good(number, text, row);
  }
}

function tooLong(line: number, text: string): Parsed {
  return bad(line, text, 'record-too-long', 'the line is longer than 1 MiB');
}

/** Names that hosts files use for the local machine. */
const LOCAL = new Set([
  'localhost',
  'localhost.localdomain',
  'local',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
  'ip6-localnet',
  'ip6-mcastprefix',
  'ip6-allnodes',
  'ip6-allrouters',
  'ip6-allhosts',
  '0.0.0.0',
]);

/** Column for the comment after an entry, which may have labels of the row. */
export const COMMENT_COLUMN = 'comment';

function commentColumn(text: string, mark: string): Row {
  const at = text.indexOf(mark);
  const comment = at < 0 ? '' : text.slice(at + mark.length).trim();
  return comment === '' ? {} : { [COMMENT_COLUMN]: comment };
}

/**
 * Reads a hosts file. Each name after an address is a record with the columns `value`, `address` and, for a comment after
 * them, `comment`.
 */
export async function* parseHosts(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  for await (const { number, text, cut } of linesOf(stream)) {
    const line = (text.split('#')[0] ?? '').trim();
    if (line === '' || commentOf(line, parser.comment ?? []) !== undefined) continue;
    const [address = '', ...names] = line.split(/\s+/);
    if (cut) {
      yield tooLong(number, text);
      continue;
    }
    if (names.length === 0) {
      yield bad(number, text, 'no-name', 'the line has no name after its address');
      continue;
    }
    for (const value of names)
      if (!LOCAL.has(value.toLowerCase()))
        yield good(number, text, { value, address, ...commentColumn(text, '#') });
  }
}

/** Responses of a response policy zone to a trigger (draft-vixie-dnsop-dns-rpz §3). */
const ACTIONS: Readonly<Record<string, string>> = {
  '.': 'nxdomain',
  '*.': 'nodata',
  'rpz-passthru.': 'passthru',
  'rpz-drop.': 'drop',
  'rpz-tcp-only.': 'tcp-only',
};

/** Types of records that a zone may have besides its rules. */
const OTHER_RECORDS = new Set([
  'SOA', 'NS', 'MX', 'PTR', 'SRV', 'DNAME', 'CAA', 'DS', 'DNSKEY', 'NSEC', 'NSEC3', 'RRSIG', 'HTTPS', 'SVCB', 'TLSA', 'SSHFP',
]); // prettier-ignore

/**
 * Reads a response policy zone: triggers by name and by address (`rpz-ip`), with the column `action`, and
 * `comment` for a comment after an entry. The filter of the feed has to leave out the entries that only let queries pass.
 */
export async function* parseRpz(stream: Readable): AsyncGenerator<Parsed> {
  let owner = '';
  let origin = '';
  for await (const { number, text, cut } of linesOf(stream)) {
    if (cut) {
      yield tooLong(number, text);
      continue;
    }
    const line = (text.split(';')[0] ?? '').trimEnd();
    if (line.startsWith('$ORIGIN')) origin = line.slice(7).trim();
    if (line.trim() === '' || line.startsWith('$')) continue;
    const fields = line.trim().split(/\s+/);
    if (!/^\s/.test(line)) owner = fields.shift() ?? '';
    if (fields.some((field) => field.toUpperCase() === 'SOA') && owner.endsWith('.')) origin = owner;
    if (owner === '@' || owner === origin) continue;
    const at = fields.findIndex((field) => /^(?:CNAME|A|AAAA|TXT)$/i.test(field));
    if (at < 0) {
      // Records of other types are not rules.
      if (!fields.some((field) => OTHER_RECORDS.has(field.toUpperCase())))
        yield bad(number, text, 'no-record', 'the line has no record of a type that the hub knows');
      continue;
    }
    const target = fields[at + 1] ?? '';
    const isName = fields[at]?.toUpperCase() === 'CNAME';
    const action = isName ? (ACTIONS[target.toLowerCase()] ?? 'local-data') : 'local-data';
    const value = triggerOf(relative(owner, origin));
    yield value === undefined
      ? left(number, text, 'another trigger')
      : good(number, text, { value, action, ...commentColumn(text, ';') });
  }
}

/** Returns an owner name without the name of its zone, which a name with a final dot has. */
function relative(owner: string, origin: string): string {
  if (!owner.endsWith('.')) return owner;
  if (origin.length > 1 && owner.toLowerCase().endsWith(`.${origin.toLowerCase()}`))
    return owner.slice(0, -origin.length - 1);
  // The name of most zones begins so, and a file may lack the record that contains it.
  return owner.replace(/\.rpz\..*$/i, '');
}

/** Returns the name or network of a trigger. Undefined for triggers by name server and by client. */
function triggerOf(owner: string): string | undefined {
  const name = owner.replace(/\.$/, '');
  const address = /^(.+)\.rpz-ip$/i.exec(name)?.[1];
  if (address === undefined)
    // A name and everything below it form one indicator, so the wildcard adds nothing.
    return /\.rpz-/i.test(name) ? undefined : name.replace(/^\*\./, '');
  const [prefix = '', ...labels] = address.split('.');
  const parts = labels.toReversed();
  if (parts.length === 4) return prefix === '32' ? parts.join('.') : `${parts.join('.')}/${prefix}`;
  const v6 = parts.join(':').replace(/(^|:)zz(?=:|$)/i, (_m, before: string) => (before === '' ? ':' : ':'));
  return prefix === '128' ? v6 : `${v6}/${prefix}`;
}
