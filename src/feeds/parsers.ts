import type { Readable } from 'node:stream';
import { parse as csvParse } from 'csv-parse';
import { Problem } from '../kernel/problem.ts';
import type { ParserSpec } from '../settings.ts';
import type { Row } from './template.ts';

/** A record of a feed file, or why it is none. */
export type Parsed =
  | { readonly kind: 'row'; readonly line: number; readonly raw: string; readonly row: Row }
  | {
      readonly kind: 'bad';
      readonly line: number;
      readonly raw: string;
      readonly code: string;
      readonly message: string;
    };

const LONGEST_LINE = 1_048_576;
const LONGEST_FIELD = 65_536;

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Lines of a UTF-8 text, without their ends. A longer line than allowed is cut and marked. */
async function* linesOf(stream: Readable): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });
  let rest = '';
  let number = 0;
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    let from = 0;
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n', from)) {
      yield { number: ++number, text: rest.slice(from, at).replace(/\r$/, '') };
      from = at + 1;
    }
    rest = rest.slice(from);
    if (rest.length > LONGEST_LINE * 2)
      throw new Problem('peer', 'The feed has a line of more than 2 MiB', { code: 'TLN-F-010' });
  }
  rest += decoder.decode();
  if (rest !== '') yield { number: ++number, text: rest.replace(/\r$/, '') };
}

function commentOf(text: string, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((known) => text.startsWith(known));
  return prefix === undefined ? undefined : text.slice(prefix.length).trim();
}

/** Reads a feed file record by record. Memory does not grow with the file. */
export function parseFeed(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  return parser.kind === 'csv' ? parseCsv(stream, parser) : parseDelimited(stream, parser);
}

/** Plain lists: one value a line, with comments and trailers of many styles; further columns by position. */
async function* parseDelimited(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  const comments = parser.comment ?? ['#'];
  const separators = new Set(parser.separator ?? ' \t,;#');
  const columns = parser.columns ?? [];
  const nulls = new Set(parser.null ?? []);
  for await (const { number, text } of linesOf(stream)) {
    const line = text.trim();
    if (line === '' || commentOf(line, comments) !== undefined) continue;
    if (line.length > LONGEST_FIELD) {
      yield {
        kind: 'bad',
        line: number,
        raw: line.slice(0, 4096),
        code: 'record-too-long',
        message: 'the line is longer than 64 KiB',
      };
      continue;
    }
    const fields = splitAt(line, separators);
    const row: Record<string, string> = {};
    fields.forEach((field, i) => {
      const name = i === 0 ? 'value' : (columns[i - 1] ?? `column${i + 1}`);
      if (!nulls.has(field)) row[name] = field;
    });
    yield { kind: 'row', line: number, raw: line, row };
  }
}

function splitAt(line: string, separators: ReadonlySet<string>): string[] {
  const fields: string[] = [];
  let from = 0;
  for (let i = 0; i <= line.length; i++) {
    if (i === line.length || separators.has(line.charAt(i))) {
      const field = line.slice(from, i).trim();
      if (field !== '' || fields.length === 0) fields.push(field);
      from = i + 1;
    }
  }
  return fields;
}

/** CSV after RFC 4180, with comment lines before and between the records. */
async function* parseCsv(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  const comments = parser.comment ?? [];
  const separator = parser.separator ?? ',';
  let lastComment = '';
  let columns: readonly string[] | undefined = parser.columns;
  let wantsHeader = columns === undefined && parser.header !== 'none' && parser.header !== undefined;

  /** Comment lines become empty lines, so that line numbers stay right. */
  async function* withoutComments(): AsyncGenerator<string> {
    let quoted = false;
    let begun = false;
    for await (const { text } of linesOf(stream)) {
      const comment = quoted ? undefined : commentOf(text, comments);
      if (comment !== undefined) {
        // Reading runs ahead of the rows, so the header is the last comment before the first of them, and no later one.
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
    max_record_size: LONGEST_LINE,
    skip_records_with_error: true,
  });
  // The library waits for its reader before it takes more, so the file is read as fast as rows are used.
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
      if (taken) continue;
    }
    const names = columns ?? record.map((_field, i) => `column${i + 1}`);
    if (record.length < names.length) {
      yield {
        kind: 'bad',
        line,
        raw: raw.slice(0, 4096),
        code: 'column-count',
        message: `${record.length} columns instead of ${names.length}`,
      };
      continue;
    }
    if (record.some((field) => field.length > LONGEST_FIELD)) {
      yield {
        kind: 'bad',
        line,
        raw: raw.slice(0, 4096),
        code: 'field-too-long',
        message: 'a field is longer than 64 KiB',
      };
      continue;
    }
    const row: Record<string, string> = {};
    names.forEach((name, i) => {
      const field = record[i] ?? '';
      if (!nulls.has(field)) row[name] = field;
    });
    yield { kind: 'row', line, raw: raw.slice(0, 4096), row };
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
  throw new Problem('peer', `The feed has no column ${missing.join(', ')}`, {
    description: `Its columns are ${columns.join(', ').slice(0, 500)}.`,
    hint: 'The source may have changed its format: compare with the feed document.',
    code: 'TLN-F-011',
  });
}
