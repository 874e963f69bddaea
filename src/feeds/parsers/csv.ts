import type { Readable } from 'node:stream';
import { giveTurn } from '../../kernel/slices.ts';
import { reasonOf } from '../../kernel/problem.ts';
import type { ParserSpec } from '../../config/settings.ts';
import { CsvRecords, type CsvRecord } from './csv-records.ts';
import { MOST_COLUMNS, columnNames } from '../column-names.ts';
import { commentOf, trailerOf } from './delimited.ts';
import { linesOf } from './lines.ts';
import { LONGEST_RECORD, bad, good, type Parsed, type FileStatements } from './record.ts';
import { feedErrors } from '../errors.ts';

/** Maximum number of bad rows before the next good one, and of those whose text is kept. */
const MOST_AHEAD = 100_000;
const MOST_KEPT = 1_000;
/** Number of lines that are read before other requests get their turn. */
const LINES_AT_ONCE = 500;

/**
 * Reads CSV as defined by RFC 4180, with comment lines before and between the records. A row with a stray quote and a
 * row that is too long are bad rows. Reading continues with the next row.
 */
// oxlint-disable-next-line max-lines-per-function -- The states of a parser, in the order in which a file reaches them.
export async function* parseCsv(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements = {},
): AsyncGenerator<Parsed> {
  const said = trailerOf(parser, told);
  const comments = parser.comment ?? [];
  const separator = parser.separator ?? ',';
  let lastComment = '';
  let columns: readonly string[] | undefined = parser.columns;
  /** The header as it is written. */
  let header: readonly string[] | undefined;
  let wantsHeader = columns === undefined && parser.header !== 'none' && parser.header !== undefined;
  /** Bad rows that the reader below has not reached yet. */
  const badRows: Parsed[] = [];
  const putAside = (row: Parsed): void => {
    if (badRows.length >= MOST_AHEAD) throw feedErrors.tooManyBadRows();
    badRows.push(badRows.length < MOST_KEPT ? row : { ...row, raw: '' });
  };

  /** Yields the records, with empty lines instead of comments and bad rows, so that line numbers stay correct. */
  async function* goodRecords(): AsyncGenerator<string> {
    const records = new CsvRecords(separator, columns?.length);
    let begun = false;
    let lines = 0;
    const textOf = ({ number, lines, fault }: CsvRecord): string => {
      if (fault === undefined) return `${lines.join('\n')}\n`;
      putAside(bad(number, lines.join('\n'), fault.code, fault.message));
      return '\n'.repeat(lines.length);
    };
    for await (const line of linesOf(stream)) {
      // Bad rows do not reach the caller before the next good one, so this loop has to let other requests run.
      if (++lines % LINES_AT_ONCE === 0) await giveTurn();
      const comment = commentOf(line.text, comments);
      // A field may contain a line that looks like a comment. The statement of the count is none of these.
      const isTrailer = comment !== undefined && said(comment);
      if (isTrailer) yield records.end().map(textOf).join('');
      if (comment !== undefined && (isTrailer || !records.isOpen)) {
        // The reader is ahead of the rows. The header is the last comment before the first row, not a later one.
        if (!begun) lastComment = comment;
        yield '\n';
        continue;
      }
      begun ||= line.text.trim() !== '';
      yield records.take(line).map(textOf).join('');
    }
    yield records.end().map(textOf).join('');
  }

  // Loaded with the first list of this kind, so that the hub starts sooner and smaller.
  const { parse: csvParse } = await import('csv-parse');
  const records = csvParse({
    delimiter: separator,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: parser.trim ?? true,
    ltrim: true,
    raw: true,
    info: true,
    max_record_size: LONGEST_RECORD,
    skip_records_with_error: true,
    on_skip: (error, raw) => {
      putAside(
        bad(Number(error?.['lines'] ?? 0), (raw ?? '').trim(), 'bad-csv', reasonOf(error).slice(0, 200)),
      );
      return undefined;
    },
  });
  // The library waits for its reader, so the file is read only as fast as rows are used.
  const feeding = (async () => {
    for await (const text of goodRecords()) {
      if (text !== '' && !records.write(text))
        await new Promise<void>((resolve) => records.once('drain', resolve));
    }
    records.end();
  })();
  feeding.catch((error: unknown) =>
    records.destroy(error instanceof Error ? error : new Error('the feed cannot be read')),
  );

  const nulls = new Set(parser.null ?? []);
  for await (const item of records as AsyncIterable<{
    record: string[];
    raw: string;
    info: { lines: number };
  }>) {
    const { record, info } = item;
    const raw = item.raw.replace(/^[\r\n]+/, '').replace(/[\r\n]+$/, '');
    const line = info.lines - (raw.split('\n').length - 1);
    while ((badRows[0]?.line ?? line) < line) yield badRows.shift() as Parsed;
    if (wantsHeader) {
      wantsHeader = false;
      const fromComment = headerOf(lastComment, separator);
      const taken =
        parser.header === 'first' ||
        (parser.header === 'auto' && !looksLikeHeader(fromComment, record.length));
      header = taken ? record.map((name) => name.toLowerCase()) : fromComment;
      columns = columnNames(header);
      demandColumns(columns, parser.required ?? []);
      told.columns = columns;
      if (taken) continue;
    }
    // Files that are put together from several repeat their header.
    if (header !== undefined && parser.header === 'first' && isHeader(record, header)) continue;
    if (columns === undefined && record.length > MOST_COLUMNS) {
      yield bad(line, raw, 'column-count', `more than ${MOST_COLUMNS} columns`);
      continue;
    }
    const names = columns ?? record.map((_field, i) => `column${i + 1}`);
    if (record.length !== names.length) {
      yield bad(line, raw, 'column-count', `${record.length} columns instead of ${names.length}`);
      continue;
    }
    const row: Record<string, string> = {};
    names.forEach((name, i) => {
      const field = record[i] ?? '';
      if (!nulls.has(field)) row[name] = field;
    });
    yield good(line, raw, row);
  }
  await feeding;
  yield* badRows;
}

function isHeader(record: readonly string[], columns: readonly string[]): boolean {
  return record.length === columns.length && record.every((field, i) => field.toLowerCase() === columns[i]);
}

function headerOf(comment: string, separator: string): readonly string[] {
  return comment.split(separator).map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  );
}

function looksLikeHeader(names: readonly string[], columns: number): boolean {
  return names.length === columns && names.every((name) => /^[a-z_][\w ()/-]*$/.test(name));
}

export function demandColumns(columns: readonly string[], required: readonly string[]): void {
  const known = new Set(columns.map((name) => name.toLowerCase()));
  const missing = required.filter((name) => !known.has(name.toLowerCase()));
  if (missing.length === 0) return;
  throw feedErrors.columnMissing({ missing: missing.join(', '), columns: columns.join(', ').slice(0, 500) });
}
