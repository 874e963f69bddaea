import { RE2JS } from 're2js';
import type { ParserSpec } from '../config/settings.ts';
import { decoded } from './decode.ts';
import { readCsaf } from './formats/csaf.ts';
import type { Format, Step } from './formats/format.ts';
import { readIodef } from './formats/iodef.ts';
import { readMisp } from './formats/misp.ts';
import { readOtx } from './formats/otx.ts';
import { readStix1 } from './formats/stix1.ts';
import type { FindingMaker } from './maker.ts';
import { Mapper } from './mapper.ts';
import { ownMeaning, type OwnMeaning } from './own-meaning.ts';
import { parseFeed } from './parsers/parse.ts';
import type { Parsed, FileStatements } from './parsers/record.ts';
import type { RowDigest, RowMemory } from './row-memory.ts';
import type { Row } from './template.ts';
import type { FeedFile } from './transports/transport.ts';
import { feedErrors } from './errors.ts';

const FORMATS: Readonly<Record<OwnMeaning, Format>> = {
  misp: readMisp,
  otx: readOtx,
  csaf: readCsaf,
  iodef: readIodef,
  stix1: readStix1,
};

/**
 * Reads a file entry by entry into findings. `onDoubt` receives why the file may be incomplete, and `onColumns` receives
 * its columns. Throws a Problem when the file as a whole does not have the expected format.
 */
export async function* readFile(
  file: Pick<FeedFile, 'name' | 'path' | 'bytes'>,
  make: FindingMaker,
  {
    onDoubt = () => undefined,
    onColumns = () => undefined,
    digestOf,
    memory,
  }: {
    readonly onDoubt?: (reason: string) => void;
    readonly onColumns?: (columns: readonly string[]) => void;
    /** Computes digests of rows, where rows are remembered. */
    readonly digestOf?: ((row: Row) => RowDigest) | undefined;
    /** Rows that are not mapped again. */
    readonly memory?: RowMemory | undefined;
  } = {},
): AsyncGenerator<Step> {
  const { parser, decode } = make.document;
  const stream = await decoded(file, decode);
  try {
    const own = ownMeaning(parser);
    const format = own === undefined ? undefined : FORMATS[own];
    if (format !== undefined) {
      yield* format(stream, make);
      return;
    }
    const mapper = new Mapper(make);
    const columns = columnsOf(file.name, parser);
    const told: FileStatements = {};
    let records = 0;
    for await (const parsed of parseFeed(stream, parser, told)) {
      records++;
      yield stepOf(without(parsed, parser), columns, mapper, digestOf, memory);
    }
    const doubt = doubtOf(parser, told, records);
    if (doubt !== undefined) onDoubt(doubt);
    if (told.columns !== undefined) onColumns(told.columns);
  } finally {
    stream.destroy();
  }
}

/** Returns why a file may be incomplete, by what it states of itself. Undefined when it seems complete. */
function doubtOf({ count, end }: ParserSpec, told: FileStatements, records: number): string | undefined {
  if (count !== undefined && told.count === undefined)
    return 'count-missing: the file does not state its number of records, as complete files of this source do';
  if (told.count !== undefined && told.count !== records)
    return `count-mismatch: the source states ${told.count} records, but ${records} were received`;
  if (end !== undefined && told.ended !== true)
    return 'end-missing: the file does not have the trailer of a complete file';
  return undefined;
}

function stepOf(
  parsed: Parsed,
  columns: Row,
  mapper: Mapper,
  digestOf?: (row: Row) => RowDigest,
  memory?: RowMemory,
): Step {
  const { line, raw } = parsed;
  if (parsed.kind === 'bad')
    return { line, raw, mapped: { findings: [], fault: { code: parsed.code, message: parsed.message } } };
  if (parsed.kind === 'left') return { line, raw, mapped: { findings: [], filtered: parsed.reason } };
  const row = { ...parsed.row, ...columns };
  const kind = mapper.kindOf(row);
  const digest = digestOf?.(row);
  const known = digest === undefined ? undefined : memory?.find(digest);
  if (known !== undefined) return { line, raw, row, mapped: { findings: [] }, kind, digest, known };
  return { line, raw, row, mapped: mapper.map(row), kind, digest };
}

/** Returns the columns that the name of a file adds to its rows. */
function columnsOf(name: string, { file_name: source }: ParserSpec): Row {
  if (source === undefined) return {};
  let pattern;
  try {
    pattern = RE2JS.compile(source.replaceAll(/\(\?<([A-Za-z_]\w*)>/g, '(?P<$1>'));
  } catch (error) {
    throw feedErrors.invalidFileNamePattern({ description: String(error).slice(0, 200) });
  }
  const matcher = pattern.matcher(name);
  if (!matcher.find()) return {};
  return Object.fromEntries(
    [...source.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)].flatMap(([, column = '']) => {
      const value = matcher.group(column);
      return value === null || value === '' ? [] : [[column, value]];
    }),
  );
}

/**
 * Returns a record without the columns in `drop`, however these are spelled. The columns of a bad record are unknown,
 * so none of its text is kept.
 */
function without(parsed: Parsed, { drop }: ParserSpec): Parsed {
  if (drop === undefined) return parsed;
  if (parsed.kind !== 'row') return { ...parsed, raw: '' };
  const left = new Set(drop.map((name) => name.toLowerCase()));
  const row = Object.fromEntries(
    Object.entries(parsed.row).filter(([name]) => !left.has(name.toLowerCase())),
  );
  return { ...parsed, row, raw: JSON.stringify(row).slice(0, 4_096) };
}
