import { Readable } from 'node:stream';
import type { FeedDocument, ParserSpec } from '../config/settings.ts';
import { Problem } from '../kernel/problem.ts';
import { stricter, type Tlp } from '../stix/markings.ts';
import { kindOfValue, wordsOf } from './detect-column.ts';
import { wholeLines } from './detect-format.ts';
import { jsonLine, parseBeginning, stepsOf } from './detect-json.ts';
import { ownMeaning } from './own-meaning.ts';
import { parseFeed } from './parsers/parse.ts';
import { strictTlp, tlpLabelsIn, tlpOfRow } from './stated-tlp.ts';
import type { Row } from './template.ts';

/** Maximum depth at which a JSON document states its level, and maximum number of its members that are looked at. */
const DEEPEST = 6;
const MOST_MEMBERS = 10_000;
/** Maximum number of lines of JSON lines that are looked at. */
const MOST_LINES = 1_000;

/**
 * Returns the texts at the beginning of a file that may state the TLP level of all its entries: comments, titles, and
 * members of a JSON document outside its records. A text that states the level of its row is not part of them.
 */
export async function statementsIn(
  head: string,
  { parser, map }: Pick<Partial<FeedDocument>, 'parser' | 'map'>,
): Promise<Iterable<string>> {
  // These formats define themselves where the level of an entry is.
  if (parser === undefined || parser.kind === 'stix' || ownMeaning(parser) !== undefined) return [];
  const columns = new Set((map ?? []).flatMap(({ value }) => /\{([^{}|]+)/.exec(value ?? '')?.[1] ?? []));
  switch (parser.kind) {
    case 'json':
      return outside(parseBeginning(head), recordsPath(parser.records), 0, { left: MOST_MEMBERS });
    case 'ndjson':
      return linesWithout(head, columns);
    case 'xml':
      return beforeEntries(head);
    default:
      return linesOfNoRow(head, parser);
  }
}

/** Returns the lines with labels that a run does not read as the level of a row, or not as such a strict one. */
async function linesOfNoRow(head: string, parser: ParserSpec): Promise<readonly string[]> {
  const lines = head.split('\n');
  const levels = new Map(
    lines.flatMap((line, i) => {
      const [first, ...rest] = tlpLabelsIn(line).map(strictTlp);
      return first === undefined ? [] : [[i + 1, rest.reduce(stricter, first)] as const];
    }),
  );
  if (levels.size === 0) return [];
  const ofRows = await levelsOfRows(head, parser, levels);
  return lines.filter((_line, i) => {
    const [level, ofRow] = [levels.get(i + 1), ofRows.get(i + 1)];
    return level !== undefined && (ofRow === undefined || stricter(ofRow, level) !== ofRow);
  });
}

/**
 * Returns the lowest level of the rows that the parser of a feed reads from each of some lines. Undefined where a row
 * states none. A row without a value becomes no object, so it is not one of them.
 */
async function levelsOfRows(
  head: string,
  parser: ParserSpec,
  wanted: ReadonlyMap<number, unknown>,
): Promise<ReadonlyMap<number, Tlp | undefined>> {
  const found = new Map<number, Tlp | undefined>();
  const stream = Readable.from([Buffer.from(head)], { objectMode: false });
  try {
    for await (const parsed of parseFeed(stream, parser)) {
      if (parsed.kind !== 'row') continue;
      // A quoted field may have several lines.
      const numbers = parsed.raw.split('\n').map((_line, i) => parsed.line + i);
      const labelled = numbers.filter((number) => wanted.has(number));
      if (labelled.length === 0) continue;
      const level = tlpOfRow(parsed.row);
      if (level !== undefined && !hasValue(parsed.row)) continue;
      for (const number of labelled) {
        const other = found.has(number) ? found.get(number) : level;
        found.set(number, level === undefined || other === undefined ? undefined : lower(level, other));
      }
    }
  } catch (error) {
    // Labels in the lines after a fault count for the feed.
    if (!(error instanceof Problem)) throw error;
  }
  return found;
}

function lower(a: Tlp, b: Tlp): Tlp {
  return stricter(a, b) === a ? b : a;
}

function hasValue(row: Row): boolean {
  return Object.values(row).some((cell) => kindOfValue(cell) !== undefined);
}

function recordsPath(path: string | undefined): readonly string[] {
  return stepsOf(path ?? '$[*]');
}

/** Returns the texts of a document that are not in the records at a path. */
function* outside(node: unknown, path: readonly string[] | undefined, depth: number, budget: { left: number }): Generator<string> {
  if (path?.length === 0 || depth > DEEPEST || --budget.left < 0) return;
  if (typeof node !== 'object' || node === null) {
    if (typeof node === 'string') yield node;
    return;
  }
  for (const [name, member] of Object.entries(node) as [string, unknown][]) {
    const [step, ...rest] = path ?? [];
    const isInside = step === '[*]' || step === '.*' || step === `.${name}`;
    if (!Array.isArray(node) && /^tlp/.test(wordsOf(name).join('')) && typeof member !== 'object')
      yield labelOf(member);
    else if (!Array.isArray(node) && /^tlp/.test(wordsOf(name).join('')) && member !== null) {
      // An object such as { "label": "RED" }.
      for (const inner of Object.values(member as object) as unknown[])
        if (typeof inner === 'string' && !/:\/\//.test(inner)) yield labelOf(inner);
    } else yield* outside(member, isInside ? rest : undefined, depth + 1, budget);
  }
} // prettier-ignore

function labelOf(member: unknown): string {
  const text = String(member).trim();
  return /^tlp/i.test(text) ? text : `TLP:${text}`;
}

/** Returns the texts of lines other than records, such as one with the metadata of the list. */
function* linesWithout(head: string, columns: ReadonlySet<string>): Generator<string> {
  for (const line of wholeLines(head).slice(0, MOST_LINES)) {
    const value = jsonLine(line);
    if (value === undefined ? tlpLabelsIn(line).length > 0 : !hasColumn(value, columns))
      yield* value === undefined ? [line] : outside(value, undefined, 0, { left: MOST_MEMBERS });
  }
}

function hasColumn(value: unknown, columns: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return [...columns].some((column) => Object.hasOwn(value, column.split('.')[0] ?? ''));
}

/** Returns the texts of an XML document before its first entry, and its comments. */
function* beforeEntries(head: string): Generator<string> {
  const first = /<(?:[\w.-]+:)?(?:item|entry)[\s>]/i.exec(head)?.index ?? head.length;
  for (const text of head.slice(0, first).split(/[<>]/)) yield text;
  for (const comment of head.slice(first).split('<!--').slice(1)) yield comment.split('-->', 1)[0] ?? '';
}
