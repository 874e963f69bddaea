import type { FeedDocument } from '../config/settings.ts';
import { kindOfValue, wordsOf } from './detect-column.ts';
import { wholeLines } from './detect-format.ts';
import { jsonLine, parseBeginning, stepsOf } from './detect-json.ts';
import { ownMeaning } from './own-meaning.ts';
import { tlpLabelsIn, tlpOfRow } from './stated-tlp.ts';

/** Maximum depth at which a JSON document states its level, and maximum number of its members that are looked at. */
const DEEPEST = 6;
const MOST_MEMBERS = 10_000;
/** Maximum number of lines of JSON lines that are looked at. */
const MOST_LINES = 1_000;

/**
 * Returns the texts at the beginning of a file that may state the TLP level of all its entries: comments, titles, and
 * members of a JSON document outside its records. The labels of single rows are not part of them.
 */
export function* statementsIn(
  head: string,
  { parser, map }: Pick<Partial<FeedDocument>, 'parser' | 'map'>,
): Generator<string> {
  // These formats define themselves where the level of an entry is.
  if (parser === undefined || parser.kind === 'stix' || ownMeaning(parser) !== undefined) return;
  const columns = new Set((map ?? []).flatMap(({ value }) => /\{([^{}|]+)/.exec(value ?? '')?.[1] ?? []));
  if (parser.kind === 'json')
    yield* outside(parseBeginning(head), recordsPath(parser.records), 0, { left: MOST_MEMBERS }); // prettier-ignore
  else if (parser.kind === 'ndjson') yield* linesWithout(head, columns);
  else if (parser.kind === 'xml') yield* beforeEntries(head);
  else
    for (const line of head.split('\n')) if (tlpLabelsIn(line).length > 0 && !isLabelledRow(line)) yield line;
}

/** True for a line with a value and a label in a field, which a run reads as the level of this row. */
function isLabelledRow(line: string): boolean {
  const text = line.trim();
  if (/^(?:[#;!%*]|\/\/|\/\*|--|<|rem\s)/i.test(text)) return false;
  const fields = text.split(/[\s,;|#]+/);
  return (
    fields.some((field) => kindOfValue(field) !== undefined) &&
    tlpOfRow(Object.fromEntries(fields.entries())) !== undefined
  );
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
