import type { Readable } from 'node:stream';
import { JSONParser } from '@streamparser/json';
import { Problem, reasonOf } from '../../kernel/problem.ts';
import type { ParserSpec } from '../../config/settings.ts';
import { isTableRow, readNames } from '../column-names.ts';
import { applies } from '../when.ts';
import { demandColumns } from './csv.ts';
import { flatten } from './flatten.ts';
import { linesOf } from './lines.ts';
import { LONGEST_RECORD, bad, good, type Parsed, type FileStatements } from './record.ts';
import { feedErrors } from '../errors.ts';

const DEEPEST = 64;
/** Space, tab and line ends. */
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Reads JSON lines: one record per line. */
export async function* parseNdjson(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements = {},
): AsyncGenerator<Parsed> {
  const nulls = new Set(parser.null ?? []);
  for await (const { number, text, cut } of linesOf(stream)) {
    const line = text.replace(/^\uFEFF/, '').trim();
    if (line === '') continue;
    if (cut) {
      yield bad(number, line, 'record-too-long', 'the line is longer than 1 MiB');
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      yield bad(number, line, 'bad-json', 'the line is not valid JSON');
      continue;
    }
    const row = without(flatten(value, parser.name_members), nulls);
    // The line that states the count is not a record itself.
    const declared = parser.count === undefined ? undefined : countOf(row[parser.count]);
    if (declared !== undefined) told.count = declared + 1;
    yield good(number, line, row);
  }
}

/**
 * Reads a JSON document token by token, so memory does not grow with the file. `records` is the path to the records. It
 * consists of names, and of `[*]` for every member of a list or of an object. The members of an object have the column
 * `_key`. The default is a whole list or document.
 */
export async function* parseJson(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements = {},
): AsyncGenerator<Parsed> {
  const nulls = new Set(parser.null ?? []);
  const isTable =
    parser.columns_at !== undefined || parser.columns !== undefined || parser.header === 'first';
  const isHeaded = parser.header === 'first';
  let names: readonly string[] | undefined;
  for await (const { number, key, value } of jsonValues(stream, parser, told)) {
    if (isTable && names === undefined && (isTableRow(value) || (isHeaded && Array.isArray(value)))) {
      names = told.columns ?? (isHeaded ? readNames(value) : parser.columns);
      // Otherwise, the next row would become the header.
      if (names === undefined && isHeaded) throw feedErrors.columnsUnnamed();
      demandColumns(names ?? [], parser.required ?? []);
      if (names === undefined) throw feedErrors.columnsUnnamed();
      told.columns = names;
      if (isHeaded) continue;
    }
    if (names !== undefined && isTableRow(value)) yield tableRecord(number, value, names, nulls, parser);
    else yield recordOf(number, key, value, nulls, parser);
  }
}

/** Returns the record of a row of a table. */
function tableRecord(
  number: number,
  value: readonly unknown[],
  names: readonly string[],
  nulls: ReadonlySet<string>,
  parser: ParserSpec,
): Parsed {
  if (value.length !== names.length)
    return bad(
      number,
      JSON.stringify(value),
      'column-count',
      `${value.length} columns instead of ${names.length}`,
    );
  const cells = Object.fromEntries(names.map((name, i) => [name, value[i]]));
  return recordOf(number, undefined, cells, nulls, parser);
}

/** Yields the records of a JSON document unchanged. */
async function* jsonValues(
  stream: Readable,
  parser: ParserSpec,
  told: FileStatements,
): AsyncGenerator<{ readonly number: number; readonly key: string | undefined; readonly value: unknown }> {
  const steps = stepsOf(parser.records ?? '$[*]');
  const found: { key: string | undefined; value: unknown }[] = [];
  let shell: unknown;
  const json = new JSONParser({
    // In the selector of the library, a star matches the members of lists and objects.
    paths: [
      ['$', ...steps.map((step) => (step === '[*]' ? '*' : step))].join('.'),
      ...outside(parser, steps),
    ],
    keepStack: false,
    stringBufferSize: 65_536,
  });
  let number = 0;
  json.onValue = ({ value, key, stack }) => {
    // The values for `ok_when` and `count` are outside the records, at a lower depth.
    if (parser.columns_at !== undefined && pathOf(stack, key) === parser.columns_at)
      told.columns = readNames(value);
    else if (stack.length < steps.length || (steps.length === 0 && stack.length > 0))
      shell = { ...(shell as object), [String(key)]: value };
    else found.push({ key: nameIn([...stack.map((step) => step.key), key], steps), value });
  };
  let failure: Error | undefined;
  json.onError = (error) => {
    failure ??= error;
  };
  const guard = new DepthGuard();
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    // The parser gets everything before a nesting that is too deep. Otherwise the result would depend on the chunk
    // boundaries.
    const allowed = guard.take(chunk);
    try {
      // The parser notices text after the document only in the chunk in which the document ends.
      if (!json.isEnded) json.write(chunk.subarray(0, allowed));
      else if (chunk.some((byte) => !BLANKS.has(byte)))
        failure ??= new Error('text follows the end of the document');
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(reasonOf(error));
    }
    for (const { key, value } of found.splice(0)) yield { number: ++number, key, value };
    if (failure instanceof Problem) throw failure;
    if (failure !== undefined)
      throw feedErrors.notJson({ description: failure.message.slice(0, 200), cause: failure });
    if (allowed < chunk.length) throw feedErrors.tooDeep();
  }
  if (guard.open) throw feedErrors.jsonIncomplete();
  if (parser.count !== undefined) told.count = countOf(flatten(shell)[parser.count]) ?? told.count;
  if (parser.ok_when !== undefined && !applies(parser.ok_when, flatten(shell)))
    throw feedErrors.sourceFailed({
      expected: JSON.stringify(parser.ok_when),
      received: JSON.stringify(shell ?? {}).slice(0, 200),
    });
}

/** Returns the path of a value, without the document itself. */
function pathOf(
  stack: readonly { readonly key?: string | number | undefined }[],
  key: string | number | undefined,
): string {
  return [...stack.slice(1).map((step) => step.key), key].join('.');
}

/** Returns the name that the innermost star of the path matched, if it matched a member of an object. */
function nameIn(
  keys: readonly (string | number | undefined)[],
  steps: readonly string[],
): string | undefined {
  // The first key belongs to the document itself, which has none.
  return keys
    .slice(1)
    .filter((key, i): key is string => steps[i] === '[*]' && typeof key === 'string')
    .at(-1);
}

function recordOf(
  number: number,
  key: string | undefined,
  value: unknown,
  nulls: ReadonlySet<string>,
  parser: ParserSpec,
): Parsed {
  const raw = JSON.stringify(value) ?? '';
  if (raw.length > LONGEST_RECORD)
    return bad(number, raw, 'record-too-long', 'the record is longer than 1 MiB');
  const row = without(flatten(value, parser.name_members), nulls);
  return good(number, raw, key === undefined ? row : { ...row, _key: key });
}

function without(row: Readonly<Record<string, string>>, nulls: ReadonlySet<string>): Record<string, string> {
  return nulls.size === 0
    ? row
    : Object.fromEntries(Object.entries(row).filter(([, value]) => !nulls.has(value)));
}

/** Returns the steps of a path such as `$.data[*]`: names and stars. */
function stepsOf(records: string): readonly string[] {
  if (!/^\$(?:\.[A-Za-z0-9_-]+|\.\*|\[\*\])*$/.test(records))
    throw feedErrors.invalidRecordsPath({ path: records.slice(0, 100) });
  return [...records.matchAll(/\.([A-Za-z0-9_-]+|\*)|(\[\*\])/g)].map(([, name, star]) =>
    star !== undefined || name === '*' ? '[*]' : (name ?? ''),
  );
}

/** Returns selectors for the values that `ok_when` and `count` need. */
function outside(
  { ok_when: wanted, count, columns_at: named }: ParserSpec,
  steps: readonly string[],
): readonly string[] {
  const others = [...Object.keys(wanted ?? {}), ...(count === undefined ? [] : [count])];
  return [
    ...new Set([...others.filter((name) => name !== steps[0]), ...(named === undefined ? [] : [named])]),
  ].map((name) => `$.${name}`);
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Stops a document that is nested too deeply, before the stack of the parser grows. */
class DepthGuard {
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** True while a bracket or a string is open. */
  get open(): boolean {
    return this.#depth > 0 || this.#inString;
  }

  /** Returns the length of the chunk, or the position of the bracket that nests too deeply. */
  take(chunk: Buffer): number {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === 0x5c) this.#escaped = true;
        else if (byte === 0x22) this.#inString = false;
      } else if (byte === 0x22) this.#inString = true;
      else if (byte === 0x7b || byte === 0x5b) {
        if (++this.#depth > DEEPEST) return at;
      } else if (byte === 0x7d || byte === 0x5d) this.#depth--;
    }
    return chunk.length;
  }
}
