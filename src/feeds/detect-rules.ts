import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { kindOfValue } from './detect-column.ts';
import { NETMASK } from './detect-ranges.ts';

/** A format of the rules of a program that blocks, with the parser that reads it. */
interface RuleFormat {
  /** A line with a rule of this format. */
  readonly line: RegExp;
  readonly parser: Omit<ParserSpec, 'kind'> & {
    readonly pattern: string;
    readonly comment: readonly string[];
  };
  readonly map: FeedDocument['map'][number];
  readonly filter?: NonNullable<FeedDocument['filter']>;
  /** Share of the lines that must have this format, if other lines belong to the same rules. */
  readonly enough?: number;
  /** Checks a line further, where the format alone is not enough. */
  readonly check?: (line: string) => boolean;
}

const NOWHERE: [string, ...string[]] = ['', '0.0.0.0', '127.0.0.1', '::', '::1', '#'];
const domain = { value: '{value}', type: 'domain' } as const;
const elsewhere = { unless: { target: NOWHERE }, reason: 'points to a server' };

const RULES: readonly RuleFormat[] = [
  {
    // Adblock Plus, uBlock Origin and AdGuard. Options that do not narrow a rule down are known.
    line: /^\|\|[^/^$|]+\^/,
    parser: {
      comment: ['!', '[Adblock', '# '],
      pattern:
        '^(?:\\|\\|(?P<value>[^/^$*|:]+)\\^(?:\\$(?:all|doc(?:ument)?|important|popup|third-party|3p|subdocument|~?first-party|,)+)?\\s*$|(?P<other>.+))',
    },
    map: domain,
    filter: [{ when: { other: ['*'] }, reason: 'another rule' }],
  },
  {
    line: /^(?:address|local|server)=\/[^/\s]+\//,
    parser: {
      comment: ['#'],
      pattern: '^(?:address|local|server)=/(?P<value>[^#\\s]+)/(?P<target>[^/\\s]*)',
    },
    map: { value: '{value|split:/}', type: 'domain' },
    filter: [elsewhere],
  },
  {
    line: /^\s*local-zone:/,
    enough: 0.3,
    parser: {
      comment: ['#'],
      pattern:
        '^\\s*(?:local-zone:\\s*"?(?P<value>[^"\\s]+)"?\\s+"?(?P<action>[a-z_]+)|(?P<other>[a-z0-9-]+:.*))',
    },
    map: domain,
    filter: [
      { when: { other: ['*'] }, reason: 'another rule' },
      {
        when: { action: ['transparent', 'typetransparent', 'inform', 'nodefault'] },
        reason: 'lets queries pass',
      },
    ],
  },
  {
    line: /^\s*local-data:/,
    parser: {
      comment: ['#'],
      pattern:
        '^\\s*(?:local-data:\\s*["\'](?P<value>\\S+)\\s+(?:\\d+\\s+)?(?:IN\\s+)?(?:A|AAAA)\\s+(?P<target>[^\\s"\']+)|(?P<other>[a-z0-9-]+:.*))',
    },
    map: domain,
    filter: [{ when: { other: ['*'] }, reason: 'another rule' }, elsewhere],
  },
  {
    // Lists of address ranges with a name before each, as programs for file sharing use them.
    line: /^.*:\s*\d[\d.]+\s*-\s*\d[\d.]+\s*$/,
    parser: { comment: ['#'], range: true, pattern: '^.*:\\s*(?P<value>\\d[\\d.]+\\s*-\\s*\\d[\\d.]+)\\s*$' },
    map: { value: '{value}', type: 'cidr' },
  },
  {
    line: /^\s*\d[\d.]+\s+[\d.]+(?:\s|$)/,
    parser: {
      comment: ['#', ';', '//'],
      pattern: '^\\s*(?P<value>\\d[\\d.]+)\\s+(?P<mask>\\d+(?:\\.\\d+){3})',
    },
    map: { value: '{value}/{mask}', type: 'cidr' },
    check: (line) => {
      const [base, mask = ''] = line.trim().split(/\s+/);
      return NETMASK.test(mask) && kindOfValue(`${base}/${mask}`, 'cidr') !== undefined;
    },
  },
];

/** Share of the lines that must have one format. */
const ENOUGH = 0.6;

/** Finds the format of rules that programs read. Undefined for other lists. */
export function ruleFormat(lines: readonly string[]):
  | (Pick<RuleFormat, 'map'> & {
      readonly parser: ParserSpec;
      readonly filter: NonNullable<FeedDocument['filter']>;
      readonly share: number;
    })
  | undefined {
  for (const { line, parser, map, filter = [], enough = ENOUGH, check } of RULES) {
    const data = lines.filter((text) => !parser.comment.some((mark) => text.trimStart().startsWith(mark)));
    const good = data.filter((text) => line.test(text) && check?.(text) !== false).length;
    if (good > 0 && good >= data.length * enough)
      return { parser: { kind: 'lines', ...parser }, map, filter, share: 1 };
  }
  return undefined;
}
