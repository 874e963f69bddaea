import type { DetectContext } from './detect-column.ts';
import { chooseColumns } from './detect-columns.ts';
import { SAMPLE, wholeLines, type DetectedFormat } from './detect-format.ts';
import { flatten } from './parsers/flatten.ts';
import type { Row } from './template.ts';

/** Maximum depth at which lists are looked for. */
const DEEPEST = 6;
const MOST_PATHS = 50;
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

interface Found {
  readonly node: unknown;
  /** Name of the member of an object that the last star of the path matched. */
  readonly key: string | undefined;
}

/** Returns the records at a path as rows, at most `most` of them evenly spread, and their number. */
function recordsAt(
  document: unknown,
  path: string,
  most: number,
): { readonly rows: readonly Row[]; readonly count: number } {
  let found: readonly Found[] = [{ node: document, key: undefined }];
  for (const [, name] of path.matchAll(/\.([\w-]+|\*)|\[\*\]/g))
    found = found.flatMap(({ node, key }): readonly Found[] => {
      if (typeof node !== 'object' || node === null) return [];
      if (name !== undefined && name !== '*')
        return Object.hasOwn(node, name) ? [{ node: (node as Record<string, unknown>)[name], key }] : [];
      if (Array.isArray(node)) return node.map((member: unknown) => ({ node: member, key }));
      return Object.entries(node).map(([member, value]) => ({ node: value, key: member }));
    });
  const step = Math.max(1, Math.ceil(found.length / most));
  return {
    rows: found
      .filter((_one, i) => i % step === 0)
      .map(({ node, key }) => (key === undefined ? flatten(node) : { ...flatten(node), _key: key })),
    count: found.length,
  };
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

/** Finds the list of records in a JSON document, or in JSON lines. */
export function jsonFormat(head: string, context: DetectContext): DetectedFormat | undefined {
  const lines = wholeLines(head);
  const parsed = lines.length > 1 ? lines.slice(0, SAMPLE).map(jsonLine) : [];
  const good = parsed.filter((value) => value !== undefined);
  const document = good.length === parsed.length && good.length > 1 ? undefined : parseBeginning(head);
  if (good.length > 1 && document === undefined && good.length >= parsed.length * ENOUGH) {
    const rows = good.map((value) => flatten(value));
    const chosen = chooseColumns(rows, context);
    const bad = parsed.length - good.length;
    const notes = bad === 0 ? [] : [`${bad} of the first ${parsed.length} lines are not valid JSON.`];
    return chosen === undefined ? undefined : { parser: { kind: 'ndjson' }, chosen, notes };
  }
  const lists = recordPaths(document).map((path) => {
    const { rows, count } = recordsAt(document, path, SAMPLE);
    return { path, rows, count, chosen: chooseColumns(rows, context) };
  });
  const found = lists.flatMap(({ path, rows, count, chosen }) => {
    if (chosen === undefined) return [];
    if (count === 1 && lists.some((list) => isRefused(list) && isFolded(path, list.path))) return [];
    const each = Math.max(1, chosen.distinct / rows.length);
    return [{ path, chosen, each, values: count * chosen.share }];
  });
  // Records with one value each come first. A record with many values is a list that is further inside.
  const single = found.filter(({ each }) => each < 1.5);
  const [best] = (single.length > 0 ? single : found).toSorted(
    (a, b) =>
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
    parser: { kind: 'json', records: best.path },
    chosen: best.chosen,
    notes: others.slice(0, 5).map(({ path }) => `The list at ${path} also has values, and is not read.`),
  };
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

export function jsonLine(line: string): unknown {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
