import type { DetectContext } from './detect-column.ts';
import { chooseColumns, namesSource } from './detect-columns.ts';
import { SAMPLE, wholeLines, type DetectedFormat } from './detect-format.ts';
import { namesHarmless } from './detect-meanings.ts';
import { jsonTable } from './detect-json-table.ts';
import { flatten } from './parsers/flatten.ts';
import type { Row } from './template.ts';

/** Maximum depth at which lists are looked for. */
const DEEPEST = 6;
const MOST_PATHS = 50;
/** Maximum number of lists whose names are looked at together. */
const MOST_SIDES = 20;
/** Share of the lines of JSON lines that must be valid. */
const ENOUGH = 0.6;

/**
 * Returns the paths of all lists and of objects with many members of one format, in the notation of the JSON parser. The
 * deepest lists come last.
 */
function recordPaths(value: unknown): readonly string[] {
  const found = new Set<string>();
  const walk = (node: unknown, path: string, depth: number): void => {
    if (depth > DEEPEST || found.size >= MOST_PATHS || typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      found.add(`${path}[*]`);
      // The first members show the format of all.
      for (const member of node.slice(0, 5)) walk(member, `${path}[*]`, depth + 1);
      return;
    }
    const members = Object.entries(node);
    if (members.filter(([, member]) => Array.isArray(member)).length > 1) found.add(`${path}.*[*]`);
    const objects = members.filter(([, member]) => typeof member === 'object' && member !== null);
    if (objects.length > 0 && objects.length === members.length) {
      found.add(`${path}.*`);
      for (const [, member] of objects.slice(0, 5)) walk(member, `${path}.*`, depth + 1);
    }
    for (const [name, member] of objects.slice(0, 50))
      if (/^[\w-]+$/.test(name)) walk(member, `${path}.${name}`, depth + 1);
  };
  walk(value, '$', 0);
  return [...found];
}

/**
 * Reads the beginning of a JSON document as if it ended after its last complete member. Undefined when the text is not
 * JSON.
 */
export function parseBeginning(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The text is only the beginning of the document.
  }
  const open: string[] = [];
  let end = 0;
  // After the last complete member, the text only opens further brackets. So those before them are still the same.
  let openAtEnd = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') open.push(c === '{' ? '}' : ']');
    else if (c === '}' || c === ']') {
      open.pop();
      end = i + 1;
      openAtEnd = open.length;
    } else if (c === ',') {
      end = i;
      openAtEnd = open.length;
    }
  }
  const closing = open.slice(0, openAtEnd).toReversed().join('');
  try {
    return JSON.parse(text.slice(0, end) + closing);
  } catch {
    return undefined;
  }
}

/** Returns the text after the first list or object of a text. Undefined when it does not end within the text. */
export function textAfterJson(text: string): string | undefined {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inString) {
      if (c === '\\') i++;
      else if (c === '"') inString = false;
    } else if (c === '"') inString = true;
    else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth <= 0) return text.slice(i + 1);
  }
  return undefined;
}

interface Found {
  readonly node: unknown;
  /** Name of the member of an object that the last star of the path matched. */
  readonly key: string | undefined;
}

/** Returns the records at a path. */
function recordsAt(document: unknown, path: string): readonly Found[] {
  let found: readonly Found[] = [{ node: document, key: undefined }];
  for (const [, name] of path.matchAll(/\.([\w-]+|\*)|\[\*\]/g))
    found = found.flatMap(({ node, key }): readonly Found[] => {
      if (typeof node !== 'object' || node === null) return [];
      if (name !== undefined && name !== '*')
        return Object.hasOwn(node, name) ? [{ node: (node as Record<string, unknown>)[name], key }] : [];
      if (Array.isArray(node)) return node.map((member: unknown) => ({ node: member, key }));
      return Object.entries(node).map(([member, value]) => ({ node: value, key: member }));
    });
  return found;
}

/** Returns records as rows, at most `most` of them evenly spread. */
function rowsOf(found: readonly Found[], most: number): readonly Row[] {
  const step = Math.max(1, Math.ceil(found.length / most));
  return found
    .filter((_one, i) => i % step === 0)
    .map(({ node, key }) => (key === undefined ? flatten(node) : { ...flatten(node), _key: key }));
}

/** True for a text of JSON lines, most of which are valid. */
export function isJsonLines(lines: readonly string[]): boolean {
  const first = lines.slice(0, 50);
  return (
    first.length > 1 && first.filter((line) => jsonLine(line) !== undefined).length >= first.length * ENOUGH
  );
}

/** True for a text that begins like JSON, and neither like a list of `[address]:port` nor like a list of rules. */
export function isJson(head: string): boolean {
  if (!/^[{[]/.test(head) || /^\[[\da-f:.]+\](?::\d+)?\s*$/im.test(head.slice(0, 100))) return false;
  return parseBeginning(head) !== undefined || isJsonLines(wholeLines(head));
}

/** Returns the first lines of a text as records of JSON lines. Those that are none are undefined. */
function linesOf(head: string): readonly unknown[] {
  const lines = wholeLines(head);
  return lines.length > 1 ? lines.slice(0, SAMPLE).map(jsonLine) : [];
}

function linesFormat(
  good: readonly unknown[],
  bad: number,
  context: DetectContext,
): DetectedFormat | undefined {
  const chosen = chooseColumns(
    good.map((value) => flatten(value)),
    context,
  );
  const notes = bad === 0 ? [] : [`${bad} of the first ${good.length + bad} lines are not valid JSON.`];
  return chosen === undefined ? undefined : { parser: { kind: 'ndjson' }, chosen, notes };
}

/** Finds the list of records in a JSON document, or in JSON lines. */
export function jsonFormat(head: string, context: DetectContext): DetectedFormat | undefined {
  const parsed = linesOf(head);
  const good = parsed.filter((value) => value !== undefined);
  const document = good.length === parsed.length && good.length > 1 ? undefined : parseBeginning(head);
  if (good.length > 1 && document === undefined && good.length >= parsed.length * ENOUGH)
    return linesFormat(good, parsed.length - good.length, context);
  const lists = recordPaths(document).map((path) => {
    const records = recordsAt(document, path);
    const nodes = records.slice(0, SAMPLE).map(({ node }) => node);
    const table = jsonTable(document, path, nodes, context.now);
    const rows = table?.rows ?? rowsOf(records, SAMPLE);
    return { path, rows, table, count: records.length, chosen: chooseColumns(rows, context) };
  });
  // The cells of a table with names are not values on their own, even if none of its columns is used.
  const tables = lists.filter(({ table }) => table?.named === true).map(({ path }) => path);
  const found = lists.flatMap(({ path, rows, table, count, chosen }) => {
    const names = sidesOf(path, rows);
    if (isMixed(names)) return [];
    if (chosen === undefined || tables.some((one) => one !== path && isWithin(path, one))) return [];
    if (count === 1 && lists.some((list) => isRefused(list) && isFolded(path, list.path))) return [];
    const each = Math.max(1, chosen.distinct / rows.length);
    return [
      {
        path,
        table,
        chosen,
        each,
        values: count * chosen.share,
        isSource: isSide(names),
      },
    ];
  });
  // Records with one value each come first. A record with many values is a list that is further inside.
  const single = found.filter(({ each }) => each < 1.5);
  const [best] = (single.length > 0 ? single : found).toSorted(
    (a, b) =>
      Number(a.isSource) - Number(b.isSource) ||
      b.values - a.values ||
      b.chosen.share - a.chosen.share ||
      a.path.split('.*').length - b.path.split('.*').length ||
      b.path.split(/[.[]/).length - a.path.split(/[.[]/).length,
  );
  if (best === undefined) return undefined;
  const others = single.filter(
    ({ path }) => path !== best.path && !covers(best.path, path) && !covers(path, best.path),
  );
  return {
    parser: {
      kind: 'json',
      records: best.path,
      ...best.table?.parser,
      ...(best.table?.named === true ? { required: [...best.chosen.used] } : {}),
    },
    chosen: best.chosen,
    notes: notesOf(best, others),
  };
}

/**
 * True for names of lists that are not read together: victims and sources of traffic with others, and harmless values
 * with anything.
 */
function isMixed({ named, keys }: Sides): boolean {
  const sources = keys.filter((name) => namesSource(name));
  return (
    [...named, ...keys].some((name) => namesHarmless(name)) ||
    (sources.length > 0 && sources.length < keys.length)
  );
}

/** True for lists whose names are all those of victims or sources of traffic. */
function isSide({ named, keys }: Sides): boolean {
  return (
    named.some((name) => namesSource(name)) || (keys.length > 0 && keys.every((name) => namesSource(name)))
  );
}

function notesOf(
  best: { readonly path: string; readonly isSource: boolean },
  others: readonly { readonly path: string }[],
): readonly string[] {
  return [
    ...(best.isSource
      ? [`The list at ${best.path} may name victims and not attackers. Check what the source lists.`]
      : []),
    ...others.slice(0, 5).map(({ path }) => `The list at ${path} also has values, and is not read.`),
  ];
}

/** The names of the members on the path of a list, and those that a star stands for. */
interface Sides {
  readonly named: readonly string[];
  readonly keys: readonly string[];
}

/** Returns the names of a list: of the members on its path, or of those that a star at its end stands for. */
function sidesOf(path: string, rows: readonly Row[]): Sides {
  const steps = stepsOf(path).filter((step) => step !== '[*]');
  const named = steps.filter((step) => step !== '.*').map((step) => step.slice(1));
  if (!steps.includes('.*')) return { named, keys: [] };
  const keys = new Set(rows.flatMap((row) => row['_key'] ?? []));
  // Keys that are different in each record are values.
  return { named, keys: keys.size <= MOST_SIDES ? [...keys] : [] };
}

/** True for a list of several records that has no column with values. */
function isRefused({ chosen, count }: { readonly chosen: unknown; readonly count: number }): boolean {
  return chosen === undefined && count >= 3;
}

/** True for the object whose members are the records at another path. As one record, it only seems to have values. */
function isFolded(path: string, members: string): boolean {
  const [outer, inner] = [stepsOf(path), stepsOf(members)];
  return inner.at(-1) === '.*' && inner.length === outer.length + 1 && covers(path, members);
}

export function stepsOf(path: string): readonly string[] {
  return path.match(/\.[\w-]+|\.\*|\[\*\]/g) ?? [];
}

/** True when each record of one path is part of a record of another, or is the same. */
function covers(outer: string, inner: string): boolean {
  const [a, b] = [stepsOf(outer), stepsOf(inner)];
  return a.length <= b.length && a.every((step, i) => step === b[i] || step === '.*' || step === '[*]');
}

/** True for a path whose records are also those of another one, or parts of them. */
function isWithin(path: string, other: string): boolean {
  const [a, b] = [stepsOf(other), stepsOf(path)];
  const isStar = (step: string | undefined): boolean => step === '.*' || step === '[*]';
  return a.length <= b.length && a.every((step, i) => step === b[i] || isStar(step) || isStar(b[i]));
}

export function jsonLine(line: string): unknown {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
