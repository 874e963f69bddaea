import type { Readable } from 'node:stream';
import { parse as csvParse } from 'csv-parse';
import type { ParserSpec } from '../../config/settings.ts';
import { commentOf, countIn } from './delimited.ts';
import { linesOf } from './lines.ts';
import { LONGEST_RECORD, bad, good, type Parsed, type Told } from './record.ts';
import { feedErrors } from '../errors.ts';

/** Reads CSV as defined by RFC 4180, with comment lines before and between the records. */
export async function* parseCsv(
  stream: Readable,
  parser: ParserSpec,
  told: Told = {},
): AsyncGenerator<Parsed> {
  const count = countIn(parser);
  const comments = parser.comment ?? [];
  const separator = parser.separator ?? ',';
  let lastComment = '';
  let columns: readonly string[] | undefined = parser.columns;
  let wantsHeader = columns === undefined && parser.header !== 'none' && parser.header !== undefined;

  /** Replaces comment lines by empty lines, so that line numbers stay correct. */
  async function* withoutComments(): AsyncGenerator<string> {
    let quoted = false;
    let begun = false;
    for await (const { text } of linesOf(stream)) {
      const comment = quoted ? undefined : commentOf(text, comments);
      if (comment !== undefined) {
        told.count = count(comment) ?? told.count;
        // The reader is ahead of the rows. The header is the last comment before the first row, not a later one.
        if (!begun) lastComment = comment;
        yield '\n';
        continue;
      }
      begun ||= text.trim() !== '';
      if ((text.split('"').length - 1) % 2 === 1) quoted = !quoted;
      yield `${text}\n`;
    }
  }

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
  });
  // The library waits for its reader, so the file is read only as fast as rows are used.
  const feeding = (async () => {
    for await (const text of withoutComments()) {
      if (!records.write(text)) await new Promise<void>((resolve) => records.once('drain', resolve));
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
    if (wantsHeader) {
      wantsHeader = false;
      const fromComment = headerOf(lastComment, separator);
      const taken =
        parser.header === 'first' ||
        (parser.header === 'auto' && !looksLikeHeader(fromComment, record.length));
      columns = taken ? record.map((name) => name.toLowerCase()) : fromComment;
      demandColumns(columns, parser.required ?? []);
      told.columns = columns;
      if (taken) continue;
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

function demandColumns(columns: readonly string[], required: readonly string[]): void {
  const missing = required.filter((name) => !columns.includes(name));
  if (missing.length === 0) return;
  throw feedErrors.columnMissing({ missing: missing.join(', '), columns: columns.join(', ').slice(0, 500) });
}
