import { Problem } from '../kernel/problem.ts';
import type { ParserSpec } from '../config/settings.ts';
import type { decoded } from './decode.ts';
import { MOST_COLUMNS, columnNames } from './column-names.ts';
import { areNames, kindOfValue, type ChosenColumns, type DetectContext } from './detect-column.ts';
import { chooseColumns } from './detect-columns.ts';
import { SAMPLE, wholeLines, type DetectedFormat } from './detect-format.ts';
import { ruleFormat } from './detect-rules.ts';
import { feedErrors } from './errors.ts';
import { parseFeed } from './parsers/parse.ts';
import { COMMENT_COLUMN } from './parsers/text.ts';
import type { Row } from './template.ts';

/** Opens the file from its beginning. */
export type Open = () => ReturnType<typeof decoded>;

/** Share of the lines or rows that must have a format. */
const ENOUGH = 0.6;
const MOST_OF_ALL = 0.9;
/** Number of lines from which their format is meaningful. */
const FEWEST = 3;
const NULLS = ['', 'None', 'N/A', 'n/a', 'null', 'NULL', '-'];
const COMMENTS = ['#', ';', '//', '!'];

const isComment = (line: string): boolean => COMMENTS.some((mark) => line.startsWith(mark));

/** Finds the format of a text: a list, a table, or one of the formats of block lists. */
export async function textFormat(
  head: string,
  open: Open,
  context: DetectContext,
): Promise<DetectedFormat | undefined> {
  const lines = wholeLines(head);
  // Members of objects would be read without what they belong to.
  if (lines.filter((line) => /^\s*"[^"]*"\s*:/.test(line)).length > lines.length * 0.2) return undefined;
  const data = lines.filter((line) => !isComment(line.trimStart())).slice(0, SAMPLE);
  const share = (form: RegExp): number =>
    data.filter((line) => form.test(line)).length / Math.max(1, data.length);
  const rowsOf = (parser: ParserSpec) => sampleOf(open, parser);
  const as = async (parser: ParserSpec): Promise<DetectedFormat | undefined> => {
    const chosen = chooseColumns(await rowsOf(parser), context);
    return chosen === undefined ? undefined : { parser, chosen, notes: [] };
  };
  if (share(/^\s*(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+[\w.-]+\.[\w.-]+/) >= ENOUGH)
    return as({ kind: 'hosts', comment: ['#'] });
  if (share(/\sCNAME\s+(?:\.|\*\.|rpz-)/i) >= ENOUGH) return as({ kind: 'rpz' });
  const rules = ruleFormat(lines.slice(0, SAMPLE));
  if (rules !== undefined) {
    const { parser, map, filter, share: good } = rules;
    return { parser, chosen: { ...plainChoice('', 'auto', good, lines.length), map, filter }, notes: [] };
  }
  const list = { kind: 'delimited', comment: COMMENTS } as const;
  if (share(/^\s*[\da-f.:]{3,45}\s*-\s*[\da-f.:]{3,45}(?=[\s,;#]|$)/i) >= ENOUGH) {
    // The blanks belong to the range.
    const parser: ParserSpec = { ...list, separator: '\t,;#', range: true };
    const rows = await rowsOf(parser);
    const good = rows.filter((row) => kindOfValue(row['value'] ?? '', 'cidr') !== undefined);
    if (good.length >= rows.length * ENOUGH)
      return {
        parser,
        chosen: plainChoice('{value}', 'cidr', good.length / rows.length, rows.length),
        notes: [],
      };
  }
  const separator = [',', ';', '|'].find((one) => data[0]?.includes(one)) ?? '';
  const each = eachOf(data, separator);
  if (each !== undefined)
    return {
      parser: { ...list, each: true, separator: ` \t${separator}` },
      chosen: plainChoice('{value}', 'auto', each, data.length),
      notes: [],
    };
  if (separator !== '' && (data[0]?.split(separator).length ?? 0) > MOST_COLUMNS)
    throw feedErrors.tooManyColumns();
  if (hasName(data))
    return as({ kind: 'csv', separator: '\t', comment: COMMENTS, header: 'first', null: NULLS });
  const table = await tableOf(lines, rowsOf, context);
  if (table !== undefined) return table.form;
  // A URL may contain the other characters that separate columns.
  const isUrls = share(/^\s*["'<]?[a-z*]{3,6}\[?:/i) >= ENOUGH;
  const found = await as({ ...list, range: true, ...(isUrls ? { separator: ' \t' } : {}) });
  // A sentence with an address is not a list.
  return data.length < FEWEST && found?.chosen.used.includes('value') !== true ? undefined : found;
}

/** Names of the column of a list. */
const NAME =
  /^["']?(?:(?:malicious|bad|blocked|source|src|dst|dest|destination|ioc|ip|ipv4|ipv6|domain|url|file|sample|hash|indicator)[ _-]?)?(?:ips?|ipv[46]|ip[ _-]?address(?:es)?|address(?:es)?|domains?|domain[ _-]?names?|fqdns?|hosts?|hostnames?|urls?|uris?|links?|md5|sha-?1|sha-?256|hash(?:es)?|iocs?|indicators?|values?|observables?|networks?|cidrs?|subnets?|emails?|names?)["']?$/i;

/** True for a list of one column whose first line is the name of that column. */
function hasName(data: readonly string[]): boolean {
  const [first = '', ...rest] = data.map((line) => line.trim());
  return (
    rest.length > 0 &&
    NAME.test(first) &&
    rest.filter((line) => kindOfValue(line) !== undefined).length >= rest.length * ENOUGH
  );
}

function plainChoice(value: string, type: 'auto' | 'cidr', share: number, distinct: number): ChosenColumns {
  return {
    map: { value, type },
    time: undefined,
    filter: [],
    range: false,
    used: [],
    share,
    distinct,
    notes: [],
  };
}

/**
 * Returns the share of values in lines that hold several values of one kind, or in a single line of values. Undefined for
 * other lines.
 */
function eachOf(data: readonly string[], separator: string): number | undefined {
  const lines = data.slice(0, 50).map((line) =>
    line
      .slice(0, 20_000)
      .split(new RegExp(`[ \\t${separator}]+`))
      .filter((field) => field !== '')
      // The last one may have been cut.
      .slice(0, line.length > 20_000 ? -1 : undefined),
  );
  const several = lines.filter((fields) => fields.length > 2);
  // The hashes of one file have different lengths. Their columns belong together.
  const lengths = new Set(several.map((fields) => fields.map(({ length }) => length).join()));
  const [shape = ''] = lengths;
  if (
    lengths.size === 1 &&
    several.length > 1 &&
    new Set(shape.split(',')).size === shape.split(',').length
  ) {
    if (several.flat().every((field) => kindOfValue(field) === 'file')) return undefined;
  }
  if (several.length === 0 || several.length < lines.length * ENOUGH) return undefined;
  const kinds = several.flat().map((field) => kindOfValue(field));
  const good = kinds.filter((kind) => kind !== undefined);
  const families = new Set(
    good.map((kind) => (kind === 'ipv6-addr' || kind === 'network' ? 'ipv4-addr' : kind)),
  );
  const share = good.length / kinds.length;
  // A row of a table may have values of several kinds, but then one line alone is rarely the whole table.
  const isOneKind = families.size === 1 || (lines.length === 1 && share === 1);
  return share >= MOST_OF_ALL && isOneKind ? share : undefined;
}

/**
 * Finds a table: its separator, and where the names of its columns are. Without a format, it is a table with names, none
 * of whose columns has values for indicators. Undefined for text that is not a table.
 */
async function tableOf(
  lines: readonly string[],
  rowsOf: (parser: ParserSpec) => Promise<readonly Row[]>,
  context: DetectContext,
): Promise<{ readonly form: DetectedFormat | undefined } | undefined> {
  const forms: (DetectedFormat & { readonly columns: number })[] = [];
  let isNamed = false;
  for (const separator of [',', '\t', ';', '|']) {
    const comment = COMMENTS.filter((mark) => !mark.startsWith(separator) || isOnlyComment(mark, lines));
    const plain: ParserSpec = { kind: 'csv', separator, comment, header: 'none', null: NULLS };
    const rows = await rowsOf({ kind: 'csv', separator, comment, header: 'none' });
    const columns = usual(rows.map((row) => Object.keys(row).length));
    const same = rows.filter((row) => Object.keys(row).length === columns).length;
    if (columns < 2 || same < rows.length * ENOUGH) continue;
    const { parser, read, names } = headed(plain, rows, columns, lines, context);
    const cells = read
      .filter((row) => Object.keys(row).length === columns)
      .map((row) =>
        Object.fromEntries(
          Object.values(row).flatMap((cell, i) => (NULLS.includes(cell) ? [] : [[names[i] ?? '', cell]])),
        ),
      );
    const chosen = chooseColumns(cells, context);
    isNamed ||= !names.includes('column1');
    if (chosen === undefined) continue;
    // A line or two with several values may be a list in one line, of which a table would read one column.
    const values = Object.values(cells[0] ?? {}).filter((cell) => kindOfValue(cell) !== undefined);
    if (parser.header === 'none' && read.length < FEWEST && columns > FEWEST && values.length > FEWEST)
      continue;
    const required = parser.header === 'none' ? {} : { required: [...chosen.used] };
    forms.push({ parser: { ...parser, ...required }, chosen, notes: [], columns });
  }
  const [form] = forms.toSorted((a, b) => b.chosen.share - a.chosen.share || b.columns - a.columns);
  return form === undefined && !isNamed ? undefined : { form };
}

/**
 * True for a mark that begins the first lines and no later ones, which are then comments and not rows with an empty
 * field.
 */
function isOnlyComment(mark: string, lines: readonly string[]): boolean {
  const first = lines.findIndex((line) => !isComment(line.trimStart()));
  return first > 0 && lines.slice(first).every((line) => !line.startsWith(mark));
}

/** Finds the names of the columns: in the first row, in a comment before it, or nowhere. */
function headed(
  plain: ParserSpec,
  rows: readonly Row[],
  columns: number,
  lines: readonly string[],
  context: DetectContext,
): { readonly parser: ParserSpec; readonly read: readonly Row[]; readonly names: readonly string[] } {
  const [first, ...rest] = rows;
  const cells = Object.values(first ?? {});
  if (
    rest.length > 0 &&
    cells.length === columns &&
    areNames(cells, context.now) &&
    !isLikeRows(cells, rest.map((row) => Object.values(row))) // prettier-ignore
  )
    return {
      parser: { ...plain, header: 'first' },
      read: rest,
      names: columnNames(cells.map((name) => name.toLowerCase())),
    };
  const until = lines.findIndex((line) => !isComment(line.trimStart()));
  const comments = lines
    .slice(0, Math.max(0, until))
    .map((line) => line.replace(/^\s*(?:#|;|!|\/\/)+/, '').trim());
  for (const [i, comment] of comments.toReversed().entries()) {
    const names = comment.split(plain.separator ?? ',').map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .toLowerCase(),
    );
    if (names.length !== columns || !areNames(names, context.now)) continue;
    const different = columnNames(names);
    return i === 0
      ? { parser: { ...plain, header: 'last-comment' }, read: rows, names: different }
      : { parser: { ...plain, columns: [...different] }, read: rows, names: different };
  }
  const names = Array.from({ length: columns }, (_item, i) => `column${i + 1}`);
  return { parser: { ...plain, columns: names }, read: rows, names };
}

/** True if one cell contains a number and has the same format as the cells below it, as in `CVE-2024-1,exploit/x`. */
function isLikeRows(cells: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const shape = (text: string): string => text.replaceAll(/\d+/g, '9').replaceAll(/\p{L}+/gu, 'a');
  return cells.some(
    (cell, i) =>
      /\d/.test(cell) &&
      rows.filter((row) => shape(row[i] ?? '') === shape(cell)).length >= rows.length * ENOUGH,
  );
}

/** Returns the most frequent number. */
function usual(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

async function sampleOf(open: Open, parser: ParserSpec): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const isCommented = parser.kind === 'hosts' || parser.kind === 'rpz';
  try {
    for await (const record of parseFeed(await open(), parser)) {
      if (record.kind === 'row') rows.push(isCommented ? withoutComment(record.row) : record.row);
      if (rows.length === SAMPLE) break;
    }
  } catch (error) {
    // The text has another format.
    if (!(error instanceof Problem)) throw error;
    return [];
  }
  return rows;
}

/** Returns a row without the comment after its entry, in which nothing is looked for but a label. */
function withoutComment(row: Row): Row {
  const { [COMMENT_COLUMN]: _comment, ...rest } = row;
  return rest;
}
