import type { Readable } from 'node:stream';
import { RE2JS } from 're2js';
import type { ParserSpec } from '../../config/settings.ts';
import { linesOf } from './lines.ts';
import { LONGEST_FIELD, bad, good, type Parsed, type Told } from './record.ts';
import { feedErrors } from '../errors.ts';

/** Returns the text after the comment mark of a line. Undefined for a line that is not a comment. */
export function commentOf(text: string, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((known) => text.startsWith(known));
  return prefix === undefined ? undefined : text.slice(prefix.length).trim();
}

/** Returns a function that reads the number of records from a comment, as configured in the document. */
export function countIn({ count }: ParserSpec): (comment: string) => number | undefined {
  if (count === undefined) return () => undefined;
  let pattern: ReturnType<typeof RE2JS.compile>;
  try {
    pattern = RE2JS.compile(count);
  } catch (error) {
    throw feedErrors.invalidCountPattern({ description: String(error).slice(0, 200) });
  }
  return (comment) => {
    const matcher = pattern.matcher(comment);
    if (!matcher.find() || matcher.groupCount() < 1) return undefined;
    const digits = matcher.group(1)?.replaceAll(/[,. ]/g, '') ?? '';
    return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
  };
}

/**
 * Reads plain lists: one value per line, with many styles of comments and trailers. Further columns are identified by
 * position.
 */
export async function* parseDelimited(
  stream: Readable,
  parser: ParserSpec,
  told: Told = {},
): AsyncGenerator<Parsed> {
  const count = countIn(parser);
  const comments = parser.comment ?? ['#'];
  const separators = new Set(parser.separator ?? ' \t,;#');
  const columns = parser.columns ?? [];
  const nulls = new Set(parser.null ?? []);
  for await (const { number, text, cut } of linesOf(stream)) {
    const line = text.trim();
    const comment = line === '' ? '' : commentOf(line, comments);
    if (comment !== undefined) {
      told.count = count(comment) ?? told.count;
      continue;
    }
    if (cut || line.length > LONGEST_FIELD) {
      yield bad(number, line, 'record-too-long', 'the line is longer than 64 KiB');
      continue;
    }
    const row: Record<string, string> = {};
    splitAt(line, separators).forEach((field, i) => {
      const name = i === 0 ? 'value' : (columns[i - 1] ?? `column${i + 1}`);
      if (!nulls.has(field)) row[name] = field;
    });
    yield good(number, line, row);
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
