import type { Readable } from 'node:stream';
import type { ParserSpec } from '../../config/settings.ts';
import { parseCsv } from './csv.ts';
import { parseDelimited, parseEach } from './delimited.ts';
import { parseJson, parseNdjson } from './json.ts';
import type { Parsed, FileStatements } from './record.ts';
import { parseHosts, parseLines, parseRpz } from './text.ts';
import { parseXml } from './xml.ts';

/**
 * Reads a feed file (UTF-8) record by record. Memory does not grow with the file. The file is closed at the end, when
 * the reader stops early, and when the parser fails.
 */
export async function* parseFeed(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements = {},
): AsyncGenerator<Parsed> {
  try {
    yield* recordsOf(stream, parser, told);
  } finally {
    stream.destroy();
  }
}

function recordsOf(stream: Readable, parser: ParserSpec, told: FileStatements): AsyncGenerator<Parsed> {
  switch (parser.kind) {
    case 'csv':
      return parseCsv(stream, parser, told);
    case 'delimited':
      return parser.each === true ? parseEach(stream, parser) : parseDelimited(stream, parser, told);
    case 'lines':
      return parseLines(stream, parser);
    case 'hosts':
      return parseHosts(stream, parser);
    case 'rpz':
      return parseRpz(stream);
    case 'json':
      return parseJson(stream, parser, told);
    case 'ndjson':
      return parseNdjson(stream, parser, told);
    case 'xml':
      return parseXml(stream, parser);
    default:
      throw new Error(`entries of ${parser.kind} are not rows`);
  }
}
