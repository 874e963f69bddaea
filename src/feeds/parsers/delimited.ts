import type { Readable } from 'node:stream';
import { RE2JS } from 're2js';
import type { ParserSpec } from '../../config/settings.ts';
import { MOST_COLUMNS } from '../column-names.ts';
import { linesOf } from './lines.ts';
import { LONGEST_FIELD, bad, good, type Parsed, type FileStatements } from './record.ts';
import { feedErrors } from '../errors.ts';

/** Returns the text after the comment mark of a line. Undefined for a line that is not a comment. */
export function commentOf(text: string, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((known) => text.startsWith(known));
  return prefix === undefined ? undefined : text.slice(prefix.length).trim();
}

/**
 * Returns a function that notes what a comment states of the file, as configured in the document: the number of records,
 * and that the file ends. Returns true for a comment that states one of them.
 */
export function trailerOf({ count, end }: ParserSpec, told: FileStatements): (comment: string) => boolean {
  const number = count === undefined ? undefined : compiled(count);
  const last = end === undefined ? undefined : compiled(end);
  return (comment) => {
    const found = number === undefined ? undefined : countIn(number, comment);
    told.count = found ?? told.count;
    const ends = last?.matcher(comment).find() === true;
    if (ends) told.ended = true;
    return found !== undefined || ends;
  };
}

function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw feedErrors.invalidCountPattern({ description: String(error).slice(0, 200) });
  }
}

function countIn(pattern: RE2JS, comment: string): number | undefined {
  const matcher = pattern.matcher(comment);
  if (!matcher.find() || matcher.groupCount() < 1) return undefined;
  const digits = matcher.group(1)?.replaceAll(/[,. ]/g, '') ?? '';
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
}

/**
 * Reads plain lists: one value per line, with many styles of comments and trailers. Further columns are identified by
 * position.
 */
export async function* parseDelimited(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements = {},
): AsyncGenerator<Parsed> {
  const said = trailerOf(parser, told);
  const comments = parser.comment ?? ['#'];
  const separators = new Set(parser.separator ?? ' \t,;#');
  const isSeparated = parser.separator !== undefined;
  const columns = parser.columns ?? [];
  const nulls = new Set(parser.null ?? []);
  for await (const { number, text, cut } of linesOf(stream)) {
    const line = text.trim();
    const comment = line === '' ? '' : commentOf(line, comments);
    if (comment !== undefined) {
      said(comment);
      continue;
    }
    if (cut || line.length > LONGEST_FIELD) {
      yield bad(number, line, 'record-too-long', 'the line is longer than 64 KiB');
      continue;
    }
    const row: Record<string, string> = {};
    const fields = isSeparated ? splitAt(line, separators) : splitPlain(line, separators);
    if (fields.length > MOST_COLUMNS) {
      yield bad(number, line, 'column-count', `more than ${MOST_COLUMNS} columns`);
      continue;
    }
    fields.forEach((field, i) => {
      const name = i === 0 ? 'value' : (columns[i - 1] ?? `column${i + 1}`);
      if (!nulls.has(field)) row[name] = field;
    });
    yield good(number, line, row);
  }
}

/** Reads lists with several values in a line, whose lines may have any length. Every value is a record. */
export async function* parseEach(stream: Readable, parser: ParserSpec): AsyncGenerator<Parsed> {
  const comments = parser.comment ?? ['#'];
  const separators = new Set(parser.separator ?? ' \t,;|');
  const nulls = new Set(parser.null ?? []);
  const decoder = new TextDecoder('utf-8');
  let line = 1;
  let field = '';
  /** Length of the field up to its last character that is not blank. */
  let solid = 0;
  let begins = true;
  let comment = false;
  const ended = (): readonly Parsed[] => {
    const value = field.slice(0, solid);
    field = '';
    solid = 0;
    if (value === '' || nulls.has(value)) return [];
    if (value.length > LONGEST_FIELD)
      return [bad(line, value, 'field-too-long', 'a field is longer than 64 KiB')];
    return [good(line, value, { value })];
  };
  for await (const chunk of stream as AsyncIterable<Buffer>)
    for (const char of decoder.decode(chunk, { stream: true })) {
      if (char === '\n') {
        if (!comment) yield* ended();
        field = '';
        solid = 0;
        line++;
        begins = true;
        comment = false;
      } else if (comment) continue;
      else if (separators.has(char)) yield* ended();
      else if (field.length <= LONGEST_FIELD) {
        const isBlank = char.trim() === '';
        // A field has no blanks before it.
        if (isBlank && field === '') continue;
        field += char;
        if (!isBlank) solid = field.length;
        if (begins && comments.includes(field)) comment = true;
        if (solid > 2) begins = false;
      }
    }
  if (!comment) yield* ended();
}

/** A character of a URL that a list may also use to separate columns, with the field after it. */
const BEHIND = /[,;](?=\s|$|["']|\d{4}-\d\d-\d\d|[a-z*]{3,6}\[?:)/i;

/**
 * Splits a line of a list that names no separator. A URL may contain the usual ones: it ends at a blank, or where a
 * comma is followed by a blank, a quote, a date or another URL.
 */
function splitPlain(line: string, separators: ReadonlySet<string>): string[] {
  if (!/^["'<]?[a-z*]{3,6}\[?:[\])}]?[[({]?\/\//i.test(line)) return splitAt(line, separators);
  const blank = /\s/.exec(line)?.index ?? line.length;
  const behind = BEHIND.exec(line)?.index ?? line.length;
  const end = Math.min(blank, behind);
  const rest = line.slice(end + 1).trim();
  return [line.slice(0, end), ...(rest === '' ? [] : splitAt(rest, separators))];
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
